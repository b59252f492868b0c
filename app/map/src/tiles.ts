/** Watches a tile base map given by URL: blocked tiles are said once, not per tile. */

import type * as Leaflet from "leaflet";

const DELAY = 1200; // milliseconds without one good tile after a bad one

export class TileWatch {
  private timer = 0;
  private down = false;

  constructor(
    map: Leaflet.Map,
    private changed: (down: boolean) => void,
  ) {
    map.on("layeradd", (e: Leaflet.LayerEvent) => this.watch(e.layer));
    map.on("unload", () => window.clearTimeout(this.timer));
    map.eachLayer((layer) => this.watch(layer));
  }

  private watch(layer: Leaflet.Layer): void {
    if (!(layer instanceof L.TileLayer)) return;
    layer.on("tileerror", () => {
      window.clearTimeout(this.timer);
      this.timer = window.setTimeout(() => this.report(true), DELAY);
    });
    layer.on("tileload", () => this.report(false));
  }

  /** Tiles come or do not come; `false` also forgets a bad tile that waits to be reported. */
  report(down: boolean): void {
    window.clearTimeout(this.timer);
    if (down === this.down) return;
    this.down = down;
    this.changed(down);
  }
}

/** Canvas panes on a Leaflet map: sized, scaled during zooms, redrawn once per frame. */

import type * as Leaflet from "leaflet";
import type { View } from "./types";

const PADDING = 0.12; // of the map's size, drawn beyond each side so that a drag shows no edge

type Draw = (ctx: CanvasRenderingContext2D, view: View) => void;

interface Pane {
  canvas: HTMLCanvasElement;
  ctx: CanvasRenderingContext2D;
  draw: Draw;
  view: View;
  dirty: boolean;
}

/** The private parts of Leaflet's map that its own canvas renderer uses too. */
interface MapInternals {
  _getNewPixelOrigin(center: Leaflet.LatLng, zoom: number): Leaflet.Point;
}

export class Stage {
  view: View;
  private panes = new Map<string, Pane>();
  private frame = 0;
  private stopDpr: () => void = () => undefined;
  private handlers: Record<string, (e: never) => void>;

  constructor(readonly map: Leaflet.Map) {
    this.view = this.measure();
    this.handlers = {
      zoomanim: (e: Leaflet.ZoomAnimEvent) => {
        this.transform((map as unknown as MapInternals)._getNewPixelOrigin(e.center, e.zoom), e.zoom);
      },
      zoom: () => this.transform(map.getPixelOrigin(), map.getZoom()),
      viewreset: () => this.reframe(),
      moveend: () => this.reframe(),
      resize: () => this.reframe(),
      move: () => this.drifted(),
    };
    map.on(this.handlers as never);
    this.watchDpr();
  }

  /** Add a canvas at CSS z-index `z` of the map pane. */
  add(name: string, z: number, draw: Draw): void {
    const element = this.map.createPane(`yt-${name}`);
    element.style.zIndex = String(z);
    element.style.pointerEvents = "none";
    const canvas = document.createElement("canvas");
    canvas.className = "leaflet-zoom-animated yt-canvas";
    canvas.setAttribute("aria-hidden", "true");
    element.append(canvas);
    const ctx = canvas.getContext("2d") as CanvasRenderingContext2D;
    this.panes.set(name, { canvas, ctx, draw, view: this.view, dirty: true });
    this.schedule();
  }

  /** Redraw the named panes (all of them when none is named) in the next frame. */
  redraw(...names: string[]): void {
    for (const [name, pane] of this.panes) if (!names.length || names.includes(name)) pane.dirty = true;
    this.schedule();
  }

  /** Draw now what waits to be drawn. */
  flush(): void {
    if (!this.frame) return;
    cancelAnimationFrame(this.frame);
    this.render();
  }

  remove(): void {
    cancelAnimationFrame(this.frame);
    this.map.off(this.handlers as never);
    this.stopDpr();
    for (const name of this.panes.keys()) this.map.getPane(`yt-${name}`)?.remove();
  }

  private schedule(): void {
    if (!this.frame) this.frame = requestAnimationFrame(() => this.render());
  }

  private reframe(): void {
    this.view = this.measure();
    this.transform(this.map.getPixelOrigin(), this.map.getZoom());
    this.redraw();
  }

  /** During a drag: draw again when the padding is used up. */
  private drifted(): void {
    const now = this.measure();
    const far = Math.abs(now.x0 - this.view.x0) > now.seen.x || Math.abs(now.y0 - this.view.y0) > now.seen.y;
    if (now.zoom === this.view.zoom && far) this.reframe();
  }

  private measure(): View {
    const { map } = this;
    const size = map.getSize();
    const padX = Math.round(size.x * PADDING);
    const padY = Math.round(size.y * PADDING);
    const zoom = map.getZoom();
    const origin = map.getPixelBounds().min as Leaflet.Point;
    return {
      zoom,
      scale: 2 ** zoom,
      x0: origin.x - padX,
      y0: origin.y - padY,
      w: size.x + 2 * padX,
      h: size.y + 2 * padY,
      dpr: Math.min(3, window.devicePixelRatio || 1),
      seen: { x: padX, y: padY, w: size.x, h: size.y },
    };
  }

  /** Keep every canvas' old picture in its place under the new view. */
  private transform(origin: Leaflet.Point, zoom: number): void {
    for (const pane of this.panes.values()) {
      const scale = 2 ** (zoom - pane.view.zoom);
      const at = L.point(pane.view.x0 * scale - origin.x, pane.view.y0 * scale - origin.y);
      L.DomUtil.setTransform(pane.canvas, at, scale);
    }
  }

  private render(): void {
    this.frame = 0;
    const origin = this.map.getPixelOrigin();
    for (const pane of this.panes.values()) {
      if (!pane.dirty) continue;
      pane.dirty = false;
      const { view } = this;
      pane.view = view;
      const w = Math.round(view.w * view.dpr);
      const h = Math.round(view.h * view.dpr);
      if (pane.canvas.width !== w || pane.canvas.height !== h) {
        pane.canvas.width = w;
        pane.canvas.height = h;
        pane.canvas.style.width = `${view.w}px`;
        pane.canvas.style.height = `${view.h}px`;
      }
      pane.ctx.setTransform(view.dpr, 0, 0, view.dpr, 0, 0);
      pane.ctx.clearRect(0, 0, view.w, view.h);
      pane.draw(pane.ctx, view);
      L.DomUtil.setTransform(pane.canvas, L.point(view.x0 - origin.x, view.y0 - origin.y), 1);
    }
  }

  private watchDpr(): void {
    const query = window.matchMedia(`(resolution: ${window.devicePixelRatio}dppx)`);
    const changed = (): void => {
      this.stopDpr();
      this.reframe();
      this.watchDpr();
    };
    query.addEventListener("change", changed);
    this.stopDpr = () => query.removeEventListener("change", changed);
  }
}

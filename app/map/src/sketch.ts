/** Sketching one polygon: click to add, drag vertices, insert in the middle of an edge, undo. */

import { ringArea, selfCrosses, type LonLat } from "./geodesy";
import { figure, muOf } from "./scale";
import { text } from "./text";
import { color } from "./theme";
import { drawVertex, PathTool, toPixel, type ToolHost } from "./tool";
import type { View } from "./types";
import { Vertices } from "./vertices";

export type Polygon = { type: "Polygon"; coordinates: LonLat[][] };

const REACH = 10; // pixels round a vertex that take hold of it

export class SketchTool extends PathTool {
  private held = -1;
  private fault = "";

  constructor(
    host: ToolHost,
    /** called with the polygon when it is done, null when it is cancelled */
    private answer: (polygon: Polygon | null) => void,
  ) {
    super(host);
    const container = host.map.getContainer();
    container.addEventListener("pointerdown", this.grab, true);
    container.addEventListener("pointermove", this.drag, true);
    window.addEventListener("pointerup", this.drop, true);
  }

  /** Begin a new polygon, or edit the outer ring of `geometry`. */
  start(options?: { geometry?: Polygon | { type: "MultiPolygon"; coordinates: LonLat[][][] } | null }): void {
    const g = options?.geometry;
    const ring = g ? (g.type === "Polygon" ? g.coordinates[0] : g.coordinates[0][0]) : [];
    const closed = ring.length > 3;
    this.fault = "";
    this.begin(new Vertices(closed ? ring.slice(0, -1) : ring, closed));
  }

  cancel(): void {
    this.stop();
    this.answer(null);
  }

  protected end(): void {
    if (this.path.points.length < 3) this.fault = text().tooFew;
    else if (selfCrosses(this.path.points)) this.fault = text().crossing;
    else {
      const polygon = this.path.polygon();
      this.stop();
      this.answer(polygon);
      return;
    }
    this.path.closed = this.path.points.length >= 3;
    this.update();
  }

  /** Right-click deletes a vertex. */
  context(e: L.LeafletMouseEvent): void {
    const i = this.vertexAt(e.containerPoint.x, e.containerPoint.y);
    if (i >= 0) this.path.remove(i);
    this.update();
  }

  click(e: L.LeafletMouseEvent): void {
    const { x, y } = e.containerPoint;
    if (this.vertexAt(x, y) >= 0 && this.path.points.length > 1) return;
    super.click(e);
  }

  remove(): void {
    const container = this.host.map.getContainer();
    container.removeEventListener("pointerdown", this.grab, true);
    container.removeEventListener("pointermove", this.drag, true);
    window.removeEventListener("pointerup", this.drop, true);
    super.remove();
  }

  private pixel = (p: LonLat): [number, number] => {
    const at = this.host.map.latLngToContainerPoint([p[1], p[0]]);
    return [at.x, at.y];
  };

  private vertexAt(x: number, y: number): number {
    return this.path.near(x, y, REACH, this.pixel);
  }

  private grab = (e: PointerEvent): void => {
    if (!this.active || e.button !== 0 || !(e.target instanceof Element) || e.target.closest("[data-avoid],.leaflet-control")) return;
    const at = this.host.map.mouseEventToContainerPoint(e);
    let index = this.vertexAt(at.x, at.y);
    const middle = this.path.middles().find((m) => Math.hypot(...this.away(m.at, at)) <= REACH - 2);
    if (index < 0 && middle) {
      this.path.insert(middle.index, middle.at);
      index = middle.index;
    } else if (index >= 0) {
      this.path.mark();
    }
    if (index < 0) return;
    this.held = index;
    this.host.map.dragging.disable();
  };

  private away(p: LonLat, at: { x: number; y: number }): [number, number] {
    const [x, y] = this.pixel(p);
    return [x - at.x, y - at.y];
  }

  private drag = (e: PointerEvent): void => {
    if (this.held < 0) return;
    const at = this.host.map.mouseEventToLatLng(e);
    this.path.move(this.held, [at.lng, at.lat]);
    this.fault = "";
    this.update();
  };

  private drop = (): void => {
    if (this.held < 0) return;
    this.held = -1;
    this.host.map.dragging.enable();
    this.update();
  };

  protected render(): void {
    const { points } = this.path;
    const children: HTMLElement[] = [];
    if (this.fault) children.push(this.words(this.fault, "yt-fault"));
    else children.push(this.words(text().sketchHint));
    if (points.length >= 3) {
      const m2 = ringArea(points);
      children.push(this.words(`${figure(m2 / 1e6, 2)} km² · ${figure(muOf(m2), 1)} ${text().mu}`, "yt-figure"));
    }
    children.push(
      this.button(text().undo, () => {
        this.path.undo();
        this.fault = "";
        this.update();
      }),
      this.button(text().done, () => this.doubleClick(), true),
      this.button(text().cancel, () => this.cancel()),
    );
    this.show(children);
  }

  protected decorate(ctx: CanvasRenderingContext2D, v: View): void {
    ctx.globalAlpha = 0.55;
    for (const { at } of this.path.middles()) {
      const [x, y] = toPixel(at, v);
      drawVertex(ctx, x, y, 2.6);
    }
    ctx.globalAlpha = 1;
    if (this.held >= 0 && this.path.points[this.held]) {
      const [x, y] = toPixel(this.path.points[this.held], v);
      ctx.beginPath();
      ctx.arc(x, y, 7, 0, 2 * Math.PI);
      ctx.strokeStyle = color("sea");
      ctx.lineWidth = 2;
      ctx.stroke();
    }
  }
}

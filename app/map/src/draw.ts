/** Drawing an area to count in: polygon, rectangle, circle, a strip along a line, or one point. */

import type * as Leaflet from "leaflet";
import { distance, ringArea, selfCrosses, type LonLat } from "./geodesy";
import { figure, lengthText, muOf } from "./scale";
import { text } from "./text";
import { color } from "./theme";
import { drawVertex, PathTool, toPixel } from "./tool";
import type { View } from "./types";
import { Vertices } from "./vertices";

export type DrawKind = "poly" | "box" | "circle" | "line" | "point";

const STRIP = 2000; // metres round a line at first; the panel changes it
const CORNERS = 64;

/** Points so far from a centre, seen on a sphere: for the picture only, the server draws it exactly. */
export function ringAround([lon, lat]: LonLat, metres: number): LonLat[] {
  const dy = metres / 111200;
  const dx = dy / Math.cos((lat * Math.PI) / 180);
  return Array.from({ length: CORNERS }, (_, i): LonLat => {
    const a = (2 * Math.PI * i) / CORNERS;
    return [lon + dx * Math.cos(a), lat + dy * Math.sin(a)];
  });
}

const round = (v: number): string => String(Math.round(v * 1e6) / 1e6);
const flat = (points: LonLat[]): string => points.map((p) => `${round(p[0])},${round(p[1])}`).join(",");

/** A drawn shape as the server reads it (geo/drawn.py); null while it is not whole. */
export function shapeText(kind: DrawKind, points: LonLat[]): string | null {
  const [a, b] = points;
  if (kind === "point") return a ? flat([a]) : null;
  if (kind === "poly") return points.length >= 3 ? `poly:${flat(points)}` : null;
  if (!a || !b) return null;
  if (kind === "line") return `line:${STRIP},${flat(points)}`;
  if (kind === "circle") {
    const metres = Math.round(distance(a, b));
    return metres > 0 ? `circle:${flat([a])},${metres}` : null;
  }
  const [w, e] = [Math.min(a[0], b[0]), Math.max(a[0], b[0])];
  const [s, n] = [Math.min(a[1], b[1]), Math.max(a[1], b[1])];
  return w < e && s < n ? `box:${round(w)},${round(s)},${round(e)},${round(n)}` : null;
}

export class DrawTool extends PathTool {
  private kind: DrawKind = "poly";
  private fault = "";
  private answer: (shape: string | null) => void = () => undefined;

  /** Begin a shape; `answer` gets its text, or null when it was cancelled. */
  start(kind: DrawKind, answer: (shape: string | null) => void): void {
    this.kind = kind;
    this.fault = "";
    this.answer = answer;
    this.begin(new Vertices());
  }

  cancel(): void {
    this.stop();
    this.answer(null);
  }

  click(e: Leaflet.LeafletMouseEvent): void {
    this.fault = "";
    super.click(e);
    const n = this.path.points.length;
    if (this.kind === "point" || ((this.kind === "box" || this.kind === "circle") && n >= 2)) this.end();
  }

  protected end(): void {
    const { points } = this.path;
    if (this.kind === "poly" && points.length >= 3 && selfCrosses(points)) this.fault = text().crossing;
    else {
      const shape = shapeText(this.kind, points);
      if (shape !== null) {
        this.stop();
        this.answer(shape);
        return;
      }
      this.fault = this.kind === "poly" ? text().tooFew : text().tooShort;
    }
    this.update();
  }

  private seen(): LonLat[] {
    const { points } = this.path;
    return this.pointer ? [...points, this.pointer] : points;
  }

  protected render(): void {
    const children: HTMLElement[] = [this.words(this.fault || text().draw[this.kind], this.fault ? "yt-fault" : "yt-dim")];
    const size = this.size();
    if (size) children.push(this.words(size, "yt-figure"));
    const undo = this.button(text().undo, () => {
      this.path.undo();
      this.fault = "";
      this.update();
    });
    if (this.kind !== "point") children.push(undo);
    if (this.kind === "poly" || this.kind === "line") children.push(this.button(text().done, () => this.doubleClick(), true));
    children.push(this.button(text().cancel, () => this.cancel()));
    this.show(children);
  }

  /** How large what is drawn is, in the unit people think of it in. */
  private size(): string {
    const points = this.seen();
    if (this.kind === "circle" && points.length >= 2) return lengthText(distance(points[0], points[1]));
    if (this.kind === "line" && points.length >= 2) {
      let sum = 0;
      for (let i = 1; i < points.length; i++) sum += distance(points[i - 1], points[i]);
      return lengthText(sum);
    }
    const ring = this.kind === "box" ? corners(points) : this.kind === "poly" ? points : [];
    if (ring.length < 3) return "";
    const m2 = ringArea(ring);
    return `${figure(m2 / 1e6, 2)} km² · ${figure(muOf(m2), 0)} ${text().mu}`;
  }

  draw(ctx: CanvasRenderingContext2D, v: View): void {
    if (!this.active) return;
    const points = this.seen();
    if (this.kind === "poly" || this.kind === "line" || points.length < 2) return super.draw(ctx, v);
    const ring = this.kind === "box" ? corners(points) : ringAround(points[0], distance(points[0], points[1]));
    ctx.beginPath();
    ring.forEach((p, i) => (i ? ctx.lineTo(...toPixel(p, v)) : ctx.moveTo(...toPixel(p, v))));
    ctx.closePath();
    ctx.globalAlpha = 0.12;
    ctx.fillStyle = color("sea");
    ctx.fill();
    ctx.globalAlpha = 1;
    for (const [token, width] of [["m-halo", 4], ["sea", 2]] as const) {
      ctx.strokeStyle = color(token);
      ctx.lineWidth = width;
      ctx.stroke();
    }
    drawVertex(ctx, ...toPixel(points[0], v), 4);
  }
}

function corners([a, b]: LonLat[]): LonLat[] {
  return a && b ? [a, [b[0], a[1]], b, [a[0], b[1]]] : [];
}

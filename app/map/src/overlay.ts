/** What a page lays over the ground beside its layers: a picture, ways, outlines. */

import type { Geometry, Position } from "geojson";
import { toWorld, worldX, worldY } from "./mercator";
import { trace } from "./paths";
import { color } from "./theme";
import type { Overlays, PictureModel, View } from "./types";

interface Shape {
  rings: Float64Array[];
  color: string;
  dashed: boolean;
  fill?: boolean;
}

export class Overlay {
  private wanted: PictureModel | null = null;
  private shown: { image: HTMLImageElement; model: PictureModel } | null = null;
  private lines: Shape[] = [];
  private outlines: Shape[] = [];

  constructor(private changed: () => void) {}

  /** Take what is to be drawn; the old picture stays until the new one is decoded. */
  set(overlays: Overlays): void {
    const flat = (c: Position[]): Float64Array => toWorld(c.flatMap((p) => [p[0], p[1]]));
    this.lines = (overlays.lines ?? []).map((l) => ({ rings: [flat(l.coordinates)], color: l.color, dashed: Boolean(l.dashed) }));
    this.outlines = (overlays.outlines ?? []).map((o) => ({
      rings: ringsOf(o.geometry as Geometry).map(flat),
      color: o.color,
      dashed: Boolean(o.dashed),
      fill: Boolean(o.fill),
    }));
    this.picture(overlays.picture ?? null);
  }

  private picture(model: PictureModel | null): void {
    const before = this.wanted;
    this.wanted = model;
    if (!model) this.shown = null;
    else if (this.shown && before?.url === model.url) this.shown.model = model;
    else if (before?.url !== model.url) {
      const image = new Image();
      image.onload = () => {
        if (this.wanted?.url !== model.url) return;
        this.shown = { image, model: this.wanted };
        this.changed();
      };
      image.src = model.url;
    }
  }

  /** The picture, whose rows are even in web Mercator. */
  drawPicture(ctx: CanvasRenderingContext2D, v: View): void {
    if (!this.shown) return;
    const { image, model } = this.shown;
    const [[south, west], [north, east]] = model.bounds;
    const x = worldX(west) * v.scale - v.x0;
    const y = worldY(north) * v.scale - v.y0;
    const w = (worldX(east) - worldX(west)) * v.scale;
    const h = (worldY(south) - worldY(north)) * v.scale;
    ctx.save();
    ctx.globalAlpha = model.opacity;
    ctx.imageSmoothingEnabled = w < image.width;
    ctx.drawImage(image, x, y, w, h);
    ctx.restore();
  }

  /** Outlines under ways. */
  drawLines(ctx: CanvasRenderingContext2D, v: View): void {
    ctx.save();
    ctx.lineJoin = "round";
    ctx.lineCap = "round";
    for (const shape of this.outlines) {
      if (shape.fill) this.fill(ctx, v, shape);
      this.stroke(ctx, v, shape, true, shape.fill ? 2.2 : 1.6);
    }
    for (const shape of this.lines) this.stroke(ctx, v, shape, false, 2.4);
    ctx.restore();
  }

  private fill(ctx: CanvasRenderingContext2D, v: View, shape: Shape): void {
    const p = new Path2D();
    trace(p, shape.rings, v, true);
    ctx.globalAlpha = 0.1;
    ctx.fillStyle = color(shape.color);
    ctx.fill(p, "evenodd");
    ctx.globalAlpha = 1;
  }

  private stroke(ctx: CanvasRenderingContext2D, v: View, shape: Shape, closed: boolean, width: number): void {
    const p = new Path2D();
    trace(p, shape.rings, v, closed);
    ctx.setLineDash([]);
    ctx.strokeStyle = color("m-halo");
    ctx.lineWidth = width + 2.4;
    ctx.stroke(p);
    ctx.setLineDash(shape.dashed ? (closed ? [7, 5] : [2, 5]) : []);
    ctx.strokeStyle = color(shape.color);
    ctx.lineWidth = width;
    ctx.stroke(p);
    ctx.setLineDash([]);
  }
}

function ringsOf(g: Geometry | null): Position[][] {
  if (g?.type === "Polygon") return g.coordinates;
  return g?.type === "MultiPolygon" ? g.coordinates.flat() : [];
}

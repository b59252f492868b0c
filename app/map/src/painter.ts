/** Painting the layers of one picture, and remembering what was drawn where. */

import { apart, changes, countText, discRadius, gather, newAndGone, type Disc } from "./cells";
import { drawHeat } from "./heat";
import { latOf } from "./mercator";
import { doubtMetres, drawingOrder, iconOf, importance, isShown, lineWidthOf, levelOf, rankOf, symbolRadius, tokenOf } from "./look";
import { hatch, inView, trace } from "./paths";
import { BoxIndex } from "./placer";
import { groundResolution } from "./scale";
import * as symbols from "./symbols";
import { color } from "./theme";
import { isDisplayPosition, type Id, type Item, type LayerModel, type Shape, type View } from "./types";

const CELLS_FROM = 300; // a dot layer with more points than this is counted in cells at low zoom
const CELLS_BELOW_ZOOM = 9.75;
const CELL_PIXELS = 46;
const MANY_DOTS = 2000; // more dots than this are stamped
const DOUBT_CAP = 14; // pixels by which a county's ring of doubt may exceed its symbol, unless selected

export interface Painted {
  shapes: Shape[];
  /** number of things drawn, by layer */
  counts: Record<string, number>;
}

/** Draw every shown layer; `items` gives a layer's things. */
export function paintLayers(
  ctx: CanvasRenderingContext2D,
  v: View,
  layers: LayerModel[],
  items: (layer: string) => Item[],
  earlier: (layer: string) => Item[] | null = () => null,
): Painted {
  const painted: Painted = { shapes: [], counts: {} };
  const shown = drawingOrder(layers.filter((layer) => isShown(layer, v.zoom))).map((layer) => {
    return { layer, seen: items(layer.id).filter((item) => inView(item.box, v, 40)) };
  });
  const thin = crowded(shown, v);
  for (const { layer, seen } of shown) {
    ctx.save();
    ctx.globalAlpha = layer.opacity;
    const before = painted.shapes.length;
    new LayerPainter(ctx, v, layer, thin, painted.shapes).paint(
      seen,
      layer.before ? (earlier(layer.id)?.filter((item) => inView(item.box, v, 40)) ?? null) : null,
    );
    ctx.restore();
    painted.counts[layer.id] = painted.shapes
      .slice(before)
      .reduce((n, s) => n + (s.cell ? s.cell.n : 1), 0);
    if (layer.heat) painted.counts[layer.id] += seen.reduce((n, i) => n + (i.kind === "point" ? (i.n ?? 1) : 0), 0);
  }
  return painted;
}

const THINNED = ["icon", "polygon", "square"]; // first to last in the claim for room

/** Points whose plate has no room: facilities claim first, then parks, then factories, the important first. */
export function crowded(layers: { layer: LayerModel; seen: Item[] }[], v: View): Set<Item> {
  const plates = new BoxIndex();
  const thin = new Set<Item>();
  for (const symbol of THINNED) {
    for (const { layer, seen } of layers) {
      if (layer.style.symbol !== symbol) continue;
      const ranked = seen
        .filter((item) => item.kind === "point")
        .map((item) => ({ item, rank: importance(item, layer.style) }))
        .sort((a, b) => b.rank - a.rank);
      const side = (symbol === "icon" ? 18 : 13) * (v.zoom < 9 ? 1.5 : v.zoom < 10 ? 1.2 : 1);
      const width = symbol === "square" ? side + 3 : side;
      for (const { item } of ranked) {
        const [x, y] = pixelOfItem(item, v);
        const plate = { x: x - side / 2, y: y - side / 2, w: width, h: side };
        if (plates.hits(plate)) thin.add(item);
        else plates.add(plate);
      }
    }
  }
  return thin;
}

/** Where an item stands on the canvas. */
export function pixelOfItem(item: Item, v: View): [number, number] {
  return [item.wx * v.scale - v.x0 + item.dx, item.wy * v.scale - v.y0 + item.dy];
}

/** Radius in pixels of the soft ring round a display position. */
export function doubtRadius(item: Item, r: number, v: View, full: boolean): number {
  const metres = doubtMetres(item);
  if (!metres) return 0;
  const pixels = metres / groundResolution(v.zoom, latOf(item.wy));
  const capped = full || item.acc === "township" ? pixels : Math.min(pixels, r + DOUBT_CAP);
  return Math.max(r + 3, capped);
}

class LayerPainter {
  private bright: Set<Id> | null;
  private alpha: number;

  constructor(
    private ctx: CanvasRenderingContext2D,
    private v: View,
    private layer: LayerModel,
    private thin: Set<Item>,
    private shapes: Shape[],
  ) {
    this.bright = layer.dim ? new Set(layer.dim) : null;
    this.alpha = layer.opacity;
  }

  paint(seen: Item[], before: Item[] | null): void {
    if (before && [...seen, ...before].some((i) => i.n !== undefined)) return this.changed(seen, before);
    if (before) this.compared(seen, before);
    else this.draw(seen);
  }

  /** Things of two days: the new ones ringed, the gone ones crossed out, the rest faint. */
  private compared(seen: Item[], before: Item[]): void {
    const { fresh, gone } = newAndGone(seen, before);
    this.ctx.globalAlpha = this.alpha *= 0.35;
    this.draw(seen.filter((i) => !fresh.has(i)));
    this.ctx.globalAlpha = this.alpha /= 0.35;
    for (const item of gone) {
      const [x, y] = pixelOfItem(item, this.v);
      symbols.drawGone(this.ctx, x, y);
      this.shapes.push({ item, x, y, r: 5 });
    }
    const start = this.shapes.length;
    this.draw([...fresh]);
    for (const shape of this.shapes.slice(start)) symbols.drawFresh(this.ctx, shape.x, shape.y, shape.r || 5);
  }

  /** Cells of two days: how many more or fewer things each square holds. */
  private changed(seen: Item[], before: Item[]): void {
    const { v } = this;
    for (const cell of changes(seen, before, CELL_PIXELS / 2 ** v.zoom)) {
      const [x, y] = [cell.wx * v.scale - v.x0, cell.wy * v.scale - v.y0];
      const r = discRadius(Math.abs(cell.n));
      const text = `${cell.n > 0 ? "+" : "−"}${countText(Math.abs(cell.n))}`;
      symbols.drawCell(this.ctx, x, y, r + 2, text, cell.n > 0 ? "d5" : "d1");
      this.shapes.push({ item: null, x, y, r, cell: { n: cell.n, layer: this.layer.id, terms: new Map() } });
    }
  }

  private draw(seen: Item[]): void {
    const points = seen.filter((i) => i.kind === "point");
    const polygons = seen.filter((i) => i.kind === "polygon");
    polygons.sort((a, b) => sizeOf(b) - sizeOf(a));
    polygons.forEach((item) => this.polygon(item));
    seen.filter((i) => i.kind === "line").forEach((item) => this.line(item));
    const crowded = this.layer.style.symbol === "dot" && points.length > CELLS_FROM && this.v.zoom < CELLS_BELOW_ZOOM;
    if (this.layer.heat) drawHeat(this.ctx, this.v, points);
    else if (crowded || points.some((i) => i.n !== undefined)) this.cells(points);
    else this.points(points);
  }

  private shade(item: Item): void {
    this.ctx.globalAlpha = this.bright && !this.bright.has(item.id) ? this.alpha * 0.18 : this.alpha;
  }

  private points(points: Item[]): void {
    if (this.layer.style.symbol === "dot" && points.length > MANY_DOTS) return this.dots(points);
    const { style } = this.layer;
    const sized = points.map((item) => ({ item, r: symbolRadius(item, style, this.v.zoom) }));
    sized.sort((a, b) => b.r - a.r);
    if (style.symbol === "rank") sized.sort((a, b) => rankOf(b.item) - rankOf(a.item)); // the best on top
    this.doubts(sized);
    const shapes = sized.map(({ item, r }) => {
      const [x, y] = pixelOfItem(item, this.v);
      const thin = this.thin.has(item);
      return { item, x, y, r: thin ? 2 : r, thin };
    });
    shapes.sort((a, b) => Number(b.thin) - Number(a.thin));
    for (const shape of shapes) {
      this.shade(shape.item);
      this.symbol(shape);
      this.shapes.push(shape);
    }
  }

  /** Very many dots: stamped from one picture a colour, in the order of the things. */
  private dots(points: Item[]): void {
    const { style } = this.layer;
    const stamps = new symbols.DotStamps(this.v.dpr);
    for (const item of points) {
      const [x, y] = pixelOfItem(item, this.v);
      const r = symbolRadius(item, style, this.v.zoom);
      this.shade(item);
      stamps.draw(this.ctx, x, y, r, tokenOf(item, style), isDisplayPosition(item));
      this.shapes.push({ item, x, y, r });
    }
  }

  /** The soft rings of all display positions as one shape, so that they do not add up. */
  private doubts(sized: { item: Item; r: number }[]): void {
    const rings = new Path2D();
    let largest = 0;
    for (const { item, r } of sized) {
      if (!isDisplayPosition(item) || this.layer.style.symbol === "dot") continue;
      const [x, y] = pixelOfItem(item, this.v);
      const radius = doubtRadius(item, r, this.v, false);
      rings.moveTo(x + radius, y);
      rings.arc(x, y, radius, 0, 2 * Math.PI);
      largest = Math.max(largest, radius);
    }
    if (!largest) return;
    const projects = this.layer.style.symbol === "circle";
    const fade = Math.min(1, 70 / largest);
    this.ctx.globalAlpha = this.alpha * fade * (this.bright ? 0.03 : projects ? 0.08 : 0.05);
    this.ctx.fillStyle = color(this.layer.style.color || "m-park");
    this.ctx.fill(rings, "nonzero");
    this.ctx.globalAlpha = this.alpha;
  }

  private symbol({ item, x, y, r, thin }: { item: Item; x: number; y: number; r: number; thin: boolean }): void {
    const { ctx, layer } = this;
    const { style } = layer;
    const hollow = isDisplayPosition(item);
    const token = tokenOf(item, style);
    if (thin) return symbols.drawThin(ctx, x, y, style.symbol !== "icon", hollow);
    switch (style.symbol) {
      case "dot":
        return symbols.drawDot(ctx, x, y, r, token, hollow);
      case "square":
        return symbols.drawSquare(ctx, x, y, item, style, hollow);
      case "rank":
        return symbols.drawRank(ctx, x, y, r, item);
      case "icon":
        return symbols.drawIcon(ctx, x, y, iconOf(item, style), style.color, hollow);
      case "circle":
        return symbols.drawCircle(ctx, x, y, r, token, hollow, item.props.stalled === true);
      default:
        return symbols.drawParkPoint(ctx, x, y, item, style, hollow);
    }
  }

  /** Counts in squares fixed to the ground; few points stay dots. */
  private cells(points: Item[]): void {
    const { v } = this;
    const small: Item[] = [];
    const discs: Disc[] = [];
    for (const cell of gather(points, CELL_PIXELS / 2 ** v.zoom)) {
      if (cell.items.length && cell.n < 5) {
        small.push(...cell.items);
        continue;
      }
      const [x, y] = [cell.wx * v.scale - v.x0, cell.wy * v.scale - v.y0];
      discs.push({ x, y, r: discRadius(cell.n), n: cell.n, terms: cell.terms });
    }
    this.points(small);
    this.ctx.globalAlpha = this.alpha;
    for (const { x, y, r, n, terms } of apart(discs)) {
      symbols.drawCell(this.ctx, x, y, r, countText(n), this.layer.style.color || "m-park");
      this.shapes.push({ item: null, x, y, r, cell: { n, layer: this.layer.id, terms } });
    }
  }

  private polygon(item: Item): void {
    const { ctx, v, layer } = this;
    const { style } = layer;
    this.shade(item);
    const p = new Path2D();
    trace(p, item.rings, v, true);
    const [x, y] = pixelOfItem(item, v);
    ctx.lineJoin = "round";
    this.clip(item);
    if (style.symbol === "hatch") {
      const red = color(style.color || "flat");
      ctx.fillStyle = hatch(ctx, v, red);
      ctx.fill(p, "evenodd");
      ctx.strokeStyle = red;
      ctx.lineWidth = 1;
      ctx.stroke(p);
    } else {
      this.park(p, item, x, y);
    }
    if (item.clip) ctx.restore();
    this.shapes.push({ item, x, y, r: 0 });
  }

  /** Keep a piece of a tile inside its tile: its neighbours draw the rest. */
  private clip({ clip }: Item): void {
    if (!clip) return;
    const { ctx, v } = this;
    ctx.save();
    ctx.beginPath();
    ctx.rect(clip[0] * v.scale - v.x0, clip[1] * v.scale - v.y0, (clip[2] - clip[0]) * v.scale, (clip[3] - clip[1]) * v.scale);
    ctx.clip();
  }

  private park(p: Path2D, item: Item, x: number, y: number): void {
    const { ctx, v } = this;
    const { style } = this.layer;
    const alpha = ctx.globalAlpha;
    const width = lineWidthOf(item, style);
    const ink = color(tokenOf(item, style));
    const pixels = (item.box[2] - item.box[0] + item.box[3] - item.box[1]) * v.scale;
    if (style.ring_by && levelOf(item, style.ring_by, style) > 0) {
      ctx.strokeStyle = color("reed");
      ctx.lineWidth = width + 5;
      ctx.stroke(p);
      ctx.strokeStyle = color("m-halo");
      ctx.lineWidth = width + 2;
      ctx.stroke(p);
    }
    if (item.acc === "sketched") {
      ctx.globalAlpha = alpha * 0.5;
      ctx.fillStyle = hatch(ctx, v, ink, 5, 0.8);
      ctx.setLineDash([5, 3]);
    } else {
      ctx.globalAlpha = alpha * 0.15;
      ctx.fillStyle = ink;
    }
    ctx.fill(p, "evenodd");
    ctx.globalAlpha = alpha;
    ctx.strokeStyle = ink;
    ctx.lineWidth = pixels < 14 ? Math.min(1, width) : width;
    ctx.stroke(p);
    ctx.setLineDash([]);
    if (symbols.isChemical(item) && pixels > 24) {
      symbols.drawDiamond(ctx, item.box[2] * v.scale - v.x0, item.box[1] * v.scale - v.y0);
    }
    if (pixels < 8) symbols.drawThin(ctx, x, y, true, false);
  }

  private line(item: Item): void {
    const { ctx, v, layer } = this;
    this.shade(item);
    const p = new Path2D();
    trace(p, item.rings, v, false);
    ctx.lineJoin = "round";
    this.clip(item);
    ctx.strokeStyle = color("m-halo");
    ctx.lineWidth = 3.4;
    ctx.stroke(p);
    ctx.strokeStyle = color(tokenOf(item, layer.style));
    ctx.lineWidth = Math.max(1.4, lineWidthOf(item, layer.style));
    ctx.stroke(p);
    if (item.clip) ctx.restore();
    const [x, y] = pixelOfItem(item, v);
    this.shapes.push({ item, x, y, r: 0 });
  }
}

function sizeOf(item: Item): number {
  return (item.box[2] - item.box[0]) * (item.box[3] - item.box[1]);
}

/** Which labels to try, in which order, and painting the placed ones. */

import type { Area, BaseMap } from "./base";
import { importance, isShown, rankOf } from "./look";
import { inRings, worldX, worldY } from "./mercator";
import { pixelOfItem } from "./painter";
import { around, place, type LabelRequest, type PlacedLabel } from "./placer";
import { color, FONT } from "./theme";
import { text } from "./text";
import type { Box, Item, LayerModel, Model, Shape, SymbolKind, View } from "./types";

export interface Label {
  text: string;
  font: string;
  /** theme token of the ink */
  ink: string;
  spacing: number;
  alpha: number;
  halo: boolean;
  /** a coloured sign before the text: a pinned place's shape */
  pin?: { shape: string; color: string };
}

type Request = LabelRequest<Label>;

const ORDER: SymbolKind[] = ["rank", "icon", "polygon", "line", "circle", "square", "dot", "hatch"];
const LOOK: Record<SymbolKind, { size: number; ink: string; soft: number }> = {
  icon: { size: 10.5, ink: "m-label", soft: 0.3 },
  polygon: { size: 11, ink: "m-label", soft: 0.3 },
  line: { size: 10.5, ink: "m-label-2", soft: 0.1 },
  circle: { size: 10.5, ink: "m-label-2", soft: 0.08 },
  square: { size: 10.5, ink: "m-label-2", soft: 0.08 },
  dot: { size: 10.5, ink: "m-label-2", soft: 0.05 },
  rank: { size: 11.5, ink: "ink", soft: 1 },
  hatch: { size: 10.5, ink: "flat-t", soft: 0.5 },
};
const LONGEST = 16; // characters of a name on the map
const COUNT_HEIGHT = 15;
const MOST = 150; // labels tried per layer
const MOST_SYMBOLS = 4000; // with more symbols than this there is no room to keep off them

const SIGNS: Record<string, string> = { circle: "●", square: "■", triangle: "▲", diamond: "◆" };

const shownText = (label: Label): string => (label.pin ? `${label.pin.shape} ${label.text}` : label.text);

const widths = new Map<string, number>();

function measure(ctx: CanvasRenderingContext2D, label: Label): number {
  const key = `${label.font}|${label.spacing}|${shownText(label)}`;
  let w = widths.get(key);
  if (w === undefined) {
    if (widths.size > 20000) widths.clear();
    ctx.font = label.font;
    w = ctx.measureText(shownText(label)).width + label.spacing * [...shownText(label)].length;
    widths.set(key, w);
  }
  return w;
}

/** The name on the map: demo data always says so, long names are cut. */
export function labelText(item: Item): string {
  const name = item.demo && !item.name.includes(text().demo) ? `${text().demo}·${item.name}` : item.name;
  const letters = [...name];
  return letters.length > LONGEST ? `${letters.slice(0, LONGEST - 1).join("")}…` : name;
}

/** How many labels a layer may have below the zoom its labels begin at: a few, of the largest. */
export function labelBudget(zoom: number, from: number): number {
  return zoom >= from ? MOST : Math.max(0, Math.floor((zoom - (from - 3)) * 5));
}

export class Labeller {
  constructor(
    private ctx: CanvasRenderingContext2D,
    private v: View,
  ) {}

  private request(
    label: Label,
    size: number,
    at: (w: number, h: number) => Iterable<[number, number]>,
    soft: number,
  ): Request {
    const w = Math.ceil(measure(this.ctx, label)) + 4;
    const h = Math.ceil(size * 1.35) + 2;
    return { key: label, w, h, at: at(w, h), soft };
  }

  item(item: Item, r: number, symbol: SymbolKind, selected: boolean): Request {
    const look = LOOK[symbol];
    const size = selected ? 12 : look.size;
    const label: Label = {
      text: selected ? item.name : labelText(item),
      font: `${selected ? 600 : 400} ${size}px ${FONT}`,
      ink: selected ? "sea-t" : look.ink,
      spacing: 0,
      alpha: 1,
      halo: true,
    };
    const [x, y] = pixelOfItem(item, this.v);
    const at = (w: number, h: number): [number, number][] => {
      const centre: [number, number][] = item.kind === "polygon" ? [[x - w / 2, y - h / 2]] : [];
      return [...centre, ...around(x, y, item.kind === "polygon" ? 8 : r, w, h)];
    };
    return this.request(label, size, at, selected ? 1 : look.soft);
  }

  county(area: Area, pin: Label["pin"]): Request {
    const { v } = this;
    const size = v.zoom >= 10 ? 13 : 12;
    const label: Label = {
      text: area.name,
      font: `600 ${size}px ${FONT}`,
      ink: "m-label",
      spacing: 2,
      alpha: 0.92,
      halo: true,
      pin,
    };
    const request = this.request(label, size, (w, h) => this.inside(area, w, h, true), 1);
    return { ...request, further: this.inside(area, request.w, request.h, false) };
  }

  /** Places for an area's name: the middle first, then others whose box lies inside it, the whole of it or its middle. */
  private *inside(area: Area, w: number, h: number, whole: boolean): Iterable<[number, number]> {
    const { v } = this;
    const cx = area.label[0] * v.scale - v.x0;
    const cy = area.label[1] * v.scale - v.y0;
    const { seen } = v;
    const visible = cx > seen.x && cx < seen.x + seen.w && cy > seen.y && cy < seen.y + seen.h;
    const tries: [number, number][] = visible ? [[cx, cy]] : [];
    if (visible) {
      for (let dy = 0; dy <= 64; dy += 8) {
        for (const dx of [0, -24, 24, -48, 48]) tries.push([cx + dx, cy - dy], [cx + dx, cy + dy]);
      }
      tries.sort((a, b) => Math.hypot(a[0] - cx, a[1] - cy) - Math.hypot(b[0] - cx, b[1] - cy));
    } else {
      for (let i = 1; i < 8; i++) {
        for (let j = 1; j < 8; j++) tries.push([seen.x + (seen.w * i) / 8, seen.y + (seen.h * j) / 8]);
      }
      tries.sort((a, b) => Math.hypot(a[0] - cx, a[1] - cy) - Math.hypot(b[0] - cx, b[1] - cy));
    }
    const corner = (x: number, y: number): boolean =>
      inRings((x + v.x0) / v.scale, (y + v.y0) / v.scale, area.rings);
    const fits = ([x, y]: [number, number]): boolean =>
      corner(x - w / 2, y - h / 2) && corner(x + w / 2, y - h / 2) && corner(x - w / 2, y + h / 2) && corner(x + w / 2, y + h / 2);
    const wanted = whole ? fits : ([x, y]: [number, number]) => corner(x, y);
    let found = false;
    for (const at of tries) {
      if (!wanted(at)) continue;
      found = true;
      yield [at[0] - w / 2, at[1] - h / 2];
    }
    if (!found && visible) yield [cx - w / 2, cy - h / 2];
  }

  place(name: string, at: [number, number][], kind: "city" | "county" | "sea"): Request {
    const size = kind === "sea" ? 15 : kind === "city" ? 11 : 10.5;
    const label: Label = {
      text: name,
      font: kind === "sea" ? `italic 400 ${size}px ${FONT}` : `400 ${size}px ${FONT}`,
      ink: kind === "sea" ? "m-sea-label" : "m-label-2",
      spacing: kind === "sea" ? 12 : 1,
      alpha: 1,
      halo: kind !== "sea",
    };
    const spots = (w: number, h: number): [number, number][] =>
      at.map(([lon, lat]) => [
        worldX(lon) * this.v.scale - this.v.x0 - w / 2,
        worldY(lat) * this.v.scale - this.v.y0 - h / 2,
      ]);
    return this.request(label, size, spots, 0.4);
  }
}

interface Scene {
  model: Model;
  base: BaseMap | null;
  areas: Area[];
  shapes: Shape[];
  selected: Item | null;
  /** interface boxes in canvas pixels */
  boxes: Box[];
}

/** Every label to try, the most important first. */
export function labelRequests(ctx: CanvasRenderingContext2D, v: View, scene: Scene): Request[] {
  const maker = new Labeller(ctx, v);
  const requests: Request[] = [];
  const layers = new Map(scene.model.layers.map((l) => [l.id, l]));
  const { selected } = scene;
  if (selected) {
    const shape = scene.shapes.find((s) => s.item === selected);
    const symbol = layers.get(selected.layer)?.style.symbol ?? "circle";
    requests.push(maker.item(selected, (shape?.r ?? 6) + 4, symbol, true));
  }
  const pins = scene.model.overlays?.pins ?? {};
  for (const area of scene.areas) {
    const pin = pins[area.code];
    requests.push(maker.county(area, pin && { ...pin, shape: SIGNS[pin.shape] ?? pin.shape }));
  }
  requests.push(...itemRequests(maker, v, scene, layers));
  for (const p of scene.base?.places ?? []) {
    const wanted = p.kind === "city" ? v.zoom < 10.5 : v.zoom >= 9.5;
    if (wanted) requests.push(maker.place(p.name, p.at, p.kind));
  }
  if (scene.base && v.zoom < 11) requests.push(maker.place(scene.base.sea.name, scene.base.sea.at, "sea"));
  return requests;
}

function itemRequests(maker: Labeller, v: View, scene: Scene, layers: Map<string, LayerModel>): Request[] {
  const byLayer = new Map<string, Shape[]>();
  for (const s of scene.shapes) {
    if (!s.item || s.thin || s.item === scene.selected || !s.item.name) continue;
    const list = byLayer.get(s.item.layer);
    if (list) list.push(s);
    else byLayer.set(s.item.layer, [s]);
  }
  const requests: Request[] = [];
  for (const symbol of ORDER) {
    for (const layer of layers.values()) {
      if (layer.style.symbol !== symbol || !isShown(layer, v.zoom)) continue;
      const budget = labelBudget(v.zoom, layer.style.label_from_zoom ?? 11);
      if (!budget || layer.heat) continue;
      const bright = layer.dim ? new Set(layer.dim) : null;
      (byLayer.get(layer.id) ?? [])
        .filter((s) => symbol !== "rank" || rankOf(s.item as Item) < Infinity)
        .filter((s) => !bright || bright.has((s.item as Item).id))
        .map((s) => ({ s, rank: importance(s.item as Item, layer.style) }))
        .sort((a, b) => b.rank - a.rank)
        .filter(firstOfName())
        .slice(0, budget)
        .forEach(({ s }) => requests.push(maker.item(s.item as Item, s.r, symbol, false)));
    }
  }
  return requests;
}

/** Keeps the first of each name: a hundred turbines called the same need one label. */
function firstOfName(): (entry: { s: Shape }) => boolean {
  const names = new Set<string>();
  return ({ s }) => {
    const name = (s.item as Item).name;
    if (names.has(name)) return false;
    names.add(name);
    return true;
  };
}

/** Where the count of a disc stands: a label may lie on the disc's edge, its number stays readable. */
function countBox({ x, y, r }: Shape): Box {
  return { x: x - 0.85 * r, y: y - COUNT_HEIGHT / 2, w: 1.7 * r, h: COUNT_HEIGHT };
}

/** Place and paint; the answer is in canvas pixels. */
export function drawLabels(ctx: CanvasRenderingContext2D, v: View, scene: Scene): PlacedLabel<Label>[] {
  const shapes = scene.shapes.length > MOST_SYMBOLS ? [] : scene.shapes;
  const soft = shapes
    .filter((s) => s.item?.kind === "point")
    .map((s) => ({ x: s.x - s.r, y: s.y - s.r, w: 2 * s.r, h: 2 * s.r }));
  const counts = shapes.filter((s) => s.cell).map(countBox);
  const { seen } = v;
  const frame = { x: seen.x + 2, y: seen.y + 2, w: seen.w - 4, h: seen.h - 4 };
  const placed = place(labelRequests(ctx, v, scene), scene.boxes, soft, frame, counts);
  ctx.textBaseline = "middle";
  ctx.lineJoin = "round";
  for (const { key, x, y, h } of placed) {
    ctx.font = key.font;
    ctx.letterSpacing = `${key.spacing}px`;
    ctx.globalAlpha = key.alpha;
    const tx = x + 2;
    const ty = y + h / 2 + 0.5;
    if (key.halo) {
      ctx.strokeStyle = color("m-halo");
      ctx.lineWidth = 3;
      ctx.strokeText(shownText(key), tx, ty);
    }
    ctx.fillStyle = color(key.ink);
    ctx.fillText(shownText(key), tx, ty);
    if (key.pin) {
      ctx.fillStyle = color(key.pin.color);
      ctx.fillText(key.pin.shape, tx, ty);
    }
  }
  ctx.globalAlpha = 1;
  ctx.letterSpacing = "0px";
  return placed;
}

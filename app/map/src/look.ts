/** What an item looks like, before any canvas: size, colour, weight, marks. Pure. */

import { radiusOf, zoomFactor } from "./scale";
import { isDisplayPosition, type Item, type LayerModel, type Style } from "./types";

/** Drawing order of the kinds of symbols, from below. */
const ORDER: Record<string, number> = { hatch: 0, polygon: 1, line: 2, dot: 3, circle: 4, square: 5, icon: 6, rank: 7 };

/** Layers from the bottom up: areas under lines under points; within a kind the first of the list on top. */
export function drawingOrder<T extends { style: Style }>(layers: T[]): T[] {
  return layers
    .map((layer, i) => ({ layer, i }))
    .sort((a, b) => ORDER[a.layer.style.symbol] - ORDER[b.layer.style.symbol] || b.i - a.i)
    .map((x) => x.layer);
}

/** Name of the colour token of an item. */
export function tokenOf(item: Item, style: Style): string {
  const value = style.color_by ? item.props[style.color_by] : undefined;
  for (const v of Array.isArray(value) ? value : [value]) {
    const token = style.colors?.[String(v)];
    if (token) return token;
  }
  // no value is no data: never the colour of a value
  return style.color_by ? "ink-4" : style.color || "m-park";
}

export function iconOf(item: Item, style: Style): string {
  const icons = style.icons ?? {};
  for (const field of [style.icon_by, "kind", style.color_by]) {
    const value = field ? item.props[field] : undefined;
    if (value !== undefined && icons[String(value)]) return icons[String(value)];
  }
  return icons["*"] ?? "dot";
}

/** Radius of the symbol in CSS pixels at this zoom. */
export function symbolRadius(item: Item, style: Style, zoom: number): number {
  switch (style.symbol) {
    case "circle":
      return radiusOf(style.size_by ? item.props[style.size_by] : undefined, style) * zoomFactor(zoom);
    case "dot":
      return zoom >= 11 ? 3.2 : 2.4;
    case "icon":
      return 8;
    case "rank":
      return rankRadius(item);
    default:
      return 5;
  }
}

/** A candidate's plate: the first three large, the next seven smaller, the rest and the excluded a mark. */
export function rankRadius(item: Item): number {
  const rank = rankOf(item);
  if (rank <= 3) return 11;
  return rank <= 10 ? 9.5 : rank < Infinity ? 5 : 4;
}

/** A candidate's rank; infinite for one that a limit excludes. */
export function rankOf(item: Item): number {
  return typeof item.props.rank === "number" ? item.props.rank : Infinity;
}

/** Level of a field counted from 1, 0 when it has none. */
export function levelOf(item: Item, field: string, style: Style): number {
  const value = item.props[field];
  if (value === null || value === undefined || value === "" || value === false) return 0;
  if (typeof value === "number") return Math.max(0, Math.min(4, Math.round(value)));
  const index = style.levels?.[field]?.indexOf(String(value)) ?? -1;
  return index < 0 ? 1 : index + 1;
}

/** Width of a park's outline: the higher its level, the heavier. */
export function lineWidthOf(item: Item, style: Style): number {
  if (!style.line_by) return 1.3;
  const terms = style.levels?.[style.line_by];
  const value = String(item.props[style.line_by] ?? "");
  if (terms?.length) {
    const index = terms.indexOf(value);
    return index < 0 ? 1 : 1 + (1.4 * (index + 1)) / terms.length;
  }
  if (value.startsWith("国家")) return 2.2;
  return value.startsWith("省") ? 1.5 : 1;
}

/** Radius of doubt of a display position on the ground, in metres. */
export function doubtMetres(item: Item): number {
  if (!isDisplayPosition(item)) return 0;
  return item.acc === "township" ? 3500 : 15000;
}

/** Rank among the things of a layer: what stays when the map is crowded. Larger is kept. */
export function importance(item: Item, style: Style): number {
  if (style.symbol === "rank") return -rankOf(item);
  const size = style.size_by ? item.props[style.size_by] : undefined;
  let rank = typeof size === "number" && size > 0 ? Math.log10(size + 1) : 0;
  if (style.line_by) rank += 2 * lineWidthOf(item, style);
  for (const field of [...(style.pips ?? []), ...(style.ring_by ? [style.ring_by] : [])]) {
    rank += levelOf(item, field, style);
  }
  if (style.symbol === "icon") {
    const icon = iconOf(item, style);
    const capacity = item.props.capacity_mw;
    rank += ["quay", "port", "plane", "airport", "lng"].includes(icon) ? 6 : icon === "turbine" ? 0 : 2;
    if (typeof capacity === "number") rank += Math.log10(capacity + 1);
  }
  if (isDisplayPosition(item)) rank -= 0.5;
  if (item.demo) rank -= 100; // real things come first
  return rank;
}

/** Whether a layer is drawn at this zoom. */
export function isShown(layer: LayerModel, zoom: number): boolean {
  return layer.visible && layer.opacity > 0 && zoom >= (layer.style.from_zoom ?? 0);
}

/** Pure numbers of drawing: symbol sizes, the scale bar, figures as text. */

import type { Style } from "./types";

const METRES_PER_PIXEL = 156543.03392804097;

/** Ground metres per CSS pixel at this latitude: web Mercator × cos φ. */
export function groundResolution(zoom: number, lat: number): number {
  return (METRES_PER_PIXEL * Math.cos((lat * Math.PI) / 180)) / 2 ** zoom;
}

/** The longest round length (1, 2, 5 × 10ⁿ m) that fits `maxPixels`. */
export function scaleBar(zoom: number, lat: number, maxPixels: number): { metres: number; pixels: number } {
  const resolution = groundResolution(zoom, lat);
  const most = maxPixels * resolution;
  const ten = 10 ** Math.floor(Math.log10(most));
  const metres = ten * (most >= 5 * ten ? 5 : most >= 2 * ten ? 2 : 1);
  return { metres, pixels: metres / resolution };
}

/** How much symbols shrink when the whole city is seen. */
export function zoomFactor(zoom: number): number {
  return Math.max(0.55, Math.min(1, 0.55 + (zoom - 7.5) * 0.18));
}

/**
 * Radius of a circle in pixels: area in proportion to the value, `size_range[1]` at the last of `size_at`,
 * never below `size_range[0]`, at most 1.5 times the largest legend circle.
 */
export function radiusOf(value: unknown, style: Style): number {
  const [least, most] = style.size_range ?? [5, 14];
  const at = style.size_at?.[style.size_at.length - 1] ?? 0;
  if (typeof value !== "number" || !(value > 0) || !(at > 0)) return least;
  return Math.max(least, Math.min(1.5 * most, most * Math.sqrt(value / at)));
}

/** 1,234.5 with a fixed number of digits; a dash for no data. */
export function figure(value: unknown, digits = 1): string {
  if (typeof value !== "number" || !Number.isFinite(value)) return "—";
  return value.toLocaleString("en-US", { minimumFractionDigits: digits, maximumFractionDigits: digits });
}

/** A length for people: 850 m, 12.35 km. */
export function lengthText(metres: number): string {
  return metres < 1000 ? `${figure(metres, 0)} m` : `${figure(metres / 1000, metres < 1e5 ? 2 : 1)} km`;
}

/** 1 亩 = 2000/3 m². */
export function muOf(squareMetres: number): number {
  return (squareMetres * 3) / 2000;
}

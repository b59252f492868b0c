/** A heat view of points and cells: how dense things lie, relative to the densest place in sight. */

import { color } from "./theme";
import type { Item, View } from "./types";

const STEP = 4; // CSS pixels of one square of the grid
const RADIUS = 26; // CSS pixels over which a thing is spread
const RAMP = ["heat-1", "heat-2", "heat-3", "heat-4", "heat-5"];
const FULL = 0.985; // share of the squares that stay below the strongest colour

export interface Heat {
  width: number;
  height: number;
  values: Float32Array;
  top: number;
}

/** Sum weights on a grid over the canvas and smooth them three times: close to a Gaussian. Pure. */
export function heatGrid(points: { x: number; y: number; n: number }[], w: number, h: number): Heat {
  const width = Math.ceil(w / STEP) + 1;
  const height = Math.ceil(h / STEP) + 1;
  let values: Float32Array = new Float32Array(width * height);
  for (const p of points) {
    const x = Math.round(p.x / STEP);
    const y = Math.round(p.y / STEP);
    if (x >= 0 && y >= 0 && x < width && y < height) values[y * width + x] += p.n;
  }
  const reach = Math.max(1, Math.round(RADIUS / STEP / 3));
  for (let i = 0; i < 3; i++) {
    values = smooth(values, width, height, reach, 1, width);
    values = smooth(values, height, width, reach, width, 1);
  }
  return { width, height, values, top: strongest(values) };
}

/** Box means along one axis: `n` squares a line, `step` between them, `lines` apart by `skip`. */
function smooth(from: Float32Array, n: number, lines: number, reach: number, step: number, skip: number): Float32Array {
  const to = new Float32Array(from.length);
  const width = 2 * reach + 1;
  for (let line = 0; line < lines; line++) {
    const start = line * skip;
    let sum = 0;
    for (let i = 0; i <= reach && i < n; i++) sum += from[start + i * step];
    for (let i = 0; i < n; i++) {
      to[start + i * step] = sum / width;
      if (i + reach + 1 < n) sum += from[start + (i + reach + 1) * step];
      if (i - reach >= 0) sum -= from[start + (i - reach) * step];
    }
  }
  return to;
}

/** A value that only the densest squares exceed; 0 where there is nothing. */
function strongest(values: Float32Array): number {
  const some = values.filter((v) => v > 1e-6).sort();
  return some.length ? some[Math.min(some.length - 1, Math.floor(some.length * FULL))] : 0;
}

function channels(css: string): [number, number, number] {
  const hex = /^#([0-9a-f]{6})$/i.exec(css);
  if (!hex) return [138, 148, 160];
  const v = parseInt(hex[1], 16);
  return [v >> 16, (v >> 8) & 255, v & 255];
}

/** Paint the points as heat. */
export function drawHeat(ctx: CanvasRenderingContext2D, v: View, items: Item[]): void {
  const points = items.map((i) => ({ x: i.wx * v.scale - v.x0, y: i.wy * v.scale - v.y0, n: i.n ?? 1 }));
  const heat = heatGrid(points, v.w, v.h);
  if (!heat.top) return;
  const ramp = RAMP.map((name) => channels(color(name)));
  const picture = new ImageData(heat.width, heat.height);
  for (let i = 0; i < heat.values.length; i++) {
    const share = Math.min(1, heat.values[i] / heat.top);
    if (share < 0.02) continue;
    const at = Math.min(ramp.length - 1.001, share * (ramp.length - 1));
    const [a, b] = [ramp[Math.floor(at)], ramp[Math.floor(at) + 1]];
    for (let c = 0; c < 3; c++) picture.data[4 * i + c] = a[c] + (b[c] - a[c]) * (at % 1);
    picture.data[4 * i + 3] = 255 * Math.min(0.82, 0.12 + 0.95 * share ** 0.6);
  }
  const small = document.createElement("canvas");
  small.width = heat.width;
  small.height = heat.height;
  (small.getContext("2d") as CanvasRenderingContext2D).putImageData(picture, 0, 0);
  ctx.imageSmoothingEnabled = true;
  ctx.imageSmoothingQuality = "high";
  ctx.drawImage(small, -STEP / 2, -STEP / 2, heat.width * STEP, heat.height * STEP);
}

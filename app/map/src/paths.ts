/** Tracing world geometry on a canvas. */

import type { View } from "./types";

type Bounds = [number, number, number, number];

/** Whether a world box touches the canvas. */
export function inView(b: Bounds, v: View, margin = 4): boolean {
  return (
    b[2] * v.scale - v.x0 >= -margin &&
    b[0] * v.scale - v.x0 <= v.w + margin &&
    b[3] * v.scale - v.y0 >= -margin &&
    b[1] * v.scale - v.y0 <= v.h + margin
  );
}

/** Add flat world lines to the current path; points closer than half a pixel are left out. */
export function trace(ctx: CanvasRenderingContext2D | Path2D, lines: Float64Array[], v: View, close: boolean): void {
  for (const line of lines) {
    let px = line[0] * v.scale - v.x0;
    let py = line[1] * v.scale - v.y0;
    ctx.moveTo(px, py);
    for (let i = 2; i < line.length; i += 2) {
      const x = line[i] * v.scale - v.x0;
      const y = line[i + 1] * v.scale - v.y0;
      if (i < line.length - 2 && Math.abs(x - px) + Math.abs(y - py) < 0.6) continue;
      ctx.lineTo(x, y);
      px = x;
      py = y;
    }
    if (close) ctx.closePath();
  }
}

const tiles = new Map<string, HTMLCanvasElement>();

/** A 45° hatch fixed to the ground, as a fill style. */
export function hatch(
  ctx: CanvasRenderingContext2D,
  v: View,
  stroke: string,
  step = 6,
  width = 1.1,
): CanvasPattern | string {
  const key = `${stroke}/${step}/${width}/${v.dpr}`;
  let tile = tiles.get(key);
  if (!tile) {
    if (tiles.size > 40) tiles.clear();
    tile = hatchTile(stroke, step, width, v.dpr);
    tiles.set(key, tile);
  }
  const pattern = ctx.createPattern(tile, "repeat");
  if (!pattern) return "transparent";
  const shift = new DOMMatrix([1 / v.dpr, 0, 0, 1 / v.dpr, -(v.x0 % step), -(v.y0 % step)]);
  pattern.setTransform(shift);
  return pattern;
}

function hatchTile(stroke: string, step: number, width: number, dpr: number): HTMLCanvasElement {
  const tile = document.createElement("canvas");
  const size = Math.round(step * dpr);
  tile.width = size;
  tile.height = size;
  const c = tile.getContext("2d") as CanvasRenderingContext2D;
  c.strokeStyle = stroke;
  c.lineWidth = width * dpr;
  for (const shift of [-size, 0, size]) {
    c.moveTo(shift - 1, size + 1);
    c.lineTo(shift + size + 1, -1);
  }
  c.stroke();
  return tile;
}

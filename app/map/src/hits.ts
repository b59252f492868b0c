/** Which drawn things lie under the pointer: a grid of the shapes of the last picture. */

import { distanceToLines, inRings } from "./mercator";
import type { Shape, View } from "./types";

const CELL = 40;

export class HitIndex {
  private cells = new Map<number, number[]>();
  private shapes: Shape[] = [];

  /** @param shapes in drawing order, the last on top */
  constructor(
    shapes: Shape[],
    private view: View,
  ) {
    this.shapes = shapes;
    shapes.forEach((s, i) => this.insert(s, i));
  }

  private insert(s: Shape, index: number): void {
    const { view } = this;
    let [x1, y1, x2, y2] = [s.x - s.r, s.y - s.r, s.x + s.r, s.y + s.r];
    if (s.item && s.item.kind !== "point") {
      const b = s.item.box;
      [x1, x2] = [b[0] * view.scale - view.x0, b[2] * view.scale - view.x0];
      [y1, y2] = [b[1] * view.scale - view.y0, b[3] * view.scale - view.y0];
    }
    const i1 = Math.floor(Math.max(0, x1 - 8) / CELL);
    const i2 = Math.floor(Math.min(view.w, x2 + 8) / CELL);
    const j1 = Math.floor(Math.max(0, y1 - 8) / CELL);
    const j2 = Math.floor(Math.min(view.h, y2 + 8) / CELL);
    for (let i = i1; i <= i2; i++) {
      for (let j = j1; j <= j2; j++) {
        const key = i * 4096 + j;
        const list = this.cells.get(key);
        if (list) list.push(index);
        else this.cells.set(key, [index]);
      }
    }
  }

  /** Shapes at canvas point (x, y) within `slack` pixels: points before lines before polygons, top first. */
  at(x: number, y: number, slack = 3): Shape[] {
    const list = this.cells.get(Math.floor(x / CELL) * 4096 + Math.floor(y / CELL)) ?? [];
    const found: { s: Shape; rank: number; i: number }[] = [];
    for (const i of list) {
      const s = this.shapes[i];
      const rank = this.touches(s, x, y, slack);
      if (rank >= 0) found.push({ s, rank, i });
    }
    found.sort((a, b) => a.rank - b.rank || b.i - a.i);
    return found.map((f) => f.s);
  }

  private touches(s: Shape, x: number, y: number, slack: number): number {
    if (!s.item || s.item.kind === "point") {
      const d = Math.hypot(x - s.x, y - s.y);
      if (d <= s.r) return 0;
      return d <= s.r + slack ? 1 : -1;
    }
    const { scale, x0, y0 } = this.view;
    const wx = (x + x0) / scale;
    const wy = (y + y0) / scale;
    const near = (slack + 1) / scale;
    const b = s.item.box;
    if (wx < b[0] - near || wx > b[2] + near || wy < b[1] - near || wy > b[3] + near) return -1;
    if (s.item.kind === "line") return distanceToLines(wx, wy, s.item.rings, false) <= near ? 2 : -1;
    if (inRings(wx, wy, s.item.rings)) return 3;
    return distanceToLines(wx, wy, s.item.rings, true) <= near ? 3 : -1;
  }
}

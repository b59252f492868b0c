/** The greedy label placer: earlier labels win; boxes never overlap each other or an obstacle. */

import type { Box } from "./types";

export interface LabelRequest<T> {
  key: T;
  w: number;
  h: number;
  /** top-left corners in order of preference, made as they are asked for */
  at: Iterable<[number, number]>;
  /** corners to try where each of those would hide a number */
  further?: Iterable<[number, number]>;
  /** share of the label that may lie on symbols (1 = do not care) */
  soft: number;
}

export interface PlacedLabel<T> extends Box {
  key: T;
}

const CELL = 64;
const HIDES = 0.1; // share of a label on a number from which on it cannot be read
const DEARER = 3; // to hide a number is so many times worse than to lie on a symbol

/** Boxes in a coarse grid, for quick overlap questions. */
export class BoxIndex {
  private cells = new Map<number, Box[]>();

  add(box: Box): void {
    this.visit(box, (key) => {
      const list = this.cells.get(key);
      if (list) list.push(box);
      else this.cells.set(key, [box]);
    });
  }

  hits(box: Box): boolean {
    let found = false;
    this.visit(box, (key) => {
      if (!found) found = (this.cells.get(key) ?? []).some((other) => overlap(box, other) > 0);
    });
    return found;
  }

  /** Area of `box` covered, counting overlapping boxes each. */
  covered(box: Box): number {
    const seen = new Set<Box>();
    let sum = 0;
    this.visit(box, (key) => {
      for (const other of this.cells.get(key) ?? []) {
        if (seen.has(other)) continue;
        seen.add(other);
        sum += overlap(box, other);
      }
    });
    return sum;
  }

  private visit(b: Box, f: (key: number) => void): void {
    for (let i = Math.floor(b.x / CELL); i <= Math.floor((b.x + b.w) / CELL); i++) {
      for (let j = Math.floor(b.y / CELL); j <= Math.floor((b.y + b.h) / CELL); j++) f(i * 65536 + j);
    }
  }
}

/** Area common to two boxes, 0 when they only touch. */
export function overlap(a: Box, b: Box): number {
  const w = Math.min(a.x + a.w, b.x + b.w) - Math.max(a.x, b.x);
  const h = Math.min(a.y + a.h, b.y + b.h) - Math.max(a.y, b.y);
  return w > 0 && h > 0 ? w * h : 0;
}

/** The four places round a symbol: right, left, above, below. */
export function around(x: number, y: number, r: number, w: number, h: number): [number, number][] {
  const gap = r + 3;
  return [
    [x + gap, y - h / 2],
    [x - gap - w, y - h / 2],
    [x - w / 2, y - gap - h],
    [x - w / 2, y + gap],
  ];
}

/**
 * Place labels in the order given.
 *
 * @param hard boxes no label may touch (interface)
 * @param soft boxes labels should keep off (symbols)
 * @param frame labels stay inside it
 * @param numbers boxes of numbers that should stay readable
 */
export function place<T>(
  requests: LabelRequest<T>[],
  hard: Box[],
  soft: Box[],
  frame: Box,
  numbers: Box[] = [],
): PlacedLabel<T>[] {
  const taken = new BoxIndex();
  const symbols = new BoxIndex();
  const read = new BoxIndex();
  numbers.forEach((b) => read.add(b));
  hard.forEach((b) => taken.add(b));
  soft.forEach((b) => symbols.add(b));
  const placed: PlacedLabel<T>[] = [];
  for (const request of requests) {
    const box = bestPlace(request, taken, symbols, read, frame);
    if (!box) continue;
    taken.add(box);
    placed.push({ ...box, key: request.key });
  }
  return placed;
}

function bestPlace<T>(
  request: LabelRequest<T>,
  taken: BoxIndex,
  symbols: BoxIndex,
  read: BoxIndex,
  frame: Box,
): Box | null {
  const { w, h } = request;
  let best: Box | null = null;
  let least = Infinity;
  let hidden = Infinity;
  function* corners(): Iterable<[number, number]> {
    yield* request.at;
    if (hidden > HIDES) yield* request.further ?? [];
  }
  for (const [x, y] of corners()) {
    const box = { x, y, w, h };
    const inside = x >= frame.x && y >= frame.y && x + w <= frame.x + frame.w && y + h <= frame.y + frame.h;
    if (!inside || taken.hits(box)) continue;
    const onNumbers = read.covered(box) / (w * h);
    const cost = symbols.covered(box) / (w * h) + DEARER * onNumbers;
    if (cost > request.soft && request.soft < 1) continue;
    if (cost < least - 0.02) {
      least = cost;
      hidden = onNumbers;
      best = box;
    }
    if (cost === 0) break;
  }
  return best;
}

/** Many points as counts in squares fixed to the ground. Pure. */

import type { Item } from "./types";

export interface Cell {
  n: number;
  wx: number;
  wy: number;
  /** the records of the square, where all of them are known one by one */
  items: Item[];
  /** counts by term, where the tiles say them */
  terms: Map<string, number>;
}

/** Gather points and cells of tiles into squares of `size` world pixels; the place is the mean of all. */
export function gather(points: Item[], size: number): Cell[] {
  const found = new Map<number, { n: number; x: number; y: number; items: Item[]; cells: Item[] }>();
  for (const item of points) {
    const key = Math.floor(item.wx / size) * 16777216 + Math.floor(item.wy / size);
    let cell = found.get(key);
    if (!cell) found.set(key, (cell = { n: 0, x: 0, y: 0, items: [], cells: [] }));
    const n = item.n ?? 1;
    cell.n += n;
    cell.x += item.wx * n;
    cell.y += item.wy * n;
    (item.n === undefined ? cell.items : cell.cells).push(item);
  }
  return [...found.values()].map(({ n, x, y, items, cells }) => {
    return { n, wx: x / n, wy: y / n, items: cells.length ? [] : items, terms: termsOf(cells) };
  });
}

export interface Disc {
  x: number;
  y: number;
  r: number;
  n: number;
  terms: Map<string, number>;
}

/** Radius of the disc of a count. */
export function discRadius(n: number): number {
  return Math.min(19, Math.max(8, 4.5 + 5 * Math.log10(n + 1)));
}

/** Discs that would cover one another become one, at the place of the larger: no count is hidden or lost. */
export function apart(discs: Disc[]): Disc[] {
  const placed: Disc[] = [];
  const rows = new Map<number, Disc[]>();
  const row = (y: number): number => Math.floor(y / 40);
  for (const disc of [...discs].sort((a, b) => b.n - a.n)) {
    const near = [-1, 0, 1].flatMap((i) => rows.get(row(disc.y) + i) ?? []);
    const under = near.find((d) => Math.hypot(d.x - disc.x, d.y - disc.y) < d.r + disc.r - 1);
    if (under) {
      under.n += disc.n;
      for (const [term, n] of disc.terms) under.terms.set(term, (under.terms.get(term) ?? 0) + n);
      continue;
    }
    placed.push(disc);
    rows.set(row(disc.y), [...(rows.get(row(disc.y)) ?? []), disc]);
  }
  return placed;
}

function termsOf(cells: Item[]): Map<string, number> {
  const terms = new Map<string, number>();
  for (const cell of cells) {
    for (const name in cell.props) {
      if (!name.startsWith("n_")) continue;
      const term = name.slice(2);
      terms.set(term, (terms.get(term) ?? 0) + Number(cell.props[name]));
    }
  }
  return terms;
}

/** How many more things lie in each square now than before; squares with as many are left out. */
export function changes(now: Item[], before: Item[], size: number): { n: number; wx: number; wy: number }[] {
  const found = new Map<number, { n: number; w: number; x: number; y: number }>();
  const add = (items: Item[], sign: number): void => {
    for (const item of items) {
      const key = Math.floor(item.wx / size) * 16777216 + Math.floor(item.wy / size);
      const cell = found.get(key) ?? { n: 0, w: 0, x: 0, y: 0 };
      const n = item.n ?? 1;
      found.set(key, { n: cell.n + sign * n, w: cell.w + n, x: cell.x + n * item.wx, y: cell.y + n * item.wy });
    }
  };
  add(now, 1);
  add(before, -1);
  return [...found.values()].filter((c) => c.n !== 0).map((c) => ({ n: c.n, wx: c.x / c.w, wy: c.y / c.w }));
}

/** Which things are new and which are gone, by their ids. */
export function newAndGone(now: Item[], before: Item[]): { fresh: Set<Item>; gone: Item[] } {
  const then = new Set(before.map((i) => String(i.id)));
  const here = new Set(now.map((i) => String(i.id)));
  return { fresh: new Set(now.filter((i) => !then.has(String(i.id)))), gone: before.filter((i) => !here.has(String(i.id))) };
}

/** 1234 → 1,234; 12345 → 1.2万: what fits a disc. */
export function countText(n: number): string {
  return n < 10000 ? n.toLocaleString("en-US") : `${(n / 10000).toFixed(n < 1e6 ? 1 : 0)}万`;
}

/** The tiles of one layer round the view: fetched, kept, shown; the old picture stays until the new is whole. */

import { decodeTile } from "./mvt";
import type { Item, View } from "./types";

const WORLD = 256;
const LEAST_ZOOM = 5;
const MOST_ZOOM = 14;
const KEEP = 240; // tiles kept beside those that are shown
const AT_ONCE = 8;
const RETRY_MS = 4000;

export interface TileId {
  z: number;
  x: number;
  y: number;
}

interface Held {
  items: Item[];
}

/** The zoom of the tiles that a view is drawn from. */
export function tileZoom(zoom: number): number {
  return Math.max(LEAST_ZOOM, Math.min(MOST_ZOOM, Math.round(zoom)));
}

/** The tiles that cover a view, those in its middle first. */
export function tilesOf(v: View): TileId[] {
  const z = tileZoom(v.zoom);
  const size = (WORLD / 2 ** z) * v.scale; // of a tile in canvas pixels
  const n = 2 ** z;
  const clamp = (i: number): number => Math.max(0, Math.min(n - 1, i));
  const [x1, x2] = [clamp(Math.floor(v.x0 / size)), clamp(Math.floor((v.x0 + v.w) / size))];
  const [y1, y2] = [clamp(Math.floor(v.y0 / size)), clamp(Math.floor((v.y0 + v.h) / size))];
  const found: TileId[] = [];
  for (let x = x1; x <= x2; x++) for (let y = y1; y <= y2; y++) found.push({ z, x, y });
  const [cx, cy] = [(x1 + x2) / 2, (y1 + y2) / 2];
  return found.sort((a, b) => Math.hypot(a.x - cx, a.y - cy) - Math.hypot(b.x - cx, b.y - cy));
}

export class TileSet {
  error = "";
  private template = "";
  private held = new Map<string, Held>();
  private running = new Map<string, AbortController>();
  private failed = new Set<string>();
  private needed: string[] = [];
  private view: View | null = null;
  private shown: string[] = [];
  private joined: Item[] | null = null;
  private timer = 0;

  constructor(
    private layer: string,
    private changed: () => void,
  ) {}

  /** Show the tiles of an address with {z}, {x}, {y} in it; `refresh` asks again for those that are here. */
  use(template: string, refresh = false): void {
    if (template === this.template && !refresh) {
      if (this.view) this.want(this.view, true);
      return;
    }
    if (refresh) for (const key of [...this.held.keys()]) if (!this.shown.includes(key)) this.held.delete(key);
    const again = refresh && template === this.template;
    this.template = template;
    if (again) this.renew();
    if (this.view) this.want(this.view, true);
  }

  /** Say what is looked at; asks for what is missing. */
  want(view: View, anew = false): void {
    this.view = view;
    if (!this.template) return;
    const needed = tilesOf(view).map((t) => this.address(t));
    if (!anew && needed.length === this.needed.length && needed.every((k, i) => k === this.needed[i])) return;
    this.needed = needed;
    const wanted = new Set(needed);
    for (const [key, controller] of this.running) {
      if (wanted.has(key)) continue;
      controller.abort();
      this.running.delete(key);
    }
    this.settle();
    this.pump();
  }

  /** The items that are shown now. */
  items(): Item[] {
    if (!this.joined) this.joined = this.shown.flatMap((key) => this.held.get(key)?.items ?? []);
    return this.joined;
  }

  /** Whether something asked for has neither come nor failed. */
  pending(): boolean {
    return this.needed.some((key) => !this.held.has(key) && !this.failed.has(key));
  }

  retry(): void {
    window.clearTimeout(this.timer);
    this.failed.clear();
    this.error = "";
    this.pump();
  }

  stop(): void {
    window.clearTimeout(this.timer);
    for (const controller of this.running.values()) controller.abort();
    this.running.clear();
  }

  private address(t: TileId): string {
    return this.template.replace("{z}", String(t.z)).replace("{x}", String(t.x)).replace("{y}", String(t.y));
  }

  /** Ask for the shown tiles once more, keeping their pictures until the answers are here. */
  private renew(): void {
    for (const key of this.needed) void this.fetch(key);
  }

  private pump(): void {
    for (const key of this.needed) {
      if (this.running.size >= AT_ONCE) return;
      if (!this.held.has(key) && !this.running.has(key) && !this.failed.has(key)) void this.fetch(key);
    }
  }

  private async fetch(key: string): Promise<void> {
    this.running.get(key)?.abort();
    const controller = new AbortController();
    this.running.set(key, controller);
    try {
      const answer = await fetch(key, { signal: controller.signal });
      if (!answer.ok) throw new Error(`HTTP ${answer.status}`);
      const bytes = answer.status === 204 ? new ArrayBuffer(0) : await answer.arrayBuffer();
      const [z, x, y] = place(key);
      this.held.set(key, { items: decodeTile(this.layer, z, x, y, bytes) });
      this.failed.delete(key);
      this.error = "";
      this.joined = null;
    } catch (problem) {
      if (controller.signal.aborted) return;
      this.failed.add(key);
      this.error = problem instanceof Error ? problem.message : String(problem);
      window.clearTimeout(this.timer);
      this.timer = window.setTimeout(() => this.retry(), RETRY_MS);
    }
    if (this.running.get(key) === controller) this.running.delete(key);
    this.pump();
    if (this.settle() || this.error) this.changed();
  }

  /** Decide what is shown: what is needed as soon as it is whole, or as far as it is here at the same zoom. */
  private settle(): boolean {
    const here = this.needed.filter((key) => this.held.has(key));
    const whole = here.length === this.needed.length || !this.pending();
    if (!whole && !this.alike()) return false;
    const same = here.length === this.shown.length && here.every((key, i) => key === this.shown[i]);
    if (same && this.joined) return false;
    this.shown = here;
    this.joined = null;
    this.forget();
    return true;
  }

  /** Whether what is shown is of the same address and zoom, so that it may grow tile by tile. */
  private alike(): boolean {
    const kind = (key: string): string => key.replace(/\/\d+\/\d+\.mvt/, "");
    return !this.shown.length || kind(this.shown[0]) === kind(this.needed[0] ?? "");
  }

  private forget(): void {
    const keep = new Set([...this.shown, ...this.needed]);
    for (const key of this.held.keys()) {
      if (this.held.size <= KEEP) return;
      if (!keep.has(key)) this.held.delete(key);
    }
  }
}

function place(address: string): [number, number, number] {
  const found = /\/(\d+)\/(\d+)\/(\d+)\.mvt/.exec(address) as RegExpExecArray;
  return [Number(found[1]), Number(found[2]), Number(found[3])];
}

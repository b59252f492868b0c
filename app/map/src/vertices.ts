/** The vertices of a line or polygon being drawn, with undo. Pure: degrees in, degrees out. */

import type { LonLat } from "./geodesy";

export class Vertices {
  points: LonLat[] = [];
  /** drawing has ended; the outline is closed and can still be edited */
  closed = false;
  private past: { points: LonLat[]; closed: boolean }[] = [];

  constructor(points: LonLat[] = [], closed = false) {
    this.points = points.map((p) => [p[0], p[1]]);
    this.closed = closed;
  }

  /** Remember the present state; call before a change. */
  mark(): void {
    this.past.push({ points: this.points.map((p) => [p[0], p[1]]), closed: this.closed });
    if (this.past.length > 200) this.past.shift();
  }

  undo(): boolean {
    const last = this.past.pop();
    if (!last) return false;
    this.points = last.points;
    this.closed = last.closed;
    return true;
  }

  add(p: LonLat): void {
    this.mark();
    this.points.push(p);
  }

  insert(index: number, p: LonLat): void {
    this.mark();
    this.points.splice(index, 0, p);
  }

  /** Move without remembering: a drag marks once at its start. */
  move(index: number, p: LonLat): void {
    this.points[index] = p;
  }

  /** Remove a vertex; a closed outline keeps at least three. */
  remove(index: number): boolean {
    if (index < 0 || index >= this.points.length) return false;
    if (this.closed && this.points.length <= 3) return false;
    this.mark();
    this.points.splice(index, 1);
    return true;
  }

  removeLast(): boolean {
    return this.remove(this.points.length - 1);
  }

  /** Drop vertices that repeat the one before (a double-click adds its place twice). */
  tidy(same: (a: LonLat, b: LonLat) => boolean): void {
    this.points = this.points.filter((p, i) => i === 0 || !same(p, this.points[i - 1]));
    if (this.points.length > 3 && same(this.points[0], this.points[this.points.length - 1])) this.points.pop();
  }

  /** Index of the vertex nearest to (x, y) within `reach` pixels, or -1. */
  near(x: number, y: number, reach: number, pixel: (p: LonLat) => [number, number]): number {
    let best = -1;
    let least = reach;
    this.points.forEach((p, i) => {
      const [px, py] = pixel(p);
      const d = Math.hypot(px - x, py - y);
      if (d <= least) {
        least = d;
        best = i;
      }
    });
    return best;
  }

  /** Middles of the edges, with the index at which a new vertex would stand. */
  middles(): { at: LonLat; index: number }[] {
    const n = this.points.length;
    const edges = this.closed ? n : n - 1;
    const out: { at: LonLat; index: number }[] = [];
    for (let i = 0; i < edges; i++) {
      const a = this.points[i];
      const b = this.points[(i + 1) % n];
      out.push({ at: [(a[0] + b[0]) / 2, (a[1] + b[1]) / 2], index: i + 1 });
    }
    return out;
  }

  /** GeoJSON polygon, counter-clockwise and closed, seven decimals (about 1 cm). */
  polygon(): { type: "Polygon"; coordinates: LonLat[][] } | null {
    if (this.points.length < 3) return null;
    const ring = this.points.map((p): LonLat => [round(p[0]), round(p[1])]);
    if (signedArea(ring) < 0) ring.reverse();
    return { type: "Polygon", coordinates: [[...ring, ring[0]]] };
  }
}

const round = (v: number): number => Math.round(v * 1e7) / 1e7;

function signedArea(ring: LonLat[]): number {
  return ring.reduce((s, p, i) => {
    const q = ring[(i + 1) % ring.length];
    return s + p[0] * q[1] - q[0] * p[1];
  }, 0);
}

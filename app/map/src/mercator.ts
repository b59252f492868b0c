/** Web Mercator at zoom 0, as Leaflet's EPSG:3857 counts pixels: 256 wide, y down. */

const LIMIT = 85.0511287798;

export function worldX(lon: number): number {
  return (lon / 360 + 0.5) * 256;
}

export function worldY(lat: number): number {
  const s = Math.sin((Math.max(-LIMIT, Math.min(LIMIT, lat)) * Math.PI) / 180);
  return (0.5 - Math.log((1 + s) / (1 - s)) / (4 * Math.PI)) * 256;
}

export function lonOf(wx: number): number {
  return (wx / 256 - 0.5) * 360;
}

export function latOf(wy: number): number {
  return (Math.atan(Math.sinh(Math.PI * (1 - (2 * wy) / 256))) * 180) / Math.PI;
}

/** Flat lon, lat pairs → flat world pairs. */
export function toWorld(flat: ArrayLike<number>): Float64Array {
  const out = new Float64Array(flat.length);
  for (let i = 0; i < flat.length; i += 2) {
    out[i] = worldX(flat[i]);
    out[i + 1] = worldY(flat[i + 1]);
  }
  return out;
}

/** Bounding box [minx, miny, maxx, maxy] of flat rings. */
export function boxOf(rings: Float64Array[]): [number, number, number, number] {
  const b: [number, number, number, number] = [Infinity, Infinity, -Infinity, -Infinity];
  for (const ring of rings) {
    for (let i = 0; i < ring.length; i += 2) {
      if (ring[i] < b[0]) b[0] = ring[i];
      if (ring[i] > b[2]) b[2] = ring[i];
      if (ring[i + 1] < b[1]) b[1] = ring[i + 1];
      if (ring[i + 1] > b[3]) b[3] = ring[i + 1];
    }
  }
  return b;
}

/** Even-odd test of a point in flat rings. */
export function inRings(x: number, y: number, rings: Float64Array[]): boolean {
  let inside = false;
  for (const r of rings) {
    for (let i = 0, j = r.length - 2; i < r.length; j = i, i += 2) {
      const yi = r[i + 1];
      const yj = r[j + 1];
      if (yi > y !== yj > y && x < ((r[j] - r[i]) * (y - yi)) / (yj - yi) + r[i]) inside = !inside;
    }
  }
  return inside;
}

/** Distance from a point to the segments of flat lines; rings are closed when `closed`. */
export function distanceToLines(x: number, y: number, lines: Float64Array[], closed: boolean): number {
  let best = Infinity;
  for (const l of lines) {
    const n = l.length / 2;
    for (let i = closed ? 0 : 1, j = closed ? n - 1 : 0; i < n; j = i++) {
      const ax = l[2 * j];
      const ay = l[2 * j + 1];
      const bx = l[2 * i] - ax;
      const by = l[2 * i + 1] - ay;
      const len = bx * bx + by * by;
      const t = len ? Math.max(0, Math.min(1, ((x - ax) * bx + (y - ay) * by) / len)) : 0;
      const d = Math.hypot(x - ax - t * bx, y - ay - t * by);
      if (d < best) best = d;
    }
  }
  return best;
}

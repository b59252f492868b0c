/** Lengths, areas and EPSG:4549 on the GRS80 ellipsoid (CGCS2000). Degrees and metres. */

const A = 6378137;
const F = 1 / 298.257222101;
const E2 = F * (2 - F);
const E = Math.sqrt(E2);
const RAD = Math.PI / 180;

export type LonLat = [number, number];

const n1 = F / (2 - F);
const RECTIFYING = (A / (1 + n1)) * (1 + n1 ** 2 / 4 + n1 ** 4 / 64 + n1 ** 6 / 256);
const ALPHA = [
  n1 / 2 - (2 / 3) * n1 ** 2 + (5 / 16) * n1 ** 3 + (41 / 180) * n1 ** 4,
  (13 / 48) * n1 ** 2 - (3 / 5) * n1 ** 3 + (557 / 1440) * n1 ** 4,
  (61 / 240) * n1 ** 3 - (103 / 140) * n1 ** 4,
  (49561 / 161280) * n1 ** 4,
];

/**
 * Gauss-Krüger forward, by Krüger's series to the fourth order (sub-millimetre within 6° of the meridian).
 * The defaults are EPSG:4549: central meridian 120°, false easting 500 000 m.
 */
export function gaussKruger(lon: number, lat: number, meridian = 120, falseEasting = 500000): LonLat {
  const phi = lat * RAD;
  const lam = (lon - meridian) * RAD;
  const s = Math.sin(phi);
  const t = Math.sinh(Math.atanh(s) - E * Math.atanh(E * s));
  const xi = Math.atan2(t, Math.cos(lam));
  const eta = Math.asinh(Math.sin(lam) / Math.hypot(t, Math.cos(lam)));
  let north = xi;
  let east = eta;
  ALPHA.forEach((a, i) => {
    const k = 2 * (i + 1);
    north += a * Math.sin(k * xi) * Math.cosh(k * eta);
    east += a * Math.cos(k * xi) * Math.sinh(k * eta);
  });
  return [falseEasting + RECTIFYING * east, RECTIFYING * north];
}

/** Length of the geodesic between two points, in metres (Vincenty's inverse formula). */
export function distance([lon1, lat1]: LonLat, [lon2, lat2]: LonLat): number {
  const L = (lon2 - lon1) * RAD;
  if (Math.abs(L) < 1e-14 && Math.abs(lat2 - lat1) < 1e-12) return 0;
  const b = A * (1 - F);
  const u1 = Math.atan((1 - F) * Math.tan(lat1 * RAD));
  const u2 = Math.atan((1 - F) * Math.tan(lat2 * RAD));
  const [s1, c1, s2, c2] = [Math.sin(u1), Math.cos(u1), Math.sin(u2), Math.cos(u2)];
  let lam = L;
  let sinS = 0;
  let cosS = 1;
  let sigma = 0;
  let cos2 = 1;
  let cosM = 0;
  for (let i = 0; i < 100; i++) {
    const sl = Math.sin(lam);
    const cl = Math.cos(lam);
    sinS = Math.hypot(c2 * sl, c1 * s2 - s1 * c2 * cl);
    if (sinS === 0) return 0;
    cosS = s1 * s2 + c1 * c2 * cl;
    sigma = Math.atan2(sinS, cosS);
    const sinA = (c1 * c2 * sl) / sinS;
    cos2 = 1 - sinA * sinA;
    cosM = cos2 ? cosS - (2 * s1 * s2) / cos2 : 0;
    const C = (F / 16) * cos2 * (4 + F * (4 - 3 * cos2));
    const next = L + (1 - C) * F * sinA * (sigma + C * sinS * (cosM + C * cosS * (2 * cosM * cosM - 1)));
    const done = Math.abs(next - lam) < 1e-13;
    lam = next;
    if (done) break;
  }
  const uu = (cos2 * (A * A - b * b)) / (b * b);
  const AA = 1 + (uu / 16384) * (4096 + uu * (-768 + uu * (320 - 175 * uu)));
  const BB = (uu / 1024) * (256 + uu * (-128 + uu * (74 - 47 * uu)));
  const inner = cosS * (2 * cosM * cosM - 1) - (BB / 6) * cosM * (4 * sinS * sinS - 3) * (4 * cosM * cosM - 3);
  return b * AA * (sigma - BB * sinS * (cosM + (BB / 4) * inner));
}

/** Sum of the distances along a line, in metres. */
export function lineLength(points: LonLat[]): number {
  let sum = 0;
  for (let i = 1; i < points.length; i++) sum += distance(points[i - 1], points[i]);
  return sum;
}

const authalicQ = (s: number): number => (1 - E2) * (s / (1 - E2 * s * s) + Math.atanh(E * s) / E);

/**
 * Area of a simple polygon with geodesic edges, in m². The ellipsoid goes to the sphere of equal area
 * (Snyder 1987, p. 16); edges longer than a few km are cut along the great circle.
 */
export function ringArea(points: LonLat[]): number {
  if (points.length < 3) return 0;
  let sum = 0;
  for (let i = 0; i < points.length; i++) {
    const cut = alongCircle(points[i], points[(i + 1) % points.length]);
    for (let k = 1; k < cut.length; k++) {
      const [lonA, latA] = cut[k - 1];
      const [lonB, latB] = cut[k];
      sum += (lonB - lonA) * RAD * (authalicQ(Math.sin(latA * RAD)) + authalicQ(Math.sin(latB * RAD)));
    }
  }
  return Math.abs((sum * A * A) / 4);
}

function alongCircle(a: LonLat, b: LonLat): LonLat[] {
  const steps = Math.min(64, Math.ceil(distance(a, b) / 4000));
  if (steps <= 1) return [a, b];
  const va = vector(a);
  const vb = vector(b);
  const out: LonLat[] = [a];
  const w = Math.acos(Math.min(1, va[0] * vb[0] + va[1] * vb[1] + va[2] * vb[2]));
  for (let i = 1; i < steps; i++) {
    const f = Math.sin((1 - i / steps) * w) / Math.sin(w);
    const g = Math.sin((i / steps) * w) / Math.sin(w);
    const [x, y, z] = [0, 1, 2].map((k) => f * va[k] + g * vb[k]);
    out.push([Math.atan2(y, x) / RAD, Math.atan2(z, Math.hypot(x, y)) / RAD]);
  }
  out.push(b);
  return out;
}

function vector([lon, lat]: LonLat): number[] {
  const c = Math.cos(lat * RAD);
  return [c * Math.cos(lon * RAD), c * Math.sin(lon * RAD), Math.sin(lat * RAD)];
}

/** Whether two edges of the closed ring cross (a bow-tie). */
export function selfCrosses(points: LonLat[]): boolean {
  const n = points.length;
  for (let i = 0; i < n; i++) {
    for (let j = i + 2; j < n; j++) {
      if (i === 0 && j === n - 1) continue;
      if (segmentsCross(points[i], points[(i + 1) % n], points[j], points[(j + 1) % n])) return true;
    }
  }
  return false;
}

function segmentsCross(a: LonLat, b: LonLat, c: LonLat, d: LonLat): boolean {
  const side = (p: LonLat, q: LonLat, r: LonLat): number =>
    Math.sign((q[0] - p[0]) * (r[1] - p[1]) - (q[1] - p[1]) * (r[0] - p[0]));
  return side(a, b, c) * side(a, b, d) < 0 && side(c, d, a) * side(c, d, b) < 0;
}

/** The built-in base map: decoding its JSON and painting it. */

import { boxOf, lonOf, latOf, toWorld, worldX, worldY } from "./mercator";
import { inView, trace } from "./paths";
import { groundResolution } from "./scale";
import { color } from "./theme";
import type { View } from "./types";

type Bounds = [number, number, number, number];

const URBAN_BELOW = 11; // the built-up areas are too crude for larger scales

export interface Area {
  code: string;
  name: string;
  rings: Float64Array[];
  box: Bounds;
  label: [number, number];
}

interface Patch {
  rings: Float64Array[];
  box: Bounds;
}

export interface Place {
  name: string;
  kind: "city" | "county";
  at: [number, number][];
}

export interface BaseMap {
  bounds: Bounds;
  land: Patch[];
  near: Patch[];
  counties: Area[];
  city: Patch[];
  urban: Patch[];
  lakes: Patch[];
  rivers: Patch[];
  roads: Patch[];
  rails: Patch[];
  places: Place[];
  sea: { name: string; at: [number, number][] };
}

interface Coded {
  scale: number;
  bounds: Bounds;
  counties: { code: string; name: string; label: [number, number]; rings: number[][][] }[];
  places: Place[];
  sea: { name: string; at: [number, number][] };
  [name: string]: unknown;
}

/** Decode what app/map/basemap.py wrote. */
export function decodeBase(json: unknown): BaseMap {
  const d = json as Coded;
  const points = (flat: number[]): Float64Array => {
    const out = new Array<number>(flat.length);
    let x = 0;
    let y = 0;
    for (let i = 0; i < flat.length; i += 2) {
      x += flat[i];
      y += flat[i + 1];
      out[i] = x / d.scale;
      out[i + 1] = y / d.scale;
    }
    return toWorld(out);
  };
  const patch = (rings: number[][]): Patch => {
    const decoded = rings.map(points);
    return { rings: decoded, box: boxOf(decoded) };
  };
  const polygons = (name: string): Patch[] => (d[name] as number[][][]).map(patch);
  const lines = (name: string): Patch[] => (d[name] as number[][]).map((l) => patch([l]));
  return {
    bounds: d.bounds,
    land: polygons("land"),
    near: polygons("near"),
    counties: d.counties.map((c) => {
      const rings = c.rings.flat().map(points);
      return { code: c.code, name: c.name, rings, box: boxOf(rings), label: [worldX(c.label[0]), worldY(c.label[1])] };
    }),
    city: polygons("city"),
    urban: polygons("urban"),
    lakes: polygons("lakes"),
    rivers: lines("rivers"),
    roads: lines("roads"),
    rails: lines("rails"),
    places: d.places,
    sea: d.sea,
  };
}

function path(patches: Patch[], v: View, close: boolean): Path2D {
  const p = new Path2D();
  for (const s of patches) if (inView(s.box, v)) trace(p, s.rings, v, close);
  return p;
}

/** Sea, land, our counties' ground, towns and water. */
export function drawGround(ctx: CanvasRenderingContext2D, v: View, base: BaseMap | null): void {
  ctx.fillStyle = color("m-sea");
  ctx.fillRect(0, 0, v.w, v.h);
  if (!base) return;
  ctx.lineJoin = "round";
  const land = path([...base.land, ...base.near], v, true);
  const city = path(base.city, v, true);
  const lat = latOf((v.y0 + v.h / 2) / v.scale);
  ctx.strokeStyle = color("m-sea-2");
  ctx.lineWidth = Math.max(4, Math.min(60, 6000 / groundResolution(v.zoom, lat)));
  ctx.stroke(land);
  ctx.stroke(city);
  ctx.fillStyle = color("m-land");
  ctx.fill(land, "nonzero");
  ctx.strokeStyle = color("m-land-line");
  ctx.lineWidth = 0.8;
  ctx.stroke(path(base.near, v, true));
  ctx.fillStyle = color("m-county");
  ctx.fill(city, "evenodd");
  if (v.zoom < URBAN_BELOW) {
    ctx.fillStyle = color("m-urban");
    ctx.fill(path(base.urban, v, true), "evenodd");
  }
  ctx.fillStyle = color("m-water");
  ctx.fill(path(base.lakes, v, true), "evenodd");
  ctx.strokeStyle = color("m-water");
  ctx.lineWidth = v.zoom >= 10 ? 2 : 1.2;
  ctx.stroke(path(base.rivers, v, false));
}

/** Rails and roads. */
export function drawNetwork(ctx: CanvasRenderingContext2D, v: View, base: BaseMap): void {
  ctx.lineJoin = "round";
  ctx.lineCap = "round";
  const rails = path(base.rails, v, false);
  ctx.globalAlpha = 0.75;
  ctx.strokeStyle = color("m-rail");
  ctx.lineWidth = v.zoom >= 10 ? 2 : 1;
  ctx.stroke(rails);
  if (v.zoom >= 10) {
    ctx.lineCap = "butt";
    ctx.setLineDash([6, 6]);
    ctx.strokeStyle = color("m-road-2");
    ctx.lineWidth = 1.1;
    ctx.stroke(rails);
    ctx.setLineDash([]);
    ctx.lineCap = "round";
  }
  ctx.globalAlpha = 0.8;
  ctx.strokeStyle = color("m-road");
  ctx.lineWidth = Math.max(1, Math.min(3.2, 1.1 + (v.zoom - 8) * 0.35));
  ctx.stroke(path(base.roads, v, false));
  ctx.globalAlpha = 1;
}

/** [west, south, east, north] of what is seen. */
export function seenBounds(v: View): Bounds {
  const { seen } = v;
  const at = (x: number, y: number): [number, number] => [
    lonOf((x + v.x0) / v.scale),
    latOf((y + v.y0) / v.scale),
  ];
  const [w, n] = at(seen.x, seen.y);
  const [e, s] = at(seen.x + seen.w, seen.y + seen.h);
  return [w, s, e, n];
}

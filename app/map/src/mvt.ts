/** A vector tile's bytes → items in world coordinates: records, and cells that count many of them. */

import { VectorTile, type VectorTileFeature } from "@mapbox/vector-tile";
import { PbfReader } from "pbf";
import { insidePoint, spread } from "./items";
import { boxOf } from "./mercator";
import type { Item } from "./types";

const WORLD = 256;

/** What a tile shows in the world: its west, north and width in world pixels at zoom 0. */
export function tileFrame(z: number, x: number, y: number): { x: number; y: number; size: number } {
  const size = WORLD / 2 ** z;
  return { x: x * size, y: y * size, size };
}

/**
 * Decode one tile of a layer. A point in the tile's buffer belongs to a neighbour and is left out; a line or
 * polygon that reaches into the buffer is kept and clipped to the tile when it is drawn.
 */
export function decodeTile(layer: string, z: number, x: number, y: number, bytes: ArrayBuffer): Item[] {
  const items: Item[] = [];
  if (!bytes.byteLength) return items;
  const tile = new VectorTile(new PbfReader(new Uint8Array(bytes)));
  const frame = tileFrame(z, x, y);
  for (const [name, source] of Object.entries(tile.layers)) {
    const cells = name === `${layer}_cell`;
    if (!cells && name !== layer) continue;
    const scale = frame.size / source.extent;
    for (let i = 0; i < source.length; i++) {
      const item = decode(layer, source.feature(i), frame, scale, cells);
      if (item) items.push(item);
    }
  }
  spread(items);
  return items;
}

function decode(
  layer: string,
  feature: VectorTileFeature,
  frame: { x: number; y: number; size: number },
  scale: number,
  cell: boolean,
): Item | null {
  const props = feature.properties as Record<string, unknown>;
  const kind = feature.type === 1 ? "point" : feature.type === 2 ? "line" : "polygon";
  const parts = feature.loadGeometry();
  if (!parts.length || !parts[0].length) return null;
  if (kind === "point") {
    const p = parts[0][0];
    if (p.x < 0 || p.y < 0 || p.x >= feature.extent || p.y >= feature.extent) return null;
    const wx = frame.x + p.x * scale;
    const wy = frame.y + p.y * scale;
    return {
      id: cell ? `${wx},${wy}` : (feature.id ?? (props.id as number)),
      layer,
      name: String(props.name ?? ""),
      kind,
      acc: String(props.location_accuracy ?? ""),
      demo: props.is_demo === true,
      props,
      wx,
      wy,
      dx: 0,
      dy: 0,
      rings: [],
      box: [wx, wy, wx, wy],
      ...(cell ? { n: Number(props.n) } : {}),
    };
  }
  const rings = parts.map((part) => {
    const out = new Float64Array(part.length * 2);
    part.forEach((p, i) => {
      out[2 * i] = frame.x + p.x * scale;
      out[2 * i + 1] = frame.y + p.y * scale;
    });
    return out;
  });
  const box = boxOf(rings);
  const middle = (kind === "polygon" ? insidePoint(rings, box) : null) ?? [rings[0][0], rings[0][1]];
  return {
    id: feature.id ?? (props.id as number),
    layer,
    name: String(props.name ?? ""),
    kind,
    acc: String(props.location_accuracy ?? ""),
    demo: props.is_demo === true,
    props,
    wx: middle[0],
    wy: middle[1],
    dx: 0,
    dy: 0,
    rings,
    box,
    clip: [frame.x, frame.y, frame.x + frame.size, frame.y + frame.size],
  };
}

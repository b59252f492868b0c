/** Tiles, cells and heat: the pure parts, on tiles made here by hand. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { PbfWriter } from "../../app/map/node_modules/pbf";
import { apart, changes, countText, discRadius, gather, newAndGone } from "../../app/map/src/cells";
import { heatGrid } from "../../app/map/src/heat";
import { keepOnly } from "../../app/map/src/layersource";
import { decodeTile, tileFrame } from "../../app/map/src/mvt";
import { tilesOf, tileZoom } from "../../app/map/src/tileset";
import type { Item, View } from "../../app/map/src/types";

interface Spec {
  id: number;
  at: [number, number];
  n?: number;
  name?: string;
}

/** An MVT of one layer of points, written field by field as the specification says. */
function tile(name: string, features: Spec[]): ArrayBuffer {
  const pbf = new PbfWriter();
  pbf.writeMessage(3, (_: unknown, layer: PbfWriter) => {
    layer.writeVarintField(15, 2);
    layer.writeStringField(1, name);
    const values: (number | string)[] = [];
    for (const f of features) {
      const tags: number[] = [];
      for (const [key, value] of [[0, f.n], [1, f.name]] as const) {
        if (value !== undefined) tags.push(key, values.push(value) - 1);
      }
      layer.writeMessage(2, (_f: unknown, feature: PbfWriter) => {
        feature.writeVarintField(1, f.id);
        feature.writePackedVarint(2, tags);
        feature.writeVarintField(3, 1);
        const zigzag = (v: number): number => (v << 1) ^ (v >> 31);
        feature.writePackedVarint(4, [9, zigzag(f.at[0]), zigzag(f.at[1])]);
      }, null);
    }
    layer.writeStringField(3, "n");
    layer.writeStringField(3, "name");
    for (const value of values) {
      layer.writeMessage(4, (_v: unknown, one: PbfWriter) => {
        if (typeof value === "string") one.writeStringField(1, value);
        else one.writeVarintField(4, value);
      }, null);
    }
    layer.writeVarintField(5, 4096);
  }, null);
  return new Uint8Array(pbf.finish()).buffer as ArrayBuffer;
}

const view = (zoom: number, w = 1000, h = 800): View => {
  const scale = 2 ** zoom;
  const [x, y] = [(120.2 / 360 + 0.5) * 256 * scale, 102.6 * scale];
  return { zoom, scale, x0: x - w / 2, y0: y - h / 2, w, h, dpr: 1, seen: { x: 0, y: 0, w, h } };
};

test("a point belongs to the one tile it lies in", () => {
  const bytes = tile("p", [{ id: 1, at: [0, 0], name: "甲" }, { id: 2, at: [4095, 4095] }, { id: 3, at: [4096, 5] }, { id: 4, at: [-1, 5] }]);
  const items = decodeTile("p", 3, 6, 3, bytes);
  assert.deepEqual(items.map((i) => i.id), [1, 2]);
  assert.equal(items[0].name, "甲");
  const frame = tileFrame(3, 6, 3);
  assert.deepEqual([items[0].wx, items[0].wy], [frame.x, frame.y]);
  assert.ok(items[1].wx < frame.x + frame.size);
  assert.deepEqual(decodeTile("p", 3, 6, 3, new ArrayBuffer(0)), []);
  assert.deepEqual(decodeTile("other", 3, 6, 3, bytes), []);
});

test("cells keep how many they stand for", () => {
  const [cell] = decodeTile("p", 5, 1, 1, tile("p_cell", [{ id: 0, at: [2048, 1024], n: 321 }]));
  assert.equal(cell.n, 321);
  assert.equal(cell.kind, "point");
});

test("the tiles of a view cover it, without gap, at the nearest zoom", () => {
  for (const zoom of [4, 6.4, 8.75, 11.5, 14.2, 18]) {
    const v = view(zoom);
    const tiles = tilesOf(v);
    const z = tileZoom(zoom);
    assert.ok(tiles.every((t) => t.z === z));
    const size = (256 / 2 ** z) * v.scale;
    for (const [px, py] of [[0, 0], [v.w - 1, 0], [0, v.h - 1], [v.w - 1, v.h - 1], [v.w / 2, v.h / 2]]) {
      const [x, y] = [Math.floor((v.x0 + px) / size), Math.floor((v.y0 + py) / size)];
      assert.ok(tiles.some((t) => t.x === x && t.y === y), `${zoom}: ${px},${py}`);
    }
    assert.equal(new Set(tiles.map((t) => `${t.x}/${t.y}`)).size, tiles.length);
  }
});

const point = (wx: number, wy: number, more: Partial<Item> = {}): Item => ({
  id: `${wx},${wy}`, layer: "p", name: "", kind: "point", acc: "", demo: false, props: {}, wx, wy, dx: 0, dy: 0,
  rings: [], box: [wx, wy, wx, wy], ...more,
});

test("gathering loses nothing and places a cell at the mean", () => {
  const points = [point(1, 1), point(1.2, 1.4), point(9, 9, { n: 40, props: { n_开工: 30, n_签约: 10 } }), point(9.5, 9)];
  const cells = gather(points, 4).sort((a, b) => a.n - b.n);
  assert.deepEqual(cells.map((c) => c.n), [2, 41]);
  assert.equal(cells[0].items.length, 2);
  assert.deepEqual(cells[1].items, []);
  assert.equal(cells[1].terms.get("开工"), 30);
  assert.ok(Math.abs(cells[0].wx - 1.1) < 1e-12 && Math.abs(cells[1].wx - (9 * 40 + 9.5) / 41) < 1e-12);
});

test("discs never cover one another and keep every count", () => {
  const discs = Array.from({ length: 300 }, (_, i) => {
    const n = 1 + ((i * 7919) % 5000);
    return { x: (i * 137) % 600, y: (i * 251) % 400, r: discRadius(n), n, terms: new Map([["甲", n]]) };
  });
  const sum = discs.reduce((s, d) => s + d.n, 0);
  const placed = apart(discs.map((d) => ({ ...d, terms: new Map(d.terms) })));
  assert.equal(placed.reduce((s, d) => s + d.n, 0), sum);
  assert.equal(placed.reduce((s, d) => s + (d.terms.get("甲") ?? 0), 0), sum);
  placed.forEach((a, i) => placed.slice(i + 1).forEach((b) => assert.ok(Math.hypot(a.x - b.x, a.y - b.y) >= a.r + b.r - 1)));
});

test("a choice of terms keeps records by their value and cells by their counts", () => {
  const items = [point(1, 1, { props: { stage: "开工" } }), point(2, 2, { props: {} }), point(3, 3, { n: 9, props: { n_开工: 4, n_签约: 5 } })];
  assert.deepEqual(keepOnly(items, { field: "stage", terms: ["开工"] }).map((i) => i.n ?? 1), [1, 4]);
  assert.deepEqual(keepOnly(items, { field: "stage", terms: ["开工", "签约"] }).map((i) => i.n ?? 1), [1, 9]);
  assert.deepEqual(keepOnly(items, { field: "stage", terms: ["达效"] }), []);
});

test("two days: what is new, what is gone, and by how much a square changed", () => {
  const at = (id: number, wx: number, n?: number): Item => ({ ...point(wx, 1), id, ...(n === undefined ? {} : { n }) });
  const { fresh, gone } = newAndGone([at(1, 1), at(2, 2), at(3, 3)], [at(2, 2), at(4, 4)]);
  assert.deepEqual([[...fresh].map((i) => i.id), gone.map((i) => i.id)], [[1, 3], [4]]);
  const found = changes([at(1, 1, 10), at(2, 9)], [at(1, 1.5, 4), at(5, 9), at(6, 17, 3)], 4);
  assert.deepEqual(found.map((c) => c.n).sort(), [-3, 6]);
});

test("heat keeps the mass away from the edges, and is empty without points", () => {
  const heat = heatGrid([{ x: 200, y: 200, n: 5 }, { x: 420, y: 380, n: 2 }], 600, 600);
  const sum = heat.values.reduce((a, b) => a + b, 0);
  assert.ok(Math.abs(sum - 7) < 1e-3, String(sum));
  const at = (x: number, y: number): number => heat.values[Math.round(y / 4) * heat.width + Math.round(x / 4)];
  assert.ok(at(200, 200) > at(420, 380) && at(420, 380) > at(300, 300));
  assert.equal(heatGrid([], 100, 100).top, 0);
  assert.equal(heatGrid([{ x: -50, y: 5, n: 1 }], 100, 100).top, 0);
});

test("counts are written short", () => {
  assert.deepEqual([5, 1234, 12345, 1234567].map(countText), ["5", "1,234", "1.2万", "123万"]);
});

/** One layer's things: GeoJSON while they are few; tiles once the server says that they are many. */

import { decodeItems } from "./items";
import { Source } from "./source";
import { TileSet } from "./tileset";
import type { Id, Item, OnlyModel, View } from "./types";

const many = new WeakSet<Item[]>();

function decode(layer: string, json: unknown): Item[] {
  if (!(json as { too_many?: number } | null)?.too_many) return decodeItems(layer, json);
  const nothing: Item[] = [];
  many.add(nothing);
  return nothing;
}

export class LayerSource extends Source<Item[]> {
  private template = "";
  private tiles: TileSet;
  private index: { items: Item[]; byId: Map<string, Item> } | null = null;
  private chosen: { items: Item[]; key: string; kept: Item[] } | null = null;

  constructor(
    readonly layer: string,
    title: () => string,
    changed: () => void,
  ) {
    super(title, (json) => decode(layer, json), () => this.took(changed));
    this.tiles = new TileSet(layer, () => {
      this.error = this.tiles.error;
      changed();
    });
  }

  /** Where the tiles are, should the things be many. */
  tiled(template: string | undefined): void {
    this.template = template ?? "";
  }

  private took(changed: () => void): void {
    if (this.isTiled()) this.tiles.use(this.template, this.refreshed);
    else this.tiles.stop();
    changed();
  }

  isTiled(): boolean {
    return this.value !== null && many.has(this.value) && this.template !== "";
  }

  want(view: View): void {
    if (this.isTiled()) this.tiles.want(view);
  }

  /** The things to draw; of cells and records only those that `only` keeps. */
  items(only?: OnlyModel | null): Item[] {
    const all = this.isTiled() ? this.tiles.items() : (this.value ?? []);
    if (!only) return all;
    const key = `${only.field}:${only.terms.join()}`;
    if (this.chosen?.items !== all || this.chosen.key !== key) this.chosen = { items: all, key, kept: keepOnly(all, only) };
    return this.chosen.kept;
  }

  find(id: Id): Item | null {
    const items = this.items();
    if (this.index?.items !== items) {
      const byId = new Map<string, Item>();
      for (const item of items) if (item.n === undefined) byId.set(String(item.id), item);
      this.index = { items, byId };
    }
    return this.index.byId.get(String(id)) ?? null;
  }

  override pending(): boolean {
    return this.isTiled() && this.tiles.pending();
  }

  override retry(): void {
    if (this.isTiled()) {
      this.error = "";
      this.tiles.retry();
    }
    super.retry();
  }

  override stop(): void {
    super.stop();
    this.tiles?.stop();
  }
}

/** Records whose field has one of the terms, and of cells the part that has: n_<term> counts it. */
export function keepOnly(items: Item[], only: OnlyModel): Item[] {
  const terms = new Set(only.terms);
  const kept: Item[] = [];
  for (const item of items) {
    if (item.n === undefined) {
      const value = item.props[only.field];
      if (terms.has(String(value ?? ""))) kept.push(item);
      continue;
    }
    const n = only.terms.reduce((sum, term) => sum + Number(item.props[`n_${term}`] ?? 0), 0);
    if (n > 0) kept.push({ ...item, n });
  }
  return kept;
}

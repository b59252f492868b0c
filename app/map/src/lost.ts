/** Things that are selected but not among the tiles shown, because a cell counts them: their places are asked for. */

import { worldX, worldY } from "./mercator";
import type { Id, Item } from "./types";

const KEEP = 50;

export class Lost {
  private found = new Map<string, Item | null>();

  constructor(private changed: () => void) {}

  /** The thing as a point, or null while its place is not known. */
  find(layer: string, id: Id): Item | null {
    const key = `${layer}/${id}`;
    const known = this.found.get(key);
    if (known !== undefined) return known;
    this.found.set(key, null);
    if (this.found.size > KEEP) this.found.delete(this.found.keys().next().value as string);
    void this.ask(key, layer, id);
    return null;
  }

  private async ask(key: string, layer: string, id: Id): Promise<void> {
    try {
      const answer = await fetch(`/api/v1/card/${layer}/${id}`);
      if (!answer.ok) return;
      const card = (await answer.json()) as { name?: string; lon?: number | null; lat?: number | null; is_demo?: boolean };
      if (typeof card.lon !== "number" || typeof card.lat !== "number") return;
      const [wx, wy] = [worldX(card.lon), worldY(card.lat)];
      this.found.set(key, {
        id,
        layer,
        name: card.name ?? "",
        kind: "point",
        acc: "",
        demo: card.is_demo === true,
        props: {},
        wx,
        wy,
        dx: 0,
        dy: 0,
        rings: [],
        box: [wx, wy, wx, wy],
      });
      this.changed();
    } catch {
      this.found.delete(key);
    }
  }
}

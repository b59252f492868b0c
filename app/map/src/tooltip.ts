/** The tooltip under the pointer. Text only: nothing from the data becomes markup. */

import { figure } from "./scale";
import { text } from "./text";
import type { HoverField, Item, LayerModel } from "./types";

/** A hover field's value for people: 128.0 亿元; lists joined; "" when there is none. */
export function hoverValue(field: HoverField, value: unknown): string {
  if (value === null || value === undefined || value === "") return "";
  if (Array.isArray(value)) return value.map(String).join("、");
  if (typeof value === "number") {
    const shown = figure(value / (field.factor || 1), field.digits ?? (Number.isInteger(value) ? 0 : 1));
    return field.unit ? `${shown} ${field.unit}` : shown;
  }
  return String(value);
}

/** Lines of the tooltip: words joined by dots, figures with their titles. */
export function hoverLines(item: Item, fields: HoverField[]): string[] {
  const words: string[] = [];
  const figures: string[] = [];
  for (const field of fields) {
    const value = item.props[field.id];
    const shown = hoverValue(field, value);
    if (!shown) continue;
    if (typeof value === "number") figures.push(`${field.title} ${shown}`);
    else words.push(shown);
  }
  return [words.join(" · "), figures.join("，")].filter(Boolean);
}

function element(tag: string, className: string, content: string): HTMLElement {
  const e = document.createElement(tag);
  e.className = className;
  e.textContent = content;
  return e;
}

export class Tooltip {
  private div = element("div", "yt-tip", "");
  private shown: unknown = null;

  constructor(private container: HTMLElement) {
    this.div.hidden = true;
    this.div.setAttribute("role", "tooltip");
    container.append(this.div);
  }

  hide(): void {
    this.div.hidden = true;
    this.shown = null;
  }

  item(item: Item, layer: LayerModel, more: number, x: number, y: number): void {
    this.show(`${item.layer}/${item.id}/${more}`, x, y, () => {
      const head = element("div", "yt-tip-head", "");
      head.append(element("b", "", item.name || layer.title));
      if (item.demo) head.append(element("span", "yt-tag-demo", text().demo));
      const lines = hoverLines(item, layer.hover ?? []);
      const accuracy = { township: text().township, county: text().county, none: text().none, sketched: text().sketched }[
        item.acc
      ];
      return [
        head,
        ...lines.map((l, i) => element("div", i === 0 && lines.length > 1 ? "yt-dim" : "", l)),
        ...(accuracy ? [element("div", "yt-dim", accuracy)] : []),
        ...(more > 0 ? [element("div", "yt-dim", text().also(more))] : []),
      ];
    });
  }

  words(key: string, title: string, line: string, x: number, y: number): void {
    this.show(key, x, y, () => [element("b", "", title), ...(line ? [element("div", "", line)] : [])]);
  }

  private show(key: string, x: number, y: number, build: () => HTMLElement[]): void {
    if (this.shown !== key) {
      this.div.replaceChildren(...build());
      this.shown = key;
    }
    this.div.hidden = false;
    const w = this.div.offsetWidth;
    const h = this.div.offsetHeight;
    const { clientWidth, clientHeight } = this.container;
    const left = x + 16 + w > clientWidth - 4 ? x - 12 - w : x + 16;
    const top = y + 16 + h > clientHeight - 4 ? y - 12 - h : y + 16;
    this.div.style.transform = `translate(${Math.max(4, left)}px, ${Math.max(4, top)}px)`;
  }
}

/** `window.yuantu`: attaches to the page's Leaflet map as soon as it is made; `open` makes a map of another page. */

import type * as Leaflet from "leaflet";
import { MapApp, type Answers } from "./app";
import type { Polygon } from "./sketch";
import { watchTheme } from "./theme";
import type { Id, Model } from "./types";

const MAP_ID = "map";
const EVENT_STORE = "map-event";
const SKETCH_STORE = "sketch-geometry";

interface DashClientside {
  set_props(id: string, props: Record<string, unknown>): void;
}

let app: MapApp | null = null;
let model: Model | null = null;

const answers: Answers = {
  event: (event) => setProps(EVENT_STORE, event),
  sketch: (geometry) => setProps(SKETCH_STORE, geometry),
};

function setProps(id: string, data: unknown): void {
  const dash = (window as unknown as { dash_clientside?: DashClientside }).dash_clientside;
  dash?.set_props(id, { data });
}

function attach(map: Leaflet.Map): void {
  app?.remove();
  const made = new MapApp(map, answers);
  app = made;
  map.on("unload", () => {
    made.remove();
    if (app === made) app = null;
  });
  if (model) made.setModel(model);
}

/** Leaflet calls this for each new map; only the page's main map becomes ours. */
function init(this: Leaflet.Map): void {
  // dash-leaflet must be given a centre and a zoom; where the map really opens is `model.view`, else home.
  if (this.getContainer().id !== MAP_ID) return;
  this.whenReady(() => attach(this));
}

/** What a page may do with a map. */
function handles(get: () => MapApp | null) {
  return {
    refresh: (): void => get()?.refresh(),
    /** Whether everything asked for is here, or has failed. */
    settled: (): boolean => get()?.settled() ?? false,
    flyTo: (to: Parameters<MapApp["flyTo"]>[0]): void => get()?.flyTo(to),
    select: (layer: string | null, id?: Id): void => get()?.select(layer, id),
    highlight: (layer: string | null, id?: Id): void => get()?.highlight(layer, id),
    home: (): void => get()?.home(),
    invalidate: (): void => get()?.invalidate(),
    state: (): Record<string, unknown> | null => get()?.state() ?? null,
    pixelOf: (layer: string, id: Id): { x: number; y: number } | null => get()?.pixelOf(layer, id) ?? null,
    draw: (kind: Parameters<MapApp["draw"]>[0], answer: (shape: string | null) => void): void => get()?.draw(kind, answer),
    sketch: {
      start: (options?: { geometry?: Polygon | null }): void => get()?.sketch.start(options),
      cancel: (): void => {
        if (get()?.sketch.active) get()?.sketch.cancel();
      },
    },
  };
}

/** Make a map of its own in an element; what happens on it goes to `heard`. */
function open(element: HTMLElement, heard: Answers) {
  const map = L.map(element, { zoomControl: false, attributionControl: false, zoomSnap: 0.25, keyboard: true });
  map.setView([33.53, 120.2], 8, { animate: false });
  const made = new MapApp(map, heard);
  return { ...handles(() => made), setModel: (next: Model): void => made.setModel(next) };
}

const api = {
  ...handles(() => app),
  open,
  setModel(next: Model): void {
    model = next;
    app?.setModel(next);
  },
};

(window as unknown as { yuantu: typeof api }).yuantu = api;

function hook(): void {
  L.Map.addInitHook(init as unknown as () => void);
  watchTheme();
}

if ((window as unknown as { L?: unknown }).L) hook();
else window.addEventListener("DOMContentLoaded", hook, { once: true });

/** The contract with the page: what `setModel` takes and what events carry. */

export type Id = number | string;
export type SymbolKind = "circle" | "square" | "dot" | "icon" | "polygon" | "line" | "hatch" | "rank";
export type Lang = "zh" | "en";

/** `Style` of layers/spec.py as JSON, with the colours and icons of its vocabulary spelled out. */
export interface Style {
  symbol: SymbolKind;
  color: string;
  color_by?: string;
  size_by?: string;
  size_range?: [number, number];
  size_at?: number[];
  line_by?: string;
  pips?: string[];
  ring_by?: string;
  icons?: Record<string, string>;
  icon_by?: string;
  label_from_zoom?: number;
  from_zoom?: number;
  /** value of `color_by` → name of a theme token */
  colors?: Record<string, string>;
  terms?: string[];
  /** field → its terms from the lowest level to the highest (pips, line weight) */
  levels?: Record<string, string[]>;
}

/** A field of the tooltip. Shown value = stored value ÷ `factor`, e.g. 元 ÷ 1e8 = 亿元. */
export interface HoverField {
  id: string;
  title: string;
  unit?: string;
  factor?: number;
  digits?: number;
}

export interface LayerModel {
  id: string;
  title: string;
  visible: boolean;
  opacity: number;
  /** address of the layer's GeoJSON; with `data` only a name of what it holds */
  url: string;
  /** the GeoJSON itself, where the page has it already */
  data?: unknown;
  style: Style;
  hover?: HoverField[];
  dim?: Id[] | null;
  /** address of vector tiles with {z}, {x}, {y}, used once the GeoJSON says that there are too many */
  tiles?: string;
  /** show only things with these terms of a field that is here already: nothing is fetched for it */
  only?: OnlyModel | null;
  /** where the things of an earlier day are: the map shows what is new since and what is gone */
  before?: { url: string; tiles?: string } | null;
  /** as a heat map */
  heat?: boolean;
}

export interface OnlyModel {
  field: string;
  terms: string[];
}

export interface ChoroplethModel {
  url: string;
  title: string;
  unit?: string;
  opacity: number;
  classes: Record<string, number | null>;
  colors: string[];
  values: Record<string, string>;
  selected?: string[];
}

/** A picture laid over the ground: its corners are south, west and north, east. */
export interface PictureModel {
  url: string;
  bounds: [[number, number], [number, number]];
  opacity: number;
}

/** A line in degrees; dashed where it is no way on the ground. */
export interface LineModel {
  coordinates: [number, number][];
  color: string;
  dashed?: boolean;
}

export interface OutlineModel {
  geometry: unknown;
  color: string;
  dashed?: boolean;
  /** a light tint inside */
  fill?: boolean;
}

export interface Overlays {
  pins?: Record<string, { shape: string; color: string }>;
  picture?: PictureModel | null;
  lines?: LineModel[];
  outlines?: OutlineModel[];
}

export interface Model {
  theme?: string;
  lang?: Lang;
  layers: LayerModel[];
  choropleth?: ChoroplethModel | null;
  overlays?: Overlays;
  selected?: { layer: string; id: Id } | null;
  basemap?: { url: string; tiles?: { url: string; attribution?: string } | null };
  attribution?: string;
  /** where the map opens; later changes go through `flyTo` */
  view?: { lon: number; lat: number; zoom: number } | null;
}

export interface MapEvent {
  kind: "click" | "area" | "context" | "background" | "view";
  n: number;
  layer?: string;
  id?: Id;
  name?: string;
  others?: { layer: string; id: Id; name: string }[];
  code?: string | null;
  lon?: number;
  lat?: number;
  zoom: number;
  bounds?: [number, number, number, number];
  /** how much circles shrink at this zoom: the legend multiplies its radii by it */
  symbol_scale?: number;
}

/** An axis-parallel box in CSS pixels. */
export interface Box {
  x: number;
  y: number;
  w: number;
  h: number;
}

/** What a canvas shows: world pixels at `zoom` minus (x0, y0) are its own CSS pixels. */
export interface View {
  zoom: number;
  scale: number;
  x0: number;
  y0: number;
  w: number;
  h: number;
  dpr: number;
  /** the visible part, in the canvas' CSS pixels */
  seen: Box;
}

/** One thing on the map, in world coordinates (web Mercator pixels at zoom 0). */
export interface Item {
  id: Id;
  layer: string;
  name: string;
  kind: "point" | "line" | "polygon";
  acc: string;
  demo: boolean;
  props: Record<string, unknown>;
  wx: number;
  wy: number;
  /** display offset in CSS pixels, for display positions that coincide */
  dx: number;
  dy: number;
  rings: Float64Array[];
  box: [number, number, number, number];
  /** how many records a cell of a tile stands for */
  n?: number;
  /** the world box of its tile, outside which a piece of a shape is not drawn */
  clip?: [number, number, number, number];
}

/** What was drawn for an item, in canvas CSS pixels: for hit tests and labels. */
export interface Shape {
  item: Item | null;
  x: number;
  y: number;
  r: number;
  /** a cell of many points, instead of one item */
  cell?: { n: number; layer: string; terms: Map<string, number> };
  /** shown as a mere dot because its place was crowded */
  thin?: boolean;
}

/** Whether a point is only a place to show the record, not where it is. */
export function isDisplayPosition(item: Item): boolean {
  return item.kind === "point" && (item.acc === "township" || item.acc === "county" || item.acc === "none");
}

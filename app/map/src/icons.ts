/** Pictograms on a 14 × 14 grid, as SVG path data to stroke. */

const ICONS: Record<string, string> = {
  quay: "M8.4 3.2a1.4 1.4 0 1 1-2.8 0a1.4 1.4 0 1 1 2.8 0M7 4.6V12M4.5 6.5h5M2.5 8.5c.4 2.2 2.2 3.5 4.5 3.5s4.1-1.3 4.5-3.5",
  plane: "M7 1.8v10.4M7 5.5 2 8.3M7 5.5l5 2.8M5 12l2-1.2L9 12",
  station: "M4 2h6a1 1 0 0 1 1 1v6.2a1 1 0 0 1-1 1H4a1 1 0 0 1-1-1V3a1 1 0 0 1 1-1zM3 6.5h8M4.5 10.2 3 12.5M9.5 10.2 11 12.5M5 8.4h.01M9 8.4h.01",
  exit: "M4 12.5 5.2 1.8M10 12.5 8.8 1.8M7 2.5v1.8M7 6.2v1.8M7 9.9v2",
  plant: "M2.5 12V6.5L6 8.5V6.5l3.5 2V3h2v9z",
  turbine: "M7 6.2V12.8M7 5.5 7.3 1.2M7 5.5 10.7 7.7M7 5.5 3.3 7.7M5.5 12.8h3",
  solar: "M2 11 4 4.5h6L12 11zM3 7.6h8M7 4.5V11M7 2.8V1.5M3.6 3.2 2.8 2.2M10.4 3.2 11.2 2.2",
  lng: "M3 12V6.5a4 3.5 0 0 1 8 0V12zM3 9h8",
  substation: "M7.6 1.8 4 7.6h2.8L6.2 12.2 10 6.2H7.2z",
  storage: "M2.5 4h8v6.5h-8zM10.5 6h1.3v2.5h-1.3M4.5 7.2h4M6.5 5.3v3.9",
  gas: "M7 1.8c.6 2.2 3.6 3.5 3.6 6.6A3.6 3.6 0 0 1 3.4 8.4c0-1.7 1-2.7 1.9-3.5.2 1 .6 1.5 1.1 1.8C6.7 5 6.4 3.4 7 1.8z",
  biomass: "M3 12C3 6 6 2.8 11.5 2.5 11.5 8 8.5 10.8 4.2 10.2M3 12 8 6.2",
  nuclear: "M7 7 7 7M7 4.5a2.5 2.5 0 0 1 0 5 2.5 2.5 0 0 1 0-5M1.8 7c0-1.7 2.3-3 5.2-3s5.2 1.3 5.2 3-2.3 3-5.2 3-5.2-1.3-5.2-3",
  water: "M7 1.8C8.5 4 10.5 6 10.5 8.5a3.5 3.5 0 0 1-7 0C3.5 6 5.5 4 7 1.8z",
  heat: "M4 2c1.5 1.8-1 3 0 5M7 2c1.5 1.8-1 3 0 5M10 2c1.5 1.8-1 3 0 5M2.5 9.5h9M3.5 12h7",
  lab: "M5.5 1.8h3M6 1.8V5.5L2.8 11a1 1 0 0 0 .9 1.5h6.6a1 1 0 0 0 .9-1.5L8 5.5V1.8M4.3 9h5.4",
  chip: "M4 4h6v6H4zM5.5 4V2M8.5 4V2M5.5 12v-2M8.5 12v-2M4 5.5H2M4 8.5H2M12 5.5h-2M12 8.5h-2",
  people: "M5 6.2a1.9 1.9 0 1 0 0-3.8 1.9 1.9 0 0 0 0 3.8M1.8 11.5c0-2 1.4-3.3 3.2-3.3s3.2 1.3 3.2 3.3M9.2 2.7a1.8 1.8 0 0 1 0 3.3M9.8 8.3c1.5.2 2.5 1.4 2.5 3.2",
  building: "M3 12.2V2.5h5v9.7M8 6h3v6.2M1.8 12.2h10.4M4.7 4.7h1.6M4.7 7h1.6M4.7 9.3h1.6",
  factory: "M2 12V5.5l3.3 2V5.5l3.3 2V2.5H11V12z",
  flag: "M3.5 12.5V2M3.5 2.5h7L9 5l1.5 2.5h-7",
  star: "M7 1.8 8.6 5.3l3.7.4-2.8 2.5.8 3.7L7 10l-3.3 1.9.8-3.7L1.7 5.7l3.7-.4z",
  warehouse: "M2 12.2V5.5L7 2.5l5 3v6.7M4.5 12.2V7.5h5v4.7M4.5 9.8h5",
  channel: "M1.8 4.5c1.3-1.2 2.6-1.2 3.9 0s2.6 1.2 3.9 0 1.8-1 2.6-.6M1.8 8c1.3-1.2 2.6-1.2 3.9 0s2.6 1.2 3.9 0 1.8-1 2.6-.6M1.8 11.5c1.3-1.2 2.6-1.2 3.9 0s2.6 1.2 3.9 0 1.8-1 2.6-.6",
  square: "M3.5 3.5h7v7h-7z",
  dot: "M9 7a2 2 0 1 1-4 0a2 2 0 1 1 4 0",
};

const ALIASES: Record<string, string> = {
  port: "quay",
  anchor: "quay",
  airport: "plane",
  rail: "station",
  train: "station",
  railway: "station",
  expressway: "exit",
  road: "exit",
  power: "plant",
  coal: "plant",
  thermal: "plant",
  wind: "turbine",
  photovoltaic: "solar",
  pv: "solar",
  sun: "solar",
  tank: "lng",
  grid: "substation",
  bolt: "substation",
  battery: "storage",
  leaf: "biomass",
  hydro: "water",
  sewage: "water",
  steam: "heat",
  flask: "lab",
  computing: "chip",
  server: "chip",
  community: "people",
};

const ready = new Map<string, Path2D>();

/** The path of a pictogram by name; an unknown name gets a dot. */
export function iconPath(name: string): Path2D {
  const key = ICONS[name] ? name : (ALIASES[name] ?? "dot");
  let path = ready.get(key);
  if (!path) {
    path = new Path2D(ICONS[key]);
    ready.set(key, path);
  }
  return path;
}

/** Names a catalogue may use. */
export const ICON_NAMES: readonly string[] = [...Object.keys(ICONS), ...Object.keys(ALIASES)];

/** Every sentence the map itself says, in both languages. */

import type { Lang } from "./types";

const zh = {
  map: "地图：方向键平移，加减号缩放，回车选中最近的要素，Esc 取消选择",
  zoomIn: "放大",
  zoomOut: "缩小",
  home: "回到全市",
  fullscreen: "全屏",
  measure: "量距与面积",
  demo: "演示",
  also: (n: number) => `此处还有 ${n} 个`,
  cell: (n: number, title: string) => `${title} ${n.toLocaleString("en-US")} 个，点击放大`,
  township: "位置精确到镇",
  county: "位置精确到县",
  none: "没有位置，示意点",
  sketched: "示意范围",
  noData: "无数据",
  failed: (what: string) => `${what}没有取到，图面保留原来的内容`,
  retry: "重试",
  tiles: "底图暂不可用，已改用内置底图",
  base: "底图",
  attribution: "道路 © OpenStreetMap · 内部使用",
  measureHint: "单击加点，双击结束，退格撤回，Esc 取消",
  measureNote: "CGCS2000 椭球面",
  length: "长度",
  area: "面积",
  mu: "亩",
  close: "关闭",
  sketchHint: "单击加点，拖动顶点修改，右击顶点删除，双击结束",
  undo: "撤销",
  done: "完成",
  cancel: "取消",
  draw: {
    poly: "单击加点，双击或回车结束，退格撤回，Esc 取消",
    box: "单击一角，再单击对角",
    circle: "单击圆心，再单击圆上一点",
    line: "单击加点，双击或回车结束，得到沿线范围",
    point: "单击一个位置，查离它最近的对象",
  },
  tooShort: "还没有画完，请再单击一处",
  crossing: "边界自相交，请移动顶点后再完成",
  tooFew: "至少需要三个顶点",
  coordinates: "经纬度 CGCS2000；东、北坐标 EPSG:4549（中央经线 120°，米）",
  east: "东",
  north: "北",
};

const en: typeof zh = {
  map: "Map: arrow keys pan, plus and minus zoom, Enter selects the nearest thing, Esc clears",
  zoomIn: "Zoom in",
  zoomOut: "Zoom out",
  home: "Whole city",
  fullscreen: "Full screen",
  measure: "Measure length and area",
  demo: "Demo",
  also: (n) => `${n} more here`,
  cell: (n, title) => `${title}: ${n}, click to zoom in`,
  township: "Located by township",
  county: "Located by county",
  none: "No location, shown for reference",
  sketched: "Sketched extent",
  noData: "No data",
  failed: (what) => `${what} could not be fetched; the picture is the one from before`,
  retry: "Retry",
  tiles: "The base map is unavailable; the built-in one is shown",
  base: "Base map",
  attribution: "Roads © OpenStreetMap · internal use",
  measureHint: "Click to add, double-click to end, Backspace takes back, Esc cancels",
  measureNote: "on the CGCS2000 ellipsoid",
  length: "Length",
  area: "Area",
  mu: "mu",
  close: "Close",
  sketchHint: "Click to add, drag to move, right-click a vertex to delete, double-click to end",
  undo: "Undo",
  done: "Done",
  cancel: "Cancel",
  draw: {
    poly: "Click to add, double-click or Enter to end, Backspace takes back, Esc cancels",
    box: "Click one corner, then the opposite one",
    circle: "Click the centre, then a point on the circle",
    line: "Click to add, double-click or Enter to end: a strip along the line",
    point: "Click a place to find what is nearest",
  },
  tooShort: "Not whole yet: click once more",
  crossing: "The outline crosses itself: move a vertex first",
  tooFew: "At least three vertices are needed",
  coordinates: "CGCS2000 degrees; easting and northing in EPSG:4549 (central meridian 120°, metres)",
  east: "E",
  north: "N",
};

let lang: Lang = "zh";

export function setLang(value: Lang | undefined): boolean {
  const next = value ?? "zh";
  const changed = next !== lang;
  lang = next;
  return changed;
}

/** The texts of the current language. */
export function text(): typeof zh {
  return lang === "en" ? en : zh;
}

/** The list separator of the current language. */
export function joined(parts: string[]): string {
  return parts.join(lang === "en" ? ", " : "、");
}

/* The table: how its cells look, its theme, and its link with the map both ways. */
(function () {
  "use strict";
  const f = (window.dashAgGridFunctions = window.dashAgGridFunctions || {});
  const yt = window.yt;
  if (!yt) return;
  const GRID = "grid";

  f.ytNumber = function (value, factor, digits, grouped) {
    if (value === null || value === undefined || value === "") return "—";
    const shown = value / factor;
    const small = digits && shown !== 0 && Math.abs(shown) < Math.pow(10, -digits);
    const d = small ? Math.min(6, 1 - Math.floor(Math.log10(Math.abs(shown)))) : digits;
    return shown.toLocaleString("en-US", { minimumFractionDigits: d, maximumFractionDigits: d, useGrouping: grouped !== 0 });
  };
  f.ytYesNo = (value) => (value === null || value === undefined ? "—" : value ? yt.say("yes") : yt.say("no"));
  f.ytList = (value) => (value && value.length ? value.join(yt.say("comma")) : "—");
  f.ytTheme = (theme) =>
    theme.withParams({
      accentColor: "var(--sea)", backgroundColor: "var(--surface)", foregroundColor: "var(--ink)", borderColor: "var(--line)",
      chromeBackgroundColor: "var(--surface)", headerBackgroundColor: "var(--surface)", headerTextColor: "var(--ink-3)",
      headerFontWeight: 400, headerFontSize: 12, fontFamily: "var(--font)", fontSize: 13, cellTextColor: "var(--ink)",
      rowHoverColor: "var(--surface-2)", selectedRowBackgroundColor: "var(--sea-s)", rowBorder: { color: "var(--line)" },
      wrapperBorder: false, wrapperBorderRadius: 0, borderRadius: 3, spacing: 4, cellHorizontalPadding: 8, oddRowBackgroundColor: "var(--surface)",
      headerColumnResizeHandleColor: "var(--line)", columnBorder: false, headerColumnBorder: false, menuBackgroundColor: "var(--surface)",
      browserColorScheme: "inherit",
    });

  // A cell's mark is a class and a colour, not an element of its own: a table of them is drawn at once.
  f.ytNameClass = (data) => (data && data.is_demo ? ["nm", "demo"] : ["nm"]);
  f.ytTermClass = (value) => (value ? "term" : "dim");
  f.ytTermStyle = (value, colors) => (colors[value] ? { "--c": `var(--${colors[value]})` } : {});
  document.documentElement.style.setProperty("--word-demo", JSON.stringify(yt.say("demo")));
  f.ytText = (value) => value || "—";

  const layer = () => {
    const p = new URLSearchParams(location.search);
    return p.get("tab") || p.get("layer") || yt.config.first;
  };
  f.ytRowClicked = function (params) {
    if (params.data) yt.act([["set", "sel", `${layer()}:${params.data.rid}`]]);
  };
  f.ytRowKey = function (params) {
    if (params.event && params.event.key === "Enter") f.ytRowClicked(params);
  };
  f.ytRowOver = function (params) {
    if (window.yuantu && params.data) window.yuantu.highlight(layer(), Number(params.data.rid));
  };
  f.ytRowsUpdated = function () {
    yt.markRow(true);
  };
  f.ytRowOut = function () {
    if (window.yuantu) window.yuantu.highlight(null);
  };

  /** The selected thing's row: marked and scrolled to. */
  let last = "";
  yt.markRow = function (again) {
    const sel = new URLSearchParams(location.search).get("sel") || "";
    if (sel === last && !again) return;
    last = sel;
    const grid = window.dash_ag_grid;
    if (!grid) return;
    Promise.resolve(grid.getApiAsync(GRID)).then((api) => {
      if (!api) return;
      const [of, id] = sel.split(":");
      const node = of === layer() ? api.getRowNode(id) : null;
      api.deselectAll();
      if (!node) return;
      node.setSelected(true);
      api.ensureNodeVisible(node, null);
    });
  };

  /** Which columns are shown, as a list of ticks. */
  document.addEventListener("toggle", (e) => {
    const box = e.target.querySelector && e.target.querySelector("[data-columns]");
    if (!box || !e.target.open) return;
    Promise.resolve(window.dash_ag_grid.getApiAsync(GRID)).then((api) => {
      box.replaceChildren(
        ...api.getColumns().map((col) => {
          const label = document.createElement("label");
          const tick = Object.assign(document.createElement("input"), { type: "checkbox", checked: col.isVisible() });
          tick.onchange = () => api.setColumnsVisible([col], tick.checked);
          label.append(tick, col.getColDef().headerName);
          return label;
        }),
      );
    });
  }, true);
})();

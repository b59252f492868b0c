/* The steward's grids and forms: cells corrected in place, pairs judged, one record corrected; each is one POST. */
(function () {
  "use strict";
  const yt = window.yt;
  if (!yt) return;
  const page = () => document.getElementById("page-data");
  const value = (id) => (document.getElementById(id) ? document.getElementById(id).value.trim() : "");
  const who = () => {
    try {
      return value("edit-who") || localStorage.getItem("yt-publish-who") || "";
    } catch (_) {
      return "";
    }
  };

  async function post(button, path, body, then) {
    button.disabled = true;
    yt.busy(yt.say("saving"));
    try {
      const answer = await fetch(path, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify({ who: who(), ...body }) });
      const said = await answer.json().catch(() => ({}));
      if (!answer.ok) throw new Error(said.detail || said.title || yt.say("not_done"));
      if (then) then();
      if (said.done) yt.outage({ kind: "done", text: said.done, cure: "" });
      if (said.go) yt.go(said.go);
      yt.sync(true);
    } catch (error) {
      yt.rest();
      yt.outage({ kind: "input", text: error.message === "Failed to fetch" ? yt.say("server_away") : error.message, cure: "" });
    } finally {
      button.disabled = false;
    }
  }

  // ── corrected cells, by the run that held their rows: kept while one pages, filters or reloads ──────────
  const KEY = "yt-cells:";
  const memory = {};
  function edits(run) {
    if (!memory[run])
      try {
        memory[run] = JSON.parse(sessionStorage.getItem(KEY + run) || "{}");
      } catch (_) {
        memory[run] = {};
      }
    return memory[run];
  }
  function keep(run) {
    try {
      if (Object.keys(edits(run)).length) sessionStorage.setItem(KEY + run, JSON.stringify(edits(run)));
      else sessionStorage.removeItem(KEY + run);
    } catch (_) {
      /* what does not fit there is still in memory */
    }
    tally(run);
  }
  function tally(run) {
    const rows = Object.values(edits(run));
    const cells = rows.reduce((n, row) => n + Object.keys(row).length, 0);
    for (const one of page().querySelectorAll("[data-cells-count],[data-cells],[data-cells-drop]")) {
      const d = one.dataset;
      if ((d.cellsCount || d.cells || d.cellsDrop) !== run) continue;
      if (d.cellsCount) {
        const said = cells ? yt.say("edits", { rows: rows.length, cells }) : "";
        if (one.textContent !== said) one.textContent = said;
      } else one.disabled = !cells;
    }
  }
  const runOf = (cell) => cell.closest("[data-cells-of]").dataset.cellsOf;
  function mark(cell) {
    const run = runOf(cell);
    const { ticket, header, was } = cell.dataset;
    const text = cell.textContent.trim();
    const rows = edits(run);
    const changed = text !== was.trim();
    cell.classList.toggle("edited", changed);
    if (changed) (rows[ticket] = rows[ticket] || {})[header] = text;
    else if (rows[ticket]) {
      delete rows[ticket][header];
      if (!Object.keys(rows[ticket]).length) delete rows[ticket];
    }
    keep(run);
  }
  function forget(run) {
    memory[run] = {};
    if (!page()) return;
    keep(run);
    for (const cell of page().querySelectorAll("td.edited"))
      if (runOf(cell) === run) {
        cell.textContent = cell.dataset.was;
        cell.classList.remove("edited");
      }
  }
  document.addEventListener("click", (e) => {
    const hit = e.target.closest("#page-data [data-act],#page-data [data-cells],#page-data [data-cells-drop],#page-data [data-picked],#page-data [data-save]");
    if (!hit || hit.disabled) return;
    const d = hit.dataset;
    if (d.act) post(hit, d.act, { ...JSON.parse(d.json || "{}"), reason: d.reason ? value(d.reason + "-reason") : "" });
    else if (d.picked) {
      const keys = picked().map((x) => JSON.parse(x.parentElement.dataset.tick));
      const pairs = d.how === "right" ? keys.map(([a, b]) => [b, a]) : keys;
      if (pairs.length) post(hit, d.picked, { pairs, decision: d.how === "apart" ? "apart" : "merge", reason: value("pair-reason") });
      else yt.outage({ kind: "input", text: yt.say("pick_first"), cure: "" });
    } else if (d.cellsDrop) forget(d.cellsDrop);
    else if (d.cells) post(hit, d.cells, { cells: edits(d.cells) }, () => forget(d.cells));
    else {
      const changes = {};
      for (const one of page().querySelectorAll("[data-edit]")) {
        const input = one.matches("select") ? one : one.firstChild;
        const was = one.matches("select") ? one.dataset.was : one.dataset.text;
        if (input && input.value.trim() !== (was || "").trim()) changes[one.dataset.edit] = input.value.trim();
      }
      const how = page().querySelector("select[data-edit=place_how]");
      if (changes.place !== undefined && how) changes.place_how = how.value;
      post(hit, d.save, { changes, reason: value("edit-reason"), since: value("edit-since") });
    }
  });

  // ── picked pairs ─────────────────────────────────────────────────────────────────────────────
  const ticks = () => [...page().querySelectorAll("[data-tick] input")];
  const picked = () => ticks().filter((x) => x.checked && x.parentElement.dataset.tick);
  function picks() {
    const all = ticks().filter((x) => x.parentElement.dataset.tick);
    const n = picked().length;
    for (const x of ticks())
      if (!x.parentElement.dataset.tick) {
        x.checked = n > 0 && n === all.length;
        x.indeterminate = n > 0 && n < all.length;
      } else x.closest("tr").classList.toggle("selr", x.checked);
    for (const b of page().querySelectorAll("[data-picked]")) b.disabled = !n;
    const count = page().querySelector("[data-picked-count]");
    const said = n ? yt.say("picked", { n }) : "";
    if (count && count.textContent !== said) count.textContent = said;
  }
  document.addEventListener("change", (e) => {
    const place = e.target.parentElement;
    if (place && place.matches("#page-data [data-tick]")) {
      if (!place.dataset.tick) for (const x of ticks()) x.checked = e.target.checked;
      picks();
    }
    if (e.target.matches("#page-data select[data-edit]")) e.target.dataset.value = e.target.value;
  });

  // ── cells of the quarantine ──────────────────────────────────────────────────────────────────
  document.addEventListener("input", (e) => {
    const cell = e.target.closest && e.target.closest("#page-data td[data-ticket]");
    if (cell) mark(cell);
  });
  document.addEventListener("keydown", (e) => {
    const cell = e.target.closest && e.target.closest("#page-data td[data-ticket]");
    if (!cell) return;
    if (e.key === "Escape") {
      cell.textContent = cell.dataset.was;
      mark(cell);
      cell.blur();
      e.stopPropagation();
    } else if (e.key === "Enter") {
      e.preventDefault();
      const row = cell.parentElement.nextElementSibling;
      const next = row && row.children[cell.cellIndex];
      if (next && next.dataset.ticket) next.focus();
      else cell.blur();
    }
  });

  function draw() {
    const here = page();
    if (!here) return;
    for (const cell of here.querySelectorAll("td[data-ticket]:not([contenteditable])")) {
      const own = (edits(runOf(cell))[cell.dataset.ticket] || {})[cell.dataset.header];
      if (own !== undefined) {
        cell.textContent = own;
        cell.classList.add("edited");
      }
      cell.setAttribute("contenteditable", "plaintext-only");
      cell.setAttribute("aria-label", cell.dataset.header);
      cell.spellcheck = false;
    }
    for (const run of new Set([...here.querySelectorAll("[data-cells-of]")].map((x) => x.dataset.cellsOf))) tally(run);
    for (const place of here.querySelectorAll("[data-tick]")) {
      let input = place.firstChild;
      if (!input) {
        input = Object.assign(document.createElement("input"), { type: "checkbox" });
        place.append(input);
      }
      if (input.was !== place.dataset.tick) {
        input.was = place.dataset.tick;
        input.checked = false; // another pair stands here now
        input.setAttribute("aria-label", place.dataset.label);
      }
    }
    if (here.querySelector("[data-picked]")) picks();
    for (const place of here.querySelectorAll("[data-find]")) {
      let input = place.firstChild;
      if (!input) {
        input = Object.assign(document.createElement("input"), { type: "search", placeholder: place.dataset.label, autocomplete: "off", maxLength: 100 });
        input.setAttribute("aria-label", place.dataset.label);
        input.addEventListener("change", () => yt.act([["set", place.dataset.find, input.value.trim()], ["set", "from", ""]]));
        place.append(input);
      }
      if (document.activeElement !== input && input.was !== place.dataset.text) input.value = input.was = place.dataset.text;
    }
    for (const place of here.querySelectorAll("span[data-edit]")) {
      if (place.firstChild) continue;
      const input = Object.assign(document.createElement("input"), { type: "text", value: place.dataset.text, placeholder: place.dataset.hint || "", autocomplete: "off" });
      input.setAttribute("aria-label", place.dataset.label);
      place.append(input);
    }
  }
  document.addEventListener("yt:answer", draw); // a page of the grid may differ in texts alone
  new MutationObserver(draw).observe(document.body, { childList: true, subtree: true });
  draw();
})();

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

  async function post(button, path, body) {
    button.disabled = true;
    try {
      const answer = await fetch(path, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify({ who: who(), ...body }) });
      const said = await answer.json().catch(() => ({}));
      if (!answer.ok) throw new Error(said.detail || said.title || yt.say("not_done"));
      if (said.done) yt.outage({ kind: "done", text: said.done, cure: "" });
      if (said.go) yt.go(said.go);
      yt.sync(true);
    } catch (error) {
      yt.outage({ kind: "input", text: error.message === "Failed to fetch" ? yt.say("server_away") : error.message, cure: "" });
    } finally {
      button.disabled = false;
    }
  }

  function edited() {
    const cells = {};
    for (const cell of page().querySelectorAll("td.edited")) (cells[cell.dataset.ticket] = cells[cell.dataset.ticket] || {})[cell.dataset.header] = cell.textContent.trim();
    return cells;
  }
  document.addEventListener("click", (e) => {
    const hit = e.target.closest("#page-data [data-act],#page-data [data-cells],#page-data [data-save]");
    if (!hit || hit.disabled) return;
    const d = hit.dataset;
    if (d.act) post(hit, d.act, { ...JSON.parse(d.json || "{}"), reason: d.reason ? value(d.reason + "-reason") : "" });
    else if (d.cells) post(hit, d.cells, { cells: edited() });
    else {
      const changes = {};
      for (const one of page().querySelectorAll("[data-edit]")) {
        const input = one.matches("select") ? one : one.firstChild;
        const was = one.matches("select") ? one.dataset.was : one.dataset.text;
        if (input && input.value.trim() !== (was || "").trim()) changes[one.dataset.edit] = input.value.trim();
      }
      post(hit, d.save, { changes, reason: value("edit-reason"), since: value("edit-since") });
    }
  });

  document.addEventListener("change", (e) => {
    if (e.target.matches("#page-data select[data-edit]")) e.target.dataset.value = e.target.value;
  });

  // ── cells of the quarantine ──────────────────────────────────────────────────────────────────
  const mark = (cell) => cell.classList.toggle("edited", cell.textContent.trim() !== cell.dataset.was.trim());
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
      cell.setAttribute("contenteditable", "plaintext-only");
      cell.setAttribute("aria-label", cell.dataset.header);
      cell.spellcheck = false;
    }
    for (const place of here.querySelectorAll("span[data-edit]")) {
      if (place.firstChild) continue;
      const input = Object.assign(document.createElement("input"), { type: "text", value: place.dataset.text, placeholder: place.dataset.hint || "", autocomplete: "off" });
      input.setAttribute("aria-label", place.dataset.label);
      place.append(input);
    }
  }
  new MutationObserver(draw).observe(document.body, { childList: true, subtree: true });
  draw();
})();

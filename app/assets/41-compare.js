/* The page of comparison: what is pointed at lights up on the map, in the bars, the lines, the sentences and the
   table together; days are chosen in boxes that keep what a person is typing. */
(function () {
  "use strict";
  const yt = window.yt;
  if (!yt) return;
  const page = () => document.getElementById("page-compare");
  let hot = "";
  function light(code) {
    if (code === hot || !page()) return;
    hot = code;
    for (const x of page().querySelectorAll(".hot")) if (x.dataset.area !== code) x.classList.remove("hot");
    if (code) for (const x of page().querySelectorAll(`[data-area="${CSS.escape(code)}"]`)) x.classList.add("hot");
  }
  const codeAt = (node) => {
    const box = page();
    const hit = box && box.contains(node) && node.closest("[data-area]");
    return hit ? hit.dataset.area : "";
  };
  document.addEventListener("mouseover", (e) => light(codeAt(e.target)), { passive: true });
  document.addEventListener("focusin", (e) => light(codeAt(e.target)));

  document.addEventListener("keydown", (e) => {
    if (document.documentElement.dataset.page !== "compare" || e.key !== "Escape" || e.ctrlKey || e.metaKey) return;
    const open = page().querySelector("details.drop[open]");
    if (open) {
      open.open = false;
      open.querySelector("summary").focus();
    } else if (new URLSearchParams(location.search).has("rows")) yt.act([["set", "rows", ""]]);
    else return;
    e.preventDefault();
  });

  // ── days ─────────────────────────────────────────────────────────────────────────────────────
  function fill(box) {
    let input = box.querySelector("input");
    if (!input) {
      input = Object.assign(document.createElement("input"), { type: "text", inputMode: "numeric", maxLength: 11, placeholder: "whole" in box.dataset ? "" : "2026-06-30" });
      input.setAttribute("aria-label", box.dataset.title);
      input.addEventListener("change", () => {
        if ("whole" in box.dataset) {
          const days = input.value.normalize("NFKC").trim();
          if (!days || /^\d{1,5}$/.test(days)) yt.act([["set", box.dataset.day, days && String(+days)]]);
          else input.value = box.dataset.value;
          return;
        }
        const given = input.value.trim().replace(/\D+/g, "-").replace(/-$/, "");
        const found = /^(\d{4})-?(\d{1,2})-?(\d{1,2})$/.exec(given);
        const date = found && new Date(Date.UTC(+found[1], found[2] - 1, +found[3]));
        if (!given) yt.act([["set", box.dataset.day, ""]]);
        else if (date && date.getUTCMonth() === found[2] - 1) yt.act([["set", box.dataset.day, date.toISOString().slice(0, 10)]]);
        else input.value = box.dataset.value;
      });
      input.addEventListener("keydown", (e) => e.key === "Enter" && input.blur());
      box.append(input);
    }
    if (document.activeElement !== input) input.value = box.dataset.value;
  }
  const upgrade = yt.upgrade;
  yt.upgrade = function (root) {
    if (upgrade) upgrade(root);
    for (const box of document.querySelectorAll("[data-day]")) fill(box);
    const at = document.getElementById("compare-rows");
    const key = new URLSearchParams(location.search).get("rows");
    if (at && key && key !== seen) at.scrollIntoView({ block: "nearest" });
    seen = key;
  };
  let seen = new URLSearchParams(location.search).get("rows");
})();

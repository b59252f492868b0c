/* The page of targets: which part of it depends on which parameters, pictures and forms drawn from what the server
   describes, the day's box, the keys. */
(function () {
  "use strict";
  const yt = window.yt;
  if (!yt) return;
  const root = document.documentElement;
  const params = () => new URLSearchParams(location.search);
  const here = () => root.dataset.page === "targets";
  const make = yt.make;

  // ── the address, part by part ────────────────────────────────────────────────────────────────
  const DAY = ["as_of", "known_at", "tdemo", "again"];
  const parts = [
    [...DAY, "task", "dept", "status", "basis", "open", "print"],
    [...DAY, "t", "axis"],
    [...DAY, "t", "rows", "of", "page", "axis"],
  ];
  const sent = [];
  yt.targetParts = function (address) {
    const given = new URLSearchParams(address.split("?").slice(1).join("&"));
    mark();
    return parts.map((keys, i) => {
      const kept = new URLSearchParams();
      if (i === 2 && !(given.has("rows") && given.has("t"))) keys = [];
      for (const k of keys) if (given.has(k)) kept.set(k, given.get(k));
      const data = "/targets?" + kept;
      if (sent[i] === data) return window.dash_clientside.no_update;
      sent[i] = data;
      return data;
    });
  };

  // ── what is chosen, what is open ─────────────────────────────────────────────────────────────
  let seen = "";
  function mark() {
    const p = params();
    const page = document.getElementById("page-targets");
    if (!page) return;
    const chosen = p.get("t") || "";
    page.classList.toggle("with-card", chosen !== "");
    page.classList.toggle("with-rows", chosen !== "" && p.get("rows") === "1");
    page.classList.toggle("printing", p.get("print") === "1");
    for (const row of page.querySelectorAll("tr[data-target]")) {
      const on = row.dataset.target === chosen;
      row.classList.toggle("selr", on);
      const name = row.querySelector("button.nm");
      if (name) name.setAttribute("aria-current", on ? "true" : "false");
      if (on && seen !== chosen && row.offsetParent) row.scrollIntoView({ block: "nearest" });
      if (on && row.offsetParent) seen = chosen;
    }
    if (!chosen) seen = "";
  }

  function draw(page) {
    for (const box of page.querySelectorAll("[data-markup]")) {
      if (box.drawn === box.dataset.markup) continue;
      const held = box.contains(document.activeElement) ? key(document.activeElement) : null;
      box.drawn = box.dataset.markup;
      box.innerHTML = box.dataset.markup;
      if (held) for (const x of box.querySelectorAll("button,a,select,summary,input")) if (key(x) === held) { x.focus({ preventScroll: true }); break; }
    }
    for (const box of page.querySelectorAll("[data-asof]")) dayBox(box);
    mark();
  }
  /** What stays the same of a control when it is drawn anew. */
  const key = (x) => [x.tagName, x.className.replace(/ ?\bon\b/, ""), x.title, (x.closest("[data-target]") || { dataset: {} }).dataset.target, x.textContent].join("|");

  // ── the day ──────────────────────────────────────────────────────────────────────────────────
  function dayBox(box) {
    if (!box.firstChild) {
      const day = make("input", { type: "text", inputMode: "numeric", maxLength: 11, className: "day" });
      day.setAttribute("aria-label", yt.say("day_label"));
      const step = (by, title, icon) => {
        const b = make("button", { type: "button", className: "ib sm", title }, make("i", { className: "ic sm i-" + icon }));
        b.setAttribute("aria-label", title);
        b.onclick = () => yt.stepTime(by);
        return b;
      };
      const latest = make("button", { type: "button", className: "txt", textContent: yt.say("latest"), title: yt.say("to_latest") });
      latest.onclick = () => yt.act([["set", "as_of", ""]]);
      box.append(make("span", { textContent: yt.say("as_of"), className: "cap" }), step(-1, yt.say("earlier"), "left"), day, step(1, yt.say("later"), "right"), latest);
      const typed = () => {
        const given = day.value.trim().replace(/\D+/g, "-").replace(/-$/, "");
        const found = /^(\d{4})-?(\d{1,2})-?(\d{1,2})$/.exec(given);
        const date = found && new Date(Date.UTC(+found[1], found[2] - 1, +found[3]));
        if (date && date.getUTCMonth() === found[2] - 1) yt.act([["set", "as_of", date.toISOString().slice(0, 10)]]);
        else day.value = box.dataset.asof;
      };
      day.addEventListener("change", typed);
      day.addEventListener("keydown", (e) => e.key === "Enter" && day.blur());
    }
    const day = box.querySelector("input");
    const isNow = !params().has("as_of");
    if (document.activeElement !== day) day.value = box.dataset.asof;
    box.querySelectorAll("button.ib")[1].disabled = isNow;
    box.querySelector(".txt").hidden = isNow;
    box.classList.toggle("past", !isNow);
  }

  // ── forms ────────────────────────────────────────────────────────────────────────────────────
  let form = null;
  const plain = (text) => Number(text.normalize("NFKC").replace(/[,\s%]/g, ""));
  const tidy = (n) => n.toLocaleString("en-US", { maximumFractionDigits: 6 });
  const fill = (text, values) => text.replace(/\{(\w+)\}/g, (_, k) => values[k] ?? "");

  function openForm(description) {
    const what = JSON.parse(description);
    const dialog = document.getElementById("targets-dialog");
    const inputs = {};
    const fields = what.fields.map((f) => {
      const input = make("input", { type: "text", value: f.value || "", placeholder: f.hint || "", autocomplete: "off" });
      if (f.keep) input.value = yt.who();
      if (f.share || f.name === "value") input.inputMode = "decimal";
      inputs[f.name] = input;
      const label = make("label", { className: f.share ? "share" : "" }, make("span", { textContent: f.label }), input);
      input.setAttribute("aria-label", f.label);
      if (f.unit) label.append(make("span", { textContent: f.unit, className: "unit" }));
      return label;
    });
    const codes = what.fields.filter((f) => f.share).map((f) => f.name);
    const sum = make("p", { className: "fsum" });
    const result = make("p", { className: "fres" });
    result.setAttribute("role", "status");
    const count = () => {
      const filled = codes.map((c) => inputs[c].value.trim()).filter(Boolean);
      const total = filled.reduce((s, x) => s + Math.round(plain(x) * 1e6), 0) / 1e6;
      if (!Number.isFinite(total)) sum.textContent = what.words.wrong_number;
      else {
        const gap = Math.round((what.wanted - total) * 1e6) / 1e6;
        const said = gap === 0 ? what.words.sum_right : fill(gap > 0 ? what.words.sum_short : what.words.sum_over, { n: tidy(Math.abs(gap)) });
        sum.textContent = fill(what.words.sum, { sum: tidy(total), wanted: what.wanted_text, gap: said });
        sum.classList.toggle("right", gap === 0);
      }
    };
    const send = (kind) => {
      const values = Object.fromEntries(Object.entries(inputs).map(([k, x]) => [k, x.value]));
      if (values.who) yt.remember("yt-who", values.who);
      result.textContent = what.words.saving;
      form = { result, n: Date.now() };
      const { target, year, measure, axis } = what;
      window.dash_clientside.set_props("targets-write", { data: { kind, target, year, measure, axis, values, codes, n: form.n } });
    };
    const button = (text, className, press, props) => {
      const b = make("button", { type: "button", textContent: text, className, ...props });
      b.onclick = press;
      return b;
    };
    const buttons = make("div", { className: "row gap2" });
    if (what.withdraw) buttons.append(button(what.words.withdraw, "txt", () => send("withdraw")));
    buttons.append(make("span", { className: "sp" }), button(what.words.cancel, "btn", () => dialog.close()), button(what.words.save, "btn pri", () => send(what.kind)));
    const title = make("h2", { textContent: what.title, id: "targets-dialog-title" });
    dialog.setAttribute("aria-labelledby", title.id);
    dialog.replaceChildren(title, make("p", { className: "note", textContent: what.about }), make("div", { className: "fields" + (codes.length ? " many" : "") }, ...fields));
    if (codes.length) {
      dialog.append(sum);
      for (const c of codes) inputs[c].addEventListener("input", count);
      count();
    }
    dialog.append(result, buttons);
    dialog.onkeydown = (e) => {
      if (e.key === "Enter" && e.target.tagName === "INPUT" && !e.isComposing) send(what.kind);
    };
    dialog.showModal();
    (inputs.value || inputs[codes[0]]).focus();
  }
  yt.targetSaved = function (answer) {
    if (!answer || !form || answer.n !== form.n) return window.dash_clientside.no_update;
    form.result.textContent = answer.text;
    form.result.classList.toggle("bad", !answer.ok);
    if (answer.ok) {
      document.getElementById("targets-dialog").close();
      form = null;
      yt.sync(true);
      yt.outage({ kind: "done", text: answer.text, cure: "" });
    }
    return answer.n;
  };

  // ── pressing ─────────────────────────────────────────────────────────────────────────────────
  document.addEventListener("click", (e) => {
    const hit = e.target.closest("[data-form],[data-print],tr[data-target]");
    if (!hit || e.defaultPrevented) return;
    if (hit.dataset.form) {
      const drop = hit.closest("details.drop");
      if (drop) drop.open = false;
      openForm(hit.dataset.form);
    } else if ("print" in hit.dataset) window.print();
    else if (!e.target.closest("a,button,[data-op]") && !String(getSelection())) choose(hit.dataset.target);
  });
  function choose(target) {
    yt.act([["set", "t", target], ["set", "of", ""], ["set", "page", ""]]);
  }

  document.addEventListener("keydown", (e) => {
    if (!here() || e.ctrlKey || e.metaKey || e.altKey || e.isComposing || document.querySelector("dialog[open]")) return;
    if (e.target.closest("input,textarea,select,[contenteditable]")) return;
    const p = params();
    if (e.key === "ArrowLeft" || e.key === "ArrowRight") yt.stepTime(e.key === "ArrowLeft" ? -1 : 1);
    else if (e.key === "ArrowDown" || e.key === "ArrowUp") {
      const rows = [...document.querySelectorAll("#targets-list tr[data-target]")];
      if (!rows.length || p.get("rows") === "1" || p.get("print") === "1" || e.target.closest(".tg-card")) return;
      const at = rows.findIndex((r) => r.dataset.target === p.get("t"));
      const next = rows[Math.max(0, Math.min(rows.length - 1, at + (e.key === "ArrowDown" ? 1 : at < 0 ? 1 : -1)))];
      choose(next.dataset.target);
      next.scrollIntoView({ block: "nearest" });
      next.querySelector("button.nm").focus({ preventScroll: true });
    } else if (e.key === "Escape") {
      if (p.get("print") === "1") yt.act([["set", "print", ""]]);
      else if (p.get("rows") === "1") yt.act([["set", "rows", ""], ["set", "of", ""], ["set", "page", ""]]);
      else if (p.has("t")) yt.act([["set", "t", ""], ["set", "of", ""], ["set", "page", ""]]);
      else return;
      e.stopImmediatePropagation();
    } else return;
    e.preventDefault();
  }, true);

  // ── what the server has drawn anew ───────────────────────────────────────────────────────────
  let waiting = false;
  new MutationObserver(() => {
    if (waiting) return;
    waiting = true;
    queueMicrotask(() => {
      waiting = false;
      const page = document.getElementById("page-targets");
      if (page) draw(page);
    });
  }).observe(document.body, { childList: true, subtree: true, attributes: true, attributeFilter: ["data-markup"] });
})();

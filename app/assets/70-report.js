/* The page of reports: text boxes, the draft with its draggable frame, orders, the list, dialogs. */
(function () {
  "use strict";
  const yt = window.yt;
  if (!yt) return;
  const root = document.documentElement;
  const here = () => root.dataset.page === "report";
  const $ = (id) => document.getElementById(id);
  const make = yt.make;
  const API = "/api/v1/export/reports";
  const asked = () => {
    const held = $("report-asked");
    return { recipe: held?.dataset.recipe || "", order: held?.dataset.order ? JSON.parse(held.dataset.order) : null };
  };
  let template = "";

  // ── text boxes: made once, so that the caret stays where the person has it ───────────────────
  function boxes() {
    for (const place of document.querySelectorAll("#page-report [data-text]")) {
      const what = JSON.parse(place.dataset.text);
      let input = place.querySelector("input");
      if (!input) {
        input = make("input", { type: "text", autocomplete: "off", spellcheck: false });
        const send = (live) => {
          clearTimeout(input.typing);
          const now = JSON.parse(place.dataset.text);
          let text = input.value.trim();
          if (now.kind === "date" && text) {
            const found = /^(\d{4})\D*(\d{1,2})\D*(\d{1,2})$/.exec(text);
            const day = found && new Date(Date.UTC(+found[1], found[2] - 1, +found[3]));
            if (!day || day.getUTCMonth() !== found[2] - 1) return void (input.value = now.value);
            text = day.toISOString().slice(0, 10);
          }
          if (text !== now.value) yt.act([["set", now.key, text]], null, live === true);
        };
        input.addEventListener("change", () => send());
        // the draft follows what is written once the hand rests; a date is sent when it is whole
        input.addEventListener("input", (e) => {
          clearTimeout(input.typing);
          if (JSON.parse(place.dataset.text).kind !== "date" && !e.isComposing) input.typing = setTimeout(() => send(true), 350);
        });
        input.addEventListener("compositionend", () => {
          clearTimeout(input.typing);
          if (JSON.parse(place.dataset.text).kind !== "date") input.typing = setTimeout(() => send(true), 350);
        });
        input.addEventListener("keydown", (e) => e.key === "Enter" && !e.isComposing && send());
        place.append(input);
      }
      input.placeholder = what.hint;
      input.maxLength = what.most;
      input.setAttribute("aria-label", what.label);
      if (document.activeElement !== input) input.value = what.value;
    }
    for (const place of document.querySelectorAll("#page-report [data-template]")) {
      let input = place.querySelector("input");
      if (!input) {
        input = make("input", { type: "file", className: "sr" });
        const name = make("span", { className: "cap ell" });
        // the browser's own button speaks the browser's language
        place.append(make("label", { className: "btn sm" }, yt.say("report_template_pick"), input), name);
        input.onchange = async () => {
          template = "";
          const file = input.files[0];
          name.textContent = "";
          if (!file) return;
          if (file.size > 20e6) return void ((input.value = ""), yt.outage({ kind: "input", text: yt.say("report_template_large"), cure: "" }));
          name.textContent = file.name;
          const read = new FileReader();
          read.onload = () => (template = String(read.result).split(",")[1] || "");
          read.readAsDataURL(file);
        };
      }
      if (input.accept !== place.dataset.template) {
        input.accept = place.dataset.template;
        input.value = template = place.lastChild.textContent = "";
      }
    }
    for (const place of document.querySelectorAll("#page-report [data-pick]:empty")) {
      const input = make("input", { type: "checkbox", checked: picked.includes(place.dataset.pick) });
      input.setAttribute("aria-label", place.dataset.label);
      input.onchange = () => {
        picked = picked.filter((x) => x !== place.dataset.pick);
        if (input.checked) picked = [...picked, place.dataset.pick].slice(-2);
        marks();
      };
      place.append(input);
    }
  }

  // ── the draft ────────────────────────────────────────────────────────────────────────────────
  let drawn = "";
  let drawing = null;
  let sheet = null;
  let timer = 0;
  const say = (text) => {
    if ($("report-said")) $("report-said").textContent = text;
  };

  function look() {
    if (!here() || !$("report-asked")) return;
    boxes();
    const { recipe } = asked();
    $("report-desk").classList.toggle("none", !recipe);
    if (recipe === drawn) return;
    drawn = recipe;
    clearTimeout(timer);
    if (!recipe) return void (drawing?.abort(), problems(null), say(""));
    timer = setTimeout(() => draft(recipe), 60);
  }

  async function draft(recipe) {
    drawing?.abort();
    const mine = (drawing = new AbortController());
    const desk = $("report-desk");
    desk.classList.add("busy");
    say(yt.say("report_drawing"));
    const since = performance.now();
    try {
      const room = desk.clientWidth * Math.min(2, devicePixelRatio || 1);
      const dpi = Math.round(Math.max(60, Math.min(110, room / 11.7)));
      const got = await fetch("/api/v1/export/preview?" + new URLSearchParams({ recipe, dpi }), { signal: mine.signal });
      if (!got.ok) throw Object.assign(new Error("refused"), { problem: await got.json().catch(() => ({})) });
      const about = JSON.parse(got.headers.get("x-yuantu-sheet"));
      const url = URL.createObjectURL(await got.blob());
      if (mine.signal.aborted) return void URL.revokeObjectURL(url);
      show(url, about);
      $("report-sheet").dataset.shown = recipe;
      problems(null);
      const s = ((performance.now() - since) / 1000).toFixed(1);
      say(yt.say("report_drawn", { s, ratio: Math.round(about.ratio).toLocaleString("en-US") }));
    } catch (error) {
      if (mine.signal.aborted) return;
      say("");
      const found = error.problem || {};
      const list = (found.problems || []).map((p) => p.message);
      problems(list.length ? list : [[found.detail || found.title || yt.say("report_failed"), found.cure].filter(Boolean).join("")]);
    } finally {
      if (drawing === mine) desk.classList.remove("busy");
    }
  }

  function problems(list) {
    const box = $("report-problems");
    box.hidden = !list;
    box.replaceChildren(...(list ? [make("b", { textContent: yt.say("report_problems") }), make("ul", {}, ...list.map((x) => make("li", { textContent: x })))] : []));
  }

  function show(url, about) {
    sheet = about;
    const place = $("report-sheet");
    let img = place.querySelector("img");
    if (!img) {
      img = make("img", { alt: "", draggable: false });
      place.append(img, make("div", { className: "rframe" }, make("div", { className: "ghost" })));
    }
    const old = img.src;
    img.src = url;
    if (old) URL.revokeObjectURL(old);
    fit();
  }

  function fit() {
    const place = $("report-sheet");
    if (!sheet || !place || !place.firstChild) return;
    const desk = $("report-desk").getBoundingClientRect();
    const [w, h] = sheet.paper;
    const pad = innerWidth < 900 ? 20 : 36;
    const scale = Math.min((desk.width - pad) / w, Math.max(200, desk.height - pad) / h);
    if (!(scale > 0)) return;
    Object.assign(place.style, { width: w * scale + "px", height: h * scale + "px" });
    const [x, y, fw, fh] = sheet.frame;
    const frame = place.querySelector(".rframe");
    Object.assign(frame.style, { left: x * scale + "px", top: y * scale + "px", width: fw * scale + "px", height: fh * scale + "px" });
    const ghost = frame.querySelector(".ghost");
    ghost.style.backgroundImage = `url("${place.querySelector("img").src}")`;
    ghost.style.backgroundSize = `${w * scale}px ${h * scale}px`;
    ghost.dataset.x = -x * scale;
    ghost.dataset.y = -y * scale;
    ghost.style.backgroundPosition = `${ghost.dataset.x}px ${ghost.dataset.y}px`;
    place.scale = scale;
  }
  addEventListener("resize", fit);

  /** The window moved by parts of its width and height, and made `times` as large; the box sent is a little smaller
   *  than what is seen, so that the same round ratio fits it. */
  function moved(dx, dy, times) {
    if (!sheet) return;
    const [w, s, e, n] = sheet.box;
    const east = (w + e) / 2 - dx * (e - w);
    const north = (s + n) / 2 + dy * (n - s);
    const half = [((e - w) / 2) * times * 0.93, ((n - s) / 2) * times * 0.93];
    const box = [east - half[0], north - half[1], east + half[0], north + half[1]].map((v) => v.toFixed(5));
    yt.act([["set", "r.ext", box.join(",")]], null, true);
  }

  let grip = null;
  document.addEventListener("pointerdown", (e) => {
    const frame = e.target.closest?.(".rframe");
    if (!frame || e.button) return;
    grip = { frame, x: e.clientX, y: e.clientY, dx: 0, dy: 0 };
    frame.setPointerCapture(e.pointerId);
    e.preventDefault();
    $("report-sheet").focus({ preventScroll: true });
  });
  document.addEventListener("pointermove", (e) => {
    if (!grip) return;
    grip.dx = e.clientX - grip.x;
    grip.dy = e.clientY - grip.y;
    grip.frame.classList.add("held");
    const ghost = grip.frame.querySelector(".ghost");
    ghost.style.backgroundPosition = `${+ghost.dataset.x + grip.dx}px ${+ghost.dataset.y + grip.dy}px`;
  });
  const drop = (e) => {
    if (!grip) return;
    const { frame, dx, dy } = grip;
    grip = null;
    frame.classList.remove("held");
    if (e.type === "pointerup" && Math.hypot(dx, dy) > 3) moved(dx / frame.clientWidth, dy / frame.clientHeight, 1);
    fit();
  };
  document.addEventListener("pointerup", drop);
  document.addEventListener("pointercancel", drop);
  let wheeled = 1;
  let wheelTimer = 0;
  document.addEventListener("wheel", (e) => {
    if (!e.target.closest?.(".rframe")) return;
    e.preventDefault();
    wheeled *= e.deltaY > 0 ? 1.15 : 1 / 1.15;
    clearTimeout(wheelTimer);
    wheelTimer = setTimeout(() => (moved(0, 0, wheeled), (wheeled = 1)), 180);
  }, { passive: false });
  document.addEventListener("keydown", (e) => {
    if (!here() || e.target.id !== "report-sheet" || e.ctrlKey || e.metaKey || e.altKey) return;
    const by = { ArrowLeft: [0.1, 0], ArrowRight: [-0.1, 0], ArrowUp: [0, 0.1], ArrowDown: [0, -0.1] }[e.key];
    if (by) moved(...by, 1);
    else if (e.key === "+" || e.key === "=") moved(0, 0, 1 / 1.3);
    else if (e.key === "-") moved(0, 0, 1.3);
    else return;
    e.preventDefault();
    e.stopImmediatePropagation();
  }, true);

  // ── orders and the list ──────────────────────────────────────────────────────────────────────
  let picked = [];
  let polling = 0;
  function marks() {
    for (const x of document.querySelectorAll("#report-history [data-pick] input")) x.checked = picked.includes(x.parentNode.dataset.pick);
    if ($("report-compare")) $("report-compare").disabled = picked.length !== 2;
  }
  let told = "";
  function rows() {
    yt.paint({ "report-history": told });
    if ($("report-history")) $("report-history").dataset.told = "1";
    boxes();
    marks();
  }
  async function list() {
    clearTimeout(polling);
    if (!here()) return;
    try {
      const got = await fetch("/report-page/history");
      if (got.ok) {
        told = await got.text();
        rows();
      }
    } catch (_) {
      /* the next turn tries again */
    }
    polling = setTimeout(list, document.querySelector("#report-history .going") ? 1200 : 15000);
  }
  async function post(path, body) {
    const got = await fetch(path, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body || {}) });
    const answer = await got.json().catch(() => ({}));
    if (got.ok) return answer;
    const text = answer.problems ? answer.problems.map((p) => p.message).join(yt.say("report_joint")) : answer.detail || answer.title || yt.say("report_failed");
    throw Object.assign(new Error(text), { cure: answer.cure || "" });
  }
  const tell = (text) => yt.outage({ kind: "done", text, cure: "" });
  const who = (given) => {
    if (given) yt.remember("yt-who", given);
    return given || yt.who();
  };

  function dialog(title, ...content) {
    const box = $("report-dialog");
    const body = make("div", { className: "rdlg" }, make("h2", { textContent: title, id: "report-dialog-title" }), ...content);
    box.setAttribute("aria-labelledby", "report-dialog-title");
    box.onkeydown = null;
    box.replaceChildren(body);
    box.showModal();
    return box;
  }
  const button = (text, className, press) => Object.assign(make("button", { type: "button", textContent: text, className }), { onclick: press });

  function ask(title, note, fields, yes, act) {
    const inputs = fields.map(([label, value, most]) => make("input", { type: "text", value, autocomplete: "off", maxLength: most || 60, ariaLabel: label }));
    const err = make("p", { className: "err" });
    err.setAttribute("role", "alert");
    const go = async () => {
      try {
        await act(...inputs.map((x) => x.value.trim()));
        $("report-dialog").close();
        list();
      } catch (error) {
        err.textContent = error.message + (error.cure || "");
      }
    };
    const rows = fields.map(([label], i) => make("label", {}, label, inputs[i]));
    const feet = make("div", { className: "row gap2" }, make("span", { className: "sp" }), button(yt.say("report_cancel"), "btn", () => $("report-dialog").close()), button(yes, "btn pri", go));
    const box = dialog(title, make("p", { className: "note", textContent: note }), ...rows, err, feet);
    box.onkeydown = (e) => {  // returns nothing: false would keep every key from the input
      if (e.key === "Enter" && e.target.tagName === "INPUT" && !e.isComposing) go();
    };
    (inputs[0] || feet.lastChild).focus();
  }

  const acts = {
    async order() {
      const { order } = asked();
      if (!order) return;
      await post(API, { ...order, template: ["docx", "pptx"].includes(order.format) ? template : "", who: who() });
      tell(yt.say("report_done"));
    },
    recipe() {
      const { order } = asked();
      if (!order) return;
      const url = URL.createObjectURL(new Blob([JSON.stringify(order.order, null, 2)], { type: "application/json" }));
      make("a", { href: url, download: "recipe.json" }).click();
      setTimeout(() => URL.revokeObjectURL(url), 5000);
    },
    async copy() {
      await navigator.clipboard.writeText(location.href);
      tell(yt.say("report_copied"));
    },
    in: () => moved(0, 0, 1 / 1.3),
    out: () => moved(0, 0, 1.3),
    cancel: (id) => post(`${API}/${id}/cancel`),
    again: (id) => post(`${API}/${id}/again`, { who: who() }),
    async edit(id, hit) {
      const got = await fetch(`${API}/${id}`);
      const row = await got.json();
      if (!got.ok) throw new Error(row.detail || row.title);
      const fields = row.editable.map((x) => [x.label, x.value, x.most]);
      ask(hit.closest(".rrow").querySelector(".rtitle").textContent, yt.say("report_edit_ask"), fields, yt.say("report_edit_go"), async (...given) => {
        await post(`${API}/${id}/again`, { who: who(), changes: Object.fromEntries(row.editable.map((x, i) => [x.key, given[i]])) });
        tell(yt.say("report_done"));
      });
    },
    remove(id, hit) {
      const title = hit.closest(".rrow").querySelector(".rtitle").textContent;
      ask(title, yt.say("report_remove_ask"), [], yt.say("report_remove"), async () => {
        await post(`${API}/${id}/remove`);
        tell(yt.say("report_removed"));
      });
    },
    issue(id, hit) {
      const title = hit.closest(".rrow").querySelector(".rtitle").textContent;
      ask(title, yt.say("report_issue_ask"), [[yt.say("report_who"), who()], [yt.say("report_number"), ""]], yt.say("report_confirm"), async (name, number) => {
        await post(`${API}/${id}/issue`, { who: name, number });
        who(name);
        tell(yt.say("report_issued"));
      });
    },
    async compare() {
      const [a, b] = [...picked].map(Number).sort((x, y) => x - y);
      const got = await fetch(`${API}/${a}/differences/${b}`);
      const found = await got.json();
      if (!got.ok) throw new Error(found.detail || found.title);
      const body = found.same ? make("p", { className: "note", textContent: yt.say("report_same") }) : make("ul", {}, ...found.differences.map((x) => make("li", { textContent: x })));
      dialog(yt.say("report_compare", { a, b }), body, make("div", { className: "row" }, make("span", { className: "sp" }), button(yt.say("report_close"), "btn", () => $("report-dialog").close())));
    },
  };
  document.addEventListener("click", async (e) => {
    const hit = e.target.closest?.("[data-report-act]");
    if (!hit || hit.disabled) return;
    hit.disabled = true;
    try {
      await acts[hit.dataset.reportAct](hit.dataset.id, hit);
      if (["order", "cancel", "again"].includes(hit.dataset.reportAct)) list();
    } catch (error) {
      yt.outage({ kind: "input", text: error.message, cure: error.cure || "" });
    } finally {
      hit.disabled = false;
      marks();
    }
  });

  // ── when the server has drawn the form anew, or the page is turned to ────────────────────────
  let waiting = false;
  let was = false;
  const turn = () => {
    if (here() && !was) list();
    if (here() !== was) fit();
    was = here();
    // the frame was drawn anew after the list had come: write the list again
    if (was && told && $("report-history") && !$("report-history").dataset.told) rows();
    look();
  };
  new MutationObserver(() => {
    if (waiting) return;
    waiting = true;
    queueMicrotask(() => {
      waiting = false;
      turn();
    });
  }).observe(document.body, { childList: true, subtree: true, attributes: true, attributeFilter: ["data-recipe", "data-order", "data-text"] });
  new MutationObserver(turn).observe(root, { attributes: true, attributeFilter: ["data-page"] });
  turn();
})();

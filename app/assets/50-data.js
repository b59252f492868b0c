/* The data page: files dropped or picked, choices sent as they are made, dialogs that ask before anything is written. */
(function () {
  "use strict";
  const yt = window.yt;
  if (!yt) return;
  const $ = (id) => document.getElementById(id);
  const here = () => document.documentElement.dataset.page === "data";
  const fault = (text) => yt.outage({ kind: "input", text, cure: "" });
  const done = (text) => yt.outage({ kind: "done", text, cure: "" });
  let busy = 0;
  let showing = null;
  let slow = 0; // a page that is long in coming says how far it is
  let looking = 0;
  let ticking = 0;

  function wait(text) {
    const app = $("data-app");
    if (!app) return;
    busy += 1;
    app.setAttribute("aria-busy", "true");
    let bar = $("data-busy");
    if (!bar) {
      bar = Object.assign(document.createElement("div"), { id: "data-busy" });
      bar.setAttribute("role", "status");
      $("page-data").append(bar);
    }
    const line = document.createElement("span");
    bar.replaceChildren(line);
    const since = Date.now();
    let now = text;
    const show = (said) => {
      now = said || now;
      line.textContent = now + " " + yt.say("seconds", { n: Math.floor((Date.now() - since) / 1000) });
    };
    showing = show;
    show(text);
    clearInterval(ticking);
    ticking = setInterval(() => show(), 1000);
    return show;
  }
  function rest() {
    busy = 0;
    clearInterval(ticking);
    if ($("data-busy")) $("data-busy").remove();
    if ($("data-app")) $("data-app").removeAttribute("aria-busy");
  }
  yt.busy = wait;
  yt.rest = rest;
  // the page has answered, or cannot: nothing is waited for any more
  function asked() {
    clearTimeout(slow);
    clearInterval(looking);
    slow = setTimeout(function begin() {
      if (!$("data-app")) return void (slow = setTimeout(begin, 300)); // the page itself is not there yet
      const draft = new URLSearchParams(location.search).get("draft");
      const show = busy ? showing : wait(yt.say(draft ? "checking" : "loading"));
      if (draft && show && !$("stop-import")) looking = follow("/data/drafts/" + encodeURIComponent(draft), show, "stop_check");
    }, 900);
  }
  document.addEventListener("yt:asked", (e) => e.detail === "data" && asked());
  if (here()) asked(); // the first question was on its way before this script was
  document.addEventListener("yt:answer", (e) => {
    if (e.detail !== "data") return;
    clearTimeout(slow);
    clearInterval(looking);
    if (busy) rest();
    draw();
  });
  new MutationObserver(draw).observe(document.body, { childList: true, subtree: true, attributes: true, attributeFilter: ["data-pic", "data-text"] });

  async function post(path, body) {
    const given = { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body || {}) };
    const answer = await fetch(path, given).catch(() => null);
    if (!answer) throw Object.assign(new Error(yt.say("server_away")), { away: true });
    const said = await answer.json().catch(() => ({}));
    if (!answer.ok) throw Object.assign(new Error(said.detail || said.title || yt.say("not_done")), { status: answer.status, away: answer.status === 503 });
    return said;
  }
  function after(said) {
    if (said.done) done(said.done);
    if (said.go) yt.go(said.go);
    yt.sync(true);
  }
  // a run that may take long: how far it is, and a button that stops it with nothing changed
  function follow(draft, show, word = "stop_import") {
    const stop = Object.assign(document.createElement("button"), { type: "button", className: "btn", id: "stop-import", textContent: yt.say(word) });
    stop.addEventListener("click", () => {
      stop.disabled = true;
      stop.textContent = yt.say("stopping");
      post(draft + "/stop").catch(() => {});
    });
    if ($("data-busy")) $("data-busy").append(stop);
    return setInterval(async () => {
      try {
        const said = await (await fetch(draft + "/progress")).json();
        if (said.text) show(said.text);
      } catch (_) {}
    }, 700);
  }
  async function send(path, body, dialog) {
    const show = wait(yt.say("checking"));
    const long = path.endsWith("/publish");
    const following = long ? follow(path.replace(/\/publish$/, ""), show) : 0;
    if (long && dialog) dialog.close();
    try {
      const said = await post(path, body);
      clearInterval(following);
      if ($("stop-import")) $("stop-import").remove();
      if (dialog) dialog.close();
      after(said);
    } catch (error) {
      clearInterval(following);
      rest();
      if ($("stop-import")) $("stop-import").remove();
      // not what was shown any more: the page shows what is so now, and asks again
      if (error.status === 409 && dialog) {
        dialog.close();
        fault(error.message);
        return yt.sync(true);
      }
      if (error.away) yt.outage({ kind: "database", text: error.message, cure: yt.say("recovers") });
      if (long && dialog && !dialog.open) dialog.showModal();
      const line = dialog && dialog.querySelector(".err");
      if (line) line.textContent = error.message;
      else if (!error.away) fault(error.message);
      if (!dialog && !error.away) yt.sync(true);
    }
  }

  // ── files ────────────────────────────────────────────────────────────────────────────────────
  async function upload(files) {
    const who = (() => {
      try {
        return localStorage.getItem("yt-publish-who") || "";
      } catch (_) {
        return "";
      }
    })();
    let last = null;
    if (!files.length) return fault(yt.say("folder_empty"));
    for (const file of await yt.gather(files)) {
      wait(yt.say("uploading", { file: file.name }));
      try {
        const query = new URLSearchParams({ name: file.name, who });
        const answer = await fetch("/data/files?" + query, { method: "POST", headers: { "Content-Type": "application/octet-stream" }, body: file });
        const said = await answer.json().catch(() => ({}));
        if (!answer.ok) throw new Error(said.detail || yt.say("not_done"));
        last = said;
      } catch (error) {
        rest();
        fault(error.message === "Failed to fetch" ? yt.say("server_away") : error.message);
      }
    }
    if (last) {
      wait(yt.say("checking"));
      after(last);
    }
  }
  function pick(accept) {
    const input = Object.assign(document.createElement("input"), { type: "file", multiple: true, accept });
    input.addEventListener("change", () => upload([...input.files]));
    input.click();
  }
  const carries = (e) => here() && e.dataTransfer && [...e.dataTransfer.types].includes("Files");
  document.addEventListener("dragover", (e) => {
    if (!carries(e)) return;
    e.preventDefault();
    $("page-data").classList.add("dropping");
  });
  document.addEventListener("dragleave", (e) => {
    if (!e.relatedTarget && $("page-data")) $("page-data").classList.remove("dropping");
  });
  document.addEventListener("drop", async (e) => {
    if (!carries(e)) return;
    e.preventDefault();
    $("page-data").classList.remove("dropping");
    upload(await yt.dropped(e.dataTransfer));
  });

  // ── pressing ─────────────────────────────────────────────────────────────────────────────────
  const value = (id) => ($(id) ? $(id).value : "");
  let undoing = 0;
  document.addEventListener("click", async (e) => {
    if (e.target.closest("#page-data [data-again]")) return yt.sync(true);
    const hit = e.target.closest("#page-data [data-pick],#page-data [data-open],#page-data [data-post],#page-data [data-undo],#page-data [data-undo-now]");
    if (!hit || hit.disabled) return;
    const d = hit.dataset;
    if ("pick" in d) pick(d.pick);
    else if (d.open) {
      const line = $(d.open).querySelector(".err");
      if (line) line.textContent = "";
      $(d.open).showModal();
    } else if (d.post) {
      const body = "body" in d ? { datum: d.body } : d.with ? { reason: value(d.with + "-reason"), who: value(d.with + "-who"), seen: d.seen } : {};
      if (d.with && !body.reason.trim()) {
        hit.closest("dialog").querySelector(".err").textContent = yt.say("reason_first");
        $(d.with + "-reason").focus();
        return;
      }
      send(d.post, body, hit.closest("dialog"));
    } else if (d.undo) {
      undoing = Number(d.undo);
      try {
        const answer = await fetch(`/data/runs/${undoing}/undo`);
        const said = await answer.json();
        if (!answer.ok) throw new Error(said.detail);
        $("undo-title").textContent = said.title;
        $("undo-what").textContent = said.what;
        $("undo-would").replaceChildren(...(said.would || []).map((x) => Object.assign(document.createElement("li"), { textContent: x })));
        $("undo-dialog").querySelector(".err").textContent = "";
        $("undo-dialog").showModal();
      } catch (error) {
        fault(error instanceof TypeError ? yt.say("server_away") : error.message);
      }
    } else if ("undoNow" in d) {
      send(`/data/runs/${undoing}/undo`, { reason: value("undo-reason"), who: value("undo-who") }, $("undo-dialog"));
    }
  });
  // Enter in a box of a dialog, or in the reason of a form, does what its button says; Back closes a dialog
  document.addEventListener("keydown", (e) => {
    if (e.key !== "Enter" || e.isComposing || !here() || !e.target.matches("#page-data dialog input, #page-data .efoot input")) return;
    const button = e.target.closest("dialog,.efoot").querySelector("[data-with],[data-undo-now],[data-save]");
    if (!button || button.disabled) return;
    e.preventDefault();
    button.click();
  });
  window.addEventListener("popstate", () => {
    for (const dialog of document.querySelectorAll("#page-data dialog[open]")) dialog.close();
  });
  document.addEventListener("change", (e) => {
    const d = e.target.dataset;
    if (!d || !d.send) return;
    d.value = e.target.value; // what was chosen stays seen while the file is checked
    send(d.send, d.column !== undefined ? { column: d.column, target: e.target.value } : { [d.name]: e.target.value });
  });
  document.addEventListener("keydown", (e) => {
    if (here() && e.key === "Escape" && !document.querySelector("dialog[open]") && !e.target.closest("input,select") && new URLSearchParams(location.search).has("issue")) yt.act([["set", "issue", ""]]);
  });

  // ── native boxes and pictures ────────────────────────────────────────────────────────────────
  function draw() {
    const page = $("page-data");
    if (!page) return;
    for (const box of page.querySelectorAll("[data-pic]"))
      if (box.drawn !== box.dataset.pic) {
        box.drawn = box.dataset.pic;
        box.innerHTML = box.dataset.pic;
      }
    for (const place of page.querySelectorAll("[data-box]")) {
      let input = place.firstChild;
      if (!input) {
        input = Object.assign(document.createElement("input"), { type: "text", placeholder: place.dataset.hint || "", autocomplete: "off" });
        input.setAttribute("aria-label", place.dataset.label);
        input.addEventListener("change", () => send(place.dataset.to, { [place.dataset.box]: input.value }));
        place.append(input);
      }
      if (document.activeElement !== input && input.was !== place.dataset.text) input.value = input.was = place.dataset.text;
    }
    const target = here() && $("run-" + new URLSearchParams(location.search).get("run"));
    if (target && !target.seen) {
      target.seen = true;
      target.classList.add("selr");
      target.scrollIntoView({ block: "center" });
    }
  }
  draw();
})();

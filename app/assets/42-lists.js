/* Work lists that are kept: one press keeps the list with both its dates, another takes it away, a third undoes it. */
(function () {
  "use strict";
  const yt = window.yt;
  if (!yt) return;
  async function send(path, body, then) {
    try {
      const got = await fetch(path, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body || {}) });
      const said = await got.json();
      yt.outage(got.ok ? { kind: "done", text: said.done, cure: "" } : { kind: "input", text: said.detail || said.title || "", cure: "" });
      if (got.ok) then();
    } catch (_) {
      yt.outage({ kind: "database", text: yt.say("server_away"), cure: yt.say("recovers") });
    }
  }
  // on a phone the list stands below the names of the lists: go there when another is chosen
  let go = false;
  const upgrade = yt.upgrade;
  yt.upgrade = function (root) {
    if (upgrade) upgrade(root);
    const list = document.querySelector("#page-compare .lb");
    if (go && list) list.scrollIntoView({ block: "start" });
    go = false;
  };
  document.addEventListener("click", (e) => {
    if (innerWidth < 900 && e.target.closest("button.wl")) go = true;
    const hit = e.target.closest("[data-save-list],[data-drop-list]");
    if (!hit) return;
    e.preventDefault();
    if (hit.dataset.saveList) {
      const name = yt.who(yt.say("doc_who"));
      if (name) send("/saved-lists", { address: hit.dataset.saveList, who: name }, () => yt.sync(true));
      return;
    }
    const { dropList: id, what } = hit.dataset;
    const row = hit.closest(".wls1");
    send(`/saved-lists/${id}/${what}`, {}, () => {
      if (what === "restore") return yt.sync(true);
      const undo = Object.assign(document.createElement("button"), { type: "button", className: "txt", textContent: yt.say("list_undo") });
      Object.assign(undo.dataset, { dropList: id, what: "restore" });
      row.replaceChildren(undo);
      undo.focus();
    });
  });
})();

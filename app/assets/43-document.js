/* The document's own file on the page of targets: attached, loaded as a new version, compared with the last one. */
(function () {
  "use strict";
  const yt = window.yt;
  if (!yt) return;
  const make = yt.make;
  function show({ title, text, lines }) {
    const dialog = document.getElementById("targets-dialog");
    const close = make("button", { type: "button", className: "btn pri", textContent: yt.say("doc_close") });
    close.onclick = () => dialog.close();
    const list = make("ul", { className: "doc-lines" }, ...(lines || []).map((x) => make("li", { textContent: x })));
    dialog.onkeydown = null;
    dialog.replaceChildren(make("h2", { textContent: title }), make("p", { textContent: text }), list, make("div", { className: "row" }, make("span", { className: "sp" }), close));
    dialog.showModal();
    close.focus();
  }
  async function answer(asked) {
    try {
      const got = await asked;
      const said = await got.json();
      if (!got.ok) return yt.outage({ kind: "input", text: said.detail || said.title || "", cure: said.cure || "" });
      show(said);
      yt.sync(true);
    } catch (_) {
      yt.outage({ kind: "database", text: yt.say("server_away"), cure: yt.say("recovers") });
    }
  }
  document.addEventListener("click", (e) => {
    const hit = e.target.closest("[data-target-file]");
    if (!hit) return;
    const { targetFile: what, year, accept } = hit.dataset;
    const drop = hit.closest("details.drop");
    if (drop) drop.open = false;
    if (what === "changes") return void answer(fetch("/targets-file/changes?year=" + year));
    const input = make("input", { type: "file", accept, hidden: true, id: "targets-file" });
    input.onchange = () => {
      const file = input.files[0];
      input.remove();
      if (!file) return;
      const query = new URLSearchParams({ name: file.name, year, who: yt.who(yt.say("doc_who")) });
      yt.outage({ kind: "done", text: yt.say("doc_busy"), cure: "" });
      answer(fetch("/targets-file?" + query, { method: "POST", headers: { "Content-Type": "application/octet-stream" }, body: file }));
    };
    document.body.append(input);
    input.click();
  });
})();

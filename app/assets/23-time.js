/* Time on the map: playing month after month, and comparing with an earlier day. */
(function () {
  "use strict";
  const yt = window.yt;
  if (!yt || !yt.drawTime) return;
  const PAUSE_MS = 900; // a month stays at least so long
  const params = () => new URLSearchParams(location.search);
  const today = new Date(Date.now() + 8 * 3600e3).toISOString().slice(0, 10);
  const make = yt.make;
  const yearBefore = (day) => `${+day.slice(0, 4) - 1}${day.slice(4)}`.replace(/02-29$/, "02-28");

  let timer = 0;
  function stop() {
    clearTimeout(timer);
    timer = 0;
    draw();
  }
  /** One month further as soon as the map has drawn the last one; the end is today. */
  function step() {
    if (!params().get("as_of")) return stop();
    if (window.yuantu && !window.yuantu.settled()) return void (timer = setTimeout(step, 60));
    yt.stepTime(1);
    timer = setTimeout(step, PAUSE_MS);
  }
  function play() {
    if (timer) return stop();
    if (!params().get("as_of")) yt.act([["set", "as_of", yearBefore(today)]]);
    timer = setTimeout(step, PAUSE_MS);
    draw();
  }
  for (const kind of ["pointerdown", "keydown"])
    document.addEventListener(kind, (e) => timer && !e.target.closest(".play") && stop(), true);

  function typed(input) {
    const found = /^(\d{4})\D?(\d{1,2})\D?(\d{1,2})$/.exec(input.value.trim());
    const date = found && new Date(Date.UTC(+found[1], found[2] - 1, +found[3]));
    if (date && date.getUTCMonth() === found[2] - 1) yt.act([["set", "since", date.toISOString().slice(0, 10)]]);
    else draw();
  }

  function draw() {
    const box = document.getElementById("timebar");
    if (!box || !box.firstChild) return;
    let button = box.querySelector(".play");
    if (!button) {
      button = make("button", { type: "button", className: "ib sm play", onclick: play }, make("i", {}));
      const compare = make("button", { type: "button", className: "cap vs", textContent: yt.say("time_compare") });
      const since = make("input", { type: "text", inputMode: "numeric", maxLength: 10, className: "day since" });
      since.setAttribute("aria-label", yt.say("time_since"));
      compare.onclick = () => yt.act([["set", "since", params().get("since") ? "" : yearBefore(params().get("as_of") || today)]]);
      since.addEventListener("change", () => typed(since));
      since.addEventListener("keydown", (e) => e.key === "Enter" && since.blur());
      box.append(button, make("span", { className: "dim from", textContent: yt.say("time_from") }), since, compare);
    }
    button.firstChild.className = timer ? "stopping" : "playing";
    button.title = yt.say(timer ? "time_stop" : "time_play");
    button.setAttribute("aria-label", button.title);
    button.setAttribute("aria-pressed", String(Boolean(timer)));
    const day = params().get("since");
    const since = box.querySelector(".since");
    box.classList.toggle("comparing", Boolean(day));
    if (document.activeElement !== since) since.value = day || "";
    const compare = box.querySelector(".vs");
    compare.textContent = yt.say(day ? "time_no_compare" : "time_compare");
    compare.title = yt.say("time_compare_title");
    compare.setAttribute("aria-pressed", String(Boolean(day)));
  }
  const before = yt.drawTime;
  yt.drawTime = () => {
    before();
    draw();
  };
  yt.drawTime();
})();

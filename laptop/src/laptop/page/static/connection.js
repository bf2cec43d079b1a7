// Whether what is shown is live, and plainly which server does not answer.
import { element } from "./dom.js";
import { clock } from "./format.js";

const live = document.getElementById("live");
const troubles = document.getElementById("troubles");
const failing = new Map();
let answeredAt = null;

export function showTroubles(part, error) {
  if (error) failing.set(part, error);
  else {
    failing.delete(part);
    answeredAt = new Date();
  }
  const byServer = new Map(
    [...failing.values()].map((failure) => [failure.server ?? "this page", failure.message]),
  );
  const lines = [...byServer].map(([server, message]) =>
    element("p", {}, element("strong", {}, `${server} does not answer: `), message),
  );
  // An alert is read out at each change, so it changes only with its text.
  if (troubles.textContent !== lines.map((line) => line.textContent).join(""))
    troubles.replaceChildren(...lines);
  showLive();
}

export function showLive() {
  const state = document.hidden ? "paused" : failing.size ? "interrupted" : answeredAt ? "live" : "starting";
  live.dataset.state = state;
  live.textContent = answeredAt ? `${state} · ${clock(answeredAt)}` : state;
}

// The state of the connection: live or not, and servers that do not answer.
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
  // Screen readers announce each change of an alert, so update it only if its text changes.
  if (troubles.textContent !== lines.map((line) => line.textContent).join(""))
    troubles.replaceChildren(...lines);
  showLive();
}

export function showLive() {
  const state = document.hidden ? "paused" : failing.size ? "interrupted" : answeredAt ? "live" : "starting";
  live.dataset.state = state;
  live.textContent = answeredAt ? `${state} · ${clock(answeredAt)}` : state;
}

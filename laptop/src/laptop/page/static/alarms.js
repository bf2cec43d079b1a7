// Alarms: a summary, and the firing ones at the top.
import { element } from "./dom.js";

// Worst first.
export const STATES = {
  ALARM: { sign: "▲", words: "in alarm" },
  INSUFFICIENT_DATA: { sign: "?", words: "without data" },
  OK: { sign: "✓", words: "OK" },
};
const health = document.getElementById("health");
const attention = document.getElementById("alarms");
let shown = "";

export function showAlarms(alarms) {
  const counts = Object.entries(STATES)
    .map(([state, { words }]) => [alarms.filter((alarm) => alarm.state === state).length, words])
    .filter(([count]) => count)
    .map(([count, words]) => `${count} ${words}`);
  const worst = Object.keys(STATES).find((state) => alarms.some((alarm) => alarm.state === state)) ?? "";
  const summary = worst ? `${STATES[worst].sign} ${counts.join(" · ")}` : "no alarms are deployed";
  // Screen readers announce each change, so update these only if their text changes.
  if (health.textContent !== summary) health.textContent = summary;
  health.className = `pill ${worst}`;
  const ringing = alarms.filter((alarm) => alarm.state === "ALARM");
  if (shown === JSON.stringify(ringing)) return;
  shown = JSON.stringify(ringing);
  attention.replaceChildren(...ringing.map(card));
}

function card(alarm) {
  return element(
    "article",
    { class: "attention" },
    element("h2", {}, sign(alarm.state), `${alarm.short_name} is in alarm`),
    element("p", {}, alarm.reason),
    element("p", { class: "quiet" }, alarm.description, " ", runbook(alarm)),
  );
}

export function sign(state) {
  return element("span", { class: `sign ${state}`, "aria-hidden": "true" }, STATES[state].sign);
}

export function runbook(alarm) {
  if (!alarm.runbook) return "";
  const address = alarm.runbook.includes("://") ? alarm.runbook : `/${alarm.runbook}`;
  return element("a", { href: address, target: "_blank", rel: "noopener noreferrer" }, "Runbook: what to do");
}

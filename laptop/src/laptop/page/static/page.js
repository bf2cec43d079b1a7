// Polls the API every few seconds while the page is visible, and updates its parts.
import { showAlarms } from "./alarms.js";
import { showLive, showTroubles } from "./connection.js";
import { ask } from "./dom.js";
import { Grid } from "./grid.js";
import { Rows } from "./rows.js";

const STATES_EVERY_MS = 2000;
const METRICS_EVERY_MS = 4000;
const DEFINITIONS_EVERY_MS = 10000;

const grid = new Grid(document.getElementById("grid"));
const rows = new Rows(document.getElementById("rows"));
const choice = document.querySelector("#which select");
const view = { dashboards: [], alarms: [], minutes: 15 };

async function definitions() {
  view.dashboards = (await ask("/api/dashboards")).dashboards;
  const names = view.dashboards.map((dashboard) => dashboard.name);
  if (names.join() !== [...choice.options].map((option) => option.value).join()) {
    choice.replaceChildren(...names.map((name) => new Option(name)));
  }
  choice.parentElement.hidden = names.length < 2;
  draw();
}

async function metrics() {
  const name = choice.value;
  if (!name) return;
  const data = await ask(`/api/dashboards/${encodeURIComponent(name)}/metrics?minutes=${view.minutes}`);
  if (name === choice.value) grid.showMetrics(data);
}

async function alarms() {
  view.alarms = (await ask("/api/alarms")).alarms;
  showAlarms(view.alarms);
  grid.showAlarms(view.alarms);
}

function draw() {
  const chosen = view.dashboards.find((dashboard) => dashboard.name === choice.value);
  document.getElementById("name").textContent = chosen?.name ?? "No dashboard is deployed yet";
  document.title = `${chosen?.name ?? "Nothing"} · laptop`;
  if (grid.define(chosen)) {
    grid.showAlarms(view.alarms);
    metrics().catch(() => {}); // the next round shows the error
  }
}

// The parts are independent: while one server does not answer, the other's part stays live.
function keep(part, everyMs) {
  let due = null;
  async function round() {
    clearTimeout(due);
    due = null;
    if (document.hidden) return;
    try {
      await part();
      showTroubles(part, null);
    } catch (error) {
      showTroubles(part, error);
    }
    due = setTimeout(round, everyMs);
  }
  document.addEventListener("visibilitychange", () => {
    if (!document.hidden && due === null) round();
  });
  round();
}

choice.addEventListener("change", draw);
document.getElementById("range").addEventListener("change", (event) => {
  view.minutes = Number(event.target.value);
  metrics().catch(() => {});
});
document.addEventListener("visibilitychange", showLive);

keep(definitions, DEFINITIONS_EVERY_MS);
keep(metrics, METRICS_EVERY_MS);
keep(alarms, STATES_EVERY_MS);
keep(() => rows.refreshTables(), DEFINITIONS_EVERY_MS);
keep(() => rows.refresh(), STATES_EVERY_MS);

// The widgets of a dashboard, at the places of its definition.
import { Chart } from "./chart.js";
import { element } from "./dom.js";
import { Numbers } from "./numbers.js";
import { Tiles } from "./tiles.js";

export class Grid {
  #place;
  #defined = "";
  #charts = new Map();
  #tiles = [];

  constructor(place) {
    this.#place = place;
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () =>
      this.#charts.forEach((chart) => chart.restyle()),
    );
  }

  // Draws a definition; returns true if it differs from the last one.
  define(dashboard) {
    const defined = JSON.stringify(dashboard ?? null);
    if (defined === this.#defined) return false;
    this.#defined = defined;
    this.#charts.forEach((chart) => chart.remove());
    this.#charts.clear();
    this.#tiles = [];
    this.#place.replaceChildren(
      ...(dashboard?.widgets ?? []).map((widget, index) => this.#widget(widget, index)),
    );
    return true;
  }

  showMetrics(data) {
    this.#charts.forEach((chart, index) => data[index] && chart.show(data[index]));
  }

  showAlarms(alarms) {
    this.#tiles.forEach((tiles) => tiles.show(alarms));
  }

  #widget(widget, index) {
    const body = element("div", { class: "widget-body" });
    const made = element("section", { class: `widget ${widget.type}` }, body);
    if (widget.title) {
      const title = element("h2", { id: `widget-${index}` }, widget.title);
      made.prepend(title);
      made.setAttribute("aria-labelledby", title.id);
    }
    at(made, widget.place);
    if (widget.chart)
      this.#charts.set(index, new (widget.chart.view === "timeSeries" ? Chart : Numbers)(body, widget));
    else if (widget.type === "alarm") this.#tiles.push(new Tiles(body, widget.alarms));
    // The server rendered this from the definition's Markdown, with HTML escaped.
    else if (widget.type === "text") body.innerHTML = widget.html;
    else body.append(element("p", { class: "quiet" }, widget.note));
    return made;
  }
}

function at(made, { x, y, width, height }) {
  made.style.gridColumn = x === null ? `span ${width}` : `${x + 1} / span ${width}`;
  made.style.gridRow = y === null ? `span ${height}` : `${y + 1} / span ${height}`;
  made.style.setProperty("--height", height);
}

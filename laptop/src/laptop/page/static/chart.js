// A metric widget over time. uPlot draws it; the legend has the same as text.
import uPlot from "/uplot/uPlot.esm.js";
import { element } from "./dom.js";
import { span } from "./format.js";
import { Legend } from "./legend.js";
import { plotOptions } from "./plot.js";

const NOTHING = { times: [], values: [], latest: null };

export class Chart {
  #widget;
  #lines;
  #canvas = element("div", { class: "canvas", role: "img" });
  #empty = element("p", { class: "empty quiet" });
  #legend;
  #plot = null;
  #data;
  #latest = [];
  #window = [0, 1];
  #resized = new ResizeObserver(() => this.#plot?.setSize(this.#size()));

  constructor(body, widget) {
    this.#widget = widget;
    this.#lines = widget.chart.lines.filter((line) => line.visible);
    this.#data = this.#nothing();
    this.#legend = new Legend(this.#lines, widget.chart);
    this.#canvas.setAttribute("aria-label", widget.title);
    body.classList.add("chart");
    body.append(this.#canvas, this.#empty, this.#legend.list);
    this.#resized.observe(this.#canvas);
  }

  remove() {
    this.#resized.disconnect();
    this.#plot?.destroy();
  }

  // Colours are fixed when a plot is created.
  restyle() {
    this.#plot?.destroy();
    this.#plot = null;
    this.#draw();
  }

  show({ start, end, lines, message }) {
    const found = this.#lines.map((line) => lines[line.id] ?? NOTHING);
    const tables = found.map(({ times, values }) => [times, values]);
    this.#window = [start, end];
    this.#data = tables.some(([times]) => times.length) ? uPlot.join(tables) : this.#nothing();
    this.#empty.textContent =
      message || (this.#data[0].length ? "" : `no data in the last ${span(end - start)}`);
    this.#latest = found.map(({ latest }) => latest);
    this.#draw();
    this.#legend.show(this.#data, this.#plot.cursor.idx, this.#latest);
    this.#canvas.setAttribute("aria-label", `${this.#widget.title}: ${this.#legend.text}`);
  }

  #draw() {
    const drawn = this.#widget.chart.stacked ? stacked(this.#data) : this.#data;
    if (this.#plot) {
      this.#plot.setData(drawn);
      return;
    }
    const options = plotOptions(this.#widget.chart, this.#lines, {
      window: () => this.#window,
      onCursor: (index) => this.#legend.show(this.#data, index, this.#latest),
    });
    this.#plot = new uPlot({ ...options, ...this.#size() }, drawn, this.#canvas);
  }

  #nothing() {
    return [[], ...this.#lines.map(() => [])];
  }

  #size() {
    return { width: Math.max(this.#canvas.clientWidth, 60), height: Math.max(this.#canvas.clientHeight, 60) };
  }
}

// Each line on top of those before it.
function stacked([times, ...lines]) {
  const below = times.map(() => 0);
  const piled = lines.map((values) =>
    values.map((value, at) => (value === null || value === undefined ? value : (below[at] += value))),
  );
  return [times, ...piled];
}

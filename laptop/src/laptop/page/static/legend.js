// The legend of a chart: its lines with the latest values, or those under the mouse.
import { lineColor } from "./colors.js";
import { element } from "./dom.js";
import { number, unitOf } from "./format.js";

export class Legend {
  list = element("ul", { class: "legend" });
  #lines;
  #axes;
  #values = [];

  constructor(lines, { axes, thresholds }) {
    this.#lines = lines;
    this.#axes = axes;
    this.#values = lines.map(() => element("b"));
    this.list.append(
      ...lines.map((line, index) => this.#line(line, index)),
      ...thresholds.map((threshold) => this.#threshold(threshold)),
    );
  }

  // The values at an index of the data; without one, the latest.
  show(data, index, latest) {
    this.#lines.forEach((line, position) => {
      const value = index === null || index === undefined ? latest[position] : data[position + 1][index];
      this.#values[position].textContent = number(value, this.#unit(line.yAxis));
    });
  }

  get text() {
    return [...this.list.children].map((entry) => entry.textContent).join(", ");
  }

  #unit(side) {
    return unitOf(this.#axes[side]?.label);
  }

  #line(line, index) {
    const swatch = element("span", { class: `swatch ${line.yAxis}`, "aria-hidden": "true" });
    swatch.style.color = lineColor(line, index);
    const what = line.expression || [line.namespace, line.metricName, ...line.dimensions.flat()].join(" · ");
    const where = line.yAxis === "right" ? " · right axis" : "";
    return element(
      "li",
      { title: `${what} · ${line.stat} of ${line.period} s${where}` },
      swatch,
      element("span", {}, `${line.label} `),
      this.#values[index],
    );
  }

  #threshold({ value, label, color, yAxis }) {
    const swatch = element("span", { class: "swatch threshold", "aria-hidden": "true" });
    if (color) swatch.style.color = color;
    return element("li", {}, swatch, label || number(value, this.#unit(yAxis)));
  }
}

// A metric widget that shows the latest values as numbers instead of lines.
import { element } from "./dom.js";
import { number, unitOf } from "./format.js";

export class Numbers {
  #chart;
  #lines;
  #list = element("dl", { class: "numbers" });

  constructor(body, widget) {
    this.#chart = widget.chart;
    this.#lines = widget.chart.lines.filter((line) => line.visible);
    body.append(this.#list);
  }

  remove() {}

  restyle() {}

  show({ lines: series }) {
    this.#list.replaceChildren(
      ...this.#lines.map((line) => {
        const value = series[line.id]?.latest;
        const unit = unitOf(this.#chart.axes[line.yAxis]?.label);
        return element("div", {}, element("dt", {}, line.label), element("dd", {}, number(value, unit)));
      }),
    );
  }
}

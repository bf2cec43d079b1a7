// An alarm widget: a tile per alarm, which opens its details.
import { STATES, runbook, sign } from "./alarms.js";
import { element } from "./dom.js";
import { span } from "./format.js";

export class Tiles {
  #list = element("ul", { class: "tiles" });
  #arns;
  #tiles = new Map();

  constructor(body, arns) {
    this.#arns = arns;
    body.append(this.#list);
  }

  // Tiles keep their elements, in the runbook's order, so that open and focused ones stay so.
  show(alarms) {
    const mine = alarms.filter((alarm) => this.#arns.includes(alarm.arn));
    const wanted = mine.map((alarm) => {
      if (!this.#tiles.has(alarm.arn)) this.#tiles.set(alarm.arn, new Tile(alarm));
      this.#tiles.get(alarm.arn).show(alarm);
      return this.#tiles.get(alarm.arn).item;
    });
    const now = [...this.#list.children];
    if (now.length !== wanted.length || wanted.some((item, at) => item !== now[at]))
      this.#list.replaceChildren(...wanted);
  }
}

class Tile {
  item;
  #button;
  #details;

  constructor({ name }) {
    // `popover` handles focus, Escape and a click elsewhere.
    this.#details = element("div", { class: "popover", id: `alarm-${name}`, popover: true });
    this.#button = element("button", { popovertarget: this.#details.id, title: name });
    this.item = element("li", {}, this.#button, this.#details);
  }

  show(alarm) {
    const { words } = STATES[alarm.state];
    const since = span(Date.now() / 1000 - alarm.since);
    this.#button.className = `tile ${alarm.state}`;
    this.#button.replaceChildren(
      sign(alarm.state),
      element("span", { class: "tile-name" }, alarm.short_name),
      element("span", { class: "quiet" }, `${words} · ${since}`),
    );
    this.#details.replaceChildren(
      element("h2", {}, alarm.name),
      element("p", {}, sign(alarm.state), `${words} for ${since}`),
      element("p", {}, alarm.reason),
      element("p", {}, alarm.description),
      element("p", {}, runbook(alarm)),
    );
  }
}

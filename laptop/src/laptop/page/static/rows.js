// The latest rows of a table, newest first; rows that are new since the last update are marked.
import { ask, element } from "./dom.js";

const LIMIT = 25;

export class Rows {
  #tabs;
  #count;
  #head;
  #body;
  #table = null;
  #picked = false;
  #seen = null;
  #shown = "";

  constructor(section) {
    this.#tabs = section.querySelector("#tables");
    this.#count = section.querySelector("#count");
    this.#head = section.querySelector("thead");
    this.#body = section.querySelector("tbody");
  }

  async refreshTables() {
    const { tables } = await ask("/api/tables");
    const names = JSON.stringify(tables);
    if (names === this.#shown) return;
    this.#shown = names;
    const first = tables[0]?.name ?? null;
    const stays = this.#picked ? tables.some((table) => table.name === this.#table) : this.#table === first;
    if (!stays) this.#choose(first);
    this.#tabs.replaceChildren(...tables.map((table) => this.#tab(table)));
    await this.refresh();
  }

  async refresh() {
    const asked = this.#table;
    if (!asked) return;
    const latest = await ask(`/api/rows?table=${encodeURIComponent(asked)}&limit=${LIMIT}`);
    if (asked === this.#table) this.#show(latest);
  }

  #tab({ name, kind }) {
    const tab = element(
      "button",
      { title: `${kind} ${name}`, "aria-pressed": String(name === this.#table) },
      shortName(name),
    );
    tab.addEventListener("click", () => {
      this.#choose(name);
      this.#picked = true;
      [...this.#tabs.children].forEach((other) => other.setAttribute("aria-pressed", String(other === tab)));
      this.refresh().catch(() => {}); // the next round shows the error
    });
    return tab;
  }

  #choose(name) {
    this.#table = name;
    this.#seen = null;
    this.#head.replaceChildren();
    this.#body.replaceChildren();
    this.#count.textContent = "";
  }

  #show({ columns, rows, count, ordered_by: orderedBy }) {
    // Columns that give the order come first.
    const order = columns
      .map((_, index) => index)
      .sort((a, b) => (columns[b] === orderedBy) - (columns[a] === orderedBy));
    const keys = rows.map((row) => JSON.stringify(row));
    const before = this.#seen;
    this.#count.textContent = `${count.toLocaleString("en")} rows`;
    if (before && keys.length === before.size && keys.every((key) => before.has(key))) return;
    this.#seen = new Set(keys);
    this.#head.replaceChildren(
      element("tr", {}, ...order.map((index) => element("th", { scope: "col" }, columns[index]))),
    );
    this.#body.replaceChildren(
      ...rows.map((row, position) => {
        const cells = order.map((index) => cell(row[index]));
        return element("tr", { class: before && !before.has(keys[position]) ? "new" : null }, ...cells);
      }),
    );
  }
}

function cell(value) {
  if (value === null) return element("td", { class: "null" }, "NULL");
  return element("td", { title: value.length > 24 ? value : null }, value);
}

// "DB"."SCHEMA"."NAME" → NAME
function shortName(name) {
  return name.match(/"((?:[^"]|"")+)"$/)[1].replaceAll('""', '"');
}

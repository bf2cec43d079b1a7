// Numbers, units and times in readable form.

const UNITS = {
  bytes: "B",
  seconds: "s",
  second: "s",
  s: "s",
  milliseconds: "ms",
  ms: "ms",
  percent: "%",
  "%": "%",
};
const COMPACT = new Intl.NumberFormat("en", { notation: "compact", maximumFractionDigits: 1 });

// Each number has a unit of suitable size; the axis has the rest of a label, as in "bytes an hour".
export function splitLabel(axisLabel = null) {
  const [first, ...rest] = (axisLabel ?? "").trim().split(" ");
  const unit = UNITS[first.toLowerCase()] ?? "";
  return { unit, axis: (unit ? rest : [first, ...rest]).join(" ") };
}

export function unitOf(axisLabel) {
  return splitLabel(axisLabel).unit;
}

export function number(value, unit = "") {
  if (value === null || value === undefined) return "–";
  const size = Math.abs(value);
  if (unit === "ms" && size >= 1000) return number(value / 1000, "s");
  if (unit === "B" && size >= 1000) {
    const power = Math.min(Math.floor(Math.log10(size) / 3), 4);
    return `${plain(value / 1000 ** power)} ${["", "k", "M", "G", "T"][power]}B`;
  }
  const text = size >= 10000 ? COMPACT.format(value) : plain(value);
  return unit ? `${text} ${unit}` : text;
}

function plain(value) {
  return new Intl.NumberFormat("en", { maximumFractionDigits: Math.abs(value) < 10 ? 3 : 1 }).format(value);
}

export function clock(date) {
  return date.toLocaleTimeString([], { hour12: false });
}

export function span(seconds) {
  if (seconds < 60) return `${Math.max(0, Math.round(seconds))} s`;
  if (seconds < 5400) return `${Math.round(seconds / 60)} min`;
  return seconds < 129600 ? `${Math.round(seconds / 3600)} h` : `${Math.round(seconds / 86400)} d`;
}

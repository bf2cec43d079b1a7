// uPlot options for a chart of a definition: two axes, units, lines, thresholds.
import { lineColor, resolved } from "./colors.js";
import { clock, number, splitLabel } from "./format.js";
import { drawThresholds } from "./thresholds.js";

const FONT = "11px system-ui, sans-serif";

export function plotOptions(chart, lines, { window, onCursor }) {
  const sides = ["left", "right"].filter((side) => lines.some((line) => line.yAxis === side));
  const shared = {
    stroke: resolved("--quiet"),
    font: FONT,
    ticks: { show: false },
    grid: { stroke: resolved("--rule"), width: 1 },
  };
  const scales = sides.map((side) => [side, { range: (_plot, low, high) => range(chart, side, low, high) }]);
  return {
    padding: [8, sides.includes("right") ? 0 : 20, 0, 0],
    legend: { show: false },
    cursor: {
      sync: { key: "page", scales: ["x", null] },
      drag: { x: false, y: false },
      points: { size: 6 },
    },
    scales: { x: { time: true, range: window }, ...Object.fromEntries(scales) },
    axes: [
      timeAxis(shared),
      ...sides.map((side) => valueAxis(chart.axes[side]?.label, side, shared, side === sides[0])),
    ],
    series: [{}, ...lines.map((line, index) => series(line, index, chart.stacked))],
    hooks: {
      draw: [(plot) => drawThresholds(plot, chart.thresholds)],
      setCursor: [(plot) => onCursor(plot.cursor.idx)],
    },
  };
}

function timeAxis(shared) {
  const values = (_plot, ticks, _axis, _space, step) => ticks.map((tick) => time(tick, step));
  return { ...shared, size: 24, space: 56, values };
}

function valueAxis(label, side, shared, grid) {
  const { unit, axis } = splitLabel(label);
  return {
    ...shared,
    grid: { ...shared.grid, show: grid },
    scale: side,
    side: side === "left" ? 3 : 1,
    space: 24,
    size: (_plot, ticks) => 12 + 6.5 * Math.max(...(ticks ?? [""]).map((tick) => tick.length)),
    values: (_plot, ticks) => ticks.map((tick) => number(tick, unit)),
    ...(axis ? { label: axis, labelSize: 14, labelFont: FONT } : {}),
  };
}

function series(line, index, stacked) {
  const color = lineColor(line, index);
  return {
    label: line.label,
    scale: line.yAxis,
    stroke: resolved(color),
    width: 2,
    dash: line.yAxis === "right" ? [6, 4] : undefined,
    fill: stacked ? resolved(`color-mix(in srgb, ${color} 25%, transparent)`) : undefined,
    // Points are drawn if there are few; a value between two gaps always is one.
    points: { size: 5, width: 0, fill: resolved(color) },
  };
}

// The definition's range; otherwise one that shows all values and thresholds, with some margin.
function range({ axes, thresholds }, side, low, high) {
  const { min = null, max = null } = axes[side] ?? {};
  const marks = thresholds.filter((line) => line.yAxis === side).map((line) => line.value);
  const known = [low, high, ...marks].filter((value) => value !== null);
  const [from, to] = known.length ? [Math.min(...known), Math.max(...known)] : [0, 1];
  const room = 0.1 * (to - from || Math.abs(to) || 10);
  return [min ?? from - room, max ?? to + room];
}

function time(seconds, step) {
  const date = new Date(seconds * 1000);
  if (step >= 86400) return date.toLocaleDateString([], { month: "short", day: "numeric" });
  return step % 60 ? clock(date) : clock(date).slice(0, 5);
}

// Colours of lines: the definition's, or the style sheet's in turn.

const COLORS = 8;

export function lineColor(line, index) {
  return line.color ?? `var(--line-${(index % COLORS) + 1})`;
}

// A colour of the style sheet as a value for the canvas, for the current light or dark mode.
export function resolved(color) {
  const probe = document.getElementById("probe");
  probe.style.color = color.startsWith("--") ? `var(${color})` : color;
  return getComputedStyle(probe).color;
}

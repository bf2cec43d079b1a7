// Horizontal lines in a chart: service levels and alarm thresholds. The legend has their names.
import { resolved } from "./colors.js";

export function drawThresholds(plot, thresholds) {
  const { ctx, bbox } = plot;
  const scale = devicePixelRatio;
  ctx.save();
  ctx.lineWidth = 1.5 * scale;
  ctx.setLineDash([2 * scale, 3 * scale]);
  for (const { value, color, yAxis } of thresholds) {
    if (!plot.scales[yAxis]) continue;
    const y = plot.valToPos(value, yAxis, true);
    if (y < bbox.top - 1 || y > bbox.top + bbox.height + 1) continue;
    ctx.strokeStyle = resolved(color ?? "--threshold");
    ctx.beginPath();
    ctx.moveTo(bbox.left, y);
    ctx.lineTo(bbox.left + bbox.width, y);
    ctx.stroke();
  }
  ctx.restore();
}

// All that follows from the reader's setting: the box, what is in it, and what the network says.

import { upTo } from "../kit/numbers.js";
import { answerOf, cutOf, distanceOf, floatsOf, shareInside, strengthOf } from "./sums.js";

/** Fixed for the explorer: sizes, maps, weights. `sceneOf(state)` is what follows of a setting. */
export function stageOf(view) {
  const {
    bins,
    grid,
    classes,
    jump_px: jump,
    shift_px: shift,
  } = view.read("bins", "grid", "classes", "jump_px", "shift_px");
  const {
    figures,
    pooled,
    shirts,
    field_px: field,
  } = view.read("figures", "pooled", "shirts", "field_px");
  const {
    height_px: height,
    width_px: width,
    frames,
  } = view.read("height_px", "width_px", "frames");
  const sizes = {
    bins,
    grid,
    jump,
    shift,
    height,
    width,
    frames,
    field,
    numClasses: classes.length,
  };
  const [all, weights] = [floatsOf(view.get("features")), floatsOf(view.get("weights"))];
  const size = grid[0] * grid[1] * grid[2];
  const maps = upTo(figures.length).map((n) => all.slice(n * size, (n + 1) * size));

  const sceneOf = (state) => {
    const { film, swapped, box } = state;
    const [number, other] = [2 * film + Number(swapped), 2 * film + Number(!swapped)];
    const cut = cutOf(box, sizes);
    const [now, then] = [number, other].map((n) => answerOf(maps[n], weights, cut, sizes));
    const points = [cut.rows, cut.columns].map((axis) => axis.points.flat());
    const known = [cut.rows, cut.columns].map((axis, k) => points[k].filter(axis.known).length);
    return {
      ...sizes,
      ...state,
      classes,
      number,
      cut,
      ...now,
      pooled: pooled[number],
      moves: {
        box: distanceOf(now.scores, then.scores),
        film: distanceOf(pooled[number], pooled[other]),
      },
      points: points[0].length * points[1].length,
      unknown: points[0].length * points[1].length - known[0] * known[1],
      strength: strengthOf(maps[number], grid),
      figures: figures[number].map((figure, k) => ({
        ...figure,
        shirt: shirts[film][k],
        // A small box on a figure holds little of it, but lies on nothing else.
        inside: Math.max(shareInside(figure.box, box), shareInside(box, figure.box)),
      })),
    };
  };
  return { ...sizes, sceneOf };
}

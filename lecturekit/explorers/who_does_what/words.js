// The numbers in words.

import { total, upTo } from "../kit/numbers.js";

const MOSTLY = 0.5;
const TOUCHED = 0.2;

export const score = (value) => value.toFixed(2);
export const nameOf = ({ shirt }) => `the one in ${shirt}`;
const pixels = (value) => String(Number(value.toFixed(2))).replace("-", "−");
const plural = (number, name) => `${number} ${name}${number === 1 ? "" : "s"}`;

/** Who has a class: "red", "both", or nobody. */
export function ownersOf(label, figures) {
  const owners = figures.filter((figure) => figure.classes.includes(label));
  if (owners.length === figures.length) return "both";
  return owners.map(({ shirt }) => shirt).join(" ");
}

/** Whom the box holds: the figures, and whether they are there in parts only. */
function heldBy({ figures }) {
  const mostly = figures.filter(({ inside }) => inside >= MOSTLY);
  const touched = figures.filter(({ inside }) => inside >= TOUCHED);
  if (mostly.length === figures.length) return { held: figures, how: "both" };
  if (touched.length === figures.length) return { held: figures, how: "parts" };
  if (mostly.length) return { held: mostly, how: "one" };
  return touched.length ? { held: touched, how: "part" } : { held: [], how: "nobody" };
}

const MIXED =
  "each channel’s largest value may come from either, so the scores mix what the two do";
const PLACES = {
  one: ([figure]) => `The box lies on ${nameOf(figure)}.`,
  part: ([figure]) => `The box has a part of ${nameOf(figure)}.`,
  parts: () => `The box takes in parts of both: ${MIXED}.`,
  both: () => `The box takes in both: ${MIXED}.`,
  nobody: (_, { field }) =>
    `The box lies on neither of the two. But a feature sees ${field} × ${field} px, more than its cell: who stands beside the box can still count.`,
};

const quoted = (names) => names.map(([name, value]) => `“${name}” ${score(value)}`).join(", ");

/** The box's highest scores, as many as there are true ones, and how many of them are true. */
function highestOf(scene, held) {
  const { scores, classes } = scene;
  const wanted = new Set(held.flatMap((figure) => figure.classes));
  const best = upTo(classes.length)
    .toSorted((a, b) => scores[b] - scores[a] || a - b)
    .slice(0, wanted.size || 2);
  const said = quoted(best.map((k) => [classes[k], scores[k]]));
  if (!wanted.size) return `Highest: ${said}.`;
  const right = total(best.map((k) => wanted.has(k)));
  const whose = held.length > 1 ? "of the two" : `of ${nameOf(held[0])}`;
  return `Its ${plural(best.length, "highest score")}: ${said}; ${right} of ${best.length} true ${whose}.`;
}

/** The one sentence that the present setting teaches. */
export function lessonOf(scene) {
  const { held, how } = heldBy(scene);
  return `${PLACES[how](held, scene)} ${highestOf(scene, held)} The whole film’s scores have no box: they stay as they are, wherever you put it.`;
}

/** What each of the two does in the film that is shown. */
export const truthOf = ({ figures, swapped }) =>
  `${swapped ? "They have swapped. " : ""}${figures.map(({ caption }) => caption).join(" ")}`;

/** "14 × 28 px, x 3 to 17, y 2 to 30". */
function boxText({ box }) {
  const [x0, y0, x1, y1] = box.map(pixels);
  const [wide, high] = [box[2] - box[0], box[3] - box[1]].map(pixels);
  return `${wide} × ${high} px, x ${x0} to ${x1}, y ${y0} to ${y1}`;
}

/** How RoIAlign cuts the box. */
function gridText({ bins, cut, points, unknown }) {
  const [down, across] = [cut.rows, cut.columns].map((axis) => axis.points[0].length);
  const off = unknown ? `; ${unknown} of ${points} lie off the map and read 0` : "";
  const each = down * across === 1 ? "1 point" : `${down} × ${across} points`;
  return `${bins[0]} × ${bins[1]} bins, ${each} in each${off}`;
}

/** What is drawn over the picture. */
export function overlayText({ overlay, grid }) {
  if (overlay === "strength")
    return `Blue: the mean of the ${grid[0]} channels in each cell, over all of the film.`;
  if (overlay === "channels")
    return `Of ${grid[0]} channels, how many have their largest value in each bin.`;
  return "Squares: the map’s cells. At its cross each feature stands: the middle of what it sees.";
}

/** What stands in each reading: a number, and a note below it. */
export function readingsOf(scene) {
  const { moves, classes } = scene;
  const note = `on average over ${classes.length} scores`;
  const [size, ...place] = boxText(scene).split(", ");
  return {
    size: [size, `${place.join(", ")}; ${gridText(scene)}`],
    moved: [score(moves.box), note],
    still: [score(moves.film), note],
  };
}

/** The picture in words. */
export const pictureText = (scene, frame) =>
  `Frame ${frame + 1} of ${scene.frames}. ${truthOf(scene)} Over it ${scene.grid[1]} × ${scene.grid[2]} cells of the feature map. Box: ${boxText(scene)}; ${gridText(scene)}.`;

/** The box in words, for who moves it by keys. */
export const boxLabel = (scene) =>
  `Box, ${boxText(scene)}. Arrow keys move it, with Shift they resize it, plus and minus grow and shrink it.`;

/** What a screen reader hears after a change. */
export const saidOf = (scene) => `Box ${boxText(scene)}. ${truthOf(scene)} ${lessonOf(scene)}`;

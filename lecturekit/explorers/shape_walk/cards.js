// The cube and its output as two rows of cards: a card is seen from the side, so that none hides
// another. All lengths are in cells.

import { svg } from "../kit/dom.js";
import { polygon } from "./blocks.js";
import { upTo } from "../kit/numbers.js";
import { sizesOf } from "./sums.js";

const CARD = { across: 0.56, rise: 0.3, gap: 1.1 };
const UNIT = 10; // of the drawing, for one cell

/** Where a card that begins at (left, top) has its [row, column]. */
const cardAt =
  (left, top) =>
  ([row, column]) => [left + column * CARD.across, top + row - column * CARD.rise];

const cornersOf = ([row, column], [high, wide]) => [
  [row, column],
  [row, column + wide],
  [row + high, column + wide],
  [row + high, column],
];

const quad = (place, from, size, name) => polygon(cornersOf(from, size).map(place), name);

/** Where the cards stand: `input(t)` and `output(t)` give each its own place of [row, column]. */
function geometryOf({ cube, weights, padding, sizes }) {
  const [frames, rows, columns] = sizesOf(cube).map((size) => size + 2 * padding);
  const [, outRows, outColumns] = sizes;
  const pitch = columns * CARD.across + CARD.gap;
  const top = columns * CARD.rise + 1.6;
  const below = top + rows + 2.6;
  // An output stands under the middle of the frames that it reads.
  const left = 1 + ((columns - outColumns) / 2) * CARD.across;
  const middle = (weights.length - 1) / 2;
  return {
    padded: [frames, rows, columns],
    wide: frames * pitch + 1,
    high: below + outColumns * CARD.rise + outRows + 0.4,
    names: { left: (t) => t * pitch + 1.2, top: top + rows + 1.1, below: below + 0.9 },
    input: (t) => cardAt(t * pitch + 1, top),
    output: (t) => cardAt((t + middle) * pitch + left, below + outColumns * CARD.rise),
  };
}

/** Every cell of one block; `look([t, y, x])` gives [class, opacity] of a cell. */
function cards([frames, rows, columns], placeOf, look) {
  const cell = (place, t, y, x) => {
    const [name, opacity] = look([t, y, x]);
    const node = quad(place, [y, x], [1, 1], `sw-cell ${name}`);
    node.setAttribute("fill-opacity", opacity.toFixed(2));
    return node;
  };
  return upTo(frames).flatMap((t) => {
    const place = placeOf(t);
    const cells = upTo(rows).flatMap((y) => upTo(columns).map((x) => cell(place, t, y, x)));
    return [quad(place, [0, 0], [rows, columns], "sw-card"), ...cells];
  });
}

/** How cells look: larger numbers darker, the zeros around them apart, outputs by their sign. */
function looksOf({ cube, padding, outputs }) {
  const values = cube.flat(2);
  const low = Math.min(...values);
  const spread = Math.max(...values) - low || 1;
  const most = Math.max(...outputs.flat(2).map(Math.abs)) || 1;
  const input = (padded) => {
    const [t, y, x] = padded.map((at) => at - padding);
    const value = cube[t]?.[y]?.[x];
    return value === undefined
      ? ["sw-pad", 1]
      : ["sw-value", 0.06 + (0.8 * (value - low)) / spread];
  };
  const output = ([t, y, x]) => {
    const value = outputs[t][y][x];
    return [value < 0 ? "sw-minus" : "sw-plus", (0.9 * Math.abs(value)) / most];
  };
  return { input, output };
}

const letter = (text, x, y) => svg("text", { x, y, class: "sw-letter" }, text);

function lettersOf({ padded: [frames], names }, padding) {
  const nameOf = (t) => (t >= padding && t < frames - padding ? `t ${t - padding}` : "zeros");
  const below = upTo(frames).map((t) => letter(nameOf(t), names.left(t), names.top));
  return [...below, letter("input", 0.2, 1), letter("output", 0.2, names.below)];
}

/** The window on the cards that it lies on, and the number that it gives. */
function windowParts({ weights, place: [t, y, x] }, { input, output }) {
  const [frames, rows, columns] = sizesOf(weights);
  const window = upTo(frames).map((i) => quad(input(t + i), [y, x], [rows, columns], "sw-lit"));
  const edges = upTo(frames - 1).flatMap((i) =>
    cornersOf([y, x], [rows, columns]).map((corner) => {
      const [[x1, y1], [x2, y2]] = [input(t + i)(corner), input(t + i + 1)(corner)];
      return svg("line", { x1, y1, x2, y2, class: "sw-edge" });
    }),
  );
  const [x1, y1] = input(t + Math.floor((frames - 1) / 2))([y + rows, x + columns / 2]);
  const [x2, y2] = output(t)([y + 0.5, x + 0.5]);
  const beam = svg("line", { x1, y1, x2, y2, class: "sw-beam" });
  return [beam, ...edges, ...window, quad(output(t), [y, x], [1, 1], "sw-chosen")];
}

/** Both rows, input above output. Cells are drawn once for a kernel and padding. */
export function cardsPicture() {
  const node = svg("svg", { class: "sw-cards", role: "img" });
  const over = svg("g");
  let [known, geometry] = [null, null];
  const build = (scene) => {
    geometry = geometryOf(scene);
    const { wide, high, padded, input, output } = geometry;
    node.setAttribute("viewBox", `0 0 ${wide * UNIT} ${high * UNIT}`);
    node.style.setProperty("--wide", wide);
    const look = looksOf(scene);
    const cells = [...cards(padded, input, look.input), ...cards(scene.sizes, output, look.output)];
    const scale = { transform: `scale(${UNIT})` };
    node.replaceChildren(svg("g", scale, ...cells, ...lettersOf(geometry, scene.padding), over));
  };
  const show = (scene) => {
    if (scene.outputs !== known) build(scene);
    known = scene.outputs;
    over.replaceChildren(...windowParts(scene, geometry));
  };
  return { node, show };
}

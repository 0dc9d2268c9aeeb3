// Four rows of small pictures, one for each moment, the first on the left.

import { h } from "../kit/dom.js";
import { upTo } from "../kit/numbers.js";

const NAMES = {
  seen: "What the encoder sees",
  rebuilt: "Rebuilt by the network",
  copied: "Copied from the nearest visible moment",
  truth: "The true clip",
};
const [HIDDEN, CROSS] = [150, 90]; // greys of a hidden patch and of its cross

/** What the encoder sees: hidden patches in grey, with a cross. */
function seenOf(scene, at, k, { tubelet, width, height }) {
  if (!scene.mask[scene.map[k]]) return 255 * scene.pixels[at];
  const [x, y] = [k % width, Math.floor(k / width) % height];
  const [row, column] = [y % tubelet[1], x % tubelet[2]];
  return row === column || row + column === tubelet[2] - 1 ? CROSS : HIDDEN;
}

/** A row; `values(scene, number, pixel)` gives the colours, from 0 to 255. */
function pictureRow(key, sizes, values) {
  const { grid, tubelet, width, height } = sizes;
  const canvases = upTo(grid[0]).map(() => h("canvas", { width, height }));
  const strip = h("div", { class: "tm-strip", role: "img" }, ...canvases);
  const node = h("div", { class: "tm-row", "data-row": key }, h("p", {}, NAMES[key]), strip);
  const show = (scene) => {
    for (const [moment, canvas] of canvases.entries()) {
      const image = new ImageData(width, height);
      const first = moment * tubelet[0] * width * height;
      for (let k = 0; k < width * height; k++) {
        for (let c = 0; c < 3; c++)
          image.data[4 * k + c] = values(scene, 3 * (first + k) + c, first + k);
        image.data[4 * k + 3] = 255;
      }
      canvas.getContext("2d").putImageData(image, 0, 0);
    }
    strip.setAttribute("aria-label", `${NAMES[key]}. ${scene.words}`);
  };
  return { node, show };
}

export function rowsPane(sizes) {
  const rows = [
    pictureRow("seen", sizes, (scene, at, k) => seenOf(scene, at, k, sizes)),
    pictureRow("rebuilt", sizes, (scene, at) => 255 * scene.rebuilt[at]),
    pictureRow("copied", sizes, (scene, at) => 255 * scene.copied[at]),
    pictureRow("truth", sizes, (scene, at) => 255 * scene.pixels[at]),
  ];
  const show = (scene) => {
    for (const row of rows) row.show(scene);
  };
  return { node: h("div", { class: "tm-rows" }, ...rows.map(({ node }) => node)), show };
}

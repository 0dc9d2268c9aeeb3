// The two frames and the fields of the whole grid, as Python sent them.

import { h } from "../kit/dom.js";
import { cellAt, decodeImage } from "../kit/sheet.js";
import { colourMap, errorMap } from "./draw.js";
import { fieldOf, statisticsOf } from "./sums.js";

/** Calls `make(key)` once for each key, when it is first asked for. */
function once(make) {
  const made = new Map();
  return (key) => {
    if (!made.has(key)) made.set(key, make(key));
    return made.get(key);
  };
}

/** The grey values of some rows of a grey picture. */
function greyOf(image, from, rows) {
  const canvas = h("canvas", { width: image.width, height: rows });
  const reader = canvas.getContext("2d", { willReadFrequently: true });
  reader.drawImage(image, 0, -from);
  const { data } = reader.getImageData(0, 0, image.width, rows);
  return Uint8Array.from({ length: image.width * rows }, (_, k) => data[4 * k]);
}

/** What Python fixed: sizes, the grid of parameters, one step in px for each field. */
export function fixedOf(view) {
  const {
    width_px: width,
    height_px: height,
    max_px: full,
    steps_px: steps,
    ...grid
  } = view.read("width_px", "height_px", "max_px", "steps_px", "winsizes", "levels", "poly_ns");
  const { winsizes, levels, poly_ns } = grid;
  const indexOf = (winsize, level, poly) =>
    (winsizes.indexOf(winsize) * levels.length + levels.indexOf(level)) * poly_ns.length +
    poly_ns.indexOf(poly);
  return { width, height, full, steps, ...grid, indexOf };
}

/** The decoded frames and fields; what is computed of a field is computed when it is needed. */
export async function decodeFilm(view, fixed) {
  const { width, height, full, steps } = fixed;
  const images = [
    decodeImage(view.get("pictures")),
    decodeImage(view.get("greys"), "image/png"),
    decodeImage(view.get("fields"), "image/png"),
  ];
  const [pictures, greys, sheet] = await Promise.all(images);
  const corners = [0, 1].map((k) => cellAt(k, { columns: 1, width, height }));
  const cuts = corners.map((corner) => createImageBitmap(pictures, ...corner, width, height));
  const frames = await Promise.all(cuts);
  const [prev, next] = [0, height].map((top) => greyOf(greys, top, height));
  const film = { ...fixed, frames, prev, next };
  const fieldAt = once((k) => fieldOf(greyOf(sheet, 2 * k * height, 2 * height), steps[k]));
  const colours = once((k) => colourMap(film, fieldAt(k), full));
  const errors = once((k) => errorMap(film, fieldAt(k)));
  return {
    ...film,
    fieldAt,
    statisticsAt: once((k) => statisticsOf(film, fieldAt(k))),
    /** The picture of colours or errors that a view shows, if any. */
    layerOf: (kind, k) => ({ over: colours, colour: colours, error: errors })[kind]?.(k),
  };
}

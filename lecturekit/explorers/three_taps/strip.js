// The film strip: of each frame its picture, what both networks give, and how far they are apart.

import { fittedCanvas, pixelCanvas } from "../kit/canvas.js";
import { h } from "../kit/dom.js";
import { percent } from "./words.js";

const ORANGE = [255, 171, 107];
const GAP_PX = 2;

/** Values from 0 to 1 as greys, `bright` of each; what is above 1 in orange. */
function pictureOf(values, { height, width }, bright) {
  const data = new Uint8ClampedArray(4 * values.length).fill(255);
  for (let k = 0; k < values.length; k++) {
    if (values[k] > 1 + 1e-9) data.set(ORANGE, 4 * k);
    else data.fill(255 * bright(values[k]), 4 * k, 4 * k + 3);
  }
  return pixelCanvas(data, width, height);
}

/** A track with a bar of 0 to 100 %; longer ones are cut, in another colour, and tell by words. */
export function bar(look) {
  const fill = h("i");
  const show = (share) => {
    fill.style.setProperty("--share", `${100 * Math.min(share, 1)}%`);
    fill.classList.toggle("tt-over", share > 1);
  };
  return { node: h("span", { class: `tt-bar ${look}` }, fill), show };
}

function frameFigure(view, film, t) {
  let pictures = [];
  const draw = (context, width, height) => {
    const high = (height - 2 * GAP_PX) / 3;
    for (const [k, picture] of pictures.entries())
      context.drawImage(picture, 0, k * (high + GAP_PX), width, high);
  };
  const style = `aspect-ratio:${film.width}/${3 * film.height}`;
  const label = `Frame ${t}: its picture, the 2D network’s map, the inflated network’s map`;
  const canvas = view.keep(fittedCanvas(draw, { style, "aria-label": label }));
  const [error, words] = [bar("tt-tall"), h("figcaption")];
  const show = ({ frames, pictures: flat, maps, errors }, most) => {
    const scaled = (map) => {
      const shares = map.map((value) => value / most);
      return pictureOf(shares, film, Math.sqrt);
    };
    pictures = [pictureOf(frames[t], film, Number), scaled(flat[t]), scaled(maps[t])];
    error.show(errors[t]);
    words.textContent = percent(errors[t]);
    canvas.redraw();
  };
  return { node: h("figure", {}, canvas.node, error.node, words), show };
}

/** All frames. The maps' scale is the 2D network's: its largest value is white. */
export function stripPane(view, film) {
  const figures = film.frames.map((_, t) => frameFigure(view, film, t));
  const show = (scene) => {
    const most = scene.pictures.reduce((top, map) => Math.max(top, ...map), 0);
    for (const figure of figures) figure.show(scene, most);
  };
  return { node: h("div", { class: "tt-strip" }, ...figures.map(({ node }) => node)), show };
}

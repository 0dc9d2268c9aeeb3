// The clip, frame by frame, with the field of a unit in it.

import { h } from "../kit/dom.js";
import { upTo } from "../kit/numbers.js";

function frameOf(t, height, width) {
  const picture = h("canvas", { width, height });
  const box = h("div", { class: "ws-box" });
  const style = `aspect-ratio:${width}/${height}`;
  const stage = h("div", { class: "ws-frame", style }, picture, box);
  const node = h("div", { class: "ws-cell", "data-frame": t }, stage, h("span", {}, String(t)));
  const bytes = height * width * 4;
  const fill = (pixels) => {
    const image = new ImageData(pixels.slice(t * bytes, (t + 1) * bytes), width, height);
    picture.getContext("2d").putImageData(image, 0, 0);
  };
  const show = (seen, place) => {
    node.classList.toggle("is-seen", seen);
    Object.assign(box.style, place);
  };
  return { node, fill, show };
}

/** `show` takes the first and last frame, row and column that are seen. */
export function filmstrip([count, height, width]) {
  const frames = upTo(count).map((t) => frameOf(t, height, width));
  const attributes = { class: "ws-film", role: "img", style: `--frames:${count}` };
  const node = h("div", attributes, ...frames.map((frame) => frame.node));
  const show = ([[first, last], rows, columns], words) => {
    const part = ([from, to], size) => [from, to - from + 1].map((px) => `${(100 * px) / size}%`);
    const [top, high] = part(rows, height);
    const [left, wide] = part(columns, width);
    for (const [t, frame] of frames.entries()) {
      frame.show(t >= first && t <= last, { top, left, height: high, width: wide });
    }
    node.setAttribute("aria-label", words);
  };
  const fill = (pixels) => {
    for (const frame of frames) frame.fill(pixels);
  };
  return { node, show, fill };
}

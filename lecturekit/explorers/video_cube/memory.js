// The flat memory: a number's address in each layout, and who stands next to it.

import { radios } from "../kit/controls.js";
import { h } from "../kit/dom.js";
import { grouped } from "../kit/words.js";
import { CHANNELS, frameBands, sumTerms, unravel } from "./sums.js";

const LAYOUT_USE = {
  "t h w c": "stacked frames: lecturekit.video, OpenCV, PyAV",
  "t c h w": "torchvision’s transforms, torchcodec",
  "c t h w": "one clip: pytorchvideo",
  "b c t h w": "a batch of clips: Conv3d. With B = 1: the addresses of C T H W",
};
const NEIGHBOURS = { t: "next frame", y: "row below", x: "pixel to the right", c: "next colour" };
const REACH = 2; // five addresses of seven digits fit a phone

/** The sum with live numbers, each term in its axis's colour. */
function sumNodes(terms, total) {
  const parts = terms.flatMap(([index, product, axis], i) => [
    i ? " + " : "",
    h("span", { class: `vc-ink-${axis}` }, h("b", {}, String(index)), product),
  ]);
  const address = h("b", { class: "vc-address" }, grouped(total));
  return [...parts, " ", h("span", { class: "vc-total" }, "= ", address)];
}

/** One layout: the sum that gives the address, and a bar of memory with the frame coloured. */
function layoutRow(layout, { memory, sizes, total, index }) {
  const percent = (elements) => `${(100 * elements) / total}%`;
  const sum = h("div", { class: "vc-sum", "data-layout": layout });
  const bar = h("div", { class: "vc-bar", "aria-hidden": "true" });
  const band = ({ start, length, channel }) => {
    const style = `left:${percent(start)};width:${percent(length)}`;
    return h("i", { class: `vc-band vc-band-${channel}`, style });
  };
  const show = () => {
    const { axes, strides, offset } = memory(layout);
    sum.replaceChildren(...sumNodes(sumTerms(index(), axes, sizes), offset));
    const bands = frameBands(index().t, axes, strides, sizes).map(band);
    bar.replaceChildren(...bands, h("i", { class: "vc-here", style: `left:${percent(offset)}` }));
    return offset;
  };
  const label = [h("b", {}, layout.toUpperCase()), h("small", {}, LAYOUT_USE[layout])];
  return { option: [layout, label, sum, bar], show };
}

/** The four layouts. */
export function layoutsPane(shared) {
  const { view, total, index, valueAt, move } = shared;
  const rows = Object.keys(LAYOUT_USE).map((layout) => layoutRow(layout, shared));
  const choice = radios({
    legend: "Its address in each layout",
    value: view.get("memory_layout"),
    "data-choice": "layout",
    class: "vc-layouts",
    options: rows.map(({ option }) => option),
    onchange: (layout) => move({ memory_layout: layout }),
  });
  const lead = h("p", { class: "vc-lead" });
  const frame = h("span", { class: "vc-ink-t" });
  const last = h("span", {}, grouped(total - 1));
  const ends = h("p", { class: "vc-ends" }, h("span", {}, "0"), frame, last);
  const show = () => {
    const addresses = new Set(rows.map((row) => row.show())).size;
    const same = "here the same address in all layouts";
    lead.replaceChildren(
      `This one number, ${CHANNELS[index().c]} ≈ ${valueAt(index())}, has `,
      h("b", {}, addresses > 1 ? `${addresses} different addresses` : same),
      `: memory is one row of ${grouped(total)} numbers, and the layout says who stands where.`,
    );
    frame.textContent = `coloured: frame t = ${index().t}`;
    choice.set(view.get("memory_layout"));
  };
  return { node: h("div", {}, lead, choice.node, ends), show };
}

/** One number of memory with its index; what differs from the chosen one is marked. */
function memoryCell(address, here, { axes, strides, offset }, { total, valueAt }) {
  if (address < 0 || address >= total) {
    return h("li", { class: "vc-cell is-outside" }, h("small", {}, "outside"));
  }
  const there = unravel(address, axes, strides);
  const parts = ["t", "y", "x", "c"].map((axis) => {
    const text = `${axis} ${axis === "c" ? CHANNELS[there.c] : there[axis]}`;
    return h("span", { class: there[axis] === here[axis] ? "" : "is-other" }, text);
  });
  const mark = address === offset ? "is-here" : "";
  const value = h("b", {}, String(valueAt(there)));
  const name = `vc-cell vc-of-${CHANNELS[there.c]} ${mark}`;
  return h("li", { class: name }, value, ...parts, h("small", {}, grouped(address)));
}

/** How far a number's four neighbours are, the nearest first. */
function neighbourRows(here, { axes, strides }, sizes) {
  const near = Object.keys(NEIGHBOURS).map((axis) => [strides[axes.indexOf(axis)], axis]);
  near.sort((a, b) => a[0] - b[0]);
  return near.map(([stride, axis]) => {
    const none = here[axis] + 1 < sizes[axis] ? "" : " (none here)";
    const away = stride === 1 ? " element away" : " elements away";
    return h(
      "li",
      {},
      h("b", { class: `vc-ink-${axis}` }, `${axis} + 1`),
      h("span", {}, NEIGHBOURS[axis] + none),
      h("span", { class: "vc-stride" }, h("b", {}, grouped(stride)), away),
    );
  });
}

/** The chosen layout close up: who stands next to the number, and how far its neighbours are. */
export function aroundPane(shared) {
  const { view, memory, sizes, index } = shared;
  const title = h("p", { class: "vc-title" });
  const [strip, steps] = [h("ol", { class: "vc-strip" }), h("ul", { class: "vc-steps" })];
  const show = () => {
    const layout = view.get("memory_layout");
    const [place, here] = [memory(layout), index()];
    title.textContent = `Next to it in ${layout.toUpperCase()} memory`;
    const addresses = Array.from({ length: 2 * REACH + 1 }, (_, i) => place.offset - REACH + i);
    strip.replaceChildren(...addresses.map((one) => memoryCell(one, here, place, shared)));
    steps.replaceChildren(...neighbourRows(here, place, sizes));
  };
  const head = h("p", { class: "vc-title" }, "Strides: how far to its neighbours");
  const node = h(
    "div",
    { class: "vc-around" },
    h("div", {}, title, strip),
    h("div", {}, head, steps),
  );
  return { node, show };
}

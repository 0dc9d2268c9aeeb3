// A bar for each class: its share now, and a tick for the whole clip as it was filmed.

import { h } from "../kit/dom.js";
import { percent } from "./words.js";

const NEAR = 0.005; // a tick so near to the end of its bar says nothing

export function barsPane(classes) {
  const rows = classes.map((name) => {
    const [fill, tick, value] = [
      h("i", { class: "tr-fill" }),
      h("i", { class: "tr-tick" }),
      h("b"),
    ];
    const track = h("span", { class: "tr-track" }, fill, tick);
    const node = h("div", { class: "tr-bar" }, h("span", {}, name), track, value);
    const show = (share, whole, { named, filmed, changed }) => {
      fill.style.width = `${100 * share}%`;
      tick.style.left = `${100 * whole}%`;
      tick.hidden = !changed || Math.abs(share - whole) < NEAR;
      value.textContent = percent(share);
      node.classList.toggle("is-named", named);
      node.classList.toggle("is-filmed", filmed);
    };
    return { node, show };
  });
  const show = ({ shares, whole, named, clip, frames, deleted }) => {
    const changed = frames !== "filmed" || deleted.length > 0;
    for (const [k, row] of rows.entries())
      row.show(shares[k], whole[k], { named: k === named, filmed: classes[k] === clip, changed });
  };
  const node = h("div", { class: "tr-bars" }, ...rows.map((row) => row.node));
  return { node, show };
}

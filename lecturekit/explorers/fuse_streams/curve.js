// Overall accuracy at every weight. A pointer on the curve moves the weight, as the slider does.

import { h } from "../kit/dom.js";
import { lineThrough, overWeight, path, place, plot } from "./plot.js";
import { STEPS } from "./sums.js";
import { percent, weightText } from "./words.js";

/** Lets a pointer move the weight along `area`. */
function whenDragged(area, { to, take, release }) {
  const follow = (event) => {
    const box = area.getBoundingClientRect();
    to(Math.round(Math.min(1, Math.max(0, (event.clientX - box.left) / box.width)) * STEPS));
  };
  area.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return;
    area.setPointerCapture(event.pointerId);
    take();
    // A finger may be about to scroll: nothing moves until it slides sideways or lifts.
    if (event.pointerType === "mouse") follow(event);
  });
  area.addEventListener("pointermove", (event) => {
    if (area.hasPointerCapture(event.pointerId)) follow(event);
  });
  area.addEventListener("pointerup", (event) => {
    follow(event);
    release();
  });
  area.addEventListener("pointercancel", release);
}

/** From a tenth below the lowest share to one above the highest: 0.1, 0.2, … as lines to read. */
function axisOf(shares) {
  const floor = Math.max(0, Math.floor(10 * Math.min(...shares) - 1e-9) / 10);
  const roof = Math.min(1, Math.ceil(10 * Math.max(...shares) + 1e-9) / 10);
  return { floor, roof, scale: (share) => (share - floor) / (roof - floor) };
}

/** The curve, and the line that choosing the right stream each time would reach. */
function linesOf() {
  const [band, either, curve] = ["fs-best", "fs-either", "fs-curve"].map(path);
  const bound = h("span", { class: "fs-bound" });
  const show = ({ counts, most }, shares, ceiling, scale) => {
    const half = 0.5 / STEPS;
    const bars = counts.flatMap((count, step) => {
      const [left, right] = [step / STEPS - half, step / STEPS + half];
      const corners = [[left, 0], [left, 1], [right, 1], [right, 0]]; // prettier-ignore
      return count < most ? [] : [`${lineThrough(corners)}Z`];
    });
    band.setAttribute("d", bars.join(""));
    curve.setAttribute("d", lineThrough(overWeight(shares.map(scale))));
    const height = scale(ceiling);
    either.setAttribute("d", lineThrough([0, 1].map((end) => [end, height])));
    place(bound, 0, height);
    bound.textContent = `either right ${percent(ceiling, 1)}`;
  };
  return { picture: plot(band, either, curve), bound, show };
}

/** The present weight, and the one before it. */
function marksOf() {
  const line = h("i", { class: "fs-now" });
  const [ghost, dot] = ["fs-dot fs-ghost", "fs-dot"].map((name) => h("i", { class: name }));
  const reading = h("b", { class: "fs-reading" });
  const show = (now, before, share, was, scale) => {
    place(line, now.step / STEPS);
    place(dot, now.step / STEPS, scale(share));
    place(reading, now.step / STEPS, scale(share));
    reading.textContent = percent(share, 1);
    reading.classList.toggle("fs-left", now.step > STEPS / 2);
    ghost.hidden = !before || before.step === now.step;
    if (!ghost.hidden) place(ghost, before.step / STEPS, scale(was));
  };
  return { nodes: [line, ghost, dot], reading, show };
}

export function curvePane(moves) {
  const [lines, marks] = [linesOf(), marksOf()];
  const inner = [lines.picture, ...marks.nodes, lines.bound, marks.reading];
  const area = h(
    "div",
    { class: "fs-area", role: "img" },
    h("div", { class: "fs-inner" }, ...inner),
  );
  whenDragged(area, moves);
  const [top, low] = [h("span"), h("span")];
  const under = h(
    "div",
    { class: "fs-x", "aria-hidden": "true" },
    h("span", {}, "0 ", h("small", {}, "spatial only")),
    h("span", {}, "weight w"),
    h("span", {}, h("small", {}, "temporal only"), " 1"),
  );
  const beside = h("div", { class: "fs-y", "aria-hidden": "true" }, top, low);
  const node = h(
    "figure",
    { class: "fs-plot" },
    h("figcaption", {}, "Right, of all clips, at every weight"),
    h("div", { class: "fs-axes" }, beside, area, under),
  );
  const show = ({ findings, now, before }) => {
    const { counts, clips, neither, was } = findings;
    const shares = counts.map((count) => count / clips);
    const ceiling = (clips - neither) / clips;
    const { floor, roof, scale } = axisOf([...shares, ceiling]);
    top.textContent = `${Math.round(100 * roof)} %`;
    low.textContent = `${Math.round(100 * floor)} %`;
    lines.show(findings, shares, ceiling, scale);
    marks.show(now, before, shares[now.step], was / clips, scale);
    const some = [0, 5, 10, 15, 20].map((k) => `${percent(shares[k], 1)} at w = ${weightText(k)}`);
    const words = `A curve: ${some.join(", ")}; either stream right, ${percent(ceiling, 1)}`;
    area.setAttribute("aria-label", words);
  };
  return { node, show };
}

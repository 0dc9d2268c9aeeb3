// Precision over recall, and the area that the chosen rule takes.

import { h, svg } from "../kit/dom.js";
import { upTo } from "../kit/numbers.js";
import { elevenOf, stepsOf } from "./sums.js";
import { curveText, RULE_NAMES } from "./words.js";

const [WIDE, HIGH] = [330, 250];
const [LEFT, RIGHT, TOP, BOTTOM] = [44, 320, 12, 208];
const AREA = {
  steps: "each rise of recall times the precision there",
  interpolated: "each rise of recall times the best precision there or further right",
  "eleven points": "the mean height of eleven stems",
};

const x = (recall) => LEFT + recall * (RIGHT - LEFT);
const y = (precision) => BOTTOM - precision * (BOTTOM - TOP);

function axes() {
  const ticks = upTo(6).flatMap((k) => {
    const at = k / 5;
    return [
      svg("line", { class: "dd-grid", x1: x(0), x2: x(1), y1: y(at), y2: y(at) }),
      svg("text", { x: LEFT - 6, y: y(at) + 4, "text-anchor": "end" }, at.toFixed(1)),
      svg("text", { x: x(at), y: BOTTOM + 16, "text-anchor": "middle" }, at.toFixed(1)),
    ];
  });
  const names = [
    svg("text", { x: (LEFT + RIGHT) / 2, y: HIGH - 6, "text-anchor": "middle" }, "recall"),
    svg(
      "text",
      { transform: `translate(11 ${(TOP + BOTTOM) / 2}) rotate(-90)`, "text-anchor": "middle" },
      "precision",
    ),
  ];
  return [...ticks, ...names];
}

/** The area as rectangles, or eleven stems. */
function areaOf({ curve, rule }) {
  if (rule !== "eleven points")
    return stepsOf(curve, rule).map(([from, to, height]) =>
      svg("rect", {
        class: "dd-area",
        x: x(from),
        width: x(to) - x(from),
        y: y(height),
        height: BOTTOM - y(height),
      }),
    );
  return elevenOf(curve.precision, curve.recall).flatMap((height, k) => [
    svg("line", { class: "dd-stem", x1: x(k / 10), x2: x(k / 10), y1: y(0), y2: y(height) }),
    svg("rect", { class: "dd-head", x: x(k / 10) - 3, y: y(height) - 3, width: 6, height: 6 }),
  ]);
}

/** A dot down to each card that counts: full where the card is right. */
function dotsOf({ curve, ranked, chosen }) {
  return ranked.flatMap(({ counts, point, kind, card }) => {
    if (!counts) return [];
    const at = { cx: x(curve.recall[point]), cy: y(curve.precision[point]) };
    const dot = svg("circle", { class: kind === "right" ? "dd-full" : "dd-hollow", r: 4, ...at });
    return card === chosen ? [svg("circle", { class: "dd-ring", r: 8, ...at }), dot] : [dot];
  });
}

export function curvePane() {
  const picture = svg("svg", { viewBox: `0 0 ${WIDE} ${HIGH}`, role: "img", class: "dd-curve" });
  const words = h("figcaption");
  const show = (scene) => {
    const { precision, recall } = scene.curve;
    const points = precision.map((value, k) => `${x(recall[k])},${y(value)}`).join(" ");
    const line = svg("polyline", { class: "dd-path", points });
    picture.replaceChildren(...areaOf(scene), ...axes(), line, ...dotsOf(scene));
    picture.setAttribute("aria-label", curveText(scene));
    words.textContent = `AP ${RULE_NAMES[scene.rule]}: ${AREA[scene.rule]}. Full dots: right cards. Ringed: the chosen one.`;
  };
  return { node: h("figure", {}, picture, words), show };
}

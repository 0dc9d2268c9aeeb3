// Time lines: a film's truths, and answers under them by what they are.

import { h } from "../kit/dom.js";
import { filmText, KINDS, markOf, spanOf } from "./words.js";

const ROW_PX = 17;
const TRUTH_PX = 12;

/** A piece of a film's time line. */
function piece({ films }, [film, start, stop], look, top, ...children) {
  const percent = (seconds) => `${(100 * seconds) / films[film][1]}%`;
  const style = `left: ${percent(start)}; width: ${percent(stop - start)}; top: ${top}px`;
  return h("i", { class: look, style }, ...children);
}

/** A film's truths: full if one is taken, hollow if it is missed. */
export const truthBars = (scene, film) =>
  scene.truths.flatMap((truth, k) =>
    truth[0] === film
      ? [piece(scene, truth, `dd-truth ${scene.taken.has(k) ? "dd-taken" : ""}`, 0)]
      : [],
  );

/** An answer, with `text` in it. */
export function bar(scene, { segment, kind, card, counts }, row, text = markOf(kind)) {
  const chosen = scene.chosen === card ? "dd-chosen" : "";
  const look = `dd-bar dd-${kind} ${chosen} ${counts ? "" : "dd-out"}`;
  return piece(scene, segment, look, TRUTH_PX + row * ROW_PX, h("b", {}, text));
}

/** Rows in which no two overlap, the best answers highest. */
function rowsOf(found) {
  const rows = [];
  for (const one of found) {
    const [, start, stop] = one.segment;
    const free = rows.find((row) =>
      row.every(({ segment: [, from, to] }) => stop <= from || to <= start),
    );
    if (free) free.push(one);
    else rows.push([one]);
  }
  return rows;
}

/** All films, each with its truths and all answers. */
export function filmsPane(view) {
  const lanes = view.get("films").map(([name, seconds], film) => {
    const line = h("div", { class: "dd-line dd-all", role: "img" });
    const show = (scene) => {
      const rows = rowsOf(scene.ranked.filter(({ segment }) => segment[0] === film));
      const bars = rows.flatMap((row, k) =>
        row.map((one) => bar(scene, one, k, `${one.rank + 1}${markOf(one.kind)}`)),
      );
      line.style.height = `${TRUTH_PX + Math.max(rows.length, 1) * ROW_PX + 2}px`;
      line.setAttribute("aria-label", filmText(scene, film));
      line.replaceChildren(...truthBars(scene, film), ...bars);
    };
    const title = h("p", {}, h("b", {}, name), ` ${spanOf([film, 0, seconds])}`);
    return { node: h("div", {}, title, line), show };
  });
  const show = (scene) => {
    for (const lane of lanes) lane.show(scene);
  };
  return { node: h("div", { class: "dd-films" }, ...lanes.map(({ node }) => node)), show };
}

export function legendPane() {
  const row = (look, text, mark) =>
    h("span", {}, h("i", { class: `dd-key ${look}` }, mark && h("b", {}, mark)), text);
  const kinds = Object.entries(KINDS).map(([kind, [mark, text]]) =>
    row(`dd-bar dd-${kind}`, text, mark),
  );
  return h(
    "figcaption",
    {},
    row("dd-truth dd-taken", "truth, taken"),
    row("dd-truth", "truth, missed"),
    ...kinds,
  );
}

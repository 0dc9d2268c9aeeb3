// The chosen clip: the two streams' answers, their mean, and where along w the answer changes.

import { h } from "../kit/dom.js";
import { total } from "../kit/numbers.js";
import { hint } from "../kit/text.js";
import { rangeBar } from "./plot.js";
import { answersAlong, bestOf, fuse, softmax, STEPS } from "./sums.js";
import { percent, stretchText, weightText } from "./words.js";

const MOST_ROWS = 8;
const COLUMNS = { spatial: "spatial", temporal: "temporal", fused: "mean" };

/** The classes worth a row: whatever is an answer at some weight, the label, the most probable. */
function listedOf({ labels, rows }, clip) {
  const needed = new Set([labels[clip]]);
  for (const [first, second] of Object.values(rows)) {
    for (const { best } of answersAlong(first[clip], second[clip])) {
      for (const k of best) needed.add(k);
    }
  }
  const [p, q] = rows.probabilities.map((stream) => stream[clip]);
  const byMost = [...p.keys()].sort((j, k) => Math.max(p[k], q[k]) - Math.max(p[j], q[j]));
  for (const k of byMost) if (needed.size < MOST_ROWS) needed.add(k);
  return byMost.filter((k) => needed.has(k));
}

/** Its frames in a row; drawn when another clip is chosen. */
function stripOf(film) {
  const { frames } = film;
  const pictures = Array.from({ length: frames }, film.canvas);
  const style = `--fs-row:${Math.min(frames, 16)};--fs-short-row:${Math.min(frames, 8)}`;
  const words = { role: "img", "aria-label": `Its ${frames} frames` };
  const node = h("div", { class: "fs-strip", style, ...words }, ...pictures);
  let drawn = null;
  const show = (clip) => {
    if (!film.filled() || drawn === clip) return;
    for (const [t, picture] of pictures.entries()) film.draw(picture, clip, t);
    drawn = clip;
  };
  return { node, show };
}

/** The answers along w, as a bar and as a list. */
function switchesOf({ classes, labels, rows }) {
  const along = h("div", { class: "fs-along", "aria-hidden": "true" });
  const list = h("ol", { class: "fs-switches" });
  const show = (clip, now) => {
    const [a, b] = rows[now.average].map((stream) => stream[clip]);
    const stretches = answersAlong(a, b);
    const texts = stretches.map((stretch) => stretchText(stretch, classes, labels[clip]));
    const bar = rangeBar(stretches, labels[clip]);
    for (const [k, { answer }] of texts.entries()) bar.parts[k].append(h("span", {}, answer));
    bar.move(now.step);
    along.replaceChildren(...bar.parts, bar.mark);
    const items = texts.map(({ where, answer, side }) =>
      h("li", {}, `${where}: `, h("b", {}, answer), `, ${side}`),
    );
    list.replaceChildren(...items);
    return stretches;
  };
  return { nodes: [along, list], show };
}

/** One class: what each stream and their mean give to it. */
function classRow(k, name, shares, isTrue, isAnswer) {
  const cell = (stream) => {
    const bar = h("i", { class: "fs-fill", style: `width:${100 * shares[stream][k]}%` });
    const number = h("span", {}, percent(shares[stream][k], 1));
    return h("td", { class: `fs-${stream}` }, number, h("span", { class: "fs-thin" }, bar));
  };
  const notes = [isTrue ? " true" : null, isAnswer ? " ◂ answer" : null];
  const head = h(
    "th",
    { scope: "row" },
    name,
    ...notes.map((note) => note && h("small", {}, note)),
  );
  const look = { "data-class": k, class: isAnswer ? "fs-best-row" : null };
  return h("tr", look, head, ...Object.keys(COLUMNS).map(cell));
}

function answerTable(streams) {
  const { classes, labels, rows } = streams;
  const heads = Object.entries(COLUMNS).map(([stream, word]) =>
    h("th", { scope: "col", class: `fs-${stream}` }, word, h("small")),
  );
  const head = h("thead", {}, h("tr", {}, h("th", { scope: "col" }, "class"), ...heads));
  const [table, rest] = [h("tbody"), hint()];
  const show = (clip, now) => {
    const [spatial, temporal] = rows.probabilities.map((stream) => stream[clip]);
    const [a, b] = rows[now.average].map((stream) => stream[clip]);
    const mean = fuse(a, b, now.step / STEPS);
    const best = bestOf(mean);
    const fromScores = now.average === "scores";
    const shares = { spatial, temporal, fused: fromScores ? softmax(mean) : mean };
    const listed = listedOf(streams, clip);
    const line = (k) => classRow(k, classes[k], shares, k === labels[clip], best.includes(k));
    table.replaceChildren(...listed.map(line));
    const others = classes.length - listed.length;
    const left = Object.values(shares).map((all) =>
      percent(1 - total(listed.map((k) => all[k])), 1),
    );
    rest.textContent = others ? `The ${others} other classes together: ${left.join(", ")}.` : "";
    const weights = [STEPS - now.step, now.step].map((step) => `×\u00a0${weightText(step)}`);
    for (const [k, note] of [...weights, fromScores ? "after softmax" : ""].entries()) {
      heads[k].lastChild.textContent = ` ${note}`;
    }
  };
  return { nodes: [h("table", { class: "fs-table" }, head, table), rest], show };
}

export function clipPane(streams, film) {
  const [strip, switches, table] = [stripOf(film), switchesOf(streams), answerTable(streams)];
  const title = h("p", { class: "fs-title" });
  const node = h(
    "section",
    { class: "fs-clip", "aria-label": "The chosen clip" },
    title,
    strip.node,
    hint("Its answer along w, from spatial only to temporal only:"),
    ...switches.nodes,
    ...table.nodes,
  );
  const show = ({ now, chosen }) => {
    title.textContent = `Clip ${chosen + 1}: ${streams.classes[streams.labels[chosen]]}`;
    node.dataset.stretches = JSON.stringify(switches.show(chosen, now));
    table.show(chosen, now);
    strip.show(chosen);
  };
  return { node, show };
}

// The clips one by one: a wall of cards, and the two streams' answers on the chosen one.

const FPS = 12;
const ROUNDS = 3; // a clip that plays under the pointer comes to rest within five seconds
const MOST_ROWS = 8;

/** Draws one frame of one clip from the sheet: clips go down, frames go across. */
function drawCell({ image, height, width }, node, clip, t) {
  const [high, wide] = [height, width].map((size) => Math.ceil(size / 16) * 16);
  node.getContext("2d").drawImage(image, t * wide, clip * high, width, height, 0, 0, width, height);
  node.dataset.frame = t;
}

/** The stretches of w in which a clip is right, and a mark at the present weight. */
function rangeBar(stretches, label) {
  const parts = stretches.map(({ from, to, best }) => {
    const part = h("i", { class: isRight(best, label) ? "fs-yes" : "fs-no" });
    part.style.left = `${100 * from}%`;
    part.style.width = `${100 * (to - from)}%`;
    return part;
  });
  const mark = h("i", { class: "fs-here" });
  return { parts, mark, move: (step) => place(mark, step / STEPS) };
}

/** Plays the clip of one card at a time, under the pointer or the focus. */
function cardPlayer(sheet, frames) {
  let [request, rest] = [null, () => {}];
  const stop = () => {
    cancelAnimationFrame(request);
    rest();
    rest = () => {};
  };
  const play = (canvas, clip) => {
    stop();
    if (!sheet.image || prefersReducedMotion()) return;
    const begun = performance.now();
    rest = () => drawCell(sheet, canvas, clip, Math.floor(frames / 2));
    const run = () => {
      const tick = Math.floor(((performance.now() - begun) / 1000) * FPS);
      if (tick >= ROUNDS * frames) return stop();
      drawCell(sheet, canvas, clip, tick % frames);
      request = requestAnimationFrame(run);
    };
    run();
  };
  return { play, stop };
}

function wallPane({ model, streams, sheet, choose }) {
  const [shown, frames] = ["clips_shown", "clip_frames"].map((key) => model.get(key));
  const { classes, labels, rows } = streams;
  const player = cardPlayer(sheet, frames);
  const name = uniqueId("fs-clip");
  const cards = Array.from({ length: shown }, (_, i) => {
    const input = h("input", { type: "radio", name, value: i, onchange: () => choose(i) });
    const picture = h("canvas", { width: sheet.width, height: sheet.height, "aria-hidden": "true" });
    const [side, changed] = [h("span", { class: "fs-side" }), h("b", { class: "fs-changed" }, "changed")];
    const range = h("span", { class: "fs-range", "aria-hidden": "true" });
    const node = h("label", { class: "fs-card" }, input,
      picture, h("span", { class: "fs-truth" }, h("small", {}, `${i + 1} `), classes[labels[i]]), side, changed, range);
    const play = () => player.play(picture, i);
    node.addEventListener("pointerenter", play);
    node.addEventListener("pointerleave", player.stop);
    input.addEventListener("focus", () => input.matches(":focus-visible") && play());
    input.addEventListener("blur", player.stop);
    let [bar, kept] = [null, null];
    const show = (now, findings) => {
      const [a, b] = rows[now.average].map((stream) => stream[i]);
      if (kept !== now.average) {
        bar = rangeBar(answersAlong(a, b), labels[i]);
        range.replaceChildren(...bar.parts, bar.mark);
        kept = now.average;
      }
      bar.move(now.step);
      const best = bestOf(fuse(a, b, now.step / STEPS));
      const right = isRight(best, labels[i]);
      side.replaceChildren(h("b", {}, right ? "✓ right" : "✗ wrong:"), right ? "" : ` ${answerText(best, classes)}`);
      changed.hidden = !findings.changed[i];
      Object.assign(node.dataset, { side: right ? "right" : "wrong", best: best.join(" ") });
    };
    return { node, input, show, draw: () => drawCell(sheet, picture, i, Math.floor(frames / 2)) };
  });
  const node = h("fieldset", { class: "fs-wall", style: `--fs-columns:${shown % 8 ? 6 : 8}` },
    h("legend", {}, `The first ${clipsText(shown)}: the true class, and the answer where it is another`), ...cards.map((card) => card.node));
  const show = (now, findings, chosen) => {
    cards.forEach((card) => card.show(now, findings));
    cards[chosen].input.checked = true;
  };
  return { node, show, draw: () => cards.forEach((card) => card.draw()), stop: player.stop };
}

/** The classes worth a row: whatever is an answer at some weight, the label, and the most probable. */
function rowsOf({ labels, rows }, clip) {
  const needed = new Set([labels[clip]]);
  for (const [first, second] of Object.values(rows)) {
    answersAlong(first[clip], second[clip]).forEach(({ best }) => best.forEach((k) => needed.add(k)));
  }
  const [p, q] = rows.probabilities.map((stream) => stream[clip]);
  const byMost = [...p.keys()].sort((j, k) => Math.max(p[k], q[k]) - Math.max(p[j], q[j]));
  for (const k of byMost) if (needed.size < MOST_ROWS) needed.add(k);
  return byMost.filter((k) => needed.has(k));
}

const edgeText = (at) => at.toFixed(3);

/** Where along w a stretch lies, and what is answered there. */
function stretchText({ from, to, best }, classes, label) {
  const where = from === 0 && to === 1 ? "At every w" : from === 0 ? `Up to w = ${edgeText(to)}`
    : to === 1 ? `From w = ${edgeText(from)} on` : `From w = ${edgeText(from)} to ${edgeText(to)}`;
  const right = isRight(best, label);
  return { where, answer: `${right ? "✓" : "✗"} ${answerText(best, classes)}`, side: right ? "right" : "wrong" };
}

function clipPane({ model, streams, sheet }) {
  const frames = model.get("clip_frames");
  const { classes, labels, rows } = streams;
  const [title, words, rest] = [h("p", { class: "fs-title" }), h("ol", { class: "fs-switches" }), h("p", { class: "fs-note" })];
  const strip = Array.from({ length: frames }, () => h("canvas", { width: sheet.width, height: sheet.height, "aria-hidden": "true" }));
  const along = h("div", { class: "fs-along", "aria-hidden": "true" });
  const HEAD = [["spatial", "spatial"], ["temporal", "temporal"], ["fused", "mean"]];
  const heads = HEAD.map(([stream, word]) => h("th", { scope: "col", class: `fs-${stream}` }, word, h("small")));
  const table = h("tbody");
  const node = h("section", { class: "fs-clip", "aria-label": "The chosen clip" }, title,
    h("div", { class: "fs-strip", style: `--fs-row:${Math.min(frames, 16)};--fs-short-row:${Math.min(frames, 8)}`, role: "img", "aria-label": `Its ${frames} frames` }, ...strip),
    h("p", { class: "fs-note" }, "Its answer along w, from spatial only to temporal only:"), along, words,
    h("table", { class: "fs-table" }, h("thead", {}, h("tr", {}, h("th", { scope: "col" }, "class"), ...heads)), table), rest);

  const cell = (stream, value) => {
    const bar = h("i", { class: "fs-fill" });
    bar.style.width = `${100 * value}%`;
    return h("td", { class: `fs-${stream}` }, h("span", {}, percent(value, 1)), h("span", { class: "fs-thin" }, bar));
  };
  const showAnswers = (clip, now) => {
    const [a, b] = rows[now.average].map((stream) => stream[clip]);
    const stretches = answersAlong(a, b);
    const bar = rangeBar(stretches, labels[clip]);
    bar.parts.forEach((part, k) => part.append(h("span", {}, stretchText(stretches[k], classes, labels[clip]).answer)));
    bar.move(now.step);
    along.replaceChildren(...bar.parts, bar.mark);
    words.replaceChildren(...stretches.map((stretch) => {
      const { where, answer, side } = stretchText(stretch, classes, labels[clip]);
      return h("li", {}, `${where}: `, h("b", {}, answer), `, ${side}`);
    }));
    node.dataset.stretches = JSON.stringify(stretches);
  };
  const showTable = (clip, now) => {
    const [p, q] = rows.probabilities.map((stream) => stream[clip]);
    const [a, b] = rows[now.average].map((stream) => stream[clip]);
    const values = fuse(a, b, now.step / STEPS);
    const best = bestOf(values);
    const mean = now.average === "scores" ? softmax(values) : values;
    const listed = rowsOf(streams, clip);
    table.replaceChildren(...listed.map((k) => h("tr", { "data-class": k, class: best.includes(k) ? "fs-best-row" : null },
      h("th", { scope: "row" }, classes[k], k === labels[clip] ? h("small", {}, " true") : "", best.includes(k) ? h("small", {}, " ◂ answer") : ""),
      cell("spatial", p[k]), cell("temporal", q[k]), cell("fused", mean[k]))));
    const others = classes.length - listed.length;
    rest.textContent = others ? `The ${others} other classes together: ${[p, q, mean].map((all) => percent(1 - total(listed.map((k) => all[k])), 1)).join(", ")}.` : "";
    const notes = [...[STEPS - now.step, now.step].map((step) => `×\u00a0${weightText(step)}`), now.average === "scores" ? "after softmax" : ""];
    heads.forEach((head, k) => {
      head.lastChild.textContent = ` ${notes[k]}`;
    });
  };
  let drawn = null;
  const show = (now, clip) => {
    title.textContent = `Clip ${clip + 1}: ${classes[labels[clip]]}`;
    showAnswers(clip, now);
    showTable(clip, now);
    if (!sheet.image || drawn === clip) return;
    strip.forEach((picture, t) => drawCell(sheet, picture, clip, t));
    drawn = clip;
  };
  return { node, show };
}

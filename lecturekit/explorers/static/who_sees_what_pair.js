// What two trained families answer on the clips of two classes.

/** Wilson's 95 % interval of a share (Wilson 1927; Brown, Cai and DasGupta 2001, eq. 4). */
function wilson(right, all) {
  const z = 1.959963984540054;
  const share = right / all;
  const middle = (share + (z * z) / (2 * all)) / (1 + (z * z) / all);
  const half = (z / (1 + (z * z) / all)) * Math.sqrt((share * (1 - share)) / all + (z * z) / (4 * all * all));
  return [Math.max(middle - half, 0), Math.min(middle + half, 1)];
}

/** The counts of a pair: rows are true, columns answered: the first, the second, another class. */
function countsOf(confusion, pair) {
  return pair.map((truth) => {
    const inside = pair.map((answer) => confusion[truth][answer]);
    const all = confusion[truth].reduce((sum, n) => sum + n, 0);
    return [...inside, all - inside[0] - inside[1]];
  });
}

/** What the counts allow to be said: [kind, words]. An interval wider than 0.3 says too little. */
function verdictOf(counts, pair, [low, high]) {
  const answers = [0, 1].map((answer) => counts[0][answer] + counts[1][answer]);
  const inside = answers[0] + answers[1];
  if (!inside) return ["none", "never answers inside the pair."];
  if (low > 0.8) return ["sees", "tells the two apart."];
  if (low > 0.5) return ["partly", "tells the two apart better than a coin, but not safely."];
  if (high < 0.5) return ["swaps", "takes the one for the other: worse than a coin."];
  if (high - low > 0.3) return ["few", `${inside} answers inside the pair are too few to tell it from a coin.`];
  const always = answers.findIndex((n) => n >= 0.9 * inside);
  if (always >= 0) return ["coin", `right as often as a coin: it nearly always answers “${pair[always]}”.`];
  return ["coin", "a coin toss inside the pair."];
}

const percent = (share) => `${Math.round(100 * share)} %`;
const capital = (text) => text[0].toUpperCase() + text.slice(1);

function pairCard(label, names, choose) {
  const chosen = select({ label, options: names.map((name) => [name, name]), value: names[0], onchange: choose });
  const [head, body] = [h("thead"), h("tbody")];
  const caption = h("caption", { class: "lk-spoken" });
  const [verdict, numbers] = [h("p", { class: "ws-verdict" }), h("p", { class: "ws-numbers" })];
  const [band, dot] = [h("i", { class: "ws-band" }), h("i", { class: "ws-dot" })];
  const scale = h("div", { class: "ws-scale", "aria-hidden": "true" }, h("i", { class: "ws-half" }), band, dot, ...[["0", "0"], ["½", "50%"], ["1", "100%"]].map(([text, left]) => h("span", { style: `left:${left}` }, text)));
  const node = h("div", { class: "ws-card" }, chosen.node, h("table", {}, caption, head, body), numbers, scale, verdict);

  const show = (name, confusion, classes, pair) => {
    const counts = countsOf(confusion, pair.map((one) => classes.indexOf(one)));
    const right = counts[0][0] + counts[1][1];
    const inside = right + counts[0][1] + counts[1][0];
    const [all, others] = [counts.flat().reduce((sum, n) => sum + n, 0), counts[0][2] + counts[1][2]];
    const interval = inside ? wilson(right, inside) : [0, 1];
    const [kind, words] = verdictOf(counts, pair, interval);
    chosen.input.value = name;
    caption.textContent = `${name}: clips by true class (rows) and answer (columns)`;
    head.replaceChildren(h("tr", {}, h("td", {}, "true ↓", h("br"), "answered →"), ...[...pair, "another class"].map((one) => h("th", { scope: "col" }, one))));
    body.replaceChildren(...counts.map((row, k) => h("tr", {}, h("th", { scope: "row" }, pair[k]), ...row.map((n, j) => (
      h("td", { class: j === k ? "is-right" : j < 2 ? "is-wrong" : "is-other", style: `--share:${n / (row[0] + row[1] + row[2] || 1)}` }, String(n)))))));
    numbers.replaceChildren(...(inside ? [
      `Inside the pair ${right} of ${inside} answers are right: `, h("b", {}, percent(right / inside)),
      ` (95 % interval ${Math.round(100 * interval[0])}–${percent(interval[1])}). `,
    ] : []), `${others} of ${all} clips were called something else.`);
    scale.hidden = !inside;
    Object.assign(band.style, { left: `${100 * interval[0]}%`, width: `${100 * (interval[1] - interval[0])}%` });
    dot.style.left = `${inside ? (100 * right) / inside : 50}%`;
    verdict.replaceChildren(h("b", {}, `${capital(name)}: `), words);
    node.dataset.verdict = kind;
    node.dataset.interval = JSON.stringify(interval);
    return verdict.textContent;
  };
  return { node, show };
}

/** The whole view. `touched` is called when the reader, not Python, moves something. */
function pairPane({ model, put, touched }) {
  const [classes, cueOf, confusions] = ["classes", "cue_of", "confusions"].map((key) => model.get(key));
  const names = Object.keys(confusions);
  const partner = (name) => {
    const at = classes.indexOf(name);
    return classes[at ^ 1] ?? classes[at - 1];
  };
  const change = (changes) => {
    touched();
    put(changes);
  };
  const options = classes.map((name) => [name, name]);
  const first = select({ label: "Class", options, value: "", onchange: (name) => change({ pair: [name, partner(name)] }) });
  const second = select({ label: "against", options, value: "", onchange: (name) => change({ pair: [model.get("pair")[0], name] }) });
  const cards = ["First network", "Second network"].map((label, k) => pairCard(label, names, (name) => (
    change({ shown: model.get("shown").map((old, j) => (j === k ? name : old)) }))));
  const cue = h("p", { class: "ws-cue" });
  let said = [];

  const show = () => {
    const [pair, shown] = [model.get("pair"), model.get("shown")];
    [first, second].forEach((control, k) => {
      control.input.value = pair[k];
    });
    [...second.input.options].forEach((option) => {
      option.disabled = option.value === pair[0];
    });
    const shared = partner(pair[0]) === pair[1] && cueOf[pair[0]];
    cue.textContent = shared ? `One cue tells them apart: ${shared}.` : "Not a pair that differs by one cue only.";
    cue.hidden = !Object.keys(cueOf).length;
    said = cards.map((card, k) => card.show(shown[k], confusions[shown[k]], classes, pair));
  };
  const node = h("div", { class: "ws-part", role: "group", "aria-label": "What is confused" },
    h("p", { class: "ws-title" }, "What is confused"),
    h("div", { class: "ws-choices ws-classes" }, first.node, second.node, cue),
    h("div", { class: "ws-cards" }, ...cards.map((card) => card.node)),
    h("p", { class: "ws-hint" }, "Counts of test clips. If ½ lies in the interval, we call it a coin toss. A fair coin falls outside it about once in twenty pairs."));
  return { node, show, words: () => `${model.get("pair").join(" against ")}. ${said.join(" ")}` };
}

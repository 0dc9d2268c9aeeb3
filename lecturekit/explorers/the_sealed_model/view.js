// The sealed model: letters, probes to buy, evidence, a name, and the reasons.

import { h } from "../kit/dom.js";
import { upTo } from "../kit/numbers.js";
import { decodeImage } from "../kit/sheet.js";
import { hint, lesson } from "../kit/text.js";
import { oncePerFrame } from "../kit/timing.js";
import { openView } from "../kit/view.js";
import { dealPane, letterPane, namePane, probePane } from "./panes.js";
import { stripPane } from "./strip.js";
import {
  answersOf,
  orderOf,
  outcomesOf,
  proofsOf,
  runnerUpOf,
  standingOf,
  tellingApart,
} from "./sums.js";
import { boardPane, evidencePane } from "./tables.js";
import { lessonOf, reasonsOf, saidOf, tableText, verdictOf, wrongText } from "./words.js";

const PLAYED = ["deal", "mode", "letter", "probe", "clip", "suspect", "bought", "named"];
const BEFORE = "as they are";
const TASK =
  "Each letter hides one of the eight networks below, each a different one. Ask it about changed clips, a coin a probe, and name it. You have five coins for each; a wrong name costs one.";
const bytesOf = (view) => new Uint8Array(view.buffer, view.byteOffset, view.byteLength);

/** All that does not change; `sceneOf(state)` is what one state shows. */
function stageOf(view) {
  const given = view.read("change", "apart", "rounding", "suspects", "purse", "strips", "clips");
  const { suspects, purse, change } = given;
  const probes = view.get("probes").map(([name, does]) => ({ name, does }));
  const numberOf = (name) => probes.findIndex((one) => one.name === name);
  const outcomes = outcomesOf(given);
  const proofs = upTo(suspects.length).map((n) => proofsOf(outcomes, n));
  const stored = answersOf({
    answers: bytesOf(view.get("answers")),
    labels: bytesOf(view.get("labels")),
    questions: probes.length + 1,
    cueOf: view.get("cue_of"),
  });
  const par = proofs.reduce((sum, [first]) => sum + purse - first.length, 0);
  const fixed = { ...given, ...stored, probes, outcomes, shares: change, proofs, par };
  fixed.apartBy = tellingApart(outcomes);

  const cellOf = (n, p) => ({
    name: probes[p].name,
    asked: true,
    outcome: outcomes[n][p],
    share: change[n][p],
    ...stored.evidenceOf(n, p + 1),
  });
  const sceneOf = (state) => {
    const order = orderOf(state.deal, suspects.length);
    const truth = order[state.letter];
    const standings = order.map((n, k) =>
      standingOf(purse, state.bought[k], state.named[k], suspects[n].name),
    );
    const all = upTo(probes.length);
    const seenOf = (k) =>
      state.mode === "table" || standings[k].open ? all : state.bought[k].map(numberOf);
    const own = state.bought[state.letter].map(numberOf);
    const seen = seenOf(state.letter);
    const scene = {
      ...fixed,
      ...state,
      order,
      truth,
      standings,
      standing: standings[state.letter],
      allBought: state.bought,
      bought: state.mode === "table" ? all : own,
      probe: numberOf(state.probe),
      rows: [
        { name: BEFORE, asked: false, ...stored.evidenceOf(truth, 0) },
        ...seen.map((p) => cellOf(truth, p)),
      ],
      board: order.map((n, k) => all.map((p) => (seenOf(k).includes(p) ? cellOf(n, p) : null))),
    };
    scene.one = cellOf(truth, scene.probe);
    scene.runnerUp = runnerUpOf(outcomes, truth, scene.bought);
    scene.verdict = verdictLines(scene);
    return scene;
  };
  return { sceneOf };
}

/** What is said of the letter's name so far: paragraphs. */
function verdictLines(scene) {
  if (scene.mode === "table") return [tableText(scene), ...reasonsOf(scene)];
  if (scene.standing.open) return [verdictOf(scene), ...reasonsOf(scene)];
  const tried = scene.named[scene.letter];
  return tried.length ? [wrongText(scene, tried.at(-1))] : [];
}

/** For tests: what the page worked out. */
const sumsOf = (scene) => ({
  order: scene.order,
  outcomes: scene.outcomes,
  proofs: scene.proofs,
  apartBy: scene.apartBy,
  points: scene.standings.map(({ points }) => points),
  coins: scene.standings.map(({ coins }) => coins),
  open: scene.standings.map(({ open }) => open),
  rows: scene.rows.map(({ name, changed, different, right }) => ({
    name,
    changed,
    different,
    right,
  })),
});

function render({ model, el }) {
  const view = openView({ model, el }, "the-sealed-model");
  const stage = stageOf(view);
  const { columns, size_px: size } = view.read("columns", "size_px");
  const sheet = { image: null, columns, width: size, height: size };
  const [deal, letters, probe] = [dealPane(view), letterPane(view), probePane(view)];
  const [name, strip] = [namePane(view), stripPane(view, sheet)];
  const [evidence, board] = [evidencePane(), boardPane(view)];
  const verdict = h("div", { class: "sm-verdict" });
  const [task, teaches] = [hint(TASK), lesson()];
  let scene = null;
  const draw = view.keep(oncePerFrame(strip.redraw));
  const say = view.voice(() => saidOf(scene));
  const show = () => {
    scene = stage.sceneOf(view.read(...PLAYED));
    for (const pane of [deal, letters, probe, name, strip, evidence, board]) pane.show(scene);
    task.hidden = scene.mode === "table";
    verdict.classList.toggle("sm-open", task.hidden || scene.standing.open);
    verdict.hidden = !scene.verdict.length;
    verdict.replaceChildren(...scene.verdict.map((text) => h("p", {}, text)));
    teaches.textContent = lessonOf(scene);
    view.body.dataset.sums = JSON.stringify(sumsOf(scene));
    draw();
    say();
  };
  const ask = h("div", { class: "sm-ask" }, probe.choice, probe.buy);
  const look = h("div", { class: "sm-look" }, ...strip.nodes, probe.clip);
  view.body.append(
    deal.node,
    task,
    letters.node,
    h("div", { class: "sm-board" }, ask, look),
    evidence.node,
    teaches,
    name.node,
    verdict,
    board.node,
    hint(view.get("credit")),
  );
  show();
  view.onChange(PLAYED, show);
  view.ready(decodeImage(view.get("pictures")), (image) => {
    sheet.image = image;
    draw.now();
  });
  return view.close;
}

export default { render };

// Mix a benchmark: our league under any mix of cues, and published figures by protocol.

import { h } from "../kit/dom.js";
import { hint, lesson } from "../kit/text.js";
import { onThemeChange } from "../kit/theme.js";
import { oncePerFrame } from "../kit/timing.js";
import { openView } from "../kit/view.js";
import { boardPane } from "./board.js";
import { linesPane } from "./lines.js";
import { mixPane } from "./mix.js";
import {
  goalPane,
  pagePane,
  pairPane,
  pairReadingsPane,
  protocolPane,
  readPane,
  tablePane,
} from "./panes.js";
import { planePane } from "./plane.js";
import { HELD, linesOf } from "./protocol.js";
import { basisOf, crossingOf, leagueOf, toldAlong } from "./sums.js";
import { twinPane } from "./twin.js";
import { leagueSaid, lessonOf, madeText, protocolLesson, publishedSaid } from "./words.js";

const MIXED = ["shares", "kept", "cue", "first", "second", "goal"];
const ASKED = ["across", "dataset", ...HELD, "chosen"];
const DATASETS = ["Kinetics-400", "Something-Something V2"];
const ACROSS = {
  view: "cost of one view",
  total: "cost of all views",
  parameters: "parameters",
  year: "year",
};
const MIX_TASK =
  "Drag a border in the bar, or move a slider: the test set changes, the networks do not.";
const HELD_TASK =
  "Point at a mark, or choose a line in the list, to read what it is and why it may not be compared.";

/** The scene of the league under the present mix. */
function leagueScene(view) {
  const fixed = view.read(
    "cues",
    "own",
    "clips",
    "families",
    "covariances",
    "spreads",
    "goals",
    "made",
  );
  const league = leagueOf(fixed);
  const before = league.standings(fixed.own);
  return () => {
    const state = view.read(...MIXED);
    const basis = basisOf(state, state.cue);
    const standings = league.standings(state.shares);
    const crossing = crossingOf(league, state, basis);
    const told = toldAlong(league, state, basis);
    return { ...fixed, ...state, league, before, basis, standings, crossing, told };
  };
}

function leaguePage(view) {
  const sceneOf = leagueScene(view);
  const scene = { now: sceneOf() };
  const picture = linesPane(view, scene);
  const panes = [
    mixPane(view),
    goalPane(view),
    boardPane(view.get("families")),
    pairPane(view),
    pairReadingsPane(),
    picture,
  ];
  const [mix, goal, board, pair, numbers] = panes;
  const teaches = lesson();
  const node = h(
    "div",
    { class: "mb-page" },
    hint(MIX_TASK),
    mix.node,
    goal.node,
    board.node,
    teaches,
    pair.node,
    h(
      "figure",
      {},
      picture.node,
      h(
        "figcaption",
        {},
        "Grey: all others. At the lower edge: where A (blue) or B (orange) is surely better.",
      ),
    ),
    numbers.node,
    hint(madeText(scene.now)),
    twinPane(view.get("twin")).node,
  );
  const show = () => {
    scene.now = sceneOf();
    for (const pane of panes) pane.show(scene.now);
    teaches.textContent = lessonOf(scene.now);
    const { standings, crossing, told } = scene.now;
    return { standings, crossing, told };
  };
  return { node, show, redraw: picture.redraw, said: () => leagueSaid(scene.now) };
}

function publishedPage(view) {
  const { lines, kinds } = view.read("lines", "kinds");
  const scene = { now: null };
  let over = null;
  const sceneOf = () => {
    const state = view.read(...ASKED);
    const shown = linesOf(lines, state, DATASETS);
    const comparable = shown.filter(({ reasons }) => !reasons.length).length;
    const id = over ?? state.chosen;
    // A line of the other data set may be chosen: it is read all the same.
    const other = { dataset: DATASETS[lines.find((one) => one.id === id).dataset] };
    const line = linesOf(lines, { ...state, ...other }, DATASETS).find((one) => one.id === id);
    return { ...state, held: state, shown, comparable, kinds, line };
  };
  scene.now = sceneOf();
  const [asked, read, table] = [
    protocolPane(view, { datasets: DATASETS, across: ACROSS }),
    readPane(),
    tablePane(),
  ];
  const teaches = lesson();
  const look = (id) => {
    if (id === over) return;
    over = id;
    scene.now = sceneOf();
    read.show(scene.now);
    plane.redraw();
  };
  const plane = planePane(view, scene, look);
  const node = h(
    "div",
    { class: "mb-page" },
    asked.node,
    hint(HELD_TASK),
    plane.node,
    read.node,
    teaches,
    table.node,
  );
  const show = () => {
    scene.now = sceneOf();
    for (const pane of [asked, plane, read, table]) pane.show(scene.now);
    teaches.textContent = protocolLesson(scene.now);
    const reasons = scene.now.shown.map(({ id, reasons: why }) => [id, why]);
    return { reasons: Object.fromEntries(reasons) };
  };
  return { node, show, redraw: plane.redraw, said: () => publishedSaid(scene.now) };
}

function render({ model, el }) {
  const view = openView({ model, el }, "mix-a-benchmark");
  const pages = { league: leaguePage(view), published: publishedPage(view) };
  const choice = pagePane(view);
  const now = () => pages[view.get("page")];
  const draw = view.keep(oncePerFrame(() => now().redraw()));
  view.keep(onThemeChange(draw));
  const say = view.voice(() => now().said());
  const show = () => {
    const page = view.get("page");
    choice.show({ page });
    for (const [name, { node }] of Object.entries(pages)) node.hidden = name !== page;
    view.body.dataset.sums = JSON.stringify(now().show());
    draw();
    say();
  };
  view.body.append(choice.node, ...Object.values(pages).map(({ node }) => node));
  view.onChange(["page", ...MIXED, ...ASKED], show);
  show();
  view.ready();
  return view.close;
}

export default { render };

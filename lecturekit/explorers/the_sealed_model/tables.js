// The evidence on one letter, and the board of all eight.

import { h } from "../kit/dom.js";
import { hint } from "../kit/text.js";
import { CUES, LETTERS } from "./sums.js";
import { MARKS, MARKS_TOLD, percent, SCORES_TOLD, scoresText } from "./words.js";
import { title } from "./panes.js";

/** A table that scrolls by itself where it is too wide. */
function wide(label, head, body) {
  const row = h("tr", {}, ...head.map((text) => h("th", { scope: "col" }, text)));
  const table = h("table", { class: "sm-table" }, h("thead", {}, row), body);
  return h("div", { class: "sm-wide", tabindex: 0, role: "group", "aria-label": label }, table);
}

const rowOf = (name, cells, look = "") =>
  h(
    "tr",
    { class: look },
    h("th", { scope: "row" }, name),
    ...cells.map((cell) => h("td", {}, ...[cell].flat())),
  );

/** What a letter answered: the clips as they are, and what was bought. */
export function evidencePane() {
  const body = h("tbody");
  const [heading, letter] = [title(), h("b")];
  const table = wide("Answers", ["clips", "scores", "answers changed", ...CUES], body);
  const show = (scene) => {
    letter.textContent = LETTERS[scene.letter];
    heading.replaceChildren(
      "What ",
      letter,
      ` answered to ${scene.count} clips; under the cues, right answers`,
    );
    const rows = scene.rows.map(({ name, outcome, share, changed, right, asked }) => {
      const cues = CUES.map((cue) => percent(right[cue], scene.clipsOf[cue]));
      const rest = asked ? [scoresText(outcome, share), percent(changed, scene.count)] : ["", ""];
      const look = asked && name === scene.one.name ? "sm-now" : "";
      return rowOf(name, [...rest, ...cues], look);
    });
    body.replaceChildren(...rows);
  };
  return { node: h("div", {}, heading, table, hint(SCORES_TOLD)), show };
}

/** Letters by probes: what is known. */
export function boardPane(view) {
  const body = h("tbody");
  const probes = view.get("probes").map(([name]) => name);
  const table = wide("All eight by all probes", ["model", ...probes], body);
  const show = (scene) => {
    const { order, suspects, standings, mode, board, letter } = scene;
    const rows = LETTERS.map((name, k) => {
      const known = mode === "table" || standings[k].open;
      const cells = board[k].map((cell) => {
        if (!cell) return "";
        const share = h("small", {}, ` ${percent(cell.changed, scene.count)}`);
        return [h("b", { class: `sm-is-${cell.outcome}` }, MARKS[cell.outcome]), share];
      });
      const text = known ? `${name} ${suspects[order[k]].name}` : name;
      return rowOf(text, cells, k === letter ? "sm-now" : "");
    });
    body.replaceChildren(...rows);
  };
  const node = h("div", {}, title("What is known of all eight"), table, hint(MARKS_TOLD));
  return { node, show };
}

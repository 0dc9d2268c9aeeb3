// What the reader sets and buys: mode and deal, the letter, the probe, the name.

import { radios, select } from "../kit/controls.js";
import { h } from "../kit/dom.js";
import { upTo } from "../kit/numbers.js";
import { LETTERS } from "./sums.js";
import { dealText, letterText } from "./words.js";

const MAX_DEAL = 9999;
const NONE = "none";
const MODES = [
  ["game", "game"],
  ["table", "table, nothing hidden"],
];
export const title = (...words) => h("p", { class: "sm-title" }, ...words);

/** A button that keeps the focus when it can do nothing. */
function button(onclick) {
  const node = h("button", {
    type: "button",
    onclick: () => node.getAttribute("aria-disabled") === "false" && onclick(),
  });
  const show = (text, able) => {
    node.textContent = text;
    node.setAttribute("aria-disabled", String(!able));
  };
  return { node, show };
}

/** The lists of all letters with `name` added to one. */
const added = (lists, letter, name) =>
  lists.map((list, k) => (k === letter ? [...list, name] : list));

export function dealPane(view) {
  const mode = radios({
    legend: "Mode",
    options: MODES,
    value: view.get("mode"),
    onchange: (value) => view.put({ mode: value }),
  });
  const cleared = () => {
    const empty = view.get("bought").map(() => []);
    return { bought: empty, named: empty, letter: 0, suspect: NONE };
  };
  const over = button(() => view.put(cleared()));
  const anew = button(() => view.put({ ...cleared(), deal: (view.get("deal") % MAX_DEAL) + 1 }));
  const words = h("p", { class: "sm-deal" });
  const show = (scene) => {
    mode.set(scene.mode);
    const begun = [...scene.allBought, ...scene.named].some((list) => list.length);
    over.show("Start this deal over", begun);
    over.node.hidden = scene.mode === "table";
    anew.show("Deal anew", true);
    words.textContent = dealText(scene);
  };
  const buttons = h("div", { class: "sm-buttons" }, over.node, anew.node);
  return { node: h("div", { class: "sm-top" }, mode.node, buttons, words), show };
}

export function letterPane(view) {
  const texts = LETTERS.map(() => h("small"));
  const options = LETTERS.map((letter, k) => [k, [h("b", {}, letter), texts[k]]]);
  const group = radios({
    legend: "Sealed model",
    options,
    value: view.get("letter"),
    onchange: (value) => view.put({ letter: value }),
  });
  group.node.classList.add("sm-letters");
  const show = ({ letter, standings, order, suspects, mode }) => {
    group.set(letter);
    for (const k of upTo(texts.length))
      texts[k].textContent = letterText(standings[k], suspects[order[k]].name, mode);
  };
  return { node: group.node, show };
}

/** The probes, what each does, and the button that buys. */
export function probePane(view) {
  const probes = view.get("probes");
  const marks = probes.map(() => h("small"));
  const options = probes.map(([name], k) => [name, [name, marks[k]]]);
  const group = radios({
    legend: "Probe",
    options,
    value: view.get("probe"),
    onchange: (value) => view.put({ probe: value }),
  });
  group.node.classList.add("sm-probes");
  const clips = view.get("clips");
  const clip = select({
    label: "Shown on the clip",
    options: clips.map((name, k) => [k, name]),
    value: view.get("clip"),
    onchange: (value) => view.put({ clip: Number(value) }),
  });
  let buying = null;
  const buy = button(() =>
    view.put({ bought: added(view.get("bought"), view.get("letter"), buying) }),
  );
  const show = (scene) => {
    const { probe, bought, standing, letter, mode } = scene;
    buying = probes[probe][0];
    group.set(buying);
    clip.set(scene.clip);
    for (const [k, mark] of marks.entries())
      mark.textContent = mode === "game" && bought.includes(k) ? "✓ bought" : "";
    const free = mode === "table" || standing.open;
    buy.node.hidden = mode === "table";
    const able = !free && !bought.includes(probe) && standing.coins > 0;
    const text = `Ask ${LETTERS[letter]}: “${buying}”, 1 coin`;
    if (free) buy.show(`“${buying}”: open to see`, false);
    else if (bought.includes(probe)) buy.show(`“${buying}” is bought`, false);
    else buy.show(able ? text : "No coin left: name it", able);
  };
  return { choice: group.node, clip: clip.node, buy: buy.node, show };
}

/** The eight names, and the button that breaks the seal. */
export function namePane(view) {
  const suspects = view.get("suspects");
  const taken = suspects.map(() => h("em"));
  const options = suspects.map(({ name, title: text, reads }, k) => [
    name,
    [h("span", {}, h("b", {}, text), " ", taken[k], h("small", {}, reads))],
  ]);
  const group = radios({
    legend: "Your name for it",
    options: [[NONE, "none yet"], ...options],
    value: view.get("suspect"),
    onchange: (value) => view.put({ suspect: value }),
  });
  group.node.classList.add("sm-names");
  const name = button(() => {
    const { named, letter, suspect } = view.read("named", "letter", "suspect");
    view.put({ named: added(named, letter, suspect), suspect: NONE });
  });
  const node = h("div", { class: "sm-name" }, group.node, name.node);
  const show = (scene) => {
    const { letter, suspect, standings, standing, order, named, mode } = scene;
    node.hidden = mode === "table";
    group.set(suspect);
    for (const [k, mark] of taken.entries()) {
      const at = order.indexOf(k);
      const tried = named[letter].includes(suspects[k].name);
      const not = tried ? `not ${LETTERS[letter]}` : "";
      mark.textContent = standings[at].open ? `is ${LETTERS[at]}` : not;
    }
    const chosen = suspects.find((one) => one.name === suspect);
    const again = named[letter].includes(suspect);
    const able = !standing.open && chosen && !again;
    name.show(
      chosen ? `${LETTERS[letter]} is: ${chosen.title}` : `Name ${LETTERS[letter]}`,
      Boolean(able),
    );
  };
  return { node, show };
}

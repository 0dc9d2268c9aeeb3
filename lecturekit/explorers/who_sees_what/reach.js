// Which frames and pixels reach a unit: the units to choose from, and the clip with the field in it.

import { radios, slider } from "../kit/controls.js";
import { h } from "../kit/dom.js";
import { hint } from "../kit/text.js";
import { grouped } from "../kit/words.js";
import { filmstrip } from "./film.js";
import { within } from "../kit/numbers.js";
import { AXES, centreOf, fieldOf, unitAt } from "./sums.js";
import { unitGrid } from "./units.js";

const WORDS = { t: "t (time)", y: "y (down)", x: "x (right)" };
const placed = (unit) => Object.fromEntries(AXES.map((axis, a) => [axis, unit[a]]));

/** The unit that the state names, and what reaches it. */
function unitsOf(view) {
  const { families, size } = view.read("families", "size");
  let [aim, known] = [null, {}]; // the frame, row and column that the reader looks at
  const layerOf = (name, layer) => {
    const family = families.find((one) => one.name === name);
    return { family, step: family.steps[layer - 1], averaged: layer === family.steps.length };
  };
  const follow = (where, step, unit) => {
    const centres = unit.map((at, a) => centreOf(step, a, at));
    // Along an axis with one unit only there is nothing to choose: the aim stays.
    if (known.where !== where) aim ??= centres;
    else if (known.place !== String(unit)) {
      aim = aim.map((old, a) => (step.out[a] > 1 ? centres[a] : old));
    }
    known = { where, place: String(unit) };
  };
  const read = () => {
    const { family: name, layer } = view.read("family", "layer");
    const { family, step, averaged } = layerOf(name, layer);
    const unit = AXES.map((axis, a) => within(view.get(axis), step.out[a]));
    follow(`${name} ${layer}`, step, unit);
    const fields = unit.map((at, a) => fieldOf(step, a, at, size[a]));
    return { family, layer, step, averaged, unit, fields };
  };
  /** To another family or layer, and to the unit there that looks at the same spot. */
  const swap = (changes, move) => {
    const kept = aim;
    const { family, layer } = Object.assign(view.read("family", "layer"), changes);
    const { step } = layerOf(family, layer);
    move({ ...changes, ...placed(kept.map((centre, a) => unitAt(step, a, centre))) });
    aim = kept;
  };
  return { read, swap };
}

/** What reaches the unit, in words. */
function reachText(fields, size) {
  const parts = ["frame", "row", "column"].map((name, a) => {
    const [from, to] = fields[a].inside;
    return from === to ? `${name} ${from} of ${size[a]}` : `${name}s ${from}–${to} of ${size[a]}`;
  });
  const pixels = fields.reduce((product, { inside: [from, to] }) => product * (to - from + 1), 1);
  const all = size.reduce((product, length) => product * length);
  return `sees ${parts.join(", ")}: ${grouped(pixels)} of ${grouped(all)} pixels.`;
}

function fieldText({ averaged, step, fields }) {
  if (averaged) return "Counted from 0.";
  const field = step.field.join(" × ");
  if (fields.some(({ cut }) => cut)) {
    return `Its field is ${field}, cut by the border of the clip: outside are the zeros of the padding.`;
  }
  return `Its field is ${field} (frames × rows × columns), all inside the clip. Counted from 0.`;
}

/** Family and layer, to be chosen. */
function layerChoice(view, swap) {
  const families = view.get("families");
  const layers = families[0].steps.map((_, k, all) => [
    k + 1,
    k + 1 < all.length ? `layer ${k + 1}` : "after the average",
  ]);
  const family = radios({
    legend: "Family",
    value: view.get("family"),
    options: families.map(({ name }) => [name, name]),
    onchange: (name) => swap({ family: name }),
  });
  const layer = radios({
    legend: "Unit of",
    value: view.get("layer"),
    options: layers,
    onchange: (number) => swap({ layer: number }),
  });
  const show = (now) => {
    family.set(now.family.name);
    layer.set(now.layer);
  };
  return { node: h("div", { class: "ws-choices" }, family.node, layer.node), show };
}

/** A slider for each axis of a layer's output; `read` gives the present unit. */
function placeSliders(read, move) {
  const sliders = AXES.map((axis, a) =>
    slider({
      label: WORDS[axis],
      min: 0,
      max: 1,
      value: 0,
      format: (at) => `${at} of 0–${read().step.out[a] - 1}`,
      oninput: (at) => move(read().unit.with(a, at)),
    }),
  );
  const show = ({ step, unit }) => {
    for (const [a, control] of sliders.entries()) {
      const alone = step.out[a] < 2;
      control.bounds(0, step.out[a] - 1);
      control.set(unit[a]);
      control.input.disabled = alone;
      if (alone) control.say("only 0");
    }
  };
  return { nodes: sliders.map((control) => control.node), show };
}

/** What is said of the unit; `show` returns what a screen reader is told of the clip. */
function wordsPane(size) {
  const [about, shape, reach, note] = ["about", "shape", "reach", "note"].map((name) =>
    h("p", { class: `ws-${name}` }),
  );
  const show = ({ family, step, averaged, unit, fields }) => {
    const said = reachText(fields, size);
    about.textContent = averaged ? family.average : family.about;
    about.classList.toggle("is-average", averaged);
    const units = `Units: ${step.out.join(" × ")} (t × y × x)`;
    shape.textContent = averaged ? "One number for the whole clip" : units;
    const who = averaged ? "The average" : `Unit (${unit.join(", ")})`;
    reach.replaceChildren(h("b", {}, who), ` ${said}`);
    reach.dataset.field = JSON.stringify(fields.map(({ inside }) => inside));
    note.textContent = fieldText({ averaged, step, fields });
    return `The clip: ${averaged ? "the average" : "the unit"} ${said}`;
  };
  return { about, shape, reach, note, show };
}

/** The whole view. `move` is called with what the reader changes. */
export function reachPane(view, move) {
  const { size, credit } = view.read("size", "credit");
  const { read, swap } = unitsOf(view);
  const go = (unit) => move(placed(unit));
  const choice = layerChoice(view, (changes) => swap(changes, move));
  const [grid, sliders, film] = [unitGrid(go), placeSliders(read, go), filmstrip(size)];
  const { about, shape, reach, note, ...words } = wordsPane(size);
  const show = () => {
    const now = read();
    for (const part of [choice, sliders]) part.show(now);
    grid.show(now.step.out, now.unit);
    const inside = now.fields.map((field) => field.inside);
    film.show(inside, words.show(now));
  };
  const help = hint(
    "Press a unit, or use the arrow keys on the squares (Page Up and Page Down: in time).",
  );
  const units = h("div", {}, shape, grid.node);
  const places = h("div", { class: "ws-sliders" }, ...sliders.nodes, help);
  const node = h(
    "div",
    { class: "ws-part", role: "group", "aria-label": "What reaches a unit" },
    h("p", { class: "ws-title" }, "What reaches a unit"),
    choice.node,
    about,
    h("div", { class: "ws-pick" }, units, places),
    reach,
    note,
    film.node,
    credit ? hint(credit) : null,
  );
  const heard = () => `${view.get("family")}: ${reach.textContent}`;
  return { node, keys: ["family", "layer", ...AXES], show, fill: film.fill, words: heard };
}

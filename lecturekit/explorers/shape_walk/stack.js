// The stack of layers: where it starts, its input, its list, its totals.

import { select, slider } from "../kit/controls.js";
import { h } from "../kit/dom.js";
import { hint, readings } from "../kit/text.js";
import { grouped } from "../kit/words.js";
import { blockNode, drawBlock, edgeScale, shapeNodes } from "./blocks.js";
import { layerRow } from "./row.js";
import { total } from "../kit/numbers.js";
import { walkOf } from "./sums.js";
import { counted, fieldWords, nameOf } from "./words.js";

const INPUT = ["input_channels", "num_frames", "height", "width"];
const SIZES = { num_frames: "Frames", height: "Height", width: "Width" };
const NEW_LAYERS = {
  Conv: {
    kind: "Conv",
    out_channels: 16,
    kernel: [3, 3, 3],
    stride: [1, 1, 1],
    padding: [1, 1, 1],
    bias: true,
  },
  Pool: { kind: "Pool", kernel: [2, 2, 2], stride: [2, 2, 2], padding: [0, 0, 0] },
  Flatten: { kind: "Flatten" },
  Linear: { kind: "Linear", out_features: 10, bias: true },
};
export const STACK = ["layers", ...INPUT];

/** The state with all that follows from it. */
function sceneOf(view) {
  const [layers, input] = [view.get("layers"), INPUT.map((key) => view.get(key))];
  const { steps, refused } = walkOf(layers, input);
  const all = (key) => total(steps.map((step) => step[key]));
  const totals = { parameters: all("parameters"), macs: all("macs") };
  const scale = edgeScale([input, ...steps.map(({ out_shape }) => out_shape)]);
  return { layers, input, steps, refused, totals, scale };
}

/** Two stacks are the same if every number in them is. */
const FIELDS = Object.keys({ ...NEW_LAYERS.Conv, ...NEW_LAYERS.Linear });
const keyOf = (layers, input) => JSON.stringify(layers, FIELDS) + input;

/** The stacks to start from; `load(input, layers)` takes one. */
function startPane(view, load) {
  const presets = view.get("presets");
  const { layers: firstLayers, input: firstInput } = sceneOf(view);
  const start = select({
    label: "Start from",
    value: "",
    options: [...presets.map(({ name }, at) => [String(at), name]), ["own", "your own"]],
    onchange: (at) => presets[at] && load(presets[at].input_shape, presets[at].layers),
  });
  const own = start.input.lastElementChild;
  const onclick = () => load(firstInput, firstLayers);
  const again = h("button", { type: "button", onclick }, "Start again");
  const show = ({ layers, input }) => {
    const now = keyOf(layers, input);
    const same = presets.findIndex((preset) => keyOf(preset.layers, preset.input_shape) === now);
    own.hidden = same >= 0;
    start.set(same >= 0 ? String(same) : "own");
  };
  return { node: h("div", { class: "sw-choices" }, start.node, again), show };
}

/** The input's entry: its block with what one unit of the opened layer sees, its sliders. */
function inputRow(view, edit) {
  const most = view.get("limits").input;
  const sliders = Object.entries(SIZES).map(([key, label]) => {
    const oninput = (value) => edit({ [key]: value });
    const max = most[INPUT.indexOf(key)];
    const control = slider({ label, min: 1, max, value: view.get(key), oninput });
    return { node: control.node, show: () => control.set(view.get(key)) };
  });
  const [block, name] = [blockNode(), h("p", { class: "sw-name" }, "Input")];
  const [shape, note] = [h("p", { class: "sw-shape" }), h("p", { class: "sw-says" })];
  const what = h("div", { class: "sw-what" }, name, shape, note);
  const sizes = h("div", { class: "sw-sizes" }, ...sliders.map((control) => control.node));

  const show = ({ layers, input, steps, scale }, opened) => {
    const last = Math.min(opened ?? Infinity, steps.length - 1);
    const seeing = layers.findLastIndex(({ kernel }, at) => at <= last && kernel);
    const step = steps[seeing];
    const window = layers[0]?.kernel;
    drawBlock(block, input, scale, { window, field: step?.receptive_field });
    shape.replaceChildren(...shapeNodes(input));
    const words = step && `what one unit after layer ${seeing + 1} sees: ${fieldWords(step)}`;
    note.replaceChildren(...(step ? [h("i", { class: "sw-key" }), words] : []));
    for (const control of sliders) control.show();
  };
  return { node: h("li", { class: "sw-layer sw-input" }, block, what, sizes), show };
}

function totalsPane() {
  const counts = { parameters: "Parameters", macs: "Multiply–adds" };
  const names = { output: "Output", ...counts, field: "One unit sees" };
  const { node, values } = readings(names, "sw-total", "sw-totals");
  const show = ({ layers, input, steps, refused, totals }) => {
    const last = steps.at(-1);
    const none = refused && `none: layer ${refused.index + 1} is impossible`;
    values.output.replaceChildren(...(none ? [none] : shapeNodes(last?.out_shape ?? input)));
    const part = refused ? ` up to layer ${refused.index}` : "";
    for (const key of Object.keys(counts))
      values[key].replaceChildren(h("b", {}, grouped(totals[key])), part);
    const mixed = layers.slice(0, steps.length).some(({ kind }) => kind === "Linear");
    values.field.textContent = mixed ? "everything" : last ? fieldWords(last) : "itself";
  };
  return { node, show };
}

function addersPane(add, most) {
  const buttons = Object.keys(NEW_LAYERS).map((kind) =>
    h("button", { type: "button", onclick: () => add(NEW_LAYERS[kind]) }, `+ ${kind}`),
  );
  const show = ({ layers }) => {
    for (const button of buttons) button.disabled = layers.length >= most;
  };
  const node = h("p", { class: "sw-adders" }, h("span", {}, "Add a layer "), ...buttons);
  return { node, show, focus: () => buttons[0].focus() };
}

/** The list: the input, and an entry for each layer. `edits` are what a reader does to the stack. */
function listPane(view, edits) {
  const limits = view.get("limits");
  const input = inputRow(view, edits.edit);
  const node = h("ol", { class: "sw-layers" });
  let [rows, kinds] = [[], null];
  const rowOf = (layer, at) => {
    const change = (changes) => edits.replace(at, changes);
    const [toggle, remove] = [() => edits.toggle(at), () => edits.remove(at)];
    return layerRow(layer, at + 1, { limits, toggle, change, remove });
  };
  const show = (scene, opened) => {
    const { layers, steps, refused } = scene;
    const pattern = layers.map(({ kind }) => kind).join(" ");
    if (pattern !== kinds) {
      kinds = pattern;
      rows = layers.map(rowOf);
      node.replaceChildren(input.node, ...rows.map((row) => row.node));
    }
    input.show(scene, opened);
    for (const [at, row] of rows.entries()) {
      const [layer, step, window] = [layers[at], steps[at], layers[at + 1]?.kernel];
      row.show({ ...scene, layer, step, window, opened: at === opened });
    }
    node.dataset.steps = JSON.stringify(steps);
    node.dataset.refused = refused ? String(refused.index + 1) : "";
  };
  return { node, show, focus: (at) => rows[Math.min(at, rows.length - 1)]?.focus() };
}

/** What is heard when the stack has changed. */
function wordsOf({ layers, input, steps, refused, totals }, opened) {
  const sizes = (step) => (step?.out_shape ?? input).join(" by ");
  const step = steps[opened];
  const one = step && `Layer ${opened + 1}, ${nameOf(layers[opened])}: ${sizes(step)}.`;
  const bad = refused && `Layer ${refused.index + 1}, ${nameOf(layers[refused.index])}`;
  const end = bad ? `${bad}, is impossible. ${refused.why}` : `Output ${sizes(steps.at(-1))}.`;
  const { parameters, macs } = totals;
  const all = `${counted(parameters, "parameter")}, ${counted(macs, "multiply–add")}.`;
  return [one, end, all].filter(Boolean).join(" ");
}

export function stackPane(view) {
  let opened = null; // the layer whose editor is open
  const layers = () => view.get("layers");
  const say = view.voice(() => wordsOf(sceneOf(view), opened));
  const edit = (changes) => {
    say();
    view.put(changes);
  };
  const replace = (at, changes) =>
    edit({ layers: layers().with(at, { ...layers()[at], ...changes }) });
  const toggle = (at) => {
    opened = opened === at ? null : at;
    show();
  };
  const remove = (at) => {
    opened = null;
    edit({ layers: layers().toSpliced(at, 1) });
    if (layers().length) list.focus(at);
    else adders.focus();
  };
  const add = (layer) => {
    opened = opened === null ? layers().length : opened + 1;
    edit({ layers: layers().toSpliced(opened, 0, layer) });
    list.focus(opened);
  };
  const load = (input, stack) => {
    opened = null;
    edit({ ...Object.fromEntries(INPUT.map((key, axis) => [key, input[axis]])), layers: stack });
  };

  const start = startPane(view, load);
  const list = listPane(view, { edit, replace, toggle, remove });
  const [adders, totals] = [addersPane(add, view.get("limits").layers), totalsPane()];
  const show = () => {
    if (opened >= layers().length) opened = null;
    const scene = sceneOf(view);
    for (const part of [start, list, adders, totals]) part.show(scene, opened);
  };
  const title = h("p", { class: "sw-title" }, "A stack of layers");
  const lines = hint(
    "Press a layer to change it. The wire box in a block is the next layer’s window. " +
      "Edges are square roots of sizes; the bar below is for channels.",
  );
  const parts = [title, start.node, lines, list.node, adders.node, totals.node];
  return { node: h("div", { class: "sw-part" }, ...parts), show };
}

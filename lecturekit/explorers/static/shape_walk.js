// The shape walk: the stack of layers above, the sliding kernel below. Python sends where to start;
// everything that follows from it is computed here, live.

const INPUT = ["input_channels", "num_frames", "height", "width"];
const INPUT_SLIDERS = [["num_frames", "Frames"], ["height", "Height"], ["width", "Width"]];

/** Two stacks are the same if every number in them is. */
const stackKey = (input, layers) => JSON.stringify([
  input, layers.map(({ kind, channels, kernel, stride, padding, bias }) => [kind, channels, kernel, stride, padding, bias]),
]);

function stackPane({ model, put, touched }) {
  const [limits, presets] = [model.get("limits"), model.get("presets")];
  const inputOf = () => INPUT.map((key) => model.get(key));
  const asInput = (shape) => Object.fromEntries(INPUT.map((key, axis) => [key, shape[axis]]));
  const origin = { input: inputOf(), layers: model.get("layers") };
  let [opened, rows, kinds] = [null, [], null];

  const edit = (changes) => {
    touched();
    put(changes);
  };
  const layers = () => model.get("layers");
  const replace = (index, changes) => edit({
    layers: layers().map((layer, at) => (at === index ? { ...layer, ...changes } : layer)),
  });
  const toggle = (index) => {
    opened = opened === index ? null : index;
    show();
  };
  const remove = (index) => {
    opened = null;
    edit({ layers: layers().filter((_, at) => at !== index) });
    (rows[Math.min(index, rows.length - 1)] ?? adders[0]).focus();
  };
  const add = (kind) => {
    const at = opened === null ? layers().length : opened + 1;
    opened = at;
    edit({ layers: layers().toSpliced(at, 0, NEW_LAYERS[kind]) });
    rows[at].focus();
  };
  const load = ({ input, layers: stack }) => {
    opened = null;
    edit({ ...asInput(input), layers: stack });
  };

  const start = select({
    label: "Start from", value: "", onchange: (at) => presets[at] && load(presets[at]),
    options: [...presets.map(({ name }, at) => [String(at), name]), ["own", "your own"]],
  });
  const own = start.input.lastElementChild;
  const again = h("button", { type: "button", onclick: () => load(origin) }, "Start again");
  const sliders = INPUT_SLIDERS.map(([key, label]) => {
    const control = slider({
      label, min: 1, max: limits.input[INPUT.indexOf(key)], value: model.get(key), oninput: (value) => edit({ [key]: value }),
    });
    return { node: control.node, show: () => control.set(model.get(key)) };
  });
  const adders = Object.entries(KINDS).map(([kind, name]) => h("button", { type: "button", onclick: () => add(kind) }, `+ ${name}`));
  const [inputBlock, inputShape, inputSays] = [blockNode(), h("p", { class: "sw-shape" }), h("p", { class: "sw-says" })];
  const inputRow = h("li", { class: "sw-layer sw-input" }, inputBlock,
    h("div", { class: "sw-what" }, h("p", { class: "sw-name" }, "Input"), inputShape, inputSays),
    h("div", { class: "sw-sizes" }, ...sliders.map((control) => control.node)));
  const list = h("ol", { class: "sw-layers" }, inputRow);
  const TOTALS = { output: "Output", parameters: "Parameters", macs: "Multiply–adds", field: "One unit sees" };
  const values = Object.fromEntries(Object.keys(TOTALS).map((key) => [key, h("dd", { "data-total": key })]));
  const readout = h("dl", { class: "sw-totals" }, ...Object.entries(TOTALS).map(([key, word]) => h("div", {}, h("dt", {}, word), values[key])));

  /** The walk, and the sums over it. */
  const compute = () => {
    const { steps, refused } = walkOf(layers(), inputOf());
    const totals = Object.fromEntries(["parameters", "macs"].map((key) => [key, sum(steps.map((step) => step[key]))]));
    return { steps, refused, totals };
  };

  const showInput = ({ steps }, scale) => {
    const seen = steps.length ? Math.min(opened ?? steps.length - 1, steps.length - 1) : null;
    const spatial = seen === null ? -1 : layers().findLastIndex(({ kernel }, at) => at <= seen && kernel);
    const step = steps[spatial];
    drawBlock(inputBlock, inputOf(), scale, { window: layers()[0]?.kernel && perAxis(layers()[0].kernel), field: step?.field });
    inputShape.replaceChildren(...shapeNodes(inputOf()));
    inputSays.replaceChildren(...(step ? [h("i", { class: "sw-key" }), `what one unit after layer ${spatial + 1} sees: ${fieldWords(step)}`] : []));
  };
  const showTotals = ({ steps, refused, totals }) => {
    const last = steps.at(-1);
    values.output.replaceChildren(...(refused ? [`none: layer ${refused.index + 1} is impossible`] : shapeNodes(last?.out ?? inputOf())));
    for (const key of ["parameters", "macs"]) values[key].replaceChildren(h("b", {}, grouped(totals[key])), refused ? ` up to layer ${refused.index}` : "");
    const linear = steps.findIndex((_, at) => layers()[at].kind === "linear") >= 0;
    values.field.textContent = !last ? "itself" : linear ? "everything" : fieldWords(last);
  };

  function show() {
    const now = layers();
    const walk = compute();
    const { steps, refused, totals } = walk;
    const pattern = now.map(({ kind }) => kind).join(" ");
    if (pattern !== kinds) {
      kinds = pattern;
      if (opened >= now.length) opened = null;
      rows = now.map((layer, at) => layerRow(layer.kind, at + 1, {
        limits, first: layer, toggle: () => toggle(at), change: (changes) => replace(at, changes), remove: () => remove(at),
      }));
      list.replaceChildren(inputRow, ...rows.map((row) => row.node));
    }
    const scale = edgeScale([inputOf(), ...steps.map((step) => step.out)]);
    rows.forEach((row, at) => row.show({
      layer: now[at], step: steps[at], why: refused?.index === at ? refused.why : null, stoppedBy: refused && refused.index + 1,
      scale, window: now[at + 1]?.kernel && perAxis(now[at + 1].kernel), opened: opened === at, totals,
    }));
    showInput(walk, scale);
    showTotals(walk);
    sliders.forEach((control) => control.show());
    adders.forEach((button) => {
      button.disabled = now.length >= limits.layers;
    });
    const same = presets.findIndex((preset) => stackKey(preset.input, preset.layers) === stackKey(inputOf(), now));
    own.hidden = same >= 0;
    start.input.value = same >= 0 ? String(same) : "own";
    list.dataset.steps = JSON.stringify(steps.map(({ offsets, ...step }) => step));
    list.dataset.refused = refused ? String(refused.index + 1) : "";
  }

  const words = () => {
    const { steps, refused, totals } = compute();
    const layer = opened !== null && steps[opened] ? `Layer ${opened + 1}, ${nameOf(layers()[opened])}: ${steps[opened].out.join(" by ")}. ` : "";
    const end = refused
      ? `Layer ${refused.index + 1}, ${nameOf(layers()[refused.index])}, is impossible. ${refused.why}`
      : `Output ${(steps.at(-1)?.out ?? inputOf()).join(" by ")}.`;
    return `${layer}${end} ${counted(totals.parameters, "parameter")}, ${counted(totals.macs, "multiply–add")}.`;
  };
  const node = h("div", { class: "sw-part sw-stack" },
    h("p", { class: "sw-title" }, "A stack of layers"),
    h("div", { class: "sw-choices" }, start.node, again),
    h("p", { class: "sw-hint" },
      "Press a layer to change it. The wire box in a block is the next layer’s window. "
      + "Edges are square roots of sizes; the bar below is for channels."),
    list,
    h("p", { class: "sw-adders" }, h("span", {}, "Add a layer "), ...adders),
    readout);
  return { node, show, words };
}

function render({ model, el }) {
  const body = shell(el, model);
  const save = throttle(() => model.save_changes(), 100);
  const put = (changes) => {
    Object.entries(changes).forEach(([key, value]) => model.set(key, value));
    save();
  };
  let spoken = () => "";
  const voice = announcer(() => spoken());
  const parts = [];
  const touchedIn = (at) => () => {
    spoken = parts[at].words;
    voice.say();
  };
  parts.push(stackPane({ model, put, touched: touchedIn(0) }));
  parts.push(slidePane({ model, put, touched: touchedIn(1) }));
  body.append(...parts.map((part) => part.node), voice.node);
  parts.forEach((part) => part.show());
  const stops = [
    onChanges(model, ["layers", ...INPUT], parts[0].show),
    onChanges(model, ["cube", "kernel", "padding", "t", "y", "x"], parts[1].show),
    parts[1].stop, voice.stop, save.now,
  ];
  body.dataset.ready = "true";
  return () => stops.forEach((stop) => stop());
}

export default { render };

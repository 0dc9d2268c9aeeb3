// The list of layers: blocks to scale, readings, and the editor of the opened layer.

const CHANNELS = [1, 2, 3, 4, 6, 8, 10, 12, 16, 24, 32, 48, 64, 96, 128, 192, 256, 384, 512];
const FEATURES = [1, 2, 5, 10, 12, 24, 51, 64, 101, 128, 174, 256, 400, 512, 600, 1024, 2048, 4096];
const NEW_LAYERS = {
  conv: { kind: "conv", channels: 16, kernel: [3, 3], stride: [1, 1], padding: [1, 1], bias: true },
  pool: { kind: "pool", kernel: [2, 2], stride: [2, 2], padding: [0, 0] },
  flatten: { kind: "flatten" },
  linear: { kind: "linear", channels: 10, bias: true },
};

function svg(tag, attributes = {}, ...children) {
  const node = document.createElementNS("http://www.w3.org/2000/svg", tag);
  Object.entries(attributes).forEach(([key, value]) => node.setAttribute(key, value));
  node.append(...children);
  return node;
}

const pointsOf = (points) => points.map(([x, y]) => `${x.toFixed(1)},${y.toFixed(1)}`).join(" ");
const polygon = (points, name) => svg("polygon", { points: pointsOf(points), class: name });

const BLOCK = { width: 132, height: 98, edge: 64, slant: [0.62, -0.42] };

/** The visible faces of the box from (x, y, t) of these sizes, in the block's own pixels. */
function boxFaces([x, y, t], [wide, high, deep], place, name) {
  const corners = { top: "000 001 101 100", side: "100 101 111 110", front: "000 100 110 010" };
  return Object.entries(corners).map(([side, four]) => polygon(
    four.split(" ").map(([a, b, c]) => place([x + a * wide, y + b * high, t + c * deep])), `${name} ${name}-${side}`));
}

/** Sizes of edges in pixels: as square roots, so that 2 frames beside 64 rows are still seen. */
function edgeScale(shapes) {
  const edges = shapes.filter((shape) => shape.length > 1).flatMap((shape) => shape.slice(1));
  const first = (flat) => shapes.filter((shape) => (shape.length < 2) === flat).map(([size]) => size);
  const [longest, rows, most] = [edges, first(true), first(false)].map((sizes) => Math.max(1, ...sizes));
  return {
    edge: (size) => Math.max(2.5, BLOCK.edge * Math.sqrt(size / longest)),
    row: (size) => Math.max(3, (BLOCK.width - 8) * Math.sqrt(size / rows)),
    channels: (count) => Math.max(2.5, BLOCK.edge * Math.sqrt(count / most)),
  };
}

/**
 * A tensor as a block with a bar for its channels. `window` ([t, h, w]) is what the next layer
 * reads at once, `field` ([t, h, w]) what a unit in the middle of the opened layer sees of it.
 */
function drawBlock(node, shape, scale, { window, field } = {}) {
  const [channels, ...sizes] = shape;
  if (!sizes.length) {
    const [wide, y] = [scale.row(channels), BLOCK.height / 2 - 6];
    const ticks = range(Math.min(channels, Math.floor(wide / 4)) - 1).map((k, _, all) => {
      const x = 4 + ((k + 1) / (all.length + 1)) * wide;
      return svg("line", { x1: x, x2: x, y1: y, y2: y + 12, class: "sw-grain" });
    });
    node.replaceChildren(svg("rect", { x: 4, y, width: wide, height: 12, class: "sw-row" }), ...ticks);
    return;
  }
  const [deep, high, wide] = sizes.map((size, axis) => scale.edge(size) * (axis ? 1 : 0.8));
  const [right, up] = BLOCK.slant.map((slant) => slant * deep);
  const [left, top] = [(BLOCK.width - wide - right) / 2, (BLOCK.height - 8 - high + up) / 2 - up];
  const place = ([x, y, t]) => [left + x * wide + t * right, top + y * high + t * up];
  const lines = deep / sizes[0] > 1.5 ? range(sizes[0] - 1).map((k) => (k + 1) / sizes[0]) : [];
  const grain = lines.map((t) => svg("polyline", { points: pointsOf([[0, 0, t], [1, 0, t], [1, 1, t]].map(place)), class: "sw-grain" }));
  const part = (lengths) => lengths.map((length, axis) => Math.min(length / sizes[axis], 1));
  const parts = [...boxFaces([0, 0, 0], [1, 1, 1], place, "sw-box"), ...grain];
  if (field) {
    const [t, y, x] = part(field);
    parts.push(...boxFaces([(1 - x) / 2, (1 - y) / 2, (1 - t) / 2], [x, y, t], place, "sw-field"));
  }
  if (window) {
    const [t, y, x] = part(window);
    parts.push(...boxFaces([0, 0, 0], [x, y, t], place, "sw-window"));
  }
  const bar = scale.channels(channels);
  parts.push(svg("rect", { x: (BLOCK.width - bar) / 2, y: BLOCK.height - 6, width: bar, height: 5, class: "sw-channels" }));
  node.replaceChildren(...parts);
}

const blockNode = () => svg("svg", { viewBox: `0 0 ${BLOCK.width} ${BLOCK.height}`, class: "sw-block", "aria-hidden": "true" });

/** c × t × h × w, each axis in its colour. */
function shapeNodes(shape) {
  if (shape.length < 2) return [h("b", { class: "sw-ink-c" }, grouped(shape[0])), " numbers"];
  return shape.flatMap((size, axis) => [axis ? " × " : "", h("b", { class: `sw-ink-${"cthw"[axis]}` }, String(size))]);
}

/** A slider over the values of a list, to which the present value is added if it is another. */
function listSlider({ label, values, oninput }) {
  let known = values;
  const control = slider({
    label, min: 0, max: values.length - 1, value: 0,
    format: (at) => grouped(known[at]), oninput: (at) => oninput(known[at]),
  });
  const set = (value) => {
    known = [...new Set([...values, value])].sort((a, b) => a - b);
    control.bounds(0, known.length - 1);
    control.set(known.indexOf(value));
  };
  return { node: control.node, set };
}

/** The sliders of one layer. `change(changes)` is called with the fields that were moved. */
function layerEditor(layer, limits, change) {
  const controls = [];
  let now = layer;
  const add = (control, read) => controls.push({ node: control.node, show: () => control.set(read(now)) });
  if (layer.channels) {
    const linear = layer.kind === "linear";
    const most = limits[linear ? "features" : "channels"];
    add(listSlider({
      label: linear ? "Outputs" : "Channels out", values: (linear ? FEATURES : CHANNELS).filter((n) => n <= most),
      oninput: (channels) => change({ channels }),
    }), ({ channels }) => channels);
  }
  const pair = (field, axis, label, min, max) => {
    const moved = (value) => now[field].map((old, a) => (a === axis ? value : old));
    add(slider({
      label, min, max, value: layer[field][axis],
      oninput: (value) => {
        const changes = { [field]: moved(value) };
        // A pooling that steps by its own kernel goes on doing so.
        const follows = now.kind === "pool" && field === "kernel" && now.stride[axis] === now.kernel[axis];
        if (follows) changes.stride = now.stride.map((old, a) => (a === axis ? value : old));
        change(changes);
      },
    }), (current) => current[field][axis]);
  };
  if (layer.kernel) {
    const stride = layer.kind === "pool" ? limits.kernel : limits.stride;
    for (const [field, word, min, max] of [["kernel", "Kernel", 1, limits.kernel], ["stride", "Stride", 1, stride], ["padding", "Padding", 0, limits.padding]]) {
      pair(field, 0, `${word} in time`, min, max);
      pair(field, 1, `${word} in space`, min, max);
    }
  }
  const show = (current) => {
    now = current;
    controls.forEach((control) => control.show());
  };
  show(layer);
  return { nodes: controls.map((control) => control.node), show };
}

const READINGS = [["parameters", "parameters"], ["macs", "multiply–adds"], ["field", "one unit sees"]];

/** One layer's entry: its block, its name (a button that opens the editor), its numbers. */
function layerRow(kind, number, { limits, first, toggle, change, remove }) {
  const id = uniqueId("sw-edit");
  const [block, title, shape, note] = [blockNode(), h("span"), h("p", { class: "sw-shape" }), h("p", { class: "sw-says" })];
  const button = h("button", { type: "button", class: "sw-name", "aria-controls": id, "aria-expanded": "false", onclick: toggle }, title);
  const numbers = Object.fromEntries(READINGS.map(([key]) => [key, h("dd", { "data-reading": key })]));
  const readings = h("dl", { class: "sw-numbers" }, ...READINGS.map(([key, word]) => h("div", {}, h("dt", {}, word), numbers[key])));
  const editor = layerEditor(first, limits, change);
  const removal = h("button", { type: "button", class: "sw-remove", onclick: remove }, `Remove layer ${number}`);
  const panel = h("div", { id, class: "sw-editor", hidden: true }, ...editor.nodes, removal);
  const node = h("li", { class: "sw-layer", "data-kind": kind }, block,
    h("div", { class: "sw-what" }, button, shape, note), readings, panel);
  /** `step` is null where the walk has not come; `why` says so at the layer that stopped it. */
  const show = ({ layer, step, why, stoppedBy, scale, window, opened, totals }) => {
    const usual = layer.kind === "pool" ? layer.kernel : [1, 1];
    const details = [
      layer.kernel && String(layer.stride) !== String(usual) && `stride ${times(perAxis(layer.stride))}`,
      layer.padding?.some((p) => p > 0) && `padding ${times(perAxis(layer.padding))}`,
      layer.bias === false && "no bias",
    ].filter(Boolean);
    title.replaceChildren(h("small", {}, `${number} `), nameOf(layer), details.length ? h("small", {}, ` ${details.join(", ")}`) : "");
    button.setAttribute("aria-expanded", String(opened));
    panel.hidden = !opened;
    editor.show(layer);
    node.classList.toggle("sw-impossible", Boolean(why));
    node.classList.toggle("sw-later", !step && !why);
    readings.hidden = !step;
    if (step) drawBlock(block, step.out, scale, { window });
    else block.replaceChildren(svg("rect", { x: 34, y: 20, width: 64, height: 54, class: "sw-missing" }));
    shape.replaceChildren(...(step ? ["→ ", ...shapeNodes(step.out)] : []));
    const lost = step ? lostWords(step) : "";
    note.textContent = step ? lost : why ? `Impossible. ${why}` : `waits for layer ${stoppedBy}`;
    note.classList.toggle("sw-warns", Boolean(lost || why));
    if (!step) return;
    for (const key of ["parameters", "macs"]) {
      const share = totals[key] ? step[key] / totals[key] : 0;
      numbers[key].replaceChildren(grouped(step[key]), h("i", { class: "sw-share", style: `--share:${(100 * share).toFixed(1)}%` }));
    }
    numbers.field.textContent = layer.kind === "linear" ? "everything" : fieldWords(step);
  };
  return { node, show, focus: () => button.focus() };
}

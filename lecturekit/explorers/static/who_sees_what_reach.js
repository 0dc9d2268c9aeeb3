// Which frames and pixels reach a unit: the units to choose from, and the clip with the field in it.

const AXES = ["t", "y", "x"];
const UNIT = ["family", "layer", ...AXES];
const count = (n) => Array.from({ length: n }, (_, k) => k);
const grouped = (number) => number.toLocaleString("en");
const within = (value, size) => Math.min(Math.max(value, 0), size - 1);

/** First and last index that reach a unit along one axis, before and after the clip's border. */
function fieldOf({ field, jump, start }, axis, index, size) {
  const from = start[axis] + jump[axis] * index - (field[axis] - 1) / 2;
  const to = from + field[axis] - 1;
  return { from, to, inside: [Math.max(from, 0), Math.min(to, size - 1)] };
}

/** The unit whose field has its centre nearest to this frame, row or column. */
const unitAt = ({ out, jump, start }, axis, centre) => within(Math.round((centre - start[axis]) / jump[axis]), out[axis]);

const stretch = (name, [from, to], size) => (
  from === to ? `${name} ${from} of ${size}` : `${name}s ${from}–${to} of ${size}`);

/** The frames of the clip, each a picture with a box that can be laid on it. */
function filmstrip([frames, height, width]) {
  const cells = count(frames).map((t) => {
    const picture = h("canvas", { width, height });
    const box = h("div", { class: "ws-box" });
    const stage = h("div", { class: "ws-frame", style: `aspect-ratio:${width}/${height}` }, picture, box);
    return { picture, box, node: h("div", { class: "ws-cell", "data-frame": t }, stage, h("span", {}, String(t))) };
  });
  const node = h("div", { class: "ws-film", role: "img", style: `--frames:${frames}` }, ...cells.map((cell) => cell.node));
  const show = ([[first, last], rows, columns]) => {
    const part = ([from, to], size) => [from, to - from + 1].map((px) => `${(100 * px) / size}%`);
    const [top, high] = part(rows, height);
    const [left, wide] = part(columns, width);
    cells.forEach(({ box, node: cell }, t) => {
      cell.classList.toggle("is-seen", t >= first && t <= last);
      Object.assign(box.style, { top, left, height: high, width: wide });
    });
  };
  const fill = (pixels) => cells.forEach(({ picture }, t) => {
    const bytes = height * width * 4;
    picture.getContext("2d").putImageData(new ImageData(pixels.slice(t * bytes, (t + 1) * bytes), width, height), 0, 0);
  });
  return { node, show, fill };
}

/** One square for each moment of a layer's output; a press or the arrow keys choose a unit. */
function unitGrid(move) {
  const KEYS = {
    ArrowLeft: [0, 0, -1], ArrowRight: [0, 0, 1], ArrowUp: [0, -1, 0], ArrowDown: [0, 1, 0], PageUp: [-1, 0, 0], PageDown: [1, 0, 0],
  };
  let [sizes, unit, slices] = [[], [], []];
  const node = h("div", { class: "ws-units", role: "group", tabindex: 0, "aria-label": "Units of the layer: the arrow keys choose one" });
  node.addEventListener("keydown", (event) => {
    const step = KEYS[event.key];
    if (!step) return;
    event.preventDefault();
    move(unit.map((at, axis) => within(at + step[axis], sizes[axis])));
  });
  const slice = (t) => {
    const lit = h("i");
    const stage = h("div", { class: "ws-slice", style: `aspect-ratio:${sizes[2]}/${sizes[1]};--rows:${sizes[1]};--columns:${sizes[2]}` }, lit);
    const choose = (event) => {
      const box = stage.getBoundingClientRect();
      const at = (px, length, size) => within(Math.floor((px / length) * size), size);
      move([t, at(event.clientY - box.top, box.height, sizes[1]), at(event.clientX - box.left, box.width, sizes[2])]);
    };
    stage.addEventListener("pointerdown", (event) => {
      if (event.button !== 0 || event.pointerType === "touch") return; // a finger may be scrolling: see click
      stage.setPointerCapture(event.pointerId);
      choose(event);
    });
    stage.addEventListener("pointermove", (event) => {
      if (stage.hasPointerCapture(event.pointerId) && event.pointerType !== "touch") choose(event);
    });
    stage.addEventListener("click", choose);
    return { node: h("div", { class: "ws-moment" }, stage, h("span", {}, sizes[0] > 1 ? `t ${t}` : "")), lit };
  };
  const show = (nextSizes, nextUnit) => {
    unit = nextUnit;
    if (String(nextSizes) !== String(sizes)) {
      sizes = nextSizes;
      slices = count(sizes[0]).map(slice);
      const moments = sizes[0];
      node.style.setProperty("--across", Math.min(moments, 8));
      node.style.setProperty("--across-phone", moments > 8 ? 8 : Math.min(moments, 4));
      node.classList.toggle("is-fine", Math.max(sizes[1], sizes[2]) > 20);
      node.replaceChildren(...slices.map((one) => one.node));
    }
    const [t, y, x] = unit;
    slices.forEach(({ node: one, lit }, at) => {
      one.classList.toggle("is-chosen", at === t);
      Object.assign(lit.style, {
        top: `${(100 * y) / sizes[1]}%`, left: `${(100 * x) / sizes[2]}%`, height: `${100 / sizes[1]}%`, width: `${100 / sizes[2]}%`,
      });
    });
  };
  return { node, show };
}

/** The whole view. `touched` is called when the reader, not Python, moves something. */
function reachPane({ model, put, touched }) {
  const [families, size] = [model.get("families"), model.get("size")];
  let aim = null; // the frame, row and column that the reader looks at, whatever the layer
  let [family, step, unit, known] = [];

  const read = () => {
    family = families.find(({ name }) => name === model.get("family"));
    step = family.steps[model.get("layer") - 1];
    unit = AXES.map((axis, a) => within(model.get(axis), step.out[a]));
    const [where, place] = [`${family.name} ${model.get("layer")}`, String(unit)];
    const centre = (a) => step.start[a] + step.jump[a] * unit[a];
    // Along an axis with one unit only there is nothing to choose: the aim stays.
    if (known?.where !== where) aim ??= size.map((_, a) => centre(a));
    else if (known.place !== place) aim = aim.map((old, a) => (step.out[a] > 1 ? centre(a) : old));
    known = { where, place };
  };
  const go = (place) => {
    touched();
    put(Object.fromEntries(AXES.map((axis, a) => [axis, place[a]])));
  };
  /** Another family or layer: the unit there that looks at the same spot. */
  const swap = (changes) => {
    touched();
    const kept = aim;
    const next = families.find(({ name }) => name === (changes.family ?? family.name)).steps[(changes.layer ?? model.get("layer")) - 1];
    put({ ...changes, ...Object.fromEntries(AXES.map((axis, a) => [axis, unitAt(next, a, kept[a])])) });
    aim = kept;
  };

  const chooseFamily = radios({
    legend: "Family", value: model.get("family"), options: families.map(({ name }) => [name, name]), onchange: (name) => swap({ family: name }),
  });
  const chooseLayer = radios({
    legend: "Unit of", value: model.get("layer"), onchange: (layer) => swap({ layer }),
    options: families[0].steps.map((_, k, all) => [k + 1, k + 1 < all.length ? `layer ${k + 1}` : "after the average"]),
  });
  const words = { t: "t (time)", y: "y (down)", x: "x (right)" };
  const sliders = AXES.map((axis, a) => slider({
    label: words[axis], min: 0, max: 1, value: 0, format: (at) => (step ? `${at} of 0–${step.out[a] - 1}` : ""),
    oninput: (at) => go(unit.map((old, b) => (a === b ? at : old))),
  }));
  const [grid, film] = [unitGrid(go), filmstrip(size)];
  const [about, shape, reach, note] = ["ws-about", "ws-shape", "ws-reach", "ws-note"].map((name) => h("p", { class: name }));

  const sentence = (fields) => {
    const parts = ["frame", "row", "column"].map((name, a) => stretch(name, fields[a].inside, size[a]));
    const pixels = fields.reduce((product, { inside: [from, to] }) => product * (to - from + 1), 1);
    return `sees ${parts.join(", ")}: ${grouped(pixels)} of ${grouped(size.reduce((a, b) => a * b))} pixels.`;
  };
  const show = () => {
    read();
    const layer = model.get("layer");
    const averaged = layer === family.steps.length;
    const fields = AXES.map((_, a) => fieldOf(step, a, unit[a], size[a]));
    chooseFamily.set(family.name);
    chooseLayer.set(layer);
    sliders.forEach((control, a) => {
      control.bounds(0, step.out[a] - 1);
      control.set(unit[a]);
      control.input.disabled = step.out[a] < 2;
      if (step.out[a] < 2) control.say("only 0");
    });
    about.textContent = averaged ? family.average : family.about;
    about.classList.toggle("is-average", averaged);
    shape.textContent = averaged ? "One number for the whole clip" : `Units: ${step.out.join(" × ")} (t × y × x)`;
    grid.show(step.out, unit);
    const said = sentence(fields);
    reach.replaceChildren(h("b", {}, averaged ? "The average" : `Unit (${unit.join(", ")})`), ` ${said}`);
    const cut = !averaged && fields.some(({ from, to }, a) => from < 0 || to > size[a] - 1);
    note.textContent = cut
      ? `Its field is ${step.field.join(" × ")}, cut by the border of the clip: outside are the zeros of the padding.`
      : averaged ? "Counted from 0." : `Its field is ${step.field.join(" × ")} (frames × rows × columns), all inside the clip. Counted from 0.`;
    film.show(fields.map(({ inside }) => inside));
    film.node.setAttribute("aria-label", `The clip: ${averaged ? "the average" : "the unit"} ${said}`);
    reach.dataset.field = JSON.stringify(fields.map(({ inside }) => inside));
  };
  const node = h("div", { class: "ws-part", role: "group", "aria-label": "What reaches a unit" },
    h("p", { class: "ws-title" }, "What reaches a unit"),
    h("div", { class: "ws-choices" }, chooseFamily.node, chooseLayer.node),
    about,
    h("div", { class: "ws-pick" },
      h("div", {}, shape, grid.node),
      h("div", { class: "ws-sliders" }, ...sliders.map((control) => control.node),
        h("p", { class: "ws-hint" }, "Press a unit, or use the arrow keys on the squares (Page Up and Page Down: in time)."))),
    reach, note, film.node,
    model.get("credit") ? h("p", { class: "ws-hint" }, model.get("credit")) : null);
  return { node, show, fill: film.fill, words: () => `${family.name}: ${reach.textContent}` };
}

// The sliding kernel: the cube as a row of cards, the numbers under the window, their sum.

/** A number as written: a real minus, at most two decimals. */
const written = (number) => String(Number(number.toFixed(2))).replace("-", "−");
const AXIS_WORDS = { t: "frame", y: "row", x: "column" };

/** The cards' geometry, in cells: a card is seen from the side, so that none hides another. */
const CARD = { across: 0.56, rise: 0.3, gap: 1.1 };

function cardPlace(origin) {
  return ([row, column]) => [origin[0] + column * CARD.across, origin[1] + row - column * CARD.rise];
}

const quad = (place, [row, column], [high, wide], name) => polygon(
  [[row, column], [row, column + wide], [row + high, column + wide], [row + high, column]].map(place), name);

/** Every cell of one block as cards; `look(at)` gives [class, opacity] of a cell. */
function cards(sizes, placeOf, look) {
  const [frames, rows, columns] = sizes;
  return range(frames).flatMap((t) => {
    const place = placeOf(t);
    const cells = range(rows).flatMap((y) => range(columns).map((x) => {
      const [name, opacity] = look([t, y, x]);
      const cell = quad(place, [y, x], [1, 1], `sw-cell ${name}`);
      cell.setAttribute("fill-opacity", opacity.toFixed(2));
      return cell;
    }));
    return [quad(place, [0, 0], [rows, columns], "sw-card"), ...cells];
  });
}

const letter = (text, x, y) => svg("text", { x, y, class: "sw-letter" }, text);

/** The two rows of cards, input above output. Cells are drawn once for a kernel and padding. */
function cardsPicture() {
  const UNIT = 10;
  const node = svg("svg", { class: "sw-cards", role: "img" });
  let [known, overlay, geometry] = [null, null, null];

  const build = (scene) => {
    const { cube, weights, padding, outputs } = scene;
    const [frames, rows, columns] = sizesOf(cube).map((size) => size + 2 * padding);
    const [places, kernel] = [sizesOf(outputs), sizesOf(weights)];
    const pitch = columns * CARD.across + CARD.gap;
    const lift = columns * CARD.rise;
    const [top, below] = [lift + 1.6, lift + 1.6 + rows + 2.6];
    const inputPlace = (t) => cardPlace([t * pitch + 1, top]);
    const outputPlace = (t) => cardPlace([
      (t + (kernel[0] - 1) / 2) * pitch + 1 + ((columns - places[2]) / 2) * CARD.across,
      below + places[2] * CARD.rise,
    ]);
    const [wide, high] = [frames * pitch + 1, below + places[2] * CARD.rise + places[1] + 0.4];
    node.setAttribute("viewBox", `0 0 ${wide * UNIT} ${high * UNIT}`);
    node.style.setProperty("--wide", wide);
    const values = cube.flat(2);
    const [low, spread] = [Math.min(...values), Math.max(...values) - Math.min(...values) || 1];
    const most = Math.max(...outputs.flat(2).map(Math.abs)) || 1;
    const inputs = cards([frames, rows, columns], inputPlace, (padded) => {
      const [t, y, x] = padded.map((at) => at - padding);
      const value = cube[t]?.[y]?.[x];
      return value === undefined ? ["sw-pad", 1] : ["sw-value", 0.06 + (0.8 * (value - low)) / spread];
    });
    const results = cards(places, outputPlace, ([t, y, x]) => {
      const value = outputs[t][y][x];
      return [value < 0 ? "sw-minus" : "sw-plus", (0.9 * Math.abs(value)) / most];
    });
    const names = range(frames).map((t) => {
      const inside = t >= padding && t < frames - padding;
      return letter(inside ? `t ${t - padding}` : "zeros", t * pitch + 1.2, top + rows + 1.1);
    });
    const rowNames = [letter("input", 0.2, 1), letter("output", 0.2, below + 0.9)];
    overlay = svg("g");
    geometry = { inputPlace, outputPlace };
    node.replaceChildren(svg("g", { transform: `scale(${UNIT})` }, ...inputs, ...results, ...names, ...rowNames, overlay));
  };

  const show = (scene) => {
    const key = JSON.stringify([scene.weights, scene.divisor, scene.padding]);
    if (key !== known) build(scene);
    known = key;
    const [frames, rows, columns] = sizesOf(scene.weights);
    const [t, y, x] = scene.place;
    const { inputPlace, outputPlace } = geometry;
    const window = range(frames).map((i) => quad(inputPlace(t + i), [y, x], [rows, columns], "sw-lit"));
    const corners = [[y, x], [y, x + columns], [y + rows, x + columns], [y + rows, x]];
    const edges = range(frames - 1).flatMap((i) => corners.map((corner) => {
      const [[x1, y1], [x2, y2]] = [inputPlace(t + i)(corner), inputPlace(t + i + 1)(corner)];
      return svg("line", { x1, y1, x2, y2, class: "sw-edge" });
    }));
    const [x2, y2] = outputPlace(t)([y + 0.5, x + 0.5]);
    const [x1, y1] = inputPlace(t + Math.floor((frames - 1) / 2))([y + rows, x + columns / 2]);
    const beam = svg("line", { x1, y1, x2, y2, class: "sw-beam" });
    overlay.replaceChildren(beam, ...edges, ...window, quad(outputPlace(t), [y, x], [1, 1], "sw-chosen"));
  };
  return { node, show };
}

/** One frame under the window: its numbers with the window lit, and the products. */
function tapPanel() {
  const [title, grid, products, total] = [h("p", { class: "sw-tap-title" }), h("div", { class: "sw-grid", "aria-hidden": "true" }), h("table", { class: "sw-products" }), h("p", { class: "sw-subtotal" })];
  const node = h("div", { class: "sw-tap" }, title, h("div", { class: "sw-pair" }, grid, products), total);
  const show = ({ cube, weights, padding, place }, tap) => {
    const t = place[0] + tap - padding;
    const frame = cube[t];
    const [rows, columns] = sizesOf(cube).slice(1).map((size) => size + 2 * padding);
    const [, high, wide] = sizesOf(weights);
    const reads = readsOf(cube, weights, padding, place).slice(tap * high * wide, (tap + 1) * high * wide);
    const cells = range(rows).flatMap((j) => range(columns).map((k) => {
      const value = frame?.[j - padding]?.[k - padding];
      const lit = j >= place[1] && j < place[1] + high && k >= place[2] && k < place[2] + wide;
      return h("span", { class: `${lit ? "is-lit" : ""} ${value === undefined ? "is-pad" : ""}` }, written(value ?? 0));
    }));
    grid.style.setProperty("--columns", columns);
    grid.replaceChildren(...cells);
    title.textContent = frame ? `Frame t = ${t}` : "Padding: a frame of zeros";
    products.replaceChildren(
      h("caption", { class: "lk-spoken" }, `${title.textContent}: number × weight`),
      h("tbody", {}, ...range(high).map((j) => h("tr", {}, ...range(wide).map((k) => {
        const { value, weight } = reads[j * wide + k];
        const name = weight === 0 ? "is-zero" : weight < 0 ? "is-minus" : "is-plus";
        return h("td", { class: name }, h("b", {}, written(value)), ` × ${written(weight)}`);
      })))),
    );
    const part = sum(reads.map(({ value, weight }) => value * weight));
    total.replaceChildren("adds ", h("b", {}, written(part)));
    return part;
  };
  return { node, show };
}

/** One frame of the output as a table of buttons; arrows move among them, the page keys in time. */
function outputTable(move) {
  const [title, body] = [h("p", { class: "sw-title" }), h("tbody")];
  const table = h("table", { class: "sw-output", "aria-label": "One frame of the output: choose a number" }, body);
  let buttons = [];
  let scene = null;
  const STEPS = {
    ArrowLeft: [0, 0, -1], ArrowRight: [0, 0, 1], ArrowUp: [0, -1, 0], ArrowDown: [0, 1, 0], PageUp: [-1, 0, 0], PageDown: [1, 0, 0],
  };
  table.addEventListener("keydown", (event) => {
    const step = STEPS[event.key];
    if (!step) return;
    event.preventDefault();
    const sizes = sizesOf(scene.outputs);
    move(scene.place.map((at, axis) => Math.min(Math.max(at + step[axis], 0), sizes[axis] - 1)));
    buttons[scene.place[1]][scene.place[2]].focus();
  });
  const show = (next) => {
    scene = next;
    const [t, y, x] = scene.place;
    const [, rows, columns] = sizesOf(scene.outputs);
    if (buttons.length !== rows || buttons[0].length !== columns) {
      buttons = range(rows).map((row) => range(columns).map((column) => (
        h("button", { type: "button", onclick: () => move([scene.place[0], row, column]) }))));
      body.replaceChildren(...buttons.map((row) => h("tr", {}, ...row.map((button) => h("td", {}, button)))));
      table.style.setProperty("--columns", columns);
    }
    buttons.forEach((row, j) => row.forEach((button, k) => {
      const value = scene.outputs[t][j][k];
      const here = j === y && k === x;
      button.textContent = written(value / scene.divisor);
      button.setAttribute("aria-label", `row ${j}, column ${k}: ${button.textContent}`);
      button.setAttribute("aria-pressed", String(here));
      button.tabIndex = here ? 0 : -1;
      button.className = value < 0 ? "is-minus" : value > 0 ? "is-plus" : "is-zero";
    }));
    title.textContent = `Output, frame t = ${t}`;
  };
  return { node: h("div", { class: "sw-result" }, title, table, h("p", { class: "sw-hint" }, "Press a number, or move with the arrow keys (Page Up and Page Down: in time).")), show };
}

/** The whole part, played by the model's kernel, padding, t, y and x. `touched` is called first. */
function slidePane({ model, put, touched }) {
  const [cube, kernels] = [model.get("cube"), model.get("kernels")];
  let scene = null;
  const read = () => {
    const kernel = kernels.find(({ name }) => name === model.get("kernel"));
    const padding = model.get("padding");
    const sizes = placesOf(cube, kernel.weights, padding);
    const place = ["t", "y", "x"].map((axis, a) => Math.min(model.get(axis), sizes[a] - 1));
    const same = scene?.kernel === kernel && scene.padding === padding;
    const outputs = same ? scene.outputs : range(sizes[0]).map((t) => range(sizes[1]).map((y) => (
      range(sizes[2]).map((x) => sumAt(cube, kernel.weights, padding, [t, y, x])))));
    scene = { cube, kernel, weights: kernel.weights, divisor: kernel.divisor, padding, outputs, place, sizes };
  };
  read();
  const go = (place) => put(Object.fromEntries(["t", "y", "x"].map((axis, a) => [axis, place[a]])));
  const move = (place) => {
    player.stop();
    touched();
    go(place);
  };
  /** Another kernel or padding: the window stays on the numbers it lies on, where it can. */
  const swap = (changes) => {
    player.stop();
    touched();
    const shift = (changes.padding ?? scene.padding) - scene.padding;
    const { weights } = kernels.find(({ name }) => name === (changes.kernel ?? scene.kernel.name));
    const sizes = placesOf(cube, weights, changes.padding ?? scene.padding);
    if (Math.min(...sizes) < 1) return show(); // no room: the control goes back
    const place = scene.place.map((at, axis) => Math.min(Math.max(at + shift, 0), sizes[axis] - 1));
    put({ ...changes, t: place[0], y: place[1], x: place[2] });
  };

  const chosen = select({
    label: "Kernel", options: kernels.map(({ name }) => [name, name]), value: model.get("kernel"), onchange: (kernel) => swap({ kernel }),
  });
  const pads = h("input", { type: "checkbox", onchange: () => swap({ padding: Number(pads.checked) }) });
  const sliders = ["t", "y", "x"].map((axis, a) => slider({
    label: `${axis} (${AXIS_WORDS[axis]})`, min: 0, max: scene.sizes[a] - 1, value: scene.place[a],
    format: (value) => `${value} of 0–${scene.sizes[a] - 1}`,
    oninput: (value) => move(scene.place.map((at, axis_) => (axis_ === a ? value : at))),
  }));
  const still = prefersReducedMotion();
  const at = () => (scene.place[0] * scene.sizes[1] + scene.place[1]) * scene.sizes[2] + scene.place[2];
  const goTo = (flat) => {
    const [, rows, columns] = scene.sizes;
    go([Math.floor(flat / (rows * columns)), Math.floor(flat / columns) % rows, flat % columns]);
  };
  const playerOver = (places) => framePlayer({
    position: at, last: places - 1, fps: () => 4, step: goTo,
    onstate: (on) => {
      button.textContent = on ? "❚❚ Pause" : "▶ Slide";
      if (!on) touched();
    },
  });
  let player = playerOver(product(scene.sizes));
  const press = () => {
    if (!still) return player.toggle();
    touched();
    goTo((at() + 1) % product(scene.sizes));
  };
  const button = h("button", { type: "button", onclick: press }, still ? "Next place" : "▶ Slide");
  const [picture, table] = [cardsPicture(), outputTable(move)];
  const taps = h("div", { class: "sw-taps" });
  const [size, about, total] = ["sw-size", "sw-about", "sw-sum"].map((name) => h("p", { class: name }));
  let panels = [];

  const words = () => {
    const [t, y, x] = scene.place;
    const value = sumAt(cube, scene.weights, scene.padding, scene.place);
    const divided = scene.divisor > 1 ? `, divided by ${scene.divisor}: ${written(value / scene.divisor)}` : "";
    return `Output frame ${t}, row ${y}, column ${x}: the sum is ${written(value)}${divided}.`;
  };
  const show = () => {
    const before = product(scene.sizes);
    read();
    const { weights, divisor, sizes } = scene;
    if (product(sizes) !== before) {
      player.stop();
      player = playerOver(product(sizes));
    }
    chosen.input.value = scene.kernel.name;
    pads.checked = scene.padding === 1;
    sliders.forEach((control, a) => {
      control.bounds(0, sizes[a] - 1);
      control.set(scene.place[a]);
      control.input.disabled = sizes[a] < 2;
    });
    about.textContent = scene.kernel.about;
    const padded = scene.padding ? `, padded to ${times(sizesOf(cube).map((n) => n + 2))}` : "";
    size.replaceChildren(
      `A cube of ${times(sizesOf(cube))} numbers${padded}; a kernel of ${times(sizesOf(weights))}; its output has `,
      h("b", {}, times(sizes)), ".",
    );
    picture.show(scene);
    picture.node.setAttribute("aria-label", `The cube as a row of frames, the window of the kernel in ${weights.length} of them. ${words()}`);
    table.show(scene);
    if (panels.length !== weights.length) {
      panels = weights.map(tapPanel);
      taps.replaceChildren(...panels.map((panel) => panel.node));
    }
    const parts = panels.map((panel, tap) => panel.show(scene, tap));
    const value = sum(parts);
    const joined = parts.map((part) => (part < 0 ? `(${written(part)})` : written(part))).join(" + ");
    total.replaceChildren(
      parts.length > 1 ? `${joined} = ` : "The sum is ", h("b", {}, written(value)),
      ...(divisor > 1 ? [` and ÷ ${divisor} = `, h("b", {}, written(value / divisor))] : []),
      h("small", {}, `  output at t ${scene.place[0]}, y ${scene.place[1]}, x ${scene.place[2]}`),
    );
  };
  const node = h("div", { class: "sw-part sw-slide" },
    h("p", { class: "sw-title" }, "One number of the output"), size,
    h("div", { class: "sw-choices" }, chosen.node, h("label", { class: "sw-check" }, pads, "pad with zeros")),
    about,
    h("div", { class: "sw-scene" }, picture.node, table.node),
    h("div", { class: "sw-play" }, button, h("div", {}, ...sliders.map((control) => control.node))),
    taps, total);
  return { node, show, words, stop: () => player.stop() };
}

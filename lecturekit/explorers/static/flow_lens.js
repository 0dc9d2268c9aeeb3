const LENS = ["x", "y", "view", "at_winsize", "at_levels", "at_poly_n"];
const VIEWS = [
  ["over", "colour over frame t"],
  ["colour", "colour"],
  ["arrows", "arrows"],
  ["prev", "frame t"],
  ["next", "frame t + 1"],
  ["blink", "blink between them"],
  ["error", "warp error"],
];
const BLINK_MS = 500;

/** The mouse looks while it hovers and places the lens by a click; a finger slides or taps. */
function aim(stage, film, { look, place, leave }) {
  const pixel = (event) => {
    const box = stage.getBoundingClientRect();
    const inside = (px, length, size) => Math.min(Math.max(Math.floor((px / length) * size), 0), size - 1);
    return { x: inside(event.clientX - box.left, box.width, film.width), y: inside(event.clientY - box.top, box.height, film.height) };
  };
  stage.addEventListener("pointerdown", (event) => event.pointerType === "touch" && stage.setPointerCapture(event.pointerId));
  stage.addEventListener("pointermove", (event) => look(pixel(event)));
  stage.addEventListener("pointerup", (event) => event.button === 0 && place(pixel(event)));
  stage.addEventListener("pointercancel", leave);
  stage.addEventListener("pointerleave", leave);
}

function render({ model, el }) {
  const body = shell(el, model);
  const film = { width: model.get("width_px"), height: model.get("height_px") };
  const [winsizes, scales, polys] = ["winsizes", "levels", "poly_ns"].map((key) => model.get(key));
  const steps = model.get("steps_px");
  const full = model.get("max_px");
  const still = prefersReducedMotion();
  let [sheet, frames, now, hover, other, blinking] = [null, null, null, null, false, null];
  const fields = new Map();
  const layers = new Map();
  const statistics = new Map();

  const save = throttle(() => model.save_changes(), 100);
  const put = (changes) => {
    Object.entries(changes).forEach(([key, value]) => model.set(key, value));
    save();
  };

  const indexOf = (winsize, levels, poly) => (
    (winsizes.indexOf(winsize) * scales.length + scales.indexOf(levels)) * polys.length + polys.indexOf(poly));
  const kept = (store, key, make) => store.get(key) ?? store.set(key, make()).get(key);
  const fieldAt = (k) => kept(fields, k, () => fieldOf(sheet, k, film.height, steps[k]));
  const statisticsAt = (k) => kept(statistics, k, () => statisticsOf(film, fieldAt(k)));
  const layerOf = (k) => {
    if (now.view === "error") return kept(layers, `error ${k}`, () => errorMap(film, fieldAt(k)));
    return now.view === "colour" || now.view === "over" ? kept(layers, k, () => colourMap(film, fieldAt(k), full)) : null;
  };

  const disc = wheelDisc(full);
  const inks = (node) => ({ paper: colour(node, "--lk-paper"), line: colour(node, "--lk-line"), first: colour(node, "--lk-accent") });
  const lens = () => hover ?? now;
  const vector = () => {
    const k = lens().y * film.width + lens().x;
    return [now.field.dx[k], now.field.dy[k]];
  };
  const scene = (node) => ({ film, frames, field: now.field, lens: lens(), winsize: now.at_winsize, ink: inks(node) });
  const fitted = (drawing, attributes) => fittedCanvas((context, width, _, node) => sheet && drawing(context, width, node), attributes);
  const picture = fitted((context, width, node) => (
    drawPicture(context, width, { ...scene(node), view: now.view, other, layer: layerOf(now.index) })),
  { class: "fl-picture", role: "presentation", style: `aspect-ratio:${film.width}/${film.height}` });
  const patches = [0, 1].map((after) => fitted((context, width, node) => (
    drawPatch(context, width, { ...scene(node), frame: frames[after], after })), { class: "fl-square" }));
  const wheel = fitted((context, width, node) => drawWheel(context, width, { disc, full, vector: vector(), ink: inks(node) }), { class: "fl-square fl-wheel" });
  const canvases = [picture, ...patches, wheel];
  const draw = oncePerFrame(() => canvases.forEach((part) => part.redraw()));

  const stage = h("div", {
    class: "fl-stage", role: "application", tabindex: 0, "aria-roledescription": "lens",
    onkeydown: (event) => {
      const by = { ArrowRight: [1, 0], ArrowLeft: [-1, 0], ArrowDown: [0, 1], ArrowUp: [0, -1] }[event.key];
      if (!by || !now) return;
      event.preventDefault();
      const far = event.shiftKey ? 10 : 1;
      const moved = (value, step, size) => Math.min(Math.max(value + far * step, 0), size - 1);
      hover = null;
      put({ x: moved(now.x, by[0], film.width), y: moved(now.y, by[1], film.height) });
    },
  }, picture.node);
  aim(stage, film, {
    look: (at) => look(at),
    place: (at) => {
      hover = null;
      put(at);
      showLens();
    },
    leave: () => look(null),
  });

  const blink = (on) => {
    clearInterval(blinking);
    blinking = on ? setInterval(() => turn(), BLINK_MS) : null;
    blinker.textContent = still ? "The other frame" : on ? "❚❚ Stop" : "▶ Blink";
  };
  const turn = () => {
    other = !other;
    body.dataset.shown = now.view === "blink" && other ? "next" : now.view;
    note.textContent = noteOf();
    picture.redraw();
  };
  const blinker = h("button", { type: "button", onclick: () => (still ? turn() : blink(blinking === null)) }, still ? "The other frame" : "▶ Blink");
  const note = h("span");
  const noteOf = () => ({
    over: "Where nothing moves, the picture keeps its colours.",
    colour: "White: no motion.",
    arrows: "One vector for each dot, in its true length.",
    blink: `Now frame ${other ? "t + 1" : "t"}.`,
    error: `Black 0, white ${ERROR_WHITE} grey levels or more. Blue: the vector ends outside.`,
  })[now.view] ?? "";
  const views = select({
    label: "Picture", options: VIEWS, value: model.get("view"),
    onchange: (view) => {
      put({ view });
      blink(view === "blink" && !still);
    },
  });
  const sweep = (label, key, values, format) => slider({
    label, min: 0, max: values.length - 1, value: values.indexOf(model.get(key)), format: (k) => format(values[k]),
    oninput: (k) => put({ [key]: values[k] }),
  });
  const sigmas = model.get("poly_sigmas");
  const sweeps = {
    at_winsize: [winsizes, sweep("winsize", "at_winsize", winsizes, (v) => `${v} px`)],
    at_levels: [scales, sweep("levels", "at_levels", scales, scaleWords)],
    at_poly_n: [polys, sweep("poly_n", "at_poly_n", polys, (v) => `${v}, σ ${sigmas[polys.indexOf(v)]}`)],
  };

  const lesson = h("p", { class: "fl-lesson" });
  const READINGS = { vector: "Under the lens", length: "Length and direction", warp: "Warp error", moving: "Moving", rough: "Roughness" };
  const readings = Object.fromEntries(Object.keys(READINGS).map((key) => [key, h("dd", { "data-reading": key })]));
  const readout = h("dl", { class: "fl-readings" }, ...Object.entries(READINGS).map(([key, name]) => (
    h("div", { class: `fl-${key}` }, h("dt", {}, name), readings[key]))));
  const read = (key, value, note) => readings[key].replaceChildren(h("b", {}, value), " ", h("small", {}, note));
  const captions = patches.map(() => h("figcaption"));
  const table = h("table", { class: "fl-table" });
  const voice = announcer(() => (now.spoken === "lens" ? vectorWords(now, vector()) : lesson.textContent));

  const look = (at) => {
    if (!now || (!at && !hover)) return;
    hover = at;
    showLens();
  };

  const showLens = () => {
    const [dx, dy] = vector();
    const { x, y } = lens();
    const length = Math.hypot(dx, dy);
    read("vector", `(${signed(dx)}, ${signed(dy)}) px`, `(dx, dy) at column ${x}, row ${y}; in steps of ${steps[now.index]} px`);
    read("length", `${length.toFixed(2)} px per frame`, length > 0
      ? `${Math.round(degreesOf(dx, dy)) % 360}°: ${wayOf(degreesOf(dx, dy))} (0° right, 90° down)` : "no motion, no direction");
    const away = Math.max(Math.abs(dx), Math.abs(dy)) > REACH;
    captions[0].textContent = `Frame t. Square: the ${now.at_winsize} px window`;
    captions[1].textContent = `Frame t + 1. Dot: where it went${away ? " (outside this patch)" : ""}`;
    patches.forEach(({ node }, k) => node.setAttribute("aria-label", `${captions[k].textContent}. ${vectorWords(lens(), [dx, dy])}`));
    wheel.node.setAttribute("aria-label", `Colour wheel, full colour at ${full} px per frame. ${vectorWords(lens(), [dx, dy])}`);
    stage.setAttribute("aria-label", `Picture with a lens. Arrow keys move it, with Shift by 10 pixels. ${vectorWords(now, vector())}`);
    body.dataset.vector = JSON.stringify([x, y, dx, dy]);
    draw();
  };

  const showTable = () => {
    const all = winsizes.flatMap((w) => scales.map((levels) => statisticsAt(indexOf(w, levels, now.at_poly_n)).warp));
    const best = Math.min(...all);
    table.replaceChildren(
      h("caption", {}, `Warp error in grey levels for poly_n ${now.at_poly_n}; smallest underlined, shown now in a frame`),
      h("thead", {}, h("tr", {}, h("th", { scope: "col" }, "levels"), ...winsizes.map((w) => h("th", { scope: "col" }, `winsize ${w}`)))),
      h("tbody", {}, ...scales.map((levels) => h("tr", {}, h("th", { scope: "row" }, levels), ...winsizes.map((w) => {
        const { warp } = statisticsAt(indexOf(w, levels, now.at_poly_n));
        const here = w === now.at_winsize && levels === now.at_levels;
        return h("td", { "aria-current": here && "true", class: warp === best && "fl-best" }, warp.toFixed(2));
      })))),
    );
  };

  const show = () => {
    const before = now;
    now = Object.fromEntries(LENS.map((key) => [key, model.get(key)]));
    now.index = indexOf(now.at_winsize, now.at_levels, now.at_poly_n);
    now.field = fieldAt(now.index);
    const said = statisticsAt(now.index);
    now.spoken = before && (before.x !== now.x || before.y !== now.y) ? "lens" : "field";
    if (now.view !== "blink") {
      blink(false);
      other = false;
    }
    blinker.hidden = now.view !== "blink";
    note.textContent = noteOf();
    views.input.value = now.view;
    for (const [key, [values, range]] of Object.entries(sweeps)) {
      range.set(values.indexOf(now[key]));
      range.input.disabled = values.length < 2;
    }
    const lost = said.outside > 0.0005 ? `; ${percent(said.outside)} of the vectors end outside` : "";
    read("warp", `${said.warp.toFixed(2)} grey levels`, `without flow ${said.still.toFixed(2)}: ${explained(said)} % explained${lost}`);
    read("moving", percent(said.moving), `of the pixels, by more than ${MOVING_PX} px`);
    read("rough", `${said.rough.toFixed(2)} px`, "between neighbours, on average");
    lesson.textContent = lessonOf({ ...now, winsizes, scales }, said, (w, levels) => statisticsAt(indexOf(w, levels, now.at_poly_n)));
    body.dataset.statistics = JSON.stringify(said);
    body.dataset.shown = now.view === "blink" && other ? "next" : now.view;
    showTable();
    showLens();
    if (body.dataset.ready) voice.say(); // not heard while the page loads
  };

  body.append(
    h("p", { class: "fl-hint" }, h("b", {}, "Move the lens:"), " hover, click or tap to leave it there, or use the arrow keys."),
    stage, lesson,
    h("div", { class: "fl-controls" },
      h("div", {}, views.node, h("div", { class: "fl-note" }, blinker, note)),
      h("div", {}, ...Object.values(sweeps).map(([, range]) => range.node))),
    h("div", { class: "fl-close" },
      ...patches.map(({ node }, k) => h("figure", {}, node, captions[k])),
      h("figure", { class: "fl-key" }, wheel.node, h("figcaption", {}, `The key: hue is direction; the ring stands for ${full} px per frame`))),
    readout, table, voice.node,
    ...(model.get("credit") ? [h("p", { class: "fl-hint" }, model.get("credit"))] : []),
  );
  const stops = [
    onThemeChange(draw), draw.cancel, () => clearInterval(blinking), voice.stop, save.now, ...canvases.map(({ stop }) => stop),
  ];
  let gone = false;
  Promise.all([decodeImage(model.get("pictures")), ...["greys", "fields"].map((key) => decodeImage(model.get(key), "image/png"))])
    .then(async ([pictures, greys, decoded]) => {
      const below = Math.ceil(film.height / 16) * 16;
      const pair = await Promise.all([0, below].map((top) => createImageBitmap(pictures, 0, top, film.width, film.height)));
      if (gone) return;
      film.prev = levelsOf(greys, 0, film.height);
      film.next = levelsOf(greys, film.height, film.height);
      [frames, sheet] = [pair, decoded];
      stops.push(onChanges(model, LENS, show));
      show();
      draw.now();
      body.dataset.ready = "true";
    });
  return () => {
    gone = true;
    stops.forEach((stop) => stop());
  };
}

export default { render };

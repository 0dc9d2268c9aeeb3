// Shared by every explorer: put in front of each module's own text, so nothing here is exported.

/** Make an element: h("button", { class: "lk-button", onclick }, "Play"). */
function h(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [key, value] of Object.entries(attributes)) {
    if (key.startsWith("on")) node.addEventListener(key.slice(2), value);
    else if (value === true) node.setAttribute(key, "");
    else if (value !== false && value != null) node.setAttribute(key, value);
  }
  node.append(...children.filter((child) => child != null));
  return node;
}

/** An id no other explorer on the page has (live views of one widget share a model, not ids). */
function uniqueId(prefix) {
  uniqueId.count = (uniqueId.count ?? 0) + 1;
  return `${prefix}-${Math.random().toString(36).slice(2, 8)}-${uniqueId.count}`;
}

/**
 * The shell of an explorer: a labelled group with its text equivalent folded below.
 * Returns the element to build in.
 */
function shell(el, model) {
  const body = h("div", { class: "lk-body" });
  el.append(
    h(
      "section",
      { class: "lk-root", "aria-label": model.get("label") },
      body,
      h(
        "details",
        { class: "lk-about" },
        h("summary", {}, "What this shows, in words"),
        h("p", {}, model.get("description")),
      ),
    ),
  );
  return body;
}

/**
 * A labelled range input with its value in words beside it.
 * `format(value)` is shown and is what a screen reader says; `set(value)` moves it silently.
 */
function slider({ label, min, max, step = 1, value, format = String, oninput }) {
  const id = uniqueId("lk-range");
  const output = h("output", { class: "lk-value", for: id }, format(value));
  const input = h("input", { type: "range", id, min, max, step, value });
  const show = () => {
    output.textContent = format(Number(input.value));
    input.setAttribute("aria-valuetext", output.textContent);
  };
  input.addEventListener("input", () => {
    show();
    oninput(Number(input.value));
  });
  show();
  return {
    node: h("div", { class: "lk-control" }, h("label", { for: id }, label), input, output),
    input,
    set(next) {
      input.value = next;
      show();
    },
    bounds(nextMin, nextMax) {
      input.min = nextMin;
      input.max = nextMax;
      show();
    },
    /** Says something else than the value, until the next `set`. */
    say(text) {
      output.textContent = text;
      input.setAttribute("aria-valuetext", text);
    },
  };
}

/** A labelled select; `options` is [[value, text], …]. */
function select({ label, options, value, onchange }) {
  const id = uniqueId("lk-select");
  const input = h(
    "select",
    { id, onchange: () => onchange(input.value) },
    ...options.map(([key, text]) => h("option", { value: key, selected: key === value }, text)),
  );
  return { node: h("div", { class: "lk-control" }, h("label", { for: id }, label), input), input };
}

/** A canvas of css size width × height whose bitmap follows the screen's pixel ratio. */
function canvas(width, height, attributes = {}) {
  const ratio = window.devicePixelRatio || 1;
  const node = h("canvas", { width: Math.round(width * ratio), height: Math.round(height * ratio), ...attributes });
  node.style.aspectRatio = `${width} / ${height}`;
  const context = node.getContext("2d");
  context.scale(ratio, ratio);
  return { node, context, width, height };
}

/** The current value of one of the style sheet's colour variables, for drawing on a canvas. */
function colour(node, name) {
  return getComputedStyle(node).getPropertyValue(name).trim();
}

/** Calls back when the host page changes between light and dark. Returns a function that stops. */
function onThemeChange(callback) {
  const watcher = new MutationObserver(callback);
  for (const node of [document.documentElement, document.body]) {
    watcher.observe(node, { attributes: true, attributeFilter: ["data-theme", "data-jp-theme-light", "theme", "class"] });
  }
  const media = window.matchMedia("(prefers-color-scheme: dark)");
  media.addEventListener("change", callback);
  return () => {
    watcher.disconnect();
    media.removeEventListener("change", callback);
  };
}

function prefersReducedMotion() {
  return window.matchMedia("(prefers-reduced-motion: reduce)").matches;
}

/** Encoded image bytes (a DataView, as anywidget gives bytes) to an ImageBitmap. */
function decodeImage(view, type = "image/jpeg") {
  const bytes = new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
  return createImageBitmap(new Blob([bytes], { type }));
}

/**
 * A canvas whose bitmap follows its own size on the page (give it a width and an aspect-ratio).
 * `draw(context, width, height, node)` is in css pixels. Call `stop` when it goes.
 */
function fittedCanvas(draw, attributes = {}) {
  const node = h("canvas", { role: "img", ...attributes });
  const redraw = () => {
    const { clientWidth: width, clientHeight: height } = node;
    if (!width || !height) return;
    const ratio = window.devicePixelRatio || 1;
    node.width = Math.round(width * ratio);
    node.height = Math.round(height * ratio);
    const context = node.getContext("2d");
    context.scale(ratio, ratio);
    draw(context, width, height, node);
  };
  const watcher = new ResizeObserver(redraw);
  watcher.observe(node);
  return { node, redraw, stop: () => watcher.disconnect() };
}

/** Radio buttons in a fieldset; `options` is [[value, label, …nodes to stand beside it], …]. */
function radios({ legend, options, value, onchange, ...attributes }) {
  const name = uniqueId("lk-radio");
  const inputs = new Map();
  const rows = options.map(([key, label, ...beside]) => {
    const input = h("input", { type: "radio", name, value: key, onchange: () => onchange(key) });
    inputs.set(String(key), input);
    return h("div", { class: "lk-option" }, h("label", {}, input, ...[label].flat()), ...beside);
  });
  const set = (key) => {
    inputs.get(String(key)).checked = true;
  };
  set(value);
  return { node: h("fieldset", { class: "lk-radios", ...attributes }, h("legend", {}, legend), ...rows), set };
}

/**
 * At most one call in `ms` milliseconds, the last one never lost. `now` makes a waiting call at
 * once; `cancel` drops it.
 */
function throttle(callback, ms) {
  let timer = null;
  const now = () => {
    clearTimeout(timer);
    timer = null;
    callback();
  };
  const later = () => {
    timer ??= setTimeout(now, ms);
  };
  return Object.assign(later, {
    now: () => timer !== null && now(),
    cancel: () => {
      clearTimeout(timer);
      timer = null;
    },
  });
}

/** Calls back once before the next repaint, however often it was asked for; `now` at once. */
function oncePerFrame(callback) {
  let request = null;
  const cancel = () => {
    cancelAnimationFrame(request);
    request = null;
  };
  const now = () => {
    cancel();
    callback();
  };
  const ask = () => {
    request ??= requestAnimationFrame(now);
  };
  return Object.assign(ask, { now, cancel });
}

/** Calls back when any of these of the model's values changes. Returns a function that stops. */
function onChanges(model, keys, callback) {
  keys.forEach((key) => model.on(`change:${key}`, callback));
  return () => keys.forEach((key) => model.off(`change:${key}`, callback));
}

/** What a screen reader hears when things move: `text()`, at most once in `ms` milliseconds. */
function announcer(text, ms = 700) {
  const node = h("p", { class: "lk-spoken", "aria-live": "polite" });
  const say = throttle(() => {
    node.textContent = text();
  }, ms);
  return { node, say, stop: say.cancel };
}

/** A line that is seen on any picture: `points` in one colour on a wider one. */
function haloLine(context, points, ink, halo) {
  for (const [strokeStyle, lineWidth] of [[halo, 3.5], [ink, 1.75]]) {
    context.beginPath();
    points.forEach(([x, y]) => context.lineTo(x, y));
    Object.assign(context, { strokeStyle, lineWidth, lineJoin: "round" });
    context.stroke();
  }
}

/** The part [x, y, width, height] of an image on the parallelogram of these corners, clockwise. */
function drawOnParallelogram(context, image, [x, y, width, height], [start, right, , below]) {
  const step = (corner, axis, length) => (corner[axis] - start[axis]) / length;
  context.save();
  context.transform(
    step(right, 0, width), step(right, 1, width), step(below, 0, height), step(below, 1, height), ...start,
  );
  context.drawImage(image, x, y, width, height, 0, 0, width, height);
  context.restore();
}

/**
 * Lets a pointer move the point (u, v) of a picture whose axes are u (right) and v (down), each
 * an index below sizes[axis]. Near one of the two lines through the point only that line moves.
 * A finger on the picture still scrolls the page (`touch-action: pan-y`); on `grip` it drags.
 */
function dragPoint({ stage, grip, u, v, sizes, position, move }) {
  const NEAR_PX = 9;
  const at = (event) => {
    const box = stage.getBoundingClientRect();
    const look = (axis, px, length) => ({
      index: Math.min(sizes[axis] - 1, Math.max(0, Math.floor((px / length) * sizes[axis]))),
      near: Math.abs(px - ((position(axis) + 0.5) / sizes[axis]) * length) < NEAR_PX,
    });
    const across = look(u, event.clientX - box.left, box.width);
    const down = look(v, event.clientY - box.top, box.height);
    const lines = across.near === down.near ? [u, v] : [across.near ? u : v];
    return { lines, index: { [u]: across.index, [v]: down.index } };
  };
  let lines = null;
  const follow = (event) => {
    const { index } = at(event);
    move(Object.fromEntries(lines.map((axis) => [axis, index[axis]])));
  };
  stage.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return;
    const touch = event.pointerType === "touch";
    const onGrip = event.target === grip;
    lines = onGrip || touch ? [u, v] : at(event).lines;
    stage.setPointerCapture(event.pointerId);
    // A finger may be about to scroll: nothing moves until it slides sideways or lifts.
    if (!touch) event.preventDefault();
    if (!touch || onGrip) follow(event);
  });
  stage.addEventListener("pointermove", (event) => {
    if (lines) follow(event);
    else {
      const near = at(event).lines;
      stage.style.cursor = near.length > 1 ? "crosshair" : near[0] === u ? "col-resize" : "row-resize";
    }
  });
  stage.addEventListener("pointerup", (event) => {
    if (lines) follow(event);
    lines = null;
  });
  stage.addEventListener("pointercancel", () => {
    lines = null;
  });
}

/**
 * Steps through frames 0 … last at fps() frames per second, over and over; with reduced motion
 * it stops at the end. `position()` says where it stands, `step(t)` moves it.
 */
function framePlayer({ position, last, fps, step, onstate }) {
  let request = null;
  let due = 0;
  const stop = () => {
    if (request === null) return;
    cancelAnimationFrame(request);
    request = null;
    onstate(false);
  };
  const tick = (now) => {
    request = requestAnimationFrame(tick);
    if (now < due) return;
    // From the time it was due, not from now: the screen's own rate must not slow the film.
    due = Math.max(due, now - 1000 / fps()) + 1000 / fps();
    if (position() < last) step(position() + 1);
    else if (prefersReducedMotion()) stop();
    else step(0);
  };
  const start = () => {
    if (position() === last) step(0);
    due = performance.now() + 1000 / fps();
    request = requestAnimationFrame(tick);
    onstate(true);
  };
  return { stop, toggle: () => (request === null ? start() : stop()), playing: () => request !== null };
}

/**
 * A JPEG with t frames of y × x pixels, `columns` in a row, each on a grid of 16 pixels (JPEG's
 * blocks, so that neighbours do not bleed into each other), to one array in T H W RGBA order.
 */
async function decodeSheet(bytes, { t: count, y: height, x: width, columns }) {
  const sheet = await decodeImage(bytes);
  const reader = h("canvas", { width, height }).getContext("2d", { willReadFrequently: true });
  const [cellWidth, cellHeight] = [width, height].map((size) => Math.ceil(size / 16) * 16);
  const frames = new Uint8ClampedArray(count * height * width * 4);
  for (let t = 0; t < count; t++) {
    reader.drawImage(sheet, -(t % columns) * cellWidth, -Math.floor(t / columns) * cellHeight);
    frames.set(reader.getImageData(0, 0, width, height).data, t * height * width * 4);
  }
  sheet.close();
  return frames;
}

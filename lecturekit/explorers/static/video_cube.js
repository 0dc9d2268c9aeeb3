// The video cube. Names: an axis is one of t, y, x, c (and b); a "cut" is the image where one of
// t, y, x is held. Python sends sizes and strides; addresses and cuts are computed here, live.

const AXIS_OF = { b: "b", c: "c", t: "t", h: "y", w: "x" };
const CHANNELS = ["R", "G", "B"];
const LAYOUT_USE = {
  "t h w c": "stacked frames: lecturekit.video, OpenCV, PyAV",
  "t c h w": "torchvision’s transforms, torchcodec",
  "c t h w": "one clip: pytorchvideo",
  "b c t h w": "a batch of clips: Conv3d. With B = 1: the addresses of C T H W",
};

const grouped = (number) => number.toLocaleString("en-US");
const axesOf = (layout) => layout.split(" ").map((name) => AXIS_OF[name]);

/** Elements before index {b, c, t, y, x} in a layout of these axes and strides. */
function flatOffset(index, axes, strides) {
  return axes.reduce((sum, axis, i) => sum + index[axis] * strides[i], 0);
}

/** flatOffset undone: which {t, y, x, c} lives at this address. */
function unravel(offset, axes, strides) {
  const index = {};
  axes.forEach((axis, i) => {
    index[axis] = Math.floor(offset / strides[i]);
    offset %= strides[i];
  });
  return index;
}

/** The sum as [[index, "·(96·226·3)", axis], …]: what a stride is made of, not only its value. */
function sumTerms(index, axes, sizes) {
  return axes.map((axis, i) => {
    const later = axes.slice(i + 1).map((name) => sizes[name]);
    const product = later.length > 1 ? `·(${later.join("·")})` : later.map((n) => `·${n}`).join("");
    return [index[axis], product, axis];
  });
}

/** Where frame t lies in memory: [{ start, length, channel }, …]; channel "rgb" if interleaved. */
function frameBands(t, axes, strides, sizes) {
  const stride = (axis) => strides[axes.indexOf(axis)];
  const plane = sizes.y * sizes.x;
  if (stride("c") === 1) return [{ start: t * stride("t"), length: plane * sizes.c, channel: "rgb" }];
  return CHANNELS.map((channel, c) => ({ start: t * stride("t") + c * stride("c"), length: plane, channel }));
}

/** The image where axis `held` is `at`. `film` is { data, sizes }, data in T H W RGBA order. */
function cutPixels({ data, sizes: { t: T, y: H, x: W } }, held, at) {
  const [width, height] = { t: [W, H], y: [W, T], x: [T, H] }[held];
  const pixel = { t: (u, v) => (at * H + v) * W + u, y: (u, v) => (v * H + at) * W + u, x: (u, v) => (u * H + v) * W + at }[held];
  const [from, to] = [new Uint32Array(data.buffer), new Uint32Array(width * height)]; // a pixel is 4 bytes
  for (let v = 0; v < height; v++) for (let u = 0; u < width; u++) to[v * width + u] = from[pixel(u, v)];
  return new ImageData(new Uint8ClampedArray(to.buffer), width, height);
}

function cutImage(film, held, at) {
  const pixels = cutPixels(film, held, at);
  const image = h("canvas", { width: pixels.width, height: pixels.height });
  image.getContext("2d").putImageData(pixels, 0, 0);
  return image;
}

/** Fits a block of sizes {t, y, x} into width × height, seen from its front, top and right. */
function projection(sizes, depth, width, height) {
  const back = { x: 0.45 * depth, y: -0.7 * depth };
  const scale = Math.min(width / (sizes.x + back.x), height / (sizes.y - back.y));
  const left = (width - scale * (sizes.x + back.x)) / 2;
  const top = (height - scale * (sizes.y - back.y)) / 2 - scale * back.y;
  return ([x, y, t]) => [
    left + scale * (x + (t / sizes.t) * back.x),
    top + scale * (y + (t / sizes.t) * back.y),
  ];
}

/**
 * The block with the corner before (t, y, x) cut away, as faces { held, at, u: [from, to],
 * v: [from, to], inner }. The three inner ones show the three cuts; none hides another.
 */
function cubeFaces({ t, y, x }, { t: T, y: H, x: W }) {
  const face = (held, at, u, v, inner = false) => ({ held, at, u, v, inner });
  return [
    face("t", 0, [0, x + 1], [0, H]),
    face("t", 0, [x + 1, W], [y, H]),
    face("y", 0, [0, x + 1], [0, T]),
    face("y", 0, [x + 1, W], [t, T]),
    face("x", W - 1, [t, T], [0, H]),
    face("x", W - 1, [0, t], [y, H]),
    face("t", t, [x + 1, W], [0, y], true),
    face("y", y, [x + 1, W], [0, t], true),
    face("x", x, [0, t], [0, y], true),
  ].filter(({ u, v }) => u[1] > u[0] && v[1] > v[0]);
}

/** The corner of a face in the block, from its own two coordinates. */
function faceCorner({ held, at }, u, v) {
  return { t: [u, v, at], y: [u, at, v], x: [at + 1, v, u] }[held];
}

function drawFace(context, image, face, project, inks) {
  const [[u0, u1], [v0, v1]] = [face.u, face.v];
  const corners = [[u0, v0], [u1, v0], [u1, v1], [u0, v1]].map(([u, v]) => project(faceCorner(face, u, v)));
  drawOnParallelogram(context, image, [u0, v0, u1 - u0, v1 - v0], corners);
  context.save();
  context.beginPath();
  corners.forEach(([x, y]) => context.lineTo(x, y));
  context.closePath();
  context.clip();
  // Light from above: a block is read from the difference between its faces.
  context.fillStyle = { t: "#0000", y: "#ffffff2e", x: "#00000059" }[face.held];
  context.fill();
  Object.assign(context, { strokeStyle: face.inner ? inks[face.held] : "#0003", lineWidth: face.inner ? 5 : 1 });
  context.stroke();
  context.restore();
}

/** The sum with live numbers, each term in its axis's colour. */
function sumNodes(terms, total) {
  const parts = terms.flatMap(([index, product, axis], i) => [
    i ? " + " : "",
    h("span", { class: `vc-ink-${axis}` }, h("b", {}, String(index)), product),
  ]);
  return [...parts, " ", h("span", { class: "vc-total" }, "= ", h("b", { class: "vc-address" }, grouped(total)))];
}

/** One cut as a figure: its picture, the two other cuts as lines in it, a grip where they cross. */
function cutPane({ name, word = "", hint = "", u, v, sizes, position, picture, move }) {
  const grip = h("span", { class: "vc-grip", "aria-hidden": "true" });
  const held = ["t", "y", "x"].find((axis) => axis !== u && axis !== v);
  const middle = (axis, length) => ((position(axis) + 0.5) / sizes[axis]) * length;
  const fitted = fittedCanvas((context, width, height, node) => {
    const image = picture(held);
    if (!image) return;
    context.imageSmoothingEnabled = false;
    context.drawImage(image, 0, 0, width, height);
    const [px, py] = [middle(u, width), middle(v, height)];
    const halo = `${colour(node, "--lk-paper")}a0`;
    haloLine(context, [[px, 0], [px, height]], colour(node, `--vc-${u}`), halo);
    haloLine(context, [[0, py], [width, py]], colour(node, `--vc-${v}`), halo);
    grip.style.left = `${(100 * px) / width}%`;
    grip.style.top = `${(100 * py) / height}%`;
  });
  const stage = h("div", { class: "vc-stage" }, fitted.node, grip);
  dragPoint({ stage, grip, u, v, sizes, position, move });
  const place = h("span");
  const title = h("b", { class: `vc-ink-${held}` }, name, h("span", { class: "vc-word" }, word), " at ", place);
  const caption = h("figcaption", {}, title, h("small", {}, `${u} →  ${v} ↓  ${hint}`));
  const show = () => {
    place.textContent = `${held} = ${position(held)}`;
    fitted.node.setAttribute("aria-label", `${title.textContent}; ${u} to the right, ${v} down`);
    fitted.redraw();
  };
  return { figure: h("figure", { class: `vc-cut-${held}` }, caption, stage), show, stop: fitted.stop };
}

function cubePane({ sizes, depth, index, picture, hull }) {
  const fitted = fittedCanvas((context, width, height, node) => {
    if (!hull.t) return;
    const [pad, halo] = [16, `${colour(node, "--lk-paper")}a0`];
    const project = projection(sizes, depth, width - 2 * pad, height - 2 * pad);
    const inks = Object.fromEntries(["t", "y", "x"].map((axis) => [axis, colour(node, `--vc-${axis}`)]));
    const { t, y, x } = index();
    const { t: T, y: H, x: W } = sizes;
    context.translate(pad, pad);
    for (const face of cubeFaces(index(), sizes)) drawFace(context, face.inner ? picture(face.held) : hull[face.held], face, project, inks);
    const edges = {
      t: [[[0, 0, t], [x + 1, 0, t]], [[W, y, t], [W, H, t]]],
      y: [[[0, y, 0], [x + 1, y, 0]], [[W, y, t], [W, y, T]]],
      x: [[[x + 1, y, 0], [x + 1, H, 0]], [[x + 1, 0, t], [x + 1, 0, T]]],
    };
    for (const axis of ["t", "y", "x"]) for (const edge of edges[axis]) haloLine(context, edge.map(project), inks[axis], halo);
    Object.assign(context, { font: "italic 600 14px system-ui, sans-serif", textAlign: "center", textBaseline: "middle" });
    const letters = [["x", [W / 2, H, 0], 0, 10], ["y", [0, H / 2, 0], -9, 0], ["t", [W, H, T / 2], 9, 6]];
    for (const [axis, corner, dx, dy] of letters) {
      const [px, py] = project(corner);
      context.fillStyle = inks[axis];
      context.fillText(axis, px + dx, py + dy);
    }
  }, { "aria-label": "The film as a block. Its near corner is cut away, so that all three cuts are seen where they meet." });
  const caption = h("figcaption", {}, h("b", {}, "The cube"), h("small", {}, "cut at the pixel"));
  return { figure: h("figure", { class: "vc-block" }, caption, fitted.node), show: fitted.redraw, stop: fitted.stop };
}

/** The four layouts, each with the sum that gives the address and a picture of flat memory. */
function layoutsPane({ model, memory, sizes, total, index, valueAt, move }) {
  const percent = (elements) => `${(100 * elements) / total}%`;
  const rows = Object.entries(LAYOUT_USE).map(([layout, use]) => {
    const sum = h("div", { class: "vc-sum", "data-layout": layout });
    const bar = h("div", { class: "vc-bar", "aria-hidden": "true" });
    const show = () => {
      const { axes, strides, offset } = memory(layout);
      sum.replaceChildren(...sumNodes(sumTerms(index(), axes, sizes), offset));
      const bands = frameBands(index().t, axes, strides, sizes).map(({ start, length, channel }) =>
        h("i", { class: `vc-band vc-band-${channel}`, style: `left:${percent(start)};width:${percent(length)}` }));
      bar.replaceChildren(...bands, h("i", { class: "vc-here", style: `left:${percent(offset)}` }));
      return offset;
    };
    return { option: [layout, [h("b", {}, layout.toUpperCase()), h("small", {}, use)], sum, bar], show };
  });
  const choice = radios({
    legend: "Its address in each layout", value: model.get("memory_layout"), "data-choice": "layout",
    options: rows.map(({ option }) => option), onchange: (layout) => move({ memory_layout: layout }),
  });
  const lead = h("p", { class: "vc-lead" });
  const frame = h("span", { class: "vc-ink-t" });
  const ends = h("p", { class: "vc-ends" }, h("span", {}, "0"), frame, h("span", {}, grouped(total - 1)));
  const show = () => {
    const addresses = new Set(rows.map((row) => row.show())).size;
    lead.replaceChildren(
      `This one number, ${CHANNELS[index().c]} ≈ ${valueAt(index())}, has `,
      h("b", {}, addresses > 1 ? `${addresses} different addresses` : "here the same address in all layouts"),
      `: memory is one row of ${grouped(total)} numbers, and the layout says who stands where.`,
    );
    frame.textContent = `coloured: frame t = ${index().t}`;
    choice.set(model.get("memory_layout"));
  };
  return { node: h("div", {}, lead, choice.node, ends), show };
}

/** The chosen layout close up: who stands next to the number, and how far its neighbours are. */
function aroundPane({ model, memory, sizes, total, index, valueAt }) {
  const REACH = 2; // five addresses of seven digits fit a phone
  const NEIGHBOURS = { t: "next frame", y: "row below", x: "pixel to the right", c: "next colour" };
  const [title, strip, steps] = [h("p", { class: "vc-title" }), h("ol", { class: "vc-strip" }), h("ul", { class: "vc-steps" })];
  const cell = (address, here, { axes, strides, offset }) => {
    if (address < 0 || address >= total) return h("li", { class: "vc-cell is-outside" }, h("small", {}, "outside"));
    const there = unravel(address, axes, strides);
    const part = (axis) => h("span", { class: there[axis] === here[axis] ? "" : "is-other" }, `${axis} ${axis === "c" ? CHANNELS[there.c] : there[axis]}`);
    return h("li", { class: `vc-cell vc-of-${CHANNELS[there.c]} ${address === offset ? "is-here" : ""}` }, h("b", {}, String(valueAt(there))), ...["t", "y", "x", "c"].map(part), h("small", {}, grouped(address)));
  };
  const show = () => {
    const layout = model.get("memory_layout");
    const place = memory(layout);
    const here = index();
    title.textContent = `Next to it in ${layout.toUpperCase()} memory`;
    strip.replaceChildren(...Array.from({ length: 2 * REACH + 1 }, (_, i) => cell(place.offset - REACH + i, here, place)));
    const near = Object.keys(NEIGHBOURS).map((axis) => [place.strides[place.axes.indexOf(axis)], axis]).sort((a, b) => a[0] - b[0]);
    steps.replaceChildren(...near.map(([stride, axis]) => h("li", {},
      h("b", { class: `vc-ink-${axis}` }, `${axis} + 1`),
      h("span", {}, here[axis] + 1 < sizes[axis] ? NEIGHBOURS[axis] : `${NEIGHBOURS[axis]} (none here)`),
      h("span", { class: "vc-stride" }, h("b", {}, grouped(stride)), stride === 1 ? " element away" : " elements away"))));
  };
  return { node: h("div", { class: "vc-around" }, h("div", {}, title, strip), h("div", {}, h("p", { class: "vc-title" }, "Strides: how far to its neighbours"), steps)), show };
}

function render({ model, el }) {
  const body = shell(el, model);
  const sizes = { b: 1, c: 3, t: model.get("num_frames"), y: model.get("height"), x: model.get("width") };
  const total = sizes.t * sizes.y * sizes.x * sizes.c;
  const depth = Math.max(sizes.y, 0.6 * sizes.x); // how long time is drawn, in pixels of the film
  const position = (axis) => model.get(axis);
  const index = () => ({ b: 0, c: model.get("channel"), t: position("t"), y: position("y"), x: position("x") });
  const memory = (layout) => {
    const [axes, strides] = [axesOf(layout), model.get("strides")[layout]];
    return { axes, strides, offset: flatOffset(index(), axes, strides) };
  };
  const save = throttle(() => model.save_changes(), 100);
  const put = (changes) => {
    Object.entries(changes).forEach(([key, value]) => model.set(key, value));
    save();
  };
  const move = (changes) => {
    if ("t" in changes) player.stop();
    put(changes);
  };

  let film = null;
  const hull = {};
  const cuts = {};
  const picture = (held) => {
    if (!film) return null;
    if (cuts[held]?.at !== position(held)) cuts[held] = { at: position(held), image: cutImage(film, held, position(held)) };
    return cuts[held].image;
  };
  const valueAt = ({ t, y, x, c }) => film.data[((t * sizes.y + y) * sizes.x + x) * 4 + c];

  const shared = { model, memory, sizes, depth, total, position, index, picture, hull, valueAt, move };
  const panes = [
    cutPane({ name: "Frame", hint: "· drag the lines", u: "x", v: "y", ...shared }),
    cutPane({ name: "y–t", word: " slice", u: "t", v: "y", ...shared }),
    cutPane({ name: "x–t", word: " slice", hint: "· what moves, slants", u: "x", v: "t", ...shared }),
    cubePane(shared),
  ];
  const sliders = Object.entries({ t: "frame", y: "row", x: "column" }).map(([axis, word]) => {
    const control = slider({
      label: `${axis} (${word})`, min: 0, max: sizes[axis] - 1, value: position(axis),
      format: (value) => `${value} of 0–${sizes[axis] - 1}`, oninput: (value) => move({ [axis]: value }),
    });
    control.node.classList.add(`vc-slide-${axis}`);
    return { node: control.node, show: () => control.set(position(axis)) };
  });
  const channel = radios({
    legend: "Channel c", value: position("channel"), "data-choice": "channel",
    options: CHANNELS.map((name, c) => [c, `${c} ${name}`]), onchange: (c) => move({ channel: c }),
  });
  const [layouts, around] = [layoutsPane(shared), aroundPane(shared)];
  const readout = h("p", { class: "vc-readout" });
  const rgb = () => [0, 1, 2].map((c) => valueAt({ ...index(), c }));
  const showReadout = () => readout.replaceChildren(
    h("span", { class: "vc-swatch", style: `background:rgb(${rgb()})` }),
    ...["t", "y", "x"].map((axis) => h("b", { class: `vc-ink-${axis}` }, `${axis} ${position(axis)}`)),
    h("span", {}, "R, G, B ≈ ", h("b", {}, rgb().join(", "))),
  );
  const voice = announcer(() => {
    const { t, y, x, c } = index();
    const layout = model.get("memory_layout");
    return `Frame ${t}, row ${y}, column ${x}. Red, green, blue about ${rgb().join(", ")}. `
      + `In ${layout.toUpperCase()}, ${CHANNELS[c]} is at address ${grouped(memory(layout).offset)}.`;
  });
  const player = framePlayer({
    position: () => position("t"), last: sizes.t - 1, fps: () => model.get("fps"),
    step: (t) => put({ t }), onstate: (on) => {
      button.textContent = on ? "❚❚ Pause" : "▶ Play";
      if (!on) voice.say();
    },
  });
  const button = h("button", { type: "button", onclick: player.toggle }, "▶ Play");
  const note = `Values come from a JPEG copy of the film: 95 of 100 are within ${model.get("film_error")} of the array’s. The addresses are exact.`;
  body.append(
    h("p", { class: "vc-size" }, ...[["t", "frames"], ["y", "rows"], ["x", "columns"], ["c", "colours"]].flatMap(([axis, word], i) => [
      i ? " × " : "", h("span", { class: `vc-ink-${axis}` }, h("b", {}, String(sizes[axis])), ` ${word}`),
    ]), " = ", h("b", {}, grouped(total)), " numbers"),
    h("div", { class: "vc-views", style: `--vc-w:${sizes.x};--vc-h:${sizes.y};--vc-d:${depth};--vc-columns:${sizes.x}fr ${depth}fr` }, ...panes.map((pane) => pane.figure)),
    h("div", { class: "vc-controls" }, button, ...sliders.map((control) => control.node)),
    h("div", { class: "vc-pixel" }, readout, channel.node),
    layouts.node, around.node, voice.node,
    h("p", { class: "vc-note" }, [model.get("credit"), note].filter(Boolean).join(" · ")),
  );

  const show = oncePerFrame(() => {
    if (!film) return;
    for (const part of [...panes, ...sliders, layouts, around]) part.show();
    channel.set(position("channel"));
    showReadout();
    if (body.dataset.ready && !player.playing()) voice.say(); // not heard while the page loads
  });
  const stops = [
    onChanges(model, ["t", "y", "x", "channel", "memory_layout"], show), onThemeChange(show),
    player.stop, ...panes.map((pane) => pane.stop), show.cancel, voice.stop, save.now,
  ];
  decodeSheet(model.get("film"), { ...sizes, columns: model.get("film_columns") }).then((data) => {
    film = { data, sizes };
    Object.assign(hull, { t: cutImage(film, "t", 0), y: cutImage(film, "y", 0), x: cutImage(film, "x", sizes.x - 1) });
    show.now();
    body.dataset.ready = "true";
  });
  return () => stops.forEach((stop) => stop());
}

export default { render };

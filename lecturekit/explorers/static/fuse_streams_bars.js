// Accuracy at the present weight as bars, and at every weight as curves.

const AT = ([x, y]) => `${(100 * x).toFixed(2)} ${(100 * (1 - y)).toFixed(2)}`;
const place = (node, x, y) => {
  node.style.left = `${100 * x}%`;
  if (y !== undefined) node.style.top = `${100 * (1 - y)}%`;
};

function svgPath(name) {
  const node = document.createElementNS("http://www.w3.org/2000/svg", "path");
  node.setAttribute("class", name);
  return node;
}

/** A plot that stretches with its box: lines keep their width, marks are placed in per cent. */
function plot(...paths) {
  const picture = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  Object.entries({ viewBox: "0 0 100 100", preserveAspectRatio: "none", "aria-hidden": "true" })
    .forEach(([key, value]) => picture.setAttribute(key, value));
  picture.append(...paths);
  return picture;
}

const lineThrough = (shares, scale) => `M${shares.map((share, step) => AT([step / STEPS, scale(share)])).join("L")}`;

/** One group of clips: its name, a bar with a mark for each stream alone, and its small curve. */
function groupRow({ name, clips, members }) {
  const fill = h("i", { class: "fs-fill" });
  const marks = ["spatial", "temporal"].map((stream) => h("i", { class: `fs-mark fs-${stream}` }));
  const [value, alone] = [h("b"), h("span", { class: "lk-spoken" })];
  const curve = svgPath("fs-curve");
  const dot = h("i", { class: "fs-dot" });
  const node = h("li", { class: "fs-row", "data-group": name },
    h("span", { class: "fs-group" }, name, " ", h("small", {}, clipsText(clips))),
    h("span", { class: "fs-bar" }, fill, ...marks),
    h("span", { class: "fs-percent" }, value, alone),
    h("span", { class: "fs-spark" }, plot(curve), dot));
  const show = (steps, step) => {
    const shares = countsOf(steps, members).map((count) => count / clips);
    fill.style.width = `${100 * shares[step]}%`;
    place(marks[0], shares[0]);
    place(marks[1], shares[STEPS]);
    value.textContent = percent(shares[step], 1);
    alone.textContent = ` right; spatial alone ${percent(shares[0], 1)}, temporal alone ${percent(shares[STEPS], 1)}`;
    curve.setAttribute("d", lineThrough(shares, (share) => share));
    place(dot, step / STEPS, shares[step]);
    node.dataset.right = countsOf(steps, members)[step];
  };
  return { node, show };
}

/** Overall accuracy at every weight. A pointer on it moves the weight, as the slider does. */
function curvePane({ move, take, release }) {
  const [curve, either, band] = [svgPath("fs-curve"), svgPath("fs-either"), svgPath("fs-best")];
  const [line, dot, ghost] = ["fs-now", "fs-dot", "fs-dot fs-ghost"].map((name) => h("i", { class: name }));
  const [reading, bound] = [h("b", { class: "fs-reading" }), h("span", { class: "fs-bound" }, "either right")];
  const area = h("div", { class: "fs-area", role: "img" }, h("div", { class: "fs-inner" }, plot(band, either, curve), line, ghost, dot, bound, reading));
  const [top, low] = [h("span"), h("span")];
  const follow = (event) => {
    const box = area.getBoundingClientRect();
    move(Math.round(Math.min(1, Math.max(0, (event.clientX - box.left) / box.width)) * STEPS));
  };
  area.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return;
    area.setPointerCapture(event.pointerId);
    take();
    // A finger may be about to scroll: nothing moves until it slides sideways or lifts.
    if (event.pointerType === "mouse") follow(event);
  });
  area.addEventListener("pointermove", (event) => area.hasPointerCapture(event.pointerId) && follow(event));
  area.addEventListener("pointerup", (event) => {
    follow(event);
    release();
  });
  area.addEventListener("pointercancel", release);

  const node = h("figure", { class: "fs-plot" },
    h("figcaption", {}, "Right, of all clips, at every weight"),
    h("div", { class: "fs-axes" }, h("div", { class: "fs-y", "aria-hidden": "true" }, top, low), area,
      h("div", { class: "fs-x", "aria-hidden": "true" },
        h("span", {}, "0 ", h("small", {}, "spatial only")), h("span", {}, "weight w"), h("span", {}, h("small", {}, "temporal only"), " 1"))));
  const show = ({ counts, clips, neither, most }, now, before, was) => {
    const [shares, ceiling] = [counts.map((count) => count / clips), (clips - neither) / clips];
    // From one tenth below the lowest point to one above the highest: 0.1, 0.2, … as lines to read.
    const floor = Math.max(0, Math.floor(10 * Math.min(...shares) - 1e-9) / 10);
    const roof = Math.min(1, Math.ceil(10 * Math.max(ceiling, ...shares) + 1e-9) / 10);
    const scale = (share) => (share - floor) / (roof - floor);
    top.textContent = `${Math.round(100 * roof)} %`;
    low.textContent = `${Math.round(100 * floor)} %`;
    curve.setAttribute("d", lineThrough(shares, scale));
    either.setAttribute("d", `M${AT([0, scale(ceiling)])}L${AT([1, scale(ceiling)])}`);
    const half = 0.5 / STEPS;
    band.setAttribute("d", counts.map((count, step) => (count < most ? "" : (
      `M${AT([step / STEPS - half, 0])}V0H${(100 * (step / STEPS + half)).toFixed(2)}V100Z`))).join(""));
    place(bound, 0, scale(ceiling));
    bound.textContent = `either right ${percent(ceiling, 1)}`;
    const some = [0, 5, 10, 15, 20].map((step) => `${percent(shares[step], 1)} at w = ${weightText(step)}`);
    area.setAttribute("aria-label", `A curve: ${some.join(", ")}; either stream right, ${percent(ceiling, 1)}`);
    place(line, now.step / STEPS);
    place(dot, now.step / STEPS, scale(shares[now.step]));
    ghost.hidden = !before || before.step === now.step;
    if (!ghost.hidden) place(ghost, before.step / STEPS, scale(was / clips));
    reading.textContent = percent(shares[now.step], 1);
    place(reading, now.step / STEPS, scale(shares[now.step]));
    reading.classList.toggle("fs-left", now.step > STEPS / 2);
  };
  return { node, show };
}

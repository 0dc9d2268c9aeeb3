// Fuse the streams: the slider, what follows from it, and the clips. Python sends both streams'
// scores; everything else is computed here, live.

function render({ model, el }) {
  const body = shell(el, model);
  const streams = streamsOf(model);
  const sheet = { image: null, height: model.get("height_px"), width: model.get("width_px") };
  const save = throttle(() => model.save_changes(), 100);
  const put = (key, value) => {
    model.set(key, value);
    save();
  };
  const read = () => ({ step: Math.round(model.get("weight") * STEPS), average: model.get("average") });
  const same = (one, other) => one.step === other.step && one.average === other.average;

  // A drag is one move, from where it was taken hold of; each key is a move of its own.
  let [now, before, held] = [read(), null, null];
  const take = () => {
    held = now;
  };
  const release = () => {
    held = null;
  };
  const move = (step) => put("weight", step / STEPS);

  const weight = slider({
    label: "Weight w of the temporal stream", min: 0, max: 1, step: 1 / STEPS, value: 0.5,
    format: (value) => `w = ${value.toFixed(2)}`, oninput: (value) => move(Math.round(value * STEPS)),
  });
  weight.input.addEventListener("pointerdown", take);
  ["change", "pointerup", "pointercancel"].forEach((event) => weight.input.addEventListener(event, release));
  const average = radios({
    legend: "Average the streams’", value: now.average, options: AVERAGES, class: "lk-radios fs-average",
    onchange: (value) => put("average", value),
  });
  const formula = h("p", { class: "fs-formula", "aria-hidden": "true" });
  const status = h("p", { class: "fs-status" });
  const [lesson, sentence] = [h("p", { class: "fs-lesson" }), h("p", { class: "fs-sentence" })];
  const rows = streams.groups.map(groupRow);
  const curve = curvePane({ move, take, release });
  const wall = wallPane({ model, streams, sheet, choose: (clip) => put("clip", clip) });
  const clip = clipPane({ model, streams, sheet });
  let spoken = "";
  const voice = announcer(() => spoken);

  const showFormula = () => {
    const term = (stream) => h("span", { class: `fs-${stream}` }, now.average === "scores" ? stream : `softmax(${stream})`);
    formula.replaceChildren("mean = ", h("b", {}, weightText(STEPS - now.step)), " · ", term("spatial"), " + ", h("b", {}, weightText(now.step)), " · ", term("temporal"));
  };
  const show = () => {
    const next = read();
    if (!same(next, now)) before = held ?? now;
    now = next;
    if (before && same(before, now)) before = null;
    const findings = findingsOf(streams, now, before);
    const { counts, clips, gained, lost } = findings;
    weight.set(now.step / STEPS);
    average.set(now.average);
    showFormula();
    lesson.textContent = lessonOf(streams, now);
    rows.forEach((row) => row.show(streams.right[now.average], now.step));
    const was = before && total(streams.right[before.average][before.step].map(Number));
    curve.show(findings, now, before, was);
    const change = changeText(findings, now, before);
    sentence.replaceChildren(...sentenceOf(findings).map((part, k) => (k % 2 ? h("b", {}, part) : part)), change);
    status.replaceChildren(h("b", {}, `${percent(counts[now.step], clips)} right`), before ? `: ${gained} gained, ${lost} lost` : "");
    wall.show(now, findings, model.get("clip"));
    clip.show(now, model.get("clip"));
    spoken = `w = ${weightText(now.step)}: ${percent(counts[now.step], clips)} right. ${change}`;
    if (body.dataset.ready) voice.say(); // not heard while the page loads
  };
  const showClip = () => {
    wall.show(now, findingsOf(streams, now, before), model.get("clip"));
    clip.show(now, model.get("clip"));
  };

  body.classList.add("fs-body");
  body.append(
    h("div", { class: "fs-head" }, weight.node, status),
    formula, average.node, lesson,
    h("div", { class: "fs-results" },
      h("div", {},
        h("ul", { class: "fs-rows" }, ...rows.map((row) => row.node)),
        h("p", { class: "fs-note" }, h("i", { class: "fs-mark fs-spatial" }), " spatial alone ", h("i", { class: "fs-mark fs-temporal" }), " temporal alone")),
      curve.node),
    sentence, wall.node, clip.node, voice.node,
    h("p", { class: "fs-note" }, [
      "The best weight was looked for on these very clips, which flatters it: choose yours on clips kept apart.", model.get("credit"),
    ].filter(Boolean).join(" · ")),
  );
  show();
  const stops = [
    onChanges(model, ["weight", "average"], show), onChanges(model, ["clip"], showClip),
    wall.stop, voice.stop, save.now,
  ];
  decodeImage(model.get("film")).then((image) => {
    sheet.image = image;
    wall.draw();
    showClip();
    body.dataset.ready = "true";
  });
  return () => stops.forEach((stop) => stop());
}

export default { render };

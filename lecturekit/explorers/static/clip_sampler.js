const SETTINGS = ["num_frames", "stride", "start", "fps", "mode", "policy", "clips"];
const MODES = [
  ["strided", "from a start frame"],
  ["center", "from the film’s centre"],
  ["segments", "T equal parts (TSN)"],
  ["multi_view", "several clips (testing)"],
];
const POLICIES = [
  ["loop", "loop: start again"],
  ["clamp", "clamp: hold the last"],
  ["error", "error: refuse"],
];
const RATES = [12, 15, 24, 25, 30, 50, 60];
const SPEEDS = [[1, "real time"], [0.5, "half speed"], [0.25, "quarter speed"], [0.125, "1/8 speed"]];

/** The rates to choose from, with the film's own and the present one among them. */
function rateOptions(filmFps, fps) {
  const rates = [...new Set([...RATES, filmFps, fps])].sort((a, b) => a - b);
  return rates.map((rate) => [String(rate), `${short(rate)} fps${rate === filmFps ? " (it was)" : ""}`]);
}

/** Lets a pointer take hold of the clip and move it along the film; a click puts its start there. */
function dragClip(node, { slots, stretch, canMove, move }) {
  let held = null;
  const slotAt = (event) => Math.floor((event.clientX - node.getBoundingClientRect().left) / held.cell);
  node.addEventListener("pointerdown", (event) => {
    if (event.button !== 0 || !canMove()) return;
    // The scale of this moment: a clip pushed past the film's end makes the strip longer.
    held = { cell: node.clientWidth / slots(), x: event.clientX, moved: false };
    const [from, to] = stretch();
    const slot = slotAt(event);
    held.grab = slot >= from && slot < to ? slot - from : 0;
    held.outside = slot < from || slot >= to;
    node.setPointerCapture(event.pointerId);
    if (event.pointerType === "mouse") event.preventDefault();
  });
  node.addEventListener("pointermove", (event) => {
    if (!held) return;
    held.moved ||= Math.abs(event.clientX - held.x) > 3;
    if (held.moved) move(slotAt(event) - held.grab);
  });
  node.addEventListener("pointerup", (event) => {
    if (held && !held.moved && held.outside) move(slotAt(event));
    held = null;
  });
  node.addEventListener("pointercancel", () => {
    held = null;
  });
}

/** Calls `step(seconds)` with the time since it was started, before each repaint. */
function clock(step, onstate) {
  let request = null;
  let begun = 0;
  const run = () => {
    step((performance.now() - begun) / 1000);
    request = requestAnimationFrame(run);
  };
  const stop = () => {
    if (request === null) return;
    cancelAnimationFrame(request);
    request = null;
    onstate(false);
  };
  const start = (fromSec) => {
    stop();
    begun = performance.now() - fromSec * 1000;
    request = requestAnimationFrame(run);
    onstate(true);
  };
  return { start, stop, playing: () => request !== null };
}

function render({ model, el }) {
  const body = shell(el, model);
  const settings = Object.fromEntries(
    ["video_frames", "height_px", "width_px", "film_fps", ...SETTINGS].map((key) => [key, model.get(key)]),
  );
  const { video_frames: video, height_px: height, width_px: width, film_fps: filmFps } = settings;
  const sheet = {
    image: null, columns: model.get("columns"), height, width, focus: model.get("focus_px"),
    pitch: [width, height].map((size) => Math.ceil(size / 16) * 16),
  };
  let clips = clipsOf(settings);
  let [view, tick, speed] = [0, 0, 1];
  const clip = () => clips[view];
  const now = () => momentAt(settings, clip(), tick);
  const slots = () => Math.max(video, ...clips.map(({ wanted, edges }) => Math.max(edges.at(-1), wanted.at(-1) + 1)));
  const still = prefersReducedMotion();

  const save = throttle(() => model.save_changes(), 100);
  const put = (key, value) => {
    model.set(key, value);
    save();
  };

  const strip = fittedCanvas((context, wide, high, node) => {
    const need = rowsOf(wide, clips.length).height;
    if (high !== need) node.style.height = `${need}px`; // it comes back when it has grown
    if (high !== need || !sheet.image) return;
    const names = { text: "ink", paper: "paper", muted: "muted", line: "line", first: "accent", second: "accent-2" };
    const ink = Object.fromEntries(Object.entries(names).map(([key, name]) => [key, colour(node, `--lk-${name}`)]));
    drawStrip(context, wide, { settings, clips, view, tick, sheet, slots: slots(), moving: tick > 0 || player.playing(), ink });
  }, { class: "cs-strip" });
  const screen = (name) => {
    const caption = h("figcaption");
    const picture = fittedCanvas((context, wide, high) => {
      const index = now()[name];
      if (sheet.image && index !== null) drawFrame(context, sheet, index, 0, 0, wide, high);
    }, { class: "cs-screen", style: `aspect-ratio:${width}/${height}` });
    const show = (text) => {
      caption.replaceChildren(...text);
      picture.node.setAttribute("aria-label", caption.textContent);
      picture.node.dataset.frame = now()[name] ?? "none";
    };
    return { figure: h("figure", { class: `cs-${name}` }, picture.node, caption), show, redraw: picture.redraw, stop: picture.stop };
  };

  const [film, input] = [screen("film"), screen("clip")];
  const draw = oncePerFrame(() => [strip, film, input].forEach((part) => part.redraw()));

  const ranges = {
    num_frames: slider({ label: "T, frames", min: 1, max: 32, value: 8, format: String, oninput: (v) => put("num_frames", v) }),
    stride: slider({ label: "τ, stride", min: 1, max: 16, value: 4, format: everyNth, oninput: (v) => put("stride", v) }),
    start: slider({ label: "Start", min: 0, max: video - 1, value: 0, format: (v) => `frame ${v}`, oninput: (v) => put("start", v) }),
    clips: slider({ label: "Clips", min: 1, max: 10, value: 10, format: (v) => `${v} clip${v > 1 ? "s" : ""}`, oninput: (v) => put("clips", v) }),
  };
  const which = slider({
    label: "Clip shown", min: 1, max: 10, value: 1, format: (v) => `number ${v}`,
    oninput: (v) => {
      view = v - 1;
      show();
    },
  });
  const chooseMode = select({ label: "Choose", options: MODES, value: settings.mode, onchange: (v) => put("mode", v) });
  const chooseRate = select({ label: "If shot at", options: [], value: "", onchange: (v) => put("fps", Number(v)) });
  const choosePolicy = select({ label: "If too short", options: POLICIES, value: settings.policy, onchange: (v) => put("policy", v) });
  const chooseSpeed = select({
    label: "Speed", options: SPEEDS.map(([value, text]) => [String(value), text]), value: "1",
    onchange: (v) => {
      speed = Number(v);
      if (player.playing()) player.start(tick / (settings.fps * speed));
    },
  });

  const hold = (next) => {
    tick = next;
    showMoment();
  };
  const player = clock((sec) => {
    const next = tickAt(sec, settings.fps * speed, ticksOf(clip()));
    if (next !== tick) hold(next);
  }, (on) => {
    button.textContent = on ? "❚❚ Pause" : "▶ Play both";
  });
  const press = () => {
    if (still) {
      const next = clip().edges.find((edge) => edge > now().slot) ?? Infinity;
      hold(next < clip().edges.at(-1) ? next - clip().edges[0] : 0);
    } else if (player.playing()) player.stop();
    else player.start(tick / (settings.fps * speed));
  };
  const button = h("button", { type: "button", onclick: press }, still ? "Next frame" : "▶ Play both");
  const moment = slider({
    label: "Moment", min: 0, max: 1, value: 0,
    format: (v) => `${(v / settings.fps).toFixed(2)} of ${seconds(ticksOf(clip()) / settings.fps)}`,
    oninput: (v) => {
      player.stop();
      hold(v);
    },
  });

  const lesson = h("p", { class: "cs-lesson" });
  const hint = h("p", { class: "cs-hint" });
  const READINGS = {
    indices: "Frames of this clip", span: "Span", coverage: "Coverage",
    rate: "The clip’s frame rate", nyquist: "Nyquist limit", seen: "What the model sees",
  };
  const readings = Object.fromEntries(Object.keys(READINGS).map((key) => [key, h("dd", { "data-reading": key })]));
  const readout = h("dl", { class: "cs-readings" }, ...Object.entries(READINGS).map(([key, name]) => (
    h("div", { class: `cs-${key}` }, h("dt", {}, name), readings[key]))));
  const voice = announcer(() => wordsOf(settings, clips, view));

  const showMoment = () => {
    const at = now();
    moment.set(tick);
    body.dataset.tick = tick;
    film.show(["The film: frame ", h("b", {}, String(at.film))]);
    input.show(at.clip === null ? ["The model: no clip"] : [
      "The model: frame ", h("b", {}, String(at.clip)), " ", h("small", {}, `${at.position + 1} of ${settings.num_frames}`),
    ]);
    draw();
  };

  const showReadings = () => {
    const { fps, mode, stride } = settings;
    const of = readingsOf(settings, clips);
    const list = (add) => clip().indices?.map((index) => index + add).join(" ") ?? "none";
    const sparse = mode === "segments";
    const said = {
      indices: [[list(0)], `counted from 0; the lecture counts from 1: ${list(1)}`],
      span: [[frames(of.span), `= ${seconds(of.spanSec)}`], sparse ? "from first to last" : "(T − 1) × τ + 1, from first to last"],
      coverage: [[frames(of.coverage), `= ${seconds(of.coverageSec)}`], sparse ? "the whole film" : "T × τ, what the clip stands for"],
      rate: [[`${short(of.rate)} per second`], sparse ? `fps × T / ${video}` : `fps / τ = ${short(fps)} / ${stride}`],
      nyquist: [[`${short(of.nyquist)} Hz`], "what repeats faster looks slower, or backwards"],
      seen: [[`${of.seen} of ${video} frames`], `${Math.round((100 * of.seen) / video)} % of the film${clips.length > 1 ? ", all clips together" : ""}`],
    };
    for (const [key, [values, note]] of Object.entries(said)) {
      readings[key].replaceChildren(...values.flatMap((value) => [h("b", {}, value), " "]), h("small", {}, note));
    }
    body.dataset.indices = JSON.stringify(clips.map(({ indices }) => indices));
  };

  const show = () => {
    for (const key of SETTINGS) settings[key] = model.get(key);
    const { mode, fps } = settings;
    clips = clipsOf(settings);
    view = Math.min(view, clips.length - 1);
    tick = Math.min(tick, ticksOf(clip()) - 1);
    if (player.playing()) player.start(tick / (fps * speed));
    for (const [key, range] of Object.entries(ranges)) range.set(settings[key]);
    if (mode === "center") ranges.start.set(clip().edges[0]);
    ranges.start.input.disabled = mode !== "strided";
    ranges.stride.input.disabled = mode === "segments";
    if (mode === "segments") ranges.stride.say("not used");
    ranges.start.node.hidden = mode === "multi_view" || mode === "segments";
    ranges.clips.node.hidden = which.node.hidden = mode !== "multi_view";
    which.bounds(1, clips.length);
    which.set(view + 1);
    which.input.disabled = clips.length < 2;
    chooseMode.input.value = mode;
    choosePolicy.input.value = settings.policy;
    choosePolicy.input.disabled = mode === "segments";
    chooseRate.input.replaceChildren(...rateOptions(filmFps, fps).map(([value, text]) => h("option", { value }, text)));
    chooseRate.input.value = String(fps);
    moment.bounds(0, ticksOf(clip()) - 1);
    hint.replaceChildren(
      h("b", {}, `The film: ${frames(video)} = ${seconds(video / fps)}`),
      ` at ${short(fps)} fps.${mode === "strided" ? " Drag the clip along it." : ""}`,
    );
    lesson.textContent = lessonOf(settings, clip());
    lesson.classList.toggle("cs-warning", clip().wanted.at(-1) >= video);
    strip.node.classList.toggle("cs-grab", mode === "strided");
    strip.node.setAttribute("aria-label", wordsOf(settings, clips, view));
    showReadings();
    showMoment();
    if (body.dataset.ready) voice.say(); // not heard while the page loads
  };

  body.append(
    hint, strip.node, lesson,
    h("div", { class: "cs-controls" },
      h("div", {}, ...["num_frames", "stride", "start", "clips"].map((key) => ranges[key].node), which.node),
      h("div", {}, chooseMode.node, chooseRate.node, choosePolicy.node)),
    h("div", { class: "cs-screens" }, film.figure, input.figure),
    h("div", { class: "cs-play" }, button, moment.node, still ? null : chooseSpeed.node),
    readout, voice.node,
    ...(model.get("credit") ? [h("p", { class: "cs-hint" }, model.get("credit"))] : []),
  );
  dragClip(strip.node, {
    slots, stretch: () => [clip().edges[0], clip().edges.at(-1)], canMove: () => settings.mode === "strided",
    move: (start) => put("start", Math.min(Math.max(start, 0), video - 1)),
  });
  const stops = [
    onChanges(model, SETTINGS, show), onThemeChange(draw), draw.cancel, player.stop, voice.stop, save.now,
    strip.stop, film.stop, input.stop,
  ];
  decodeImage(model.get("film")).then((image) => {
    sheet.image = image;
    draw.now();
    body.dataset.ready = "true";
  });
  show();
  return () => stops.forEach((stop) => stop());
}

export default { render };

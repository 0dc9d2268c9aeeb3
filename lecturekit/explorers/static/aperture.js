const PLAYED = ["pattern", "hole_px", "trial", "guess_deg", "revealed", "guesses"];
const PATTERNS = [["stripes", "stripes"], ["corner", "corner"], ["texture", "texture"], ["blank", "blank"]];
const MOTIONS = [["truth", "the true motion"], ["across", "only its part across"], ["guess", "your guess"]];
const [FRAMES, PAUSE, FPS] = [25, 5, 12.5];
const EIGENVALUE_MAX = 1000;

/** Turns the dial: the mouse anywhere on the stage, a finger on the handle, or a tap. */
function turnDial(stage, grip, turn) {
  const towards = (event) => {
    const box = stage.getBoundingClientRect();
    return degreesOf(event.clientX - box.left - box.width / 2, event.clientY - box.top - box.height / 2);
  };
  let held = false;
  stage.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return;
    held = event.pointerType !== "touch" || event.target === grip;
    stage.setPointerCapture(event.pointerId);
    if (held) turn(towards(event));
  });
  stage.addEventListener("pointermove", (event) => held && turn(towards(event)));
  stage.addEventListener("pointerup", (event) => {
    turn(towards(event));
    held = false;
  });
  stage.addEventListener("pointercancel", () => {
    held = false;
  });
}

function render({ model, el }) {
  const body = shell(el, model);
  const fixed = Object.fromEntries(
    ["trials", "waves", "view_px", "period_px", "edge_px", "noise", "step_deg", "hole_range"].map((key) => [key, model.get(key)]),
  );
  const { view_px: size, step_deg: step, trials } = fixed;
  const still = prefersReducedMotion();
  let [position, motion, now] = [12, "truth", null];

  const save = throttle(() => model.save_changes(), 100);
  const put = (changes) => {
    Object.entries(changes).forEach(([key, value]) => model.set(key, value));
    save();
  };

  const sheets = new Map(); // of the present pattern and trial
  const sheetAt = (velocity, frame) => {
    const key = `${velocity} ${frame}`;
    if (!sheets.has(key)) sheets.set(key, sheetOf(fixed, now.pattern, now.trial, velocity, frame));
    return sheets.get(key);
  };
  const inks = (node) => {
    const names = { text: "ink", wall: "paper", muted: "muted", line: "line", guess: "accent", truth: "accent-2", across: "accent-3" };
    return Object.fromEntries(Object.entries(names).map(([key, name]) => [key, colour(node, `--lk-${name}`)]));
  };
  const picture = fittedCanvas((context, width, _, node) => {
    const frame = position - 12;
    const sheet = position < FRAMES ? inked(sheetAt(now.velocity, frame), size) : null;
    drawHole(context, width, { ...now, size, step, sheet, moved: now.velocity.map((v) => v * frame), ink: inks(node) });
  }, { class: "ap-picture", role: "presentation" });
  const plot = fittedCanvas((context, width, _, node) => drawVelocities(context, width, { ...now, ink: inks(node) }), { class: "ap-plot" });
  const draw = oncePerFrame(() => {
    picture.redraw();
    plot.redraw();
  });

  const seen = h("p", { class: "lk-spoken", id: uniqueId("ap-seen") });
  const grip = h("div", { class: "ap-grip" });
  const stage = h("div", {
    class: "ap-stage", role: "slider", tabindex: 0, "aria-label": "Your guess: the direction in which the sheet moves",
    "aria-valuemin": 0, "aria-valuemax": 360 - step, "aria-describedby": seen.id,
    onkeydown: (event) => {
      const by = { ArrowRight: step, ArrowUp: step, ArrowLeft: -step, ArrowDown: -step }[event.key];
      const to = { Home: 0, End: 360 - step }[event.key] ?? (by && (now.guess + by + 360) % 360);
      if (to === undefined) return;
      event.preventDefault();
      put({ guess_deg: to });
    },
  }, picture.node, grip);
  turnDial(stage, grip, (degrees) => put({ guess_deg: (Math.round(degrees / step) * step) % 360 }));

  const hold = (next) => {
    position = next;
    body.dataset.frame = position < FRAMES ? position - 12 : "none";
    draw();
  };
  const player = framePlayer({
    position: () => position, last: FRAMES + PAUSE - 1, fps: () => FPS, step: hold,
    onstate: (on) => {
      play.textContent = on ? "❚❚ Pause" : "▶ Play";
    },
  });
  const play = h("button", {
    type: "button", onclick: () => (still ? hold((position + 1) % FRAMES) : player.toggle()),
  }, still ? "Next frame" : "▶ Play");
  const answer = h("button", {
    type: "button", class: "ap-answer",
    onclick: () => {
      if (now.revealed) {
        motion = "truth";
        put({ trial: (now.index + 1) % trials.length, revealed: false });
      } else put({ guesses: [...now.guesses, [now.pattern, now.guess, now.trial.motion_deg]], revealed: true });
    },
  });
  const pattern = radios({
    legend: "Behind the hole", options: PATTERNS, value: model.get("pattern"), onchange: (value) => put({ pattern: value }), class: "lk-radios ap-row",
  });
  const [least, most] = fixed.hole_range;
  const hole = slider({
    label: "Hole’s radius", min: least, max: most, value: model.get("hole_px"), format: (v) => `${v} px`, oninput: (v) => put({ hole_px: v }),
  });
  const moves = radios({
    legend: "Move the sheet by", options: MOTIONS, value: motion, class: "lk-radios ap-row",
    onchange: (value) => {
      motion = value;
      show();
    },
  });
  const hint = h("p", { class: "ap-hint" });
  const key = h("figcaption");
  const lesson = h("p", { class: "ap-lesson" });
  const same = h("p", { class: "ap-same" });
  const score = h("p", { class: "ap-hint ap-score" });
  const bars = ["first", "second"].map((name) => ({ fill: h("span", { class: "ap-fill" }), value: h("b", { "data-reading": name }) }));
  const known = h("p", { "data-reading": "known" });
  const voice = announcer(() => (now.revealed ? lesson.textContent : `${heading(now.guess)}. ${known.textContent}`));

  /** How far the film with the sheet moved by `velocity` is from the true one, inside the hole. */
  const differenceOf = (velocity) => {
    const [one, other] = [now.truth, velocity].map((v) => sheetAt(v, FRAMES - 13));
    const differences = now.slopes.map(({ x, y }) => {
      const k = (y + Math.floor(size / 2)) * size + x + Math.floor(size / 2);
      return Math.abs(one[k] - other[k]);
    });
    return differences.reduce((sum, difference) => sum + difference, 0) / differences.length;
  };

  const show = () => {
    const index = model.get("trial");
    const trial = trials[index];
    if (now?.index !== index || now.pattern !== model.get("pattern")) sheets.clear();
    now = {
      index, trial, pattern: model.get("pattern"), hole: model.get("hole_px"), guess: model.get("guess_deg"),
      revealed: model.get("revealed"), guesses: model.get("guesses"), truth: turned(trial.motion_deg, trial.speed_px),
    };
    now.slopes = slopesOf(size, [-1, 0, 1].map((frame) => sheetAt(now.truth, frame)), now.hole);
    now.measured = measureOf(now.slopes, fixed.noise);
    now.lines = linesOf(now.slopes, now.hole);
    now.fits = fittingVelocity(now.measured, trial, now.guess);
    const across = degreesOf(...now.measured.velocity);
    const choices = {
      truth: now.truth,
      across: now.measured.known === 1 ? fittingVelocity(now.measured, trial, across) : null,
      guess: now.fits,
    };
    if (!now.revealed || !choices[motion]) motion = "truth";
    now.velocity = choices[motion];

    moves.node.hidden = !now.revealed;
    moves.node.querySelectorAll("input").forEach((input) => {
      input.disabled = !choices[input.value];
      input.checked = input.value === motion;
    });
    pattern.set(now.pattern);
    hole.set(now.hole);
    answer.textContent = now.revealed ? "Next sheet" : "Reveal";
    hint.replaceChildren(
      h("b", {}, `Sheet ${index + 1} of ${trials.length}.`),
      now.revealed ? " The pins show how the whole sheet moves." : " Play it, look through the hole, and turn the arrow: which way does the sheet move?",
    );
    key.textContent = now.revealed
      ? `On the rim: your guess (blue), the true motion (orange, long)${now.measured.known === 1 ? ", its part across (green)" : ""}`
      : "The hole, and your arrow on its rim";
    lesson.textContent = now.revealed ? answerOf({ ...now, step }) : `Your guess: towards ${heading(now.guess)}.`;
    const speed = Math.hypot(...now.velocity).toFixed(2);
    same.hidden = !now.revealed;
    same.textContent = `The sheet now moves ${speed} px per frame towards ${heading(degreesOf(...now.velocity))}. `
      + (motion === "truth" ? "" : `After 12 frames the hole shows grey levels that differ from the true film’s by ${differenceOf(now.velocity).toFixed(1)} on average.`);
    score.textContent = now.guesses.length ? `So far, ${scoreOf(now.guesses)}.` : "";
    now.measured.eigenvalues.forEach((value, k) => {
      bars[k].value.textContent = value < 10 ? value.toFixed(2) : value.toFixed(0);
      bars[k].fill.style.width = `${(100 * Math.log10(1 + value)) / Math.log10(1 + EIGENVALUE_MAX)}%`;
      bars[k].fill.classList.toggle("ap-noise", value <= fixed.noise);
    });
    known.replaceChildren(h("b", {}, `${now.measured.known} known. `), KNOWN[now.measured.known]);
    const [gx, gy] = turned(now.guess, (100 * RIM_PX) / size);
    Object.assign(grip.style, { left: `${50 + gx}%`, top: `${50 + gy}%` });
    stage.setAttribute("aria-valuenow", now.guess);
    stage.setAttribute("aria-valuetext", heading(now.guess));
    seen.textContent = seenOf(now.pattern, now.measured);
    plot.node.setAttribute("aria-label", `Velocities. Your guess: ${heading(now.guess)}. ${now.revealed ? lesson.textContent : ""}`);
    body.dataset.measured = JSON.stringify(now.measured);
    body.dataset.velocity = JSON.stringify(now.velocity);
    hold(position);
    if (body.dataset.ready) voice.say(); // not heard while the page loads
  };

  body.append(
    hint,
    h("div", { class: "ap-views" },
      h("figure", {}, stage, key, h("div", { class: "ap-play" }, play, answer)),
      h("figure", {}, plot.node, h("figcaption", {}, "Velocities in px per frame: dx right, dy down"))),
    seen, lesson, same,
    pattern.node, hole.node, moves.node,
    h("div", { class: "ap-tensor" },
      h("p", { class: "ap-title" }, "Structure tensor over the hole: its eigenvalues, (grey levels per px)²"),
      ...bars.map(({ fill, value }, k) => h("div", { class: "ap-bar" }, h("span", {}, k ? "λ₂" : "λ₁"), h("span", { class: "ap-track" }, fill), value)),
      known),
    score, voice.node,
  );
  const stops = [onChanges(model, PLAYED, show), onThemeChange(draw), draw.cancel, player.stop, voice.stop, save.now, picture.stop, plot.stop];
  show();
  draw.now();
  body.dataset.ready = "true";
  return () => stops.forEach((stop) => stop());
}

export default { render };

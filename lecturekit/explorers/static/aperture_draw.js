// Drawing the hole with its dial, and the plot of velocities.

const RIM_PX = 48; // the dial's radius, in pixels of the sheet
const PINS = Array.from({ length: 8 }, (_, k) => turned(k * 45 + 22.5, 54));

/** Grey levels to a small canvas that can be drawn at any size. */
function inked(grey, size) {
  const node = h("canvas", { width: size, height: size });
  const context = node.getContext("2d");
  const image = context.createImageData(size, size);
  for (let k = 0; k < grey.length; k++) image.data.set([grey[k], grey[k], grey[k], 255], k * 4);
  context.putImageData(image, 0, 0);
  return node;
}

/** The wall with its hole; `sheet` is null in the pause before the film starts again: a shut hole. */
function drawHole(context, width, { size, sheet, moved, hole, guess, trial, measured, revealed, step, ink }) {
  const scale = width / size;
  const middle = width / 2;
  const at = (degrees, radius) => turned(degrees, radius * scale).map((value) => value + middle);
  const disc = (radius) => context.arc(middle, middle, radius * scale, 0, 2 * Math.PI);
  context.fillStyle = ink.wall;
  context.fillRect(0, 0, width, width);
  if (sheet) {
    context.imageSmoothingQuality = "high";
    context.drawImage(sheet, 0, 0, width, width);
  }
  context.beginPath();
  context.rect(0, 0, width, width);
  disc(hole + 0.5);
  context.fillStyle = ink.wall;
  context.globalAlpha = revealed && sheet ? 0.72 : 1;
  context.fill("evenodd");
  context.globalAlpha = 1;
  if (revealed && sheet) {
    for (const [x, y] of PINS) {
      context.beginPath();
      context.arc((x + moved[0]) * scale + middle, (y + moved[1]) * scale + middle, 2 * scale, 0, 2 * Math.PI);
      Object.assign(context, { fillStyle: ink.truth, strokeStyle: ink.wall, lineWidth: 1.5 });
      context.fill();
      context.stroke();
    }
  }
  context.beginPath();
  disc(hole + 0.5);
  Object.assign(context, { strokeStyle: ink.text, lineWidth: 2 });
  context.stroke();
  if (!sheet) {
    Object.assign(context, { fillStyle: ink.text, font: "600 14px system-ui, sans-serif", textAlign: "center", textBaseline: "middle" });
    context.fillText("again", middle, middle + (hole + 6) * scale);
  }
  context.lineWidth = 1;
  for (let degrees = 0; degrees < 360; degrees += step) {
    context.beginPath();
    context.lineTo(...at(degrees, RIM_PX - (degrees % 45 ? 1 : 2.2)));
    context.lineTo(...at(degrees, RIM_PX + (degrees % 45 ? 1 : 2.2)));
    context.strokeStyle = ink.muted;
    context.stroke();
  }
  const pointer = (degrees, colour, from, to, width_) => (
    arrow(context, at(degrees, from), at(degrees, to), { ink: colour, halo: ink.wall, width: width_, head: 5 * scale }));
  if (revealed && measured.known === 1) pointer(degreesOf(...measured.velocity), ink.across, RIM_PX - 9, RIM_PX + 5, 3);
  if (revealed) pointer(trial.motion_deg, ink.truth, RIM_PX - 9, RIM_PX + 14, 3);
  pointer(guess, ink.guess, RIM_PX - 6, RIM_PX + 9, 4);
}

const REACH_PX = 2.6; // px per frame from the plot's middle to its side

/** Velocities (dx right, dy down): the guess; once revealed, the pixels' lines and what fits them. */
function drawVelocities(context, width, { guess, trial, measured, lines, fits, revealed, ink }) {
  const middle = width / 2;
  const scale = middle / REACH_PX;
  const at = ([u, v]) => [middle + u * scale, middle + v * scale];
  const text = (words, [x, y], colour) => {
    const wide = context.measureText(words).width;
    Object.assign(context, { lineWidth: 4, strokeStyle: ink.wall, fillStyle: colour, lineJoin: "round" });
    const place = [Math.min(Math.max(x, 3), width - wide - 3), Math.min(Math.max(y, 13), width - 5)];
    context.strokeText(words, ...place);
    context.fillText(words, ...place);
  };
  /** All (dx, dy) with a dx + b dy + c = 0. */
  const line = (a, b, c) => {
    const length = Math.hypot(a, b);
    const [x, y] = [(-a * c) / length ** 2, (-b * c) / length ** 2];
    context.beginPath();
    [-9, 9].forEach((far) => context.lineTo(...at([x - (b / length) * far, y + (a / length) * far])));
    context.stroke();
  };
  context.font = "600 12px system-ui, sans-serif";
  context.fillStyle = ink.wall;
  context.fillRect(0, 0, width, width);
  Object.assign(context, { strokeStyle: ink.line, lineWidth: 1, globalAlpha: 0.6 });
  for (const tick of [-2, -1, 0, 1, 2]) {
    context.lineWidth = tick ? 0.5 : 1.5;
    line(1, 0, -tick);
    line(0, 1, -tick);
  }
  context.globalAlpha = 1;
  text("dx →", [width - 34, middle - 5], ink.muted);
  text("dy ↓", [middle + 5, width - 6], ink.muted);
  for (const tick of [-2, -1, 1, 2]) text(signed(tick, 0), [at([tick, 0])[0] - 4, middle + 15], ink.muted);

  if (revealed) {
    Object.assign(context, { strokeStyle: ink.across, lineWidth: 1, globalAlpha: 0.28 });
    lines.forEach(({ ix, iy, it }) => line(ix, iy, it));
    context.globalAlpha = 1;
    if (measured.known === 1) {
      const [u, v] = measured.velocity;
      context.lineWidth = 3;
      line(u, v, -(u * u + v * v));
    }
  }
  Object.assign(context, { strokeStyle: ink.guess, lineWidth: 2 });
  context.setLineDash([5, 4]);
  context.beginPath();
  context.lineTo(middle, middle);
  context.lineTo(...at(turned(guess, 9)));
  context.stroke();
  context.setLineDash([]);
  const dot = (velocity, colour, filled) => {
    context.beginPath();
    context.arc(...at(velocity), 6, 0, 2 * Math.PI);
    Object.assign(context, { fillStyle: filled ? colour : ink.wall, strokeStyle: colour, lineWidth: 2.5 });
    context.fill();
    context.stroke();
  };
  if (revealed) {
    const truth = turned(trial.motion_deg, trial.speed_px);
    if (measured.known) arrow(context, [middle, middle], at(measured.velocity), { ink: ink.across, halo: ink.wall, width: 3, head: 11 });
    if (measured.known === 1 && fits) dot(fits, ink.guess, false);
    dot(truth, ink.truth, true);
    const beside = ([u, v], dx = 9, dy = 4) => [at([u, v])[0] + dx, at([u, v])[1] + dy];
    if (measured.known === 1) text("across", beside(measured.velocity, 9, measured.velocity[1] < truth[1] ? -8 : 16), ink.across);
    text("true", beside(truth), ink.truth);
  }
  // Along the dx axis the name stands clear of the axis' own name and of its ticks.
  const down = turned(guess)[1];
  const flat = Math.abs(down) < 0.3;
  const [x, y] = at(turned(guess, REACH_PX * (flat ? 0.45 : 0.8)));
  const half = context.measureText("your guess").width / 2;
  text("your guess", flat ? [x - half, down > 0.01 ? y + 22 : y - 8] : [x, y], ink.guess);
}

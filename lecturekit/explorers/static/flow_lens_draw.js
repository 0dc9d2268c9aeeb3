// Drawing the picture with its lens, the two enlarged patches, and the wheel.

const REACH = 20; // px from the middle of a patch to its side
const ERROR_WHITE = 64; // grey levels of warp error that are drawn white

/** A canvas of width × height whose pixel k is paint(k) = [red, green, blue]. */
function painted(width, height, paint) {
  const node = h("canvas", { width, height });
  const context = node.getContext("2d");
  const image = context.createImageData(width, height);
  for (let k = 0; k < width * height; k++) image.data.set([...paint(k), 255], 4 * k);
  context.putImageData(image, 0, 0);
  return node;
}

const colourMap = ({ width, height }, { dx, dy }, full) => painted(width, height, (k) => flowToRgb(dx[k], dy[k], full));

const errorMap = ({ prev, next, width, height }, field) => painted(width, height, (k) => {
  const sample = fetched(next, field, k, width, height);
  if (sample === null) return [40, 60, 160];
  const grey = Math.min((255 * Math.abs(sample - prev[k])) / ERROR_WHITE, 255);
  return [grey, grey, grey];
});

/** One vector for each square of the picture, in its true length. */
function drawArrows(context, scale, { width, height }, { dx, dy }, ink) {
  const every = Math.max(8, Math.round(15 / scale));
  for (let y = every >> 1; y < height; y += every) {
    for (let x = every >> 1; x < width; x += every) {
      const k = y * width + x;
      const from = [(x + 0.5) * scale, (y + 0.5) * scale];
      if (Math.hypot(dx[k], dy[k]) < MOVING_PX) {
        context.fillStyle = ink.first;
        context.fillRect(from[0] - 1, from[1] - 1, 2, 2);
      } else arrow(context, from, [from[0] + dx[k] * scale, from[1] + dy[k] * scale], { ink: ink.first, halo: ink.paper, width: 1.5, head: 6 });
    }
  }
}

/** The whole picture in one of the views, and the lens on it. */
function drawPicture(context, boxWidth, { view, other, frames, film, field, layer, lens, ink }) {
  const { width, height } = film;
  const scale = boxWidth / width;
  const fill = (image) => context.drawImage(image, 0, 0, width * scale, height * scale);
  const frame = frames[view === "next" || (view === "blink" && other) ? 1 : 0];
  context.imageSmoothingQuality = "high";
  if (view === "colour" || view === "error") fill(layer);
  else fill(frame);
  if (view === "over") {
    context.globalCompositeOperation = "multiply";
    fill(layer);
    context.globalCompositeOperation = "source-over";
  }
  if (view === "arrows") {
    context.fillStyle = ink.paper;
    context.globalAlpha = 0.35;
    context.fillRect(0, 0, width * scale, height * scale);
    context.globalAlpha = 1;
    drawArrows(context, scale, film, field, ink);
  }
  const [x, y] = [(lens.x + 0.5) * scale, (lens.y + 0.5) * scale];
  const side = (2 * REACH + 1) * scale;
  for (const [strokeStyle, lineWidth] of [["#000000", 4], ["#ffffff", 2]]) {
    Object.assign(context, { strokeStyle, lineWidth });
    context.strokeRect(x - side / 2, y - side / 2, side, side);
  }
  const k = lens.y * width + lens.x;
  context.beginPath();
  context.arc(x, y, 3.5, 0, 2 * Math.PI);
  Object.assign(context, { fillStyle: "#ffffff", strokeStyle: "#000000", lineWidth: 1.5 });
  context.fill();
  context.stroke();
  arrow(context, [x, y], [x + field.dx[k] * scale, y + field.dy[k] * scale], { ink: "#ffffff", halo: "#000000", width: 2, head: 8 });
}

/** The patch around the lens of one frame, enlarged; `after` for frame t + 1. */
function drawPatch(context, boxWidth, { frame, film, field, lens, winsize, after, ink }) {
  const size = 2 * REACH + 1;
  const scale = boxWidth / size;
  context.fillStyle = ink.line;
  context.fillRect(0, 0, boxWidth, boxWidth);
  context.imageSmoothingEnabled = false;
  context.drawImage(frame, (REACH - lens.x) * scale, (REACH - lens.y) * scale, film.width * scale, film.height * scale);
  const k = lens.y * film.width + lens.x;
  const from = [boxWidth / 2, boxWidth / 2];
  const to = [from[0] + field.dx[k] * scale, from[1] + field.dy[k] * scale];
  const ring = ([x, y], filled) => {
    context.beginPath();
    context.arc(x, y, 5, 0, 2 * Math.PI);
    for (const [strokeStyle, lineWidth] of [["#000000", 4], ["#ffffff", 2]]) {
      Object.assign(context, { strokeStyle, lineWidth });
      context.stroke();
    }
    context.fillStyle = "#ffffff";
    if (filled) context.fill();
  };
  if (!after) {
    context.setLineDash([4, 4]);
    const [side, corner] = [winsize * scale, from[0] - (winsize * scale) / 2];
    for (const [strokeStyle, offset] of [["#000000", 0], ["#ffffff", 4]]) {
      Object.assign(context, { strokeStyle, lineWidth: 1.5, lineDashOffset: offset });
      context.strokeRect(corner, corner, side, side);
    }
    context.setLineDash([]);
    arrow(context, from, to, { ink: "#ffffff", halo: "#000000", width: 2.5, head: 10 });
    ring(from, true);
  } else {
    ring(from, false);
    ring(to, true);
  }
}

/** Middlebury's wheel up to a little over the full length, with the lens's vector on it. */
function drawWheel(context, boxWidth, { disc, full, vector, ink }) {
  const radius = boxWidth / 2;
  context.drawImage(disc, 0, 0, boxWidth, boxWidth);
  context.beginPath();
  context.arc(radius, radius, radius / WHEEL_RIM, 0, 2 * Math.PI);
  Object.assign(context, { strokeStyle: "#000000", lineWidth: 1 });
  context.stroke();
  const length = Math.hypot(...vector);
  const shown = Math.min(1, (full * WHEEL_RIM * 0.97) / Math.max(length, 1e-9)) * (radius / WHEEL_RIM / full);
  const tip = vector.map((value) => radius + value * shown);
  arrow(context, [radius, radius], tip, { ink: "#000000", halo: "#ffffff", width: 2, head: 8 });
  context.beginPath();
  context.arc(...tip, 4, 0, 2 * Math.PI);
  Object.assign(context, { fillStyle: "#ffffff", strokeStyle: "#000000", lineWidth: 2 });
  context.fill();
  context.stroke();
}

const WHEEL_RIM = 1.15;
/** The wheel as a small canvas, clear outside. */
function wheelDisc(full) {
  const size = 161;
  const disc = painted(size, size, (k) => {
    const at = [k % size, Math.floor(k / size)].map((value) => ((value - 80) / 80) * full * WHEEL_RIM);
    return flowToRgb(...at, full);
  });
  const context = disc.getContext("2d");
  context.globalCompositeOperation = "destination-in";
  context.beginPath();
  context.arc(size / 2, size / 2, size / 2, 0, 2 * Math.PI);
  context.fill();
  return disc;
}

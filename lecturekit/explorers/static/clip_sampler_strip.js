// Drawing the filmstrip.

/** Draws frame `index` of the sheet into a box: all of it, or the slice where most happens. */
function drawFrame(context, { image, columns, height, width, focus, pitch }, index, x, y, boxWidth, boxHeight) {
  const scale = boxHeight / height;
  const across = Math.min(width, boxWidth / scale);
  const from = Math.min(Math.max(focus - across / 2, 0), width - across);
  const [left, top] = [(index % columns) * pitch[0], Math.floor(index / columns) * pitch[1]];
  context.drawImage(image, left + from, top, across, height, x, y, across * scale, boxHeight);
}

function bracket(context, x0, x1, y, depth, open = false) {
  context.beginPath();
  if (!open) context.moveTo(x0 + 1, y + depth);
  context.lineTo(x0 + 1, y);
  context.lineTo(x1 - 1, y);
  context.lineTo(x1 - 1, y + depth);
  context.stroke();
}

/** Text at x, moved left if the canvas would cut it. Returns where it ends. */
function textInside(context, text, x, y, width) {
  const wide = context.measureText(text).width;
  const at = Math.max(0, Math.min(x, width - wide - 1));
  context.fillText(text, at, y);
  return at + wide;
}

/** Every label, or every second, or third …: as many as have room. */
function everyThatFits(labels) {
  const every = (step) => labels.filter((_, k) => k % step === 0);
  const apart = (kept) => kept.every((label, k) => !k || label.middle - label.half >= kept[k - 1].middle + kept[k - 1].half);
  return every(count(labels.length + 1).find((step) => step > 0 && apart(every(step))));
}

const LANE_PX = 7;
/** Where each row of the picture begins, in css pixels; a phone's are lower. */
function rowsOf(width, lanes) {
  const [raisedHeight, stripHeight] = width < 480 ? [46, 36] : [64, 46];
  const strip = 32 + raisedHeight + 22;
  const number = strip + stripHeight + 18;
  const lane = number + 40;
  const ruler = lane + (lanes > 1 ? lanes * LANE_PX + 10 : 0);
  return { raised: 32, raisedHeight, strip, stripHeight, number, lane, ruler, height: ruler + 18 };
}

/** Where there is no picture. */
function hatch(context, x, y, width, height, ink) {
  context.globalAlpha = 0.5;
  context.strokeStyle = ink;
  context.lineWidth = 1;
  context.save();
  context.beginPath();
  context.rect(x, y, width, height);
  context.clip();
  context.beginPath();
  for (let at = x - height; at < x + width; at += 7) {
    context.moveTo(at, y + height);
    context.lineTo(at + height, y);
  }
  context.stroke();
  context.restore();
  context.globalAlpha = 1;
}

function drawStrip(context, width, { settings, clips, view, tick, sheet, slots, moving, ink }) {
  const { video_frames: video, num_frames: numFrames, stride, fps, mode, policy } = settings;
  const clip = clips[view];
  const at = rowsOf(width, clips.length);
  const readings = readingsOf(settings, clips);
  const x = (slot) => (slot / slots) * width;
  const box = (from, to) => [Math.round(x(from)), Math.max(Math.round(x(to)) - Math.round(x(from)), 1)];
  const [first, end] = [clip.edges[0], clip.edges.at(-1)];
  const overrun = clip.wanted.at(-1) >= video;
  const now = momentAt(settings, clip, tick);
  context.imageSmoothingQuality = "high";
  context.font = "600 12px system-ui, sans-serif";
  context.textBaseline = "alphabetic";

  for (const slot of count(slots)) {
    const [left, wide] = box(slot, slot + 1);
    const inside = slot >= first && slot < end;
    if (slot >= video && !(overrun && clip.indices)) continue;
    context.globalAlpha = slot >= video ? 0.45 : inside ? 0.95 : 0.4;
    drawFrame(context, sheet, slot < video ? slot : fitOne(slot, video, policy), left, at.strip, wide, at.stripHeight);
  }
  context.globalAlpha = 1;
  if (slots > video) hatch(context, x(video), at.strip, width - x(video), at.stripHeight, ink.second);

  clip.wanted.forEach((wanted, k) => {
    const [left, wide] = box(wanted, wanted + 1);
    const [from, over] = box(clip.edges[k], clip.edges[k + 1]);
    const bottom = at.raised + at.raisedHeight;
    if (clip.edges[k] === clip.edges[k + 1]) return;
    const held = over > 3 ? over - 2 : over;
    context.fillStyle = ink.first;
    context.globalAlpha = 0.22;
    context.fillRect(from, at.raised, held, at.raisedHeight);
    context.beginPath();
    [[from, bottom], [from + held, bottom], [left + wide, at.strip], [left, at.strip]].forEach((p) => context.lineTo(...p));
    context.fill();
    context.globalAlpha = 1;
    if (clip.indices) drawFrame(context, sheet, clip.indices[k], from, at.raised, held, at.raisedHeight);
    else hatch(context, from, at.raised, held, at.raisedHeight, ink.second);
    context.strokeStyle = ink.first;
    context.lineWidth = 2;
    if (clip.indices && wanted < video) drawFrame(context, sheet, wanted, left, at.strip - 3, wide, at.stripHeight + 6);
    if (x(1) > 4) context.strokeRect(left, at.strip - 3, wide, at.stripHeight + 6);
    context.fillRect(left, at.strip + at.stripHeight + 3, wide, 3);
    if (moving && k === now.position) {
      context.strokeStyle = ink.text;
      context.lineWidth = 3;
      context.strokeRect(from, at.raised, held, at.raisedHeight);
    }
  });

  context.textAlign = "center";
  const labels = clip.wanted.map((wanted, k) => {
    const text = String(clip.indices?.[k] ?? "–");
    const half = context.measureText(text).width / 2 + 3;
    return { text, half, middle: Math.min(Math.max(x(wanted + 0.5), half - 3), width - half + 3), ghost: wanted >= video };
  });
  for (const { text, middle, ghost } of everyThatFits(labels)) {
    context.fillStyle = ghost ? ink.second : ink.first;
    context.fillText(text, middle, at.number + 4);
  }

  context.textAlign = "left";
  context.lineWidth = 2;
  context.fillStyle = context.strokeStyle = ink.second;
  bracket(context, x(first), x(end), 20, 8);
  const covers = mode === "segments" ? "" : width < 480 ? "T×τ = " : `T × τ = ${numFrames} × ${stride} = `;
  textInside(context, `coverage  ${covers}${readings.coverage} frames = ${seconds(readings.coverageSec)}`, x(first), 13, width);
  const [low, spanEnd] = [at.number + 10, clip.wanted.at(-1) + 1];
  const tail = x(end) - x(spanEnd);
  if (mode !== "segments" && tail > 4) {
    context.setLineDash([2, 3]);
    bracket(context, x(spanEnd), x(end), low + 6, -8, true);
    context.setLineDash([]);
    if (tail > 26) context.fillText(`+${stride - 1}`, x(spanEnd) + tail / 2 - 8, low + 1);
  }
  context.fillStyle = context.strokeStyle = ink.first;
  bracket(context, x(clip.wanted[0]), x(spanEnd), low + 6, -6);
  const spans = mode === "segments" ? "" : width < 480 ? "(T−1)×τ+1 = " : `(T − 1) × τ + 1 = ${numFrames - 1} × ${stride} + 1 = `;
  textInside(context, `span  ${spans}${readings.span} frames = ${seconds(readings.spanSec)}`, x(clip.wanted[0]), low + 21, width);

  if (clips.length > 1) {
    clips.forEach((each, lane) => {
      const y = at.lane + 6 + lane * LANE_PX;
      context.fillStyle = lane === view ? ink.first : ink.line;
      context.globalAlpha = 0.35;
      context.fillRect(x(each.edges[0]), y, x(each.edges.at(-1)) - x(each.edges[0]), LANE_PX - 2);
      context.globalAlpha = 1;
      each.wanted.forEach((wanted) => context.fillRect(x(wanted), y, Math.max(x(1) - 1, 1.5), LANE_PX - 2));
    });
  }

  context.font = "12px system-ui, sans-serif";
  context.fillStyle = context.strokeStyle = ink.muted;
  context.lineWidth = 1;
  const step = [0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50].find((sec) => x(sec * fps) >= 44) ?? 100;
  for (let k = 0; x(k * step * fps) < width - 2; k++) {
    const left = x(k * step * fps);
    context.fillRect(left, at.ruler, 1, 6);
    if (left < width - 30) context.fillText(`${short(k * step)} s`, left + 4, at.ruler + 13);
  }
  context.fillRect(0, at.ruler, width, 1);

  const lines = moving ? [[x(now.slot + 0.5), ink.text, ink.paper, at.raised + at.raisedHeight]] : [];
  if (slots > video) lines.push([x(video), ink.second, ink.paper, at.strip - 8]);
  for (const [left, front, halo, top] of lines) haloLine(context, [[left, top], [left, at.strip + at.stripHeight + 6]], front, halo);
}

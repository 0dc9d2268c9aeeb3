// A test clip as it is, and as a probe changes it: sixteen frames in two rows.

import { fittedCanvas } from "../kit/canvas.js";
import { h } from "../kit/dom.js";
import { cellAt } from "../kit/sheet.js";
import { stripText } from "./words.js";

const ACROSS = 8;
const [LIGHT, DARK] = ["#fff", "#10151b"]; // together seen on any picture

function drawStrip(context, width, strip, sheet) {
  const cell = width / ACROSS;
  Object.assign(context, { imageSmoothingEnabled: false, font: "11px system-ui, sans-serif" });
  for (const [k, [picture, number]] of strip.entries()) {
    const [x, y] = [(k % ACROSS) * cell, Math.floor(k / ACROSS) * cell];
    const size = cell - 1.5;
    context.drawImage(
      sheet.image,
      ...cellAt(picture, sheet),
      sheet.width,
      sheet.height,
      x,
      y,
      size,
      size,
    );
    Object.assign(context, { strokeStyle: DARK, fillStyle: LIGHT, lineWidth: 3 });
    context.strokeText(number, x + 3, y + size - 4);
    context.fillText(number, x + 3, y + size - 4);
  }
}

export function stripPane(view, sheet) {
  let strips = { before: [], after: [] };
  const parts = ["before", "after"].map((key) => {
    const draw = (context, width) => sheet.image && drawStrip(context, width, strips[key], sheet);
    const { node, redraw } = view.keep(
      fittedCanvas(draw, { class: "sm-strip", "data-strip": key }),
    );
    const words = h("figcaption");
    return { key, node, redraw, words, figure: h("figure", {}, node, words) };
  });
  const redraw = () => {
    for (const part of parts) part.redraw();
  };
  const show = (scene) => {
    const { clip, probe, probes, clips } = scene;
    const [before, after] = [scene.strips[clip][0], scene.strips[clip][probe + 1]];
    strips = { before, after };
    const { name, does } = probes[probe];
    const asItIs = { name: "as it is", does: "" };
    for (const { key, node, words } of parts) {
      const told = key === "before" ? asItIs : { name, does };
      words.replaceChildren(h("b", {}, told.name), ` ${told.does}`);
      node.setAttribute("aria-label", stripText(clips[clip], told, strips[key]));
    }
  };
  return { nodes: parts.map(({ figure }) => figure), redraw, show };
}

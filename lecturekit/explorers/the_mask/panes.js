// What the reader sets, the guess, and the losses that it is about.

import { radios, select } from "../kit/controls.js";
import { h } from "../kit/dom.js";
import { hint } from "../kit/text.js";
import { answerOf, KINDS, KINDS_TOLD, lossText, shareText } from "./words.js";

const BORROW = "Give each hidden patch its true mean and contrast";
const BARS = { network: "the network", copy: "the copy", flat: "zeros everywhere" };

/** Clip, kind, share, and whether the true mean and contrast are borrowed. */
export function settingPane(view) {
  const { names, shares } = view.read("names", "shares");
  const choose = (key, make, options) =>
    make({
      ...options,
      value: view.get(key),
      onchange: (value) => view.put({ [key]: value }),
    });
  const clip = choose("clip", select, {
    label: "Clip",
    options: names.map((name) => [name, name]),
  });
  const kind = choose("kind", radios, { legend: "Hidden", options: KINDS });
  const texts = shares.map((share) => [share, shareText(share)]);
  const share = choose("share", radios, { legend: "Share", options: texts });
  const box = h("input", {
    type: "checkbox",
    onchange: () => view.put({ borrow: box.checked }),
  });
  const show = (scene) => {
    clip.set(scene.clip);
    kind.set(scene.kind);
    share.set(scene.share);
    box.checked = scene.borrow;
  };
  const borrow = h("label", { class: "tm-borrow" }, box, BORROW);
  const node = h("div", { class: "tm-setting" }, clip.node, kind.node, share.node, borrow);
  return { node, show };
}

function barRow(key) {
  const [fill, value] = [h("i", { class: `tm-is-${key}` }), h("b", { "data-loss": key })];
  const track = h("span", { class: "tm-track" }, fill);
  const node = h("div", { class: "tm-bar" }, h("span", {}, BARS[key]), track, value);
  const show = (losses) => {
    fill.style.width = `${(100 * losses[key]) / Math.max(...Object.values(losses))}%`;
    value.textContent = lossText(losses[key]);
  };
  return { node, show };
}

/** The prediction; once it is made, its answer and the bars of the present setting. */
export function guessPane(view) {
  const guess = radios({
    legend: "Your guess",
    options: [["none", "none yet"], ...KINDS],
    value: view.get("guess"),
    onchange: (value) => view.put({ guess: value }),
  });
  const button = h("button", {
    type: "button",
    onclick: () => view.put({ revealed: !view.get("revealed") }),
  });
  const rows = Object.keys(BARS).map(barRow);
  const title = "Mean squared error on the hidden patches, in normalised pixels";
  const bars = h("div", { class: "tm-bars" }, h("p", {}, title), ...rows.map(({ node }) => node));
  const answer = h("p", { class: "tm-answer" });
  const show = (scene) => {
    guess.set(scene.guess);
    button.textContent = scene.revealed ? "Hide the errors" : "Show the errors";
    button.disabled = !scene.revealed && scene.guess === "none";
    answer.hidden = bars.hidden = !scene.revealed;
    answer.textContent = scene.revealed ? answerOf(scene) : "";
    for (const row of rows) row.show(scene.losses);
  };
  const asked = hint(
    h("b", {}, "Guess first. "),
    "Each hidden patch is copied from the nearest moment at which its place is visible. Under which mask is that copy worst? ",
    KINDS_TOLD,
  );
  return { node: h("div", { class: "tm-ask" }, asked, guess.node, button, answer, bars), show };
}

// What a reader sets: the guess, the clip and its frames, scheme, layer and head, deletions.

import { radios, select } from "../kit/controls.js";
import { h } from "../kit/dom.js";
import { upTo } from "../kit/numbers.js";
import { hint } from "../kit/text.js";

const FRAMES = {
  filmed: "as filmed",
  reversed: "reversed",
  shuffled: "shuffled",
  first: "all the first",
};
const PRESSES = { asks: "chooses the query", deletes: "deletes a token, or brings it back" };
const CUT = 8;

/** The prediction: asked before anything is tried, judged with the clip that is shown. */
export function guessPane(view) {
  const onchange = (guess) => view.put({ guess });
  const options = [["", "choose a class"], ...view.get("classes").map((name) => [name, name])];
  const choice = select({ label: "Your guess", options, value: view.get("guess"), onchange });
  const onclick = () =>
    view.put(
      view.get("revealed")
        ? { guess: "", revealed: false, frames: "filmed" }
        : { frames: "first", revealed: true },
    );
  const button = h("button", { type: "button", onclick });
  const answer = h("p", { class: "tr-answer" });
  const asked = hint(
    h("b", {}, "Guess first. "),
    "All 16 frames are made copies of the first one. Which class does the network name?",
  );
  const node = h("div", { class: "tr-ask" }, asked, h("div", {}, choice.node, button), answer);
  const show = ({ guess, revealed }, words) => {
    choice.set(guess);
    choice.input.disabled = revealed;
    button.textContent = revealed ? "Guess again" : "Show what it names";
    answer.hidden = !revealed;
    answer.textContent = words;
  };
  return { node, show };
}

function choices(view, key, legend, options) {
  const onchange = (value) => view.put({ [key]: key === "layer" ? Number(value) : value });
  return radios({ legend, options, value: view.get(key), onchange });
}

export function settingPane(view) {
  const names = view.get("names").map((name) => [name, name]);
  const clip = select({
    label: "Clip",
    options: names,
    value: view.get("clip"),
    onchange: (value) => view.put({ clip: value }),
  });
  const looks = view.get("looks");
  const { heads } = view.get("sizes");
  const layers = upTo(looks[0][1].length).map((k) => [k + 1, String(k + 1)]);
  const views = [...upTo(heads).map((k) => String(k + 1)), "mean", "rollout"];
  const sets = {
    frames: choices(view, "frames", "Frames", Object.entries(FRAMES)),
    scheme: choices(
      view,
      "scheme",
      "Scheme",
      looks.map(([key]) => [key, key]),
    ),
    layer: choices(view, "layer", "Layer", layers),
    head: choices(
      view,
      "head",
      "Head",
      views.map((key) => [key, key]),
    ),
  };
  const show = (state) => {
    clip.set(state.clip);
    for (const [key, set] of Object.entries(sets)) set.set(state[key]);
  };
  const node = h(
    "div",
    { class: "tr-setting" },
    clip.node,
    ...Object.values(sets).map((set) => set.node),
  );
  return { node, show };
}

/** What a press does, and three ways to delete eight tokens; `pick` says which. */
export function deletePane(view, pick) {
  const press = choices(view, "press", "A press", Object.entries(PRESSES));
  const button = (text, onclick) => h("button", { type: "button", onclick }, text);
  const cut = (by) => () =>
    view.put({ deleted: [...view.get("deleted"), ...pick(by, CUT)].sort((a, b) => a - b) });
  const back = button("Bring all back", () => view.put({ deleted: [] }));
  const buttons = [
    button(`Delete the ${CUT} of most weight`, cut("weights")),
    button(`… of most importance`, cut("importance")),
    button(`… at random`, cut("random")),
  ];
  const show = ({ press: what, deleted, keep, query, falls }) => {
    press.set(what);
    back.disabled = !deleted.length;
    for (const one of buttons) one.disabled = keep.length <= CUT || !keep.includes(query);
    if (!falls) buttons[1].disabled = true;
  };
  const node = h("div", { class: "tr-delete" }, press.node, h("div", {}, ...buttons, back));
  return { node, show };
}

// The mask: a guess, what is hidden, four rows of pictures, and the errors.

import { hint, lesson } from "../kit/text.js";
import { decodeSheet } from "../kit/sheet.js";
import { oncePerFrame } from "../kit/timing.js";
import { openView } from "../kit/view.js";
import { upTo } from "../kit/numbers.js";
import { guessPane, settingPane } from "./panes.js";
import { rowsPane } from "./rows.js";
import { clipOf, copyOf, filled, lossOf, patchMap, sizesOf, sourcesOf } from "./sums.js";
import { lessonOf, pictureText, saidOf } from "./words.js";

const PLAYED = ["clip", "kind", "share", "borrow", "guess", "revealed"];
const bytesOf = (view) => new Uint8Array(view.buffer, view.byteOffset, view.byteLength);

/** Everything that the page knows of the clips; `sceneOf(state)` is what one setting shows. */
function stageOf(view, sizes) {
  const { names, kinds, shares, losses, scale } = view.read(
    "names",
    "kinds",
    "shares",
    "losses",
    "scale",
  );
  const map = patchMap(sizes);
  const [films, masks] = [bytesOf(view.get("films")), bytesOf(view.get("masks"))];
  const clips = names.map((_, n) =>
    clipOf(films.subarray(n * sizes.film, (n + 1) * sizes.film), map, sizes.patches),
  );
  const maskOf = (kind, share) => {
    const m = kinds.indexOf(kind) * shares.length + shares.indexOf(share);
    return [m, masks.subarray(m * sizes.patches, (m + 1) * sizes.patches)];
  };
  const copyIn = (clip, mask) => copyOf(clip, map, sourcesOf(mask, sizes.grid), sizes);
  let rebuiltOf = () => new Float64Array(sizes.film);

  const sceneOf = (state) => {
    const [n, k, s] = [
      names.indexOf(state.clip),
      kinds.indexOf(state.kind),
      shares.indexOf(state.share),
    ];
    const [m, mask] = maskOf(state.kind, state.share);
    const clip = clips[n];
    const told = Object.fromEntries(
      kinds.map((kind) => [kind, copyIn(clip, maskOf(kind, state.share)[1])]),
    );
    const copies = Object.fromEntries(
      kinds.map((kind) => [
        kind,
        lossOf(told[kind], clip.normalised, map, maskOf(kind, state.share)[1]),
      ]),
    );
    const zeros = new Float64Array(sizes.film);
    const errors = {
      network: losses[n][k][s],
      copy: copies[state.kind],
      flat: lossOf(zeros, clip.normalised, map, mask),
    };
    const hidden = mask.reduce((sum, bit) => sum + bit, 0);
    const scene = { ...state, map, mask, pixels: clip.pixels, losses: errors, copies, hidden };
    scene.patches = sizes.patches;
    scene.copied = filled(clip, told[state.kind], map, mask, state.borrow);
    const rebuilt = rebuiltOf(n * kinds.length * shares.length + m);
    scene.rebuilt = filled(clip, rebuilt, map, mask, state.borrow);
    scene.words = pictureText(scene);
    return scene;
  };
  /** The sheet's greys, a picture for each moment: normalised numbers of all frames of a patch. */
  const fill = (pictures) => {
    const [grey, perStd] = scale;
    const [moments, each] = [sizes.grid[0], sizes.width * sizes.height];
    rebuiltOf = (which) => {
      const told = new Float64Array(sizes.film);
      for (const t of upTo(sizes.frames)) {
        const from = which * moments + Math.floor(t / sizes.tubelet[0]);
        for (let k = 0; k < each; k++)
          for (let c = 0; c < 3; c++)
            told[3 * (t * each + k) + c] = (pictures[4 * (from * each + k) + c] - grey) / perStd;
      }
      return told;
    };
  };
  const count = names.length * kinds.length * shares.length * sizes.grid[0];
  return { sceneOf, fill, count };
}

function render({ model, el }) {
  const view = openView({ model, el }, "the-mask");
  const sizes = sizesOf(view.read("grid", "tubelet"));
  const stage = stageOf(view, sizes);
  const [guess, setting, rows] = [guessPane(view), settingPane(view), rowsPane(sizes)];
  const teaches = lesson();
  let scene = null;
  const draw = view.keep(oncePerFrame(() => rows.show(scene)));
  const say = view.voice(() => saidOf(scene));
  const show = () => {
    scene = stage.sceneOf(view.read(...PLAYED));
    for (const pane of [guess, setting]) pane.show(scene);
    teaches.textContent = lessonOf(scene);
    view.body.dataset.losses = JSON.stringify(scene.losses);
    draw();
    say();
  };
  const moments = hint("From left to right: the first frame of each of the 8 moments.");
  view.body.append(guess.node, setting.node, moments, rows.node, teaches);
  if (view.get("credit")) view.body.append(hint(view.get("credit")));
  show();
  view.onChange(PLAYED, show);
  const { columns } = view.read("columns");
  const { width, height } = sizes;
  const sheet = decodeSheet(view.get("rebuilt"), { count: stage.count, height, width, columns });
  view.ready(sheet, (pictures) => {
    stage.fill(pictures);
    show();
    draw.now();
  });
  return view.close;
}

export default { render };

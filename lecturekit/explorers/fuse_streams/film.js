// The clips' frames, cut from their sheet, and a clip that plays.

import { h } from "../kit/dom.js";
import { clock } from "../kit/playing.js";
import { cellAt, decodeImage } from "../kit/sheet.js";
import { prefersReducedMotion } from "../kit/theme.js";

const FPS = 12;
const ROUNDS = 3; // a clip that plays under the pointer comes to rest within five seconds

/** The sheet has a row for each clip and a column for each frame. */
export function filmOf(view) {
  const { clips_shown: clips, clip_frames: frames } = view.read("clips_shown", "clip_frames");
  const { height_px: height, width_px: width } = view.read("height_px", "width_px");
  let sheet = null;
  return {
    clips,
    frames,
    /** A canvas for one frame. */
    canvas: () => h("canvas", { width, height, "aria-hidden": "true" }),
    decoded: decodeImage(view.get("film")),
    fill: (image) => {
      sheet = image;
    },
    filled: () => sheet !== null,
    draw(canvas, clip, t) {
      const [left, top] = cellAt(clip * frames + t, { columns: frames, height, width });
      canvas.getContext("2d").drawImage(sheet, left, top, width, height, 0, 0, width, height);
      canvas.dataset.frame = t;
    },
    /** The frame of a clip that is at rest. */
    rest(canvas, clip) {
      this.draw(canvas, clip, Math.floor(frames / 2));
    },
  };
}

/** Plays one clip at a time, under the pointer or the focus: `play(canvas, clip)`. */
export function clipPlayer(film) {
  let shown = null;
  const player = clock((sec) => {
    const tick = Math.floor(sec * FPS);
    if (tick >= ROUNDS * film.frames) player.stop();
    else film.draw(...shown, tick % film.frames);
  });
  player.watch((on) => on || film.rest(...shown));
  const play = (...next) => {
    player.stop();
    if (!film.filled() || prefersReducedMotion()) return;
    shown = next;
    player.start();
  };
  return { play, stop: player.stop };
}

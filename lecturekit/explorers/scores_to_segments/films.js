// What Python packed: the films' truths, and of each film and window length a table of scores.

import { total, upTo } from "../kit/numbers.js";
import {
  detectionsOf,
  kindsOf,
  matchesOf,
  meanPrecision,
  offsetOf,
  stampTimes,
  suppress,
  TIOUS,
  windowsIn,
} from "./sums.js";

const LEVELS = 255; // a score is a whole number of so many parts

/** The tables, one for each window length and film: `rows` windows one frame apart. */
function tablesOf(view) {
  const { windows, lengths, classes } = view.read("windows", "lengths", "classes");
  const packed = view.get("scores");
  const bytes = new Uint8Array(packed.buffer, packed.byteOffset, packed.byteLength);
  const tables = new Map();
  let from = 0;
  for (const window of windows) {
    const ofWindow = lengths.map((frames) => {
      const rows = frames - window + 1;
      const size = rows * classes.length;
      const data = bytes.subarray(from, (from += size));
      return { rows, at: (row, label) => data[row * classes.length + label] / LEVELS };
    });
    tables.set(window, ofWindow);
  }
  return tables;
}

/** All films; `sceneOf(state)` is what one setting shows, `curveOf` a film's scores in time. */
export function filmsOf(view) {
  const {
    fps,
    classes,
    lengths,
    truths: packed,
  } = view.read("fps", "classes", "lengths", "truths");
  const tables = tablesOf(view);
  const truths = packed.map((ofFilm) =>
    ofFilm.map(([label, start, stop]) => ({ label, start: start / fps, stop: stop / fps })),
  );

  /** The scores of a film's windows, so far apart, and when they are said to hold. */
  const curveOf = (film, state) => {
    const { rows, at } = tables.get(state.window)[film];
    const times = stampTimes(windowsIn(rows, state.stride), { ...state, fps });
    return { times, scoreOf: (k, label) => at(k * state.stride, label) };
  };
  const answersOf = (state) =>
    lengths.flatMap((frames, film) => {
      const { times, scoreOf } = curveOf(film, state);
      const setting = { ...state, fps, duration: frames / fps };
      const found = detectionsOf(scoreOf, times, classes.length, setting);
      return suppress(found, state.nms).map((one) => ({ film, ...one }));
    });
  const precisionsOf = (answers) => TIOUS.map((tiou) => meanPrecision(answers, truths, tiou));

  const sceneOf = (state) => {
    const answers = answersOf(state);
    const matches = matchesOf(answers, truths, state.tiou);
    const kinds = kindsOf(answers, truths, state.tiou, matches);
    for (const [k, one] of answers.entries()) one.kind = kinds[k];
    const precisions = precisionsOf(answers);
    const stamped = (stamp) =>
      stamp === state.stamp ? precisions : precisionsOf(answersOf({ ...state, stamp }));
    const found = new Set(matches.values());
    const ofFilm = truths[state.film].map((truth) => ({ ...truth, found: found.has(truth) }));
    return {
      ...state,
      fps,
      classes,
      duration: lengths[state.film] / fps,
      curve: curveOf(state.film, state),
      truths: ofFilm,
      found: answers.filter(({ film }) => film === state.film),
      counts: Object.fromEntries(countsOf(kinds)),
      number: answers.length,
      all: total(truths.map((each) => each.length)),
      precisions,
      centred: stamped("centre"),
      started: state.revealed ? stamped("start") : null,
      offset: offsetOf(answers, truths),
    };
  };
  return { sceneOf, rowsOf: ({ film, window }) => tables.get(window)[film].rows };
}

function countsOf(kinds) {
  const counts = new Map();
  for (const kind of kinds) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  return counts;
}

/** The window that is shown: its number, and its first frame. */
export function shownWindow({ at, stride }, rows) {
  const number = Math.min(Math.floor(at / stride), windowsIn(rows, stride) - 1);
  return { number, first: number * stride };
}

/** The class with the highest score in one window. */
export const bestOf = (scoreOf, k, classes) =>
  upTo(classes.length).reduce((best, label) =>
    scoreOf(k, label) > scoreOf(k, best) ? label : best,
  );

// What the network answers for a state of the room; what was computed is kept while it fits.

import { total, upTo } from "../kit/numbers.js";
import { scoresOf, tokensOf } from "./network.js";
import { masksOf, ordersOf, reachOf, rolloutOf, rowOf, softmax, tokenAt } from "./sums.js";

const KEPT = 12; // answers: half a megabyte each, with the attention of all layers

/** Calls `make` once for each key, as long as that is among the last ones asked for. */
function remembered(make) {
  const known = new Map();
  return (...given) => {
    const key = given.join("|");
    if (!known.has(key)) known.set(key, make(...given));
    if (known.size > KEPT) known.delete(known.keys().next().value);
    return known.get(key);
  };
}

/** `pixels[name]` are a clip's RGBA values; the rest is as Python sent it. */
export function roomOf({ weights, pixels, sizes, looks, shuffle, classes }) {
  const { frames: count, grid, heads } = sizes;
  const all = upTo(grid[0] * grid[1] * grid[2]);
  const orders = ordersOf(count, shuffle);
  const masksFor = remembered((scheme) => masksOf(looks[scheme], heads, grid));
  const tokensFor = remembered((clip, frames) =>
    tokensOf(weights, pixels[clip], orders[frames], sizes),
  );
  const keptOf = (deleted) => all.filter((token) => !deleted.includes(token));

  /** Scores and the attention of each layer. */
  const answer = (clip, frames, scheme, keep) => {
    const masks = masksFor(scheme);
    const attentions = masks.map(() => new Float64Array(heads * all.length ** 2));
    const scores = scoresOf(weights, tokensFor(clip, frames), keep, masks, attentions);
    return { scores, attentions, shares: softmax(scores) };
  };
  const wholeFor = remembered((clip, frames, scheme) => answer(clip, frames, scheme, all));
  // One at least is left: Python refuses to delete all.
  const answerFor = remembered((clip, frames, scheme, ...deleted) =>
    deleted.length ? answer(clip, frames, scheme, keptOf(deleted)) : wholeFor(clip, frames, scheme),
  );
  const fallsFor = remembered(() => ({ falls: null }));

  const weightsFor = ({ attentions }, { head, layer }, query) =>
    head === "rollout"
      ? rolloutOf(attentions, heads, layer, query)
      : rowOf(attentions[layer - 1], heads, head, query);

  /** All that is shown for a state; `falls` is null until `importance` has been worked off. */
  const sceneOf = (state) => {
    const { clip, frames, scheme, layer, deleted } = state;
    const [keep, masks] = [keptOf(deleted), masksFor(scheme)];
    const query = tokenAt([state.t, state.y, state.x], grid);
    const given = answerFor(clip, frames, scheme, ...deleted);
    const reach = reachOf(masks, layer, keep, query);
    const row = weightsFor(given, state, query);
    const named = given.scores.indexOf(Math.max(...given.scores));
    const worth = fallsFor(clip, frames, scheme, ...deleted);
    const order = orders[frames];
    const whole = wholeFor(clip, "filmed", scheme).shares;
    const still = state.revealed ? wholeFor(clip, "first", scheme).shares : null;
    const { scores, shares } = given;
    const shown = total(reach) ? row : row.fill(0);
    const asked = { query, keep, order, reach, row: shown, falls: worth.falls };
    return { ...state, ...asked, grid, looks, classes, scores, shares, named, whole, still, worth };
  };

  /**
   * What is left to do for a scene's importance: `count` times `step`, then `end` gives it. Work
   * that was broken off, as the query moved, goes on where it stopped.
   */
  const importance = ({ clip, frames, scheme, keep, scores, named, worth }) => {
    const [tokens, masks] = [tokensFor(clip, frames), masksFor(scheme)];
    worth.part ??= { falls: new Float64Array(all.length), done: 0 };
    const { part } = worth;
    const step = () => {
      const token = keep[part.done++];
      const others = keep.filter((other) => other !== token);
      if (!others.length) return; // nothing to compare with
      part.falls[token] = scores[named] - scoresOf(weights, tokens, others, masks)[named];
    };
    const end = () => (worth.falls = part.falls);
    return { count: keep.length - part.done, step, end };
  };
  return { sceneOf, importance };
}

// Who may look at whom, and what follows: reach, weights, rollout. All by tokens' numbers.

import { total, upTo } from "../kit/numbers.js";

/** [t, y, x] of a token. */
export const placeOf = (token, [, rows, columns]) => [
  Math.floor(token / (rows * columns)),
  Math.floor(token / columns) % rows,
  token % columns,
];

export const tokenAt = ([t, y, x], [, rows, columns]) => (t * rows + y) * columns + x;

/** masks[layer][head][query × tokens + key] is 1 where a query may look at a key. */
export function masksOf(kinds, heads, grid) {
  const places = grid[1] * grid[2];
  const tokens = grid[0] * places;
  const mask = (looks) =>
    Uint8Array.from(upTo(tokens * tokens), (k) => looks(Math.floor(k / tokens), k % tokens));
  const space = mask((q, k) => Math.floor(q / places) === Math.floor(k / places));
  const time = mask((q, k) => q % places === k % places);
  const joint = mask(() => 1);
  const forHead = {
    space: () => space,
    time: () => time,
    joint: () => joint,
    halves: (head) => (head < heads / 2 ? space : time),
  };
  return kinds.map((kind) => upTo(heads).map(forHead[kind]));
}

/** 1 for each token that can influence the query through the first `layer` layers, itself too. */
export function reachOf(masks, layer, keep, query) {
  const tokens = Math.sqrt(masks[0][0].length);
  let reached = new Uint8Array(tokens);
  if (!keep.includes(query)) return reached;
  reached[query] = 1;
  for (const looks of masks.slice(0, layer).toReversed()) {
    const next = reached.slice(); // what a layer adds is added: a token keeps itself
    for (const q of keep)
      if (reached[q])
        for (const k of keep) if (looks.some((look) => look[q * tokens + k])) next[k] = 1;
    reached = next;
  }
  return reached;
}

/** The query's row of one layer's attention: of one head, or the mean of all. */
export function rowOf(attention, heads, head, query) {
  const tokens = Math.sqrt(attention.length / heads);
  const row = (h) =>
    attention.subarray((h * tokens + query) * tokens, (h * tokens + query + 1) * tokens);
  if (head !== "mean") return Float64Array.from(row(Number(head) - 1));
  return Float64Array.from(upTo(tokens), (k) => total(upTo(heads).map((h) => row(h)[k])) / heads);
}

/**
 * Attention rollout (Abnar and Zuidema 2020): the query's row of the product of all layers up to
 * this one, each the mean of the heads, half and half with what a token keeps of itself.
 */
export function rolloutOf(attentions, heads, layer, query) {
  const tokens = Math.sqrt(attentions[0].length / heads);
  let row = new Float64Array(tokens);
  row[query] = 1;
  for (const attention of attentions.slice(0, layer).toReversed()) {
    const next = row.map((share) => share / 2);
    for (let q = 0; q < tokens; q++) {
      if (!row[q]) continue;
      const looks = rowOf(attention, heads, "mean", q);
      for (let k = 0; k < tokens; k++) next[k] += (row[q] * looks[k]) / 2;
    }
    row = next;
  }
  return row;
}

export function softmax(scores) {
  const most = Math.max(...scores);
  const parts = Array.from(scores, (score) => Math.exp(score - most));
  return parts.map((part) => part / total(parts));
}

/** The numbers of the `count` largest values among `keep`, largest first. */
export const largest = (values, keep, count) =>
  [...keep].sort((a, b) => values[b] - values[a] || a - b).slice(0, count);

/** Which frame stands at each time. */
export const ordersOf = (frames, shuffle) => ({
  filmed: upTo(frames),
  reversed: upTo(frames).toReversed(),
  shuffled: shuffle,
  first: upTo(frames).map(() => 0),
});

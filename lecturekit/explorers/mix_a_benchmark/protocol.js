// Which published lines a protocol leaves, and why not the others; as published.py.

export const HELD = ["split", "pretraining", "views", "size", "counting"];
export const ANY = "any";

/** Why a line is none of the protocol held; nothing if it is. */
export const reasonsOf = (line, held) =>
  HELD.flatMap((aspect, k) => {
    const said = line.says[k];
    if (held[aspect] === ANY || held[aspect] === said) return [];
    return [said ? `${said} against ${held[aspect]}` : `${aspect} not said`];
  });

/** The lines of one data set, each with its reasons and its place along the axis. */
export function linesOf(lines, state, datasets) {
  const number = datasets.indexOf(state.dataset);
  return lines
    .filter((line) => line.dataset === number)
    .map((line) => ({ ...line, reasons: reasonsOf(line, state), x: line[state.across] }));
}

/** Those of some lines that no other beats in accuracy at the same place or before it. */
export function frontOf(lines) {
  const found = [];
  const ordered = lines.toSorted((a, b) => a.x - b.x || b.top1 - a.top1);
  for (const line of ordered) if (!found.length || line.top1 > found.at(-1).top1) found.push(line);
  return found;
}

/** How often each reason stands, the most frequent first. */
export function tallied(lines) {
  const counts = new Map();
  for (const { reasons } of lines)
    for (const reason of reasons) counts.set(reason, (counts.get(reason) ?? 0) + 1);
  return [...counts].toSorted((a, b) => b[1] - a[1]);
}

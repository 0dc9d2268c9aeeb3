// What the page says of layers, sizes and numbers.

import { grouped } from "../kit/words.js";

export const AXES = ["frame", "row", "column"];

export const counted = (number, word) => `${grouped(number)} ${word}${number === 1 ? "" : "s"}`;
export const times = (sizes) => sizes.join("×");

/** A number with a true minus sign, at most two decimals. */
export const written = (number) => String(Number(number.toFixed(2))).replace("-", "−");

/** The layer with its window: "Conv 3×3×3". */
export const nameOf = ({ kind, kernel }) => (kernel ? `${kind} ${times(kernel)}` : kind);

/** What is not as usual: "stride 2×2×2, no bias". */
export function detailsOf({ kind, kernel, stride, padding, bias }) {
  const usual = kind === "Pool" ? kernel : [1, 1, 1];
  const details = [
    stride && times(stride) !== times(usual) && `stride ${times(stride)}`,
    padding?.some((size) => size > 0) && `padding ${times(padding)}`,
    bias === false && "no bias",
  ];
  return details.filter(Boolean).join(", ");
}

/** "drops 1 frame, 2 rows"; "never reads 6 of 9 columns" where they lie between windows. */
export function lostWords({ in_shape: [, ...sizes], unread, dropped }) {
  const [ends, between] = [[], []];
  for (const [axis, some] of unread.entries()) {
    if (some.length > dropped[axis])
      between.push(`${some.length} of ${counted(sizes[axis], AXES[axis])}`);
    else if (dropped[axis]) ends.push(counted(dropped[axis], AXES[axis]));
  }
  const parts = [ends.length && `drops ${ends.join(", ")}`];
  parts.push(between.length && `never reads ${between.join(", ")}`);
  return parts.filter(Boolean).join("; ");
}

const extent = ([t, h, w]) =>
  `${counted(t, "frame")} × ${h === w ? grouped(h) : `${grouped(h)}×${grouped(w)}`} px`;

/** "5 frames × 9 px"; with holes: "3 frames × 5 px in 5 frames × 9 px". */
export function fieldWords({ receptive_field: field, inputs_seen: seen }) {
  const all = extent(field);
  return String(field) === String(seen) ? all : `${extent(seen)} in ${all}`;
}

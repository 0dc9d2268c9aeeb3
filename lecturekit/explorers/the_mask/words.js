// What the page says: names, the lesson of a setting, the answer to the guess.

export const KINDS = ["tube", "random", "frames"].map((kind) => [kind, kind]);
export const KINDS_TOLD =
  "A tube hides the same places in all frames; random, patches anywhere; frames, whole moments.";
const WHERE = {
  tube: "under a tube",
  random: "under random patches",
  frames: "under whole frames",
};

export const shareText = (share) => `${(100 * share).toLocaleString("en-US")} %`;
export const lossText = (loss) => loss.toFixed(2);

function aboutErrors({ kind, losses }) {
  const told =
    losses.network > losses.flat
      ? "The network does worse than zeros: on this clip its guesses are worse than none."
      : "The network does better than zeros.";
  if (kind === "tube")
    return `A place that is hidden is hidden all the time: there is nothing to copy. Whatever is rebuilt must be told from other places. ${told}`;
  const free =
    losses.copy < losses.network
      ? "better than the network, and needs no learning"
      : "worse than the network";
  return `Hidden places are mostly visible at another moment. A copy from there does ${free}. ${told}`;
}

function aboutBorrow({ borrow }) {
  if (borrow)
    return "Each hidden patch has its true mean and contrast, which nobody told the network. Take the tick away to see what it said.";
  return "All hidden patches have the mean and contrast of the visible pixels: this is what the network said, and no more.";
}

/** Of the errors only when they are shown: before, the reader guesses. */
export const lessonOf = (scene) =>
  scene.revealed ? `${aboutErrors(scene)} ${aboutBorrow(scene)}` : aboutBorrow(scene);

export function pictureText({ clip, kind, share, hidden, patches }) {
  return `${clip}: ${hidden} of ${patches} patches hidden (${shareText(share)}, ${kind}).`;
}

export function saidOf(scene) {
  const { network, copy, flat } = scene.losses;
  const numbers = `Mean squared error: network ${lossText(network)}, copy ${lossText(copy)}, zeros ${lossText(flat)}.`;
  const given = `True mean and contrast ${scene.borrow ? "" : "not "}given.`;
  return `${pictureText(scene)} ${given} ${scene.revealed ? numbers : ""}`;
}

/** Kinds by the loss of a copy, the worst first, at the present clip and share. */
export function answerOf({ guess, copies, clip, share }) {
  const order = Object.keys(copies).sort((one, other) => copies[other] - copies[one]);
  const numbers = order.map((kind) => `${lossText(copies[kind])} ${WHERE[kind]}`).join(", ");
  const right = guess === order[0] ? "✓ " : guess === "none" ? "" : "✗ ";
  return `${right}A copy is worst ${WHERE[order[0]]} (${clip}, ${shareText(share)} hidden): ${numbers}.`;
}

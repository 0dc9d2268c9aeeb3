// What the page says: names, the lesson of a setting, the answer to the guess.

export const KINDS = {
  tube: "tube: the same places in all frames",
  random: "random: anywhere",
  frames: "frames: whole moments",
};
const WHERE = {
  tube: "under a tube",
  random: "under random patches",
  frames: "under whole frames",
};

export const shareText = (share) => `${(100 * share).toLocaleString("en-US")} %`;
export const lossText = (loss) => loss.toFixed(2);

function aboutCopy({ kind, losses }) {
  if (kind === "tube")
    return "A place that is hidden is hidden all the time: there is nothing to copy. Whatever is rebuilt must be told from other places.";
  const better = losses.copy < losses.network;
  const ahead = better ? "does better than the network" : "does worse than the network";
  return `Most hidden places are visible at another moment. Copying from there ${ahead}${better ? ", and needs no learning" : ""}.`;
}

function aboutBorrow({ borrow }) {
  if (borrow)
    return "Each hidden patch has its true mean and contrast, which nobody told the network. Take the tick away to see what it said.";
  return "All hidden patches have the mean and contrast of the visible pixels: this is what the network said, and no more.";
}

export const lessonOf = (scene) => `${aboutCopy(scene)} ${aboutBorrow(scene)}`;

export function pictureText({ clip, kind, share, hidden, patches }) {
  return `${clip}: ${hidden} of ${patches} patches hidden (${shareText(share)}, ${KINDS[kind]}).`;
}

export function saidOf(scene) {
  const { network, copy, flat } = scene.losses;
  const numbers = `Mean squared error: network ${lossText(network)}, copy ${lossText(copy)}, zeros ${lossText(flat)}.`;
  return `${pictureText(scene)} ${scene.revealed ? numbers : ""}`;
}

/** Kinds by the loss of a copy, the worst first, at the present clip and share. */
export function answerOf({ guess, copies, clip, share }) {
  const order = Object.keys(copies).sort((one, other) => copies[other] - copies[one]);
  const numbers = order.map((kind) => `${lossText(copies[kind])} ${WHERE[kind]}`).join(", ");
  const right = guess === order[0] ? "✓ " : guess === "none" ? "" : "✗ ";
  return `${right}A copy is worst ${WHERE[order[0]]} (${clip}, ${shareText(share)} hidden): ${numbers}.`;
}

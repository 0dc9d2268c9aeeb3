// A pointer that takes hold of the clip and moves it along the film.

/** A click beside the clip puts its start there. */
export function dragClip(node, { slots, stretch, canMove, move }) {
  let held = null;
  const slotAt = (event) =>
    Math.floor((event.clientX - node.getBoundingClientRect().left) / held.cell);
  node.addEventListener("pointerdown", (event) => {
    if (event.button !== 0 || !canMove()) return;
    // The scale of this moment: a clip pushed past the film's end makes the strip longer.
    held = { cell: node.clientWidth / slots(), x: event.clientX, moved: false };
    const [from, to] = stretch();
    const slot = slotAt(event);
    held.grab = slot >= from && slot < to ? slot - from : 0;
    held.outside = slot < from || slot >= to;
    node.setPointerCapture(event.pointerId);
    if (event.pointerType === "mouse") event.preventDefault();
  });
  node.addEventListener("pointermove", (event) => {
    if (!held) return;
    held.moved ||= Math.abs(event.clientX - held.x) > 3;
    if (held.moved) move(slotAt(event) - held.grab);
  });
  node.addEventListener("pointerup", (event) => {
    if (held && !held.moved && held.outside) move(slotAt(event));
    held = null;
  });
  node.addEventListener("pointercancel", () => {
    held = null;
  });
}

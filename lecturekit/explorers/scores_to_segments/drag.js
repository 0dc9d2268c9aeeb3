// A pointer that moves the window along the film; a mouse may take hold of the threshold as well.

const NEAR_PX = 7;

/** `places()` are the picture's, `window()` is [from, to] in px, `line()` the threshold's y. */
export function dragPicture(node, { places, window: span, line, moveWindow, moveThreshold }) {
  let held = null;
  const pointOf = (event) => {
    const box = node.getBoundingClientRect();
    return [event.clientX - box.left, event.clientY - box.top];
  };
  const onLine = (event) =>
    // A finger scrolls the page up and down: the line stays where it is.
    event.pointerType === "mouse" && Math.abs(pointOf(event)[1] - line()) < NEAR_PX;
  const move = (event) => {
    const [x, y] = pointOf(event);
    if (held.line) moveThreshold(y);
    else moveWindow(x - held.grab);
  };
  node.addEventListener("pointerdown", (event) => {
    const [x, y] = pointOf(event);
    if (event.button !== 0 || y > places().lanes) return;
    const [from, to] = span();
    held = onLine(event)
      ? { line: true }
      : { grab: x >= from && x <= to ? x - from : (to - from) / 2 };
    node.setPointerCapture(event.pointerId);
    if (event.pointerType === "mouse") event.preventDefault();
    move(event);
  });
  node.addEventListener("pointermove", (event) => {
    if (held) move(event);
    else node.classList.toggle("sg-line", onLine(event));
  });
  for (const end of ["pointerup", "pointercancel"])
    node.addEventListener(end, () => {
      held = null;
    });
}

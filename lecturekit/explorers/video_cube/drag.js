// A point of a picture that a pointer moves.

const NEAR_PX = 9;

/** Which index below `size` lies at `px` of `length`, and whether `at`'s own line is near. */
function look(px, length, size, at) {
  const index = Math.min(size - 1, Math.max(0, Math.floor((px / length) * size)));
  return { index, near: Math.abs(px - ((at + 0.5) / size) * length) < NEAR_PX };
}

/**
 * Lets a pointer move the point (u, v) of a picture whose axes are u (right) and v (down), each
 * an index below sizes[axis]. Near one of the two lines through the point only that line moves.
 * A finger on the picture still scrolls the page (`touch-action: pan-y`); on `grip` it drags.
 */
export function dragPoint({ stage, grip, u, v, sizes, position, move }) {
  const at = (event) => {
    const box = stage.getBoundingClientRect();
    const across = look(event.clientX - box.left, box.width, sizes[u], position(u));
    const down = look(event.clientY - box.top, box.height, sizes[v], position(v));
    const lines = across.near === down.near ? [u, v] : [across.near ? u : v];
    return { lines, index: { [u]: across.index, [v]: down.index } };
  };
  let lines = null;
  const follow = (event) => {
    const { index } = at(event);
    move(Object.fromEntries(lines.map((axis) => [axis, index[axis]])));
  };
  stage.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return;
    const touch = event.pointerType === "touch";
    const onGrip = event.target === grip;
    lines = onGrip || touch ? [u, v] : at(event).lines;
    stage.setPointerCapture(event.pointerId);
    // A finger may be about to scroll: nothing moves until it slides sideways or lifts.
    if (!touch) event.preventDefault();
    if (!touch || onGrip) follow(event);
  });
  stage.addEventListener("pointermove", (event) => {
    if (lines) {
      follow(event);
      return;
    }
    const near = at(event).lines;
    stage.style.cursor =
      near.length > 1 ? "crosshair" : near[0] === u ? "col-resize" : "row-resize";
  });
  stage.addEventListener("pointerup", (event) => {
    if (lines) follow(event);
    lines = null;
  });
  stage.addEventListener("pointercancel", () => {
    lines = null;
  });
}

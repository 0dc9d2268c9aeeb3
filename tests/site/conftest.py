"""What the explorers' browser tests share."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page

# `read`, `python` and `hand` are JavaScript: an expression of one view's element `el`, a statement
# on the shared `model`, a statement on the first view's element `el` (`slide` moves a slider).
_TWO_VIEWS = """async ([esm, read, python, hand]) => {
  const { default: module } = await import("data:text/javascript," + encodeURIComponent(esm));
  const original = document.querySelector(".lk-explorer").lkModel;
  const live = new Map();
  let saves = 0;
  const count = (event, f, change) => live.set(event + f, (live.get(event + f) ?? 0) + change);
  const model = {
    // As anywidget gives bytes: a view into a larger buffer, at any offset.
    get: (key) => {
      const value = original.get(key);
      if (!(value instanceof DataView)) return value;
      const larger = new Uint8Array(value.byteLength + 3);
      larger.set(new Uint8Array(value.buffer, value.byteOffset, value.byteLength), 3);
      return new DataView(larger.buffer, 3);
    },
    set: original.set,
    save_changes: () => saves++,
    on: (event, f) => { original.on(event, f); count(event, f, 1); },
    off: (event, f) => { original.off(event, f); count(event, f, -1); },
  };
  const views = [0, 1].map(() => document.body.appendChild(document.createElement("div")));
  const stops = views.map((el) => module.render({ model, el }));
  const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
  // Where the page's own view has said that its pictures are there, these two will say so as well.
  const late = document.querySelector(".lk-body").dataset.ready;
  const waiting = () => late && views.some((el) => !el.querySelector(".lk-body").dataset.ready);
  for (let k = 0; waiting() && k < 200; k++) await pause(20);
  const seen = () => views.map((el) => new Function("el", `return ${read}`)(el));
  new Function("model", python)(model);
  const moved = seen();
  const slide = (input, value) => {
    input.value = value;
    input.dispatchEvent(new Event("input"));
  };
  new Function("el", "slide", hand)(views[0], slide);
  const byHand = seen();
  await pause(150);
  stops.forEach((stop) => stop());
  return { moved, byHand, saves, listeners: [...live.values()] };
}"""

TwoViews = Callable[..., tuple[Any, Any]]


@pytest.fixture
def two_views() -> TwoViews:
    """As in Jupyter: two views of one model.

    Python moves the model, then a hand moves the first view; both views must show the same each
    time. What they showed is returned. The hand saves once, and nothing listens when they are gone.
    """

    def run(page: Page, esm: str, *, read: str, python: str, hand: str) -> tuple[Any, Any]:
        seen = page.evaluate(_TWO_VIEWS, [esm, read, python, hand])
        assert seen["saves"] == 1
        assert set(seen["listeners"]) == {0}
        for shown in (seen["moved"], seen["byHand"]):
            assert shown[0] == shown[1]
        return seen["moved"][0], seen["byHand"][0]

    return run

"""What every explorer promises, in a real browser, from a file.

``open_page`` adds to each of these: no request leaves the page, and no error is printed.
"""

import importlib
import os
from collections.abc import Callable
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from contract import Case, get, put, seen
from playwright.sync_api import Page

from lecturekit.explorers import bundle

# An explorer whose module still stands in static/ has no folder yet, and no case.
NAMES = sorted({view.parent.name for view in bundle.FOLDER.glob("*/view.js")} - {"kit"})
OPEN_ALL = "document.querySelectorAll('details').forEach((box) => { box.open = true; })"

# Print and reduced motion are asked of the browser itself; Firefox's protocol has no words for it.
emulated = pytest.mark.skipif("FIREFOX" in os.environ, reason="Firefox is not told what to emulate")

Ready = Callable[..., Page]


@pytest.fixture(params=NAMES)
def case(request: pytest.FixtureRequest) -> Case:
    return importlib.import_module(f"test_{request.param}").CASE


@pytest.fixture
def work(case: Case) -> Callable[..., None]:
    """Works the case's control by the keyboard, in one view."""

    def press(page: Page, view: str = "") -> None:
        page.locator(f"{view} {case.control}").first.press(case.key)

    return press


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing(ready: Ready, case: Case, work: Callable, theme: str) -> None:
    page = ready(case.make())
    page.evaluate("theme => { document.documentElement.dataset.theme = theme; }", theme)
    page.evaluate(OPEN_ALL)
    work(page)
    seen(page)  # drawn anew in the other theme's colours
    found = Axe().run(page, options={"resultTypes": ["violations"]})
    assert found.violations_count == 0, found.generate_report()


REACHABLE = """() => {
  const nodes = [...document.querySelectorAll(".lk-root *")];
  const group = (node) => (node.type === "radio" ? node.name : node);
  const able = (node) => node.tabIndex >= 0 && !node.disabled && node.checkVisibility();
  window.reachable = nodes.filter(
    (node) => able(node) && (node.type !== "radio" || node.checked) && node.localName !== "svg",
  );
  return window.reachable.map((node) => `${node.localName} ${node.className} ${node.id}`);
}"""
FOCUSED = """() => {
  const node = document.activeElement;
  return [window.reachable.indexOf(node), getComputedStyle(node).outlineStyle];
}"""


def test_the_keyboard_reaches_everything_in_order_and_is_seen(ready: Ready, case: Case) -> None:
    page = ready(case.make())
    names = page.evaluate(REACHABLE)
    assert names
    for number, name in enumerate(names):
        page.keyboard.press("Tab")
        at, outline = page.evaluate(FOCUSED)
        assert at == number, f"expected {name}, got {names[at] if at >= 0 else 'something else'}"
        assert outline != "none", f"{name}: focus must be seen"


def test_python_and_the_page_agree_after_a_move(ready: Ready, case: Case, work: Callable) -> None:
    explorer = case.make()
    page = ready(explorer)
    before = explorer.state()
    keys = [key for key, value in before.items() if not isinstance(value, bytes)]
    assert dict(zip(keys, get(page, *keys), strict=True)) == {key: before[key] for key in keys}
    work(page)
    moved = dict(zip(keys, get(page, *keys), strict=True))
    assert moved[case.changes] != before[case.changes]
    for key in keys:
        if moved[key] != before[key]:
            setattr(explorer, key, moved[key])  # Python takes it
    assert {key: explorer.state()[key] for key in keys} == moved
    controls = seen(page)["controls"]
    assert seen(ready(explorer))["controls"] == controls, "who begins there sees the same"


def test_what_changes_is_said_and_nothing_before(ready: Ready, case: Case, work: Callable) -> None:
    page = ready(case.make())
    page.wait_for_timeout(800)
    assert "".join(page.locator("[aria-live]").all_text_contents()) == ""
    work(page)
    page.wait_for_function(
        """says => [...document.querySelectorAll("[aria-live]")].some(
            (node) => node.textContent.includes(says))""",
        arg=case.says,
    )


def test_nothing_moves_by_itself(ready: Ready, case: Case) -> None:
    page = ready(case.make())
    before = seen(page)
    page.wait_for_timeout(400)
    assert seen(page) == before


@emulated
def test_reduced_motion_comes_to_rest(ready: Ready, case: Case) -> None:
    page = ready(case.make(), reduced_motion="reduce")
    before = seen(page)
    if case.still:
        page.get_by_role("button", name=case.still).first.click()
        assert seen(page) != before or case.still == case.play, "a step is made at once"
    page.wait_for_timeout(2_000)
    rest = seen(page)
    # Uneven waits: a film that goes round must not be met at the same frame each time.
    for wait_ms in (130, 270, 350, 440):
        page.wait_for_timeout(wait_ms)
        assert seen(page) == rest, "it still moves"


@pytest.mark.parametrize("width", [320, 390])
def test_a_phone_shows_all_and_a_finger_hits_it(ready: Ready, case: Case, width: int) -> None:
    viewport = {"width": width, "height": 780}
    page = ready(case.make(), viewport=viewport, has_touch=True, device_scale_factor=2)
    page.evaluate(OPEN_ALL)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    boxes = page.evaluate(
        """[...document.querySelectorAll("input, button, select, canvas, svg, summary")]
          .filter((node) => node.checkVisibility())
          .map((node) => [node, (node.closest("label") ?? node).getBoundingClientRect()])
          .map(([node, box]) => [`${node.localName}.${node.className.baseVal ?? node.className}`,
            box.left, box.right, box.width, box.height])"""
    )
    for name, left, right, wide, high in boxes:
        assert left >= 0, name
        assert right <= width, name
        if name.split(".")[0] in {"input", "button", "select"}:
            assert min(wide, high) >= 24, f"{name}: {wide:.0f} × {high:.0f} px"


@emulated
def test_it_prints_its_pictures_and_no_play_button(ready: Ready, case: Case) -> None:
    page = ready(case.make())
    pictures = page.locator(".lk-root :is(canvas, svg)")
    shown = [picture.is_visible() for picture in pictures.all()]
    page.emulate_media(media="print")
    assert [picture.is_visible() for picture in pictures.all()] == shown
    if case.play:
        assert page.get_by_role("button", name=case.play).count() == 0


# Two views of a model of their own, with a count of all that lives on after they are closed.
OPEN_TWO = """async (esm) => {
  const { default: module } = await import("data:text/javascript," + encodeURIComponent(esm));
  const alive = (window.alive = new Set());
  const page = [window, document, document.documentElement, document.body];
  const patch = (object, name, wrap) => {
    const old = object[name];
    object[name] = function (...given) { return wrap.call(this, old.bind(this), ...given); };
  };
  for (const name of ["setTimeout", "requestAnimationFrame"]) {
    patch(window, name, (old, callback, ...more) => {
      const id = old((...given) => { alive.delete(`${name} ${id}`); callback(...given); }, ...more);
      alive.add(`${name} ${id}`);
      return id;
    });
  }
  patch(window, "setInterval", (old, ...given) => {
    const id = old(...given);
    alive.add(`setInterval ${id}`);
    return id;
  });
  const ends = { clearTimeout: "setTimeout", clearInterval: "setInterval",
    cancelAnimationFrame: "requestAnimationFrame" };
  for (const [name, begun] of Object.entries(ends)) {
    patch(window, name, (old, id) => { alive.delete(`${begun} ${id}`); old(id); });
  }
  for (const kind of [ResizeObserver, MutationObserver, IntersectionObserver]) {
    patch(kind.prototype, "observe", function (old, ...given) { alive.add(this); old(...given); });
    patch(kind.prototype, "disconnect", function (old) { alive.delete(this); old(); });
  }
  const lasting = (target) => page.includes(target) || target instanceof MediaQueryList;
  const listeners = new Map();
  const nameOf = (event, call) => {
    if (!listeners.has(call)) listeners.set(call, listeners.size);
    return `listener ${event} ${listeners.get(call)}`;
  };
  patch(EventTarget.prototype, "addEventListener", function (old, event, call, ...more) {
    if (lasting(this)) alive.add(nameOf(event, call));
    old(event, call, ...more);
  });
  patch(EventTarget.prototype, "removeEventListener", function (old, event, call, ...more) {
    if (lasting(this)) alive.delete(nameOf(event, call));
    old(event, call, ...more);
  });

  const first = document.querySelector(".lk-explorer").lkModel;
  const values = new Map();
  const calls = [];
  // As anywidget gives bytes: a view into a larger buffer, at any offset.
  const moved = (value) => {
    if (!(value instanceof DataView)) return value;
    const larger = new Uint8Array(value.byteLength + 3);
    larger.set(new Uint8Array(value.buffer, value.byteOffset, value.byteLength), 3);
    return new DataView(larger.buffer, 3);
  };
  const two = (window.two = { saves: 0, calls });
  const model = (two.model = {
    get: (key) => (values.has(key) ? values.get(key) : moved(first.get(key))),
    set(key, value) {
      if (model.get(key) === value) return;
      values.set(key, value);
      for (const [event, call] of [...calls]) if (event === `change:${key}`) call();
    },
    save_changes: () => { two.saves += 1; },
    on: (event, call) => calls.push([event, call]),
    off: (event, call) => {
      const at = calls.findIndex((pair) => pair[0] === event && pair[1] === call);
      if (at >= 0) calls.splice(at, 1);
    },
  });
  const views = ["one", "two"].map((id) => {
    const el = document.body.appendChild(document.createElement("div"));
    el.id = id;
    return module.render({ model, el });
  });
  two.close = () => views.forEach((close) => close());
  const ready = () => document.querySelectorAll(".lk-body[data-ready]").length === 3;
  while (!ready()) await new Promise((done) => setTimeout(done, 20));
}"""
LEFT = """async () => {
  window.two.close();
  const saves = window.two.saves;
  await new Promise((done) => setTimeout(done, 1000));
  return { saves, more: window.two.saves - saves, calls: window.two.calls.length,
    alive: [...window.alive].map(String) };
}"""


def test_two_views_of_one_model_stay_in_step_and_leave_nothing(
    ready: Ready, case: Case, work: Callable
) -> None:
    page = ready(case.make())
    page.evaluate(OPEN_TWO, case.make()._esm)
    key, value = case.python
    page.evaluate("([key, value]) => window.two.model.set(key, value)", [key, value])
    assert seen(page, "#one") == seen(page, "#two")
    work(page, "#one")
    page.wait_for_function("window.two.saves === 1")
    assert seen(page, "#one") == seen(page, "#two")
    if case.play:
        page.locator("#one").get_by_role("button", name=case.play).first.click()
    work(page, "#two")
    left = page.evaluate(LEFT)
    assert left["saves"] >= 2, "the last move is not lost"
    assert (left["more"], left["calls"], left["alive"]) == (0, 0, [])


def test_the_same_explorer_twice_on_a_page_is_two(
    open_page: Callable, case: Case, work: Callable, tmp_path: Path
) -> None:
    file = tmp_path / "twice.html"
    html = f"<div id=one>{case.make().to_html()}</div><div id=two>{case.make().to_html()}</div>"
    file.write_text(f"<!doctype html><meta charset=utf-8><title>t</title>{html}", encoding="utf-8")
    page = open_page(file)
    for view in ("#one", "#two"):
        page.wait_for_selector(f"{view} .lk-body[data-ready]")
    assert page.locator(".lk-root").count() == 2
    ids = page.evaluate("[...document.querySelectorAll('[id]')].map((node) => node.id)")
    assert len(set(ids)) == len(ids), "an id is used twice"
    before = seen(page, "#two")
    assert seen(page, "#one")["text"].split() == before["text"].split()
    work(page, "#one")
    assert seen(page, "#one") != before
    assert seen(page, "#two") == before


def test_python_moves_what_is_seen(ready: Ready, case: Case) -> None:
    page = ready(case.make())
    before = seen(page)
    key, value = case.python
    put(page, **{key: value})
    assert seen(page) != before

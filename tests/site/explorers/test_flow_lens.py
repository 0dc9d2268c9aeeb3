"""The flow lens in a real browser: what it shows is what Python computes, by every hand."""

import itertools
import json

import cv2
import numpy as np
import pytest
from contract import Case, get, put

from lecturekit import assets, flow, video
from lecturekit.explorers import bundle
from lecturekit.explorers.flow_lens import VIEWS, FlowLens

PHONE = {"viewport": {"width": 360, "height": 780}}
GRID = {"winsize": (5, 15), "levels": (0, 1), "poly_n": (5, 7)}
HEIGHT, WIDTH = 68, 160

SWEEP = """(grid) => {
  const [body, model] = [document.querySelector(".lk-body"), document.querySelector(".lk-explorer").lkModel];
  return grid.map((settings) => {
    Object.entries(settings).forEach(([key, value]) => model.set(key, value));
    return { statistics: JSON.parse(body.dataset.statistics), vector: JSON.parse(body.dataset.vector),
      lesson: document.querySelector(".lk-lesson").textContent };
  });
}"""  # noqa: E501


def lens(**settings):
    frames = video.read_frames(assets.path("bikes"), [160, 161], size=(HEIGHT, WIDTH))
    return FlowLens(*frames, label="a street", **GRID, **settings)


def make():
    return lens(x=30, y=30, view="blink")


CASE = Case(
    make=make,
    control=".fl-stage",
    key="ArrowRight",
    changes="x",
    python=("at_winsize", 5),
    says="Column 31, row 30: dx ",
    play="Blink",
    still="The other frame",
)


def under(page):
    return tuple(json.loads(page.locator(".lk-body").get_attribute("data-vector"))[:2])


def reading(page, key):
    return page.locator(f"[data-reading={key}]").inner_text()


def test_all_readings_are_python_s(ready):
    explorer = lens()
    prev, next = (
        cv2.cvtColor(frame, cv2.COLOR_RGB2GRAY).astype(np.float64)
        for frame in video.read_frames(assets.path("bikes"), [160, 161], size=(HEIGHT, WIDTH))
    )
    places = itertools.cycle([(0, 0), (159, 67), (26, 30), (100, 11), (33, 65)])
    grid = list(itertools.product(*GRID.values()))
    sent = [
        {"at_winsize": w, "at_levels": k, "at_poly_n": n, "x": x, "y": y}
        for (w, k, n), (x, y) in zip(grid, places, strict=False)
    ]
    page = ready(explorer)
    for settings, shown in zip(sent, page.evaluate(SWEEP, sent), strict=True):
        parameters = settings["at_winsize"], settings["at_levels"], settings["at_poly_n"]
        field = explorer.field(*parameters).astype(np.float64)
        x, y = settings["x"], settings["y"]
        assert shown["vector"] == pytest.approx([x, y, *field[y, x]], abs=1e-5), settings

        inside = ~np.isnan(flow.warp(next, field))
        length = np.linalg.norm(field, axis=2)
        steps = [np.linalg.norm(np.diff(field, axis=axis), axis=2).ravel() for axis in (0, 1)]
        expected = {
            "warp": explorer.warp_error(*parameters),
            "still": np.abs(next - prev)[inside].mean(),
            "outside": 1 - inside.mean(),
            "rough": np.concatenate(steps).mean(),
            "long": np.percentile(length, 99.5, method="lower"),
        }
        # In whole steps some lengths are 0.5 px but for the last bit.
        few, many = (length > 0.50001).mean(), (length > 0.49999).mean()
        assert few <= shown["statistics"].pop("moving") <= many, settings
        assert shown["statistics"] == pytest.approx(expected, abs=2e-4), settings
        change = f"from {expected['still']:.2f} to {expected['warp']:.2f} grey values"
        assert change in shown["lesson"], settings


def test_the_colours_are_flow_to_rgb_s(ready):
    sides = [-13, -7.5, -3, -0.2, 0, 0.1, 2.5, 6, 9.9, 10, 14]
    vectors = np.array(list(itertools.product(sides, sides)), np.float32)[None]
    sums = (bundle.FOLDER / "flow_lens" / "sums.js").read_text(encoding="utf-8")
    shown = ready().evaluate(
        """async ([sums, vectors]) => {
          const { flowToRgb } = await import("data:text/javascript," + encodeURIComponent(sums));
          return vectors.map(([dx, dy]) => flowToRgb(dx, dy, 10));
        }""",
        # playwright hands 0.0 over as −0, which has another angle.
        [sums, [[x or 0, y or 0] for x, y in vectors[0].tolist()]],
    )
    expected = flow.flow_to_rgb(vectors, max_px=10)[0].astype(int)
    assert np.abs(np.array(shown) - expected).max() <= 1


def test_the_picture_has_its_colours_in_their_places(ready):
    explorer = lens(view="colour", x=159, y=67)
    page = ready(explorer)
    expected = flow.flow_to_rgb(explorer.field(15, 1, 5), max_px=explorer.max_px).astype(int)
    shown = page.evaluate(
        """([width, height]) => {
          const canvas = document.querySelector(".fl-picture");
          const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
          return [...Array(width * height).keys()].map((k) => {
            const [x, y] = [k % width, Math.floor(k / width)];
            const row = Math.floor((y + 0.5) / height * canvas.height);
            const at = 4 * (row * canvas.width + Math.floor((x + 0.5) / width * canvas.width));
            return [...data.slice(at, at + 3)];
          });
        }""",
        [WIDTH, HEIGHT],
    )
    shown = np.array(shown).reshape(HEIGHT, WIDTH, 3)
    error = np.abs(shown - expected)[:44, :120]  # the lens stands in the corner
    assert error.mean() < 2
    assert np.percentile(error, 99) < 20
    assert np.abs(expected - 255)[:44, :120].max() > 150


def test_the_mouse_looks_and_a_click_leaves_the_lens(ready):
    page = ready(lens(x=5, y=6))
    box = page.locator(".fl-stage").bounding_box()

    def at(x, y):
        return box["x"] + (x + 0.5) / WIDTH * box["width"], box["y"] + (y + 0.5) / HEIGHT * box[
            "height"
        ]

    page.mouse.move(*at(100, 40))
    assert under(page) == (100, 40)
    assert "column 100, row 40" in reading(page, "vector")
    assert get(page, "x") == 5, "looking is not placing"
    page.mouse.move(10, 5)
    assert under(page) == (5, 6), "it goes back"
    page.mouse.move(*at(100, 40))
    page.locator(".fl-stage").press("ArrowRight")
    assert under(page) == (6, 6), "the keys count although the mouse rests on the picture"
    page.mouse.click(*at(33, 21))
    page.mouse.move(10, 5)
    assert [*under(page)] == get(page, "x", "y") == [33, 21]


def test_a_finger_taps_or_slides_the_lens(ready):
    page = ready(lens(x=5, y=6), **PHONE, has_touch=True, is_mobile=True)
    box = page.locator(".fl-stage").bounding_box()
    touch = page.context.new_cdp_session(page)

    def send(kind, x=None, y=30):
        point = {"x": box["x"] + (x or 0) / WIDTH * box["width"], "y": box["y"] + y / HEIGHT * box["height"]}  # noqa: E501  # fmt: skip
        touch.send(
            "Input.dispatchTouchEvent",
            {"type": kind, "touchPoints": [] if x is None else [point]},
        )

    send("touchStart", 40.5, 30.5)
    send("touchEnd")
    assert get(page, "x", "y") == [40, 30]
    send("touchStart", 40.5, 30.5)
    for x in (60.5, 90.5, 120.5):
        send("touchMove", x, 30.5)
    send("touchEnd")
    assert get(page, "x", "y") == [120, 30]


def test_the_keyboard_works_everything(ready):
    page = ready(lens(x=1, y=60))
    stage = page.locator(".fl-stage")
    for key in ("ArrowLeft", "ArrowLeft", "Shift+ArrowDown"):
        stage.press(key)
    assert [*under(page)] == get(page, "x", "y") == [0, 67], "it stays in the frame"
    stage.press("Shift+ArrowRight")
    stage.press("ArrowUp")
    assert under(page) == (10, 66)
    for name, key in (("winsize", "ArrowLeft"), ("levels", "ArrowLeft"), ("poly_n", "ArrowRight")):
        page.get_by_label(name, exact=True).press(key)
    assert get(page, "at_winsize", "at_levels", "at_poly_n") == [5, 0, 7]


def test_blinking_begins_when_asked_and_stops(ready):
    page = ready(lens())
    page.clock.install(time=0)
    page.clock.pause_at(1000)
    shown = page.locator(".lk-body")
    page.clock.run_for(3000)
    assert shown.get_attribute("data-shown") == "over", "nothing moves by itself"
    page.get_by_label("Picture", exact=True).select_option("blink")
    page.clock.run_for(50)  # a repaint comes a little late
    seen = []
    for _ in range(4):
        seen.append(shown.get_attribute("data-shown"))
        page.clock.run_for(500)
    assert seen == ["blink", "next", "blink", "next"], "one change each half second"
    assert "Now frame t." in page.locator(".fl-note").inner_text()
    page.get_by_role("button", name="Stop").click()
    held = shown.get_attribute("data-shown")
    page.clock.run_for(3000)
    assert shown.get_attribute("data-shown") == held
    page.get_by_role("button", name="Blink").click()
    page.get_by_label("Picture", exact=True).select_option("next")
    page.clock.run_for(3000)
    assert shown.get_attribute("data-shown") == "next"
    page.evaluate("document.querySelector('.lk-explorer').lkModel.set('view', 'blink')")
    for _ in range(3):
        assert shown.get_attribute("data-shown") == "blink", "only who asks sees it blink"
        page.clock.run_for(500)


def test_reduced_motion_shows_the_other_frame_by_a_button(ready):
    page = ready(lens(), reduced_motion="reduce")
    page.get_by_label("Picture", exact=True).select_option("blink")
    page.wait_for_timeout(700)
    assert page.locator(".lk-body").get_attribute("data-shown") == "blink"
    page.get_by_role("button", name="The other frame").click()
    assert page.locator(".lk-body").get_attribute("data-shown") == "next"


@pytest.mark.parametrize("view", VIEWS)
def test_each_view_is_another_picture(ready, view):
    page = ready(lens(view=view))
    grab = "document.querySelector('.fl-picture').toDataURL()"
    first = page.evaluate(grab)
    other = "next" if view in ("prev", "blink") else "prev"
    put(page, view=other)
    assert page.evaluate(grab) != first


def test_a_sweep_says_what_the_field_teaches(ready):
    page = ready()
    page.get_by_label("winsize", exact=True).press("ArrowLeft")
    page.wait_for_function("document.querySelector('[aria-live]').textContent.includes('explain')")
    spoken = page.locator("[aria-live=polite]").text_content()
    assert "window of 5 px" in spoken
    assert spoken == page.locator(".lk-lesson").text_content()


@pytest.mark.parametrize("credit", ["", "Film: somebody"])
def test_the_credit_stands_last_and_its_absence_leaves_nothing(ready, credit):
    body = ready(lens(credit=credit)).locator(".lk-body")
    texts = body.evaluate("body => [...body.childNodes].map((node) => node.textContent)")
    assert "null" not in texts
    assert (texts[-1] == credit) if credit else ("somebody" not in "".join(texts))

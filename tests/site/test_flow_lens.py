"""The flow lens in a real browser: what it shows is what Python computes, by every hand."""

import itertools
import json
from importlib import resources

import cv2
import numpy as np
import pytest
from axe_playwright_python.sync_playwright import Axe

from lecturekit import assets, flow, video
from lecturekit.explorers.flow_lens import VIEWS, FlowLens

PHONE = {"viewport": {"width": 360, "height": 780}}
GRID = {"winsize": (5, 15), "levels": (0, 1), "poly_n": (5, 7)}
HEIGHT, WIDTH = 68, 160
STATIC = resources.files("lecturekit.explorers") / "static"

SWEEP = """(grid) => {
  const [body, model] = [document.querySelector(".lk-body"), document.querySelector(".lk-explorer").lkModel];
  return grid.map((settings) => {
    Object.entries(settings).forEach(([key, value]) => model.set(key, value));
    return { statistics: JSON.parse(body.dataset.statistics), vector: JSON.parse(body.dataset.vector),
      lesson: document.querySelector(".fl-lesson").textContent };
  });
}"""  # noqa: E501


def lens(**settings):
    frames = video.read_frames(assets.path("bikes"), [160, 161], size=(HEIGHT, WIDTH))
    return FlowLens(*frames, label="a street", **GRID, **settings)


@pytest.fixture
def ready(open_explorer):
    def open_(explorer=None, **options):
        page = open_explorer(explorer or lens(), **options)
        page.wait_for_selector(".lk-body[data-ready]")
        return page

    return open_


def state(page, key):
    return page.evaluate("key => document.querySelector('.lk-explorer').lkModel.get(key)", key)


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
    for settings, shown in zip(sent, ready(explorer).evaluate(SWEEP, sent), strict=True):
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
        change = f"from {expected['still']:.2f} to {expected['warp']:.2f} grey levels"
        assert change in shown["lesson"], settings


def test_the_colours_are_flow_to_rgb_s(ready):
    sides = [-13, -7.5, -3, -0.2, 0, 0.1, 2.5, 6, 9.9, 10, 14]
    vectors = np.array(list(itertools.product(sides, sides)), np.float32)[None]
    parts = "\n".join((STATIC / name).read_text() for name in ("common.js", "flow_lens_field.js"))
    shown = ready().evaluate(
        """async ([parts, vectors]) => {
          const text = parts + "\\nexport { flowToRgb };";
          const { flowToRgb } = await import("data:text/javascript," + encodeURIComponent(text));
          return vectors.map(([dx, dy]) => flowToRgb(dx, dy, 10));
        }""",
        [parts, vectors[0].tolist()],
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
            const at = Math.floor((y + 0.5) / height * canvas.height) * canvas.width;
            return [...data.slice(4 * (at + Math.floor((x + 0.5) / width * canvas.width))).slice(0, 3)];
          });
        }""",  # noqa: E501
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
    assert state(page, "x") == 5, "looking is not placing"
    page.mouse.move(10, 5)
    assert under(page) == (5, 6), "it goes back"
    page.mouse.click(*at(33, 21))
    page.mouse.move(10, 5)
    assert under(page) == (state(page, "x"), state(page, "y")) == (33, 21)


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
    assert (state(page, "x"), state(page, "y")) == (40, 30)
    send("touchStart", 40.5, 30.5)
    for x in (60.5, 90.5, 120.5):
        send("touchMove", x, 30.5)
    send("touchEnd")
    assert (state(page, "x"), state(page, "y")) == (120, 30)


def test_the_keyboard_reaches_and_works_everything(ready):
    page = ready(lens(x=1, y=60))
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.matches('.fl-stage:focus-visible')")
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("Shift+ArrowDown")
    assert under(page) == (state(page, "x"), state(page, "y")) == (0, 67), "it stays in the frame"
    page.keyboard.press("Shift+ArrowRight")
    page.keyboard.press("ArrowUp")
    assert under(page) == (10, 66)
    reached = []
    for _ in range(5):
        page.keyboard.press("Tab")
        reached.append(page.evaluate("(document.activeElement.labels?.[0] ?? document.activeElement).textContent"))  # noqa: E501  # fmt: skip
        if page.evaluate("document.activeElement.matches('[type=range]')"):
            page.keyboard.press("ArrowLeft")
            page.keyboard.press("ArrowRight" if reached[-1] == "poly_n" else "ArrowLeft")
    assert reached == ["Picture", "winsize", "levels", "poly_n", "What this shows, in words"]
    assert [state(page, f"at_{key}") for key in GRID] == [5, 0, 7]


def test_blinking_begins_when_asked_and_stops(ready):
    page = ready()
    page.clock.install(time=0)
    page.clock.pause_at(1000)
    shown = page.locator(".lk-body")
    page.clock.run_for(3000)
    assert shown.get_attribute("data-shown") == "over", "nothing moves by itself"
    page.get_by_label("Picture", exact=True).select_option("blink")
    seen = []
    for _ in range(4):
        seen.append(shown.get_attribute("data-shown"))
        page.clock.run_for(500)
    assert seen == ["blink", "next", "blink", "next"], "one change each half second"
    page.get_by_role("button", name="Stop").click()
    held = shown.get_attribute("data-shown")
    page.clock.run_for(3000)
    assert shown.get_attribute("data-shown") == held
    page.get_by_role("button", name="Blink").click()
    page.get_by_label("Picture", exact=True).select_option("next")
    page.clock.run_for(3000)
    assert shown.get_attribute("data-shown") == "next"


def test_reduced_motion_shows_the_other_frame_by_a_button(ready):
    page = ready(reduced_motion="reduce")
    page.get_by_label("Picture", exact=True).select_option("blink")
    page.wait_for_timeout(700)
    assert page.locator(".lk-body").get_attribute("data-shown") == "blink"
    page.get_by_role("button", name="The other frame").click()
    assert page.locator(".lk-body").get_attribute("data-shown") == "next"


@pytest.mark.parametrize("view", VIEWS)
def test_each_view_is_another_picture(ready, view):
    page = ready(lens(view=view), **PHONE)
    grab = "document.querySelector('.fl-picture').toDataURL()"
    first = page.evaluate(grab)
    other = "next" if view in ("prev", "blink") else "prev"
    page.evaluate("v => document.querySelector('.lk-explorer').lkModel.set('view', v)", other)
    page.wait_for_function(f"first => {grab} !== first", arg=first)
    assert page.evaluate("document.documentElement.scrollWidth") <= 360


def test_it_prints_its_pictures(ready):
    page = ready()
    page.emulate_media(media="print")
    assert page.locator("canvas").evaluate_all(
        "all => all.every((canvas) => canvas.clientWidth > 100 && canvas.clientHeight > 100)"
    )


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing(ready, theme):
    page = ready(lens(view="blink"))
    page.evaluate("theme => { document.documentElement.dataset.theme = theme }", theme)
    page.get_by_text("What this shows, in words").click()
    result = Axe().run(page)
    assert not result.response["violations"], result.generate_report()


def test_it_says_what_changed(ready):
    explorer = lens(x=30, y=30)
    page = ready(explorer)
    spoken = page.locator("[aria-live=polite]")
    assert spoken.text_content() == ""
    page.locator(".fl-stage").press("ArrowRight")
    page.wait_for_function("document.querySelector('[aria-live]').textContent")
    dx = explorer.field(15, 1, 5)[30, 31, 0]
    assert f"Column 31, row 30: dx {dx:.2f}" in spoken.text_content()
    page.get_by_label("winsize", exact=True).press("ArrowLeft")
    page.wait_for_function("document.querySelector('[aria-live]').textContent.includes('explain')")
    assert "window of 5 px" in spoken.text_content()


@pytest.mark.parametrize("credit", ["", "Film: somebody"])
def test_the_credit_stands_last_and_its_absence_leaves_nothing(ready, credit):
    body = ready(lens(credit=credit)).locator(".lk-body")
    texts = body.evaluate("body => [...body.childNodes].map((node) => node.textContent)")
    assert "null" not in texts
    assert (texts[-1] == credit) if credit else ("somebody" not in "".join(texts))


def test_views_share_a_model_and_clean_up(ready, two_views):
    seen = two_views(
        ready(),
        FlowLens._esm,
        read='JSON.parse(el.querySelector(".lk-body").dataset.vector).slice(0, 2)',
        python='model.set("x", 7); model.set("y", 9)',
        hand='const down = new KeyboardEvent("keydown", { key: "ArrowDown" }); '
        'el.querySelector(".fl-stage").dispatchEvent(down)',
    )
    assert seen == ([7, 9], [7, 10])

"""The video cube in a real browser, from a file, against numpy and Pillow."""

import io
import itertools
import json
import re

import numpy as np
import pytest
from axe_playwright_python.sync_playwright import Axe
from PIL import Image

from lecturekit.explorers.video_cube import LAYOUTS, VideoCube

T, H, W = 7, 18, 35  # unequal, and no multiple of JPEG's blocks
SIZE = {"b": 1, "c": 3, "t": T, "h": H, "w": W}


def moving_square():
    """A square of changing colour that moves right by 3 and down by 1 each frame."""
    frames = np.empty((T, H, W, 3), np.uint8)
    frames[..., 0] = np.linspace(20, 120, W)
    frames[..., 1] = np.linspace(40, 160, H)[:, None]
    frames[..., 2] = np.linspace(30, 200, T)[:, None, None]
    for t in range(T):
        frames[t, 3 + t : 9 + t, 2 + 3 * t : 10 + 3 * t] = (220, 60 + 20 * t, 40)
    return frames


def make(**options):
    return VideoCube(moving_square(), **{"fps": 10, "label": "a moving square", **options})


@pytest.fixture
def open_cube(open_explorer):
    def open_(explorer=None, **options):
        page = open_explorer(explorer or make(t=2, y=5, x=7), **options)
        page.wait_for_selector(".lk-body[data-ready]")
        return page

    return open_


def get(page, key):
    return page.evaluate("key => document.querySelector('.lk-explorer').lkModel.get(key)", key)


def put(page, **values):
    """What Python does when it sets traits; then waits for the repaint."""
    page.evaluate(
        """values => {
            const model = document.querySelector('.lk-explorer').lkModel;
            for (const [key, value] of Object.entries(values)) model.set(key, value);
            return new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
        }""",
        values,
    )


def expected_offset(layout, t, y, x, c):
    axes = layout.split()
    index = {"b": 0, "c": c, "t": t, "h": y, "w": x}
    return int(np.ravel_multi_index([index[a] for a in axes], [SIZE[a] for a in axes]))


READ_ALL = """async (grid) => {
    const model = document.querySelector('.lk-explorer').lkModel;
    const text = (selector) => [...document.querySelectorAll(selector)].map((n) => n.textContent);
    const seen = [];
    for (const values of grid) {
        for (const [key, value] of Object.entries(values)) model.set(key, value);
        await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
        const steps = [text('.vc-steps li > b'), text('.vc-stride b')];
        seen.push({ sums: text('.vc-sum'), steps });
    }
    return seen;
}"""


def test_addresses_and_strides_agree_with_numpy_over_a_grid(open_cube):
    page = open_cube()
    places = itertools.product((0, 3, T - 1), (0, 11), (20, W - 1), (0, 1, 2))
    grid = [
        {"t": t, "y": y, "x": x, "channel": c, "memory_layout": LAYOUTS[(t + y + x + c) % 4]}
        for t, y, x, c in places
    ]
    for setting, seen in zip(grid, page.evaluate(READ_ALL, grid), strict=True):
        t, y, x, c, layout = setting.values()
        for name, text in zip(LAYOUTS, seen["sums"], strict=True):
            terms, total = text.split("=")
            want = expected_offset(name, t, y, x, c)
            assert int(total.replace(",", "")) == want, (name, setting)
            # The sum that is written must itself come to the address.
            assert eval(terms.replace("·", "*")) == want, text

        axes = layout.split()
        strides = np.empty([SIZE[a] for a in axes], np.uint8).strides  # uint8: bytes = elements
        letter = {"t": "t", "h": "y", "w": "x", "c": "c"}
        want_steps = {
            f"{letter[a]} + 1": stride for a, stride in zip(axes, strides, strict=True) if a != "b"
        }
        numbers = [int(number.replace(",", "")) for number in seen["steps"][1]]
        assert dict(zip(seen["steps"][0], numbers, strict=True)) == want_steps
        assert numbers == sorted(numbers), "the nearest neighbour comes first"


def test_the_memory_strip_shows_who_stands_next_to_the_number(open_cube):
    page = open_cube(make(t=2, y=5, x=7, channel=1))
    for layout in LAYOUTS:
        put(page, memory_layout=layout)
        axes = layout.split()
        here = expected_offset(layout, 2, 5, 7, 1)
        cells = page.evaluate(
            """[...document.querySelectorAll('.vc-cell')].map(
                (cell) => [...cell.querySelectorAll('span, small')].map((n) => n.textContent))"""
        )
        for cell, address in zip(cells, range(here - 2, here + 3), strict=True):
            place = np.unravel_index(address, [SIZE[a] for a in axes])
            there = dict(zip(axes, map(int, place), strict=True))
            t, y, x, c = (there[a] for a in "thwc")
            assert cell == [f"t {t}", f"y {y}", f"x {x}", f"c {'RGB'[c]}", f"{address:,}"], layout
        assert page.locator(".vc-cell.is-here small").inner_text() == f"{here:,}"
    put(page, t=0, y=0, x=0, channel=0)
    assert page.locator(".vc-cell").first.inner_text() == "outside"


def decoded_film(cube):
    """The frames as any JPEG decoder sees them: cells on a grid of 16 pixels."""
    sheet = np.asarray(Image.open(io.BytesIO(cube.film)))
    cell_h, cell_w = 32, 48
    places = (divmod(t, cube.film_columns) for t in range(T))
    return np.stack(
        [sheet[r * cell_h : r * cell_h + H, c * cell_w : c * cell_w + W] for r, c in places]
    )


def canvas_grid(page, selector, across, down):
    """The colours a canvas shows at the middles of an across × down grid of cells."""
    return np.array(
        page.evaluate(
            """([selector, across, down]) => {
                const canvas = document.querySelector(selector);
                const context = canvas.getContext('2d');
                return Array.from({ length: down }, (_, v) => Array.from({ length: across },
                    (_, u) => [...context.getImageData(Math.floor((u + .5) / across * canvas.width),
                        Math.floor((v + .5) / down * canvas.height), 1, 1).data].slice(0, 3)));
            }""",
            [selector, across, down],
        )
    )


def test_the_three_cuts_are_the_slices_of_the_film(open_cube):
    cube = make()
    film = decoded_film(cube).astype(int)
    error = np.abs(film - moving_square())
    assert np.percentile(error, 95) <= cube.film_error

    page = open_cube(cube)
    for t, y, x in [(4, 11, 20), (1, 5, 8)]:
        put(page, t=t, y=y, x=x)
        cuts = {
            ".vc-cut-t": (film[t], y, x),
            ".vc-cut-y": (film[:, y], t, x),
            ".vc-cut-x": (film[:, :, x].transpose(1, 0, 2), y, t),
        }
        for selector, (want, row, column) in cuts.items():
            shown = canvas_grid(page, f"{selector} canvas", want.shape[1], want.shape[0])
            off = np.abs(shown - want).max(axis=-1)
            off[row], off[:, column] = 0, 0  # there the cut lines are drawn
            assert np.median(off) <= 2, selector
            assert off.max() <= 12, selector
        swatch = page.locator(".vc-readout b").last.inner_text()
        assert np.abs(np.array(json.loads(f"[{swatch}]")) - film[t, y, x]).max() <= 4


def drag(page, selector, start, end):
    box = page.locator(f"{selector} canvas").bounding_box()
    at = [(box["x"] + u * box["width"], box["y"] + v * box["height"]) for u, v in (start, end)]
    page.mouse.move(*at[0])
    page.mouse.down()
    page.mouse.move(*at[1], steps=4)
    page.mouse.up()


def middle(index, size):
    return (index + 0.5) / size


def test_the_mouse_moves_points_and_lines(open_cube):
    page = open_cube(viewport={"width": 1280, "height": 1500})

    def place():
        return tuple(get(page, key) for key in "tyx")

    far = (middle(30, W), middle(15, H))
    drag(page, ".vc-cut-t", far, (middle(20, W), middle(13, H)))
    assert place() == (2, 13, 20), "in the open, both lines go to the pointer"
    drag(page, ".vc-cut-t", (middle(20, W), 0.1), (middle(28, W), 0.9))
    assert place() == (2, 13, 28), "on the x line, only x"
    drag(page, ".vc-cut-t", (0.1, middle(13, H)), (0.6, middle(9, H)))
    assert place() == (2, 9, 28), "on the y line, only y"
    drag(page, ".vc-cut-y", (0.1, middle(2, T)), (0.2, middle(5, T)))
    assert place() == (5, 9, 28), "in the x–t slice time runs down"
    drag(page, ".vc-cut-x", (middle(5, T), 0.1), (middle(1, T), 0.1))
    assert place() == (1, 9, 28), "in the y–t slice time runs right"
    drag(page, ".vc-cut-t", (0.2, 0.2), (2.0, -1.0))
    assert place() == (1, 0, W - 1), "outside, the nearest pixel"

    spoken = page.locator("[aria-live=polite]")
    words = "document.querySelector('[aria-live]').textContent"
    page.wait_for_function(f"{words}.includes('row 0, column {W - 1}')")
    address = expected_offset(LAYOUTS[0], 1, 0, W - 1, 0)
    assert re.search(rf"Frame 1, row 0, column 34\..*address {address:,}\.", spoken.inner_text())


def test_a_finger_taps_and_drags_the_grip(open_cube):
    page = open_cube(viewport={"width": 390, "height": 800}, has_touch=True)
    box = page.locator(".vc-cut-t canvas").bounding_box()
    page.touchscreen.tap(
        box["x"] + middle(24, W) * box["width"], box["y"] + middle(3, H) * box["height"]
    )
    assert (get(page, "y"), get(page, "x")) == (3, 24)
    touch_action = "selector => getComputedStyle(document.querySelector(selector)).touchAction"
    assert page.evaluate(touch_action, ".vc-stage") == "pan-y", "the page must still scroll"
    assert page.evaluate(touch_action, ".vc-grip") == "none", "the grip goes every way"


def test_the_keyboard_alone_reaches_and_works_everything(open_cube):
    page = open_cube()
    order = ["button", "t", "y", "x", "channel", "layout", "summary"]
    what = """() => {
        const node = document.activeElement;
        const group = node.closest('[data-choice]')?.dataset.choice;
        if (group) return group;
        const slide = node.closest('.lk-control')?.className.match(/vc-slide-(.)/);
        return slide ? slide[1] : node.localName;
    }"""
    reached = []
    keys = {"t": ["ArrowRight"], "y": ["ArrowUp"], "x": ["End"], "channel": ["ArrowDown"]}
    keys["layout"] = ["ArrowDown", "ArrowDown"]
    for _ in order:
        page.keyboard.press("Tab")
        reached.append(page.evaluate(what))
        outline = "getComputedStyle(document.activeElement).outlineStyle"
        assert page.evaluate(outline) != "none", f"{reached[-1]}: focus must be seen"
        for key in keys.get(reached[-1], []):
            page.keyboard.press(key)
    assert reached == order
    got = [get(page, key) for key in ("t", "y", "x", "channel", "memory_layout")]
    assert got == [3, 6, W - 1, 1, "c t h w"]
    page.wait_for_function(
        "document.querySelector('[aria-live]').textContent.includes('In C T H W, G is')"
    )


def test_python_moves_the_view(open_cube):
    page = open_cube()
    put(page, t=6, channel=2, memory_layout="t c h w")
    assert page.locator(".vc-cut-t figcaption b").inner_text() == "Frame at t = 6"
    assert page.locator(".vc-slide-t input").input_value() == "6"
    assert page.locator(".vc-slide-t input").get_attribute("aria-valuetext") == "6 of 0–6"
    assert page.locator("[data-choice=channel] input:checked").get_attribute("value") == "2"
    assert page.locator("[data-choice=layout] input:checked").get_attribute("value") == "t c h w"


def test_play_runs_time_and_pauses(open_cube):
    page = open_cube(make(t=0))
    assert get(page, "t") == 0, "it never starts by itself"
    button = page.locator(".vc-controls button")
    button.click()
    page.wait_for_function("document.querySelector('.lk-explorer').lkModel.get('t') >= 3")
    assert page.locator("[aria-live]").inner_text() == "", "silent while it plays"
    page.wait_for_function("document.querySelector('.lk-explorer').lkModel.get('t') < 3")
    button.click()
    stopped = get(page, "t")
    page.wait_for_timeout(250)
    assert get(page, "t") == stopped
    assert "Play" in button.inner_text()
    button.click()
    page.locator(".vc-slide-t input").press("Home")
    page.locator(".vc-slide-t input").press("End")  # one of the two moves it
    assert "Play" in button.inner_text(), "a hand on t stops the film"


def test_with_reduced_motion_the_film_stops_at_its_end(open_cube):
    page = open_cube(make(t=4), reduced_motion="reduce")
    page.wait_for_timeout(150)
    assert get(page, "t") == 4
    button = page.locator(".vc-controls button")
    button.click()
    page.wait_for_function("document.querySelector('.vc-controls button').innerText.match('Play')")
    assert get(page, "t") == T - 1


def test_a_phone_scrolls_no_page_sideways(open_cube):
    page = open_cube(device_scale_factor=2)
    for width in (320, 360, 390):
        page.set_viewport_size({"width": width, "height": 740})
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        edges = page.evaluate(
            """[...document.querySelectorAll('input, button, canvas')].flatMap((node) => {
                const { left, right } = node.getBoundingClientRect();
                return [left, right];
            })"""
        )
        assert min(edges) >= 0
        assert max(edges) <= width


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing(open_cube, theme):
    page = open_cube()
    picture = "document.querySelector('.vc-block canvas').toDataURL()"
    before = page.evaluate(picture)
    page.evaluate("theme => document.documentElement.dataset.theme = theme", theme)
    if theme == "dark":  # the canvases are drawn anew in the other theme's colours
        page.wait_for_function(f"old => {picture} !== old", arg=before)
    results = Axe().run(page, context=".lk-explorer")
    assert results.violations_count == 0, results.generate_report()


def test_it_prints_with_its_pictures(open_cube):
    page = open_cube()
    page.emulate_media(media="print")
    assert page.locator(".lk-root canvas:visible").count() == 4
    assert not page.locator(".vc-controls button").is_visible()

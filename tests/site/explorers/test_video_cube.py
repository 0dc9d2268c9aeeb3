"""The video cube in a real browser, from a file, against numpy and Pillow."""

import io
import itertools
import json
import re

import numpy as np
import pytest
from contract import Case, get, put
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
    defaults = {"fps": 10, "label": "a moving square", "t": 2, "y": 5, "x": 7}
    return VideoCube(moving_square(), **{**defaults, **options})


CASE = Case(
    make=make,
    control=".vc-slide-t input",
    key="ArrowRight",
    changes="t",
    python=("memory_layout", "c t h w"),
    says="Frame 3, row 5, column 7.",
    play="Play",
    still="Play",  # it stops at the film's end
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


def test_addresses_and_strides_agree_with_numpy_over_a_grid(ready):
    page = ready()
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


def test_the_memory_strip_shows_who_stands_next_to_the_number(ready):
    page = ready(make(channel=1))
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


def test_the_three_cuts_are_the_slices_of_the_film(ready):
    cube = make()
    film = decoded_film(cube).astype(int)
    error = np.abs(film - moving_square())
    assert np.percentile(error, 95) <= cube.film_error

    page = ready(cube)
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


def test_the_mouse_moves_points_and_lines(ready):
    page = ready(viewport={"width": 1280, "height": 1500})

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


def test_a_finger_taps_and_drags_the_grip(ready):
    page = ready(viewport={"width": 390, "height": 800}, has_touch=True)
    box = page.locator(".vc-cut-t canvas").bounding_box()
    page.touchscreen.tap(
        box["x"] + middle(24, W) * box["width"], box["y"] + middle(3, H) * box["height"]
    )
    assert (get(page, "y"), get(page, "x")) == (3, 24)
    touch_action = "selector => getComputedStyle(document.querySelector(selector)).touchAction"
    assert page.evaluate(touch_action, ".vc-stage") == "pan-y", "the page must still scroll"
    assert page.evaluate(touch_action, ".vc-grip") == "none", "the grip goes every way"


def test_the_keyboard_alone_reaches_and_works_everything(ready):
    page = ready()
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


def test_python_moves_the_view(ready):
    page = ready()
    put(page, t=6, channel=2, memory_layout="t c h w")
    assert page.locator(".vc-cut-t figcaption b").inner_text() == "Frame at t = 6"
    assert page.locator(".vc-slide-t input").input_value() == "6"
    assert page.locator(".vc-slide-t input").get_attribute("aria-valuetext") == "6 of 0–6"
    assert page.locator("[data-choice=channel] input:checked").get_attribute("value") == "2"
    assert page.locator("[data-choice=layout] input:checked").get_attribute("value") == "t c h w"


def test_play_runs_time_and_pauses(ready):
    page = ready(make(t=0))
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


def test_with_reduced_motion_the_film_stops_at_its_end(ready):
    page = ready(make(t=4), reduced_motion="reduce")
    page.wait_for_timeout(150)
    assert get(page, "t") == 4
    button = page.locator(".vc-controls button")
    button.click()
    page.wait_for_function("document.querySelector('.vc-controls button').innerText.match('Play')")
    assert get(page, "t") == T - 1


def test_the_block_shows_the_film_on_its_faces_and_in_its_cut(ready):
    """Each frame has one grey: the colour of a point of the block says at which t it is."""
    frames = np.empty((T, H, W, 3), np.uint8)
    frames[:] = (20 + 30 * np.arange(T)).reshape(T, 1, 1, 1)
    t, y, x = 4, 12, 14
    page = ready(VideoCube(frames, fps=10, label="steps of grey", t=t, y=y, x=x))
    width, height = page.evaluate(
        "(({ clientWidth, clientHeight }) => [clientWidth, clientHeight])"
        "(document.querySelector('.vc-block canvas'))"
    )
    # The projection, written a second time: x right, y down, t into the page.
    depth = max(H, 0.6 * W)
    span_x, span_y = W + 0.45 * depth, H + 0.7 * depth
    scale = min((width - 32) / span_x, (height - 32) / span_y)

    def grey(x_at, y_at, t_at):
        px = width / 2 + scale * (x_at + 0.45 * depth * t_at / T - span_x / 2)
        py = height / 2 + scale * (y_at - 0.7 * depth * t_at / T + 0.7 * depth - span_y / 2)
        return page.evaluate(
            """([x, y]) => document.querySelector('.vc-block canvas').getContext('2d')
                .getImageData(Math.round(x), Math.round(y), 1, 1).data[0]""",
            [px, py],
        )

    def lit(value):  # the floor and the top are lighter, by 18%
        return value + 0.18 * (255 - value)

    right = (x + 1 + W) / 2
    assert grey(x / 2, 15, 0) == pytest.approx(20, abs=4), "the front is frame 0"
    assert grey(right, y / 2, t) == pytest.approx(20 + 30 * t, abs=4), "the cut's wall is frame t"
    assert grey(right, y, 1.5) == pytest.approx(lit(50), abs=4), "the cut's floor is x–t"
    assert grey(x / 2, 0, 5.5) == pytest.approx(lit(170), abs=4), "the top is x–t too"
    assert grey(W, y + 3, 5.5) == pytest.approx(170 * 0.65, abs=4), "the right side is y–t"
    page.locator(".vc-slide-t input").press("ArrowLeft")
    page.wait_for_function("document.querySelector('.vc-cut-t b').innerText.includes('t = 3')")
    assert grey(right, y / 2, 3) == pytest.approx(20 + 30 * 3, abs=4), "the wall follows t"

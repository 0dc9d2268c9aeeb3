"""The shape walk in a real browser, from a file, against lecturekit.shapes and torch."""

import itertools
import re

import numpy as np
import pytest
import torch
from contract import Case, get, put

from lecturekit import shapes
from lecturekit.explorers.shape_walk import KERNELS, ShapeWalk
from lecturekit.shapes import Conv, Flatten, Linear, Pool

INPUT = ("input_channels", "num_frames", "height", "width")


def make():
    """The widest numbers, a layer that cannot be, and one that waits for it."""
    layers = [Conv(512, 3, padding=1), Pool((1, 2, 2)), Flatten(), Pool(2), Linear(10)]
    return ShapeWalk(layers, (3, 16, 112, 112), cube=np.full((7, 7, 7), -20), padding=1)


CASE = Case(
    make=make,
    control=".sw-sizes input",
    key="ArrowLeft",
    changes="num_frames",
    python=("num_frames", 9),
    says="Layer 4, Pool 2×2×2, is impossible.",
    play="Slide",
    still="Next place",
)


HEARD = """words => [...document.querySelectorAll("[aria-live]")].some(
    (node) => node.textContent.includes(words))"""


def layer(page, number):
    return page.locator(".sw-layer").nth(number)  # the input is number 0


def total(page, key):
    return page.locator(f".sw-totals [data-reading={key}]").inner_text()


# The stack.


def random_stack(draw):
    """Layers as a reader may choose them: sensible ones and, often, an impossible one."""

    def axes(*values):
        time, space = map(int, draw.choice(values, 2))
        return (time, space, space)

    layers = []
    for _ in range(draw.integers(1, 7)):
        channels, bias = int(draw.integers(1, 41)), bool(draw.integers(2))
        match draw.choice(["conv", "pool", "flatten", "linear"], p=[0.52, 0.36, 0.06, 0.06]):
            case "conv":
                window = {"stride": axes(1, 1, 2, 3, 4), "padding": axes(0, 1, 1, 2, 3)}
                layers.append(Conv(channels, axes(1, 2, 3, 3, 5, 7), **window, bias=bias))
            case "pool":
                stride = None if bias else axes(1, 2, 3)
                layers.append(Pool(axes(1, 2, 2, 3, 4), stride, axes(0, 0, 0, 0, 1, 2)))
            case "flatten":
                layers.append(Flatten())
            case "linear":
                layers.append(Linear(channels, bias=bias))
    return layers, tuple(int(draw.integers(*most)) for most in [(1, 6), (1, 25), (3, 41), (3, 51)])


WALK_ALL = """(grid) => {
    const model = document.querySelector('.lk-explorer').lkModel;
    const list = document.querySelector('.sw-layers');
    const texts = (some) => [...list.querySelectorAll(some)].map((node) => node.textContent);
    return grid.map((values) => {
        for (const [key, value] of Object.entries(values)) model.set(key, value);
        return {
            steps: JSON.parse(list.dataset.steps), refused: Number(list.dataset.refused),
            shapes: texts('.sw-shape'), says: texts('.sw-says'),
            parameters: texts('.sw-numbers:not([hidden]) [data-reading=parameters]'),
            macs: texts('.sw-numbers:not([hidden]) [data-reading=macs]'),
            totals: ['parameters', 'macs'].map((key) =>
                document.querySelector(`.sw-totals [data-reading=${key}]`).textContent),
        };
    });
}"""


def numbers(text):
    return [int(number.replace(",", "")) for number in re.findall(r"\d[\d,]*", text)]


def counted(n, word):
    return f"{n} {word}{'' if n == 1 else 's'}"


def lost_words(step):
    ends, holes = [], []
    axes = zip(step.in_shape[1:], step.unread, step.dropped, strict=True) if step.dropped else ()
    for word, (size, unread, dropped) in zip(("frame", "row", "column"), axes, strict=False):
        if len(unread) > dropped:
            holes.append(f"{len(unread)} of {counted(size, word)}")
        elif dropped:
            ends.append(counted(dropped, word))
    parts = [f"drops {', '.join(ends)}"] if ends else []
    return "; ".join(parts + ([f"never reads {', '.join(holes)}"] if holes else []))


def possible_part(layers, shape):
    """The walk of all layers before the first impossible one, and the number of that one or 0."""
    try:
        return shapes.walk(layers, shape), 0
    except ValueError as error:
        number = int(re.match(r"layer (\d+), ", str(error))[1])
        return shapes.walk(layers[: number - 1], shape), number


def as_shown(step):
    """A step as the page has it, in JSON."""
    return {
        key: [list(one) if isinstance(one, tuple) else one for one in value]
        if isinstance(value, tuple)
        else value
        for key, value in step._asdict().items()
        if key != "layer"
    }


def test_what_is_shown_is_what_shapes_computes(ready):
    draw = np.random.default_rng(4)
    stacks = [random_stack(draw) for _ in range(600)]
    grid = [
        {"layers": ShapeWalk(layers).layers, **dict(zip(INPUT, shape, strict=True))}
        for layers, shape in stacks
    ]
    possible = 0
    for case, seen in zip(stacks, ready(ShapeWalk()).evaluate(WALK_ALL, grid), strict=True):
        want, refused = possible_part(*case)
        possible += not refused
        assert seen["refused"] == refused, case
        assert seen["steps"] == [as_shown(step) for step in want], case
        # And the same stands in the page, not only behind it.
        shown = [tuple(numbers(text)) for text in seen["shapes"][1 : len(want) + 1]]
        assert shown == [step.out_shape for step in want], case
        for key in ("parameters", "macs"):
            counts = [numbers(text) for text in seen[key]]
            assert counts == [[getattr(step, key)] for step in want], case
        says = [lost_words(step) for step in want]
        if refused:
            assert seen["says"][refused].startswith("Impossible. "), case
            waiting = [f"waits for layer {refused}"] * (len(case[0]) - refused)
            says += [seen["says"][refused], *waiting]
        assert seen["says"][1:] == says, case
        sums = [sum(step.parameters for step in want), sum(step.macs for step in want)]
        assert [numbers(text)[0] for text in seen["totals"]] == sums, case
    assert 150 < possible < 450, "the grid must hold many of both"


def test_the_lecture_s_walk_says_that_a_frame_is_dropped(ready):
    page = ready(ShapeWalk())
    assert layer(page, 4).locator(".sw-says").inner_text() == "drops 1 frame"
    assert "24 × 2 × 4 × 4" in layer(page, 4).locator(".sw-shape").inner_text()
    for _ in range(4):
        page.get_by_label("Frames", exact=True).press("ArrowLeft")
    assert get(page, "num_frames") == 16
    assert layer(page, 4).locator(".sw-says").inner_text() == ""


def test_holes_between_windows_are_told_from_the_end(ready):
    # Kernels 1, stride 2: every other input; a kernel of three then sees three of five.
    page = ready(ShapeWalk([Conv(4, 1, stride=2), Conv(4, 3)], (3, 12, 32, 32)))
    said = "never reads 6 of 12 frames, 16 of 32 rows, 16 of 32 columns"
    assert layer(page, 1).locator(".sw-says").inner_text() == said
    seen = layer(page, 2).locator("[data-reading=field]")
    assert seen.inner_text() == "3 frames × 3 px in 5 frames × 5 px"
    assert layer(page, 1).locator("[data-reading=field]").inner_text() == "1 frame × 1 px"


@pytest.mark.parametrize(
    ("stack", "number", "words"),
    [
        ([Pool(4), Pool((2, 4, 4)), Pool((3, 1, 1))], 3, "3 frames long, but its input has only 2"),
        ([Pool((1, 7, 7)), Conv(4, 7, padding=1)], 2, None),
        ([Conv(4, 3), Linear(10)], 2, "Put a Flatten before it"),
        ([Flatten(), Conv(4, 3)], 2, "put it before the Flatten"),
        ([Pool(2, padding=2)], 1, "padding of 2 is more than half its kernel of 2"),
    ],
)
def test_an_impossible_layer_says_why(ready, stack, number, words):
    page = ready(ShapeWalk([*stack, Flatten()], (3, 20, 40, 36)))
    if words is None:  # 5 rows and a row of padding on both sides just hold a window of 7
        assert page.locator(".sw-impossible").count() == 0
        return
    assert words in layer(page, number).locator(".sw-says").inner_text()
    assert page.locator(".sw-impossible").count() == 1
    assert page.locator(".sw-later").count() == len(stack) + 1 - number
    assert f"layer {number} is impossible" in total(page, "output")


def test_a_layer_is_edited_added_and_removed(ready):
    page = ready(ShapeWalk())
    page.get_by_role("button", name="Pool 2×4×4").click()
    editor = layer(page, 4)
    editor.get_by_label("Kernel in time").press("End")
    assert get(page, "layers")[3]["kernel"] == [7, 4, 4]
    assert get(page, "layers")[3]["stride"] == [7, 4, 4], "a pooling steps by its kernel"
    assert "7 frames long" in editor.locator(".sw-says").inner_text()
    editor.get_by_label("Padding in time").press("ArrowRight")
    assert get(page, "layers")[3]["padding"] == [1, 0, 0]
    assert "24 × 1 × 4 × 4" in editor.locator(".sw-shape").inner_text()
    page.wait_for_function(HEARD, arg="Layer 4, Pool 7×4×4: 24 by 1 by 4 by 4. Output 10. ")

    page.get_by_role("button", name="+ Conv").click()
    assert [item["kind"] for item in get(page, "layers")][3:6] == ["Pool", "Conv", "Flatten"]
    assert layer(page, 5).locator(".sw-name").get_attribute("aria-expanded") == "true"
    layer(page, 5).get_by_label("Channels out").press("Home")
    assert get(page, "layers")[4]["out_channels"] == 1
    page.get_by_role("button", name="Remove layer 5").click()
    assert [item["kind"] for item in get(page, "layers")][3:6] == ["Pool", "Flatten", "Linear"]
    assert page.evaluate("document.activeElement.className") == "sw-name", "the focus is not lost"

    page.get_by_role("button", name="Start again").click()
    assert get(page, "layers") == ShapeWalk().layers


def test_the_stack_is_bounded(ready):
    page = ready(ShapeWalk([Conv(4, 1)]))
    for _ in range(11):
        page.get_by_role("button", name="+ Pool").click()
    assert len(get(page, "layers")) == 12
    assert page.get_by_role("button", name="+ Pool").is_disabled()
    for number in range(12, 0, -1):
        if not page.get_by_role("button", name=f"Remove layer {number}", exact=True).is_visible():
            layer(page, number).locator(".sw-name").click()
        page.get_by_role("button", name=f"Remove layer {number}", exact=True).click()
    assert get(page, "layers") == []
    assert total(page, "output") == "3 × 20 × 64 × 64"


def test_presets_are_chosen_and_recognised(ready):
    page = ready(ShapeWalk())
    explorer = ShapeWalk()
    start = page.get_by_label("Start from")
    for preset in explorer.presets[1:]:
        start.select_option(preset["name"])
        assert get(page, "layers") == preset["layers"]
        assert [get(page, key) for key in INPUT] == preset["input_shape"]
        assert page.locator(".sw-impossible").count() == 0
    page.get_by_label("Width").press("ArrowLeft")
    assert start.locator("option:checked").inner_text() == "your own"
    page.get_by_label("Width").press("ArrowRight")
    assert start.locator("option:checked").inner_text() == explorer.presets[-1]["name"]


def test_blocks_are_drawn_to_scale(ready):
    page = ready(
        ShapeWalk([Conv(12, (1, 3, 3), padding=(0, 1, 1)), Pool((4, 2, 2))], (3, 16, 36, 64))
    )

    def sides(number):
        """Width and height of the front face, depth of the right one, in the block's pixels."""
        points = page.evaluate(
            """number => ['front', 'side'].map((side) => {
                const block = document.querySelectorAll('.sw-block')[number];
                const numbers = block.querySelector(`.sw-box-${side}`).getAttribute('points');
                return numbers.split(' ').map((point) => point.split(',').map(Number));
            })""",
            number,
        )
        front, side = np.array(points[0]), np.array(points[1])
        wide, high = front.max(axis=0) - front.min(axis=0)
        return np.array([wide, high, side[:, 0].max() - side[:, 0].min()])

    first, last = sides(1), sides(2)
    assert first[0] / first[1] == pytest.approx((64 / 36) ** 0.5, rel=0.02)
    assert first / last == pytest.approx([2**0.5, 2**0.5, 2], rel=0.03)


# The sliding kernel.


def shown_outputs(page):
    """All numbers of the output, frame by frame."""
    return np.array(
        page.evaluate(
            """() => {
                const model = document.querySelector('.lk-explorer').lkModel;
                const slider = [...document.querySelectorAll('.sw-play input')][0];
                return Array.from({ length: Number(slider.max) + 1 }, (_, t) => {
                    model.set('t', t);
                    return [...document.querySelectorAll('.sw-output tr')].map((row) =>
                        [...row.querySelectorAll('button')].map((button) =>
                            Number(button.textContent.replace('−', '-'))));
                });
            }"""
        )
    )


@pytest.mark.parametrize("kernel", [*KERNELS, (2, 3, 1), (3, 1, 2)])
def test_the_sums_are_torch_s_convolution(ready, kernel):
    draw = np.random.default_rng(5)
    cube = draw.integers(-9, 10, (4, 5, 7))
    if isinstance(kernel, str):
        weights, divisor, _ = KERNELS[kernel]
        page = ready(ShapeWalk(cube=cube, kernel=kernel))
    else:
        weights, divisor = draw.integers(-4, 5, kernel), 1
        page = ready(ShapeWalk(cube=cube, kernel=weights))
    batch = torch.from_numpy(cube).double()[None, None]
    filters = torch.from_numpy(weights.copy()).double()[None, None]
    for padding in (0, 1):
        put(page, padding=padding)
        want = torch.nn.functional.conv3d(batch, filters, padding=padding)[0, 0].numpy()
        seen = shown_outputs(page)
        assert seen.shape == want.shape
        assert np.abs(seen - want / divisor).max() <= 0.00501

        for place in itertools.product(*((0, size - 1) for size in want.shape)):
            put(page, **dict(zip("tyx", map(int, place), strict=True)))
            text = page.locator(".sw-sum").inner_text().replace("−", "-")
            parts, value = re.search(r"(.*) (?:=|is) (-?\d+)", text.split(" and ÷ ")[0]).groups()
            assert int(value) == want[place], text
            if "+" in parts:
                assert eval(parts) == want[place], text


def test_the_products_are_those_of_the_lit_numbers(ready):
    page = ready(ShapeWalk(kernel="temporal derivative"))
    put(page, t=1, y=0, x=2)
    cube = np.array(ShapeWalk().cube)
    lit = np.array([int(n) for n in page.locator(".sw-grid .is-lit").all_inner_texts()])
    assert lit.reshape(3, 3, 3).tolist() == cube[1:4, 0:3, 2:5].tolist()
    products = page.locator(".sw-products td").all_inner_texts()
    terms = [text.replace("−", "-").split(" × ") for text in products]
    assert [int(value) for value, _ in terms] == lit.tolist()
    weights = np.repeat([-1, 0, 1], 9)
    assert [int(weight) for _, weight in terms] == weights.tolist()
    adds = [text.replace("−", "-") for text in page.locator(".sw-subtotal").all_inner_texts()]
    assert [int(text.removeprefix("adds ")) for text in adds] == [
        int(part) for part in (lit * weights).reshape(3, 9).sum(axis=1)
    ]


def test_the_window_is_drawn_where_it_reads(ready):
    page = ready(ShapeWalk())
    lit = page.locator(".sw-lit")
    before = lit.evaluate_all("nodes => nodes.map((node) => node.getAttribute('points'))")
    assert len(before) == 3, "one frame of the window on each of three cards"
    put(page, y=get(page, "y") - 1)
    after = lit.evaluate_all("nodes => nodes.map((node) => node.getAttribute('points'))")
    for old, new in zip(before, after, strict=True):
        old, new = (
            np.array([[float(n) for n in point.split(",")] for point in points.split(" ")])
            for points in (old, new)
        )
        assert (new - old) == pytest.approx(np.tile([0, -1], (4, 1)), abs=0.11)


def test_mouse_and_arrow_keys_move_the_voxel(ready):
    page = ready(ShapeWalk())

    def place():
        return tuple(get(page, key) for key in "tyx")

    page.get_by_role("button", name="row 0, column 3:").click()
    assert place() == (1, 0, 3)
    for key, want in [
        ("ArrowDown", (1, 1, 3)),
        ("ArrowLeft", (1, 1, 2)),
        ("PageDown", (2, 1, 2)),
        ("PageDown", (2, 1, 2)),  # the last frame
        ("PageUp", (1, 1, 2)),
        ("ArrowUp", (1, 0, 2)),
        ("ArrowUp", (1, 0, 2)),
    ]:
        page.keyboard.press(key)
        assert place() == want
        focused = page.evaluate("document.activeElement.getAttribute('aria-label')")
        assert focused.startswith(f"row {want[1]}, column {want[2]}:"), "the focus goes with it"
    page.get_by_label("t (frame)").press("Home")
    assert place() == (0, 0, 2)
    page.wait_for_function(HEARD, arg="Output frame 0, row 0, column 2: the sum is 16.")


def test_padding_keeps_the_window_where_it_lies(ready):
    page = ready(ShapeWalk())
    lit = page.locator(".sw-grid .is-lit").all_inner_texts()
    place = [get(page, key) for key in "tyx"]
    page.get_by_label("pad with zeros").check()
    assert [get(page, key) for key in "tyx"] == [at + 1 for at in place]
    assert page.locator(".sw-grid .is-lit").all_inner_texts() == lit
    page.get_by_label("pad with zeros").uncheck()
    assert [get(page, key) for key in "tyx"] == place


def test_a_kernel_without_room_is_not_taken(ready):
    page = ready(ShapeWalk(cube=np.ones((2, 4, 5), int), kernel=np.ones((2, 2, 2), int)))
    page.get_by_label("Kernel", exact=True).select_option("mean")
    assert get(page, "kernel") == "the given one"
    assert page.get_by_label("Kernel", exact=True).input_value() == "the given one"


def test_it_slides_and_pauses(ready):
    page = ready(ShapeWalk())
    put(page, t=0, y=0, x=0)
    page.clock.install(time=0)
    page.clock.pause_at(1000)
    page.get_by_role("button", name="Slide").click()
    page.clock.run_for(1300)
    assert [get(page, key) for key in "tyx"] == [0, 1, 1], "five places in 1.3 s, row by row"
    page.get_by_role("button", name="Pause").click()
    page.clock.run_for(900)
    assert [get(page, key) for key in "tyx"] == [0, 1, 1]
    page.get_by_label("pad with zeros").check()
    for name in ("t (frame)", "y (row)", "x (column)"):
        page.get_by_label(name).press("End")
    page.get_by_label("x (column)").press("ArrowLeft")
    assert [get(page, key) for key in "tyx"] == [4, 5, 4]
    page.get_by_role("button", name="Slide").click()
    page.clock.run_for(600)
    assert [get(page, key) for key in "tyx"] == [0, 0, 0], "to the new end, and round"


@pytest.mark.parametrize("width", [320, 1280])
def test_an_open_layer_fits_and_can_be_hit(ready, width):
    page = ready(make(), viewport={"width": width, "height": 740})
    page.get_by_role("button", name="Conv 3×3×3").click()
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    boxes = page.evaluate(
        """[...document.querySelectorAll('input, button, svg, td, dd')].map((node) => {
            const { left, right, height } = node.getBoundingClientRect();
            const pressed = node.matches('.sw-editor:not([hidden]) *');
            return [node.textContent, left, right, pressed ? height : 24];
        })"""
    )
    for name, left, right, height in boxes:
        assert left >= 0, name
        assert right <= width, name
        assert height >= 24, name

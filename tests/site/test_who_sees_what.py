"""Who sees what in a real browser, from a file, against shapes.walk, gradients and SciPy."""

import itertools
import json
import re

import numpy as np
import pytest
import torch
from axe_playwright_python.sync_playwright import Axe
from scipy.stats import binomtest
from test_who_sees_what_model import Unit, evaluation, explorer

from lecturekit import ops, shapes
from lecturekit.evaluation import Evaluation
from lecturekit.explorers.who_sees_what import WhoSeesWhat
from lecturekit.models import fusion

PHONE = {"viewport": {"width": 360, "height": 780}}
AVERAGE = 4

READ_ALL = """(settings) => {
  const model = document.querySelector(".lk-explorer").lkModel;
  const reach = document.querySelector(".ws-reach");
  return settings.map((values) => {
    Object.entries(values).forEach(([key, value]) => model.set(key, value));
    const seen = [...document.querySelectorAll(".ws-cell.is-seen")].map((cell) => Number(cell.dataset.frame));
    const box = document.querySelector(".ws-box").style;
    const drawn = [box.top, box.height, box.left, box.width].map(parseFloat);
    return { field: JSON.parse(reach.dataset.field), text: reach.textContent, seen, drawn };
  });
}"""  # noqa: E501


@pytest.fixture
def ready(open_explorer):
    def open_(one=None, **options):
        page = open_explorer(one or explorer((16, 32, 32)), **options)
        page.wait_for_selector(".lk-body[data-ready]")
        return page

    return open_


def get(page, *keys):
    read = "keys => keys.map((key) => document.querySelector('.lk-explorer').lkModel.get(key))"
    values = page.evaluate(read, list(keys))
    return values if len(keys) > 1 else values[0]


def put(page, **values):
    """What Python does when it sets traits."""
    page.evaluate(
        """values => {
            const model = document.querySelector('.lk-explorer').lkModel;
            for (const [key, value] of Object.entries(values)) model.set(key, value);
        }""",
        values,
    )


# What reaches a unit.


def fields_by_walk(family, layer, size):
    """((t, y, x), (frames, rows, columns)) of every unit, from shapes.walk and the chapter."""
    frames, height, width = size
    if family == "3D CNN":
        layers = [shapes.Conv(1, 3, 2, 1)] * 3
        steps = shapes.walk(layers, (3, *size))
    else:
        layers = [shapes.Conv(1, (3, 3), 2, 1)] * 3
        steps = shapes.walk(layers, (3, height, width))
    step = steps[min(layer, 3) - 1]

    def clipped(axis, index, length):
        start = step.start[axis] + step.jump[axis] * index
        reach = (step.receptive_field[axis] - 1) / 2
        return [i for i in range(length) if abs(i - start) <= reach]

    in_time = {
        "single frame": [[frames // 2]],
        "early fusion": [list(range(frames))],
        "late fusion": [[t] for t in range(frames)],
        "3D CNN": [clipped(0, t, frames) for t in range(step.out_shape[1])],
    }[family]
    in_space = [
        [clipped(axis, index, length) for index in range(step.out_shape[axis])]
        for axis, length in ((-2, height), (-1, width))
    ]
    fields = [in_time, *in_space]
    if layer == AVERAGE:
        fields = [[sorted({i for seen in axis for i in seen})] for axis in fields]
    for place in itertools.product(*(range(len(axis)) for axis in fields)):
        yield place, [axis[index] for axis, index in zip(fields, place, strict=True)]


def check_shown(shown, expected, size, case):
    assert shown["field"] == [[seen[0], seen[-1]] for seen in expected], case
    assert shown["seen"] == expected[0], case
    numbers = [
        int(n.replace(",", "")) for n in re.findall(r"\d[\d,]*", shown["text"].split("sees")[1])
    ]
    words = []
    for seen, length in zip(expected, size, strict=True):
        words += [seen[0], length] if len(seen) == 1 else [seen[0], seen[-1], length]
    pixels = int(np.prod([len(seen) for seen in expected]))
    assert numbers == [*words, pixels, int(np.prod(size))], (case, shown["text"])
    _, rows, columns = expected
    drawn = [rows[0] / size[1], len(rows) / size[1], columns[0] / size[2], len(columns) / size[2]]
    assert shown["drawn"] == pytest.approx([100 * part for part in drawn], abs=0.01), case


@pytest.mark.parametrize("size", [(16, 32, 32), (7, 20, 13)])
@pytest.mark.parametrize("family", fusion.FAMILIES)
def test_every_unit_s_field_is_that_of_shapes_walk(ready, family, size):
    page = ready(explorer(size))
    for layer in range(1, AVERAGE + 1):
        units = list(fields_by_walk(family, layer, size))
        settings = [
            {"family": family, "layer": layer, "t": t, "y": y, "x": x} for (t, y, x), _ in units
        ]
        for (place, expected), shown in zip(units, page.evaluate(READ_ALL, settings), strict=True):
            check_shown(shown, expected, size, (layer, place))


@pytest.mark.parametrize("family", fusion.FAMILIES)
def test_every_unit_s_field_is_the_measured_one(ready, family):
    size = (6, 9, 12)
    page = ready(explorer(size))
    clip = torch.zeros(1, 3, *size, dtype=torch.float64)
    for layer in range(1, AVERAGE + 1):
        unit = Unit(family, size[0], layer)
        places = list(np.ndindex(*unit(clip).shape[2:]))
        settings = [
            {"family": family, "layer": layer, "t": t, "y": y, "x": x} for t, y, x in places
        ]
        for place, shown in zip(places, page.evaluate(READ_ALL, settings), strict=True):
            seen = ops.receptive_field(unit, clip, (0, 0, *place)).numpy() > 0
            boxes = [slice(first, last + 1) for first, last in shown["field"]]
            inside = np.zeros(size, bool)
            inside[tuple(boxes)] = True
            assert (seen == inside).all(), (layer, place)


def test_the_frames_are_drawn_in_order(ready):
    grey = np.array([0, 200, 90, 250, 40], np.uint8)
    frames = np.broadcast_to(grey[:, None, None, None], (5, 20, 30, 3))
    page = ready(WhoSeesWhat(frames, evaluations={"a": evaluation()}))
    seen = page.evaluate(
        """[...document.querySelectorAll('.ws-frame canvas')].map((canvas) =>
            canvas.getContext('2d').getImageData(29, 19, 1, 1).data[0])"""
    )
    assert np.abs(np.array(seen) - grey.astype(int)).max() <= 3


def test_a_press_chooses_a_unit(ready):
    page = ready()
    slice_ = page.locator(".ws-slice").nth(1)
    box = slice_.bounding_box()

    def at(y, x):
        return box["x"] + (x + 0.5) / 8 * box["width"], box["y"] + (y + 0.5) / 8 * box["height"]

    page.mouse.click(*at(2, 5))
    assert get(page, "t", "y", "x") == [1, 2, 5]
    page.mouse.move(*at(6, 6))
    page.mouse.down()
    page.mouse.move(*at(7, 0), steps=3)
    assert get(page, "t", "y", "x") == [1, 7, 0], "it follows the mouse"
    page.mouse.move(box["x"] - 50, box["y"] - 50)
    page.mouse.up()
    assert get(page, "t", "y", "x") == [1, 0, 0], "not past the edge"
    lit = page.locator(".is-chosen .ws-slice i").bounding_box()
    assert lit["x"] == pytest.approx(box["x"], abs=1)
    assert lit["width"] == pytest.approx(box["width"] / 8, abs=1)


def test_a_finger_chooses_a_unit(ready):
    page = ready(**PHONE, has_touch=True, is_mobile=True)
    box = page.locator(".ws-slice").nth(3).bounding_box()
    page.touchscreen.tap(box["x"] + 6.5 / 8 * box["width"], box["y"] + 1.5 / 8 * box["height"])
    assert get(page, "t", "y", "x") == [3, 1, 6]


def test_arrow_keys_move_the_unit(ready):
    page = ready()
    put(page, t=1, y=0, x=3)
    page.locator(".ws-units").focus()
    for key, want in [
        ("ArrowUp", [1, 0, 3]),
        ("ArrowDown", [1, 1, 3]),
        ("ArrowLeft", [1, 1, 2]),
        ("ArrowRight", [1, 1, 3]),
        ("PageUp", [0, 1, 3]),
        ("PageUp", [0, 1, 3]),
        ("PageDown", [1, 1, 3]),
    ]:
        page.keyboard.press(key)
        assert get(page, "t", "y", "x") == want, key
    page.get_by_label("x (right)").press("End")
    assert get(page, "t", "y", "x") == [1, 1, 7]


def test_another_layer_looks_at_the_same_spot(ready):
    page = ready()
    page.get_by_label("layer 1").check()
    put(page, t=6, y=11, x=3)  # frame 12, row 22, column 6
    centres = []
    for label in ("layer 2", "layer 3", "after the average", "late fusion", "layer 1", "3D CNN"):
        page.get_by_label(label).check()
        centres.append(get(page, "t", "y", "x"))
    assert centres == [[3, 6, 2], [1, 3, 1], [0, 0, 0], [0, 0, 0], [12, 11, 3], [6, 11, 3]]


def test_what_the_average_loses_is_said(ready):
    page = ready()
    about = page.locator(".ws-about")
    page.get_by_label("after the average").check()
    for family, words in [
        ("single frame", "Lost: where in the picture. The other frames were lost before"),
        ("early fusion", "their order is kept"),
        ("late fusion", "Lost: the order of the frames"),
        ("3D CNN", "2 moments and 4 × 4 places"),
    ]:
        page.get_by_label(family, exact=True).check()
        assert words in about.inner_text()
    page.get_by_label("layer 3").check()
    assert "Lost" not in about.inner_text()


def test_a_cut_field_is_explained(ready):
    page = ready()
    note = page.locator(".ws-note")
    assert "Its field is 7 × 7 × 7 (frames × rows × columns), all inside" in note.inner_text()
    put(page, x=7)
    assert "all inside" in note.inner_text(), "28 ± 3 ends at the last column, 31"
    put(page, x=0)
    assert "cut by the border" in note.inner_text()
    put(page, layer=AVERAGE)
    assert "field" not in note.inner_text()


# What is confused.


def answered(confusion, classes=("sit down", "stand up", "walk", "run"), cues=None):
    """An evaluation with exactly this confusion."""
    labels, answers = [], []
    for (truth, answer), n in np.ndenumerate(np.array(confusion)):
        labels += [truth] * n
        answers += [answer] * n
    scores = np.eye(len(classes), dtype=np.float32)[answers]
    cues = dict.fromkeys(classes, "direction") if cues is None else cues
    return Evaluation(scores, np.array(labels), classes, cues)


def card(page, number):
    return page.locator(".ws-card").nth(number)


def test_the_interval_is_wilson_s(ready):
    cases = [(right, n) for n in (1, 2, 7, 40, 100, 600) for right in {0, n // 3, n // 2, n}]
    seen = ready().evaluate(
        """([esm, cases]) => {
            const wilson = new Function(esm.replace(/export default.*/, 'return wilson;'))();
            return cases.map(([right, all]) => wilson(right, all));
        }""",
        [WhoSeesWhat._esm, cases],
    )
    for (right, n), shown in zip(cases, seen, strict=True):
        want = binomtest(right, n).proportion_ci(method="wilson")
        assert shown == pytest.approx([want.low, want.high], abs=1e-9), (right, n)


@pytest.mark.parametrize(
    ("counts", "kind", "words"),
    [
        ([[25, 24, 1, 0], [26, 22, 1, 1]], "coin", "a coin toss inside the pair"),
        ([[49, 1, 0, 0], [50, 0, 0, 0]], "coin", "it nearly always answers “sit down”"),
        ([[1, 49, 0, 0], [0, 50, 0, 0]], "coin", "it nearly always answers “stand up”"),
        ([[48, 2, 0, 0], [3, 47, 0, 0]], "sees", "tells the two apart."),
        ([[35, 15, 0, 0], [15, 35, 0, 0]], "partly", "better than a coin, but not safely"),
        ([[5, 45, 0, 0], [44, 6, 0, 0]], "swaps", "worse than a coin"),
        ([[4, 3, 43, 0], [3, 5, 0, 42]], "few", "15 answers inside the pair are too few"),
        ([[0, 0, 25, 25], [0, 0, 50, 0]], "none", "never answers inside the pair"),
    ],
)
def test_the_verdict_follows_from_the_counts(ready, counts, kind, words):
    rest = [[0, 0, 9, 0], [0, 0, 0, 9]]
    evaluations = {"ours": answered([*counts, *rest])}
    page = ready(explorer(evaluations=evaluations))
    ours = card(page, 0)
    assert ours.get_attribute("data-verdict") == kind
    assert words in ours.locator(".ws-verdict").inner_text()
    assert ours.locator(".ws-verdict").inner_text().startswith("Ours: ")
    tiles = [int(text) for text in ours.locator("tbody td").all_inner_texts()]
    assert tiles == [n for row in counts for n in (row[0], row[1], row[2] + row[3])]
    right, inside = counts[0][0] + counts[1][1], sum(counts[0][:2]) + sum(counts[1][:2])
    text = ours.locator(".ws-numbers").inner_text()
    assert f"{100 - inside} of 100 clips were called something else" in text
    if inside:
        want = binomtest(right, inside).proportion_ci(method="wilson")
        assert f"{right} of {inside} answers are right: {round(100 * right / inside)} %" in text
        assert json.loads(ours.get_attribute("data-interval")) == pytest.approx(list(want))
        # What the verdict claims must hold of SciPy's interval.
        holds = {
            "coin": want.low <= 0.5 <= want.high,
            "few": want.low <= 0.5 <= want.high,
            "sees": want.low > 0.5,
            "partly": want.low > 0.5,
            "swaps": want.high < 0.5,
        }
        assert holds[kind]


def test_any_two_classes_and_any_two_networks(ready):
    evaluations = {name: evaluation(seed) for seed, name in enumerate(["a", "b", "c"])}
    page = ready(explorer(evaluations=evaluations))
    classes = evaluations["a"].classes
    for pair in itertools.permutations(range(4), 2):
        put(page, pair=[classes[k] for k in pair], shown=["b", "c"])
        for number, name in enumerate("bc"):
            confusion = evaluations[name].confusion
            tiles = [int(text) for text in card(page, number).locator("tbody td").all_inner_texts()]
            rows = confusion[list(pair)]
            others = rows.sum(1) - rows[:, list(pair)].sum(1)
            assert tiles == np.column_stack([rows[:, list(pair)], others]).ravel().tolist()
    page.get_by_label("First network").select_option("a")
    assert get(page, "shown") == ["a", "c"]
    assert card(page, 0).locator(".ws-verdict").inner_text().startswith("A: ")


def test_a_class_brings_its_partner(ready):
    page = ready()
    cue = page.locator(".ws-cue")
    assert cue.inner_text() == "One cue tells them apart: direction."
    page.get_by_label("Class").select_option("stand up")
    assert get(page, "pair") == ["stand up", "sit down"]
    page.get_by_label("Class").select_option("run")
    assert get(page, "pair") == ["run", "walk"]
    assert cue.inner_text() == "One cue tells them apart: speed."
    page.get_by_label("against").select_option("sit down")
    assert get(page, "pair") == ["run", "sit down"]
    assert cue.inner_text() == "Not a pair that differs by one cue only."
    disabled = page.get_by_label("against").locator("option:disabled").all_inner_texts()
    assert disabled == ["run"]


def test_without_cues_or_with_an_odd_class_it_works(ready):
    classes = ("a", "b", "c")
    one = answered([[2, 0, 0], [0, 2, 0], [1, 0, 1]], classes, cues={})
    page = ready(explorer(evaluations={"net": one}))
    assert not page.locator(".ws-cue").is_visible()
    page.get_by_label("Class").select_option("c")
    assert get(page, "pair") == ["c", "b"]


# Both.


def test_the_keyboard_alone_reaches_everything(ready):
    page = ready()
    reached = []
    while True:
        page.keyboard.press("Tab")
        name = page.evaluate(
            """() => {
                const node = document.activeElement;
                const named = node.labels?.[0] ?? node;
                return node === document.body ? '' : node.getAttribute('aria-label') ?? named.textContent;
            }"""  # noqa: E501
        )
        if not name or name in reached:
            break
        reached.append(name)
        outline = "getComputedStyle(document.activeElement).outlineStyle"
        assert page.evaluate(outline) != "none", f"{name}: focus must be seen"
    assert reached == [
        "3D CNN", "layer 2", "Units of the layer: the arrow keys choose one", "t (time)",
        "y (down)", "x (right)", "Class", "against", "First network", "Second network",
        "What this shows, in words",
    ]  # fmt: skip
    page.get_by_label("3D CNN").focus()
    page.keyboard.press("ArrowLeft")
    assert get(page, "family") == "late fusion"
    page.get_by_label("layer 2").focus()
    page.keyboard.press("ArrowRight")
    assert get(page, "layer") == 3


def test_it_says_what_changed(ready):
    page = ready()
    spoken = page.locator("[aria-live=polite]")
    assert spoken.inner_text() == ""
    heard = "words => document.querySelector('[aria-live]').textContent.includes(words)"
    page.get_by_label("late fusion", exact=True).check()
    page.wait_for_function(heard, arg="late fusion: Unit (8, 4, 4) sees frame 8 of 16, rows 13–19")
    page.get_by_label("Class").select_option("walk")
    page.wait_for_function(heard, arg="walk against run. Late fusion: ")
    film = page.locator(".ws-film").get_attribute("aria-label")
    assert film.startswith("The clip: the unit sees frame 8 of 16")


@pytest.mark.parametrize("family", fusion.FAMILIES)
@pytest.mark.parametrize("width", [320, 360])
def test_a_phone_scrolls_down_only(ready, family, width):
    one = explorer((32, 24, 64))
    one.family, one.layer = family, 1
    page = ready(one, viewport={"width": width, "height": 740})
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    edges = page.evaluate(
        """[...document.querySelectorAll('input, select, .ws-cell, .ws-slice, td, th')].flatMap((node) => {
            const { left, right } = node.getBoundingClientRect();
            return [left, right];
        })"""  # noqa: E501
    )
    assert min(edges) >= 0
    assert max(edges) <= width


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing(ready, theme):
    page = ready(explorer((16, 32, 32), credit="Film: somebody"))
    page.evaluate("theme => { document.documentElement.dataset.theme = theme }", theme)
    page.get_by_text("What this shows, in words").click()
    result = Axe().run(page)
    assert not result.response["violations"], result.generate_report()


@pytest.mark.parametrize("credit", ["", "Film: somebody"])
def test_the_credit_stands_below_the_clip(ready, credit):
    page = ready(explorer(credit=credit))
    text = page.locator(".lk-body").inner_text()
    assert ("Film: somebody" in text) == bool(credit)
    assert "null" not in text


def test_it_prints_with_its_pictures(ready):
    page = ready()
    page.emulate_media(media="print")
    assert page.locator(".ws-frame canvas:visible").count() == 16
    assert page.locator(".ws-card table:visible").count() == 2
    kept = "getComputedStyle(document.querySelector('.ws-card tbody td')).printColorAdjust"
    assert page.evaluate(kept) == "exact"


def test_views_share_a_model_and_clean_up(ready, two_views):
    seen = two_views(
        ready(),
        WhoSeesWhat._esm,
        read='JSON.parse(el.querySelector(".ws-reach").dataset.field)[0]',
        python='model.set("t", 0)',
        hand='slide(el.querySelector("input[type=range]"), 3)',
    )
    assert seen == ([0, 3], [9, 15])

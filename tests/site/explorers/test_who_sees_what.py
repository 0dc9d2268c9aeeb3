"""Who sees what in a real browser, from a file, against the layers that Python sent, and SciPy."""

import itertools
import json
import re

import numpy as np
import pytest
from contract import Case, get, put
from scipy.stats import binomtest

from lecturekit.evaluation import Evaluation
from lecturekit.explorers.who_sees_what import WhoSeesWhat
from lecturekit.models import fusion

PHONE = {"viewport": {"width": 320, "height": 780}}
CLASSES = ("sit down", "stand up", "walk", "run")
CUES = dict(zip(CLASSES, ("direction", "direction", "speed", "speed"), strict=True))
AVERAGE = 4


def evaluation(seed=0):
    scores = np.random.default_rng(seed).normal(size=(40, 4)).astype(np.float32)
    return Evaluation(scores, np.arange(40) % 4, CLASSES, CUES)


def make(size=(16, 32, 32), evaluations=None, **options):
    frames = np.random.default_rng(1).integers(0, 256, (*size, 3), dtype=np.uint8)
    usual = {"late fusion": evaluation(1), "3D CNN": evaluation(2)}
    return WhoSeesWhat(frames, evaluations=evaluations or usual, **options)


CASE = Case(
    make=make,
    control=".ws-units",
    key="ArrowRight",
    changes="x",
    python=("family", "late fusion"),
    says="3D CNN: Unit (2, 4, 5) sees",
)

READ_ALL = """(settings) => {
  const model = document.querySelector(".lk-explorer").lkModel;
  const reach = document.querySelector(".ws-reach");
  return settings.map((values) => {
    for (const [key, value] of Object.entries(values)) model.set(key, value);
    const seen = [...document.querySelectorAll(".ws-cell.is-seen")].map((cell) => Number(cell.dataset.frame));
    const box = document.querySelector(".ws-box").style;
    const drawn = [box.top, box.height, box.left, box.width].map(parseFloat);
    return { field: JSON.parse(reach.dataset.field), text: reach.textContent, seen, drawn };
  });
}"""  # noqa: E501


# What reaches a unit.


def fields_of(step, size):
    """((t, y, x), (frames, rows, columns)) of every unit of a layer, cut by the clip's border."""
    for place in np.ndindex(*step["out"]):
        fields = []
        for axis, at in enumerate(place):
            centre = step["start"][axis] + step["jump"][axis] * at
            reach = (step["field"][axis] - 1) / 2
            fields.append([i for i in range(size[axis]) if abs(i - centre) <= reach])
        yield place, fields


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
def test_every_unit_s_field_is_what_its_layer_reaches(ready, family, size):
    one = make(size)
    page = ready(one)
    steps = next(sent for sent in one.families if sent["name"] == family)["steps"]
    for layer, step in enumerate(steps, 1):
        units = list(fields_of(step, size))
        settings = [
            {"family": family, "layer": layer, "t": t, "y": y, "x": x} for (t, y, x), _ in units
        ]
        for (place, expected), shown in zip(units, page.evaluate(READ_ALL, settings), strict=True):
            check_shown(shown, expected, size, (layer, place))


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


def answered(confusion, classes=CLASSES, cues=None):
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
    rest = [0, 0, 0]
    answers = {
        f"{k} of {n}": answered([[k, n - k, 600 - n], rest, rest], CLASSES[:3]) for k, n in cases
    }
    page = ready(make(evaluations=answers))
    for right, n in cases:
        put(page, shown=[f"{right} of {n}"] * 2)
        want = binomtest(right, n).proportion_ci(method="wilson")
        shown = json.loads(card(page, 0).get_attribute("data-interval"))
        assert shown == pytest.approx([want.low, want.high], abs=1e-9), (right, n)


@pytest.mark.parametrize(
    ("counts", "kind", "words"),
    [
        (
            [[25, 24, 1, 0], [26, 22, 1, 1]],
            "guess",
            "right about half of the time, as guessing would be.",
        ),
        (
            [[49, 1, 0, 0], [50, 0, 0, 0]],
            "guess",
            "as guessing would be: it nearly always answers “sit down”",
        ),
        ([[1, 49, 0, 0], [0, 50, 0, 0]], "guess", "it nearly always answers “stand up”"),
        ([[48, 2, 0, 0], [3, 47, 0, 0]], "sees", "tells the two apart."),
        ([[35, 15, 0, 0], [15, 35, 0, 0]], "partly", "better than guessing would, but not safely"),
        ([[5, 45, 0, 0], [44, 6, 0, 0]], "swaps", "worse than guessing would be"),
        ([[4, 3, 43, 0], [3, 5, 0, 42]], "few", "15 answers inside the pair are too few"),
        ([[0, 0, 25, 25], [0, 0, 50, 0]], "none", "never answers inside the pair"),
    ],
)
def test_the_verdict_follows_from_the_counts(ready, counts, kind, words):
    rest = [[0, 0, 9, 0], [0, 0, 0, 9]]
    evaluations = {"ours": answered([*counts, *rest])}
    page = ready(make(evaluations=evaluations))
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
            "guess": want.low <= 0.5 <= want.high,
            "few": want.low <= 0.5 <= want.high,
            "sees": want.low > 0.5,
            "partly": want.low > 0.5,
            "swaps": want.high < 0.5,
        }
        assert holds[kind]


def test_any_two_classes_and_any_two_networks(ready):
    evaluations = {name: evaluation(seed) for seed, name in enumerate(["a", "b", "c"])}
    page = ready(make(evaluations=evaluations))
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
    page = ready(make(evaluations={"net": one}))
    assert not page.locator(".ws-cue").is_visible()
    page.get_by_label("Class").select_option("c")
    assert get(page, "pair") == ["c", "b"]


# Both.


def test_arrow_keys_choose_family_and_layer(ready):
    page = ready()
    page.get_by_label("3D CNN").press("ArrowLeft")
    assert get(page, "family") == "late fusion"
    page.get_by_label("layer 2").press("ArrowRight")
    assert get(page, "layer") == 3


def test_what_is_said_is_of_the_part_that_moved(ready):
    page = ready()
    heard = "words => document.querySelector('[aria-live]').textContent.includes(words)"
    page.get_by_label("late fusion", exact=True).check()
    page.wait_for_function(heard, arg="late fusion: Unit (8, 4, 4) sees frame 8 of 16, rows 13–19")
    page.get_by_label("Class").select_option("walk")
    page.wait_for_function(heard, arg="walk against run. Late fusion: ")
    film = page.locator(".ws-film").get_attribute("aria-label")
    assert film.startswith("The clip: the unit sees frame 8 of 16")


@pytest.mark.parametrize("family", fusion.FAMILIES)
def test_a_phone_shows_every_unit_and_frame(ready, family):
    one = make((32, 24, 64))
    one.family, one.layer = family, 1
    page = ready(one, **PHONE)
    edges = page.evaluate(
        """[...document.querySelectorAll('.ws-cell, .ws-slice, td, th')].flatMap((node) => {
            const { left, right } = node.getBoundingClientRect();
            return [left, right];
        })"""
    )
    assert min(edges) >= 0
    assert max(edges) <= 320


@pytest.mark.parametrize("credit", ["", "Film: somebody"])
def test_the_credit_stands_below_the_clip(ready, credit):
    page = ready(make(credit=credit))
    text = page.locator(".lk-body").inner_text()
    assert ("Film: somebody" in text) == bool(credit)
    assert "null" not in text


def test_the_counts_are_printed_with_their_colours(ready):
    page = ready()
    page.emulate_media(media="print")
    kept = "getComputedStyle(document.querySelector('.ws-card tbody td')).printColorAdjust"
    assert page.evaluate(kept) == "exact"

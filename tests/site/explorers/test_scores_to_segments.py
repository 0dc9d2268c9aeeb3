"""From scores to segments in a real browser: all it computes is Python's, and it can be worked."""

import itertools
import json
import random
from dataclasses import replace

import pytest
import score_films
from contract import Case, get, put, seen
from score_films import CLASSES, WINDOWS

from lecturekit import localization
from lecturekit.explorers.scores_to_segments import GUESSES, JOINS, TIOUS, ScoresToSegments

PHONE = {"viewport": {"width": 360, "height": 780}, "has_touch": True}

SWEEP = """(grid) => {
  const [body, model] = [document.querySelector(".lk-body"), document.querySelector(".lk-explorer").lkModel];
  return grid.map((settings) => {
    Object.entries(settings).forEach(([key, value]) => model.set(key, value));
    return { ...JSON.parse(body.dataset.sums), lesson: body.querySelector(".lk-lesson").textContent };
  });
}"""  # noqa: E501

# How many pixels of the picture have exactly one of the style sheet's colours.
PIXELS = """(name) => {
  const canvas = document.querySelector("canvas");
  const probe = document.createElement("i");
  probe.style.color = `var(--lk-${name})`;
  document.querySelector(".lk-body").append(probe);
  const [r, g, b] = getComputedStyle(probe).color.match(/\\d+/g).map(Number);
  probe.remove();
  const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
  let count = 0;
  for (let k = 0; k < data.length; k += 4)
    count += data[k] === r && data[k + 1] === g && data[k + 2] === b;
  return count;
}"""


KINDS = {
    "true": ("T: true", "green"),
    "wrong class": ("W: wrong class", "pink"),
    "bad boundary": ("B: bad boundary", "orange"),
    "double": ("D: double", "violet"),
    "background": ("N: background: overlaps no truth by 0.1", "red"),
}


def make(films=None, **settings):
    return ScoresToSegments(
        films or score_films.films(), score_films.scores(), CLASSES, shown=2, **settings
    )


CASE = Case(
    make=make,
    control="input[type=range]",
    key="ArrowRight",
    changes="at",
    python=("stamp", "start"),
    says="Window 1: frames 2 to 9, 0.25 s to 1.25 s.",
)


def sums(page):
    return json.loads(page.locator(".lk-body").get_attribute("data-sums"))


def settings_drawn(count):
    rng = random.Random(0)
    for k in range(count):
        yield {
            "film": k % 2,
            "window": WINDOWS[k % 3],
            "stride": rng.randint(1, 16) if k % 4 else 1,
            "stamp": localization.STAMPS[k // 2 % 3],
            "join": JOINS[k // 3 % 2],
            "threshold": rng.randint(0, 100) / 100 if k % 5 else 0.4,
            "nms": rng.randint(0, 20) / 20,
            "tiou": TIOUS[k // 5 % 3],
        }


@pytest.mark.parametrize("fps", [8.0, 29.97])
def test_all_settings_find_what_python_finds(ready, fps):
    """The rate of TV is no sum of powers of two: every rounding must be the same."""
    explorer = make([replace(film, fps=fps) for film in score_films.films()])
    drawn = list(settings_drawn(120))
    for settings, found in zip(drawn, ready(explorer).evaluate(SWEEP, drawn), strict=True):
        for key, value in settings.items():
            setattr(explorer, key, value)
        predictions, kinds = explorer.predictions(), explorer.kinds()
        there = [
            [(one["film"], one["label"], one["start"], one["stop"], one["score"]), one["kind"]]
            for one in found["found"]
        ]
        assert there == [
            [one, kind]
            for one, kind in zip(predictions, kinds, strict=True)
            if one[0] == explorer.film
        ], settings
        assert found["counts"] == {kind: kinds.count(kind) for kind in set(kinds)}, settings
        expected = list(explorer.mean_average_precision().values())
        assert found["precisions"] == pytest.approx(expected, abs=1e-12), settings
        offset = explorer.offset_sec()
        if offset is None:
            assert found["offset"] is None, settings
        else:
            assert found["offset"] == pytest.approx(offset, abs=1e-12), settings


@pytest.mark.parametrize(("stamp", "side"), [("start", "early"), ("end", "late")])
def test_a_wrong_stamp_is_seen_to_be_half_a_window_off(ready, stamp, side):
    page = ready(make(window=20, stride=1))
    before = sums(page)
    page.locator(f"input[value={stamp}]").check()
    after = sums(page)
    half = (-1 if stamp == "start" else 1) * 20 / 8 / 2
    first, moved = before["found"][0], after["found"][0]
    assert moved["start"] - first["start"] == half
    assert moved["score"] == first["score"]
    lesson = page.locator(".lk-lesson").inner_text()
    assert f"everything is found half a window, 1.25 s, too {side}" in lesson
    assert f"s too {side}" in page.locator("[data-reading=offset]").inner_text()
    assert abs(after["offset"] - half) < 0.15
    for k, tiou in enumerate(("3", "5", "7")):
        reading = page.locator(f"[data-reading=map{tiou}]").inner_text()
        assert f"{after['precisions'][k]:.2f}" in reading
        assert f"{before['precisions'][k]:.2f} with the stamp at the centre" in reading
    assert after["precisions"][2] < before["precisions"][2] - 0.2


def place_of(page, second, y):
    """A point of the picture: where a second of the first film stands, and so far down."""
    box = page.locator(".sg-picture").bounding_box()
    left = 112 if box["width"] >= 560 else 0
    across = box["width"] - 1 - left
    return box["x"] + left + across * second / 12, box["y"] + y


def test_a_drag_moves_the_window_by_strides(ready):
    page = ready(make(window=8, stride=2))
    mouse = page.mouse
    mouse.move(*place_of(page, 0.5, 30))
    mouse.down()
    mouse.move(*place_of(page, 3.5, 30), steps=4)
    assert get(page, "at") == 24
    assert "Window 12: frames 24 to 31, 3.00 s to 4.00 s." in page.locator(
        ".sg-picture"
    ).get_attribute("aria-label")
    mouse.move(*place_of(page, 30, 30), steps=4)
    mouse.up()
    assert get(page, "at") == 88, "the last window ends with the film"
    mouse.move(*place_of(page, 6, 30))
    assert get(page, "at") == 88, "it was let go"
    mouse.down()
    mouse.up()
    assert get(page, "at") == 44, "a press beside it takes it there"
    mouse.move(*place_of(page, 6, 260))
    mouse.down()
    mouse.move(*place_of(page, 9, 260))
    mouse.up()
    assert get(page, "at") == 44, "lanes move nothing"


def test_a_mouse_takes_the_threshold_along(ready):
    page = ready(make(threshold=0.5))
    before = sums(page)["counts"]
    # The curve begins 89 px below the picture's top and is 96 px high.
    page.mouse.move(*place_of(page, 8, 89 + 48))
    page.mouse.down()
    page.mouse.move(*place_of(page, 8, 89 + 12), steps=3)
    page.mouse.up()
    assert get(page, "threshold") == pytest.approx(0.875, abs=0.011)
    assert get(page, "at") == 0
    assert sums(page)["counts"] != before


def test_a_finger_moves_the_window_and_every_setting_fits_a_phone(ready):
    page = ready(make(), **PHONE)
    page.touchscreen.tap(*place_of(page, 6, 20))
    assert get(page, "at") == 44
    page.touchscreen.tap(*place_of(page, 9, 89 + 48))
    assert get(page, "at") == 68, "a finger on the threshold moves the window as well"
    assert get(page, "threshold") == 0.5
    for stamp, join, tiou in itertools.product(localization.STAMPS, JOINS, TIOUS):
        put(page, stamp=stamp, join=join, tiou=tiou, window=20, guess="0.3", revealed=True)
        assert page.evaluate("document.documentElement.scrollWidth") <= 360, (stamp, join)


def test_every_kind_has_a_letter_and_a_row(ready):
    page = ready(make(window=13, stride=1, threshold=0.3, join="single", nms=1.0, film=0))
    page.get_by_text("Found in this film, as a table").click()
    keys, met = ("start", "stop", "score"), set()
    for film, nms, tiou in itertools.product((0, 1), (1.0, 0.3), TIOUS):
        put(page, film=film, nms=nms, tiou=tiou)
        found = sums(page)["found"]
        rows = page.locator(".sg-table tbody tr").all_inner_texts()
        ordered = sorted(found, key=lambda one: one["start"])[:40]
        assert len(rows) == len(ordered)
        for row, one in zip(rows, ordered, strict=True):
            cells = row.split("\t")
            assert cells[0] == CLASSES[one["label"]]
            numbers = [float(cell) for cell in cells[1:4]]
            assert numbers == pytest.approx([one[key] for key in keys], abs=0.0051)
            assert cells[4] == KINDS[one["kind"]][0]
        if len(found) > 40:
            assert page.get_by_text(f"And {len(found) - 40} more.").is_visible()
        met |= {one["kind"] for one in found}
    assert met == set(KINDS)
    legend = page.locator("figcaption").inner_text().split("\n")
    assert {"T", "W", "B", "D", "N"} <= set(legend)


def test_what_is_drawn_has_the_colour_of_its_kind(ready):
    page = ready(make())
    page.evaluate("document.documentElement.dataset.theme = 'light'")
    few = {"join": "single", "stride": 7, "nms": 1.0, "threshold": 0.3}
    met = set()
    for film, settings in itertools.product(
        (0, 1),
        [
            {"stamp": "start"},
            {"threshold": 0.3},
            {**few, "window": 20},
            {**few, "window": 20, "tiou": 0.3},
            {**few, "window": 8, "threshold": 0.6},
        ],
    ):
        usual = {"stamp": "centre", "join": "joined", "stride": 2, "tiou": 0.5, "threshold": 0.5}
        put(page, film=film, **{**usual, **settings})
        drawn = {kind for kind, (_, ink) in KINDS.items() if page.evaluate(PIXELS, ink) > 10}
        assert drawn == {one["kind"] for one in sums(page)["found"]}, settings
        met |= drawn
    assert met == set(KINDS)


def test_where_no_score_reaches_the_threshold_it_says_so(ready):
    nothing = {8: [0 * table for table in score_films.scores()[8]]}
    page = ready(ScoresToSegments(score_films.films(), nothing, CLASSES))
    page.get_by_text("Found in this film, as a table").click()
    assert page.get_by_text("Nothing is found.", exact=True).is_visible()
    assert not page.locator(".sg-table").is_visible()
    assert "No score reaches the threshold" in page.locator(".lk-lesson").inner_text()
    assert page.locator("[data-reading=offset]").inner_text().startswith("–")
    put(page, threshold=0)
    assert sums(page)["found"], "0 is at the threshold"


def test_the_guess_is_judged_with_the_numbers_of_the_films(ready):
    page = ready(make(window=20, stride=1))
    button = page.get_by_role("button", name="Move the stamp to the start")
    assert button.is_disabled()
    centred = sums(page)["precisions"]
    page.get_by_role("radio", name="at 0.3", exact=True).check()
    button.click()
    assert get(page, "guess", "revealed", "stamp") == ["0.3", True, "start"]
    started = sums(page)["precisions"]
    answer = page.locator(".sg-answer").inner_text()
    assert answer.startswith("✗ Start against centre, with windows of 2.50 s:")
    changes = [f"{start - centre:.2f}" for start, centre in zip(started, centred, strict=True)]
    losses = ", ".join(
        f"{change.replace('-', '−').replace('−0.00', '0.00')} at tIoU {tiou}"
        for change, tiou in zip(changes, TIOUS, strict=True)
    )
    assert losses in answer
    assert losses in page.locator(".lk-lesson").inner_text()
    # A segment of d (1 + 0.7) / (1 − 0.7) that lies d away overlaps its truth by 0.7.
    assert f"L ≥ {20 / 16 * 1.7 / 0.3:.2f} s" in answer
    page.get_by_role("radio", name="at 0.7", exact=True).check()
    assert page.locator(".sg-answer").inner_text().startswith("✓")
    put(page, stamp="end")
    assert sums(page)["precisions"] != started
    assert losses in page.locator(".sg-answer").inner_text(), "the answer is of the start"
    page.get_by_role("button", name="Guess again").click()
    assert get(page, "guess", "revealed", "stamp") == ["none", False, "centre"]
    assert not page.locator(".sg-answer").is_visible()


def test_doubles_are_taught_where_they_are(ready):
    page = ready(make(window=20, stride=1, join="single", nms=1.0, threshold=0.6))
    lesson = page.locator(".lk-lesson")
    doubles, number = sums(page)["counts"]["double"], sum(sums(page)["counts"].values())
    assert f"{doubles} of {number} found segments are doubles" in lesson.inner_text()
    put(page, nms=0.3)
    assert "Each window is a segment of 2.50 s, however long" in lesson.inner_text()
    put(page, join="joined")
    assert "NMS drops none" in lesson.inner_text()


def test_the_keyboard_alone_works_everything(ready):
    page = ready(make())
    for label, trait, value in [
        ("Window at", "at", 2),
        ("Window", "window", 13),
        ("Stride", "stride", 3),
        ("Threshold", "threshold", 0.51),
        ("NMS, tIoU", "nms", 0.35),
    ]:
        control = page.get_by_label(label, exact=True)
        control.press("ArrowRight")
        assert get(page, trait) == pytest.approx(value), label
    page.get_by_label("Window at", exact=True).press("End")
    last = get(page, "at")
    assert last == 81, "of 84 windows, every third"
    page.get_by_label("Film", exact=True).select_option("1")
    page.get_by_label("Scores of", exact=True).select_option("wave fast")
    assert get(page, "film", "curve") == [1, "wave fast"]
    for value, trait, after in [
        ("centre", "stamp", "end"),
        ("joined", "join", "single"),
        ("none", "guess", GUESSES[1]),
    ]:
        page.locator(f"input[value={value}]").press("ArrowDown")
        assert get(page, trait) == after
    page.get_by_role("radio", name="0.5", exact=True).press("ArrowDown")
    assert get(page, "tiou") == 0.7
    page.get_by_role("button", name="Move the stamp").press("Enter")
    assert get(page, "revealed", "stamp") == [True, "start"]


def test_the_curve_is_of_the_class_chosen_or_of_the_best(ready):
    page = ready(make(film=0, at=40))
    best = seen(page)["pictures"]
    said = page.locator(".sg-picture").get_attribute("aria-label")
    assert "Film 1, 12.00 s" in said
    pictures = [best]
    for name in CLASSES:
        put(page, curve=name)
        assert f"“{name}”" in page.locator(".sg-picture").get_attribute("aria-label")
        pictures.append(seen(page)["pictures"])
    assert all(one != other for one, other in itertools.combinations(pictures, 2))

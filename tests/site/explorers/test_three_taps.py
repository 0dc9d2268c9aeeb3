"""Three taps in a real browser: it computes what Python computes, and its lessons fit."""

import itertools

import numpy as np
import pytest
from contract import Case, get, put

from lecturekit.explorers.three_taps import CLIPS, PADDINGS, PRESETS, ThreeTaps

PHONE = {"viewport": {"width": 390, "height": 780}, "has_touch": True, "is_mobile": True}

SWEEP = """(grid) => {
  const [body, model] = [document.querySelector(".lk-body"), document.querySelector(".lk-explorer").lkModel];
  return grid.map((settings) => {
    Object.entries(settings).forEach(([key, value]) => model.set(key, value));
    return JSON.parse(body.dataset.answers);
  });
}"""  # noqa: E501

# The grey values of one row of one frame's canvas (0: picture, 1: 2D map, 2: inflated map).
MAP = """([frame, row, height, width]) => {
  const canvas = document.querySelectorAll(".tt-strip canvas")[frame];
  const context = canvas.getContext("2d");
  const [high, wide] = [(canvas.height - 4) / 3, canvas.width / width];
  const top = row * (high + 2);
  return [...Array(height).keys()].map((y) => [...Array(width).keys()].map((x) => [
    ...context.getImageData((x + 0.5) * wide, top + ((y + 0.5) * high) / height, 1, 1).data]));
}"""


def make(**settings):
    """A bright bar that moves right by 2 px a frame over noise."""
    frames = np.random.default_rng(0).integers(0, 60, (8, 12, 24, 1), dtype=np.uint8)
    frames = np.repeat(frames, 3, axis=3)
    for t in range(8):
        frames[t, 3:9, 3 + 2 * t : 7 + 2 * t] = 230
    return ThreeTaps(frames, label="a bar that moves right", **settings)


CASE = Case(
    make=make,
    control=".tt-setting input[type=range]",
    key="ArrowLeft",
    changes="taps",
    python=("depth", 2),
    says="Taps 0.25, 0.38, 0.38, sum 1. 6 of 8 frames differ",
)


def lesson(page):
    return page.locator(".lk-lesson").inner_text()


def tap(page, k):
    return page.locator(".tt-setting input[type=range]").nth(k)


def slide(page, k, value):
    tap(page, k).evaluate(
        "(node, value) => { node.value = value; node.dispatchEvent(new Event('input')); }", value
    )


def test_the_page_computes_what_python_computes(ready):
    explorer = make(locked=False)
    taps = [list(taps) for taps in PRESETS.values()] + [[-1, 0.25, 1.75], [0.1, 0, -0.7]]
    grid = [
        {"taps": each, "depth": depth, "padding": padding, "clip": clip}
        for each, depth, padding, clip in itertools.product(taps, range(1, 5), PADDINGS, CLIPS)
    ]
    for settings, shown in zip(grid, ready(explorer).evaluate(SWEEP, grid), strict=True):
        for key, value in settings.items():
            setattr(explorer, key, value)
        expected = explorer.answers()
        assert shown["errors"] == pytest.approx(expected.errors, rel=1e-12, abs=1e-12), settings
        assert shown["gap"] == pytest.approx(expected.gap, rel=1e-9, abs=1e-11), settings
        assert shown["joined"] == pytest.approx(expected.joined, rel=1e-9, abs=1e-11), settings


@pytest.mark.parametrize(
    ("settings", "errors", "gaps"),
    [
        ({}, "52 % 19 % 3.7 % 0 0 3.7 % 19 % 52 %", "0 0"),
        ({"padding": "repeat"}, "0 0 0 0 0 0 0 0", "0 0"),
        ({"taps": PRESETS["centre"]}, "0 0 0 0 0 0 0 0", "0 0"),
        ({"taps": PRESETS["last"]}, "0 0 0 0 0 100 % 100 % 100 %", "0 0"),
        (
            {"taps": PRESETS["undivided"], "locked": False, "depth": 4, "padding": "repeat"},
            "8,000 % " * 8,
            "0 0",
        ),
    ],
)
def test_the_numbers_of_a_still_clip(ready, settings, errors, gaps):
    page = ready(make(**settings))
    shown = [
        text.replace("\xa0", " ") for text in page.locator(".tt-strip figcaption").all_inner_texts()
    ]
    assert " ".join(shown) == errors.strip()
    assert " ".join(page.locator("[data-reading]").all_inner_texts()) == gaps
    wrong = sum(text != "0" for text in shown)
    assert f"{wrong} of 8 frames differ" in page.locator(".tt-differ").inner_text()


def test_the_bars_are_as_long_as_their_numbers(ready):
    page = ready(make(depth=1))
    heights = page.evaluate(
        """[...document.querySelectorAll(".tt-tall")].map((node) =>
          node.firstChild.getBoundingClientRect().height / node.clientHeight)"""
    )
    assert heights == pytest.approx([1 / 3, 0, 0, 0, 0, 0, 0, 1 / 3], abs=0.02)
    put(page, taps=list(PRESETS["undivided"]), locked=False)
    assert page.locator(".tt-tall .tt-over").count() == 6, "more than 100 % is another colour"
    put(page, taps=list(PRESETS["last"]), clip="forwards")
    wide = page.evaluate(
        """[...document.querySelectorAll(".tt-long")].map((node) =>
          node.firstChild.getBoundingClientRect().width / node.clientWidth)"""
    )
    explorer = make(depth=1, taps=PRESETS["last"], clip="forwards")
    assert wide == pytest.approx([explorer.answers().gap, 0], abs=0.02)


def test_the_strip_shows_pictures_and_maps(ready):
    explorer = make(clip="forwards", taps=PRESETS["last"], depth=1)
    page = ready(explorer)
    picture, flat, maps = (
        np.array(page.evaluate(MAP, [2, row, 12, 24]), float) for row in range(3)
    )
    # Drawn larger, neighbours mix: alike, not equal.
    assert np.abs(picture[..., 0] - 255 * explorer.frames()[2]).mean() < 12
    later = np.array(page.evaluate(MAP, [3, 1, 12, 24]), float)
    assert np.abs(maps - later).mean() < 3, "last: the map of the frame after"
    assert np.abs(flat - later).mean() > 12
    assert not np.array(page.evaluate(MAP, [7, 2, 12, 24]))[..., :3].any(), "after the end: zeros"
    put(page, taps=[1, 1, 1], locked=False)
    red, _, blue, _ = np.moveaxis(np.array(page.evaluate(MAP, [2, 2, 12, 24]), float), -1, 0)
    assert (red - blue > 100).any(), "what is above the scale is orange"


def test_a_locked_sum_stays_1_and_the_others_share(ready):
    page = ready()
    slide(page, 1, 12)
    assert get(page, "taps") == pytest.approx(PRESETS["centre"])
    slide(page, 2, 12)
    assert get(page, "taps") == pytest.approx((-0.5, 0.5, 1))
    for k, value in itertools.product(range(3), (-36, -5, 0, 17, 36)):
        slide(page, k, value)
        taps = get(page, "taps")
        assert sum(taps) == pytest.approx(1), taps
        assert taps[k] == pytest.approx(value / 12)
        assert max(map(abs, taps)) <= 3 + 1e-12, taps
    page.get_by_label("hold the sum at 1").uncheck()
    before = get(page, "taps")
    slide(page, 0, 6)
    assert get(page, "taps") == [0.5, *before[1:]]
    page.get_by_label("hold the sum at 1").check()
    after = get(page, "taps")
    assert sum(after) == pytest.approx(1)
    assert after[1] == pytest.approx(before[1]), "the middle one stays"


def test_a_preset_sets_its_taps_and_frees_a_sum_that_is_not_1(ready):
    page = ready()
    for name in PRESETS:
        button = page.get_by_role("button", name=name, exact=True)
        assert (button.get_attribute("aria-pressed") == "true") == (name == "mean"), name
    for name, taps in PRESETS.items():
        button = page.get_by_role("button", name=name, exact=True)
        button.click()
        assert get(page, "taps") == pytest.approx(taps)
        assert button.get_attribute("aria-pressed") == "true"
        assert page.locator(".tt-presets [aria-pressed=true]").count() == 1
        assert [float(tap(page, k).input_value()) for k in range(3)] == pytest.approx(
            np.multiply(taps, 12)
        )
        assert get(page, "locked") == (name not in {"undivided", "2, −3, 2"})


def test_the_guess_is_judged_when_it_is_asked_for(ready):
    page = ready()
    body = page.locator(".lk-body")
    assert not any(word in body.inner_text() for word in ("✓", "✗", "sum to 1:"))
    for words in ("mean keeps a still clip", "undivided keeps a still clip", "last can see order"):
        page.get_by_label(words).check()
    page.get_by_label("undivided keeps a still clip").uncheck()
    assert (get(page, "keeps"), get(page, "sees")) == (["mean"], ["last"])
    page.get_by_role("button", name="Show the answers").click()
    cells = [text.strip() for text in page.locator(".tt-guess td").all_inner_texts()]
    assert [cell[-3:].strip() for cell in cells[::2]] == ["yes", "yes", "yes", "no", "yes"]
    assert [cell[-3:].strip() for cell in cells[1::2]] == ["no", "no", "yes", "no", "no"]
    # Missed: centre, last and (2, −3, 2) keep a still clip.
    assert page.locator(".tt-wrong").count() == 3
    answer = page.locator(".tt-answer").inner_text()
    assert "7 of 10 guesses right" in answer
    assert "“mean”, “centre”, “last”, “2, −3, 2”" in answer
    page.get_by_role("button", name="Guess again").click()
    assert get(page, "keeps", "sees", "revealed") == [[], [], False]
    assert not page.locator(".tt-answer").is_visible()


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({}, "6 of 8 frames no longer give what their picture gave"),
        ({"depth": 1}, "2 of 8 frames no longer"),
        ({"padding": "repeat"}, "gives what its picture gave, through every layer"),
        ({"taps": (0, 1, 0)}, "the padding is never read"),
        ({"taps": (1, 1, 1), "locked": False}, "multiplied by 3 in each layer, by 27 after all 3"),
        ({"taps": (1, 1, 1), "locked": False, "depth": 1}, "multiplied by 3 in the one layer"),
        ({"taps": (1, -2, 1), "locked": False}, "The taps sum to 0, not to 1"),
        ({"clip": "forwards"}, "blind to order"),
        ({"clip": "backwards", "taps": (2, -3, 2)}, "blind to order"),
        ({"clip": "forwards", "taps": (0, 1, 0)}, "this is late fusion"),
        ({"clip": "forwards", "taps": (0, 0, 1)}, "These taps only move the film in time"),
        ({"clip": "forwards", "taps": (0, 0, -1), "locked": False}, "although w₋₁ ≠ w₊₁"),
        ({"clip": "forwards", "taps": (-1, 0, 2)}, "tells the film from its reverse"),
    ],
)
def test_the_lesson_fits_the_setting(ready, settings, words):
    assert words in lesson(ready(make(**settings)))


def test_keyboard_and_finger_work_the_taps(ready):
    page = ready()
    tap(page, 0).press("End")
    assert get(page, "taps") == pytest.approx((3, -1, -1))
    page.keyboard.press("Tab")
    page.keyboard.press("ArrowRight")
    assert get(page, "taps")[1] == pytest.approx(-11 / 12)
    page = ready(**PHONE)
    page.get_by_role("button", name="last").tap()
    page.get_by_role("radio", name="moves").tap()
    box = tap(page, 2).bounding_box()
    page.touchscreen.tap(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    assert get(page, "taps")[2] == pytest.approx(0, abs=0.2)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


@pytest.mark.parametrize("credit", ["", "Film: somebody"])
def test_the_credit_stands_last_and_its_absence_leaves_nothing(ready, credit):
    body = ready(make(credit=credit)).locator(".lk-body")
    texts = body.evaluate("body => [...body.childNodes].map((node) => node.textContent)")
    assert "null" not in texts
    assert (texts[-1] == credit) if credit else texts[-1]

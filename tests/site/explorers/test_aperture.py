"""The aperture in a real browser: it measures what Python measures, and gives nothing away."""

import itertools
import json
import math
import time

import numpy as np
import pytest
from contract import Case, get, put

from lecturekit import palette
from lecturekit.explorers.aperture import PATTERNS, Aperture

WALL = int(palette.LIGHT["paper"][1:3], 16)  # its red

PHONE = {"viewport": {"width": 360, "height": 780}}

SWEEP = """(grid) => {
  const [body, model] = [document.querySelector(".lk-body"), document.querySelector(".lk-explorer").lkModel];
  return grid.map((settings) => {
    Object.entries(settings).forEach(([key, value]) => model.set(key, value));
    const read = (key) => body.querySelector(`[data-reading=${key}]`).textContent;
    return { ...JSON.parse(body.dataset.measured), words: ["first", "second", "known"].map(read) };
  });
}"""  # noqa: E501

PIXELS = """() => {
  const canvas = document.querySelector(".ap-picture");
  const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
  return [canvas.width, [...data].filter((_, k) => k % 4 === 0)];
}"""


def make():
    return Aperture(seed=0)


CASE = Case(
    make=make,
    control=".ap-stage",
    key="ArrowRight",
    changes="guess_deg",
    python=("pattern", "texture"),
    says="15° (right). 1 known",
    play="Play",
    still="Next frame",
)


def lesson(page):
    return page.locator(".lk-lesson").inner_text()


def picture(page):
    """The red channel, and each pixel's distance from the hole's centre, in pixels of the sheet."""
    width, red = page.evaluate(PIXELS)
    along = (np.arange(width) + 0.5) / width * 129 - 64.5
    return np.array(red).reshape(width, width), np.hypot(*np.meshgrid(along, along))


def test_what_is_measured_is_what_python_measures(ready):
    explorer = Aperture(seed=3, trials=5)
    grid = [
        {"trial": trial, "pattern": pattern, "hole_px": hole}
        for trial, pattern, hole in itertools.product(range(5), PATTERNS, (6, 17, 36))
    ]
    for settings, shown in zip(grid, ready(explorer).evaluate(SWEEP, grid), strict=True):
        for key, value in settings.items():
            setattr(explorer, key, value)
        measured = explorer.measurement()
        assert shown["known"] == measured.known, settings
        assert shown["eigenvalues"] == pytest.approx(measured.eigenvalues, rel=1e-6, abs=1e-6)
        assert shown["velocity"] == pytest.approx(measured.velocity, abs=1e-6), settings
        assert shown["words"][2].startswith(f"{measured.known} known")
        assert float(shown["words"][0]) == pytest.approx(measured.eigenvalues[0], abs=0.501)


def test_only_the_hole_is_seen_until_the_answer_is_revealed(ready):
    page = ready(Aperture(seed=0, hole_px=15))
    red, distance = picture(page)
    assert red[distance < 13].std() > 20
    beside = (distance > 18) & (distance < 36)  # between hole and dial
    assert (red[beside] == WALL).all(), "the wall covers the rest"
    motion = get(page, "trials")[0]["motion_deg"]
    assert str(motion) not in page.locator(".lk-body").inner_text()
    page.get_by_role("button", name="Reveal").click()
    page.wait_for_timeout(100)
    red, _ = picture(page)
    assert red[beside].std() > 5
    assert f"It moved towards {motion}°" in lesson(page)


def test_a_guess_is_counted_once(ready):
    explorer = Aperture(seed=0)
    page = ready(explorer)
    motion = explorer.trials[0]["motion_deg"]
    put(page, guess_deg=(motion + 60) % 360)
    page.get_by_role("button", name="Reveal").click()
    assert "You were off by 60°" in lesson(page)
    page.get_by_label("corner").check()
    page.get_by_label("stripes").check()
    assert get(page, "guesses") == [["stripes", (motion + 60) % 360, motion]]
    page.get_by_role("button", name="Next sheet").click()
    assert (get(page, "trial"), get(page, "revealed")) == (1, False)
    put(page, guess_deg=explorer.trials[1]["motion_deg"])
    page.get_by_role("button", name="Reveal").click()
    assert "Exactly right. But you could not see it" in lesson(page)
    assert "stripes: off by 30° on average (2 guesses)" in page.locator(".ap-score").inner_text()


@pytest.mark.parametrize("pattern", PATTERNS)
def test_the_answer_says_what_fits(ready, pattern):
    page = ready(Aperture(seed=0, pattern=pattern))
    page.get_by_role("button", name="Reveal").click()
    said = {
        "stripes": "11 of the dial’s 24 directions have a speed that fits",
        "corner": "only that motion fits",
        "texture": "only that motion fits",
        "blank": "every motion fits",
    }
    assert said[pattern] in lesson(page)


def test_any_motion_on_the_line_looks_the_same_in_the_hole(ready):
    explorer = Aperture(seed=0, hole_px=25)
    trial = explorer.trials[0]
    page = ready(explorer)
    across = math.radians(trial["normal_deg"])
    speed = trial["speed_px"] * math.cos(math.radians(trial["motion_deg"]) - across)
    page.get_by_role("button", name="Reveal").click()
    for off in (-60, -15, 45):
        put(page, guess_deg=(trial["normal_deg"] + off) % 360)
        page.get_by_role("radio", name="your guess").check()
        u, v = json.loads(page.locator(".lk-body").get_attribute("data-velocity"))
        assert u * math.cos(across) + v * math.sin(across) == pytest.approx(speed, abs=0.02)
        assert math.degrees(math.atan2(v, u)) % 360 == pytest.approx(get(page, "guess_deg"))
        differs = page.locator(".ap-same").inner_text().split("true film’s by ")[1]
        assert float(differs.split()[0]) < 2
    put(page, guess_deg=(trial["normal_deg"] + 105) % 360)
    assert page.get_by_role("radio", name="your guess").is_disabled()
    assert "no speed fits" in lesson(page)
    put(page, pattern="texture")
    page.get_by_role("radio", name="your guess").check()
    differs = page.locator(".ap-same").inner_text().split("true film’s by ")[1]
    assert float(differs.split()[0]) > 20


def test_the_keyboard_reaches_and_works_everything(ready):
    page = ready()
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.matches('.ap-stage:focus-visible')")
    page.keyboard.press("ArrowLeft")
    assert get(page, "guess_deg") == 345, "it goes round"
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowRight")
    assert page.locator(".ap-stage").get_attribute("aria-valuetext") == "15° (right)"
    page.keyboard.press("End")
    assert get(page, "guess_deg") == 345
    page.keyboard.press("Home")
    assert get(page, "guess_deg") == 0
    reached = []
    for _ in range(6):
        page.keyboard.press("Tab")
        reached.append(page.evaluate("(document.activeElement.labels?.[0] ?? document.activeElement).textContent"))  # noqa: E501  # fmt: skip
        if page.evaluate("document.activeElement.matches('input')"):
            page.keyboard.press("ArrowRight")
        elif reached[-1] == "Reveal":
            page.keyboard.press("Enter")
    assert reached == [
        "▶ Play", "Reveal", "stripes", "Hole’s radius", "the true motion",
        "What this shows, in words",
    ]  # fmt: skip
    assert get(page, "revealed")
    assert (get(page, "pattern"), get(page, "hole_px")) == ("corner", 21)


def test_the_mouse_turns_the_arrow(ready):
    page = ready()
    box = page.locator(".ap-stage").bounding_box()

    def at(degrees, part=0.36):
        angle = math.radians(degrees)
        return (
            box["x"] + box["width"] * (0.5 + part * math.cos(angle)),
            box["y"] + box["height"] * (0.5 + part * math.sin(angle)),
        )

    page.mouse.move(*at(40))
    page.mouse.down()
    assert get(page, "guess_deg") == 45
    for degrees in (80, 100, 131):
        page.mouse.move(*at(degrees))
    page.mouse.up()
    assert get(page, "guess_deg") == 135
    page.mouse.move(*at(300))
    assert get(page, "guess_deg") == 135
    page.mouse.click(*at(354))
    assert get(page, "guess_deg") == 0


def test_a_finger_turns_the_handle_or_taps(ready):
    page = ready(**PHONE, has_touch=True, is_mobile=True)
    box = page.locator(".ap-stage").bounding_box()
    touch = page.context.new_cdp_session(page)

    def send(kind, degrees=None):
        angle = math.radians(degrees or 0)
        point = {
            "x": box["x"] + box["width"] * (0.5 + 0.37 * math.cos(angle)),
            "y": box["y"] + box["height"] * (0.5 + 0.37 * math.sin(angle)),
        }
        touch.send(
            "Input.dispatchTouchEvent",
            {"type": kind, "touchPoints": [] if degrees is None else [point]},
        )

    send("touchStart", 2)
    for degrees in (30, 60, 90):
        send("touchMove", degrees)
    send("touchEnd")
    assert get(page, "guess_deg") == 90
    send("touchStart", 211)
    assert get(page, "guess_deg") == 90, "a finger may be about to scroll"
    send("touchEnd")
    assert get(page, "guess_deg") == 210


def test_it_plays_when_asked(ready):
    page = ready()
    frame = "document.querySelector('.lk-body').dataset.frame"
    page.wait_for_timeout(300)
    assert page.evaluate(frame) == "0", "nothing moves by itself"
    begun = time.monotonic()
    page.get_by_role("button", name="Play").click()
    page.wait_for_function(f"{frame} === 'none'")
    assert 0.8 < time.monotonic() - begun < 3, "12 frames at 12.5 a second, then a pause"
    page.wait_for_function(f"Number({frame}) < 0")
    page.get_by_role("button", name="Pause").click()
    held = page.evaluate(frame)
    page.wait_for_timeout(300)
    assert page.evaluate(frame) == held


PAUSE_AT_THE_END = """async () => {
  const frame = () => new Promise(requestAnimationFrame);
  while (document.querySelector(".lk-body").dataset.frame !== "none") await frame();
  document.querySelector(".ap-play button").click();
  await frame();
  await frame();
}"""


def test_before_the_film_starts_again_the_hole_is_shut(ready):
    page = ready(Aperture(seed=0, pattern="blank"))
    red, distance = picture(page)
    assert (red[distance < 13] == 128).all()
    page.get_by_role("button", name="Play").click()
    page.evaluate(PAUSE_AT_THE_END)
    assert page.locator(".lk-body").get_attribute("data-frame") == "none"
    red, distance = picture(page)
    assert (red[distance < 13] == WALL).all(), "the wall, not a blank sheet"
    assert red[(distance > 23) & (distance < 30)].min() < 80, "a word under it"


def test_the_plot_names_its_axes_as_the_book_does(ready):
    page = ready()
    assert "dx right, dy down" in page.locator(".ap-views").inner_text()
    assert "dx to the right and dy down" in page.locator(".lk-explorer").text_content()


def test_reduced_motion_steps_instead_of_playing(ready):
    page = ready(reduced_motion="reduce")
    button = page.get_by_role("button", name="Next frame")
    for expected in [*range(1, 13), -12]:
        button.click()
        assert page.locator(".lk-body").get_attribute("data-frame") == str(expected)
    page.wait_for_timeout(200)
    assert page.locator(".lk-body").get_attribute("data-frame") == "-12"


def test_what_the_hole_shows_is_said(ready):
    explorer = Aperture(seed=0)
    page = ready(explorer)
    seen = page.locator(f"#{page.locator('.ap-stage').get_attribute('aria-describedby')}")
    normal = explorer.trials[0]["normal_deg"]
    assert f"drift across themselves towards {normal}°" in seen.text_content()
    spoken = page.locator("[aria-live=polite]")
    assert spoken.text_content() == ""
    page.locator(".ap-stage").press("ArrowRight")
    page.wait_for_function("document.querySelector('[aria-live]').textContent")
    assert "15° (right). 1 known" in spoken.text_content()
    page.get_by_role("button", name="Reveal").click()
    page.wait_for_function("document.querySelector('[aria-live]').textContent.includes('moved')")

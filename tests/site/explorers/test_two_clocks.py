"""Two clocks in a real browser: all it computes is Python's, and names change no picture."""

import itertools
import random
from fractions import Fraction

import pytest
from contract import Case, get, put, seen

from lecturekit.explorers.two_clocks import BETA_INVS, LATERALS, LIMITS, NAMINGS, READS, TwoClocks

PHONE = {"viewport": {"width": 360, "height": 780}, "has_touch": True}

SWEEP = """(grid) => {
  const [body, model] = [document.querySelector(".lk-body"), document.querySelector(".lk-explorer").lkModel];
  return grid.map((settings) => {
    Object.entries(settings).forEach(([key, value]) => model.set(key, value));
    return { ...JSON.parse(body.dataset.sums), lesson: body.querySelector(".lk-lesson").textContent,
      fits: [...body.querySelectorAll("[data-fit]")].map((node) => node.textContent) };
  });
}"""  # noqa: E501


def make(**settings):
    return TwoClocks(**settings)


CASE = Case(
    make=make,
    control="input[type=range]",
    key="ArrowRight",
    changes="cycles",
    python=("naming", "lecture"),
    says="an arm held still, gives exactly the same 8 slow frames as this wave of 8 cycles",
)


def grid():
    """Settings at random, and the corners of all."""
    rng = random.Random(0)
    for _ in range(300):
        settings = {key: rng.randint(*ends) for key, ends in LIMITS.items()}
        yield settings | {
            "beta_inv": rng.choice(BETA_INVS),
            "reads": rng.choice(READS),
            "lateral": rng.choice(LATERALS),
        }
    for corner in itertools.product(*LIMITS.values()):
        yield dict(zip(LIMITS, corner, strict=True)) | {"beta_inv": 32, "reads": "every"}


def test_all_settings_give_python_s_sums(ready):
    clocks, all_settings = make(), list(grid())
    for settings, found in zip(all_settings, ready().evaluate(SWEEP, all_settings), strict=True):
        for key, value in settings.items():
            setattr(clocks, key, value)
        slow = clocks.indices("slow")
        assert [clocks.stride * frame for frame in found["slow"]] == slow.tolist(), settings
        assert found["raw"] == clocks.num_frames * clocks.stride
        for pathway, apparent in found["apparent"].items():
            expected = clocks.apparent_cycles(pathway)
            assert apparent == (expected if expected is None else pytest.approx(expected)), settings
        assert {
            kind: (made["channels"], made["frames"]) for kind, made in found["laterals"].items()
        } == clocks.laterals(), settings
        try:
            assert found["cost"] == pytest.approx(clocks.cost()), settings
        except ValueError:
            assert found["cost"] is None, settings


def test_a_connection_reads_whole_groups_strides_or_a_kernel(ready):
    links = {
        kind: ready(make(num_frames=16, alpha=4, lateral=kind)).evaluate(SWEEP, [{}])[0]["chosen"]
        for kind in LATERALS
    }
    assert links["time-to-channel"]["links"][1] == [4, 5, 6, 7]
    assert links["sampling"]["links"][1] == [4]
    assert links["convolution"]["links"] == [
        [0, 1, 2, 3],
        list(range(1, 8)),
        list(range(5, 12)),
        list(range(9, 16)),
    ]


def test_three_namings_change_the_words_and_not_the_picture(ready):
    page = ready(make(num_frames=32, stride=2, alpha=4, lateral="sampling"))
    views = {}
    for naming in NAMINGS:
        page.locator(f"input[value={naming}]").check()
        views[naming] = seen(page)
    paper, config, lecture = views.values()
    assert paper["pictures"] == config["pictures"] == lecture["pictures"]
    for naming, words in {
        "paper": ["T × τ = 8 × 8", "T = 8 frames", "αT = 32 frames", "(βC, αT) → (βC, T)"],
        "config": ["“8×8”", "“32×2”", "NUM_FRAMES × SAMPLING_RATE = 32 × 2", "BETA_INV"],
        "lecture": ["T/α = 8 frames", "T = 32 frames", "(βC, T) → (βC, T/α)"],
    }.items():
        for word in words:
            assert (word in views[naming]["text"]) is True, word
    assert "αT" not in lecture["text"]
    assert "τ" not in config["text"]


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"alpha": 8, "cycles": 1}, "4 slow frames to 1 cycle are 4 for each"),
        ({"alpha": 8, "cycles": 2}, "Slow is at its limit, two frames for each of 2 cycles"),
        ({"alpha": 8, "cycles": 3}, "a wave of 1 cycle, begun at another moment, gives exactly"),
        ({"alpha": 8, "cycles": 4}, "an arm held still, gives exactly the same 4 slow frames"),
        ({"alpha": 8, "cycles": 5}, "The fast pathway’s 32 frames see all 5"),
        (
            {"num_frames": 12, "alpha": 4, "cycles": 11},
            "The fast pathway is fooled as well: it sees 1",
        ),
        ({"reads": "rounded"}, "unevenly apart: 0, 4, 8, 13, 17, 22, 26, 31 of the fast ones"),
    ],
)
def test_the_lesson_says_what_slow_sees(ready, settings, words):
    page = ready(make(**settings))
    assert words in page.locator(".lk-lesson").inner_text()
    even = settings.get("reads") != "rounded"
    assert page.get_by_text("what Slow alone would guess").is_visible() is even


def red(page):
    return page.evaluate(
        """() => {
            const canvas = document.querySelector("canvas");
            const probe = document.createElement("i");
            probe.style.color = "var(--lk-red)";
            document.querySelector(".lk-body").append(probe);
            const [r, g, b] = getComputedStyle(probe).color.match(/\\d+/g).map(Number);
            probe.remove();
            const { width, height } = canvas;
            const { data } = canvas.getContext("2d").getImageData(0, 0, width, height);
            let count = 0;
            for (let k = 0; k < data.length; k += 4)
              count += data[k] === r && data[k + 1] === g && data[k + 2] === b;
            return count;
        }"""
    )


def test_what_does_not_fit_is_red_crossed_and_said(ready):
    page = ready(make(num_frames=33, alpha=4, reads="rounded"))
    seen(page)
    assert red(page) > 20
    said = page.locator(".tc-lateral").inner_text()
    assert "✗ α = 4 does not divide 33 frames" in said
    assert "gives 9 frames, Slow has 8" in said
    assert "✗ 9 ≠ 8 frames" in page.locator("[data-fit=convolution]").inner_text()
    put(page, reads="every")
    assert red(page) == 0
    assert page.locator("[data-fit=convolution]").inner_text() == "✓ fits"
    put(page, lateral="time-to-channel")
    assert red(page) > 20
    assert "Stacking 4 at a time leaves 1 over" in page.locator(".tc-lateral").inner_text()
    put(page, num_frames=32)
    assert red(page) == 0
    put(page, reads="rounded")
    assert "comes from up to 3 fast frames before it" in page.locator(".tc-lateral").inner_text()


def test_the_cost_is_asked_before_it_is_shown(ready):
    page = ready(make(num_frames=32, alpha=8))
    button = page.get_by_role("button", name="Show the cost")
    assert button.is_disabled()
    assert not page.locator(".tc-bars").is_visible()
    assert " G" not in page.locator(".tc-cost").inner_text()
    page.get_by_role("radio", name="αβ = 1", exact=True).check()
    button.click()
    assert get(page, "guess", "revealed") == ["alpha*beta", True]
    bars = page.locator(".tc-bar").all_inner_texts()
    assert ["27.3 G (1)" in bars[0], "6.90 G (0.253)" in bars[2]] == [True, True]
    answer = page.locator(".tc-answer").inner_text()
    assert "You guessed αβ; but a layer multiplies" in answer
    assert "costs 0.253 of Slow, 19.0 % of all" in answer
    assert "2.0 × αβ²" in answer
    wide = [box.bounding_box()["width"] for box in page.locator(".tc-fill").all()]
    cost = make(num_frames=32, alpha=8).cost()
    for width, macs in zip(wide, cost.values(), strict=True):
        assert width / wide[0] == pytest.approx(macs / cost["slow"], abs=0.01)
    put(page, num_frames=33, lateral="time-to-channel")
    assert not page.locator(".tc-bars").is_visible()
    assert "no such network" in page.locator(".tc-answer").inner_text()
    page.get_by_role("button", name="Hide the cost").click()
    assert page.locator(".tc-answer").inner_text() == ""


def test_the_keyboard_alone_works_everything(ready):
    page = ready(make())
    labels = [("αT, to Fast", "num_frames"), ("τ/α, step", "stride"), ("α", "alpha")]
    for label, trait in labels:
        before = get(page, trait)
        page.get_by_label(label, exact=True).press("ArrowRight")
        assert get(page, trait) == before + 1, label
    page.get_by_label("β", exact=True).press("ArrowRight")
    assert get(page, "beta_inv") == 16
    assert page.get_by_label("β", exact=True).get_attribute("aria-valuetext") == "1/16"
    for value, trait in [("paper", "naming"), ("every", "reads"), ("convolution", "lateral")]:
        before = get(page, trait)
        page.locator(f"input[value={value}]").press("ArrowDown")
        assert get(page, trait) != before
    page.locator("input[value=none]").press("ArrowDown")
    page.locator(".tc-cost button").press("Enter")
    assert get(page, "revealed") is True


def test_a_finger_sets_a_slider_and_every_setting_fits_a_phone(ready):
    page = ready(make(), **PHONE)
    track = page.locator("input[type=range]").first
    box = track.bounding_box()
    page.touchscreen.tap(box["x"] + 0.98 * box["width"], box["y"] + box["height"] / 2)
    assert get(page, "cycles") == 12
    for naming, reads in itertools.product(NAMINGS, READS):
        put(page, naming=naming, reads=reads, num_frames=63, stride=4, revealed=True)
        assert page.evaluate("document.documentElement.scrollWidth") <= 360, (naming, reads)


def test_the_guesses_are_fractions(ready):
    page = ready(make(alpha=3, beta_inv=4))
    for alpha, inverse in itertools.product(range(2, 9), BETA_INVS):
        put(page, alpha=alpha, beta_inv=inverse)
        shown = page.locator(".tc-cost .lk-option").all_inner_texts()
        values = (Fraction(alpha, inverse), Fraction(alpha, inverse**2), Fraction(1, inverse**2))
        assert [text.split("= ")[1] for text in shown[1:]] == [str(value) for value in values]

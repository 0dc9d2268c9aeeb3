"""The mask in a real browser: it computes what Python computes, and its words fit."""

import itertools

import numpy as np
import pytest
from contract import Case, get, put

from lecturekit import assets, video
from lecturekit.explorers.the_mask import TheMask, network
from lecturekit.models.masking import MASKS

PHONE = {"viewport": {"width": 390, "height": 780}, "has_touch": True, "is_mobile": True}

# The colours of a row of pictures: (8, 32, 32, 4).
ROW = """(name) => [...document.querySelectorAll(`[data-row=${name}] canvas`)].map((canvas) =>
  [...canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data])"""


def make(**settings):
    """A grey ball that moves over a coloured slope, and a piece of a street."""
    rows, columns = np.mgrid[:32, :32]
    ball = np.zeros((16, 32, 32, 3), np.uint8)
    for t in range(16):
        ball[t] = np.stack([5 * columns, 4 * rows, np.full_like(rows, 90)], -1)
        ball[t][(rows - 12) ** 2 + (columns - 3 - 1.7 * t) ** 2 < 30] = 230
    street = video.read_frames(assets.path("bikes"), range(190, 206), size=(32, 75))[:, :, 20:52]
    return TheMask({"ball": ball, "street": street}, **settings)


CASE = Case(
    make=make,
    control=".tm-borrow input",
    key="Space",
    changes="borrow",
    python=("share", 0.5),
    says="112 of 128 patches hidden (87.5 %, tube). True mean and contrast not given.",
)


def shown(page, row):
    return np.array(page.evaluate(ROW, row)).reshape(8, 32, 32, 4)[..., :3]


def losses(page):
    return page.evaluate("JSON.parse(document.querySelector('.lk-body').dataset.losses)")


def test_losses_and_pictures_are_python_s(ready):
    explorer = make()
    page = ready(explorer)
    for clip, kind, share in itertools.product(("ball", "street"), MASKS, network.SHARES):
        settings = {"clip": clip, "kind": kind, "share": share}
        put(page, **settings)
        for key, value in settings.items():
            setattr(explorer, key, value)
        assert losses(page) == pytest.approx(explorer.answers(), rel=1e-4), settings
        for borrow in (True, False):
            put(page, borrow=borrow)
            explorer.borrow = borrow
            for row, values in explorer.pictures().items():
                expected = np.clip(255 * values, 0, 255)
                apart = np.abs(shown(page, row) - expected)
                # Two decoders of a JPEG differ by a few greys, and those of a patch in contrast.
                limit = 6 if row == "rebuilt" else 0.6
                assert apart.max() <= limit, (settings, row)


def test_the_encoder_sees_what_is_not_hidden(ready):
    explorer = make(kind="frames", share=0.5)
    page = ready(explorer)
    seen, truth = shown(page, "seen"), shown(page, "truth")
    hidden = (seen != truth).any((1, 2, 3))
    assert hidden.sum() == 4
    crossed = seen[hidden]
    assert set(np.unique(crossed)) == {90, 150}
    assert (shown(page, "copied")[~hidden] == truth[~hidden]).all(), "visible patches stay"


def test_the_errors_wait_for_a_guess(ready):
    page = ready()
    button = page.get_by_role("button", name="Show the errors")
    assert button.is_disabled()
    assert not page.locator(".tm-bars").is_visible()
    page.locator(".tm-ask input[value=frames]").check()
    button.click()
    answer = page.locator(".tm-answer").inner_text()
    assert answer.startswith("✗ A copy is worst under a tube")
    page.locator(".tm-ask input[value=tube]").check()
    assert page.locator(".tm-answer").inner_text().startswith("✓ A copy is worst under a tube")
    told = {
        name: float(page.locator(f"[data-loss={name}]").inner_text())
        for name in ("network", "copy", "flat")
    }
    assert told == pytest.approx(make().answers(), abs=0.006)
    widths = page.evaluate(
        """[...document.querySelectorAll(".tm-track")].map((track) =>
          track.firstChild.getBoundingClientRect().width / track.clientWidth)"""
    )
    assert widths == pytest.approx([n / max(told.values()) for n in told.values()], abs=0.02)


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"revealed": True}, "there is nothing to copy"),
        ({"revealed": True, "kind": "random"}, "mostly visible at another moment"),
        ({"revealed": True, "kind": "frames"}, "does better than the network, and needs no"),
        ({}, "which nobody told the network"),
        ({"borrow": False}, "this is what the network said, and no more"),
    ],
)
def test_the_lesson_fits_the_setting(ready, settings, words):
    assert words in ready(make(**settings)).locator(".lk-lesson").inner_text()


def test_the_lesson_keeps_the_answer_back(ready):
    page = ready()
    assert "copy" not in page.locator(".lk-lesson").inner_text()
    put(page, revealed=True)
    zeros = "worse than zeros" if losses(page)["network"] > losses(page)["flat"] else "better than"
    assert zeros in page.locator(".lk-lesson").inner_text()


def test_a_finger_works_it_and_nothing_is_wider_than_a_phone(ready):
    page = ready(**PHONE)
    page.locator(".tm-setting input[value=frames]").tap()
    page.locator(".tm-borrow input").tap()
    page.locator(".tm-setting select").select_option("street")
    assert get(page, "kind", "borrow", "clip") == ["frames", False, "street"]
    assert page.evaluate("document.documentElement.scrollWidth") <= 390

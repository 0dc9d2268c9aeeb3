"""The aperture without a browser: its sheets, what it measures, and what it refuses."""

import itertools
import math

import numpy as np
import pytest
import traitlets

from lecturekit.explorers.aperture import PATTERNS, VIEW_PX, Aperture, Trial, draw, measure

KNOWN = {"stripes": 1, "corner": 2, "texture": 2, "blank": 0}


def cases():
    for seed, pattern, hole_px in itertools.product((0, 3), PATTERNS, (6, 13, 36)):
        aperture = Aperture(seed=seed, trials=6, pattern=pattern, hole_px=hole_px)
        for aperture.trial in range(6):
            yield aperture, Trial(**aperture.trials[aperture.trial])


def test_the_eigenvalues_count_what_can_be_known():
    for aperture, trial in cases():
        measured = aperture.measurement()
        where = (aperture.pattern, aperture.hole_px, trial)
        assert measured.known == KNOWN[aperture.pattern], where
        assert measured.eigenvalues[0] >= measured.eigenvalues[1] >= 0, where


def test_the_measured_motion_is_the_true_one_or_its_part_across():
    for aperture, trial in cases():
        true = np.array(trial.velocity)
        angle = math.radians(trial.normal_deg)
        across = np.array([math.cos(angle), math.sin(angle)])
        expected = {0: np.zeros(2), 1: across * (across @ true), 2: true}[KNOWN[aperture.pattern]]
        measured = aperture.measurement().velocity
        # A corner in the smallest hole is all steep edges: its slopes are the coarsest.
        tolerance = 0.2 if aperture.pattern == "corner" else 0.05
        assert np.allclose(measured, expected, atol=tolerance), (aperture.pattern, trial)


def test_the_tensor_of_a_ramp_by_hand():
    """Grey 3 x + 4 y, moved by (1, 0): slopes 3 and 4; the one eigenvalue is 3² + 4² = 25."""
    x, y = np.arange(VIEW_PX)[None, :], np.arange(VIEW_PX)[:, None]
    frames = [3 * (x - frame) + 4 * y for frame in (-1, 0, 1)]
    measured = measure(*frames, hole_px=9)
    assert measured.eigenvalues == pytest.approx((25, 0))
    # (3, 4) · v = 3: of all such v, the nearest to zero is (3, 4) × 3 / 25.
    assert measured.velocity == pytest.approx((0.36, 0.48))
    assert measured.known == 1


@pytest.mark.parametrize("pattern", PATTERNS)
def test_a_frame_later_the_sheet_has_moved_by_its_velocity(pattern):
    waves, trial = Aperture(seed=2).waves, Trial(motion_deg=30, normal_deg=75, speed_px=1.0)
    now, later = (draw(pattern, trial, frame, waves, velocity=(3, -2)) for frame in (0, 1))
    assert np.array_equal(later[:-2, 3:], now[2:, :-3])
    assert pattern == "blank" or not np.array_equal(later, now)


def test_stripes_hide_what_slides_along_them():
    trial = Trial(motion_deg=0, normal_deg=0, speed_px=1.0)
    still, slid = (draw("stripes", trial, 1, [], velocity=(0, dy)) for dy in (0, 5))
    assert np.array_equal(still, slid)


def test_trials_come_from_the_seed_and_lie_on_the_dial():
    trials = Aperture(seed=4, trials=24).trials
    assert trials == Aperture(seed=4, trials=24).trials
    assert trials != Aperture(seed=5, trials=24).trials
    for trial, after in itertools.pairwise(trials):
        assert trial["motion_deg"] != after["motion_deg"]
    for trial in trials:
        assert trial["motion_deg"] % 15 == 0
        apart = (trial["normal_deg"] - trial["motion_deg"] + 180) % 360 - 180
        assert 15 <= abs(apart) <= 75, "the drift misleads, but never stands still"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"trials": 0}, "trials: expected 1 to 24, got 0"),
        ({"trials": 25}, "trials: expected 1 to 24, got 25"),
        ({"trials": 2.0}, "trials: expected a whole number, got 2.0"),
        ({"seed": -1}, "seed: expected at least 0, got -1"),
    ],
)
def test_arguments_are_checked(arguments, words):
    with pytest.raises((ValueError, TypeError), match=words):
        Aperture(**arguments)


@pytest.mark.parametrize(
    ("trait", "value", "words"),
    [
        ("pattern", "plaid", "'stripes'"),
        ("hole_px", 5, "hole_px"),
        ("hole_px", 37, "hole_px"),
        ("trial", 8, "trial: expected 0 to 7, got 8"),
        ("guess_deg", 20, "guess_deg: expected a multiple of 15.*got 20"),
        ("guess_deg", 360, "guess_deg"),
    ],
)
def test_settings_are_checked(trait, value, words):
    aperture = Aperture()
    before = getattr(aperture, trait)
    with pytest.raises(traitlets.TraitError, match=words):
        setattr(aperture, trait, value)
    assert getattr(aperture, trait) == before


def test_a_pattern_that_is_not_there_is_named():
    with pytest.raises(ValueError, match="got 'plaid'"):
        draw("plaid", Trial(0, 15, 1.0), 0, [])

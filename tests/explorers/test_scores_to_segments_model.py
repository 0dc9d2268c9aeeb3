"""From scores to segments without a browser: what is found, what it is worth, what is refused."""

from collections import Counter
from dataclasses import replace

import numpy as np
import pytest
import score_films
import traitlets
from score_films import CLASSES

from lecturekit import localization, metrics
from lecturekit.explorers.kit.sheets import Sheet, cut
from lecturekit.explorers.scores_to_segments import LEVELS, MAX_FILMS, ScoresToSegments

FILMS, SCORES = score_films.films(), score_films.scores()


def make(scores=SCORES, films=FILMS, classes=CLASSES, **settings):
    return ScoresToSegments(films, scores, classes, **settings)


# What it carries.


def test_the_state_holds_the_truth_and_the_scores_as_bytes():
    explorer = make()
    assert explorer.lengths == [96, 96, 96, 96, 72, 72]
    assert explorer.windows == [8, 13, 20]
    for film, truths in zip(FILMS, explorer.truths, strict=True):
        named = [(CLASSES[label], *frames) for label, *frames in truths]
        assert named == [segment[:3] for segment in film.segments]
    first = np.frombuffer(explorer.scores, np.uint8, 89 * 5).reshape(89, 5)
    assert np.abs(first / LEVELS - SCORES[8][0]).max() <= 0.5 / LEVELS + 1e-12
    assert len(explorer.scores) == sum(
        5 * (frames - window + 1) for window in (8, 13, 20) for frames in explorer.lengths
    )


def test_windows_come_in_rising_order_whatever_the_mapping_s():
    backward = {window: SCORES[window] for window in (20, 8, 13)}
    assert make(backward).state() == make().state()


def test_the_pictures_are_those_of_the_frames_named():
    explorer = make(shown=2)
    assert [frames[:3] for frames in explorer.picture_frames] == [[0, 3, 6]] * 2
    sheet = Sheet(explorer.pictures, explorer.columns)
    pictures = cut(sheet, 64, explorer.height_px, explorer.width_px).astype(float)
    for number, (film, frame) in {0: (0, 0), 31: (0, 93), 32: (1, 0), 40: (1, 24)}.items():
        true = FILMS[film].frames[frame].astype(float)
        assert np.abs(pictures[number] - true).mean() < 12, (film, frame)


def test_a_page_stays_light():
    many = [*FILMS[:4] * 10]
    scores = {window: [*tables[:4] * 10] for window, tables in SCORES.items()}
    assert len(make(scores, many).to_html().encode()) < 300_000


# What is found.


def test_predictions_are_localization_s():
    explorer = make(window=13, stride=3, threshold=0.6, nms=0.4, join="single")
    table = np.round(SCORES[13][5] * 255) / 255
    times = localization.stamp_times(20, 13, 3, 8.0)
    found = localization.segments_from_scores(
        table[::3], times, 0.6, step_sec=3 / 8, duration_sec=9.0, width_sec=13 / 8
    )
    expected = [(5, *one) for one in localization.suppress(found, 0.4)]
    assert [one for one in explorer.predictions() if one[0] == 5] == expected
    assert len(expected) > 2


def test_kinds_and_precision_are_the_metrics():
    explorer = make(join="single", nms=1.0, window=13, stride=1)
    kinds = Counter(explorer.kinds())
    assert sum(kinds.values()) == len(explorer.predictions())
    assert set(kinds) == set(metrics.ERRORS), "all kinds are seen"
    found = metrics.temporal_map(explorer.predictions(), explorer.truth(), [0.3, 0.5, 0.7])
    assert explorer.mean_average_precision() == found


@pytest.mark.parametrize("window", [8, 13, 20])
def test_a_wrong_stamp_is_half_a_window_off_and_costs_most_at_high_overlap(window):
    explorer = make(window=window, stride=1)
    half = window / 2 / 8
    offsets, values = {}, {}
    for stamp in localization.STAMPS:
        explorer.stamp = stamp
        offsets[stamp] = explorer.offset_sec()
        values[stamp] = explorer.mean_average_precision()
    assert abs(offsets["centre"]) < 0.1
    # Not to the last frame: where a film ends, a segment is cut.
    assert offsets["start"] == pytest.approx(-half, abs=0.15)
    assert offsets["end"] == pytest.approx(half, abs=0.15)
    for wrong in ("start", "end"):
        losses = [values["centre"][tiou] - values[wrong][tiou] for tiou in (0.3, 0.5, 0.7)]
        assert losses[2] > 0.15
        assert losses[2] >= losses[0]


def test_joined_segments_of_a_class_leave_nms_nothing_to_drop():
    explorer = make(stride=1)
    explorer.nms = 0.0
    least = explorer.predictions()
    explorer.nms = 1.0
    assert explorer.predictions() == least
    explorer.join = "single"
    every = len(explorer.predictions())
    explorer.nms = 0.0
    assert len(explorer.predictions()) < every / 3


def test_where_nothing_is_found_there_is_no_offset():
    nothing = {8: [np.zeros_like(table) for table in SCORES[8]]}
    explorer = make(nothing)
    assert explorer.predictions() == []
    assert explorer.kinds() == []
    assert explorer.offset_sec() is None
    assert explorer.mean_average_precision() == {0.3: 0, 0.5: 0, 0.7: 0}


# What is refused.


def changed(**tables):
    return {**SCORES, **{int(window[1:]): table for window, table in tables.items()}}


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"scores": SCORES[8]}, "scores: expected arrays of scores by window length, got list"),
        ({"scores": {}}, "number of window lengths: expected 1 to 5, got 0"),
        ({"scores": changed(w8=SCORES[8][:5])}, r"scores\[8\]: expected one array for each of 6"),
        (
            {"scores": changed(w8=SCORES[13])},
            r"scores\[8\]\[0\]: expected shape \(89, 5\), got \(84, 5\)",
        ),
        (
            {"scores": changed(w8=[2 * table for table in SCORES[8]])},
            r"scores\[8\]\[0\]: expected numbers from 0 to 1, got 0 to 2",
        ),
        ({"scores": {73: SCORES[20]}}, "window length: expected 1 to 72, got 73"),
        ({"classes": CLASSES[:4]}, r"scores\[8\]\[0\]: expected shape \(89, 4\)"),
        ({"classes": ("jump", *CLASSES[1:])}, r"films\[.\]: action: expected one of 'jump'"),
        ({"films": FILMS[:5]}, r"scores\[8\]: expected one array for each of 5 films, got 6"),
        ({"films": ()}, f"number of films: expected 1 to {MAX_FILMS}, got 0"),
        ({"shown": 4}, "shown: expected 1 to 3, got 4"),
        ({"speed": 2}, "ScoresToSegments has no argument speed"),
        (
            {"films": (*FILMS[:5], replace(FILMS[5], fps=9.0))},
            r"films\[5\]: expected 8 frames per second, as films\[0\] has, got 9",
        ),
        (
            {"films": tuple(replace(film, segments=()) for film in FILMS)},
            "films: expected a segment in one of them, got none",
        ),
        (
            {"films": (FILMS[0], replace(FILMS[1], frames=FILMS[1].frames[:, :16]), *FILMS[2:])},
            r"films\[1\].frames: expected shape \(T, 32, 32, 3\), got \(96, 16, 32, 3\)",
        ),
    ],
)
def test_films_and_scores_are_checked(given, words):
    with pytest.raises((ValueError, TypeError), match=words):
        make(**given)


@pytest.mark.parametrize(
    ("trait", "value", "words"),
    [
        ("film", 3, "film: expected 0 to 2, got 3"),
        ("curve", "run", "curve: expected one of 'best', 'hold a balloon'"),
        ("window", 9, "window: expected one of 8, 13, 20, got 9"),
        ("stride", 0, "stride: expected 1 to 16, got 0"),
        ("stamp", "middle", "'centre'"),
        ("join", "all", "'single'"),
        ("threshold", 1.2, "threshold"),
        ("nms", -0.1, "nms"),
        ("tiou", 0.6, "0.5"),
        ("at", 96, "at: expected 0 to 95, got 96"),
        ("guess", "0.6", "'none'"),
    ],
)
def test_settings_are_checked(trait, value, words):
    with pytest.raises(traitlets.TraitError, match=words):
        make(**{trait: value})
    explorer = make()
    before = getattr(explorer, trait)
    with pytest.raises(traitlets.TraitError, match=words):
        setattr(explorer, trait, value)
    assert getattr(explorer, trait) == before

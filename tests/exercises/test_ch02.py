"""The exercises of chapter 2: right answers in many styles pass, plausible wrong ones do not."""

import math
from fractions import Fraction

import numpy as np
import pytest
import torch

from lecturekit import facts, sampling
from lecturekit.exercises import ch02


def right(exercise, answers):
    return [pytest.param(exercise, a, id=f"{exercise.name}-right-{k}") for k, a in answers.items()]


def wrong(exercise, answers):
    """Each answer with the beginning of its hint; None where none is expected."""
    return [
        pytest.param(exercise, a, hint, id=f"{exercise.name}-wrong-{k}")
        for k, (a, hint) in answers.items()
    ]


# same_moments ---------------------------------------------------------------------------------


def moments_in_a_loop(indices, source_fps, target_fps):
    return [int(i) * target_fps // source_fps for i in indices]


def moments_by_search(indices, source_fps, target_fps):
    appears = np.arange(6000) * source_fps  # of the target's frames, in ticks both rates share
    return np.searchsorted(appears, np.asarray(indices) * target_fps, side="right") - 1


SAME_MOMENTS = {
    "loop": moments_in_a_loop,
    "search": moments_by_search,
    "floor": lambda i, a, b: np.floor(i * b / a),
    "floor as int": lambda i, a, b: np.floor(i * b / a).astype(int),
    "torch": lambda i, a, b: torch.div(torch.as_tensor(i) * b, a, rounding_mode="floor"),
    "float32": lambda i, a, b: np.float32(i * b // a),
    "fractions": lambda i, a, b: np.array([math.floor(Fraction(int(k), a) * b) for k in i]),
}
SAME_MOMENTS_WRONG = {
    "through seconds": (lambda i, a, b: (i / a * b).astype(int), "nearly: now and then"),
    "through seconds, floor": (lambda i, a, b: np.floor(i / a * b), "nearly: now and then"),
    "rounded": (lambda i, a, b: np.round(i * b / a).astype(int), "rounded to the nearest"),
    "rounded up": (lambda i, a, b: np.ceil(i * b / a).astype(int), None),
    "upside down": (lambda i, a, b: i * a // b, "the ratio is upside down"),
    "unchanged": (lambda i, a, b: i, "the same numbers are other moments"),
    "no rounding": (lambda i, a, b: i * b / a, "the place is right, but"),
    "ratio first": (lambda i, a, b: i * (b // a), "the ratio of the rates is cut"),
    "seconds": (lambda i, a, b: i / a, None),
    "too few": (lambda i, a, b: np.unique(i * b // a), None),
}

# middle_clips ---------------------------------------------------------------------------------


def middles_in_loops(v, t, tau, clips):
    places = v - (t - 1) * tau
    rows = []
    for k in range(clips):
        low, high = k * places // clips, (k + 1) * places // clips - 1
        start = (low + high) // 2
        rows.append([start + j * tau for j in range(t)])
    return rows


def middles_rounded_up(v, t, tau, clips):
    edges = sampling.segment_edges(v - (t - 1) * tau, clips)
    starts = edges[:-1] + (np.diff(edges)) // 2
    return starts[:, None] + tau * np.arange(t)


def middles_torch(v, t, tau, clips):
    return torch.tensor(middles_in_loops(v, t, tau, clips))


def from_starts(starts):
    return lambda v, t, tau, clips: (
        np.asarray(starts(v, t, tau, clips))[:, None] + tau * np.arange(t)
    )


MIDDLE_CLIPS = {
    "loops": middles_in_loops,
    "rounded up": middles_rounded_up,
    "torch": middles_torch,
    "library": from_starts(lambda v, t, tau, k: sampling.uniform_segments(v - (t - 1) * tau, k)),
}
MIDDLE_CLIPS_WRONG = {
    "segments of the video": (
        from_starts(lambda v, t, tau, k: sampling.uniform_segments(v, k)),
        "you cut the video's frames",
    ),
    "views of the page": (
        from_starts(lambda v, t, tau, k: np.linspace(0, v - (t - 1) * tau - 1, k).round()),
        "these are the views of the page",
    ),
    "first of each part": (
        from_starts(lambda v, t, tau, k: sampling.segment_edges(v - (t - 1) * tau, k)[:-1]),
        "each clip starts where its part starts",
    ),
    "coverage": (
        from_starts(lambda v, t, tau, k: sampling.uniform_segments(v - t * tau + 1, k)),
        "you kept the coverage",
    ),
    "one place short": (
        from_starts(lambda v, t, tau, k: sampling.uniform_segments(v - (t - 1) * tau - 3, k)),
        None,
    ),
    "segments' frames": (
        lambda v, t, tau, k: sampling.uniform_segments(v, k * t).reshape(k, t),
        "one frame of each segment",
    ),
    "starts alone": (
        lambda v, t, tau, k: sampling.uniform_segments(v - (t - 1) * tau, k),
        "these are the starts",
    ),
    "transposed": (lambda *case: middles_rounded_up(*case).T, None),
    "random": (
        from_starts(
            lambda v, t, tau, k: sampling.uniform_segments(
                v - (t - 1) * tau, k, np.random.default_rng(0)
            )
        ),
        None,
    ),
}

# apparent_turns -------------------------------------------------------------------------------


def turns_by_loop(turns, spokes, fps, stride):
    repeat = fps / stride / spokes
    while turns > repeat / 2:
        turns -= repeat
    while turns < -repeat / 2:
        turns += repeat
    return turns


def turns_by_angle(turns, spokes, fps, stride):
    angle = np.angle(np.exp(2j * np.pi * spokes * turns * stride / fps))
    return angle / (2 * np.pi * spokes) * fps / stride


def turns_by_search(turns, spokes, fps, stride, reach=2000):
    same = [turns + k * fps / stride / spokes for k in range(-reach, reach + 1)]
    return min(same, key=abs)


def turns_floor(turns, spokes, fps, stride):
    repeat = fps / (stride * spokes)
    return turns - repeat * np.floor(turns / repeat + 0.5)


def turns_in_float32(turns, spokes, fps, stride):
    return torch.tensor(turns_floor(turns, spokes, fps, stride), dtype=torch.float32)


def turns_once(turns, spokes, fps, stride):
    repeat = fps / stride / spokes
    return turns - repeat if turns > repeat / 2 else turns


def turns_once_both_ways(turns, spokes, fps, stride):
    repeat = fps / stride / spokes
    return turns_once(turns, spokes, fps, stride) if turns > -repeat / 2 else turns + repeat


APPARENT_TURNS = {
    "loop": turns_by_loop,
    "angle": turns_by_angle,
    "search": turns_by_search,
    "floor": turns_floor,
    "torch float32": turns_in_float32,
    "modulo": lambda f, n, fps, tau: (f + fps / tau / n / 2) % (fps / tau / n) - fps / tau / n / 2,
}
APPARENT_TURNS_WRONG = {
    "folds once": (turns_once, None),
    "folds once, both ways": (turns_once_both_ways, "one repeat is taken off, once"),
    "short search": (lambda *case: turns_by_search(*case, reach=1), "one repeat is taken off"),
    "true speed": (lambda f, *_: f, "that is the true speed"),
    "full turn": (lambda f, n, fps, tau: turns_by_loop(f, 1, fps, tau), "you waited for a full"),
    "no stride": (lambda f, n, fps, tau: turns_by_loop(f, n, fps, 1), "the clip does not show"),
    "never negative": (lambda f, n, fps, tau: f % (fps / tau / n), "never negative"),
    "no sign": (lambda *case: abs(turns_by_loop(*case)), "the speed is right"),
    "other sign": (lambda *case: -turns_by_loop(*case), None),
    "in spoke gaps": (lambda *case: turns_by_loop(*case) * case[1], None),
}

# crop_once ------------------------------------------------------------------------------------


def cropper(corner_of):
    """One corner for each clip."""

    def crop(clips, size, generator):
        height, width = clips.shape[2:4]
        cut = []
        for clip in clips:
            y, x = corner_of(generator, height - size, width - size)
            cut.append(clip[:, y : y + size, x : x + size])
        return np.stack(cut)

    return crop


def crop_vectorised(clips, size, generator):
    ys = generator.integers(clips.shape[2] - size + 1, size=len(clips))
    xs = generator.integers(clips.shape[3] - size + 1, size=len(clips))
    cut = [c[:, y : y + size, x : x + size] for c, y, x in zip(clips, ys, xs, strict=True)]
    return np.array(cut)


def crop_from_all_places(clips, size, generator):
    height, width = clips.shape[2:4]
    places = [(y, x) for y in range(height - size + 1) for x in range(width - size + 1)]
    return cropper(lambda g, *_: g.choice(places))(clips, size, generator)


def crop_trembling(clips, size, generator):
    cut = np.empty((*clips.shape[:2], size, size, 3), clips.dtype)
    for b, clip in enumerate(clips):
        for t, frame in enumerate(clip):
            y = generator.integers(frame.shape[0] - size)
            x = generator.integers(frame.shape[1] - size)
            cut[b, t] = frame[y : y + size, x : x + size]
    return cut


def crop_trembling_to_the_last_place(clips, size, generator):
    one_by_one = [
        cropper(lambda g, h, w: (g.integers(h + 1), g.integers(w + 1)))(
            clip[:, None], size, generator
        )
        for clip in clips
    ]
    return np.stack(one_by_one)[:, :, 0]


def crop_one_for_the_batch(clips, size, generator):
    y = generator.integers(clips.shape[2] - size + 1)
    x = generator.integers(clips.shape[3] - size + 1)
    return clips[:, :, y : y + size, x : x + size]


def crop_swapped(clips, size, generator):
    y = generator.integers(clips.shape[3] - size + 1)
    x = generator.integers(clips.shape[2] - size + 1)
    return np.stack([clip[:, y : y + size, x : x + size] for clip in clips])


def scaled_alike(generator, *room):
    share = generator.random()
    return [int(share * (most + 1)) for most in room]


def own_generator(seed):
    own = np.random.default_rng(seed)
    return cropper(lambda g, h, w: (own.integers(h + 1), own.integers(w + 1)))


CROP_ONCE = {
    "mended": cropper(lambda g, h, w: (g.integers(h + 1), g.integers(w + 1))),
    "x first": cropper(lambda g, h, w: (g.integers(w + 1), g.integers(h + 1))[::-1]),
    "endpoint": cropper(
        lambda g, h, w: (g.integers(0, h, endpoint=True), g.integers(0, w, endpoint=True))
    ),
    "both at once": cropper(lambda g, h, w: g.integers([h + 1, w + 1])),
    "random": cropper(lambda g, h, w: (int(g.random() * (h + 1)), int(g.random() * (w + 1)))),
    "uniform": cropper(lambda g, h, w: (int(g.uniform(0, h + 1)), int(g.uniform(0, w + 1)))),
    "choice": cropper(lambda g, h, w: (g.choice(h + 1), g.choice(np.arange(w + 1)))),
    "vectorised": crop_vectorised,
    "all places": crop_from_all_places,
}
CROP_ONCE_WRONG = {
    "as it was": (crop_trembling, "each frame draws its own place"),
    "still trembling": (crop_trembling_to_the_last_place, "each frame draws its own place"),
    "last place never": (
        cropper(lambda g, h, w: (g.integers(max(h, 1)), g.integers(max(w, 1)))),
        "the clip stands still now",
    ),
    "stops at no room": (
        cropper(lambda g, h, w: (g.integers(h), g.integers(w))),
        "the clip stands still now",
    ),
    "first place never": (
        cropper(lambda g, h, w: (g.integers(min(1, h), h + 1), g.integers(min(1, w), w + 1))),
        None,
    ),
    "one for the batch": (crop_one_for_the_batch, "one place for the whole batch"),
    "fixed corner": (cropper(lambda g, h, w: (0, 0)), "always the same corner"),
    "last corner": (cropper(lambda g, h, w: (h, w)), None),
    "centre": (cropper(lambda g, h, w: (h // 2, w // 2)), "always the centre"),
    "one number": (
        cropper(lambda g, h, w: [g.integers(min(h, w) + 1)] * 2),
        "one number for both axes",
    ),
    "one number, scaled": (cropper(scaled_alike), "one number for both axes"),
    "own generator": (own_generator(0), "the places are drawn, but not from"),
    "own generator, hinted": (
        lambda clips, size, g: own_generator(5)(clips, size, g),
        "the places are drawn, but not from",
    ),
    "swapped": (crop_swapped, None),
    "reversed": (lambda *case: crop_vectorised(*case)[:, ::-1], None),
    "mirrored": (lambda *case: crop_vectorised(*case)[:, :, :, ::-1], None),
}

# fair_starts ----------------------------------------------------------------------------------


def fair_in_numpy(v, t, tau):
    return np.add.outer(np.arange(0, v, t * tau), np.arange(tau)).ravel()


def fair_filtered(v, t, tau):
    return [s for s in range(v) if s % (t * tau) < tau]


FAIR_STARTS = {
    "numpy": fair_in_numpy,
    "filtered": fair_filtered,
    "torch": lambda *case: torch.tensor(fair_filtered(*case)),
    "each twice": lambda *case: 2 * fair_filtered(*case),
    "backwards": lambda *case: fair_filtered(*case)[::-1],
    "tuple": lambda *case: tuple(fair_filtered(*case)),
}
FAIR_STARTS_WRONG = {
    "all places": (lambda v, t, tau: range(v - (t - 1) * tau), "these are all places"),
    "side by side": (lambda v, t, tau: range(0, v, t * tau), "clips side by side"),
    "first stretch": (lambda v, t, tau: list(range(tau)), "together these clips read the first"),
    "every frame": (lambda v, t, tau: list(range(v)), "every frame is a start"),
    "multiples": (lambda v, t, tau: range(0, v - (t - 1) * tau, tau), "all starts are multiples"),
    "segments": (
        lambda v, t, tau: np.minimum(sampling.segment_edges(v, t)[:-1], v - (t - 1) * tau - 1),
        None,
    ),
    "one random": (lambda v, t, tau: [3], None),
    "none": (lambda v, t, tau: [], None),
    "negative": (lambda v, t, tau: list(range(-tau, v - (t - 1) * tau)), None),
    "clips": (lambda v, t, tau: np.arange(v).reshape(-1, t), None),
}

FUNCTIONS = [
    (ch02.SAME_MOMENTS, SAME_MOMENTS, SAME_MOMENTS_WRONG),
    (ch02.MIDDLE_CLIPS, MIDDLE_CLIPS, MIDDLE_CLIPS_WRONG),
    (ch02.APPARENT_TURNS, APPARENT_TURNS, APPARENT_TURNS_WRONG),
    (ch02.CROP_ONCE, CROP_ONCE, CROP_ONCE_WRONG),
    (ch02.FAIR_STARTS, FAIR_STARTS, FAIR_STARTS_WRONG),
]


@pytest.mark.parametrize(
    ("exercise", "answer"), [p for exercise, good, _ in FUNCTIONS for p in right(exercise, good)]
)
def test_a_right_answer_passes_in_any_style(exercise, answer):
    verdict = exercise.verdict(answer)
    assert verdict.startswith("✓"), verdict


@pytest.mark.parametrize(
    ("exercise", "answer", "hint"),
    [p for exercise, _, bad in FUNCTIONS for p in wrong(exercise, bad)],
)
def test_a_wrong_answer_fails_with_its_hint(exercise, answer, hint):
    verdict = exercise.verdict(answer)
    assert verdict.startswith("✗"), verdict
    if hint:
        assert f"Hint: {hint}" in verdict


# Numbers and claims ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    "answer",
    [(4, 10, -1 / 3), [4, 10, 3 - 30 / 9], (4.0, 10.0, -0.333), np.array([4, 10, -0.3333])],
)
def test_drum_right(answer):
    assert ch02.DRUM.verdict(answer).startswith("✓")


@pytest.mark.parametrize(
    ("answer", "hint"),
    [
        ((5, 10, -1 / 3), "at stride 5 the limit"),
        ((9, 10, -1 / 3), "at stride 9 the clip still"),
        ((4, 10, 0.333), "the size is right"),
        ((4, 5, -1 / 3), "at stride 5 every second"),
        ((4, 10, 3), "that is the true rate"),
        ((4, 10, 3.33), "that is how many pictures"),
        ((3, 10, -1 / 3), None),
        ((4, 9, -1 / 3), None),
        ((10, 4, -1 / 3), None),
    ],
)
def test_drum_wrong(answer, hint):
    verdict = ch02.DRUM.verdict(answer)
    assert verdict.startswith("✗")
    assert (hint or "✗") in verdict


def test_drum_agrees_with_a_search():
    fps, rate = 30, 3
    apparent = {tau: turns_by_search(rate, 1, fps, tau) for tau in range(1, 31)}
    # Stride 5 is the tie: both directions fit.
    right_strides = [tau for tau in apparent if fps / tau / 2 > rate]
    still = [tau for tau in apparent if math.isclose(apparent[tau], 0, abs_tol=1e-9)]
    assert np.allclose((max(right_strides), min(still), apparent[9]), ch02.DRUM.answer)


@pytest.mark.parametrize("answer", [(0.614, 95), [1 - (31 / 32) ** 30, 95.0], (0.6142, 95)])
def test_share_seen_right(answer):
    assert ch02.SHARE_SEEN.verdict(answer).startswith("✓")


@pytest.mark.parametrize(
    ("answer", "hint"),
    [
        ((30 / 32, 95), "30 × 1/32 counts a frame again"),
        ((0.386, 95), "that share is still unseen"),
        ((0.614, 94), "after 94 epochs"),
        ((0.614, 94.36), "after 94 epochs"),
        ((0.111, 766), "one frame of each segment"),
        ((0.614, 31), "30.4 epochs"),
        ((0.592, 160), None),  # the page's numbers for random clips
        ((0.614, 96), None),
    ],
)
def test_share_seen_wrong(answer, hint):
    verdict = ch02.SHARE_SEEN.verdict(answer)
    assert verdict.startswith("✗")
    assert (hint or "✗") in verdict


def test_share_seen_agrees_with_a_simulation():
    generator = np.random.default_rng(0)
    seen = np.zeros((400, 256), bool)
    for _ in range(30):
        for row in seen:
            row[sampling.uniform_segments(256, 8, generator)] = True
    assert abs(seen.mean() - ch02.SHARE_SEEN.answer[0]) < 0.01


def test_the_claim_about_views_is_what_the_table_says():
    gains = [
        facts.value(f"k400-{model}-30view-pyslowfast-top1")
        - facts.value(f"k400-{model}-10view-pyslowfast-top1")
        for model in ("x3d-xs-4x12", "x3d-s-13x6", "x3d-m-16x5", "x3d-l-16x5")
    ]
    assert np.allclose((min(gains), max(gains)), (0.4, 1.1))
    assert "between 0.4 and 1.1 points" in ch02.CLIP_CLAIMS.claims["e"].reason


def test_a_ratio_of_rates_taken_first_is_wrong_somewhere():
    ratio = lambda i, source, target: (np.asarray(i) * (target / source)).astype(int)  # noqa: E731
    assert ch02.SAME_MOMENTS.verdict(ratio).startswith("✗")


def test_a_third_may_be_given_to_two_digits():
    assert ch02.DRUM.verdict((4, 10, -0.33)).startswith("✓")
    assert ch02.SHARE_SEEN.verdict((0.9375, 31)).startswith("✗")

"""Exercises on the flow stack: what it weighs, how it is read and mirrored, the camera in it."""

from collections.abc import Callable

import numpy as np

from lecturekit.exercises import Derivation, Exercise, Misconception, Property
from lecturekit.exercises.values import same

_RNG = np.random.default_rng(0)

EXTRA_WEIGHTS = Derivation(
    name="extra_weights",
    answer=64 * 7 * 7 * (2 * 10 - 3),
    statement="64 filters of 7 · 7 px, each over 2 · 10 − 3 = 17 channels more",
    slips=[
        (64 * 49 * 7, "ten fields are not ten channels: each has a dx and a dy."),
        (64 * 49 * 20, "that is the temporal stream's whole layer. How many has the other one?"),
        (49 * 17, "that is one filter. There are 64, and each reaches over all channels."),
        (64 * 7 * 17, "a filter of 7 × 7 px has 49 weights for each channel."),
        (64 * 17, "so many pairs of a filter and a channel more. Each pair has 7 × 7 weights."),
        (64 * (49 * 17 + 1), "the layer has no bias, and a bias would be in both streams."),
    ],
    tolerance=1e-9,
)

_FIELDS, _PIXELS = 10 * 3600 * 30, 340 * 256

DISK_GIGABYTES = Derivation(
    name="disk_gigabytes",
    answer=_FIELDS * _PIXELS * 2 / 1e9,
    statement="10 · 3600 · 30 fields of 340 · 256 pixels, two bytes each",
    slips=[
        (_FIELDS * _PIXELS / 1e9, "that is one number for each pixel. A flow vector has two."),
        (_FIELDS * _PIXELS * 8 / 1e9, "those are floats of four bytes. Asked for are 8 bits each."),
        (
            _FIELDS * _PIXELS * 4 / 1e9,
            "that is four bytes a pixel. A vector has two numbers of one.",
        ),
        (
            _FIELDS * _PIXELS * 3 / 1e9,
            "three numbers a pixel are a colour picture. A vector has two.",
        ),
        (_FIELDS * _PIXELS * 16 / 1e9, "those are bits. A byte has eight of them."),
        (_FIELDS * _PIXELS * 2 / 2**30, "those are gibibytes, of 2^30 bytes. A gigabyte has 10^9."),
        (_FIELDS * _PIXELS * 2 / 3.6e12, "an hour has 3600 seconds: you lost a factor of it."),
        (_FIELDS * _PIXELS * 2 / 6e10, "an hour has 3600 seconds, not 60."),
        (_FIELDS * _PIXELS * 2 / 1e6, "those are megabytes. A gigabyte has 10^9 bytes."),
    ],
)


def _interleaved(dx: np.ndarray, dy: np.ndarray) -> np.ndarray:
    return np.stack([dx, dy], 1).reshape(2 * len(dx), *dx.shape[1:])


def _centred(levels: np.ndarray) -> np.ndarray:
    return levels / 127.5 - 1


# No axis as long as another, both ends of the scale, and levels on both sides of the middle.
_LEVELS = [
    tuple(_RNG.integers(0, 256, (length, *size)).astype(np.uint8) for _ in "xy")
    for length, size in [(3, (4, 5)), (4, (7, 3))]
]
_LEVELS[0][0][0, 0, :2] = 0, 255


def _has_order(put: Callable[..., np.ndarray]) -> Callable[..., bool]:
    """Whether a result, whatever its scale, has the channels as ``put(dx, dy)`` lays them."""

    def symptom(got: np.ndarray, dx: np.ndarray, dy: np.ndarray) -> bool:
        wanted = put(dx.astype(float), dy.astype(float))
        return got.shape == wanted.shape and np.corrcoef(got.ravel(), wanted.ravel())[0, 1] > 0.99

    return symptom


def _in_halves(dx: np.ndarray, dy: np.ndarray) -> np.ndarray:
    return np.concatenate([dx, dy])


LOAD_STACK = Exercise(
    name="load_stack",
    kind="debug",
    cases=_LEVELS,
    properties=[
        Property(
            "shape (2 L, H, W)",
            lambda got, dx, dy: got.shape == (2 * len(dx), *dx.shape[1:]),
        ),
        Property(
            "level 0 is −1, level 255 is 1, evenly between; channel 2k is dx of field k, "
            "channel 2k + 1 its dy",
            lambda got, dx, dy: same(got, _centred(_interleaved(dx, dy))),
        ),
    ],
    misconceptions=[
        Misconception(
            lambda dx, dy: _in_halves(dx, dy) / 255,
            "two things are wrong. Ask what a pixel gets that does not move, and which channel "
            "holds dy of the first field.",
        ),
        Misconception(
            lambda dx, dy: _centred(_in_halves(dx, dy)),
            "no motion is 0 now. The channels are still all dx, then all dy; trained was "
            "dx, dy, dx, dy, …",
            _has_order(_in_halves),
        ),
        Misconception(
            lambda dx, dy: _interleaved(dx, dy) / 255,
            "the order is right. But a pixel that does not move still gets one half: level 0 must "
            "become −1.",
            lambda got, dx, dy: got.min() >= 0 and _has_order(_interleaved)(got, dx, dy),
        ),
        Misconception(
            lambda dx, dy: _centred(_interleaved(dy, dx)),
            "dx and dy have changed places: a flow vector is (dx, dy), x first.",
            _has_order(lambda dx, dy: _interleaved(dy, dx)),
        ),
        Misconception(
            lambda dx, dy: (_interleaved(dx, dy) - np.uint8(128)) / 127.5,
            "levels are unsigned bytes: below 0 they start again at 255. Make them floats before "
            "you subtract.",
            lambda got, dx, dy: got.min() >= 0 and got.max() > 1.2,
        ),
        Misconception(
            lambda dx, dy: (_interleaved(dx, dy).astype(float) - 128) / 128,
            "nearly: the middle of 0 and 255 is 127.5. With 128 no level gives 1.",
            lambda got, dx, dy: (
                got.shape == (2 * len(dx), *dx.shape[1:])
                and 1e-3 < np.abs(got - _centred(_interleaved(dx, dy))).max() < 0.02
            ),
        ),
        Misconception(
            lambda dx, dy: _centred(np.stack([dx, dy], -1).reshape(2 * len(dx), *dx.shape[1:])),
            "the shape is right and the channels are not: in memory dx and dy of one pixel are "
            "neighbours then, and a reshape moves nothing.",
        ),
    ],
)


def _mirrored(stack: np.ndarray, dx: float, dy: float) -> np.ndarray:
    return stack[:, :, ::-1] * _alternating(dx, dy, stack)


def _alternating(first: float, second: float, stack: np.ndarray) -> np.ndarray:
    return np.tile(np.float32([first, second]), len(stack) // 2)[:, None, None]


_STACKS = [(_RNG.normal(size=size).astype(np.float32),) for size in [(6, 4, 5), (8, 3, 7)]]

MIRROR_STACK = Exercise(
    name="mirror_stack",
    cases=_STACKS,
    properties=[
        Property("the stack's shape", lambda got, stack: got.shape == stack.shape),
        Property(
            "dy of a pixel is found, unchanged, at the mirrored pixel",
            lambda got, stack: same(got[1::2, :, ::-1], stack[1::2]),
        ),
        Property(
            "dx of a pixel is found at the mirrored pixel with its sign changed",
            lambda got, stack: same(-got[0::2, :, ::-1], stack[0::2]),
        ),
    ],
    misconceptions=[
        Misconception(
            lambda stack: _mirrored(stack, 1, 1),
            "the picture is mirrored, the vectors are not: what moved to the right still does.",
        ),
        Misconception(
            lambda stack: _mirrored(stack, -1, -1),
            "what moves down still moves down in a mirror: only one component changes its sign.",
        ),
        Misconception(
            lambda stack: _mirrored(stack, 1, -1),
            "you changed the sign of dy. A mirror swaps left and right, and x counts to the right.",
        ),
        Misconception(
            lambda stack: np.concatenate(
                [-stack[: len(stack) // 2, :, ::-1], stack[len(stack) // 2 :, :, ::-1]]
            ),
            "you changed the first half of the channels, as if all dx stood first. dx and dy "
            "alternate.",
        ),
        Misconception(
            lambda stack: stack * _alternating(-1, 1, stack),
            "the vectors are mirrored, the picture is not: its columns must change places.",
        ),
        Misconception(
            lambda stack: stack[:, ::-1] * _alternating(-1, 1, stack),
            "you turned the picture upside down: axis 1 is the rows. Left and right are columns.",
        ),
        Misconception(
            lambda stack: stack[::-1] * _alternating(-1, 1, stack),
            "axis 0 holds the channels: reversed, the last field comes first. Mirror the columns.",
        ),
    ],
)  # fmt: skip


def _close_up_figure(height: int, width: int) -> np.ndarray:
    """Bool (H, W): head and shoulders that reach the lower edge and fill more than half."""
    y, x = np.mgrid[:height, :width] / [[[height - 1]], [[width - 1]]]
    return ((x - 0.5) ** 2 + (y - 0.55) ** 2 < 0.44**2) & (y > 0.13)


def _close_ups() -> list[tuple[np.ndarray]]:
    rng = np.random.default_rng(5)
    return [(_close_up(rng, length, size),) for length, size in [(6, (30, 40)), (5, (44, 36))]]


def _close_up(rng: np.random.Generator, length: int, size: tuple[int, int]) -> np.ndarray:
    """Flow (L, H, W, 2): a camera that shakes, a large figure that moves, a tenth plainly wrong."""
    figure = _close_up_figure(*size)
    camera = rng.uniform(-2, 2, (length, 1, 1, 2))
    y, x = np.mgrid[: size[0], : size[1]] / 30
    # It leans: every part of it moves by another vector.
    lean = np.stack([1.5 + y, 0.8 * x - 1.6], -1) * rng.uniform(0.8, 1.4, (length, 1, 1, 1))
    flows = camera + lean * figure[..., None] + rng.normal(0, 0.03, (length, *size, 2))
    wrong = rng.uniform(size=(length, *size)) < 0.1
    # A single pixel is no measure: in some field each corner is among the wrong ones.
    for k, (row, column) in enumerate([(0, 0), (0, -1), (-1, 0), (-1, -1)]):
        wrong[k, row, column] = True
    flows[wrong] += rng.uniform(1.5, 3, (wrong.sum(), 2))
    return flows.astype(np.float32)


def _rests(got: np.ndarray) -> bool:
    background = got[:, ~_close_up_figure(*got.shape[1:3])]
    return bool((np.abs(np.median(background, 1)) < 0.1).all())


def _edge(flows: np.ndarray) -> np.ndarray:
    """The upper row and both columns: (L, 1, pixels, 2)."""
    return np.concatenate([flows[:, 0], flows[:, 1:, 0], flows[:, 1:, -1]], 1)[:, None]


def _is_one_vector(got: np.ndarray, flows: np.ndarray) -> bool:
    return got.shape == flows.shape and np.ptp(got - flows, (1, 2)).max() < 1e-4


def _taken(got: np.ndarray, flows: np.ndarray) -> np.ndarray:
    """The vector taken off each field: (L, 2)."""
    if not _is_one_vector(got, flows):
        raise ValueError("got: expected flows less a vector for each field")
    return (flows - got)[:, 0, 0]


def _camera(flows: np.ndarray) -> np.ndarray:
    return np.median(_edge(flows), (1, 2))


def _is_a_pixel(got: np.ndarray, flows: np.ndarray) -> bool:
    taken = _taken(got, flows)[:, None, None]
    return bool((np.abs(flows - taken).max(-1).min((1, 2)) < 1e-5).all())


def _is_near(got: np.ndarray, flows: np.ndarray) -> bool:
    return bool((np.abs(_taken(got, flows) - _camera(flows)) < 0.8).all())


CAMERA_OFF = Exercise(
    name="camera_off",
    kind="experiment",
    cases=_close_ups,
    properties=[
        Property(
            "one vector is taken off each field: pixels differ by as much as before",
            _is_one_vector,
        ),
        Property("the background rests, to a tenth of a pixel", lambda got, _: _rests(got)),
    ],
    misconceptions=[
        Misconception(
            lambda flows: flows,
            "nothing is taken off: the camera is still in every vector.",
        ),
        Misconception(
            lambda flows: flows - np.median(flows, (1, 2), keepdims=True),
            "the median follows the larger half of the pixels. In a close-up that is the figure. "
            "Where is there background for certain?",
        ),
        Misconception(
            lambda flows: flows - flows.mean((1, 2), keepdims=True),
            "the mean follows the figure by its share of the picture, here more than half. Where "
            "is there background for certain?",
        ),
        Misconception(
            lambda flows: flows - np.median(flows, 0, keepdims=True),
            "a median over the fields gives each pixel a vector of its own. The camera moves all "
            "pixels of one field alike.",
            lambda got, flows: (
                np.ptp(got - flows, (1, 2)).max() > 0.1 and np.ptp(got - flows, 0).max() < 1e-4
            ),
        ),
        Misconception(
            lambda flows: flows - np.median(_edge(flows), (0, 2), keepdims=True),
            "one vector for all fields: but the camera shakes, so each field has its own.",
            lambda got, flows: np.ptp(_taken(got, flows), 0).max() < 1e-4,
        ),
        Misconception(
            lambda flows: flows - np.median(_edge(flows), (2, 3), keepdims=True),
            "one number for dx and dy together: the camera moves by a vector.",
            lambda got, flows: np.ptp(_taken(got, flows), 1).max() < 1e-4,
        ),
        Misconception(
            lambda flows: flows - flows[:, :1, :1],
            "one pixel's flow may be wrong: a tenth of them is. Ask many of the background.",
            _is_a_pixel,
        ),
        Misconception(
            lambda flows: flows + np.median(_edge(flows), 2, keepdims=True),
            "the sign: what the camera adds must be subtracted.",
            lambda got, flows: np.abs(_taken(got, flows) + _camera(flows)).max() < 0.1,
        ),
        Misconception(
            lambda flows: flows - _edge(flows).mean(2, keepdims=True),
            "near. But a tenth of the vectors is wrong by pixels, and a mean follows them.",
            _is_near,
        ),
    ],
)  # fmt: skip

"""Where a flow is wrong, and what its tables say."""

from collections.abc import Callable
from functools import cache

import cv2
import numpy as np

from lecturekit import assets, flow, video
from lecturekit.exercises import Claim, Exercise, Judgement, Misconception, Property

# The flattest quarter carries 77 and 87 % of the turned pictures' error, and 17 % of the disc's.
# The quarter that ends farthest from home: 51 and 52 %, and all. The larger rank of both: 74 to
# 100 %.
_SHARE = 0.6


@cache
def _pairs() -> tuple[flow.GroundTruth, ...]:
    """Real pictures turned as a whole, and a disc over a still one: the page measures none."""
    here, there, yonder = video.read_frames(assets.path("bikes"), [110, 140, 190])
    turned = flow.rotation(here, 3), flow.rotation(there, 3)
    return *turned, flow.moving_layer(yonder, 9, -4)


@cache
def _errors(number: int) -> np.ndarray:
    """End-point error of Farnebäck's flow at each pixel; 0 where no truth can be seen."""
    pair = _pairs()[number]
    off = np.linalg.norm(flow.farneback(pair.prev, pair.next) - pair.flow, axis=-1)
    return np.where(pair.valid, off, 0)


def _share(mask: np.ndarray, prev: np.ndarray) -> float:
    """The part of the error that lies under the mask."""
    number = next(k for k, pair in enumerate(_pairs()) if np.array_equal(pair.prev, prev))
    return float(_errors(number)[np.asarray(mask, bool)].sum() / _errors(number).sum())


def _above(score: np.ndarray, part: float) -> np.ndarray:
    """The pixels whose score is above that of the given part of all."""
    return score > np.quantile(score, part)


def _grey(frame: np.ndarray) -> np.ndarray:
    return cv2.cvtColor(frame, cv2.COLOR_RGB2GRAY).astype(np.float64)


def _worst_slope(frame: np.ndarray) -> np.ndarray:
    return flow.structure_tensor_eigenvalues(frame, winsize=15)[..., 1]


def _round_trip(prev: np.ndarray, next: np.ndarray) -> np.ndarray:
    there, back = flow.farneback(prev, next), flow.farneback(next, prev)
    return np.nan_to_num(np.linalg.norm(there + flow.warp(back, there), axis=-1), nan=np.inf)


def _warp_error(prev: np.ndarray, next: np.ndarray) -> np.ndarray:
    came = flow.warp(_grey(next), flow.farneback(prev, next))
    return np.nan_to_num(np.abs(came - _grey(prev)), nan=np.inf)


def _thought(mask: Callable[..., np.ndarray], hint: str) -> Misconception:
    """A misconception that is recognised however it is computed: by nearly the same pixels."""
    return Misconception(mask, hint, lambda got, *pair: np.mean(got != mask(*pair)) < 0.05)


DOUBTFUL = Exercise(
    name="doubtful",
    kind="experiment",
    library="numpy",
    cases=lambda: [(pair.prev, pair.next) for pair in _pairs()],
    properties=[
        Property(
            "a mask (H, W) of True and False",
            lambda got, prev, _: (
                np.shape(got) == prev.shape[:2] and set(np.unique(got)) <= {False, True}
            ),
        ),
        Property("at most a quarter of the pixels", lambda got, *_: np.mean(got) <= 0.25 + 1e-6),
        Property(
            "they carry at least 60 % of the error",
            lambda got, prev, _: _share(got, prev) >= _SHARE,
        ),
    ],
    misconceptions=[
        _thought(
            lambda prev, _: ~_above(_worst_slope(prev), 0.25),
            "that finds the flat ground of the turned pictures, and not the rim of the disc. There "
            "much is known, and hidden a moment later.",
        ),
        _thought(
            lambda prev, _: _above(_worst_slope(prev), 0.75),
            "those are corners and textures, where flow is at its best. Where is nothing known?",
        ),
        _thought(
            lambda prev, next: _above(np.linalg.norm(flow.farneback(prev, next), axis=-1), 0.75),
            "a long vector need not be a wrong one. Which windows cannot know their motion at all?",
        ),
        _thought(
            lambda prev, next: _above(_round_trip(prev, next), 0.75),
            "where both flows answer 0 they agree, and are wrong together. Which windows know "
            "nothing?",
        ),
        _thought(
            lambda prev, next: _above(_warp_error(prev, next), 0.75),
            "on an empty wall any vector finds the same grey. Look for where there is nothing to "
            "compare.",
        ),
        _thought(
            lambda prev, next: _above(np.abs(_grey(next) - _grey(prev)), 0.75),
            "grey values change most at strong edges, where much is known. Look where they do not.",
        ),
        Misconception(
            lambda prev, _: ~_above(_worst_slope(prev), 0.5),
            "too much of it: at most a quarter of the pixels.",
            symptom=lambda got, *_: np.mean(got) > 0.25 + 1e-6,
        ),
    ],
)

FLOW_CLAIMS = Judgement(
    name="flow_claims",
    claims={
        "a": Claim(
            False,
            "beside the error of answering 0, the disc is not the best scene.",
            "what error has someone who answers 0 on that scene?",
        ),
        "b": Claim(
            True,
            "the ablation changed that one line and most of the error there went.",
            "compare the two numbers of the ablation: what differed between them?",
        ),
        "c": Claim(
            False,
            "nothing moved: a change of light was explained as motion.",
            "how was that second frame made?",
        ),
        "d": Claim(
            False,
            "an even change leaves slopes alone; a change of contrast does not.",
            "read the other lines of that table.",
        ),
        "e": Claim(
            False,
            "two wrong flows can agree: part of that row was not flagged.",
            "can two wrong flows agree with each other?",
        ),
        "f": Claim(
            True,
            "a wrong vector can end on the same grey.",
            "what is the warp error of any flow on an empty wall?",
        ),
    },
)

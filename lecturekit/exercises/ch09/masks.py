"""Divided attention as two masks of the joint one."""

from functools import cache

import numpy as np
import torch
from einops import rearrange

from lecturekit.exercises import Exercise, Misconception, Property, same
from lecturekit.models.attention import Attention


def _numbers(moments: int, places: int) -> tuple[np.ndarray, np.ndarray]:
    """Of each token, time-major, its moment and its place."""
    return np.divmod(np.arange(moments * places), places)


def _equal(number: np.ndarray) -> np.ndarray:
    return number[:, None] == number[None]


def _right(moments: int, places: int) -> tuple[np.ndarray, np.ndarray]:
    moment, place = _numbers(moments, places)
    return _equal(place), _equal(moment)


def _place_major(moments: int, places: int) -> tuple[np.ndarray, np.ndarray]:
    """As if the tokens of one place followed each other."""
    place, moment = np.divmod(np.arange(moments * places), moments)
    return _equal(place), _equal(moment)


def _swapped_sizes(moments: int, places: int) -> tuple[np.ndarray, np.ndarray]:
    """Time-major, but with the two lengths the wrong way round."""
    tokens = np.arange(moments * places)
    return _equal(tokens % moments), _equal(tokens // moments)


def _without_itself(moments: int, places: int) -> tuple[np.ndarray, ...]:
    return tuple(mask & ~np.eye(len(mask), dtype=bool) for mask in _right(moments, places))


def _causal(moments: int, places: int) -> tuple[np.ndarray, np.ndarray]:
    time, space = _right(moments, places)
    return np.tril(time), space


def _neighbours(moments: int, places: int) -> tuple[np.ndarray, np.ndarray]:
    time, space = _right(moments, places)
    token = np.arange(moments * places)
    return time & (abs(token[:, None] - token) <= places), space


@cache
def _folded(moments: int, places: int) -> tuple[Attention, torch.Tensor, list[torch.Tensor]]:
    """An attention of the library, tokens, and what it gives of them folded: time, then space."""
    random = torch.Generator().manual_seed(moments * 100 + places)
    layer = Attention(8, 2).double()
    for weight in layer.parameters():
        weight.data = torch.randn(weight.shape, generator=random, dtype=torch.float64)
    tokens = torch.randn(2, moments * places, 8, generator=random, dtype=torch.float64)
    with torch.no_grad():
        time = layer(rearrange(tokens, "b (t s) d -> (b s) t d", t=moments))
        space = layer(rearrange(tokens, "b (t s) d -> (b t) s d", t=moments))
    time = rearrange(time, "(b s) t d -> b (t s) d", s=places)
    return layer, tokens, [time, rearrange(space, "(b t) s d -> b (t s) d", t=moments)]


def _are_masks(got: object, moments: int, places: int) -> bool:
    tokens = moments * places
    masks = [np.asarray(mask) for mask in got]
    return len(masks) == 2 and all(
        mask.shape == (tokens, tokens) and mask.dtype == bool for mask in masks
    )


def _gives(got: object, position: int, moments: int, places: int) -> bool:
    """Whether joint attention under one of the masks gives what the folded one gives."""
    layer, tokens, folded = _folded(moments, places)
    with torch.no_grad():
        seen = layer(tokens, torch.from_numpy(np.array(got[position])))
    return same(seen, folded[position])


def _as_float(got: object, *_: int) -> bool:
    return len(got) == 2 and all(np.asarray(mask).dtype.kind in "fiu" for mask in got)


DIVIDED_MASKS = Exercise(
    name="divided_masks",
    # Lengths that differ both ways, and one that divides the other.
    cases=[(3, 4), (5, 2), (2, 6), (4, 3)],
    properties=[
        Property("two masks, boolean, N × N", _are_masks),
        Property(
            "joint attention under the first gives what folded attention in time gives",
            lambda got, *case: _gives(got, 0, *case),
        ),
        Property(
            "joint attention under the second gives what folded attention in space gives",
            lambda got, *case: _gives(got, 1, *case),
        ),
    ],
    misconceptions=[
        Misconception(
            lambda *case: _right(*case)[::-1],
            "the first mask is that of space, the second that of time.",
        ),
        Misconception(
            _place_major,
            "your masks are right for tokens of which those of one *place* follow each other. "
            "These are time-major: first all places of moment 0.",
        ),
        Misconception(
            _swapped_sizes,
            "how many tokens lie between a token and the one at its place in the next moment: "
            "as many as there are moments, or as many as there are places?",
        ),
        Misconception(
            lambda *case: tuple(~mask for mask in _right(*case)),
            "True means *may* look. Yours say who may not.",
        ),
        Misconception(
            _without_itself,
            "a token may look at itself: folded attention has it among its keys.",
        ),
        Misconception(
            _causal,
            "your tokens look back in time, not ahead. Divided attention looks both ways.",
        ),
        Misconception(
            lambda *case: (np.logical_or(*_right(*case)),) * 2,
            "both masks let a token look along time *and* in space. One look each.",
        ),
        Misconception(
            lambda *case: (_without_itself(*case)[0], _right(*case)[1]),
            "in time, too, a token looks at itself.",
        ),
        Misconception(
            lambda *case: (_right(*case)[0], _without_itself(*case)[1]),
            "in space, too, a token looks at itself.",
        ),
        Misconception(
            lambda *case: (~_right(*case)[1], _right(*case)[1]),
            "in time means: the same *place* in all moments, not all places of other moments.",
        ),
        Misconception(
            _neighbours,
            "in time means all moments, not the next ones alone.",
        ),
        Misconception(
            lambda moments, places: (
                _right(moments, places)[0],
                _equal(np.arange(moments * places) // moments),
            ),
            "of space: each moment has as many tokens as there are places. What is a token's "
            "number divided by?",
        ),
        Misconception(
            lambda *case: _right(*case)[0],
            "two masks are asked for, that of time first.",
            lambda got, moments, places: np.asarray(got).shape == (moments * places,) * 2,
        ),
        Misconception(
            lambda *case: tuple(np.where(mask, 0, -np.inf) for mask in _right(*case)),
            "as masks that torch *adds* to the scores, 0 and −∞ can be right. Here boolean ones "
            "are asked for: `mask == 0`.",
            lambda got, *_: bool(np.isinf(np.asarray(got, float)).any()),
        ),
        Misconception(
            lambda *case: tuple(mask.astype(float) for mask in _right(*case)),
            "your masks hold numbers. torch *adds* a mask of numbers to the scores, so 0 forbids "
            "nothing; a boolean one forbids.",
            _as_float,
        ),
        Misconception(
            lambda moments, places: (
                np.eye(moments, dtype=bool),
                np.eye(places, dtype=bool),
            ),
            "each mask is N × N, for all tokens of the clip at once: N = T · S.",
            lambda got, moments, places: len(np.asarray(got[0])) != moments * places,
        ),
    ],
)  # fmt: skip

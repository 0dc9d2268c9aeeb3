"""A transformer of one layer that does not see the order of a film."""

from collections.abc import Callable

import numpy as np
import torch
from einops import rearrange
from torch.nn import functional

from lecturekit.exercises import Exercise, Misconception, Property, same

_TIME_MAJOR, _PLACE_MAJOR = "b d t h w -> b (t h w) d", "b d t h w -> b (h w t) d"


def _layer(
    flat: str = _TIME_MAJOR,
    moments_so: str = "each",
    places_so: str = "all",
    when: str = "before",
    scale: float = 0.5,
    axis: int = -1,
) -> Callable[..., torch.Tensor]:
    """The layer, with one or several of its lines replaced.

    Args:
        flat: order of the tokens, in einops' words.
        moments_so: "each" row of the table several times in a row, or "all" rows again and again.
        places_so: likewise.
        when: the moments are added "before" tokens meet, "after", or "twice".
        scale: power of d that the products are divided by.
        axis: of the softmax.
    """
    repeated = {
        "each": lambda table, times: table.repeat_interleave(times, 0),
        "all": lambda table, times: table.repeat(times, 1),
    }

    def layer(
        clips: torch.Tensor,
        kernel: torch.Tensor,
        moments: torch.Tensor,
        places: torch.Tensor,
        qkv: torch.Tensor,
    ) -> torch.Tensor:
        tokens = rearrange(functional.conv3d(clips, kernel, stride=kernel.shape[2:]), flat)
        tokens = tokens + repeated[places_so](places, len(moments))
        in_time = repeated[moments_so](moments, len(places))
        if when != "after":
            tokens = tokens + in_time
        q, k, v = (tokens @ qkv).chunk(3, -1)
        mixed = (q @ k.mT / q.shape[-1] ** scale).softmax(axis) @ v
        if when != "before":
            mixed = mixed + in_time
        return mixed.mean(1)

    return layer


_right = _layer()


def _values_without_moments(
    clips: torch.Tensor,
    kernel: torch.Tensor,
    moments: torch.Tensor,
    places: torch.Tensor,
    qkv: torch.Tensor,
) -> torch.Tensor:
    boxes = functional.conv3d(clips, kernel, stride=kernel.shape[2:])
    tokens = rearrange(boxes, _TIME_MAJOR) + places.repeat(len(moments), 1)
    looking = tokens + moments.repeat_interleave(len(places), 0)
    q, k, _ = (looking @ qkv).chunk(3, -1)
    v = tokens @ qkv[:, -len(kernel) :]
    return ((q @ k.mT / len(kernel) ** 0.5).softmax(-1) @ v).mean(1)


def _case(
    seed: int, grid: tuple[int, int, int], tubelet: tuple[int, int, int], dtype: torch.dtype
) -> tuple[torch.Tensor, ...]:
    """Three clips, of which the second is the first with its moments in another order."""
    random = torch.Generator().manual_seed(seed)
    t, h, w = grid
    size, width = [a * b for a, b in zip(grid, tubelet, strict=True)], 16
    clips = torch.randn(3, 3, *size, generator=random, dtype=dtype)
    moved = clips[0].unflatten(1, (t, -1))[:, torch.arange(t).roll(1)]
    clips[1] = moved.flatten(1, 2)
    kernel = torch.randn(width, 3, *tubelet, generator=random, dtype=dtype)
    kernel /= kernel[0].numel() ** 0.5  # so that a token's numbers have a spread of 1
    moments = torch.randn(t, width, generator=random, dtype=dtype)
    places = torch.randn(h * w, width, generator=random, dtype=dtype)
    qkv = torch.randn(width, 3 * width, generator=random, dtype=dtype) / width**0.5
    return clips, kernel, moments, places, qkv


def _close(got: object, wanted: object) -> bool:
    return same(got, wanted, rtol=1e-4, atol=1e-4)  # float32, through a softmax


def _is_right(got: np.ndarray, *case: np.ndarray) -> bool:
    return _close(got, _right(*(torch.from_numpy(array) for array in case)))


def _blind(got: np.ndarray, *_: np.ndarray) -> bool:
    return len(got) == 3 and _close(got[0], got[1])


_SCRAMBLED = "the tokens of one place follow each other here, and your moments do not."

ONE_LAYER = Exercise(
    name="one_layer",
    kind="debug",
    library="torch",
    cases=[
        _case(0, (3, 2, 2), (1, 2, 2), torch.float64),
        _case(1, (4, 2, 2), (2, 2, 3), torch.float64),
        _case(2, (2, 1, 5), (1, 3, 2), torch.float32),
    ],
    properties=[
        Property(
            "a vector of D numbers for each clip",
            lambda got, clips, kernel, *_: got.shape == (len(clips), len(kernel)),
        ),
        Property(
            "for the second clip, which is the first with its moments in another order, another "
            "answer",
            lambda got, *case: not _blind(got, *case),
        ),
        Property(
            "the mean of what all tokens see, each with the position of its own moment and place",
            _is_right,
        ),
    ],
    misconceptions=[
        Misconception(
            _layer(_PLACE_MAJOR, "each", "each", "after", 0),
            "it is as blind as it was: when the moments are added, the tokens have met already, "
            "and the mean adds the same vector to any clip.",
        ),
        Misconception(
            _layer(_PLACE_MAJOR, "each", "each", "after"),
            "it is still blind: what is added after the tokens have met adds the same vector to "
            "the mean of any clip. (The scale is another matter.)",
            _blind,
        ),
        Misconception(
            _layer(_PLACE_MAJOR, "each", "each", "before", 0),
            "it is blind no more. Two things are left: " + _SCRAMBLED + " And each token still "
            "looks at one token alone.",
        ),
        Misconception(
            _layer(_PLACE_MAJOR, "each", "each"),
            "it is blind no more, and scaled. One thing is left: " + _SCRAMBLED,
        ),
        Misconception(
            _layer(scale=0),
            "every token has its own position now. One thing is left: why does each token look at "
            "one token alone?",
        ),
        Misconception(
            _layer(scale=1),
            "divided by d, all weights are nearly alike. The *variance* of the products is d.",
        ),
        Misconception(
            _layer(_TIME_MAJOR, "each", "each"),
            "the moments fit the tokens. The places do not: now the tokens of one moment follow "
            "each other.",
        ),
        Misconception(
            _layer(_TIME_MAJOR, "each", "each", "before", 0),
            "the moments fit the tokens now, and the places do not any more. And each token still "
            "looks at one token alone.",
        ),
        Misconception(
            _layer(_TIME_MAJOR, "all", "all"),
            "the places fit the tokens, the moments do not: the tokens of one moment follow each "
            "other now.",
        ),
        Misconception(
            _layer(_TIME_MAJOR, "all", "all", "before", 0),
            "the places fit the tokens, the moments do not: the tokens of one moment follow each "
            "other now. And each token still looks at one token alone.",
        ),
        Misconception(
            _values_without_moments,
            "the values have no moments. Positions belong to the tokens, so all three get them: "
            "queries, keys and values.",
        ),
        Misconception(
            lambda clips, kernel, moments, places, qkv: (
                _right(clips, kernel, moments, places, qkv) * len(moments) * len(places)
            ),
            "that is the sum over the tokens, not the mean.",
        ),
        Misconception(
            _layer(when="twice"),
            "the moments are still added a second time, after the attention.",
        ),
        Misconception(
            _layer(when="twice", scale=0),
            "the moments are still added a second time, after the attention; and each token still "
            "looks at one token alone.",
        ),
        Misconception(
            _layer(axis=-2),
            "the softmax is over the queries now. Then the *columns* sum to 1, and the mean over "
            "all tokens is the plain mean of the values: blind again.",
        ),
        Misconception(
            lambda clips, kernel, moments, places, qkv: _right(
                clips, kernel, moments, torch.zeros_like(places), qkv
            ),
            "the places are gone.",
        ),
    ],
)  # fmt: skip

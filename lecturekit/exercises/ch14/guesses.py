"""Hidden patches guessed without learning, on clips that the check draws."""

from collections.abc import Callable
from functools import lru_cache
from typing import Any

import numpy as np
import torch

from lecturekit.exercises import Exercise, Misconception, Property, same
from lecturekit.models import masking
from lecturekit.puppets import PuppetClips

Grid = tuple[int, int, int]

BEST_SHARE = 0.9
"""Of the copy's loss, what a guess may have at most."""


@lru_cache(maxsize=1)
def _films() -> dict[int, tuple[torch.Tensor, torch.Tensor, Grid, float]]:
    """By the number of clips: true patches, mask, grid, and the loss of the copy."""
    clips = PuppetClips("test", 20, num_frames=16, size=32, seed=14).inputs(list(range(20)))
    found, grid = {}, (16, 4, 4)
    for part, share in ((clips[:12], 0.5), (clips[12:], 0.7)):
        draw = torch.Generator().manual_seed(9)
        mask = masking.make_mask("random", len(part), grid, share, draw)
        _hide_for_good(mask.view(len(part), grid[0], -1)[0])
        true = masking.patches_of(part, (1, 8, 8))
        off = masking.copied(true, mask, grid) - masking.take(true, mask)
        found[len(mask)] = true, mask, grid, off.square().mean().item()
    return found


def _hide_for_good(mask: torch.Tensor) -> None:
    """Hide the first place at all times ``(t, s)``, and open as many patches elsewhere instead.

    With sixteen steps in time that happens seldom by chance, and an answer must survive it.
    """
    newly = int((~mask[:, 0]).sum())
    mask[:, 0] = True
    times, places = mask[:, 1:].nonzero()[:newly].T
    mask[times, places + 1] = False


def _cases() -> list[tuple[torch.Tensor, torch.Tensor, Grid]]:
    return [
        (true.masked_fill(mask[..., None], 0), mask, grid)
        for true, mask, grid, _ in _films().values()
    ]


def _loss(got: Any, mask: np.ndarray) -> float:
    """Of the hidden patches, over that of the copy."""
    true, _, __, copied = _films()[len(mask)]
    off = np.asarray(got, np.float64)[mask] - true.numpy()[mask]
    return float((off**2).mean() / copied)


def _by_place(patches: Any, mask: Any, grid: Grid) -> tuple[np.ndarray, np.ndarray]:
    """Patches ``b t s d``, and 1 where open, ``b t s``."""
    patches, mask = np.asarray(patches), np.asarray(mask)
    size = (len(patches), grid[0], grid[1] * grid[2])
    return patches.reshape(*size, -1), 1.0 - mask.reshape(size)


def _weighted(weight: Callable[[np.ndarray, np.ndarray], np.ndarray]) -> Callable:
    """A mean over the open times of a place, with ``weight(distance, open)``: ``b t t' s``."""

    def answer(patches: Any, mask: Any, grid: Grid) -> np.ndarray:
        by_time, is_open = _by_place(patches, mask, grid)
        times = np.arange(grid[0])
        weights = weight((times - times[:, None])[None, :, :, None], is_open[:, None])
        total = weights.sum(2)
        weights = (weights / np.where(total, total, 1)[:, :, None]).astype(by_time.dtype)
        mixed = weights.transpose(0, 3, 1, 2) @ by_time.swapaxes(1, 2)  # b s t d
        return mixed.swapaxes(1, 2).reshape(np.shape(patches))

    return answer


def _nearest(offset: np.ndarray, is_open: np.ndarray, side: int) -> np.ndarray:
    """True at the nearest open time on one side (−1: before), at distance 1 or more."""
    far = np.where((offset * side > 0) & (is_open > 0), abs(offset), 99)
    return (far == far.min(2, keepdims=True)) & (far < 99)


def _neighbours(weigh: Callable[[np.ndarray], np.ndarray]) -> Callable:
    """The open neighbours before and after, each with a weight by its distance."""

    def weight(offset: np.ndarray, is_open: np.ndarray) -> np.ndarray:
        both = _nearest(offset, is_open, -1) | _nearest(offset, is_open, 1)
        return both * weigh(np.maximum(abs(offset), 1))

    return _weighted(weight)


def _one_side(side: int) -> Callable:
    return _weighted(lambda offset, is_open: 1.0 * _nearest(offset, is_open, side))


def _copy(patches: Any, mask: Any, grid: Grid) -> np.ndarray:
    patches, mask = torch.as_tensor(patches).clone(), torch.as_tensor(mask)
    patches[mask] = masking.copied(patches, mask, grid).flatten(0, 1)
    return patches.numpy()


def _in_space(patches: Any, mask: Any, grid: Grid) -> np.ndarray:
    """The mean of all open patches of the same time."""
    by_time, is_open = _by_place(patches, mask, grid)
    mean = (by_time * is_open[..., None]).sum(2) / np.maximum(is_open.sum(2), 1)[..., None]
    return np.broadcast_to(mean[:, :, None], by_time.shape).reshape(np.shape(patches))


def _near_in_space(patches: Any, mask: Any, grid: Grid) -> np.ndarray:
    """The mean of the open ones among 3 × 3 places of the same time."""
    by_time, is_open = _by_place(patches, mask, grid)
    around = [(0, 0), (0, 0), (1, 1), (1, 1), (0, 0)]
    shown = np.pad((by_time * is_open[..., None]).reshape(-1, *grid, by_time.shape[-1]), around)
    counted = np.pad(is_open.reshape(-1, *grid, 1), around)
    windows = [np.s_[:, :, y : y + grid[1], x : x + grid[2]] for y in range(3) for x in range(3)]
    mean = sum(shown[w] for w in windows) / np.maximum(sum(counted[w] for w in windows), 1)
    return mean.reshape(np.shape(patches))


def _over_clips(patches: Any, mask: Any, grid: Grid) -> np.ndarray:
    patches, mask = np.asarray(patches), np.asarray(mask)
    mean = patches.sum(0) / np.maximum((~mask).sum(0), 1)[:, None]
    return np.broadcast_to(mean, patches.shape)


def _half_sum(patches: Any, mask: Any, grid: Grid) -> np.ndarray:
    """Of the steps before and after, zeros for hidden ones; the ends stand for what is not."""
    by_time, _ = _by_place(patches, mask, grid)
    wide = np.concatenate([by_time[:, :1], by_time, by_time[:, -1:]], 1)
    return ((wide[:, :-2] + wide[:, 2:]) / 2).reshape(np.shape(patches))


def _is_half_sum(got: Any, patches: np.ndarray, mask: np.ndarray, grid: Grid) -> bool:
    """Away from the ends, where there is one way to take it."""
    inner = mask.copy().reshape(len(mask), grid[0], -1)
    inner[:, [0, -1]] = False
    inner = inner.reshape(mask.shape)
    return same(np.asarray(got)[inner], _half_sum(patches, mask, grid)[inner])


def _is_shrunk_copy(got: Any, patches: np.ndarray, mask: np.ndarray, grid: Grid) -> bool:
    got, copied = np.asarray(got)[mask], _copy(patches, mask, grid)[mask]
    factor = float((got * copied).sum() / (copied**2).sum())
    return factor > 0.05 and same(got, factor * copied, rtol=1e-3, atol=1e-4)


def _overall(patches: Any, mask: Any, grid: Grid) -> np.ndarray:
    patches, mask = np.asarray(patches), np.asarray(mask)
    mean = patches.sum(1, keepdims=True) / (~mask).sum(1)[:, None, None]
    return np.broadcast_to(mean, patches.shape)


def _without_guard(patches: Any, mask: Any, grid: Grid) -> np.ndarray:
    """Interpolated, with 0 over 0 where a place is never open."""
    filled = _neighbours(lambda far: 1 / far)(patches, mask, grid)
    never = _by_place(patches, mask, grid)[1].sum(1) == 0
    by_time = filled.reshape(*filled.shape[:1], grid[0], never.shape[1], -1)
    by_time[np.broadcast_to(never[:, None], by_time.shape[:3])] = np.nan
    return filled


def _known(answer: Callable[..., np.ndarray], hint: str) -> Misconception:
    """A way to guess, known by the hidden patches: the open ones may come back as they were."""

    def symptom(got: Any, patches: np.ndarray, mask: np.ndarray, grid: Grid) -> bool:
        return same(np.asarray(got)[mask], np.asarray(answer(patches, mask, grid))[mask])

    return Misconception(answer, hint, symptom)


GUESS = Exercise(
    name="guess",
    kind="experiment",
    cases=_cases,
    properties=[
        Property(
            "all patches, with the hidden ones guessed",
            lambda got, patches, *_: np.shape(got) == patches.shape,
        ),
        Property("no NaN", lambda got, *_: bool(np.isfinite(np.asarray(got)).all())),
        Property(
            "on the hidden patches at most 0.9 of the loss of copying the nearest open time",
            lambda got, _, mask, __: _loss(got, mask) <= BEST_SHARE,
        ),
    ],
    misconceptions=[
        _known(
            _copy,
            "that is the copy itself. Many hidden patches have an open time before them *and* one "
            "after. Use both.",
        ),
        Misconception(
            lambda patches, mask, grid: 0.8 * _copy(patches, mask, grid),
            "a copy made smaller gains a little. Use the second open time, too: many hidden "
            "patches have one before *and* one after.",
            _is_shrunk_copy,
        ),
        _known(
            lambda patches, mask, grid: patches,
            "nothing is guessed: the hidden patches are still zeros.",
        ),
        Misconception(
            lambda patches, mask, grid: masking.copied(
                torch.as_tensor(patches), torch.as_tensor(mask), grid
            ).numpy(),
            "the hidden patches alone came back. Put them where the mask is True, in a copy of "
            "`patches`.",
            lambda got, patches, mask, grid: np.shape(got)
            == (len(patches), mask[0].sum(), patches.shape[2]),
        ),
        Misconception(
            _without_guard,
            "0 over 0: a place that is hidden at all times has nothing to average. Divide by 1 "
            "there.",
            lambda got, *_: bool(np.isnan(np.asarray(got)).any()),
        ),
        _known(
            _weighted(lambda offset, is_open: 1.0 + 0 * offset * is_open),
            "the mean over time counts the hidden patches, which are zeros here. Divide by how "
            "many are open.",
        ),
        _known(
            _weighted(lambda offset, is_open: is_open + 0.0 * offset),
            "the mean over all open times of a place: right where nothing moves, and far times "
            "count as much as near ones. Weigh them.",
        ),
        _known(
            _neighbours(lambda far: 1.0 * far),
            "the weights are the wrong way round: the farther of the two times counts more.",
        ),
        _known(
            _weighted(lambda offset, is_open: is_open * abs(offset)),
            "the weights are the wrong way round: the farther a time is, the more it counts.",
        ),
        _known(
            _one_side(-1),
            "only the open time before is used. The one after is often nearer, and both together "
            "are better.",
        ),
        _known(
            _one_side(1),
            "only the open time after is used. The one before is often nearer, and both together "
            "are better.",
        ),
        _known(
            _in_space,
            "the mean of the other places at the same time: another place shows something else. "
            "Stay at the place, and look along time (patches are laid out time first, `(t s)`).",
        ),
        _known(
            _near_in_space,
            "the mean of the places around, at the same time: another place shows something else. "
            "Stay at the place, and look along time.",
        ),
        _known(
            _over_clips,
            "a mean over the clips: other clips show other things. Stay in the clip, and look "
            "along time.",
        ),
        Misconception(
            _half_sum,
            "half of the step before and half of the step after: a neighbour may be hidden, too, "
            "and is zero here. Divide by how many are open.",
            _is_half_sum,
        ),
        _known(
            _overall,
            "one mean for a whole clip. Stay at the place, and look along time.",
        ),
        _known(
            _weighted(lambda offset, is_open: is_open * (abs(offset) == 1)),
            "only the steps before and after are used, and where both are hidden, zeros stay. "
            "Look further along time there.",
        ),
        _known(
            lambda patches, mask, grid: _weighted(
                lambda offset, is_open: is_open * 0.5 ** abs(offset)
            )(
                np.asarray(patches).reshape(len(patches), -1, grid[0], np.shape(patches)[2])
                .swapaxes(1, 2).reshape(np.shape(patches)),
                np.asarray(mask).reshape(len(mask), -1, grid[0]).swapaxes(1, 2)
                .reshape(np.shape(mask)),
                grid,
            ).reshape(len(patches), grid[0], -1, np.shape(patches)[2])
            .swapaxes(1, 2).reshape(np.shape(patches)),
            "patches are laid out time first: `(t s)`. You read them as `(s t)`, and mix places.",
        ),
    ],
)  # fmt: skip

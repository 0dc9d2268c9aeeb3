"""A network is asked about clips, and what of its answers is more than rounding."""

import copy
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np
import torch
from torch import nn

from lecturekit import checks, runtime

from .interventions import INTERVENTIONS, intervene
from .reporting import AS_THEY_ARE, Report


def report(
    model: nn.Module,
    clips: torch.Tensor,
    labels: Sequence[int] | torch.Tensor | None = None,
    *,
    labels_after: Mapping[str, Sequence[int] | torch.Tensor] | None = None,
    groups: Sequence[str] | None = None,
    figures: torch.Tensor | None = None,
    seed: int = 0,
    batch_size: int = 16,
) -> Report:
    """Ask a network about clips as they are and changed, each in the ways that apply.

    The network is asked in eval mode, without gradients, where its parameters are; it, its clips
    and the generators of random numbers are left as they were.

    What counts as rounding is measured, by a copy of the network in double precision. Where no
    score has changed visibly, the copy sees the clip whose scores changed most, before and after.
    What the network's scores differ from the copy's by is rounding; what the copy's scores change
    by no more than that, the network "cannot see".

    Args:
        model: takes clips ``(B, 3, T, H, W)``, gives scores ``(B, K)``.
        clips: float32 ``(B, 3, T, H, W)``, prepared as the network wants them.
        labels: of each clip its class, 0 to K − 1.
        labels_after: intervention → of each clip its class afterwards, −1 where no class is right
            any more: reversed, a walk to the left is a walk to the right. For puppets:
            :func:`lecturekit.puppets.labels_after`.
        groups: of each clip a name; shares are given by group as well.
        figures: bool ``(B, T, H, W)``, true where the actors are; without it there is no blank
            background. What merely stands still is not taken for one: people stand still as well,
            and a camera may move.
        seed: of the shuffles.
        batch_size: clips at a time.

    Raises:
        TypeError, ValueError: an argument or the network's scores are none of the above.
    """
    _check(model, clips)
    checks.integer("batch_size", batch_size, 1)
    with _testing(model, seed):
        asked = _Asked(model, clips, batch_size)
        given = {
            "labels": None if labels is None else asked.classes("labels", labels, 0),
            "labels_after": {
                checks.one_of("labels_after", name, INTERVENTIONS): asked.classes(
                    f"labels_after[{name!r}]", after, -1
                )
                for name, after in (labels_after or {}).items()
            },
            "groups": None if groups is None else _one_each("groups", groups, clips),
        }
        scores, left_out, same = {AS_THEY_ARE: asked.before}, {}, []
        for name in INTERVENTIONS:
            if name == "blank background" and figures is None:
                left_out[name] = "it needs `figures`"
                continue
            changed = intervene(name, clips, seed=seed, figures=figures)
            if torch.equal(changed, clips):
                left_out[name] = "it changes none of these clips"
                continue
            scores[name] = asked.scores(changed)
            same += [name] * asked.same(changed, scores[name])
    return Report(
        {name: values.float().numpy() for name, values in scores.items()},
        **given,
        cannot_see=tuple(same),
        steady=asked.steady,
        left_out=left_out,
        notes=tuple(asked.notes),
        rounding=asked.rounding,
    )


class _Asked:
    """A network, its scores of the clips as they are, and how much of a difference is rounding.

    Attributes:
        before: ``(B, K)``, in the network's own precision.
        rounding: how far apart rounding alone can put two scores of one clip, as far as measured.
        notes: what was noticed.
        steady: whether it gives a clip the same scores again, in other batches too.
    """

    def __init__(self, model: nn.Module, clips: torch.Tensor, batch_size: int) -> None:
        self._model, self._clips, self._batch_size = model, clips, batch_size
        floats = (p.dtype for p in model.parameters() if p.is_floating_point())
        self._dtype = next(floats, clips.dtype)
        self._copy: nn.Module | None = None
        self.before = self.scores(clips)
        eps, scale = torch.finfo(self.before.dtype).eps, self.before.abs().max().item()
        self.rounding = eps * scale  # a score has no finer digit
        # Rounding spoils last digits. What changes the first half of them is something else.
        self._visible = eps**0.5 * scale
        self.notes = _untrained(model)
        self.steady = self._repeats()

    def scores(self, clips: torch.Tensor) -> torch.Tensor:
        """Scores ``(B, K)``, on the CPU."""
        return _scores(self._model, clips, self._batch_size, self._dtype)

    def same(self, clips: torch.Tensor, scores: torch.Tensor) -> bool:
        """Whether changed clips have the scores from before, but for rounding.

        In double precision only the clip is seen whose scores are farthest from before: were
        there more than rounding in any, there would be in that one.
        """
        apart = (scores.double() - self.before.double()).abs().amax(1)
        if not self.steady or apart.max() > self._visible:
            return False
        worst = apart.argmax()
        exact = self._in_double(torch.stack([self._clips[worst], clips[worst]]))
        if exact is None:
            return apart.max().item() <= self.rounding
        rounded = torch.stack([self.before[worst], scores[worst]])
        self.rounding = max(self.rounding, _apart(rounded, exact))
        return _apart(*exact) <= self.rounding

    def _in_double(self, clips: torch.Tensor) -> torch.Tensor | None:
        """The scores of a copy of the network in double precision, if there can be one."""
        try:
            if self._copy is None:
                self._copy = copy.deepcopy(self._model).double()
            exact = _scores(self._copy, clips, self._batch_size, torch.float64)
            if exact.dtype != torch.float64:
                raise TypeError(f"its scores are {exact.dtype} all the same")
        except Exception as error:  # a network of anybody's may fail here in any way
            note = f"no copy in double precision ({error}): what counts as rounding was measured "
            note += "by other batches alone, and may be too little"
            self.notes += [note] * (note not in self.notes)
            return None
        return exact

    def _repeats(self) -> bool:
        """Whether the network repeats its scores in other batches and another order."""
        size = -(-min(len(self._clips), self._batch_size) // 2)
        others = _scores(self._model, self._clips.flip(0), size, self._dtype).flip(0)
        apart = _apart(others, self.before)
        self.rounding = max(self.rounding, apart)
        if apart <= self._visible:
            return True
        random = _apart(self.scores(self._clips), self.before) > 0
        why = (
            "asked twice, it gives one clip two scores: something in it draws at random in eval "
            "mode too, as dropout does that is called as a function"
            if random
            else "in another batch it gives a clip other scores: one clip's answer hangs on its "
            "neighbours, as with batch norm that uses the statistics of the batch"
        )
        self.notes.append(f"{why}. So nothing can be said of what it cannot see")
        return False

    def classes(self, argument: str, values: Any, least: int) -> np.ndarray:
        """Labels, one a clip, from ``least`` to K − 1."""
        labels, classes = _one_each(argument, values, self._clips), self.before.shape[1]
        if labels.dtype.kind not in "iu":
            raise TypeError(f"{argument}: expected whole numbers, got {labels.dtype}")
        wrong = labels[(labels < least) | (labels >= classes)]
        if len(wrong):
            raise ValueError(
                f"{argument}: expected {least} to {classes - 1}, the model gives {classes} scores; "
                f"got {wrong[0]}"
            )
        return labels.astype(np.int64)


def _check(model: Any, clips: Any) -> None:
    """That this is a network, and these are clips that any network takes."""
    if not isinstance(model, nn.Module):
        raise TypeError(f"model: expected a torch.nn.Module, got {type(model).__name__}")
    expected = "clips: expected a float32 tensor of shape (B, 3, T, H, W)"
    if not isinstance(clips, torch.Tensor):
        raise TypeError(f"{expected}, got {type(clips).__name__}")
    if clips.dtype != torch.float32:
        raise TypeError(f"{expected}, got {clips.dtype}")
    checks.shape("clips", clips, "B 3 T H W")
    bad = ~clips.isfinite().flatten(1).all(1)
    if bad.any():
        raise ValueError(f"clips: expected finite values, got others in clip {bad.int().argmax()}")


def _one_each(argument: str, values: Any, clips: torch.Tensor) -> np.ndarray:
    """One value for each clip, as an array."""
    array = np.asarray(values.cpu() if isinstance(values, torch.Tensor) else values)
    if array.shape != clips.shape[:1]:
        raise ValueError(
            f"{argument}: expected one for each of {len(clips)} clips, got {array.shape}"
        )
    return array


@contextmanager
def _testing(model: nn.Module, seed: int) -> Iterator[None]:
    """Eval mode and no gradients; afterwards each module's mode and the generators as before."""
    modes = [(module, module.training) for module in model.modules()]
    model.eval()
    try:
        with torch.no_grad(), torch.random.fork_rng():
            torch.manual_seed(seed)
            yield
    finally:
        # One by one: a frozen batch norm may be in eval mode inside a network that trains.
        for module, mode in modes:
            module.training = mode


def _scores(
    model: nn.Module, clips: torch.Tensor, batch_size: int, dtype: torch.dtype
) -> torch.Tensor:
    device = next((p.device for p in model.parameters()), runtime.device())
    parts = []
    for batch in clips.split(batch_size):
        # A copy: what a network does to its input in place must not reach the caller's clips.
        scores = model(batch.to(device, dtype, copy=True))
        if not isinstance(scores, torch.Tensor):
            raise TypeError(f"model: expected a tensor of scores, got {type(scores).__name__}")
        if scores.ndim != 2 or len(scores) != len(batch) or scores.shape[1] < 2:
            raise ValueError(
                f"model: expected scores ({len(batch)}, K) of K classes, 2 or more, "
                f"got {tuple(scores.shape)}"
            )
        if not (scores.is_floating_point() and scores.isfinite().all()):
            raise ValueError("model: expected finite scores, floats, got others")
        parts.append(scores.cpu())
    return torch.cat(parts)


def _apart(scores: torch.Tensor, others: torch.Tensor) -> float:
    return (scores.double() - others.double()).abs().max().item()


def _untrained(model: nn.Module) -> list[str]:
    """A note if batch norm still has the statistics that it was made with."""
    norms = [
        module
        for module in model.modules()
        if isinstance(module, nn.modules.batchnorm._BatchNorm) and module.track_running_stats
    ]
    fresh = [n for n in norms if not n.running_mean.any() and (n.running_var == 1).all()]
    if not fresh:
        return []
    return [
        f"{len(fresh)} of {len(norms)} batch norms have seen no data: in eval mode they change "
        "next to nothing, and the network may answer otherwise than in training"
    ]

"""Changed clips: in time, which is an order of frames, and in space."""

import numpy as np
import torch
from einops import rearrange

from lecturekit import checks

INTERVENTIONS = ("reverse", "shuffle", "freeze", "double speed", "mirror", "blank background")

_IN_TIME = INTERVENTIONS[:4]


def frame_order(name: str, num_clips: int, num_frames: int, *, seed: int = 0) -> torch.Tensor:
    """Which frame stands at each place once time is changed: int64 ``(num_clips, num_frames)``.

    Args:
        name: "reverse": T − 1, …, 0. "shuffle": for each clip a random order of its own, any but
            the one it has, so with two frames the reverse. "freeze": frame ``T // 2``, T times;
            the one that this library's one-frame networks read in testing.
            "double speed": frames 0, 2, 4, …, then 1, 3, 5, …: the clip twice over, each time in
            half the frames. So every frame still comes once, none stands still, and time runs
            forwards; the price is a cut in the middle, and that what happens happens twice.
        num_clips: B.
        num_frames: T.
        seed: of the shuffles; the order of clip i depends on ``seed``, i and T alone.
    """
    checks.one_of("name", name, _IN_TIME)
    checks.integer("num_clips", num_clips, 1)
    checks.integer("num_frames", num_frames, 1)
    checks.integer("seed", seed, 0)
    forwards = np.arange(num_frames)
    if name == "shuffle":
        orders = [_shuffled(np.random.default_rng([seed, i]), forwards) for i in range(num_clips)]
        return torch.from_numpy(np.stack(orders))
    order = {
        "reverse": forwards[::-1],
        "freeze": np.full(num_frames, num_frames // 2),
        "double speed": np.concatenate([forwards[::2], forwards[1::2]]),
    }[name]
    return torch.from_numpy(order.copy()).expand(num_clips, -1)


def _shuffled(rng: np.random.Generator, forwards: np.ndarray) -> np.ndarray:
    order = rng.permutation(forwards)
    while len(order) > 1 and (order == forwards).all():
        order = rng.permutation(forwards)
    return order


def intervene(
    name: str, clips: torch.Tensor, *, seed: int = 0, figures: torch.Tensor | None = None
) -> torch.Tensor:
    """Changed clips, a new tensor of the same shape ``(B, C, T, H, W)``.

    Args:
        name: one of ``INTERVENTIONS``; the first four are :func:`frame_order`'s. "mirror": column
            x becomes column W − 1 − x. "blank background": every pixel outside ``figures`` gets
            one colour, the mean of all such pixels of these clips, so that nothing of the place is
            left and no value is unheard of. With the place goes what stands in it, and a camera's
            motion; the figures' outlines become clearer.
        clips: float.
        seed: of the shuffles.
        figures: bool ``(B, T, H, W)``, true where the actors are; for the blank background.
    """
    checks.one_of("name", name, INTERVENTIONS)
    checks.shape("clips", clips, "B C T H W")
    if name in _IN_TIME:
        order = frame_order(name, clips.shape[0], clips.shape[2], seed=seed).to(clips.device)
        return clips.gather(2, rearrange(order, "b t -> b 1 t 1 1").expand(clips.shape))
    if name == "mirror":
        return clips.flip(-1)
    if figures is None:
        raise ValueError("figures: expected bool (B, T, H, W) for 'blank background', got None")
    behind = ~_figures(figures, clips).to(clips.device)
    colour = rearrange(clips, "b c t h w -> b t h w c")[behind].mean(0)
    return torch.where(behind[:, None], rearrange(colour, "c -> c 1 1 1"), clips)


def _figures(figures: torch.Tensor, clips: torch.Tensor) -> torch.Tensor:
    """The masks, if they are some and fit the clips."""
    shape = (len(clips), *clips.shape[2:])
    if not isinstance(figures, torch.Tensor) or figures.dtype != torch.bool:
        got = getattr(figures, "dtype", type(figures).__name__)
        raise TypeError(f"figures: expected a bool tensor of shape {shape}, got {got}")
    checks.shape("figures", figures, " ".join(map(str, shape)))
    return figures

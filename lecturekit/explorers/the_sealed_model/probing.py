"""What is done to clips before a sealed network is asked again, and what its scores then say.

Six changes are those of `lecturekit.probes`. Two more change the order of frames, and one asks the
network about each frame by itself.
"""

from collections.abc import Callable

import torch
from einops import rearrange, repeat

from lecturekit import probes

BEFORE = "as they are"
STILLS = "stills"
PROBES = (*probes.INTERVENTIONS, "halves", "held", STILLS)
"""In the order in which they are offered."""

SAME, ONE, OTHER = "same", "one", "other"
"""What scores say of a probe: those of before; all clips' alike; neither."""

ROUNDING = 1e-4
"""Scores that differ by less, as a share of the largest score, differ by rounding.

Sums of float32 in another order differ by some 1e-6, what a network sees moves scores by 1e-2 and
more; the stored ones are listed in ``about.json``.
"""

Network = Callable[[torch.Tensor], torch.Tensor]


def change(probe: str, clips: torch.Tensor, figures: torch.Tensor, seed: int) -> torch.Tensor:
    """Changed clips ``(B, 3, T, H, W)``; all probes but the stills.

    Args:
        probe: "halves": the second half of the clip, then the first. "held": each odd frame
            is replaced by the one before it. Any other: as `probes.intervene`.
        clips: of an even number of frames.
        figures: bool ``(B, T, H, W)``, for the blank background.
        seed: of the shuffle.
    """
    half = clips.shape[2] // 2
    if probe == "halves":
        return clips.roll(half, 2)
    if probe == "held":
        return repeat(clips[:, :, ::2], "b c t h w -> b c (t 2) h w")
    return probes.intervene(probe, clips, seed=seed, figures=figures)


def scores_of_stills(network: Network, clips: torch.Tensor) -> torch.Tensor:
    """The mean of the scores ``(B, K)`` that each frame gets, held for the length of the clip."""
    frames = clips.shape[2]
    stills = repeat(clips, "b c t h w -> (b t) c still h w", still=frames)
    # As many at a time as there are clips: a clip's stills take as much room as 16 clips.
    scores = torch.cat([network(some) for some in stills.split(len(clips))])
    return rearrange(scores, "(b t) k -> b t k", t=frames).mean(1)


@torch.inference_mode()
def all_scores(
    network: Network, clips: torch.Tensor, figures: torch.Tensor, seed: int
) -> dict[str, torch.Tensor]:
    """Scores ``(B, K)`` of the clips as they are, and under each probe."""

    def under(probe: str) -> torch.Tensor:
        if probe == STILLS:
            return scores_of_stills(network, clips)
        return network(change(probe, clips, figures, seed))

    return {BEFORE: network(clips), **{probe: under(probe) for probe in PROBES}}


def differences(scores: dict[str, torch.Tensor]) -> dict[str, tuple[float, float]]:
    """Of each probe: the largest change of a score, and how far apart two clips' scores are.

    Both as a share of the largest score before, so that networks compare.
    """
    before = scores[BEFORE]
    largest = before.abs().max()
    found = {}
    for probe in PROBES:
        after = scores[probe]
        apart = after.amax(0) - after.amin(0)
        pair = (after - before).abs().max() / largest, apart.max() / largest
        found[probe] = tuple(float(number) for number in pair)
    return found


def outcome(change: float, apart: float) -> str:
    """What the two numbers of :func:`differences` say."""
    if change < ROUNDING:
        return SAME
    return ONE if apart < ROUNDING else OTHER

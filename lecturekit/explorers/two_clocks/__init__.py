"""Two clocks: what the slow and the fast pathway of SlowFast read of one wave, and what both cost.

The reader sets frames, stride, α, β and the wave's cycles, and sees two combs over the arm's angle
in time, the wave that the slow pathway alone would guess, the lateral connections with their
shapes, and, after a guess, the multiply–adds of both pathways. Three ways to name the same clip
change the words and not the picture.
The front end repeats the arithmetic so that it also works with no kernel;
``tests/site/explorers/test_two_clocks.py`` holds the two equal.

Pathways, lateral connections and names: Feichtenhofer et al. 2019, Sec. 3.
"""

from fractions import Fraction
from typing import Any, ClassVar

import traitlets

from lecturekit import checks, sampling
from lecturekit.explorers import Explorer, setting, trait_errors

NAMINGS = ("paper", "config", "lecture")
LATERALS = ("time-to-channel", "sampling", "convolution")
READS = ("every", "rounded")
GUESSES = ("none", "alpha*beta", "alpha*beta**2", "beta**2")
BETA_INVS = (2, 4, 8, 16, 32)
LIMITS = {"num_frames": (8, 64), "stride": (1, 4), "alpha": (2, 8), "cycles": (1, 12)}

WIDTH = 64
"""C, the channels that the slow pathway's first layer gives."""

TAPS = 7
"""Frames that a lateral convolution reads: 7 in the released 8×8 network (5 in the paper)."""

_SIZE_PX = 256
# Of each stage of ResNet-50: rows and columns that it gives, blocks, channels inside a block, and
# the taps in time of the slow pathway's first convolution in a block. The fast pathway has three.
_STAGES = ((64, 3, 64, 1), (32, 4, 128, 1), (16, 6, 256, 3), (8, 3, 512, 3))
_FAST_TAPS, _FAST_STEM_TAPS = 3, 5


class TwoClocks(Explorer):
    """A wave, two combs that read it, and the two pathways behind them.

    Args:
        label: accessible name.
        description: text equivalent; by default one is written.
        settings: first values of the traits below, of ``guess`` and ``revealed`` too.

    Raises:
        TypeError: a setting is none of the traits.
        traitlets.TraitError: a setting is out of range.

    Example:
        >>> clocks = TwoClocks(num_frames=32, alpha=8, cycles=5)
        >>> clocks.apparent_cycles("slow"), clocks.apparent_cycles("fast")
        (1.0, 5.0)
    """

    name: ClassVar[str] = "two_clocks"

    num_frames = traitlets.Int(32, help="Frames that the fast pathway reads.").tag(sync=True)
    stride = traitlets.Int(2, help="Frames of film from one of these to the next.").tag(sync=True)
    alpha = traitlets.Int(4, help="Fast frames for each slow one.").tag(sync=True)
    beta_inv = traitlets.Int(8, help="1/β, how much narrower the fast pathway is.").tag(sync=True)
    cycles = traitlets.Int(7, help="Of the wave, in the clip.").tag(sync=True)
    reads = traitlets.Enum(
        READS, "every", help="Slow frames: every α-th, or evenly spaced and rounded down."
    ).tag(sync=True)
    naming = traitlets.Enum(NAMINGS, "paper", help="Whose words are used.").tag(sync=True)
    lateral = traitlets.Enum(LATERALS, "convolution", help="From fast to slow.").tag(sync=True)
    guess = traitlets.Enum(GUESSES, "none", help="What Fast costs if Slow costs 1.").tag(sync=True)
    revealed = traitlets.Bool(False, help="Whether the cost is shown.").tag(sync=True)

    limits = traitlets.Dict(help="Of each setting its least and its most.").tag(sync=True)
    beta_invs = traitlets.List(list(BETA_INVS)).tag(sync=True)
    width = traitlets.Int(WIDTH).tag(sync=True)
    taps = traitlets.Int(TAPS).tag(sync=True)
    macs = traitlets.Dict(help="Multiply–adds for one frame, at full width.").tag(sync=True)

    def __init__(
        self,
        *,
        label: str = "Two clocks: a slow and a fast pathway over one wave",
        description: str | None = None,
        **settings: Any,
    ) -> None:
        known = {*LIMITS, "beta_inv", "reads", "naming", "lateral", "guess", "revealed"}
        if unknown := set(settings) - known:
            raise TypeError(f"TwoClocks has no argument {', '.join(sorted(unknown))}")
        super().__init__(
            limits={key: list(ends) for key, ends in LIMITS.items()},
            macs=_macs_of_a_frame(),
            label=label,
            description=description or _DESCRIPTION,
            **settings,
        )

    def indices(self, pathway: str) -> sampling.Indices:
        """Which frames of the film the "slow" or the "fast" pathway reads: (T,)."""
        fast = sampling.strided_indices(self.num_frames, self.stride)
        if checks.one_of("pathway", pathway, ("slow", "fast")) == "fast":
            return fast
        if self.reads == "every":
            return fast[:: self.alpha]
        count = self.num_frames // self.alpha
        gaps = max(count - 1, 1)
        return fast[[k * (self.num_frames - 1) // gaps for k in range(count)]]

    def apparent_cycles(self, pathway: str) -> float | None:
        """The wave's cycles, folded: at most one in two of the frames that the pathway reads.

        A wave of so many cycles, begun at another moment, gives it the same frames. Below 0 it
        runs backwards; None where the frames are unevenly apart, and folding has no rule.
        """
        frames = self.indices(pathway) // self.stride
        steps = {int(step) for step in frames[1:] - frames[:-1]} or {self.num_frames}
        if len(steps) > 1:
            return None
        rate = Fraction(self.num_frames, steps.pop())  # frames in a clip, also where it is cut off
        # At two frames a cycle, c and −c fit alike: c is kept.
        turns = -((rate - 2 * self.cycles) // (2 * rate))
        return float(self.cycles - turns * rate)

    def laterals(self) -> dict[str, tuple[int, float]]:
        """Channels and frames that each kind of lateral connection hands to the slow pathway.

        A part of a frame means that the kind cannot be: α fast frames are not there to be stacked.
        """
        channels, frames = WIDTH // self.beta_inv, -(-self.num_frames // self.alpha)
        return {
            "time-to-channel": (self.alpha * channels, self.num_frames / self.alpha),
            "sampling": (channels, frames),
            "convolution": (2 * channels, frames),
        }

    def cost(self) -> dict[str, int]:
        """Multiply–adds of SlowFast-R50's convolutions at 256 px: "slow", "lateral" and "fast".

        "lateral" is what the connections add: their own work, and the slow layers made wider.

        Raises:
            ValueError: the lateral connection's frames are not those of the slow pathway.
        """
        slow = len(self.indices("slow"))
        channels, frames = self.laterals()[self.lateral]
        if frames != slow:
            raise ValueError(
                f"lateral: expected {slow} frames, as the slow pathway has, got {frames:g} from "
                f"{self.num_frames} fast frames and alpha {self.alpha}"
            )
        macs, beta = self.macs, Fraction(1, self.beta_inv)
        own = 2 * beta**2 * macs["lateral"] if self.lateral == "convolution" else 0
        return {
            "slow": slow * macs["slow"],
            "lateral": int(slow * (own + Fraction(channels, WIDTH) * macs["widening"])),
            "fast": int(self.num_frames * (beta * macs["stem"] + beta**2 * macs["fast"])),
        }

    @traitlets.validate(*LIMITS)
    def _validate_setting(self, proposal: dict[str, Any]) -> int:
        name = proposal["trait"].name
        return setting(name, proposal["value"], *LIMITS[name])

    @traitlets.validate("beta_inv")
    def _validate_beta_inv(self, proposal: dict[str, Any]) -> int:
        with trait_errors():
            return checks.one_of("beta_inv", proposal["value"], BETA_INVS)


def _macs_of_a_frame() -> dict[str, int]:
    """What one frame costs in each part of SlowFast-R50, with all channels of the slow pathway.

    A fast frame with β of the channels costs β × stem + β² × fast: the stem's input, red, green and
    blue, does not narrow. "widening" is for lateral connections that bring C more channels.
    """
    stem = (_SIZE_PX // 2) ** 2 * 7 * 7 * 3 * WIDTH
    macs = {"slow": stem, "stem": _FAST_STEM_TAPS * stem, "fast": 0, "lateral": 0, "widening": 0}
    channels, before = WIDTH, _SIZE_PX // 4
    for size, blocks, inner, slow_taps in _STAGES:
        macs["lateral"] += before**2 * TAPS * channels**2
        for block in range(blocks):
            # Width is halved by the block's second convolution; the shortcut is the first block's.
            shortcut = 4 * inner * size**2 if block == 0 else 0
            for pathway, taps in (("slow", slow_taps), ("fast", _FAST_TAPS)):
                reading = channels * (taps * before**2 * inner + shortcut)
                macs[pathway] += reading + (9 + 4) * (inner * size) ** 2
                if block == 0 and pathway == "slow":
                    macs["widening"] += reading
            channels, before = 4 * inner, size
    return macs


_DESCRIPTION = (
    "A curve shows the angle of a waving arm over the time of a clip. Below it stand two combs: "
    "a tooth for each frame that the fast pathway reads and, above, one for each frame that the "
    "slow pathway reads, every α-th of the fast ones. Dots and squares on the curve are what each "
    "reads; a dashed curve is the slower wave that gives the same squares: what the slow pathway "
    "alone would guess. Where the wave has more than one cycle in two slow frames, it has fewer "
    "cycles than the wave. Arrows from the fast comb to the slow one are the lateral connections; "
    "where their frames do not fit, they are broken, end in a cross, and words say why. The clip "
    "can be named as the paper, its configuration files or the lecture do. After a guess, bars "
    "show the multiply–adds of the slow pathway, of the lateral connections and of the fast one."
)

"""The aperture problem, felt: a sheet moves behind a hole, and the student guesses which way.

Through the hole only the part of the motion along the grey-level slope can be seen. How many
directions of motion are known follows from the two eigenvalues of the structure tensor of what is
in the hole (Lucas and Kanade 1981; Shi and Tomasi 1994, "Good features to track", section 3).
The front end draws the sheets and repeats the arithmetic of :func:`draw` and :func:`measure` so
that it also works with no kernel; ``tests/site/explorers/test_aperture.py`` holds the two equal.

Directions are in degrees, 0 to the right and 90 down: image axes, in which y points down.
"""

import math
from dataclasses import asdict, dataclass
from typing import Any, ClassVar

import numpy as np
import traitlets
from numpy.typing import NDArray

from lecturekit import checks
from lecturekit.explorers import Explorer, setting

PATTERNS = ("stripes", "corner", "texture", "blank")
STEP_DEG = 15
"""The dial's step; every true motion lies on it, so that a guess can be exactly right."""

VIEW_PX = 129
"""Rows and columns of the sheet that are drawn; the hole's centre is the pixel in the middle."""

MIN_HOLE_PX, MAX_HOLE_PX = 6, 36
NOISE = 1.0
"""An eigenvalue up to this, in (grey values per px)², is what a camera's noise alone makes."""

_SPEEDS_PX = (1.0, 1.25, 1.5)
_OFFSETS_DEG = (-75, -60, -45, -30, -15, 15, 30, 45, 60, 75)
_PERIOD_PX, _EDGE_PX = 20.0, 3.0
_MAX_TRIALS, _WAVES = 24, 12


@dataclass(frozen=True)
class Trial:
    """One motion to guess, and the way the sheet lies."""

    motion_deg: int
    normal_deg: int  # across the stripes, on the side towards which they are seen to drift
    speed_px: float  # per frame

    @property
    def velocity(self) -> tuple[float, float]:
        """(dx, dy) of the sheet, px per frame."""
        return _turned(self.motion_deg, self.speed_px)


@dataclass(frozen=True)
class Measurement:
    """What the grey values inside the hole tell about the motion."""

    eigenvalues: tuple[float, float]  # of the structure tensor, larger first, (grey / px)²
    known: int  # directions of motion that can be measured: 0, 1 or 2
    velocity: tuple[float, float]  # (dx, dy), px per frame; 0 along a direction that is not known


def draw(
    pattern: str, trial: Trial, frame: int, waves: list[list[float]], velocity: Any = None
) -> NDArray[np.uint8]:
    """The sheet at one moment, with no hole before it.

    Args:
        pattern: one of ``PATTERNS``.
        trial: how the sheet lies and moves.
        frame: 0 is the moment at which the sheet's origin stands in the middle of the hole.
        waves: (kx, ky, phase, amplitude) of each wave of the texture, in radians per px.
        velocity: (dx, dy) in px per frame; the trial's by default.

    Returns:
        Grey levels, uint8 (VIEW_PX, VIEW_PX).
    """
    dx, dy = trial.velocity if velocity is None else velocity
    along = np.arange(VIEW_PX) - VIEW_PX // 2
    x, y = along[None, :] - dx * frame, along[:, None] - dy * frame
    normal_x, normal_y = _turned(trial.normal_deg)
    across, beside = normal_x * x + normal_y * y, normal_x * y - normal_y * x
    if pattern == "stripes":
        grey = 128 + 80 * np.sin(2 * np.pi / _PERIOD_PX * across)
    elif pattern == "corner":
        grey = 128 + 80 * np.tanh(np.minimum(across, beside) / _EDGE_PX)
    elif pattern == "texture":
        grey = 128 + sum(a * np.sin(kx * x + ky * y + phase) for kx, ky, phase, a in waves)
    elif pattern == "blank":
        grey = np.full((VIEW_PX, VIEW_PX), 128.0)
    else:
        raise ValueError(f"pattern: expected one of {PATTERNS}, got {pattern!r}")
    return np.floor(np.clip(grey, 0, 255) + 0.5).astype(np.uint8)


def measure(
    before: NDArray[np.uint8], now: NDArray[np.uint8], after: NDArray[np.uint8], hole_px: float
) -> Measurement:
    """Lucas and Kanade's least squares over a round hole, as far as the pixels allow it.

    Slopes are central differences: in x and y within ``now``, in t from ``before`` to ``after``.
    With both eigenvalues above ``NOISE`` the motion is solved for. With one, only its part along
    that eigenvector is (the normal flow): the shortest of all motions that fit.

    Args:
        before, now, after: three consecutive frames, grey values (VIEW_PX, VIEW_PX).
        hole_px: radius of the hole.
    """
    previous, grey, following = (np.asarray(f, np.float64) for f in (before, now, after))
    along = np.arange(VIEW_PX) - VIEW_PX // 2
    hole = along[None, :] ** 2 + along[:, None] ** 2 <= hole_px**2
    slope_y, slope_x = np.gradient(grey)
    ix, iy, it = slope_x[hole], slope_y[hole], ((following - previous) / 2)[hole]
    tensor = np.array([[np.mean(ix * ix), np.mean(ix * iy)], [np.mean(ix * iy), np.mean(iy * iy)]])
    values, vectors = np.linalg.eigh(tensor)
    right_side = -np.array([np.mean(ix * it), np.mean(iy * it)])
    velocity = np.zeros(2)
    for value, vector in zip(values, vectors.T, strict=True):
        if value > NOISE:
            velocity += vector * (vector @ right_side) / value
    return Measurement(
        eigenvalues=(float(values[1]), float(max(values[0], 0.0))),
        known=int((values > NOISE).sum()),
        velocity=(float(velocity[0]), float(velocity[1])),
    )


class Aperture(Explorer):
    """A hole, a sheet that moves behind it, and a dial for the guess.

    Args:
        trials: how many motions to guess, 1 to 24.
        seed: of the trials and the texture.
        pattern: what is behind the hole at first, one of ``PATTERNS``.
        hole_px: radius of the hole, 6 to 36.
        label: accessible name.
        description: text equivalent; by default one is written.

    Raises:
        ValueError: trials or seed is out of range.
        traitlets.TraitError: pattern or hole_px is not one of the choices.

    Example:
        >>> aperture = Aperture(seed=1)
        >>> aperture.measurement().known
        1
        >>> aperture.pattern = "corner"
        >>> aperture.measurement().known
        2
    """

    name: ClassVar[str] = "aperture"

    trials = traitlets.List(help="motion_deg, normal_deg and speed_px of each.").tag(sync=True)
    waves = traitlets.List(help="kx, ky, phase, amplitude of each wave of the texture.").tag(
        sync=True
    )
    view_px = traitlets.Int(VIEW_PX).tag(sync=True)
    period_px = traitlets.Float(_PERIOD_PX, help="Of the stripes.").tag(sync=True)
    edge_px = traitlets.Float(_EDGE_PX, help="Half the width of the corner's edges.").tag(sync=True)
    noise = traitlets.Float(NOISE).tag(sync=True)
    step_deg = traitlets.Int(STEP_DEG).tag(sync=True)
    hole_range = traitlets.List([MIN_HOLE_PX, MAX_HOLE_PX]).tag(sync=True)

    pattern = traitlets.Enum(PATTERNS, "stripes").tag(sync=True)
    hole_px = traitlets.Int(20, min=MIN_HOLE_PX, max=MAX_HOLE_PX, help="Radius.").tag(sync=True)
    trial = traitlets.Int(0, min=0, help="Which of the trials is shown.").tag(sync=True)
    guess_deg = traitlets.Int(0, min=0, max=360 - STEP_DEG).tag(sync=True)
    revealed = traitlets.Bool(False, help="Whether the answer is shown.").tag(sync=True)
    guesses = traitlets.List(help="pattern, guess_deg and motion_deg of each guess made.").tag(
        sync=True
    )

    def __init__(
        self,
        *,
        trials: int = 8,
        seed: int = 0,
        pattern: str = "stripes",
        hole_px: int = 20,
        label: str = "The aperture problem: a sheet that moves behind a hole",
        description: str | None = None,
    ) -> None:
        trials = checks.integer("trials", trials, 1, _MAX_TRIALS)
        random = np.random.default_rng(checks.integer("seed", seed, 0))
        super().__init__(
            trials=[asdict(trial) for trial in _draw_trials(random, trials)],
            waves=_draw_waves(random),
            pattern=pattern,
            hole_px=hole_px,
            label=label,
            description=description or _describe(trials),
        )

    def frames(self) -> NDArray[np.uint8]:
        """Three frames of the present sheet around its middle one, uint8 (3, VIEW_PX, VIEW_PX)."""
        trial = Trial(**self.trials[self.trial])
        return np.stack([draw(self.pattern, trial, frame, self.waves) for frame in (-1, 0, 1)])

    def measurement(self) -> Measurement:
        """What can be measured in the hole as it now stands."""
        return measure(*self.frames(), hole_px=self.hole_px)

    @traitlets.validate("trial")
    def _validate_trial(self, proposal: dict[str, Any]) -> int:
        return setting("trial", proposal["value"], 0, len(self.trials) - 1)

    @traitlets.validate("guess_deg")
    def _validate_guess(self, proposal: dict[str, Any]) -> int:
        if proposal["value"] % STEP_DEG:
            raise traitlets.TraitError(
                f"guess_deg: expected a multiple of {STEP_DEG}, the dial's step, "
                f"got {proposal['value']}"
            )
        return proposal["value"]


def _turned(degrees: float, length: float = 1.0) -> tuple[float, float]:
    angle = math.radians(degrees)
    return length * math.cos(angle), length * math.sin(angle)


def _draw_trials(random: np.random.Generator, count: int) -> list[Trial]:
    """No two neighbours move alike, and the stripes never drift the way the sheet moves."""
    motions: list[int] = []
    while len(motions) < count:
        degrees = int(random.integers(360 // STEP_DEG)) * STEP_DEG
        if not motions or degrees != motions[-1]:
            motions.append(degrees)
    return [
        Trial(
            motion_deg=degrees,
            normal_deg=int(degrees + random.choice(_OFFSETS_DEG)) % 360,
            speed_px=float(random.choice(_SPEEDS_PX)),
        )
        for degrees in motions
    ]


def _draw_waves(random: np.random.Generator) -> list[list[float]]:
    """Waves of 14 to 30 px in all directions: fine enough to see, long enough to be measured."""
    angles = (np.arange(_WAVES) + random.random(_WAVES)) * (np.pi / _WAVES)
    number = 2 * np.pi / random.uniform(14, 30, _WAVES)
    phases = random.uniform(0, 2 * np.pi, _WAVES)
    waves = np.stack(
        [number * np.cos(angles), number * np.sin(angles), phases, np.full(_WAVES, 24.0)], axis=1
    )
    return waves.round(6).tolist()


def _describe(trials: int) -> str:
    return (
        f"A round hole in a wall; behind it moves a sheet of paper, in {trials} trials. You turn "
        "an arrow on the rim to guess which way the sheet moves, and then reveal the answer. "
        "Stripes show only how they drift across themselves; sliding along themselves changes "
        "nothing. So all motions with the same part across the stripes look the same: in the plot "
        "of velocities, dx to the right and dy down, they lie on one straight line, and the part "
        "across the stripes is the point of the line nearest to zero. With a corner or a texture "
        "in the hole there are slopes in two directions, their lines cross in one point, and the "
        "motion is known. On a blank sheet nothing changes and nothing is known. The two "
        "eigenvalues of the structure tensor, the mean of the products of the slopes over the "
        "hole, say so in numbers: an eigenvalue near zero is a direction in which nothing can be "
        "measured."
    )

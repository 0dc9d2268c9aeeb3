"""What a puppet looks like: its build and clothes, and its body as shapes.

Every part of the body is a shape fixed to a segment from one joint to another, so where a part
goes from one frame to the next is known exactly: turn and move the segment. All lengths are in
frame widths here; y points down.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np

from .kinematics import JOINTS, Performance

Colour = tuple[int, int, int]

_SKIN = ((250, 219, 190), (232, 190, 152), (198, 146, 106), (150, 102, 70), (104, 68, 47))
_HAIR = ((40, 32, 30), (92, 60, 36), (196, 150, 80), (150, 72, 40), (128, 128, 132))
SHIRTS: dict[str, Colour] = {
    "red": (214, 64, 56),
    "orange": (236, 140, 40),
    "yellow": (244, 200, 66),
    "green": (70, 160, 90),
    "blue": (38, 128, 170),
    "purple": (92, 84, 176),
    "pink": (196, 84, 150),
    "white": (240, 238, 230),
}
"""The colours of shirts by the names that captions use."""
_TROUSERS = ((44, 62, 104), (70, 70, 78), (120, 86, 60), (86, 104, 78), (28, 34, 44))
_SHOES = ((250, 250, 250), (34, 30, 30), (170, 50, 40))
_BALLOON = ((226, 44, 60), (250, 120, 40), (250, 200, 40), (244, 110, 160))
_UMBRELLA = ((40, 60, 130), (30, 110, 100), (90, 50, 130), (50, 50, 56))

PEOPLE = {"train": range(48), "test": range(48, 64)}
"""Who acts in which split: nobody acts in both."""


@dataclass(frozen=True)
class Person:
    """Proportions, in heights of the puppet, and colours (RGB) of one person."""

    leg: float
    arm: float
    torso: float
    shoulder: float
    girth: float
    head: float
    skin: Colour
    hair: Colour
    shirt: Colour
    trousers: Colour
    shoes: Colour


@dataclass(frozen=True)
class Parts:
    """Shapes of one clip, drawn in order, the later over the earlier.

    Attributes:
        ends: complex ``(T, K, 2)``: of each part in each frame both ends, as x + iy.
        radii: ``(K, 2)``: half widths at the ends.
        dome: ``(K,)`` bool: a half disc over its segment instead of a rounded bar.
        colours: K RGB triples.
        body: ``(K,)`` bool: part of the person or of what it holds, not furniture or shadow.
        seen: ``(T, K)`` bool: whether the part is there.
        whose: ``(K,)`` int: the figure that the part, or the furniture, belongs to.
    """

    ends: np.ndarray
    radii: np.ndarray
    dome: np.ndarray
    colours: list[Colour]
    body: np.ndarray
    seen: np.ndarray
    whose: np.ndarray

    @property
    def num_figures(self) -> int:
        """How many figures there are: 1 or 2."""
        return int(self.whose.max()) + 1


@cache
def person(number: int) -> Person:
    """One of the people of the puppet world, by number: always the same."""
    rng = np.random.default_rng([2014, number])

    def pick(colours: tuple[Colour, ...]) -> Colour:
        return colours[rng.integers(len(colours))]

    leg = rng.uniform(0.45, 0.51)
    return Person(
        leg=leg,
        arm=rng.uniform(0.36, 0.42),
        torso=rng.uniform(0.80, 0.84) - leg,
        shoulder=rng.uniform(0.075, 0.105),
        girth=rng.uniform(0.85, 1.25),
        head=rng.uniform(0.075, 0.092),
        skin=pick(_SKIN),
        hair=pick(_HAIR),
        shirt=pick(tuple(SHIRTS.values())),
        trousers=pick(_TROUSERS),
        shoes=pick(_SHOES),
    )


def build(who: Person, act: Performance, height: float, ground: float, colour: Colour) -> Parts:
    """The parts of a person acting, with furniture and what is held.

    Args:
        who: proportions and colours.
        act: what it does; T frames.
        height: of the person, in frame widths.
        ground: y of the floor, in frame widths.
        colour: RGB of the balloon or the umbrella.
    """
    joint = dict(zip(JOINTS, act.motion.T, strict=True))
    body, reach = _body(who, act, joint, colour)
    # The lower foot stands on the ground, or `lift` above it.
    rise = reach + joint["lift"]
    shadow = (-0.14 + 1j * rise, 0.14 + 1j * rise, 0.02, 0.02, (112, 108, 104))
    still = _furniture(act, who.leg)
    bars = [*still, shadow, *body]
    ends = np.empty((len(rise), len(bars), 2), complex)
    for k, bar in enumerate(bars):
        ends[:, k, 0], ends[:, k, 1] = bar[:2]
    ends.real[:, len(still) :] *= act.facing[:, None, None]
    ends *= height
    ends += 1j * ground
    ends[:, len(still) :] += (joint["x"] - 1j * height * rise)[:, None, None]
    for k, (_, x, _) in enumerate(act.furniture):
        ends[:, k * _BARS : (k + 1) * _BARS] += x
    seen = np.ones(ends.shape[:2], bool)
    if act.held:
        seen[:, -2:] = act.holding[:, None]
    return Parts(
        ends=ends,
        radii=np.array([bar[2:4] for bar in bars]) * height,
        dome=np.arange(len(bars)) == (len(bars) - 1 if act.held == "umbrella" else -1),
        colours=[bar[4] for bar in bars],
        body=np.arange(len(bars)) > len(still),
        seen=seen,
        whose=np.zeros(len(bars), int),
    )


def together(figures: Sequence[Parts]) -> Parts:
    """The parts of all figures of a film, the first figure's drawn first."""
    return Parts(
        ends=np.concatenate([parts.ends for parts in figures], 1),
        radii=np.concatenate([parts.radii for parts in figures]),
        dome=np.concatenate([parts.dome for parts in figures]),
        colours=[colour for parts in figures for colour in parts.colours],
        body=np.concatenate([parts.body for parts in figures]),
        seen=np.concatenate([parts.seen for parts in figures], 1),
        whose=np.repeat(np.arange(len(figures)), [len(parts.colours) for parts in figures]),
    )


# A bar from one point to another, with its half widths there. Points are complex numbers: x + iy
# from the hips, in heights of the puppet, as if it faced right; one, or one for each frame.
_Bar = tuple[np.ndarray, np.ndarray, float, float, Colour]
_Angles = dict[str, np.ndarray]


def _body(
    who: Person, act: Performance, joint: _Angles, colour: Colour
) -> tuple[list[_Bar], np.ndarray]:
    """The body and what it holds, the farther side first; and how far down the lower foot is."""
    down = 1j * np.exp(-1j * _angles(joint, act.frontal))
    limb = dict(zip(_LIMBS, down, strict=True))
    neck = -limb["torso"] * who.torso
    aside = who.shoulder * act.frontal
    far_arm, _ = _arm(who, limb, "far", neck - aside, 0.75)
    near_arm, hand = _arm(who, limb, "near", neck + aside, 1.0)
    far_leg, far_ankle = _leg(who, limb, "far", -aside / 2, 0.75)
    near_leg, near_ankle = _leg(who, limb, "near", aside / 2, 1.0)
    trunk = (-0.01j, neck + 0.04j, 0.062 * who.girth, 0.072 * who.girth, who.shirt)
    head = _head(who, limb, neck)
    bars = [*far_arm, *far_leg, *near_leg, trunk, *head, *near_arm, *_held(act, hand, colour)]
    return bars, np.maximum(far_ankle.imag, near_ankle.imag) + 0.02


def _arm(
    who: Person, limb: _Angles, side: str, beside: np.ndarray, shade: float
) -> tuple[list[_Bar], np.ndarray]:
    """An arm, and where its hand is."""
    shoulder = beside + 0.03j
    elbow = shoulder + who.arm / 2 * limb[f"{side}_upper_arm"]
    hand = elbow + who.arm / 2 * limb[f"{side}_forearm"]
    skin, shirt = _dim(who.skin, shade), _dim(who.shirt, shade)
    return [
        (elbow, hand, 0.028 * who.girth, 0.026 * who.girth, skin),
        (shoulder, elbow, 0.038 * who.girth, 0.032 * who.girth, shirt),
    ], hand


def _leg(
    who: Person, limb: _Angles, side: str, top: np.ndarray, shade: float
) -> tuple[list[_Bar], np.ndarray]:
    """A leg with its foot, and where its ankle is."""
    knee = top + who.leg / 2 * limb[f"{side}_thigh"]
    ankle = knee + who.leg / 2 * limb[f"{side}_shank"]
    toe = ankle + 0.055 * limb[f"{side}_foot"]
    trousers = _dim(who.trousers, shade)
    return [
        (ankle, toe, 0.026, 0.022, _dim(who.shoes, shade)),
        (knee, ankle, 0.038 * who.girth, 0.028 * who.girth, trousers),
        (top, knee, 0.050 * who.girth, 0.040 * who.girth, trousers),
    ], ankle


def _head(who: Person, limb: _Angles, neck: np.ndarray) -> list[_Bar]:
    crown = neck - limb["head"] * 2.1 * who.head
    middle = (neck + crown) / 2
    hair, point = middle - 0.25 * who.head, 0.01 * limb["head"]
    return [
        (neck, middle, 0.03, 0.03, who.skin),
        (hair + 0.3 * (crown - middle), hair + crown - middle, who.head, 0.6 * who.head, who.hair),
        (middle - point, middle + point, who.head, who.head, who.skin),
    ]


def _held(act: Performance, hand: np.ndarray, colour: Colour) -> list[_Bar]:
    """A ball (a bar hardly longer than nothing) or a dome, of the same colours, in one place."""
    if not act.held:
        return []
    half, radius = (0.01, 0.14) if act.held == "balloon" else (0.1, 0.27)
    return [
        (hand, hand - 0.22j, 0.012, 0.012, (70, 60, 60)),
        (hand - (0.3 - half) * 1j, hand - (0.3 + half) * 1j, radius, radius, colour),
    ]


def outlines(parts: Parts, corners: int) -> np.ndarray:
    """Every shape as a convex polygon: complex ``(T, K, corners)``.

    Half of the corners stand on the round cap of each end: an even number.
    """
    cap = np.exp(1j * np.linspace(-np.pi / 2, np.pi / 2, corners // 2))
    start, stop = parts.ends[..., 0], parts.ends[..., 1]
    along = (stop - start) / abs(stop - start)
    rear, front = (along[..., None] * cap * r[:, None] for r in parts.radii.T)
    rear, front = start[..., None] - rear, stop[..., None] + front
    # A dome is a half disc over its start: no rear cap, the flat side between its two corners.
    front[:, parts.dome] += (start - stop)[:, parts.dome, None]
    rear[:, parts.dome] = front[:, parts.dome, :1]
    return np.concatenate([front, rear], -1)


_LIMBS = (
    "torso", "head",
    "near_upper_arm", "near_forearm", "far_upper_arm", "far_forearm",
    "near_thigh", "near_shank", "near_foot", "far_thigh", "far_shank", "far_foot",
)  # fmt: skip


def _angles(joint: _Angles, frontal: np.ndarray) -> np.ndarray:
    """The angle of every limb from straight down, ``(len(_LIMBS), T)``."""
    angles = [joint["lean"] * -1, joint["lean"] * -0.7]
    for side in ("near", "far"):
        angles += [joint[f"{side}_shoulder"], joint[f"{side}_shoulder"] + joint[f"{side}_elbow"]]
    for side, outwards in (("near", 1.0), ("far", -1.0)):
        shank = joint[f"{side}_hip"] - joint[f"{side}_knee"]
        foot = shank + np.pi / 2 * np.where(frontal < 0.5, 0.9, outwards)
        angles += [joint[f"{side}_hip"], shank, foot]
    return np.stack(angles)


_BARS = 3


def _furniture(act: Performance, leg: float) -> list[_Bar]:
    """Stools and treadmills, ``_BARS`` bars each: parts that stand still."""
    seat = leg / 2 - 0.05
    wood, light_wood, steel, rubber = (96, 66, 42), (150, 104, 64), (70, 74, 84), (52, 56, 66)
    # In heights of the puppet, from the spot on the floor: x0, y0 up, x1, y1 up, half width.
    bars = {
        "stool": (
            (-0.09, seat, -0.12, 0.01, 0.016, wood),
            (0.09, seat, 0.12, 0.01, 0.016, wood),
            (-0.12, seat, 0.12, seat, 0.03, light_wood),
        ),
        "treadmill": (
            (0.36, 0.0, 0.42, 0.56, 0.02, steel),
            (0.42, 0.56, 0.32, 0.53, 0.02, steel),
            (-0.34, -0.035, 0.38, -0.035, 0.04, rubber),
        ),
    }
    return [
        (facing * x0 - 1j * y0, facing * x1 - 1j * y1, half, half, colour)
        for kind, _, facing in act.furniture
        for x0, y0, x1, y1, half, colour in bars[kind]
    ]


def _dim(colour: Colour, shade: float) -> Colour:
    return tuple(round(shade * c) for c in colour)


def held_colour(rng: np.random.Generator, held: str) -> Colour:
    """A colour for what is held: balloons are bright, umbrellas dark."""
    return (_UMBRELLA if held == "umbrella" else _BALLOON)[rng.integers(4)]

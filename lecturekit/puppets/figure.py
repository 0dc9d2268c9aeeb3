"""What a puppet looks like: its build and clothes, and its body as shapes.

Every part of the body is a shape fixed to a segment from one joint to another, so where a part
goes from one frame to the next is known exactly: turn and move the segment. All lengths are in
frame widths here; y points down.
"""

from dataclasses import dataclass
from functools import cache

import numpy as np

from .kinematics import JOINTS, Performance

Colour = tuple[int, int, int]

_SKIN = ((250, 219, 190), (232, 190, 152), (198, 146, 106), (150, 102, 70), (104, 68, 47))
_HAIR = ((40, 32, 30), (92, 60, 36), (196, 150, 80), (150, 72, 40), (128, 128, 132))
_SHIRT = (
    (214, 64, 56), (236, 140, 40), (244, 200, 66), (70, 160, 90), (38, 128, 170), (92, 84, 176),
    (196, 84, 150), (240, 238, 230),
)  # fmt: skip
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
    """

    ends: np.ndarray
    radii: np.ndarray
    dome: np.ndarray
    colours: list[Colour]
    body: np.ndarray
    seen: np.ndarray


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
        shirt=pick(_SHIRT),
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
    # Points are complex numbers here: x + iy from the hips, in heights, as if facing right.
    down = 1j * np.exp(-1j * _angles(joint, act.frontal))
    limb = dict(zip(_LIMBS, down, strict=True))
    girth, half_leg, half_arm = who.girth, who.leg / 2, who.arm / 2
    neck = -limb["torso"] * who.torso
    crown = neck - limb["head"] * 2.1 * who.head
    middle = (neck + crown) / 2
    drawn: list[tuple[np.ndarray, np.ndarray, float, float, Colour]] = []

    def arm(side: str, aside: float, shade: float) -> np.ndarray:
        shoulder = neck + aside * who.shoulder * act.frontal + 0.03j
        elbow = shoulder + half_arm * limb[f"{side}_upper_arm"]
        hand = elbow + half_arm * limb[f"{side}_forearm"]
        drawn.append((elbow, hand, 0.028 * girth, 0.026 * girth, _dim(who.skin, shade)))
        drawn.append((shoulder, elbow, 0.038 * girth, 0.032 * girth, _dim(who.shirt, shade)))
        return hand

    def leg(side: str, aside: float, shade: float) -> np.ndarray:
        top = aside * who.shoulder / 2 * act.frontal
        knee = top + half_leg * limb[f"{side}_thigh"]
        ankle = knee + half_leg * limb[f"{side}_shank"]
        toe = ankle + 0.055 * limb[f"{side}_foot"]
        drawn.append((ankle, toe, 0.026, 0.022, _dim(who.shoes, shade)))
        drawn.append((knee, ankle, 0.038 * girth, 0.028 * girth, _dim(who.trousers, shade)))
        drawn.append((top, knee, 0.050 * girth, 0.040 * girth, _dim(who.trousers, shade)))
        return ankle.imag

    arm("far", -1, 0.75)
    # The lower foot stands on the ground, or `lift` above it.
    reach = np.maximum(leg("far", -1, 0.75), leg("near", 1, 1.0)) + 0.02
    rise = reach + joint["lift"]
    drawn.append((-0.01j, neck + 0.04j, 0.062 * girth, 0.072 * girth, who.shirt))
    drawn.append((neck, middle, 0.03, 0.03, who.skin))
    hair = middle - 0.25 * who.head
    drawn.append(
        (hair + 0.3 * (crown - middle), hair + crown - middle, who.head, 0.6 * who.head, who.hair)
    )
    drawn.append(
        (middle - 0.01 * limb["head"], middle + 0.01 * limb["head"], who.head, who.head, who.skin)
    )
    hand = arm("near", 1, 1.0)
    if act.held:
        # A ball (a bar hardly longer than nothing) or a dome, of the same colours, in one place.
        half, radius = (0.01, 0.14) if act.held == "balloon" else (0.1, 0.27)
        drawn.append((hand, hand - 0.22j, 0.012, 0.012, (70, 60, 60)))
        drawn.append((hand - (0.3 - half) * 1j, hand - (0.3 + half) * 1j, radius, radius, colour))
    shadow = (-0.14 + 1j * rise, 0.14 + 1j * rise, 0.02, 0.02, (112, 108, 104))
    still = _furniture(act, who.leg)
    shapes = [*still, shadow, *drawn]
    ends = np.empty((len(rise), len(shapes), 2), complex)
    for k, shape in enumerate(shapes):
        ends[:, k, 0], ends[:, k, 1] = shape[:2]
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
        radii=np.array([shape[2:4] for shape in shapes]) * height,
        dome=np.arange(len(shapes)) == (len(shapes) - 1 if act.held == "umbrella" else -1),
        colours=[shape[4] for shape in shapes],
        body=np.arange(len(shapes)) > len(still),
        seen=seen,
    )


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


def _angles(joint: dict[str, np.ndarray], frontal: np.ndarray) -> np.ndarray:
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


def _furniture(act: Performance, leg: float) -> list:
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

"""What a kernel says: by hand, of a film that stands still, of one velocity."""

from functools import cache, lru_cache

import numpy as np
import torch
from torch.nn import functional

from lecturekit.exercises import Derivation, Exercise, Misconception, Property


def _random(seed: int, *shape: int) -> torch.Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed))


_FILM = np.array([[[3, 1, 0], [0, 2, 1], [1, 0, 2]], [[0, 1, 2], [2, 0, 1], [0, 1, 3]]])
_KERNEL = np.array([[[1, 0], [0, -1]], [[0, 2], [1, 0]]])


def _four(kernel: np.ndarray) -> tuple[float, ...]:
    """The sums of the four windows, row by row."""
    return tuple(
        float((_FILM[:, i : i + 2, j : j + 2] * kernel).sum()) for i in (0, 1) for j in (0, 1)
    )


FOUR_SUMS = Derivation(
    name="four_sums",
    answer=_four(_KERNEL),
    statement="four windows, eight products in each",
    slips=[
        (
            _four(_KERNEL[::-1, ::-1, ::-1]),
            "you flipped the kernel. So does a convolution in mathematics; a network's does not.",
        ),
        (
            _four(_KERNEL[::-1]),
            "the kernel's first frame lies on the film's first frame, its second on the second.",
        ),
        (
            _four(_KERNEL * [[[1]], [[0]]]),
            "you used the first frame alone: the second frame's products belong to the same sum.",
        ),
        (
            _four(_KERNEL * [[[0]], [[1]]]),
            "you used the second frame alone: the first frame's products belong to the same sum.",
        ),
        (
            _four(_KERNEL.transpose(0, 2, 1)),
            "you exchanged rows and columns of the kernel.",
        ),
        (
            _four(abs(_KERNEL)),
            "one weight is negative: −1.",
        ),
        (
            tuple(_four(_KERNEL)[k] for k in (0, 2, 1, 3)),
            "right numbers, another order: row by row, as you read.",
        ),
    ],
)


def _frozen_is_alike(got: np.ndarray, weight: np.ndarray) -> bool:
    """Whether 2D weights answer to a picture as 3D ones do to the picture, standing still."""
    weight, flat = torch.as_tensor(weight), torch.as_tensor(got).to(torch.float32)
    picture = torch.randn(1, weight.shape[1], 9, 8, generator=torch.Generator().manual_seed(0))
    film = picture[:, :, None].expand(-1, -1, weight.shape[2], -1, -1)
    wanted = functional.conv3d(film, weight)[:, :, 0]
    return torch.allclose(functional.conv2d(picture, flat), wanted, atol=1e-4)


STILL_WEIGHT = Exercise(
    name="still_weight",
    cases=[
        (_random(0, 4, 2, 3, 3, 3),),
        (_random(1, 2, 3, 5, 2, 4),),
        (_random(2, 3, 1, 2, 4, 1),),
    ],
    properties=[
        Property(
            "weights of a 2D layer, (F, C, kh, kw)",
            lambda got, w: got.shape == (*w.shape[:2], *w.shape[3:]),
        ),
        Property("the same answers where all frames are equal", _frozen_is_alike),
    ],
    misconceptions=[
        Misconception(
            lambda w: w.mean(2),
            "that is the mean. Each of the kernel's frames adds its own answer to the picture: "
            "nothing divides.",
        ),
        Misconception(
            lambda w: w[:, :, w.shape[2] // 2],
            "that is one of the kernel's frames. The others see the same picture, and add to it.",
            symptom=lambda got, w: any(np.allclose(got, w[:, :, t]) for t in range(w.shape[2])),
        ),
        Misconception(
            lambda w: w.sum(2, keepdims=True),
            "keep no axis of length one: a 2D layer's weights have four axes.",
            symptom=lambda got, w: got.ndim == 5 and 1 in got.shape,
        ),
        Misconception(
            lambda w: w.sum(1),
            "you summed over the channels. In (F, C, kt, kh, kw), time is axis 2.",
            symptom=lambda got, w: got.shape == (w.shape[0], *w.shape[2:]),
        ),
        Misconception(
            lambda w: w.sum(0),
            "you summed over the filters. In (F, C, kt, kh, kw), time is axis 2.",
            symptom=lambda got, w: got.shape == w.shape[1:],
        ),
        Misconception(
            lambda w: w.sum(4),
            "you summed over the columns. In (F, C, kt, kh, kw), time is axis 2.",
            symptom=lambda got, w: got.shape in (w.shape[:4], (*w.shape[:3], w.shape[4])),
        ),
    ],
)

_VELOCITIES = [(vy, vx) for vy in (-2, 0, 2) for vx in (-2, 0, 2)]
_SIZE = 32
_TEXTURES = (20, 21)


@cache
def _texture(seed: int) -> torch.Tensor:
    """A soft random picture whose opposite borders fit, so that it can drift for ever."""
    ramp = torch.exp(-(torch.linspace(-2, 2, 5) ** 2) / 2)
    soft = (ramp[:, None] * ramp / ramp.sum() ** 2)[None, None]
    noise = functional.pad(_random(seed, 1, 1, _SIZE, _SIZE), (2, 2, 2, 2), mode="circular")
    return functional.conv2d(noise, soft)[0, 0]


@cache
def _films(frames: int) -> torch.Tensor:
    """``(velocities × textures, 1, T, H, W)``: each texture drifting at each velocity."""
    return torch.stack(
        [
            torch.stack([_texture(seed).roll((vy * t, vx * t), (0, 1)) for t in range(frames)])
            for vy, vx in _VELOCITIES
            for seed in _TEXTURES
        ]
    )[:, None]


def _energies(kernel: np.ndarray) -> dict[tuple[int, int], float]:
    """The mean square of a kernel's answers to the textures, by their (rows, columns) a frame."""
    kernel = np.ascontiguousarray(kernel, np.float32)
    return _measured(kernel.tobytes(), kernel.shape)


@lru_cache(maxsize=64)
def _measured(weights: bytes, shape: tuple[int, int, int]) -> dict[tuple[int, int], float]:
    kernel = torch.from_numpy(np.frombuffer(weights, np.float32).reshape(shape).copy())
    kt, kh, kw = shape
    films = functional.pad(_films(kt), (0, kw - 1, 0, kh - 1, 0, 0), mode="circular")
    answers = functional.conv3d(films, (kernel / kernel.norm())[None, None])
    energy = answers.square().mean((1, 2, 3, 4)).unflatten(0, (-1, len(_TEXTURES))).mean(1)
    return dict(zip(_VELOCITIES, energy.tolist(), strict=True))


def _strongest(kernel: np.ndarray) -> tuple[int, int]:
    energies = _energies(kernel)
    return max(energies, key=energies.get)


def _is_silent(got: np.ndarray, *_: int) -> bool:
    energies = _energies(got)
    return energies[0, 0] < 1e-4 * max(energies.values())


def _is_tuned(got: np.ndarray, vy: int, vx: int) -> bool:
    energies = _energies(got)
    return all(
        energies[vy, vx] >= 2 * energies[other] for other in _VELOCITIES if other != (vy, vx)
    )


def _blob(vy: float, vx: float, *, frames: int = 5, still: bool = False) -> torch.Tensor:
    t = torch.arange(frames)[:, None, None] - frames // 2
    y, x = torch.arange(-7, 8)[:, None], torch.arange(-7, 8)
    apart = ((y - vy * t) ** 2 + (x - vx * t) ** 2) / 2
    kernel = (1 - apart / 2) * torch.exp(-apart / 2)
    return kernel if still else kernel - kernel.mean(0)


VELOCITY_KERNEL = Exercise(
    name="velocity_kernel",
    kind="experiment",
    cases=[(2, 0), (0, -2), (2, 2), (-2, 2)],
    properties=[
        Property(
            "3 to 9 frames, 3 to 21 rows and columns",
            lambda got, *_: len(got.shape) == 3
            and 3 <= got.shape[0] <= 9
            and all(3 <= n <= 21 for n in got.shape[1:]),
        ),
        Property(
            "silent on a texture that stands still",
            _is_silent,
        ),
        Property(
            "at least twice the energy at its own velocity as at any other on a drifting texture",
            _is_tuned,
        ),
    ],
    misconceptions=[
        Misconception(
            lambda vy, vx: _blob(vy, vx, still=True),
            "it answers to standing things: on those, each place of the kernel adds up its own "
            "frames. What must their sum be?",
            symptom=lambda got, vy, vx: _is_tuned(got, vy, vx) and not _is_silent(got),
        ),
        Misconception(
            lambda vy, vx: _blob(0, 0, still=True),
            "the kernel does not move: all its frames are equal.",
            symptom=lambda got, vy, vx: np.allclose(got, got[:1]),
        ),
        Misconception(
            lambda vy, vx: _blob(vx, vy),
            "rows and columns are exchanged: vy moves along axis 1, vx along axis 2.",
            symptom=lambda got, vy, vx: _strongest(got) == (vx, vy),
        ),
        Misconception(
            lambda vy, vx: _blob(-vy, -vx),
            "it answers most to the opposite velocity: the convolution does not flip your kernel.",
            symptom=lambda got, vy, vx: _strongest(got) == (-vy, -vx),
        ),
        Misconception(
            lambda vy, vx: _blob(0, vx),
            "it moves along the columns alone: vy is missing.",
            symptom=lambda got, vy, vx: _strongest(got) == (0, vx),
        ),
        Misconception(
            lambda vy, vx: _blob(vy, 0),
            "it moves along the rows alone: vx is missing.",
            symptom=lambda got, vy, vx: _strongest(got) == (vy, 0),
        ),
        Misconception(
            lambda vy, vx: _blob(vy, vx, frames=3),
            "the right velocity answers most, but others answer nearly as much. Try more frames: "
            "a longer path is told better from its neighbours.",
            symptom=lambda got, vy, vx: _strongest(got) == (vy, vx),
        ),
    ],
)  # fmt: skip

"""A batch of films, mirrored: of each film both clips, or none."""

import numpy as np
import torch

from lecturekit.exercises import Exercise, Misconception, Property


def _draw(clips: torch.Tensor, rng: np.random.Generator) -> torch.Tensor:
    return torch.from_numpy(rng.random(len(clips)) < 0.5)


def _turned(clips: torch.Tensor, which: torch.Tensor, axis: int = -1) -> torch.Tensor:
    return torch.where(which[:, None, None, None, None], clips.flip(axis), clips)


def _by(flips: object) -> object:
    """An answer that draws once and turns both clips alike: ``flips(clips, which)``."""

    def answer(slow: torch.Tensor, fast: torch.Tensor, rng: np.random.Generator) -> tuple:
        which = _draw(slow, rng)
        return flips(slow, which), flips(fast, which)

    return answer


def _in_place(clips: torch.Tensor, which: torch.Tensor) -> torch.Tensor:
    clips[which] = clips[which].flip(-1)
    return clips


def _as_given(
    slow: torch.Tensor, fast: torch.Tensor, rng: np.random.Generator
) -> tuple[torch.Tensor, torch.Tensor]:
    return _in_place(slow, _draw(slow, rng)), _in_place(fast, _draw(fast, rng))


def _drawn_twice(
    slow: torch.Tensor, fast: torch.Tensor, rng: np.random.Generator
) -> tuple[torch.Tensor, torch.Tensor]:
    return _turned(slow, _draw(slow, rng)), _turned(fast, _draw(fast, rng))


def _one_alone(position: int) -> object:
    def answer(*case: object) -> tuple:
        both = list(case[:2])
        both[position] = _turned(both[position], _draw(both[position], case[2]))
        return tuple(both)

    return answer


def _is_mirrored(got: np.ndarray, clips: np.ndarray) -> np.ndarray:
    return (np.asarray(got) == clips[..., ::-1]).all((1, 2, 3, 4))


def _is_kept(got: np.ndarray, clips: np.ndarray) -> np.ndarray:
    return (np.asarray(got) == clips).all((1, 2, 3, 4))


def _either_way(got: tuple, slow: np.ndarray, fast: np.ndarray, _: object) -> bool:
    return all(
        (_is_mirrored(g, c) | _is_kept(g, c)).all() for g, c in zip(got, (slow, fast), strict=True)
    )


def _together(got: tuple, slow: np.ndarray, fast: np.ndarray, _: object) -> bool:
    return bool((_is_mirrored(got[0], slow) == _is_mirrored(got[1], fast)).all())


def _share(got: tuple, slow: np.ndarray) -> float:
    return _is_mirrored(got[0], slow).mean()


def _films(seed: int, alpha: int, size: tuple[int, int, int]) -> tuple:
    """A batch of 64 films: Slow, Fast, and the generator to draw from."""
    rng = np.random.default_rng(seed)
    fast = torch.from_numpy(rng.normal(size=(64, 1, *size)))
    return fast[:, :, ::alpha].clone(), fast, rng


AUGMENT = Exercise(
    name="augment",
    kind="debug",
    library="torch",
    # Seeds that draw differently: one draw for a batch mirrors the first and not the second.
    cases=[_films(2, 4, (8, 3, 5)), _films(3, 2, (6, 4, 3))],
    properties=[
        Property(
            "the shapes as they were",
            lambda got, slow, fast, _: got[0].shape == slow.shape and got[1].shape == fast.shape,
        ),
        Property("each clip as it was, or mirrored left to right, all its frames", _either_way),
        Property("of each film both clips mirrored, or none", _together),
        Property(
            "about half of the films mirrored",
            # Of 64 draws, four standard deviations.
            lambda got, slow, *_: 0.25 <= _share(got, slow) <= 0.75,
        ),
    ],
    misconceptions=[
        Misconception(
            _as_given,
            "two things are wrong: Slow is mirrored where Fast is not, and the caller's clips are "
            "overwritten.",
        ),
        Misconception(
            _drawn_twice,
            "nothing is overwritten now. But Slow is still mirrored where Fast is not: each clip "
            "has its own draw.",
            lambda got, slow, fast, rng: _either_way(got, slow, fast, rng)
            and not _together(got, slow, fast, rng)
            and not _is_kept(got[0], slow).all()
            and not _is_kept(got[1], fast).all(),
        ),
        Misconception(
            _by(_in_place),
            "one draw, rightly. But `clips[mirrored] = …` writes into the caller's tensor.",
        ),
        Misconception(
            _by(lambda clips, which: clips),
            "nothing is mirrored any more.",
        ),
        Misconception(
            _by(lambda clips, which: clips.flip(-1)),
            "every film is mirrored. Half of them should be.",
        ),
        Misconception(
            lambda slow, fast, rng: tuple(
                clips.flip(-1) if which else clips
                for which in [rng.random() < 0.5]
                for clips in (slow, fast)
            ),
            "one draw for the whole batch. Draw one for each film.",
            lambda got, slow, fast, _: _either_way(got, slow, fast, _)
            and _together(got, slow, fast, _)
            and _share(got, slow) in (0, 1),
        ),
        Misconception(
            _one_alone(0),
            "only Slow is mirrored.",
            lambda got, slow, fast, _: _is_kept(got[1], fast).all(),
        ),
        Misconception(
            _one_alone(1),
            "only Fast is mirrored.",
            lambda got, slow, fast, _: _is_kept(got[0], slow).all(),
        ),
        Misconception(
            _by(lambda clips, which: _turned(clips, which, 2)),
            "you reverse time, not left and right: axis 2 is time.",
            lambda got, slow, fast, _: (
                _is_kept(got[0][:, :, ::-1], slow) | _is_kept(got[0], slow)
            ).all(),
        ),
        Misconception(
            _by(lambda clips, which: _turned(clips, which, 3)),
            "you turn the picture upside down: axis 3 holds the rows.",
            lambda got, slow, fast, _: (
                _is_kept(got[0][:, :, :, ::-1], slow) | _is_kept(got[0], slow)
            ).all(),
        ),
        Misconception(
            _by(lambda clips, which: clips[torch.cat([which.nonzero(), (~which).nonzero()])[:, 0]]),
            "the films of the batch have changed places, and their labels have not.",
            lambda got, slow, fast, _: not _either_way(got, slow, fast, _)
            and sorted(abs(got[0]).sum((1, 2, 3, 4)).round(3))
            == sorted(abs(slow).sum((1, 2, 3, 4)).round(3)),
        ),
    ],
)  # fmt: skip

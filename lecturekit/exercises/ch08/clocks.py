"""Which frames a pathway reads, and which motions those cannot show."""

from functools import lru_cache

import numpy as np

from lecturekit.exercises import Derivation, Exercise, Misconception, Property, same


def _slow(num_frames: int, sampling_rate: int, alpha: int, start: int) -> np.ndarray:
    return start + sampling_rate * np.arange(0, num_frames, alpha)


SLOW_READS = Exercise(
    name="slow_reads",
    cases=[(32, 2, 8, 100), (32, 2, 4, 0), (64, 2, 4, 7), (16, 3, 2, 40), (30, 1, 5, 12)],
    properties=[
        Property(
            "as many frames as the Slow pathway has",
            lambda got, num_frames, _, alpha, __: len(got) == num_frames // alpha,
        ),
        Property(
            "every α-th frame of the Fast pathway, as numbers of film frames",
            lambda got, *case: same(got, _slow(*case)),
        ),
    ],
    misconceptions=[
        Misconception(
            lambda num_frames, sampling_rate, alpha, start: (
                start + sampling_rate * np.arange(num_frames)
            ),
            "those are the frames of Fast: NUM_FRAMES and SAMPLING_RATE describe Fast.",
        ),
        Misconception(
            lambda num_frames, sampling_rate, alpha, start: (
                start + sampling_rate * alpha * np.arange(num_frames)
            ),
            "Slow's step, but Fast's number of frames.",
        ),
        Misconception(
            lambda num_frames, sampling_rate, alpha, start: (
                start + sampling_rate * np.arange(num_frames // alpha)
            ),
            "Slow's number of frames, but Fast's step: this is only the beginning of the clip.",
        ),
        Misconception(
            lambda num_frames, sampling_rate, alpha, start: (
                start + alpha * np.arange(num_frames // alpha)
            ),
            "these count frames of the Fast clip. How far apart are two of those in the film?",
        ),
        Misconception(
            lambda num_frames, sampling_rate, alpha, start: (
                start + sampling_rate // alpha * np.arange(num_frames // alpha)
            ),
            "you divide the step by α. SAMPLING_RATE is the shorter step already, that of Fast.",
        ),
        Misconception(
            lambda num_frames, sampling_rate, alpha, start: _slow(
                num_frames, sampling_rate, alpha, 0
            ),
            "the clip begins at film frame `start`.",
        ),
        Misconception(
            lambda num_frames, sampling_rate, alpha, start: (
                sampling_rate * alpha * (start + np.arange(num_frames // alpha))
            ),
            "`start` is a film frame already: add it after the multiplication.",
        ),
        Misconception(
            lambda num_frames, sampling_rate, alpha, start: start + sampling_rate * alpha * (
                np.arange(1, num_frames // alpha + 1)
            ),
            "one step late: the first frame of Slow is `start` itself.",
        ),
        Misconception(
            lambda num_frames, sampling_rate, alpha, start: start + sampling_rate * np.linspace(
                0, num_frames - 1, num_frames // alpha
            ).astype(int),
            "those are rounded numbers, stretched until the last frame. Asked for: every α-th.",
        ),
    ],
)  # fmt: skip


BEST_SHARES = Derivation(
    name="best_shares",
    answer=(2 / 3, 5 / 6, 2 / 3),
    statement="of the fast clips, two thirds show Slow the poses of slow ones, one third in order",
    slips=[
        (
            (1 / 2, 3 / 4, 1 / 2),
            "those are this chapter's, where the fast clips have 3 or 5 cycles. Here one fast clip "
            "in three has 2: does it look like a slow one?",
        ),
        (
            (7 / 12, 2 / 3, 7 / 12),
            "where fast clips look like slow ones, a coin is not the best guess: which of the two "
            "is more frequent there?",
        ),
        (
            (2 / 3, 1, 2 / 3),
            "the second: in order, 5 cycles with a step of 5/4 look like 1 with a step of 1/4.",
        ),
        (
            (5 / 6, 5 / 6, 2 / 3),
            "the waves: you take 5 cycles for a slow wave, but not 3. What is a sine played "
            "backwards?",
        ),
        (
            (2 / 3, 2 / 3, 2 / 3),
            "the second: 3 cycles give the poses of a walk in reverse. A network that sees order "
            "knows them from a walk.",
        ),
        (
            (2 / 3, 5 / 6, 5 / 6),
            "the third: an average over frames does not know whether the poses ran backwards.",
        ),
        (
            (2 / 3, 5 / 6, 1 / 2),
            "the third: 2 cycles show other poses than 1, in any order. How many different ones?",
        ),
        (
            (1 / 3, 1 / 6, 1 / 3),
            "those are the wrong answers. Asked for: the right ones.",
        ),
        (
            (1 / 3, 2 / 3, 1 / 3),
            "that is the share of the fast clips that can be told. Half of all clips are slow: "
            "count those as well.",
        ),
        (
            (3 / 4, 3 / 4, 3 / 4),
            "you took the four numbers of cycles as equally frequent. Half of the clips have 1.",
        ),
        (
            (2 / 3, 2 / 3, 5 / 6),
            "the last two have changed places: who sees order knows more.",
        ),
        (
            (1 / 2, 1 / 2, 1 / 2),
            "some fast clips look like no slow one: of those, all can be right.",
        ),
    ],
)


def _told(num_frames: int, slow: int, fast: int, alpha: int) -> bool:
    """Whether Slow's frames tell the waves apart: tried, with drawn starts of the fast wave.

    A wave is not told if a slow wave with some start has the same angles in all of these frames.
    """
    return _tried(num_frames, slow, fast, alpha) >= 0.9


@lru_cache(maxsize=256)
def _tried(num_frames: int, slow: int, fast: int, alpha: int) -> float:
    """The share of 40 drawn fast waves that have no slow twin."""
    moments = (np.arange(0, num_frames, alpha) + 0.5) / num_frames
    starts = np.random.default_rng(num_frames).random(40)
    drawn = np.sin(2 * np.pi * (starts[:, None, None] + fast * moments))
    # 720 starts: a twin that exists is met to half a degree, 0.005 of the swing.
    slow_waves = np.sin(2 * np.pi * (np.arange(720)[:, None] / 720 + slow * moments))
    nearest = abs(drawn - slow_waves).max(2).min(1)
    return float((nearest > 0.02).mean())


def _largest(num_frames: int, fits: object) -> int:
    """The largest divisor α whose number of Slow frames fits; 1 where none does."""
    divisors = [a for a in range(1, num_frames + 1) if num_frames % a == 0]
    return max((a for a in divisors if fits(num_frames // a)), default=1)


def _by_rule(num_frames: int, slow: int, fast: int) -> int:
    return _largest(num_frames, lambda n: (fast - slow) % n and (fast + slow) % n)


CHOOSE_ALPHA = Exercise(
    name="choose_alpha",
    kind="experiment",
    cases=[
        (32, 1, 3), (32, 1, 7), (48, 2, 7), (48, 2, 8), (36, 2, 10), (40, 1, 9), (60, 3, 8),
        (16, 1, 7),
    ],
    properties=[
        Property(
            "α divides the frames of Fast",
            lambda got, num_frames, *_: got >= 1 and num_frames % got == 0 and int(got) == got,
        ),
        Property(
            "drawn fast waves have no slow twin in Slow's frames",
            lambda got, num_frames, slow, fast: _told(num_frames, slow, fast, int(got)),
        ),
        Property(
            "no cheaper α does it",
            lambda got, num_frames, slow, fast: int(got) == _by_rule(num_frames, slow, fast),
        ),
    ],
    misconceptions=[
        Misconception(
            lambda num_frames, slow, fast: _largest(num_frames, lambda n: n > 2 * fast),
            "more than two frames for each cycle of the fast wave: enough to name its cycles among "
            "all others, and more than you need. Only these two waves must be told apart.",
        ),
        Misconception(
            lambda num_frames, slow, fast: _largest(num_frames, lambda n: n >= 2 * fast),
            "two frames for each cycle of the fast wave: that rule is for naming its cycles among "
            "all others. Only these two waves must be told apart.",
        ),
        Misconception(
            lambda num_frames, slow, fast: _largest(num_frames, lambda n: (fast - slow) % n),
            "you ask whether the fast wave looks like the slow one, but not whether it looks like "
            "the slow one backwards.",
        ),
        Misconception(
            lambda num_frames, slow, fast: _largest(num_frames, lambda n: (fast + slow) % n),
            "you ask whether the fast wave looks like the slow one backwards, but not whether it "
            "looks like the slow one forwards.",
        ),
        Misconception(
            lambda num_frames, slow, fast: _largest(
                num_frames, lambda n: (fast - 1) % n and (fast + 1) % n
            ),
            "right where the slow wave has one cycle. It may have two or three.",
        ),
        Misconception(
            lambda num_frames, slow, fast: _largest(num_frames, lambda n: fast % n and slow % n),
            "a wave that steps by whole cycles seems to stand still, but that is not the question. "
            "By what may two waves differ and still look alike?",
        ),
        Misconception(
            lambda num_frames, slow, fast: _largest(
                num_frames, lambda n: (fast - slow) % n or (fast + slow) % n
            ),
            "one likeness is enough to deceive: forwards *or* backwards. You let an α pass if one "
            "of the two is missing.",
        ),
        Misconception(
            lambda num_frames, slow, fast: num_frames // _by_rule(num_frames, slow, fast),
            "that is the number of Slow's frames. Asked for is α.",
        ),
        Misconception(
            lambda num_frames, slow, fast: 1,
            "with α = 1 Slow reads every frame. Nothing is told better, and nothing costs more.",
        ),
        Misconception(
            lambda num_frames, slow, fast: num_frames,
            "Slow has one frame left. One pose shows no motion.",
        ),
        Misconception(
            lambda num_frames, slow, fast: min(
                a
                for a in range(2, num_frames + 1)
                if num_frames % a == 0 and (_told(num_frames, slow, fast, a) or a == num_frames)
            ),
            "that α tells them apart, and a larger one does so too: Slow's work falls with α.",
            symptom=lambda got, num_frames, slow, fast: (
                num_frames % got == 0 and _told(num_frames, slow, fast, int(got))
            ),
        ),
        Misconception(
            lambda num_frames, slow, fast: max(
                a
                for a in range(1, num_frames)
                if (fast - slow) * a % num_frames and (fast + slow) * a % num_frames
            ),
            "that α does not divide the number of frames: the last Slow frame would stand for "
            "fewer Fast frames than the others.",
            symptom=lambda got, num_frames, *_: num_frames % got != 0,
        ),
    ],
)  # fmt: skip

from fractions import Fraction

import numpy as np
import pytest
import torch
from einops import rearrange
from torch import nn
from verdicts import expect_wrong, right, wrong

from lecturekit import ops
from lecturekit.exercises import ch08

# Numbers and claims.


@pytest.mark.parametrize(
    "answer",
    [(1 / 3, 10 / 3, 10 / 36), [0.333, 3.33, 0.278], np.float32([1 / 3, 10 / 3, 5 / 18])],
)
def test_work_ratios_right(answer):
    assert ch08.WORK_RATIOS.verdict(answer).startswith("✓")


def test_work_ratios_are_what_torch_counts():
    def macs(layer, *shape):
        return ops.count_macs(layer, torch.zeros(1, *shape))

    # C = 12, β = 1/6, α = 4: two channels of Fast, four times the frames. Enough frames and pixels
    # around, so that every kernel has as many places as there are frames and pixels within.
    slow = macs(nn.Conv3d(12, 12, (1, 3, 3), bias=False), 12, 5, 8, 8)
    fast = macs(nn.Conv3d(2, 2, 3, bias=False), 2, 22, 8, 8)
    first_slow = macs(nn.Conv3d(3, 12, (1, 7, 7), bias=False), 3, 5, 12, 12)
    first_fast = macs(nn.Conv3d(3, 2, (5, 7, 7), bias=False), 3, 24, 12, 12)
    pointwise = macs(nn.Conv3d(12, 12, 1, bias=False), 12, 5, 6, 6)
    step = {"stride": (4, 1, 1), "padding": (2, 0, 0)}
    lateral = macs(nn.Conv3d(2, 4, (5, 1, 1), bias=False, **step), 2, 20, 6, 6)
    counted = fast / slow, first_fast / first_slow, lateral / pointwise
    assert np.allclose(counted, ch08.WORK_RATIOS.answer)


@pytest.mark.parametrize(
    ("answer", "hint"),
    [
        ((0.111, 0.667, 0.278), "Fast's kernels are longer"),
        ((2, 3.333, 0.278), "the first: β counts twice"),
        ((0.333, 0.556, 0.278), "the second: both read"),
        ((0.333, 3.333, 1.111), "the third: the lateral steps by α"),
        ((0.333, 3.333, 0.139), "the third: 2βC channels"),
        ((0.333, 3.333, 1.667), "the third: the lateral reads βC"),
        ((3, 0.3, 3.6), "those are Slow's work"),
        ((1 / 12, 5 / 6, 5 / 18), "Fast has α times"),
        ((1, 1, 1), None),
    ],
)
def test_work_ratios_wrong(answer, hint):
    expect_wrong(ch08.WORK_RATIOS.verdict(answer), hint)


def test_best_shares_are_the_best_by_trying_every_start():
    """Films of a grid of starts, as what the network sees of them; the best bet on each."""
    starts, share = 48, {1: Fraction(1, 2), **dict.fromkeys((2, 3, 5), Fraction(1, 6))}

    def best(seen):
        slow, fast = {}, {}
        for cycles, weight in share.items():
            kind = slow if cycles == 1 else fast
            for start in range(starts):
                # In 96ths of a cycle, off the poses that a wave has twice.
                phases = [2 * start + 1 + 24 * cycles * k for k in range(4)]
                key = seen([phase % 96 for phase in phases])
                kind[key] = kind.get(key, 0) + weight / starts
        return sum(max(slow.get(key, 0), fast.get(key, 0)) for key in {*slow, *fast})

    waves = best(lambda phases: tuple(min(p % 96, (48 - p) % 96) for p in phases))
    steps, poses = best(tuple), best(lambda phases: tuple(sorted(phases)))
    assert (waves, steps, poses) == (Fraction(2, 3), Fraction(5, 6), Fraction(2, 3))
    assert np.allclose([float(n) for n in (waves, steps, poses)], ch08.BEST_SHARES.answer)


@pytest.mark.parametrize("answer", [(2 / 3, 5 / 6, 2 / 3), [0.667, 0.833, 0.667]])
def test_best_shares_right(answer):
    assert ch08.BEST_SHARES.verdict(answer).startswith("✓")


@pytest.mark.parametrize(
    ("answer", "hint"),
    [
        ((0.5, 0.75, 0.5), "those are this chapter's"),
        ((5 / 6, 5 / 6, 2 / 3), "the waves: you take 5"),
        ((2 / 3, 2 / 3, 2 / 3), "the second: 3 cycles"),
        ((2 / 3, 5 / 6, 5 / 6), "the third: an average"),
        ((1 / 3, 1 / 6, 1 / 3), "those are the wrong"),
        ((1 / 3, 2 / 3, 1 / 3), "that is the share of the fast"),
        ((0.75, 0.75, 0.75), "you took the four"),
        ((1, 1, 1), "the second: in order, 5 cycles"),
        ((0.9, 0.9, 0.9), None),
        ((66.7, 83.3, 66.7), None),
    ],
)
def test_best_shares_wrong(answer, hint):
    expect_wrong(ch08.BEST_SHARES.verdict(answer), hint)


def test_judged():
    truth = ch08.JUDGED.right
    assert ch08.JUDGED.verdict(truth).startswith("✓")
    for letter in truth:
        assert f"Hint, {letter}:" in ch08.JUDGED.verdict({**truth, letter: not truth[letter]})
    for same_for_all in (True, False):
        assert not ch08.JUDGED.verdict(dict.fromkeys(truth, same_for_all)).startswith("✓")


# slow_reads


def reads_from_fast(num_frames, sampling_rate, alpha, start):
    fast = [start + sampling_rate * k for k in range(num_frames)]
    return fast[::alpha]


READS_RIGHT = right(
    ch08.SLOW_READS,
    reads_from_fast,
    lambda n, r, a, s: s + r * a * torch.arange(n // a),
    lambda n, r, a, s: np.arange(n // a, dtype=np.float32) * (r * a) + s,
    lambda n, r, a, s: (s + r * np.arange(n))[np.arange(n) % a == 0],
)
READS_WRONG = wrong(
    ch08.SLOW_READS,
    (lambda n, r, a, s: [s + r * k for k in range(n)], "those are the frames of Fast"),
    (lambda n, r, a, s: s + r * a * torch.arange(n), "Slow's step, but Fast's number"),
    (lambda n, r, a, s: s + r * np.arange(n // a), "Slow's number of frames, but"),
    (lambda n, r, a, s: s + np.arange(n)[::a], "these count frames of the Fast"),
    (lambda n, r, a, s: r * a * np.arange(n // a), "the clip begins"),
    (lambda n, r, a, s: (s + np.arange(n // a)) * r * a, "`start` is a film frame"),
    (
        lambda n, r, a, s: s + r * torch.linspace(0, n - 1, n // a).long(),
        "those are rounded numbers",
    ),
    (lambda n, r, a, s: (s + r * np.arange(n))[a - 1 :: a], None),
    (lambda n, r, a, s: reads_from_fast(n, r, a, s)[::-1], None),
    (lambda n, r, a, s: None, None),
)

# make_lateral


class OwnLateral(nn.Module):
    def __init__(self, slow, fast, kernel, channels):
        super().__init__()
        self.step, self.kernel = fast[2] // slow[2], kernel
        self.linear = nn.Linear(fast[1] * kernel, channels)

    def forward(self, fast):
        around = self.kernel // 2
        padded = nn.functional.pad(fast, (0, 0, 0, 0, around, around))
        windows = padded.unfold(2, self.kernel, self.step)
        return self.linear(rearrange(windows, "b c t h w k -> b t h w (c k)")).movedim(-1, 1)


def conv(stride=None, padding=None, kernel=None):
    def answer(slow, fast, k, channels):
        size = (kernel or k, 1, 1)
        step = stride(slow, fast) if stride else (fast[2] // slow[2], 1, 1)
        around = padding(k) if padding else (k // 2, 0, 0)
        return nn.Conv3d(fast[1], channels, size, step, around, bias=False)

    return answer


def with_norm(slow, fast, kernel, channels):
    return nn.Sequential(conv()(slow, fast, kernel, channels), nn.BatchNorm3d(channels), nn.ReLU())


def padded_apart(slow, fast, kernel, channels):
    pad = nn.ConstantPad3d((0, 0, 0, 0, kernel // 2, kernel // 2), 0)
    return nn.Sequential(pad, conv(padding=lambda k: 0)(slow, fast, kernel, channels))


def padded_left(slow, fast, kernel, channels):
    pad = nn.ConstantPad3d((0, 0, 0, 0, kernel - 1, 0), 0)
    return nn.Sequential(pad, conv(padding=lambda k: 0)(slow, fast, kernel, channels))


LATERAL_RIGHT = right(
    ch08.MAKE_LATERAL,
    conv(),
    with_norm,
    padded_apart,
    OwnLateral,
    conv(padding=lambda k: ((k - 1) // 2, 0, 0)),
    lambda *case: conv()(*case).double().float(),
)
LATERAL_WRONG = wrong(
    ch08.MAKE_LATERAL,
    (conv(padding=lambda k: 0), "without padding"),
    (conv(stride=lambda slow, fast: 1), "time is not shortened"),
    (conv(stride=lambda slow, fast: fast[2] // slow[2]), "your rows and columns step"),
    (conv(stride=lambda slow, fast: (8, 1, 1)), "your step in time is not"),
    (conv(stride=lambda slow, fast: (4, 1, 1)), "your step in time is not"),
    (conv(padding=lambda k: (3, 0, 0)), "a padding of three frames"),
    (conv(kernel=7, padding=lambda k: (3, 0, 0)), "the window in time has another"),
    (conv(padding=lambda k: (k - 1, 0, 0)), "each window ends at"),
    (padded_left, "each window ends at"),
    (conv(padding=lambda k: k // 2), "rows and columns are padded"),
    (conv(padding=lambda k: (k // 2 + 1, 0, 0)), "the windows are not centred"),
    (
        lambda slow, fast, k, channels: nn.Conv3d(
            fast[1], channels, k, (fast[2] // slow[2], 1, 1), k // 2
        ),
        "it reads other pixels",
    ),
    (
        lambda slow, fast, k, channels: nn.Conv3d(
            fast[1], channels, k, fast[2] // slow[2], (k // 2, 0, 0)
        ),
        "rows and columns are lost",
    ),
    (lambda slow, fast, k, channels: nn.Conv3d(slow[1], channels, (k, 1, 1)), "it does not take"),
    (
        lambda slow, fast, k, channels: nn.Conv3d(
            fast[1], 2 * fast[1], (k, 1, 1), (fast[2] // slow[2], 1, 1), (k // 2, 0, 0)
        ),
        "the number of channels",
    ),
    (lambda slow, fast, k, channels: nn.AvgPool3d((fast[2] // slow[2], 1, 1)), "the number of"),
    (lambda slow, fast, k, channels: torch.zeros(slow), None),
    (lambda slow, fast, k, channels: 1 / 0, None),
)

# augment


def mirror_by_loop(slow, fast, rng):
    slow, fast = slow.clone(), fast.clone()
    for film in range(len(slow)):
        if rng.integers(2):
            slow[film], fast[film] = slow[film].flip(-1), fast[film].flip(-1)
    return slow, fast


def mirror_then_split(slow, fast, rng):
    fast = torch.stack([clip.flip(3) if rng.random() > 0.5 else clip for clip in fast])
    return fast[:, :, :: fast.shape[2] // slow.shape[2]], fast


def mirror_by_copy(slow, fast, rng):
    which = rng.permutation(len(slow)) < len(slow) / 2
    both = []
    for clips in (slow.clone(), fast.clone()):
        clips[which] = clips[which].flip(-1)
        both.append(clips)
    return both


def mirror_with_torch(slow, fast, rng):
    which = torch.rand(len(slow), generator=torch.Generator().manual_seed(int(rng.integers(99))))
    return [torch.where(which.view(-1, 1, 1, 1, 1) < 0.5, x.flip(-1), x) for x in (slow, fast)]


def draws(rng, clips):
    return torch.from_numpy(rng.random(len(clips)) < 0.5)


def mirrored(clips, which, axis=-1):
    out = clips.clone()
    out[which] = clips[which].flip(axis)
    return out


def broken(slow, fast, rng):
    for clips in (slow, fast):
        which = draws(rng, clips)
        clips[which] = clips[which].flip(-1)
    return slow, fast


def one_draw_in_place(slow, fast, rng):
    which = draws(rng, slow)
    for clips in (slow, fast):
        clips[which] = clips[which].flip(-1)
    return slow, fast


def one_for_all(slow, fast, rng):
    return (slow.flip(-1), fast.flip(-1)) if rng.random() < 0.5 else (slow, fast)


def shared(axis):
    def answer(slow, fast, rng):
        which = draws(rng, slow)
        return mirrored(slow, which, axis), mirrored(fast, which, axis)

    return answer


AUGMENT_RIGHT = right(
    ch08.AUGMENT,
    mirror_by_loop,
    mirror_then_split,
    mirror_by_copy,
    mirror_with_torch,
    shared(-1),
)
AUGMENT_WRONG = wrong(
    ch08.AUGMENT,
    (broken, "two things are wrong"),
    (
        lambda s, f, rng: tuple(mirrored(clips, draws(rng, clips)) for clips in (s, f)),
        "nothing is overwritten now",
    ),
    (one_draw_in_place, "one draw, rightly"),
    (lambda s, f, rng: broken(s.clone(), f.clone(), rng), "nothing is overwritten now"),
    (one_for_all, "one draw for the whole batch"),
    (lambda s, f, rng: (s, f), "nothing is mirrored"),
    (lambda s, f, rng: (s.flip(-1), f.flip(-1)), "every film is mirrored"),
    (lambda s, f, rng: (mirrored(s, draws(rng, s)), f), "only Slow"),
    (lambda s, f, rng: (s, mirrored(f, draws(rng, f))), "only Fast"),
    (shared(2), "you reverse time"),
    (shared(3), "you turn the picture"),
    (lambda s, f, rng: mirror_by_loop(s, f, rng)[::-1], None),
    (lambda s, f, rng: mirror_by_loop(s, f, rng)[1], None),
    (lambda s, f, rng: None, None),
)

# choose_alpha


def divisors(number):
    return [d for d in range(1, number + 1) if number % d == 0]


def by_frames(num_frames, slow, fast):
    for n in divisors(num_frames):
        if (fast - slow) % n != 0 and (fast + slow) % n != 0:
            return num_frames / n
    return None


def by_trying(num_frames, slow, fast):
    """Without a rule: phases of the waves, sampled."""

    def films(cycles, alpha):
        # A grid that turns into itself when a wave is read backwards.
        starts = (np.arange(32 * num_frames) + 0.5) / (32 * num_frames)
        frames = np.arange(0, num_frames, alpha)
        poses = np.sin(2 * np.pi * (starts[:, None] + cycles * frames / num_frames))
        return {tuple(film) for film in poses.round(6) + 0.0}

    fitting = [a for a in divisors(num_frames) if not films(slow, a) >= films(fast, a)]
    return torch.tensor(max(fitting))


ALPHA_RIGHT = right(
    ch08.CHOOSE_ALPHA,
    by_frames,
    lambda n, slow, fast: max(
        a for a in divisors(n) if (fast - slow) * a % n and (fast + slow) * a % n
    ),
)
ALPHA_WRONG = wrong(
    ch08.CHOOSE_ALPHA,
    (lambda n, s, f: max(a for a in divisors(n) if n / a > 2 * f or a == 1), "more than two"),
    (lambda n, s, f: max(a for a in divisors(n) if n / a >= 2 * f or a == 1), "two frames for"),
    (lambda n, s, f: max(a for a in divisors(n) if (f - s) * a % n), "you ask whether the fast w"),
    (lambda n, s, f: max(a for a in divisors(n) if (f + s) * a % n), "you ask whether the fast w"),
    (lambda n, s, f: 1, "with α = 1"),
    (lambda n, s, f: n, "Slow has one frame"),
    (lambda n, s, f: n // by_frames(n, s, f), "that is the number of Slow's"),
    (lambda n, s, f: 4, None),
    (lambda n, s, f: n // f, None),
    (lambda n, s, f: None, None),
    (lambda n, s, f: [by_frames(n, s, f)] * 2, None),
)


@pytest.mark.parametrize(
    ("exercise", "answer"), READS_RIGHT + LATERAL_RIGHT + AUGMENT_RIGHT + ALPHA_RIGHT
)
def test_right_answers_pass(exercise, answer):
    assert exercise.verdict(answer).startswith("✓"), exercise.verdict(answer)


@pytest.mark.parametrize(
    ("exercise", "answer", "hint"), READS_WRONG + LATERAL_WRONG + AUGMENT_WRONG + ALPHA_WRONG
)
def test_wrong_answers_get_their_hint(exercise, answer, hint):
    expect_wrong(exercise.verdict(answer), hint)


def test_the_cheapest_alpha_by_trying_all_starts():
    for case in ch08.CHOOSE_ALPHA.cases:
        assert by_trying(*case) == by_frames(*case), case


def test_writing_into_the_clips_is_told():
    assert "wrote into its argument number 1" in ch08.AUGMENT.verdict(one_draw_in_place)


def test_a_crash_in_one_case_does_not_skip_the_hint():
    def without_padding_or_nothing(slow, fast, kernel, channels):
        if kernel == 5:
            raise RuntimeError("five")
        return conv(padding=lambda k: 0)(slow, fast, kernel, channels)

    expect_wrong(ch08.MAKE_LATERAL.verdict(without_padding_or_nothing), "without padding")

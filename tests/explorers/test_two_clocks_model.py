"""Two clocks without a browser: what both pathways read and see, their laterals, their cost."""

import itertools
from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
import torch
import traitlets

from lecturekit import facts, ops
from lecturekit.explorers.two_clocks import BETA_INVS, LATERALS, TwoClocks
from lecturekit.models import resnet50, slowfast
from lecturekit.puppets import kinematics

KINDS = dict(
    zip(
        LATERALS,
        (slowfast.TimeToChannel, slowfast.TimeStridedSampling, slowfast.TimeStridedConv),
        strict=True,
    )
)


def test_the_8x8_network_s_frames():
    clocks = TwoClocks(num_frames=32, stride=2, alpha=4)
    assert clocks.indices("slow").tolist() == [0, 8, 16, 24, 32, 40, 48, 56]
    assert clocks.indices("fast").tolist() == list(range(0, 64, 2))


def test_rounded_frames_are_those_of_torch_s_linspace():
    for frames, alpha in itertools.product(range(8, 65), range(2, 9)):
        clocks = TwoClocks(num_frames=frames, alpha=alpha, stride=3, reads="rounded")
        expected = 3 * torch.linspace(0, frames - 1, frames // alpha).long()
        assert clocks.indices("slow").tolist() == expected.tolist(), (frames, alpha)


@pytest.mark.parametrize("alpha", [2, 4, 8])
def test_the_folded_wave_gives_the_puppet_s_slow_frames(alpha):
    """Any wave of so many cycles is a sum of sin and cos of them: least squares finds it."""
    moments = kinematics.times(32)
    for cycles in range(1, 13):
        motion = kinematics.wave(np.random.default_rng(cycles), 32, cycles).motion
        elbow = motion[:, kinematics.JOINTS.index("near_elbow")] - 0.6
        clocks = TwoClocks(num_frames=32, stride=1, alpha=alpha, cycles=cycles)
        seen = clocks.indices("slow")

        def left_over(turns, seen=seen, elbow=elbow):
            angle = 2 * np.pi * turns * moments[seen]
            waves = np.stack([np.sin(angle), np.cos(angle)], 1)
            fit, *_ = np.linalg.lstsq(waves, elbow[seen], rcond=None)
            return np.abs(waves @ fit - elbow[seen]).max()

        apparent = clocks.apparent_cycles("slow")
        assert abs(apparent) <= len(seen) / 2
        assert left_over(apparent) < 1e-9, cycles
        slower = np.linspace(0, abs(apparent), 20)[1:-1] if apparent else []
        assert all(left_over(turns) > 1e-4 for turns in slower), "and no slower one does"
        assert clocks.apparent_cycles("fast") == cycles


@pytest.mark.parametrize(
    ("settings", "apparent"),
    [
        ({"num_frames": 32, "alpha": 8, "cycles": 1}, 1),
        ({"num_frames": 32, "alpha": 8, "cycles": 2}, 2),  # two frames a cycle: the limit
        ({"num_frames": 32, "alpha": 8, "cycles": 3}, -1),
        ({"num_frames": 32, "alpha": 8, "cycles": 4}, 0),
        ({"num_frames": 32, "alpha": 8, "cycles": 5}, 1),
        ({"num_frames": 33, "alpha": 4, "cycles": 7}, -1.25),  # 8.25 frames in a clip
        ({"num_frames": 8, "alpha": 8, "cycles": 5}, 0),  # one frame
        ({"num_frames": 32, "alpha": 4, "cycles": 7, "reads": "rounded"}, None),
        (
            {"num_frames": 13, "alpha": 3, "cycles": 5, "reads": "rounded"},
            5 - 2 * 13 / 4,
        ),  # even all the same
    ],
)
def test_cycles_folded_by_hand(settings, apparent):
    assert TwoClocks(**settings).apparent_cycles("slow") == apparent


def test_laterals_are_the_network_s_own():
    for kind, alpha, inverse in itertools.product(LATERALS, (2, 4, 8), BETA_INVS):
        clocks = TwoClocks(num_frames=32, alpha=alpha, beta_inv=inverse, lateral=kind)
        channels, frames = clocks.laterals()[kind]
        lateral = KINDS[kind](64 // inverse, alpha)
        given = lateral(torch.zeros(1, 64 // inverse, 32, 1, 2)).shape
        assert tuple(given) == (1, channels, frames, 1, 2), (kind, alpha, inverse)


def test_frames_that_alpha_does_not_divide():
    clocks = TwoClocks(num_frames=33, alpha=4)
    convolved = slowfast.TimeStridedConv(8, 4)(torch.zeros(1, 8, 33, 1, 1))
    assert clocks.laterals()["convolution"] == (16, convolved.shape[2]) == (16, 9)
    assert clocks.cost()
    clocks.reads = "rounded"
    with pytest.raises(ValueError, match=r"lateral: expected 8 frames, .* got 9 from 33 fast"):
        clocks.cost()
    clocks.reads, clocks.lateral = "every", "time-to-channel"
    with pytest.raises(ValueError, match=r"expected 9 frames, .* got 8\.25 from 33 .* alpha 4"):
        clocks.cost()


@pytest.mark.parametrize(
    ("kind", "alpha", "inverse"),
    [
        ("convolution", 4, 8),
        ("convolution", 8, 2),
        ("sampling", 2, 32),
        ("time-to-channel", 4, 16),
        ("time-to-channel", 8, 4),
    ],
)
def test_the_cost_is_the_network_s_own(kind, alpha, inverse):
    config = slowfast.SlowFastConfig(
        replace(resnet50.SLOW, window=None),
        alpha=alpha,
        beta=Fraction(1, inverse),
        lateral=KINDS[kind],
    )
    with torch.device("meta"):
        network, clip = slowfast.SlowFast(config, 1).eval(), torch.empty(1, 3, 32, 256, 256)
        alone = slowfast.SlowFast(replace(config, lateral=None), 1).eval()
    clocks = TwoClocks(num_frames=32, alpha=alpha, beta_inv=inverse, lateral=kind)
    cost, head = clocks.cost(), 2048 + 2048 // inverse
    assert sum(cost.values()) == ops.count_macs(network, clip) - head
    assert cost["slow"] + cost["fast"] == ops.count_macs(alone, clip) - head


@pytest.mark.parametrize(
    ("published", "settings"),
    [
        ("slowfast-8x8-r50-feichtenhofer2019-gflops", {"alpha": 4}),
        ("slowfast-4x16-r50-feichtenhofer2019-gflops", {"alpha": 8}),
        ("slowfast-4x16-beta-1-4-feichtenhofer2019-gflops", {"alpha": 8, "beta_inv": 4}),
        ("slowfast-4x16-beta-1-32-feichtenhofer2019-gflops", {"alpha": 8, "beta_inv": 32}),
        (
            "slowfast-4x16-t-sample-feichtenhofer2019-gflops",
            {"alpha": 8, "lateral": "sampling"},
        ),
        (
            "slowfast-4x16-ttoc-concat-feichtenhofer2019-gflops",
            {"alpha": 8, "lateral": "time-to-channel"},
        ),
    ],
)
def test_the_cost_is_the_paper_s(published, settings):
    """Within 0.3 G: the paper's 4×16 networks have lateral kernels of 5 frames, not 7."""
    total = sum(TwoClocks(num_frames=32, **settings).cost().values())
    assert total / 1e9 == pytest.approx(facts.value(published), abs=0.3)


@pytest.mark.parametrize(
    ("trait", "value", "words"),
    [
        ("num_frames", 7, "num_frames: expected 8 to 64, got 7"),
        ("num_frames", 65, "num_frames: expected 8 to 64, got 65"),
        ("stride", 5, "stride: expected 1 to 4, got 5"),
        ("alpha", 1, "alpha: expected 2 to 8, got 1"),
        ("alpha", True, "alpha: expected a whole number, got True"),
        ("cycles", 13, "cycles: expected 1 to 12, got 13"),
        ("beta_inv", 6, "beta_inv: expected one of 2, 4, 8, 16, 32, got 6"),
        ("naming", "blog", "'paper'"),
        ("lateral", "sum", "'sampling'"),
        ("reads", "random", "'rounded'"),
        ("guess", "1", "'beta\\*\\*2'"),
    ],
)
def test_settings_are_checked(trait, value, words):
    with pytest.raises(traitlets.TraitError, match=words):
        TwoClocks(**{trait: value})
    clocks = TwoClocks()
    before = getattr(clocks, trait)
    with pytest.raises(traitlets.TraitError, match=words):
        setattr(clocks, trait, value)
    assert getattr(clocks, trait) == before


def test_what_it_does_not_have_is_refused():
    with pytest.raises(TypeError, match="TwoClocks has no argument fps, taps"):
        TwoClocks(fps=25, taps=5)
    with pytest.raises(ValueError, match="pathway: expected one of 'slow', 'fast', got 'both'"):
        TwoClocks().indices("both")

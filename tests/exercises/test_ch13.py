import copy
from itertools import permutations

import numpy as np
import pytest
import torch
from torch import nn
from verdicts import expect_wrong

from lecturekit.exercises import ch13
from lecturekit.exercises.ch13 import suspects
from lecturekit.models import fusion, inflation, vivit

DIFFERENT = (6, 20, 30, 120, 360)


def right(exercise, answer):
    verdict = exercise.verdict(answer)
    assert verdict.startswith("✓"), verdict


def wrong(exercise, answer):
    verdict = exercise.verdict(answer)
    assert verdict.startswith("✗"), verdict


def test_different_by_trying_all_orders():
    with torch.random.fork_rng():
        torch.manual_seed(0)
        frames = torch.randn(1, 3, 6, 16, 16, dtype=torch.float64)
        flat = nn.Sequential(
            fusion.SingleFrame(4, 6).backbone,
            nn.AdaptiveAvgPool2d(1),
            nn.Flatten(),
            nn.Linear(48, 4),
        )
        tokens = vivit.ViViT(
            suspects.replace(vivit.TINY, frames=6, size=16, tubelet=(2, 16, 16), positions=False), 4
        )
        average, conv = fusion.LateFusion(4, 3), nn.Conv3d(3, 4, (2, 16, 16))
        networks = [
            fusion.SingleFrame(4, 6),
            lambda clips: average(clips[:, :, ::2]),
            lambda clips: conv(clips[:, :, ::3]).flatten(1),
            tokens,
            inflation.inflate_network(flat, 3),
        ]
    for network in (*networks, average, conv):
        if isinstance(network, nn.Module):
            network.double().eval()
    orders = frames[0][:, list(permutations(range(6)))].transpose(0, 1)
    with torch.inference_mode():
        found = [len(np.unique(net(orders).numpy().round(9), axis=0)) for net in networks]
    assert tuple(found) == ch13.DIFFERENT.answer == DIFFERENT


@pytest.mark.parametrize("answer", [DIFFERENT, list(DIFFERENT), torch.tensor(DIFFERENT)])
def test_right_numbers(answer):
    assert ch13.DIFFERENT.verdict(answer).startswith("✓")


@pytest.mark.parametrize(
    ("position", "value", "hint"),
    [
        (0, 1, "the first: it reads one frame"),
        (1, 120, "the second: those are 6 · 5 · 4"),
        (2, 15, "the third: which two"),
        (3, 720, "the fourth: inside a token"),
        (4, 720, "the fifth: an order and its reverse"),
    ],
)
def test_a_slip_has_its_hint(position, value, hint):
    answer = [*DIFFERENT[:position], value, *DIFFERENT[position + 1 :]]
    assert hint in ch13.DIFFERENT.verdict(answer)


def relative(network, change, clips):
    with torch.inference_mode():
        network.eval()
        before = network(clips)
        after = network(change(clips))
    return torch.allclose(before, after, rtol=0, atol=1e-4 * before.abs().max().item())


def doubled(network, change, clips):
    network = copy.deepcopy(network).double().eval()
    scores = [network(x.double()).detach().numpy() for x in (clips, change(clips))]
    return np.abs(np.subtract(*scores)).max() < 1e-9 * np.abs(scores[0]).max()


@pytest.mark.parametrize("answer", [relative, doubled])
def test_other_ways_to_judge_blindness_are_right(answer):
    right(ch13.CANNOT_SEE, answer)


def test_a_judge_without_a_size_or_with_a_number_is_wrong():
    def how_much(network, change, clips):
        return (network(clips) - network(change(clips))).abs().max()

    wrong(ch13.CANNOT_SEE, how_much)
    wrong(ch13.CANNOT_SEE, lambda *_: True)


def by_table(clips, labels, pairs):
    table = {a: b for pair in pairs for a, b in (pair, pair[::-1])}
    return torch.flip(clips, [-1]), torch.tensor([table.get(k, k) for k in labels.tolist()])


def by_masks(clips, labels, pairs):
    new = labels.clone()
    for a, b in pairs:
        first, second = labels == a, labels == b
        new[first], new[second] = b, a
    return clips[..., torch.arange(clips.shape[-1] - 1, -1, -1)], new


@pytest.mark.parametrize("answer", [by_table, by_masks])
def test_other_mirrors_are_right(answer):
    right(ch13.MIRRORED, answer)


def test_a_mirror_that_writes_into_its_labels_is_told():
    def in_place(clips, labels, pairs):
        new = by_masks(clips, labels, pairs)[1]
        labels[:] = new
        return clips.flip(4), labels

    assert "wrote into its argument number 2" in ch13.MIRRORED.verdict(in_place)


def moved_in_pairs(clips):
    order = torch.arange(16).reshape(8, 2)
    order[[1, 3]] = order[[3, 1]]
    return clips[:, :, order.flatten()]


def turned_among_the_free(clips):
    order = np.arange(16).reshape(8, 2)
    order[1::2] = np.roll(order[1::2], 1, axis=0)
    return clips.clone()[:, :, order.ravel().tolist()]


@pytest.mark.parametrize("answer", [moved_in_pairs, turned_among_the_free])
def test_other_probes_are_right(answer):
    right(ch13.PROBE, answer)


def noisy(clips):
    new = clips.clone()
    new[:, :, 1::4] = 0
    return new


def backwards_in_halves(clips):
    return torch.cat([clips[:, :, :8].flip(2), clips[:, :, 8:].flip(2)], 2)


@pytest.mark.parametrize(
    ("answer", "hint"),
    [
        (noisy, "Slow reads what it read: good"),
        (lambda clips: clips.roll(2, 2), "the tokens stay whole"),
        (backwards_in_halves, "both see it"),
        (lambda clips: clips * 1.0, "nothing has changed"),
    ],
)
def test_a_wrong_probe_is_told_who_sees_it(answer, hint):
    expect_wrong(ch13.PROBE.verdict(answer), hint)


def a_table_of_three(networks, clips):
    changes = {
        (True, False, False): "late fusion",
        (False, True, True): "one frame",
        (False, False, True): "slow alone",
        (False, False, False): "tokens of two frames",
    }
    odd = torch.arange(16)
    probes = [clips.flip(2), clips[:, :, 8:9].expand_as(clips), clips[:, :, odd - odd % 2]]
    found = []
    for network in networks:
        with torch.inference_mode():
            before = network(clips)
            moved = [(network(p) - before).abs().max() / before.abs().max() for p in probes]
        found.append(changes[tuple(bool(m < 1e-4) for m in moved)])
    return tuple(found)


def test_a_detective_with_a_table_is_right():
    right(ch13.NAMES, a_table_of_three)


def test_a_detective_who_guesses_is_wrong():
    wrong(ch13.NAMES, lambda networks, clips: ["late fusion"] * 4)
    wrong(ch13.NAMES, lambda networks, clips: ["3D CNN"] * 4)


def test_sealed_networks_are_each_there_once_in_an_order_of_their_own():
    drawn = [ch13.sealed_networks(seed)[0] for seed in range(6)]
    orders = [tuple(network._name for network in networks) for networks in drawn]
    assert all(len(set(order)) == 4 for order in orders)
    assert len(set(orders)) > 2


def test_claims():
    assert ch13.JUDGED.verdict(ch13.JUDGED.right).startswith("✓")
    assert 2 <= sum(ch13.JUDGED.right.values()) <= 6

"""Chapter 7's checks: right answers in several styles, and wrong ones with the hint they need."""

import copy
import math

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn import functional
from verdicts import expect_wrong, right, wrong

from lecturekit import ops
from lecturekit.exercises import ch07
from lecturekit.models.inflation import inflate_network

# frames_right


def reach(taps):
    middle = len(taps) // 2
    read = [k - middle for k, tap in enumerate(taps) if tap != 0]
    return -min(read), max(read)


def right_by_formula(frames, taps, depth):
    back, ahead = (max(0, side) for side in reach(taps))
    return max(frames - depth * (back + ahead), 0)


def right_by_sets(frames, taps, depth):
    good = set(range(frames))
    offsets = [k - len(taps) // 2 for k, tap in enumerate(taps) if tap]
    for _ in range(depth):
        good = {t for t in good if all(t + offset in good for offset in offsets)}
    return len(good)


def right_by_torch(frames, taps, depth):
    film = torch.ones(1, 1, frames)
    for _ in range(depth):
        film = functional.conv1d(film, torch.tensor([[taps]]).float(), padding=len(taps) // 2)
    return (film - 1).abs().lt(1e-4).sum()


def right_in_order(frames, taps, depth):
    """First and last frame that is right, layer by layer."""
    back, ahead = reach(taps)
    first, last = 0, frames - 1
    for _ in range(depth):
        first, last = first + max(0, back), last - max(0, ahead)
    return np.int64(max(0, last - first + 1))


def centre_apart(frames, taps, depth):
    p = len(taps) // 2
    return frames if taps[p] == 1 else max(0, frames - 2 * p * depth)


FRAMES_RIGHT = right(
    ch07.FRAMES_RIGHT,
    right_by_formula,
    right_by_sets,
    right_by_torch,
    right_in_order,
    lambda *case: float(right_by_formula(*case)),
)
FRAMES_WRONG = wrong(
    ch07.FRAMES_RIGHT,
    (lambda n, taps, depth: max(0, n - depth * (len(taps) - 1)), "a tap of zero reads nothing"),
    (centre_apart, "a tap of zero reads nothing"),
    (lambda n, taps, depth: n - depth * (len(taps) - 1), None),
    (lambda n, taps, depth: n - depth * sum(max(0, r) for r in reach(taps)), "right, but for deep"),
    (lambda n, taps, depth: max(0, n - len(taps) + 1), "that is one layer. The next"),
    (lambda n, taps, depth: right_by_formula(n, taps, 1), "that is one layer, and right"),
    (lambda n, taps, depth: n - right_by_sets(n, taps, depth), "those are the frames that"),
    (lambda n, taps, depth: max(0, n - depth * (len(taps) // 2)), "count both ends"),
    (lambda n, taps, depth: max(0, n - depth * max(reach(taps))), "zeros lie before"),
    (lambda n, taps, depth: max(0, n - 2 * depth * max(reach(taps))), "the two ends differ"),
    (lambda n, taps, depth: max(0, n - depth * (np.count_nonzero(taps) - 1)), "how many taps"),
    (lambda n, taps, depth: max(0, right_by_formula(n, taps, depth) - 1), "one too few"),
    (lambda n, taps, depth: n, "the theorem asks"),
    (lambda n, taps, depth: max(0, n - 2**depth), None),
    (lambda n, taps, depth: None, None),
)

# module_weights


def by_torch(channels, widths):
    one, before_3, three, before_5, five, pooled = widths
    counts = []
    for kind in (nn.Conv2d, nn.Conv3d):
        layers = [
            kind(channels, one, 1, bias=False),
            kind(channels, before_3, 1, bias=False),
            kind(before_3, three, 3, bias=False),
            kind(channels, before_5, 1, bias=False),
            kind(before_5, five, 3, bias=False),
            kind(channels, pooled, 1, bias=False),
        ]
        counts.append(sum(layer.weight.numel() for layer in layers))
    return counts


def module(c, w, large, small=1):
    return small * c * (w[0] + w[1] + w[3] + w[5]) + large * (w[1] * w[2] + w[3] * w[4])


def both(count):
    return lambda c, w: (count(c, w, 9), count(c, w, 27))


def by_branches(c, w):
    flat = c * w[0], c * w[1] + 9 * w[1] * w[2], c * w[3] + 9 * w[3] * w[4], c * w[5]
    return np.array([sum(flat), sum(flat) + 18 * (w[1] * w[2] + w[3] * w[4])])


MODULE_RIGHT = right(ch07.MODULE_WEIGHTS, by_torch, both(module), by_branches)
MODULE_WRONG = wrong(
    ch07.MODULE_WEIGHTS,
    (lambda c, w: (module(c, w, 27), module(c, w, 9)), "the other way round"),
    (lambda c, w: module(c, w, 27), "two counts are asked for"),
    (lambda c, w: (module(c, w, 9), 3 * module(c, w, 9)), "2D is right. But not every"),
    (lambda c, w: (module(c, w, 9), module(c, w, 27, 3)), "2D is right. But not every"),
    (lambda c, w: (module(c, w, 25), module(c, w, 125)), "no kernel is larger"),
    (
        lambda c, w: (
            module(c, w, 9) + 16 * w[3] * w[4],
            module(c, w, 27) + 98 * w[3] * w[4],
        ),
        "no kernel is larger",
    ),
    (both(lambda c, w, k: module(c, w, k) + (k - 1) * c * w[5]), "a pooling has no weights, of"),
    (both(lambda c, w, k: module(c, w, k) + k * c), "a pooling has no weights: it"),
    (both(lambda c, w, k: module(c, w, k) - c * w[5]), "the fourth branch has"),
    (
        both(lambda c, w, k: c * (w[0] + w[1] + w[3] + w[5]) + k * c * (w[2] + w[4])),
        "the large kernels do not read",
    ),
    (both(lambda c, w, k: c * (w[0] + w[5]) + k * c * (w[2] + w[4])), "the second and the third"),
    (both(lambda c, w, k: module(c, w, k) - c * (w[1] + w[3])), "the 1 × 1 before"),
    (both(lambda c, w, k: module(c, w, k) + sum(w)), "these convolutions have no bias"),
    (both(lambda c, w, k: module(c, w, k) + 2 * sum(w)), "batch norms have two"),
    (lambda c, w: (module(c, w, 9), module(c, w, 18)), "2D is right. A kernel that gets"),
    (lambda c, w: (module(c, w, 3), module(c, w, 9)), None),
)

# inflate_layer


def by_ops(weight, bias, time):
    return ops.inflate(weight, time, "mean"), bias.clone()


def by_expand(weight, bias, time):
    return weight[:, :, None].expand(-1, -1, time, -1, -1) / time, bias


def in_numpy(weight, bias, time):
    return np.repeat(weight.numpy()[:, :, None], time, axis=2) / time, bias.numpy()


def in_place(weight, bias, time):
    weight /= time
    return torch.stack([weight] * time, 2), bias


def broken(weight, bias, time):
    repeated = torch.stack([weight] * time, dim=2)
    size = repeated.shape[-1]
    return repeated / size, bias / size


def layer(weights, biases=lambda weight, time: 1):
    """A mended layer that divides by these."""

    def answer(weight, bias, time):
        repeated = torch.stack([weight] * time, dim=2)
        return repeated / weights(repeated, time), bias / biases(repeated, time)

    return answer


LAYER_RIGHT = right(
    ch07.INFLATE_LAYER,
    by_ops,
    by_expand,
    in_numpy,
    lambda weight, bias, time: [ops.inflate(weight, time, "centre"), bias],
    lambda weight, bias, time: (ops.inflate(weight.double(), time), bias.double()),
    layer(lambda repeated, time: repeated.shape[2]),
)
LAYER_WRONG = wrong(
    ch07.INFLATE_LAYER,
    (broken, "still the broken one"),
    (layer(lambda repeated, time: repeated.shape[-1]), "the bias is right. The weights are still"),
    (layer(lambda repeated, time: time, lambda repeated, time: time), "the weights are right. The"),
    (
        layer(lambda repeated, time: time, lambda repeated, time: repeated.shape[-1]),
        "the weights are right. The bias is still",
    ),
    (
        layer(lambda repeated, time: time, lambda repeated, time: 1 / time),
        "the weights are right. Why should",
    ),
    (layer(lambda repeated, time: 1), "the bias is right. The weights are not"),
    (layer(lambda repeated, time: 3), "the bias is right. A kernel need not"),
    (
        layer(lambda repeated, time: math.prod(repeated.shape[2:])),
        "the bias is right. Rows and columns",
    ),
    (
        lambda weight, bias, time: (torch.stack([weight / time] * time, -1), bias),
        "time comes before",
    ),
    (
        lambda weight, bias, time: (torch.stack([weight] * time, -1) / time, bias / time),
        "time comes before",
    ),
    (lambda weight, bias, time: torch.stack([weight / time] * time, 2), None),
    (lambda weight, bias, time: (weight / time, bias), None),
    (in_place, None),
)

# temporal_kernel


def ask(layer, values):
    return np.asarray(layer(np.asarray(values)[None, None, :, None, None])).ravel()


def by_moving_the_impulse(layer, length):
    """The frame in the middle listens; the impulse comes from each frame in turn."""
    silence, middle = ask(layer, np.zeros(length)), length // 2
    return [ask(layer, np.eye(length)[at])[middle] - silence[middle] for at in range(length)]


def by_a_step(layer, length):
    step = np.r_[np.zeros(2 * length), np.ones(2 * length)]
    heard = np.diff(ask(layer, step))
    return heard[2 * length - 1 - length // 2 :][:length][::-1]


def by_least_squares(layer, length):
    films = np.random.default_rng(0).normal(size=(4 * length, length))
    heard = [ask(layer, film)[length // 2] for film in films]
    unknown = np.linalg.lstsq(np.c_[films, np.ones(len(films))], heard, rcond=None)[0]
    return unknown[:-1]


def in_float32(layer, length):
    film = torch.zeros(1, 1, length, 1, 1)
    silence = layer(film)
    film[0, 0, length // 2] = 1
    return (layer(film) - silence).flatten().flip(0)


def by_difference_of_two(layer, length):
    film = np.zeros(4 * length)
    film[2 * length] = 5.0
    heard = ask(layer, film)
    start = 2 * length - length // 2
    return ((heard[start : start + length] - heard[0]) / 5)[::-1]


def impulse(layer, length, at=None, silent=True, back=True):
    at = length // 2 if at is None else at
    heard = ask(layer, np.eye(length)[at])
    heard = heard - ask(layer, np.zeros(length)) * silent
    return heard[::-1] if back else heard


KERNEL_RIGHT = right(
    ch07.TEMPORAL_KERNEL,
    by_moving_the_impulse,
    by_a_step,
    by_least_squares,
    in_float32,
    by_difference_of_two,
    lambda layer, length: impulse(layer, length).tolist(),
)
KERNEL_WRONG = wrong(
    ch07.TEMPORAL_KERNEL,
    (lambda layer, n: impulse(layer, n, back=False), "backwards"),
    (lambda layer, n: by_a_step(layer, n)[::-1], "backwards"),
    (lambda layer, n: impulse(layer, n, silent=False), "the order is right, but"),
    (lambda layer, n: impulse(layer, n, silent=False, back=False), "two things are missing"),
    (lambda layer, n: impulse(layer, n, at=n - 1), "part of the answer lies past"),
    (lambda layer, n: impulse(layer, n, at=0), "part of the answer lies"),
    (lambda layer, n: impulse(layer, n, at=0, back=False), "part of the answer lies"),
    (lambda layer, n: ask(layer, np.ones(n)), "to a clip of ones the taps answer together, and"),
    (lambda layer, n: ask(layer, np.ones(n)) - ask(layer, np.zeros(n)), "to a clip of ones the"),
    (lambda layer, n: impulse(layer, n)[None, None, :, None, None], "these are the taps, but"),
    (lambda layer, n: torch.tensor(impulse(layer, n).copy())[:, None], "these are the taps, but"),
    (lambda layer, n: impulse(layer, n) / impulse(layer, n).sum(), "nothing says"),
    (lambda layer, n: impulse(layer, n) + ask(layer, [0.0]), "the order is right, but"),
    (lambda layer, n: layer(np.eye(n)), None),
    (lambda layer, n: impulse(layer, n)[:2], None),
)

# with_change


def change_by_slots(weight):
    weight = torch.as_tensor(weight)
    out = weight.new_zeros(2 * len(weight), weight.shape[1], 3, *weight.shape[2:])
    out[: len(weight)] = weight[:, :, None] / 3
    out[len(weight) :, :, 0], out[len(weight) :, :, 2] = -weight, weight
    return out


def change_by_einsum(weight):
    taps = np.array([[0, 0, 1], [-1, 0, 1.0]])
    made = np.einsum("gt,fchw->gfcthw", taps, np.asarray(weight))
    return made.reshape(-1, *made.shape[2:])


def change_by_ops(weight):
    last = ops.inflate(weight, 3, "last")
    return torch.cat([ops.inflate(weight, 3, "centre"), last - last.flip(2)])


def joined(change, start=(0, 1, 0), axis=0):
    def answer(weight):
        halves = [np.stack([tap * np.asarray(weight) for tap in t], 2) for t in (start, change)]
        return np.concatenate(halves, axis)

    return answer


def alternating(weight):
    made = joined((-1, 0, 1))(weight)
    return np.stack([made[: len(weight)], made[len(weight) :]], 1).reshape(made.shape)


def change_in_place(weight):
    first = torch.stack([weight / 3] * 3, 2)
    before = weight.clone()
    return torch.cat([first, torch.stack([before.neg_(), weight.mul_(0), -before], 2)])


CHANGE_RIGHT = right(
    ch07.WITH_CHANGE,
    change_by_slots,
    change_by_einsum,
    change_by_ops,
    lambda weight: change_by_ops(weight.double()),
    joined((-1, 0, 1), (2, -3, 2)),
)
CHANGE_WRONG = wrong(
    ch07.WITH_CHANGE,
    (joined((1, 0, -1)), "the sign"),
    (joined((-0.5, 0, 0.5)), "the change is halved"),
    (joined((-1 / 3, 0, 1 / 3), (1 / 3,) * 3), "the change is a third"),
    (joined((-1, 1, 0)), "that is this frame less"),
    (joined((0, -1, 1), (0, 0, 1)), "that is the next frame less this"),
    (joined((-1, 0, 1), (1, 1, 1)), "the change is right. The first"),
    (lambda w: torch.cat(change_by_slots(w).split(len(w))[::-1]), "the two halves"),
    (alternating, "the two kinds alternate"),
    (joined((-1, 0, 1), axis=1), "you joined them along"),
    (lambda w: np.moveaxis(joined((-1, 0, 1))(w), 2, -1), "time comes before"),
    (joined((0, 1, 0)), "the other F filters say the same"),
    (joined((1 / 3,) * 3, (0, 1, 0)), "the other F filters say the same"),
    (joined((1, 0, -1), (1, 1, 1)), None),
    (joined((-1, 0, 1), (0.5, 0, 0)), None),
    (change_in_place, None),
)


@pytest.mark.parametrize(
    ("exercise", "answer"),
    FRAMES_RIGHT + MODULE_RIGHT + LAYER_RIGHT + KERNEL_RIGHT + CHANGE_RIGHT,
)
def test_right_answers_pass(exercise, answer):
    assert exercise.verdict(answer).startswith("✓"), exercise.verdict(answer)


@pytest.mark.parametrize(
    ("exercise", "answer", "hint"),
    FRAMES_WRONG + MODULE_WRONG + LAYER_WRONG + KERNEL_WRONG + CHANGE_WRONG,
)
def test_wrong_answers_get_their_hint(exercise, answer, hint):
    expect_wrong(exercise.verdict(answer), hint)


@pytest.mark.parametrize(
    ("exercise", "answer"), [(ch07.INFLATE_LAYER, in_place), (ch07.WITH_CHANGE, change_in_place)]
)
def test_writing_into_an_argument_is_told(exercise, answer):
    assert "wrote into its argument number 1" in exercise.verdict(answer)


@pytest.mark.parametrize("exercise", ch07.EXERCISES, ids=lambda exercise: exercise.name)
def test_every_misconception_gets_its_own_hint(exercise):
    assert len(exercise.misconceptions) >= 2
    for wrong_one in exercise.misconceptions:
        assert exercise.verdict(wrong_one.answer).endswith(wrong_one.hint), wrong_one.hint


@pytest.mark.parametrize(
    ("exercise", "answer", "stops", "hint"),
    [
        (ch07.FRAMES_RIGHT, lambda n, *_: n, lambda n, *_: n == 12, "the theorem asks"),
        (ch07.MODULE_WEIGHTS, both(lambda c, w, k: module(c, w, k) + sum(w)),
         lambda c, _: c == 7, "these convolutions have no bias"),
        (ch07.INFLATE_LAYER, layer(lambda repeated, time: 1),
         lambda weight, *_: weight.shape[-1] == 7, "the bias is right. The weights are not"),
        (ch07.TEMPORAL_KERNEL, lambda ask, n: impulse(ask, n, back=False),
         lambda _, n: n == 7, "backwards"),
        (ch07.WITH_CHANGE, joined((1, 0, -1)), lambda weight: len(weight) == 3, "the sign"),
    ],
)  # fmt: skip
def test_a_crash_in_one_case_leaves_the_hint(exercise, answer, stops, hint):
    def crashes(*case):
        if stops(*case):
            raise IndexError("list index out of range")
        return answer(*case)

    verdict = exercise.verdict(crashes)
    assert "stopped with IndexError" in verdict
    assert f"Hint: {hint}" in verdict


# What the claims say of blindness, measured.


class Ends(nn.Module):
    """Zeros before and behind a clip, as many as given."""

    def __init__(self, before, behind):
        super().__init__()
        self.ends = (0, 0, 0, 0, before, behind)

    def forward(self, clips):
        return functional.pad(clips, self.ends)


class Pooled(nn.Module):
    """Maps, reduced over time and places, to scores."""

    def __init__(self, reduce):
        super().__init__()
        self.reduce, self.head = reduce, nn.Linear(3, 4)

    def forward(self, maps):
        return self.head(self.reduce(maps.mean((3, 4))))


class Size(nn.Module):
    """|x|."""

    def forward(self, maps):
        return maps.abs()


def conv(taps, padding=(1, 1)):
    flat = torch.randn(3, 3, 3, 3)
    video = nn.Conv3d(3, 3, (len(taps), 3, 3), bias=False)
    video.weight.data = torch.stack([tap * flat for tap in taps], 2)
    return nn.Sequential(Ends(*padding), video)


def network(*, taps=(1 / 3,) * 3, padding=(1, 1), first=None, behind=None, at_end=None):
    torch.manual_seed(0)
    layers = [first or nn.Sequential(conv(taps, padding), nn.ReLU())]
    layers += [behind] if behind else []
    layers += [conv(taps, padding), nn.ReLU(), conv(taps, padding), nn.ReLU()]
    return nn.Sequential(*layers, Pooled(at_end or (lambda maps: maps.mean(2)))).double()


def gap(net, frames=8):
    clips = torch.randn(2, 3, frames, 12, 12, dtype=torch.float64)
    with torch.no_grad():
        scores = net(clips)
        return ((scores - net(clips.flip(2))).abs().max() / scores.abs().max()).item()


def trained_with_reverses():
    net = network()
    clips = torch.randn(3, 3, 8, 12, 12, dtype=torch.float64)
    both, labels = torch.cat([clips, clips.flip(2)]), torch.tensor([0, 1, 2] * 2)
    steps = torch.optim.SGD(net.parameters(), lr=0.05)
    before = copy.deepcopy(net.state_dict())
    for _ in range(5):
        steps.zero_grad()
        functional.cross_entropy(net(both), labels).backward()
        steps.step()
    assert any((before[key] - now).abs().max() > 1e-3 for key, now in net.state_dict().items())
    return net


def test_the_claims_about_blindness_are_true_of_networks():
    pool = nn.MaxPool3d((2, 1, 1), (2, 1, 1))
    torch.manual_seed(1)
    odd = nn.Sequential(conv((-0.5, 0, 0.5)), Size())
    gaps = {
        "a": gap(network(at_end=lambda maps: maps.amax(2))),
        "b": gap(network(behind=pool)),
        "c": gap(network(behind=pool), frames=7),
        "d": gap(network(first=odd)),
        "e": gap(network(taps=(0.25,) * 4, padding=(1, 2))),
        "f": gap(trained_with_reverses()),
    }
    assert {letter: found < 1e-10 for letter, found in gaps.items()} == ch07.BLIND.right
    assert min(gaps[letter] for letter in "ce") > 1e-4
    # The controls: a ReLU for |x|, and clips without their reverses, would not do.
    torch.manual_seed(1)
    assert gap(network(first=nn.Sequential(conv((-0.5, 0, 0.5)), nn.ReLU()))) > 1e-4


@pytest.mark.parametrize("exercise", [ch07.BLIND, ch07.JUDGED], ids=["blind", "judged"])
def test_judgements_tell_each_wrong_claim(exercise):
    answer = exercise.right
    assert exercise.verdict(answer).startswith("✓")
    for letter in answer:
        assert f"Hint, {letter}:" in exercise.verdict({**answer, letter: not answer[letter]})
    for same_for_all in (True, False):
        assert not exercise.verdict(dict.fromkeys(answer, same_for_all)).startswith("✓")


def test_frames_right_holds_for_whole_networks():
    torch.manual_seed(0)
    flat = nn.Sequential(*(nn.Conv2d(3, 3, 3, padding=1, bias=False) for _ in range(3))).double()
    picture = torch.randn(1, 3, 6, 6, dtype=torch.float64)
    film = picture[:, :, None].expand(-1, -1, 9, -1, -1)
    for how, taps in {"mean": (1 / 3,) * 3, "centre": (0, 1, 0), "last": (0, 0, 1)}.items():
        with torch.no_grad():
            wrong_by = inflate_network(flat, 3, how)(film) - flat(picture)[:, :, None]
        held = (wrong_by.abs().amax((0, 1, 3, 4)) < 1e-10).sum().item()
        assert held == right_by_formula(9, taps, 3)


def test_the_broken_layer_triples_the_scores():
    # The page's symptom: one layer is right by luck, the other gives its scores three times.
    torch.manual_seed(0)
    seen, scored = nn.Conv2d(3, 8, 3), nn.Conv2d(8, 5, 1)
    picture = torch.randn(1, 3, 9, 9)

    def scores(video_layers):
        maps = picture[:, :, None].expand(-1, -1, 9, -1, -1)
        (w1, b1), (w2, b2) = video_layers
        maps = functional.conv3d(maps, w1, b1).relu().mean((3, 4), keepdim=True)
        return functional.conv3d(maps, w2, b2)[0, :, 0, 0, 0]

    flat = [(x.weight.data, x.bias.data) for x in (seen, scored)]
    right_ones = scores([by_ops(*pair, 3) for pair in flat])
    maps = seen(picture).relu().mean((2, 3), keepdim=True)
    assert torch.allclose(right_ones, scored(maps).flatten(), atol=1e-5)
    too_sure = scores([broken(*pair, 3) for pair in flat]) - flat[1][1]
    ratio = too_sure / (right_ones - flat[1][1])
    assert 2 < ratio.median() < 4

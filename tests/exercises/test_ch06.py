import numpy as np
import pytest
import torch
from einops import rearrange
from verdicts import expect_wrong, right, wrong

from lecturekit.exercises import ch06

# Numbers and claims.


@pytest.mark.parametrize("right", [53312, 53312.0, 64 * 49 * 17, np.int64(53312)])
def test_extra_weights_right(right):
    assert ch06.EXTRA_WEIGHTS.verdict(right).startswith("✓")


@pytest.mark.parametrize(
    ("wrong", "hint"),
    [
        (64 * 49 * 20, "that is the temporal stream's whole layer"),
        (64 * 49 * 7, "ten fields are not ten channels"),
        (49 * 17, "that is one filter"),
        (64 * 7 * 17, "a filter of 7 × 7 px has 49"),
        (64 * (49 * 17 + 1), "the layer has no bias"),
        (53311, None),
    ],
)
def test_extra_weights_wrong(wrong, hint):
    expect_wrong(ch06.EXTRA_WEIGHTS.verdict(wrong), hint)


@pytest.mark.parametrize("right", [188, 188.0, 188.01, 188.00640, torch.tensor(188.0)])
def test_disk_gigabytes_right(right):
    assert ch06.DISK_GIGABYTES.verdict(right).startswith("✓")


@pytest.mark.parametrize(
    ("wrong", "hint"),
    [
        (94.0, "that is one number for each pixel"),
        (752.0, "those are floats"),
        (175.1, "those are gibibytes"),
        (282.0, "three numbers a pixel"),
        (1504.0, "those are bits"),
        (3.133, "an hour has 3600 seconds, not 60"),
        (0.188, None),
    ],
)
def test_disk_gigabytes_wrong(wrong, hint):
    expect_wrong(ch06.DISK_GIGABYTES.verdict(wrong), hint)


@pytest.mark.parametrize("right", [(2.2 / 3, 2.4 / 3), [0.733, 0.8], np.array([0.7333, 0.8])])
def test_svm_loss_right(right):
    assert ch06.SVM_LOSS.verdict(right).startswith("✓")


def test_svm_loss_is_that_of_torch():
    # For one clip at a time torch's loss sums what this one takes the maximum of: with all but the
    # strongest wrong class out of the way they agree.
    scores, labels = torch.tensor([[2.0, 0.7], [0.3, 0.7], [0.8, 0.2]]), torch.tensor([0, 1, 1])
    losses = [
        2 * torch.nn.functional.multi_margin_loss(factor * scores, labels) for factor in (1, 2)
    ]
    assert np.allclose(ch06.SVM_LOSS.answer, losses)


@pytest.mark.parametrize(
    ("wrong", "hint"),
    [
        ((0.733, 1.467), "the first is right. The bonus of 1 does not double"),
        ((2.2, 2.4), "those are sums over the three clips"),
        ((1.1, 1.2), "you divided by two, the clips that cost something"),
        ((0.733, 0.733), "the first is right. But scale matters"),
        ((0.8, 0.733), "the two numbers have changed places"),
        ((0.2, 0.4), "without the bonus"),
        ((1.2, 1.4), "the true class got the bonus, too"),
        ((0.633, 0.267), "a clip that is far enough ahead costs 0"),
        ((1.167, 1.333), "you added up what each wrong class"),
        ((0.9, 1.1), None),
    ],
)
def test_svm_loss_wrong(wrong, hint):
    expect_wrong(ch06.SVM_LOSS.verdict(wrong), hint)


def test_judged():
    right = {"a": True, "b": False, "c": False, "d": True, "e": False, "f": False}
    assert ch06.JUDGED.verdict(right).startswith("✓")
    for letter in right:
        wrong = {**right, letter: not right[letter]}
        assert f"Hint, {letter}:" in ch06.JUDGED.verdict(wrong)
    assert not ch06.JUDGED.verdict(dict.fromkeys(right, True)).startswith("✓")
    assert not ch06.JUDGED.verdict(dict.fromkeys(right, False)).startswith("✓")


# Functions.


# load_stack


def load_by_loop(dx, dy):
    out = []
    for x, y in zip(dx, dy, strict=True):
        out += [2 * (np.float32(x) / 255) - 1, 2 * (np.float32(y) / 255) - 1]
    return np.stack(out)


def load_by_assignment(dx, dy):
    out = np.empty((2 * len(dx), *dx.shape[1:]))
    out[0::2], out[1::2] = dx, dy
    return (out - 127.5) / 127.5


def load_in_torch(dx, dy):
    return torch.stack([torch.as_tensor(dx), torch.as_tensor(dy)], 1).flatten(0, 1) / 127.5 - 1


def load_as_lists(dx, dy):
    return [(level / 127.5 - 1).tolist() for pair in zip(dx, dy, strict=True) for level in pair]


def load_in_place(dx, dy):
    dx[:], dy[:] = 255 - dx, 255 - dy
    return 1 - np.stack([dx, dy], 1).reshape(-1, *dx.shape[1:]) / 127.5


LOAD_RIGHT = right(
    ch06.LOAD_STACK,
    load_by_loop,
    load_by_assignment,
    load_in_torch,
    lambda dx, dy: rearrange([dx, dy], "d l h w -> (l d) h w") / 127.5 - 1,
    lambda dx, dy: torch.stack([dx, dy], dim=1).flatten(0, 1).float().div(255).mul(2).sub(1),
)
LOAD_WRONG = wrong(
    ch06.LOAD_STACK,
    (lambda dx, dy: np.concatenate([dx, dy]) / 255, "two things are wrong"),
    (lambda dx, dy: torch.cat([dx, dy]) / 255, "two things are wrong"),
    (lambda dx, dy: np.concatenate([dx, dy]) / 127.5 - 1, "no motion is 0 now"),
    (lambda dx, dy: (np.concatenate([dx, dy]) - 128.0) / 128, "no motion is 0 now"),
    (lambda dx, dy: np.stack([dx, dy], 1).reshape(-1, *dx.shape[1:]) / 255, "the order is right"),
    (lambda dx, dy: rearrange([dx, dy], "d l h w -> (l d) h w") / 128, "the order is right"),
    (lambda dx, dy: rearrange([dy, dx], "d l h w -> (l d) h w") / 127.5 - 1, "dx and dy have ch"),
    (lambda dx, dy: (rearrange([dx, dy], "d l h w -> (l d) h w") - 128.0) / 128, "nearly: the mi"),
    (lambda dx, dy: (rearrange([dx, dy], "d l h w -> (l d) h w") - 128.0) / 127, "nearly: the mi"),
    (lambda dx, dy: (rearrange([dx, dy], "d l h w -> (l d) h w") - 128) / 127.5, "levels are uns"),
    (lambda dx, dy: (rearrange([dx, dy], "d l h w -> (l d) h w") - 128) / 128, "levels are unsig"),
    (lambda dx, dy: 1 - rearrange([dx, dy], "d l h w -> (l d) h w") / 127.5, None),
    (lambda dx, dy: load_by_loop(dx, dy)[None], None),
    (load_in_place, None),
    (lambda dx, dy: None, None),
)

# mirror_stack


def mirror_by_loop(stack):
    out = np.empty_like(stack)
    for k, channel in enumerate(stack):
        out[k] = np.fliplr(channel) * (-1 if k % 2 == 0 else 1)
    return out


def mirror_in_torch(stack):
    sign = torch.tensor([-1.0, 1.0]).repeat(len(stack) // 2)[:, None, None]
    return stack.flip(-1) * sign


def mirror_by_fields(stack):
    fields = rearrange(stack, "(l d) h w -> l h w d", d=2)[:, :, ::-1] * np.array([-1.0, 1.0])
    return rearrange(fields, "l h w d -> (l d) h w")


def mirror_view(stack):
    mirrored = stack[:, :, ::-1]
    mirrored[0::2] *= -1
    return mirrored


def mirror_copy(stack):
    mirrored = stack[..., ::-1].copy()
    mirrored[::2] *= -1
    return mirrored


def mirror_halves(stack):
    mirrored = stack[:, :, ::-1].copy()
    mirrored[: len(stack) // 2] *= -1
    return mirrored


MIRROR_RIGHT = right(
    ch06.MIRROR_STACK, mirror_by_loop, mirror_in_torch, mirror_by_fields, mirror_copy
)
MIRROR_WRONG = wrong(
    ch06.MIRROR_STACK,
    (lambda stack: stack[:, :, ::-1], "the picture is mirrored, the vectors are not"),
    (lambda stack: stack.flip(-1), "the picture is mirrored, the vectors are not"),
    (lambda stack: -stack[:, :, ::-1], "what moves down still"),
    (lambda stack: -mirror_copy(stack), "you changed the sign of dy"),
    (lambda stack: mirror_copy(stack)[:, :, ::-1], "the vectors are mirrored, the picture is not"),
    (lambda stack: mirror_copy(stack)[:, ::-1, ::-1], "you turned the picture upside down"),
    (lambda stack: mirror_copy(stack)[::-1], None),
    (mirror_halves, "you changed the first half"),
    (mirror_view, None),
    (lambda stack: stack, None),
)

# fuse


def fuse_in_torch(scores, weights):
    shares = torch.as_tensor(weights) / sum(weights)
    return (torch.as_tensor(scores).softmax(-1) * shares[:, None, None]).sum(0)


def fuse_in_float32(scores, weights):
    return fuse_in_torch(torch.as_tensor(scores).float(), torch.as_tensor(weights).float())


def fuse_by_loop(scores, weights):
    total = 0
    for stream, weight in zip(scores, weights, strict=True):
        powers = np.exp(stream - stream.max(axis=1)[:, None])
        total = total + float(weight) * powers / powers.sum(axis=1)[:, None]
    return total / sum(weights)


def fuse_by_average(scores, weights):
    powers = np.exp(scores - scores.max(2, keepdims=True))
    return np.average(powers / powers.sum(2, keepdims=True), axis=0, weights=weights)


def softmax(scores, axis=-1):
    powers = np.exp(scores - scores.max(axis, keepdims=True))
    return powers / powers.sum(axis, keepdims=True)


def column(weights):
    return np.asarray(weights)[:, None, None]


FUSE_RIGHT = right(ch06.FUSE, fuse_in_torch, fuse_in_float32, fuse_by_loop, fuse_by_average)
FUSE_WRONG = wrong(
    ch06.FUSE,
    (
        lambda s, w: (np.exp(s) / np.exp(s).sum(2, keepdims=True) * column(w)).sum(0) / w.sum(),
        "powers of e have become",
    ),
    (lambda s, w: (s * column(w)).sum(0) / w.sum(), "these are averaged scores"),
    (lambda s, w: (s * column(w)).sum(0), "these are summed scores"),
    (lambda s, w: softmax((s * column(w)).sum(0) / w.sum()), "first the softmax of each stream"),
    (lambda s, w: softmax((s * column(w)).sum(0)), "first the softmax of each stream"),
    (lambda s, w: (softmax(s) * column(w)).sum(0), "weights may be 1 and 1.5"),
    (lambda s, w: (softmax(s) * column(w)).mean(0), "divide by the sum of the weights"),
    (lambda s, w: softmax((softmax(s) * column(w)).sum(0)), "a second softmax"),
    (lambda s, w: softmax(s).mean(0), "every stream has the same say"),
    (lambda s, w: torch.as_tensor(s).softmax(-1).mean(0), "every stream has the same say"),
    (lambda s, w: (softmax(s, 1) * column(w)).sum(0) / w.sum(), "your softmax runs over the clips"),
    (lambda s, w: (softmax(s, 0) * column(w)).sum(0) / w.sum(), "your softmax runs over the str"),
    (lambda s, w: (softmax(s) * column(w)[::-1]).sum(0) / w.sum(), None),
    (lambda s, w: fuse_by_loop(s[:2], w[:2]), None),
)

# wrong_together


def together_by_loop(scores, labels):
    rates, both = [], [True] * len(labels)
    for stream in scores:
        errors = [int(row.argmax()) != int(label) for row, label in zip(stream, labels)]  # noqa: B905
        rates.append(sum(errors) / len(labels))
        both = [a and b for a, b in zip(both, errors, strict=True)]
    product = 1.0
    for rate in rates:
        product *= rate
    return sum(both) / len(labels), product


def together_in_torch(scores, labels):
    wrong = (torch.as_tensor(scores).argmax(-1) != torch.as_tensor(labels)).float()
    return torch.stack([wrong.prod(0).mean(), wrong.mean(1).prod()])


def errors(scores, labels):
    return np.argmax(scores, 2) != labels


TOGETHER_RIGHT = right(
    ch06.WRONG_TOGETHER,
    together_by_loop,
    together_in_torch,
    lambda s, y: [
        np.float32(errors(s, y).min(0).mean()),
        np.float32(np.prod(errors(s, y).mean(1))),
    ],
)
TOGETHER_WRONG = wrong(
    ch06.WRONG_TOGETHER,
    (lambda s, y: together_by_loop(s, y)[::-1], "the two numbers have changed places"),
    (lambda s, y: (errors(s, y).any(0).mean(), errors(s, y).mean(1).prod()), "the first counts"),
    (lambda s, y: ((~errors(s, y)).all(0).mean(), (~errors(s, y)).mean(1).prod()), "those are the"),
    (lambda s, y: (errors(s, y).all(0).mean(), (~errors(s, y)).mean(1).prod()), "the second mul"),
    (lambda s, y: (errors(s, y).all(0).mean(), 1 - (~errors(s, y)).mean(1).prod()), "the second i"),
    (lambda s, y: (errors(s, y).all(0).mean(), errors(s, y).mean() ** len(s)), "each stream has"),
    (lambda s, y: together_by_loop(s[:2], y), "right for two streams"),
    (lambda s, y: (errors(s, y).all(0).sum(), errors(s, y).mean(1).prod() * len(y)), "those are c"),
    (lambda s, y: ((s.sum(0).argmax(1) != y).mean(), errors(s, y).mean(1).prod()), "the first is"),
    (lambda s, y: (errors(s, y).all(0).mean(), errors(s, y).mean(1).sum()), None),
    (lambda s, y: errors(s, y).all(0).mean(), None),
)

# fit_weight

GRID = np.linspace(0, 1, 21)


def accuracy(weight, clips):
    seen, moved, labels = clips
    return (((1 - weight) * seen + weight * moved).argmax(1) == labels).mean()


def best(clips):
    return GRID[np.argmax([accuracy(weight, clips) for weight in GRID])]


def last_best(clips):
    return max(accuracy(w, clips) * 1000 + w for w in GRID) % 1


def fit_in_torch(training, held, test):
    seen, moved, labels = map(torch.from_numpy, held)
    found = [((1 - w) * seen + w * moved).argmax(1).eq(labels).float().mean().item() for w in GRID]
    return torch.tensor(GRID)[int(np.argmax(found))]


def finer(training, held, test):
    return max(np.linspace(0, 1, 201), key=lambda weight: accuracy(weight, held))


FIT_RIGHT = right(
    ch06.FIT_WEIGHT,
    lambda training, held, test: best(held),
    lambda training, held, test: float(max(GRID[::-1], key=lambda w: accuracy(w, held))),
    fit_in_torch,
    finer,
)
FIT_WRONG = wrong(
    ch06.FIT_WEIGHT,
    (lambda training, held, test: best(test), "best on the test clips"),
    (lambda training, held, test: best(training), "best on the training clips"),
    (lambda training, held, test: 1 - best(held), "that is the spatial stream's weight"),
    (lambda training, held, test: accuracy(best(held), held), "that is the accuracy"),
    (lambda training, held, test: int(np.argmax([accuracy(w, held) for w in GRID])), "that is the"),
    (lambda training, held, test: 0.5, "one half is the plain average"),
    (
        lambda training, held, test: best(
            tuple(map(np.concatenate, zip(training, held, strict=True)))
        ),
        "the training clips have a say",
    ),
    (
        lambda training, held, test: best(tuple(map(np.concatenate, zip(held, test, strict=True)))),
        "the test clips have a say",
    ),
    (lambda training, held, test: 1.0, None),
    (lambda training, held, test: 0.6, None),
    (lambda training, held, test: max(best(held), best(test)) / 2, None),
)

# camera_off


def mode(flows):
    """The most frequent vector, in bins of a twentieth of a pixel."""
    out = []
    for field in flows:
        vectors, counts = np.unique(np.round(field.reshape(-1, 2) * 8), axis=0, return_counts=True)
        near = np.abs(field.reshape(-1, 2) - vectors[counts.argmax()] / 8).max(1) < 0.125
        out.append(field - np.median(field.reshape(-1, 2)[near], 0))
    return np.stack(out)


def corners(flows):
    blocks = np.concatenate(
        [flows[:, :3, :3].reshape(len(flows), -1, 2), flows[:, :3, -3:].reshape(len(flows), -1, 2)],
        1,
    )
    return flows - np.median(blocks, 1)[:, None, None]


def border_in_torch(flows):
    edge = torch.cat([flows[:, 0], flows[:, -1], flows[:, :, 0], flows[:, :, -1]], 1)
    return flows - edge.median(1).values[:, None, None]


def wide_border(flows):
    inside = np.zeros(flows.shape[1:3], bool)
    inside[2:-2, 2:-2] = True
    return flows - np.median(flows[:, ~inside], 1)[:, None, None]


CAMERA_RIGHT = right(
    ch06.CAMERA_OFF,
    corners,
    border_in_torch,
    wide_border,
    mode,
    lambda f: f - np.median(f[:, :2], (1, 2), keepdims=True),
    lambda f: np.stack([field - np.median(field[:, 0], 0) for field in f]),
)
CAMERA_WRONG = wrong(
    ch06.CAMERA_OFF,
    (lambda f: f - np.median(f, (1, 2), keepdims=True), "the median follows the larger half"),
    (lambda f: f - f.mean((1, 2), keepdims=True), "the mean follows the figure"),
    (lambda f: f - f[:, 0].mean(1)[:, None, None], "near. But a tenth"),
    (lambda f: f - f[:, :2].mean((1, 2), keepdims=True), "near. But a tenth"),
    (lambda f: f - np.median(f[:, 0], (0, 1)), "one vector for all fields"),
    (lambda f: f - np.median(f[:, 0], (1, 2))[:, None, None, None], "one number for dx and dy"),
    (lambda f: f - f[:, :1, :1], "one pixel's flow may be wrong"),
    (lambda f: f - f[:, -1:, -1:], "one pixel's flow may be wrong"),
    (lambda f: f - np.median(f, 0), "a median over the fields"),
    (lambda f: f + np.median(f[:, 0], 1)[:, None, None], "the sign"),
    (lambda f: f, "nothing is taken off"),
    (lambda f: f * 0, None),
    (lambda f: f - np.median(f[:, :, :1], 1, keepdims=True) * [1, 0], None),
    (lambda f: np.where(np.abs(f) < 2, 0, f), None),
    (lambda f: np.median(f[:, 0], 1), None),
)


@pytest.mark.parametrize(
    ("exercise", "answer"),
    LOAD_RIGHT + MIRROR_RIGHT + FUSE_RIGHT + TOGETHER_RIGHT + FIT_RIGHT + CAMERA_RIGHT,
)
def test_right_answers_pass(exercise, answer):
    assert exercise.verdict(answer).startswith("✓"), exercise.verdict(answer)


@pytest.mark.parametrize(
    ("exercise", "answer", "hint"),
    LOAD_WRONG + MIRROR_WRONG + FUSE_WRONG + TOGETHER_WRONG + FIT_WRONG + CAMERA_WRONG,
)
@pytest.mark.filterwarnings("ignore:overflow", "ignore:invalid")
def test_wrong_answers_get_their_hint(exercise, answer, hint):
    expect_wrong(exercise.verdict(answer), hint)


def test_writing_into_an_argument_is_told():
    assert "wrote into its argument number 1" in ch06.MIRROR_STACK.verdict(mirror_view)


def test_every_misconception_gets_its_own_hint():
    for exercise in ch06.EXERCISES:
        for wrong_one in exercise.misconceptions:
            assert exercise.verdict(wrong_one.answer).endswith(wrong_one.hint), wrong_one.hint


def _right_share(clips, weight):
    spatial, temporal, labels = clips
    return (((1 - weight) * spatial + weight * temporal).argmax(1) == labels).mean()


def _by_accuracy(training, held, test):
    spatial, temporal = _right_share(held, 0), _right_share(held, 1)
    return round(20 * temporal / (spatial + temporal)) / 20


def _without_one(training, held, test):
    weights = np.arange(0, 1, 0.05)
    return weights[np.argmax([_right_share(held, weight) for weight in weights])]


@pytest.mark.parametrize("answer", [_by_accuracy, _without_one])
def test_a_weight_that_was_not_searched_everywhere_fails(answer):
    assert ch06.FIT_WEIGHT.verdict(answer).startswith("✗")

import numpy as np
import pytest
import torch
from verdicts import expect_wrong, right, wrong

from lecturekit.exercises import ch12
from lecturekit.exercises.ch12 import mixes

PRICED = (2160, 0.4, 12.696, 8.094)
CROSSED = (1 / 7, 0.5, 0.44, 0.677)


def test_priced_by_counting():
    conv = torch.nn.Conv3d(64, 256, 1, bias=False)
    x = torch.zeros(1, 64, 8, 28, 28)
    macs = conv.weight.numel() * x[0, 0].numel()
    moved = sum(t.numel() * t.element_size() for t in (x, conv.weight, conv(x)))
    assert ch12.PRICED.answer[2] == pytest.approx(macs / moved)
    assert ch12.PRICED.answer[3] == pytest.approx(max(2 * macs / 30e6, moved / 1e6))


def test_crossed_by_trying():
    a, b = np.array([90, 40, 70]), np.array([60, 70, 50])
    half, two, fifth, best = ch12.CROSSED.answer
    for mix in (
        [half, (1 - half) / 2, (1 - half) / 2],
        [two, 1 - two, 0],
        [0.2, fifth, 0.8 - fifth],
    ):
        assert a @ mix == pytest.approx(b @ mix)
    seeds = np.random.default_rng(0).normal(0, 1.2, (400_000, 2))
    assert seeds.max(1).mean() == pytest.approx(best, abs=0.01)


def comparable(a, b):
    wanted = {"split", "pretraining", "views", "films"}
    mine, yours = ({k: v for k, v in x.items() if k in wanted and v is not None} for x in (a, b))
    if any(mine[k] != yours[k] for k in mine.keys() & yours.keys()):
        return False
    return True if mine.keys() & yours.keys() == wanted else None


def spearman(a, b):
    def ranks(values):
        order = sorted(values.tolist())
        return [np.mean([i + 1 for i, x in enumerate(order) if x == v]) for v in values.tolist()]

    a, b = (np.array(ranks(v)) for v in (a, b))
    a, b = a - a.mean(), b - b.mean()
    return (a * b).sum() / np.sqrt((a**2).sum() * (b**2).sum())


def report(held, test):
    flat = int(held.argmax())
    method, checkpoint = divmod(flat, held.shape[1])
    return method, test[method][checkpoint]


def turned(accuracies):
    rng, best = np.random.default_rng(7), [None, None]
    for _ in range(3000):
        mix = rng.exponential(size=accuracies.shape[1])
        mix /= mix.sum()
        a, b, c = accuracies @ mix
        if min(a - b, b - c) > 0.5:
            best[0] = mix
        if min(b - a, c - b) > 0.5:
            best[1] = mix
    return best


RIGHT = [
    *right(ch12.PRICED, PRICED, list(PRICED), torch.tensor(PRICED)),
    *right(ch12.CROSSED, CROSSED, np.array(CROSSED)),
    *right(ch12.COMPARABLE, comparable),
    *right(ch12.SPEARMAN, spearman, lambda a, b: torch.tensor(spearman(a, b))),
    *right(ch12.REPORT, report),
    *right(ch12.TURNED, turned, lambda a: torch.tensor(np.stack(turned(a)))),
    *right(ch12.JUDGED, {k: k in "dfi" for k in "abcdefghi"}),
]

WRONG = [
    *wrong(
        ch12.PRICED,
        ((1080, *PRICED[1:]), "the first: those are multiply–adds"),
        ((*PRICED[:3], 6.85), "the fourth: that is the time of the operations"),
    ),
    *wrong(
        ch12.CROSSED,
        ((6 / 7, *CROSSED[1:]), "the first: that is the share of the others"),
        ((*CROSSED[:3], 1.413), "the fourth: that is the bound"),
    ),
    *wrong(
        ch12.COMPARABLE,
        (lambda a, b: all(a.get(k) == b.get(k) for k in comparable_fields()), "`get` gives None"),
        (lambda a, b: a == b, "lines may differ in their accuracy"),
    ),
    *wrong(
        ch12.SPEARMAN,
        (lambda a, b: np.corrcoef(a, b)[0, 1], "that is the correlation of the values"),
        (lambda a, b: np.corrcoef(a.argsort(), b.argsort())[0, 1], "`argsort` says *who*"),
    ),
    *wrong(
        ch12.REPORT,
        (lambda held, test: (held.max(1).argmax(), held.max()), "the number that you report"),
        (lambda held, test: (test.max(1).argmax(), test.max()), "the test films choose everything"),
    ),
    *wrong(
        ch12.TURNED,
        (lambda a: np.eye(a.shape[1])[:2], "films of the one cue"),
        (lambda a: 100 * np.stack(turned(a)), "shares of 1, not percent"),
        (lambda a: np.stack(turned(a)[::-1]), "the two mixes are there"),
    ),
    *wrong(ch12.JUDGED, ({k: k in "dfig" for k in "abcdefghi"}, "")),
]


def comparable_fields():
    return ("split", "pretraining", "views", "films")


@pytest.mark.parametrize(("exercise", "answer"), RIGHT)
def test_right_answers_in_other_styles(exercise, answer):
    verdict = exercise.verdict(answer)
    assert verdict.startswith("✓"), verdict


@pytest.mark.parametrize(("exercise", "answer", "hint"), WRONG)
def test_wrong_answers_get_their_hint(exercise, answer, hint):
    if exercise is ch12.JUDGED:
        assert "8 of 9" in exercise.verdict(answer)
        assert "Hint, g" in exercise.verdict(answer)
    else:
        expect_wrong(exercise.verdict(answer), hint)


def test_no_single_cue_turns_a_case_round():
    for (accuracies,) in mixes._cases():
        orders = {tuple(np.argsort(-accuracies[:, cue])) for cue in range(accuracies.shape[1])}
        assert not {(0, 1, 2), (2, 1, 0)} <= orders

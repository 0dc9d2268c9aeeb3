from itertools import pairwise
from pathlib import PurePosixPath

import numpy as np
import pytest
import torch
from torch.nn import functional
from verdicts import expect_wrong, right, wrong

from lecturekit import metrics
from lecturekit.exercises import ch11

# Numbers and claims.

HAND = (3 / 7, 3 / 4, 0.589, 0.471, 0.5)
COPY = (72, 82, 7.21, 17_800, 0.094)


def but(answer, **changed):
    """An answer with some numbers changed, by position: but(HAND, _2=0.6)."""
    values = list(answer)
    for position, value in changed.items():
        values[int(position[1:])] = value
    return tuple(values)


@pytest.mark.parametrize(
    ("exercise", "answer"),
    [
        (ch11.BY_HAND, HAND),
        (ch11.BY_HAND, (0.429, 0.75, 0.589, 0.471, 0.500)),
        (ch11.BY_HAND, torch.tensor([3 / 7, 0.75, 33 / 56, 33 / 70, 0.5])),
        (ch11.BY_HAND, np.float32([3 / 7, 0.75, 33 / 56, 33 / 70, 0.5])),
        (ch11.WHICH_COPY, COPY),
        (ch11.WHICH_COPY, [72.0, 82.0, 7.21, 17800, 0.0943]),
        (ch11.WHICH_COPY, np.array([72.0, 82.0, 7.21, 17800, 0.09428])),
    ],
)
def test_right_numbers(exercise, answer):
    assert exercise.verdict(answer).startswith("✓"), exercise.verdict(answer)


def test_by_hand_is_what_the_library_says():
    scores = np.array([0.9, 0.8, 0.6, 0.6, 0.6, 0.6, 0.6, 0.2])
    labels = np.array([1, 0, 0, 1, 1, 0, 0, 1])
    answer = ch11.BY_HAND.answer
    assert np.isclose(metrics.average_precision(scores, labels), answer[2])
    last = np.array([0, 1, 6, 7])
    precision, recall = (x[last] for x in metrics.precision_recall(labels.astype(bool), 5))
    assert np.isclose(metrics.step_area(precision, recall), answer[3])
    assert np.isclose(metrics.interpolated_area(precision, recall), answer[4])
    at = scores >= 0.6
    assert answer[:2] == (labels[at].mean(), labels[at].sum() / 4)


def test_which_copy_by_trying_all_ends_and_by_lots():
    low, high, ahead, both, chance = ch11.WHICH_COPY.answer
    ends_a, ends_b = [(14_400 + more) / 200 for more in (0, 2000)], [15_642 / 200, 15_842 / 200]
    assert np.allclose((low, high), ends_a)
    assert np.isclose(ahead, max(b - a for a in ends_a for b in ends_b))
    assert both == 20_000 - 2_000 - 200
    right_ones = np.arange(20_000) < 16_000
    lots = np.random.default_rng(0)
    drawn = [100 * right_ones[lots.permutation(20_000)[:18_000]].mean() for _ in range(2000)]
    assert abs(np.std(drawn) / chance - 1) < 0.06


@pytest.mark.parametrize(
    ("exercise", "answer", "hint"),
    [
        (ch11.BY_HAND, (0.5, 0.5, 0.65, 0.52, 0.54), "you take the tie in the order written"),
        (ch11.BY_HAND, (0.75, 0.75, 0.729, 0.583, 0.6), "you break the tie in favour"),
        (ch11.BY_HAND, but(HAND, _0=0.4), "the first: those are the five tied"),
        (ch11.BY_HAND, but(HAND, _0=0.6), "the first: you stop after"),
        (ch11.BY_HAND, but(HAND, _1=3 / 7), "the second: that is the precision"),
        (ch11.BY_HAND, but(HAND, _1=0.6), "the second: of the four"),
        (ch11.BY_HAND, but(HAND, _2=0.65), "the third: the order written"),
        (ch11.BY_HAND, but(HAND, _2=0.729), "the third: the tie is broken in favour"),
        (ch11.BY_HAND, but(HAND, _2=0.607), "the third: a mean over the thresholds"),
        (ch11.BY_HAND, but(HAND, _2=0.598), "the third: those are trapezoids"),
        (ch11.BY_HAND, but(HAND, _2=0.625), "the third: that is interpolated"),
        (ch11.BY_HAND, but(HAND, _3=0.589), "the fourth: over all truths"),
        (ch11.BY_HAND, but(HAND, _3=0.571), "the fourth: recall ends at 4/5"),
        (ch11.BY_HAND, but(HAND, _4=0.625), "the fifth: over all five"),
        (ch11.BY_HAND, but(HAND, _4=0.8), "the fifth: you look back"),
        (ch11.BY_HAND, but(HAND, _4=0.471), "the fifth: that is not interpolated"),
        (ch11.BY_HAND, but(HAND, _3=0.589, _4=0.625), "the fourth: over all truths"),
        (ch11.BY_HAND, but(HAND, _3=0.589, _4=0.8), "the fourth: over all truths"),
        (ch11.BY_HAND, but(HAND, _2=0.643), "the third: a mean over the three thresholds"),
        (ch11.WHICH_COPY, but(COPY, _0=0.72), "the first: in percent"),
        (ch11.WHICH_COPY, but(COPY, _2=9), "the third: from the right numbers 1 and 2"),
        (ch11.WHICH_COPY, but(COPY, _2=-3.79), "the third: that is the least"),
        (ch11.WHICH_COPY, but(COPY, _3=16_200), "the fourth: that is a product of shares"),
        (ch11.WHICH_COPY, but(COPY, _4=0.283), "the fifth: that is for films drawn from endlessly"),
        (ch11.WHICH_COPY, but(COPY, _4=0.85), "the fifth: 2,000 films are *lost*"),
        (ch11.WHICH_COPY, but(COPY, _4=0.09), "the fifth: to three decimals"),
        (ch11.WHICH_COPY, but(COPY, _4=0.1), "the fifth: to three decimals"),
        (ch11.BY_HAND, (43, 75, 59, 47, 50), None),
        (ch11.BY_HAND, (42.857, 75, 58.93, 47.14, 50), "as shares of 1"),
        (ch11.BY_HAND, (1, 2, 3, 4, 5), None),
        (ch11.WHICH_COPY, but(COPY, _0=70, _1=90), "the first: a tenth of the *films*"),
        (ch11.WHICH_COPY, but(COPY, _0=75, _1=85), "the first two: not half"),
        (ch11.WHICH_COPY, but(COPY, _1=72 + 100 / 9), "the second: the missing films are 2,000"),
        (ch11.WHICH_COPY, but(COPY, _1=73), "the second: you add B's"),
        (ch11.WHICH_COPY, but(COPY, _0=79.2), "the first: that is with B's"),
        (ch11.WHICH_COPY, but(COPY, _2=7.0), "the third: B has missing films"),
        (ch11.WHICH_COPY, but(COPY, _2=6.21), "the third: both at their worst"),
        (ch11.WHICH_COPY, but(COPY, _2=-0.79), "the third: A may be worse"),
        (ch11.WHICH_COPY, but(COPY, _2=3.79), "the third: that is how far A"),
        (ch11.WHICH_COPY, but(COPY, _3=18_000), "the fourth: is every film"),
        (ch11.WHICH_COPY, but(COPY, _3=17_820), "the fourth: that is expected"),
        (ch11.WHICH_COPY, but(COPY, _4=0.298), "the fifth: that is for films drawn"),
        (ch11.WHICH_COPY, but(COPY, _4=0.00094), "the fifth: in points"),
        (ch11.WHICH_COPY, but(COPY, _4=0.189), "the fifth: one standard"),
        (ch11.WHICH_COPY, but(COPY, _2=7, _3=18_000), "the third: B has missing films"),
        (ch11.WHICH_COPY, (70, 90, 10, 17_800, 0.094), "80 ± 10 and 79 ± 1"),
        (ch11.WHICH_COPY, (82, 72, 7.21, 17_800, 0.094), "the first two are exchanged"),
        (ch11.WHICH_COPY, (0.72, 0.82, 0.0721, 17_800, 0.00094), "accuracies in percent"),
        (ch11.WHICH_COPY, but(COPY, _3=17_801), None),
    ],
)
def test_wrong_numbers(exercise, answer, hint):
    expect_wrong(exercise.verdict(answer), hint)


@pytest.mark.parametrize(
    ("exercise", "answer", "hints"),
    [
        (ch11.BY_HAND, but(HAND, _2=0.65, _3=0.52, _4=0.54), ["the third: the order written"]),
        (ch11.BY_HAND, but(HAND, _2=0.65, _4=0.54), ["the third: the order", "the fifth: equal"]),
        (ch11.BY_HAND, but(HAND, _0=0.4, _1=0.5, _2=0.65), ["the first: those", "the third: the"]),
        (ch11.BY_HAND, but(HAND, _0=0.4, _1=9, _3=0.589), ["the first: those", "the fourth: over"]),
        (ch11.WHICH_COPY, but(COPY, _0=70, _1=90, _2=9), ["the first: a tenth", "the third: from"]),
        (ch11.WHICH_COPY, but(COPY, _0=80, _1=90, _2=7), ["the first: and if", "the third: B has"]),
        (ch11.WHICH_COPY, but(COPY, _0=80, _1=80, _3=18_000), ["the second: A", "the fourth: is"]),
    ],
)
def test_each_known_slip_gets_its_hint_however_many_there_are(exercise, answer, hints):
    verdict = exercise.verdict(answer)
    assert verdict.startswith("✗")
    assert all(hint in verdict for hint in hints), verdict


def test_judged():
    truth = ch11.JUDGED.right
    assert ch11.JUDGED.verdict(truth).startswith("✓")
    for letter in truth:
        assert f"Hint, {letter}:" in ch11.JUDGED.verdict({**truth, letter: not truth[letter]})
    for same_for_all in (True, False):
        assert not ch11.JUDGED.verdict(dict.fromkeys(truth, same_for_all)).startswith("✓")


def test_judged_numbers():
    def bounds(percent, kept):
        return percent * kept / 20_000, percent * kept / 20_000 + 100 * (1 - kept / 20_000)

    assert np.allclose(bounds(78.9, 17_700), (69.8, 81.3), atol=0.05)
    assert np.allclose(bounds(78.5, 19_800), (77.7, 78.7), atol=0.05)
    for share, kept in ((0.785, 19_800), (0.789, 17_700), (0.801, 19_800), (0.62, 24_000)):
        assert round(196 * (share * (1 - share) / kept) ** 0.5, 1) == 0.6


# hmdb


def by_paths(texts, there, split):
    """Path objects, tuples, a sort at the end, a dict of marks."""
    rows = []
    for name, text in texts.items():
        action, _, ending = name.rpartition("_test_split")
        if ending == f"{split}.txt":
            for number, line in enumerate(text.split("\n")):
                if line.strip():
                    film, mark = line.strip().rsplit(" ", 1)
                    rows.append((name, number, PurePosixPath(action) / film, action, int(mark)))
    rows.sort()
    sides = {
        mark: tuple((path, action) for *_, path, action, m in rows if m == mark) for mark in (1, 2)
    }
    there = {PurePosixPath(path) for path in there}
    return (
        tuple(row for row in sides[1] if row[0] in there),
        tuple(row for row in sides[2] if row[0] in there),
        tuple(path for *_, path, _, mark in rows if mark and path not in there),
    )


def by_filters(texts, there, split):
    wanted = []
    for name in sorted(n for n in texts if n.endswith(f"split{split}.txt")):
        action = name[: -len("_test_split1.txt")]
        for line in texts[name].strip().splitlines():
            film, _, mark = line.strip().partition(".avi ")
            wanted.append((f"{action}/{film}.avi", action, mark))
    both = [
        [[path, action] for path, action, m in wanted if m == mark and path in there]
        for mark in "12"
    ]
    return *both, [path for path, _, mark in wanted if mark != "0" and path not in there]


def read(side=None, action=lambda name: name.split("_test_")[0], same_split=True, zeros=False):
    side = side or {"1": 0, "2": 1}

    def answer(texts, there, split):
        lists = [[], [], []]
        for name in sorted(texts):
            if same_split and f"split{split}" not in name:
                continue
            for line in texts[name].splitlines():
                if not line.strip():
                    continue
                film, mark = line.split()
                path = action(name) + "/" + film
                if path not in there:
                    if zeros or mark != "0":
                        lists[2].append(path)
                elif mark in side:
                    lists[side[mark]].append((path, action(name)))
        return tuple(lists)

    return answer


def read_as_they_come(texts, there, split):
    """All splits, in the dict's order."""
    rows = [
        (f"{name.split('_test_')[0]}/{line.split()[0]}", name.split("_test_")[0], line.split()[1])
        for name in texts
        for line in texts[name].splitlines()
        if line.strip()
    ]
    sides = [
        [(path, action) for path, action, m in rows if m == mark and path in there] for mark in "12"
    ]
    return *sides, [path for path, _, mark in rows if mark != "0" and path not in there]


def filed_by_film(texts, there, split):
    """The class from the film's name."""
    lists = [], [], []
    for name in sorted(n for n in texts if n.endswith(f"split{split}.txt")):
        for line in filter(str.strip, texts[name].splitlines()):
            film, mark = line.split()
            action = "_".join(film.split("_")[1:-1])
            if mark != "0":
                lost = f"{action}/{film}" not in there
                found = lists[2 if lost else int(mark) - 1]
                found.append(f"{action}/{film}" if lost else (f"{action}/{film}", action))
    return lists


def unguarded(texts, there, split):
    for name in texts:
        for line in texts[name].splitlines():
            _film, _mark = line.split()
    return by_filters(texts, there, split)


HMDB_RIGHT = right(ch11.HMDB, by_paths, by_filters, read(), lambda *case: list(read()(*case)))
HMDB_WRONG = wrong(
    ch11.HMDB,
    (read(action=lambda name: name.split("_")[0]), "a class may hold underscores"),
    (read(zeros=True), "a film with a 0 belongs to neither"),
    (read(side={"1": 0, "2": 1, "0": 1}, zeros=True), "a film with a 0 is in neither list: it is"),
    (read(same_split=False), "you read the files of all splits"),
    (read_as_they_come, "only files of this split"),
    (filed_by_film, "the class is in the *file's* name"),
    (read(side={"1": 1, "2": 0}), "training and test are exchanged"),
    (lambda *case: (*by_filters(*case)[:2], []), "nothing is missing"),
    (lambda *case: (*by_filters(*case)[:2], sorted(by_filters(*case)[2])), None),
    (lambda *case: by_filters(*case)[:2], None),
    (lambda *case: {"train": []}, None),
    (unguarded, None),
)


# detection_ap


def with_arrays(found, truths, tiou):
    """Sorted by NumPy, all overlaps at once, the mean of the precisions at right answers."""
    order = np.argsort([-score for *_, score in found], kind="stable") if found else []
    marks, taken = [], np.zeros(len(truths), bool)
    for number in order:
        film, *ends, _ = found[number]
        near = metrics.temporal_iou(ends, [t[1:] for t in truths])
        near[[t[0] != film for t in truths]] = -1
        near[taken] = -1
        best = near.argmax()
        marks.append(near[best] >= tiou)
        taken[best] |= marks[-1]
    hits = np.flatnonzero(marks)
    return np.float32(sum((k + 1) / (hit + 1) for k, hit in enumerate(hits)) / len(truths))


def by_recall(found, truths, tiou):
    """A list that shrinks; the sum of precision times the steps of recall."""
    free, right_ones, area = list(truths), 0, 0.0
    for rank, (film, start, stop, _) in enumerate(sorted(found, key=lambda a: a[3], reverse=True)):
        tried = [t for t in free if t[0] == film]
        tried.sort(key=lambda t: metrics.temporal_iou((start, stop), t[1:]), reverse=True)
        if tried and metrics.temporal_iou((start, stop), tried[0][1:]) >= tiou:
            free.remove(tried[0])
            right_ones += 1
            area += right_ones / (rank + 1) / len(truths)
    return torch.tensor(area)


def mended(*, skip=False, again=False, over=None, best=False, known=lambda k, truth: k, sort=None):
    def answer(found, truths, tiou):
        right_ones, taken = [], set()
        for film, start, stop, _ in sorted(found, key=sort or (lambda a: -a[3])):
            here = [k for k, truth in enumerate(truths) if truth[0] == film]
            if skip and not here:
                continue
            overlaps = {k: metrics.temporal_iou((start, stop), truths[k][1:]) for k in here}
            if best and overlaps:
                overlaps = dict([max(overlaps.items(), key=lambda pair: pair[1])])
            free = [
                k
                for k in sorted(overlaps, key=lambda k: -overlaps[k])
                if overlaps[k] >= tiou and (again or known(k, truths[k]) not in taken)
            ]
            right_ones.append(bool(free))
            taken |= {known(k, truths[k]) for k in free[:1]}
        precision = np.cumsum(right_ones) / np.arange(1, len(right_ones) + 1)
        total = (precision * right_ones).sum()
        return total / max(1, over(right_ones, taken) if over else len(truths))

    return answer


def with_different_truths(found, truths, tiou):
    return mended()(found, truths, tiou) * len(truths) / len(set(truths))


def found_alone(right_ones, taken):
    return len(taken)


AP_RIGHT = right(ch11.DETECTION_AP, with_arrays, by_recall, mended())
AP_WRONG = wrong(
    ch11.DETECTION_AP,
    (mended(skip=True, again=True, over=found_alone), "nothing is mended yet"),
    (mended(skip=True, again=True), "two faults are left: answer the same segment ten"),
    (mended(skip=True, over=found_alone), "two faults are left: a detector"),
    (mended(again=True, over=found_alone), "two faults are left: a detector"),
    (mended(skip=True), "one fault is left: what does an answer cost"),
    (mended(again=True), "one fault is left: answer the same"),
    (mended(over=found_alone), "one fault is left: a detector"),
    (mended(best=True), "an answer whose best truth is taken"),
    (with_different_truths, "equal truths are two"),
    (mended(known=lambda k, truth: truth), "two truths may be the same"),
    (mended(known=lambda k, truth: truth[0]), "a film may hold several"),
    (mended(over=lambda right_ones, taken: len(right_ones)), "divide by the number of truths"),
    (mended(sort=lambda a: a[1]), None),
    (
        lambda found, truths, tiou: metrics.temporal_map(
            [(film, 0, *rest) for film, *rest in found],
            [(film, 0, *rest) for film, *rest in truths],
            [tiou],
        )[tiou],
        "by steps, without interpolation",
    ),
    (lambda found, truths, tiou: None, None),
)


def test_the_evaluation_agrees_with_the_librarys_but_for_interpolation():
    apart = 0
    for found, truths, tiou in ch11.DETECTION_AP.drawn:
        rows = [[(film, "wave", *rest) for film, *rest in some] for some in (found, truths)]
        wanted = metrics.temporal_map(*rows, [tiou])[tiou]
        interpolated = ch11.detections._ap(area=ch11.detections._interpolated)
        assert np.isclose(interpolated(found, truths, tiou), wanted)
        apart += not np.isclose(ch11.detections._RIGHT(found, truths, tiou), wanted)
    assert apart >= 3


# rebalanced


def climbing(scores, labels):
    """Coordinate search on the validation films."""
    bias, steps = np.zeros(scores.shape[1]), np.linspace(-5, 5, 41)
    for k in [*range(len(bias))] * 2:
        tried = bias + np.eye(len(bias))[k] * (steps[:, None] - bias[k])
        tops = ((scores + tried[:, None]).argmax(-1) == labels).mean(1)
        bias = tried[tops.argmax()]
    return bias


def matching(scores, labels):
    """As many answers of each class as films, a list of floats."""
    bias, wanted = np.zeros(scores.shape[1]), np.bincount(labels, minlength=scores.shape[1]) + 1
    for _ in range(200):
        answered = np.bincount((scores + bias).argmax(1), minlength=len(bias)) + 1
        bias += 0.1 * np.log(wanted / answered)
    return bias.tolist()


def by_gradient(scores, labels):
    scores, labels = torch.as_tensor(scores).float(), torch.as_tensor(labels)
    bias = torch.zeros(scores.shape[1], requires_grad=True)
    descent = torch.optim.Adam([bias], 0.1)
    for _ in range(80):
        descent.zero_grad()
        functional.cross_entropy(scores + bias, labels).backward()
        descent.step()
    return bias


BALANCE_RIGHT = right(
    ch11.REBALANCED,
    climbing,
    matching,
    by_gradient,
    lambda scores, labels: -scores.mean(0),
    lambda scores, labels: -torch.as_tensor(scores).float().median(0).values,
    lambda scores, labels: np.float32(5 - np.median(scores, 0)),
)
BALANCE_WRONG = wrong(
    ch11.REBALANCED,
    (lambda scores, labels: np.zeros(scores.shape[1]), "the same number for all"),
    (lambda scores, labels: -scores.mean(1), "you return a number for each *film*"),
    (lambda scores, labels: -scores.mean(1, keepdims=True), "you return a number for each *film*"),
    (lambda scores, labels: scores / 3, "you return new scores"),
    (lambda scores, labels: scores - scores.mean(0), "you return new scores"),
    (lambda scores, labels: -scores.mean(0, keepdims=True), "the right numbers may be in there"),
    (lambda scores, labels: scores.mean(0), "the wrong way round"),
    (lambda scores, labels: -climbing(scores, labels), "the wrong way round"),
    (
        lambda scores, labels: -5.0 * (np.arange(scores.shape[1]) == scores.mean(0).argmax()),
        "only one class's scores",
    ),
    (
        lambda scores, labels: -np.log(np.bincount(labels, minlength=scores.shape[1]) + 1),
        "those are the shares of classes in the labels",
    ),
    (
        np.errstate(divide="ignore")(
            lambda scores, labels: -np.log(np.bincount(labels, minlength=scores.shape[1]))
        ),
        "a class may have no film here: log 0",
    ),
    (
        lambda scores, labels: (
            -torch.stack(
                [torch.as_tensor(scores)[labels == k, k].mean() for k in range(scores.shape[1])]
            )
        ),
        "0 over 0",
    ),
    (lambda scores, labels: 1.0, None),
    (lambda scores, labels: "K", None),
)


def test_a_number_for_each_class_leaves_map_and_the_worlds_are_uneven():
    for scores, labels in ch11.REBALANCED.drawn:
        others, truths = ch11.balance._worlds()[len(labels)][1]
        there = np.unique(truths)
        hot = np.eye(scores.shape[1])[truths][:, there]
        bias = ch11.balance._of_others(scores, labels)
        both = [metrics.mean_average_precision(s[:, there], hot) for s in (others, others + bias)]
        assert np.isclose(*both, atol=1e-9)
        assert ch11.balance._gain(bias, labels) > 20
    assert set(range(scores.shape[1])) - set(labels)


# over_films


def by_lists(right_ones, film, seed):
    """Loops and lists."""
    lots = np.random.default_rng(seed)
    clips = {}
    for mark, name in zip(right_ones.tolist(), film.tolist(), strict=True):
        clips.setdefault(name, []).append(mark)
    names, accuracies = sorted(clips), []
    for _ in range(1000):
        drawn = [
            mark for k in lots.integers(len(names), size=len(names)) for mark in clips[names[k]]
        ]
        accuracies.append(sum(drawn) / len(drawn))
    return float(np.std(accuracies, ddof=1))


def by_rows(right_ones, film, seed):
    """The rows of the drawn films, joined."""
    lots, names = np.random.RandomState(seed), np.unique(film)
    rows = [np.flatnonzero(film == name) for name in names]
    drawn = lots.choice(len(names), (1000, len(names)))
    return np.std([right_ones[np.concatenate([rows[k] for k in one])].mean() for one in drawn])


def by_torch(right_ones, film, seed):
    right_ones, film = torch.as_tensor(right_ones).float(), torch.as_tensor(film)
    _, which, clips = film.unique(return_inverse=True, return_counts=True)
    hits = torch.zeros(len(clips)).index_add(0, which, right_ones)
    draw = torch.Generator().manual_seed(seed)
    drawn = torch.randint(len(clips), (1000, len(clips)), generator=draw)
    return (hits[drawn].sum(1) / clips[drawn].sum(1)).std()


def plain(right_ones, film, seed):
    lots, size = np.random.default_rng(seed + 99), len(right_ones)
    return np.std([right_ones[lots.integers(size, size=size)].mean() for _ in range(1000)])


def films_drawn(draw=lambda lots, names: lots.choice(names, len(names)), once=False, mean=False):
    def answer(right_ones, film, seed):
        lots, names = np.random.default_rng(seed + 99), np.unique(film)
        hits = {name: right_ones[film == name].sum() for name in names}
        size = {name: (film == name).sum() for name in names}
        found = []
        for _ in range(1000):
            drawn = draw(lots, names)
            drawn = set(drawn) if once else drawn
            if mean:
                found.append(np.mean([hits[name] / size[name] for name in drawn]))
            else:
                found.append(sum(hits[n] for n in drawn) / sum(size[n] for n in drawn))
        return np.std(found)

    return answer


def then_clips(right_ones, film, seed):
    lots, names = np.random.default_rng(seed), np.unique(film)
    rows = [np.flatnonzero(film == name) for name in names]
    found = []
    for _ in range(500):
        drawn = [rows[k] for k in lots.integers(len(rows), size=len(rows))]
        again = [r[lots.integers(len(r), size=len(r))] for r in drawn]
        found.append(right_ones[np.concatenate(again)].mean())
    return np.std(found)


def by_positions(first, safe=False):
    """As many numbers drawn as a range holds, whether or not they name a film."""

    def answer(right_ones, film, seed):
        lots, start = np.random.default_rng(seed), first(film)
        places = int(film.max()) + 1 - start
        clips = [right_ones[film == start + k] for k in range(places)]
        found = []
        for _ in range(400):
            drawn = np.concatenate([clips[k] for k in lots.integers(0, places, places)])
            if len(drawn):
                found.append(drawn.mean())
            elif not safe:
                found.append(np.nan)
        return np.std(found)

    return answer


def over_all_clips(right_ones, film, seed):
    _, which = np.unique(film, return_inverse=True)
    hits = np.bincount(which, right_ones)
    drawn = np.random.default_rng(seed).integers(len(hits), size=(1000, len(hits)))
    return (hits[drawn].sum(1) / len(right_ones)).std()


FILMS_RIGHT = right(ch11.OVER_FILMS, by_lists, by_rows, by_torch, films_drawn())
FILMS_WRONG = wrong(
    ch11.OVER_FILMS,
    (plain, "you draw clips, one by one"),
    (lambda r, f, s: (r.mean() * (1 - r.mean()) / len(r)) ** 0.5, "you draw clips, one by one"),
    (films_drawn(once=True), "a film that is drawn twice"),
    (films_drawn(mean=True), "that is the mean of the films' means"),
    (
        lambda r, f, s: films_drawn(lambda lots, names: lots.choice(names, len(f)))(r, f, s),
        "you draw as many films as there are *clips*",
    ),
    (films_drawn(lambda lots, names: lots.permutation(names)), "nothing scatters"),
    (lambda r, f, s: by_rows(r, f, s) / len(np.unique(f)) ** 0.5, "the standard deviation over"),
    (lambda r, f, s: by_rows(r, f, s) / len(r) ** 0.5, "the standard deviation over"),
    (lambda r, f, s: by_rows(r, f, s) ** 2, "that is a variance"),
    (lambda r, f, s: 100 * by_rows(r, f, s), "as a share of 1"),
    (lambda r, f, s: 3.92 * by_rows(r, f, s), "that is the width of an interval"),
    (lambda r, f, s: (r.mean() * (1 - r.mean()) / len(set(f.tolist()))) ** 0.5, "√(a(1 − a)/films"),
    (then_clips, "you draw films, and then clips"),
    (by_positions(lambda film: 0), "`film` holds names"),
    (by_positions(lambda film: 0, safe=True), "`film` holds names"),
    (by_positions(lambda film: int(film.min())), "`film` holds names"),
    (over_all_clips, "divide by the number of clips that were drawn"),
    (
        lambda r, f, s: films_drawn(lambda lots, names: lots.choice(f, len(names)))(r, f, s),
        "you draw from the column of clips",
    ),
    (lambda r, f, s: 1.5 * by_rows(r, f, s), None),
    (lambda r, f, s: None, None),
)


def test_over_films_agrees_with_what_can_be_derived():
    equal, single, *_ = ch11.OVER_FILMS.drawn
    for right_ones, film, seed in (equal, single):
        share, films = right_ones.mean(), len(np.unique(film))
        assert abs(ch11.draws._true(seed) / (share * (1 - share) / films) ** 0.5 - 1) < 0.03


# leaking


def by_pixels(train, test):
    """The share of pixels that agree but for one factor; loops."""
    found = []
    pictures = [np.median(clip, 0) + 1 for clip in train]
    for clip in test:
        own = np.median(clip, 0) + 1
        ratios = [own / picture for picture in pictures]
        agree = [(abs(ratio / np.median(ratio) - 1) < 0.05).mean() for ratio in ratios]
        found.append(max(agree) > 0.55)
    return found


def by_neighbours(train, test):
    """Neighbours in rows and in columns, of the middle frame; torch."""
    bits = []
    for clips in (train, test):
        grey = torch.as_tensor(clips)[:, 4].float().mean(-1)
        along, down = grey.diff(dim=2) > 0, grey.diff(dim=1) > 0
        bits.append(torch.cat([along.flatten(1), down.flatten(1)], 1).float())
    return torch.cdist(bits[1], bits[0], p=0).amin(1) / bits[0].shape[1] < 0.32


def by_any_frame(train, test):
    a, b = ((np.diff(c[:, ::3].mean(-1), axis=3) > 0) for c in (train, test))
    apart = [[(x[:, None] != y).mean((2, 3)).min() for x in a] for y in b]
    return (np.min(apart, 1) < 0.28).astype(int)


def pages_signature(limit):
    def bits(clips):
        grey = torch.from_numpy(clips[:, 4].mean(-1))
        small = functional.adaptive_avg_pool2d(grey, (8, 9))
        return (small[..., 1:] > small[..., :-1]).flatten(1).float()

    return lambda train, test: (bits(test)[:, None] != bits(train)).sum(-1).amin(1).numpy() <= limit


def correlated(limit, of=lambda clips: np.median(clips, 1)):
    def answer(train, test):
        a, b = (of(clips).reshape(len(clips), -1) for clips in (train, test))
        return np.corrcoef(b, a)[: len(b), len(b) :].max(1) > limit

    return answer


def near(limit, of):
    def answer(train, test):
        a, b = (of(clips).reshape(len(clips), -1).astype(float) for clips in (train, test))
        return np.array([abs(a - one).mean(1).min() < limit for one in b])

    return answer


def squares(limit):
    """The root mean square distance of mean pictures, in the light that they have."""

    def answer(train, test):
        a, b = (clips.mean(1).reshape(len(clips), -1) for clips in (train, test))
        return np.sqrt(((b[:, None] - a) ** 2).mean(-1)).min(1) < limit

    return answer


def even_light(clips):
    pictures = clips.mean(1)
    return pictures / pictures.mean((1, 2, 3), keepdims=True)


def hue(clips):
    colour = clips.mean((1, 2, 3))
    return colour / colour.sum(1, keepdims=True)


def after_gain(limit):
    """The mean error of mean pictures after the best factor."""

    def answer(train, test):
        a, b = (clips.mean(1).reshape(len(clips), -1) for clips in (train, test))
        return np.array([min(abs(y - (x @ y) / (x @ x) * x).mean() for x in a) < limit for y in b])

    return answer


def agreeing(train, test):
    """A good score: the share of values of the picture without motion that one factor explains."""
    a, b = (np.median(clips, 1).reshape(len(clips), -1) for clips in (train, test))
    factors = [*np.linspace(0.78, 0.92, 8), *np.linspace(1.08, 1.22, 8)]
    return np.array([max((abs(g * a - y) < 6).mean(1).max() for g in factors) for y in b])


def of_them(score, share):
    return score >= np.sort(score)[-int(share * len(score))]


LEAK_RIGHT = right(
    ch11.LEAKING,
    lambda *c: agreeing(*c) > 0.53,
    by_pixels,
    by_neighbours,
    by_any_frame,
    lambda *c: np.array(by_pixels(*c)),
)
LEAK_WRONG = wrong(
    ch11.LEAKING,
    (pages_signature(16), "64 bits of the middle frame"),
    (pages_signature(10), "64 bits of the middle frame"),
    (pages_signature(20), "64 bits of the middle frame"),
    (correlated(0.97), "the light is taken out, but the few"),
    (correlated(0.7), "the light is taken out, but the few"),
    (correlated(0.9, lambda clips: clips.mean(1)), "the light is taken out, but the few"),
    (correlated(0.8, lambda clips: clips[:, 4]), "the light is taken out, but the few"),
    (near(0.2, even_light), "the light is taken out, but the few"),
    (near(31, lambda clips: clips.mean(1)), "mean pictures, pixel by pixel"),
    (near(38, lambda clips: clips.mean(1)), "the light has changed"),
    (squares(31), "mean pictures, pixel by pixel"),
    (squares(34), "mean pictures, pixel by pixel"),
    (squares(42), "mean pictures, pixel by pixel"),
    (near(0.02 / 3, hue), "a mean colour without the light"),
    (after_gain(16), "the light is taken out, but a mean error"),
    (after_gain(18), "the light is taken out, but a mean error"),
    (lambda *c: of_them(agreeing(*c), 0.4), "leaking clips come first, or nearly"),
    (lambda *c: agreeing(*c) >= agreeing(*c).mean(), "leaking clips come first, or nearly"),
    (lambda *c: agreeing(*c) > 0.42, "leaking clips come first, or nearly"),
    (near(20, lambda clips: np.median(clips, 1)), "the light has changed"),
    (near(3, lambda clips: clips.mean((1, 2, 3))), "one mean colour"),
    (near(6, lambda clips: clips.mean((1, 2, 3))), "one mean colour"),
    # `in` asks whether any number is equal anywhere.
    (lambda train, test: np.array([clip in train for clip in test]), "all clips are called"),
    (
        lambda train, test: np.isin([c.tobytes() for c in test], [c.tobytes() for c in train]),
        "nothing is found",
    ),
    (lambda train, test: np.ones(len(test), bool), "all clips are called leaking"),
    (lambda train, test: by_neighbours(test, train), "a bool for each *test* clip"),
    (lambda train, test: ~by_neighbours(train, test), "the wrong way round"),
    (lambda train, test: np.flatnonzero(by_pixels(train, test)), "a bool for each *test* clip"),
    (lambda train, test: None, "a bool for each *test* clip"),
    (lambda train, test: np.arange(len(test)) % 2 == 0, None),
)


def test_a_leaky_split_is_what_its_docstring_says():
    train, test, leaks = ch11.leaky_split(3)
    assert train.shape == (24, 8, 32, 32, 3)
    assert test.shape == (24, 8, 32, 32, 3)
    assert train.dtype == test.dtype == np.uint8
    assert leaks.sum() == 10
    again = ch11.leaky_split(3)
    assert all(np.array_equal(a, b) for a, b in zip((train, test, leaks), again, strict=True))
    assert not np.array_equal(train, ch11.leaky_split(4)[0])
    # Same films: the practice splits are told by what passes the check.
    told = np.asarray(by_pixels(train, test))
    assert told[leaks].mean() >= 0.9 <= (~told)[~leaks].mean()


def test_one_split_of_the_check_does_not_leak():
    assert [int(leaks.sum()) for *_, leaks in ch11.leaks._splits().values()] == [18, 10, 0]


# All.

RIGHT = HMDB_RIGHT + AP_RIGHT + BALANCE_RIGHT + FILMS_RIGHT + LEAK_RIGHT
WRONG = HMDB_WRONG + AP_WRONG + BALANCE_WRONG + FILMS_WRONG + LEAK_WRONG


@pytest.mark.parametrize(("exercise", "answer"), RIGHT)
def test_right_answers_pass(exercise, answer):
    assert exercise.verdict(answer).startswith("✓"), exercise.verdict(answer)


@pytest.mark.parametrize(("exercise", "answer", "hint"), WRONG)
def test_wrong_answers_get_their_hint(exercise, answer, hint):
    expect_wrong(exercise.verdict(answer), hint)


def test_arguments_must_not_be_written_into():
    def emptying(texts, there, split):
        found = by_filters(texts, there, split)
        texts.clear()
        return found

    def sorting(found, truths, tiou):
        found.sort(key=lambda answer: -answer[3])
        return by_recall(found, truths, tiou)

    def centring(scores, labels):
        scores -= scores.mean(0)
        return climbing(scores, labels) - scores.mean(0)

    for exercise, answer in ((ch11.HMDB, emptying), (ch11.DETECTION_AP, sorting)):
        assert "wrote into its argument number 1" in exercise.verdict(answer)
    assert ch11.REBALANCED.verdict(centring).startswith("✗")


def test_a_crash_in_one_case_does_not_skip_the_hint():
    def crashing(answer, when):
        def fragile(*case):
            if when(*case):
                raise RuntimeError("one case")
            return answer(*case)

        return fragile

    for exercise, answer, when, hint in (
        (ch11.HMDB, read(zeros=True), lambda t, h, split: split == 3, "a film with a 0 belongs"),
        (ch11.DETECTION_AP, mended(again=True), lambda f, *_: not f, "one fault is left"),
        (ch11.REBALANCED, lambda s, y: s.mean(0), lambda s, y: len(y) == 300, "the wrong way"),
        (ch11.OVER_FILMS, plain, lambda r, f, s: s == 4, "you draw clips, one by one"),
        (ch11.LEAKING, pages_signature(16), lambda a, b: len(a) == 24, "64 bits"),
    ):
        expect_wrong(exercise.verdict(crashing(answer, when)), hint)


def test_every_misconception_gets_its_own_hint_and_stops_nowhere():
    for exercise in ch11.EXERCISES:
        hints = [wrong_one.hint for wrong_one in exercise.misconceptions]
        assert len(hints) >= 2
        assert all(one != other for one, other in pairwise(sorted(hints)))
        for wrong_one in exercise.misconceptions:
            verdict = exercise.verdict(wrong_one.answer)
            assert verdict.endswith(wrong_one.hint), wrong_one.hint
            assert "stopped" not in verdict

import math
from itertools import pairwise, permutations

import numpy as np
import pytest
import torch
from verdicts import expect_wrong, right, wrong

from lecturekit import localization, metrics, puppets, shapes
from lecturekit.exercises import ch10
from lecturekit.exercises.ch10 import films, people
from lecturekit.exercises.ch10.by_hand import WORDS

# Numbers and claims.


def test_two_ways_is_what_torch_computes():
    clips = torch.tensor([[8.0, 1, 1], [2, 9, 9]]).log()
    added = clips + torch.tensor([[0], [math.log(3)]])
    shares = clips.softmax(1)[:, 0]
    computed = (
        shares[0],
        clips[0, 0].sigmoid(),
        shares.mean(),
        clips.mean(0).softmax(0)[0],
        added.softmax(1)[:, 0].mean(),
        added[1, 0].sigmoid(),
    )
    assert np.allclose(computed, ch10.TWO_WAYS.answer)


@pytest.mark.parametrize(
    "answer",
    [(0.8, 0.889, 0.45, 0.4, 0.45, 0.857), [4 / 5, 8 / 9, 9 / 20, 2 / 5, 9 / 20, 6 / 7]],
)
def test_two_ways_right(answer):
    assert ch10.TWO_WAYS.verdict(answer).startswith("✓")
    assert ch10.TWO_WAYS.verdict(np.float32(answer)).startswith("✓")


@pytest.mark.parametrize(
    ("answer", "hint"),
    [
        ((0.889, 0.8, 0.45, 0.4, 0.45, 0.857), "the first: that asks A alone"),
        ((0.8, 0.889, 0.4, 0.45, 0.4, 0.857), "the means are exchanged"),
        ((0.8, 0.889, 0.45, 0.471, 0.45, 0.857), "the fourth: that is the softmax of the *sum*"),
        ((0.8, 0.889, 0.45, 0.333, 0.45, 0.857), "the fourth: you took the mean of e"),
        ((0.8, 0.889, 0.45, 0.4, 0.515, 0.857), "the fifth: three classes"),
        ((0.8, 0.889, 0.45, 0.4, 0.6, 0.857), "the fifth: the same is added"),
        ((0.8, 0.889, 0.45, 0.4, 0.55, 0.857), "the fifth: A's share in clip 2 does not"),
        ((0.8, 0.889, 0.45, 0.4, 0.873, 0.857), "the fifth: those are sigmoids"),
        ((0.8, 0.889, 0.45, 0.4, 0.45, 0.667), "the sixth: that is the sigmoid before"),
        ((0.8, 0.889, 0.9, 0.4, 0.45, 0.1), "the third: that is the sum"),
        ((80, 88.9, 45, 40, 45, 85.7), "as probabilities"),
        ((0.5, 0.5, 0.5, 0.5, 0.5, 0.5), None),
    ],
)
def test_two_ways_wrong(answer, hint):
    expect_wrong(ch10.TWO_WAYS.verdict(answer), hint)


def test_off_by_is_what_the_library_does():
    centre, end = (localization.stamp_times(9, 64, 16, 25, s) for s in ("centre", "end"))
    late, half, seven, stands, early = ch10.OFF_BY.answer
    assert np.allclose(end - centre, late)
    for length, tiou in ((half, 0.5), (seven, 0.7)):
        assert np.isclose(metrics.temporal_iou((0, length), (late, length + late)), tiou)
    last = shapes.walk([shapes.Conv(1, 4, 2), shapes.Conv(1, 3, 3)], (1, 96))[-1]
    assert np.isclose((last.start[0] + 8 * last.jump[0] + 0.5) / 25, stands)
    assert np.isclose(stands - 8 * last.jump[0] / 25, early)


@pytest.mark.parametrize(
    "answer", [(1.28, 3.84, 7.25, 2.08, 0.16), [32 / 25, 3.84, 7.253, 2.08, 4 / 25]]
)
def test_off_by_right(answer):
    assert ch10.OFF_BY.verdict(answer).startswith("✓")


@pytest.mark.parametrize(
    ("answer", "hint"),
    [
        ((2.56, 7.68, 14.5, 2.08, 0.16), "the first three: that is a whole window"),
        ((0.32, 0.96, 1.81, 2.08, 0.16), "the first three: that is half a *stride*"),
        ((1.26, 3.78, 7.14, 2.08, 0.16), "the first three: the window's 64 frames"),
        ((1.28, 2.56, 4.27, 2.08, 0.16), "the second: moved segment and truth"),
        ((1.28, 3.84, 7.25, 2.06, 0.14), "the fourth: frame i is shown"),
        ((1.28, 3.84, 7.25, 1.92, 0), "the last two: jump · j"),
        ((1.28, 3.84, 7.25, 2.04, 0.12), "the last two: the second layer's"),
        ((1.28, 3.84, 7.25, 1.94, 0.02), "the last two: half a frame is right"),
        ((1.28, 3.84, 7.25, 1.84, 0.16), "the fourth: features count from 0"),
        ((1.28, 3.84, 7.25, 2.08, 4), "the fifth: in seconds"),
        ((1, 2, 3, 4, 5), None),
    ],
)
def test_off_by_wrong(answer, hint):
    expect_wrong(ch10.OFF_BY.verdict(answer), hint)


def beam(width):
    """The most probable sentence that such a beam finds: (probability, words)."""
    open_, done = [(1.0, ("BEGIN",))], []
    while open_:
        grown = [(p * q, (*said, w)) for p, said in open_ for w, q in WORDS[said[-1]].items()]
        best = sorted(grown, reverse=True)[:width]
        done += [one for one in best if one[1][-1] == "END"]
        open_ = [one for one in best if one[1][-1] != "END"]
    return max(done)


def test_best_sentence_is_what_beams_find():
    assert all(np.isclose(sum(row.values()), 1) for row in WORDS.values())
    found = [beam(width) for width in range(1, 9)]
    greedy, of_two, best, smallest, by_word = ch10.BEST_SENTENCE.answer
    assert np.allclose((found[0][0], found[1][0], found[-1][0]), (greedy, of_two, best))
    assert next(k for k, one in enumerate(found, 1) if one == found[-1]) == smallest
    every = [one for one in exhaustive() if one[1][-1] == "END"]
    assert np.isclose(max(every, key=lambda one: one[0] ** (1 / (len(one[1]) - 2)))[0], by_word)
    assert np.isclose(sum(p for p, _ in every), 1)


def exhaustive(said=("BEGIN",), p=1.0):
    yield p, said
    for word, q in WORDS.get(said[-1], {}).items():
        yield from exhaustive((*said, word), p * q)


@pytest.mark.parametrize(
    "answer", [(0.1215, 0.132, 0.2125, 3, 0.108), [0.122, 0.132, 0.213, 3.0, 0.108]]
)
def test_best_sentence_right(answer):
    assert ch10.BEST_SENTENCE.verdict(answer).startswith("✓")


@pytest.mark.parametrize(
    ("answer", "hint"),
    [
        ((0.77, 0.66, 0.55, 3, 0.108), None),
        ((0.27, 0.132, 0.2125, 3, 0.108), "the first: greedy goes on"),
        ((0.1215, 0.18, 0.2125, 3, 0.108), "the second: a beam of two keeps"),
        ((0.1215, 0.132, 0.18, 3, 0.108), "the third: go through"),
        ((0.1215, 0.132, 0.2125, 2, 0.108), "the fourth: after its first word"),
        ((0.1215, 0.132, 0.2125, 9, 0.108), "the fourth: that finds it surely"),
        ((0.1215, 0.132, 0.2125, 3, 0.2125), "the fifth: that wins without"),
        ((0.1215, 0.132, 0.2125, 3, 0.0945), "the fifth: near"),
        ((0.1215, 0.132, 0.2125, 3, 0.476), "the fifth: that is its probability per word"),
        ((0.1215, 0.18, 0.2125, 2, 0.108), "the second: a beam of two keeps"),
    ],
)
def test_best_sentence_wrong(answer, hint):
    expect_wrong(ch10.BEST_SENTENCE.verdict(answer), hint)


def test_judged():
    truth = ch10.JUDGED.right
    assert ch10.JUDGED.verdict(truth).startswith("✓")
    for letter in truth:
        assert f"Hint, {letter}:" in ch10.JUDGED.verdict({**truth, letter: not truth[letter]})
    for same_for_all in (True, False):
        assert not ch10.JUDGED.verdict(dict.fromkeys(truth, same_for_all)).startswith("✓")


# cleaned


def by_label(segments, labels, scores, tiou):
    kept = []
    for label in set(labels.tolist()):
        which = np.flatnonzero(labels == label)
        kept.extend(which[metrics.nms_1d(segments[which], scores[which], tiou)])
    return sorted(kept, key=lambda i: -scores[i])


def far_apart(segments, labels, scores, tiou):
    """Each label in an hour of its own."""
    return metrics.nms_1d(segments + 3600 * labels[:, None], scores, tiou)


def in_torch(segments, labels, scores, tiou):
    left, kept = torch.argsort(scores, descending=True), []
    while len(left):
        best, left = left[0], left[1:]
        kept.append(best)
        shared = torch.minimum(segments[best, 1], segments[left, 1])
        shared = (shared - torch.maximum(segments[best, 0], segments[left, 0])).clamp(min=0)
        length = segments.diff(dim=1)[:, 0]
        overlap = shared / (length[best] + length[left] - shared)
        left = left[(overlap <= tiou) | (labels[left] != labels[best])]
    return torch.stack(kept) if kept else torch.zeros(0, dtype=torch.long)


def by_library(segments, labels, scores, tiou):
    rows = [
        localization.Detection(label, *segment, score)
        for label, segment, score in zip(
            labels.tolist(), segments.tolist(), scores.tolist(), strict=True
        )
    ]
    return [rows.index(row) for row in localization.suppress(rows, tiou)]


def stub(before="kept[-1:]", over="<", label=""):
    """The page's stub, with its lines replaced."""

    def cleaned(segments, labels, scores, tiou):
        kept = []
        for i in np.argsort(-scores):
            rivals = kept[-1:] if before == "kept[-1:]" else kept
            fits = (
                (not label or labels[i] == labels[k])
                and not (
                    metrics.temporal_iou(segments[i], segments[k]) < tiou
                    if over == "<"
                    else metrics.temporal_iou(segments[i], segments[k]) <= tiou
                )
                for k in rivals
            )
            if not any(fits):
                kept.append(i)
        return kept

    return cleaned


def by_matrix(segments, labels, scores, tiou):
    """Who has no better one of its label that it overlaps by more: dropped ones count, too."""
    if not len(labels):
        return []
    over = metrics.temporal_iou(segments, segments) > tiou
    over &= (labels[:, None] == labels) & (scores[:, None] < scores)
    return [i for i in np.argsort(-scores) if not over[i].any()]


def best_by_label(segments, labels, scores, tiou):
    best = [max(np.flatnonzero(labels == k), key=lambda i: scores[i]) for k in set(labels.tolist())]
    return sorted(best, key=lambda i: -scores[i])


CLEANED_RIGHT = right(
    ch10.CLEANED, by_label, far_apart, in_torch, by_library, stub("kept", "<=", "same")
)
CLEANED_WRONG = wrong(
    ch10.CLEANED,
    (stub(), "all three symptoms"),
    (stub(label="same"), "labels are kept apart now"),
    (stub("kept"), "doubles are gone"),
    (stub(over="<="), "the threshold is right now"),
    (stub("kept", "<="), "another action at the same time"),
    (stub(over="<=", label="same"), "each segment is compared with one"),
    (stub("kept", label="same"), "what overlaps by exactly"),
    (lambda *case: sorted(by_label(*case)), "the right ones, but in the order"),
    (lambda s, y, *case: sorted(by_label(s, y, *case), key=lambda i: -y[i]), "the right ones, but"),
    (lambda *case: by_label(*case)[::-1], "the right ones, but the worst"),
    (lambda s, *case: s[by_label(s, *case)], "the segments themselves"),
    (lambda s, *case: [i in by_label(s, *case) for i in range(len(s))], "True or False"),
    (lambda s, y, p, t: metrics.nms_1d(s, p, t), "another action at the same time"),
    (by_matrix, "you compare with all that are better"),
    (best_by_label, "one segment is left of each label"),
    (lambda s, y, p, t: by_label(s, y, -p, t), "the worst comes first"),
    (lambda *case: by_label(*case)[:1], None),
    (lambda *case: [*by_label(*case), 0], None),
    (lambda *case: None, None),
)

# soft_nms


def swapped(segments, scores, sigma):
    """As the paper's code: the best is moved to the front, and what follows is lowered."""
    rows = [
        [i, *segment, p]
        for i, (segment, p) in enumerate(zip(segments.tolist(), scores.tolist(), strict=True))
    ]
    for k in range(len(rows)):
        m = max(range(k, len(rows)), key=lambda i: rows[i][-1])
        rows[k], rows[m] = rows[m], rows[k]
        for row in rows[k + 1 :]:
            row[-1] *= math.exp(-(metrics.temporal_iou(row[1:3], rows[k][1:3]) ** 2) / sigma)
    return [row[-1] for row in sorted(rows)]


def soft_in_torch(segments, scores, sigma):
    lowered, left = scores.float().clone(), torch.ones(len(scores), dtype=torch.bool)
    start, stop = segments.float().unbind(1)
    shared = (torch.minimum(stop[:, None], stop) - torch.maximum(start[:, None], start)).clamp(
        min=0
    )
    overlap = shared / ((stop - start)[:, None] + (stop - start) - shared)
    while left.any():
        best = torch.where(left, lowered, -1).argmax()
        left[best] = False
        lowered = torch.where(left, lowered * torch.exp(-(overlap[best] ** 2) / sigma), lowered)
    return lowered


def soft(factor, *, take=True):
    def answer(segments, scores, sigma):
        scores, left = scores.copy(), list(range(len(scores)))
        while left:
            best = max(left, key=lambda i: scores[i])
            if take:
                left.remove(best)
            for i in left:
                scores[i] *= factor(metrics.temporal_iou(segments[i], segments[best]), sigma)
            if not take:
                left.remove(best)
        return scores

    return answer


def gauss(t, sigma):
    return np.exp(-(t**2) / sigma)


def soft_in_place(segments, scores, sigma):
    scores[:] = swapped(segments, scores, sigma)
    return scores


def over_order(segments, scores, sigma):
    lowered, order = scores.copy(), np.argsort(-scores)
    for k, i in enumerate(order):
        for j in order[k + 1 :]:
            lowered[j] *= gauss(metrics.temporal_iou(segments[i], segments[j]), sigma)
    return lowered


def best_alone(segments, scores, sigma):
    if not len(scores):
        return scores
    factors = gauss(metrics.temporal_iou(segments[scores.argmax()], segments), sigma)
    factors[scores.argmax()] = 1
    return scores * factors


def all_by_all(segments, scores, sigma):
    if not len(scores):
        return scores
    factors = gauss(metrics.temporal_iou(segments, segments), sigma)
    np.fill_diagonal(factors, 1)
    return scores * factors.prod(0)


SOFT_RIGHT = right(ch10.SOFT_NMS, swapped, soft_in_torch, soft(gauss))
SOFT_WRONG = wrong(
    ch10.SOFT_NMS,
    (over_order, "you go by the scores as they were"),
    (soft(gauss, take=False), "the one that is taken is lowered by itself"),
    (soft(lambda t, sigma: np.exp(-t / sigma)), "the tIoU stands squared"),
    (soft(lambda t, sigma: np.exp(-((t / sigma) ** 2))), "tIoU squared over sigma. You"),
    (soft(lambda t, sigma: 1 - t), "a factor of 1 − tIoU"),
    (lambda *case: sorted(swapped(*case), reverse=True), "the right scores, but sorted"),
    (soft_in_place, "right, but you have written into `scores`"),
    (best_alone, "only the best one lowers"),
    (all_by_all, "every segment lowers every other one"),
    (soft(lambda t, sigma: float(t <= 0.5)), "that is NMS itself"),
    (soft(lambda t, sigma: 1 - gauss(t, sigma)), "turned round"),
    (soft(lambda t, sigma: np.exp(-t * t / 2 / sigma / sigma)), "tIoU squared over sigma, as"),
    (lambda s, p, sigma: p * np.exp(-(metrics.temporal_iou(s, s[p.argmax()]) ** 2) / sigma)
     if len(p) else p, None),
    (lambda s, p, sigma: p, None),
    (lambda *case: None, None),
)  # fmt: skip

# followed


def best_of_all(boxes):
    linked = [boxes[0]]
    for now in boxes[1:]:
        overlap = metrics.box_iou(linked[-1], now)
        rows = range(len(now))
        order = max(permutations(rows), key=lambda o: overlap[rows, o].sum())
        linked.append(now[list(order)])
    return torch.as_tensor(np.stack(linked))


def by_columns(boxes):
    """Pairs by falling overlap, until each box has its row."""
    done = [boxes[0].tolist()]
    for now in boxes[1:].tolist():
        overlap = metrics.box_iou(done[-1], now)
        pairs = sorted(np.ndindex(*overlap.shape), key=lambda pair: -overlap[pair])
        row_of = {}
        for row, column in pairs:
            if column not in row_of and row not in row_of.values():
                row_of[column] = row
        done.append([now[c] for c in sorted(row_of, key=row_of.get)])
    return done


def by_centres(boxes):
    linked = [boxes[0]]
    for now in boxes[1:]:
        before, after = ((b[:, :2] + b[:, 2:]) / 2 for b in (linked[-1], now))
        far = [np.hypot(*(before - after[list(o)]).T).sum() for o in permutations(range(len(now)))]
        linked.append(now[list(list(permutations(range(len(now))))[int(np.argmin(far))])])
    return np.stack(linked)


def followed(choose, against="linked"):
    def answer(boxes):
        linked = [boxes[0]]
        for before, now in pairwise(boxes):
            known = {"linked": linked[-1], "first": boxes[0], "given": before}[against]
            linked.append(now[choose(metrics.box_iou(known, now))])
        return np.stack(linked)

    return answer


def each_box_its_row(boxes):
    """The best row for each box, without asking who else has it."""
    linked = np.repeat(boxes[:1], len(boxes), 0)
    for t in range(1, len(boxes)):
        linked[t:] = linked[t - 1]
        linked[t][metrics.box_iou(linked[t - 1], boxes[t]).argmax(0)] = boxes[t]
    return linked


def followed_in_place(boxes):
    boxes[:] = np.asarray(best_of_all(boxes))
    return boxes


FOLLOWED_RIGHT = right(ch10.FOLLOWED, best_of_all, by_columns, by_centres)
FOLLOWED_WRONG = wrong(
    ch10.FOLLOWED,
    (lambda boxes: boxes.copy(), "that is the order in which they came"),
    (lambda boxes: np.stack([b[b[:, 0].argsort()] for b in boxes]), "sorted from left to right"),
    (followed(lambda o: people._assigned(o), "first"), "you compare with frame 0"),
    (followed(lambda o: people._assigned(o), "given"), "you compare with the frame before as it"),
    (followed(lambda o: o.argmax(1)), "two rows took one box"),
    (followed(lambda o: o.argmax(0)), "you look for the best row"),
    (followed(lambda o: np.argsort(people._assigned(o))), "right for two figures, not for three"),
    (each_box_its_row, "each box takes the row"),
    (followed_in_place, "right, but you have written into `boxes`"),
    (lambda boxes: boxes[:, ::-1], None),
    (lambda boxes: boxes[..., :2], None),
    (lambda boxes: None, None),
)


def test_who_is_who_is_settled():
    """The rule gives the figures back, and so does taking the best pair first."""
    for film, (boxes,) in zip(people._films(), ch10.FOLLOWED.drawn, strict=False):
        assert np.allclose(people._right(boxes), film, atol=1e-4)


# refine

CASES = ch10.REFINE.drawn


def joined(scores, times, threshold, gap):
    """Runs above a threshold, joined where fewer than `gap` windows lie between."""
    rows = []
    for film, of_film in enumerate(scores):
        for action, curve in enumerate(of_film.T):
            over = np.flatnonzero(curve >= threshold)
            for part in np.split(over, np.flatnonzero(np.diff(over) > gap) + 1):
                if len(part):
                    start, stop = times[part[0]] - 1 / 16, times[part[-1]] + 1 / 16
                    score = curve[part[0] : part[-1] + 1].mean() * min(1, (stop - start) / 1.5)
                    rows.append((film, action, start, stop, score))
    return rows


def long_ones_first(scores, times):
    """One low threshold, short segments at the end of the list."""
    rows = np.array(joined(scores, times, 0.2, 1))
    return rows[rows[:, 3] - rows[:, 2] > 0.5]


def calm(scores, times, over=9, threshold=0.3, how=np.median):
    return [
        (film, *row)
        for film, of_film in enumerate(scores)
        for row in films.runs(films.smoothed(of_film, over, how), times, threshold)
    ]


def plain(threshold):
    return lambda scores, times: calm(scores, times, 1, threshold)


def by_name(scores, times):
    """Names of actions instead of numbers, as the page's own predictions have them."""
    names = puppets.UNTRIMMED
    return [(film, names[k], *row) for film, k, *row in calm(scores, times)]


def raw(thresholds=(0.5,), longer=0, at_least=0, score=lambda p, length: p, tiou=None):
    """Runs of the scores as they are, stretched, picked, scored anew, with NMS or without."""

    def answer(scores, times):
        rows = []
        for film, of_film in enumerate(scores):
            found = [r for t in thresholds for r in films.runs(of_film, times, t)]
            for action in range(5):
                some = [
                    (a - longer, b + longer, score(p, b - a))
                    for k, a, b, p in found
                    if k == action and b - a >= at_least
                ]
                if tiou and some:
                    table = np.array(some)
                    some = [some[i] for i in metrics.nms_1d(table[:, :2], table[:, 2], tiou)]
                rows += [(film, action, *row) for row in some]
        return rows

    return answer


def every_window(scores, times):
    return [
        (film, k, times[i] - 0.5, times[i] + 0.5, of_film[i, k])
        for film, of_film in enumerate(scores)
        for k in range(5)
        for i in range(0, len(times), 8)
    ]


EIGHT, FIVE = np.arange(1, 9) / 10, (0.1, 0.3, 0.5, 0.7, 0.9)


REFINE_RIGHT = right(
    ch10.REFINE, calm, lambda *case: joined(*case, 0.3, 4), long_ones_first,
    lambda *case: calm(*case, 13, 0.35), by_name,
)  # fmt: skip
REFINE_WRONG = wrong(
    ch10.REFINE,
    (plain(0.5), "that is the page's way"),
    (plain(0.3), "better than the page's way, but"),
    (plain(0.7), "fewer segments, and a lower"),
    (lambda s, t: calm(s, t - 0.5), "moved half a second later"),
    (lambda s, t: calm(s, np.arange(len(t)) / 8), "moved half a second later"),
    (lambda s, t: calm(s, t + 0.5), "moved half a second earlier"),
    (lambda s, t: calm(s, t, 17, 0.25, np.mean), "a quarter of a second shorter"),
    (raw(longer=0.5), "a quarter of a second shorter"),
    (raw(longer=0.4), "a quarter of a second shorter"),
    (raw(longer=-0.35, at_least=0.75), "a quarter of a second longer"),
    (every_window, "all segments have the same length"),
    (raw(EIGHT, score=lambda p, n: p * n, tiou=0.3), "much more is found at 0.3, but"),
    (raw(EIGHT, tiou=0.6), "where one of your segments lies within another"),
    (raw(FIVE, tiou=0.5), "where one of your segments lies within another"),
    (raw(score=lambda p, n: p * n), "the segments are the page's own"),
    (raw(score=lambda p, n: n), "the segments are the page's own"),
    (raw(at_least=1), "your segments are the page's, without some"),
    (raw(at_least=1.5), "your segments are the page's, without some"),
    (raw((0.4,), score=lambda p, n: -p), "at 0.7 that is no better"),
    (lambda s, t: [(f, f"act {k}", *row) for f, k, *row in calm(s, t)], "an action is a number"),
    (lambda s, t: [(*row[:4], 0.5) for row in calm(s, t)], "all have the same score"),
    (lambda s, t: [(0, *row[1:]) for row in calm(s, t)], "all segments are of film 0"),
    (lambda s, t: [r for h in (0.2, 0.3, 0.4) for r in calm(s, t, 9, h)], "many predictions are"),
    (lambda s, t: [(f, k, 8 * a, 8 * b, p) for f, k, a, b, p in calm(s, t)], "some segments end"),
    (lambda s, t: [], "fewer segments"),
    (lambda s, t: [(f, k, b, a, p) for f, k, a, b, p in calm(s, t)], None),
    (lambda s, t: None, None),
    (lambda s, t: 1 / 0, None),
)


def test_an_answer_that_falls_short_is_told_what_it_reached():
    verdict = ch10.REFINE.verdict(plain(0.3))
    for scores, _ in CASES:
        reached = metrics.temporal_map(
            plain(0.3)(scores, CASES[0][1]), films.groups()[len(scores)][1], (0.7,)
        )[0.7]
        wanted = films.base(len(scores))[-1] + 0.08
        told = f"on the {len(scores)} films an mAP of {reached:.3f} at 0.7, wanted {wanted:.3f}"
        assert told in verdict
    assert "\n  Hint: better" in verdict
    for unmeasured in (calm, lambda s, t: None, lambda s, t: 1 / 0, lambda s, t: ...):
        assert "Measured" not in ch10.REFINE.verdict(unmeasured)


def test_no_threshold_is_enough():
    for threshold in np.arange(0.05, 1, 0.05):
        gains = [films._gains(plain(threshold)(*case), case[0])[-1] for case in CASES]
        assert min(gains) < films.GAIN - 0.003, threshold
    assert films.base(90)[-1] == pytest.approx(0.491, abs=5e-4)
    assert films.base(70)[-1] == pytest.approx(0.525, abs=5e-4)


def test_the_stored_truths_are_the_films():
    some = puppets.untrimmed_films("test", 5, seed=10, fps=8, size=32)
    told = [
        (number, puppets.UNTRIMMED.index(action), start / 8, stop / 8)
        for number, film in enumerate(some)
        for action, start, stop, _ in film.segments
    ]
    scores, truths = films.groups()[90]
    assert [row for row in truths if row[0] < 5] == told
    assert scores.shape == (90, 89, 5)
    assert scores.min() >= 0
    assert scores.sum(2).max() < 1.01


FUNCTIONS = (
    (CLEANED_RIGHT, CLEANED_WRONG),
    (SOFT_RIGHT, SOFT_WRONG),
    (FOLLOWED_RIGHT, FOLLOWED_WRONG),
    (REFINE_RIGHT, REFINE_WRONG),
)


@pytest.mark.parametrize(("exercise", "answer"), [one for rights, _ in FUNCTIONS for one in rights])
def test_right_answers_pass(exercise, answer):
    assert exercise.verdict(answer).startswith("✓"), exercise.verdict(answer)


@pytest.mark.parametrize(
    ("exercise", "answer", "hint"), [one for _, wrongs in FUNCTIONS for one in wrongs]
)
def test_wrong_answers_get_their_hint(exercise, answer, hint):
    expect_wrong(exercise.verdict(answer), hint)


def test_a_crash_in_one_case_does_not_skip_the_hint():
    def all_labels_alike(segments, labels, scores, tiou):
        if not len(labels):
            raise RuntimeError("none")
        return metrics.nms_1d(segments, scores, tiou)

    expect_wrong(ch10.CLEANED.verdict(all_labels_alike), "another action at the same time")

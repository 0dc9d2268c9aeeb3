"""Scores of two clips, where features stand, the best sentence: by hand."""

from collections.abc import Callable

from lecturekit.exercises import Derivation, slips_of

# e to the power of the logits: of two clips, of the classes A, B and C.
_FIRST, _SECOND = (8, 1, 1), (2, 9, 9)
_TWO_WAYS = (8 / 10, 8 / 9, (8 / 10 + 2 / 20) / 2, 4 / (4 + 3 + 3), (8 / 10 + 2 / 20) / 2, 6 / 7)

TWO_WAYS = Derivation(
    name="two_ways",
    answer=_TWO_WAYS,
    statement="a softmax does not notice what is added to all logits of a clip, since it cancels; "
    "a sigmoid does",
    slips=[
        (
            (*_TWO_WAYS[:2], _TWO_WAYS[3], _TWO_WAYS[2], _TWO_WAYS[3], _TWO_WAYS[5]),
            "the means are exchanged: the third and the fifth are means of probabilities, the "
            "fourth is the probability of mean logits.",
        ),
        (
            tuple(100 * value for value in _TWO_WAYS),
            "as probabilities, between 0 and 1, not per cent.",
        ),
        *slips_of(
            _TWO_WAYS,
            [
                (0, 8 / 9, "the first: that asks A alone. Exactly one label is true."),
                (0, 1, "the first: those are shares of the logits. It is shares of e to their "
                 "power."),
                (0, 8, "the first: that is e to the logit. A probability is its share of all."),
                (1, 8 / 10, "the second: that is a share among the classes. Here each label is "
                 "asked alone: yes or no."),
                (1, 1 / 9, "the second: that is the probability that A is *not* there."),
                (1, 8, "the second: that is e to the logit, the odds. What is the probability?"),
                (2, 4 / 10, "the third: you took the mean of the logits first. Here it is the "
                 "mean of the probabilities."),
                (2, 9 / 10, "the third: that is the sum over the clips. Divide by how many there "
                 "are."),
                (2, (8 / 9 + 2 / 3) / 2, "the third: those are sigmoids. Exactly one label is "
                 "true."),
                (3, 9 / 20, "the fourth: that is the mean of the probabilities. Here it is the "
                 "logits that are averaged, then comes the softmax."),
                (3, 16 / 34, "the fourth: that is the softmax of the *sum* of the logits. Unlike "
                 "adding the same to all, doubling all logits does change a softmax."),
                (3, 1 / 3, "the fourth: you took the mean of e to the logits. The mean of ln 8 and "
                 "ln 2 is not ln 5."),
                (4, (8 / 10 + 6 / 26) / 2, "the fifth: three classes of clip 2 get the addition. "
                 "You gave it to A alone."),
                (4, (8 / 10 + 6 / 24) / 2, "the fifth: three classes of clip 2 get the addition. "
                 "So e to the logit grows threefold for each."),
                (4, (24 / 26 + 2 / 20) / 2, "the fifth: the addition is in clip 2."),
                (4, 4 / 10, "the fifth: as in the third, the mean of the probabilities."),
                (4, (8 / 10 + 3 * 2 / 20) / 2, "the fifth: A's share in clip 2 does not grow "
                 "threefold, as B and C grow, too."),
                (4, 3 / 5, "the fifth: the same is added to all three logits of clip 2. By how "
                 "much does e to each of them grow, and what becomes of A's share?"),
                (4, (8 / 9 + 6 / 7) / 2, "the fifth: those are sigmoids, as if any number of "
                 "labels could be true."),
                (5, 2 / 3, "the sixth: that is the sigmoid before anything is added. Nothing "
                 "cancels in a sigmoid."),
                (5, 1 / 10, "the sixth: that is a share among the classes. Each label is asked "
                 "alone."),
                (5, 5 / 6, "the sixth: adding ln 3 to a logit multiplies e to its power by 3. You "
                 "added 3."),
                (5, 24 / 25, "the sixth: the addition, and the question, are of clip 2."),
            ],
        ),
    ],
)  # fmt: skip


_OFF_BY = (1.28, 3 * 1.28, 1.28 * 1.7 / 0.3, 52 / 25, 4 / 25)


def _late(seconds: float) -> tuple[float, ...]:
    """All five numbers of somebody who takes segments to be late by this."""
    return seconds, 3 * seconds, seconds * 1.7 / 0.3, *_OFF_BY[3:]


OFF_BY = Derivation(
    name="off_by",
    answer=_OFF_BY,
    statement="half a window is 32 frames; 3d and 17/3 · d; the first feature is centred on frame "
    "1.5 + 1 · 2 = 3.5, and frames last from i to i + 1",
    tolerance=0.003,
    slips=[
        (_late(2.56), "the first three: that is a whole window. Its score belongs to the centre."),
        (_late(0.32), "the first three: that is half a *stride*. How far the windows step does not "
         "matter; how long they are does."),
        (_late(0.64), "the first three: that is the stride. How far the windows step does not "
         "matter; how long they are does."),
        (_late(1.26), "the first three: the window's 64 frames are shown for 64/25 s, from the "
         "start of its first frame to the end of its last. You counted to the start of its "
         "last."),
        (_late(32), "the first three: those are frames. Asked for: seconds."),
        *slips_of(
            _OFF_BY,
            [
                (0, 2.56, "the first: that is a whole window. Where does its score belong?"),
                (0, 0.32, "the first: that is half a stride. The stride does not matter."),
                (0, 0.64, "the first: that is the stride, which does not matter."),
                (0, 1.26, "the first: a window of 64 frames lasts 64/25 s."),
                (0, 32, "the first: in seconds, not in frames."),
                (0, -1.28, "the first: how much *late*, so a positive number."),
                (1, 2.56, "the second: moved segment and truth share L − d, but together they "
                 "cover more than L."),
                (1, 1.28, "the second: with L = d nothing is shared."),
                (1, 5.12, "the second: solve (L − d)/(L + d) = 1/2 again."),
                (2, 1.28 / 0.3, "the third: moved segment and truth share L − d, but together "
                 "they cover more than L."),
                (2, 1.28 / 0.7, "the third: (L − d)/(L + d) must reach 0.7. You have d/L = 0.7."),
                (2, 1.28 * 1.3 / 0.7, "the third: that is the length for a tIoU of 0.3."),
                (3, 51.5 / 25, "the fourth: frame i is shown from i to i + 1. You stopped at the "
                 "start of the frame in the middle."),
                (3, 48 / 25, "the fourth: that is jump · j. Without padding the first feature does "
                 "not stand at 0."),
                (3, 48.5 / 25, "the fourth: jump · j and half a frame. Without padding the first "
                 "feature does not stand at 0."),
                (3, 51 / 25, "the fourth: the second layer's kernel steps over features that are "
                 "two frames apart, so its half reaches two frames, not one."),
                (3, 52.5 / 25, "the fourth: from the middle of its first frame, the middle of a "
                 "kernel of 4 is 1.5 frames away, not 2."),
                (3, 44 / 25, "the fourth: the jumps of two layers multiply, they do not add up."),
                (3, 46 / 25, "the fourth: features count from 0. Number 8 is the ninth."),
                (3, 58 / 25, "the fourth: number 8, counted from 0. You took number 9."),
                (3, 52, "the fourth: in seconds, not in frames."),
                (4, 3.5 / 25, "the fifth: the half frame is missing there, too."),
                (4, 0.5 / 25, "the fifth: half a frame, and besides the start of the first "
                 "feature, which is not 0 without padding."),
                (4, 3 / 25, "the fifth: the second layer's kernel steps over features that are "
                 "two frames apart."),
                (4, 4, "the fifth: in seconds, not in frames."),
                (4, 0, "the fifth: that would be so if all layers had half a kernel of padding, "
                 "and frames lasted no time."),
                (4, -0.16, "the fifth: how much *early*, so a positive number."),
            ],
        ),
        (
            (*_OFF_BY[:3], 48 / 25, 0),
            "the last two: jump · j is where a feature would stand if the first one stood at 0. "
            "Without padding it does not.",
        ),
        (
            (*_OFF_BY[:3], 48.5 / 25, 0.5 / 25),
            "the last two: half a frame is right. But without padding the first feature does not "
            "stand at frame 0.",
        ),
        (
            (*_OFF_BY[:3], 51 / 25, 3 / 25),
            "the last two: the second layer's kernel steps over features that are two frames "
            "apart, so its half reaches two frames, not one.",
        ),
        (
            (*_OFF_BY[:3], 52.5 / 25, 4.5 / 25),
            "the last two: from the middle of its first frame, the middle of a kernel of 4 is 1.5 "
            "frames away, not 2.",
        ),
    ],
)  # fmt: skip


Table = dict[str, dict[str, float]]

WORDS: Table = {
    "BEGIN": {"he": 0.45, "she": 0.3, "they": 0.25},
    "he": {"waves": 0.6, "hops": 0.4},
    "she": {"sits": 0.8, "hops": 0.2},
    "they": {"dance": 1},
    "waves": {"END": 0.45, "slowly": 0.35, "fast": 0.2},
    "sits": {"END": 0.55, "down": 0.45},
    "dance": {"END": 0.85, "slowly": 0.15},
    "hops": {"END": 1},
    "slowly": {"END": 1},
    "fast": {"END": 1},
    "down": {"END": 1},
}
"""The table that the page shows: after each word, the next one's probability."""


def sentences(said: str = "BEGIN") -> dict[tuple[str, ...], float]:
    """All ends of a sentence whose last word this is, END left out, and their probabilities."""
    if said == "END":
        return {(): 1.0}
    return {
        (() if word == "END" else (word, *rest)): p * q
        for word, p in WORDS[said].items()
        for rest, q in sentences(word).items()
    }


def _best(score: Callable[[float, int], float]) -> float:
    """The probability of the sentence whose score, of probability and words, is the highest."""
    every = sentences()
    return every[max(every, key=lambda words: score(every[words], len(words)))]


_BEST_SENTENCE = (
    0.45 * 0.6 * 0.45,
    0.3 * 0.8 * 0.55,
    _best(lambda p, _: p),
    3,
    _best(lambda p, n: p ** (1 / n)),
)

BEST_SENTENCE = Derivation(
    name="best_sentence",
    answer=_BEST_SENTENCE,
    statement="he waves; she sits; they dance, whose first word is only the third; and by word "
    "she sits down",
    tolerance=(0.005, 0.005, 0.005, 0, 0.005),
    slips=slips_of(
        _BEST_SENTENCE,
        [
            (0, 0.27, "the first: greedy goes on until END, and END has a probability, too."),
            (0, 0.45 * 0.6 * 0.35, "the first: after *waves* the likeliest next is END."),
            (0, 0.2125, "the first: greedy looks one word ahead, never at a whole sentence."),
            (0, 0.132, "the first: greedy never leaves the likeliest first word."),
            (1, 0.18, "the second: a beam of two keeps two beginnings *in all*, not two after each "
             "word. After two words, which two are left?"),
            (1, 0.2125, "the second: which two beginnings are kept after the first word?"),
            (1, 0.1215, "the second: that is greedy's. Of the sentences that the beam finishes, "
             "take the most probable."),
            (1, 0.24, "the second: END has a probability, too."),
            (2, 0.18, "the third: go through all sentences. An unlikely first word can have a "
             "certain second one."),
            (2, 0.25, "the third: END has a probability, too."),
            (2, 0.132, "the third: go through all sentences, also those of the least likely first "
             "word."),
            (3, 2, "the fourth: after its first word the sentence of number 3 stands at which "
             "place?"),
            (3, 1, "the fourth: a beam of one is greedy."),
            (3, 4, "the fourth: smaller is enough. After its first word, and after its second, at "
             "which place does the sentence stand?"),
            (3, len(sentences()), "the fourth: that finds it surely. Smaller is enough."),
            (4, 0.2125, "the fifth: that wins without dividing, or if END counts as a word. Take "
             "the root: p to the power of 1 / number of words."),
            (4, 0.45 * 0.6 * 0.35, "the fifth: near, but there is a better one of three words."),
            (4, 0.108 ** (1 / 3), "the fifth: that is its probability per word. Asked for: the "
             "probability of the sentence."),
            (4, 0.18, "the fifth: dividing by the number of words favours long sentences. Compare "
             "those of three words."),
        ],
    ),
)  # fmt: skip

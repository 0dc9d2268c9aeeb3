"""What a pyramid costs from stage to stage, and what masks leave open: by hand."""

from lecturekit.exercises import Derivation, slips_of

_PYRAMID = (400, 100, 1, 1 / 2, 1 / 8)

PYRAMID = Derivation(
    name="pyramid",
    answer=_PYRAMID,
    statement="4 × 10 × 10 and 4 × 5 × 5 places; N · C² stays, Nq · Nk · C halves, and with both "
    "pooled it is 1/4 · 1/4 · 2",
    tolerance=0.001,
    slips=[
        *slips_of(
            _PYRAMID,
            [
                (0, 401, "the first: places are asked for, without CLS."),
                (0, 1600, "the first: those are the places of stage 2."),
                (0, 6400, "the first: those are the places of stage 1. Stage 3 has pooled twice."),
                (0, 800, "the first: the boxes step by two frames: 8 frames give 4 steps."),
                (0, 100, "the first: those are the places at one time, or those of stage 4."),
                (1, 200, "the second: the boxes step by two frames: 8 frames give 4 steps."),
                (1, 392, "the second: those are the keys of 16 frames at 224 × 224."),
                (1, 4, "the second: the stride of 8 is that of stage 1. It halves wherever the "
                 "queries' grid does."),
                (
                    1,
                    400,
                    "the second: the keys are pooled in stage 3, too. What is left of the stride "
                    "of 8 there?",
                ),
                (
                    1,
                    16,
                    "the second: you pool the keys of stage 3 by 8. The stride halves wherever "
                    "the queries' grid does.",
                ),
                (1, 6.25, "the second: by 8 in stage 3, too? The stride halves wherever the "
                 "queries' grid does."),
                (1, 101, "the second: places are asked for, without CLS."),
                (1, 25, "the second: those are the keys at one time. Time is not pooled."),
                (
                    2,
                    4,
                    "the third: those are the weights. Each weight is used once for each token, "
                    "and there are fewer tokens.",
                ),
                (2, 1 / 4, "the third: fewer tokens, but each has more channels, in and out."),
                (2, 1 / 2, "the third: channels count twice, those in and those out."),
                (2, 2, "the third: N falls by four, and C · C grows by how much?"),
                (3, 1 / 4, "the fourth: a quarter of the queries, but each pair compares twice as "
                 "many channels."),
                (3, 1 / 8, "the fourth: the keys are as many as before."),
                (3, 1, "the fourth: Nq · Nk · C. Channels count once here."),
                (3, 1 / 16, "the fourth: the keys are as many as before, and the channels twice "
                 "as many."),
                (4, 1 / 16, "the fifth: the channels are twice as many."),
                (4, 1 / 4, "the fifth: now queries *and* keys fall to a quarter, and Nq · Nk · C "
                 "holds C once."),
                (4, 1 / 2, "the fifth: with the stride kept, a quarter of the places leaves a "
                 "quarter of the keys."),
                (4, 2, "the fifth: with the stride kept, a quarter of the places leaves a quarter "
                 "of the keys, not four times as many."),
            ],
        ),
        (
            (400, 100, 1, 2, 8),
            "the last two: those are this stage over the next. Asked for: the other way round.",
        ),
        (
            (400, 100, 1, 0.125, 0.5),
            "the last two are exchanged: with the stride kept, the keys fall, too.",
        ),
        (
            (800, 200, 1, 0.5, 0.125),
            "the first two: the boxes step by two frames: 8 frames make 4 steps.",
        ),
        (
            (401, 101, 1, 0.5, 0.125),
            "the first two: places are asked for, without CLS.",
        ),
    ],
)  # fmt: skip


# Hidden patches stand at all eight steps alike often; the first and the last have one neighbour.
_RANDOM = (6 * (1 - 0.75**2) + 2 * (1 - 0.75)) / 8
_FRAMES = (6 * (1 - 5 / 7 * 4 / 6) + 2 * (1 - 5 / 7)) / 8
_TWO_TUBES = 2 / 8 * 0.25
_LEFT_OPEN = (_RANDOM, _FRAMES, _TWO_TUBES)

LEFT_OPEN = Derivation(
    name="left_open",
    answer=_LEFT_OPEN,
    statement="the ends have one neighbour; of exactly six hidden frames five are left among the "
    "other seven; and two tubes meet at one border only",
    # Of the third, three decimals or three digits: 0.062, 0.063 and 0.0625.
    tolerance=(0.0015, 0.0015, 0.01),
    slips=[
        *slips_of(
            _LEFT_OPEN,
            [
                (0, 1 - 0.75**2, "the first: either the ends are forgotten (the first and the last "
                 "step have one neighbour), or two chances are added (both may be open)."),
                (0, 0.25, "the first: that is one neighbour. Most steps have two."),
                (0, 0.5, "the first: you add the chances of two neighbours. Both may be open."),
                (0, 1 - 0.75**7, "the first: open at any other time. Asked for: the step before "
                 "or after."),
                (0, 1 - _RANDOM, "the first: that is the share that has no open neighbour."),
                (1, _RANDOM, "the second: exactly two frames are open. Where one frame is hidden, "
                 "how many of the other seven are hidden?"),
                (1, 1 - 0.75**2, "the second: exactly two frames are open, and the first and the "
                 "last have one neighbour. Where one frame is hidden, how many of the other seven "
                 "are?"),
                (1, 1 - 5 / 7 * 4 / 6, "the second: right for a frame in the middle. The first "
                 "and the last have one neighbour."),
                (1, (6 * (1 - 25 / 49) + 2 * (2 / 7)) / 8, "the second: where this frame and one "
                 "neighbour are hidden, four hidden ones are left among six."),
                (1, 1 - _FRAMES, "the second: that is the share that has no open neighbour."),
                (1, 1, "the second: some frame is open, but it need not be a neighbour."),
                (2, 0, "the third: each half is a tube, but at the border of the halves the mask "
                 "changes."),
                (2, 0.25, "the third: only at the border. How many of the eight steps lie there?"),
                (2, 1 / 32, "the third: both steps at the border have a neighbour in the other "
                 "tube: the last of the first half and the first of the other half."),
                (2, 1 / 8, "the third: one step of four lies at the border. With which chance is "
                 "the place open on the other side?"),
                (2, 3 / 16, "the third: that is the share that meets a hidden patch across the "
                 "border."),
                (2, 1 - _TWO_TUBES, "the third: that is the share that has no open neighbour."),
            ],
        ),
        (
            (1 - 0.75**2, 1 - 0.75**2, 0),
            "all three: the first and the last step have one neighbour; exactly two frames are "
            "open; and the two tubes meet at a border.",
        ),
        (
            (1 - 0.75**2, 1 - 5 / 7 * 4 / 6, _TWO_TUBES),
            "the first two: right for a step in the middle. The first and the last have one "
            "neighbour.",
        ),
        (
            (1 - 0.75**2, 1 - 5 / 7 * 4 / 6, 0),
            "the first two: the first and the last step have one neighbour. And the third: at the "
            "border of the halves the mask changes.",
        ),
        (
            (_RANDOM, _FRAMES, 3 / 4 * _TWO_TUBES),
            "the third is of all patches. Asked for is the share of the hidden ones: divide by "
            "3/4.",
        ),
        (
            tuple(3 / 4 * share for share in _LEFT_OPEN),
            "those are shares of all patches. Asked for is the share of the hidden ones: divide "
            "by 3/4.",
        ),
        (
            (7 / 8 * 1 / 4, 7 / 8 * 2 / 7, 1 / 8 * 1 / 4),
            "you look to one side only. Asked for: the step just before *or* just after.",
        ),
        (
            (1 - 0.75**7, 1, 1 / 4),
            "open at *some* time, as the chapter counts it. Here only the step just before or "
            "just after counts.",
        ),
        (
            tuple(100 * share for share in _LEFT_OPEN),
            "as shares, between 0 and 1, not per cent.",
        ),
        (
            (1 - _RANDOM, 1 - _FRAMES, 1 - _TWO_TUBES),
            "those are the shares that have no open neighbour.",
        ),
    ],
)  # fmt: skip

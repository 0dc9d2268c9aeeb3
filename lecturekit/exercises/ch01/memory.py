"""Where a pixel lies, what moves bytes, how many clips fit."""

import numpy as np

from lecturekit.exercises import Claim, Exercise, Judgement, Misconception, Property

_SIZES = {"t": 8, "h": 4, "w": 5, "c": 3}


def _offset(layout: str, t: int, y: int, x: int, c: int, sizes: dict[str, int]) -> int:
    index = dict(zip("thwc", (t, y, x, c), strict=True))
    shape = [sizes[axis] for axis in layout]
    return int(np.ravel_multi_index([index[axis] for axis in layout], shape))


ADDRESS = Exercise(
    name="address",
    cases=[
        ("thwc", 2, 1, 3, 0, _SIZES),
        ("cthw", 2, 1, 3, 1, _SIZES),
        ("tchw", 7, 3, 4, 2, _SIZES),
        ("thwc", 0, 0, 1, 0, _SIZES),
        ("cthw", 0, 0, 0, 2, {"t": 2, "h": 3, "w": 7, "c": 4}),
        ("wtch", 1, 2, 3, 1, _SIZES),
    ],
    properties=[
        Property("a whole number", lambda got, *_: int(got) == got),
        Property(
            "element [index] of the packed tensor lies there",
            lambda got, *case: got == _offset(*case),
        ),
    ],
    misconceptions=[
        Misconception(
            lambda layout, t, y, x, c, sizes: _offset("thwc", t, y, x, c, sizes),
            "this is right for thwc only. The stride of an axis depends on which axes come "
            "after it in the layout.",
        ),
        Misconception(
            lambda layout, t, y, x, c, sizes: _offset(layout[::-1], t, y, x, c, sizes),
            "you multiplied by the sizes before each axis. One step jumps over everything packed "
            "inside it: the sizes after it.",
        ),
        Misconception(
            lambda layout, t, y, x, c, sizes: 1 + _offset(layout, t, y, x, c, sizes),
            "one too far: the first element lies at offset 0.",
        ),
        Misconception(
            lambda layout, t, y, x, c, sizes: sum(
                dict(zip("thwc", (t, y, x, c), strict=True))[axis]
                * int(np.prod([sizes[a] for a in layout[k:]]))
                for k, axis in enumerate(layout)
            ),
            "a stride is the product of the sizes after its axis; yours has the axis's own size in "
            "it as well.",
        ),
        Misconception(
            lambda layout, t, y, x, c, sizes: int(
                np.ravel_multi_index(
                    [index % sizes[axis] for index, axis in zip((t, y, x, c), layout, strict=True)],
                    [sizes[axis] for axis in layout],
                )
            ),
            "t, y, x and c come in this order whatever the layout is. Find out first which index "
            "belongs to which letter.",
        ),
    ],
)

MOVES_BYTES = Judgement(
    name="moves_bytes",
    claims={
        "a": Claim(
            False,
            "the stride of t doubles; the first byte stays.",
            "which strides would describe every second frame? Are they whole numbers?",
        ),
        "b": Claim(
            True,
            "a list may hold any frames, so NumPy always copies for it.",
            "[::2] is a rule with one stride. What could the list have been instead?",
        ),
        "c": Claim(
            False,
            "NumPy takes a stride of −1.",
            "a stride is a whole number, and the statement does not say that it is positive.",
        ),
        "d": Claim(
            False,
            "the same strides in another order.",
            "compare with the output of the cell that prints the strides of four layouts.",
        ),
        "e": Claim(
            True,
            "red, green, red, …: one stride cannot run through a whole colour and then start the "
            "next.",
            "all numbers in one row, colour after colour: would one stride do? Try .view(-1), "
            "which refuses to copy.",
        ),
        "f": Claim(
            False,
            "it is contiguous already: contiguous() gives it back as it is.",
            "what is left to do for a tensor that is contiguous already?",
        ),
        "g": Claim(
            False,
            "only axes change place, as in permute.",
            "einops does here what permute does. What did permute move?",
        ),
        "h": Claim(
            False,
            "of one colour, t, h and w follow each other at a stride of 3: one stride does.",
            "write down the strides after the permute. Can t, h and w be walked through in steps "
            "of one size?",
        ),
    },
)


def _whole_clips(gigabytes: float, num_frames: int, height: int, width: int) -> int:
    return int(gigabytes * 1e9 // (num_frames * height * width * 3 * 4))


CLIPS_THAT_FIT = Exercise(
    name="clips_that_fit",
    cases=[(16, 16, 224, 224), (1, 8, 112, 112), (0.5, 32, 256, 340), (0.001, 64, 224, 224)],
    properties=[
        Property("a whole number", lambda got, *_: int(got) == got),
        Property("that many fit", lambda got, gb, t, h, w: got * t * h * w * 12 <= gb * 1e9),
        Property(
            "one more does not fit", lambda got, gb, t, h, w: (got + 1) * t * h * w * 12 > gb * 1e9
        ),
    ],
    misconceptions=[
        Misconception(
            lambda gb, t, h, w: int(gb * 1e9 // (t * h * w * 4)),
            "three times too many: a pixel is three numbers.",
        ),
        Misconception(
            lambda gb, t, h, w: int(gb * 1e9 // (t * h * w * 3)),
            "four times too many: a float32 takes four bytes.",
        ),
        Misconception(
            lambda gb, t, h, w: _whole_clips(gb, t, h, w) + 1,
            "one too many: round down. A clip that fits by half does not fit.",
        ),
        Misconception(
            lambda gb, t, h, w: gb * 1e9 / (t * h * w * 12),
            "whole clips only: round down.",
        ),
        Misconception(
            lambda gb, t, h, w: int(gb * 2**30 // (t * h * w * 12)),
            "that counts 2³⁰ bytes, which is a gibibyte. Here a gigabyte is 10⁹ bytes.",
        ),
        Misconception(
            lambda gb, t, h, w: int(gb * 1e9 // (t * h * w * 24)),
            "eight bytes are a float64. A float32 takes four.",
        ),
    ],
)

"""How many different answers an architecture can give to the orders of six frames."""

from lecturekit.exercises import Derivation, slips_of

_DIFFERENT = (6, 20, 30, 120, 360)
_PAIRS = "the fourth: inside a token the order counts. Which tokens come first does not."
_FOLD = "the fifth: an order and its reverse get the same scores, no other two do."

DIFFERENT = Derivation(
    name="different",
    answer=_DIFFERENT,
    statement="720 orders; alike are 120 with the same middle frame, 36 with the same three frames "
    "at 0, 2 and 4, 24 with the same frames at 0 and 3, the 6 orders of three tokens, and an order "
    "and its reverse",
    tolerance=0.0,
    slips=[
        (
            (120, 36, 24, 6, 2),
            "those are how many orders get the *same* scores. How many different ones are left of "
            "720?",
        ),
        *slips_of(
            _DIFFERENT,
            [
                (0, 1, "the first: it reads one frame. How many frames may stand there?"),
                (0, 720, "the first: what the other five do is nothing to it."),
                (1, 1, "the second: it does not read all six. Which three it reads, it sees."),
                (1, 120, "the second: those are 6 · 5 · 4, in order. An average knows no order."),
                (1, 6, "the second: that is the orders of three frames. Which three, of six?"),
                (2, 15, "the third: which two it reads, without their order. Its kernels see the "
                 "order."),
                (2, 36, "the third: a frame stands at one place only, so the second has five "
                 "left."),
                (3, 720, _PAIRS),
                (3, 90, "the fourth: you leave out the order inside all tokens. "
                 "It is the tokens' order that is not seen."),
                (3, 15, "the fourth: that is which frames pair up. Inside a pair the order is "
                 "seen."),
                (3, 1, "the fourth: a set of *tokens*. Each holds two frames, in their order."),
                (4, 720, _FOLD),
                (4, 1, "the fifth: three moments under a kernel; only the whole film reversed "
                 f"gives the same. {_FOLD[11:].capitalize()}"),
            ],
        ),
    ],
)  # fmt: skip

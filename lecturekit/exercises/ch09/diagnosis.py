"""Attention with one of four bugs, told by what comes out."""

from collections.abc import Callable

import torch
from einops import rearrange
from torch.nn import functional

from lecturekit.exercises import Exercise, Misconception, Property

Look = Callable[[torch.Tensor, torch.Tensor, torch.Tensor], torch.Tensor]

WORDS = ("fine", "scale", "axis", "fold", "dropout")

_BUG_OF: dict[Look, str] = {}


def _look_with(bug: str) -> Look:
    """Attention in time of ``b t s d``, with a bug of ``WORDS``."""

    def look(q: torch.Tensor, k: torch.Tensor, v: torch.Tensor) -> torch.Tensor:
        clips = len(q)
        q, k, v = (rearrange(x, "b t s d -> (b s) t d") for x in (q, k, v))
        scores = q @ k.mT / (1 if bug == "scale" else q.shape[-1] ** 0.5)
        weights = scores.softmax(-2 if bug == "axis" else -1)
        if bug == "dropout":
            weights = functional.dropout(weights, 0.2)
        unfold = "(s b) t d -> b t s d" if bug == "fold" else "(b s) t d -> b t s d"
        return rearrange(weights @ v, unfold, b=clips)

    _BUG_OF[look] = bug
    return look


def _bug_of(look: Look) -> str:
    return _BUG_OF[look]


def _says(*, instead: dict[str, str]) -> Callable[[Look], str]:
    """An answer that takes some bugs for others."""
    return lambda look: instead.get(_bug_of(look), _bug_of(look))


def _takes(bug: str, *others: str) -> Callable[..., bool]:
    """The symptom: one bug is taken for another, or for one of several."""
    return lambda got, look: _bug_of(look) == bug and got in others


DIAGNOSE = Exercise(
    name="diagnose",
    library="torch",
    cases=[
        (_look_with(bug,),)
        for bug in ("fold", "fine", "dropout", "scale", "axis", "fine", "dropout", "fold")
    ],
    properties=[
        Property(
            f"one of the words {', '.join(WORDS)}",
            lambda got, _: got in WORDS,
        ),
        Property(
            "the name of its bug, or “fine”",
            lambda got, look: got == _bug_of(look),
        ),
    ],
    misconceptions=[
        Misconception(
            _says(instead={"fold": "fine"}),
            "you take a wrong fold for fine. With one clip, one place, or clips that are alike, it "
            "is right.",
            _takes("fold", "fine"),
        ),
        Misconception(
            _says(instead={"scale": "fine"}),
            "you take a missing scale for fine. Choose one query and two keys whose weights you "
            "can work out by hand. (For d = 1, numbers near 0, or keys that are all alike, it does "
            "not show.)",
            _takes("scale", "fine"),
        ),
        Misconception(
            _says(instead={"axis": "fine"}),
            "you take the wrong axis for fine. If the queries are alike and the keys are alike, "
            "all weights are alike, along either axis. Only the values may be.",
            _takes("axis", "fine"),
        ),
        Misconception(
            _says(instead={"dropout": "fine"}),
            "you take dropout for fine. Ask the same question twice, with enough tokens: of a "
            "handful, it may leave all. (A seed set anew before each call drops the same weights.)",
            _takes("dropout", "fine"),
        ),
        Misconception(
            _says(instead={"dropout": "axis"}),
            "you take dropout for the wrong axis: with it the weights do not sum to 1 either. "
            "Which test must come first? (A seed set anew before each call hides dropout.)",
            _takes("dropout", "axis"),
        ),
        Misconception(
            _says(instead={"dropout": "fold"}),
            "you take dropout for a wrong fold: with it the first clip's answer changes by "
            "itself. Which test must come first? (A seed set anew before each call hides dropout.)",
            _takes("dropout", "fold"),
        ),
        Misconception(
            _says(instead={"dropout": "scale"}),
            "you take dropout for a missing scale: with it no weight is what it should be. Which "
            "test must come first? (A seed set anew before each call hides dropout.)",
            _takes("dropout", "scale"),
        ),
        Misconception(
            _says(instead={"axis": "scale"}),
            "you take the wrong axis for a missing scale: it changes every weight, too. What is "
            "still true of the rows if only the scale is missing?",
            _takes("axis", "scale"),
        ),
        Misconception(
            _says(instead={"scale": "axis"}),
            "you take a missing scale for the wrong axis. Its rows still sum to 1: if all values "
            "are the same, so is each output.",
            _takes("scale", "axis"),
        ),
        Misconception(
            _says(instead={"fold": "scale"}),
            "you take a wrong fold for a missing scale. Test the scale on one clip, where no fold "
            "can do harm, or test the fold before.",
            _takes("fold", "scale"),
        ),
        Misconception(
            _says(instead={"fold": "axis"}),
            "you take a wrong fold for the wrong axis. Test the axis with one value for all "
            "clips, or on one clip.",
            _takes("fold", "axis"),
        ),
        Misconception(
            _says(instead={"fine": "fold"}),
            "you find a wrong fold where there is none. Change nothing but the second clip, and "
            "compare nothing but the first, to rounding (`torch.allclose`).",
            _takes("fine", "fold"),
        ),
        Misconception(
            _says(instead={"fine": "scale"}),
            "you find the scale missing where it is not. Work your example out again, with √d; or, "
            "does your reference look along time? On `b t s d` torch's function looks along s.",
            _takes("fine", "scale"),
        ),
        Misconception(
            _says(instead={"fine": "axis"}),
            "you find the wrong axis where it is right. Compare to rounding (`torch.allclose`).",
            _takes("fine", "axis"),
        ),
        Misconception(
            _says(instead={"axis": "scale", "fold": "scale", "dropout": "scale"}),
            "any bug makes the answer differ from a reference. Leave the scale to the last, when "
            "the others are ruled out.",
            lambda got, look: got == "scale" and _bug_of(look) != "fine",
        ),
        Misconception(
            _says(instead={"fold": "scale", "scale": "fold"}),
            "with one clip the wrong fold is right, so whatever differs there is no fold. Test the "
            "fold with two.",
            lambda got, look: {got, _bug_of(look)} == {"fold", "scale"},
        ),
        Misconception(
            _says(instead={"axis": "scale", "fold": "axis"}),
            "with queries of zero all weights are 1/T, along either axis, so that is no test of "
            "the axis. Let the values be alike, and the queries not.",
            lambda got, look: (_bug_of(look), got) in (("axis", "scale"), ("fold", "axis")),
        ),
        Misconception(
            _says(instead={"fine": "axis", "axis": "fine"}),
            "that the sum over the outputs is that over the values holds if the *columns* sum to "
            "1: it is the mark of the bug, not of its absence.",
            lambda got, look: _bug_of(look) == "axis" or (_bug_of(look), got) == ("fine", "axis"),
        ),
        Misconception(
            _says(instead={"scale": "fine", "axis": "fine"}),
            "you take a missing scale and a wrong axis for fine. With one moment, or with numbers "
            "near 0, all weights are alike, and neither shows.",
            lambda got, look: got == "fine" and _bug_of(look) in ("scale", "axis"),
        ),
        Misconception(
            _says(instead={"scale": "fine", "fold": "fine"}),
            "you take several bugs for fine. Does your question have several clips, several "
            "moments, and numbers of a spread of 1?",
            lambda got, look: got == "fine",
        ),
        Misconception(
            lambda look: "fine",
            "you call all of them fine.",
        ),
    ],
)  # fmt: skip

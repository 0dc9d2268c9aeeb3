"""What a report of probes shows, and what it does not."""

from lecturekit.exercises import Claim, Judgement

JUDGED = Judgement(
    name="judged",
    claims={
        "a": Claim(
            False,
            "no answer changed, but a score moved by 0.4. It sees something of it.",
            "look at the other column of the same row.",
        ),
        "b": Claim(
            True,
            "late fusion keeps its scores for any order of the frames, with any weights. Here they "
            "moved by 5.1.",
            "which row would late fusion have to leave as it is, by its theorem?",
        ),
        "c": Claim(
            False,
            "240 clips and one set of weights. For all weights a proof is needed; other weights of "
            "this architecture may see the side.",
            "how many weights, and how many clips, has the report tried?",
        ),
        "d": Claim(
            True,
            "no score moved by more than rounding, and that is all it says.",
            "does this claim reach further than the row?",
        ),
        "e": Claim(
            False,
            "it may just not have learned. Its scores do move when a film is reversed, so nothing "
            "in its architecture forbids it.",
            "there are two ways to come to one half. Which does the row *reverse* leave open?",
        ),
        "f": Claim(
            False,
            "perhaps; but clips with one flat colour were never shown in training, and it may "
            "stumble over what is new to it.",
            "what else is new to the network in a clip with a blank background?",
        ),
        "g": Claim(
            False,
            "the theorem is true of films that stand still. What a start from pictures is worth "
            "on films that move was measured, and shrinks as clips grow many.",
            "of which films does the theorem speak?",
        ),
        "h": Claim(
            True,
            "blindness by architecture holds for any weights. One set of weights that sees is "
            "enough against it.",
            "how many counterexamples does a statement about *all* weights need?",
        ),
    },
)

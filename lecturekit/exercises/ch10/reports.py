"""What the numbers of four heads show, and what they do not."""

from lecturekit.exercises import Claim, Judgement

JUDGED = Judgement(
    name="judged",
    claims={
        "a": Claim(
            False,
            "trimmed clips hold no idle stretches and no boundaries. A classifier that was never "
            "asked whether anything happens may answer with an action everywhere.",
            "which question do trimmed clips never ask? Most of an untrimmed film asks it.",
        ),
        "b": Claim(
            True,
            "at 0.3 they count as right: the label fits, and so does the place, roughly. Stamps "
            "are a fault that does just this, and cheap to look at.",
            "what did half a window cost at 0.3, and at 0.7? Which kind of error is it at 0.7?",
        ),
        "c": Claim(
            False,
            "a double has its label and its boundaries right; a better one has the truth already. "
            "Without it, as many truths are found as before.",
            "what was found before the double came? How many truths would be found without it?",
        ),
        "d": Claim(
            True,
            "the head reads the mean over the picture, which is one vector for both. So both get "
            "the same scores: one of two, by chance.",
            "which numbers does this head get for the one box, and which for the other?",
        ),
        "e": Claim(
            False,
            "its input was the annotators' boxes. A detector misses people and puts boxes aside; "
            "what that costs was not measured.",
            "whose boxes were put in here, and whose on the street?",
        ),
        "f": Claim(
            False,
            "averaging gives the same sentence; the same sentence does not show averaging. An "
            "encoder that reads in order can give it, too, if this decoder makes nothing of it.",
            "from *if it averages, then the same sentence* does not follow *if the same sentence, "
            "then it averages*.",
        ),
        "g": Claim(
            False,
            "the beam found what the network finds more probable. It was not more often right.",
            "compare the two rows of the last column. What is a beam better at?",
        ),
        "h": Claim(
            True,
            "the softmax has these five words only, and its answers sum to 1: one of them gets at "
            "least a fifth.",
            "can five probabilities that sum to 1 all be small?",
        ),
    },
)

"""What the results of two-stream networks show."""

from lecturekit.exercises import Claim, Judgement

JUDGED = Judgement(
    name="judged",
    claims={
        "a": Claim(
            True,
            "flow is ahead in the first row, the picture in the three others.",
            "compare the columns “picture” and “flow” in the first row and in the second.",
        ),
        "b": Claim(
            False,
            "to the better stream fusion adds the least on UCF-101, in the first row.",
            "subtract the better stream from “both”, row by row.",
        ),
        "c": Claim(
            False,
            "another network, other training and another part of the data (validation, not test): "
            "the segments are one difference of many.",
            "what else differs between the two networks, and between the clips they were asked?",
        ),
        "d": Claim(
            True,
            "independent errors would meet on 0.2 · 0.3 = 6 % of the clips; 10 % is more.",
            "on what share of clips would both be wrong if their errors had nothing to do with "
            "each other?",
        ),
        "e": Claim(
            False,
            "a weight chosen on the test clips fits their chance as well; the same clips then "
            "praise it.",
            "could a weight be best on these clips by chance, and would this number show it?",
        ),
        "f": Claim(
            False,
            "one point, on 101 classes, with streams that err more: the puppets show no gain "
            "that holds over the seeds.",
            "look at the range of the paired differences over five seeds.",
        ),
    },
)

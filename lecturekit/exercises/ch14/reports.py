"""What a table of few labels shows, and what it does not."""

from lecturekit.exercises import Claim, Judgement

JUDGED = Judgement(
    name="judged",
    claims={
        "a": Claim(
            False,
            "two games, not one: random masks leave something to copy, so their loss falls lower "
            "for anyone. Beside its own copy, each stands otherwise.",
            "is the same thing hidden in both rows? What does a copy lose in each?",
        ),
        "b": Claim(
            True,
            "0.55 of flat where copying has 0.40.",
            "compare the first two columns of the third row.",
        ),
        "c": Claim(
            False,
            "42 to 52 with ten labels, in every one of the paired runs. A loss says how well the "
            "game is played, not what was learned on the way.",
            "look at what comes after pretraining: the columns of fine-tuning.",
        ),
        "d": Claim(
            False,
            "an encoder that never learned gives 31 ± 2: random features already tell some "
            "actions apart.",
            "what does a probe reach on features that nobody trained?",
        ),
        "e": Claim(
            True,
            "+10 (+7 … +12) with 10 labels, +1 (−1 … +2) with 400, on the same seeds.",
            "read the paired differences of the last row, with their lowest and highest.",
        ),
        "f": Claim(
            False,
            "that run is not in the table: from nothing had a tenth of the steps. Longer training "
            "might close some of the gap, or none.",
            "how many steps did each row have, in all? Which run would decide this?",
        ),
        "g": Claim(
            True,
            "along time there is a first change between hidden and open, and at a change a hidden "
            "patch has an open neighbour.",
            "write down one place along time, h for hidden and o for open, with both in it. Can "
            "you keep every h away from every o?",
        ),
        "h": Claim(
            False,
            "it reads three frames *after* the one that it joins. A buffer keeps what was; it "
            "cannot hold what is still to come. It must wait, or be trained anew as causal.",
            "which frames does the lateral read? Are all of them there already?",
        ),
    },
)

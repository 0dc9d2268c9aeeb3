"""What proofs and tables of pathways show."""

from lecturekit.exercises import Claim, Judgement

JUDGED = Judgement(
    name="judged",
    claims={
        "a": Claim(
            False,
            "one half is the average for any width and any number of clips.",
            "what did the proof assume about the size of the network, or of its training set?",
        ),
        "b": Claim(
            True,
            "a network that only averages over the four frames is right on one half: walk and run "
            "have the same poses. The order of the frames is all that is left.",
            "read the table under “Walk and run” line by line: who can be above one half?",
        ),
        "c": Claim(
            False,
            "the proof is about a network that sees every eighth frame. SlowFast sees all, and "
            "in other seeds it tells them apart; this training failed.",
            "which frames does the network of the proof see? What did the other seeds do?",
        ),
        "d": Claim(
            False,
            "one run each, 0.2 apart, and no spread is given: another start might turn them round.",
            "how many runs stand behind each number, and how far do two runs lie apart?",
        ),
        "e": Claim(
            True,
            "an odd number of cycles visits the same 32 phases, in another order. Single frames, "
            "averaged, cannot tell.",
            "write down the phases 3k/32 and k/32, for k from 0 to 31, whole cycles taken off. "
            "Which of them occur?",
        ),
        "f": Claim(
            False,
            "with α = 4 it reads every frame that it reads with α = 8, and those between. It could "
            "do as well; this training did not teach it.",
            "compare the frames that Slow reads with α = 8 with those it reads with α = 4.",
        ),
        "g": Claim(
            True,
            "1 · 1/2 for the one, 1/2 · 1 for the other: both are right on half of the clips. Only "
            "by cue do they differ.",
            "what is the accuracy over all four actions of each of the two networks?",
        ),
    },
)

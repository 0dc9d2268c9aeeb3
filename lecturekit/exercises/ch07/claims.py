"""Which networks are blind to order, and what a start from pictures was worth."""

from lecturekit.exercises import Claim, Judgement

BLIND = Judgement(
    name="blind",
    claims={
        "a": Claim(
            True,
            "reversed maps hold the same numbers in another order: their largest is the same.",
            "the proof asks one thing of the last step: that the order of the moments does not "
            "matter to it.",
        ),
        "b": Claim(
            True,
            "of eight frames the pairs are (0, 1), (2, 3), (4, 5), (6, 7). Reversed, the same "
            "frames meet in pairs, so the maps are reversed as before.",
            "write down which frames meet in a pair, in the clip and in its reverse.",
        ),
        "c": Claim(
            False,
            "of seven frames the last one is left over. In the reversed clip another one is.",
            "write down which frames meet in a pair, in the clip and in its reverse, and which "
            "one is left over.",
        ),
        "d": Claim(
            True,
            "reversed, this layer's answers change their sign, and |x| takes it away: at the "
            "mirrored moment stands the same number (with a bias it would not). Symmetric taps are "
            "one way, not the only one.",
            "what does (−½, 0, ½) answer at the mirrored moment of the reversed clip, and what is "
            "left of it behind |x|?",
        ),
        "e": Claim(
            False,
            "one frame of zeros before, two behind: in the reversed clip, other frames meet them.",
            "all taps are equal. But are both ends of the clip treated alike?",
        ),
        "f": Claim(
            True,
            "a clip and its reverse have the same loss, and the gradient of the outer taps is the "
            "same, once both are in the batch: symmetric taps stay so.",
            "the gradient of one tap for a clip is that of the opposite tap for its reverse. What "
            "do both get, summed over the batch?",
        ),
    },
)

JUDGED = Judgement(
    name="judged",
    claims={
        "a": Claim(
            True,
            "appearance and direction gained more than order lost: speed alone pulls the whole "
            "below zero.",
            "go through the row of 80 clips: which means lie above zero, which below, and by how "
            "much?",
        ),
        "b": Claim(
            False,
            "with some seeds it was worse, by up to 0.05: no difference is shown in either "
            "direction.",
            "look at both ends of the range, not at the mean alone.",
        ),
        "c": Claim(
            False,
            "0.33 is less than the half that a network has which knows the pair and guesses: "
            "finding the pair more often is enough for the gain.",
            "what share does a network have that finds the pair and guesses which comes first?",
        ),
        "d": Claim(
            True,
            "both ranges lie above zero: with each seed.",
            "which of the two ranges reaches zero?",
        ),
        "e": Claim(
            False,
            "the table shows that speed is lost, not why. A blur is a good guess: to test it, "
            "compare starts that differ in nothing else.",
            "does any row of the table differ from another by nothing but the blur?",
        ),
        "f": Claim(
            False,
            "other clips, another network, pictures of another world. There the paper measured: "
            "the start from ImageNet was ahead.",
            "what did the paper measure there?",
        ),
    },
)

"""Which claims the chapter's tables support."""

from lecturekit.exercises import Claim, Judgement

SUPPORTED = Judgement(
    name="supported",
    claims={
        "a": Claim(
            False,
            "each frame of it is seen alone, and an average forgets their order: no width helps.",
            "what does an average over time know of the order of frames?",
        ),
        "b": Claim(
            True,
            "in all five seeds, and the 2D network is blind by proof, not by bad luck.",
            "read the row of 2D and the row of 3D; then chapter 3's proof.",
        ),
        "c": Claim(
            False,
            "other clips, other cues, other networks: it says something of our puppets. The "
            "sources say it of Kinetics, by their own runs.",
            "on which clips were the three small networks trained?",
        ),
        "d": Claim(
            False,
            "a third of the weights, and more multiply–adds: its later stages keep all frames.",
            "compare both columns of the table under “The real ones”.",
        ),
        "e": Claim(
            False,
            "a pattern that comes back every second frame moves, and its frames t − 1 and t + 1 "
            "are equal.",
            "which two frames does this kernel compare? Think of a light that blinks.",
        ),
        "f": Claim(
            True,
            "none had so at the start and at least one had in every run; the start is the control.",
            "compare with the same kernels before training, in all five runs.",
        ),
    },
)

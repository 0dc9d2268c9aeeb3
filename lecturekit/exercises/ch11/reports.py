"""What a leaderboard shows, and what it does not."""

from lecturekit.exercises import Claim, Judgement

JUDGED = Judgement(
    name="judged",
    claims={
        "a": Claim(
            False,
            "other films: A was tested on 19,800 of the list, B on 17,700. On all of them B may "
            "have anything from 69.8 to 81.3 %, and A from 77.7 to 78.7.",
            "on which films is each number? What may each be on all films of the list?",
        ),
        "b": Claim(
            True,
            "one frame has 74.0 of 78.5 % on S, and 21.5 of 62.0 % on T.",
            "compare one frame with all frames, on each set.",
        ),
        "c": Claim(
            False,
            "the same weights, read more often: the protocol gained 2.1 points, no network did.",
            "what differs between the two rows? Is it the network?",
        ),
        "d": Claim(
            False,
            "mAP ranks films by one class's scores at a time. A number added to all of them leaves "
            "their order. If mAP moved, something else changed.",
            "what does a number added to *all* scores of a class do to their order?",
        ),
        "e": Claim(
            False,
            "C differs from A in its films, too, and they may hold films of S's test. C without "
            "them was not trained, nor was A with them.",
            "what else differs between the two rows? Which films may be in both sets?",
        ),
        "f": Claim(
            True,
            "0.789 · 17,700 / 20,000 = 69.8 %, and the 2,300 missing films are 11.5 % more.",
            "how many films is B right on for sure? What if it were right on all missing ones?",
        ),
        "g": Claim(
            True,
            "film by film the difference lies from +0.1 to +0.7: what makes a film hard is in both "
            "numbers, and goes away.",
            "which row compares film by film? Is 0 in its interval?",
        ),
        "h": Claim(
            False,
            "each action may have its own kind of place, in training and in the test, with no film "
            "in common. A split without a leak can still be solved by a shortcut.",
            "a swimming pool in training, another one in the test: what do they share?",
        ),
    },
)

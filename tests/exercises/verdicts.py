"""What several chapters' tests of exercises say of a verdict, and how they list answers."""


def expect_wrong(verdict, hint):
    assert verdict.startswith("✗"), verdict
    shown = verdict.partition("Hint: ")[2]
    assert shown.startswith(hint) if hint else not shown, verdict


def right(exercise, *answers):
    return [(exercise, answer) for answer in answers]


def wrong(exercise, *answers):
    return [(exercise, answer, hint) for answer, hint in answers]

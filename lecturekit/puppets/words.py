"""What a film's captions say: a phrase for each action, and how phrases become sentences."""

from collections.abc import Sequence

PHRASES = {
    "hold a balloon": "holds a balloon",
    "hold an umbrella": "holds an umbrella",
    "walk left": "walks to the left",
    "walk right": "walks to the right",
    "sit down": "sits down on a stool",
    "stand up": "stands up from a stool",
    "wave slowly": "waves slowly",
    "wave fast": "waves fast",
    "walk": "walks on a treadmill",
    "run": "runs on a treadmill",
    "jump then wave": "jumps, then waves with both arms",
    "wave then jump": "waves with both arms, then jumps",
}


def name(shirts: Sequence[str], figure: int) -> str:
    """Who is meant: of two figures, the one in a shirt of that colour."""
    return "a puppet" if len(shirts) == 1 else f"the one in {shirts[figure]}"


def sentence(clauses: Sequence[str]) -> str:
    """The clauses as one sentence."""
    said = ", ".join(clauses)
    return f"{said[0].upper()}{said[1:]}."


def clause(who: str, actions: Sequence[str]) -> str:
    """What somebody does, in order; without any action it stands still."""
    return f"{who} " + (", then ".join(PHRASES[action] for action in actions) or "stands still")

"""The sealed model: eight networks behind letters, to be named by what they cannot see.

Of each sealed network there are stored answers to 240 test clips, as they are and after nine
changes. The reader buys changes ("probes") with a few coins, sees answers by cue and whether the
scores stayed the same, and names the network. The page gives the reason: what this architecture
cannot see, by which chapter's theorem, and what excludes the runner-up.

Trained and asked ahead by ``benchmarks/sealed.py``. The front end repeats the sums of this module
and of :mod:`.rules`; ``tests/site/explorers/test_the_sealed_model.py`` holds the two equal.
"""

from typing import Any, ClassVar, NamedTuple

import numpy as np
import torch
import traitlets
from numpy.typing import NDArray

from lecturekit import checks, puppets
from lecturekit.explorers import Explorer, setting, trait_errors
from lecturekit.explorers.kit.sheets import Sheet, jpeg_sheet
from lecturekit.explorers.the_sealed_model import probing, rules, stored
from lecturekit.explorers.the_sealed_model.networks import FRAMES, SIZE_PX, SUSPECTS, frames_of
from lecturekit.explorers.the_sealed_model.probing import BEFORE, PROBES
from lecturekit.explorers.the_sealed_model.stored import ASKED, Stored
from lecturekit.puppets import PuppetClips

MODES = ("game", "table")
MAX_DEAL = 9999
NONE = "none"
SHOWN = {"walk right": 3, "sit down": 4, "jump then wave": 10}
"""Test clips that the page shows, by their numbers."""

DOES = {
    "reverse": "The last frame comes first.",
    "shuffle": "The frames come in a random order.",
    "freeze": "Frame 8, sixteen times.",
    "double speed": "Frames 0, 2, 4 … 14, then 1, 3, 5 … 15.",
    "mirror": "Left and right change places.",
    "blank background": "All but the puppet gets one colour.",
    "halves": "Frames 8 to 15, then 0 to 7.",
    "held": "Each odd frame is replaced by the one before it.",
    "stills": "Each frame by itself, held for sixteen; the sixteen scores are averaged.",
}
"""Of each probe, in a sentence."""

_TEST = {"num_frames": FRAMES, "size": SIZE_PX, "seed": 113}
_MAX_BYTES = 80_000
_SETTINGS = {"deal", "mode", "letter", "probe", "clip", "suspect", "bought", "named"}


class Evidence(NamedTuple):
    """What a network's stored answers say of a probe, or of the clips as they are.

    Attributes:
        outcome: "same", "one" or "other"; "" for the clips as they are.
        changed: how many answers are other than before.
        different: how many different answers there are.
        right: by cue, how many answers are the clips' own labels.
    """

    outcome: str
    changed: int
    different: int
    right: dict[str, int]


class TheSealedModel(Explorer):
    """Eight sealed networks, and coins to probe them with.

    Args:
        answers: of the eight networks; those that the book's own gave unless told.
        label: accessible name.
        settings: first values of ``deal``, ``mode``, ``letter``, ``probe``, ``clip``, ``suspect``,
            ``bought``, ``named``.

    Raises:
        TypeError: a setting is unknown.
        traitlets.TraitError: a setting is none of the choices.

    Example:
        >>> explorer = TheSealedModel(deal=1)
        >>> len(explorer.behind()), explorer.points()
        (8, 0)
    """

    name: ClassVar[str] = "the_sealed_model"

    answers = traitlets.Bytes(help="By network, ASKED and clip.").tag(sync=True)
    labels = traitlets.Bytes(help="Of each clip.").tag(sync=True)
    change = traitlets.List(help="By network and probe, share of the largest score.").tag(sync=True)
    apart = traitlets.List(help="The same, between two clips.").tag(sync=True)
    rounding = traitlets.Float(probing.ROUNDING, help="Below it: rounding.").tag(sync=True)
    cue_of = traitlets.List(help="Of each class.").tag(sync=True)
    probes = traitlets.List(help="[name, what it does] of each.").tag(sync=True)
    suspects = traitlets.List(help="Of each the `Suspect`, as words.").tag(sync=True)
    purse = traitlets.Int(rules.PURSE, help="Coins for a letter.").tag(sync=True)
    pictures = traitlets.Bytes(help="Of the clips that are shown, one JPEG.").tag(sync=True)
    columns = traitlets.Int(help="Pictures in a row of it.").tag(sync=True)
    strips = traitlets.List(help="By clip and ASKED, 16 [picture, frame number].").tag(sync=True)
    clips = traitlets.List(list(SHOWN), help="Names of those that are shown.").tag(sync=True)
    size_px = traitlets.Int(SIZE_PX).tag(sync=True)
    credit = traitlets.Unicode().tag(sync=True)

    deal = traitlets.Int(1, help="Which order of the networks.").tag(sync=True)
    mode = traitlets.Enum(MODES, "game", help="The table hides nothing.").tag(sync=True)
    letter = traitlets.Int(0, help="The sealed model that is looked at.").tag(sync=True)
    probe = traitlets.Enum(PROBES, PROBES[0], help="That is shown and can be bought.").tag(
        sync=True
    )
    clip = traitlets.Int(0, help="Of those that are shown.").tag(sync=True)
    suspect = traitlets.Enum((NONE, *SUSPECTS), NONE, help="About to be named.").tag(sync=True)
    bought = traitlets.List(help="Of each letter its probes, in order.").tag(sync=True)
    named = traitlets.List(help="Of each letter the names tried.").tag(sync=True)

    def __init__(
        self,
        answers: Stored | None = None,
        *,
        label: str = "The sealed model: name a network by what it cannot see",
        **settings: Any,
    ) -> None:
        if unknown := set(settings) - _SETTINGS:
            raise TypeError(f"TheSealedModel has no argument {', '.join(sorted(unknown))}")
        self._stored = answers or stored.load()
        self.outcomes = self._stored.outcomes()
        sheet, strips = _pictures()
        groups = PuppetClips("test", 1, num_frames=1, size=SIZE_PX).groups
        nothing = [[] for _ in SUSPECTS]
        super().__init__(
            answers=self._stored.answers.tobytes(),
            labels=self._stored.labels.tobytes(),
            change=self._stored.change.tolist(),
            apart=self._stored.apart.tolist(),
            cue_of=list(groups.values()),
            probes=[[probe, DOES[probe]] for probe in PROBES],
            suspects=[
                {
                    "name": name,
                    "title": one.title,
                    "chapter": one.chapter,
                    "section": one.section,
                    "reads": one.reads,
                    "blind": dict(one.blind),
                    "one_answer": dict(one.one_answer),
                }
                for name, one in SUSPECTS.items()
            ],
            pictures=sheet.jpeg,
            columns=sheet.columns,
            strips=strips,
            credit="Behind the puppets: " + "; ".join(puppets.credits("test")),
            label=label,
            description=_describe(len(self._stored.labels)),
            **{"bought": nothing, "named": nothing, **settings},
        )

    def behind(self) -> list[str]:
        """The network behind each letter."""
        names = list(SUSPECTS)
        return [names[number] for number in rules.order(self.deal, len(names))]

    def evidence(self, network: str, asked: str) -> Evidence:
        """What a network's answers say of a probe, or of the clips as they are."""
        rows = self._stored.answers[list(SUSPECTS).index(network)]
        answers = rows[ASKED.index(asked)]
        right = answers == self._stored.labels
        cues = np.array(self.cue_of)[self._stored.labels]
        return Evidence(
            "" if asked == BEFORE else self.outcomes[network][asked],
            int((answers != rows[0]).sum()),
            len(np.unique(answers)),
            {cue: int(right[cues == cue].sum()) for cue in puppets.CUES},
        )

    def shortest_proofs(self) -> dict[str, list[tuple[str, ...]]]:
        """By network, the smallest sets of probes that tell it from all others."""
        return {name: rules.shortest_proofs(self.outcomes, name) for name in SUSPECTS}

    def points(self) -> int:
        """Coins left in the purses of the letters that are named rightly."""
        return sum(map(rules.points, self.bought, self.named, self.behind()))

    @traitlets.validate("deal")
    def _validate_deal(self, proposal: dict[str, Any]) -> int:
        return setting("deal", proposal["value"], 1, MAX_DEAL)

    @traitlets.validate("letter")
    def _validate_letter(self, proposal: dict[str, Any]) -> int:
        return setting("letter", proposal["value"], 0, len(SUSPECTS) - 1)

    @traitlets.validate("clip")
    def _validate_clip(self, proposal: dict[str, Any]) -> int:
        return setting("clip", proposal["value"], 0, len(SHOWN) - 1)

    @traitlets.validate("bought", "named")
    def _validate_lists(self, proposal: dict[str, Any]) -> list[list[str]]:
        name = proposal["trait"].name
        choices = PROBES if name == "bought" else tuple(SUSPECTS)
        with trait_errors():
            return _of_each_letter(name, proposal["value"], choices)


def _of_each_letter(argument: str, value: Any, choices: tuple[str, ...]) -> list[list[str]]:
    checks.integer(f"length of {argument}", len(value), len(SUSPECTS), len(SUSPECTS))
    for letter, names in zip(rules.LETTERS, value, strict=True):
        for name in names:
            checks.one_of(f"{argument} of {letter}", name, choices)
        if len(set(names)) < len(names):
            raise ValueError(f"{argument} of {letter}: expected each name once, got {names!r}")
    return [list(names) for names in value]


def _pictures() -> tuple[Sheet, list[list[list[list[int]]]]]:
    """Each different picture once; of each clip and change which stand where, with their frames."""
    test = PuppetClips("test", max(SHOWN.values()) + 1, **_TEST)
    clips = test.inputs(list(range(len(test))))
    figures = torch.from_numpy(np.stack([test.figure(i) for i in range(len(test))]))
    numbers = torch.arange(FRAMES, dtype=clips.dtype).view(1, 1, -1, 1, 1).expand(clips.shape)
    places: dict[bytes, int] = {}
    kept: list[NDArray[np.uint8]] = []
    strips = [[] for _ in SHOWN]
    for asked in ASKED:
        if asked in (BEFORE, probing.STILLS):  # each still is one frame of the clip
            changed, order = clips, numbers
        else:
            changed = probing.change(asked, clips, figures, seed=0)
            order = probing.change(asked, numbers, torch.ones_like(figures), seed=0)
        frames, order = frames_of(changed), order[:, 0, :, 0, 0].int()
        for strip, clip in zip(strips, SHOWN.values(), strict=True):
            row = []
            for frame, number in zip(frames[clip], order[clip].tolist(), strict=True):
                if frame.tobytes() not in places:
                    places[frame.tobytes()] = len(kept)
                    kept.append(frame)
                row.append([places[frame.tobytes()], number])
            strip.append(row)
    return jpeg_sheet("test clips", np.stack(kept), max_bytes=_MAX_BYTES), strips


def _describe(num_clips: int) -> str:
    probes = "; ".join(f"{probe}: {does}" for probe, does in DOES.items())
    suspects = "; ".join(f"{one.title}: {one.reads}" for one in SUSPECTS.values())
    return (
        f"Eight trained networks stand behind the letters A to H. Each answered {num_clips} test "
        "clips of puppets, as they are and after nine changes, the probes. How many answers are "
        "right, by cue, is free. A probe costs a coin and says whether the scores stayed the same "
        "but for rounding, whether all clips got one and the same scores, how many answers "
        "changed, and how many are still right. Each letter has five coins; a wrong name costs "
        f"one, too. The probes are: {probes} The networks are: {suspects} Named rightly or out of "
        "coins, a letter is opened: the page says what its network cannot see and why, what "
        "excludes the next best name, and the shortest proof. In the table for teachers nothing "
        "is hidden."
    )

"""Mix a benchmark: the same networks, another test set, another winner; and what sources print.

In the league the reader sets the share of each cue in the test set; accuracy is the sum of share ×
accuracy by cue, and the leaderboard sorts itself anew, with intervals over seeds and clips. Beside
it stands a twin that was published: one network with and without attention along time, on two data
sets. In the second view the reader holds parts of a protocol and sees which published accuracies
are left to compare. The front end repeats the arithmetic of :mod:`.league` and :mod:`.published`;
``tests/site/explorers/test_mix_a_benchmark.py`` holds the two equal.
"""

import math
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import traitlets

from lecturekit import checks, facts
from lecturekit.explorers import Explorer, setting, trait_errors
from lecturekit.explorers.mix_a_benchmark import published
from lecturekit.explorers.mix_a_benchmark.league import (
    CLIP_SPREAD,
    STEP,
    Goal,
    League,
    Standing,
    stored,
)

PAGES = ("league", "published")
NO_GOAL = -1
TWIN = tuple(f"timesformer-{kind}-bertasius2021-top1" for kind in ("space-only", "divided"))
"""Ids of the twin, after "k400-" and "ssv2-": without time, and with it."""

_SETTINGS = {
    "page", "shares", "kept", "cue", "first", "second", "goal", "across", "dataset", "chosen",
    *published.HELD,
}  # fmt: skip


class MixABenchmark(Explorer):
    """A leaderboard whose test set the reader mixes, and published ones by protocol.

    Args:
        league: what ``benchmarks/league.py`` writes; by default what it wrote last.
        label: accessible name.
        settings: first values of ``page``, ``shares``, ``kept``, ``cue``, ``first``, ``second``,
            ``goal``, ``across``, ``dataset``, ``split``, ``pretraining``, ``views``, ``size``,
            ``counting``, ``chosen``.

    Raises:
        TypeError, ValueError: the league has another form, or a setting is unknown.
        traitlets.TraitError: a setting is out of range.
    """

    name: ClassVar[str] = "mix_a_benchmark"

    cues = traitlets.List(help="Names.").tag(sync=True)
    clips = traitlets.List(help="Of each cue in the test set.").tag(sync=True)
    own = traitlets.List(help="Shares of the test set itself, per cent.").tag(sync=True)
    families = traitlets.List(help="Title, chapter, parameters, and hits by cue and seed.").tag(
        sync=True
    )
    covariances = traitlets.List(
        help="By cue, of each two families' accuracies, as the clips are drawn anew."
    ).tag(sync=True)
    spreads = traitlets.List(help="How many standard errors a half is: of seeds, of clips.").tag(
        sync=True
    )
    goals = traitlets.List(help="[family, place, way] that some mix reaches.").tag(sync=True)
    made = traitlets.Dict(
        help="When the league was measured, in how many seconds each; steps of the goals' mixes."
    ).tag(sync=True)
    twin = traitlets.Dict(help="The published pair, in words and numbers.").tag(sync=True)
    kinds = traitlets.List(help="Families of the published lines.").tag(sync=True)
    lines = traitlets.List(help="The published lines.").tag(sync=True)
    choices = traitlets.Dict(help="By aspect, what may be held.").tag(sync=True)

    page = traitlets.Enum(PAGES, "league", help="Which of the two views.").tag(sync=True)
    shares = traitlets.List(traitlets.Float(), help="Of each cue, in per cent.").tag(sync=True)
    kept = traitlets.List(
        traitlets.Float(), help="Shares before one cue took all: the others' proportions."
    ).tag(sync=True)
    cue = traitlets.Int(0, help="Whose share runs along the picture.").tag(sync=True)
    first = traitlets.Int(0, help="A family to compare.").tag(sync=True)
    second = traitlets.Int(help="The one that it is compared with.").tag(sync=True)
    goal = traitlets.Int(NO_GOAL, help="Number of the goal, or −1.").tag(sync=True)
    across = traitlets.Enum(tuple(published.ACROSS), "view", help="The lower axis.").tag(sync=True)
    dataset = traitlets.Enum(published.DATASETS, published.DATASETS[0]).tag(sync=True)
    split = traitlets.Unicode(published.ANY).tag(sync=True)
    pretraining = traitlets.Unicode(published.ANY).tag(sync=True)
    views = traitlets.Unicode(published.ANY).tag(sync=True)
    size = traitlets.Unicode(published.ANY).tag(sync=True)
    counting = traitlets.Unicode(published.ANY).tag(sync=True)
    chosen = traitlets.Unicode(help="Id of the line that is read.").tag(sync=True)

    def __init__(
        self,
        league: Mapping[str, Any] | None = None,
        *,
        label: str = "Mix a benchmark: who wins depends on what is asked",
        **settings: Any,
    ) -> None:
        if unknown := set(settings) - _SETTINGS:
            raise TypeError(f"MixABenchmark has no argument {', '.join(sorted(unknown))}")
        self._league = League(stored() if league is None else league)
        kept = ("title", "chapter", "parameters")
        lines = published.lines()
        super().__init__(
            cues=list(self._league.cues),
            clips=self._league.clips.tolist(),
            own=self._league.own_mix(),
            families=[
                {key: one[key] for key in kept} | {"hits": hits.tolist()}
                for one, hits in zip(self._league.families, self._league.hits, strict=True)
            ],
            covariances=self._league.covariances.tolist(),
            spreads=[self._league.seed_spread, CLIP_SPREAD],
            goals=[list(goal) for goal in self._league.goals()],
            made={"date": self._league.date, "seconds": self._league.seconds, "step": STEP},
            twin=_twin(),
            kinds=list(facts.FAMILIES),
            lines=lines,
            choices=dict(zip(published.HELD, published.choices(), strict=True)),
            label=label,
            description=_describe(self._league, lines),
            **{
                "shares": self._league.own_mix(),
                "kept": self._league.own_mix(),
                "second": self._league.rival(first=0, cue=0),
                "chosen": f"k400-{TWIN[1]}",
                **settings,
            },
        )

    def standings(self) -> list[Standing]:
        """Of each family under the present shares."""
        return self._league.standings(self.shares)

    def crossing(self) -> float | None:
        """Share of the present cue, in per cent, at which the two chosen families are equal."""
        shares = self.shares if self.shares[self.cue] < 100 else self.kept
        return self._league.crossing(self.first, self.second, self.cue, shares)

    def told_apart(self) -> int:
        """1 if the first is better than the second beyond the interval, −1 if worse, else 0."""
        return self._league.told_apart(self.first, self.second, self.shares)

    def reached(self) -> bool:
        """Whether the present mix reaches the goal."""
        if self.goal == NO_GOAL:
            return False
        goal = Goal(*self.goals[self.goal])
        return goal.reached(self.standings()[goal.family].place)

    def reasons(self) -> dict[str, list[str]]:
        """By id why a line of the present data set is not of the protocol held; empty if it is."""
        held = {aspect: getattr(self, aspect) for aspect in published.HELD}
        return {
            one.top1: published.reasons(one, held)
            for one in facts.comparisons()
            if one.dataset == self.dataset
        }

    @traitlets.validate("shares", "kept")
    def _validate_shares(self, proposal: dict[str, Any]) -> list[float]:
        name, shares = proposal["trait"].name, proposal["value"]
        if len(shares) != len(self.cues):
            expected = f"{len(self.cues)} shares, one for each cue"
            raise traitlets.TraitError(f"{name}: expected {expected}, got {len(shares)}")
        if min(shares) < 0 or not math.isclose(sum(shares), 100, abs_tol=1e-6):
            expected = "shares in per cent, none below 0, with a sum of 100"
            raise traitlets.TraitError(f"{name}: expected {expected}, got {shares}")
        if name == "kept" and max(shares) == 100:
            raise traitlets.TraitError(
                f"kept: expected two cues or more with a share, got {shares}"
            )
        return shares

    @traitlets.validate("cue")
    def _validate_cue(self, proposal: dict[str, Any]) -> int:
        return setting("cue", proposal["value"], 0, len(self.cues) - 1)

    @traitlets.validate("first", "second")
    def _validate_family(self, proposal: dict[str, Any]) -> int:
        return setting(proposal["trait"].name, proposal["value"], 0, len(self.families) - 1)

    @traitlets.validate("goal")
    def _validate_goal(self, proposal: dict[str, Any]) -> int:
        return setting("goal", proposal["value"], NO_GOAL, len(self.goals) - 1)

    @traitlets.validate(*published.HELD)
    def _validate_held(self, proposal: dict[str, Any]) -> str:
        aspect = proposal["trait"].name
        with trait_errors():
            allowed = (published.ANY, *self.choices[aspect])
            return checks.one_of(aspect, proposal["value"], allowed)

    @traitlets.validate("chosen")
    def _validate_chosen(self, proposal: dict[str, Any]) -> str:
        with trait_errors():
            ids = tuple(line["id"] for line in self.lines)
            return checks.one_of("chosen", proposal["value"], ids)


def _twin() -> dict[str, Any]:
    """The published pair: its names, digits and differences, and what its two lines do not say."""
    found = {"names": ["without attention along time", "with it (divided)"], "sets": []}
    for prefix, name in zip(("k400", "ssv2"), published.DATASETS, strict=True):
        ids = [f"{prefix}-{network}" for network in TWIN]
        one = {
            "name": name,
            "printed": [facts.text(id) for id in ids],
            "values": [facts.value(id) for id in ids],
            "difference": facts.difference(ids[1], ids[0]),
        }
        found["sets"].append(one)
    fact = facts.get(f"k400-{TWIN[1]}")
    found["source"] = f"TimeSformer, {fact.key}, {fact.locator}"
    return found


def _seeds(number: int) -> str:
    return f"{number} seed{'' if number == 1 else 's'}"


def _describe(league: League, lines: Sequence[Mapping[str, Any]]) -> str:
    titles = ", ".join(one["title"] for one in league.families)
    seeds = league.hits.shape[2]
    costs = sum(line["view"] is not None for line in lines)
    sources = ", ".join(sorted({line["source"].split(",")[0] for line in lines}))
    twin = " ".join(
        f"On {one['name']} {one['printed'][0]} % without it and {one['printed'][1]} % with it."
        for one in _twin()["sets"]
    )
    return (
        f"First view: {len(league.families)} networks of this book on one test set of puppets: "
        f"{titles}. Each trained for {league.seconds:g} seconds, from {_seeds(seeds)}. The test "
        f"has {league.clips.sum()} clips in {len(league.cues)} groups, each told apart by one cue "
        f"alone: {', '.join(league.cues)}. A bar and sliders set how large a share of the test "
        "each cue has. Accuracy is the sum over cues of share times accuracy. The list of "
        "networks sorts itself by it; each has a bar from 0 to 100 % with its 95 % interval, of "
        f"{_seeds(seeds)} and of the clips. Places that the interval of a "
        "difference does not settle are written as a range. A picture has the share of one cue "
        "below and accuracy on its side: each network is a straight line, since the other cues "
        "keep their proportions, and two lines cross once at most. Beside it stands a published "
        "pair: TimeSformer without attention along time and with it, trained and tested on two "
        f"data sets. {twin} Second view: {len(lines)} published accuracies on Kinetics-400 and "
        f"Something-Something V2, {costs} of them with a cost, over cost, parameters or year. "
        "Lists hold a part of the protocol: split, pretraining, views, size, what is counted. "
        "Lines that say the same stay filled; the others are hatched, and each says why. "
        f"Keys of the sources, in this book’s list of references: {sources}."
    )

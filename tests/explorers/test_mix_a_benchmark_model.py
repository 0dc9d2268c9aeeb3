"""Mix a benchmark without a browser: accuracies, intervals, places, goals, and what is refused."""

import math
from copy import deepcopy

import numpy as np
import pytest
import traitlets
from league_tables import CUES, RATES, league

from lecturekit import facts
from lecturekit.explorers.mix_a_benchmark import TWIN, MixABenchmark, published
from lecturekit.explorers.mix_a_benchmark.league import League, others

TITLES = list(RATES)
ONLY = {cue: [100.0 * (one == cue) for one in CUES] for cue in CUES}


def make(data=None, **settings):
    return MixABenchmark(data or league(), **settings)


# The league.


def test_accuracy_is_the_sum_of_share_times_accuracy_by_cue():
    data = league()
    shares = [10, 20, 30, 40]
    found = make(shares=shares).standings()
    for one, standing in zip(data["families"], found, strict=True):
        by_hand = sum(
            share / 100 * np.mean(one["hits"][cue]) / clips
            for share, (cue, clips) in zip(shares, CUES.items(), strict=True)
        )
        assert standing.accuracy == pytest.approx(by_hand)


def test_its_own_mix_is_the_share_of_all_clips():
    explorer = make()
    assert explorer.shares == pytest.approx([100 * n / 240 for n in CUES.values()])
    right = [sum(sum(hits) for hits in one["hits"].values()) for one in league()["families"]]
    assert [one.accuracy for one in explorer.standings()] == pytest.approx(
        [count / 5 / 240 for count in right]
    )


def test_places_are_those_of_the_accuracies():
    for shares in ONLY.values():
        found = make(shares=shares).standings()
        order = sorted(range(6), key=lambda n: -round(found[n].accuracy, 9))
        assert [found[n].place for n in order] == [1, 2, 3, 4, 5, 6]
        for one in found:
            assert one.best <= one.place <= one.worst


def same_every_seed(shift):
    """Two networks, equal in each seed but for a shift, which both see of each cue alike."""
    data = league()
    hits = {cue: [clips // 2 + seed for seed in range(5)] for cue, clips in CUES.items()}
    better = {cue: [count + shift * CUES[cue] // 20 for count in of] for cue, of in hits.items()}
    data["families"] = [
        {**data["families"][0], "hits": hits},
        {**data["families"][1], "hits": better},
    ]
    return data


def test_the_interval_is_of_seeds_and_clips_by_hand():
    data = league()
    shares = np.array([0.25, 0.25, 0.25, 0.25])
    rates = np.array(
        [[np.array(one["hits"][cue]) / CUES[cue] for cue in CUES] for one in data["families"]]
    )
    counts = np.array(list(CUES.values()))
    smooth = (rates.mean(2) * counts + 1) / (counts + 2)
    clips = smooth * (1 - smooth) / counts
    seeds = np.einsum("c,fcs->fs", shares, rates)
    explorer = make(shares=[25.0] * 4)
    for n, standing in enumerate(explorer.standings()):
        of_seeds = 2.776 * seeds[n].std(ddof=1) / math.sqrt(5)
        of_clips = 1.96 * math.sqrt((shares**2 * clips[n]).sum())
        assert standing.half == pytest.approx(math.hypot(of_seeds, of_clips))
    apart, half = League(data).difference(3, 0, [25.0] * 4)
    paired = seeds[3] - seeds[0]
    assert apart == pytest.approx(paired.mean())
    of_seeds = 2.776 * paired.std(ddof=1) / math.sqrt(5)
    of_clips = 1.96 * math.sqrt((shares**2 * (clips[3] + clips[0])).sum())
    assert half == pytest.approx(math.hypot(of_seeds, of_clips))


def test_seeds_are_paired():
    one = League(same_every_seed(6))
    apart, half = one.difference(1, 0, one.own_mix())
    # All seeds differ by the same: what is left is the clips' part.
    alone = one.standings(one.own_mix())[0].half
    assert apart > 0.25
    assert half < math.sqrt(2) * alone
    assert one.told_apart(1, 0, one.own_mix()) == 1
    assert one.told_apart(0, 1, one.own_mix()) == -1
    equal = League(same_every_seed(0))
    assert equal.told_apart(0, 1, equal.own_mix()) == 0
    assert [(s.best, s.worst) for s in equal.standings(equal.own_mix())] == [(1, 2), (1, 2)]


@pytest.mark.parametrize("cue", range(4))
def test_at_the_crossing_both_are_equal(cue):
    met = 0
    for first in range(6):
        for second in range(6):
            explorer = make(first=first, second=second, cue=cue)
            at = explorer.crossing()
            if at is None:
                continue
            met += 1
            rest = others(explorer.shares, cue)
            explorer.shares = [
                at if n == cue else share * (100 - at) for n, share in enumerate(rest)
            ]
            found = explorer.standings()
            assert found[first].accuracy == pytest.approx(found[second].accuracy)
    assert met >= 2


def test_where_one_cue_takes_all_the_kept_proportions_count():
    explorer = make(first=0, second=5, cue=0)
    before = explorer.crossing()
    explorer.shares = ONLY["appearance"]
    assert explorer.crossing() == pytest.approx(before)


# Goals.


def test_every_goal_is_better_than_now_and_some_mix_reaches_it():
    explorer = make()
    now = [standing.place for standing in explorer.standings()]
    assert explorer.goals
    steps = range(0, 101, 5)
    mixes = [
        [float(a), float(b), float(c), float(100 - a - b - c)]
        for a in steps
        for b in steps
        for c in steps
        if a + b + c <= 100
    ]
    places = {family: [] for family, _ in explorer.goals}
    for mix in mixes:
        found = explorer._league.accuracies(mix).mean(1).round(9)
        order = np.argsort(-found, kind="stable").tolist()
        for family in places:
            places[family].append(order.index(family) + 1)
    for number, (family, place) in enumerate(explorer.goals):
        assert place < now[family]
        assert min(places[family]) == place, "reached, and no mix reaches a better one"
        explorer.goal, explorer.shares = number, mixes[places[family].index(place)]
        assert explorer.reached()
        explorer.shares = explorer.own
        assert not explorer.reached()


def test_a_network_worse_at_every_cue_has_no_first_place_to_reach():
    data = league()
    weak = data["families"][2]
    weak["hits"] = {cue: [clips // 4] * 5 for cue, clips in CUES.items()}
    assert 2 not in [family for family, _ in make(data).goals]


# The published figures.


def test_the_twin_is_read_from_the_facts():
    twin = make().twin
    assert [one["name"] for one in twin["sets"]] == list(published.DATASETS)
    for prefix, one in zip(("k400", "ssv2"), twin["sets"], strict=True):
        ids = [f"{prefix}-{network}" for network in TWIN]
        assert one["printed"] == [facts.text(id) for id in ids]
        assert one["values"] == [facts.value(id) for id in ids]
        assert float(one["difference"]) == pytest.approx(one["values"][1] - one["values"][0])


def test_lines_are_the_comparisons():
    lines = {line["id"]: line for line in make().lines}
    assert list(lines) == [one.top1 for one in facts.comparisons()]
    line = lines["k400-slowfast-8x8-r50-feichtenhofer2019-top1"]
    assert line["says"] == ["val", "no pretraining", "views: 30", "256 px", "multiply–adds"]
    assert (line["printed"], line["view"]) == ("77.0", 65.7)
    assert line["source"] == "feichtenhofer2019, Table 2"


def test_reasons_agree_with_the_differences_of_facts():
    by_id = {one.top1: one for one in facts.comparisons()}
    one = by_id["k400-slowfast-8x8-r50-feichtenhofer2019-top1"]
    held = {aspect: facts.ASPECTS[aspect](one) for aspect in published.HELD}
    found = make(**held).reasons()
    assert found[one.top1] == []
    for id, reasons in found.items():
        same = facts.differences(by_id[id], one, published.HELD[:4])
        assert len([r for r in reasons if "against" in r and "multiply" not in r]) == len(
            same.known
        )
        assert set(same.known) <= set(reasons)
        assert {f"{aspect} not said" for aspect in same.unsaid} <= set(reasons)
    assert len([id for id, reasons in found.items() if not reasons]) == 5, "the paper's five"
    assert not any(make().reasons().values()), "where nothing is held, all stay"
    other = make(dataset="Something-Something V2").reasons()
    assert all(id.startswith("ssv2-") for id in other)
    assert len(other) + len(found) == len(by_id)


def test_choices_are_what_lines_say():
    explorer = make()
    for aspect, words in explorer.choices.items():
        assert set(words) == {facts.ASPECTS[aspect](one) for one in facts.comparisons()} - {""}


def test_a_page_stays_light():
    assert len(make().to_html().encode()) < 250_000


def test_the_description_says_what_the_pictures_say():
    words = make().description
    for title in TITLES:
        assert title in words
    for digits in ("76.9", "78.0", "36.6", "59.5", "20 seconds"):
        assert digits in words
    for key in ("bertasius2021", "feichtenhofer2019", "mmaction2"):
        assert key in words


# What is refused.


def changed(change):
    data = deepcopy(league())
    change(data)
    return data


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ([1], "league: expected a mapping, got list"),
        (changed(lambda d: d.pop("date")), "league: expected a key 'date', got seconds, cues"),
        (changed(lambda d: d.update(cues={"order": 60})), "number of cues: expected 2 to 6, got 1"),
        (
            changed(lambda d: d["families"].__delitem__(slice(1, None))),
            "number of families: expected 2 to 24, got 1",
        ),
        (
            changed(lambda d: d["families"][1]["hits"].pop("speed")),
            "hits of late_fusion: expected appearance, direction, speed, order, got",
        ),
        (
            changed(lambda d: d["families"][1]["hits"]["speed"].pop()),
            "hits of late_fusion: expected 5 seeds of speed, got 4",
        ),
        (
            changed(lambda d: d["families"][2]["hits"]["order"].__setitem__(0, 61)),
            "hits of early_fusion of order: expected 0 to 60, got 61",
        ),
        (league(seeds=1), "number of seeds: expected 2 to 9, got 1"),
    ],
)
def test_a_league_is_checked(data, words):
    with pytest.raises((TypeError, ValueError), match=words):
        make(data)


def test_an_unknown_setting_is_refused():
    with pytest.raises(TypeError, match="MixABenchmark has no argument speed"):
        make(speed=2)


@pytest.mark.parametrize(
    ("trait", "value", "words"),
    [
        ("page", "all", "'published'"),
        ("shares", [50.0, 50.0], "shares: expected 4 shares, one for each cue, got 2"),
        ("shares", [50.0, 50.0, 0.0, 1.0], "with a sum of 100"),
        ("shares", [150.0, -50.0, 0.0, 0.0], "none below 0"),
        ("kept", [100.0, 0.0, 0.0, 0.0], "kept: expected two cues or more"),
        ("cue", 4, "cue: expected 0 to 3, got 4"),
        ("first", 6, "first: expected 0 to 5, got 6"),
        ("second", -1, "second: expected 0 to 5, got -1"),
        ("goal", 9, "goal: expected -1 to"),
        ("across", "speed", "'view'"),
        ("dataset", "Kinetics", "'Kinetics-400'"),
        ("views", "views: 7", "views: expected one of 'any'"),
        ("chosen", "k400", "chosen: expected one of"),
    ],
)
def test_settings_are_checked(trait, value, words):
    with pytest.raises(traitlets.TraitError, match=words):
        make(**{trait: value})
    explorer = make()
    before = getattr(explorer, trait)
    with pytest.raises(traitlets.TraitError, match=words):
        setattr(explorer, trait, value)
    assert getattr(explorer, trait) == before

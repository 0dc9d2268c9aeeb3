"""Mix a benchmark without a browser: accuracies, intervals, places, goals, and what is refused."""

import math
from copy import deepcopy

import numpy as np
import pytest
import traitlets
from league_tables import CUES, RATES, cue_of_clips, draw, league

from lecturekit import facts
from lecturekit.explorers.mix_a_benchmark import TWIN, MixABenchmark, published
from lecturekit.explorers.mix_a_benchmark.league import League, others

TITLES = list(RATES)
ONLY = {cue: [100.0 * (one == cue) for one in CUES] for cue in CUES}


def make(data=None, **settings):
    return MixABenchmark(data or league(), **settings)


# The league.


def test_accuracy_is_the_sum_of_share_times_accuracy_by_cue():
    shares, right, cues = [10, 20, 30, 40], draw(), cue_of_clips()
    for of_family, standing in zip(right, make(shares=shares).standings(), strict=True):
        by_hand = sum(
            share / 100 * of_family[:, cues == cue].mean()
            for share, cue in zip(shares, CUES, strict=True)
        )
        assert standing.accuracy == pytest.approx(by_hand)


def test_its_own_mix_is_the_share_of_all_clips():
    explorer = make()
    assert explorer.shares == pytest.approx([100 * n / 192 for n in CUES.values()])
    found = [one.accuracy for one in explorer.standings()]
    assert found == pytest.approx(draw().mean((1, 2)))


def test_places_are_those_of_the_accuracies():
    for shares in ONLY.values():
        found = make(shares=shares).standings()
        order = sorted(range(6), key=lambda n: -round(found[n].accuracy, 9))
        assert [found[n].place for n in order] == [1, 2, 3, 4, 5, 6]
        for one in found:
            assert one.best <= one.place <= one.worst


def test_the_interval_is_of_seeds_and_clips_by_hand():
    right, cues = draw(), cue_of_clips()
    shares = np.array([0.25, 0.25, 0.25, 0.25])
    of_cue = [right[:, :, cues == cue] for cue in CUES]

    def half(values, of_clips):
        """Of numbers by seed, and by cue of numbers by clip."""
        variances = [clips.var(ddof=1) / len(clips) for clips in of_clips]
        seeds = 2.776 * values.std(ddof=1) / math.sqrt(5)
        return math.hypot(seeds, 1.96 * math.sqrt(shares**2 @ variances))

    seeds = sum(share * part.mean(2) for share, part in zip(shares, of_cue, strict=True))
    clips = [part.mean(1) for part in of_cue]
    explorer = make(shares=[25.0] * 4)
    for n, standing in enumerate(explorer.standings()):
        assert standing.half == pytest.approx(half(seeds[n], [part[n] for part in clips]))
    apart, found = League(league()).difference(3, 0, [25.0] * 4)
    assert apart == pytest.approx((seeds[3] - seeds[0]).mean())
    assert found == pytest.approx(half(seeds[3] - seeds[0], [part[3] - part[0] for part in clips]))


def test_what_two_networks_share_does_not_blur_their_difference():
    right = draw()[:2]
    right[1] = right[0]
    right[1, :, :20] = True  # and in twenty clips it is always right
    one = League(league(right))
    apart, half = one.difference(1, 0, one.own_mix())
    alone = one.standings(one.own_mix())[0].half
    assert apart > half
    assert half < 0.7 * alone, "seeds and clips are paired"
    assert one.told_apart(1, 0, one.own_mix()) == 1
    assert one.told_apart(0, 1, one.own_mix()) == -1


def test_equal_answers_are_a_tie():
    right = draw()[:2]
    right[1] = right[0]
    equal = League(league(right))
    assert equal.told_apart(0, 1, equal.own_mix()) == 0
    assert [(s.best, s.worst) for s in equal.standings(equal.own_mix())] == [(1, 2), (1, 2)]


def test_one_seed_leaves_the_clips():
    right = draw(seeds=1)
    explorer = make(league(right), shares=[100.0, 0.0, 0.0, 0.0])
    of_cue = right[0, 0, cue_of_clips() == "appearance"]
    expected = 1.96 * of_cue.std(ddof=1) / math.sqrt(72)
    assert explorer.standings()[0].half == pytest.approx(expected)
    assert "from 1 seed." in explorer.description


@pytest.mark.parametrize("cue", range(4))
def test_at_the_crossing_both_are_equal(cue):
    met = 0
    for first in range(6):
        for second in range(6):
            explorer = make(first=first, second=second, cue=cue, shares=[10.0, 20.0, 30.0, 40.0])
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


def test_the_rival_is_surely_ahead_without_the_cue_and_surely_behind_with_it_alone():
    right = draw()
    right[0] = cue_of_clips() == "appearance"
    right[1] = True  # ahead without the cue, equal with it alone
    one = League(league(right))
    others_mix = [0.0, 40.0, 20.0, 40.0]
    crossed = [
        n
        for n in range(1, 6)
        if one.told_apart(0, n, others_mix) == -1 and one.told_apart(0, n, ONLY["appearance"]) == 1
    ]
    places = [standing.place for standing in one.standings(one.own_mix())]
    assert len(crossed) > 1
    assert 1 not in crossed
    assert one.rival(0, 0) == min(crossed, key=lambda n: places[n])
    assert make(league(right)).second == one.rival(0, 0)
    right[0] = False
    assert League(league(right)).rival(0, 0) == League(league(right)).leader()


# Goals.


def test_every_goal_is_not_reached_now_and_some_mix_reaches_it():
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
    places = {family: [] for family, *_ in explorer.goals}
    for mix in mixes:
        found = explorer._league.accuracies(mix).mean(1).round(9)
        order = np.argsort(-found, kind="stable").tolist()
        for family in places:
            places[family].append(order.index(family) + 1)
    assert [way for *_, way in explorer.goals].count(-1) == 1
    for number, (family, place, way) in enumerate(explorer.goals):
        assert way * (now[family] - place) > 0
        bound = (min if way > 0 else max)(places[family])
        assert bound == place, "reached, and no mix goes beyond it"
        explorer.goal, explorer.shares = number, mixes[places[family].index(place)]
        assert explorer.reached()
        explorer.shares = explorer.own
        assert not explorer.reached()


def test_a_network_worse_at_every_cue_has_no_place_to_rise_to():
    right = draw()
    right[2] = False
    assert 2 not in [family for family, *_ in make(league(right)).goals]


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


def longer(data):
    data["budgets"][1]["families"]["late_fusion"]["right"][0] += "AAAA"


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
        (changed(lambda d: d.update(classes=["fly"])), "class: expected one of 'hold a"),
        (changed(lambda d: d.update(classes=d["classes"][:2])), "classes: expected some of each"),
        (
            changed(lambda d: d["cues"].update(order=46, speed=26)),
            r"cues\['speed'\]: expected 24 clips, as its classes have, got 26",
        ),
        (
            changed(lambda d: d.update(seconds=9)),
            "budgets: expected one of 9 seconds, got 5.0, 20.0",
        ),
        (changed(longer), "right: expected 24 bytes for 192 clips, got 27"),
        (
            changed(lambda d: d["budgets"][1]["families"]["one_frame"]["right"].pop()),
            "right: expected 4 seeds of each family",
        ),
        (league(seeds=10), "number of seeds: expected 1 to 9, got 10"),
    ],
)
def test_a_league_is_checked(data, words):
    with pytest.raises((TypeError, ValueError), match=words):
        make(data)


def test_the_stored_league_is_read():
    explorer = MixABenchmark()
    assert explorer.families[0]["title"] == "one frame"
    assert explorer.made["date"].startswith("20")
    assert len(explorer.to_html().encode()) < 250_000


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

"""Mix a benchmark in a real browser: it computes what Python computes, and sorts what it shows."""

import itertools
import json

import pytest
from contract import FRAMES, Case, get, put
from league_tables import CUES, league

from lecturekit import facts
from lecturekit.explorers.mix_a_benchmark import MixABenchmark, published

PHONE = {"viewport": {"width": 390, "height": 780}, "has_touch": True, "is_mobile": True}
MIXES = [
    [100 / 3, 25.0, 50 / 3, 25.0],
    [100.0, 0.0, 0.0, 0.0],
    [0.0, 0.0, 0.0, 100.0],
    [10.0, 20.0, 30.0, 40.0],
    [50.0, 0.0, 50.0, 0.0],
]
ONE = "k400-slowfast-8x8-r50-feichtenhofer2019-top1"
FIVE = 5  # lines of its paper that stand in one protocol


def make(**settings):
    return MixABenchmark(league(), **settings)


CASE = Case(
    make=make,
    control=".mb-sliders input",
    key="ArrowRight",
    changes="shares",
    python=("cue", 1),
    says="“3D CNN” 7",
)


def sums(page):
    page.evaluate(FRAMES)
    return json.loads(page.locator(".lk-body").get_attribute("data-sums"))


def rows(page):
    """Titles of the leaderboard from its top, as the eye meets them."""
    boxes = page.evaluate(
        """[...document.querySelectorAll(".mb-board .mb-name > span")].map((node) =>
          [node.getBoundingClientRect().top, node.lastChild.textContent])"""
    )
    assert boxes == sorted(boxes), "what is first in the list stands first"
    return [title for _, title in boxes]


# It computes what Python computes.


def test_standings_crossings_and_ties_are_python_s(ready):
    explorer = make()
    page = ready(explorer)
    for shares, (first, second, cue) in itertools.product(MIXES, [(0, 4, 0), (3, 5, 3), (1, 2, 1)]):
        settings = {"shares": shares, "first": first, "second": second, "cue": cue}
        put(page, **settings)
        for key, value in settings.items():
            setattr(explorer, key, value)
        found = sums(page)
        expected = explorer.standings()
        for standing, one in zip(expected, found["standings"], strict=True):
            assert [one["accuracy"], one["half"]] == pytest.approx(standing[:2], abs=1e-12)
            assert (one["place"], one["best"], one["worst"]) == standing[2:]
        crossing = explorer.crossing()
        assert found["crossing"] == (crossing if crossing is None else pytest.approx(crossing))
        if shares[cue] == round(shares[cue]) < 100:
            assert found["told"][round(shares[cue])] == explorer.told_apart()


def test_reasons_are_python_s(ready):
    explorer = make(page="published")
    page = ready(explorer)
    line = next(line for line in explorer.lines if line["id"] == ONE)
    held = dict(zip(published.HELD, line["says"], strict=True))
    for settings in [
        {},
        held,
        {"views": "views: 30"},
        {"split": "test", "pretraining": "ImageNet"},
        {"dataset": "Something-Something V2", "pretraining": "ImageNet-21K"},
    ]:
        every = {**dict.fromkeys(published.HELD, "any"), "dataset": "Kinetics-400", **settings}
        put(page, **every)
        for key, value in every.items():
            setattr(explorer, key, value)
        assert sums(page)["reasons"] == explorer.reasons(), settings


# The league as it is seen.


def test_the_board_sorts_itself_and_writes_ties_as_ranges(ready):
    explorer = make()
    page = ready(explorer, reduced_motion="reduce")
    for shares in MIXES:
        put(page, shares=shares)
        explorer.shares = shares
        found = explorer.standings()
        order = sorted(range(6), key=lambda n: found[n].place)
        assert rows(page) == [explorer.families[n]["title"] for n in order]
        places = page.locator(".mb-board .mb-place").all_inner_texts()
        for n, text in zip(order, places, strict=True):
            best, worst = found[n].best, found[n].worst
            assert text == (str(best) if best == worst else f"{best}–{worst}")
        shown = page.locator(".mb-accuracy b").all_inner_texts()
        exact = [100 * found[n].accuracy for n in order]
        assert [float(text.split()[0]) for text in shown] == pytest.approx(exact, abs=0.0501)


def test_rows_glide_unless_motion_is_unwanted(ready):
    running = "document.querySelector('.mb-board').getAnimations({ subtree: true }).length"
    for options, moves in [({}, True), ({"reduced_motion": "reduce"}, False)]:
        page = ready(make(), **options)
        page.get_by_role("button", name="Only order").click()
        assert (page.evaluate(running) > 0) == moves


def test_changes_of_rank_are_named(ready):
    explorer = make()
    before = [standing.place for standing in explorer.standings()]
    page = ready(explorer, reduced_motion="reduce")
    assert "The order is that of our own test set." in page.locator(".lk-lesson").first.inner_text()
    page.get_by_role("button", name="Only order").click()
    lesson = page.locator(".lk-lesson").first.inner_text()
    assert lesson.startswith("With 100 % order, “Video transformer” is first beyond the interval.")
    explorer.shares = [0.0, 0.0, 0.0, 100.0]
    after = [standing.place for standing in explorer.standings()]
    gained = [was - now for was, now in zip(before, after, strict=True)]
    titles = [family["title"] for family in explorer.families]
    for verb, most in [("rises", max(gained)), ("falls", min(gained))]:
        n = gained.index(most)
        assert f"“{titles[n]}” {verb} from place {before[n]} to {after[n]}" in lesson
    moves = dict(zip(rows(page), page.locator(".mb-move").all_inner_texts(), strict=True))
    arrows = [f"{'▲' if one > 0 else '▼'} {abs(one)}" if one else "" for one in gained]
    assert [moves[title] for title in titles] == arrows
    page.get_by_role("button", name="Our own test set").click()
    assert not "".join(page.locator(".mb-move").all_inner_texts())


def test_a_goal_says_how_far_it_is_and_that_it_is_reached(ready):
    explorer = make()
    page = ready(explorer)
    listed = page.get_by_label("Goal").locator("option").all_inner_texts()
    assert len(listed) == len(explorer.goals) + 1
    page.get_by_label("Goal").select_option(label="Make “Video transformer” first")
    number = get(page, "goal")
    status = page.locator(".mb-status")
    found = explorer.standings()
    leader = max(range(6), key=lambda n: found[n].accuracy)
    title = explorer.families[leader]["title"]
    behind = 100 * (found[leader].accuracy - found[5].accuracy)
    text = f"is at place {found[5].place}, {behind:.1f} points behind “{title}” at place 1"
    assert text in status.inner_text()
    page.get_by_role("button", name="Only order").click()
    assert status.inner_text().startswith("✓ Reached: “Video transformer” is at place 1")
    explorer.goal, explorer.shares = number, get(page, "shares")
    assert explorer.reached()
    worst = next(one for one in listed if one.startswith(f"Push “{title}” down to place"))
    page.get_by_label("Goal").select_option(label=worst)
    page.get_by_role("button", name="Our own test set").click()
    assert f"“{title}” is at place 1, " in status.inner_text()
    assert "ahead of" in status.inner_text()


def test_reached_is_python_s_for_every_goal(ready):
    explorer = make()
    page = ready(explorer)
    met = set()
    for shares, goal in itertools.product(MIXES, range(len(explorer.goals))):
        put(page, shares=shares, goal=goal)
        explorer.shares, explorer.goal = shares, goal
        said = page.locator(".mb-status").inner_text().startswith("✓ Reached")
        assert said == explorer.reached()
        met.add(said)
    assert met == {True, False}


def test_the_cue_that_takes_all_gives_the_others_back_in_proportion(ready):
    page = ready(make(shares=[40.0, 30.0, 20.0, 10.0]))
    slider = page.get_by_label("appearance", exact=True)
    slider.press("End")
    assert get(page, "shares") == [100, 0, 0, 0]
    slider.press("Home")
    assert get(page, "shares") == pytest.approx([0, 50, 100 / 3, 50 / 3])


def middle_of(page, border):
    """Where the border after a cue stands on the page."""
    box = page.locator(".mb-part").nth(border).bounding_box()
    return box["x"] + box["width"], box["y"] + box["height"] / 2


def test_a_border_is_dragged_and_only_its_two_cues_change(ready):
    page = ready(make(shares=[40.0, 30.0, 20.0, 10.0]))
    bar = page.locator(".mb-mix").bounding_box()
    x, y = middle_of(page, 1)
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 0.05 * bar["width"], y, steps=3)
    assert get(page, "shares") == [40, 35, 15, 10]
    page.mouse.move(bar["x"] + 5, y, steps=3)
    assert get(page, "shares") == [40, 0, 50, 10], "never past its neighbours"
    page.mouse.up()
    page.mouse.move(x, y)
    assert get(page, "shares") == [40, 0, 50, 10]
    # Two borders at one place: the one that can be pulled out is taken.
    put(page, shares=[0, 0, 60, 40])
    page.mouse.move(bar["x"] + 1, y)
    page.mouse.down()
    page.mouse.move(bar["x"] + 0.2 * bar["width"], y, steps=3)
    page.mouse.up()
    assert get(page, "shares") == pytest.approx([0, 20, 40, 40])


def test_a_pointer_along_the_picture_moves_the_share(ready):
    page = ready(make(shares=[40.0, 30.0, 20.0, 10.0], cue=3))
    canvas = page.locator(".mb-lines")
    canvas.scroll_into_view_if_needed()
    box = canvas.bounding_box()
    half = box["x"] + 44 + (box["width"] - 56) / 2
    page.mouse.move(half, box["y"] + 60)
    page.mouse.down()
    assert get(page, "shares") == pytest.approx([40 / 1.8, 30 / 1.8, 20 / 1.8, 50])
    page.mouse.move(box["x"] + box["width"], box["y"] + 60, steps=2)
    page.mouse.up()
    assert get(page, "shares") == [0, 0, 0, 100]


def test_a_finger_scrolls_past_and_slides_along(ready):
    page = ready(make(), **PHONE)
    canvas = page.locator(".mb-lines")
    canvas.scroll_into_view_if_needed()
    before = get(page, "shares")
    box = canvas.bounding_box()
    page.touchscreen.tap(box["x"] + 80, box["y"] + 80)
    assert get(page, "shares") == before, "a finger that touches may be about to scroll"


def test_the_crossing_is_said(ready):
    explorer = make(first=0, second=5, cue=0)
    page = ready(explorer)
    at = f"{explorer.crossing():.0f} % appearance"
    assert page.locator("[data-reading=crossing]").inner_text().startswith(at)
    assert f"cross at {at}" in page.locator(".mb-lines").get_attribute("aria-label")
    page.get_by_label("B", exact=True).select_option(label="One frame")
    assert "choose two" in page.locator("[data-reading=apart]").inner_text()


def test_the_twin_stands_beside_with_its_source_and_no_share(ready):
    page = ready(make())
    text = page.locator(".mb-twin").inner_text()
    for id in ("k400-{}", "ssv2-{}"):
        for kind in ("space-only", "divided"):
            assert facts.text(id.format(f"timesformer-{kind}-bertasius2021-top1")) in text
    assert "bertasius2021, Table 1" in text
    assert "nobody measured" in text


# The published figures as they are seen.


def test_holding_all_of_a_line_leaves_those_that_say_the_same(ready):
    page = ready(make(page="published", chosen=ONE))
    assert "Nothing is held" in page.locator(".mb-read b").inner_text()
    page.get_by_role("button", name="Hold all of this line’s").click()
    held = get(page, *published.HELD)
    assert held == ["val", "no pretraining", "views: 30", "256 px", "multiply–adds"]
    assert f"with {FIVE - 1} other lines" in page.locator(".mb-read").inner_text()
    lesson = page.locator(".lk-lesson").last.inner_text()
    assert lesson.startswith(f"{FIVE} of 249 lines say the same of split, pretraining, views, size")
    page.get_by_text("The lines of this protocol, as a table").click()
    table = page.locator(".mb-table tbody tr").all_inner_texts()
    assert len(table) == FIVE
    assert all("feichtenhofer2019, Table 2" in row for row in table)
    page.get_by_label("Line", exact=True).select_option("k400-i3d-rgb-carreira2017-top1")
    assert "test against val; ImageNet against no pretraining; views not said" in (
        page.locator(".mb-read").inner_text()
    )
    page.get_by_role("button", name="Hold nothing").click()
    assert set(get(page, *published.HELD)) == {"any"}


def test_pointing_at_a_mark_reads_its_line_and_a_click_keeps_it(ready):
    page = ready(make(page="published", split="test", across="year"))
    before = page.locator(".mb-read").inner_text()
    canvas = page.locator(".mb-plane")
    canvas.scroll_into_view_if_needed()
    box = canvas.bounding_box()
    met = {}
    for right, down in itertools.product(range(1, 20), range(1, 9)):
        place = box["x"] + right * box["width"] / 20, box["y"] + down * box["height"] / 10
        page.mouse.move(*place)
        met[page.locator(".mb-read").inner_text()] = place
    assert len(met) >= 4
    mark = next(place for text, place in met.items() if text != before)
    page.mouse.move(*mark)
    assert page.locator(".mb-read").inner_text() != before
    page.mouse.move(box["x"] + 2, box["y"] - 40)
    assert page.locator(".mb-read").inner_text() == before
    page.mouse.click(*mark)
    kept = get(page, "chosen")
    page.mouse.move(box["x"] + 2, box["y"] - 40)
    line = next(line for line in make().lines if line["id"] == kept)
    assert page.locator(".mb-read").inner_text().startswith(line["name"])


def test_every_axis_and_data_set_is_drawn_and_fits(ready):
    page = ready(make(page="published"), **PHONE)
    pictures = set()
    for across, dataset in itertools.product(published.ACROSS, published.DATASETS):
        put(page, across=across, dataset=dataset)
        pictures.add(page.evaluate("document.querySelector('.mb-plane').toDataURL()"))
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert len(pictures) >= 7


def test_every_family_of_the_lines_has_a_mark(ready):
    page = ready(make(page="published"))
    legend = page.locator(".mb-page figcaption").last
    assert legend.locator("svg").count() == len(facts.FAMILIES)
    marks = legend.locator("svg").evaluate_all("nodes => nodes.map((node) => node.innerHTML)")
    assert len(set(marks)) == len(marks), "no two look alike"


# What Python sets, and by the keyboard alone.


def test_controls_follow_what_python_sets(ready):
    explorer = make()
    page = ready(explorer)
    for view, label, trait, value in [
        ("league", "Share of", "cue", 2),
        ("league", "A", "first", 3),
        ("league", "B", "second", 1),
        ("league", "Goal", "goal", 1),
        ("published", "Drawn over", "across", "year"),
        ("published", "Line", "chosen", ONE),
        *(("published", key, key, explorer.choices[key][0]) for key in published.HELD),
    ]:
        page.locator(f"input[value={view}]").check()
        put(page, **{trait: value})
        assert page.get_by_label(label, exact=True).input_value() == str(value), label
    put(page, dataset="Something-Something V2")
    assert page.locator("input[value='Something-Something V2']").is_checked()


def test_the_keyboard_alone_works_everything(ready):
    page = ready(make())
    for number, cue in enumerate(CUES):
        page.get_by_label(cue, exact=True).press("End")
        assert get(page, "shares")[number] == 100
    for label, trait in [("Share of", "cue"), ("A", "first"), ("B", "second"), ("Goal", "goal")]:
        before = get(page, trait)
        page.get_by_label(label, exact=True).press("ArrowUp" if before > 0 else "ArrowDown")
        assert get(page, trait) != before, label
    page.get_by_role("button", name="All equal").press("Enter")
    assert get(page, "shares") == [25] * 4
    page.locator("input[value=league]").press("ArrowDown")
    assert get(page, "page") == "published"
    page.locator("input[value='Kinetics-400']").press("ArrowDown")
    assert get(page, "dataset") == "Something-Something V2"
    for label in ("Drawn over", "Line", *published.HELD):
        page.get_by_label(label, exact=True).press("ArrowDown")
    assert "any" not in get(page, *published.HELD)
    assert get(page, "across") == "total"

"""Deck of detections in a real browser: all it computes is Python's, and it can be worked."""

import json
import random

import deck_cards
import pytest
from contract import Case, get, put
from deck_cards import ANSWERS, FILMS, LABEL, TRUTHS

from lecturekit.explorers.deck_of_detections import AREAS, MAX_CARDS, DeckOfDetections

PHONE = {"viewport": {"width": 360, "height": 780}, "has_touch": True}

SWEEP = """(grid) => {
  const [body, model] = [document.querySelector(".lk-body"), document.querySelector(".lk-explorer").lkModel];
  return grid.map((settings) => {
    Object.entries(settings).forEach(([key, value]) => model.set(key, value));
    return JSON.parse(body.dataset.sums);
  });
}"""  # noqa: E501


def make(**settings):
    return DeckOfDetections(ANSWERS, TRUTHS, FILMS, **settings)


CASE = Case(
    make=make,
    control=".dd-card input[type=range]",
    key="PageDown",
    changes="cards",
    python=("tiou", 0.8),
    says="Card 2 of 7: street 2.5–6 s, score 0.85, right: tIoU 0.88 ≥ 0.50. AP 0.593",
)


def sums(page):
    return json.loads(page.locator(".lk-body").get_attribute("data-sums"))


def names(page):
    return page.locator(".dd-deck li .dd-head b:nth-child(2)").all_inner_texts()


def lesson(page):
    return page.locator(".lk-lesson").inner_text()


@pytest.mark.parametrize("seed", range(6))
def test_random_decks_are_dealt_as_python_deals_them(ready, seed):
    """Ties of scores and of overlaps, copies, both matchings, all that can be left out."""
    rng = random.Random(seed)
    answers, truths, films = deck_cards.random_deck(rng)
    deck = DeckOfDetections(answers, truths, films)
    drawn = [
        {"cards": deck_cards.random_cards(rng, answers), **deck_cards.random_settings(rng)}
        for _ in range(150)
    ]
    for settings, there in zip(drawn, ready(deck).evaluate(SWEEP, drawn), strict=True):
        for key, value in settings.items():
            setattr(deck, key, value)
        ranking = deck.ranking()
        for key, values in ranking._asdict().items():
            assert there[key] == values, (key, settings)
        expected = deck.average_precision()
        assert there["areas"] == pytest.approx(expected, abs=1e-12), settings


def test_the_readings_are_the_deck_s(ready):
    page = ready(make())
    for key, said in {
        "steps": "0.668",
        "interpolated": "0.693",
        "eleven": "0.701",
        "right": "4/4",
        "counted": "7/7",
        "other": "0.693",
    }.items():
        assert page.locator(f"[data-reading={key}] b").inner_text() == said
    put(page, doubles="left out", empty="left out")
    assert page.locator("[data-reading=counted] b").inner_text() == "5/7"
    assert lesson(page).startswith("2 cards left out")
    assert "AP is 0.950 instead of 0.693" in lesson(page)
    assert page.get_by_text("not counted").count() == 2
    put(page, doubles="false", empty="false", tiou=0.9)
    assert "No card is right: AP is 0" in lesson(page)


def centre(page, rank, inside=".dd-head"):
    box = page.locator(f".dd-deck li:nth-child({rank}) {inside}").bounding_box()
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def test_a_mouse_drags_a_card_through_the_deck(ready):
    page = ready(make(rule="steps"))
    before = sums(page)["areas"]["steps"]
    x, y = centre(page, 2)
    _, bottom = centre(page, 7)
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x, bottom + 60, steps=12)
    assert names(page)[-1] == "empty 3–6 s"
    assert "Only the order counts" not in lesson(page)
    assert get(page, "cards")[1] == [1, 0.15], "half of what is below the last one"
    assert sums(page)["areas"]["steps"] == pytest.approx((1 + 2 / 3 + 3 / 4 + 4 / 6) / 4)
    assert page.locator(".dd-sum").inner_text() == "AP 0.771 by steps; with the first scores 0.668"
    page.mouse.move(x, y, steps=12)
    assert names(page)[1] == "empty 3–6 s", "it is still held"
    assert sums(page)["areas"]["steps"] == pytest.approx(before)
    page.mouse.up()
    page.mouse.move(x, bottom, steps=12)
    assert names(page)[1] == "empty 3–6 s", "it was let go"
    assert get(page, "chosen") == 1


def test_a_score_is_dragged_and_its_card_follows(ready):
    page = ready(make())
    track = page.locator(".dd-deck li:nth-child(7) input").bounding_box()
    y = track["y"] + track["height"] / 2
    page.mouse.move(track["x"] + 0.32 * track["width"], y)
    page.mouse.down()
    page.mouse.move(track["x"] + track["width"] - 1, y, steps=10)
    page.mouse.up()
    assert get(page, "cards")[6] == [6, 1], "held on its way through the deck"
    assert names(page)[0] == "kitchen 7.5–10.5 s"


def test_a_finger_moves_a_card_by_its_grip_and_scrolls_elsewhere(ready):
    page = ready(make(), **PHONE)
    touch = page.context.new_cdp_session(page)

    def drag(start, stop):
        def send(kind, *points):
            place = [{"x": x, "y": y} for x, y in points]
            touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": place})

        send("touchStart", start)
        for k in range(1, 9):
            send("touchMove", (start[0], start[1] + (stop[1] - start[1]) * k / 8))
        send("touchEnd")

    x, y = centre(page, 3, ".dd-grip")
    drag(centre(page, 1, ".dd-grip"), (x, y + 20))  # past the middle of the third
    assert names(page)[2] == "street 2.5–6 s"
    assert page.evaluate("scrollY") == 0
    there = names(page)
    drag(centre(page, 4), centre(page, 2))
    assert names(page) == there
    page.wait_for_function("scrollY > 0")


def test_arrow_keys_move_the_card_that_is_held_and_keep_the_focus(ready):
    page = ready(make())
    page.locator(".dd-grip").nth(2).focus()
    assert get(page, "chosen") == 2
    for key, rank in [("ArrowUp", 1), ("ArrowUp", 0), ("ArrowDown", 1), ("End", 6), ("Home", 0)]:
        page.keyboard.press(key)
        assert names(page)[rank] == "street 1.5–5 s", key
        label = page.evaluate("document.activeElement.getAttribute('aria-label')")
        assert label == f"Rank {rank + 1}: street 1.5–5 s. Arrow keys move it"
    page.keyboard.press("ArrowUp")
    assert names(page)[0] == "street 1.5–5 s"
    # The double came before the answer that took its truth: now that one is the double.
    assert sums(page)["kinds"][:2] == ["right", "double"]
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.type") == "range"
    page.keyboard.press("ArrowLeft")
    assert get(page, "cards")[2][1] == pytest.approx(0.98 - 0.01, abs=0.011)


def test_squared_scores_move_nothing_and_say_so(ready):
    page = ready(make())
    before = sums(page)
    button = page.get_by_role("button", name="Square all scores")
    button.click()
    assert [score for _, score in get(page, "cards")] == [row[4] ** 2 for row in ANSWERS]
    assert sums(page) == before
    assert "Only the order counts." in lesson(page)
    for _ in range(3):
        button.click()
    assert button.get_attribute("aria-disabled") == "true"
    scores = [score for _, score in get(page, "cards")]
    assert sorted(scores, reverse=True) == scores
    assert len(set(scores)) == 7, "none became equal to another"
    button.click(force=True)
    assert [score for _, score in get(page, "cards")] == scores, "the next would make some equal"
    page.get_by_role("button", name="Deal again").click()
    assert get(page, "cards") == [[k, row[4]] for k, row in enumerate(ANSWERS)]


def test_a_copy_is_added_and_removed_by_one_button(ready):
    page = ready(make(chosen=3))
    button = page.locator(".dd-buttons button").first
    assert button.inner_text() == "Add a copy of card 4"
    button.focus()
    page.keyboard.press("Enter")
    assert get(page, "cards")[7:] == [[3, 0.65]]
    assert get(page, "chosen") == 7
    assert names(page)[4] == "kitchen 1–4 s, a copy"
    assert sums(page)["kinds"][4] == "double"
    assert lesson(page).startswith("A copy finds nothing new")
    assert button.inner_text() == "Remove this copy"
    page.keyboard.press("Enter")
    assert len(get(page, "cards")) == len(names(page)) == 7
    assert get(page, "chosen") == 3
    for _ in range(MAX_CARDS - 7):
        put(page, chosen=0)
        button.click()
    put(page, chosen=0)
    assert button.is_disabled()
    put(page, chosen=8)
    button.click()
    assert [answer for answer, _ in get(page, "cards")][7:] == [0, 0, 0, 0]


def test_false_cards_are_counted_above_and_below_the_last_right_one(ready):
    page = ready(make())
    assert lesson(page).startswith("3 false cards above the last right one lower the precision")
    cards = [[k, score] for k, score in enumerate([0.9, 0.2, 0.1, 0.8, 0.7, 0.5, 0.6])]
    put(page, cards=cards)
    assert lesson(page).startswith("Every right card stands above every false one: precision is 1")
    assert lesson(page).endswith("up to recall 4/4. AP cannot be higher.")
    put(page, tiou=0.75)
    assert lesson(page).endswith("up to recall 2/4. What AP lacks are the truths missed.")
    put(page, tiou=0.5, cards=[*cards[:5], [5, 0.75], cards[6]])
    assert lesson(page).startswith("1 false card above the last right one lowers the precision")
    assert "2 false cards below it cost nothing." in lesson(page)


def test_a_tie_is_said_where_it_decides(ready):
    cards = [[k, row[4]] for k, row in enumerate(ANSWERS)]
    cards[1][1] = 0.95
    page = ready(make(cards=cards))
    assert lesson(page).startswith("Cards 1 and 2 have equal scores.")


def test_the_matching_is_said_where_it_decides(ready):
    truths = [("a", LABEL, 0, 4), ("a", LABEL, 3, 7)]
    answers = [("a", LABEL, 0, 4, 0.9), ("a", LABEL, 0, 6, 0.8)]
    page = ready(DeckOfDetections(answers, truths, {"a": 10}, tiou=0.4))
    assert lesson(page).startswith("The matching decides here: the other one gives AP 0.500.")
    page.get_by_role("radio", name="its best truth only").check()
    assert sums(page)["kinds"] == ["right", "double"]
    assert page.locator("[data-reading=other] b").inner_text() == "1.000"


def test_every_setting_can_be_made_by_keyboard(ready):
    page = ready(make())
    page.get_by_label("tIoU needed").press("ArrowRight")
    assert get(page, "tiou") == 0.55
    for key, before, after in [
        ("rule", "interpolated", "eleven points"),
        ("take", "best free", "best only"),
    ]:
        page.locator(f"input[value='{before}']").press("ArrowDown")
        assert get(page, key) == after
    for key, legend in [("doubles", "Doubles"), ("empty", "Films without truth")]:
        group = page.get_by_role("group", name=legend)
        group.get_by_role("radio", name="count as false").press("ArrowDown")
        assert get(page, key) == "left out"


@pytest.mark.parametrize("rule", AREAS)
def test_the_area_that_is_drawn_is_the_rule_s(ready, rule):
    """Summed from the drawing itself: rectangles, or the mean of eleven stems."""
    page = ready(make(rule=rule))
    area = page.evaluate(
        """() => {
          const [wide, high] = [276, 196]; // of the axes' unit square
          const number = (node, name) => Number(node.getAttribute(name));
          const rects = [...document.querySelectorAll(".dd-area")];
          const stems = [...document.querySelectorAll(".dd-stem")];
          if (stems.length === 11)
            return stems.reduce((sum, n) => sum + number(n, "y1") - number(n, "y2"), 0) / high / 11;
          return rects.reduce((sum, n) => sum + number(n, "width") * number(n, "height"), 0)
            / wide / high;
        }"""
    )
    assert area == pytest.approx(make().average_precision()[rule], abs=1e-6)
    label = page.locator(".dd-curve").get_attribute("aria-label")
    assert "1: 0.25, 1.00; 2: 0.25, 0.50; 3: 0.25, 0.33" in label


def test_segments_stand_where_their_times_are(ready):
    page = ready(make())
    line = page.locator(".dd-all").nth(1).bounding_box()
    for part, (start, stop) in {".dd-truth": (1, 5), ".dd-bar": (1, 4)}.items():
        box = page.locator(f".dd-all >> nth=1 >> {part}").first.bounding_box()
        assert (box["x"] - line["x"]) / line["width"] == pytest.approx(start / 12, abs=0.01)
        assert box["width"] / line["width"] == pytest.approx((stop - start) / 12, abs=0.01)


def test_no_kind_is_told_by_colour_alone(ready):
    page = ready(make())
    marks = page.locator(".dd-deck li .dd-head b:first-child").all_inner_texts()
    assert marks == ["✓", "N", "D", "✓", "✓", "B", "✓"]
    bars = page.locator(".dd-deck .dd-bar").all_inner_texts()
    assert bars == marks
    looks = page.evaluate(
        """[...document.querySelectorAll(".dd-deck .dd-bar")].map((node) => {
          const { backgroundImage, borderStyle } = getComputedStyle(node);
          return `${backgroundImage.replace(/rgb[^)]*\\)/g, "")} ${borderStyle}`;
        })"""
    )
    assert len(set(looks)) == 4


def test_the_table_has_the_deck_in_words(ready):
    page = ready(make(doubles="left out"))
    page.get_by_text("The deck as a table").click()
    rows = [row.split("\t") for row in page.locator(".dd-table tbody tr").all_inner_texts()]
    assert rows[1] == [
        "2", "empty 3–6 s", "0.90", "0.000", "N: no truth in its film", "1", "0.500", "0.250"
    ]  # fmt: skip
    assert rows[2][4:] == ["D: double", "left out", "–", "–"]
    assert [row[0] for row in rows] == [str(k) for k in range(1, 8)]


def test_what_is_left_out_is_seen_to_be(ready):
    page = ready(make(doubles="left out"))
    bars = page.locator(".dd-line .dd-double")
    styles = "nodes => nodes.map((node) => getComputedStyle(node).borderStyle)"
    assert bars.evaluate_all(styles) == ["dotted"] * 2, "in its card and among the films"
    put(page, doubles="false")
    assert bars.evaluate_all(styles) == ["solid"] * 2


def test_on_paper_the_cards_keep_their_ranks(ready):
    page = ready(make())
    page.emulate_media(media="print")
    assert page.locator(".dd-grip").first.is_visible()
    assert not page.get_by_role("button", name="Deal again").is_visible()

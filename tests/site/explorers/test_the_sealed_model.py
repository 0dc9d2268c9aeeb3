"""The sealed model in a real browser: a whole game, its reasons, and every sum as Python has it."""

import json

import pytest
from contract import Case, get, put

from lecturekit.explorers.the_sealed_model import TheSealedModel, rules, stored
from lecturekit.explorers.the_sealed_model.networks import SUSPECTS
from lecturekit.explorers.the_sealed_model.probing import PROBES

PHONE = {"viewport": {"width": 390, "height": 780}, "has_touch": True, "is_mobile": True}
NOTHING = [[] for _ in SUSPECTS]

SWEEP = """(states) => {
  const body = document.querySelector(".lk-body");
  const model = document.querySelector(".lk-explorer").lkModel;
  return states.map((state) => {
    Object.entries(state).forEach(([key, value]) => model.set(key, value));
    return JSON.parse(body.dataset.sums);
  });
}"""


def make(**settings):
    return TheSealedModel(**settings)


CASE = Case(
    make=make,
    control=".sm-look select",
    key="ArrowDown",
    changes="clip",
    python=("mode", "table"),
    says="A, reverse on sit down. Not bought. 5 coins left.",
)


def sums(page):
    return json.loads(page.locator(".lk-body").get_attribute("data-sums"))


def lesson(page):
    return page.locator(".lk-lesson").inner_text()


def verdict(page):
    return page.locator(".sm-verdict").inner_text()


def letter_of(network, **settings):
    return make(**settings).behind().index(network)


def at(network, bought=(), named=(), **settings):
    """A game with one letter chosen, by the network behind it."""
    letter = letter_of(network)
    lists = {"bought": list(bought), "named": list(named)}
    full = {key: [names if k == letter else [] for k in range(8)] for key, names in lists.items()}
    return make(letter=letter, **full, **settings)


# Sums.


def test_orders_outcomes_and_proofs_are_python_s(ready):
    explorer = make()
    deals = [1, 2, 3, 17, 500, 9999]
    found = ready(explorer).evaluate(SWEEP, [{"deal": deal} for deal in deals])
    for deal, there in zip(deals, found, strict=True):
        assert there["order"] == rules.order(deal, 8)
        assert there["outcomes"] == [list(of.values()) for of in explorer.outcomes.values()]
        named = [[[PROBES[p] for p in some] for some in proofs] for proofs in there["proofs"]]
        assert named == [[list(s) for s in one] for one in explorer.shortest_proofs().values()]
        apart = [tuple(PROBES[p] for p in some) for some in there["apartBy"]]
        assert apart == rules.told_apart(explorer.outcomes)


def test_all_evidence_is_python_s(ready):
    explorer = make(mode="table")
    states = [{"letter": letter} for letter in range(8)]
    found = ready(explorer).evaluate(SWEEP, states)
    for network, there in zip(explorer.behind(), found, strict=True):
        assert [row["name"] for row in there["rows"]] == list(stored.ASKED)
        for row in there["rows"]:
            evidence = explorer.evidence(network, row["name"])
            for key in ("changed", "different", "right"):
                assert row[key] == getattr(evidence, key), (network, row["name"], key)


def test_coins_points_and_seals_are_python_s(ready):
    explorer = make(deal=5)
    behind = explorer.behind()
    wrong = [next(name for name in SUSPECTS if name != network) for network in behind]
    states = [
        {"bought": [list(PROBES[:k])] * 8, "named": [names(k) for k in range(8)]}
        for k in range(6)
        for names in (
            lambda n: [],
            lambda n: [wrong[n]],
            lambda n: [wrong[n], behind[n]],
            lambda n: [behind[n]],
        )
    ]
    for state, there in zip(states, ready(explorer).evaluate(SWEEP, states), strict=True):
        each = list(zip(state["bought"], state["named"], behind, strict=True))
        assert there["coins"] == [max(rules.coins(*one), 0) for one in each]
        assert there["points"] == [rules.points(*one) for one in each]
        assert there["open"] == [rules.is_open(*one) for one in each]


# The game.


def test_a_whole_game_is_won_with_the_shortest_proofs(ready):
    """By keyboard alone: choose a letter, buy its proof, name it; then the next."""
    explorer = make()
    page = ready(explorer)
    proofs = explorer.shortest_proofs()
    for letter, network in enumerate(explorer.behind()):
        page.locator(f".sm-letters input[value='{letter}']").press("Space")
        for probe in proofs[network][0]:
            page.locator(f".sm-probes input[value='{probe}']").press("Space")
            page.get_by_role("button", name="1 coin").press("Enter")
        page.locator(f".sm-names input[value='{network}']").press("Space")
        page.locator(".sm-name button").press("Enter")
        assert verdict(page).startswith(f"✓ Right. {'ABCDEFGH'[letter]}: {SUSPECTS[network].title}")
        assert "Excluded: under" in verdict(page)
        assert f"({len(proofs[network][0])} coin" in verdict(page)
    points = sum(rules.PURSE - len(some[0]) for some in proofs.values())
    assert sum(sums(page)["points"]) == points
    words = page.locator(".sm-deal").inner_text()
    assert words.startswith(f"Deal 1: 8 of 8 opened, {points} points.")
    assert f"proof for each: {points}. The fewest probes that tell all eight apart:" in words


def test_a_wrong_name_is_told_the_evidence_against_it(ready):
    page = ready(at("3D CNN", bought=["reverse"]))
    page.locator(".sm-names input[value='late fusion']").check()
    page.get_by_role("button", name="is: Late fusion").click()
    assert verdict(page).startswith("✗ Not “Late fusion”. You had the evidence: under “reverse”")
    assert "would have kept its scores: the mean of its frames" in verdict(page)
    assert "(chapter 3, “Proof: an average has no memory of order”)" in verdict(page)
    letter = get(page, "letter")
    assert sums(page)["coins"][letter] == 3
    assert get(page, "suspect") == "none"
    assert page.locator(".sm-names em", has_text=f"not {'ABCDEFGH'[letter]}").count() == 1


def test_the_other_way_round_no_theorem_is_claimed(ready):
    page = ready(at("late fusion", bought=["reverse"], named=["3D CNN"]))
    assert "the scores stayed the same but for rounding" in verdict(page)
    assert "nothing forces that on 3D CNN, whose scores changed by up to" in verdict(page)


def test_a_wrong_name_that_nothing_bought_speaks_against_reveals_nothing(ready):
    page = ready(at("3D CNN", bought=["mirror"], named=["late fusion"]))
    told = "✗ Not “Late fusion”, though nothing that you bought speaks against it: other evidence"
    assert verdict(page) == f"{told} would."


def test_an_empty_purse_buys_nothing_and_a_wrong_name_more_opens_the_seal(ready):
    page = ready(at("slow alone", bought=PROBES[:5]))
    put(page, probe="stills")
    button = page.locator(".sm-ask button")
    assert button.inner_text() == "No coin left: name it"
    assert button.get_attribute("aria-disabled") == "true"
    button.press("Enter")
    letter = get(page, "letter")
    assert get(page, "bought")[letter] == list(PROBES[:5])
    page.locator(".sm-names input[value='3D CNN']").check()
    page.locator(".sm-name button").click()
    assert verdict(page).startswith(f"The purse is empty. {'ABCDEFGH'[letter]}: Slow alone")
    assert sums(page)["open"][letter]
    assert sums(page)["points"][letter] == 0
    assert page.locator(".sm-table tbody tr").first.inner_text().startswith("as they are")
    assert page.locator(".sm-wide").first.locator("tbody tr").count() == 10, "all is shown now"


def test_the_reasons_name_theorem_chapter_runner_up_and_proof(ready):
    page = ready(at("flow stream", bought=["freeze"], named=["flow stream"]))
    words = verdict(page)
    assert "It cannot see “freeze” and “stills”: between equal frames nothing moves" in words
    assert "(chapter 6, “What the temporal stream sees, and why”)" in words
    assert "Runner-up: 3D CNN. Excluded: under “freeze” the scores became one and the same" in words
    assert "Shortest proof: “freeze” (1 coin)" in words
    page = ready(at("3D CNN", bought=["mirror"], named=["3D CNN"]))
    assert "No theorem makes it blind to any of the 9 probes" in verdict(page)
    assert "Nothing that you bought excludes it. This would have: under" in verdict(page)


def test_start_over_and_deal_anew_take_all_back(ready):
    explorer = at("inflated", bought=["held"], named=["3D CNN"], suspect="one frame")
    page = ready(explorer)
    page.get_by_role("button", name="Start this deal over").click()
    assert get(page, "bought", "named", "letter", "suspect") == [NOTHING, NOTHING, 0, "none"]
    assert get(page, "deal") == 1
    over = page.get_by_role("button", name="Start this deal over")
    assert over.get_attribute("aria-disabled") == "true"
    page.get_by_role("button", name="Deal anew").click()
    assert get(page, "deal") == 2
    assert sums(page)["order"] == rules.order(2, 8)


def test_nothing_is_told_of_what_is_not_bought(ready):
    page = ready(make())
    texts = page.locator(".sm-wide").all_inner_texts()
    assert not any(mark in text for text in texts for mark in "=≠")
    assert "%" not in texts[1], "nothing on the board"
    assert "by cue, is free" in lesson(page)
    assert not page.locator(".sm-verdict").is_visible()


@pytest.mark.parametrize(
    ("network", "probe", "words"),
    [
        ("late fusion", "shuffle", "no score moved but for rounding"),
        ("flow stream", "freeze", "Under “freeze” all 240 clips get the same scores"),
        ("3D CNN", "freeze", "it sees what “freeze” changes"),
        ("inflated", "halves", "of 240 answers changed, but the scores did"),
        ("3D CNN", "mirror", "This coin excludes nobody"),
        ("3D CNN", "reverse", "Before you buy"),
    ],
)
def test_the_lesson_fits_what_is_looked_at(ready, network, probe, words):
    bought = ["shuffle", "freeze", "mirror", "halves"]
    assert words in lesson(ready(at(network, bought=bought, probe=probe)))


def test_the_table_hides_nothing(ready):
    page = ready(make(mode="table"))
    assert not page.locator(".sm-name").is_visible()
    assert not page.locator(".sm-ask button").is_visible()
    board = page.locator(".sm-wide").nth(1)
    rows = board.locator("tbody th").all_inner_texts()
    assert rows == [f"{a} {b}" for a, b in zip("ABCDEFGH", make().behind(), strict=True)]
    marks = {"same": "=", "one": "1", "other": "≠"}
    told = [text.split()[0] for text in board.locator("tbody td").all_inner_texts()]
    expected = [marks[of] for name in make().behind() for of in make().outcomes[name].values()]
    assert told == expected
    assert (
        "The fewest probes that tell all eight apart: “reverse”, “freeze”"
        in page.locator(".sm-deal").inner_text()
    )


def test_the_strip_is_drawn_and_told(ready):
    page = ready(make(probe="reverse"))
    label = page.locator("[data-strip=after]").get_attribute("aria-label")
    assert label.startswith("walk right, reverse. The last frame comes first. Frames 15, 14, 13")
    before, after = (
        page.locator(f"[data-strip={key}]").evaluate("(n) => n.toDataURL()")
        for key in ("before", "after")
    )
    assert before != after
    put(page, probe="stills")
    still = page.locator("[data-strip=after]").evaluate("(n) => n.toDataURL()")
    assert still == before


def test_a_finger_plays_and_nothing_is_wider_than_a_phone(ready):
    page = ready(**PHONE)
    page.locator(".sm-letters input[value='2']").tap()
    page.locator(".sm-probes input[value=held]").tap()
    page.get_by_role("button", name="Ask C: “held”, 1 coin").tap()
    assert get(page, "bought")[2] == ["held"]
    assert page.get_by_role("button", name="“held” is bought").is_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_on_paper_the_evidence_stays(ready):
    page = ready(at("inflated", bought=["reverse"], named=["inflated"]))
    page.emulate_media(media="print")
    assert page.locator(".sm-verdict").is_visible()
    assert page.locator(".sm-wide").first.is_visible()
    assert not page.get_by_role("button", name="Deal anew").is_visible()

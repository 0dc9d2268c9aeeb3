"""Token room in a real browser: the page answers as torch does, and can be worked."""

import json
from functools import cache

import numpy as np
import pytest
from contract import Case, get, put

from lecturekit.explorers.token_room import ORDERS, VIEWS, TokenRoom, network
from lecturekit.puppets import ACTIONS, PuppetClips

PHONE = {"viewport": {"width": 390, "height": 780}, "has_touch": True, "is_mobile": True}

# Sets each of the settings in turn and, where it is asked for, waits for the importance.
SWEEP = """async ([grid, wait]) => {
  const [body, model] = [document.querySelector(".lk-body"), document.querySelector(".lk-explorer").lkModel];
  const answers = () => JSON.parse(body.dataset.answers);
  const found = [];
  for (const settings of grid) {
    Object.entries(settings).forEach(([key, value]) => model.set(key, value));
    await null;
    while (wait && !answers().importance) await new Promise((done) => setTimeout(done, 5));
    found.push(answers());
  }
  return found;
}"""  # noqa: E501

# The colour near the middle of each token on a canvas: [t][y][x] → [red, green, blue].
CELLS = """(canvas) => {
  const context = canvas.getContext("2d");
  const ratio = canvas.width / canvas.clientWidth;
  const columns = canvas.width > 2 * canvas.height ? 4 : 2;
  const side = (canvas.clientWidth - 6 * (columns - 1)) / columns;
  const at = (k, cell) => ratio * (k * (side + 6) + ((cell + 0.4375) * side) / 4); // inside a pixel
  const range = [0, 1, 2, 3];
  return range.map((t) => range.map((y) => range.map((x) => [...context.getImageData(
    at(t % columns, x), at(Math.floor(t / columns), y), 1, 1).data].slice(0, 3))));
}"""


@cache
def clips():
    test = PuppetClips("test", 24, num_frames=16, size=32, seed=3)
    return {list(ACTIONS)[k % 12]: test.frames(k) for k in (2, 4, 22)}


def make(**settings):
    return TokenRoom(clips(), **settings)


CASE = Case(
    make=make,
    control=".tr-stage",
    key="ArrowRight",
    changes="x",
    python=("layer", 3),
    says="(t 1, y 1, x 2). 64 of 64 tokens reach it through layer 1 (joint).",
    play="Play",
    still="Next frame of each token",
)


def answers(page):
    return json.loads(page.locator(".lk-body").get_attribute("data-answers"))


def settled(page):
    page.wait_for_function(
        "JSON.parse(document.querySelector('.lk-body').dataset.answers).importance"
    )
    return answers(page)


def settings_drawn(count):
    """All schemes, orders, layers and views, in company of others drawn at random."""
    rng = np.random.default_rng(0)
    names = list(clips())
    return [
        {
            "clip": names[k % 3],
            "frames": ORDERS[k % 4],
            "scheme": network.SCHEMES[k % 6],
            "layer": 1 + k // 6 % 4,
            "head": VIEWS[k // 2 % 6],
            "t": int(rng.integers(4)),
            "y": int(rng.integers(4)),
            "x": int(rng.integers(4)),
            "deleted": sorted(rng.choice(64, rng.integers(0, 63) if k % 3 else 0, False).tolist()),
        }
        for k in range(count)
    ]


def apply(room, settings):
    for key, value in settings.items():
        setattr(room, key, value)
    return room


def test_the_page_answers_as_torch_does(ready):
    room, grid = make(), settings_drawn(96)
    for settings, shown in zip(grid, ready(room).evaluate(SWEEP, [grid, False]), strict=True):
        expected = apply(room, settings).answers()
        assert shown["scores"] == pytest.approx(expected.scores, abs=1e-3), settings
        assert shown["reach"] == expected.reach.tolist(), settings
        assert shown["weights"] == pytest.approx(expected.weights, abs=1e-4), settings


def test_importance_is_what_torch_finds(ready):
    room, grid = make(), settings_drawn(12)
    grid[-1] = {**grid[-1], "deleted": list(range(1, 64))}  # one is left: nothing to compare with
    for settings, shown in zip(grid, ready(room).evaluate(SWEEP, [grid, True]), strict=True):
        expected = apply(room, settings).importance()
        assert shown["importance"] == pytest.approx(expected, abs=2e-3), settings
    assert not any(shown["importance"])


def test_the_bars_move_at_once_and_importance_follows(ready):
    page = ready()
    before = settled(page)
    put(page, deleted=[5, 6, 9, 10])
    now = answers(page)
    assert now["scores"] != before["scores"]
    assert settled(page)["importance"] != before["importance"]
    assert answers(page)["scores"] == now["scores"]


def shown_bars(page):
    return page.evaluate(
        """[...document.querySelectorAll(".tr-bar")].map((bar) => {
          const [track, fill, tick] = [".tr-track", ".tr-fill", ".tr-tick"].map((one) => bar.querySelector(one));
          const wide = track.clientWidth;
          return [bar.firstChild.textContent, fill.getBoundingClientRect().width / wide,
            tick.checkVisibility() ? tick.offsetLeft / wide : null, bar.className];
        })"""  # noqa: E501
    )


def softmax(scores):
    parts = np.exp(scores - np.max(scores))
    return parts / parts.sum()


def test_the_bars_are_the_shares_and_ticks_keep_the_whole_clip(ready):
    room = make(clip="sit down", scheme="divided")
    page = ready(room)
    whole = softmax(room.answers().scores)
    names, wide, ticks, looks = zip(*shown_bars(page), strict=True)
    assert names == tuple(ACTIONS)
    assert wide == pytest.approx(whole, abs=0.02)
    assert set(ticks) == {None}, "nothing has changed yet"
    assert ["is-named" in look for look in looks].index(True) == whole.argmax()
    assert [n for n, look in zip(names, looks, strict=True) if "is-filmed" in look] == ["sit down"]
    room.frames, room.deleted = "reversed", [0, 1, 2]
    put(page, frames="reversed", deleted=[0, 1, 2])
    _, wide, ticks, _ = zip(*shown_bars(page), strict=True)
    shares = softmax(room.answers().scores)
    assert wide == pytest.approx(shares, abs=0.02)
    moved = [k for k in range(12) if abs(shares[k] - whole[k]) >= 0.005]
    assert moved
    assert [k for k in range(12) if ticks[k] is not None] == moved, "a tick where it has moved"
    assert [ticks[k] for k in moved] == pytest.approx(whole[moved], abs=0.03)
    words = page.locator(".tr-named").inner_text()
    assert "“sit down” played in reverse, 3 of its tokens deleted: the network names" in words


def spot(page, selector, t, y, x):
    """Where to press for a token of a canvas."""
    box = page.locator(selector).bounding_box()
    columns = 4 if box["width"] > 2 * box["height"] else 2
    side = (box["width"] - 6 * (columns - 1)) / columns
    left = box["x"] + (t % columns) * (side + 6) + (x + 0.5) * side / 4
    return left, box["y"] + t // columns * (side + 6) + (y + 0.5) * side / 4


@pytest.mark.parametrize("selector", [".tr-film", ".tr-maps figure:nth-child(2) canvas"])
def test_a_press_chooses_the_query_or_deletes(ready, selector):
    page = ready()
    page.locator(selector).scroll_into_view_if_needed()
    page.mouse.click(*spot(page, selector, 2, 3, 0))
    assert get(page, "t", "y", "x") == [2, 3, 0]
    page.get_by_label("deletes a token").check()
    page.locator(selector).scroll_into_view_if_needed()
    page.mouse.click(*spot(page, selector, 1, 0, 3))
    page.mouse.click(*spot(page, selector, 0, 0, 1))
    assert get(page, "t", "y", "x", "deleted") == [2, 3, 0, [1, 19]]
    page.mouse.click(*spot(page, selector, 1, 0, 3))
    assert get(page, "deleted") == [1]


def test_a_finger_chooses_a_token(ready):
    page = ready(**PHONE)
    page.locator(".tr-film").scroll_into_view_if_needed()
    page.touchscreen.tap(*spot(page, ".tr-film", 3, 2, 1))
    assert get(page, "t", "y", "x") == [3, 2, 1]
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_the_keyboard_alone_moves_deletes_and_brings_back(ready):
    page = ready(make(t=0, y=0, x=0))
    stage = page.locator(".tr-stage")
    for key, want in [
        ("ArrowLeft", [0, 0, 0]),
        ("ArrowDown", [0, 1, 0]),
        ("ArrowRight", [0, 1, 1]),
        ("PageDown", [1, 1, 1]),
    ]:
        stage.press(key)
        assert get(page, "t", "y", "x") == want, key
    stage.press("Space")
    assert get(page, "deleted") == [21]
    for words in page.locator(".tr-most").all_inner_texts()[:2]:
        assert "The query is deleted" in words
    assert not any(answers(page)["weights"])
    stage.press("Space")
    assert get(page, "deleted") == []


def test_one_token_is_left(ready):
    page = ready(make(deleted=list(range(1, 64)), t=0, y=0, x=0))
    page.locator(".tr-stage").press("Space")
    assert len(get(page, "deleted")) == 63
    reach, _, importance = page.locator(".tr-most").all_inner_texts()
    assert "1 of 1 tokens reach it" in reach
    assert "there is nothing to compare with" in importance


def test_eight_tokens_are_deleted_by_weight_importance_or_chance(ready):
    page = ready()
    before = answers(page)
    others = [k for k in range(64) if k != 21]  # the query, (1, 1, 1), stays
    back = page.get_by_role("button", name="Bring all back")
    assert back.is_disabled()
    for name, key in [("most weight", "weights"), ("most importance", "importance")]:
        page.get_by_role("button", name=name).click()
        heavy = sorted(others, key=lambda k: (-before[key][k], k))[:8]
        assert get(page, "deleted") == sorted(heavy), name
        back.click()
        assert get(page, "deleted") == []
        settled(page)
    page.get_by_role("button", name="at random").click()
    page.get_by_role("button", name="at random").click()
    gone = get(page, "deleted")
    assert len(set(gone)) == 16
    assert 21 not in gone
    put(page, deleted=[], scheme="divided")
    page.get_by_role("button", name="most weight").click()
    assert get(page, "deleted") == [5, 37, 53], "all that it looks at, and no more"
    put(page, deleted=[21])
    settled(page)
    assert page.locator(".tr-delete button:disabled").count() == 3, "by whose weights?"


@pytest.mark.parametrize(
    ("scheme", "layer", "reached", "looks"),
    [
        ("space", 4, 16, "at the tokens of its own moment"),
        ("joint", 1, 64, "at all tokens"),
        ("model 2", 3, 16, "at the tokens of its own moment"),
        ("model 2", 4, 64, "at its own place in all moments"),
        ("model 3", 1, 16, "at the tokens of its own moment"),
        ("model 4", 1, 19, "in heads 1 and 2 at its own moment"),
        ("divided", 1, 4, "at its own place in all moments"),
        ("divided", 2, 64, "at the tokens of its own moment"),
    ],
)
def test_reach_and_where_a_layer_looks_are_said(ready, scheme, layer, reached, looks):
    page = ready(make(scheme=scheme, layer=layer))
    assert f"{reached} of 64 tokens reach it" in page.locator(".tr-most").first.inner_text()
    lesson = page.locator(".lk-lesson").inner_text()
    assert looks in lesson
    found = answers(page)
    heavy, worth = (
        set(sorted(range(64), key=lambda k, values=values: (-values[k], k))[:8])
        for values in (found["weights"], found["importance"])
    )
    heavy = {k for k in heavy if found["weights"][k] > 0}
    both = f"{len(heavy & worth)} are among the 8 of most importance"
    assert f"Of the {len(heavy)} tokens of most weight, {both}" in lesson


def test_the_maps_are_drawn_as_strong_as_their_values(ready):
    page = ready(make(scheme="divided", layer=1, head="2"), viewport={"width": 1100, "height": 900})
    page.evaluate("document.documentElement.dataset.theme = 'light'")
    page.wait_for_timeout(100)
    reach, weights, importance = (
        np.array(canvas.evaluate(CELLS), float).reshape(64, 3)
        for canvas in page.locator(".tr-map").all()
    )
    found = answers(page)
    blue, grey = reach[:, 2] - reach[:, 0], np.abs(np.ptp(weights, axis=1))
    assert (blue > 60).tolist() == found["reach"]
    assert grey[np.array(found["weights"]) == 0].max() < 12, "what is not looked at stays grey"
    assert grey.argmax() == np.argmax(found["weights"])
    falls = np.array(found["importance"])
    assert importance[falls.argmax(), 1] - importance[falls.argmax(), 0] > 30, "a fall is green"
    put(page, deleted=[0])
    settled(page)
    film = np.array(page.locator(".tr-film").evaluate(CELLS), float).reshape(64, 3)
    assert np.ptp(film[0]) < 40, "what is deleted is a cross on paper"


def test_frames_stand_where_they_are_said_to(ready):
    page = ready(make(clip="walk left"))
    captions = page.locator(".tr-moments span")
    assert captions.all_inner_texts()[1] == "t 1: frames 4, 5, 6, 7"
    filmed = np.array(page.locator(".tr-film").evaluate(CELLS), float)
    put(page, frames="first")
    assert captions.all_inner_texts() == [f"t {t}: frame 0" for t in range(4)]
    still = np.array(page.locator(".tr-film").evaluate(CELLS), float)
    assert np.abs(still - still[:1])[:, (0, 2, 3)].max() <= 2, "four times one picture"
    assert np.abs(still[0] - filmed[0]).max() <= 2
    put(page, frames="reversed")
    assert captions.all_inner_texts()[0] == "t 0: frames 15, 14, 13, 12"
    put(page, frames="shuffled")
    assert captions.all_inner_texts()[3] == "t 3: frames 10, 4, 13, 8"


def test_the_film_plays_the_four_frames_of_each_token(ready):
    page = ready(make(clip="walk left"), reduced_motion="reduce")
    canvas = page.locator(".tr-film")
    button = page.get_by_role("button", name="Next frame of each token")
    pictures = []
    for _ in range(5):
        pictures.append(canvas.evaluate("node => node.toDataURL()"))
        button.click()
    assert len(set(pictures)) == 4
    assert pictures[4] == pictures[0]


def test_the_guess_is_judged_when_it_is_asked_for(ready):
    room = make(clip="sit down", scheme="joint")
    page = ready(room)
    answer = page.locator(".tr-answer")
    assert not answer.is_visible()
    page.get_by_label("Your guess").select_option("walk left")
    assert get(page, "guess", "frames", "revealed") == ["walk left", "filmed", False]
    page.get_by_role("button", name="Show what it names").click()
    assert get(page, "frames", "revealed") == ["first", True]
    room.frames = "first"
    named = list(ACTIONS)[room.answers().scores.argmax()]
    words = answer.inner_text()
    assert f"You guessed “walk left”: {'yes' if named == 'walk left' else 'no'}." in words
    assert f"the clip “sit down” is named “{named}”" in words
    page.get_by_role("button", name="Guess again").click()
    assert get(page, "guess", "frames", "revealed") == ["", "filmed", False]

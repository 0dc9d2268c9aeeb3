"""Who does what in a real browser: the box's scores are Python's, and the box can be moved."""

import json
import random

import boxed_duets
import numpy as np
import pytest
from boxed_duets import CLASSES
from contract import FRAMES, Case, get, put, seen

from lecturekit.explorers.who_does_what import WhoDoesWhat

FILMS, SWAPPED = boxed_duets.films()[:2], boxed_duets.films(swap=True)[:2]
PHONE = {"viewport": {"width": 390, "height": 1400}, "has_touch": True}

SWEEP = """(grid) => {
  const [body, model] = [document.querySelector(".lk-body"), document.querySelector(".lk-explorer").lkModel];
  return grid.map((settings) => {
    Object.entries(settings).forEach(([key, value]) => model.set(key, value));
    return JSON.parse(body.dataset.sums);
  });
}"""  # noqa: E501

# The colour of the canvas at pixels of the film, and one of the style sheet's, as [r, g, b].
COLOURS = """([places, margin, wide]) => {
  const canvas = document.querySelector("canvas");
  const scale = canvas.width / (wide + 2 * margin);
  return places.map(([x, y]) =>
    [...canvas.getContext("2d").getImageData((x + margin) * scale, (y + margin) * scale, 1, 1).data].slice(0, 3));
}"""  # noqa: E501
INK = """(name) => {
  const probe = document.createElement("i");
  probe.style.color = `var(--lk-${name})`;
  document.querySelector(".lk-body").append(probe);
  const found = getComputedStyle(probe).color.match(/\\d+/g).map(Number);
  probe.remove();
  return found;
}"""


def make(**settings):
    return WhoDoesWhat(FILMS, SWAPPED, *boxed_duets.network(), CLASSES, **settings)


FIRST = [int(edge) for edge in FILMS[0].boxes[8, 0]]
CASE = Case(
    make=make,
    control=".wd-box",
    key="ArrowRight",
    changes="box",
    python=("swapped", True),
    says=f"px, x {FIRST[0] + 1} to {FIRST[2] + 1}, y {FIRST[1]} to {FIRST[3]}.",
    play="▶ Play",
    still="Next frame",
)


def sums(page):
    return json.loads(page.locator(".lk-body").get_attribute("data-sums"))


def boxes_drawn(count):
    """Of all kinds: on and over the edge, tiny, the whole frame, all outside."""
    rng = random.Random(0)
    yield from ([0, 0, 32, 32], [-4, -4, 36, 36], [7.25, 3, 8.25, 4], [-30, -30, -20, -20])
    for _ in range(count):
        x, y = (rng.randint(-40, 140) / 4 for _ in range(2))
        wide, high = (rng.randint(4, rng.choice((16, 140))) / 4 for _ in range(2))
        yield [x, y, min(x + wide, 64), min(y + high, 64)]


def points_of(explorer):
    """How many points there are, and how many lie more than a feature off the map, by hand."""
    positions = []
    for first, last, bins in zip(explorer.box[:2], explorer.box[2:], (2, 4), strict=True):
        count = bins * -int(-(last - first) / 8 / bins // 1)
        positions.append([first + (k + 0.5) / count * (last - first) for k in range(count)])
    # The outermost features stand at pixels 0.5 and 24.5; a feature is 8 px.
    known = [sum(0.5 - 8 <= at <= 24.5 + 8 for at in axis) for axis in positions]
    count = len(positions[0]) * len(positions[1])
    return count, count - known[0] * known[1]


def test_any_box_has_the_scores_of_python(ready):
    explorer = make()
    drawn = [
        {"film": k % 2, "swapped": bool(k // 2 % 2), "box": box}
        for k, box in enumerate(boxes_drawn(150))
    ]
    off = 0
    for settings, found in zip(drawn, ready(explorer).evaluate(SWEEP, drawn), strict=True):
        for key, value in settings.items():
            setattr(explorer, key, value)
        scores = explorer.box_scores()
        assert found["scores"] == pytest.approx(scores.tolist(), abs=1e-5), settings
        assert found["taken"] == explorer.taken().flatten().tolist(), settings
        assert (found["points"], found["unknown"]) == points_of(explorer), settings
        off += found["unknown"] > 0
        explorer.swapped = not explorer.swapped
        assert found["moves"]["box"] == pytest.approx(
            abs(scores - explorer.box_scores()).mean(), abs=1e-5
        )
        one, other = explorer.pooled[2 * explorer.film :][:2]
        moved = sum(abs(a - b) for a, b in zip(one, other, strict=True)) / 8
        assert found["moves"]["film"] == pytest.approx(moved, abs=1e-12)
    assert 20 < off < 120


def table(page):
    rows = [row.split("\t") for row in page.locator("tbody tr").all_inner_texts()]
    return {name: (whose.strip(), float(box), float(film)) for name, whose, box, film in rows}


def test_the_scores_follow_the_box_and_the_film_s_do_not(ready):
    page = ready(make())
    before = table(page)
    page.get_by_role("button", name=f"The one in {FILMS[0].shirts[1]}").click()
    after = table(page)
    assert get(page, "box") == FILMS[0].boxes[8, 1].tolist()
    explorer = make(box=get(page, "box"))
    for k, name in enumerate(CLASSES):
        assert after[name][1] == pytest.approx(explorer.box_scores()[k], abs=0.0051)
        assert after[name][2] == before[name][2]
        assert after[name][2] == pytest.approx(explorer.pooled[0][k], abs=0.0051)
    assert sum(abs(after[name][1] - before[name][1]) for name in CLASSES) > 0.2
    widths = page.evaluate(
        "[...document.querySelectorAll('.wd-track i')].map((bar) => parseFloat(bar.style.width))"
    )
    numbers = [100 * value for name in CLASSES for value in after[name][1:]]
    assert widths == pytest.approx(numbers, abs=0.51)


def test_a_swap_exchanges_whose_the_words_are(ready):
    page = ready(make())
    shirts = FILMS[0].shirts
    words = [set(segment.action.split()) - {"a"} for segment in FILMS[0].segments]

    def whose(name):
        owners = [shirt for shirt, own in zip(shirts, words, strict=True) if name in own]
        return "both" if len(owners) == 2 else "".join(owners) or "–"

    assert {name: row[0] for name, row in table(page).items()} == {k: whose(k) for k in CLASSES}
    before, box = table(page), get(page, "box")
    page.get_by_role("radio", name="swapped").check()
    assert get(page, "swapped", "box") == [True, box]
    words.reverse()
    assert {name: row[0] for name, row in table(page).items()} == {k: whose(k) for k in CLASSES}
    caption = page.locator("figcaption").inner_text()
    assert caption == f"They have swapped. {' '.join(SWAPPED[0].captions)}"
    moved = page.locator("[data-reading=moved]").inner_text()
    far = sum(abs(row[1] - before[name][1]) for name, row in table(page).items()) / 8
    assert float(moved.split()[0]) == pytest.approx(far, abs=0.011)
    still = page.locator("[data-reading=still]").inner_text()
    far = sum(abs(row[2] - before[name][2]) for name, row in table(page).items()) / 8
    assert float(still.split()[0]) == pytest.approx(far, abs=0.011)


def place_of(page, x, y):
    """A pixel of the film on the page: four more stand on each side."""
    box = page.locator("canvas").bounding_box()
    scale = box["width"] / 40
    return box["x"] + (x + 4) * scale, box["y"] + (y + 4) * scale


def drag(page, start, end):
    page.mouse.move(*place_of(page, *start))
    page.mouse.down()
    page.mouse.move(*place_of(page, *end), steps=3)
    page.mouse.up()


def test_a_mouse_moves_the_box_and_its_corners(ready):
    page = ready(make(box=[6, 8, 18, 24]))
    drag(page, (12, 16), (15, 14))
    assert get(page, "box") == pytest.approx([9, 6, 21, 22], abs=0.26)
    page.mouse.move(*place_of(page, 2, 2))
    assert get(page, "box") == pytest.approx([9, 6, 21, 22], abs=0.26), "it was let go"
    put(page, box=[9, 6, 21, 22])
    drag(page, (21, 22), (25, 29))
    assert get(page, "box") == pytest.approx([9, 6, 25, 29], abs=0.26)
    drag(page, (9, 6), (5, 3))
    assert get(page, "box") == pytest.approx([5, 3, 25, 29], abs=0.26)
    drag(page, (25, 3), (35, -20))
    assert get(page, "box") == pytest.approx([5, -4, 35, 29], abs=0.26), "no farther than is seen"
    drag(page, (5, 29), (40, -10))
    box = get(page, "box")
    assert [box[2] - box[0], box[3] - box[1]] == [2, 2], "no smaller than 2 × 2"
    put(page, box=[6, 8, 18, 24])
    drag(page, (12, 16), (60, 60))
    assert get(page, "box") == [24, 20, 36, 36]
    put(page, box=[0, 0, 8, 8])
    page.mouse.click(*place_of(page, 20, 20))
    assert get(page, "box") == pytest.approx([16, 16, 24, 24], abs=0.26), "a press brings it"


def test_a_finger_moves_the_box_and_brings_it(ready):
    page = ready(make(box=[6, 8, 18, 24]), **PHONE)
    page.touchscreen.tap(*place_of(page, 24, 20))
    assert get(page, "box") == pytest.approx([18, 12, 30, 28], abs=0.26)
    put(page, box=[6, 8, 18, 24])
    browser = page.context.new_cdp_session(page)

    def finger(kind, *places):
        points = [dict(zip("xy", place_of(page, *place), strict=True)) for place in places]
        browser.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    for start, end, box in [
        ((12, 16), (16, 19), [10, 11, 22, 27]),
        ((22, 27), (26, 30), [10, 11, 26, 30]),
    ]:
        finger("touchStart", start)
        finger("touchMove", [(a + b) / 2 for a, b in zip(start, end, strict=True)])
        finger("touchMove", end)
        finger("touchEnd")
        page.evaluate(FRAMES)
        assert get(page, "box") == pytest.approx(box, abs=0.26), "the page must not scroll instead"


def test_the_keyboard_alone_works_everything(ready):
    page = ready(make(box=[6, 8, 18, 24]))
    box = page.locator(".wd-box")
    for key, after in [
        ("ArrowRight", [7, 8, 19, 24]),
        ("ArrowUp", [7, 7, 19, 23]),
        ("ArrowLeft", [6, 7, 18, 23]),
        ("ArrowDown", [6, 8, 18, 24]),
        ("Shift+ArrowRight", [6, 8, 19, 24]),
        ("Shift+ArrowDown", [6, 8, 19, 25]),
        ("Shift+ArrowLeft", [6, 8, 18, 25]),
        ("Shift+ArrowUp", [6, 8, 18, 24]),
        ("+", [5, 7, 19, 25]),
        ("-", [6, 8, 18, 24]),
        ("Control+ArrowRight", [6, 8, 18, 24]),
    ]:
        box.press(key)
        assert get(page, "box") == after, key
    for _ in range(30):
        box.press("-")
    x0, y0, x1, y1 = get(page, "box")
    assert (x1 - x0, y1 - y0) == (2, 6)
    for _ in range(60):
        box.press("ArrowLeft")
    assert get(page, "box")[0] == -4
    assert "Arrow keys move it" in box.get_attribute("aria-label")
    assert "x −4 to −2" in box.get_attribute("aria-label")
    page.get_by_label("Film", exact=True).select_option("1")
    page.locator("input[value=filmed]").press("ArrowRight")
    page.locator("input[value=none]").press("ArrowRight")
    assert get(page, "film", "swapped", "overlay") == [1, True, "strength"]
    for k, shirt in enumerate(FILMS[1].shirts):
        page.get_by_role("button", name=f"The one in {shirt}").press("Enter")
        assert get(page, "box") == SWAPPED[1].boxes[8, k].tolist()
    page.get_by_role("button", name="Whole frame").press("Enter")
    assert get(page, "box") == [0, 0, 32, 32]


def test_between_the_two_is_half_of_each_and_the_words_say_whom_it_holds(ready):
    page = ready(make())
    lesson = page.locator(".lk-lesson")
    one, other = FILMS[0].shirts
    assert f"The box lies on the one in {one}." in lesson.inner_text()
    assert f"true of the one in {one}" in lesson.inner_text()
    page.get_by_role("button", name="Between them").click()
    (a0, top, a1, low), (b0, above, b1, below) = FILMS[0].boxes[8].tolist()
    box = [(a0 + a1) / 2, min(top, above), (b0 + b1) / 2, max(low, below)]
    assert get(page, "box") == box
    assert "may come from either" in lesson.inner_text()
    assert "true of the two" in lesson.inner_text()
    page.get_by_role("button", name="Whole frame").click()
    assert "The box takes in both" in lesson.inner_text()
    put(page, box=[0, 0, 4, 4])
    assert "lies on neither of the two. But a feature sees 15 × 15 px" in lesson.inner_text()
    put(page, box=[b0 + 2, above + 2, b0 + 4, above + 4])
    assert f"The box lies on the one in {other}." in lesson.inner_text()
    part = (b1 - b0) * 0.3 + 0.25
    put(page, box=[b0 - 1.5 * part, above, b0 + part, below])
    assert f"The box has a part of the one in {other}." in lesson.inner_text()
    best = max(zip(sums(page)["scores"], CLASSES, strict=True))
    assert f"“{best[1]}” {best[0]:.2f}" in lesson.inner_text()


def test_points_and_cells_stand_where_they_are_read(ready):
    """Points evenly in the box; features at pixels 0.5, 8.5, …: where the trunk saw them."""
    page = ready(make(box=[2, 3, 14, 31]), device_scale_factor=2)
    points = [(5, 6.5 + 7 * k) for k in range(4)] + [(11, 6.5 + 7 * k) for k in range(4)]
    page.evaluate(FRAMES)
    inks = page.evaluate(COLOURS, [points, 4, 32])
    assert inks == [page.evaluate(INK, "pink")] * 8
    crosses = [(0.5 + 8 * x, 0.5 + 8 * y) for x in range(4) for y in range(4)]
    put(page, box=[34, 34, 36, 36])
    assert page.evaluate(COLOURS, [crosses, 4, 32]) == [[255, 255, 255]] * 16
    put(page, box=[30, 30, 36, 36])
    off = page.evaluate(COLOURS, [[(34.5, 35.25)], 4, 32])
    assert off == [[255, 255, 255]], "a point that reads 0 is hollow"
    note = page.locator("[data-reading=size]").inner_text()
    assert "4 × 2 bins, 1 point in each; 6 of 8 lie off the map and read 0" in note


def test_what_is_drawn_over_the_picture_can_be_chosen(ready):
    page = ready(make())
    pictures = {"none": seen(page)["pictures"]}
    for value, label, words in [
        ("strength", "strength", "Blue: the mean of the 48 channels in each cell,"),
        ("channels", "channels per bin", "Of 48 channels, how many have their largest value"),
    ]:
        page.get_by_role("radio", name=label).check()
        assert get(page, "overlay") == value
        assert words in page.locator(".wd-both .lk-hint").inner_text()
        pictures[value] = seen(page)["pictures"]
    assert len({tuple(one) for one in pictures.values()}) == 3


def test_the_strongest_cell_is_the_bluest(ready):
    page = ready(make(overlay="strength", box=[34, 34, 36, 36]))
    page.evaluate(FRAMES)
    # Left of the film there is no picture below the cells.
    column = page.evaluate(COLOURS, [[(-2, -2 + 8 * row) for row in range(4)], 4, 32])
    maps = np.frombuffer(make().features, "<f4").reshape(4, 48, 4, 4)
    strength = maps[0].mean(0)[:, 0].tolist()
    by_ink = sorted(range(4), key=lambda row: column[row][0])
    assert by_ink == sorted(range(4), key=lambda row: -strength[row])


def test_a_film_plays_under_a_box_that_stays(ready):
    page = ready(make())
    still = seen(page)["pictures"]
    assert "Frame 9 of 16." in page.locator("canvas").get_attribute("aria-label")
    page.get_by_role("slider", name="Frame").press("ArrowRight")
    assert "Frame 10 of 16." in page.locator("canvas").get_attribute("aria-label")
    assert seen(page)["pictures"] != still
    page.get_by_role("button", name="▶ Play").click()
    page.wait_for_function("document.querySelector('input[type=range]').value === '3'")
    page.get_by_role("button", name="Pause").click()
    assert get(page, "box") == FIRST
    rest = seen(page)
    page.wait_for_timeout(400)
    assert seen(page) == rest

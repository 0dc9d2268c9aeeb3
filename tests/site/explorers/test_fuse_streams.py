"""Fuse the streams in a real browser, from a file: every number is numpy's, by every hand."""

import json
import re

import numpy as np
import pytest
from contract import Case, get, put

from lecturekit.evaluation import Evaluation
from lecturekit.explorers.fuse_streams import AVERAGES, STEPS, FuseStreams
from lecturekit.metrics import topk_accuracy

PHONE = {"viewport": {"width": 360, "height": 780}}
CLASSES = ("sit down", "stand up", "walk", "run", "wave", "hold an umbrella")
CUES = {"direction": (0, 1), "speed": (2, 3), "appearance": (5,)}
CUE_OF = {CLASSES[k]: cue for cue, members in CUES.items() for k in members}
LABELS = np.arange(61) % 6
SHOWN = 14
WHOLE_GRID = [(step / STEPS, average) for average in AVERAGES for step in range(STEPS + 1)]

SEEN = """(grid) => {
  const [model, body] = [document.querySelector(".lk-explorer").lkModel, document.querySelector(".lk-body")];
  return grid.map(([weight, average]) => {
    model.set("average", average);
    model.set("weight", weight);
    return {
      groups: Object.fromEntries([...body.querySelectorAll(".fs-row")].map((row) => [row.dataset.group, Number(row.dataset.right)])),
      sides: [...body.querySelectorAll(".fs-card")].map((card) => card.dataset.side),
      best: [...body.querySelectorAll(".fs-card")].map((card) => card.dataset.best.split(" ").map(Number)),
      changed: [...body.querySelectorAll(".fs-card")].map((card) => !card.querySelector(".fs-changed").hidden),
      sentence: body.querySelector(".fs-sentence").textContent,
    };
  });
}"""  # noqa: E501


def streams():
    """Two streams, of which the second is three times as loud; and some clips that tie."""
    rng = np.random.default_rng(3)
    own = np.eye(6)[LABELS]
    spatial, temporal = rng.normal(size=(61, 6)) + 1.2 * own, 3 * (rng.normal(size=(61, 6)) + own)
    # Clips 0, 6, 12 (of class 0). Two classes tie at every weight; at w = 1/2 only; and all do.
    spatial[0], temporal[0] = [2, 1, 2, 0, 0, 0], [1, 0, 1, 0, 0, 0]
    spatial[6], temporal[6] = [3, 1, 0, 0, 0, 0], [1, 3, 0, 0, 0, 0]
    spatial[12] = temporal[12] = 0
    return spatial.astype(np.float32), temporal.astype(np.float32)


def make(**settings):
    made = [Evaluation(scores, LABELS, CLASSES, CUE_OF) for scores in streams()]
    greys = np.linspace(0, 255, SHOWN * 5).astype(np.uint8).reshape(SHOWN, 5, 1, 1, 1)
    frames = np.broadcast_to(greys, (SHOWN, 5, 20, 30, 3))
    return FuseStreams(*made, frames, label="two streams", **settings)


CASE = Case(
    make=make,
    control="input[type=range]",
    key="ArrowRight",
    changes="weight",
    python=("average", "scores"),
    says="w = 0.55: ",
)


def means():
    """Of each setting of the whole grid what numpy computes, from the formula."""
    spatial, temporal = (scores.astype(float) for scores in streams())
    for weight, average in WHOLE_GRID:
        pair = spatial, temporal
        if average == "probabilities":
            pair = [np.exp(s) / np.exp(s).sum(1, keepdims=True) for s in pair]
        yield (1 - weight) * pair[0] + weight * pair[1]


def is_right(mean):
    return np.array([topk_accuracy(mean[[i]], LABELS[[i]]) == 1 for i in range(len(mean))])


def test_all_settings_give_numpy_s_answers(ready):
    made = make()
    seen = ready(made).evaluate(SEEN, WHOLE_GRID)
    for (weight, average), mean, found in zip(WHOLE_GRID, means(), seen, strict=True):
        made.weight, made.average = weight, average
        np.testing.assert_allclose(made.fused(), mean, rtol=1e-12, atol=1e-12)
        where = (weight, average)
        expected = {"overall": round(61 * topk_accuracy(mean, LABELS))}
        for cue, members in CUES.items():
            which = np.isin(LABELS, members)
            expected[cue] = round(which.sum() * topk_accuracy(mean[which], LABELS[which]))
        assert found["groups"] == expected, where
        right = is_right(mean)
        assert found["sides"] == ["right" if is_ else "wrong" for is_ in right[:SHOWN]], where
        for i in range(SHOWN):
            best = np.flatnonzero(np.isclose(mean[i], mean[i].max(), rtol=0, atol=1e-12))
            assert found["best"][i] == best.tolist(), (where, i)


def test_a_tie_counts_against_the_label(ready):
    """As lecturekit.metrics.topk_accuracy has it."""
    seen = ready().evaluate(SEEN, [(step / STEPS, "probabilities") for step in range(STEPS + 1)])
    assert [found["best"][0] for found in seen] == [[0, 2]] * 21
    assert [found["best"][12] for found in seen] == [[0, 1, 2, 3, 4, 5]] * 21
    assert {found["sides"][i] for found in seen for i in (0, 12)} == {"wrong"}
    assert [found["best"][6] for found in seen] == [[0]] * 10 + [[0, 1]] + [[1]] * 10
    assert [found["sides"][6] for found in seen] == ["right"] * 10 + ["wrong"] * 11


def test_the_clips_that_change_are_numpy_s(ready):
    seen = ready().evaluate(SEEN, WHOLE_GRID)
    right = [is_right(mean) for mean in means()]
    for k in range(1, len(WHOLE_GRID)):
        # The model is set in two moves where the average changes: only whole moves are compared.
        if WHOLE_GRID[k][1] != WHOLE_GRID[k - 1][1]:
            continue
        changed = right[k] != right[k - 1]
        assert seen[k]["changed"] == changed[:SHOWN].tolist(), WHOLE_GRID[k]
        count = re.search(r"(\d+) clips? changed sides", seen[k]["sentence"])
        assert int(count[1]) == changed.sum(), WHOLE_GRID[k]
        if changed.any():
            gained, lost = re.search(
                r"\((\d+) became right, (\d+) became", seen[k]["sentence"]
            ).groups()
            assert int(gained) == (right[k] & changed).sum()
            assert int(lost) == (~right[k] & changed).sum()


def test_the_sentence_is_computed(ready):
    seen = ready().evaluate(SEEN, WHOLE_GRID)
    right = np.array([is_right(mean) for mean in means()])
    for part, average in enumerate(AVERAGES):
        own = right[21 * part : 21 * (part + 1)]
        counts = own.sum(1)
        neither = ~own[0] & ~own[20]
        for step in (0, 9, 20):
            text = seen[21 * part + step]["sentence"].replace("\u00a0", " ")
            spans, share = re.search(r"w = ([\d., to]+), with ([\d.]+) %", text).groups()
            stated = set()
            for span in spans.split(", "):
                ends = [round(STEPS * float(end)) for end in span.split(" to ")]
                stated |= set(range(ends[0], ends[-1] + 1))
            assert stated == set(np.flatnonzero(counts == counts.max())), average
            assert float(share) == pytest.approx(100 * counts.max() / 61, abs=0.0501)
            assert f"Neither stream is right on {neither.sum()} clips of 61" in text
            assert f"(with a look at the label) would give {100 * (~neither).mean():.1f} %" in text
            assert f"right on {(own[step] & neither).sum()} of those {neither.sum()}" in text


@pytest.mark.parametrize("average", AVERAGES)
def test_answers_change_exactly_where_two_lines_cross(ready, average):
    page = ready(make(average=average))
    pair = [scores.astype(float) for scores in streams()]
    if average == "probabilities":
        pair = [np.exp(s) / np.exp(s).sum(1, keepdims=True) for s in pair]
    fine = np.arange(0.5, 4000) / 4000
    switches = 0
    for clip in range(SHOWN):
        put(page, clip=clip)
        found = json.loads(page.locator(".fs-clip").get_attribute("data-stretches"))
        assert found[0]["from"] == 0
        assert found[-1]["to"] == 1
        a, b = pair[0][clip], pair[1][clip]
        lines = np.outer(1 - fine, a) + np.outer(fine, b)
        for k, stretch in enumerate(found):
            inside = (fine > stretch["from"]) & (fine < stretch["to"])
            top = lines[inside].max(1, keepdims=True)
            assert np.isclose(lines[inside][:, stretch["best"]], top, atol=1e-12).all(), (clip, k)
            others = np.delete(lines[inside], stretch["best"], 1)
            assert (others < top).all(), (clip, k)
            if k:
                switches += 1
                at = stretch["from"]
                assert at == found[k - 1]["to"]
                j, i = stretch["best"][0], found[k - 1]["best"][0]
                assert (1 - at) * a[i] + at * b[i] == pytest.approx(
                    (1 - at) * a[j] + at * b[j], abs=1e-12
                )
    assert switches > SHOWN / 2


def test_the_table_shows_both_streams_and_their_mean(ready):
    page = ready(make(weight=0.35, clip=4))
    spatial, temporal = (scores.astype(float)[4] for scores in streams())
    p, q = (np.exp(s) / np.exp(s).sum() for s in (spatial, temporal))
    mixed = 0.65 * spatial + 0.35 * temporal
    for average, mean in (
        ("probabilities", 0.65 * p + 0.35 * q),
        ("scores", np.exp(mixed) / np.exp(mixed).sum()),
    ):
        put(page, average=average)
        rows = page.locator(".fs-table tbody tr").all()
        assert {int(row.get_attribute("data-class")) for row in rows} == set(range(6))
        for row in rows:
            k = int(row.get_attribute("data-class"))
            shown = [float(cell.inner_text().split()[0]) for cell in row.locator("td").all()]
            assert shown == pytest.approx([100 * p[k], 100 * q[k], 100 * mean[k]], abs=0.0501)
            heading = row.locator("th").inner_text()
            assert heading.startswith(CLASSES[k])
            assert ("true" in heading) == (k == LABELS[4])
            assert ("answer" in heading) == (k == mean.argmax())


def test_a_drag_is_one_move_and_a_key_another(ready):
    page = ready()
    assert "Move the weight" in page.locator(".fs-sentence").inner_text()
    box = page.locator("input[type=range]").bounding_box()
    middle = box["y"] + box["height"] / 2
    page.mouse.move(box["x"] + box["width"] / 2, middle)
    page.mouse.down()
    page.mouse.move(box["x"] + 0.2 * box["width"], middle, steps=7)
    assert "From w = 0.50 to 0.20" in page.locator(".fs-sentence").inner_text()
    page.mouse.up()
    page.get_by_label("Weight w").press("ArrowRight")
    assert "From w = 0.20 to 0.25" in page.locator(".fs-sentence").inner_text()
    page.get_by_label("scores (before").check()
    assert (
        "From averaging probabilities to averaging scores"
        in page.locator(".fs-sentence").inner_text()
    )


def test_the_curve_moves_the_weight(ready):
    page = ready()
    box = page.locator(".fs-area").bounding_box()
    page.mouse.move(box["x"] + 0.8 * box["width"], box["y"] + 90)
    page.mouse.down()
    assert get(page, "weight") == 0.8
    page.mouse.move(box["x"] + 0.1 * box["width"], box["y"] + 90, steps=3)
    page.mouse.up()
    assert get(page, "weight") == 0.1
    page.mouse.move(box["x"] + 0.9 * box["width"], box["y"] + 90)
    assert get(page, "weight") == 0.1, "let go"
    assert "From w = 0.50 to 0.10" in page.locator(".fs-sentence").inner_text()


def test_a_finger_scrolls_or_moves_the_weight(ready):
    page = ready(**PHONE, has_touch=True, is_mobile=True)
    page.locator(".fs-area").scroll_into_view_if_needed()
    box = page.locator(".fs-area").bounding_box()
    touch = page.context.new_cdp_session(page)

    def send(kind, share=None):
        point = {"x": box["x"] + (share or 0) * box["width"], "y": box["y"] + 90}
        touch.send(
            "Input.dispatchTouchEvent",
            {"type": kind, "touchPoints": [] if share is None else [point]},
        )

    send("touchStart", 0.3)
    assert get(page, "weight") == 0.5, "a finger may be about to scroll"
    for share in (0.4, 0.6, 0.75):
        send("touchMove", share)
    send("touchEnd")
    assert get(page, "weight") == 0.75


def test_arrow_keys_work_everything(ready):
    page = ready(make(weight=0.25, clip=2))
    for _ in range(3):
        page.keyboard.press("Tab")
        page.keyboard.press("ArrowRight")
    assert get(page, "weight", "average", "clip") == [0.3, "scores", 3]
    assert page.locator(".fs-title").inner_text() == "Clip 4: run"


def test_a_clip_plays_under_the_pointer_and_comes_to_rest(ready):
    page = ready()
    page.clock.install(time=0)
    page.clock.pause_at(1000)
    card = page.locator(".fs-card").nth(3)
    frame = lambda: card.locator("canvas").get_attribute("data-frame")  # noqa: E731
    assert frame() == "2"
    card.hover()
    page.clock.run_for(290)
    assert frame() == "3"
    page.mouse.move(0, 0)
    page.clock.run_for(50)
    assert frame() == "2"
    card.hover()
    page.clock.run_for(3000)
    assert frame() == "2", "after three rounds"


def test_reduced_motion_keeps_clips_still(ready):
    page = ready(reduced_motion="reduce")
    page.locator(".fs-card").nth(3).hover()
    page.wait_for_timeout(200)
    assert page.locator(".fs-card").nth(3).locator("canvas").get_attribute("data-frame") == "2"


def test_the_pictures_are_the_clips_own(ready):
    page = ready(make(clip=9))
    greys = page.evaluate(
        """() => [
          document.querySelectorAll(".fs-card canvas")[9], ...document.querySelectorAll(".fs-strip canvas")
        ].map((node) => node.getContext("2d").getImageData(29, 19, 1, 1).data[0])"""  # noqa: E501
    )
    film = np.linspace(0, 255, SHOWN * 5).astype(np.uint8).reshape(SHOWN, 5)
    assert np.abs(np.array(greys) - [film[9, 2], *film[9]]).max() <= 3


def test_the_least_there_can_be_is_shown(ready):
    """One clip, one frame, two classes, no cue; a stream that never decides."""
    undecided, decided = (
        Evaluation(np.array([scores], np.float32), np.array([1]), ("a", "b"), {})
        for scores in ([0, 0], [1, 5])
    )
    film = np.zeros((1, 1, 20, 30, 3), np.uint8)
    made = FuseStreams(undecided, decided, film, label="least", average="scores", weight=0)
    page = ready(made)
    assert page.locator(".fs-group").first.inner_text().split() == ["overall", "1", "clip"]
    assert page.locator(".fs-row").count() == 1
    assert "wrong: a tie: a / b" in page.locator(".fs-card").inner_text().replace("\n", " ")
    assert "temporal stream is the only one heard" in page.locator(".lk-lesson").inner_text()
    assert page.locator(".fs-switches li").all_inner_texts() == ["At every w: ✓ b, right"]
    put(page, weight=0.05)
    assert page.locator(".fs-card").get_attribute("data-side") == "right"
    assert page.locator(".fs-y").inner_text().split() == ["100", "%", "0", "%"]


def test_the_slider_stays_in_sight(ready):
    page = ready(**PHONE)
    page.locator(".fs-card").last.scroll_into_view_if_needed()
    assert 0 <= page.locator("input[type=range]").bounding_box()["y"] < 100


# Words of the table that stand on two lines.
BROKEN_WORDS = """() => {
  const broken = [];
  const walker = document.createTreeWalker(document.querySelector(".fs-table"), NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    for (const { 0: word, index } of walker.currentNode.data.matchAll(/\\S+/g)) {
      const range = document.createRange();
      range.setStart(walker.currentNode, index);
      range.setEnd(walker.currentNode, index + word.length);
      if (new Set([...range.getClientRects()].map(({ top }) => top)).size > 1) broken.push(word);
    }
  }
  return broken;
}"""  # noqa: E501


@pytest.mark.parametrize("width", [360, 390])
@pytest.mark.parametrize("font", ["system-ui", "DejaVu Sans"])
def test_no_word_of_the_table_is_broken_on_a_phone(ready, width, font):
    page = ready(viewport={"width": width, "height": 780})
    # As in the book: a page breaks words that do not fit, and has a margin.
    page.add_style_tag(
        content="body { margin: 0 1.25rem; overflow-wrap: break-word }"
        f".lk-root {{ font-family: '{font}', system-ui, sans-serif }}"
    )
    assert page.evaluate(BROKEN_WORDS) == []
    fits = "() => [...document.querySelectorAll('.fs-table *')].every((e) => e.scrollWidth <= e.clientWidth + 1 || !e.clientWidth)"  # noqa: E501
    assert page.evaluate(fits)

"""The clip sampler in a real browser: what it shows is what Python computes, by every hand."""

import itertools
import json
import re

import numpy as np
import pytest
from contract import Case, get

from lecturekit import sampling
from lecturekit.explorers.clip_sampler import MODES, POLICIES, ClipSampler

PHONE = {"viewport": {"width": 360, "height": 780}}

SET_ALL = """(grid) => {
  const [body, model] = [document.querySelector(".lk-body"), document.querySelector(".lk-explorer").lkModel];
  const read = (key) => body.querySelector(`[data-reading=${key}]`).textContent;
  return grid.map((settings) => {
    Object.entries(settings).forEach(([key, value]) => model.set(key, value));
    const keys = ["indices", "span", "coverage", "rate", "nyquist", "seen"];
    return { all: body.dataset.indices, ...Object.fromEntries(keys.map((key) => [key, read(key)])) };
  });
}"""  # noqa: E501


def film(video_frames=61, height_px=20, width_px=30):
    """Flat frames, each of another grey: cheap to encode."""
    grey = np.linspace(0, 255, video_frames).astype(np.uint8)
    return np.broadcast_to(grey[:, None, None, None], (video_frames, height_px, width_px, 3))


def sampler(video_frames=61, fps=25, **settings):
    return ClipSampler(film(video_frames), fps=fps, label="a grey film", **settings)


def make():
    return sampler()


CASE = Case(
    make=make,
    control="input[type=range] >> nth=1",
    key="ArrowRight",
    changes="stride",
    python=("num_frames", 3),
    says="Span 36 frames, 1.44 s; coverage 40 frames, 1.60 s",
    play="Play both",
    still="Next frame",
)


def shown(page, key):
    return page.locator(f"[data-reading={key}]").inner_text()


def frames_shown(page):
    return [
        page.locator(f".cs-{name} canvas").get_attribute("data-frame") for name in ("film", "clip")
    ]


def numbers(text):
    return [float(number) for number in re.findall(r"\d+(?:\.\d+)?", text)]


def grid_of(video_frames):
    starts = sorted({0, video_frames // 3, video_frames - 1})
    for num_frames, stride, policy in itertools.product((1, 8, 15, 32), (1, 4, 16), POLICIES):
        base = {"num_frames": num_frames, "stride": stride, "policy": policy}
        for start in starts:
            yield {**base, "mode": "strided", "start": start}
        yield {**base, "mode": "center"}
        for clips in (1, 4, 7):
            yield {**base, "mode": "multi_view", "clips": clips}
    for num_frames, fps in itertools.product((1, 2, 3, 8, 15, 32), (12.0, 50.0)):
        yield {"mode": "segments", "num_frames": num_frames, "fps": fps}


@pytest.mark.parametrize("video_frames", [1, 10, 61])
def test_what_is_shown_is_what_sampling_computes(ready, video_frames):
    explorer = sampler(video_frames)
    grid = list(grid_of(video_frames))
    for settings, seen in zip(grid, ready(explorer).evaluate(SET_ALL, grid), strict=True):
        for key, value in settings.items():
            setattr(explorer, key, value)
        try:
            expected = np.atleast_2d(explorer.indices())
        except ValueError:
            expected = None
        clips = json.loads(seen["all"])
        assert clips == ([None] * len(clips) if expected is None else expected.tolist()), settings

        num_frames, stride, fps = explorer.num_frames, explorer.stride, explorer.fps
        span, rate = sampling.clip_span_frames(num_frames, stride), fps / stride
        lengths = [span.span_frames, span.coverage_frames]
        if explorer.mode == "segments":
            lengths = [int(np.ptp(expected)) + 1, video_frames]
            rate = fps / max(video_frames / num_frames, 1)
        for key, length in zip(("span", "coverage"), lengths, strict=True):
            frames, seconds = numbers(seen[key])[:2]
            assert frames == length, (key, settings)
            assert seconds == pytest.approx(length / fps, abs=0.00501), (key, settings)
        assert numbers(seen["rate"])[0] == pytest.approx(rate, abs=0.00501), settings
        assert numbers(seen["nyquist"])[0] == pytest.approx(rate / 2, abs=0.00501), settings
        num_seen = 0 if expected is None else len(np.unique(expected))
        assert numbers(seen["seen"])[:2] == [num_seen, video_frames], settings


def test_the_lecture_s_clip_is_counted_both_ways(ready):
    text = shown(ready(), "indices")
    assert "0 4 8 12 16 20 24 28" in text
    assert "1 5 9 13 17 21 25 29" in text


@pytest.mark.parametrize("credit", ["", "Film: somebody"])
def test_the_credit_stands_last_and_its_absence_leaves_nothing(ready, credit):
    body = ready(sampler(credit=credit)).locator(".lk-body")
    texts = body.evaluate("body => [...body.childNodes].map((node) => node.textContent)")
    assert "null" not in texts
    assert (texts[-1] == credit) if credit else ("somebody" not in "".join(texts))


def test_a_film_too_short_says_what_its_policy_does(ready):
    page = ready(sampler(20))
    assert "20 becomes 0" in page.locator(".lk-lesson").inner_text()
    page.get_by_label("If too short").select_option("clamp")
    assert "20 becomes 19" in page.locator(".lk-lesson").inner_text()
    page.get_by_label("If too short").select_option("error")
    assert "needs 29 frames; the film has 20" in page.locator(".lk-lesson").inner_text()
    assert frames_shown(page) == ["0", "none"]
    assert get(page, "policy") == "error"


def test_the_mouse_drags_the_clip(ready):
    page = ready()
    box = page.locator(".cs-strip").bounding_box()

    def at(frame):
        return box["x"] + (frame + 0.5) / 61 * box["width"], box["y"] + box["height"] / 2

    page.mouse.move(*at(10))
    page.mouse.down()
    page.mouse.move(*at(22), steps=3)
    assert get(page, "start") == 12, "the clip moves by as much as the mouse"
    page.mouse.move(*at(0), steps=3)
    page.mouse.up()
    assert get(page, "start") == 0, "not before the film"
    page.mouse.click(*at(33))
    assert get(page, "start") == 33, "a click beside the clip puts its start there"
    page.get_by_label("Choose").select_option("center")
    page.mouse.click(*at(5))
    assert get(page, "mode") == "center"
    assert get(page, "start") == 33, "only a clip with a start can be moved"


def test_a_finger_drags_the_clip(ready):
    page = ready(**PHONE, has_touch=True, is_mobile=True)
    box = page.locator(".cs-strip").bounding_box()
    touch = page.context.new_cdp_session(page)

    def send(kind, frame=None):
        point = {"x": box["x"] + (frame or 0) / 61 * box["width"], "y": box["y"] + 90}
        points = [] if frame is None else [point]
        touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    send("touchStart", 10.5)
    assert get(page, "start") == 0, "a finger may be about to scroll"
    for frame in (14.5, 20.5, 30.5):
        send("touchMove", frame)
    send("touchEnd")
    assert get(page, "start") == 20


def test_both_play_in_real_time(ready):
    page = ready(sampler(start=5))
    page.clock.install(time=0)
    page.clock.pause_at(1000)
    assert frames_shown(page) == ["5", "5"], "nothing moves by itself"
    page.get_by_role("button", name="Play both").click()
    page.clock.run_for(520)
    tick = 0.52 * 25
    assert abs(int(frames_shown(page)[0]) - (5 + tick)) <= 1
    assert frames_shown(page)[1] == str(5 + 4 * int(tick // 4))
    # 32 frames last 1.28 s: after that much more, the same moment has come again.
    before = int(frames_shown(page)[0])
    page.clock.run_for(1280)
    assert abs(int(frames_shown(page)[0]) - before) <= 1
    page.get_by_role("button", name="Pause").click()
    held = frames_shown(page)
    page.clock.run_for(900)
    assert frames_shown(page) == held


def test_every_moment_shows_its_frames(ready):
    page = ready(sampler(20, num_frames=6, start=3))
    moments = page.evaluate(
        """() => {
          const input = [...document.querySelectorAll("label")].find((l) => l.textContent === "Moment").control;
          const screens = [...document.querySelectorAll(".cs-screen")];
          return [...Array(Number(input.max) + 1).keys()].map((tick) => {
            input.value = tick;
            input.dispatchEvent(new Event("input"));
            return screens.map((screen) => Number(screen.dataset.frame));
          });
        }"""  # noqa: E501
    )
    assert moments == [[(3 + tick) % 20, (3 + 4 * (tick // 4)) % 20] for tick in range(24)]


@pytest.mark.parametrize("mode", MODES)
def test_a_phone_scrolls_down_only(ready, mode):
    page = ready(sampler(num_frames=32, stride=16, mode=mode), **PHONE)
    assert page.evaluate("document.documentElement.scrollWidth") <= 360


def test_the_strip_keeps_all_its_rows_when_a_phone_is_turned(ready):
    page = ready(sampler(mode="multi_view"), **PHONE)
    upright = page.locator(".cs-strip").bounding_box()["height"]
    page.set_viewport_size({"width": 780, "height": 360})
    page.wait_for_function(
        "low => document.querySelector('.cs-strip').clientHeight > low + 20", arg=upright
    )

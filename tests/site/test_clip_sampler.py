"""The clip sampler in a real browser: what it shows is what Python computes, by every hand."""

import itertools
import json
import re

import numpy as np
import pytest
from axe_playwright_python.sync_playwright import Axe

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


@pytest.fixture
def ready(open_explorer):
    def open_(explorer=None, **options):
        page = open_explorer(explorer or sampler(), **options)
        page.wait_for_selector(".lk-body[data-ready]")
        return page

    return open_


def state(page, key):
    return page.evaluate("key => document.querySelector('.lk-explorer').lkModel.get(key)", key)


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
    assert "20 becomes 0" in page.locator(".cs-lesson").inner_text()
    page.get_by_label("If too short").select_option("clamp")
    assert "20 becomes 19" in page.locator(".cs-lesson").inner_text()
    page.get_by_label("If too short").select_option("error")
    assert "needs 29 frames; the film has 20" in page.locator(".cs-lesson").inner_text()
    assert frames_shown(page) == ["0", "none"]
    assert state(page, "policy") == "error"


def test_the_mouse_drags_the_clip(ready):
    page = ready()
    box = page.locator(".cs-strip").bounding_box()

    def at(frame):
        return box["x"] + (frame + 0.5) / 61 * box["width"], box["y"] + box["height"] / 2

    page.mouse.move(*at(10))
    page.mouse.down()
    page.mouse.move(*at(22), steps=3)
    assert state(page, "start") == 12, "the clip moves by as much as the mouse"
    page.mouse.move(*at(0), steps=3)
    page.mouse.up()
    assert state(page, "start") == 0, "not before the film"
    page.mouse.click(*at(33))
    assert state(page, "start") == 33, "a click beside the clip puts its start there"
    page.get_by_label("Choose").select_option("center")
    page.mouse.click(*at(5))
    assert state(page, "mode") == "center"
    assert state(page, "start") == 33, "only a clip with a start can be moved"


def test_a_finger_drags_the_clip(ready):
    page = ready(**PHONE, has_touch=True, is_mobile=True)
    box = page.locator(".cs-strip").bounding_box()
    touch = page.context.new_cdp_session(page)

    def send(kind, frame=None):
        point = {"x": box["x"] + (frame or 0) / 61 * box["width"], "y": box["y"] + 90}
        points = [] if frame is None else [point]
        touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    send("touchStart", 10.5)
    assert state(page, "start") == 0, "a finger may be about to scroll"
    for frame in (14.5, 20.5, 30.5):
        send("touchMove", frame)
    send("touchEnd")
    assert state(page, "start") == 20


def test_the_keyboard_reaches_and_works_everything(ready):
    page = ready(sampler(start=3))
    reached = []
    while True:
        page.keyboard.press("Tab")
        name = page.evaluate(
            "() => (document.activeElement.labels?.[0] ?? document.activeElement).textContent"
        )
        if name in reached or page.evaluate("document.activeElement === document.body"):
            break
        reached.append(name)
        assert page.evaluate("document.activeElement.matches(':focus-visible')")
        if page.evaluate("document.activeElement.matches('[type=range], select')"):
            page.keyboard.press("ArrowDown" if "select" in _kind(page) else "ArrowRight")
    assert reached == [
        "T, frames", "τ, stride", "Start", "Choose", "If shot at", "If too short",
        "▶ Play both", "Moment", "Speed", "What this shows, in words",
    ]  # fmt: skip
    changed = {key: state(page, key) for key in ("num_frames", "stride", "start", "mode", "policy")}
    assert changed == {
        "num_frames": 9, "stride": 5, "start": 4, "mode": "center", "policy": "clamp"
    }  # fmt: skip
    assert state(page, "fps") == 30
    assert page.locator(".lk-body").get_attribute("data-tick") == "1"
    page.get_by_role("button", name="Play both").focus()
    page.keyboard.press("Space")
    assert page.get_by_role("button", name="Pause").is_visible()


def _kind(page):
    return page.evaluate("document.activeElement.localName")


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


def test_reduced_motion_steps_instead_of_playing(ready):
    page = ready(reduced_motion="reduce")
    page.get_by_role("button", name="Next frame").click()
    assert frames_shown(page) == ["4", "4"]
    page.wait_for_timeout(200)
    assert frames_shown(page) == ["4", "4"]


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


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing(ready, theme):
    page = ready(sampler(mode="multi_view"))
    page.evaluate("theme => { document.documentElement.dataset.theme = theme }", theme)
    page.get_by_text("What this shows, in words").click()
    result = Axe().run(page)
    assert not result.response["violations"], result.generate_report()


def test_it_says_what_changed(ready):
    page = ready()
    spoken = page.locator("[aria-live=polite]")
    assert spoken.inner_text() == ""
    page.get_by_label("τ, stride").press("ArrowRight")
    page.wait_for_function("document.querySelector('[aria-live]').textContent")
    assert "0, 5, 10, 15, 20, 25, 30, 35" in spoken.text_content()
    assert "Span 36 frames, 1.44 s; coverage 40 frames, 1.60 s" in spoken.text_content()


def test_views_share_a_model_and_clean_up(ready, two_views):
    seen = two_views(
        ready(),
        ClipSampler._esm,
        read='el.querySelector(".lk-body").dataset.indices',
        python='model.set("stride", 2)',
        hand='slide(el.querySelector("input"), 3)',
    )
    assert seen == ("[[0,2,4,6,8,10,12,14]]", "[[0,2,4]]")

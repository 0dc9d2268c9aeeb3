"""The video cube as a Python object."""

import numpy as np
import pytest
import traitlets

from lecturekit.explorers.video_cube import LAYOUTS, VideoCube

T, H, W = 7, 18, 35


def make(**options):
    frames = np.zeros((T, H, W, 3), np.uint8)
    return VideoCube(frames, **{"fps": 10, "label": "a dark film", **options})


def test_state_stays_light_on_the_page():
    noisy = np.random.default_rng(0).integers(0, 256, (8, 96, 128, 3), np.uint8)
    cube = VideoCube(noisy, fps=25, label="noise")
    assert len(cube.to_html()) < 450_000
    with pytest.raises(ValueError, match="smaller or fewer frames"):
        VideoCube(np.tile(noisy, (8, 1, 2, 1)), fps=25, label="noise")


def test_python_keeps_the_offset_the_page_shows():
    cube = make(t=2, y=5, x=7, channel=1)
    index = {"b": 0, "c": 1, "t": 2, "h": 5, "w": 7}
    size = {"b": 1, "c": 3, "t": T, "h": H, "w": W}
    for layout in LAYOUTS:
        axes = layout.split()
        want = np.ravel_multi_index([index[a] for a in axes], [size[a] for a in axes])
        assert cube.offset(layout) == want
    with pytest.raises(ValueError, match="memory_layout: expected one of"):
        cube.offset("T H W C")
    assert repr(cube) == "VideoCube(a dark film)"
    assert "t + 1 is 1,890 away" in cube.description


@pytest.mark.parametrize(
    ("change", "error", "words"),
    [
        ({"frames": [[1]]}, TypeError, "frames: expected uint8 RGB.* got list"),
        ({"frames": np.zeros((2, 4, 4, 3))}, TypeError, "frames: expected uint8 RGB.* got float64"),
        ({"frames": np.zeros((2, 3, 4, 4), np.uint8)}, ValueError, r"got \(2, 3, 4, 4\)"),
        (
            {"frames": np.zeros((1, 4, 4, 3), np.uint8)},
            ValueError,
            r"len\(frames\): expected at least 2, got 1",
        ),
        (
            {"frames": np.zeros((2, 0, 4, 3), np.uint8)},
            ValueError,
            "frames: expected.* no axis empty",
        ),
        ({"fps": 0}, ValueError, "fps: expected a finite number above 0, got 0"),
        ({"fps": float("nan")}, ValueError, "fps: expected.* got nan"),
        ({"fps": float("inf")}, ValueError, "fps: expected.* got inf"),
        ({"fps": "25"}, TypeError, "fps: expected a number, got '25'"),
        ({"label": " "}, ValueError, "label: expected"),
        ({"t": T}, traitlets.TraitError, f"t: expected 0 to {T - 1}, got {T}"),
        ({"y": -1}, traitlets.TraitError, f"y: expected 0 to {H - 1}, got -1"),
        ({"x": W}, traitlets.TraitError, f"x: expected 0 to {W - 1}, got {W}"),
        ({"channel": 3}, traitlets.TraitError, "channel"),
        ({"memory_layout": "thwc"}, traitlets.TraitError, "memory_layout"),
    ],
)
def test_a_wrong_argument_is_named(change, error, words):
    options = {"frames": np.zeros((T, H, W, 3), np.uint8), "fps": 25, "label": "a film", **change}
    with pytest.raises(error, match=words):
        VideoCube(options.pop("frames"), **options)


def test_a_trait_stays_in_the_film():
    cube = make(t=2)
    with pytest.raises(traitlets.TraitError, match="t: expected 0 to 6"):
        cube.t = 99
    assert cube.t == 2

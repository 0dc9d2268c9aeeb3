"""The video cube as a Python object and as a front-end module that any host can run."""

import re

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
    with pytest.raises(ValueError, match="memory_layout must be one of"):
        cube.offset("T H W C")
    assert repr(cube) == "VideoCube(a dark film)"
    assert "t + 1 is 1,890 away" in cube.description


@pytest.mark.parametrize(
    ("change", "error", "words"),
    [
        ({"frames": [[1]]}, TypeError, "frames must be a numpy array.* got list"),
        ({"frames": np.zeros((2, 4, 4, 3))}, TypeError, "frames must be uint8.* got float64"),
        ({"frames": np.zeros((2, 3, 4, 4), np.uint8)}, ValueError, r"got \(2, 3, 4, 4\)"),
        ({"frames": np.zeros((1, 4, 4, 3), np.uint8)}, ValueError, "at least 2 frames"),
        ({"frames": np.zeros((2, 0, 4, 3), np.uint8)}, ValueError, "at least 1 pixel"),
        ({"fps": 0}, ValueError, "fps must be positive and finite, got 0"),
        ({"fps": float("nan")}, ValueError, "fps must be positive and finite, got nan"),
        ({"fps": float("inf")}, ValueError, "fps must be positive and finite, got inf"),
        ({"fps": "25"}, TypeError, "fps must be a number, got '25'"),
        ({"label": " "}, ValueError, "label must say"),
        ({"t": T}, traitlets.TraitError, f"t must be from 0 to {T - 1}.* got {T}"),
        ({"y": -1}, traitlets.TraitError, f"y must be from 0 to {H - 1}.* got -1"),
        ({"x": W}, traitlets.TraitError, f"x must be from 0 to {W - 1}.* got {W}"),
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
    with pytest.raises(traitlets.TraitError, match="t must be from 0 to 6"):
        cube.t = 99
    assert cube.t == 2


def test_views_share_a_model_and_clean_up_after_themselves(open_explorer):
    page = open_explorer(make())
    counts = page.evaluate(
        """async (source) => {
            const state = document.querySelector('.lk-explorer').lkModel;
            const listeners = new Set();
            const values = {}, saved = [];
            const model = {
                get: (key) => values[key] ?? state.get(key),
                set(key, value) { values[key] = value; listeners.forEach(
                    ([event, call]) => event === `change:${key}` && call()); },
                save_changes: () => saved.push({ ...values }),
                on: (event, call) => listeners.add([event, call]),
                off: (event, call) => listeners.forEach(
                    (pair) => pair[0] === event && pair[1] === call && listeners.delete(pair)),
            };
            const { render } = new Function(source.replace('export default', 'return'))();
            const [one, two] = [document.createElement('div'), document.createElement('div')];
            document.body.append(one, two);
            const stops = [render({ model, el: one }), render({ model, el: two })];
            const ready = () => document.querySelectorAll('.lk-body[data-ready]').length === 3;
            while (!ready()) await new Promise((done) => setTimeout(done, 20));
            const range = one.querySelector('.vc-slide-y input');
            range.value = 9;
            range.dispatchEvent(new Event('input'));
            await new Promise((done) => setTimeout(done, 200));
            const other = two.querySelector('.vc-slide-y input').value;
            const during = listeners.size;
            range.value = 4;
            range.dispatchEvent(new Event('input'));
            stops.forEach((stop) => stop());
            return { other, during, after: listeners.size, saved: saved.map(({ y }) => y) };
        }""",
        VideoCube._esm,
    )
    assert counts == {"other": "9", "during": 10, "after": 0, "saved": [9, 4]}


def test_the_module_is_what_a_classic_script_can_carry():
    assert VideoCube._esm.count("export ") == 1
    assert VideoCube._esm.rstrip().endswith("export default { render };")
    assert not re.search(r"^\s*import\b", VideoCube._esm, re.MULTILINE)


def test_the_block_shows_the_film_on_its_faces_and_in_its_cut(open_explorer):
    """Each frame has one grey: the colour of a point of the block says at which t it is."""
    frames = np.empty((T, H, W, 3), np.uint8)
    frames[:] = (20 + 30 * np.arange(T)).reshape(T, 1, 1, 1)
    t, y, x = 4, 12, 14
    page = open_explorer(VideoCube(frames, fps=10, label="steps of grey", t=t, y=y, x=x))
    page.wait_for_selector(".lk-body[data-ready]")
    width, height = page.evaluate(
        "(({ clientWidth, clientHeight }) => [clientWidth, clientHeight])"
        "(document.querySelector('.vc-block canvas'))"
    )
    # The projection, written a second time: x right, y down, t into the page.
    depth = max(H, 0.6 * W)
    span_x, span_y = W + 0.45 * depth, H + 0.7 * depth
    scale = min((width - 32) / span_x, (height - 32) / span_y)

    def grey(x_at, y_at, t_at):
        px = width / 2 + scale * (x_at + 0.45 * depth * t_at / T - span_x / 2)
        py = height / 2 + scale * (y_at - 0.7 * depth * t_at / T + 0.7 * depth - span_y / 2)
        return page.evaluate(
            """([x, y]) => document.querySelector('.vc-block canvas').getContext('2d')
                .getImageData(Math.round(x), Math.round(y), 1, 1).data[0]""",
            [px, py],
        )

    def lit(value):  # the floor and the top are lighter, by 18%
        return value + 0.18 * (255 - value)

    right = (x + 1 + W) / 2
    assert grey(x / 2, 15, 0) == pytest.approx(20, abs=4), "the front is frame 0"
    assert grey(right, y / 2, t) == pytest.approx(20 + 30 * t, abs=4), "the cut's wall is frame t"
    assert grey(right, y, 1.5) == pytest.approx(lit(50), abs=4), "the cut's floor is x–t"
    assert grey(x / 2, 0, 5.5) == pytest.approx(lit(170), abs=4), "the top is x–t too"
    assert grey(W, y + 3, 5.5) == pytest.approx(170 * 0.65, abs=4), "the right side is y–t"
    page.locator(".vc-slide-t input").press("ArrowLeft")
    page.wait_for_function("document.querySelector('.vc-cut-t b').innerText.includes('t = 3')")
    assert grey(right, y / 2, 3) == pytest.approx(20 + 30 * 3, abs=4), "the wall follows t"

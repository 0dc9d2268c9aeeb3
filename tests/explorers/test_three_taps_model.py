"""Three taps without a browser: the network against torch, its two theorems, what is refused."""

import itertools

import numpy as np
import pytest
import torch
import traitlets

from lecturekit.explorers.three_taps import CLIPS, PADDINGS, PRESETS, ThreeTaps, feature_maps

FRAMES = np.random.default_rng(0).integers(0, 256, (8, 9, 14, 3), dtype=np.uint8)
KEEPING = {"mean", "centre", "last", "2, −3, 2"}
UNEVEN = (-1.0, 0.25, 1.75)


def make(**settings):
    return ThreeTaps(FRAMES, label="noise", **{"locked": False, **settings})


def every_setting(*taps):
    for each, depth, padding in itertools.product(taps, range(1, 5), PADDINGS):
        yield {"taps": each, "depth": depth, "padding": padding}


def torch_maps(clip, taps, depth, padding):
    """The same network by torch's convolution of three axes; in space the border is repeated."""
    maps = torch.from_numpy(clip)[None, None]
    for layer in range(depth):
        across = [1 / 4, 1 / 2, 1 / 4] if layer else [-1.0, 0.0, 1.0]
        filter_2d = torch.outer(torch.tensor([1 / 4, 1 / 2, 1 / 4]), torch.tensor(across)).double()
        weight = torch.tensor(taps, dtype=torch.float64)[:, None, None] * filter_2d
        maps = torch.nn.functional.pad(maps, (1, 1, 1, 1, 0, 0), mode="replicate")
        how = {"zeros": "constant", "repeat": "replicate", "joined": "circular"}[padding]
        maps = torch.nn.functional.pad(maps, (0, 0, 0, 0, 1, 1), mode=how)
        maps = torch.nn.functional.conv3d(maps, weight[None, None]).relu()
    return maps[0, 0].numpy()


def test_the_maps_and_the_answers_are_torch_s():
    for setting in every_setting(PRESETS["mean"], PRESETS["last"], UNEVEN):
        for clip in CLIPS:
            explorer = make(**setting, clip=clip)
            frames = explorer.frames()

            def gap(padding, frames=frames, taps=setting["taps"], depth=setting["depth"]):
                there, back = (
                    torch_maps(f, taps, depth, padding) for f in (frames, frames[::-1].copy())
                )
                return np.abs(there.mean(0) - back.mean(0)).mean()

            flat = torch_maps(frames, (0, 1, 0), setting["depth"], "zeros")
            maps = torch_maps(frames, *setting.values())
            assert feature_maps(frames, *setting.values()) == pytest.approx(maps, abs=1e-12)
            answers = explorer.answers()
            errors = np.abs(maps - flat).mean((1, 2)) / flat.mean()
            assert answers.errors == pytest.approx(errors, abs=1e-12), (setting, clip)
            assert answers.gap == pytest.approx(gap(setting["padding"]) / flat.mean(), abs=1e-12)
            assert answers.joined == pytest.approx(gap("joined") / flat.mean(), abs=1e-12)


def test_on_a_still_clip_taps_that_sum_to_1_keep_every_map():
    for name, taps in PRESETS.items():
        for setting in every_setting(taps):
            errors = np.array(make(**setting).answers().errors)
            depth, zeros = setting["depth"], setting["padding"] == "zeros"
            if not zeros:
                expected = 0 if name in KEEPING else 3**depth - 1
                assert errors == pytest.approx(np.full(8, expected), abs=1e-9), (name, setting)
            elif name in KEEPING:
                # Zeros reach one frame further with each layer, on the sides where a tap is not 0.
                before, after = (depth if tap else 0 for tap in (taps[0], taps[2]))
                kept = [before <= t < 8 - after for t in range(8)]
                assert (errors < 1e-9).tolist() == kept, (name, setting)


@pytest.mark.parametrize(("depth", "end"), [(1, 1 / 3), (2, 4 / 9), (3, 14 / 27)])
def test_the_end_frames_error_by_hand(depth, end):
    """Shares of the paths that stay inside: 2/3; 5/9; 13/27."""
    errors = make(depth=depth).answers().errors
    assert errors[0] == errors[-1] == pytest.approx(end)


def test_symmetric_taps_cannot_tell_a_clip_from_its_reverse():
    for setting in every_setting(*PRESETS.values(), (-0.5, 0.25, -0.5)):
        for clip in ("forwards", "backwards"):
            answers = make(**setting, clip=clip).answers()
            size = sum(map(abs, setting["taps"])) ** setting["depth"]
            assert answers.joined < 1e-12 * size, (setting, clip)
            if setting["taps"] != PRESETS["last"]:
                assert answers.gap < 1e-12 * size, (setting, clip)
            else:
                assert answers.gap > 0.05, "it sees other end frames"


def test_uneven_taps_see_order_with_the_ends_joined_too():
    for setting in every_setting(UNEVEN):
        answers = make(**setting, clip="forwards").answers()
        assert min(answers.gap, answers.joined) > 0.05, setting
        assert make(**setting, clip="still").answers().gap < 1e-12


def test_the_clips():
    forwards = make(clip="forwards").frames()
    assert np.array_equal(make(clip="backwards").frames(), forwards[::-1])
    assert (make(clip="still").frames() == forwards[4]).all()
    grey = FRAMES.astype(float) @ [0.299, 0.587, 0.114]
    assert 255 * forwards == pytest.approx(grey, abs=0.6)


@pytest.mark.parametrize(
    ("frames", "words"),
    [
        (FRAMES[:7], r"frames: expected shape \(8, H, W, 3\), got \(7, 9, 14, 3\)"),
        (FRAMES[:, :7], "height of frames: expected 8 to 96, got 7"),
        (np.repeat(FRAMES, 7, axis=2), "width of frames: expected 8 to 96, got 98"),
        (FRAMES.astype(float), "frames: expected uint8 RGB"),
        (FRAMES * (np.arange(8, dtype=np.uint8) != 5)[:, None, None, None], "got none in frame 5"),
        (np.full_like(FRAMES, 9), "frames: expected an edge in each.*got none in frame 0"),
    ],
)
def test_frames_are_checked(frames, words):
    with pytest.raises((ValueError, TypeError), match=words):
        ThreeTaps(frames, label="noise")


@pytest.mark.parametrize(
    ("trait", "value", "words"),
    [
        ("taps", [1, 1], r"taps: expected 3 numbers from -3 to 3, got \[1, 1\]"),
        ("taps", [0, 0, 3.5], "taps: expected 3 numbers from -3 to 3"),
        ("taps", [0, 0, float("nan")], "taps: expected 3 numbers from -3 to 3"),
        ("taps", ["1", 0, 0], "taps: expected 3 numbers from -3 to 3"),
        ("depth", 0, "depth: expected 1 to 4, got 0"),
        ("depth", 5, "depth: expected 1 to 4, got 5"),
        ("padding", "mirror", "'repeat'"),
        ("clip", "slow", "'backwards'"),
        ("keeps", ["mean", "first"], r"keeps: expected names of presets \(mean; .*got 'first'"),
        ("sees", ["all"], "sees: expected names of presets"),
    ],
)
def test_settings_are_checked(trait, value, words):
    explorer = make()
    before = getattr(explorer, trait)
    with pytest.raises(traitlets.TraitError, match=words):
        setattr(explorer, trait, value)
    assert getattr(explorer, trait) == before


def test_while_the_sum_is_locked_it_is_1():
    explorer = make(locked=True, taps=(0.25, 0.5, 0.25))
    with pytest.raises(
        traitlets.TraitError, match=r"taps: expected taps that sum to 1 .*\[1, 1, 1\]"
    ):
        explorer.taps = (1, 1, 1)
    explorer.locked = False
    explorer.taps = (1, 1, 1)
    with pytest.raises(traitlets.TraitError, match=r"locked: expected taps that sum to 1"):
        explorer.locked = True
    explorer.taps = PRESETS["2, −3, 2"]
    explorer.locked = True
    with pytest.raises(traitlets.TraitError, match="sum to 1 while locked is True"):
        make(locked=True, taps=(0, 0, 0))


def test_all_five_presets_can_be_set():
    for taps in PRESETS.values():
        assert make(taps=taps).taps == list(taps)

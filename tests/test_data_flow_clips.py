import itertools
import warnings

import cv2
import numpy as np
import pytest
import torch
from torch.utils.data import DataLoader

from lecturekit.data import FlowClips, flow_clips
from lecturekit.puppets import PuppetClips

FRAMES, SIZE, NUMBER = 6, 36, 14


@pytest.fixture(scope="module")
def puppets():
    return PuppetClips("train", NUMBER, num_frames=FRAMES, size=SIZE, seed=2)


def by_opencv(puppets, index, winsize=15):
    grey = [cv2.cvtColor(frame, cv2.COLOR_RGB2GRAY) for frame in puppets.frames(index)]
    return np.stack(
        [
            cv2.calcOpticalFlowFarneback(a, b, None, 0.5, 3, winsize, 3, 5, 1.1, 0)
            for a, b in itertools.pairwise(grey)
        ]
    )


def by_hand(flows, bound_px, middle):
    """Channels one by one: 2k is dx of field k, 2k + 1 is dy."""
    channels = []
    for field in flows:
        for component in (0, 1):
            values = field[..., component].astype(np.float64)
            values = values - middle(values)
            channels.append(np.clip(values, -bound_px, bound_px) / bound_px)
    return np.stack(channels)


def test_flows_are_opencvs_to_half_precision(puppets):
    data = FlowClips(puppets, winsize=9)
    for index in (0, NUMBER - 1):
        expected = by_opencv(puppets, index, winsize=9)
        assert data.flows(index).dtype == np.float32
        assert np.allclose(data.flows(index), expected, rtol=1 / 2048, atol=1e-6)
    assert not np.allclose(data.flows(0), by_opencv(puppets, 0), atol=1e-3)


@pytest.mark.parametrize(
    ("camera", "middle"), [("median", np.median), ("mean", np.mean), ("keep", lambda values: 0)]
)
@pytest.mark.parametrize("bound_px", [0.25, 1.0, 20.0])
def test_items_are_interleaved_centred_cut_and_scaled(puppets, camera, middle, bound_px):
    data = FlowClips(puppets, camera=camera, bound_px=bound_px)
    stack, label = data[5]
    assert stack.shape == (2 * (FRAMES - 1), SIZE, SIZE)
    assert stack.dtype == torch.float32
    assert label == 5
    assert stack.abs().max() <= 1
    expected = by_hand(data.flows(5), bound_px, middle)
    assert np.allclose(stack.numpy(), expected, atol=1e-5)


def test_a_moving_camera_is_taken_off_by_the_median_not_by_the_mean():
    # A still figure on a third of the picture, a background that the camera moves by (2, −1) px.
    flow = np.full((1, 1, 30, 30, 2), (2.0, -1.0), np.float16)
    flow[:, :, :, :10] = 0
    median, mean = (flow_clips._camera_motion(flow, c).flatten() for c in ("median", "mean"))
    assert median.tolist() == [2, -1]
    assert torch.allclose(mean, torch.tensor([4 / 3, -2 / 3]))


@pytest.mark.parametrize(("number", "start"), [(1, 2), (2, 1), (3, 1), (4, 0), (5, 0)])
def test_fewer_flows_are_those_in_the_middle(puppets, number, start):
    every, some = FlowClips(puppets), FlowClips(puppets, num_flows=number)
    assert np.array_equal(some.flows(3), every.flows(3)[start : start + number])
    assert torch.equal(some[3][0], every[3][0][2 * start : 2 * (start + number)])


def test_it_is_a_data_set_with_the_clips_names(puppets):
    data = FlowClips(puppets)
    assert len(data) == NUMBER
    assert data.classes == puppets.classes
    assert data.groups == puppets.groups
    assert torch.equal(data.labels, puppets.labels)
    stacks, labels = next(iter(DataLoader(data, batch_size=5)))
    assert stacks.shape == (5, 2 * (FRAMES - 1), SIZE, SIZE)
    assert labels.tolist() == [0, 1, 2, 3, 4]
    assert torch.equal(stacks[4], data[4][0])


def counting(monkeypatch):
    calls = []
    original = flow_clips.farneback

    def spy(*images, **options):
        calls.append(options)
        return original(*images, **options)

    spy.__signature__ = flow_clips.inspect.signature(original)
    monkeypatch.setattr(flow_clips, "farneback", spy)
    return calls


def test_flow_is_computed_once_and_kept(puppets, tmp_path, monkeypatch):
    calls = counting(monkeypatch)
    folder = tmp_path / "kept" / "here"
    first = FlowClips(puppets, cache_dir=folder)
    assert len(calls) == NUMBER * (FRAMES - 1)
    # What is done to the flow afterwards does not ask for it again.
    again = FlowClips(puppets, cache_dir=folder, num_flows=2, bound_px=3, camera="mean")
    assert len(calls) == NUMBER * (FRAMES - 1)
    assert np.array_equal(again.flows(1), first.flows(1)[1:3])
    assert [file.suffix for file in folder.iterdir()] == [".npz"]


def test_the_key_is_of_every_parameter_and_every_frame(puppets, tmp_path, monkeypatch):
    calls = counting(monkeypatch)
    defaults = flow_clips._all_options({})
    changed = {"pyr_scale": 0.6, "levels": 1, "winsize": 7, "iterations": 2, "poly_n": 7}
    changed["poly_sigma"] = 1.5
    assert set(changed) == set(defaults)
    variants = [{}, *({name: value} for name, value in changed.items())]
    for options in variants:
        FlowClips(puppets, cache_dir=tmp_path, **options)
    others = [
        PuppetClips("train", NUMBER, num_frames=FRAMES, size=SIZE, seed=3),
        PuppetClips("train", NUMBER - 1, num_frames=FRAMES, size=SIZE, seed=2),
    ]
    for other in others:
        FlowClips(other, cache_dir=tmp_path)
    files = len(variants) + len(others)
    assert len(list(tmp_path.iterdir())) == files
    assert len(calls) == (files * NUMBER - 1) * (FRAMES - 1)
    # A default written out is the same parameter.
    FlowClips(puppets, cache_dir=tmp_path, **defaults)
    assert len(list(tmp_path.iterdir())) == files


def truncated(data):
    return data[: len(data) // 2]


def flipped(data):
    middle = len(data) // 2
    return data[:middle] + bytes([data[middle] ^ 1]) + data[middle + 1 :]


def emptied(data):
    return b""


@pytest.mark.parametrize("spoil", [truncated, flipped, emptied])
def test_a_spoilt_file_is_reported_and_computed_again(puppets, tmp_path, spoil):
    first = FlowClips(puppets, cache_dir=tmp_path)
    (file,) = tmp_path.iterdir()
    whole = file.read_bytes()
    file.write_bytes(spoil(whole))
    with pytest.warns(UserWarning, match=f"{file.name}: not usable"):
        second = FlowClips(puppets, cache_dir=tmp_path)
    assert np.array_equal(first.flows(7), second.flows(7))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        FlowClips(puppets, cache_dir=tmp_path)


def test_a_file_of_other_content_is_not_taken(puppets, tmp_path):
    FlowClips(puppets, cache_dir=tmp_path)
    (file,) = tmp_path.iterdir()
    np.savez(file, flows=np.zeros((2, 3), np.float16))
    with pytest.warns(UserWarning, match=r"holds float16 \(2, 3\)"):
        FlowClips(puppets, cache_dir=tmp_path)


def test_a_run_that_is_stopped_leaves_nothing_that_is_taken_for_whole(
    puppets, tmp_path, monkeypatch
):
    def stopped(file, **arrays):
        file.write_bytes(b"PK half of it")
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(flow_clips.np, "savez", stopped)
        with pytest.raises(KeyboardInterrupt):
            FlowClips(puppets, cache_dir=tmp_path)
    assert list(tmp_path.iterdir()) == []
    FlowClips(puppets, cache_dir=tmp_path)


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"num_flows": 0}, ValueError, "num_flows: expected at least 1, got 0"),
        ({"num_flows": FRAMES}, ValueError, "num_flows: expected at most 5, got 6"),
        ({"num_flows": 2.5}, TypeError, "num_flows: expected a whole number, got 2.5"),
        ({"bound_px": 0}, ValueError, "bound_px: expected a finite number above 0, got 0"),
        ({"bound_px": "1"}, TypeError, "bound_px: expected a number, got '1'"),
        ({"camera": "mode"}, ValueError, "camera: expected one of 'median', 'mean', 'keep'"),
        ({"window": 7}, TypeError, "window: expected a parameter of pyr_scale, levels, winsize"),
        ({"winsize": 2}, ValueError, "winsize: expected .*3.*, got 2"),
    ],
)
def test_a_bad_argument_is_named(puppets, options, error, message):
    with pytest.raises(error, match=message):
        FlowClips(puppets, **options)


def test_one_frame_has_no_flow():
    still = PuppetClips("train", 2, num_frames=1, size=SIZE)
    with pytest.raises(ValueError, match="clips: expected at least 2 frames per clip, got 1"):
        FlowClips(still)

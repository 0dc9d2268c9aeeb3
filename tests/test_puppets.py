"""The puppet world must be what it says: one cue tells the classes of a pair apart, no other."""

import hashlib
from dataclasses import replace

import cv2
import numpy as np
import pytest
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

from lecturekit import puppets, training
from lecturekit.puppets import PuppetClips, figure, kinematics, puppet_video, stage

PAIRS = list(zip(list(puppets.ACTIONS)[::2], list(puppets.ACTIONS)[1::2], strict=True))
REVERSALS = [pair for pair in PAIRS if puppets.ACTIONS[pair[0]][0] in ("direction", "order")]
SPEEDS = [pair for pair in PAIRS if puppets.ACTIONS[pair[0]][0] == "speed"]


def draw(action, seed, num_frames=16, size=32):
    """A performance's stage and parts, and where chance stood after drawing them."""
    rng = np.random.default_rng(seed)
    scene = puppets.perform(action, "train", rng, num_frames, size)
    return *scene, rng.bit_generator.state


def same_stage(a, b):
    return all(np.array_equal(getattr(a, f), getattr(b, f)) for f in a.__dataclass_fields__)


def test_the_classes_stand_in_pairs_of_one_cue():
    assert len(puppets.ACTIONS) == 12
    for first, second in PAIRS:
        assert puppets.ACTIONS[first][0] == puppets.ACTIONS[second][0]
    assert {cue for cue, _ in puppets.ACTIONS.values()} == set(puppets.CUES)


@pytest.mark.parametrize("pair", PAIRS)
@pytest.mark.parametrize("seed", range(5))
def test_the_class_decides_nothing_but_the_motion(pair, seed):
    # From the same chance both classes draw the same stage, person and place, and leave chance in
    # the same state. So none of them depends on the class, and none can tell it.
    (stage_a, parts_a, state_a), (stage_b, parts_b, state_b) = (draw(name, seed) for name in pair)
    assert state_a == state_b
    assert same_stage(stage_a, stage_b)
    body = slice(None, -1 if "hold" in pair[0] else None)
    assert parts_a.colours[body] == parts_b.colours[body]
    assert np.array_equal(parts_a.radii[body], parts_b.radii[body])
    assert np.array_equal(parts_a.body, parts_b.body)


@pytest.mark.parametrize("pair", REVERSALS)
@pytest.mark.parametrize("seed", range(5))
def test_each_of_a_direction_or_order_pair_is_the_other_in_reverse(pair, seed):
    (_, first, _), (_, second, _) = (draw(name, seed) for name in pair)
    assert np.array_equal(first.ends, second.ends[::-1])
    assert not np.array_equal(first.ends, second.ends)
    # Drawn with a camera that holds still, the same frames in reverse order, to the last bit.
    setting, _, _ = draw(pair[0], seed)
    setting = replace(
        setting, camera=0 * setting.camera, balls=setting.balls[:, :0], ball_radii=np.zeros(0),
        ball_colours=[],
    )  # fmt: skip
    frames = [puppets.render(setting, parts, 32) for parts in (first, second)]
    assert np.array_equal(frames[0], frames[1][::-1])


@pytest.mark.parametrize("pair", SPEEDS)
@pytest.mark.parametrize("num_frames", [8, 16, 32])
def test_slow_and_fast_clips_show_the_same_poses_in_another_order(pair, num_frames):
    for seed in range(5):
        (_, slow, _), (_, fast, _) = (draw(name, seed, num_frames) for name in pair)

        def poses(parts):
            return sorted(
                map(tuple, np.round(parts.ends.reshape(num_frames, -1), 9).tolist()), key=repr
            )

        assert np.allclose(*(np.array(poses(parts)) for parts in (slow, fast)))
        assert not np.allclose(slow.ends, fast.ends)


def test_what_moves_on_the_stage_moves_alike_in_both_directions():
    # The distribution of a ball's speed along x is even: as often to the left as to the right.
    rng = np.random.default_rng(0)
    stages = [stage.draw_stage(rng, "train", 16, 32) for _ in range(1500)]
    steps = np.concatenate([np.diff(s.balls.real, axis=0).sum(0) for s in stages])
    assert abs(np.mean(steps > 0) - 0.5) < 3 * 0.5 / np.sqrt(len(steps))
    drift = np.array([np.diff(s.camera, axis=0).sum(0) for s in stages])
    assert abs(drift.mean()) < 0.1


def within_pair(test):
    """Accuracy when only the two classes of the true pair may be chosen."""
    first = test.labels // 2 * 2
    second_wins = test.scores[np.arange(len(first)), first + 1] > np.take_along_axis(
        test.scores, first[:, None], 1
    ).squeeze(1)
    return float((second_wins == test.labels % 2).mean())


@pytest.fixture(scope="module")
def time_pairs():
    names = [name for pair in REVERSALS for name in pair]
    return [
        PuppetClips(split, number, size=24, classes=names, seed=5)
        for split, number in (("train", 1200), ("test", 1500))
    ]


def clip_tensors(data, rearrange):
    clips = torch.stack([clip for clip, _ in data.__getitems__(range(len(data)))])
    order = torch.Generator().manual_seed(1)
    return TensorDataset(torch.stack([rearrange(clip, order) for clip in clips]), data.labels)


def shuffled(clip, order):
    return clip[:, torch.randperm(clip.shape[1], generator=order)]


def one_frame(clip, order):
    return clip[:, torch.randint(clip.shape[1], (1,), generator=order)]


def in_order(clip, order):
    return clip


@pytest.mark.parametrize(
    ("rearrange", "low", "high"),
    [
        # 1,500 test clips: chance is 0.5 ± 0.025 (95 % interval), and 0.55 is the limit.
        (one_frame, 0.45, 0.55),
        (shuffled, 0.45, 0.55),
        # The same network sees the cue where it is there: the two above could fail.
        (in_order, 0.9, 1.0),
    ],
)
def test_without_the_order_of_frames_direction_and_order_cannot_be_told(
    time_pairs, rearrange, low, high
):
    train, test = (clip_tensors(data, rearrange) for data in time_pairs)
    frames = train.tensors[0].shape[2]
    with torch.random.fork_rng():
        torch.manual_seed(0)
        model = nn.Sequential(
            nn.Flatten(1, 2), nn.Conv2d(3 * frames, 24, 3, 2, 1), nn.BatchNorm2d(24), nn.ReLU(),
            nn.Conv2d(24, 32, 3, 2, 1), nn.BatchNorm2d(32), nn.ReLU(),
            nn.Conv2d(32, 48, 3, 2, 1), nn.BatchNorm2d(48), nn.ReLU(),
            nn.Flatten(), nn.Linear(48 * 9, 6),
        )  # fmt: skip
    result = training.fit(model, train, test, epochs=4)
    assert low <= within_pair(result.test) <= high


def test_the_same_seed_gives_the_same_bytes_for_any_number_of_workers():
    data = PuppetClips("train", 24, size=20, num_frames=6, seed=3)
    again = PuppetClips("train", 30, size=20, num_frames=6, seed=3)
    other = PuppetClips("train", 24, size=20, num_frames=6, seed=4)
    assert all(np.array_equal(data.frames(i), again.frames(i)) for i in range(24))
    assert not any(np.array_equal(data.frames(i), other.frames(i)) for i in range(24))
    batches = [list(DataLoader(data, 5, num_workers=n)) for n in (0, 2)]
    for (clips, labels), (others, other_labels) in zip(*batches, strict=True):
        assert torch.equal(clips, others)
        assert torch.equal(labels, other_labels)


def test_figures_are_drawn_the_same_on_every_machine():
    # Over a plain background: how a film's colours become RGB is FFmpeg's business.
    digest = hashlib.sha256()
    for i, name in enumerate(puppets.ACTIONS):
        setting, parts, _ = draw(name, i)
        plain = replace(setting, background=np.full_like(setting.background, 128))
        digest.update(puppets.render(plain, parts, 32).tobytes())
    assert digest.hexdigest() == DIGEST


DIGEST = "35f5bc3d809add9ad88db487e9a7acf29a4ca234b886bdec954dc31d0db8644f"


def test_train_and_test_share_nobody_and_no_background():
    assert not set(figure.PEOPLE["train"]) & set(figure.PEOPLE["test"])
    people = [figure.person(n) for n in range(64)]
    assert len({person.leg for person in people}) == 64
    shots = {split: {(b[0], b[1]) for b in stage._BACKGROUNDS[split]} for split in figure.PEOPLE}
    assert not shots["train"] & shots["test"]


def test_items_are_normalised_clips_and_frames_are_pictures():
    data = PuppetClips("test", 14, size=22, num_frames=5)
    clip, label = data[13]
    assert clip.shape == (3, 5, 22, 22)
    assert clip.dtype == torch.float32
    assert label == 1
    assert data.classes[label] == "hold an umbrella"
    back = (clip.permute(1, 2, 3, 0) * puppets.STD + puppets.MEAN) * 255
    assert np.array_equal(back.round().byte().numpy(), data.frames(13))
    assert data.labels.tolist() == [i % 12 for i in range(14)]
    assert [int(y) for _, y in data.__getitems__([3, 7])] == [3, 7]


@pytest.mark.parametrize("split", ["train", "test"])
def test_a_clip_s_figure_is_all_that_a_clip_without_it_lacks(split):
    data = PuppetClips(split, 14, size=24, num_frames=5, seed=2)
    for i in (0, 1, 4, 9, 13, -1):
        rng = np.random.default_rng([2, ["train", "test"].index(split), i % 14])
        setting, parts = puppets.perform(data.classes[i % 14 % 12], split, rng, 5, 24)
        without = puppets.render(setting, replace(parts, seen=parts.seen & ~parts.body), 24)
        mask = data.figure(i)
        assert mask.shape == (5, 24, 24)
        assert mask.dtype == bool
        assert 0.02 < mask.mean() < 0.4
        changed = (data.frames(i) != without).any(-1)
        assert changed[mask].mean() > 0.9
        # Edges are smooth: the two pixels beside the figure may have some of its colour.
        beside = [cv2.dilate(m, np.ones((5, 5), np.uint8)) for m in mask.astype(np.uint8)]
        assert not changed[np.stack(beside) == 0].any()
    with pytest.raises(IndexError):
        data.figure(14)


def test_chosen_classes_are_numbered_in_their_order():
    data = PuppetClips("train", 4, size=16, num_frames=2, classes=("run", "walk"))
    assert data.classes == ("run", "walk")
    assert data.groups == {"run": "speed", "walk": "speed"}
    assert data.labels.tolist() == [0, 1, 0, 1]


@pytest.mark.parametrize("size", [16, 33, 224])
@pytest.mark.parametrize("num_frames", [1, 7])
def test_any_size_and_length_can_be_drawn(size, num_frames):
    data = PuppetClips("test", 12, size=size, num_frames=num_frames)
    for i in range(12):
        assert data.frames(i).shape == (num_frames, size, size, 3)
        assert data.frames(i).std() > 10


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        (("val", 2), ValueError, "split: expected one of 'train', 'test', got 'val'"),
        (("train", 0), ValueError, "num_clips: expected at least 1, got 0"),
        (("train", 1.5), TypeError, "num_clips: expected a whole number, got 1.5"),
    ],
)
def test_a_bad_argument_is_named(arguments, error, message):
    with pytest.raises(error, match=message):
        PuppetClips(*arguments)


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"num_frames": 0}, ValueError, "num_frames: expected at least 1"),
        ({"size": 8}, ValueError, "size: expected at least 16"),
        ({"size": True}, TypeError, "size: expected a whole number, got True"),
        ({"seed": -1}, ValueError, "seed: expected at least 0"),
        (
            {"classes": ["dance"]},
            ValueError,
            "classes: expected one of 'hold a balloon'.*got 'dance'",
        ),
        ({"classes": []}, ValueError, "classes: expected different names"),
        ({"classes": ["run", "run"]}, ValueError, "classes: expected different names"),
    ],
)
def test_a_bad_option_is_named(options, error, message):
    with pytest.raises(error, match=message):
        PuppetClips("train", 2, **options)


SCRIPT = [
    ("idle", 1), ("walk right", 2), ("wave fast", 2), ("sit down", 2), ("idle", 1),
    ("stand up", 2), ("jump then wave", 2), ("hold a balloon", 1), ("walk left", 2), ("run", 2),
]  # fmt: skip


@pytest.fixture(scope="module", params=[0, 1, 2])
def film(request):
    return puppet_video(SCRIPT, size=96, seed=request.param)


def test_a_film_follows_its_script(film):
    assert film.frames.shape == (17 * 8, 96, 96, 3)
    actions = [action for action, _ in SCRIPT if action != "idle"]
    assert [segment.action for segment in film.segments] == actions
    assert film.segments[0] == ("walk right", 8, 24, 0)
    assert film.segments[-1].stop_frames == len(film.frames)
    assert len(film.captions) == len(actions)
    assert film.captions[0] == "A puppet walks to the right."
    centre = film.boxes[:, 0, ::2].mean(1)
    for action, start, stop, _ in film.segments:
        if action.startswith("walk "):
            assert (centre[stop - 1] > centre[start] + 8) == (action == "walk right")


def test_boxes_hold_the_figure_and_no_more(film):
    for mask, (x0, y0, x1, y1) in zip(
        film.figures[:, 0], film.boxes[:, 0].astype(int), strict=True
    ):
        inside = np.zeros_like(mask)
        inside[y0:y1, x0:x1] = True
        assert not mask[~inside].any()
        for edge in (mask[y0], mask[y1 - 1], mask[:, x0], mask[:, x1 - 1]):
            assert edge.any()


def test_the_true_flow_carries_the_next_frame_back_onto_this_one(film):
    size = film.frames.shape[1]
    rows, columns = np.mgrid[:size, :size].astype(np.float32)
    moved, still = [], []
    for t, flow in enumerate(film.flow):
        known = np.isfinite(flow).all(-1)
        flow = np.nan_to_num(flow)
        back = cv2.remap(
            film.frames[t + 1], columns + flow[..., 0], rows + flow[..., 1], cv2.INTER_LINEAR
        )
        for image, errors in ((back, moved), (film.frames[t + 1], still)):
            difference = abs(image.astype(float) - film.frames[t]).mean(-1)
            errors.append(difference[film.figure[t] & known].mean())
    # What is left are the edges, and what a limb covered or uncovered.
    assert np.mean(moved) < 0.25 * np.mean(still)
    assert film.flow.shape == (len(film.frames) - 1, size, size, 2)


def test_flow_is_unknown_only_where_something_vanishes(film):
    unknown = [t for t, flow in enumerate(film.flow) if np.isnan(flow).any()]
    hold = next(s for s in film.segments if s.action == "hold a balloon")
    assert unknown == [hold.stop_frames - 1]


def test_it_stands_up_from_the_stool_it_sat_on():
    rng = np.random.default_rng(0)
    plan = puppets.film._plan([("sit down", 2), ("stand up", 2), ("sit down", 2)], 8.0)
    down, up, again = puppets.film._perform(plan, 8.0, rng)
    assert down.furniture == up.furniture
    assert again.furniture != up.furniture
    assert np.allclose(down.motion[-1, 0], up.motion[0, 0])


def test_the_figure_stays_in_the_frame():
    film = puppet_video([("walk right", 2)] * 6, size=64)
    assert film.boxes[..., 0].min() >= 0
    assert film.boxes[..., 2].max() <= 64
    assert film.figure.sum((1, 2)).min() > 100


@pytest.mark.parametrize(
    ("script", "options", "message"),
    [
        ([], {}, "script: expected at least one"),
        ([("dance", 2)], {}, r"script\[0\]: expected one of .*, 'idle', got 'dance'"),
        ([("run", 0.01)], {}, r"script\[0\]: expected a frame or more \(0.125 s\)"),
        ([("run", 2)], {"fps": 0}, "fps: expected a finite number above 0"),
        ([("run", 2)], {"split": "val"}, "split: expected"),
        ([("sit down", 2), ("run", 2)], {}, r"script\[1\]: 'run' cannot follow.*is seated"),
        ([("run", 2), ("stand up", 2)], {}, r"script\[1\]: 'stand up' cannot follow.*is standing"),
        ([("hold a balloon", 2), ("hold an umbrella", 2)], {}, r"script\[1\]: expected one thing"),
        ([("run", 2)], {"partner": []}, "partner: expected at least one"),
        ([("run", 2)], {"partner": [("fly", 2)]}, r"partner\[0\]: expected one of .*got 'fly'"),
        ([("run", 2)], {"partner": [("run", 1), ("stand up", 1)]}, r"partner\[1\]: 'stand up'"),
    ],
)
def test_a_script_that_cannot_be_played_is_explained(script, options, message):
    with pytest.raises(ValueError, match=message):
        puppet_video(script, **options)


def test_credits_name_the_films_behind():
    assert any("Blender" in line for line in puppets.credits("train"))
    assert not any("Blender" in line for line in puppets.credits("test"))


def test_motions_are_sampled_so_that_reversal_hits_the_same_instants():
    assert np.allclose(kinematics.times(5), 1 - kinematics.times(5)[::-1])

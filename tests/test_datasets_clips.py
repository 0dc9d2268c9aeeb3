"""Clips of listed films: the right frames, the same for any workers, broken films left out."""

import multiprocessing
import warnings
from pathlib import Path

import dataset_trees as trees
import numpy as np
import pytest
import torch
from torch.utils.data import DataLoader

from lecturekit import assets, datasets, training, video
from lecturekit.datasets import CenterClip, ClipDataset, ClipLoader, RandomClip, Record, unit_clip
from lecturekit.datasets.clips import BrokenFilm


@pytest.fixture(scope="module")
def film(tmp_path_factory) -> Path:
    """16 frames, 8 per second."""
    return trees.make_film(tmp_path_factory.mktemp("film") / "walk.mp4")


@pytest.fixture(scope="module")
def broken(tmp_path_factory, film) -> list[Path]:
    """A film cut short, one of noise, and one that was there when the list was read."""
    folder = tmp_path_factory.mktemp("broken")
    data = film.read_bytes()
    paths = [folder / "short.mp4", folder / "noise.mp4", folder / "gone.mp4"]
    paths[0].write_bytes(data[: len(data) // 2])
    paths[1].write_bytes(np.random.default_rng(0).bytes(500))
    return paths


@pytest.fixture(scope="module")
def records(film) -> list[Record]:
    """Ten of one size: puppets with their label, and stretches of them."""
    whole = [Record(film, label) for label in ("walk", "idle", "walk", "wave")]
    return whole + [Record(film, "walk", None, k / 8, (k + 6) / 8) for k in range(6)]


def shaken(frames: np.ndarray) -> torch.Tensor:
    """A transform that draws."""
    clip = unit_clip(frames)
    return clip + 0.1 * torch.randn(clip.shape)


def seen(loader: ClipLoader, epoch: int) -> list[tuple[torch.Tensor, torch.Tensor]]:
    return [tuple(batch) for batch in loader.epoch(epoch)]


def same(a: list, b: list) -> bool:
    return len(a) == len(b) and all(
        torch.equal(x, y)
        for one, two in zip(a, b, strict=True)
        for x, y in zip(one, two, strict=True)
    )


def every_frame(video_frames: int, generator: np.random.Generator) -> np.ndarray:
    return np.arange(video_frames)


class TestClip:
    def test_frames_are_those_of_the_sampler(self, film):
        clip, target = ClipDataset([Record(film, 3)], CenterClip(4, 2))[0]
        expected = video.read_frames(film, [4, 6, 8, 10])
        assert torch.equal(clip, torch.from_numpy(expected).permute(3, 0, 1, 2) / 255)
        assert (clip.dtype, target) == (torch.float32, 3)

    def test_real_footage(self):
        clip, _ = ClipDataset([Record(assets.path("carphone"), 0)], CenterClip(8, 4))[0]
        assert clip.shape == (3, 8, 144, 176)

    @pytest.mark.parametrize(
        ("start_sec", "stop_sec", "first", "stop"),
        [
            (0.5, 1.0, 4, 8),
            (0.51, 0.99, 4, 8),  # frame 4 is on screen from 0.5 to 0.625 s
            (0.45, 1.01, 3, 9),
            (1.5, 99.0, 12, 16),  # lists of Charades go beyond the film
            (-1.5, 0.25, 0, 2),
            (None, None, 0, 16),
        ],
    )
    def test_only_frames_on_screen_in_the_segment(self, film, start_sec, stop_sec, first, stop):
        record = Record(film, 0, None, start_sec, stop_sec)
        frames = ClipDataset([record], every_frame, torch.from_numpy)[0][0]
        assert np.array_equal(frames.numpy(), video.read_frames(film, range(first, stop)))

    @pytest.mark.parametrize(("fps", "first", "stop"), [(25, 3, 7), (30, 1, 14), (12, 7, 13)])
    def test_times_that_are_frames_are_not_rounded_to_more(self, tmp_path, film, fps, first, stop):
        frames = video.read_frames(film)
        video.write_video(tmp_path / "film.mp4", frames, fps)
        record = Record(tmp_path / "film.mp4", 0, None, round(first / fps, 9), stop / fps)
        clip = ClipDataset([record], every_frame, torch.from_numpy)[0][0]
        assert len(clip) == stop - first

    def test_a_short_film_starts_again(self, film):
        frames = ClipDataset([Record(film, 0)], RandomClip(20, 1), torch.from_numpy)[0][0].numpy()
        assert np.array_equal(frames[16:], frames[:4])

    @pytest.mark.parametrize("indices", [[-1, 0], [0, 16]])
    def test_sampler_out_of_the_film(self, film, indices):
        dataset = ClipDataset([Record(film, 0)], lambda video_frames, generator: indices)
        with pytest.raises(ValueError, match="sampler: expected indices from 0 to 15, got"):
            dataset[0]
        assert dataset.broken == ()

    def test_index_as_of_a_list(self, film):
        dataset = ClipDataset([Record(film, 0), Record(film, 1)], RandomClip(4, 1))
        assert torch.equal(dataset[-1][0], dataset[1][0])
        with pytest.raises(IndexError):
            dataset[2]


class TestTarget:
    def test_names_become_their_place_among_the_classes(self, records):
        dataset = ClipDataset(records, CenterClip(2, 1))
        assert dataset.classes == ("idle", "walk", "wave")
        assert [dataset[k][1] for k in range(4)] == [1, 0, 1, 2]

    def test_numbers_stay(self, film):
        assert ClipDataset([Record(film, 107), Record(film, 31)], CenterClip(2, 1))[0][1] == 107

    def test_of_the_caller(self, film):
        boxes = np.array([[0.1, 0.2, 0.3, 0.4]])
        record = Record(film, None, [[12, 80]], 0.0, 1.0, boxes)
        with pytest.raises(ValueError, match="target: expected a function of a record"):
            ClipDataset([record], CenterClip(2, 1))
        dataset = ClipDataset([record], CenterClip(2, 1), target=lambda record: record.boxes)
        assert dataset[0][1] is boxes


class TestSameClips:
    @pytest.mark.parametrize("shuffle", [False, True])
    def test_for_any_number_of_workers(self, records, shuffle):
        loaders = [
            ClipLoader(
                ClipDataset(records, RandomClip(4, 2), shaken, seed=5),
                3,
                num_workers=workers,
                shuffle=shuffle,
            )
            for workers in (0, 1, 2)
        ]
        for epoch in (0, 3, 0):  # workers that live on hear of the new epoch
            here, *others = (seen(loader, epoch) for loader in loaders)
            assert [len(clips) for clips, _ in here] == [3, 3, 3, 1]
            assert all(same(here, other) for other in others)

    def test_workers_that_are_new_processes(self, records):
        here = ClipDataset(records, RandomClip(4, 2), shaken)
        there = DataLoader(
            ClipDataset(records, RandomClip(4, 2), shaken),
            5,
            num_workers=1,
            multiprocessing_context=multiprocessing.get_context("spawn"),
        )
        assert same([tuple(batch) for batch in there], seen(ClipLoader(here, 5), 0))

    def test_after_part_of_an_epoch(self, records):
        loader = ClipLoader(ClipDataset(records, RandomClip(4, 2)), 1, num_workers=2, shuffle=True)
        whole = seen(loader, 1)
        next(loader.epoch(0))
        assert same(seen(loader, 1), whole)

    @pytest.mark.parametrize("change", ["seed", "epoch", "index"])
    def test_another_draw_for_each(self, film, change):
        def dataset(seed: int) -> ClipDataset:
            sampler = RandomClip(2, 1)
            return ClipDataset([Record(film, 0)] * 12, sampler, torch.from_numpy, seed=seed)

        one, other = dataset(0), dataset(int(change == "seed"))
        other.set_epoch(int(change == "epoch"))
        shift = int(change == "index")
        pairs = [(one[k][0], other[k + shift][0]) for k in range(11)]
        assert not all(torch.equal(a, b) for a, b in pairs)

    def test_orders_differ_from_epoch_to_epoch(self, film):
        records = [Record(film, label) for label in range(12)]
        loader = ClipLoader(ClipDataset(records, CenterClip(1, 1)), 12, shuffle=True)
        orders = [seen(loader, epoch)[0][1].tolist() for epoch in (0, 1)]
        assert sorted(orders[0]) == sorted(orders[1]) == list(range(12))
        assert orders[0] != orders[1]

    def test_the_callers_generators_stay_untouched(self, records):
        torch.manual_seed(3)
        expected = torch.rand(2)
        torch.manual_seed(3)
        seen(ClipLoader(ClipDataset(records, RandomClip(2, 1), shaken), 4, shuffle=True), 0)
        assert torch.equal(torch.rand(2), expected)


class TestBroken:
    @pytest.mark.parametrize("workers", [0, 1, 2])
    def test_left_out_and_counted(self, film, broken, workers):
        # Of two records for each broken film, one shares its batch with a good one.
        paths = [film, broken[0], broken[1], broken[2], film, broken[0], broken[1], broken[2]]
        records = [Record(path, label) for label, path in enumerate(paths)]
        loader = ClipLoader(ClipDataset(records, CenterClip(2, 1)), 2, num_workers=workers)
        with pytest.warns(UserWarning, match=r"3 of 4 films did not decode, such as .*short\.mp4"):
            batches = seen(loader, 0)
        assert [targets.tolist() for _, targets in batches] == [[0], [4]]
        assert loader.dataset.broken == tuple(broken)

    def test_nothing_is_said_where_all_is_well(self, records):
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            seen(ClipLoader(ClipDataset(records, CenterClip(2, 1)), 4), 0)

    def test_by_its_index_it_raises(self, broken):
        dataset = ClipDataset([Record(path, 0) for path in broken], CenterClip(2, 1))
        for index, path in enumerate(broken):
            with pytest.raises(BrokenFilm, match=path.name):
                dataset[index]
        assert dataset.broken == tuple(broken)

    def test_a_segment_after_the_film_is_over(self, film):
        dataset = ClipDataset([Record(film, 0, None, 900.5, 903.5)], CenterClip(2, 1))
        with pytest.raises(
            BrokenFilm, match=r"expected frames from 900\.5 to 903\.5 s, got .* 2 s"
        ):
            dataset[0]

    def test_a_fault_of_the_transform_is_no_broken_film(self, film):
        def transform(frames: np.ndarray) -> torch.Tensor:
            raise OSError("no disk")

        dataset = ClipDataset([Record(film, 0)], CenterClip(2, 1), transform)
        with pytest.raises(OSError, match="no disk"):
            seen(ClipLoader(dataset, 1), 0)
        assert dataset.broken == ()


def test_training_takes_it_as_it_is(film, broken):
    records = [Record(film, k % 2) for k in range(6)] + [Record(broken[0], 0)]
    dataset = ClipDataset(records, RandomClip(4, 2))
    model = torch.nn.Sequential(
        torch.nn.AvgPool3d((4, 16, 16)), torch.nn.Flatten(), torch.nn.Linear(12, 2)
    )
    result = training.fit(model, dataset, epochs=1, batch_size=7)
    assert len(result.history) == 1
    assert dataset.broken == (broken[0],)


def test_a_folder_from_list_to_batches(film, tmp_path):
    trees.put(film, tmp_path / "v_a.mp4", tmp_path / "v_b.mp4")
    content = trees.activitynet(
        a=("training", [(0.0, 1.0, "walk"), (1.0, 2.0, "idle")]),
        b=("training", [(0.5, 1.5, "walk")]),
    )
    path = trees.write_json(tmp_path / "net.json", content)
    dataset = ClipDataset(datasets.activitynet(path, "training", tmp_path), RandomClip(4, 1))
    ((clips, targets),) = ClipLoader(dataset, 8).epoch(0)
    assert (clips.shape, targets.tolist()) == ((3, 3, 4, 32, 32), [1, 0, 1])

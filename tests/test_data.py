"""Data sets as training sees them: one item, a batch, and through a function."""

import pytest
import torch
from torch.utils.data import DataLoader

from lecturekit.data import FlowClips, Mapped
from lecturekit.labelled import Labelled
from lecturekit.puppets import PuppetClips

PAIR = ("walk left", "walk right")


@pytest.fixture(scope="module")
def puppets():
    return PuppetClips("train", 6, num_frames=4, size=24, classes=PAIR, seed=5)


@pytest.fixture(scope="module", params=["puppets", "flow", "mapped"])
def dataset(request, puppets):
    return {
        "puppets": lambda: puppets,
        "flow": lambda: FlowClips(puppets),
        "mapped": lambda: Mapped(puppets, torch.neg),
    }[request.param]()


def test_an_item_is_the_same_alone_and_in_a_batch(dataset):
    assert isinstance(dataset, Labelled)
    batch, labels = next(iter(DataLoader(dataset, 3, sampler=[4, 1, 5])))
    assert labels.tolist() == [0, 1, 1]
    for k, index in enumerate((4, 1, 5)):
        tensor, label = dataset[index]
        assert torch.equal(tensor, batch[k])
        assert type(label) is int
        assert label == labels[k] == dataset.labels[index]


def test_a_batch_is_made_in_one_go(dataset, monkeypatch):
    asked = []
    inputs = dataset.inputs
    monkeypatch.setattr(dataset, "inputs", lambda indices: asked.append(indices) or inputs(indices))
    assert len(list(DataLoader(dataset, 4))) == 2
    assert asked == [[0, 1, 2, 3], [4, 5]]


def test_names_go_with_the_data_set(dataset):
    assert dataset.classes == PAIR
    assert dataset.groups == dict.fromkeys(PAIR, "direction")
    assert len(dataset) == len(dataset.labels) == 6
    assert dataset.labels.dtype == torch.int64


def test_mapped_shows_each_tensor_through_the_function(puppets):
    halved = Mapped(puppets, lambda clip: clip[:, ::2])
    for index in (0, 5):
        assert torch.equal(halved[index][0], puppets[index][0][:, ::2])
    assert torch.equal(halved.labels, puppets.labels)


def test_mapped_asks_anew_each_time_and_once_an_item(puppets):
    calls = []
    counted = Mapped(puppets, lambda clip: clip + len(calls.append(1) or calls))
    first, second = (counted[2][0] for _ in range(2))
    assert len(calls) == 2
    assert torch.allclose(second - first, torch.ones(()), atol=1e-5)
    assert len(list(DataLoader(counted, 4))) == 2
    assert len(calls) == 2 + 6


def test_mapped_gives_other_labels_where_told(puppets):
    mirrored = Mapped(puppets, lambda clip: clip.flip(-1), lambda label: 1 - label)
    assert mirrored.labels.tolist() == [1, 0] * 3
    assert [mirrored[i][1] for i in range(2)] == [1, 0]
    assert mirrored.labels.dtype == torch.int64
    assert puppets.labels.tolist() == [0, 1] * 3


def test_mapped_twice(puppets):
    twice = Mapped(Mapped(puppets, torch.neg), torch.neg)
    assert torch.equal(twice[3][0], puppets[3][0])

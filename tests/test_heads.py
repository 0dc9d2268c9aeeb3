import math

import pytest
import torch
from torch import nn

from lecturekit import evaluation, metrics, shapes, training
from lecturekit.models import heads, moments

TINY = heads.TrunkConfig(channels=(4, 6), time_strides=(2, 1), space_strides=(2, 3))


def test_the_trunks_places_are_measured():
    """Its start, jump and reach, against the inputs that really change a feature."""
    torch.manual_seed(0)
    trunk = heads.Trunk(TINY).double().eval()
    clip = torch.randn(1, 3, 13, 23, 29, dtype=torch.float64, requires_grad=True)
    features = trunk(clip)
    assert features.shape == (1, 6, 7, 4, 5)
    assert trunk.channels == 6
    assert trunk.jump == (2, 6, 6)
    place = (3, 2, 2)
    features[0, :, *place].abs().sum().backward()
    seen = clip.grad[0].abs().sum(0).nonzero()
    first, last = seen.amin(0), seen.amax(0)
    assert tuple((last - first + 1).tolist()) == trunk.receptive_field
    centre = [s + j * p for s, j, p in zip(trunk.start, trunk.jump, place, strict=True)]
    assert ((first + last) / 2).tolist() == centre
    walked = shapes.walk(trunk.layers(), (3, 13, 23, 29))[-1]
    assert (walked.out_shape, walked.start) == ((6, 7, 4, 5), trunk.start)


@pytest.mark.parametrize("num_frames", [1, 2, 13, 16])
def test_moments_in_seconds(num_frames):
    trunk = heads.Trunk(TINY).eval()
    times = trunk.moments_sec(num_frames, 8.0)
    assert len(times) == trunk(torch.zeros(1, 3, num_frames, 6, 7)).shape[2]
    # Features stand on frames 0, 2, 4, …, in the middle of their time on the screen.
    assert times.tolist() == [(2 * t + 0.5) / 8 for t in range(len(times))]


def test_a_flash_is_felt_most_at_its_own_moment():
    """Nothing but the flash: no border but zeros, no weight but 1."""
    trunk = heads.Trunk(heads.TrunkConfig((2, 2), (1, 2), (2, 2))).eval()
    for weight in trunk.parameters():
        nn.init.ones_(weight)
    film = torch.zeros(1, 3, 32, 8, 8)
    film[:, :, 12] = 1  # from 1.5 s to 1.625 s at 8 frames a second
    strength = (trunk(film) - trunk(0 * film)).sum((0, 1, 3, 4))
    assert trunk.moments_sec(32, 8.0)[strength.argmax()] == 1.5625


def test_default_trunk():
    trunk = heads.Trunk()
    assert trunk(torch.zeros(2, 3, 16, 48, 40)).shape == (2, 48, 8, 6, 5)
    assert (trunk.start, trunk.jump, trunk.receptive_field) == ((0,) * 3, (2, 8, 8), (9, 15, 15))
    assert heads.Trunk(heads.TrunkConfig(time_strides=(1, 1, 1))).jump[0] == 1


def test_what_does_not_fit_is_named():
    trunk = heads.Trunk(TINY)
    with pytest.raises(ValueError, match=r"clips: expected shape \(B, 3, T, H, W\).*look like"):
        trunk(torch.zeros(2, 8, 3, 16, 16))
    with pytest.raises(ValueError, match="fps: expected a finite number above 0"):
        trunk.moments_sec(16, 0)
    with pytest.raises(ValueError, match="num_frames: expected at least 1, got 0"):
        trunk.moments_sec(0, 8)
    with pytest.raises(ValueError, match=r"features: expected shape \(B, 6, T', H', W'\), got"):
        heads.ClassificationHead(6, 3)(torch.zeros(2, 5, 4, 3, 3))


def test_classification_is_a_mean_and_a_line():
    head = heads.ClassificationHead(6, 4)
    features = torch.rand(3, 6, 2, 5, 7)
    mean = features.flatten(2).mean(2)
    assert torch.allclose(head(features), mean @ head.linear.weight.T + head.linear.bias, atol=1e-6)
    pooled = features.mean((3, 4), keepdim=True)
    assert torch.allclose(head(pooled), head(features), atol=1e-6)


def test_multi_label_loss_by_hand():
    scores = torch.tensor([[0.0, math.log(3)], [0.0, -math.log(3)]])
    labels = torch.tensor([[[1, 1], [0, 1]]])
    expected = -(math.log(0.5) + math.log(0.75) + math.log(0.5) + math.log(0.25)) / 4
    assert heads.multi_label_loss(scores, labels).item() == pytest.approx(expected)
    with pytest.raises(
        ValueError, match=r"labels: expected one for each of .*\(2, 2\), got \(1, 2, 1"
    ):
        heads.multi_label_loss(scores, labels[..., :1])


class Loud:
    """Clips of one of three noises: (C, T, H, W) = (3, 4, 6, 7)."""

    def __init__(self, number=24):
        draw = torch.Generator().manual_seed(0)
        self.labels = torch.arange(number) % 3
        self.clips = torch.randn(number, 3, 4, 6, 7, generator=draw)
        self.clips *= 1 + 2 * self.labels[:, None, None, None, None]

    def __len__(self):
        return len(self.labels)

    def __getitem__(self, i):
        return self.clips[i], int(self.labels[i])


def test_trunk_and_head_learn_together():
    torch.manual_seed(0)
    model = heads.OnTrunk(heads.Trunk(TINY), heads.ClassificationHead(6, 3))
    result = training.fit(model, Loud(), Loud(), epochs=20, batch_size=8, max_lr=0.03)
    assert result.test.accuracy > 0.9
    [(features, labels)] = evaluation.outputs(model.trunk, Loud(), 64)
    assert features.shape == (24, 6, 2, 1, 2)
    scores = model.head(features)
    assert torch.allclose(scores, torch.from_numpy(result.test.scores), atol=1e-5)
    assert labels.tolist() == Loud().labels.tolist()


# When


MOMENTS = torch.arange(8) * 0.5 + 0.25


def test_moment_targets_by_hand():
    found = moments.moment_targets(MOMENTS, [(2, 0.25, 1.75), (0, 2.3, 3.0)], 3)
    assert found.inside.tolist() == [True, True, True, False, False, True, False, False]
    assert found.classes.tolist() == [
        [0, 0, 0, 0, 0, 1, 0, 0], [0] * 8, [1, 1, 1, 0, 0, 0, 0, 0]
    ]  # fmt: skip
    assert found.distances[:, :3].tolist() == [[0, 0.5, 1], [1.5, 1, 0.5]]
    assert found.distances[:, 5].tolist() == pytest.approx([0.45, 0.25])
    assert found.distances[:, ~found.inside].abs().max() == 0


@pytest.mark.parametrize("order", [slice(None), slice(None, None, -1)])
def test_of_several_segments_the_shortest_has_a_moment(order):
    found = moments.moment_targets(MOMENTS, [(0, 0, 4), (1, 1, 2)][order], 2)
    assert found.classes.tolist() == [[1, 1, 0, 0, 1, 1, 1, 1], [0, 0, 1, 1, 0, 0, 0, 0]]
    assert found.distances[:, 2].tolist() == [0.25, 0.75]
    assert found.inside.all()


def test_a_film_without_segments():
    found = moments.moment_targets(MOMENTS, [], 3)
    assert not found.inside.any()
    assert found.classes.abs().max() == found.distances.abs().max() == 0


@pytest.mark.parametrize(("segment", "message"), [
    ((3, 0, 1), "segments: label: expected 0 to 2, got 3"),
    ((0, 1, 1), "segments: expected start < stop, got 1 and 1"),
    ((0, 2, 1), "segments: expected start < stop, got 2 and 1"),
    ((0, math.nan, 1), "segments: expected start < stop"),
])  # fmt: skip
def test_segments_that_are_none(segment, message):
    with pytest.raises(ValueError, match=message):
        moments.moment_targets(MOMENTS, [segment], 3)


def test_the_head_gives_scores_and_distances():
    torch.manual_seed(0)
    head = moments.MomentHead(6, 3, hidden=10).eval()
    features = 5 * torch.randn(2, 6, 9, 4, 5)
    found = head(features)
    assert found.scores.shape == (2, 3, 9)
    assert found.distances.shape == (2, 2, 9)
    assert found.distances.min() >= 0
    pooled = head(features.mean((3, 4), keepdim=True))
    assert torch.allclose(found.scores, pooled.scores, atol=1e-5)
    with pytest.raises(ValueError, match=r"features: expected shape \(B, 6, T', H', W'\)"):
        head(features[:, :5])


def test_how_far_the_head_sees():
    head = moments.MomentHead(4, 2, hidden=6).double().eval()
    features = torch.randn(1, 4, 40, 1, 1, dtype=torch.float64, requires_grad=True)
    head(features).scores[0, :, 20].sum().backward()
    seen = features.grad.abs().sum((0, 1, 3, 4)).nonzero().flatten()
    assert (seen.min(), seen.max()) == (20 - 8, 20 + 8)


def batch_of(*targets):
    return moments.Targets(*(torch.stack(parts) for parts in zip(*targets, strict=True)))


def test_the_loss_by_hand():
    """One film of two moments, one class; the first moment is in an action, the second is not."""
    targets = batch_of(moments.moment_targets(torch.tensor([1.0, 3.0]), [(0, 0, 2)], 1))
    scores = torch.tensor([[[math.log(3), 0.0]]])  # probabilities 3/4 and 1/2
    distances = torch.tensor([[[0.5, 9], [2.0, 9]]])
    entropy = -math.log(3 / 4) - math.log(1 / 2)
    overlap = (0.5 + 1) / (1 + 2)  # from 0.5 to 3, in truth from 0 to 2: 1.5 of 3 seconds
    found = moments.moment_loss(moments.Moments(scores, distances), targets)
    assert found.item() == pytest.approx(entropy + 1 - overlap)


def test_the_loss_without_an_action_is_finite():
    targets = batch_of(moments.moment_targets(MOMENTS, [], 3))
    distances = torch.zeros(1, 2, 8, requires_grad=True)
    scores = torch.zeros(1, 3, 8, requires_grad=True)
    loss = moments.moment_loss(moments.Moments(scores, distances), targets)
    loss.backward()
    assert loss.item() == pytest.approx(24 * math.log(2))
    assert distances.grad.abs().max() == 0
    assert torch.isfinite(scores.grad).all()


def test_the_loss_names_what_does_not_fit():
    targets = batch_of(moments.moment_targets(MOMENTS, [], 3))
    with pytest.raises(
        ValueError, match=r"targets: expected shapes .*\(1, 3, 9\).*got .*\(1, 3, 8"
    ):
        moments.moment_loss(moments.Moments(torch.zeros(1, 3, 9), torch.zeros(1, 2, 9)), targets)


def test_decoding_the_targets_gives_the_segments_back():
    segments = [(2, 0.25, 1.75), (0, 2.3, 3.0)]
    targets = moments.moment_targets(MOMENTS, segments, 3)
    found = moments.decode(20 * targets.classes - 10, targets.distances, MOMENTS)
    assert len(found) == 4  # one for each moment inside
    assert {(d.label, round(d.start_sec, 5), round(d.stop_sec, 5)) for d in found} == set(segments)


def test_decoding_by_hand():
    scores = torch.tensor([[0.0, -9, math.log(3)], [-9, -9, -math.log(3)]])
    distances = torch.tensor([[2.0, 0, 1], [1, 0, 5]])
    found = moments.decode(
        scores, distances, torch.tensor([1.0, 2, 3]), threshold=0.25, length_sec=4.0
    )
    assert [d.label for d in found] == [0, 0, 1]
    assert [d.score for d in found] == pytest.approx([0.75, 0.5, 0.25])
    assert [d[1:3] for d in found] == [(2, 4), (0, 2), (2, 4)]
    assert moments.decode(scores, distances, torch.tensor([1.0, 2, 3]), threshold=0.9) == []
    with pytest.raises(ValueError, match=r"distances: expected shape \(2, 3\), got \(2, 2\)"):
        moments.decode(scores, distances[:, :2], torch.zeros(3))


def test_the_moment_head_learns():
    """Films of 6 seconds, quiet but for one stretch, whose channel is its class."""
    draw = torch.Generator().manual_seed(0)
    films = []
    for i in range(32):
        label, start, stop = i % 2, 3 + i % 5, 12 + i % 7
        features = 0.1 * torch.randn(4, 24, 1, 1, generator=draw)
        features[label, start:stop] += 1
        segment = (label, start / 4, stop / 4)  # in seconds
        films.append((features, segment))
    times = torch.arange(24) / 4 + 0.125
    data = [(f, moments.moment_targets(times, [s], 2)) for f, s in films]
    torch.manual_seed(0)
    head = moments.MomentHead(4, 2, hidden=12)
    result = training.fit(
        head, data, epochs=60, batch_size=8, max_lr=1e-2, loss=moments.moment_loss
    )
    assert result.history[-1].accuracy is None
    head.eval()
    for features, (label, start, stop) in films:
        scores, distances = (x[0].detach() for x in head(features[None]))
        best = moments.decode(scores, distances, times)[0]
        assert best.label == label
        assert metrics.temporal_iou(best[1:3], (start, stop)) > 0.7

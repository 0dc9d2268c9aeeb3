from typing import ClassVar, NamedTuple

import numpy as np
import pytest
import torch
from torch import nn
from torch.utils.data import DataLoader

from lecturekit import evaluation, resuming, training


class Squares:
    """Bright clips and dark ones, unequal axes: (C, T, H, W) = (3, 4, 5, 6)."""

    classes: ClassVar = ("dark", "bright", "darker", "brighter")
    groups: ClassVar = {"dark": "level", "bright": "level", "darker": "more", "brighter": "more"}

    def __init__(self, number=40, classes=4, seed=0):
        noise = torch.Generator().manual_seed(seed)
        self.labels = torch.arange(number) % classes
        self.clips = torch.randn(number, 3, 4, 5, 6, generator=noise) * 0.1
        self.clips[:, 0] += self.labels[:, None, None, None]

    def __len__(self):
        return len(self.labels)

    def __getitem__(self, i):
        return self.clips[i], int(self.labels[i])


def network(seed=0, dropout=0.2, classes=4):
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        return nn.Sequential(
            nn.Conv3d(3, 8, 3, padding=1), nn.BatchNorm3d(8), nn.ReLU(), nn.Dropout(dropout),
            nn.AdaptiveAvgPool3d(1), nn.Flatten(), nn.Linear(8, classes),
        )  # fmt: skip


def weights(model):
    return torch.cat([v.flatten().double() for v in model.state_dict().values()])


def test_it_learns_and_reports():
    model = network()
    result = training.fit(
        model, Squares(), Squares(24, seed=1), epochs=30, batch_size=8, max_lr=0.03
    )
    assert len(result.history) == 30
    assert result.history[-1].loss < 0.5 * result.history[0].loss
    assert result.test.accuracy > 0.9
    assert result.seconds > 0
    assert result.clips_per_sec == pytest.approx(30 * 40 / result.seconds)
    assert result.history[-1].learning_rate < 1e-5
    assert model.training


def test_the_learning_rate_is_one_cycle():
    rates = [e.learning_rate for e in training.fit(network(), Squares(), epochs=10).history]
    top = int(np.argmax(rates))
    assert 0 < top < 5
    assert rates[: top + 1] == sorted(rates[: top + 1])
    assert rates[top:] == sorted(rates[top:], reverse=True)


def test_it_is_the_plain_loop():
    data, epochs = Squares(20), 4
    plain, fitted = network(dropout=0), network(dropout=0)
    order = torch.Generator().manual_seed(3)
    batches = DataLoader(data, 8, shuffle=True, drop_last=True, generator=order)
    optimizer = torch.optim.AdamW(plain.parameters(), weight_decay=0.1)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, 0.02, total_steps=2 * epochs)
    for _ in range(epochs):
        for clips, labels in batches:
            optimizer.zero_grad()
            nn.functional.cross_entropy(plain(clips), labels).backward()
            optimizer.step()
            schedule.step()
    training.fit(fitted, data, epochs=epochs, batch_size=8, max_lr=0.02, weight_decay=0.1, seed=3)
    assert torch.equal(weights(plain), weights(fitted))


def test_same_seed_same_weights_another_seed_others():
    runs = []
    for seed in (3, 3, 4):
        model = network()
        training.fit(model, Squares(), epochs=3, batch_size=8, seed=seed)
        runs.append(weights(model))
    assert torch.equal(runs[0], runs[1])
    assert not torch.equal(runs[0], runs[2])


def test_the_callers_random_numbers_are_left_alone():
    torch.manual_seed(5)
    expected = torch.rand(3)
    torch.manual_seed(5)
    training.fit(network(), Squares(), epochs=1)
    assert torch.equal(torch.rand(3), expected)


class Killed(Exception):
    pass


def test_a_killed_run_continues_to_the_same_result(tmp_path, monkeypatch):
    whole = network()
    expected = training.fit(whole, Squares(), epochs=5, batch_size=8)
    saves = []

    def save_then_die(*args):
        real(*args)
        saves.append(args)
        if len(saves) == 2:
            raise Killed

    real = resuming.Checkpoint.save
    monkeypatch.setattr(resuming.Checkpoint, "save", save_then_die)
    path = tmp_path / "run.pt"
    with pytest.raises(Killed):
        training.fit(network(), Squares(), epochs=5, batch_size=8, checkpoint=path)
    # Another start: its weights are replaced by the kept ones.
    model = network(seed=9)
    result = training.fit(model, Squares(), epochs=5, batch_size=8, checkpoint=path)
    assert torch.equal(weights(model), weights(whole))
    assert result.history == expected.history
    assert len(saves) == 5
    assert [p.name for p in tmp_path.iterdir()] == ["run.pt"]


def test_a_checkpoint_of_another_run_is_refused(tmp_path):
    path = tmp_path / "run.pt"
    training.fit(network(), Squares(), epochs=1, checkpoint=path)
    with pytest.raises(ValueError, match=r"checkpoint .*'epochs': 2.*'epochs': 1"):
        training.fit(network(), Squares(), epochs=2, checkpoint=path)


def test_a_loss_that_is_not_a_number_stops_at_its_step():
    data = Squares(16)
    data.clips[:] = torch.nan
    with pytest.raises(FloatingPointError, match=r"epoch 0, step 0: .*nan at learning rate"):
        training.fit(network(), data, epochs=1, batch_size=8)


def test_a_label_out_of_range_is_named():
    data = Squares(16)
    data.labels[:] = 4
    with pytest.raises(ValueError, match=r"epoch 0, step 0: expected labels from 0 to 3.*label 4"):
        training.fit(network(), data, epochs=1)
    with pytest.raises(ValueError, match="step 0: expected labels"):
        evaluation.evaluate(network(), data)


def test_scores_of_another_shape_are_named():
    with pytest.raises(
        ValueError, match=r"scores of shape \(32, classes\).*got \(32, 3, 4, 5, 6\)"
    ):
        training.fit(nn.Sequential(nn.BatchNorm3d(3)), Squares(), epochs=1)


@pytest.mark.parametrize("call", [lambda d: training.fit(network(), d, epochs=1),
                                  lambda d: evaluation.evaluate(network(), d)])  # fmt: skip
def test_an_empty_set_is_named(call):
    with pytest.raises(ValueError, match="expected at least one clip"):
        call(Squares(0))


@pytest.mark.parametrize("argument", ["epochs", "batch_size"])
def test_none_at_all_is_an_error(argument):
    with pytest.raises(ValueError, match=f"{argument}: expected at least 1, got 0"):
        training.fit(network(), Squares(), **{"epochs": 1, argument: 0})


def test_fewer_clips_than_a_batch_make_one_batch():
    result = training.fit(network(), Squares(6), epochs=2, batch_size=32)
    assert result.clips_per_sec == pytest.approx(12 / result.seconds)


def test_evaluation_by_hand():
    scores = np.array(
        [[3, 1, 0, 0], [3, 1, 0, 0], [0, 0, 5, 1], [0, 0, 1, 5], [9, 0, 0, 0]], np.float32
    )
    labels = np.array([0, 1, 2, 3, 3])
    found = evaluation.Evaluation(scores, labels, Squares.classes, Squares.groups)
    assert found.accuracy == pytest.approx(3 / 5)
    assert found.per_class == {"dark": 1, "bright": 0, "darker": 1, "brighter": 0.5}
    assert found.per_group == pytest.approx({"level": 1 / 2, "more": 2 / 3})
    assert found.confusion.tolist() == [[1, 0, 0, 0], [1, 0, 0, 0], [0, 0, 1, 0], [1, 0, 0, 1]]


def test_evaluation_leaves_the_mode_and_uses_no_dropout():
    model = network(dropout=0.9).train()
    first, second = (evaluation.evaluate(model, Squares(10)) for _ in range(2))
    assert model.training
    assert np.array_equal(first.scores, second.scores)
    assert first.labels.tolist() == [i % 4 for i in range(10)]
    model.eval()
    evaluation.evaluate(model, Squares(4))
    assert not model.training


def test_a_set_without_names_is_numbered():
    data = [(torch.zeros(3, 4, 5, 6), 1)] * 3
    found = evaluation.evaluate(network(), data)
    assert found.classes == ("0", "1", "2", "3")
    assert found.per_group == {}
    assert list(found.per_class) == ["1"]


def test_a_loss_of_its_own():
    """Several inputs, a named tuple of targets, and a head of any shape: the plain loop."""
    data = [
        ((torch.randn(3, 2), torch.tensor([i * 1.0])), Aims(torch.rand(4), i)) for i in range(10)
    ]
    plain, fitted = TwoInputs(), TwoInputs()
    fitted.load_state_dict(plain.state_dict())
    order = torch.Generator().manual_seed(0)
    batches = DataLoader(data, 4, shuffle=True, drop_last=True, generator=order)
    optimizer = torch.optim.AdamW(plain.parameters(), weight_decay=0.01)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, 0.02, total_steps=2 * 3)
    for _ in range(3):
        for (clips, numbers), aims in batches:
            optimizer.zero_grad()
            distance(plain(clips, numbers), aims).backward()
            optimizer.step()
            schedule.step()
    result = training.fit(fitted, data, epochs=3, batch_size=4, max_lr=0.02, loss=distance)
    assert torch.equal(weights(plain), weights(fitted))
    assert [epoch.accuracy for epoch in result.history] == [None] * 3
    assert result.test is None


class Aims(NamedTuple):
    values: torch.Tensor
    sizes: torch.Tensor


class TwoInputs(nn.Module):
    def __init__(self):
        super().__init__()
        self.linear = nn.Linear(7, 4)

    def forward(self, clips, numbers):
        return self.linear(torch.cat([clips.flatten(1), numbers], 1))


def distance(outputs, aims):
    return ((outputs - aims.values).square().mean(1) * aims.sizes).mean()


def test_a_test_set_does_not_go_with_a_loss_of_its_own():
    with pytest.raises(ValueError, match="test_set: expected none with a loss"):
        training.fit(network(), Squares(), Squares(), epochs=1, loss=nn.CrossEntropyLoss())
    own = training.fit(network(), Squares(), epochs=2, loss=nn.CrossEntropyLoss()).history
    usual = training.fit(network(), Squares(), epochs=2).history
    assert [epoch.loss for epoch in own] == [epoch.loss for epoch in usual]


def test_a_killed_run_with_a_loss_of_its_own_continues(tmp_path):
    path, loss = tmp_path / "run.pt", nn.CrossEntropyLoss()
    whole = training.fit(network(), Squares(), epochs=2, checkpoint=path, loss=loss)
    again = training.fit(network(), Squares(), epochs=2, checkpoint=path, loss=loss)
    assert again.history == whole.history

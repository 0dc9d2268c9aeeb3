"""JEPA: what learns, what does not, and how far features spread."""

import math
from dataclasses import replace

import pytest
import torch
from torch.nn import functional
from videomae_samples import ODD

from lecturekit.models import jepa
from lecturekit.models.jepa import JEPA, TARGETS
from lecturekit.models.masking import make_mask, take

CONFIG = replace(ODD, decoder_depth=1)


def made(target="moving average", seed=0):
    torch.manual_seed(seed)
    return JEPA(CONFIG, target)


def batch(clips=4):
    generator = torch.Generator().manual_seed(0)
    x = torch.randn(clips, 3, CONFIG.frames, *CONFIG.size, generator=generator)
    return x, make_mask("tube", clips, CONFIG.grid, 0.5, generator)


def test_the_loss_is_the_distance_from_the_layer_normed_features_of_the_whole_clip():
    model = made()
    clips, mask = batch()
    whole = model.slow(clips)
    mean, deviation = whole.mean(-1, keepdim=True), whole.std(-1, keepdim=True, unbiased=False)
    asked = take((whole - mean) / deviation, mask)
    said = model.predictor(model.encoder(clips, mask), mask)
    assert said.shape == (4, 24, CONFIG.width)
    torch.testing.assert_close(model(clips, mask), (said - asked).abs().mean(), rtol=1e-4, atol=0)


def test_what_is_hidden_reaches_the_targets_alone():
    model = made()
    clips, mask = batch()
    t, h, w = CONFIG.tubelet
    hidden = mask.view(4, 1, *CONFIG.grid)
    for axis, times in ((2, t), (3, h), (4, w)):
        hidden = hidden.repeat_interleave(times, axis)
    other = torch.where(hidden, torch.randn(clips.shape), clips)
    assert torch.equal(model.predict(other, mask), model.predict(clips, mask))
    assert not torch.allclose(model.targets(other, mask), model.targets(clips, mask))


@pytest.mark.parametrize("target", TARGETS)
def test_the_loss_changes_the_target_only_where_nothing_stops_it(target):
    model = made(target)
    clips, mask = batch()
    assert model.targets(clips, mask).requires_grad == (target == "own")
    model(clips, mask).backward()
    both = {name: weight.grad for name, weight in model.encoder.named_parameters()}
    model.zero_grad()
    asked = model.targets(clips, mask).detach()
    functional.l1_loss(model.predict(clips, mask), asked).backward()
    one_side = {name: weight.grad for name, weight in model.encoder.named_parameters()}
    same = all(torch.allclose(both[name], one_side[name]) for name in both)
    assert same == (target != "own")


@pytest.mark.parametrize("target", TARGETS)
def test_only_a_moving_average_adds_weights_and_none_of_them_learns(target):
    model = made(target)
    clips, mask = batch()
    model(clips, mask).backward()
    slow = [] if model.slow is None else list(model.slow.parameters())
    assert bool(slow) == (target == "moving average")
    assert all(weight.grad is None and not weight.requires_grad for weight in slow)
    learns = [weight for weight in model.parameters() if weight.requires_grad]
    assert all(weight.grad is not None for weight in learns)
    assert len(learns) == len(list(model.encoder.parameters())) + len(
        list(model.predictor.parameters())
    )


def test_the_target_starts_as_the_encoder_and_follows_it():
    model = made()
    ours, theirs = model.slow.tubelets.project.weight, model.encoder.tubelets.project.weight
    assert torch.equal(ours, theirs)
    before = ours.clone()
    with torch.no_grad():
        theirs += 1
    model.update(1.0)
    assert torch.equal(ours, before)
    model.update(0.75)
    torch.testing.assert_close(ours, before + 0.25)
    model.update(0.75)
    torch.testing.assert_close(ours, before + 0.25 + 0.75 * 0.25)
    model.update(0.0)
    assert torch.equal(ours, theirs)


def test_what_does_not_fit_is_named():
    with pytest.raises(
        ValueError, match=r"target: expected one of 'moving average', .* got 'none'"
    ):
        JEPA(CONFIG, "none")
    with pytest.raises(ValueError, match=r"momentum: expected a number from 0 to 1, got 1\.5"):
        made().update(1.5)
    with pytest.raises(ValueError, match="features: expected those of two clips at least, got 1"):
        jepa.spread(torch.zeros(1, 3))
    clips, mask = batch()
    with pytest.raises(ValueError, match="mask: expected bool"):
        made()(clips, mask[:, 1:])


def test_spread_compares_a_token_with_its_like_in_other_clips():
    places = torch.randn(1, 5, 7)  # tokens that say where they are, and nothing of the clip
    assert jepa.spread(places.expand(6, -1, -1)) == 0
    clips = torch.tensor([1.0, 2, 6])[:, None, None]
    expected = math.sqrt((4 + 1 + 9) / 2)
    assert jepa.spread(places + clips) == pytest.approx(expected, rel=1e-5)


def test_effective_rank_counts_directions_and_not_sizes():
    torch.manual_seed(0)
    centred = torch.randn(50, 4)
    orthonormal = torch.linalg.qr(centred - centred.mean(0))[0]
    basis = torch.linalg.qr(torch.randn(9, 4))[0].T
    assert jepa.effective_rank(orthonormal @ basis + 3) == pytest.approx(4, rel=1e-4)
    assert jepa.effective_rank(1e-3 * orthonormal @ basis) == pytest.approx(4, rel=1e-4)
    # Shares of 3/4 and 1/4.
    uneven = orthonormal @ torch.diag(torch.tensor([3.0, 1, 0, 0])) @ basis
    by_hand = math.exp(3 / 4 * math.log(4 / 3) + 1 / 4 * math.log(4))
    assert jepa.effective_rank(uneven) == pytest.approx(by_hand, rel=1e-4)


def test_without_a_stop_gradient_features_collapse_while_the_loss_falls_lowest():
    ends = {}
    for target in TARGETS:
        model = made(target)
        clips, mask = batch(32)
        learns = [weight for weight in model.parameters() if weight.requires_grad]
        optimizer = torch.optim.AdamW(learns, 3e-3)
        for _ in range(60):
            loss = model(clips, mask)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            model.update(0.95)
        with torch.no_grad():
            ends[target] = loss.item(), jepa.spread(model.features(clips))
    losses, spreads = ({name: end[k] for name, end in ends.items()} for k in (0, 1))
    assert losses["own"] == min(losses.values())
    assert spreads["own"] < 0.2 * min(spreads["moving average"], spreads["stop-gradient"])

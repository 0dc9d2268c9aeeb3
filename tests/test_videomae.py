"""VideoMAE: masks, patches, the loss, and what the networks do with them."""

import statistics
from dataclasses import replace
from math import cos, sin

import pytest
import torch
from torch import nn
from videomae_samples import ODD, clips_for, generator, mask_for

from lecturekit import evaluation, ops, puppets, training
from lecturekit.models import masking, videomae
from lecturekit.models.masking import MASKS, make_mask
from lecturekit.models.videomae import VideoMAE, VideoMAEPretrain

# Masks


@pytest.mark.parametrize("kind", MASKS)
@pytest.mark.parametrize(
    ("grid", "share"), [((8, 14, 14), 0.9), ((5, 3, 4), 0.29), ((4, 3, 2), 0.5)]
)
def test_each_clip_hides_equally_many_and_its_own(kind, grid, share):
    mask = make_mask(kind, 32, grid, share, generator())
    steps, rows, columns = grid
    whole = {"tube": rows * columns, "random": steps * rows * columns, "frames": steps}[kind]
    assert mask.dtype == torch.bool
    assert mask.shape == (32, steps * rows * columns)
    assert mask.sum(1).tolist() == [round(share * whole) * (mask.shape[1] // whole)] * 32
    assert len({tuple(row.tolist()) for row in mask}) > 3
    assert torch.equal(mask, make_mask(kind, 32, grid, share, generator()))
    assert not torch.equal(mask, make_mask(kind, 32, grid, share, generator(1)))


def test_a_tube_is_one_picture_at_all_times_and_a_frame_is_whole():
    tube = mask_for(ODD, 7, "tube").view(7, 3, 16)
    assert torch.equal(tube, tube[:, :1].expand(7, 3, 16))
    frames = mask_for(ODD, 7, "frames", 0.4).view(7, 3, 16)
    assert torch.equal(frames, frames[..., :1].expand(7, 3, 16))
    scattered = mask_for(ODD, 7).view(7, 3, 16)
    assert not torch.equal(scattered, scattered[:, :1].expand(7, 3, 16))
    assert not torch.equal(scattered, scattered[..., :1].expand(7, 3, 16))


@pytest.mark.parametrize("kind", MASKS)
def test_no_place_is_hidden_more_often_than_another(kind):
    often = make_mask(kind, 4000, (4, 2, 2), 0.5, generator()).float().mean(0)
    assert (often - 0.5).abs().max() < 5 * 0.5 / 4000**0.5


def test_what_cannot_be_drawn_is_named():
    def draw(kind="tube", batch=2, grid=(8, 4, 4), share=0.9):
        return make_mask(kind, batch, grid, share, generator())

    with pytest.raises(ValueError, match=r"kind: expected one of 'tube', .* got 'cube'"):
        draw(kind="cube")
    with pytest.raises(ValueError, match=r"hides 1 to 15 of 16 .*, got 0\.99: 16"):
        draw(share=0.99)
    with pytest.raises(ValueError, match=r"hides 1 to 7 of 8 .*, got 0\.05: 0"):
        draw("frames", share=0.05)
    with pytest.raises(ValueError, match="share: expected a finite number above 0"):
        draw(share=0.0)
    with pytest.raises(ValueError, match="grid: expected at least 1, got 0"):
        draw(grid=(8, 0, 4))
    with pytest.raises(ValueError, match="batch: expected at least 1"):
        draw(batch=0)


# Patches


def test_a_patch_is_a_box_of_the_clip_and_goes_back_where_it_was():
    clips = clips_for(ODD)
    patches = masking.patches_of(clips, ODD.tubelet)
    assert patches.shape == (2, 48, 3 * 2 * 3 * 5)
    # Time 1, row 2, column 3 of 3 × 4 × 4.
    box = clips[1, :, 2:4, 6:9, 15:20]
    assert torch.equal(patches[1, 1 * 16 + 2 * 4 + 3], box.permute(1, 2, 3, 0).flatten())
    assert torch.equal(masking.clips_of(patches, ODD.grid, ODD.tubelet), clips)


def test_a_token_is_a_linear_layer_of_its_patch():
    encoder = videomae.Encoder(ODD)
    clips = clips_for(ODD)
    layer = encoder.tubelets.project
    matrix = layer.weight.permute(0, 2, 3, 4, 1).flatten(1)
    tokens = masking.patches_of(clips, ODD.tubelet) @ matrix.T + layer.bias
    torch.testing.assert_close(encoder.tubelets(clips), tokens)


def test_normalise_by_hand():
    patch = torch.tensor([[1.0, 5, 2, 2, 5, 4, 6, 5, 9]])  # three pixels: red 1, 2, 6
    normalised, mean, std = masking.normalise(patch)
    assert mean.tolist() == [[3, 5, 5]]
    red = statistics.stdev([1, 2, 6])
    assert std[0].tolist() == pytest.approx([red + 1e-6, 1e-6, statistics.stdev([2, 4, 9]) + 1e-6])
    assert normalised[0, ::3].tolist() == pytest.approx([-2 / red, -1 / red, 3 / red], rel=1e-5)
    assert normalised[0, 1::3].tolist() == [0, 0, 0]  # a flat channel
    torch.testing.assert_close(masking.denormalise(normalised, mean, std), patch)


def test_what_borrows_shows_the_true_clip_and_what_does_not_shows_less():
    pixels = clips_for(ODD).sigmoid()
    mask = mask_for(ODD)
    patches = masking.patches_of(pixels, ODD.tubelet)
    truth = masking.normalise(patches[mask].view(2, -1, ODD.numbers))[0]
    borrowed = masking.fill(pixels, mask, truth, ODD.tubelet, borrow=True)
    torch.testing.assert_close(borrowed, pixels)
    honest = masking.fill(pixels, mask, truth, ODD.tubelet, borrow=False)
    filled = masking.patches_of(honest, ODD.tubelet)
    assert torch.equal(filled[~mask], patches[~mask])
    # Every hidden patch of a clip has the colour and the contrast of what is visible of it.
    for clip, before, hidden in zip(filled, patches, mask, strict=True):
        for colour in range(3):
            seen = before[~hidden][:, colour::3].flatten().tolist()
            for patch in clip[hidden]:
                shown = patch[colour::3].tolist()
                assert statistics.fmean(shown) == pytest.approx(statistics.fmean(seen), abs=1e-5)
                assert statistics.stdev(shown) == pytest.approx(statistics.stdev(seen), rel=1e-3)


# The loss


def test_a_copy_is_of_the_nearest_visible_time_at_the_same_place():
    # Three times of two places; hidden ones are asked for in time-major order.
    patches = torch.tensor([[10.0, 11, 20, 21, 30, 31]])[..., None]

    def copies(*visible):
        mask = torch.tensor([[n not in visible for n in range(6)]])
        return masking.copied(patches, mask, (3, 1, 2)).flatten().tolist()

    assert copies(1, 2) == [20, 11, 20, 11]
    assert copies(0, 1, 4, 5) == [10, 11], "of two as near the earlier"
    assert copies(1, 3, 5) == [0, 0, 0], "a place that is never visible"


def test_the_loss_by_hand():
    torch.manual_seed(0)
    config = replace(ODD, mean=(0.5, 0.4, 0.3), std=(0.1, 0.2, 0.3))
    model = VideoMAEPretrain(config)
    clips, mask = clips_for(config), mask_for(config)
    with torch.no_grad():
        said = model.rebuild(clips, mask).tolist()
        loss = model(clips, mask).item()
    errors = []
    for b in range(2):
        hidden = iter(said[b])
        for n in mask[b].nonzero().flatten().tolist():
            t, h, w = n // 16, n // 4 % 4, n % 4
            box = clips[b, :, 2 * t : 2 * t + 2, 3 * h : 3 * h + 3, 5 * w : 5 * w + 5]
            patch = next(hidden)
            for c in range(3):
                values = [x * config.std[c] + config.mean[c] for x in box[c].flatten().tolist()]
                mean, std = statistics.fmean(values), statistics.stdev(values)
                errors += [
                    (out - (x - mean) / (std + 1e-6)) ** 2
                    for out, x in zip(patch[c::3], values, strict=True)
                ]
        assert next(hidden, None) is None
    assert loss == pytest.approx(statistics.fmean(errors), rel=1e-5)


def test_who_says_zero_everywhere_has_nearly_one():
    model = VideoMAEPretrain(ODD)
    nn.init.zeros_(model.decoder.head.weight)
    clips, mask = clips_for(ODD), mask_for(ODD)
    assert model(clips, mask).item() == pytest.approx(29 / 30, rel=1e-4)  # 30 pixels, unbiased


def test_hidden_patches_are_not_seen_and_visible_ones_not_counted():
    torch.manual_seed(0)
    model = VideoMAEPretrain(ODD)
    clips, mask = clips_for(ODD), mask_for(ODD)
    patches = masking.patches_of(clips, ODD.tubelet)
    other = torch.randn(patches.shape)

    def with_other(where):
        mixed = torch.where(where[..., None], other, patches)
        return masking.clips_of(mixed, ODD.grid, ODD.tubelet)

    said, asked = model.rebuild(clips, mask), model.targets(clips, mask)
    assert torch.equal(model.rebuild(with_other(mask), mask), said)
    assert torch.equal(model.targets(with_other(~mask), mask), asked)
    assert not torch.equal(model.rebuild(with_other(~mask), mask), said)
    assert not torch.equal(model.targets(with_other(mask), mask), asked)


def test_the_encoder_works_on_the_visible_patches_alone():
    encoder = videomae.Encoder(ODD)
    tokens, attentions = encoder(clips_for(ODD), mask_for(ODD), return_attention=True)
    assert tokens.shape == (2, 12, 24)
    assert [tuple(one.shape) for one in attentions] == [(2, 3, 12, 12)] * 2


def test_a_hidden_patch_is_asked_for_by_its_position():
    torch.manual_seed(0)
    model = VideoMAEPretrain(replace(ODD, decoder_depth=0))  # no token sees another
    mask = mask_for(ODD, share=0.6)
    decoder = model.decoder
    asked = decoder.mask_token + videomae.sinusoids(48, 16)
    said = decoder.head(decoder.norm(asked)).expand(2, -1, -1)[mask]
    torch.testing.assert_close(model.rebuild(clips_for(ODD), mask).flatten(0, 1), said)


@pytest.mark.parametrize("encoder_norm", [True, False])
def test_a_gradient_reaches_every_weight(encoder_norm):
    torch.manual_seed(0)
    model = VideoMAEPretrain(replace(ODD, encoder_norm=encoder_norm))
    model(clips_for(ODD), mask_for(ODD)).backward()
    for name, weight in model.named_parameters():
        assert weight.grad.abs().max() > 0, name
    model = VideoMAE(ODD, 5)
    model(clips_for(ODD)).square().sum().backward()
    for name, weight in model.named_parameters():
        assert weight.grad.abs().max() > 0, name


def test_masks_that_do_not_fit_are_named():
    model = VideoMAEPretrain(ODD)
    clips, mask = clips_for(ODD), mask_for(ODD)
    with pytest.raises(ValueError, match=r"mask: expected bool \(2, 48\), .* bool \(2, 47\)"):
        model(clips, mask[:, 1:])
    with pytest.raises(ValueError, match=r"mask: expected bool \(2, 48\), .* bool \(1, 48\)"):
        model(clips, mask[:1])
    with pytest.raises(ValueError, match=r"mask: expected bool \(2, 48\), .* float32 \(2, 48\)"):
        model.rebuild(clips, mask.float())
    unequal = mask.clone()
    unequal[1, unequal[1].nonzero()[0]] = False
    with pytest.raises(ValueError, match=r"equally many hidden in each clip, got \[36, 35\]"):
        model(clips, unequal)
    for all_or_none in (torch.ones_like(mask), torch.zeros_like(mask)):
        with pytest.raises(ValueError, match=r"hidden and visible patches, got (48|0) hidden"):
            model(clips, all_or_none)


# The networks


def test_sinusoids_by_hand():
    table = videomae.sinusoids(3, 4)
    expected = [sin(2), cos(2), sin(2 / 100), cos(2 / 100)]
    assert table[2].tolist() == pytest.approx(expected)
    assert table.shape == (3, 4)
    assert table.dtype == torch.float32


def test_positions_are_no_weights_but_move_with_the_model():
    model = VideoMAEPretrain(ODD)
    assert not any("positions" in key for key in model.state_dict())
    assert model.double().encoder.positions.table.dtype == torch.double
    moved = model.to("meta")
    assert moved.encoder.positions.table.is_meta
    assert moved.decoder.positions.table.is_meta


def test_the_pretrained_encoder_goes_into_the_classifier():
    torch.manual_seed(0)
    pretrain, model = VideoMAEPretrain(ODD), VideoMAE(ODD, 5)
    clips = clips_for(ODD)
    assert not torch.equal(model.encoder(clips), pretrain.encoder(clips))
    model.encoder.load_state_dict(pretrain.encoder.state_dict())
    assert torch.equal(model.encoder(clips), pretrain.encoder(clips))


def test_attention_leaves_the_scores_and_its_rows_sum_to_one():
    torch.manual_seed(0)
    model = VideoMAE(ODD, 5).eval()
    clips = clips_for(ODD)
    scores, attentions = model(clips, return_attention=True)
    torch.testing.assert_close(scores, model(clips))
    assert [tuple(one.shape) for one in attentions] == [(2, 3, 48, 48)] * 2
    for one in attentions:
        torch.testing.assert_close(one.sum(-1), torch.ones(2, 3, 48))


def test_videomae_b_attends_among_1568_patches():
    with torch.device("meta"):
        scores, attentions = videomae.videomae_b()(
            torch.zeros(2, 3, 16, 224, 224), return_attention=True
        )
    assert scores.shape == (2, 400)
    assert [tuple(one.shape) for one in attentions] == [(2, 12, 1568, 1568)] * 12


def test_the_pretraining_network_has_the_parameters_of_transformers_or_of_the_files():
    with torch.device("meta"):
        assert ops.count_parameters(videomae.videomae_b_pretrain()) == 94_209_408
        assert ops.count_parameters(videomae.videomae_b_pretrain(encoder_norm=True)) == 94_210_944


def test_the_tiny_ones_pixels_are_the_puppets():
    clips = torch.stack([clip for clip, _ in puppets.PuppetClips("test", 2, size=32)])
    model = VideoMAEPretrain(videomae.TINY)
    whole = 255 * model.pixels(clips)
    assert (whole - whole.round()).abs().max() < 1e-3
    assert 0 <= whole.min() < whole.max() < 255.001


def test_other_sizes_are_refused_by_name_and_taken_after_resize():
    torch.manual_seed(0)
    model, pretrain = VideoMAE(ODD, 5), VideoMAEPretrain(ODD)
    other = torch.randn(2, 3, 10, 9, 25)
    mask = make_mask("tube", 2, (5, 3, 5), 0.6, generator())
    for call in (model, lambda clips: pretrain(clips, mask)):
        with pytest.raises(
            ValueError, match=r"got 10 frames of 9 × 25; model\.resize\(10, \(9, 25"
        ):
            call(other)
    before = model(clips_for(ODD)), pretrain(clips_for(ODD), mask_for(ODD))
    for network in (model, pretrain):
        network.resize(10, (9, 25))
        with pytest.raises(ValueError, match="frames, size: expected a whole number of tubelets"):
            network.resize(10, (9, 26))
    assert model(other).shape == (2, 5)
    assert pretrain.rebuild(other, mask).shape == (2, int(mask[0].sum()), ODD.numbers)
    pretrain(other, mask).backward()
    for network in (model, pretrain):
        network.resize(6, (12, 20))  # and back: nothing was lost
    assert torch.equal(model(clips_for(ODD)), before[0])
    assert torch.equal(pretrain(clips_for(ODD), mask_for(ODD)), before[1])


def test_resized_positions_lie_between_their_neighbours():
    positions = videomae.Sinusoids((2, 3, 1), 8)
    table = positions.table.view(2, 3, 1, 8)
    positions.resize((4, 3, 1))
    resized = positions.table.view(4, 3, 1, 8)
    torch.testing.assert_close(resized[0], table[0])
    torch.testing.assert_close(resized[1], 0.75 * table[0] + 0.25 * table[1])
    torch.testing.assert_close(resized[2], 0.25 * table[0] + 0.75 * table[1])
    torch.testing.assert_close(resized[3], table[1])


def test_other_than_clips_are_named():
    with pytest.raises(ValueError, match=r"these look like \(B, T, C, H, W\)"):
        VideoMAE(ODD, 5)(torch.zeros(1, 6, 3, 12, 20))
    with pytest.raises(ValueError, match="frames, size: expected a whole number of tubelets"):
        VideoMAE(replace(ODD, frames=7), 5)


def test_a_tiny_one_learns_to_rebuild_and_to_tell():
    torch.manual_seed(0)
    # A grating that moves: what is hidden follows from what is not.
    t, y, x = torch.meshgrid(*(torch.arange(n) for n in (16, 32, 32)), indexing="ij")
    phases = 6.28 * torch.rand(16, 1, 1, 1, generator=generator())
    slopes = torch.tensor([[0.8, 0.0], [0.0, 0.8]]).repeat(8, 1)[..., None, None, None]
    waves = torch.sin(slopes[:, 0] * x + slopes[:, 1] * y + 0.4 * t + phases)
    clips = waves[:, None].expand(-1, 3, -1, -1, -1).contiguous()
    model = VideoMAEPretrain(videomae.TINY)
    optimizer = torch.optim.AdamW(model.parameters(), 3e-3)
    losses = []
    for step in range(60):
        mask = make_mask("tube", 16, videomae.TINY.grid, 0.75, generator(step))
        loss = model(clips, mask)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    assert losses[0] > 1
    assert statistics.fmean(losses[-5:]) < 0.6
    data = [(clip, i % 2) for i, clip in enumerate(clips)]
    classifier = VideoMAE(videomae.TINY, 2)
    classifier.encoder.load_state_dict(model.encoder.state_dict())
    training.fit(classifier, data, epochs=10, batch_size=8, max_lr=2e-3)
    assert evaluation.evaluate(classifier, data).accuracy == 1

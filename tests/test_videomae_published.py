"""VideoMAE against transformers' shapes and, installed, transformers."""

from dataclasses import replace

import pytest
import torch
from torch import nn
from videomae_samples import ODD, clips_for, generator, mask_for

from lecturekit import checkpoints
from lecturekit.models import videomae
from lecturekit.models.attention import both_sides
from lecturekit.models.videomae import VideoMAE, VideoMAEPretrain


def varied(peer):
    """A peer in eval mode, none of whose weights is 0 or 1, with the original's layer norms.

    transformers has 1e-5 in the last norms (the original code: 1e-6 in all of them).
    """
    for module in peer.modules():
        if isinstance(module, nn.LayerNorm):
            module.eps = 1e-6
            nn.init.uniform_(module.weight, 0.5, 1.5, generator=generator(1))
    draw = generator(2)
    for name, weight in peer.named_parameters():
        if name.endswith("bias"):
            nn.init.uniform_(weight, -0.3, 0.3, generator=draw)
        elif weight.ndim == 2:
            nn.init.normal_(weight, std=weight.shape[1] ** -0.5, generator=draw)
    return peer.eval()


def peer_config(transformers, config, **more):
    return transformers.VideoMAEConfig(
        image_size=list(both_sides(config.size)),
        patch_size=config.tubelet[1],
        num_frames=config.frames,
        tubelet_size=config.tubelet[0],
        hidden_size=config.width,
        num_hidden_layers=config.depth,
        num_attention_heads=config.heads,
        intermediate_size=config.hidden,
        decoder_hidden_size=config.decoder_width,
        decoder_num_hidden_layers=config.decoder_depth,
        decoder_num_attention_heads=config.decoder_heads,
        decoder_intermediate_size=config.decoder_hidden,
        use_mean_pooling=True,
        **more,
    )


SQUARE = replace(ODD, frames=8, size=(24, 40), tubelet=(2, 8, 8))
"""The peer's patches are as high as they are wide."""
WITH_PEERS = (
    SQUARE,
    replace(SQUARE, frames=12, size=(16, 8), tubelet=(4, 4, 4), depth=3),
    videomae.VIDEOMAE_B,
)


@pytest.mark.parametrize("config", WITH_PEERS)
def test_transformers_says_the_same(config):
    transformers = pytest.importorskip("transformers")
    torch.manual_seed(0)
    settings = peer_config(transformers, config, num_labels=7, attn_implementation="eager")
    peer = varied(transformers.VideoMAEForVideoClassification(settings))
    model = VideoMAE(config, 7).eval()
    checkpoints.load_published(model, peer.state_dict(), "transformers")
    batch = 1 if config is videomae.VIDEOMAE_B else 3
    clips = clips_for(config, batch)
    with torch.no_grad():
        theirs = peer(clips.transpose(1, 2), output_attentions=True)
        scores, attentions = model(clips, return_attention=True)
        fused = model(clips)
    assert theirs.logits.std() > 0.1
    assert (scores - theirs.logits).abs().max() <= 1e-4 * theirs.logits.std()
    assert (fused - theirs.logits).abs().max() <= 1e-4 * theirs.logits.std()
    for ours, other in zip(attentions, theirs.attentions, strict=True):
        assert (ours - other).abs().max() <= 1e-4 * other.max()


@pytest.mark.parametrize("encoder_norm", [False, True])
@pytest.mark.parametrize("config", WITH_PEERS)
def test_transformers_rebuilds_the_same_at_the_same_loss(config, encoder_norm):
    transformers = pytest.importorskip("transformers")
    torch.manual_seed(0)
    settings = peer_config(transformers, config)
    settings.use_mean_pooling = not encoder_norm
    peer = varied(transformers.VideoMAEForPreTraining(settings))
    config = replace(config, encoder_norm=encoder_norm)
    model = VideoMAEPretrain(config).eval()
    checkpoints.load_published(model, peer.state_dict(), "transformers")
    batch = 1 if config.width == 768 else 3
    clips, mask = clips_for(config, batch), mask_for(config, batch)
    theirs = peer(clips.transpose(1, 2), bool_masked_pos=mask)
    rebuilt, loss = model.rebuild(clips, mask), model(clips, mask)
    assert theirs.logits.std() > 0.1
    assert (rebuilt - theirs.logits).abs().max() <= 1e-4 * theirs.logits.std()
    assert loss.item() == pytest.approx(theirs.loss.item(), rel=1e-5)
    theirs.loss.backward()
    loss.backward()
    # Both sums run over thousands of tokens, in another order.
    for ours, other in (
        (model.decoder.mask_token, peer.mask_token),
        (
            model.encoder.tubelets.project.weight,
            peer.videomae.embeddings.patch_embeddings.projection.weight,
        ),
        (
            model.encoder.blocks[0].attention.v_bias,
            peer.videomae.encoder.layer[0].attention.attention.value.bias,
        ),
    ):
        assert (ours.grad - other.grad).abs().max() <= 1e-3 * other.grad.abs().max()


def in_a_block(key, width, hidden, biases):
    attention, square = f"{key}.attention.attention", (width, width)
    return {
        f"{attention}.{biases[0]}": (width,),
        f"{attention}.{biases[1]}": (width,),
        f"{attention}.query.weight": square,
        f"{attention}.key.weight": square,
        f"{attention}.value.weight": square,
        f"{key}.attention.output.dense.weight": square,
        f"{key}.attention.output.dense.bias": (width,),
        f"{key}.intermediate.dense.weight": (hidden, width),
        f"{key}.intermediate.dense.bias": (hidden,),
        f"{key}.output.dense.weight": (width, hidden),
        f"{key}.output.dense.bias": (width,),
    } | {
        f"{key}.layernorm_{place}.{one}": (width,)
        for place in ("before", "after")
        for one in ("weight", "bias")
    }


def published_shapes(pretrain, biases):
    """Of each tensor in a published file of a ViT-B, by its key."""
    stem = "videomae.embeddings.patch_embeddings.projection"
    shapes = {f"{stem}.weight": (768, 3, 2, 16, 16), f"{stem}.bias": (768,)}
    for i in range(12):
        shapes |= in_a_block(f"videomae.encoder.layer.{i}", 768, 3072, biases)
    if not pretrain:
        norm = {"fc_norm.weight": (768,), "fc_norm.bias": (768,)}
        return shapes | norm | {"classifier.weight": (400, 768), "classifier.bias": (400,)}
    for i in range(4):
        shapes |= in_a_block(f"decoder.decoder_layers.{i}", 384, 1536, biases)
    return shapes | {
        "videomae.layernorm.weight": (768,),
        "videomae.layernorm.bias": (768,),
        "encoder_to_decoder.weight": (384, 768),
        "mask_token": (1, 1, 384),
        "decoder.norm.weight": (384,),
        "decoder.norm.bias": (384,),
        "decoder.head.weight": (1536, 384),
        "decoder.head.bias": (1536,),
    }


@pytest.mark.parametrize("biases", [("q_bias", "v_bias"), ("query.bias", "value.bias")])
@pytest.mark.parametrize("pretrain", [True, False])
def test_a_file_of_transformers_keys_and_shapes_is_this_network(pretrain, biases):
    shapes = published_shapes(pretrain, biases)
    with torch.device("meta"):
        make = videomae.videomae_b_pretrain if pretrain else videomae.videomae_b
        model = make(encoder_norm=True) if pretrain else make()
        saved = {key: torch.empty(shape) for key, shape in shapes.items()}
    checkpoints.load_published(model, saved, "transformers")
    for key in list(shapes)[:: len(shapes) // 9]:
        less = {k: v for k, v in saved.items() if k != key}
        with pytest.raises(checkpoints.CheckpointError, match=f"{key}: .* no key"):
            checkpoints.load_published(model, less, "transformers")
    more = saved | {"videomae.encoder.layer.0.attention.attention.key.bias": torch.empty(768)}
    with pytest.raises(checkpoints.CheckpointError, match=r"key\.bias: expected no such key"):
        checkpoints.load_published(model, more, "transformers")


def test_transformers_own_network_does_not_have_the_files_norm():
    with torch.device("meta"):
        model = videomae.videomae_b_pretrain()
        shapes = published_shapes(True, ("q_bias", "v_bias"))
        saved = {key: torch.empty(shape) for key, shape in shapes.items()}
    with pytest.raises(
        checkpoints.CheckpointError, match=r"videomae\.layernorm\.weight: expected no"
    ):
        checkpoints.load_published(model, saved, "transformers")

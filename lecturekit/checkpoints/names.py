"""What published files call our keys (the names in ``state_dict()``), by format and family.

A naming is a function of a network and one of its keys. It gives the file's key, or several whose
tensors, one below the other, make ours: many files keep queries, keys and values apart, and
`models.attention` has them in one matrix.
"""

import re
from collections.abc import Callable, Mapping

from torch import nn

from lecturekit.models.mvit import MViT
from lecturekit.models.resnet50 import VideoResNet50
from lecturekit.models.timesformer import TimeSformer
from lecturekit.models.videomae import VideoMAE, VideoMAEPretrain
from lecturekit.models.vivit import ViViT

Name = str | tuple[str, ...]
Naming = Callable[[nn.Module, str], Name]
Table = Mapping[str, Name]
"""Ours to theirs, of modules or of single parameters; N is the number of a block."""


def as_we_do(model: nn.Module, key: str) -> str:
    """A file whose names our modules have."""
    return key


def torchvision(model: nn.Module, key: str) -> Name:
    """Its convolutional networks are called as ours are, MViT is not."""
    return by_table(_MVIT_TORCHVISION, key) if isinstance(model, MViT) else key


def pytorchvideo(model: nn.Module, key: str) -> Name:
    """One list of blocks: stem, four stages, a pooling after the first or the last, the head.

    Of SlowFast, a block holds both pathways and the lateral connection behind them.
    """
    if isinstance(model, MViT):
        return by_table(_MVIT_PYTORCHVIDEO, key)
    alone = isinstance(model, VideoResNet50)
    pooled = alone and isinstance(model.stages[0][-1], nn.MaxPool3d)
    match key.split("."):
        case ["slow" | "fast" as pathway, *parts]:
            inside = f"multipathway_blocks.{['slow', 'fast'].index(pathway)}."
        case ["laterals", number, "conv" | "norm" as layer, last]:
            layer = {"conv": "conv_fast_to_slow", "norm": "norm"}[layer]
            return f"blocks.{number}.multipathway_fusion.{layer}.{last}"
        case parts:
            inside = ""
    match parts:
        case ["stem", *rest]:
            return f"blocks.0.{inside}{'.'.join(rest)}"
        case ["stages", stage, block, "shortcut", layer, last]:
            rest = f"branch1_{layer}.{last}"
        case ["stages", stage, block, layer, last]:
            rest = f"branch2.{layer}.{last}"
        case ["head", "linear", last]:
            return f"blocks.{5 + (pooled or not alone)}.proj.{last}"
        case _:
            return key
    number = int(stage) + 1 + (pooled and stage != "0")
    return f"blocks.{number}.{inside}res_blocks.{block}.{rest}"


def transformers(model: nn.Module, key: str) -> Name:
    """The published files of transformers' models, which older versions wrote."""
    return by_table(_TRANSFORMERS.get(type(model), ({},))[0], key)


def transformers_5(model: nn.Module, key: str) -> Name:
    """``state_dict()`` in version 5, which renames what it reads from the published files."""
    return by_table(_TRANSFORMERS.get(type(model), ({},))[-1], key)


def by_table(table: Table, key: str) -> Name:
    """The name of a key in a table, or the key itself where the table has none.

    >>> by_table({"blocks.N.qkv": ("layer.N.query", "layer.N.key")}, "blocks.7.qkv.bias")
    ('layer.7.query.bias', 'layer.7.key.bias')
    """
    number = re.search(r"\.\d+\.", key)
    ours = key.replace(number[0], ".N.", 1) if number else key
    module, _, last = ours.rpartition(".")
    ending = "" if ours in table else f".{last}"
    theirs = table.get(ours) or table.get(module)

    def whole(name: str) -> str:
        return (name + ending).replace(".N.", number[0] if number else ".N.")

    if theirs is None:
        return key
    return whole(theirs) if isinstance(theirs, str) else tuple(map(whole, theirs))


_VIVIT = {
    "tubelets.project": "vivit.embeddings.patch_embeddings.projection",
    "encoder.cls": "vivit.embeddings.cls_token",
    "encoder.positions.table": "vivit.embeddings.position_embeddings",
    "encoder.blocks.N.norm_1": "vivit.encoder.layer.N.layernorm_before",
    "encoder.blocks.N.attention.qkv": (
        "vivit.encoder.layer.N.attention.attention.query",
        "vivit.encoder.layer.N.attention.attention.key",
        "vivit.encoder.layer.N.attention.attention.value",
    ),
    "encoder.blocks.N.attention.out": "vivit.encoder.layer.N.attention.output.dense",
    "encoder.blocks.N.norm_2": "vivit.encoder.layer.N.layernorm_after",
    "encoder.blocks.N.mlp.expand": "vivit.encoder.layer.N.intermediate.dense",
    "encoder.blocks.N.mlp.shrink": "vivit.encoder.layer.N.output.dense",
    "encoder.norm": "vivit.layernorm",
    "head": "classifier",
}
_VIVIT_5 = _VIVIT | {
    "encoder.blocks.N.norm_1": "vivit.layers.N.layernorm_before",
    "encoder.blocks.N.attention.qkv": (
        "vivit.layers.N.attention.q_proj",
        "vivit.layers.N.attention.k_proj",
        "vivit.layers.N.attention.v_proj",
    ),
    "encoder.blocks.N.attention.out": "vivit.layers.N.attention.o_proj",
    "encoder.blocks.N.norm_2": "vivit.layers.N.layernorm_after",
    "encoder.blocks.N.mlp.expand": "vivit.layers.N.mlp.fc1",
    "encoder.blocks.N.mlp.shrink": "vivit.layers.N.mlp.fc2",
}
_LAYER = "timesformer.encoder.layer.N"
_TIMESFORMER = {
    "tubelets.project": "timesformer.embeddings.patch_embeddings.projection",
    "cls": "timesformer.embeddings.cls_token",
    "space_positions.table": "timesformer.embeddings.position_embeddings",
    "time_positions.table": "timesformer.embeddings.time_embeddings",
    "blocks.N.norm_time": f"{_LAYER}.temporal_layernorm",
    "blocks.N.time.qkv": f"{_LAYER}.temporal_attention.attention.qkv",
    "blocks.N.time.out": f"{_LAYER}.temporal_attention.output.dense",
    "blocks.N.time_dense": f"{_LAYER}.temporal_dense",
    # A block that does not divide has one attention, and the file the names of that in space.
    "blocks.N.norm_space": f"{_LAYER}.layernorm_before",
    "blocks.N.norm_1": f"{_LAYER}.layernorm_before",
    "blocks.N.space.qkv": f"{_LAYER}.attention.attention.qkv",
    "blocks.N.attention.qkv": f"{_LAYER}.attention.attention.qkv",
    "blocks.N.space.out": f"{_LAYER}.attention.output.dense",
    "blocks.N.attention.out": f"{_LAYER}.attention.output.dense",
    "blocks.N.norm_mlp": f"{_LAYER}.layernorm_after",
    "blocks.N.norm_2": f"{_LAYER}.layernorm_after",
    "blocks.N.mlp.expand": f"{_LAYER}.intermediate.dense",
    "blocks.N.mlp.shrink": f"{_LAYER}.output.dense",
    "norm": "timesformer.layernorm",
    "head": "classifier",
}


def _videomae_blocks(ours: str, theirs: str, biases: tuple[str, str]) -> Table:
    """The names of a block, of which encoder and decoder are built alike."""
    attention = f"{theirs}.N.attention.attention"
    return {
        f"{ours}.N.norm_1": f"{theirs}.N.layernorm_before",
        f"{ours}.N.attention.qkv": tuple(f"{attention}.{one}" for one in ("query", "key", "value")),
        f"{ours}.N.attention.q_bias": f"{attention}.{biases[0]}",
        f"{ours}.N.attention.v_bias": f"{attention}.{biases[1]}",
        f"{ours}.N.attention.out": f"{theirs}.N.attention.output.dense",
        f"{ours}.N.norm_2": f"{theirs}.N.layernorm_after",
        f"{ours}.N.mlp.expand": f"{theirs}.N.intermediate.dense",
        f"{ours}.N.mlp.shrink": f"{theirs}.N.output.dense",
    }


def _videomae(biases: tuple[str, str]) -> Table:
    """The classifier; ``biases`` of queries and values, which the versions name differently."""
    return {
        "encoder.tubelets.project": "videomae.embeddings.patch_embeddings.projection",
        **_videomae_blocks("encoder.blocks", "videomae.encoder.layer", biases),
        "norm": "fc_norm",
        "head": "classifier",
    }


def _videomae_pretrain(biases: tuple[str, str]) -> Table:
    return _videomae(biases) | {
        "norm": "videomae.layernorm",
        "decoder.narrow": "encoder_to_decoder",
        "decoder.mask_token": "mask_token",
        **_videomae_blocks("decoder.blocks", "decoder.decoder_layers", biases),
    }


_VIDEOMAE_BIASES = (("q_bias", "v_bias"), ("query.bias", "value.bias"))
_TRANSFORMERS = {
    ViViT: (_VIVIT, _VIVIT_5),
    TimeSformer: (_TIMESFORMER,),
    VideoMAE: tuple(map(_videomae, _VIDEOMAE_BIASES)),
    VideoMAEPretrain: tuple(map(_videomae_pretrain, _VIDEOMAE_BIASES)),
}
"""The names in the published files, and those of version 5 where it has others."""

_MVIT_TORCHVISION = {
    "cubes": "conv_proj",
    "positions.cls": "pos_encoding.class_token",
    "positions.of_cls": "pos_encoding.class_pos",
    "positions.time": "pos_encoding.temporal_pos",
    "positions.space": "pos_encoding.spatial_pos",
    "blocks.N.norm_1": "blocks.N.norm1",
    "blocks.N.norm_2": "blocks.N.norm2",
    "blocks.N.attention.qkv": "blocks.N.attn.qkv",
    "blocks.N.attention.out": "blocks.N.attn.project.0",
    **{
        f"blocks.N.attention.pool_{part}.{ours}": f"blocks.N.attn.pool_{part}.{theirs}"
        for part in "qkv"
        for ours, theirs in (("conv", "pool"), ("norm", "norm_act.0"))
    },
    "blocks.N.mlp.2": "blocks.N.mlp.3",
    "blocks.N.widen": "blocks.N.project",
    "head": "head.1",
}
_MVIT_PYTORCHVIDEO = {
    "cubes": "patch_embed.patch_model",
    "positions.cls": "cls_positional_encoding.cls_token",
    "positions.of_cls": "cls_positional_encoding.pos_embed_class",
    "positions.time": "cls_positional_encoding.pos_embed_temporal",
    "positions.space": "cls_positional_encoding.pos_embed_spatial",
    "blocks.N.norm_1": "blocks.N.norm1",
    "blocks.N.norm_2": "blocks.N.norm2",
    "blocks.N.attention.qkv": ("blocks.N.attn.q", "blocks.N.attn.k", "blocks.N.attn.v"),
    "blocks.N.attention.out": "blocks.N.attn.proj",
    **{
        f"blocks.N.attention.pool_{part}.{ours}": f"blocks.N.attn.{theirs}_{part}"
        for part in "qkv"
        for ours, theirs in (("conv", "pool"), ("norm", "norm"))
    },
    "blocks.N.mlp.0": "blocks.N.mlp.fc1",
    "blocks.N.mlp.2": "blocks.N.mlp.fc2",
    "blocks.N.widen": "blocks.N.proj",
    "norm": "norm_embed",
    "head": "head.proj",
}

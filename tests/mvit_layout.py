"""Keys and shapes of the two published MViT-B files, written out from their published layouts."""

CHANNELS = (96, *(192,) * 2, *(384,) * 11, *(768,) * 2)
OUT = (*(192,) * 2, *(384,) * 11, *(768,) * 3)
HEAD_CHANNELS = 96
POOLED_QUERIES = (1, 3, 14)


def published_shapes(format):
    """Of each tensor in a file of 400 classes, by its key."""
    return {"torchvision": _torchvision, "pytorchvideo": _pytorchvideo}[format]()


def _torchvision():
    table = {
        "conv_proj.weight": (96, 3, 3, 7, 7),
        "conv_proj.bias": (96,),
        "pos_encoding.class_token": (96,),
        "pos_encoding.spatial_pos": (56 * 56, 96),
        "pos_encoding.temporal_pos": (8, 96),
        "pos_encoding.class_pos": (96,),
    }
    for i, (c, out) in enumerate(zip(CHANNELS, OUT, strict=True)):
        block = f"blocks.{i}"
        _norm(table, f"{block}.norm1", c)
        _norm(table, f"{block}.norm2", c)
        _linear(table, f"{block}.attn.qkv", c, 3 * c)
        _linear(table, f"{block}.attn.project.0", c, c)
        for pool in ("q", "k", "v") if i in POOLED_QUERIES else ("k", "v"):
            table[f"{block}.attn.pool_{pool}.pool.weight"] = (HEAD_CHANNELS, 1, 3, 3, 3)
            _norm(table, f"{block}.attn.pool_{pool}.norm_act.0", HEAD_CHANNELS)
        _linear(table, f"{block}.mlp.0", c, 4 * c)
        _linear(table, f"{block}.mlp.3", 4 * c, out)
        if c != out:
            _linear(table, f"{block}.project", c, out)
    _norm(table, "norm", 768)
    _linear(table, "head.1", 768, 400)
    return table


def _pytorchvideo():
    position = "cls_positional_encoding"
    table = {
        "patch_embed.patch_model.weight": (96, 3, 3, 7, 7),
        "patch_embed.patch_model.bias": (96,),
        f"{position}.cls_token": (1, 1, 96),
        f"{position}.pos_embed_spatial": (1, 56 * 56, 96),
        f"{position}.pos_embed_temporal": (1, 8, 96),
        f"{position}.pos_embed_class": (1, 1, 96),
    }
    for i, (c, out) in enumerate(zip(CHANNELS, OUT, strict=True)):
        block = f"blocks.{i}"
        _norm(table, f"{block}.norm1", c)
        _norm(table, f"{block}.norm2", c)
        for part in ("q", "k", "v", "proj"):
            _linear(table, f"{block}.attn.{part}", c, c)
        for pool in ("q", "k", "v") if i in POOLED_QUERIES else ("k", "v"):
            table[f"{block}.attn.pool_{pool}.weight"] = (HEAD_CHANNELS, 1, 3, 3, 3)
            _norm(table, f"{block}.attn.norm_{pool}", HEAD_CHANNELS)
        _linear(table, f"{block}.mlp.fc1", c, 4 * c)
        _linear(table, f"{block}.mlp.fc2", 4 * c, out)
        if c != out:
            _linear(table, f"{block}.proj", c, out)
    _norm(table, "norm_embed", 768)
    _linear(table, "head.proj", 768, 400)
    return table


def _norm(table, key, n):
    table |= {f"{key}.weight": (n,), f"{key}.bias": (n,)}


def _linear(table, key, inputs, outputs):
    table |= {f"{key}.weight": (outputs, inputs), f"{key}.bias": (outputs,)}

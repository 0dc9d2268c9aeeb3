"""Keys and shapes of video transformers in transformers' files, written out from their layout."""

D, HIDDEN = 768, 3072


def published_shapes(name, version_5=False):
    """Of each tensor in a file of 400 classes, by its key; or in ``state_dict()`` of version 5."""
    family = name.split("_")[0]
    table = {"classifier.weight": (400, D), "classifier.bias": (400,)}
    table |= _pair(f"{family}.layernorm", D)
    key = f"{family}.embeddings"
    table[f"{key}.cls_token"] = (1, 1, D)
    frames = (2,) if family == "vivit" else ()
    table[f"{key}.patch_embeddings.projection.weight"] = (D, 3, *frames, 16, 16)
    table[f"{key}.patch_embeddings.projection.bias"] = (D,)
    table[f"{key}.position_embeddings"] = (1, {"vivit": 3137, "timesformer": 197}[family], D)
    if family == "timesformer" and not name.endswith("space"):
        table[f"{key}.time_embeddings"] = (1, 8, D)
    for n in range(12):
        if family == "vivit":
            _vivit_layer(table, n, version_5)
        else:
            _timesformer_layer(table, n, divided=name == "timesformer_b")
    return table


def _pair(key, *shape):
    return {f"{key}.weight": shape, f"{key}.bias": shape[:1]}


def _vivit_layer(table, n, version_5):
    if version_5:
        key = f"vivit.layers.{n}"
        attention = [f"{key}.attention.{x}_proj" for x in "qkvo"]
        mlp = [f"{key}.mlp.fc1", f"{key}.mlp.fc2"]
    else:
        key = f"vivit.encoder.layer.{n}"
        attention = [f"{key}.attention.attention.{x}" for x in ("query", "key", "value")]
        attention.append(f"{key}.attention.output.dense")
        mlp = [f"{key}.intermediate.dense", f"{key}.output.dense"]
    for one in attention:
        table.update(_pair(one, D, D))
    table.update(_pair(mlp[0], HIDDEN, D) | _pair(mlp[1], D, HIDDEN))
    for place in ("before", "after"):
        table.update(_pair(f"{key}.layernorm_{place}", D))


def _timesformer_layer(table, n, divided):
    key = f"timesformer.encoder.layer.{n}"
    attentions, norms = ["attention"], ["layernorm_before", "layernorm_after"]
    if divided:
        attentions, norms = [*attentions, "temporal_attention"], [*norms, "temporal_layernorm"]
        table.update(_pair(f"{key}.temporal_dense", D, D))
    for one in attentions:
        table.update(_pair(f"{key}.{one}.attention.qkv", 3 * D, D))
        table.update(_pair(f"{key}.{one}.output.dense", D, D))
    for one in norms:
        table.update(_pair(f"{key}.{one}", D))
    table.update(_pair(f"{key}.intermediate.dense", HIDDEN, D))
    table.update(_pair(f"{key}.output.dense", D, HIDDEN))

"""Keys and shapes of pytorchvideo's published ResNet-50s, written out from its published layout."""

BLOCKS = (3, 4, 6, 3)
STAGE_TIMES = {
    "c2d_r50": ((1,), (1,), (1,), (1,)),
    "i3d_r50": ((3,), (3, 1), (3, 1), (1, 3)),
    "slow_r50": ((1,), (1,), (3,), (3,)),
}


def published_shapes(name):
    """Of each tensor in a file of 400 classes, by its key."""
    table = {}
    if name == "slowfast_r50":
        _stem(table, "blocks.0.multipathway_blocks.0", 64, 1)
        _stem(table, "blocks.0.multipathway_blocks.1", 8, 5)
        for i, fast in enumerate((8, 32, 64, 128)):
            key = f"blocks.{i}.multipathway_fusion"
            table[f"{key}.conv_fast_to_slow.weight"] = (2 * fast, fast, 7, 1, 1)
            table.update(_norm(f"{key}.norm", 2 * fast))
        key = "blocks.{}.multipathway_blocks.0"
        # A quarter of the slow pathway's channels joins it before each stage.
        _stages(table, key, (80, 320, 640, 1280), 64, STAGE_TIMES["slow_r50"], (1, 2, 3, 4))
        key = "blocks.{}.multipathway_blocks.1"
        _stages(table, key, (8, 32, 64, 128), 8, ((3,),) * 4, (1, 2, 3, 4))
        head, channels = "blocks.6.proj", 2048 + 256
    else:
        _stem(table, "blocks.0", 64, 5 if name == "i3d_r50" else 1)
        # In two of them, block 2 is a pooling.
        places = (1, 2, 3, 4) if name == "slow_r50" else (1, 3, 4, 5)
        _stages(table, "blocks.{}", (64, 256, 512, 1024), 64, STAGE_TIMES[name], places)
        head, channels = f"blocks.{places[-1] + 1}.proj", 2048
    return table | {f"{head}.weight": (400, channels), f"{head}.bias": (400,)}


def _norm(key, n):
    shapes = {f"{key}.{k}": (n,) for k in ("weight", "bias", "running_mean", "running_var")}
    return shapes | {f"{key}.num_batches_tracked": ()}


def _stem(table, key, width, time):
    table[f"{key}.conv.weight"] = (width, 3, time, 7, 7)
    table.update(_norm(f"{key}.norm", width))


def _stages(table, stage_key, inputs, width, times, places):
    for i, (place, blocks) in enumerate(zip(places, BLOCKS, strict=True)):
        before, inner = inputs[i], width * 2**i
        for block in range(blocks):
            key = f"{stage_key.format(place)}.res_blocks.{block}"
            time = times[i][block % len(times[i])]
            if block == 0:
                table[f"{key}.branch1_conv.weight"] = (4 * inner, before, 1, 1, 1)
                table.update(_norm(f"{key}.branch1_norm", 4 * inner))
            table[f"{key}.branch2.conv_a.weight"] = (inner, before, time, 1, 1)
            table[f"{key}.branch2.conv_b.weight"] = (inner, inner, 1, 3, 3)
            table[f"{key}.branch2.conv_c.weight"] = (4 * inner, inner, 1, 1, 1)
            for layer, n in (("a", inner), ("b", inner), ("c", 4 * inner)):
                table.update(_norm(f"{key}.branch2.norm_{layer}", n))
            before = 4 * inner

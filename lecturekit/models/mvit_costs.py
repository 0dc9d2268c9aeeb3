"""What MViT costs, layer by layer: tokens, channels, heads, queries, keys, multiply–adds."""

from math import prod
from typing import NamedTuple

from lecturekit.models.attention import Grid
from lecturekit.models.mvit import Level, MViTConfig, levels, strided


class Row(NamedTuple):
    """One layer of a network, and its price.

    Attributes:
        name: "cubes", "stage 1 block 1", …, "scores".
        grid: of the tokens that leave it, in time, height and width.
        channels: of the tokens that leave it.
        heads: of its attention.
        tokens: that enter it, the class token among them.
        queries: Nq, as many tokens leave it.
        keys: Nk, as many values.
        macs: multiply–adds of one clip.
        attention_macs: those of them that queries with keys, and attention with values, take.
    """

    name: str
    grid: Grid
    channels: int
    heads: int
    tokens: int
    queries: int
    keys: int
    macs: int
    attention_macs: int


def costs(config: MViTConfig, num_classes: int = 400) -> list[Row]:
    """A network layer by layer, counted by hand: the sum of ``macs`` is ``ops.count_macs`` of it.

    Norms, softmax, GELU and the maximum of the shortcuts are left out, as papers do.
    """
    grid, channels = config.grid, config.width
    macs = prod(grid) * channels * 3 * prod(config.cube)
    rows = [Row("cubes", grid, channels, 0, 0, 1 + prod(grid), 0, macs, 0)]
    stage, block = 0, 0
    for level in levels(config):
        stage, block = level.stage, block + 1 if level.stage == stage else 1
        coarse, of_keys = strided(grid, level.query_stride), strided(grid, level.kv_stride)
        macs, attention = _macs(level, grid, coarse, of_keys)
        rows.append(
            Row(
                f"stage {stage + 1} block {block}", coarse, level.out_channels, level.heads,
                1 + prod(grid), 1 + prod(coarse), 1 + prod(of_keys), macs, attention,
            )
        )  # fmt: skip
        grid, channels = coarse, level.out_channels
    rows.append(Row("scores", (1, 1, 1), num_classes, 0, 1, 1, 0, channels * num_classes, 0))
    return rows


def _macs(level: Level, grid: Grid, of_queries: Grid, of_keys: Grid) -> tuple[int, int]:
    """Multiply–adds of a block, and those of its attention's two products."""
    tokens, queries, keys = (1 + prod(g) for g in (grid, of_queries, of_keys))
    c, out = level.channels, level.out_channels
    pooled = 2 * prod(of_keys) + prod(of_queries) * (prod(level.query_stride) > 1)
    attention = 2 * queries * keys * c
    mlp = queries * 4 * c * (c + out)
    widen = queries * c * out if out != c else 0
    return (
        tokens * 3 * c * c + pooled * c * 27 + attention + queries * c * c + mlp + widen,
        attention,
    )

from dataclasses import replace

import numpy as np
import pytest
import torch
from einops import rearrange, repeat
from torch.nn import functional
from verdicts import expect_wrong, right, wrong

from lecturekit.exercises import ch14
from lecturekit.models import jepa, masking, mvit, mvit_costs

# Numbers and claims.


@pytest.mark.parametrize(
    "answer",
    [
        (400, 100, 1, 1 / 2, 1 / 8),
        [400.0, 100.0, 1, 0.5, 0.125],
        torch.tensor([400, 100, 1, 0.5, 0.125]),
    ],
)
def test_pyramid_right(answer):
    assert ch14.PYRAMID.verdict(answer).startswith("✓")


def test_pyramid_is_what_the_table_of_costs_says():
    config = replace(mvit.MVIT_B_16X4, frames=8, size=160)
    row = next(row for row in mvit_costs.costs(config) if row.name == "stage 3 block 2")
    assert (row.queries - 1, row.keys - 1) == ch14.PYRAMID.answer[:2]
    # A stage later: a quarter of the queries, twice the channels; keys by the stride that halves,
    # and by one stride for both.
    costs = [n * c * c for n, c in ((400, 384), (100, 768))]
    mixing = [q * k * c for q, k, c in ((400, 100, 384), (100, 100, 768), (100, 25, 768))]
    ratios = costs[1] / costs[0], mixing[1] / mixing[0], mixing[2] / mixing[0]
    assert ratios == ch14.PYRAMID.answer[2:]


@pytest.mark.parametrize(
    ("answer", "hint"),
    [
        ((401, 101, 1, 0.5, 0.125), "the first two: places"),
        ((1600, 100, 1, 0.5, 0.125), "the first: those are the places of stage 2"),
        ((400, 400, 1, 0.5, 0.125), "the second: the keys are pooled in stage 3, too"),
        ((400, 16, 1, 0.5, 0.125), "the second: you pool the keys of stage 3 by 8"),
        ((400, 100, 4, 0.5, 0.125), "the third: those are the weights"),
        ((400, 100, 0.25, 0.5, 0.125), "the third: fewer tokens"),
        ((400, 100, 1, 0.25, 0.125), "the fourth: a quarter of the queries"),
        ((400, 100, 1, 0.125, 0.125), "the fourth: the keys are as many"),
        ((400, 100, 1, 0.5, 0.0625), "the fifth: the channels are twice"),
        ((400, 100, 1, 0.25, 0.0625), "the fourth: a quarter of the queries"),
        ((400, 100, 1, 2, 8), "the last two: those are this stage"),
        ((400, 100, 1, 0.125, 0.5), "the last two are exchanged"),
        ((800, 200, 1, 0.5, 0.125), "the first two: the boxes step"),
        ((400, 200, 1, 0.5, 0.125), "the second: the boxes step"),
        ((400, 4, 1, 0.5, 0.125), "the second: the stride of 8 is that of stage 1"),
        ((400, 392, 1, 0.5, 0.125), "the second: those are the keys of 16 frames at 224"),
        ((1, 2, 3, 4, 5), None),
    ],
)
def test_pyramid_wrong(answer, hint):
    expect_wrong(ch14.PYRAMID.verdict(answer), hint)


def open_next_door(masks):
    """Of the hidden patches ``b t s`` the share whose place is open a step before or after."""
    is_open = functional.pad(~masks, (0, 0, 1, 1))
    return ((is_open[:, :-2] | is_open[:, 2:]) & masks).sum() / masks.sum()


def test_left_open_by_drawing():
    draw = torch.Generator().manual_seed(0)
    by_itself = torch.rand(4000, 8, 20, generator=draw) < 0.75
    frames = masking.make_mask("frames", 40_000, (8, 1, 1), 0.75, draw).view(-1, 8, 1)
    halves = torch.rand(40_000, 2, 10, generator=draw) < 0.75
    tubes = repeat(halves, "b half s -> b (half t) s", t=4)
    drawn = [open_next_door(masks).item() for masks in (by_itself, frames, tubes)]
    assert np.allclose(drawn, ch14.LEFT_OPEN.answer, atol=0.003)


@pytest.mark.parametrize(
    "answer",
    [
        (0.391, 0.464, 0.0625),
        (0.391, 0.464, 0.063),
        (0.391, 0.464, 0.062),
        [25 / 64, 13 / 28, 1 / 16],
        np.float32([25 / 64, 13 / 28, 1 / 16]),
    ],
)
def test_left_open_right(answer):
    assert ch14.LEFT_OPEN.verdict(answer).startswith("✓")


@pytest.mark.parametrize(
    ("answer", "hint"),
    [
        ((0.4375, 0.4643, 0.0625), "the first: either the ends are forgotten"),
        ((0.867, 0.4643, 0.0625), "the first: open at any other time"),
        ((0.3906, 0.3906, 0.0625), "the second: exactly two frames are open."),
        ((0.3906, 0.524, 0.0625), "the second: right for a frame in the middle"),
        ((0.3906, 0.4643, 0), "the third: each half is a tube"),
        ((0.3906, 0.4643, 0.25), "the third: only at the border"),
        ((0.4375, 0.4643, 0), "the first: either"),
        ((0.4375, 0.4375, 0), "all three: the first"),
        ((0.609, 0.536, 0.9375), "those are the shares that have no"),
        ((39.1, 46.4, 6.25), "as shares"),
        ((0.391, 0.464, 0.047), "the third is of all patches"),
        ((0.293, 0.348, 0.047), "those are shares of all patches"),
        ((0.219, 0.25, 0.031), "you look to one side only"),
        ((0.391, 0.464, 0.031), "the third: both steps at the border"),
        ((0.867, 1, 0.25), "open at *some* time"),
        ((0.4375, 0.524, 0.0625), "the first two: right for a step in the middle"),
        ((0.4375, 0.524, 0), "the first two: the first and the last"),
        ((0.391, 0.464, 0.06), None),
    ],
)
def test_left_open_wrong(answer, hint):
    expect_wrong(ch14.LEFT_OPEN.verdict(answer), hint)


def test_judged():
    truth = ch14.JUDGED.right
    assert ch14.JUDGED.verdict(truth).startswith("✓")
    for letter in truth:
        assert f"Hint, {letter}:" in ch14.JUDGED.verdict({**truth, letter: not truth[letter]})
    for same_for_all in (True, False):
        assert not ch14.JUDGED.verdict(dict.fromkeys(truth, same_for_all)).startswith("✓")


# rebuild_loss


def by_gather(seen, mask, wanted, decoder):
    """Open first, hidden behind, then each back to its place."""
    order = mask.long().argsort(dim=1, stable=True)
    tokens = torch.cat([seen, decoder.mask_token.expand(len(mask), int(mask[0].sum()), -1)], 1)
    back = order.argsort(1)[..., None].expand_as(tokens)
    said = decoder(tokens.gather(1, back) + decoder.where)
    return functional.mse_loss(said[mask], wanted[mask])


def as_the_page(seen, mask, wanted, decoder):
    """Never put in order: each its position, and the answers of those that stand last."""
    where = decoder.where.expand(len(mask), -1, -1)
    tokens = seen + masking.take(where, ~mask)
    asked = decoder.mask_token + masking.take(where, mask)
    said = decoder(torch.cat([tokens, asked], 1))[:, seen.shape[1] :]
    return (said - masking.take(wanted, mask)).square().mean().double()


def by_loop(seen, mask, wanted, decoder):
    errors = []
    for clip in range(len(mask)):
        tokens, unused = [], iter(seen[clip])
        for hidden in mask[clip]:
            tokens.append(decoder.mask_token[0, 0] if hidden else next(unused))
        said = decoder(torch.stack(tokens)[None] + decoder.where)[0]
        errors += list((said - wanted[clip]).square().mean(1)[mask[clip]])
    return sum(errors) / len(errors)


def as_given(seen, mask, wanted, decoder, error=lambda e, mask: (e * mask).mean()):
    hidden = decoder.mask_token.expand(len(mask), mask[0].sum(), -1)
    said = decoder(torch.cat([seen, hidden], 1) + decoder.where)
    return error((said - wanted).pow(2).mean(-1), mask)


def mended(error=lambda e, mask: e[mask].mean(), where=lambda decoder: decoder.where):
    def answer(seen, mask, wanted, decoder):
        tokens = decoder.mask_token.repeat(*mask.shape, 1)
        tokens[~mask] = seen.flatten(0, 1)
        said = decoder(tokens + where(decoder))
        return error((said - wanted).pow(2).mean(-1), mask)

    return answer


def open_first(seen, mask, wanted, decoder):
    where = decoder.where.expand(len(mask), -1, -1)
    asked = decoder.mask_token + masking.take(where, mask)
    said = decoder(torch.cat([seen + masking.take(where, ~mask), asked], 1))
    return (said - wanted).pow(2)[mask].mean()


def from_the_end(seen, mask, wanted, decoder):
    hidden = decoder.mask_token.expand(len(mask), mask[0].sum(), -1)
    said = decoder(torch.cat([seen, hidden], 1) + decoder.where)[:, seen.shape[1] :]
    return functional.mse_loss(said, masking.take(wanted, mask))


def asked_alone_placed(seen, mask, wanted, decoder):
    where = decoder.where.expand(len(mask), -1, -1)
    back = mask.long().argsort(dim=1, stable=True).argsort(1)
    asked = decoder.mask_token + masking.take(where, mask)
    tokens = torch.cat([seen, asked], 1)
    said = decoder(torch.stack([clip[order] for clip, order in zip(tokens, back, strict=True)]))
    return functional.mse_loss(said[mask], wanted[mask])


def ordered_by(order):
    def answer(seen, mask, wanted, decoder):
        hidden = decoder.mask_token.expand(len(mask), mask[0].sum(), -1)
        tokens = torch.cat([seen, hidden], 1)
        orders = order(mask).expand(len(mask), -1)
        tokens = torch.stack([clip[o] for clip, o in zip(tokens, orders, strict=True)])
        return functional.mse_loss(decoder(tokens + decoder.where)[mask], wanted[mask])

    return answer


LOSS_RIGHT = right(
    ch14.REBUILD_LOSS,
    by_gather,
    as_the_page,
    by_loop,
    mended(),
    mended(lambda e, mask: (e * mask).sum() / mask.sum()),
    lambda *case: mended()(*case).item(),
)
LOSS_WRONG = wrong(
    ch14.REBUILD_LOSS,
    (as_given, "two things are wrong"),
    (mended(lambda e, mask: (e * mask).mean()), "each token has its place now. But the sum"),
    (mended(lambda e, mask: e.mean()), "each token has its place now. But the mean is over all"),
    (lambda *case: as_given(*case, error=lambda e, mask: e[mask].mean()), "the mean is over the"),
    (lambda *case: as_given(*case, error=lambda e, mask: e.mean()), "the mean is over all patches"),
    (mended(lambda e, mask: e[~mask].mean()), "that is the error of the open"),
    (mended(lambda e, mask: e[mask].sum()), "a sum grows"),
    (mended(where=lambda decoder: 0), "the tokens stand in their order now, but"),
    (open_first, "each token has its own position, rightly"),
    (from_the_end, "the right answers meet the right patches now"),
    (asked_alone_placed, "the open tokens need the decoder's positions"),
    (mended(lambda e, mask: (e * mask).sum(1).mean()), "a sum over each clip's"),
    (ordered_by(lambda mask: mask.long().argsort(dim=1, stable=True)), "that order takes the film"),
    (ordered_by(lambda mask: mask[:1].long().sort(stable=True)[1].argsort(1)), "you put all clips"),
    (mended(lambda e, mask: e[mask]), None),
    (mended(lambda e, mask: e[mask].mean().sqrt()), None),
    (lambda *case: None, None),
    (lambda *case: 1 / 0, None),
)

# directions


def by_svd(features):
    features = features - features.mean(0)
    return int((torch.linalg.svdvals(features) > 0.1 * len(features) ** 0.5).sum())


def by_numpy(features):
    variances = np.linalg.eigvalsh(np.cov(np.asarray(features), rowvar=False))
    return np.sum(variances > 0.15**2)


def spreads(features):
    return torch.linalg.svdvals(features - features.mean(0)) / len(features) ** 0.5


def guarded_rank(features):
    return 0 if jepa.spread(features) < 0.02 else round(float(jepa.effective_rank(features)))


def largest_gap(features):
    found = spreads(features)
    return int((found[:-1] / found[1:]).argmax()) + 1 if found[0] > 0.1 else 0


def guarded_share(features):
    found = spreads(features)
    return int((found > 0.1 * found[0]).sum()) if features.std(0).mean() > 0.02 else 0


DIRECTIONS_RIGHT = right(
    ch14.DIRECTIONS,
    by_svd,
    by_numpy,
    lambda f: (torch.linalg.eigvalsh(torch.cov(f.double().T)) > 0.01).sum(),
    lambda f: float(sum(np.linalg.svd(f - f.mean(0))[1] / len(f) ** 0.5 > 0.2)),
)
DIRECTIONS_WRONG = wrong(
    ch14.DIRECTIONS,
    (lambda f: round(jepa.effective_rank(f)), "the effective rank counts"),
    (lambda f: jepa.effective_rank(f), "the effective rank counts"),
    (lambda f: torch.linalg.matrix_rank(f), "you count all directions"),
    (lambda f: torch.linalg.matrix_rank(f - f.mean(0), tol=0.1), "singular values grow"),
    (lambda f: torch.linalg.matrix_rank(f - f.mean(0), rtol=0.1), "you compare with the largest"),
    (lambda f: torch.linalg.matrix_rank(f - f.mean(0), rtol=0.03), "you compare with the largest"),
    (lambda f: (f.std(0) > 0.1).sum(), "you count features (columns). The"),
    (lambda f: (f.std(0) > 0.3).sum(), "you count features (columns) of"),
    (lambda f: (torch.linalg.svdvals(f) / len(f) ** 0.5 > 0.1).sum(), "one too many"),
    (lambda f: (torch.linalg.eigvalsh(torch.cov(f.T)) > 0.1).sum(), "eigenvalues of the"),
    (jepa.spread, "that is the spread"),
    (guarded_rank, "a collapse gives 0 now"),
    (largest_gap, "you look for the largest gap"),
    (guarded_share, "you compare with the largest"),
    (lambda f: (spreads(f / f.std(0)) > 0.1).sum(), "dividing by each column's spread"),
    (
        lambda f: (torch.linalg.svdvals(f - f.mean(1)[:, None]) / len(f) ** 0.5 > 0.1).sum(),
        "take off the mean over clips (axis 0)",
    ),
    (lambda f: (torch.linalg.eigvalsh(f.T.cov() * len(f)) > 1).sum(), "singular values grow"),
    (lambda f: (spreads(f) * len(f) ** 0.5 > 2).sum(), "singular values grow"),
    (lambda f: (spreads(f) * (len(f) / f.shape[1]) ** 0.5 > 0.1).sum(), "singular values grow"),
    (lambda f: (spreads(f) * len(f) ** 0.5 > 0.5).sum(), "singular values grow"),
    (lambda f: 0, None),
    (lambda f: None, None),
    (lambda f: f, None),
)

# attend_step


def by_fused(query, key, value, old_keys, old_values, window):
    keys, values = torch.cat([old_keys, key]), torch.cat([old_values, value])
    kept = len(query) * (window - 1)
    answer = functional.scaled_dot_product_attention(query[None], keys[None], values[None])[0]
    return answer, keys.flip(0)[:kept].flip(0), values.flip(0)[:kept].flip(0)


def by_numpy_frames(query, key, value, old_keys, old_values, window):
    """With a frame axis, and lists."""
    p = len(query)
    keys = np.concatenate([old_keys, key]).reshape(-1, *key.shape)
    values = np.concatenate([old_values, value]).reshape(-1, *value.shape)
    flat_keys, flat_values = keys.reshape(-1, key.shape[1]), values.reshape(-1, value.shape[1])
    weights = np.exp(np.asarray(query, np.float64) @ flat_keys.T / np.sqrt(key.shape[1]))
    weights = weights / weights.sum(1, keepdims=True)
    later = range(max(0, len(keys) - window + 1), len(keys))
    return [
        weights @ flat_values,
        keys[list(later)].reshape(len(later) * p, -1)[:, : key.shape[1]],
        values[list(later)].reshape(len(later) * p, -1)[:, : value.shape[1]],
    ] if later else [weights @ flat_values, key[:0], value[:0]]  # fmt: skip


def stepping(weights=None, store=None, order=1):
    """The right step in torch, with other weights or another store."""

    def answer(query, key, value, old_keys, old_values, window):
        keys = torch.cat([old_keys, key][::order])
        values = torch.cat([old_values, value][::order])
        scores = query @ keys.T / query.shape[1] ** 0.5
        mixed = (weights(query @ keys.T, query) if weights else scores.softmax(1)) @ values
        first = max(0, len(keys) - (window - 1) * len(query))
        kept = store(len(query), window) if store else slice(first, None)
        return mixed, keys[kept], values[kept]

    return answer


def past_alone(query, key, value, old_keys, old_values, window):
    """Of the frames before; at a film's first frame its own values."""
    stores = stepping()(query, key, value, old_keys, old_values, window)[1:]
    if not len(old_keys):
        return value, *stores
    return (query @ old_keys.T / query.shape[1] ** 0.5).softmax(1) @ old_values, *stores


def same_place(query, key, value, old_keys, old_values, window):
    stores = stepping()(query, key, value, old_keys, old_values, window)[1:]
    keys = torch.cat([old_keys, key]).unflatten(0, (-1, len(query)))
    values = torch.cat([old_values, value]).unflatten(0, (-1, len(query)))
    weights = (torch.einsum("pd,tpd->pt", query, keys) / query.shape[1] ** 0.5).softmax(1)
    return torch.einsum("pt,tpc->pc", weights, values), *stores


def by_width_of_values(query, key, value, *stored):
    factor = (key.shape[1] / value.shape[1]) ** 0.5
    return stepping()(query * factor, key, value, *stored)


STEP_RIGHT = right(
    ch14.ATTEND_STEP,
    by_fused,
    by_numpy_frames,
    stepping(),
    lambda *case: tuple(x.double() for x in stepping()(*case)),
)
STEP_WRONG = wrong(
    ch14.ATTEND_STEP,
    (stepping(store=lambda p, w: slice(-p * w, None)), "the store is too long"),
    (stepping(store=lambda p, w: slice(None)), "the store is too long"),
    (stepping(store=lambda p, w: slice(-p * (w - 1), None)), "right but for a window of one"),
    (stepping(store=lambda p, w: slice(0, p * (w - 1))), "you keep the oldest"),
    (stepping(store=lambda p, w: slice(-w, None)), "you keep window − 1 tokens"),
    (stepping(order=-1, store=lambda p, w: slice(0, p * (w - 1))), "the newest stands first"),
    (stepping(lambda scores, q: scores.softmax(1)), "the scale is missing"),
    (stepping(lambda scores, q: (scores / q.shape[1]).softmax(1)), "you divide by the width"),
    (stepping(lambda scores, q: (scores / q.shape[1] ** 0.5).softmax(0)), "your softmax runs"),
    (lambda q, k, v, ok, ov, w: by_fused(q, k, v, ok[:0], ov[:0], w), "each frame looks at"),
    (
        lambda q, k, v, ok, ov, w: (
            (q @ k.T / q.shape[1] ** 0.5).softmax(1) @ v,
            *stepping()(q, k, v, ok, ov, w)[1:],
        ),
        "each frame looks at itself alone",
    ),
    (
        lambda q, k, v, ok, ov, w: (
            (q @ ok.T / q.shape[1] ** 0.5).softmax(1) @ ov,
            *stepping()(q, k, v, ok, ov, w)[1:],
        ),
        "the frame does not look at itself",
    ),
    (stepping(store=lambda p, w: slice(p, None)), "you drop a frame at every step"),
    (past_alone, "the frame does not look at itself"),
    (same_place, "each token looks at its own place only"),
    (by_width_of_values, "you divide by the root of the width of a value"),
    (lambda *case: stepping()(*case)[0], None),
    (lambda *case: None, None),
    (lambda q, k, v, ok, ov, w: torch.cat([ok, k]) @ v, None),
)

# guess


def interpolated(patches, mask, grid):
    """NumPy, clip by clip and place by place."""
    by_time = np.asarray(patches).reshape(len(patches), grid[0], -1, patches.shape[-1]).copy()
    hidden = np.asarray(mask).reshape(by_time.shape[:3])
    times = np.arange(grid[0])
    for clip, place in np.ndindex(len(by_time), by_time.shape[2]):
        seen = times[~hidden[clip, :, place]]
        if len(seen):
            column = by_time[clip, :, place]
            for number in range(column.shape[1]):
                column[:, number] = np.interp(times, seen, column[seen, number])
    return by_time.reshape(patches.shape)


def weighted(weight, *, double=False, guard=1e-9, layout="(t s)"):
    """torch: a mean over the open times, weighed by how far they are."""

    def answer(patches, mask, grid):
        x = rearrange(patches, f"b {layout} d -> b t s d", t=grid[0])
        opened = rearrange(~mask, f"b {layout} -> b t s 1", t=grid[0]).to(x.dtype)
        times = torch.arange(grid[0])
        weights = weight((times[:, None] - times).abs().to(x.dtype))
        mixed = torch.einsum("tu,busd->btsd", weights, x * opened)
        total = torch.einsum("tu,busd->btsd", weights, opened)
        guess = rearrange(mixed / (total + guard), f"b t s d -> b {layout} d")
        out = torch.where(mask[..., None], guess, patches)
        return out.double() if double else out

    return answer


def filled_by_copy(patches, mask, grid):
    out = patches.clone()
    out[mask] = masking.copied(patches, mask, grid).flatten(0, 1)
    return out


def overwriting(patches, mask, grid):
    patches[mask] = weighted(lambda far: 0.5**far)(patches, mask, grid)[mask]
    return patches


def shrunk(patches, mask, grid, factor=0.7):
    return torch.where(mask[..., None], factor * filled_by_copy(patches, mask, grid), patches)


def around(patches, mask, grid):
    t, h, w = grid
    layout = "b (t h w) d -> (b t) d h w"
    shown = rearrange(patches, layout, t=t, h=h, w=w)
    is_open = rearrange((~mask).float()[..., None], layout, t=t, h=h, w=w)
    total, count = (functional.avg_pool2d(x, 3, 1, 1) for x in (shown, is_open))
    return rearrange(total / count.clamp(min=1e-9), "(b t) d h w -> b (t h w) d", t=t)


def half_sum(patches, mask, grid):
    x = functional.pad(rearrange(patches, "b (t s) d -> b t s d", t=grid[0]), (0, 0, 0, 0, 1, 1))
    return torch.where(mask[..., None], ((x[:, :-2] + x[:, 2:]) / 2).flatten(1, 2), patches)


def over_clips(patches, mask, grid):
    mean = patches.sum(0) / (~mask).sum(0)[:, None].clamp(min=1)
    return torch.where(mask[..., None], mean, patches)


GUESS_RIGHT = right(
    ch14.GUESS,
    interpolated,
    weighted(lambda far: 0.5**far),
    weighted(lambda far: 1 / far.clamp(min=1), double=True),
    weighted(lambda far: torch.exp(-far / 2)),
)
GUESS_WRONG = wrong(
    ch14.GUESS,
    (filled_by_copy, "that is the copy itself"),
    (masking.copied, "the hidden patches alone came back"),
    (lambda patches, mask, grid: patches, "nothing is guessed"),
    (lambda patches, mask, grid: torch.zeros_like(patches), "nothing is guessed"),
    (weighted(lambda far: 0.5**far, guard=0), "0 over 0"),
    (weighted(lambda far: 1 + 0 * far), "the mean over all open times"),
    (weighted(lambda far: far), "the weights are the wrong way round: the farther a time"),
    (weighted(lambda far: 0.5**far, layout="(s t)"), "patches are laid out time first"),
    (weighted(lambda far: 1.0 * (far == 1)), "only the steps before and after"),
    (shrunk, "a copy made smaller"),
    (around, "the mean of the places around"),
    (half_sum, "half of the step before"),
    (over_clips, "a mean over the clips"),
    (lambda patches, mask, grid: patches[mask], None),
    (lambda patches, mask, grid: None, None),
)


@pytest.mark.parametrize(
    ("exercise", "answer"), LOSS_RIGHT + DIRECTIONS_RIGHT + STEP_RIGHT + GUESS_RIGHT
)
def test_right_answers_pass(exercise, answer):
    assert exercise.verdict(answer).startswith("✓"), exercise.verdict(answer)


@pytest.mark.parametrize(
    ("exercise", "answer", "hint"), LOSS_WRONG + DIRECTIONS_WRONG + STEP_WRONG + GUESS_WRONG
)
def test_wrong_answers_get_their_hint(exercise, answer, hint):
    expect_wrong(exercise.verdict(answer), hint)


@pytest.mark.parametrize("by", [lambda f: 1, lambda f: f.shape[1] ** 0.5, lambda f: f.shape[1]])
def test_no_limit_counts_directions_undivided_by_the_clips(by):
    found = [(np.sort(ch14.features._values(f) / by(f)), f) for (f,) in ch14.DIRECTIONS.drawn]
    limits = np.unique(np.concatenate([values for values, _ in found]))
    for limit in limits:
        counts = [(values >= limit).sum() == ch14.features._count(f) for values, f in found]
        assert not all(counts), limit


@pytest.mark.parametrize("limit", [0.03, 0.1, 0.2, 0.28])
def test_limits_between_noise_and_signal_count_rightly(limit):
    for degrees in (0, 1):
        verdict = ch14.DIRECTIONS.verdict(
            lambda f, less=degrees: (
                torch.linalg.svdvals(f - f.mean(0)) > limit * (len(f) - less) ** 0.5
            ).sum()
        )
        assert verdict.startswith("✓"), verdict


def test_a_stream_of_steps_is_attention_over_a_window():
    draw = torch.Generator().manual_seed(0)
    q, k, v = torch.randn(3, 6, 4, 5, generator=draw)
    window = 3
    frame = torch.arange(6).repeat_interleave(4)
    back = frame[:, None] - frame
    offline = functional.scaled_dot_product_attention(
        *(x.flatten(0, 1)[None] for x in (q, k, v)), attn_mask=(back >= 0) & (back < window)
    )[0]
    for answer in (by_fused, stepping()):
        stores = (torch.zeros(0, 5), torch.zeros(0, 5))
        for t in range(6):
            mixed, *stores = answer(q[t], k[t], v[t], *stores, window)
            assert torch.allclose(mixed, offline[4 * t : 4 * t + 4], atol=1e-5)


def test_a_guess_cannot_peek_and_must_not_write_into_the_patches():
    for patches, mask, _ in ch14.GUESS.drawn:
        assert not patches[mask].any()
        assert len(set(mask.sum(1).tolist())) == 1
    assert "wrote into its argument number 1" in ch14.GUESS.verdict(overwriting)


def test_some_place_is_hidden_at_all_times():
    for _, mask, grid in ch14.GUESS.drawn:
        assert rearrange(mask, "b (t s) -> b t s", t=grid[0]).all(1).any()


def test_drawing_the_cases_leaves_the_readers_generator_alone():
    torch.manual_seed(3)
    wanted = torch.rand(2)
    torch.manual_seed(3)
    ch14.losses._case(0, 2, 8, 4, 3)
    ch14.GUESS.cases()
    assert torch.equal(torch.rand(2), wanted)


def test_a_crash_in_one_case_does_not_skip_the_hint():
    def unscaled_or_nothing(query, key, value, old_keys, old_values, window):
        if window == 5:
            raise RuntimeError("five")
        case = (query, key, value, old_keys, old_values, window)
        return stepping(lambda scores, q: scores.softmax(1))(*case)

    expect_wrong(ch14.ATTEND_STEP.verdict(unscaled_or_nothing), "the scale is missing")


def test_no_known_answer_stops_by_an_accident():
    # One that stops would pass its hint on to every answer that stops alike.
    for exercise in (ch14.DIRECTIONS, ch14.ATTEND_STEP, ch14.GUESS, ch14.REBUILD_LOSS):
        stopped = [
            m.hint for m in exercise.misconceptions if "stopped" in exercise.verdict(m.answer)
        ]
        assert all("what was seen belongs" in hint for hint in stopped)

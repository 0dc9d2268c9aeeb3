"""Chapter 3's checks against answers that students would give: right in many styles, and wrong."""

from itertools import pairwise, permutations

import numpy as np
import pytest
import torch
from einops import rearrange
from torch import nn

from lecturekit.exercises import ch03
from lecturekit.exercises.ch03 import bugs, cues


def stacked_by_loop(clips):
    out = np.zeros((len(clips), 3 * clips.shape[2], *clips.shape[3:]))
    for t in range(clips.shape[2]):
        for c in range(3):
            out[:, 3 * t + c] = clips[:, c, t]
    return out


def first_and_last_in_one_batch(net, clips):
    both = net(torch.cat([clips[:, :, 0], clips[:, :, -1]])).mean((2, 3))
    return torch.cat(both.chunk(2), 1)


def first_and_last_by_einops(net, clips):
    ends = rearrange(clips[:, :, [0, -1]], "b c t h w -> (b t) c h w")
    return rearrange(net(ends), "(b t) f h w -> b t f h w", t=2).mean((3, 4)).flatten(1)


def seen_backwards(kernels, strides):
    frames = 1
    for kernel, stride in zip(reversed(kernels), reversed(strides), strict=True):
        frames = (frames - 1) * stride + kernel
    return frames


def seen_in_one_line(kernels, strides):
    return 1 + sum((k - 1) * np.prod(strides[:i]) for i, k in enumerate(kernels))


def within_by_loop(scores, labels):
    right = 0
    for row, label in zip(scores, labels, strict=True):
        partner = label + 1 if label % 2 == 0 else label - 1
        right += row[label] > row[partner]
    return right / len(labels)


def within_in_torch(scores, labels):
    scores, labels = torch.as_tensor(scores), torch.as_tensor(labels)
    own = scores.gather(1, labels[:, None])
    partner = scores.gather(1, (labels ^ 1)[:, None])
    return (own > partner).float().mean()


def blind_by_loop(pool, frames):
    wanted = pool(frames)
    for order in permutations(range(len(frames))):
        if not np.allclose(pool(frames[list(order)]), wanted):
            return False
    return True


def blind_by_many_shuffles(pool, frames):
    rng = np.random.default_rng(3)
    return np.all([np.allclose(pool(rng.permutation(frames)), pool(frames)) for _ in range(300)])


def late_by_loop(net, clips):
    return torch.stack([net(clip.transpose(0, 1)).mean((0, 2, 3)) for clip in clips])


def late_with_a_new_cut(net, clips):
    pictures = clips.permute(2, 0, 1, 3, 4).flatten(0, 1)
    features = net(pictures).mean((2, 3))
    return features.unflatten(0, (-1, len(clips))).mean(0)


def late_with_a_new_join(net, clips):
    pictures = clips.transpose(1, 2).flatten(0, 1)
    features = net(pictures).mean((2, 3))
    return features.unflatten(0, (len(clips), -1)).mean(1)


def clip_and_its_reverse(clip):
    return torch.stack([clip, clip.flip(1)]), torch.stack([clip, torch.zeros_like(clip)])


def clip_and_its_halves_swapped(clip):
    swapped = np.roll(clip, clip.shape[1] // 2, 1)
    return [np.stack([clip, swapped]), np.stack([clip, clip])]


def halves_swapped_at_random(clips, rng):
    half = clips.shape[1] // 2
    out = clips.copy()
    for i in range(len(clips)):
        if rng.uniform() < 0.5:
            out[i] = np.concatenate([clips[i, half:], clips[i, :half]])
    return out


def rolled_at_random(clips, rng):
    return np.stack([np.roll(clip, rng.integers(len(clip)), axis=0) for clip in clips])


def one_half_stretched(clips, rng):
    half = clips.shape[1] // 2
    starts = half * rng.integers(0, 2, len(clips))
    when = starts[:, None] + np.repeat(np.arange(half), 2)
    return clips[np.arange(len(clips))[:, None], when]


def one_half_then_held(clips, rng):
    half = clips.shape[1] // 2
    when = np.minimum(np.arange(2 * half), half - 1)
    return np.stack([clip[when + half * rng.integers(2)] for clip in clips])


def parts_by_weighted_sums(net, batches, parts):
    """Sums instead of averages, and gradients cleared after the step."""
    optimizer = torch.optim.SGD(net.parameters(), lr=0.5)
    for clips, labels in batches:
        for some, theirs in zip(clips.chunk(parts), labels.chunk(parts), strict=True):
            loss = nn.functional.cross_entropy(net(some), theirs, reduction="sum")
            (loss / len(labels)).backward()
        optimizer.step()
        optimizer.zero_grad()
    return nn.utils.parameters_to_vector(net.parameters())


def parts_one_clip_at_a_time(net, batches, parts):
    for clips, labels in batches:
        scores = torch.cat([net(clip[None]) for clip in clips])
        gradients = torch.autograd.grad(
            nn.functional.cross_entropy(scores, labels), list(net.parameters())
        )
        with torch.no_grad():
            for weight, gradient in zip(net.parameters(), gradients, strict=True):
                weight -= 0.5 * gradient
    return np.concatenate([weight.detach().numpy().ravel() for weight in net.parameters()])


RIGHT = [
    (ch03.STACK_FRAMES, lambda x: rearrange(x, "b c t h w -> b (t c) h w")),
    (ch03.STACK_FRAMES, lambda x: x.permute(0, 2, 1, 3, 4).reshape(len(x), -1, *x.shape[3:])),
    (ch03.STACK_FRAMES, lambda x: x.transpose(0, 2, 1, 3, 4).reshape(len(x), -1, *x.shape[3:])),
    (ch03.STACK_FRAMES, lambda x: torch.cat(x.unbind(2), 1)),
    (ch03.STACK_FRAMES, lambda x: np.concatenate([x[:, :, t] for t in range(x.shape[2])], 1)),
    (ch03.STACK_FRAMES, stacked_by_loop),
    (ch03.FIRST_AND_LAST, first_and_last_in_one_batch),
    (ch03.FIRST_AND_LAST, first_and_last_by_einops),
    (
        ch03.FIRST_AND_LAST,
        lambda net, x: torch.hstack([net(x[:, :, t]).mean((2, 3)) for t in (0, x.shape[2] - 1)]),
    ),
    (ch03.FRAMES_SEEN, seen_backwards),
    (ch03.FRAMES_SEEN, seen_in_one_line),
    (ch03.BLIND_ACCURACY, (0.25, 0.425)),
    (ch03.BLIND_ACCURACY, [25 / 100, 85 / 200]),
    (ch03.BLIND_ACCURACY, np.array([0.25, 0.425])),
    (ch03.WITHIN_PAIR_ACCURACY, within_by_loop),
    (ch03.WITHIN_PAIR_ACCURACY, within_in_torch),
    (
        ch03.WITHIN_PAIR_ACCURACY,
        lambda s, y: np.float32(
            np.mean(np.take_along_axis(s - s[:, np.arange(s.shape[1]) ^ 1], y[:, None], 1) > 0)
        ),
    ),
    (ch03.IS_ORDER_BLIND, blind_by_loop),
    (ch03.IS_ORDER_BLIND, blind_by_many_shuffles),
    (ch03.LATE_FEATURES, late_by_loop),
    (ch03.LATE_FEATURES, late_with_a_new_cut),
    (ch03.LATE_FEATURES, late_with_a_new_join),
    (
        ch03.LATE_FEATURES,
        lambda net, x: sum(net(x[:, :, t]) for t in range(x.shape[2])).mean((2, 3)) / x.shape[2],
    ),
    (ch03.AGREE_AND_DIFFER, clip_and_its_reverse),
    (ch03.AGREE_AND_DIFFER, clip_and_its_halves_swapped),
    (ch03.FORGET_ORDER, halves_swapped_at_random),
    (ch03.FORGET_ORDER, rolled_at_random),
    (ch03.FORGET_ORDER, one_half_stretched),
    (ch03.FORGET_ORDER, one_half_then_held),
    (ch03.TRAIN_IN_PARTS, parts_by_weighted_sums),
    (ch03.TRAIN_IN_PARTS, parts_one_clip_at_a_time),
    (ch03.CLAIMS, {"a": False, "b": False, "c": False, "d": True, "e": False, "f": True}),
]


@pytest.mark.parametrize(("exercise", "answer"), RIGHT)
def test_right_answers_pass_in_any_style(exercise, answer):
    assert exercise.verdict(answer).startswith("✓")


def stub_of_late_features(net, clips):
    pictures = clips.permute(2, 0, 1, 3, 4).flatten(0, 1)
    features = net(pictures).mean((2, 3))
    return features.unflatten(0, (len(clips), -1)).mean(1)


def blind_by_one_order(order_of_four):
    """One order for each length; that of five is noticed by every pooling that is not blind."""
    orders = {4: list(order_of_four), 5: [4, 2, 0, 1, 3]}
    return lambda pool, frames: np.allclose(pool(frames[orders[len(frames)]]), pool(frames))


def blind_by_every_roll(pool, frames):
    rolls = [np.roll(frames, k, 0) for k in range(len(frames))]
    return all(np.allclose(pool(rolled), pool(frames)) for rolled in rolls)


def blind_by_reverse_and_roll(pool, frames):
    tried = (frames[::-1], np.roll(frames, 1, 0))
    return all(np.allclose(pool(other), pool(frames)) for other in tried)


def always_swapped(clips, rng):
    half = clips.shape[1] // 2
    return np.concatenate([clips[:, half:], clips[:, :half]], axis=1)


def a_window_of_half(clips, rng):
    half = clips.shape[1] // 2
    starts = rng.integers(0, half + 1, len(clips))
    return np.stack(
        [clip[s + np.repeat(np.arange(half), 2)] for clip, s in zip(clips, starts, strict=True)]
    )


def parts_as_given(net, batches, parts, optimizer_of=torch.optim.SGD):
    optimizer = optimizer_of(net.parameters(), lr=0.5)
    for clips, labels in batches:
        for some, theirs in zip(clips.chunk(parts), labels.chunk(parts), strict=True):
            optimizer.zero_grad()
            loss = nn.functional.cross_entropy(net(some), theirs)
            loss.backward()
        optimizer.step()
    return torch.cat([weight.detach().flatten() for weight in net.parameters()])


def parts_with_losses_averaged(net, batches, parts):
    """The losses of the parts are kept, averaged, and one backward pass is made."""
    optimizer = torch.optim.SGD(net.parameters(), lr=0.5)
    for clips, labels in batches:
        pieces = zip(clips.chunk(parts), labels.chunk(parts), strict=True)
        losses = [nn.functional.cross_entropy(net(some), theirs) for some, theirs in pieces]
        optimizer.zero_grad()
        torch.stack(losses).mean().backward()
        optimizer.step()
    return torch.cat([weight.detach().flatten() for weight in net.parameters()])


def one_step_for_all_batches(net, batches, parts, share=True):
    optimizer = torch.optim.SGD(net.parameters(), lr=0.5)
    for clips, labels in batches:
        for some, theirs in zip(clips.chunk(parts), labels.chunk(parts), strict=True):
            loss = nn.functional.cross_entropy(net(some), theirs)
            (loss * (len(theirs) / len(labels) if share else 1)).backward()
    optimizer.step()
    return torch.cat([weight.detach().flatten() for weight in net.parameters()])


def parts_forgotten(net, batches, parts):
    return parts_as_given(net, batches, 1)


WRONG = [
    (ch03.STACK_FRAMES, lambda x: x.flatten(1, 2), "your channels lie in the order (c t)"),
    (
        ch03.STACK_FRAMES,
        lambda x: rearrange(x, "b c t h w -> b (c t) h w"),
        "your channels lie in the order (c t)",
    ),
    (
        ch03.STACK_FRAMES,
        lambda x: rearrange(x, "b c t h w -> (b t) c h w"),
        "that makes every frame a picture",
    ),
    (ch03.STACK_FRAMES, lambda x: x.permute(0, 2, 1, 3, 4), "the axes are in the right order"),
    (ch03.STACK_FRAMES, lambda x: rearrange(x, "b c t h w -> b (t c) w h"), None),
    (
        ch03.FIRST_AND_LAST,
        lambda net, x: net(x[:, :, [0, -1]].mean(2)).mean((2, 3)),
        None,
    ),
    (
        ch03.FIRST_AND_LAST,
        lambda net, x: torch.cat([net(x[:, 0]), net(x[:, -1])], 1).mean((2, 3)),
        "`net` takes pictures of three channels",
    ),
    (
        ch03.FIRST_AND_LAST,
        lambda net, x: torch.stack([net(x[:, :, t]).mean((2, 3)) for t in (0, -1)]).mean(0),
        "you averaged the two",
    ),
    (
        ch03.FIRST_AND_LAST,
        lambda net, x: torch.cat([net(x[:, :, 0]), net(x[:, :, -1])], 0).mean((2, 3)),
        "side by side means",
    ),
    (ch03.FRAMES_SEEN, lambda k, s: 1 + sum(a - 1 for a in k), "right while all strides are 1"),
    (ch03.FRAMES_SEEN, lambda k, s: 1 + sum(a * b for a, b in zip(k, s, strict=True)), None),
    (ch03.BLIND_ACCURACY, (0.6, 0.6), "the scores of a clip and of its reverse"),
    (ch03.BLIND_ACCURACY, (0.4, 0.5), "what is not called"),
    (ch03.BLIND_ACCURACY, (25, 42.5), "shares are asked for"),
    (
        ch03.WITHIN_PAIR_ACCURACY,
        lambda s, y: np.mean(
            s[np.arange(len(y)), y] >= s[np.arange(len(y)), np.where(y % 2, y - 1, y + 1)]
        ),
        "a tie tells nothing apart",
    ),
    (ch03.WITHIN_PAIR_ACCURACY, lambda s, y: (s.argmax(1) == y).mean(), "that is the usual"),
    (
        ch03.WITHIN_PAIR_ACCURACY,
        lambda s, y: np.mean(s[np.arange(len(y)), y] > s[np.arange(len(y)), y - 1]),
        None,
    ),
    (
        ch03.IS_ORDER_BLIND,
        lambda pool, frames: np.abs(pool(frames) - pool(frames[::-1])).max() < 1e-9,
        "you tried one other order, the reverse",
    ),
    (ch03.IS_ORDER_BLIND, lambda pool, frames: pool in (np.mean, np.max), None),
    (ch03.IS_ORDER_BLIND, blind_by_every_roll, "you rolled the frames"),
    (ch03.IS_ORDER_BLIND, blind_by_reverse_and_roll, None),
    (ch03.LATE_FEATURES, stub_of_late_features, "in which order do the pictures lie"),
    (
        ch03.LATE_FEATURES,
        lambda net, x: (
            net(x.permute(2, 0, 1, 3, 4).flatten(0, 1))
            .mean((2, 3))
            .unflatten(0, (x.shape[2], -1))
            .mean(1)
        ),
        "the cut is right now",
    ),
    (
        ch03.AGREE_AND_DIFFER,
        lambda clip: (torch.stack([clip, clip]), torch.stack([clip, 2 * clip])),
        "two equal clips do not hide it",
    ),
    (
        ch03.AGREE_AND_DIFFER,
        lambda clip: (torch.stack([clip, 2 * clip]), torch.stack([clip, clip.flip(1)])),
        None,
    ),
    (ch03.AGREE_AND_DIFFER, lambda clip: torch.stack([clip, clip.flip(1)]), None),
    (ch03.TRAIN_IN_PARTS, parts_as_given, "the gradients are cleared before each part"),
    (ch03.TRAIN_IN_PARTS, parts_with_losses_averaged, "right where all parts are equally long"),
    (ch03.TRAIN_IN_PARTS, parts_forgotten, "the whole batch does not fit"),
    (ch03.TRAIN_IN_PARTS, one_step_for_all_batches, "a part counts as it should. But"),
    (
        ch03.TRAIN_IN_PARTS,
        lambda *case: one_step_for_all_batches(*case, share=False),
        "that is one step for all batches together",
    ),
    (ch03.TRAIN_IN_PARTS, lambda net, batches, parts: None, None),
    (
        ch03.TRAIN_IN_PARTS,
        lambda net, batches, parts: nn.utils.parameters_to_vector(net.parameters()),
        None,
    ),
    (
        ch03.TRAIN_IN_PARTS,
        lambda *case: parts_as_given(*case, optimizer_of=torch.optim.AdamW),
        None,
    ),
    (ch03.FORGET_ORDER, always_swapped, "you always swap the halves"),
    (ch03.FORGET_ORDER, a_window_of_half, "most clips still begin in their first half"),
    (
        ch03.FORGET_ORDER,
        lambda clips, rng: rng.permutation(clips, axis=1),
        "time runs back more than once",
    ),
    (
        ch03.FORGET_ORDER,
        lambda clips, rng: np.stack([c[::-1] if rng.random() < 0.5 else c for c in clips]),
        "reversed, 'walk left' is 'walk right'",
    ),
    (
        ch03.FORGET_ORDER,
        lambda clips, rng: clips[:, ::-1].astype(float) / 255,
        "some of your pictures are no frames",
    ),
    (
        ch03.FORGET_ORDER,
        lambda clips, rng: np.roll(clips, clips.shape[1] // 2 * (rng.random() < 0.5), axis=1),
        "one draw serves all",
    ),
    (ch03.FORGET_ORDER, lambda clips, rng: clips[:, : clips.shape[1] // 2], None),
]


@pytest.mark.parametrize(("exercise", "answer", "hint"), WRONG)
def test_wrong_answers_do_not_pass_and_are_told_why_where_it_is_known(exercise, answer, hint):
    verdict = exercise.verdict(answer)
    assert verdict.startswith("✗")
    if hint is not None:
        assert verdict.partition("Hint: ")[2].startswith(hint), verdict


@pytest.mark.parametrize("order", list(permutations(range(4)))[1:])
def test_no_single_order_is_enough(order):
    assert ch03.IS_ORDER_BLIND.verdict(blind_by_one_order(order)).startswith("✗")


def test_adjacent_swaps_are_enough_since_they_make_every_order():
    def by_swaps(pool, frames):
        orders = []
        for i, j in pairwise(range(len(frames))):
            order = list(range(len(frames)))
            order[i], order[j] = j, i
            orders.append(order)
        return all(np.allclose(pool(frames[order]), pool(frames)) for order in orders)

    assert ch03.IS_ORDER_BLIND.verdict(by_swaps).startswith("✓")


def test_a_constant_network_is_never_right_inside_a_pair():
    constant = ch03.WITHIN_PAIR_ACCURACY.cases[-1]
    assert cues._inside_pair(*constant) == 0
    assert cues._ties_right(*constant) == 1


def test_a_batch_that_hides_the_mix_up_hides_it_from_any_network():
    clip = torch.randn(3, 6, 5, 4, dtype=torch.float64)
    net = nn.Sequential(nn.Conv2d(3, 5, 3), nn.Tanh()).double()
    hidden, shown = clip_and_its_reverse(clip)
    for batch, agrees in ((hidden, True), (shown, False)):
        assert bugs._agrees(batch.numpy()) == agrees
        mixed, right = stub_of_late_features(net, batch), late_by_loop(net, batch)
        assert torch.allclose(mixed, right) == agrees

from itertools import pairwise

import numpy as np
import pytest
import torch
from einops import rearrange
from torch.nn import functional
from verdicts import expect_wrong, right, wrong

from lecturekit import ops
from lecturekit.exercises import ch09
from lecturekit.exercises.ch09 import tokens as choice
from lecturekit.exercises.ch09.diagnosis import WORDS
from lecturekit.models import vivit
from lecturekit.models.attention import Attention, attend

# Numbers and claims.


def test_mixed_is_what_the_library_computes():
    query = torch.tensor([[2 * np.log(2), 0, 0, 0]])
    keys = torch.tensor([[2.0, 0, 0, 5], [1, 3, 0, 0], [0, 7, 1, 0], [-1, 0, 2, 0]]).double()
    values = torch.tensor([[40.0], [14], [7], [0]]).double()
    allowed = torch.tensor([[False, True, True, True]])
    mixed, weights = attend(query, keys, values, return_attention=True)
    masked, _ = attend(query, keys, values, allowed)
    assert np.allclose((weights[0, 0], mixed.item(), masked.item()), ch09.MIXED.answer)


@pytest.mark.parametrize(
    "answer", [(8 / 15, 26, 10), [0.533, 26.0, 10], np.float32([0.5333, 26, 10])]
)
def test_mixed_right(answer):
    assert ch09.MIXED.verdict(answer).startswith("✓")


@pytest.mark.parametrize(
    ("answer", "hint"),
    [
        ((0.753, 33.1, 12), "the products are not divided"),
        ((0.390, 20.9, 8.59), "divide by √d, not by d"),
        ((1, 47, 47), "those are shares of the scores"),
        ((0.533, 26, 4.67), "the third: what is left"),
        ((0.533, 26, 16.7), "the third: a score of 0"),
        ((0.533, 26, 26), "the third: without token 0"),
        ((0.533, 390, 70), "the weights sum to 1"),
        ((8, 26, 10), "the first: 8 is its part"),
        ((0.571, 27.857, 11.667), "the last key's score"),
        ((1, 47, 14), "those are shares of the scores: the"),
        ((0.533, 26, 7), "the third: that is the plain"),
        ((53.33, 26, 10), "the first: a share of 1"),
        ((1, 1, 1), None),
    ],
)
def test_mixed_wrong(answer, hint):
    expect_wrong(ch09.MIXED.verdict(answer), hint)


def test_attention_memory_is_what_the_weights_of_such_a_clip_take():
    """A head of one number, in half precision, on the clip's tokens: its weights, counted."""
    boxes = vivit.Tubelets((2, 16, 16), 1).to("meta")(
        torch.zeros(1, 3, 24, 256, 320, device="meta")
    )
    tokens = boxes.half()[:, None]

    def taken(x):
        return attend(x, x, x, return_attention=True)[1].nbytes * 16 * 24 * 4 / 1e9

    time = rearrange(tokens, "b h (t s) d -> (b s) h t d", t=12)
    space = rearrange(tokens, "b h (t s) d -> (b t) h s d", t=12)
    counted = tokens.shape[2], taken(tokens), taken(time) + taken(space)
    assert np.allclose(counted, ch09.ATTENTION_MEMORY.answer[:3])


def test_divided_is_cheaper_from_the_fourth_number_on():
    layer = Attention(1024, 16).to("meta")

    def work(*shapes):
        return sum(ops.count_macs(layer, torch.zeros(shape, device="meta")) for shape in shapes)

    cheaper = [
        t for t in range(2, 20) if work((320, t, 1024), (t, 320, 1024)) < work((1, 320 * t, 1024))
    ]
    assert cheaper == list(range(int(ch09.ATTENTION_MEMORY.answer[3]), 20))


@pytest.mark.parametrize("answer", [(3840, 45.3, 3.92, 8), [3840, 45.298, 3.916, 8.0]])
def test_attention_memory_right(answer):
    assert ch09.ATTENTION_MEMORY.verdict(answer).startswith("✓")


@pytest.mark.parametrize(
    ("answer", "hint"),
    [
        ((7680, 181.2, 8.10, 8), "a token is two frames"),
        ((3072, 29.0, 2.53, 8), "256 × 320 pixels"),
        ((3840, 2.83, 0.245, 8), "each head has"),
        ((3840, 1.887, 0.1632, 8), "each block has"),
        ((3840, 11.3, 0.979, 8), "there are four clips"),
        ((3840, 0.0295, 0.00255, 8), "that is one head"),
        ((3840, 90.6, 7.83, 8), "in half precision"),
        ((3840, 22.6, 1.96, 8), "half precision is 16 bits"),
        ((3840, 42.2, 3.65, 8), "a GB is"),
        ((3840, 45.3, 0.315, 8), "the third: T² weights"),
        ((3840, 45.3, 3.77, 8), "the third: that is space"),
        ((3840, 45.3, 0.1416, 8), "the third: that is time"),
        ((3840, 45.3, 22.65, 8), "the third: divided attention does not"),
        ((3840, 45.3, 3.92, 7), "the fourth: with 7"),
        ((3840, 45.3, 3.92, 9), "the fourth: nine"),
        ((3841, 45.32, 3.917, 8), "there is no CLS"),
        ((3850, 45.3, 3.92, 8), None),
        ((3840, 45.3, 3.905, 8), "the third: there are two looks"),
        ((3840, 45.3, 3.928, 8), "the third: there is no CLS"),
        ((3840, 45.3, 3.92, 2368 / 319), "the fourth: a whole"),
        ((3840, 45.3, 3.92, 16), "the fourth: in moments"),
        ((3840, 45298, 3916, 8), "those are MB"),
        ((1, 2, 3, 4), None),
    ],
)
def test_attention_memory_wrong(answer, hint):
    expect_wrong(ch09.ATTENTION_MEMORY.verdict(answer), hint)


def test_judged():
    truth = ch09.JUDGED.right
    assert ch09.JUDGED.verdict(truth).startswith("✓")
    for letter in truth:
        assert f"Hint, {letter}:" in ch09.JUDGED.verdict({**truth, letter: not truth[letter]})
    for same_for_all in (True, False):
        assert not ch09.JUDGED.verdict(dict.fromkeys(truth, same_for_all)).startswith("✓")


# one_layer


def layer(flat="h w t", early=True, late=False, scale=True, moments_so="repeat", weights=-1):
    """The stub's layer, with its lines replaced."""

    def answer(clips, kernel, moments, places, qkv):
        boxes = functional.conv3d(clips, kernel, stride=kernel.shape[2:])
        tokens = rearrange(boxes, f"b d t h w -> b ({flat}) d")
        tokens = tokens + places.repeat_interleave(len(moments), 0)
        in_time = {
            "repeat": moments.repeat(len(places), 1),
            "interleave": moments.repeat_interleave(len(places), 0),
        }[moments_so]
        tokens = tokens + in_time if early else tokens
        q, k, v = (tokens @ qkv).chunk(3, -1)
        scores = q @ k.mT / (q.shape[-1] ** 0.5 if scale else 1)
        mixed = scores.softmax(weights) @ v
        return (mixed + in_time if late else mixed).mean(1)

    return answer


def by_loops(clips, kernel, moments, places, qkv):
    boxes = functional.conv3d(clips, kernel, stride=kernel.shape[2:]).flatten(3)
    tokens = [
        boxes[:, :, t, s] + moments[t] + places[s]
        for s in range(len(places))
        for t in range(len(moments))
    ]
    qkv = (torch.stack(tokens, 1) @ qkv).chunk(3, -1)
    return functional.scaled_dot_product_attention(*qkv).mean(1)


def by_table(clips, kernel, moments, places, qkv):
    boxes = rearrange(
        functional.conv3d(clips, kernel, stride=kernel.shape[2:]), "b d t h w -> b (t h w) d"
    )
    boxes += moments.repeat_interleave(len(places), 0) + places.repeat(len(moments), 1)
    q, k, v = torch.split(boxes @ qkv, len(kernel), 2)
    return (torch.softmax(q * len(kernel) ** -0.5 @ k.transpose(1, 2), 2) @ v).sum(1) / len(
        boxes[0]
    )


LAYER_RIGHT = right(ch09.ONE_LAYER, layer(), by_loops, by_table)
LAYER_WRONG = wrong(
    ch09.ONE_LAYER,
    (layer(early=False, late=True, scale=False, moments_so="interleave"), "it is as blind as"),
    (layer(early=False, late=True), "it is still blind"),
    (layer(early=False), "it is still blind"),
    (layer(scale=False, moments_so="interleave"), "it is blind no more. Two"),
    (layer(moments_so="interleave"), "it is blind no more, and scaled"),
    (layer(scale=False), "every token has its own position"),
    (layer("t h w", moments_so="interleave"), "the moments fit the tokens. The places"),
    (layer("t h w", scale=False, moments_so="interleave"), "the moments fit the tokens now"),
    (layer(late=True), "the moments are still added a second time, after the attention."),
    (layer(late=True, scale=False), "the moments are still added a second time, after the"),
    (layer(weights=-2), "the softmax is over the queries"),
    (lambda *case: 12 * layer()(*case), None),
    (lambda *case: layer()(*case)[:1], None),
    (lambda *_: None, None),
    (lambda *_: 1 / 0, None),
)

# divided_masks


def masks_by_loops(moments, places):
    n = moments * places
    time = [[a % places == b % places for b in range(n)] for a in range(n)]
    return time, [[a // places == b // places for b in range(n)] for a in range(n)]


def masks_by_kron(moments, places):
    ones, eye = np.ones, np.eye
    return [
        np.kron(ones((moments, moments)), eye(places)) > 0,
        np.kron(eye(moments), ones((places, places))) > 0,
    ]


def masks_by_blocks(moments, places):
    blocks = [torch.ones(places, places, dtype=torch.bool)] * moments
    eye = torch.eye(places, dtype=torch.bool)
    return eye.repeat(moments, moments), torch.block_diag(*blocks).bool()


def shifted(moments, places):
    number = np.arange(moments * places)
    moment = (number + 1) // places
    return masks_by_kron(moments, places)[0], moment[:, None] == moment


MASKS_RIGHT = right(ch09.DIVIDED_MASKS, masks_by_loops, masks_by_kron, masks_by_blocks)
MASKS_WRONG = wrong(
    ch09.DIVIDED_MASKS,
    (lambda t, s: masks_by_blocks(t, s)[::-1], "the first mask is that of space"),
    (lambda t, s: masks_by_kron(s, t)[::-1], "your masks are right for tokens"),
    (lambda t, s: masks_by_kron(s, t), "how many tokens lie between"),
    (lambda t, s: [~m for m in masks_by_blocks(t, s)], "True means *may*"),
    (lambda t, s: [m & ~np.eye(t * s, dtype=bool) for m in masks_by_kron(t, s)], "a token may"),
    (lambda t, s: [np.tril(masks_by_kron(t, s)[0]), masks_by_kron(t, s)[1]], "your tokens look"),
    (lambda t, s: [sum(masks_by_kron(t, s)) > 0] * 2, "both masks let"),
    (lambda t, s: [m.float() for m in masks_by_blocks(t, s)], "your masks hold numbers"),
    (lambda t, s: [m.int() for m in masks_by_blocks(t, s)], "your masks hold numbers"),
    (lambda t, s: (np.ones((t, t), bool), np.ones((s, s), bool)), "each mask is N × N"),
    (
        lambda t, s: [masks_by_kron(t, s)[0] & ~np.eye(t * s, dtype=bool), masks_by_kron(t, s)[1]],
        "in time, too",
    ),
    (lambda t, s: [~masks_by_kron(t, s)[1], masks_by_kron(t, s)[1]], "in time means: the same"),
    (
        lambda t, s: [
            masks_by_kron(t, s)[0] & (np.tri(t * s, k=s) * np.tri(t * s, k=s).T > 0),
            masks_by_kron(t, s)[1],
        ],
        "in time means all moments",
    ),
    (
        lambda t, s: [torch.where(m, 0.0, -torch.inf) for m in masks_by_blocks(t, s)],
        "as masks that",
    ),
    (shifted, None),
    (lambda t, s: masks_by_kron(t, s)[0], "two masks are asked for"),
    (lambda t, s: None, None),
)

# diagnose


def right_look(q, k, v):
    q, k, v = (x.transpose(1, 2) for x in (q, k, v))
    return functional.scaled_dot_product_attention(q, k, v).transpose(1, 2)


def by_comparing(look):
    """The oracle with each bug put in, on clips of unequal lengths."""
    q, k, v = torch.randn(3, 3, 5, 4, 9).double()
    got = look(q, k, v)
    if not torch.allclose(got, look(q, k, v)):
        return "dropout"
    one, first = look(q[:1], k[:1], v[:1]), right_look(q[:1], k[:1], v[:1])
    if torch.allclose(one, first):
        return "fine" if torch.allclose(got, right_look(q, k, v)) else "fold"
    return "scale" if torch.allclose(one, right_look(3 * q[:1], k[:1], v[:1])) else "axis"


def by_hand(look):
    """One query of two keys whose weights are 3 : 1."""
    q, k = torch.zeros(2, 1, 2, 1, 4)
    q[..., 0], k[:, 0, :, 0] = 2, np.log(3)
    v = torch.tensor([4.0, 0]).view(1, 2, 1, 1).expand(1, 2, 1, 4)
    many = torch.randn(3, 2, 9, 3, 4)
    if (look(*many) - look(*many)).abs().max() > 1e-6:
        return WORDS[4]
    if (look(*many)[:1] - look(*many[:, :1])).abs().max() > 1e-5:
        return WORDS[3]
    x = look(q, k, v)[0, 0, 0, 0]
    if abs(x - 3) < 1e-5:
        return WORDS[0]
    return WORDS[1] if abs(x - 3.6) < 1e-5 else WORDS[2]


def after(*words, then=by_comparing):
    """As `by_comparing`, but one or several bugs are called another word."""
    taken = dict(pairwise(words))
    return lambda look: taken.get(then(look), then(look))


DIAGNOSE_RIGHT = right(ch09.DIAGNOSE, by_comparing, by_hand)
DIAGNOSE_WRONG = wrong(
    ch09.DIAGNOSE,
    *(
        (after(bug, "fine"), f"you take {words} for fine")
        for bug, words in (
            ("fold", "a wrong fold"),
            ("scale", "a missing scale"),
            ("axis", "the wrong axis"),
            ("dropout", "dropout"),
        )
    ),
    (after("dropout", "axis"), "you take dropout for the wrong axis"),
    (after("dropout", "fold"), "you take dropout for a wrong fold"),
    (after("axis", "scale"), "you take the wrong axis for"),
    (after("scale", "axis"), "you take a missing scale for"),
    (
        after("axis", "scale", then=after("fold", "scale", then=after("dropout", "scale"))),
        "any bug makes",
    ),
    (after("axis", "fine", then=after("scale", "fine")), "you take a missing scale and"),
    (after("fold", "fine", then=after("scale", "fine")), "you take several"),
    (after("fine", "scale"), "you find the scale missing"),
    (lambda look: "fine", "you call all"),
    (lambda look: by_comparing(look).upper(), None),
    (lambda look: None, None),
    (lambda look: look(torch.ones(2, 2)), None),
)

# choose_tokens


@torch.inference_mode()
def alone(clips, network):
    named = network(clips).argmax(1)
    told = [network(clips, keep=torch.tensor([i])).softmax(1) for i in range(64)]
    told = torch.stack(told)[:, torch.arange(len(clips)), named]
    return told.T.argsort(1, descending=True)[:, :4].numpy()


@torch.inference_mode()
def without(clips, network):
    scores = network(clips)
    named, every = scores.argmax(1, keepdim=True), torch.arange(64)
    fall = [scores - network(clips, keep=every[every != i]) for i in range(64)]
    return torch.cat([f.gather(1, named) for f in fall], 1).topk(4, 1).indices.tolist()


def bright(clips, network):
    boxes = rearrange(clips, "b c (t x) (h y) (w z) -> b (t h w) (c x y z)", x=4, y=8, z=8)
    return boxes.mean(-1).topk(4).indices


def last_map(clips, network):
    return network(clips, return_attention=True)[1][3].mean((1, 2)).topk(4).indices


CHOOSE_RIGHT = right(ch09.CHOOSE_TOKENS, alone, without)
CHOOSE_WRONG = wrong(
    ch09.CHOOSE_TOKENS,
    (last_map, "better than random tokens, not better"),
    (bright, "that is about what random"),
    (lambda clips, network: torch.rand(len(clips), 64).topk(4).indices, "that is about what"),
    (
        lambda clips, network: torch.tensor([20, 25, 37, 42]).repeat(len(clips), 1),
        "the same tokens",
    ),
    (lambda clips, network: last_map(clips, network)[0], "one row of tokens"),
    (lambda clips, network: np.arange(64)[None].repeat(len(clips), 0), "another number of tokens"),
    (lambda clips, network: alone(clips, network)[:, [0, 0, 1, 1]], None),
    (lambda clips, network: alone(clips, network) + 61, None),
    (lambda clips, network: alone(clips, network) / 1, None),
    (lambda clips, network: None, None),
)


@pytest.mark.parametrize(
    ("exercise", "answer"),
    LAYER_RIGHT + MASKS_RIGHT + DIAGNOSE_RIGHT + CHOOSE_RIGHT,
)
def test_right_answers_pass(exercise, answer):
    assert exercise.verdict(answer).startswith("✓"), exercise.verdict(answer)


@pytest.mark.parametrize(
    ("exercise", "answer", "hint"),
    LAYER_WRONG + MASKS_WRONG + DIAGNOSE_WRONG + CHOOSE_WRONG,
)
def test_wrong_answers_get_their_hint(exercise, answer, hint):
    expect_wrong(exercise.verdict(answer), hint)


def test_a_crash_in_one_case_does_not_skip_the_hint():
    def swapped_or_nothing(moments, places):
        if places == 2:
            raise RuntimeError("two")
        return masks_by_kron(moments, places)[::-1]

    expect_wrong(ch09.DIVIDED_MASKS.verdict(swapped_or_nothing), "the first mask is that of space")


def test_what_is_to_be_beaten_lies_well_above_chance_and_below_what_can_be_reached():
    clips, _ = choice._drawn()
    assert choice.at_random() < 0.35
    best = max(choice.attended().values())
    reached = choice.accuracy(torch.from_numpy(alone(*ch09.CHOOSE_TOKENS.drawn[0])))
    assert choice.at_random() + 0.2 < best < reached - 0.05
    assert len(clips) == choice._CLIPS

import copy

import pytest
import torch
from torch import nn

from lecturekit import ops
from lecturekit.data import FlowClips
from lecturekit.models import fusion, tiny
from lecturekit.models.tiny import TINY
from lecturekit.models.two_stream import TwoStream
from lecturekit.puppets import PuppetClips

FRAMES, SIZE = 8, (32, 48)  # unequal, so that a swapped axis is seen
# MViT scores the class token, which queries pool without; what the last block's queries pool of the
# places is read by no one.
READ_BY_NO_ONE = {"mvit": ["blocks.2.attention.pool_q.conv.weight"]}

every = pytest.mark.parametrize("name", TINY)


@pytest.fixture(scope="module")
def clips():
    return torch.randn(3, 3, FRAMES, *SIZE, generator=torch.Generator().manual_seed(0))


def network(name, **options):
    torch.manual_seed(0)
    return TINY[name].make(5, **{"frames": FRAMES, "size": SIZE} | options)


def shaken(model):
    """A network whose weights are none of the zeros that some begin with."""
    with torch.no_grad():
        for weights in model.parameters():
            weights.add_(torch.randn_like(weights), alpha=0.02)
    return model


@every
def test_it_takes_the_usual_clips(name):
    usual = torch.randn(2, 3, tiny.FRAMES, tiny.SIZE, tiny.SIZE)
    assert TINY[name].make(12)(usual).shape == (2, 12)


@every
def test_it_takes_other_clips_and_trains_all_its_weights(name, clips):
    model = shaken(network(name))
    scores = model(clips)
    assert scores.shape == (3, 5)
    nn.functional.cross_entropy(scores, torch.tensor([0, 4, 2])).backward()
    untouched = [key for key, w in model.named_parameters() if w.grad is None or not w.grad.any()]
    assert untouched == READ_BY_NO_ONE.get(name, [])


@every
def test_same_seed_same_weights(name):
    first, second = network(name).state_dict(), network(name).state_dict()
    assert all(torch.equal(first[key], second[key]) for key in first)


@every
@pytest.mark.parametrize(
    "shape", [(2, FRAMES, 3, *SIZE), (2, 1, FRAMES, *SIZE), (3, FRAMES, *SIZE)]
)
def test_what_is_no_clip_is_refused(name, shape):
    with pytest.raises(ValueError, match=r"clips: expected .*, got"):
        network(name).eval()(torch.zeros(shape))


@every
def test_a_clip_is_scored_by_itself(name, clips):
    model = shaken(network(name)).eval()
    with torch.no_grad():
        assert torch.allclose(model(clips)[1:2], model(clips[1:2]), atol=1e-5)


@every
def test_of_all_frames_only_the_one_frame_network_sees_one(name, clips):
    model = shaken(network(name)).eval().double()
    clips = clips[:1].double()
    if name == "two_streams":  # flow has no gradient: the frame, then the fields, one by one
        stacks = tiny.flow_stacks(clips).double().requires_grad_()
        clips.requires_grad_()
        scores = model(clips, stacks).square().sum()
        by_frame, by_stack = torch.autograd.grad(scores, (clips, stacks))
        assert (by_frame.abs().sum((0, 1, 3, 4)) > 0).tolist() == [t == 4 for t in range(FRAMES)]
        assert (by_stack.abs().sum((0, 2, 3)) > 0).all()
        return
    clips = clips.clone().requires_grad_()
    model(clips).square().sum().backward()
    seen = (clips.grad.abs().sum((0, 1, 3, 4)) > 0).tolist()
    assert seen == [name != "one_frame" or t == FRAMES // 2 for t in range(FRAMES)]


def test_late_fusion_alone_cannot_see_the_order_of_frames(clips):
    order = torch.randperm(FRAMES, generator=torch.Generator().manual_seed(1))
    clips = clips.double()
    blind = set()
    for name in TINY:
        model = shaken(network(name)).eval().double()
        with torch.no_grad():
            two = [
                model(x, tiny.flow_stacks(x).double()) if name == "two_streams" else model(x)
                for x in (clips, clips[:, :, order])
            ]
        if (two[0] - two[1]).abs().max() < 1e-12:
            blind.add(name)
    assert blind == {"late_fusion"}


def test_one_frame_cannot_see_the_others(clips):
    model = network("one_frame").eval()
    others = torch.randn_like(clips)
    others[:, :, FRAMES // 2] = clips[:, :, FRAMES // 2]
    with torch.no_grad():
        assert torch.equal(model(clips), model(others))


def test_a_still_film_has_hardly_any_flow():
    puppets = PuppetClips("test", 4, num_frames=FRAMES, size=32)
    films = puppets.inputs([0, 2, 3])
    stills = films[:, :, :1].expand(-1, -1, FRAMES, -1, -1)
    means = [tiny.flow_stacks(some).abs().mean((1, 2, 3)) for some in (stills, films)]
    assert (means[0] < 0.02 * means[1]).all()


def test_flow_stacks_are_chapter_6s():
    puppets = PuppetClips("test", 3, num_frames=FRAMES, size=48)
    theirs = FlowClips(puppets, winsize=7, bound_px=1.5).inputs([0, 1, 2])
    ours = tiny.flow_stacks(puppets.inputs([0, 1, 2]))
    assert ours.shape == (3, 2 * (FRAMES - 1), 48, 48)
    assert (ours - theirs).abs().max() < 2e-3  # theirs are kept in half precision


def test_one_frame_has_no_flow():
    with pytest.raises(ValueError, match="clips: expected at least 2 frames, got T = 1"):
        tiny.flow_stacks(torch.zeros(2, 3, 1, 32, 32))


def test_two_streams_are_fused_as_in_chapter_6(clips):
    model = network("two_streams").eval()
    stacks = tiny.flow_stacks(clips)
    with torch.no_grad():
        fused = TwoStream(model.spatial, model.temporal)(clips, stacks)
        assert torch.allclose(model(clips).softmax(1), fused, atol=1e-6)
        assert torch.allclose(model(clips).exp(), fused, atol=1e-6)


def test_stacks_of_other_clips_are_refused(clips):
    with pytest.raises(ValueError, match=r"stacks: expected shape \(3, 14, 32, 48\)"):
        network("two_streams")(clips, torch.zeros(2, 14, 32, 48))


def test_inflated_a_still_film_gives_in_the_middle_what_its_picture_gave(clips):
    pictures = shaken(fusion.SingleFrame(5, 32)).eval()
    video = tiny.inflated(pictures).eval()
    still = clips[:, :, :1].expand(-1, -1, 32, -1, -1)
    with torch.no_grad():
        maps = video.backbone(still)
        assert torch.allclose(maps[:, :, 2], pictures.backbone(clips[:, :, 0]), atol=1e-5)
    assert torch.equal(video.head.weight, pictures.head.weight)
    first, taps = pictures.backbone[0][0].weight, video.backbone[0][0].weight.unbind(2)
    assert all(torch.allclose(3 * tap, first) for tap in taps)


def test_inflating_leaves_the_2d_network_as_it_was():
    pictures = fusion.SingleFrame(5, 16)
    before = copy.deepcopy(pictures.state_dict())
    video = tiny.inflated(pictures)
    with torch.no_grad():
        for weights in video.parameters():
            weights.add_(1)
    assert all(torch.equal(before[key], w) for key, w in pictures.state_dict().items())


def test_the_schemes_of_a_transformer_have_as_many_blocks():
    def blocks(name):
        return sum(key.endswith("norm_2.weight") for key in network(name).state_dict())

    assert blocks("vivit") == blocks("vivit_factorised") == 3


@every
def test_a_layout_changes_nothing_but_rounding(name, clips):
    one = TINY[name]
    torch.manual_seed(0)
    plain = one.build(5, FRAMES, SIZE).eval()
    with torch.no_grad():
        assert torch.allclose(network(name).eval()(clips), plain(clips), atol=1e-4)


def test_they_learn_on_two_cores():
    counts = {name: ops.count_parameters(one.make(12)) for name, one in TINY.items()}
    assert max(counts.values()) < 1e6
    assert {one.chapter for one in TINY.values()} == {3, 4, 6, 7, 8, 9, 14}
    assert len({one.title for one in TINY.values()}) == len(TINY)

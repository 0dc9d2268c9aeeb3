"""Every network and the training loop keep to the device that they are given; no GPU is needed.

Published networks run on torch's device "meta", which has shapes and no numbers. Tiny ones are
trained on a pretended GPU.
"""

import importlib
import inspect
import pkgutil
import re
from dataclasses import replace

import numpy as np
import pytest
import torch
from pretend_gpu import GPU, OnGpu, pretend_gpu
from torch import nn
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves
from torch.utils.data import Dataset

from lecturekit import evaluation, models, ops, probes, training
from lecturekit.models import (
    captioner,
    convnets,
    efficientnet_lite,
    fusion,
    heads,
    i3d,
    inflation,
    jepa,
    masking,
    moments,
    mvit,
    parts,
    resnet50,
    roi,
    slowfast,
    timesformer,
    tiny,
    two_stream,
    videomae,
    vivit,
)

CLASSES, FRAMES, SIZE, FLOWS = 4, 8, 16, 5
CLIP, STACK = (3, FRAMES, SIZE, SIZE), (2 * FLOWS, SIZE, SIZE)
PICTURE = (3, SIZE, SIZE)
TINY_CHANNELS = {"width": 4, "blocks": (1, 1, 1, 1)}
TINY_SLOWFAST = replace(slowfast.TINY, slow=replace(resnet50.TINY, width=4), beta=0.5)
TINY_TRANSFORMER = {"frames": FRAMES, "size": SIZE, "width": 8, "depth": 1, "heads": 2, "hidden": 8}
TINY_VIVIT = replace(vivit.TINY, **TINY_TRANSFORMER)
TINY_TIMESFORMER = replace(timesformer.TINY, **TINY_TRANSFORMER)
TINY_MVIT = replace(mvit.TINY, frames=FRAMES, size=SIZE, width=4)
TINY_VIDEOMAE = replace(videomae.TINY, **TINY_TRANSFORMER, decoder_width=8, decoder_heads=2)
TINY_TRUNK = heads.TrunkConfig((4, 6), (1, 2), (2, 2))
LATERALS = (slowfast.TimeToChannel, slowfast.TimeStridedSampling, slowfast.TimeStridedConv)


def pooled() -> nn.Module:
    """A 2D network with both layers that must know, once inflated, what lies past the ends."""
    return nn.Sequential(
        *(parts.Backbone(nn.Conv2d, 3, 4), nn.AvgPool2d(2), nn.AdaptiveAvgPool2d(1)),
        *(nn.Flatten(), nn.Linear(16, CLASSES)),
    )


TINY = {
    **{
        name: (CLIP, lambda make=make: make(CLASSES, FRAMES, width=4))
        for name, make in {**fusion.FAMILIES, **fusion.RELATIVES}.items()
    },
    **{
        name: (CLIP, lambda c=config: convnets.VideoResNet(replace(c, **TINY_CHANNELS), CLASSES))
        for name, config in vars(convnets).items()
        if isinstance(config, convnets.ResNetConfig)
    },
    "C3D": (
        CLIP,
        lambda: convnets.C3D(
            convnets.C3DConfig((2, 4, 4, 4, 4), (1, 1, 1, 1, 1), 8, (FRAMES, SIZE, SIZE)), CLASSES
        ),
    ),
    **{
        f"{name} of ResNet-50": (
            CLIP,
            lambda c=config: resnet50.VideoResNet50(
                replace(c, **TINY_CHANNELS, window=None), CLASSES
            ),
        )
        for name, config in vars(resnet50).items()
        if isinstance(config, resnet50.ResNet50Config)
    },
    **{
        f"SlowFast with {lateral and lateral.__name__}": (
            CLIP,
            lambda c=lateral: slowfast.SlowFast(replace(TINY_SLOWFAST, lateral=c), CLASSES),
        )
        for lateral in (*LATERALS, None)
    },
    "Slow alone": (CLIP, lambda: slowfast.SlowOnly(TINY_SLOWFAST, CLASSES)),
    "Fast alone": (CLIP, lambda: slowfast.fast_only(TINY_SLOWFAST, CLASSES)),
    "I3D": (CLIP, lambda: i3d.I3D(replace(i3d.TINY, window=(1, 1, 1)), CLASSES)),
    "spatial stream": (
        CLIP,
        lambda: two_stream.OneFrame(two_stream.Stream(two_stream.TINY, 3, CLASSES)),
    ),
    "temporal stream": (STACK, lambda: two_stream.Stream(two_stream.TINY, STACK[0], CLASSES)),
    "stream with hidden layers": (
        STACK,
        lambda: two_stream.Stream(
            replace(two_stream.TINY, lrn=(1,), hidden=(8,), dropout=0.5, size=SIZE),
            STACK[0],
            CLASSES,
        ),
    ),
    "EfficientNet-Lite": (
        PICTURE,
        lambda: efficientnet_lite.EfficientNetLite(efficientnet_lite.TINY, CLASSES),
    ),
    **{
        f"ViViT, {scheme}": (
            CLIP,
            lambda c=scheme: vivit.ViViT(replace(TINY_VIVIT, attention=c), CLASSES),
        )
        for scheme in vivit.SCHEMES
    },
    "ViViT with a CLS token": (
        CLIP,
        lambda: vivit.ViViT(replace(TINY_VIVIT, pool="cls"), CLASSES),
    ),
    "ViViT behind a stem": (
        CLIP,
        lambda: vivit.ViViT(replace(TINY_VIVIT, stem=(4, 8)), CLASSES),
    ),
    **{
        f"TimeSformer, {attention}": (
            CLIP,
            lambda c=attention: timesformer.TimeSformer(
                replace(TINY_TIMESFORMER, attention=c), CLASSES
            ),
        )
        for attention in timesformer.ATTENTIONS
    },
    "MViT": (CLIP, lambda: mvit.MViT(TINY_MVIT, CLASSES)),
    "VideoMAE": (CLIP, lambda: videomae.VideoMAE(TINY_VIDEOMAE, CLASSES)),
    "trunk and head": (
        CLIP,
        lambda: heads.OnTrunk(heads.Trunk(TINY_TRUNK), heads.ClassificationHead(6, CLASSES)),
    ),
    "inflated": (CLIP, lambda: inflation.inflate_network(pooled(), lambda *_: 3, edges="repeat")),
    "small 3D CNN": (CLIP, lambda: tiny.SmallConvNet(convnets.Conv2Plus1d, 4, CLASSES)),
    "two streams of clips": (CLIP, lambda: tiny.TwoStreamsOfClips(CLASSES, FRAMES - 1)),
}
"""Small enough to train on real numbers: the shape of an item, and how the network is made."""


PRETRAINED = {
    "VideoMAE": lambda: videomae.VideoMAEPretrain(TINY_VIDEOMAE),
    **{f"JEPA, {target}": lambda c=target: jepa.JEPA(TINY_VIDEOMAE, c) for target in jepa.TARGETS},
}
"""Tiny ones that make a loss of clips and a mask."""


MOMENTS = torch.arange(FRAMES / 2)
WORDS = torch.tensor([captioner.BEGIN, 3, 4, captioner.END])
HEADS = {
    "boxes": (
        lambda: roi.RoIHead(6, CLASSES, jump_px=4),
        heads.multi_label_loss,
        [torch.tensor([[1.0, 2, 9, 14], [5, 0, 16, 16]])],
        torch.eye(2, CLASSES),
    ),
    "moments": (
        lambda: moments.MomentHead(6, CLASSES, hidden=4),
        moments.moment_loss,
        [],
        moments.moment_targets(MOMENTS, [(1, 0, 2), (2, 2, 3)], CLASSES),
    ),
    **{
        f"captions, {pool}": (
            lambda c=pool: captioner.Captioner(6, 6, captioner.CaptionerConfig(4, 6, c)),
            captioner.caption_loss,
            [WORDS],
            WORDS,
        )
        for pool in captioner.POOLS
    },
}
"""Heads with losses of their own: how they are made, the loss, what they take beside the clip, and
the target."""


class OnMeta(TorchDispatchMode):
    """Refuses a call that takes or makes a tensor elsewhere; a single number may be the CPU's."""

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        out = func(*args, **(kwargs or {}))
        for x in tree_leaves((args, kwargs, out)):
            if isinstance(x, torch.Tensor) and x.ndim and not x.is_meta:
                raise RuntimeError(f"{func}: expected tensors on meta, got {tuple(x.shape)}")
        return out


class Items(Dataset):
    """Twelve items at random, with labels."""

    classes = tuple("abcd")
    groups = {"a": "early", "b": "early", "c": "late"}  # noqa: RUF012

    def __init__(self, shape):
        self.items = torch.randn(12, *shape, generator=torch.Generator().manual_seed(0))

    def __len__(self):
        return len(self.items)

    def __getitem__(self, index):
        return self.items[index], index % CLASSES


def step_on_meta(model: nn.Module, *inputs: torch.Tensor) -> None:
    with OnMeta():
        scores = model(*inputs)
        labels = torch.zeros(len(scores), dtype=torch.long, device="meta")
        nn.functional.cross_entropy(scores, labels).backward()
    assert all(p.grad.is_meta for p in model.parameters())


@pytest.mark.parametrize("training_mode", [True, False], ids=["train", "eval"])
@pytest.mark.parametrize("name", models.PUBLISHED)
def test_a_published_network_stays_on_its_device(name, training_mode):
    published = models.PUBLISHED[name]
    with torch.device("meta"):
        model = published.make().train(training_mode)
        inputs = [torch.empty(2, *shape) for shape in published.inputs]
    step_on_meta(model, *inputs)


@pytest.mark.parametrize("name", TINY)
def test_a_tiny_network_is_trained_and_tested_on_the_gpu_as_on_the_cpu(name):
    shape, make = TINY[name]
    options = {"epochs": 1, "batch_size": 6}
    with pretend_gpu():
        torch.manual_seed(0)
        model = make()
        there = training.fit(model, Items(shape), Items(shape), **options)
        assert all(isinstance(x, OnGpu) for x in [*model.parameters(), *model.buffers()])
    torch.manual_seed(0)
    here = training.fit(make(), Items(shape), Items(shape), **options)
    # torch takes another path through an LSTM on the CPU: equal but for rounding.
    assert np.allclose(there.history, here.history)
    assert np.allclose(there.test.scores, here.test.scores, atol=1e-5)


def loss_and_gradients(make, device):
    """Of a step on twelve clips, masked alike everywhere."""
    torch.manual_seed(0)
    model = make().to(device)
    clips = Items(CLIP).items.to(device)
    draw = torch.Generator().manual_seed(0)
    mask = masking.make_mask("random", len(clips), TINY_VIDEOMAE.grid, 0.5, draw).to(device)
    loss = model(clips, mask)
    loss.backward()
    if isinstance(model, jepa.JEPA):
        model.update(0.9)
    gradients = [p.grad for p in model.parameters() if p.requires_grad]
    assert all(x.device == torch.device(device) for x in [loss, *gradients, *model.buffers()])
    return [x.detach().cpu() for x in (loss, *gradients, *model.parameters())]


@pytest.mark.parametrize("name", PRETRAINED)
def test_a_tiny_network_is_pretrained_on_the_gpu_as_on_the_cpu(name):
    with pretend_gpu():
        there = loss_and_gradients(PRETRAINED[name], GPU)
    here = loss_and_gradients(PRETRAINED[name], "cpu")
    for ours, theirs in zip(there, here, strict=True):
        assert torch.allclose(ours, theirs, atol=1e-5)


@pytest.mark.parametrize("name", HEADS)
def test_a_head_is_trained_on_the_gpu_as_on_the_cpu(name):
    make, loss, others, target = HEADS[name]
    clips = Items(CLIP).items

    def fitted():
        torch.manual_seed(0)
        model = heads.OnTrunk(heads.Trunk(TINY_TRUNK), make())
        data = [((clip, *others), target) for clip in clips]
        history = training.fit(model, data, epochs=1, batch_size=6, loss=loss).history
        return model, history

    with pretend_gpu():
        model, there = fitted()
        assert all(isinstance(x, OnGpu) for x in [*model.parameters(), *model.buffers()])
        features = model.eval().trunk(clips.to(GPU)).detach()
        written = found(name, model.head, features)
    model, here = fitted()
    assert here[0].loss == pytest.approx(there[0].loss, abs=1e-5)
    expected = found(name, model.head, model.eval().trunk(clips).detach())
    assert written == pytest.approx(expected, abs=1e-4)


def found(name, head, features):
    """Numbers of what a head answers: of what has no gradient, too."""
    if name.startswith("captions"):
        sentences = captioner.greedy(head, features, max_words=3)
        sentences += captioner.beam_search(head, features[:2], beams=3, max_words=3)[1]
        return [s.log_probability for s in sentences]
    if name == "moments":
        scores, distances = head(features)
        detections = moments.decode(scores[0].detach(), distances[0].detach(), MOMENTS, threshold=0)
        return [number for detection in detections for number in detection]
    return head(features, [torch.tensor([[1.0, 2, 9, 14]])] * len(features)).tolist()[0]


TRANSFORMERS = [name for name in TINY if re.match("ViViT|TimeSformer|MViT|VideoMAE", name)]


@pytest.mark.parametrize("name", TRANSFORMERS)
def test_attention_is_given_and_positions_are_resized_on_the_gpu(name):
    with pretend_gpu():
        model = TINY[name][1]().to(GPU)
        model.resize(2 * FRAMES, (SIZE, 2 * SIZE))
        scores, attentions = model(
            torch.zeros(2, 3, 2 * FRAMES, SIZE, 2 * SIZE, device=GPU), return_attention=True
        )
        tensors = [scores, *tree_leaves(attentions), *model.parameters(), *model.buffers()]
        assert all(isinstance(x, OnGpu) for x in tensors)


def test_two_streams_fuse_on_the_gpu():
    with pretend_gpu():
        model = two_stream.TwoStream(*(TINY[f"{s} stream"][1]() for s in ("spatial", "temporal")))
        clips, stacks = (torch.zeros(2, *shape, device=GPU) for shape in (CLIP, STACK))
        assert model.to(GPU)(clips, stacks).device == GPU


@pytest.mark.parametrize("name", ["late fusion", "3D CNN"])
def test_probes_ask_on_the_gpu_as_on_the_cpu(name, monkeypatch):
    # The copy in double precision: a pretended tensor's numbers do not follow an assignment to
    # its ``data``, by which torch converts a network unless told.
    how = "get_overwrite_module_params_on_conversion"
    monkeypatch.setattr(torch.__future__, how, lambda: True)
    shape, make = TINY[name]
    clips = Items(shape).items
    figures = clips[:, 0] > 0
    torch.manual_seed(0)
    model = make()
    here = probes.report(model, clips, torch.arange(12) % CLASSES, figures=figures)
    with pretend_gpu():
        model.to(GPU)
        for given, masks in ((clips, figures), (clips.to(GPU), figures)):
            there = probes.report(model, given, torch.arange(12) % CLASSES, figures=masks)
            assert there.cannot_see == here.cannot_see
            assert there.notes == here.notes
            for ours, theirs in zip(there.scores.values(), here.scores.values(), strict=True):
                assert np.allclose(ours, theirs, atol=1e-6)


@pytest.mark.filterwarnings("ignore:.*copying from a non-meta parameter")
def test_a_run_is_continued_on_the_gpu(tmp_path):
    shape, make = TINY["late fusion"]
    options = {"epochs": 1, "batch_size": 6, "checkpoint": tmp_path / "run.pt"}
    with pretend_gpu():
        whole, again = make(), make()
        history = training.fit(whole, Items(shape), **options).history
        assert training.fit(again, Items(shape), **options).history == history
        for ours, theirs in zip(again.parameters(), whole.parameters(), strict=True):
            assert ours.device == GPU
            assert torch.equal(ours.cpu(), theirs.cpu())


def test_what_is_measured_of_a_network_keeps_to_its_device():
    with pretend_gpu():
        x = torch.randn(1, 3, 5, 6, 7).to(GPU)
        layer = nn.Conv3d(3, 2, 3, padding=1).to(GPU)
        for convolve in (ops.conv3d_loops, ops.conv3d_unfold):
            assert convolve(x, layer.weight, layer.bias, padding=1).device == GPU
        assert ops.receptive_field(layer, x, (0, 0, 2, 3, 3)).device == GPU
        assert ops.count_macs(layer, x) == 5 * 6 * 7 * 27 * 3 * 2


def test_no_network_of_the_library_is_left_out():
    """A class that is neither published nor tiny above would be tested nowhere."""
    with torch.device("meta"):
        built = [p.make() for p in models.PUBLISHED.values()] + [
            make() for _, make in TINY.values()
        ]
        built += [make() for make in PRETRAINED.values()]
        built += [make() for make, *_ in HEADS.values()]
    tested = {
        base for model in built for module in model.modules() for base in type(module).__mro__
    }
    rooms = [m.name for m in pkgutil.walk_packages(models.__path__, f"{models.__name__}.")]
    ours = {
        value
        for room in rooms
        for value in vars(importlib.import_module(room)).values()
        if inspect.isclass(value) and issubclass(value, nn.Module) and value.__module__ == room
    }
    assert not [value.__name__ for value in ours - tested]


class Careless(nn.Module):
    """Makes a tensor wherever torch makes one unless told."""

    def __init__(self):
        super().__init__()
        self.linear = nn.Linear(CLASSES, CLASSES)

    def forward(self, x):
        return self.linear(x) + torch.zeros(len(x), CLASSES)


class CarelessInPlace(Careless):
    def forward(self, x):
        scores = torch.zeros(len(x), CLASSES)
        scores[:] = self.linear(x)
        return scores


@pytest.mark.parametrize("make", [Careless, CarelessInPlace])
def test_a_careless_network_is_found_out(make):
    with torch.device("meta"):
        model = make()
        x = torch.empty(2, CLASSES)
    with pytest.raises(RuntimeError, match=r"meta"):
        step_on_meta(model, x)
    with pretend_gpu(), pytest.raises((RuntimeError, AssertionError)):
        training.fit(make(), Items((CLASSES,)), epochs=1)


def test_the_pretended_gpu_is_as_strict_as_cuda_and_no_stricter():
    with pretend_gpu():
        x = torch.arange(6.0).reshape(2, 3).to(GPU)
        for wrong in (
            lambda: x + torch.ones(3),
            lambda: x.numpy(),
            lambda: x @ torch.ones(3, 2),
            lambda: torch.ones(3)[x[0].long()],
            lambda: torch.randn(2, device=GPU, generator=torch.Generator()),
            lambda: nn.Linear(3, 2)(x),
        ):
            with pytest.raises((RuntimeError, TypeError)):
                wrong()
        assert (x + torch.tensor(1.0)).tolist() == [[1, 2, 3], [4, 5, 6]]
        assert x[torch.tensor([1])].device == GPU
        assert x.sum().item() == 15
        assert x.cpu().numpy().tolist() == x.tolist()
        assert torch.zeros(2).device.type == "cpu"
        with torch.device("meta"):
            assert not isinstance(torch.zeros(2), OnGpu)
        x.add_(1)
        x[0, 0] = torch.tensor(7.0)
        assert x.tolist() == [[7, 2, 3], [4, 5, 6]]
    assert evaluation.runtime.device().type != "meta"

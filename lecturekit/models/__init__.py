"""Networks, one file per family, each tiny or as published by its config alone.

``PUBLISHED`` is the register of the published ones: what tests count and tables print. ``TINY`` is
that of the families at the size that learns on two CPU cores.
"""

from collections.abc import Callable
from dataclasses import dataclass

from torch import nn

from .convnets import c3d, mc3_18, r2plus1d_18, r3d_18
from .efficientnet_lite import efficientnet_lite0
from .i3d import i3d_inception
from .mvit import mvit_v1_b
from .resnet50 import c2d_r50, i3d_r50, slow_r50
from .slowfast import slowfast_r50
from .timesformer import timesformer_b
from .tiny import TINY as TINY
from .tiny import Tiny as Tiny
from .two_stream import cnn_m_2048
from .videomae import videomae_b
from .vivit import SCHEMES, vivit_b


@dataclass(frozen=True)
class Published:
    """A published network.

    Attributes:
        make: builds it, with the number of classes that it was published with.
        title: what tables call it.
        inputs: shape of each argument of its forward pass, without the batch.
        classes: how many scores it gives.
        parameters: that training changes.
        source: who published it, a key of ``book/references.bib``.
        parameters_fact: id of the source's own figure in `facts`, where it prints one.
        macs_fact: the same of the multiply–adds of one input ("GFLOPs" there).
        norm_cost: operations to add for each number out of a batch norm, for the sum to be the
            source's figure. fvcore, the usual counter there, takes 5 for a norm in training mode.
        formats: in which its weights are published with the names of the modules here.
    """

    make: Callable[[], nn.Module]
    title: str
    inputs: tuple[tuple[int, ...], ...]
    classes: int
    parameters: int
    source: str
    parameters_fact: str | None = None
    macs_fact: str | None = None
    norm_cost: int = 0
    formats: tuple[str, ...] = ()


def _torchvision(title: str, make: Callable[[], nn.Module], parameters: int) -> Published:
    name = title.lower().replace("(2+1)", "2plus1")
    return Published(
        make,
        title,
        inputs=((3, 16, 112, 112),),
        classes=400,
        parameters=parameters,
        source="tran2018",
        parameters_fact=f"{name}-torchvision-params",
        macs_fact=f"{name}-torchvision-gflops",
        formats=("torchvision",),
    )


def _i3d(title: str, in_channels: int, parameters: int) -> Published:
    # Sources print the cost of another count, and the parameters of both streams together.
    return Published(
        lambda: i3d_inception(in_channels=in_channels),
        title,
        inputs=((in_channels, 64, 224, 224),),
        classes=400,
        parameters=parameters,
        source="carreira2017",
        formats=("piergiaj",),
    )


def _pytorchvideo(
    title: str,
    make: Callable[[], nn.Module],
    parameters: int,
    source: str,
    *,
    frames: int = 8,
    norm_cost: int = 0,
) -> Published:
    name = title.split()[0].lower()
    return Published(
        make,
        title,
        inputs=((3, frames, 256, 256),),
        classes=400,
        parameters=parameters,
        source=source,
        parameters_fact=f"{name}-r50-8x8-pytorchvideo-params",
        macs_fact=f"{name}-r50-8x8-pytorchvideo-gflops",
        norm_cost=norm_cost,
        formats=("pytorchvideo",),
    )


def _vivit(model: int, parameters: int) -> Published:
    # Table 2 prints 88.9, 115.1, 117.3 and 88.9 million, some rounded and some cut; and costs that
    # are 0.3 to 0.8 % above ours, without saying what was counted.
    attention = SCHEMES[model - 1]
    return Published(
        lambda: vivit_b(attention=attention),
        f"ViViT-B/16x2, model {model}: {attention}",
        inputs=((3, 32, 224, 224),),
        classes=400,
        parameters=parameters,
        source="arnab2021",
        formats=("transformers",) if attention == "joint" else (),
    )


def _timesformer(attention: str, fact: str, parameters: int) -> Published:
    return Published(
        lambda: timesformer_b(attention=attention),
        f"TimeSformer-B, {fact.replace('-', ' ')}",
        inputs=((3, 8, 224, 224),),
        classes=400,
        parameters=parameters,
        source="bertasius2021",
        parameters_fact=f"timesformer-{fact}-mmaction2-params",
        macs_fact=f"timesformer-{fact}-mmaction2-gflops",
        formats=("transformers",),
    )


PUBLISHED = {
    "r3d_18": _torchvision("R3D-18", r3d_18, 33_371_472),
    "mc3_18": _torchvision("MC3-18", mc3_18, 11_695_440),
    "r2plus1d_18": _torchvision("R(2+1)D-18", r2plus1d_18, 31_505_325),
    "c3d": Published(
        lambda: c3d(num_classes=101),
        "C3D",
        inputs=((3, 16, 112, 112),),
        classes=101,
        parameters=78_409_573,
        source="tran2015",
        parameters_fact="c3d-ucf101head-mmaction2-params",
        macs_fact="c3d-ucf101head-mmaction2-gflops",
    ),
    "cnn_m_2048": Published(
        cnn_m_2048,
        "Two streams, CNN-M-2048",
        inputs=((3, 224, 224), (20, 224, 224)),  # a frame, and ten flow fields
        classes=101,
        parameters=90_627_813 + 90_707_781,  # the spatial and the temporal stream
        source="simonyan2014",
    ),
    "c2d_r50": _pytorchvideo("C2D R50", c2d_r50, 24_327_632, "wang2018nonlocal", norm_cost=5),
    "i3d_r50": _pytorchvideo("I3D R50", i3d_r50, 28_043_472, "wang2018nonlocal", norm_cost=5),
    "slow_r50": _pytorchvideo("Slow R50", slow_r50, 32_454_096, "feichtenhofer2019"),
    "slowfast_r50": _pytorchvideo(
        "SlowFast R50", slowfast_r50, 34_566_488, "feichtenhofer2019", frames=32
    ),
    "efficientnet_lite0": Published(
        efficientnet_lite0,
        "EfficientNet-Lite0, of pictures",
        inputs=((3, 224, 224),),
        classes=1000,
        parameters=4_652_008,
        source="tan2019",
    ),
    "mvit_v1_b": Published(
        mvit_v1_b,
        "MViT-B, 16 × 4",
        inputs=((3, 16, 224, 224),),
        classes=400,
        parameters=36_610_672,
        source="fan2021",
        parameters_fact="mvit-v1-b-torchvision-params",
        macs_fact="mvit-v1-b-torchvision-gflops",
        formats=("torchvision", "pytorchvideo"),
    ),
    "i3d_inception": _i3d("I3D, colour", 3, 12_697_264),
    "i3d_inception_flow": _i3d("I3D, flow", 2, 12_675_312),
    "vivit_b": _vivit(1, 88_954_000),
    "vivit_b_factorised_encoder": _vivit(2, 115_062_928),
    "vivit_b_factorised_self_attention": _vivit(3, 117_319_312),
    "vivit_b_factorised_dot_product": _vivit(4, 88_952_464),
    "timesformer_b": _timesformer("divided", "divided", 121_566_352),
    "timesformer_b_joint": _timesformer("joint", "joint", 86_112_400),
    "timesformer_b_space": _timesformer("space", "space-only", 86_106_256),
    "videomae_b": Published(
        videomae_b,
        "VideoMAE, ViT-B",
        inputs=((3, 16, 224, 224),),
        classes=400,
        parameters=86_534_800,
        source="tong2022",
        parameters_fact="videomae-vit-b-tong2022-params",
        macs_fact="videomae-vit-b-tong2022-gflops",
        formats=("transformers",),
    ),
}
"""By name. Without weights or data: ``make`` starts at random."""

"""EfficientNet-Lite0: a network of pictures that is small, and knows ImageNet's thousand classes.

After Tan and Le, "EfficientNet: Rethinking Model Scaling for Convolutional Neural Networks", ICML
2019, Table 1, as its authors changed it for small devices: no squeeze-and-excitation, ReLU6 for
Swish. The published weights are those of an installed package (`assets`).

Nothing here counts axes, so that `inflation.inflate_network` can make it a video network.
"""

from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import nn
from torch.nn import functional

from lecturekit import assets
from lecturekit.models.parts import same_padding

MEAN, STD = (127 / 255,) * 3, (128 / 255,) * 3
"""Of colours from 0 to 1. The published weights were trained on (grey value - 127) / 128."""


# fmt: off
CLASSES = {
    78: "tick", 148: "killer whale", 149: "dugong", 399: "abaya", 400: "academic gown",
    405: "airship", 407: "ambulance", 414: "backpack", 418: "ballpoint", 421: "bannister",
    422: "barbell", 424: "barbershop", 428: "barrow", 435: "bathtub", 437: "beacon",
    439: "bearskin", 442: "bell cote", 444: "bicycle-built-for-two", 450: "bobsled",
    451: "bolo tie", 457: "bow tie",
    462: "broom", 465: "bulletproof vest", 466: "bullet train", 468: "cab", 470: "candle",
    471: "cannon", 473: "can opener", 475: "car mirror", 476: "carousel", 480: "cash machine",
    488: "chain", 499: "cleaver", 503: "cocktail shaker", 510: "container ship", 511: "convertible",
    517: "crane", 518: "crash helmet", 530: "digital clock", 536: "dock", 543: "dumbbell",
    556: "fire screen", 559: "folding chair", 561: "forklift", 562: "fountain",
    569: "garbage truck", 571: "gas pump", 575: "golfcart", 576: "gondola", 577: "gong",
    580: "greenhouse", 581: "grille", 583: "guillotine", 589: "hand blower", 591: "handkerchief",
    600: "hook", 603: "horse cart", 604: "hourglass", 608: "jean", 612: "jinrikisha",
    615: "knee pad", 619: "lampshade", 627: "limousine", 630: "Loafer", 634: "lumbermill",
    652: "military uniform", 654: "minibus", 656: "minivan", 663: "monastery", 665: "moped",
    670: "motor scooter", 671: "mountain bike", 673: "mouse", 675: "moving van", 678: "neck brace",
    682: "obelisk", 686: "oil filter", 688: "oscilloscope", 704: "parking meter",
    705: "passenger car", 707: "pay-phone", 708: "pedestal", 712: "Petri dish", 713: "photocopier",
    716: "picket fence", 718: "pier", 722: "ping-pong ball", 727: "planetarium", 733: "pole",
    741: "prayer rug", 743: "prison", 747: "punching bag", 751: "racer", 753: "radiator",
    760: "refrigerator", 769: "rule", 777: "scabbard", 779: "school bus", 785: "seat belt",
    788: "shoe shop", 789: "shoji", 791: "shopping cart", 794: "shower curtain",
    799: "sliding door", 803: "snowplow", 804: "soap dispenser", 807: "solar dish",
    811: "space heater", 815: "spider web", 817: "sports car", 818: "spotlight",
    821: "steel arch bridge", 829: "streetcar", 830: "stretcher", 834: "suit", 836: "sunglass",
    839: "suspension bridge", 843: "swing", 844: "switch", 859: "toaster", 862: "torch",
    864: "tow truck", 866: "tractor", 867: "trailer truck", 869: "trench coat", 870: "tricycle",
    872: "tripod", 874: "trolleybus", 877: "turnstile", 880: "unicycle", 882: "vacuum",
    894: "wardrobe", 896: "washbasin", 900: "water tower", 904: "window screen",
    905: "window shade", 906: "Windsor tie", 911: "wool", 912: "worm fence", 920: "traffic light",
    982: "groom", 999: "toilet tissue",
}
# fmt: on
"""ImageNet's names, by index, of the classes that the book's films bring into the first five."""


class Stage(NamedTuple):
    """A row of the paper's table.

    Attributes:
        expansion: times the input's channels, between a block's first and last convolution.
        kernel: of the depthwise convolution, in px.
        stride: of the stage's first block.
        channels: that each block gives.
        blocks: how many.
    """

    expansion: int
    kernel: int
    stride: int
    channels: int
    blocks: int


@dataclass(frozen=True)
class EfficientNetConfig:
    """A network's size.

    Attributes:
        stem: channels of the first convolution.
        stages: the blocks.
        head: channels of the last convolution, which are averaged over all places.
        dropout: share of these that is switched off while training.
    """

    stem: int
    stages: tuple[Stage, ...]
    head: int
    dropout: float = 0.2


LITE0 = EfficientNetConfig(
    stem=32,
    stages=(
        Stage(1, 3, 1, 16, 1),
        Stage(6, 3, 2, 24, 2),
        Stage(6, 5, 2, 40, 2),
        Stage(6, 3, 2, 80, 3),
        Stage(6, 5, 1, 112, 3),
        Stage(6, 5, 2, 192, 4),
        Stage(6, 3, 1, 320, 1),
    ),
    head=1280,
)

TINY = EfficientNetConfig(
    stem=8,
    stages=(Stage(1, 3, 1, 4, 1), Stage(3, 5, 2, 6, 2), Stage(3, 3, 2, 8, 1)),
    head=16,
)
"""Every kind of block, and numbers that a test can train."""


class ConvNorm(nn.Module):
    """A convolution, batch norm and, unless told, a ReLU6.

    With a stride it pads as TensorFlow's "SAME" does: the odd pixel right and below, where torch's
    padding would be the same on both sides.
    """

    def __init__(
        self,
        in_channels: int,
        channels: int,
        kernel: int = 1,
        stride: int = 1,
        groups: int = 1,
        relu: bool = True,
    ) -> None:
        super().__init__()
        self.kernel, self.stride = kernel, stride
        padding = kernel // 2 if stride == 1 else 0
        self.conv = nn.Conv2d(
            in_channels, channels, kernel, stride, padding, groups=groups, bias=False
        )
        self.norm = nn.BatchNorm2d(channels, eps=1e-3, momentum=0.01)
        self.relu = nn.ReLU6(inplace=True) if relu else nn.Identity()

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """``(B, C, …, H, W)`` to ``(B, channels, …, H / stride, W / stride)``, rounded up."""
        if self.stride > 1:
            height, width = x.shape[-2:]
            sides = [same_padding(size, self.kernel, self.stride) for size in (width, height)]
            x = functional.pad(x, (*sides[0], *sides[1]))
        return self.relu(self.norm(self.conv(x)))


class MBConv(nn.Module):
    """Widen, look at each channel by itself, narrow; a shortcut where the shape stays.

    The "inverted bottleneck" of Sandler et al., "MobileNetV2", CVPR 2018.
    """

    def __init__(self, in_channels: int, stage: Stage, stride: int) -> None:
        super().__init__()
        wide = stage.expansion * in_channels
        self.expand = ConvNorm(in_channels, wide) if stage.expansion > 1 else nn.Identity()
        self.depthwise = ConvNorm(wide, wide, stage.kernel, stride, groups=wide)
        self.project = ConvNorm(wide, stage.channels, relu=False)
        self.shortcut = stride == 1 and in_channels == stage.channels

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """``(B, C, …, H, W)`` to the stage's channels, smaller by the stride."""
        out = self.project(self.depthwise(self.expand(x)))
        return x + out if self.shortcut else out


class EfficientNetLite(nn.Module):
    """Pictures in, scores out.

    Args:
        config: ``LITE0`` or ``TINY``.
        num_classes: K.
    """

    def __init__(self, config: EfficientNetConfig, num_classes: int) -> None:
        super().__init__()
        self.stem = ConvNorm(3, config.stem, 3, stride=2)
        self.blocks, channels = nn.Sequential(), config.stem
        for stage in config.stages:
            for block in range(stage.blocks):
                self.blocks.append(MBConv(channels, stage, 1 if block else stage.stride))
                channels = stage.channels
        self.head = ConvNorm(channels, config.head)
        self.pool = nn.AdaptiveAvgPool2d(1)
        self.dropout = nn.Dropout(config.dropout)
        self.classifier = nn.Linear(config.head, num_classes)

    def features(self, pictures: torch.Tensor) -> torch.Tensor:
        """Feature maps ``(B, config.head, H / 32, W / 32)`` as ``LITE0`` halves, rounded up."""
        return self.head(self.blocks(self.stem(pictures)))

    def forward(self, pictures: torch.Tensor) -> torch.Tensor:
        """Scores ``(B, K)`` of pictures ``(B, 3, H, W)``, or of clips where it was inflated."""
        return self.classifier(self.dropout(self.pool(self.features(pictures)).flatten(1)))


def efficientnet_lite0(num_classes: int = 1000) -> EfficientNetLite:
    """The published network, made for 224 px: 4.65 million parameters for ImageNet."""
    return EfficientNetLite(LITE0, num_classes)


def pretrained() -> EfficientNetLite:
    """The published network with its ImageNet weights, in eval mode.

    Raises:
        FileNotFoundError: the package that carries the weights is not installed.
        ValueError: the file is another one.
    """
    file = assets.path("efficientnet-lite0")
    published = torch.load(file, map_location="cpu", weights_only=True)
    model = efficientnet_lite0()
    model.load_state_dict({_our_name(key): value for key, value in published.items()})
    return model.eval()


_NAMES = {
    "_conv_stem": "stem.conv",
    "_bn0": "stem.norm",
    "_conv_head": "head.conv",
    "_bn1": "head.norm",
    "_fc": "classifier",
}
_NAMES_IN_BLOCK = {
    "_expand_conv": "expand.conv",
    "_bn0": "expand.norm",
    "_depthwise_conv": "depthwise.conv",
    "_bn1": "depthwise.norm",
    "_project_conv": "project.conv",
    "_bn2": "project.norm",
}


def _our_name(key: str) -> str:
    """A key of the published file as it is called here.

    >>> _our_name("_blocks.3._bn1.running_mean")
    'blocks.3.depthwise.norm.running_mean'
    """
    *block, module, tensor = key.split(".")
    if not block:
        return f"{_NAMES[module]}.{tensor}"
    return f"blocks.{block[1]}.{_NAMES_IN_BLOCK[module]}.{tensor}"

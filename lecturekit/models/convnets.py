"""3D convolutional networks: C3D, and ResNet-18 with three kinds of convolution in time.

C3D after Tran et al., ICCV 2015. The residual networks after Tran et al., "A Closer Look at
Spatiotemporal Convolutions for Action Recognition", CVPR 2018: R3D, MC3 and R(2+1)D are one
network; only the convolution differs. Modules are named as in torchvision's ``video/resnet.py``,
so that its published weights load strictly.
"""

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import nn

from lecturekit import checks, shapes
from lecturekit.models.parts import check_clips

Stride = int | tuple[int, int, int]


class Conv3d(nn.Conv3d):
    """3×3×3: space and time together (R3D)."""

    def __init__(self, in_channels: int, channels: int, middle: int, stride: int = 1) -> None:
        super().__init__(in_channels, channels, 3, stride, 1, bias=False)

    @staticmethod
    def downsample_stride(stride: int) -> Stride:
        """By how much the shortcut must shrink to match."""
        return stride


class ConvSpace(nn.Conv3d):
    """1×3×3: space only. Time keeps its length, whatever the stride."""

    def __init__(self, in_channels: int, channels: int, middle: int, stride: int = 1) -> None:
        super().__init__(
            in_channels, channels, (1, 3, 3), (1, stride, stride), (0, 1, 1), bias=False
        )

    @staticmethod
    def downsample_stride(stride: int) -> Stride:
        """By how much the shortcut must shrink to match."""
        return (1, stride, stride)


class Conv2Plus1d(nn.Sequential):
    """1×3×3, then 3×1×1: a convolution of pictures, a ReLU, one along time (R(2+1)D)."""

    def __init__(self, in_channels: int, channels: int, middle: int, stride: int = 1) -> None:
        super().__init__(
            nn.Conv3d(in_channels, middle, (1, 3, 3), (1, stride, stride), (0, 1, 1), bias=False),
            nn.BatchNorm3d(middle),
            nn.ReLU(inplace=True),
            nn.Conv3d(middle, channels, (3, 1, 1), (stride, 1, 1), (1, 0, 0), bias=False),
        )

    @staticmethod
    def downsample_stride(stride: int) -> Stride:
        """By how much the shortcut must shrink to match."""
        return stride


Conv = type[Conv3d] | type[ConvSpace] | type[Conv2Plus1d]


def middle_channels(in_channels: int, channels: int) -> int:
    """How many channels between the two halves make (2+1)D as large as 3×3×3.

    floor(t d² N_in N_out / (d² N_in + t N_out)) with t = d = 3.
    """
    return 27 * in_channels * channels // (9 * in_channels + 3 * channels)


class BasicBlock(nn.Module):
    """Two convolutions and a shortcut around them (He et al., CVPR 2016, Fig. 5 left)."""

    def __init__(self, conv: Conv, in_channels: int, channels: int, stride: int) -> None:
        super().__init__()
        # As published, both convolutions take the width that balances the first one.
        middle = middle_channels(in_channels, channels)
        self.conv1 = nn.Sequential(
            conv(in_channels, channels, middle, stride),
            nn.BatchNorm3d(channels),
            nn.ReLU(inplace=True),
        )
        self.conv2 = nn.Sequential(conv(channels, channels, middle), nn.BatchNorm3d(channels))
        self.relu = nn.ReLU(inplace=True)
        self.downsample = None
        if stride != 1 or in_channels != channels:
            self.downsample = nn.Sequential(
                nn.Conv3d(in_channels, channels, 1, conv.downsample_stride(stride), bias=False),
                nn.BatchNorm3d(channels),
            )

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """``(B, C, T, H, W)`` to the same, smaller by the stride."""
        shortcut = x if self.downsample is None else self.downsample(x)
        return self.relu(self.conv2(self.conv1(x)).add_(shortcut))


def stem(width: int) -> nn.Sequential:
    """3×7×7: halves the picture, keeps all frames."""
    return nn.Sequential(
        nn.Conv3d(3, width, (3, 7, 7), (1, 2, 2), (1, 3, 3), bias=False),
        nn.BatchNorm3d(width),
        nn.ReLU(inplace=True),
    )


def stem_2plus1d(width: int) -> nn.Sequential:
    """1×7×7 to 45 channels of 64, then 3×1×1: the published proportion, not the formula's."""
    middle = 45 * width // 64
    return nn.Sequential(
        nn.Conv3d(3, middle, (1, 7, 7), (1, 2, 2), (0, 3, 3), bias=False),
        nn.BatchNorm3d(middle),
        nn.ReLU(inplace=True),
        nn.Conv3d(middle, width, (3, 1, 1), 1, (1, 0, 0), bias=False),
        nn.BatchNorm3d(width),
        nn.ReLU(inplace=True),
    )


@dataclass(frozen=True)
class ResNetConfig:
    """What the three networks differ in, and their size.

    Attributes:
        convs: the kind of convolution of each of the four stages.
        stem: the first layer.
        width: channels of the first stage; each further stage doubles them.
        blocks: per stage.
    """

    convs: tuple[Conv, Conv, Conv, Conv]
    stem: Callable[[int], nn.Sequential] = stem
    width: int = 64
    blocks: tuple[int, int, int, int] = (2, 2, 2, 2)


R3D = ResNetConfig((Conv3d,) * 4)
MC3 = ResNetConfig((Conv3d, ConvSpace, ConvSpace, ConvSpace))
R2PLUS1D = ResNetConfig((Conv2Plus1d,) * 4, stem_2plus1d)


class VideoResNet(nn.Module):
    """A residual network over clips.

    Args:
        config: ``R3D``, ``MC3`` or ``R2PLUS1D``, or ``dataclasses.replace`` of one: a width of 8
            and one block per stage train on two CPU cores.
        num_classes: K.
    """

    def __init__(self, config: ResNetConfig, num_classes: int) -> None:
        super().__init__()
        self.stem = config.stem(config.width)
        channels = config.width
        for stage, (conv, blocks) in enumerate(zip(config.convs, config.blocks, strict=True)):
            wider = config.width * 2**stage
            layers = [BasicBlock(conv, channels, wider, 1 if stage == 0 else 2)]
            layers += [BasicBlock(conv, wider, wider, 1) for _ in range(blocks - 1)]
            setattr(self, f"layer{stage + 1}", nn.Sequential(*layers))
            channels = wider
        self.avgpool = nn.AdaptiveAvgPool3d(1)
        self.fc = nn.Linear(channels, num_classes)
        _initialise(self)
        nn.init.normal_(self.fc.weight, 0, 0.01)
        nn.init.zeros_(self.fc.bias)

    def forward(self, clips: torch.Tensor) -> torch.Tensor:
        """Scores ``(B, K)`` of clips ``(B, 3, T, H, W)``.

        Raises:
            ValueError: not clips of three channels.
        """
        check_clips(clips)
        x = self.stem(clips)
        x = self.layer4(self.layer3(self.layer2(self.layer1(x))))
        return self.fc(self.avgpool(x).flatten(1))


def r3d_18(num_classes: int = 400) -> VideoResNet:
    """ResNet-18 with 3×3×3 throughout: 33.37 million parameters for 400 classes."""
    return VideoResNet(R3D, num_classes)


def mc3_18(num_classes: int = 400) -> VideoResNet:
    """3×3×3 in the first stage, 1×3×3 after it ("mixed convolution"): 11.70 million."""
    return VideoResNet(MC3, num_classes)


def r2plus1d_18(num_classes: int = 400) -> VideoResNet:
    """Each 3×3×3 split into 1×3×3 and 3×1×1: 31.51 million."""
    return VideoResNet(R2PLUS1D, num_classes)


@dataclass(frozen=True)
class C3DConfig:
    """C3D's size.

    Attributes:
        channels: of the five stages (Tran et al. 2015, Fig. 3).
        convs: of 3×3×3, per stage; each stage ends in a pooling.
        hidden: numbers in each of the two layers before the last.
        clip: frames, rows and columns it was made for: its first linear layer fixes them.
    """

    channels: tuple[int, ...] = (64, 128, 256, 512, 512)
    convs: tuple[int, ...] = (1, 1, 2, 2, 2)
    hidden: int = 4096
    clip: tuple[int, int, int] = (16, 112, 112)


class C3D(nn.Module):
    """Eight 3×3×3 convolutions, five poolings, three linear layers."""

    def __init__(self, config: C3DConfig, num_classes: int) -> None:
        super().__init__()
        self.clip = config.clip
        layers: list[nn.Module] = []
        before, grid = 3, list(config.clip)
        for stage, (channels, convs) in enumerate(zip(config.channels, config.convs, strict=True)):
            for _ in range(convs):
                layers += [nn.Conv3d(before, channels, 3, padding=1), nn.ReLU(inplace=True)]
                before = channels
            # The first pooling leaves time alone, "not to merge the temporal signal too early".
            kernel = (1 if stage == 0 else 2, 2, 2)
            # The authors' Caffe rounds up: 7 rows become 4, the last window reaching over the edge.
            layers.append(nn.MaxPool3d(kernel, ceil_mode=True))
            grid = [
                shapes.conv_output(n, k, k, ceil_mode=True)
                for n, k in zip(grid, kernel, strict=True)
            ]
        self.features = nn.Sequential(*layers)
        inputs = before * grid[0] * grid[1] * grid[2]
        self.classifier = nn.Sequential(
            nn.Linear(inputs, config.hidden), nn.ReLU(inplace=True), nn.Dropout(0.5),
            nn.Linear(config.hidden, config.hidden), nn.ReLU(inplace=True), nn.Dropout(0.5),
            nn.Linear(config.hidden, num_classes),
        )  # fmt: skip
        _initialise(self)

    def forward(self, clips: torch.Tensor) -> torch.Tensor:
        """Scores ``(B, K)`` of clips ``(B, 3, *clip)``.

        Raises:
            ValueError: clips of another size: unlike the residual networks, C3D has no average
                over places before its linear layers.
        """
        check_clips(clips)
        checks.shape("clips", clips, "B 3 {} {} {}".format(*self.clip))
        return self.classifier(self.features(clips).flatten(1))


def c3d(num_classes: int = 400) -> C3D:
    """C3D for clips of 16 frames, 112 × 112 px."""
    return C3D(C3DConfig(), num_classes)


def _initialise(model: nn.Module) -> None:
    """Convolutions as torchvision starts them: He et al., ICCV 2015, by outputs."""
    for module in model.modules():
        if isinstance(module, nn.Conv3d):
            nn.init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")
            if module.bias is not None:
                nn.init.zeros_(module.bias)

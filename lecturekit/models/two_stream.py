"""Two-stream networks: one stream sees a picture, the other how it moves; their scores are fused.

After Simonyan and Zisserman, "Two-Stream Convolutional Networks for Action Recognition in Videos",
NIPS 2014. Both streams are the same 2D network. The spatial one takes a frame, 3 channels. The
temporal one takes a stack of L flow fields, 2 L channels: dx, dy, dx, dy, … (Eq. 1).
"""

import math
from dataclasses import dataclass, replace

import torch
from einops import reduce, repeat
from torch import nn

from lecturekit import checks
from lecturekit.models.parts import check_clips, convolution, halving, one_frame
from lecturekit.shapes import Conv, Pool, walk


@dataclass(frozen=True)
class StreamConfig:
    """One stream's network, without its input and its classes.

    Attributes:
        layers: convolutions, each with a ReLU after it, and max poolings.
        batch_norm: batch normalisation between each convolution and its ReLU.
        lrn: after which convolutions' ReLU, counted from 1, the responses are normalised locally,
            with the constants of Krizhevsky et al., NIPS 2012, Sec. 3.3.
        hidden: sizes of the linear layers before the last one.
        dropout: share of each hidden layer that is switched off while training.
        size: height and width in px that the first linear layer is made for. None: the feature
            map is averaged over all places, and any size will do.
    """

    layers: tuple[Conv | Pool, ...]
    batch_norm: bool = False
    lrn: tuple[int, ...] = ()
    hidden: tuple[int, ...] = ()
    dropout: float = 0.0
    size: int | None = None


TINY = StreamConfig(halving(12), batch_norm=True)
"""Chapter 3's backbone: three convolutions that halve the picture and double the channels."""

# Caffe, which the paper used, rounds a pooling's size up: 26 px become 13.
_POOL = Pool(3, stride=2, ceil_mode=True)

CNN_M_2048 = StreamConfig(
    layers=(
        Conv(96, 7, stride=2),
        _POOL,
        Conv(256, 5, stride=2, padding=1),
        _POOL,
        Conv(512, 3, padding=1),
        Conv(512, 3, padding=1),
        Conv(512, 3, padding=1),
        _POOL,
    ),
    lrn=(1, 2),
    hidden=(4096, 2048),
    dropout=0.9,
    size=224,
)
"""The paper's spatial stream (Fig. 1, Sec. 5 and 6; Chatfield et al., BMVC 2014, Table 1)."""

CNN_M_2048_TEMPORAL = replace(CNN_M_2048, lrn=(1,))
"""The paper's temporal stream: no second normalisation, "to reduce memory consumption" (Sec. 5)."""


class Stream(nn.Module):
    """A 2D network: pictures in, scores out. What a channel means is the caller's business.

    Args:
        config: ``TINY``, ``CNN_M_2048``, ``CNN_M_2048_TEMPORAL`` or one of your own.
        in_channels: 3 for a frame, 2 L for L flow fields.
        num_classes: K.

    Raises:
        ValueError: hidden layers without a size.
    """

    def __init__(self, config: StreamConfig, in_channels: int, num_classes: int) -> None:
        super().__init__()
        if config.hidden and config.size is None:
            raise ValueError("config: expected a size, as hidden layers need one; got None")
        self.in_channels, self.size = in_channels, config.size
        self.features = _features(config, in_channels)
        if config.size is None:
            width = next(
                layer.out_channels for layer in config.layers[::-1] if isinstance(layer, Conv)
            )
            self.features.append(nn.AdaptiveAvgPool2d(1))
        else:
            steps = walk(config.layers, (in_channels, config.size, config.size))
            width = math.prod(steps[-1].out_shape)
        self.classifier = nn.Sequential(nn.Flatten())
        for hidden in config.hidden:
            self.classifier.extend(
                [nn.Linear(width, hidden), nn.ReLU(), nn.Dropout(config.dropout)]
            )
            width = hidden
        self.classifier.append(nn.Linear(width, num_classes))

    def forward(self, pictures: torch.Tensor) -> torch.Tensor:
        """Scores ``(B, K)`` of pictures ``(B, in_channels, H, W)``.

        Raises:
            ValueError: another number of channels, or a size the network is not made for.
        """
        size = f"{self.size} {self.size}" if self.size else "H W"
        checks.shape("pictures", pictures, f"B {self.in_channels} {size}")
        return self.classifier(self.features(pictures))


class OneFrame(nn.Module):
    """A spatial stream over clips: it sees a random frame while training, else the middle one.

    Args:
        stream: takes pictures ``(B, 3, H, W)``.
    """

    def __init__(self, stream: nn.Module) -> None:
        super().__init__()
        self.stream = stream

    def forward(self, clips: torch.Tensor) -> torch.Tensor:
        """Scores ``(B, K)`` of clips ``(B, 3, T, H, W)``.

        Raises:
            ValueError: not clips of three channels.
        """
        check_clips(clips)
        return self.stream(one_frame(clips, at_random=self.training))


class TwoStream(nn.Module):
    """Both streams, fused by averaging their softmax scores (Sec. 2). Each is trained by itself.

    Args:
        spatial: frames, or clips where it is a :class:`OneFrame`, to scores.
        temporal: flow stacks to scores of the same classes.
    """

    def __init__(self, spatial: nn.Module, temporal: nn.Module) -> None:
        super().__init__()
        self.spatial, self.temporal = spatial, temporal

    def forward(self, frames: torch.Tensor, flows: torch.Tensor) -> torch.Tensor:
        """Probabilities ``(B, K)``; unlike a stream's scores, they sum to one.

        Args:
            frames: what the spatial stream takes.
            flows: what the temporal stream takes, of the same clips.

        Raises:
            ValueError: the streams score another number of clips or classes.
        """
        seen, moved = self.spatial(frames), self.temporal(flows)
        if seen.shape != moved.shape:
            raise ValueError(
                f"flows: expected scores of shape {tuple(seen.shape)}, as of frames, "
                f"got {tuple(moved.shape)}"
            )
        return (seen.softmax(1) + moved.softmax(1)) / 2


def cnn_m_2048(num_classes: int = 101, num_flows: int = 10) -> TwoStream:
    """The paper's pair of networks at 224 px: 181.34 million parameters for UCF-101.

    Args:
        num_classes: K.
        num_flows: L, flow fields in a stack.
    """
    return TwoStream(
        Stream(CNN_M_2048, 3, num_classes),
        Stream(CNN_M_2048_TEMPORAL, 2 * num_flows, num_classes),
    )


def cross_modality_init(weight_rgb: torch.Tensor, num_channels: int) -> torch.Tensor:
    """First-layer weights for flow, made from weights for colour: averaged, then repeated.

    The cross-modality pre-training of Wang et al., "Temporal Segment Networks", ECCV 2016. As in
    the authors' code nothing is rescaled: where all channels hold the same picture, the layer
    answers ``num_channels / 3`` times as strongly as to that picture in grey.

    Args:
        weight_rgb: ``(F, 3, kh, kw)``.
        num_channels: 2 L.

    Returns:
        ``(F, num_channels, kh, kw)``, every channel alike.

    Raises:
        ValueError: weights of another shape, or no channel.
    """
    checks.shape("weight_rgb", weight_rgb, "F 3 kh kw")
    checks.integer("num_channels", num_channels, 1)
    return repeat(
        reduce(weight_rgb, "f c kh kw -> f kh kw", "mean"), "f kh kw -> f c kh kw", c=num_channels
    )


def _features(config: StreamConfig, in_channels: int) -> nn.Sequential:
    features, convolutions = nn.Sequential(), 0
    for layer in config.layers:
        if isinstance(layer, Pool):
            features.append(
                nn.MaxPool2d(layer.kernel, layer.stride, layer.padding, ceil_mode=layer.ceil_mode)
            )
            continue
        features.append(convolution(nn.Conv2d, in_channels, layer))
        if config.batch_norm:
            features.append(nn.BatchNorm2d(layer.out_channels))
        features.append(nn.ReLU())
        in_channels, convolutions = layer.out_channels, convolutions + 1
        if convolutions in config.lrn:
            # torch divides alpha by the number of channels summed: 5 × Krizhevsky's 0.0001.
            features.append(nn.LocalResponseNorm(5, alpha=5e-4, beta=0.75, k=2.0))
    return features

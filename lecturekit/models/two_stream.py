"""Two-stream networks: one stream sees a picture, the other how it moves; their scores are fused.

After Simonyan and Zisserman, "Two-Stream Convolutional Networks for Action Recognition in Videos",
NIPS 2014. Both streams are the same 2D network. The spatial one takes a frame, 3 channels. The
temporal one takes a stack of L flow fields, 2 L channels: dx, dy, dx, dy, … (Eq. 1).
"""

from dataclasses import dataclass, replace
from typing import Literal

import torch
from torch import nn

from lecturekit.models.fusion import one_frame
from lecturekit.shapes import conv_output


@dataclass(frozen=True)
class Layer:
    """A convolution with a ReLU, and what goes with it.

    Attributes:
        channels: that come out.
        kernel: its side, in pixels.
        stride: in pixels.
        padding: in pixels, on each side.
        norm: "lrn": local response normalisation after the ReLU, with the constants of Krizhevsky
            et al., NIPS 2012, Sec. 3.3. "batch": batch normalisation before the ReLU.
        pool: whether a max pooling follows, of 3 × 3 px in steps of 2.
    """

    channels: int
    kernel: int = 3
    stride: int = 1
    padding: int = 1
    norm: Literal["lrn", "batch"] | None = None
    pool: bool = False


@dataclass(frozen=True)
class StreamConfig:
    """One stream's network, without its input and its classes.

    Attributes:
        layers: the convolutions.
        hidden: sizes of the linear layers before the last one.
        dropout: share of each hidden layer that is switched off while training.
        size: height and width in px that the first linear layer is made for. None: the feature
            map is averaged over all places, and any size will do.
    """

    layers: tuple[Layer, ...]
    hidden: tuple[int, ...] = ()
    dropout: float = 0.0
    size: int | None = None


TINY = StreamConfig(tuple(Layer(channels, stride=2, norm="batch") for channels in (12, 24, 48)))
"""Chapter 3's backbone: three convolutions that halve the picture and double the channels."""

CNN_M_2048 = StreamConfig(
    layers=(
        Layer(96, kernel=7, stride=2, padding=0, norm="lrn", pool=True),
        Layer(256, kernel=5, stride=2, padding=1, norm="lrn", pool=True),
        Layer(512),
        Layer(512),
        Layer(512, pool=True),
    ),
    hidden=(4096, 2048),
    dropout=0.9,
    size=224,
)
"""The paper's spatial stream (Fig. 1, Sec. 5 and 6; Chatfield et al., BMVC 2014, Table 1)."""

CNN_M_2048_TEMPORAL = replace(
    CNN_M_2048,
    layers=(CNN_M_2048.layers[0], replace(CNN_M_2048.layers[1], norm=None), *CNN_M_2048.layers[2:]),
)
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
        self.features = nn.Sequential()
        channels, side = in_channels, config.size
        for layer in config.layers:
            self.features.extend(_modules(layer, channels))
            channels = layer.channels
            if side is not None:
                side = conv_output(side, layer.kernel, layer.stride, layer.padding)
                # Caffe, which the paper used, rounds a pooling's size up: 26 px become 13.
                side = -(-(side - 3) // 2) + 1 if layer.pool else side
        if side is None:
            self.features.append(nn.AdaptiveAvgPool2d(1))
        width = channels * (side or 1) ** 2
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
        shape = tuple(pictures.shape)
        fits = len(shape) == 4 and shape[1] == self.in_channels
        if not fits or (self.size and shape[2:] != (self.size, self.size)):
            rows, columns = (self.size, self.size) if self.size else ("H", "W")
            raise ValueError(
                f"pictures: expected shape (B, {self.in_channels}, {rows}, {columns}), got {shape}"
            )
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
        if clips.ndim != 5 or clips.shape[1] != 3:
            raise ValueError(f"clips: expected shape (B, 3, T, H, W), got {tuple(clips.shape)}")
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
    if weight_rgb.ndim != 4 or weight_rgb.shape[1] != 3:
        raise ValueError(
            f"weight_rgb: expected shape (F, 3, kh, kw), got {tuple(weight_rgb.shape)}"
        )
    if num_channels < 1:
        raise ValueError(f"num_channels: expected at least 1, got {num_channels}")
    return weight_rgb.mean(1, keepdim=True).repeat(1, num_channels, 1, 1)


def _modules(layer: Layer, in_channels: int) -> list[nn.Module]:
    batch = layer.norm == "batch"
    modules: list[nn.Module] = [
        nn.Conv2d(
            in_channels, layer.channels, layer.kernel, layer.stride, layer.padding, bias=not batch
        )
    ]
    modules += [nn.BatchNorm2d(layer.channels)] if batch else []
    modules += [nn.ReLU()]
    if layer.norm == "lrn":
        # torch divides alpha by the number of channels summed: 5 × Krizhevsky's 0.0001.
        modules.append(nn.LocalResponseNorm(5, alpha=5e-4, beta=0.75, k=2.0))
    if layer.pool:
        modules.append(nn.MaxPool2d(3, 2, ceil_mode=True))
    return modules

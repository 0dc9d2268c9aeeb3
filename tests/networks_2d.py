"""2D networks to inflate, their numbers as after training, and clips for them."""

import torch
from torch import nn

from lecturekit.models import efficientnet_lite, parts

FRAMES, SIZE = 5, (33, 38)
EXACT = 1e-12
"""What rounding leaves in float64; a theorem's failure is far above."""


class Bottleneck(nn.Module):
    """Named as torchvision names it."""

    def __init__(self, inputs, width, stride):
        super().__init__()
        self.conv1 = nn.Conv2d(inputs, width, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(width)
        self.conv2 = nn.Conv2d(width, width, 3, stride, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(width)
        self.conv3 = nn.Conv2d(width, 2 * width, 1, bias=False)
        self.bn3 = nn.BatchNorm2d(2 * width)
        self.relu = nn.ReLU(inplace=True)
        self.downsample = None
        if stride != 1:
            self.downsample = nn.Sequential(
                nn.Conv2d(inputs, 2 * width, 1, stride, bias=False), nn.BatchNorm2d(2 * width)
            )

    def forward(self, x):
        shortcut = x if self.downsample is None else self.downsample(x)
        x = self.relu(self.bn1(self.conv1(x)))
        x = self.relu(self.bn2(self.conv2(x)))
        return self.relu(self.bn3(self.conv3(x)) + shortcut)


class ResNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(3, 6, 7, 2, 3, bias=False)
        self.bn1 = nn.BatchNorm2d(6)
        self.relu = nn.ReLU(inplace=True)
        self.maxpool = nn.MaxPool2d(3, 2, 1)
        self.layer1 = nn.Sequential(Bottleneck(6, 3, 1), Bottleneck(6, 3, 1))
        self.layer2 = nn.Sequential(Bottleneck(6, 4, 2), Bottleneck(8, 4, 1))
        self.avgpool = nn.AdaptiveAvgPool2d((1, 1))
        self.fc = nn.Linear(8, 7)

    def forward(self, x):
        x = self.maxpool(self.relu(self.bn1(self.conv1(x))))
        x = self.avgpool(self.layer2(self.layer1(x)))
        return self.fc(torch.flatten(x, 1))


def every_layer():
    """Each kind that is known, with options that only some networks use."""
    return nn.Sequential(
        nn.ZeroPad2d((0, 1, 2, 0)),
        nn.Conv2d(3, 8, (3, 2), (2, 1), (0, 1), bias=True),
        nn.BatchNorm2d(8, eps=0.1),
        nn.ReLU6(),
        nn.Conv2d(8, 16, 3, padding=2, dilation=2, groups=4, bias=False),
        nn.BatchNorm2d(16, affine=False),
        nn.LocalResponseNorm(3, alpha=0.1),
        nn.MaxPool2d((3, 2), stride=2, padding=1, dilation=(1, 2), ceil_mode=True),
        nn.AvgPool2d(3, 2, 1, ceil_mode=True, count_include_pad=False),
        nn.AvgPool2d((2, 1), divisor_override=3),
        nn.Identity(),
        nn.AdaptiveMaxPool2d((3, None)),
        nn.AdaptiveAvgPool2d(2),
        nn.Flatten(),
        nn.Dropout(0.5),
        nn.Linear(16 * 4, 7),
    )


NETWORKS = {
    "ResNet": ResNet,
    "EfficientNet-Lite": lambda: efficientnet_lite.EfficientNetLite(efficientnet_lite.TINY, 7),
    "every layer": every_layer,
    "backbone": lambda: nn.Sequential(
        parts.Backbone(nn.Conv2d, 3, 4), nn.AdaptiveAvgPool2d(1), nn.Flatten()
    ),
}


def randomised(network):
    """Statistics and scales of batch norms at random, as after training; float64, eval mode.

    The convolutions keep a signal's size, so that the last layer still hears the first.
    """
    generator = torch.Generator().manual_seed(1)
    for module in network.modules():
        if isinstance(module, nn.Conv2d):
            nn.init.kaiming_normal_(module.weight, nonlinearity="relu", generator=generator)
        if isinstance(module, nn.BatchNorm2d):
            module.running_mean.copy_(0.3 * torch.randn(module.num_features, generator=generator))
            module.running_var.copy_(0.5 + torch.rand(module.num_features, generator=generator))
            if module.affine:
                nn.init.uniform_(module.weight, 0.5, 1.5, generator)
                nn.init.uniform_(module.bias, -0.5, 0.5, generator)
    return network.double().eval()


def build(name):
    torch.manual_seed(0)
    return randomised(NETWORKS[name]())


def picture():
    return torch.randn(2, 3, *SIZE, dtype=torch.float64)


def still(of, frames=FRAMES):
    return of[:, :, None].expand(-1, -1, frames, -1, -1)


def moving():
    return torch.randn(2, 3, FRAMES, *SIZE, dtype=torch.float64)


def gap(a, b):
    assert a.shape == b.shape
    return (a - b).abs().max().item()


def all_windows(name, layer):
    """Three frames for every convolution and every pooling of a window."""
    return 3

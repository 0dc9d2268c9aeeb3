"""Two pathways: what they cost, and how they are joined."""

import numpy as np
import torch
from torch import nn

from lecturekit.exercises import Derivation, Exercise, Misconception, Property

Shape = tuple[int, int, int, int, int]

_STAGE, _FIRST, _LATERAL = 1 / 3, 10 / 3, 10 / 36

WORK_RATIOS = Derivation(
    name="work_ratios",
    answer=(_STAGE, _FIRST, _LATERAL),
    statement="α · 3β² in a stage, α · 5β in the first layer, 5 · 2β² in the lateral",
    slips=[
        (
            (1 / 9, 2 / 3, _LATERAL),
            "Fast's kernels are longer: each of its numbers needs three or five times as many "
            "multiply–adds.",
        ),
        (
            (1 / 9, _FIRST, _LATERAL),
            "the first: Fast's kernel has three frames there, Slow's has one.",
        ),
        (
            (2, _FIRST, _LATERAL),
            "the first: β counts twice, for the channels in *and* out.",
        ),
        (
            (_STAGE, 5 / 9, _LATERAL),
            "the second: both read the same three colours, so β counts once.",
        ),
        (
            (1 / 9, 5 / 9, _LATERAL),
            "the first: Fast's kernel has three frames there. The second: both read the same "
            "three colours, so β counts once.",
        ),
        (
            (2, 5 / 9, _LATERAL),
            "the first two: β counts for the channels in and for the channels out, except where "
            "both read the three colours.",
        ),
        (
            (_STAGE, 2 / 3, _LATERAL),
            "the second: Fast's kernel has five frames there, Slow's has one.",
        ),
        (
            (_STAGE, _FIRST, 4 * _LATERAL),
            "the third: the lateral steps by α. How many frames does it compute?",
        ),
        (
            (_STAGE, _FIRST, _LATERAL / 4),
            "the third: the lateral computes as many frames as Slow has. α does not come in.",
        ),
        (
            (_STAGE, _FIRST, _LATERAL / 2),
            "the third: 2βC channels come out of the lateral.",
        ),
        (
            (_STAGE, _FIRST, 10 / 6),
            "the third: the lateral reads βC channels and gives 2βC. β counts twice.",
        ),
        (
            (_STAGE, _FIRST, 5 / 6),
            "the third: β counts for the channels in and out, and 2βC channels come out.",
        ),
        (
            (_STAGE, _FIRST, 2 / 36),
            "the third: the lateral's kernel has five frames.",
        ),
        (
            (1 / 12, 5 / 6, _LATERAL),
            "Fast has α times as many frames. Where do they come in?",
        ),
        (
            (3, 3 / 10, 36 / 10),
            "those are Slow's work over Fast's. Asked for: the other way round.",
        ),
    ],
)  # fmt: skip


def _lateral(
    slow: Shape,
    fast: Shape,
    kernel: int,
    channels: int,
    *,
    size: tuple[int, int, int] | None = None,
    stride: int | tuple[int, int, int] | None = None,
    padding: int | None = None,
) -> nn.Conv3d:
    """The right lateral, with one of its numbers replaced; ``padding`` is that of time."""
    alpha = fast[2] // slow[2]
    size = size or (kernel, 1, 1)
    before = size[0] // 2 if padding is None else padding
    around = (before, size[1] // 2, size[2] // 2)
    return nn.Conv3d(fast[1], channels, size, stride or (alpha, 1, 1), around)


def _output(layer: nn.Module, shape: Shape) -> torch.Size:
    with torch.no_grad():
        return layer(torch.zeros(shape)).shape


def _reads(layer: nn.Module, shape: Shape, j: int) -> tuple[np.ndarray, bool]:
    """The frames that reach output frame j, and whether only its own pixel does."""
    if isinstance(layer, nn.Module):
        layer.eval()
    random = torch.Generator().manual_seed(0)
    # Many inputs: a ReLU after the convolution hides what it sets to zero.
    x = torch.randn(16, *shape[1:], generator=random).requires_grad_()
    row, column = shape[3] // 2, shape[4] // 2
    (reached,) = torch.autograd.grad(layer(x)[:, :, j, row, column].sum(), x)
    places = reached.abs().sum((0, 1)) > 0
    own = places[:, row, column].clone()
    places[:, row, column] = False
    return own.numpy().nonzero()[0], not bool(places.any())


def _is_centred(layer: nn.Module, slow: Shape, fast: Shape, kernel: int, channels: int) -> bool:
    alpha = fast[2] // slow[2]
    for j in range(slow[2]):
        window = np.arange(alpha * j - kernel // 2, alpha * j + kernel // 2 + 1)
        inside = window[(window >= 0) & (window < fast[2])]
        frames, own_pixel = _reads(layer, fast, j)
        if not own_pixel or not np.array_equal(frames, inside):
            return False
    return True


def _meets_zeros(layer: nn.Module, slow: Shape, fast: Shape, *_: int) -> bool:
    """Whether zeros before the clip change nothing: they were there already."""
    if isinstance(layer, nn.Module):
        layer.eval()
    alpha = fast[2] // slow[2]
    x = torch.randn(*fast, generator=torch.Generator().manual_seed(1))
    longer = torch.cat([torch.zeros(*fast[:2], 9 * alpha, *fast[3:]), x], 2)
    with torch.no_grad():
        return torch.allclose(layer(longer)[:, :, 9:], layer(x), atol=1e-5)


def _inside(layer: nn.Module, slow: Shape, fast: Shape) -> tuple[int, int, int]:
    """Of a longer clip's middle, where no edge is near: length of the window, step, first frame.

    The first frame counts from the Fast frame that output j joins, so −(length // 2) is right.
    """
    alpha, j = fast[2] // slow[2], 10  # no window here reaches ten frames back
    longer = (*fast[:2], 16 * fast[2], *fast[3:])
    (one, _), (two, _) = _reads(layer, longer, j), _reads(layer, longer, j + 1)
    return one[-1] - one[0] + 1, two[0] - one[0], one[0] - alpha * j


def _first_read(layer: nn.Module, slow: Shape, fast: Shape) -> int:
    return _inside(layer, slow, fast)[2]


def _loses_pixels(layer: nn.Module, slow: Shape, fast: Shape, *_: int) -> bool:
    if isinstance(layer, nn.Conv3d) and layer.kernel_size[1] > fast[3]:
        return True  # it does not even run
    return _output(layer, fast)[3:] < slow[3:]


MAKE_LATERAL = Exercise(
    name="make_lateral",
    library="torch",
    cases=[
        ((2, 16, 4, 6, 5), (2, 2, 32, 6, 5), 7, 4),
        ((1, 12, 6, 4, 7), (1, 3, 24, 4, 7), 5, 6),
        ((2, 8, 5, 3, 4), (2, 4, 10, 3, 4), 3, 5),
        ((1, 10, 3, 5, 4), (1, 5, 9, 5, 4), 9, 3),
    ],
    properties=[
        Property(
            "from Fast's shape, `channels` channels with Slow's other sizes",
            lambda layer, slow, fast, _, channels: (
                _output(layer, fast) == (slow[0], channels, *slow[2:])
            ),
        ),
        Property(
            "frame j reads `kernel` Fast frames with the one that it joins in their middle, and "
            "no other pixel",
            _is_centred,
        ),
        Property("zeros beyond both ends", _meets_zeros),
    ],
    misconceptions=[
        Misconception(
            lambda slow, fast, kernel, channels: nn.Conv3d(
                fast[1],
                channels,
                (kernel, 1, 1),
                (fast[2] // slow[2], 1, 1),
                (kernel // 2, 0, 0),
                padding_mode="replicate",
            ),
            "beyond the ends the first and the last frame are repeated. Zeros belong there.",
            lambda layer, slow, fast, *_: getattr(layer, "padding_mode", "") == "replicate",
        ),
        Misconception(
            lambda slow, fast, kernel, channels: nn.Conv3d(slow[1], channels, (kernel, 1, 1)),
            "it does not take Fast's channels: the lateral reads the Fast pathway.",
            lambda layer, slow, fast, *_: getattr(layer, "in_channels", fast[1]) != fast[1],
        ),
        Misconception(
            lambda slow, fast, kernel, channels: _lateral(slow, fast, kernel, slow[1]),
            "the number of channels that come out is `channels`.",
            lambda layer, slow, fast, _, channels: _output(layer, fast)[1] != channels,
        ),
        Misconception(
            lambda slow, fast, kernel, channels: _lateral(
                slow, fast, kernel, channels, stride=fast[2] // slow[2]
            ),
            "your rows and columns step by α as well. Only time is shortened.",
            lambda layer, slow, fast, *_: _output(layer, fast)[3:] < slow[3:]
            and getattr(layer, "stride", (1, 1, 1))[1] != 1,
        ),
        Misconception(
            lambda slow, fast, kernel, channels: _lateral(
                slow, fast, kernel, channels, size=(kernel, kernel, kernel)
            ),
            "it reads other pixels too: the kernel is 1 × 1 in space.",
            lambda layer, slow, fast, *_: not _reads(layer, fast, 0)[1],
        ),
        Misconception(
            lambda slow, fast, kernel, channels: nn.Conv3d(
                fast[1], channels, kernel, (fast[2] // slow[2], 1, 1)
            ),
            "rows and columns are lost: the kernel is 1 × 1 in space, and `nn.Conv3d` takes one "
            "number for all three axes.",
            _loses_pixels,
        ),
        Misconception(
            lambda slow, fast, kernel, channels: nn.Conv3d(
                fast[1], channels, (kernel, 1, 1), (fast[2] // slow[2], 1, 1), kernel // 2
            ),
            "rows and columns are padded as well, and there are more of them than Slow has.",
            lambda layer, slow, fast, *_: _output(layer, fast)[3:] > slow[3:],
        ),
        Misconception(
            lambda slow, fast, kernel, channels: _lateral(slow, fast, kernel, channels, stride=1),
            "time is not shortened: from the two shapes, what is α?",
            lambda layer, slow, fast, *_: _inside(layer, slow, fast)[1] == 1,
        ),
        Misconception(
            lambda slow, fast, kernel, channels: _lateral(
                slow, fast, kernel, channels, stride=(8, 1, 1)
            ),
            "your step in time is not the α of these shapes.",
            lambda layer, slow, fast, *_: _inside(layer, slow, fast)[1] != fast[2] // slow[2],
        ),
        Misconception(
            lambda slow, fast, kernel, channels: _lateral(
                slow, fast, kernel, channels, size=(7, 1, 1)
            ),
            "the window in time has another length than `kernel`.",
            lambda layer, slow, fast, kernel, _: _inside(layer, slow, fast)[0] != kernel,
        ),
        Misconception(
            lambda slow, fast, kernel, channels: _lateral(slow, fast, kernel, channels, padding=0),
            "without padding frame j reads the Fast frames from the one that it joins onwards: "
            "none before it. (The number of frames may be right by luck.)",
            lambda layer, slow, fast, *_: _first_read(layer, slow, fast) == 0,
        ),
        Misconception(
            lambda slow, fast, kernel, channels: _lateral(
                slow, fast, kernel, channels, padding=kernel - 1
            ),
            "each window ends at the Fast frame that it joins: it sees the past alone.",
            lambda layer, slow, fast, kernel, _: _first_read(layer, slow, fast) == 1 - kernel,
        ),
        Misconception(
            lambda slow, fast, kernel, channels: _lateral(
                slow, fast, kernel, channels, padding=3
            ),
            "a padding of three frames centres a kernel of seven. This one may be another.",
            lambda layer, slow, fast, *_: _first_read(layer, slow, fast) == -3,
        ),
        Misconception(
            lambda slow, fast, kernel, channels: _lateral(
                slow, fast, kernel, channels, padding=fast[2] // slow[2] // 2
            ),
            "the windows are not centred on the frames that they join. A window is centred by half "
            "of its own length, whatever the step is.",
            lambda layer, slow, fast, kernel, _: (
                _first_read(layer, slow, fast) != -(kernel // 2)
            ),
        ),
    ],
)  # fmt: skip

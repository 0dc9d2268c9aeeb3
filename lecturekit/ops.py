"""3D convolution from scratch, 2D weights inflated, and what can be measured of any network."""

from collections.abc import Callable, Sequence

import torch
from einops import rearrange, repeat
from torch import nn
from torch.nn import functional
from torch.nn.attention import SDPBackend, sdpa_kernel
from torch.utils.flop_counter import FlopCounterMode

from lecturekit import checks
from lecturekit.shapes import conv_output

Size = int | Sequence[int]

INFLATIONS = ("mean", "centre", "last")
"""Where `inflate` puts the 2D weights: in all taps, in the middle one, in the last one."""


def conv3d_loops(
    x: torch.Tensor,
    weight: torch.Tensor,
    bias: torch.Tensor | None = None,
    stride: Size = 1,
    padding: Size = 0,
) -> torch.Tensor:
    """3D convolution, one output number at a time: to read, not to use.

    Args:
        x: ``(B, C, T, H, W)``.
        weight: ``(F, C, kt, kh, kw)``.
        bias: ``(F,)``.
        stride: in frames, rows and columns; one number means the same for all.
        padding: zeros before and after, as ``stride``.

    Returns:
        ``(B, F, T', H', W')``, as ``torch.nn.functional.conv3d``. Like every network library it
        does not flip the kernel: mathematicians call it a cross-correlation.

    Raises:
        ValueError: a shape does not fit.
    """
    x, stride, sizes = _prepare(x, weight, bias, stride, padding)
    out = x.new_zeros(len(x), len(weight), *sizes)
    kt, kh, kw = weight.shape[2:]
    st, sh, sw = stride
    for t in range(sizes[0]):
        for i in range(sizes[1]):
            for j in range(sizes[2]):
                window = x[:, :, t * st : t * st + kt, i * sh : i * sh + kh, j * sw : j * sw + kw]
                for f, kernel in enumerate(weight):
                    out[:, f, t, i, j] = (window * kernel).sum((1, 2, 3, 4))
    return out if bias is None else out + bias[:, None, None, None]


def conv3d_unfold(
    x: torch.Tensor,
    weight: torch.Tensor,
    bias: torch.Tensor | None = None,
    stride: Size = 1,
    padding: Size = 0,
) -> torch.Tensor:
    """3D convolution as matrix products over all windows at once; arguments as `conv3d_loops`.

    Every window's rows and columns are laid out as one column of a matrix, frame by frame
    (``kh·kw`` times the input's memory). A kernel of ``kt`` frames is then ``kt`` products with
    the frames it lies on, summed.
    """
    x, (st, sh, sw), sizes = _prepare(x, weight, bias, stride, padding)
    kt, kh, kw = weight.shape[2:]
    windows = x.unfold(3, kh, sh).unfold(4, kw, sw)  # views, nothing is copied yet
    columns = rearrange(windows, "b c t i j kh kw -> b t (c kh kw) (i j)")
    last = st * (sizes[0] - 1) + 1
    out = weight[:, :, 0].flatten(1) @ columns[:, :last:st]
    for k in range(1, kt):
        out += weight[:, :, k].flatten(1) @ columns[:, k : k + last : st]
    out = rearrange(out, "b t f (i j) -> b f t i j", i=sizes[1])
    return out if bias is None else out + bias[:, None, None, None]


def inflate(weight: torch.Tensor, time: int, how: str = "mean") -> torch.Tensor:
    """2D weights made 3D ("inflated"), so that the taps in time sum to the 2D weights.

    Hence a film that stands still gives what its picture gave, where no tap lies past its ends.

    Args:
        weight: of a 2D convolution, in groups or not, ``(F, C, kh, kw)``.
        time: frames of the 3D kernel.
        how: "mean", ``weight / time`` in each tap (Carreira and Zisserman, CVPR 2017, Sec. 2.4);
            "centre", ``weight`` in tap ``time // 2`` and zeros in the others; "last", ``weight`` in
            tap ``time - 1``.

    Returns:
        ``(F, C, time, kh, kw)``.

    Raises:
        ValueError: another shape, no frame, or no such ``how``.

    >>> inflate(torch.ones(4, 3, 7, 7), 5, "centre")[0, 0, :, 0, 0]
    tensor([0., 0., 1., 0., 0.])
    """
    checks.shape("weight", weight, "F C kh kw")
    checks.integer("time", time, 1)
    checks.one_of("how", how, INFLATIONS)
    if how == "mean":
        return repeat(weight / time, "f c kh kw -> f c t kh kw", t=time).contiguous()
    filters, channels, *window = weight.shape
    inflated = weight.new_zeros(filters, channels, time, *window)
    inflated[:, :, time // 2 if how == "centre" else time - 1] = weight
    return inflated


def count_parameters(model: nn.Module) -> int:
    """Numbers that training would change."""
    return sum(p.numel() for p in model.parameters() if p.requires_grad)


def count_macs(model: nn.Module, *inputs: torch.Tensor) -> int:
    """Multiply–adds of convolutions and matrix products in one forward pass.

    torch counts two operations for each; papers that print "FLOPs" of video networks count one.
    The products in fused attention are counted too.
    """
    # torch's counter does not know the fused kernel of CPUs: there it would count nothing at all.
    plain = sdpa_kernel(SDPBackend.MATH)
    with plain, FlopCounterMode(display=False) as counter, torch.no_grad():
        model(*inputs)
    return counter.get_total_flops() // 2


def receptive_field(
    model: Callable[[torch.Tensor], torch.Tensor], x: torch.Tensor, index: tuple[int, ...]
) -> torch.Tensor:
    """Which inputs reach one output, measured: ``|d output[index] / d x|`` summed over channels.

    Args:
        model: differentiable; put it into ``eval()`` first if it has batch norm.
        x: ``(1, C, *axes)``.
        index: of one number of the output, batch and channel included.

    Returns:
        ``axes``-shaped, 0 where a small change of the input changes nothing.
    """
    x = x.detach().requires_grad_()
    (gradient,) = torch.autograd.grad(model(x)[index], x)
    return gradient[0].abs().sum(0)


def _prepare(
    x: torch.Tensor, weight: torch.Tensor, bias: torch.Tensor | None, stride: Size, padding: Size
) -> tuple[torch.Tensor, tuple[int, ...], tuple[int, ...]]:
    """The padded input, the stride per axis, and the output's (T', H', W'); all checked."""
    checks.shape("x", x, "B C T H W")
    checks.shape("weight", weight, f"F {x.shape[1]} kt kh kw")
    if bias is not None:
        checks.shape("bias", bias, f"{len(weight)}")
    stride, padding = (_triple(*pair) for pair in (("stride", stride), ("padding", padding)))
    sizes = tuple(
        conv_output(*axis)
        for axis in zip(x.shape[2:], weight.shape[2:], stride, padding, strict=True)
    )
    around = [p for one in reversed(padding) for p in (one, one)]
    return functional.pad(x, around), stride, sizes


def _triple(name: str, value: Size) -> tuple[int, ...]:
    triple = (value,) * 3 if isinstance(value, int) else tuple(value)
    if len(triple) != 3:
        raise ValueError(f"{name}: expected one number or three, got {value}")
    return triple

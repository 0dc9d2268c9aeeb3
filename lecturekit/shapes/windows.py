"""One window sliding along one axis: where it fits, what it reads, what it never reads."""

from dataclasses import dataclass

from lecturekit import checks


def conv_output(
    size: int,
    kernel: int,
    stride: int = 1,
    padding: int = 0,
    dilation: int = 1,
    *,
    ceil_mode: bool = False,
) -> int:
    """How many places a window has along an axis: convolution and pooling alike.

    floor((size + 2 padding − dilation (kernel − 1) − 1) / stride) + 1 (Dumoulin and Visin 2016,
    "A guide to convolution arithmetic for deep learning", relationships 6 and 15). With
    ``ceil_mode`` it is rounded up, but a window that would start in the padding at the end has no
    place.

    >>> conv_output(64, 3, padding=1), conv_output(5, 2, stride=2)
    (64, 2)
    >>> conv_output(5, 2, stride=2, ceil_mode=True)
    3

    Raises:
        ValueError: a number is out of range, or the window is longer than the padded axis.
        TypeError: a number is not whole.
    """
    for name, value in (("size", size), ("kernel", kernel), ("stride", stride)):
        checks.integer(name, value, 1)
    checks.integer("padding", padding, 0)
    checks.integer("dilation", dilation, 1)
    spare = stride - 1 if ceil_mode else 0
    room = size + 2 * padding + spare - dilation * (kernel - 1) - 1
    if room < 0:
        raise ValueError(
            f"expected a window of at most {size + 2 * padding + spare} (size {size} + 2 × padding "
            f"{padding}{f' + {spare}, rounded up' if spare else ''}), "
            f"got {dilation * (kernel - 1) + 1} (kernel {kernel}, dilation {dilation})"
        )
    places = room // stride + 1
    return places - 1 if ceil_mode and (places - 1) * stride >= size + padding else places


@dataclass(frozen=True)
class Reach:
    """What one output depends on along one axis of the network's input.

    Attributes:
        offsets: the positions that can change it, counted from the first of them.
        jump, start: as in `Step`.
    """

    offsets: frozenset[int] = frozenset({0})
    jump: int = 1
    start: float = 0.0

    @property
    def span(self) -> int:
        """How many positions lie from the first to the last, both counted."""
        return max(self.offsets) + 1

    def through(self, window: "Window") -> "Reach":
        """After one more layer.

        Araujo, Norris and Sim 2019, "Computing Receptive Fields of Convolutional Neural Networks",
        equations 1 and 2, unrolled from the input on; the offsets are their sums one by one.
        """
        taps = range(0, window.span, window.dilation)
        centre = (window.span - 1) / 2 - window.padding
        return Reach(
            frozenset(offset + tap * self.jump for offset in self.offsets for tap in taps),
            self.jump * window.stride,
            self.start + centre * self.jump,
        )


@dataclass(frozen=True)
class Window:
    """A kernel along one axis of a layer's input."""

    size: int
    kernel: int
    stride: int
    padding: int
    dilation: int
    ceil_mode: bool

    @property
    def span(self) -> int:
        """How many inputs lie under the kernel, the gaps of a dilation counted."""
        return self.dilation * (self.kernel - 1) + 1

    @property
    def places(self) -> int:
        """How many outputs there are."""
        return conv_output(
            self.size,
            self.kernel,
            self.stride,
            self.padding,
            self.dilation,
            ceil_mode=self.ceil_mode,
        )

    @property
    def unread(self) -> tuple[int, ...]:
        """Which inputs no place of the window reads."""
        starts = (place * self.stride - self.padding for place in range(self.places))
        read = {start + tap for start in starts for tap in range(0, self.span, self.dilation)}
        return tuple(i for i in range(self.size) if i not in read)

    @property
    def dropped(self) -> int:
        """How many of the unread inputs stand at the end."""
        unread = set(self.unread)
        return next(n for n in range(self.size + 1) if self.size - 1 - n not in unread)

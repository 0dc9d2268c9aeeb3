import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from lecturekit.shapes import contiguous_strides, parse_layout

shapes = st.lists(st.integers(0, 6), max_size=5).map(tuple)
full_shapes = st.lists(st.integers(1, 6), min_size=1, max_size=5).map(tuple)


# Layouts --------------------------------------------------------------------------------------


def test_parse_layout():
    assert parse_layout("t h w c") == ("t", "h", "w", "c")
    assert parse_layout("  b c\tt h  w ") == ("b", "c", "t", "h", "w")
    assert parse_layout("w") == ("w",)


@pytest.mark.parametrize("layout", ["t h x c", "thwc", "T H W C", "t h t c", "", "  "])
def test_a_bad_layout_is_named(layout):
    with pytest.raises(ValueError, match=rf"^layout: expected .* b, c, t, h, w, .* got '{layout}'"):
        parse_layout(layout)


# Strides --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("shape", "strides"),
    [
        ((8, 3, 4, 5), (60, 20, 5, 1)),
        ((2, 3), (3, 1)),
        ((7,), (1,)),
        ((), ()),
        ((1, 1, 1), (1, 1, 1)),
        ((4, 1, 3), (3, 3, 1)),
        ((2, 0, 3), (3, 3, 1)),
        ((0,), (1,)),
    ],
)
def test_contiguous_strides_by_hand(shape, strides):
    assert contiguous_strides(shape) == strides


@given(shapes)
def test_contiguous_strides_are_torchs(shape):
    assert contiguous_strides(shape) == torch.empty(shape).stride()


@given(full_shapes)
def test_contiguous_strides_are_numpys_in_elements(shape):
    array = np.empty(shape, np.float32)
    assert tuple(4 * stride for stride in contiguous_strides(shape)) == array.strides


def test_a_shape_is_whole_numbers_from_zero_up():
    for value in (True, np.True_, 2.0, "2", None):
        with pytest.raises(TypeError, match=r"^shape: expected a whole number, got"):
            contiguous_strides([2, value])
    with pytest.raises(ValueError, match=r"^shape: expected at least 0, got -1"):
        contiguous_strides([2, -1])
    with pytest.raises(TypeError, match=r"^shape: expected whole numbers, got 5"):
        contiguous_strides(5)

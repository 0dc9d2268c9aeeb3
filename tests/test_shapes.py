import math

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from lecturekit.shapes import (
    AXES,
    contiguous_strides,
    flat_offset,
    parse_layout,
    relayout,
    unravel,
)

SIZES = {"b": 2, "c": 3, "t": 5, "h": 4, "w": 7}  # all unequal: a swapped axis shows
LAYOUTS = ["t h w c", "t c h w", "c t h w", "b c t h w"]

shapes = st.lists(st.integers(0, 6), max_size=5).map(tuple)
full_shapes = st.lists(st.integers(1, 6), min_size=1, max_size=5).map(tuple)
layouts = st.lists(st.sampled_from(sorted(AXES)), min_size=1, unique=True).map(" ".join)


def array_in(layout):
    """Numbers 0, 1, 2, … in the layout's own order."""
    shape = [SIZES[axis] for axis in layout.split()]
    return np.arange(math.prod(shape)).reshape(shape)


# Layouts --------------------------------------------------------------------------------------


def test_parse_layout():
    assert parse_layout("t h w c") == ("t", "h", "w", "c")
    assert parse_layout("  b c\tt h  w ") == ("b", "c", "t", "h", "w")
    assert parse_layout("w") == ("w",)


@pytest.mark.parametrize(
    ("layout", "complaint"),
    [
        ("t h x c", "unknown axis 'x'; the axes are b, c, t, h, w, with spaces between them"),
        ("thwc", "unknown axis 'thwc'"),
        ("T H W C", "unknown axis 'T'"),
        ("t h t c", "has axis 't' 2 times"),
        ("", "must name at least one axis"),
        ("  ", "must name at least one axis"),
    ],
)
def test_a_bad_layout_is_named(layout, complaint):
    with pytest.raises(ValueError, match=complaint):
        parse_layout(layout)


def test_a_layout_is_a_string():
    with pytest.raises(TypeError, match=r"^layout must be a str"):
        parse_layout(("t", "h"))


# Strides and offsets --------------------------------------------------------------------------


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


def test_flat_offset_by_hand():
    assert flat_offset((2, 1, 0, 3), (60, 20, 5, 1)) == 2 * 60 + 1 * 20 + 0 * 5 + 3
    assert flat_offset((2, 1), (10, 1), storage_offset=5) == 26
    assert flat_offset((3, 4), (0, 1)) == 4
    assert flat_offset((2,), (-1,), storage_offset=9) == 7
    assert flat_offset((), ()) == 0


@given(full_shapes, st.data())
def test_flat_offset_finds_the_element_of_any_torch_view(shape, data):
    memory = torch.arange(math.prod(shape) + 3)
    order = data.draw(st.permutations(range(len(shape))))
    view = memory[3:].reshape(shape).permute(order)
    index = tuple(data.draw(st.integers(0, size - 1)) for size in view.shape)
    assert memory[flat_offset(index, view.stride(), view.storage_offset())] == view[index]


@given(full_shapes, st.data())
def test_unravel_undoes_flat_offset_as_numpys_does(shape, data):
    offset = data.draw(st.integers(0, math.prod(shape) - 1))
    index = unravel(offset, shape)
    assert index == np.unravel_index(offset, shape)
    assert flat_offset(index, contiguous_strides(shape)) == offset


def test_unravel_by_hand():
    assert unravel(143, (8, 3, 4, 5)) == (2, 1, 0, 3)
    assert unravel(0, ()) == ()
    assert all(type(step) is int for step in unravel(np.int64(143), (8, 3, 4, 5)))


@pytest.mark.parametrize(("offset", "shape"), [(24, (2, 3, 4)), (0, (2, 0)), (1, ())])
def test_unravel_stays_inside(offset, shape):
    with pytest.raises(
        ValueError, match=rf"^offset must be below {math.prod(shape)}, .*got {offset}"
    ):
        unravel(offset, shape)


@pytest.mark.parametrize(
    ("name", "call"),
    [
        ("shape", lambda value: contiguous_strides([2, value])),
        ("shape", lambda value: unravel(0, [2, value])),
        ("offset", lambda value: unravel(value, (2, 3))),
        ("index", lambda value: flat_offset([value], [1])),
        ("storage_offset", lambda value: flat_offset([0], [1], value)),
    ],
)
def test_only_whole_numbers_from_zero_up(name, call):
    for value in (True, np.True_, 2.0, "2", None):
        with pytest.raises(TypeError, match=rf"^{name} must be made of whole numbers, got"):
            call(value)
    with pytest.raises(ValueError, match=rf"^{name} must be at least 0 everywhere, got .*-1"):
        call(-1)


def test_index_and_strides_go_together():
    with pytest.raises(ValueError, match=r"^index must have one number for each of the 3 strides"):
        flat_offset((1, 2), (6, 2, 1))
    with pytest.raises(TypeError, match=r"^strides must be made of whole numbers"):
        flat_offset((1,), (1.0,))
    with pytest.raises(TypeError, match=r"^shape must be made of whole numbers, got 5"):
        contiguous_strides(5)


# Moving axes ----------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["numpy", "torch"])
@pytest.mark.parametrize("to_layout", LAYOUTS)
@pytest.mark.parametrize("from_layout", LAYOUTS[:3])
def test_relayout_moves_every_element_and_copies_none(from_layout, to_layout, kind):
    numbers = array_in(from_layout)
    array = torch.from_numpy(numbers) if kind == "torch" else numbers
    moved = relayout(array, from_layout, to_layout)
    assert type(moved) is type(array)
    sizes = {**SIZES, "b": 1}
    assert tuple(moved.shape) == tuple(sizes[axis] for axis in to_layout.split())
    for offset in range(numbers.size):
        index = unravel(offset, numbers.shape)
        at = {**dict(zip(from_layout.split(), index, strict=True)), "b": 0}
        assert moved[tuple(at[axis] for axis in to_layout.split())] == offset
    assert np.shares_memory(np.asarray(moved), numbers)


@given(layouts, st.data())
def test_relayout_is_undone_by_the_way_back(layout, data):
    other = " ".join(data.draw(st.permutations(layout.split())))
    array = array_in(layout)
    there = relayout(array, layout, other)
    assert there.shape == tuple(SIZES[axis] for axis in other.split())
    assert (relayout(there, other, layout) == array).all()


def test_a_batch_keeps_its_axis():
    batch = torch.from_numpy(array_in("b t h w c"))
    moved = relayout(batch, "b t h w c", "b c t h w")
    assert torch.equal(moved, batch.permute(0, 4, 1, 2, 3))
    assert moved.data_ptr() == batch.data_ptr()


def test_writing_through_the_view_reaches_the_original():
    frames = array_in("t h w c")
    relayout(frames, "t h w c", "b c t h w")[0, 2, 4, 3, 6] = -1
    assert frames[4, 3, 6, 2] == -1


@pytest.mark.parametrize("to_layout", ["t c h", "t h w", "b t h w"])
def test_axes_are_neither_dropped_nor_made_up(to_layout):
    with pytest.raises(
        ValueError, match=r"^to_layout must have the same axes as from_layout 't h w c'"
    ):
        relayout(array_in("t h w c"), "t h w c", to_layout)
    with pytest.raises(ValueError, match=r"^to_layout must have the same axes"):
        relayout(array_in("t h w"), "t h w", "t h w c")
    with pytest.raises(ValueError, match=r"^to_layout must have the same axes"):
        relayout(array_in("b t h w c"), "b t h w c", "t h w c")


def test_the_layout_must_have_as_many_axes_as_the_array():
    with pytest.raises(
        ValueError, match=r"'t h w c' has 4 axes, the array has 3: shape \(5, 4, 7\)"
    ):
        relayout(array_in("t h w"), "t h w c", "t c h w")
    with pytest.raises(ValueError, match=r"'t h w' has 3 axes, the array has 4"):
        relayout(array_in("t h w c"), "t h w", "t w h")

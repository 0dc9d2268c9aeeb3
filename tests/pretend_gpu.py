"""A GPU for machines that have none: what would fail for its device on a real one fails here.

Inside ``pretend_gpu()`` the library's device is ``GPU``. A tensor on it keeps its numbers with the
CPU and computes with them there, so training runs and gives what it would give on the CPU. But it
mixes with the CPU's tensors as little as CUDA's do. Half precision is left out.
"""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, nullcontext
from unittest import mock

import torch
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves, tree_map

GPU = torch.device("meta", 0)
"""Named after a device that every build of torch has. ``torch.device("meta")`` stays what it is."""

_MOVES = {"aten::_to_copy", "aten::to", "aten::copy_"}
# CUDA lets the CPU say which elements are meant, for want of a copy in every such line.
_INDEXES = {"aten::index", "aten::index_put", "aten::index_put_", "aten::_index_put_impl_"}


class OnGpu(torch.Tensor):
    """A tensor that says it is on the GPU; ``held`` has its numbers."""

    held: torch.Tensor

    @staticmethod
    def __new__(cls, held: torch.Tensor) -> "OnGpu":
        made = torch.Tensor._make_wrapper_subclass(
            cls,
            held.size(),
            strides=held.stride(),
            storage_offset=held.storage_offset(),
            dtype=held.dtype,
            device=GPU,
            requires_grad=held.requires_grad,
        )
        made.held = held
        return made

    @classmethod
    def __torch_dispatch__(cls, func, types, args=(), kwargs=None):
        return _run(func, args, kwargs or {})

    def tolist(self):
        return self.held.tolist()

    def numpy(self, *args, **kwargs):
        raise TypeError("can't convert a tensor on the GPU to numpy: use Tensor.cpu() first")

    __array__ = numpy

    def __reduce_ex__(self, protocol):
        # As a file that is read with map_location="cpu" gives it back.
        return self.held.__reduce_ex__(protocol)

    def __repr__(self):
        return f"OnGpu({self.held!r})"


class _EveryCall(TorchDispatchMode):
    """Sees calls without a tensor on the GPU too: those that make the first one."""

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        return _run(func, args, kwargs or {})


@contextmanager
def pretend_gpu() -> Iterator[None]:
    with ExitStack() as stack:
        stack.enter_context(mock.patch("lecturekit.runtime.device", return_value=GPU))
        # torch knows no half precision of this device.
        stack.enter_context(mock.patch("torch.autocast", return_value=nullcontext()))
        stack.enter_context(_EveryCall())
        yield


def _run(func, args, kwargs):
    leaves = tree_leaves((args, kwargs))
    tensors = [x for x in leaves if isinstance(x, torch.Tensor)]
    on_gpu = any(isinstance(x, OnGpu) for x in tensors)
    told = kwargs.get("device")
    goes_to_gpu = on_gpu if told is None else torch.device(told) == GPU
    name = func._schema.name
    _refuse_mixed(name, args, tensors, on_gpu)
    _refuse_generator(name, leaves, goes_to_gpu)
    if goes_to_gpu and told is not None:
        kwargs = {**kwargs, "device": torch.device("cpu")}
    out = func(*tree_map(_held, args), **tree_map(_held, kwargs))
    if not goes_to_gpu:
        return out
    # What was changed in place is the caller's own tensor, not another one of the same numbers.
    callers = {id(x.held): x for x in tensors if isinstance(x, OnGpu)}

    def wrapped(x):
        if not isinstance(x, torch.Tensor):
            return x
        if id(x) in callers:
            return callers[id(x)]
        # torch counts the versions of what a view is of, which in inference mode has none.
        with torch.inference_mode(False):
            return OnGpu(x)

    return tree_map(wrapped, out)


def _held(x):
    return x.held if isinstance(x, OnGpu) else x


def _refuse_mixed(name, args, tensors, on_gpu):
    if not on_gpu or name in _MOVES or (name in _INDEXES and isinstance(args[0], OnGpu)):
        return
    # A single number may come from the CPU, on CUDA as well.
    strangers = [x for x in tensors if not isinstance(x, OnGpu) and x.ndim]
    if strangers:
        raise RuntimeError(
            f"{name}: expected all tensors on the GPU, got one of shape "
            f"{tuple(strangers[0].shape)} on the CPU"
        )


def _refuse_generator(name, leaves, goes_to_gpu):
    if goes_to_gpu and any(isinstance(x, torch.Generator) for x in leaves):
        raise RuntimeError(f"{name}: expected a generator of the GPU, got one of the CPU")

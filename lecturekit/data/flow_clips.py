"""Puppet clips as flow stacks: what the temporal stream of a two-stream network is trained on."""

import hashlib
import inspect
import json
import warnings
import zipfile
from pathlib import Path
from typing import Any, Literal, get_args

import cv2
import numpy as np
import torch
from einops import rearrange

from lecturekit import runtime
from lecturekit.checks import integer, number, one_of
from lecturekit.files import written_whole
from lecturekit.flow import farneback
from lecturekit.labelled import Labelled
from lecturekit.puppets import PuppetClips

Camera = Literal["median", "mean", "keep"]


class FlowClips(Labelled):
    """The clips of a data set as stacks of flow, computed when this one is made.

    An item is (stack float32 ``(2 L, H, W)``, label). Channels are dx, dy, dx, dy, … from the
    first flow to the last (Simonyan and Zisserman 2014, Eq. 1). The camera's motion is taken off,
    then each number is cut to ``bound_px`` on either side and divided by it: from −1 to 1.

    Args:
        clips: what to compute the flow of.
        num_flows: L, those in the middle of the clip; all T − 1 unless told.
        bound_px: the largest motion that is told from larger ones, in px per frame.
        camera: what to subtract from each field as the camera's motion: its "median" vector, its
            "mean" vector (the paper's Sec. 3.1), or nothing: "keep". The mean follows a figure
            that fills much of the picture; the median follows the larger half, the background.
        cache_dir: where computed flow is kept. A file is named by a hash of the frames and of all
            that the flow depends on; it is written whole or not at all. One that cannot be read is
            reported with a warning and computed again.
        options: of :func:`lecturekit.flow.farneback`.

    Attributes:
        classes, groups, labels: as of ``clips``.

    Raises:
        ValueError, TypeError: an argument is none of the above; the message says which.
    """

    def __init__(
        self,
        clips: PuppetClips,
        *,
        num_flows: int | None = None,
        bound_px: float = 1.0,
        camera: Camera = "median",
        cache_dir: str | Path | None = None,
        **options: Any,
    ) -> None:
        available = len(clips.frames(0)) - 1
        if available < 1:
            raise ValueError("clips: expected at least 2 frames per clip, got 1")
        if num_flows is None:
            num_flows = available
        if integer("num_flows", num_flows, 1) > available:
            raise ValueError(f"num_flows: expected at most {available}, got {num_flows}")
        number("bound_px", bound_px, 0)
        one_of("camera", camera, get_args(Camera))
        super().__init__(clips.labels, clips.classes, clips.groups)
        self.bound_px = bound_px
        start = (available - num_flows) // 2
        flows = _cached(clips, _all_options(options), cache_dir)[:, start : start + num_flows]
        # Kept as a stack lies in memory, all dx of a field before all dy: a batch of a network that
        # is trained for many epochs is made in half the time.
        self._flows = np.ascontiguousarray(rearrange(flows, "n l h w d -> n l d h w"))
        self._camera = rearrange(_camera_motion(flows, camera), "n l h w d -> n l d h w")

    def inputs(self, indices: list[int]) -> torch.Tensor:
        """Flow stacks ``(N, 2 L, H, W)``, float32 from −1 to 1."""
        flows = torch.from_numpy(self._flows[indices]).float().sub_(self._camera[indices])
        stacks = flows.div_(self.bound_px).clamp_(-1, 1)
        return rearrange(stacks, "n l d h w -> n (l d) h w")

    def flows(self, index: int) -> np.ndarray:
        """The clip's flow as computed, in px, camera and all: float32 ``(L, H, W, 2)``.

        Kept in half precision: from the true number it is off by at most 1/2048 of itself.
        """
        return rearrange(self._flows[index].astype(np.float32), "l d h w -> l h w d")


def _all_options(options: dict[str, Any]) -> dict[str, Any]:
    """Farnebäck's parameters, the defaults written out, so that a changed one changes the key."""
    known = {
        name: parameter.default
        for name, parameter in inspect.signature(farneback).parameters.items()
        if parameter.default is not inspect.Parameter.empty
    }
    unknown = sorted(set(options) - set(known))
    if unknown:
        raise TypeError(f"{unknown[0]}: expected a parameter of {', '.join(known)}")
    return known | options


def _cached(clips: PuppetClips, options: dict[str, Any], folder: str | Path | None) -> np.ndarray:
    """Flow of all clips, float16 ``(N, T − 1, H, W, 2)``, from the cache where it is there."""
    shape = (len(clips), len(clips.frames(0)) - 1, *clips.frames(0).shape[1:3], 2)
    if folder is None:
        return _compute(clips, options, shape)
    file = Path(folder) / f"flow-{_key(clips, options)}.npz"
    if file.exists():
        try:
            # A zip's checksum is compared with what is read.
            with np.load(file) as saved:
                flows = saved["flows"]
            if flows.shape == shape and flows.dtype == np.float16:
                return flows
            problem = f"it holds {flows.dtype} {flows.shape}"
        except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile) as error:
            problem = f"{type(error).__name__}: {error}"
        warnings.warn(f"{file}: not usable ({problem}); computed again", stacklevel=3)
    flows = _compute(clips, options, shape)
    file.parent.mkdir(parents=True, exist_ok=True)
    with written_whole(file) as partial:
        np.savez(partial, flows=flows)
    return flows


def _key(clips: PuppetClips, options: dict[str, Any]) -> str:
    digest = hashlib.sha256(json.dumps([cv2.__version__, options], sort_keys=True).encode())
    digest.update(str((len(clips), clips.frames(0).shape)).encode())
    for index in range(len(clips)):
        digest.update(clips.frames(index))
    return digest.hexdigest()[:24]


def _compute(clips: PuppetClips, options: dict[str, Any], shape: tuple[int, ...]) -> np.ndarray:
    flows = np.empty(shape, np.float16)
    # The bar appears where it takes longer than two seconds.
    bar = runtime.progress(range(len(clips)), desc="flow", unit="clip", delay=2, leave=False)
    for index in bar:
        frames = clips.frames(index)
        for t in range(len(frames) - 1):
            flows[index, t] = farneback(frames[t], frames[t + 1], **options)
    return flows


def _camera_motion(flows: np.ndarray, camera: Camera) -> torch.Tensor:
    """Of each field the vector to subtract, float32 ``(N, L, 1, 1, 2)``."""
    if camera == "keep":
        return torch.zeros(*flows.shape[:2], 1, 1, 2)
    middle = {"median": np.median, "mean": np.mean}[camera]
    # Clip by clip: in one piece it would take several times the memory of the flow itself.
    vectors = np.stack([middle(clip.astype(np.float32), (1, 2)) for clip in flows])
    return torch.from_numpy(vectors)[:, :, None, None]

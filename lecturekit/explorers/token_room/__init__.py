"""Token room: a small video transformer that runs in the page.

The reader picks a clip, one token of it, and a scheme of who may look at whom, and sees side by
side what can reach that token, what it looks at, and what the answer hangs on: three things that
attention maps are often taken for at once. Tokens can be deleted and frames shuffled or frozen;
the network answers at once. The front end computes all of it (``network.js``, ``sums.js``);
:meth:`TokenRoom.answers` and :meth:`TokenRoom.importance` do the same with torch, and
``tests/site/explorers/test_token_room.py`` holds the two equal.
"""

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import torch
import traitlets
from numpy.typing import NDArray
from PIL import Image

from lecturekit import checks
from lecturekit.explorers import Explorer, setting, trait_errors
from lecturekit.explorers.token_room import network
from lecturekit.puppets import ACTIONS, MEAN, STD

ORDERS = ("filmed", "reversed", "shuffled", "first")
VIEWS = ("1", "2", "3", "4", "mean", "rollout")
MAX_CLIPS = 8

SHUFFLE = (9, 2, 14, 5, 0, 11, 7, 12, 3, 15, 6, 1, 10, 4, 13, 8)
"""Which frame stands where when frames are shuffled: always the same, so that it can be told."""


@dataclass(frozen=True)
class Answers:
    """What the network gives for the present settings; 64 numbers are by token, 0 if deleted.

    Attributes:
        scores: ``(12,)``, before the softmax.
        reach: bool ``(64,)``, the tokens that can influence the query through the layers so far.
        weights: ``(64,)``, the query's row of attention or of its rollout.
    """

    scores: NDArray[np.float32]
    reach: NDArray[np.bool_]
    weights: NDArray[np.float32]


class TokenRoom(Explorer):
    """A trained network's tokens: who can reach one, whom it looks at, and which ones matter.

    Args:
        clips: 1 to 8 clips, uint8 RGB (16, 32, 32, 3), each by the class that is seen in it.
        label: accessible name.
        credit: the line to print under the clip.
        settings: first values of the traits below: ``clip`` (one of the names), ``frames``,
            ``scheme``, ``layer``, ``head``, ``t``, ``y``, ``x`` (the query), ``deleted``.

    Raises:
        TypeError, ValueError: clips of another kind, or a setting that is none of the traits.
        traitlets.TraitError: a setting is out of range.

    Example:
        >>> clip = np.zeros((16, 32, 32, 3), np.uint8)
        >>> room = TokenRoom({"walk left": clip}, scheme="divided", layer=1)
        >>> int(room.answers().reach.sum())  # its place in four moments
        4
        >>> room.layer = 2
        >>> int(room.answers().reach.sum())  # then all that those look at
        64
    """

    name: ClassVar[str] = "token_room"

    pixels = traitlets.Bytes(help="All frames in one PNG, a clip in each row.").tag(sync=True)
    names = traitlets.List(help="Of the clips.").tag(sync=True)
    weights = traitlets.Bytes(help="Float16, little-endian.").tag(sync=True)
    tensors = traitlets.List(help="[name, how many], in the order of the weights.").tag(sync=True)
    classes = traitlets.List(list(ACTIONS)).tag(sync=True)
    looks = traitlets.List([[key, list(kinds)] for key, kinds in network.LOOKS.items()]).tag(
        sync=True
    )
    sizes = traitlets.Dict(
        {
            "frames": network.FRAMES,
            "side": network.SIZE_PX,
            "tubelet": list(network.TUBELET),
            "grid": list(network.GRID),
            "heads": network.HEADS,
        }
    ).tag(sync=True)
    shuffle = traitlets.List(list(SHUFFLE)).tag(sync=True)
    credit = traitlets.Unicode().tag(sync=True)

    clip = traitlets.Unicode(help="Name of the clip that is shown.").tag(sync=True)
    frames = traitlets.Enum(ORDERS, "filmed", help="What stands in its 16 frames.").tag(sync=True)
    scheme = traitlets.Enum(network.SCHEMES, "joint").tag(sync=True)
    layer = traitlets.Int(1, help="From 1; reach and rollout go up to it.").tag(sync=True)
    head = traitlets.Enum(VIEWS, "mean", help="Whose weights are shown.").tag(sync=True)
    t = traitlets.Int(1, help="The query's place in the grid.").tag(sync=True)
    y = traitlets.Int(1).tag(sync=True)
    x = traitlets.Int(1).tag(sync=True)
    deleted = traitlets.List(help="Numbers of tokens, (t × 4 + y) × 4 + x.").tag(sync=True)
    press = traitlets.Enum(("asks", "deletes"), "asks", help="What a press does.").tag(sync=True)
    guess = traitlets.Unicode("", help="The class guessed for a clip that stands still.").tag(
        sync=True
    )
    revealed = traitlets.Bool(False, help="Whether the guess is judged.").tag(sync=True)

    def __init__(
        self,
        clips: Mapping[str, NDArray[np.uint8]],
        *,
        label: str = "Token room: a transformer’s tokens, and who looks at whom",
        credit: str = "",
        **settings: Any,
    ) -> None:
        known = {"clip", "frames", "scheme", "layer", "head", "t", "y", "x", "deleted"}
        if unknown := set(settings) - known:
            raise TypeError(f"TokenRoom has no argument {', '.join(sorted(unknown))}")
        self._clips = _checked(clips)
        arrays = network.weights()
        super().__init__(
            pixels=_png(list(self._clips.values())),
            names=list(self._clips),
            weights=b"".join(array.astype("<f2").tobytes() for array in arrays.values()),
            tensors=[[name, array.size] for name, array in arrays.items()],
            label=label,
            credit=credit,
            description=_describe(list(self._clips)),
            **{"clip": next(iter(self._clips)), **settings},
        )

    def clip_tensor(self) -> torch.Tensor:
        """What the network is given: float32 (1, 3, 16, 32, 32)."""
        order = {
            "filmed": range(network.FRAMES),
            "reversed": range(network.FRAMES)[::-1],
            "shuffled": SHUFFLE,
            "first": [0] * network.FRAMES,
        }[self.frames]
        frames = torch.from_numpy(self._clips[self.clip][list(order)])
        return ((frames.float() / 255 - MEAN) / STD).permute(3, 0, 1, 2)[None]

    @torch.no_grad()
    def answers(self) -> Answers:
        """What the network gives for the present settings."""
        keep = self._kept()
        model = network.load(self.scheme)
        scores, attentions = model(self.clip_tensor(), keep, return_attention=True)
        query = (keep == (self.t * 4 + self.y) * 4 + self.x).float()
        reach, weights = torch.zeros(network.TOKENS), torch.zeros(network.TOKENS)
        if query.any():
            reach[keep] = self._reach(query, keep)
            weights[keep] = self._weights(query, [layer[0] for layer in attentions])
        return Answers(scores[0].numpy(), reach.bool().numpy(), weights.numpy())

    @torch.no_grad()
    def importance(self) -> NDArray[np.float32]:
        """How far the score of the named class falls without each token; 0 for a deleted one."""
        model, clip, keep = network.load(self.scheme), self.clip_tensor(), self._kept()
        scores = model(clip, keep)[0]
        falls = torch.zeros(network.TOKENS)
        for token in keep if len(keep) > 1 else []:
            left = model(clip, keep[keep != token])[0]
            falls[token] = (scores - left)[scores.argmax()]
        return falls.numpy()

    def _kept(self) -> torch.Tensor:
        gone = set(self.deleted)
        return torch.tensor([token for token in range(network.TOKENS) if token not in gone])

    def _reach(self, query: torch.Tensor, keep: torch.Tensor) -> torch.Tensor:
        """From the layer back to the first: what a token looks at reaches it, and itself."""
        looks = network.masks(self.scheme)[: self.layer].any(1)[:, keep][..., keep]
        for look in looks.flip(0):
            query = ((query @ look.float() + query) > 0).float()
        return query

    def _weights(self, query: torch.Tensor, attentions: Sequence[torch.Tensor]) -> torch.Tensor:
        if self.head == "rollout":
            for layer in reversed(attentions[: self.layer]):
                query = (query @ layer.mean(0) + query) / 2
            return query
        layer = attentions[self.layer - 1]
        return query @ (layer.mean(0) if self.head == "mean" else layer[int(self.head) - 1])

    @traitlets.validate("clip")
    def _validate_clip(self, proposal: dict[str, Any]) -> str:
        with trait_errors():
            return checks.one_of("clip", proposal["value"], tuple(self._clips))

    @traitlets.validate("guess")
    def _validate_guess(self, proposal: dict[str, Any]) -> str:
        with trait_errors():
            return checks.one_of("guess", proposal["value"], ("", *ACTIONS))

    @traitlets.validate("layer")
    def _validate_layer(self, proposal: dict[str, Any]) -> int:
        return setting("layer", proposal["value"], 1, network.LAYERS)

    @traitlets.validate("t", "y", "x")
    def _validate_place(self, proposal: dict[str, Any]) -> int:
        axis = proposal["trait"].name
        return setting(axis, proposal["value"], 0, network.GRID["tyx".index(axis)] - 1)

    @traitlets.validate("deleted")
    def _validate_deleted(self, proposal: dict[str, Any]) -> list[int]:
        deleted = proposal["value"]
        for token in deleted:
            setting("deleted", token, 0, network.TOKENS - 1)
        if len(set(deleted)) >= network.TOKENS:
            expected = f"at most {network.TOKENS - 1} tokens: one at least must be left"
            raise traitlets.TraitError(f"deleted: expected {expected}, got all of them")
        return sorted(set(deleted))


def _checked(clips: Mapping[str, NDArray[np.uint8]]) -> dict[str, NDArray[np.uint8]]:
    if not isinstance(clips, Mapping):
        expected = "clips by the class that is seen in each"
        raise TypeError(f"clips: expected {expected}, got {type(clips).__name__}")
    if not 1 <= len(clips) <= MAX_CLIPS:
        raise ValueError(f"clips: expected 1 to {MAX_CLIPS}, got {len(clips)}")
    for name, frames in clips.items():
        checks.one_of("name of a clip", name, tuple(ACTIONS))
        checks.frames(f"clips[{name!r}]", frames)
        size = network.SIZE_PX
        checks.shape(f"clips[{name!r}]", frames, f"{network.FRAMES} {size} {size} 3")
    return {name: frames.copy() for name, frames in clips.items()}


def _png(clips: list[NDArray[np.uint8]]) -> bytes:
    """No JPEG: the page's network must read the pixels that Python's reads."""
    rows = [np.concatenate(list(frames), axis=1) for frames in clips]
    file = io.BytesIO()
    Image.fromarray(np.concatenate(rows)).save(file, "PNG", optimize=True)
    return file.getvalue()


def _describe(names: list[str]) -> str:
    return (
        f"A small transformer, trained on puppets, that runs in this page. Clips: "
        f"{', '.join(names)}. A clip of 16 frames of 32 by 32 pixels is cut into 64 tokens: four "
        "moments of four frames, in each of them four by four places of eight by eight pixels. "
        "You choose one token, the query, one of six schemes of who may look at whom, one of four "
        "layers, and a head, the mean of the heads, or rollout. Three maps over the clip’s tokens "
        "are drawn side by side. Reach: the tokens that can influence the query through the layers "
        "so far; this depends on the scheme alone, not on the clip. Weights: how the query shares "
        "out its attention. Importance: how far the score of the class that the network names "
        "falls when one token is deleted; this depends on no query. Where weights are high, "
        "importance need not be. Bars show the share of each of the twelve classes. When tokens "
        "are deleted, or frames reversed, shuffled, or all made the first, the bars move at once; "
        "a tick on each bar keeps the answer to the whole clip as it was filmed."
    )

"""The mask: clips of which most patches are hidden, and what a trained network makes of the rest.

The reader chooses which patches are hidden (the same places in all frames, anywhere, whole frames)
and how many, and sees, moment by moment, what the encoder gets, what the network rebuilds, what a
copy of the nearest visible moment gives, and the true clip; with or without each hidden patch's
true mean and contrast, which no network was told. The network runs in Python, ahead; pictures and
the losses of the copy are worked out in the page, and ``tests/site/explorers/test_the_mask.py``
holds them equal to :mod:`lecturekit.models.masking`.

Masks and loss: Tong et al., "VideoMAE", NeurIPS 2022, Sec. 3.
"""

from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np
import torch
import traitlets
from einops import rearrange
from numpy.typing import NDArray

from lecturekit import checks
from lecturekit.explorers import Explorer, trait_errors
from lecturekit.explorers.kit.sheets import cut, jpeg_sheet
from lecturekit.explorers.the_mask import network
from lecturekit.models import masking

MAX_CLIPS = 3
FRAMES, SIZE_PX = network.CONFIG.frames, 32
GUESSES = ("none", *masking.MASKS)

GREY, PER_STD = 128, 40
"""A rebuilt number v is kept as the grey ``GREY + PER_STD * v``: what is within ±3.2 fits."""

_MAX_BYTES = 250_000
_MASK_SEED = 0


class TheMask(Explorer):
    """Hidden patches, and four ways to look at them.

    Args:
        clips: by name, 1 to 3 of uint8 RGB (16, 32, 32, 3). The first is shown first.
        label: accessible name.
        credit: the line to print under the pictures.
        settings: first values of ``kind``, ``share``, ``borrow``, ``guess``, ``revealed``.

    Raises:
        TypeError, ValueError: the clips are none of that kind, or a setting is unknown.
        traitlets.TraitError: a setting is none of the choices.

    Example:
        >>> noise = np.random.default_rng(0).integers(0, 256, (16, 32, 32, 3), dtype=np.uint8)
        >>> explorer = TheMask({"noise": noise}, kind="tube")
        >>> explorer.answers()["copy"] == explorer.answers()["flat"]  # a tube leaves no copy
        True
    """

    name: ClassVar[str] = "the_mask"

    names = traitlets.List(help="Of the clips.").tag(sync=True)
    films = traitlets.Bytes(help="RGB, clip by clip, frame by frame, row by row.").tag(sync=True)
    masks = traitlets.Bytes(help="1 where hidden: kind by kind, share by share.").tag(sync=True)
    rebuilt = traitlets.Bytes(help="First frames of rebuilt patches, a sheet.").tag(sync=True)
    columns = traitlets.Int(help="Pictures in a row of the sheet.").tag(sync=True)
    losses = traitlets.List(help="The network's, by clip, kind and share.").tag(sync=True)
    grid = traitlets.List(list(network.CONFIG.grid)).tag(sync=True)
    tubelet = traitlets.List(list(network.CONFIG.tubelet)).tag(sync=True)
    scale = traitlets.List([GREY, PER_STD]).tag(sync=True)
    kinds = traitlets.List(list(masking.MASKS)).tag(sync=True)
    shares = traitlets.List(list(network.SHARES)).tag(sync=True)
    credit = traitlets.Unicode().tag(sync=True)

    clip = traitlets.Unicode(help="Name of the clip.").tag(sync=True)
    kind = traitlets.Enum(masking.MASKS, "tube").tag(sync=True)
    share = traitlets.Enum(network.SHARES, 0.875, help="Of the patches.").tag(sync=True)
    borrow = traitlets.Bool(True, help="The true mean and contrast of hidden patches.").tag(
        sync=True
    )
    guess = traitlets.Enum(GUESSES, "none", help="Where a copy rebuilds worst.").tag(sync=True)
    revealed = traitlets.Bool(False, help="Whether the losses are shown.").tag(sync=True)

    def __init__(
        self,
        clips: Mapping[str, NDArray[np.uint8]],
        *,
        label: str = "The mask: hidden patches of a clip, rebuilt",
        credit: str = "",
        **settings: Any,
    ) -> None:
        if unknown := set(settings) - {"kind", "share", "borrow", "guess", "revealed"}:
            raise TypeError(f"TheMask has no argument {', '.join(sorted(unknown))}")
        checks.integer("number of clips", len(clips), 1, MAX_CLIPS)
        for name, frames in clips.items():
            checks.frames(f"clips[{name!r}]", frames)
            checks.shape(f"clips[{name!r}]", frames, f"{FRAMES} {SIZE_PX} {SIZE_PX} 3")
        self._pixels = torch.from_numpy(np.stack(list(clips.values()))).float() / 255
        self._pixels = rearrange(self._pixels, "b t h w c -> b c t h w")
        self._masks = {
            (kind, share): masking.make_mask(
                kind, 1, network.CONFIG.grid, share, torch.Generator().manual_seed(_MASK_SEED)
            )
            for kind in masking.MASKS
            for share in network.SHARES
        }
        pictures, losses = self._rebuild()
        sheet = jpeg_sheet("clips", pictures, max_bytes=_MAX_BYTES, best=90, full_colour=True)
        self._kept = cut(sheet, len(pictures), SIZE_PX, SIZE_PX)
        super().__init__(
            names=list(clips),
            films=b"".join(np.ascontiguousarray(frames).tobytes() for frames in clips.values()),
            masks=torch.cat(list(self._masks.values())).numpy().astype(np.uint8).tobytes(),
            rebuilt=sheet.jpeg,
            columns=sheet.columns,
            losses=losses,
            clip=next(iter(clips)),
            label=label,
            description=_DESCRIPTION,
            credit=credit,
            **settings,
        )

    @torch.inference_mode()
    def _rebuild(self) -> tuple[NDArray[np.uint8], list[list[list[float]]]]:
        """Of each clip, kind and share the moments' first frames as greys, and the loss."""
        config, model, number = network.CONFIG, network.load(), len(self._pixels)
        mean, std = (torch.tensor(of).view(1, 3, 1, 1, 1) for of in (config.mean, config.std))
        clips = (self._pixels - mean) / std
        pictures, losses = [], []
        for mask in self._masks.values():
            mask = mask.expand(number, -1)
            rebuilt = model.rebuild(clips, mask)
            errors = (rebuilt - model.targets(clips, mask)).square()
            losses.append(errors.mean((1, 2)).tolist())
            patches = torch.zeros(number, config.patches, config.numbers)
            patches[mask] = rebuilt.flatten(0, 1)
            shown = masking.clips_of(patches, config.grid, config.tubelet)
            pictures.append(shown[:, :, :: config.tubelet[0]])
        greys = torch.stack(pictures, 1).mul(PER_STD).add(GREY).round().clamp(0, 255)
        greys = rearrange(greys, "b m c t h w -> (b m t) h w c").to(torch.uint8).numpy()
        by_clip = np.array(losses).T.reshape(number, len(masking.MASKS), len(network.SHARES))
        return greys, by_clip.tolist()

    def answers(self) -> dict[str, float]:
        """Mean squared errors on the present hidden patches, in normalised pixels.

        Of the "network", of a "copy" of the nearest visible moment, and of "flat": saying 0.
        """
        mask, normalised, _, _ = self._hidden()
        truth = masking.take(normalised, mask)
        copy = masking.copied(normalised, mask, network.CONFIG.grid)
        at = (
            self.names.index(self.clip),
            masking.MASKS.index(self.kind),
            network.SHARES.index(self.share),
        )
        return {
            "network": self.losses[at[0]][at[1]][at[2]],
            "copy": (copy - truth).square().mean().item(),
            "flat": truth.square().mean().item(),
        }

    def pictures(self) -> dict[str, NDArray[np.float32]]:
        """What the rows "rebuilt" and "copied" show: the moments' first frames, (8, 32, 32, 3).

        Values from 0 to 1, not cut off there. Rebuilt numbers are as the page has them.
        """
        config, number = network.CONFIG, len(self._masks)
        mask, normalised, _, _ = self._hidden()
        which = self.names.index(self.clip) * number + list(self._masks).index(
            (self.kind, self.share)
        )
        moments = config.grid[0]
        kept = self._kept[which * moments : (which + 1) * moments].astype(np.float32)
        # The page has the first frame of each patch alone: here it stands for all of them.
        values = torch.from_numpy((kept - GREY) / PER_STD).repeat_interleave(config.tubelet[0], 0)
        rebuilt = masking.patches_of(rearrange(values, "t h w c -> 1 c t h w"), config.tubelet)
        pixels = self._pixels[self.names.index(self.clip)][None]
        rows = {
            "rebuilt": masking.take(rebuilt, mask),
            "copied": masking.copied(normalised, mask, config.grid),
        }
        return {
            name: rearrange(
                masking.fill(pixels, mask, row, config.tubelet, borrow=self.borrow),
                "1 c t h w -> t h w c",
            )[:: config.tubelet[0]].numpy()
            for name, row in rows.items()
        }

    def _hidden(self) -> tuple[torch.Tensor, ...]:
        """The present mask (1, N), and the clip's patches: normalised, their mean, their std."""
        pixels = self._pixels[self.names.index(self.clip)][None]
        patches = masking.patches_of(pixels, network.CONFIG.tubelet)
        return self._masks[self.kind, self.share], *masking.normalise(patches)

    @traitlets.validate("clip")
    def _validate_clip(self, proposal: dict[str, Any]) -> str:
        with trait_errors():
            return checks.one_of("clip", proposal["value"], tuple(self.names))


_DESCRIPTION = (
    "A clip of 16 frames is cut into patches of 2 frames by 8 by 8 pixels: 8 moments of 4 by 4 "
    "places. Four rows of eight pictures show, from the first moment to the last, what the encoder "
    "sees, with hidden patches crossed out; the clip with its hidden patches rebuilt by the "
    "network; with its hidden patches copied from the nearest visible moment at the same place; "
    "and the true clip. Hidden are the same places in all frames (tube), patches anywhere "
    "(random), or whole moments (frames). Both rebuilt rows are in normalised pixels: they say "
    "where a patch is lighter than its own mean, not how light it is. With a box ticked each "
    "hidden patch gets its true mean and contrast, which nobody told the network; without, all "
    "get those of the visible pixels. After a guess, bars show the mean squared error on hidden "
    "patches of the network, of the copy, and of saying 0 everywhere. Under a tube nothing can be "
    "copied, and a copy is as bad as saying 0; under random and frame masks it is better."
)

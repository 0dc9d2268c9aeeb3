"""Clips as patches, some of them hidden: what masked pretraining cuts, draws and puts together.

Words: a patch is a box of a few frames, rows and columns (a tubelet). A *grid* is how many there
are in time, rows and columns, N in all, those of the first frames first ("time-major"). A patch's
*numbers* are its pixels, frame by frame, row by row, the three colours of a pixel side by side. A
*mask* is bool ``(B, N)``, True where a patch is hidden; each clip of a batch hides equally many.
"""

import torch
from einops import rearrange, repeat

from lecturekit import checks
from lecturekit.models.attention import Grid

MASKS = ("tube", "random", "frames")
"""The same places in all frames; anywhere; whole frames."""


def make_mask(
    kind: str, batch: int, grid: Grid, share: float, generator: torch.Generator
) -> torch.Tensor:
    """Draw which patches are hidden.

    Args:
        kind: one of ``MASKS``.
        batch: how many clips; each has a mask of its own.
        grid: patches in time, rows and columns.
        share: of the patches that are hidden, as near as whole places ("tube"), patches
            ("random") or steps in time ("frames") come: the same number in each clip.
        generator: of the draw; the mask lies on its device.

    Returns:
        bool ``(batch, N)``, True where hidden.

    >>> mask = make_mask("tube", 2, (8, 4, 4), 0.9, torch.Generator().manual_seed(0))
    >>> mask.sum(1).tolist(), mask.view(2, 8, 16)[0, 0].equal(mask.view(2, 8, 16)[0, 7])
    ([112, 112], True)
    """
    checks.one_of("kind", kind, MASKS)
    checks.integer("batch", batch, 1)
    steps, rows, columns = checks.integers("grid", grid, 1)
    choices = {"tube": rows * columns, "random": steps * rows * columns, "frames": steps}[kind]
    hidden = round(choices * checks.number("share", share, 0))
    if not 0 < hidden < choices:
        raise ValueError(
            f"share: expected one that hides 1 to {choices - 1} of {choices} "
            f"({kind!r} over a grid of {steps} × {rows} × {columns}), got {share}: {hidden}"
        )
    draw = torch.rand(batch, choices, generator=generator, device=generator.device)
    # The places of the smallest numbers: exactly so many in each row.
    chosen = torch.zeros(batch, choices, dtype=torch.bool, device=generator.device)
    chosen.scatter_(1, draw.argsort(1)[:, :hidden], True)
    pattern = {"tube": "b p -> b (t p)", "random": "b n -> b n", "frames": "b t -> b (t p)"}[kind]
    repeats = {"tube": {"t": steps}, "random": {}, "frames": {"p": rows * columns}}[kind]
    return repeat(chosen, pattern, **repeats)


def checked(mask: torch.Tensor, tokens: torch.Tensor) -> torch.Tensor:
    """A mask for tokens ``(B, N, …)``, on their device."""
    expected = tuple(tokens.shape[:2])
    if mask.dtype != torch.bool or tuple(mask.shape) != expected:
        raise ValueError(
            f"mask: expected bool {expected}, one for each patch of each clip, got "
            f"{str(mask.dtype).removeprefix('torch.')} {tuple(mask.shape)}"
        )
    counts = mask.sum(1).tolist()
    if len(set(counts)) > 1:
        raise ValueError(f"mask: expected equally many hidden in each clip, got {counts}")
    if counts[0] in (0, expected[1]):
        raise ValueError(f"mask: expected hidden and visible patches, got {counts[0]} hidden")
    return mask.to(tokens.device)


def take(x: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
    """Of ``(B, N, D)``, what a mask with equally many True in each row points at, in its order."""
    return x[mask].view(len(x), -1, x.shape[-1])


def patches_of(clips: torch.Tensor, tubelet: Grid) -> torch.Tensor:
    """Cut clips ``(B, 3, T, H, W)`` into patches ``(B, N, numbers)``."""
    t, h, w = tubelet
    return rearrange(clips, "b c (t pt) (h ph) (w pw) -> b (t h w) (pt ph pw c)", pt=t, ph=h, pw=w)


def clips_of(patches: torch.Tensor, grid: Grid, tubelet: Grid) -> torch.Tensor:
    """Put patches ``(B, N, numbers)`` together again: ``(B, 3, T, H, W)``."""
    sizes = dict(zip(("t", "h", "w", "pt", "ph", "pw"), grid + tubelet, strict=True))
    return rearrange(patches, "b (t h w) (pt ph pw c) -> b c (t pt) (h ph) (w pw)", **sizes)


def normalise(patches: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Each patch by itself, per channel: minus its mean, over its standard deviation.

    Args:
        patches: ``(…, numbers)``.

    Returns:
        The normalised patches, and the mean and the standard deviation taken out, ``(…, 3)``. As
        in the original, that is the unbiased one plus 1e-6, which keeps a flat patch finite.
    """
    pixels = _pixels(patches)
    mean, std = pixels.mean(-2), pixels.std(-2) + 1e-6
    return _numbers((pixels - mean[..., None, :]) / std[..., None, :]), mean, std


def denormalise(patches: torch.Tensor, mean: torch.Tensor, std: torch.Tensor) -> torch.Tensor:
    """What `normalise` undid: times the standard deviation, plus the mean."""
    return _numbers(_pixels(patches) * std[..., None, :] + mean[..., None, :])


def fill(
    pixels: torch.Tensor, mask: torch.Tensor, rebuilt: torch.Tensor, tubelet: Grid, *, borrow: bool
) -> torch.Tensor:
    """Clips with their hidden patches rebuilt, to be looked at.

    A rebuilt patch is in normalised pixels: it says where it is lighter than its own mean, not
    how light it is. The usual picture *borrows* the mean and the standard deviation of the true
    patch, which the network never saw, and looks better than the network is.

    Args:
        pixels: the true clips, between 0 and 1, ``(B, 3, T, H, W)``.
        mask: ``(B, N)``.
        rebuilt: ``(B, hidden, numbers)``, normalised.
        tubelet: of a patch.
        borrow: whether from the true patches. If not, all get the mean and the standard
            deviation of their clip's visible pixels, per channel.

    Returns:
        ``(B, 3, T, H, W)``, not cut off at 0 and 1.
    """
    patches = patches_of(pixels, tubelet)
    mask = checked(mask, patches)
    if borrow:
        _, mean, std = normalise(take(patches, mask))
    else:
        _, mean, std = normalise(take(patches, ~mask).flatten(1)[:, None])
    filled = patches.clone()
    filled[mask] = denormalise(rebuilt, mean, std).flatten(0, 1).to(filled)
    grid = tuple(size // step for size, step in zip(pixels.shape[2:], tubelet, strict=True))
    return clips_of(filled, grid, tubelet)


def copied(patches: torch.Tensor, mask: torch.Tensor, grid: Grid) -> torch.Tensor:
    """Each hidden patch as its place looks at the nearest time when it is visible.

    What can be had without learning: masked pretraining has to do better.

    Args:
        patches: of all, ``(B, N, numbers)``.
        mask: ``(B, N)``, True where hidden.
        grid: patches in time, rows and columns.

    Returns:
        ``(B, hidden, numbers)``. Of two times as near it is the earlier one; where a place is
        hidden all the time, 0.
    """
    mask = checked(mask, patches)
    visible = rearrange(~mask, "b (t p) -> b t p", t=grid[0])
    of_place = rearrange(patches, "b (t p) n -> b t p n", t=grid[0])
    times = torch.arange(grid[0], device=patches.device)
    # Twice the distance, and one more for the later of two times as near.
    far = 2 * (times[:, None] - times).abs() + (times > times[:, None])
    never = 2 * grid[0]
    far = far[None, :, :, None].where(visible[:, None], never)  # b, this time, that time, place
    nearest, when = far.min(2)
    found = of_place.gather(1, when[..., None].expand(-1, -1, -1, patches.shape[-1]))
    found = found * (nearest < never)[..., None]
    return take(found.flatten(1, 2), mask)


def _pixels(patches: torch.Tensor) -> torch.Tensor:
    return rearrange(patches, "... (p c) -> ... p c", c=3)


def _numbers(pixels: torch.Tensor) -> torch.Tensor:
    return rearrange(pixels, "... p c -> ... (p c)")

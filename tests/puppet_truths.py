"""What must hold of every puppet film, for the tests of films of any kind."""

from dataclasses import replace

import numpy as np

from lecturekit import puppets
from lecturekit.puppets import figure


def _extent(mask):
    rows, columns = np.flatnonzero(mask.any(1)), np.flatnonzero(mask.any(0))
    return [columns[0], rows[0], columns[-1] + 1, rows[-1] + 1]


def figures(film):
    """Boxes are the masks' extent; nothing of either figure hides behind the other."""
    for masks, boxes in zip(film.figures, film.boxes, strict=True):
        assert [_extent(mask) for mask in masks] == boxes.tolist()
    size = film.frames.shape[1]
    stage, parts = film.scene
    for person in range(len(film.shirts)):
        alone = replace(parts, seen=parts.seen & (parts.whose == person))
        assert np.array_equal(
            film.figures[:, person], puppets.true_masks(stage, alone, size)[:, person]
        )
    assert np.array_equal(film.figure, film.figures.any(1))
    assert np.array_equal(film.figure, puppets.true_flow(stage, parts, size)[1])
    if len(film.shirts) == 2:
        assert (film.boxes[:, 0, 2] <= film.boxes[:, 1, 0]).all()


def inside(film):
    """The edge of the frame may cut off an arm, or a bit of an umbrella: never more than 5 %."""
    _, parts = film.scene
    seen = parts.seen & parts.body
    ends = parts.ends.real[seen]
    reach = np.broadcast_to(parts.radii, parts.ends.shape)[seen]
    assert (ends - reach).min() > -0.05
    assert (ends + reach).max() < 1.05


def shirts(film):
    """The pixels of each figure show its own shirt's colour, and of other shirts next to none."""
    assert len(set(film.shirts)) == 2
    for person, name in enumerate(film.shirts):
        pixels = film.frames[film.figures[:, person]]
        shown = {
            other: int((pixels == colour).all(-1).sum()) for other, colour in figure.SHIRTS.items()
        }
        own = shown.pop(name)
        assert own > 8 * len(film.frames)
        assert own > 20 * max(shown.values())

"""Untrimmed films and made-up scores of sliding windows over them: no network, always the same."""

from functools import cache

import numpy as np

from lecturekit import puppets

CLASSES = ("hold a balloon", "walk left", "walk right", "wave slowly", "wave fast")
WINDOWS = (8, 13, 20)


@cache
def films():
    """Six films of two lengths, 96 and 72 frames."""
    options = {"size": 32, "actions": CLASSES}
    long = puppets.untrimmed_films("test", 4, seconds=12.0, seed=1, **options)
    return (*long, *puppets.untrimmed_films("test", 2, seconds=9.0, seed=2, **options))


@cache
def scores(windows=WINDOWS, noise=0.25, seed=0):
    """By window, for each film: the share of a window in which an action happens, and noise.

    An action gives its partner, the next class, a third of its score: some find the wrong class.
    """
    rng = np.random.default_rng(seed)
    tables = {}
    for window in windows:
        tables[window] = []
        for film in films():
            during = np.zeros((len(film.frames), len(CLASSES)))
            for segment in film.segments:
                during[segment.start_frames : segment.stop_frames, index(segment.action)] = 1
            views = np.lib.stride_tricks.sliding_window_view(during, window, 0)
            share = views.mean(-1) + np.roll(views.mean(-1), 1, 1) / 3
            rough = rng.normal(0, noise, share.shape)
            # Neighbouring windows see almost the same: their errors are alike.
            smooth = np.stack([np.convolve(each, np.ones(5) / 5, "same") for each in rough.T], 1)
            tables[window].append(np.clip(share + 1.5 * smooth, 0, 1))
    return tables


def index(action):
    return CLASSES.index(action)

"""Chapter 11's numbers over several seeds: what moves them, and when they mislead.

Six parts, with the chapter's settings:

    points    one network's answers, counted in many ways: views, logits or probabilities, rules of
              AP, films lost at random and by class
    captions  the same answers as sentences: CIDEr and BLEU of all films, of fewer, of one
    seeds     how far a test's films move a number, and how far a training's seed does
    leaks     clips of one film on both sides of a split, against films on one side
    shortcut  a background for each class in training; then the puppet taken out, and the
              backgrounds exchanged
    still     clips that show one frame all the time: what the labels ask beside it

A row of differences is taken seed by seed. A seed sets the first weights, the order of the clips
and the places that they are cut from; of leaks and shortcuts the films and backgrounds, too.
"""

from by_cue import run_parts
from protocol_parts import captions, leaks, points, seeds, shortcut, still

PARTS = {
    "points": points.show,
    "captions": captions.show,
    "seeds": seeds.show,
    "leaks": leaks.show,
    "shortcut": shortcut.show,
    "still": still.show,
}

if __name__ == "__main__":
    run_parts(__doc__, PARTS)

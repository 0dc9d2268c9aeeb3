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

import argparse
import time

from protocol_parts import captions, leaks, points, seeds, shortcut, still

PARTS = {
    "points": points.show,
    "captions": captions.show,
    "seeds": seeds.show,
    "leaks": leaks.show,
    "shortcut": shortcut.show,
    "still": still.show,
}


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--part", choices=tuple(PARTS), help="one part; all unless told")
    parser.add_argument("--seeds", type=int, default=5)
    given = parser.parse_args()
    for name in [given.part] if given.part else PARTS:
        start = time.perf_counter()
        print(f"\n{name}", flush=True)
        PARTS[name](given.seeds)
        print(f"\n{name}: {time.perf_counter() - start:.0f} s")


if __name__ == "__main__":
    main()

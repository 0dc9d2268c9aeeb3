"""The puppet world: a video data set that needs no download and whose every label is exact.

Puppets act over backgrounds cut from real footage. The classes come in pairs, and one cue tells
the two of a pair apart, and nothing else does:

    appearance   hold a balloon / hold an umbrella      what is held
    direction    walk left / walk right                 each is the other played in reverse:
                 sit down / stand up                    the same frames, in reverse order
    speed        wave slowly / wave fast                the same poses, one cycle or several
                 walk / run                             (on a treadmill)
    order        jump then wave / wave then jump        the same two parts, in either order

So a network's accuracy, read by cue, says what it can and cannot see. `PuppetClips` gives short
labelled clips, `puppet_video` long films of one puppet or two, with segments, boxes, captions and
the true flow. `untrimmed_films` and `duets` are lists of such films, made at random: to find what
happens when, and who does what. `labels_after` says which class a clip shows once it is reversed,
mirrored or changed otherwise.
"""

from .changed import labels_after
from .clips import ACTIONS, CUES, MEAN, STD, PuppetClips, clip_tensor, perform
from .film import PuppetVideo, Segment, puppet_video
from .stage import credits, render, true_flow, true_masks
from .tasks import UNTRIMMED, duets, untrimmed_films

__all__ = [
    "ACTIONS",
    "CUES",
    "MEAN",
    "STD",
    "UNTRIMMED",
    "PuppetClips",
    "PuppetVideo",
    "Segment",
    "clip_tensor",
    "credits",
    "duets",
    "labels_after",
    "perform",
    "puppet_video",
    "render",
    "true_flow",
    "true_masks",
    "untrimmed_films",
]

"""What a classifier of clips cannot see: change the clips, and ask it again.

Six interventions, each takes away or exchanges one thing:

    reverse            the last frame first                which way time runs
    shuffle            the frames in a random order        all of their order
    freeze             one frame, T times                  all motion
    double speed       every second frame, then the rest   the pace
    mirror             left and right exchanged            which side is which
    blank background   all but the figures in one colour   the place

:func:`report` runs a network on the clips as they are and on each changed version. Where its scores
stay the same but for rounding, these clips show no sign that it sees what was taken away. A network
that must be blind, such as an average over frames under a shuffle, is always found so; a network
found so on some clips may still see it on others.

A video reversed, to ask whether a network knows which way time runs: Ghodrati et al., BMVC 2018.
Shuffled, to take away nothing but time (there from people): Sevilla-Lara et al., WACV 2021. The
middle frame repeated: Huang et al., CVPR 2018, who warn that no network was trained on still clips,
so what is lost on them overstates what motion was worth. That holds of every intervention here that
makes clips which no camera makes.
"""

from .asking import report
from .interventions import INTERVENTIONS, frame_order, intervene
from .reporting import AS_THEY_ARE, Report

__all__ = ["AS_THEY_ARE", "INTERVENTIONS", "Report", "frame_order", "intervene", "report"]

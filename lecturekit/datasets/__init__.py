"""The published data sets' own files, read as they are, and the clips that they list.

    reader          its file                              one record for each
    ucf101          trainlist01.txt, testlist01.txt       film
    kinetics        kinetics-400_val.csv …                film (cut from a longer one)
    something_v2    labels.json, train.json …             film
    ava             ava_train_v2.2.csv …                  film and labelled second, with boxes
    charades        Charades_v1_train.csv …               labelled segment of a film
    activitynet     activity_net.v1-3.min.json            labelled segment of a film

Each gives :class:`Records`: a list of :class:`Record` in the file's order, of those films that are
there, and in ``missing`` the films that are not. `ClipDataset` makes clips of any of them.
"""

from .clips import CenterClip, ClipDataset, RandomClip, unit_clip
from .loader import ClipLoader
from .records import Record, Records
from .segments import activitynet, ava, charades
from .trimmed import kinetics, something_v2, ucf101

__all__ = [
    "CenterClip",
    "ClipDataset",
    "ClipLoader",
    "RandomClip",
    "Record",
    "Records",
    "activitynet",
    "ava",
    "charades",
    "kinetics",
    "something_v2",
    "ucf101",
    "unit_clip",
]

"""R3D-18 and R(2+1)D-18 against torchvision's: same weights, one run, 1 x 3 x 16 x 112 x 112.

Time: forward and backward, the two libraries in turn, medians. Memory: the peak of a process that
does three such steps, less that of one that only builds the network (Linux).
"""

import argparse
import re
import statistics
import subprocess
import sys
from functools import partial
from pathlib import Path

import torch
from side_by_side import medians, step
from torch import nn

from lecturekit.models import convnets

NAMES = ("r3d_18", "r2plus1d_18")
SHAPE = (1, 3, 16, 112, 112)


def build(library: str, name: str) -> nn.Module:
    if library == "ours":
        return getattr(convnets, name)()
    import torchvision.models.video as peers

    return getattr(peers, name)()


def peak_mib(library: str, name: str, steps: int) -> float:
    """Of a fresh process: this file, called with --child."""
    command = [sys.executable, __file__, "--child", library, name, str(steps)]
    return float(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def child(library: str, name: str, steps: str) -> None:
    # In both processes: what the import leaves free would be reused by the steps of one only.
    import torchvision.models.video  # noqa: F401

    torch.manual_seed(0)
    model = build(library, name).train()
    x = torch.randn(SHAPE)
    for _ in range(int(steps)):
        step(model, x)
    # Not getrusage: Linux hands a child the peak of the process that started it.
    status = Path("/proc/self/status").read_text()
    print(int(re.search(r"VmHWM:\s+(\d+) kB", status)[1]) / 1024)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeats", type=int, default=9)
    parser.add_argument("--child", nargs=3, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.child:
        return child(*options.child)
    try:
        import torchvision
    except ImportError:
        print("torchvision is not installed: nothing to compare with")
        return None
    print(f"torch {torch.__version__}, torchvision {torchvision.__version__}")
    print(f"{'':12s} {'ours':>9s} {'theirs':>9s} {'ratio':>6s}")
    for name in NAMES:
        models = {"theirs": build("theirs", name).train(), "ours": build("ours", name).train()}
        models["ours"].load_state_dict(models["theirs"].state_dict(), strict=True)
        x = torch.randn(SHAPE)
        outputs = [step(model, x) for model in models.values()]
        assert torch.allclose(*outputs, atol=1e-4), "the two disagree"
        steps = {library: partial(step, model, x) for library, model in models.items()}
        taken = medians(steps, options.repeats)
        ours, theirs = taken["ours"], taken["theirs"]
        print(f"{name:12s} {ours:7.2f} s {theirs:7.2f} s {ours / theirs:6.2f}")
        peaks = {"ours": [], "theirs": []}
        for _ in range(5):  # one peak differs from the next by up to a tenth
            for library, found in peaks.items():
                found.append(peak_mib(library, name, 3) - peak_mib(library, name, 0))
        mib = {library: statistics.median(found) for library, found in peaks.items()}
        ratio = mib["ours"] / mib["theirs"]
        print(f"{'':12s} {mib['ours']:5.0f} MiB {mib['theirs']:5.0f} MiB {ratio:6.2f}")
    return None


if __name__ == "__main__":
    main()

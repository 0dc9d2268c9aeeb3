"""How long the published networks take for a clip on a GPU, by itself and eight at a time.

``python benchmarks/published_gpu.py`` prints milliseconds a clip of each network in
``models.PUBLISHED``: forward passes in evaluation mode, in float32 as torch has it unless told (its
convolutions may use TF32) and in bfloat16, the median of ten after three that warm up; and the rank
of each by multiply–adds beside that by time. Half a minute. ``--store FILE`` keeps them as JSON.
"""

import argparse
import datetime
import json
import statistics
from pathlib import Path

import torch
from published import macs, ready

from lecturekit.models import PUBLISHED

WARM_UP, REPEATS = 3, 10
WAYS = {"one": (1, False), "eight": (8, False), "eight, bfloat16": (8, True)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--store", type=Path, help="keep the result in this file")
    store = parser.parse_args().store
    if not torch.cuda.is_available():
        print("no GPU is at hand: nothing is timed")
        return
    torch.backends.cudnn.benchmark = True
    measured = {}
    print(f"{'ms a clip':36}" + "".join(f"{way:>18}" for way in WAYS))
    for name, one in PUBLISHED.items():
        model, inputs = ready(one)
        model, inputs = model.cuda(), [x.cuda() for x in inputs]
        times = {way: milliseconds(model, inputs, *how) for way, how in WAYS.items()}
        measured[name] = {"macs": macs(one), "ms": times}
        print(f"{name:36}" + "".join(f"{ms:18.2f}" for ms in times.values()), flush=True)
        del model
    print(f"{'rank by':36}{'multiply–adds':>18}" + "".join(f"{way:>18}" for way in WAYS))
    columns = [[m["macs"] for m in measured.values()]]
    columns += [[m["ms"][way] for m in measured.values()] for way in WAYS]
    ranks = [[sorted(column).index(value) + 1 for value in column] for column in columns]
    for name, *places in zip(measured, *ranks, strict=True):
        print(f"{name:36}" + "".join(f"{place:18d}" for place in places))
    if store:
        found = {
            "date": datetime.date.today().isoformat(),
            "device": torch.cuda.get_device_name(),
            "torch": torch.__version__,
            "models": measured,
        }
        store.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")


@torch.inference_mode()
def milliseconds(
    model: torch.nn.Module, inputs: list[torch.Tensor], batch: int, bfloat16: bool
) -> float:
    """Of one clip in a batch of so many."""
    inputs = [x.expand(batch, *x.shape[1:]).contiguous() for x in inputs]
    times = []
    with torch.autocast("cuda", torch.bfloat16, enabled=bfloat16):
        for _ in range(WARM_UP + REPEATS):
            start, stop = (torch.cuda.Event(enable_timing=True) for _ in range(2))
            start.record()
            model(*inputs)
            stop.record()
            stop.synchronize()
            times.append(start.elapsed_time(stop) / batch)
    return round(statistics.median(times[WARM_UP:]), 3)


if __name__ == "__main__":
    main()

"""How long the published networks take for one input, on one core.

``python benchmarks/published.py`` prints seconds and multiply–adds a second of each network in
``models.PUBLISHED``: one forward pass, float32, evaluation mode. Seconds are the processor's time
of one thread, which a busy machine changes little. Two to three minutes in all.

``--store`` keeps them in ``book/model_seconds.json``, with the day and the machine, for the page of
models.
"""

import argparse
import datetime
import json
import platform
import time
from pathlib import Path

import torch

from lecturekit import ops
from lecturekit.models import PUBLISHED, Published

FILE = Path(__file__).resolve().parents[1] / "book" / "model_seconds.json"
# A pass that is shorter than this is done twice more, as the first one also fills caches.
SHORT_SEC = 2.0


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--store", action="store_true", help=f"keep the result in {FILE.name}")
    store = parser.parse_args().store
    torch.set_num_threads(1)
    # Deep networks of equal weights run into the smallest numbers there are, which are slow.
    torch.set_flush_denormal(True)
    measured = {}
    for name, one in PUBLISHED.items():
        model, inputs = ready(one)
        measured[name] = {
            "seconds": round(seconds(model, inputs), 3),
            "macs": macs(one),
        }
        rate = measured[name]["macs"] / measured[name]["seconds"] / 1e9
        print(f"{name:36}{measured[name]['seconds']:8.2f} s{rate:8.1f} G multiply–adds a second")
    if store:
        found = {
            "date": datetime.date.today().isoformat(),
            "processor": processor(),
            "torch": torch.__version__.partition("+")[0],
            "models": measured,
        }
        FILE.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")


def ready(one: Published) -> tuple[torch.nn.Module, list[torch.Tensor]]:
    """A network with weights that are quick to make, since a processor takes as long for any."""
    with torch.device("meta"):
        model = one.make().eval()
    model = model.to_empty(device="cpu")
    for values in [*model.parameters(), *model.buffers()]:
        values.data.fill_(0.01) if values.is_floating_point() else values.data.zero_()
    return model, [torch.rand(1, *shape) for shape in one.inputs]


def macs(one: Published) -> int:
    with torch.device("meta"):
        return ops.count_macs(one.make().eval(), *(torch.zeros(1, *s) for s in one.inputs))


@torch.inference_mode()
def seconds(model: torch.nn.Module, inputs: list[torch.Tensor]) -> float:
    """The shortest of up to three passes."""
    best = float("inf")
    for _ in range(3):
        start = time.thread_time()
        model(*inputs)
        best = min(best, time.thread_time() - start)
        if best > SHORT_SEC:
            break
    return best


def processor() -> str:
    """The processor's name, as far as the machine tells it."""
    cpuinfo = Path("/proc/cpuinfo")
    lines = cpuinfo.read_text(encoding="utf-8").splitlines() if cpuinfo.is_file() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or platform.machine()


if __name__ == "__main__":
    main()

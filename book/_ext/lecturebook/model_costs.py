"""What the published networks cost: counted when the book is built, and kept until code changes.

``python model_costs.py FILE`` counts all of them and writes the file. The book's build does that in
a process of its own, so that no network stays in its memory. How long they take is measured apart,
by ``benchmarks/published.py``, which keeps its result in ``book/model_seconds.json``.
"""

import hashlib
import importlib.metadata
import json
import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

COUNTS = Path("_build", "cost", "models.json")
SECONDS = Path("book", "model_seconds.json")
CLASSES = 12  # of the puppets


def counted(root: Path) -> dict[str, dict[str, Any]]:
    """The counts, as `count` gives them, made now unless they are kept.

    Raises:
        subprocess.CalledProcessError: a network could not be counted.
    """
    file = root / COUNTS
    if file.is_file():
        found = json.loads(file.read_text(encoding="utf-8"))
        if found["key"] == key(root):
            return found["models"]
    file.parent.mkdir(parents=True, exist_ok=True)
    environment = {**os.environ, "PYTHONPATH": str(root)}
    command = [sys.executable, __file__, str(file)]
    subprocess.run(command, env=environment, cwd=root, check=True)
    return json.loads(file.read_text(encoding="utf-8"))["models"]


def timed(root: Path) -> dict[str, Any]:
    """When, where and how long: what the benchmark kept."""
    return json.loads((root / SECONDS).read_text(encoding="utf-8"))


def key(root: Path) -> str:
    """Changes with the networks' code, with torch, and with what is counted here."""
    library = root / "lecturekit"
    digest = hashlib.sha256(importlib.metadata.version("torch").encode())
    for file in [Path(__file__), library / "ops.py", *sorted((library / "models").glob("*.py"))]:
        digest.update(file.read_bytes())
    return digest.hexdigest()[:16]


def count() -> dict[str, dict[str, Any]]:
    """Of every published network what its register says, and what is counted of it.

    Returns:
        "published" and "tiny", each by name.
    """
    from lecturekit.models import PUBLISHED, TINY, tiny

    published, small = {}, {}
    for name, one in PUBLISHED.items():
        module, parameters, macs = _counted(one.make, one.inputs)
        published[name] = {
            "title": one.title,
            "module": module,
            "parameters": parameters,
            "macs": macs,
            "inputs": one.inputs,
            "source": one.source,
            "facts": [one.parameters_fact, one.macs_fact],
            "norm_cost": one.norm_cost,
            "formats": one.formats,
        }
    clip, stack = (3, tiny.FRAMES, tiny.SIZE, tiny.SIZE), (2 * (tiny.FRAMES - 1), *[tiny.SIZE] * 2)
    for name, family in TINY.items():
        inputs = [clip, stack] if name == "two_streams" else [clip]
        _, parameters, macs = _counted(partial(family.make, CLASSES), inputs)
        small[name] = {
            "title": family.title,
            "chapter": family.chapter,
            "parameters": parameters,
            "macs": macs,
            "inputs": inputs,
        }
    return {"published": published, "tiny": small}


def _counted(make: Callable[[], Any], inputs: Sequence[Sequence[int]]) -> tuple[str, int, int]:
    """Module, parameters and multiply–adds of one input, without memory or time."""
    import torch

    from lecturekit import ops

    with torch.device("meta"):
        model = make().eval()
        macs = ops.count_macs(model, *(torch.zeros(1, *shape) for shape in inputs))
    return type(model).__module__, ops.count_parameters(model), macs


if __name__ == "__main__":
    found = {"key": key(Path.cwd()), "models": count()}
    Path(sys.argv[1]).write_text(json.dumps(found, indent=1), encoding="utf-8")

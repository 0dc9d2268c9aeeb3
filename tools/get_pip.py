"""Installs pip into the environment that runs this, where Python came without ensurepip."""

import runpy
import sys
import tempfile
import urllib.request
from pathlib import Path

_SOURCE = "https://bootstrap.pypa.io/get-pip.py"  # the pip project's own installer

with tempfile.TemporaryDirectory() as folder:
    script = Path(folder) / "get-pip.py"
    try:
        with urllib.request.urlopen(_SOURCE, timeout=60) as answer:
            script.write_bytes(answer.read())
    except OSError as error:
        sys.exit(f"could not fetch {_SOURCE}: {error}")
    sys.argv = ["get-pip.py", "--quiet"]
    runpy.run_path(str(script), run_name="__main__")

#!/bin/sh
# Compares every notebook's outputs (nbval) under Colab's versions of the packages that lecturekit
# needs, in an environment of its own. CUDA builds give way to the public release of that version.
set -eu
cd "$(dirname "$0")/.."
venv=_build/colab-venv
command -v python3.13 >/dev/null || {
    echo "colab-notebooks: needs Python 3.13, Colab's; install it (python3.13)" >&2
    exit 1
}
mkdir -p _build
pinned=$(mktemp)
trap 'rm -f "$pinned"' EXIT
grep == tests/colab_packages.txt | grep -v @ | sed 's/+.*//' >"$pinned"
python3.13 -m venv --clear "$venv"
"$venv/bin/pip" install --quiet --constraint "$pinned" \
    --extra-index-url https://download.pytorch.org/whl/cpu . ipykernel nbval pytest
"$venv/bin/pip" list | grep -Ei '^(torch|numpy|anywidget|ipywidgets|matplotlib) '
"$venv/bin/python" -m pytest -q --nbval --nbval-current-env notebooks

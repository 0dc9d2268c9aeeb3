"""The lock holds what pyproject asks for, and lecturekit leaves Colab as it found it."""

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
# The packages of Colab's GPU image, Python 3.13, as Colab publishes them
# (github.com/googlecolab/backend-info); the weekly workflow takes the newest.
COLAB = ROOT / "tests" / "colab_packages.txt"
COLAB_PYTHON = "3.13"


def uv(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "uv", *arguments], cwd=ROOT, capture_output=True, text=True
    )


def colab_versions() -> dict[str, str]:
    lines = COLAB.read_text(encoding="utf-8").splitlines()
    pinned = [line.split("==") for line in lines if "==" in line and "@" not in line]
    # Local builds (torch 2.11.0+cu128) are on no index: their public version stands for them.
    return {_canonical(name): version.split("+")[0].strip() for name, version in pinned}


def resolve_on_colab(folder: Path, pyproject: Path, colab: dict[str, str]) -> tuple[str, str]:
    """uv's resolution of a project beside Colab's packages: (output, error)."""
    constraints = folder / "colab.txt"
    constraints.write_text("".join(f"{name}=={version}\n" for name, version in colab.items()))
    config = folder / "uv.toml"
    # Colab's torch is its own CUDA build; PyPI's of the same version wants other CUDA packages.
    config.write_text(
        f'dependency-metadata = [{{ name = "torch", version = "{colab["torch"]}", '
        'requires-dist = ["filelock", "typing-extensions", "sympy", "networkx", "jinja2", '
        '"fsspec"] }]\n'
    )
    done = uv(
        *("pip", "compile", "--quiet", "--no-header", "--no-annotate"),
        *("--config-file", str(config), "--constraints", str(constraints)),
        *("--python-version", COLAB_PYTHON, "--python-platform", "x86_64-manylinux_2_35"),
        *("--only-binary", ":all:", str(pyproject)),
    )
    return done.stdout, done.stderr


@pytest.fixture(scope="module")
def colab() -> dict[str, str]:
    return colab_versions()


def test_installing_lecturekit_changes_no_package_of_colab(tmp_path, colab):
    resolved, error = resolve_on_colab(tmp_path, ROOT / "pyproject.toml", colab)
    assert resolved, error
    installed = dict(line.split(" ")[0].split("==") for line in resolved.splitlines())
    changed = {
        name: (colab[name], version)
        for name, version in installed.items()
        if name in colab and colab[name] != version.split("+")[0]
    }
    assert not changed
    assert {"torch", "numpy", "anywidget"} <= installed.keys()


def test_a_requirement_that_would_change_colab_is_found(tmp_path, colab):
    newer = tmp_path / "pyproject.toml"
    newer.write_text(
        '[project]\nname = "demanding"\nversion = "1"\ndependencies = ["numpy>=2.2"]\n'
    )
    resolved, error = resolve_on_colab(tmp_path, newer, colab)
    assert not resolved
    assert "numpy" in error


def locked() -> dict[str, str]:
    lines = (ROOT / "requirements.txt").read_text(encoding="utf-8").splitlines()
    return dict(line.split(";")[0].strip().split("==") for line in lines if "==" in line)


def test_the_lock_holds_every_direct_dependency():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = project["optional-dependencies"].values()
    direct = [*project["dependencies"], *(line for extra in extras for line in extra)]
    names = {_canonical(re.split(r"[<>=!~\[ ]", requirement)[0]) for requirement in direct}
    assert names <= {_canonical(name) for name in locked()}


def test_the_lock_is_what_pyproject_compiles_to(tmp_path):
    # Compiled with the lock as its preference, a lock that fits comes out as it went in.
    again = tmp_path / "requirements.txt"
    again.write_text((ROOT / "requirements.txt").read_text())
    done = uv(
        *("pip", "compile", "--quiet", "--universal", "--fork-strategy", "fewest"),
        *("--python-version", "3.11", "--all-extras", "--no-header", "--no-annotate"),
        *("pyproject.toml", "-o", str(again)),
    )
    assert done.returncode == 0, done.stderr
    assert again.read_text() == (ROOT / "requirements.txt").read_text(), "run make lock"


def test_the_lock_asks_for_no_cuda_and_names_no_host():
    text = (ROOT / "requirements.txt").read_text(encoding="utf-8")
    assert locked()["torch"] == "2.13.0"
    assert not re.search(r"nvidia|cuda|triton|://", text)


def test_each_direct_dependency_has_its_reason():
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    lines = re.findall(r'(?m)^    "[A-Za-z].*$', text)
    unexplained = [line for line in lines if re.match(r'\s+"[\w-]+[<>=]', line) and "#" not in line]
    # pytest and ruff are the tools that their own lines name.
    assert [line.split('"')[1].split(">")[0] for line in unexplained] == []


def _canonical(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()

"""The check of all notebooks on a GPU: what it says of them, and what of a machine without one."""

import base64
import hashlib
import json
import subprocess
import sys
import zipfile
from pathlib import Path

import nbformat
import numpy as np
import pytest
import torch

from lecturekit.evaluation import Evaluation
from lecturekit.training import Epoch, Result

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tools"))

import gpu_check  # noqa: E402

TRAINED = """
import numpy as np
from lecturekit.evaluation import Evaluation
asked = Evaluation(np.eye(4, dtype=np.float32), np.array([0, 1, 2, 2]), tuple("abcd"),
                   {"a": "near", "b": "near", "c": "far"})
models = {"first": asked, "again": asked}
"""


def evaluation(num_right: int = 2) -> Evaluation:
    labels = np.array([0] * num_right + [1] * (2 - num_right))
    return Evaluation(np.float32([[1, 0], [1, 0]]), labels, ("a", "b"), {"a": "near"})


def write(folder: Path, name: str, *cells: str) -> None:
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(c) for c in cells])
    nbformat.write(notebook, folder / f"{name}.ipynb")


@pytest.fixture
def house(tmp_path, monkeypatch):
    """A tool that finds its notebooks and leaves its files in a folder of the test's."""
    for name in ("notebooks", "build"):
        (tmp_path / name).mkdir()
    monkeypatch.setattr(gpu_check, "NOTEBOOKS", tmp_path / "notebooks")
    monkeypatch.setattr(gpu_check, "BUILD", tmp_path / "build")
    return tmp_path


@pytest.fixture
def no_gpu(monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)


def test_without_a_gpu_it_says_so_and_fails(house, no_gpu, capsys):
    assert gpu_check.main([]) == 1
    (line,) = capsys.readouterr().out.splitlines()
    assert line.startswith("gpu-check: no GPU is at hand")
    assert not (house / "build" / "gpu_check.json").exists()


def test_on_the_cpu_where_allowed_times_and_accuracies_are_told(house, no_gpu, capsys):
    write(house / "notebooks", "01_still", "print(1)")
    write(house / "notebooks", "02_trained", TRAINED)
    assert gpu_check.main(["--allow-cpu", "--chapters", "2"]) == 0
    out = capsys.readouterr().out
    assert "  asked  all 0.75 · near 1.00 · far 0.50\n" in out
    assert "01_still" not in out
    assert out.splitlines()[-1] == ("gpu-check: 1 of 1 runs passed on the CPU: no GPU is at hand")
    (run,) = json.loads((house / "build" / "gpu_check.json").read_text())["runs"]
    assert run["models"] == {"asked": {"all": 0.75, "near": 1.0, "far": 0.5}}
    assert run["budget"] == "cpu"
    assert run["seconds"] > 0
    assert run["peak_gpu_mb"] is None


def test_what_fails_is_named_and_the_rest_runs(house, no_gpu, capsys):
    """A failed claim does not hide the next one; an error ends its notebook, not the others'."""
    claims = ("x = 1", "assert x > 2, 'too small\\nby one'", "assert (x >\n        3)", "y = x")
    write(house / "notebooks", "01_claims", *claims, TRAINED)
    write(house / "notebooks", "02_error", "import nothing_of_this_name", "assert False")
    write(house / "notebooks", "03_dead", "import os\nos._exit(3)")
    write(house / "notebooks", "04_fine", "print('fine')")
    assert gpu_check.main(["--allow-cpu"]) == 1
    out = capsys.readouterr().out
    runs = json.loads((house / "build" / "gpu_check.json").read_text())["runs"]
    claims, error, dead, fine = (run["errors"] for run in runs)
    assert claims == [
        "cell 1: AssertionError: too small",
        "cell 2: AssertionError: assert (x >",
    ]
    assert runs[0]["models"]["asked"]["all"] == 0.75
    assert error == ["cell 0: ModuleNotFoundError: No module named 'nothing_of_this_name'"]
    assert "DeadKernelError" in dead[0]
    assert fine == []
    assert "failed, 01_claims, CPU budget: cell 1: AssertionError: too small" in out
    last = out.splitlines()[-1]
    assert "1 of 4 runs passed" in last
    for name in ("01_claims", "02_error", "03_dead"):
        assert f"{name} (CPU budget)" in last
    assert "fine" in (house / "build" / "gpu_check" / "04_fine_cpu.ipynb").read_text()


def test_with_a_gpu_both_budgets_run_the_gpu_hidden_for_the_cpu_one(house, monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "get_device_name", lambda: "a GPU")
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "0")
    seen = []
    monkeypatch.setattr(
        gpu_check, "run", lambda path, budget: seen.append(budget) or gpu_check.Run("01", budget)
    )
    write(house / "notebooks", "01_still", "print(1)")
    assert gpu_check.main([]) == 0
    assert seen == ["gpu", "cpu"]
    assert gpu_check._kernel_environment("gpu")["CUDA_VISIBLE_DEVICES"] == "0"
    assert gpu_check._kernel_environment("cpu")["CUDA_VISIBLE_DEVICES"] == ""


def test_the_table_has_both_budgets_and_the_peak_side_by_side():
    runs = [
        gpu_check.Run("03_fusion", "gpu", 201.0, 1234.5, {"late": {"all": 0.5, "order": 0.25}}),
        gpu_check.Run("03_fusion", "cpu", 60.04, None),
    ]
    head, row, *rest = gpu_check.table(runs).splitlines()
    assert head.split() == ["chapter", "CPU", "budget", "GPU", "budget", "GPU", "memory"]
    assert row.split() == ["03_fusion", "60.0", "s", "201.0", "s", "1,234", "MB"]
    assert rest == ["", "accuracy, 03_fusion, GPU budget", "  late  all 0.50 · order 0.25"]


def test_the_report_finds_each_test_once_wherever_it_stands():
    first, second, third = evaluation(0), evaluation(1), evaluation(2)
    result = Result((Epoch(1.0, 0.5, 0.1),), second, 1.0, 10.0)
    loop = []
    loop.append(loop)
    namespace = {
        "results": {"late": result},
        "tests": [third, first],
        "last": first,
        "untested": Result((), None, 1.0, 10.0),
        "loop": loop,
        "_hidden": evaluation(),
        "Out": {1: evaluation()},
    }
    models = json.loads(gpu_check.report(namespace))["models"]
    assert models == {
        "results['late']": {"all": 0.5, "near": 1.0},
        "tests[0]": {"all": 1.0, "near": 1.0},
        "tests[1]": {"all": 0.0},
    }


def test_an_unknown_chapter_is_refused(house):
    write(house / "notebooks", "01_still", "print(1)")
    with pytest.raises(SystemExit, match="expected some of 1, got 7"):
        gpu_check.main(["--chapters", "1", "7"])


def test_what_is_not_installed_is_named_in_one_line(house, monkeypatch, capsys):
    asked = gpu_check.importlib.metadata.distribution

    def without(name):
        if name in {"nbclient", "opencv-python"}:
            raise gpu_check.importlib.metadata.PackageNotFoundError(name)
        return name if name == "opencv-python-headless" else asked(name)

    monkeypatch.setattr(gpu_check.importlib.metadata, "distribution", without)
    assert gpu_check.main([]) == 1
    (line,) = capsys.readouterr().out.splitlines()
    assert line.endswith(": nbclient")


def wheel(folder: Path, name: str) -> None:
    """A package of one line, as pip takes it."""
    info = f"{name}-1.0.dist-info"
    files = {
        f"{name}.py": "WORD = 'from a wheel'\n",
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    record = [
        f"{path},sha256={base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).rstrip(b'=').decode()},{len(text)}"
        for path, text in files.items()
    ]
    files[f"{info}/RECORD"] = "\n".join([*record, f"{info}/RECORD,,", ""])
    with zipfile.ZipFile(folder / f"{name}-1.0-py3-none-any.whl", "w") as file:
        for path, text in files.items():
            file.writestr(path, text)


def test_what_is_lacking_comes_from_the_wheels_the_rest_from_this_machine(house, monkeypatch):
    wheels = house / "wheels"
    wheels.mkdir()
    wheel(wheels, "sample_of_a_package")
    listed = gpu_check.requirements()
    monkeypatch.setattr(gpu_check, "requirements", lambda: [*listed, "sample_of_a_package>=1"])
    assert gpu_check.lacking() == ["sample_of_a_package>=1"]
    python = gpu_check.environment(wheels)
    code = "import sample_of_a_package as s, torch; print(s.WORD, torch.__file__)"
    done = subprocess.run([python, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["from", "a", "wheel", torch.__file__]


def test_a_package_that_is_in_no_wheel_is_not_asked_of_the_network(house, monkeypatch):
    monkeypatch.setattr(gpu_check, "requirements", lambda: ["sample_of_a_package"])
    with pytest.raises(subprocess.CalledProcessError):
        gpu_check.environment(house)

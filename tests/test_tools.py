"""Set-up and the tools around the book: what they refuse, and in what words."""

import os
import re
import shutil
import stat
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tools"))

import chromium  # noqa: E402
import set_repository  # noqa: E402
from store_outputs import text_outputs  # noqa: E402


def program(path: Path, text: str) -> Path:
    path.write_text("#!/bin/sh\n" + text)
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return path


@pytest.fixture
def checkout(tmp_path):
    """A folder that setup.sh takes for the project: what it reads, and no .venv."""
    (tmp_path / "tools").mkdir()
    for name in ("tools/setup.sh", "tools/get_pip.py", "requirements.txt", "pyproject.toml"):
        shutil.copy(ROOT / name, tmp_path / name)
    return tmp_path


def setup(checkout: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["sh", "tools/setup.sh"],
        cwd=checkout,
        env={**os.environ, **variables},
        capture_output=True,
        text=True,
    )


def last_line(done: subprocess.CompletedProcess[str]) -> str:
    assert done.returncode != 0
    return done.stderr.strip().splitlines()[-1]


def test_too_old_a_python_is_told_in_one_line(checkout):
    old = program(
        checkout / "python3.9", '[ "$1" = --version ] && echo Python 3.9.2 && exit 0\nexit 1\n'
    )
    done = setup(checkout, PYTHON=str(old))
    assert "needs Python 3.11 or newer, found Python 3.9.2" in last_line(done)
    assert len(done.stderr.splitlines()) == 1
    assert not (checkout / ".venv").exists()


def test_no_room_is_told_in_one_line(checkout):
    done = setup(checkout, PYTHON=sys.executable, SETUP_NEED_MB="999999999")
    assert "needs 999999999 MB of free disk space here, found " in last_line(done)
    assert not (checkout / ".venv").exists()


def test_no_network_is_told_and_nothing_is_called_ready(checkout):
    done = setup(
        checkout,
        PYTHON=sys.executable,
        PIP_INDEX_URL="http://127.0.0.1:9/simple",
        PIP_EXTRA_INDEX_URL="",
        PIP_FIND_LINKS="",
        PIP_NO_CACHE_DIR="1",
        PIP_CONFIG_FILE=os.devnull,
        PIP_RETRIES="0",
    )
    assert "Without network: connect and run make again" in last_line(done)
    assert not (checkout / ".venv" / ".ready").exists()


def test_a_python_without_pip_is_told_what_to_install(checkout):
    # As Debian ships it: the venv module is there, ensurepip is not, and here no way to fetch pip.
    bare = program(
        checkout / "bare-python",
        'case "$*" in\n'
        f'  "-m venv --without-pip "*|"-c "*|--version) exec {sys.executable} "$@" ;;\n'
        "  *) exit 1 ;;\nesac\n",
    )
    (checkout / "tools" / "get_pip.py").write_text("import sys; sys.exit('could not fetch')\n")
    done = setup(checkout, PYTHON=str(bare))
    assert "sudo apt-get install python3-venv" in last_line(done)


@pytest.mark.parametrize(
    "address",
    [
        "",
        "github.com/a/b",
        "https://github.com/a",
        "https://github.com/a/b.git",
        "https://x.org/a/b",
    ],
)
def test_an_address_that_is_none_changes_nothing(address):
    with pytest.raises(SystemExit, match=r"URL: expected https://github\.com/OWNER/NAME, got"):
        set_repository.main(address)


@pytest.fixture
def moved_project(tmp_path, monkeypatch):
    for file in set_repository.files():
        copy = tmp_path / file.relative_to(ROOT)
        copy.parent.mkdir(exist_ok=True)
        shutil.copy(file, copy)
    monkeypatch.setattr(set_repository, "ROOT", tmp_path)
    return tmp_path


def test_the_address_reaches_every_file_and_the_notebooks_stay_valid(moved_project):
    old = set_repository.current()
    set_repository.main("https://github.com/somebody/video-book")
    for file in set_repository.files():
        text = file.read_text(encoding="utf-8")
        assert old not in text, file
        assert "https://github.com/somebody/video-book" in text, file
        if file.suffix == ".ipynb":
            nbformat.validate(nbformat.read(file, as_version=4))


def test_a_file_without_the_address_stops_it_before_anything_is_written(moved_project):
    (moved_project / "CITATION.cff").write_text("title: other\n")
    before = (moved_project / "_config.yml").read_text(encoding="utf-8")
    with pytest.raises(SystemExit, match=r"CITATION\.cff: expected the address"):
        set_repository.main("https://github.com/somebody/video-book")
    assert (moved_project / "_config.yml").read_text(encoding="utf-8") == before


def test_every_file_holds_the_one_address():
    address = set_repository.current()
    for file in set_repository.files():
        assert address in file.read_text(encoding="utf-8"), file


def test_stored_outputs_are_text_and_one_print_is_one_piece():
    def stream(text, name="stdout"):
        return nbformat.v4.new_output("stream", name=name, text=text)

    cell = nbformat.v4.new_code_cell(
        outputs=[
            stream("a"),
            stream("b\n"),
            nbformat.v4.new_output(
                "display_data", data={"text/plain": "<Figure>", "image/png": "iVBO"}
            ),
            nbformat.v4.new_output("display_data", data={"text/html": "<b>"}),
            nbformat.v4.new_output("execute_result", data={"text/plain": "3"}, execution_count=7),
        ]
    )
    kept = text_outputs(cell)
    assert [output.output_type for output in kept] == ["stream", "display_data", "execute_result"]
    assert kept[0].text == "ab\n"
    assert dict(kept[1].data) == {"text/plain": "<Figure>"}
    assert kept[2].execution_count == 7


def test_a_chosen_browser_that_is_none_is_refused(monkeypatch):
    monkeypatch.setenv("CHROMIUM", "/no/such/browser")
    with pytest.raises(SystemExit, match="CHROMIUM=/no/such/browser: expected"):
        chromium.find()


@pytest.mark.parametrize(
    ("browser", "fault", "named"),
    [
        (None, None, "need Chromium or Chrome, which"),
        (None, "libatomic.so.1", "need Chromium or Chrome and libatomic.so.1 (for playwright),"),
        ("/usr/bin/chromium", "libatomic.so.1", "need libatomic.so.1 (for playwright), which"),
    ],
)
def test_what_the_browser_tests_lack_is_named_in_one_line(monkeypatch, browser, fault, named):
    tried = []

    def refuse(command, **_):
        tried.append(command)
        return command[-1] == "--version"

    monkeypatch.setattr(chromium, "_quiet", refuse)
    monkeypatch.setattr(chromium, "find", lambda: browser)
    monkeypatch.setattr(chromium, "driver_fault", lambda: fault)
    monkeypatch.setattr(chromium, "_playwright_browser", lambda: None)
    monkeypatch.setattr(chromium.shutil, "which", lambda name: f"/usr/bin/{name}")
    with pytest.raises(SystemExit, match=r"apt-get install chromium libatomic1") as stopped:
        chromium.install()
    assert named in stopped.value.code
    assert "\n" not in stopped.value.code
    assert any("apt-get" in command for command in tried)


def test_a_driver_that_misses_a_library_is_no_crash(monkeypatch, tmp_path):
    broken = program(
        tmp_path / "playwright",
        "echo 'node: error while loading shared libraries: libatomic.so.1: "
        "cannot open shared object file' >&2\nexit 127\n",
    )
    monkeypatch.setattr(chromium, "_PLAYWRIGHT", [str(broken)])
    assert chromium.driver_fault() == "libatomic.so.1"
    monkeypatch.setattr(chromium.shutil, "which", lambda name: None)
    monkeypatch.delenv("CHROMIUM", raising=False)
    assert chromium.find() is None


def test_without_its_system_libraries_opencv_is_replaced_by_the_headless_wheel(checkout):
    # A .venv whose cv2 misses a library until the headless wheel is installed.
    folder = checkout / ".venv" / "bin"
    folder.mkdir(parents=True)
    program(
        folder / "python",
        f'echo "$*" >>{checkout}/calls\ncase "$*" in\n'
        f"  *headless*) touch {checkout}/headless ;;\n"
        f'  "-c import cv2") [ -e {checkout}/headless ] || {{\n'
        '    echo "ImportError: libGL.so.1: cannot open shared object file" >&2; exit 1; } ;;\n'
        "  *download.pytorch*) exit 1 ;;\nesac\n",
    )
    done = setup(checkout, PYTHON=sys.executable)
    assert done.returncode == 0, done.stderr
    told = [line for line in done.stdout.splitlines() if "headless" in line]
    assert len(told) == 1
    assert "no libGL.so.1 here" in told[0]
    version = re.search(r"(?m)^opencv-python==(\S+)", (checkout / "requirements.txt").read_text())[
        1
    ]
    calls = (checkout / "calls").read_text().splitlines()
    assert next(c for c in calls if "headless" in c).endswith(f"opencv-python-headless=={version}")
    assert any("uninstall" in c and c.endswith("opencv-python") for c in calls)
    assert (checkout / ".venv" / ".ready").exists()


def test_uv_installs_from_where_pip_is_told_to_and_pip_does_what_uv_cannot(checkout):
    folder = checkout / ".venv" / "bin"
    folder.mkdir(parents=True)
    program(
        folder / "python",
        f'echo "$UV_DEFAULT_INDEX $UV_FIND_LINKS $*" >>{checkout}/calls\ncase "$*" in\n'
        '  *"pip config list"*) echo ":env:.find-links=\'/a /b\'"\n'
        "    echo \"global.index-url='https://mirror/simple'\" ;;\n"
        '  *download.pytorch*|*"uv pip install"*torch*) exit 1 ;;\nesac\n',
    )
    done = setup(checkout, PYTHON=sys.executable, UV_DEFAULT_INDEX="", UV_FIND_LINKS="")
    assert done.returncode == 0, done.stderr
    calls = (checkout / "calls").read_text().splitlines()
    first, *installs = [call for call in calls if "pip install" in call]
    assert re.search(r"-m pip install .*\buv==", first)
    lock, torch, again, this = installs
    for call in (lock, torch, this):
        assert call.startswith("https://mirror/simple /a,/b -m uv pip install ")
    assert re.search(r" -m pip install .*\btorch==", again)


def test_a_package_that_does_not_import_is_named_and_nothing_is_called_ready(checkout):
    folder = checkout / ".venv" / "bin"
    folder.mkdir(parents=True)
    program(
        folder / "python",
        'case "$*" in\n  *"import av"*) echo "ImportError: broken" >&2; exit 1 ;;\n'
        "  *download.pytorch*) exit 1 ;;\nesac\n",
    )
    done = setup(checkout, PYTHON=sys.executable)
    assert "not importable (above): av." in last_line(done)
    assert not (checkout / ".venv" / ".ready").exists()

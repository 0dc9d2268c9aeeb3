"""The same front-end modules, live: a chapter in JupyterLab, with a real kernel."""

import json
import os
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import nbformat
import pytest
from jupyter_client import BlockingKernelClient

ROOT = Path(__file__).resolve().parents[2]
# One server, for the one worker that has these tests.
pytestmark = pytest.mark.xdist_group("jupyterlab")

TOKEN = "test"
# Chapter, the explorer's variable in it, the trait that its first slider moves.
CHAPTERS = [
    ("01_video_tensors", "cube", "t"),
    ("02_clip_sampling", "sampler", "num_frames"),
    ("05_optical_flow", "hole", "hole_px"),
    ("08_slowfast", "clocks", "cycles"),
]


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    """A JupyterLab over copies of the chapters; yields (address, its runtime folder)."""
    folder = tmp_path_factory.mktemp("lab")
    for name, variable, _ in CHAPTERS:
        # Up to the explorer: the cells after it, some of which train, would keep the kernel busy.
        chapter = nbformat.read(ROOT / "notebooks" / f"{name}.ipynb", as_version=4)
        made = [f"{variable} = " in cell.source for cell in chapter.cells].index(True)
        chapter.cells = chapter.cells[: made + 1]
        nbformat.write(chapter, folder / f"{name}.ipynb")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    # Every cell stays in the page, also those out of view; and no question about news.
    settings = folder / "settings" / "@jupyterlab"
    for plugin, setting in [
        ("notebook-extension/tracker", {"windowingMode": "none"}),
        ("apputils-extension/notification", {"fetchNews": "false"}),
    ]:
        file = settings / f"{plugin}.jupyterlab-settings"
        file.parent.mkdir(parents=True)
        file.write_text(json.dumps(setting))
    own = {f"JUPYTER_{kind}_DIR": str(folder / kind.lower()) for kind in ("CONFIG", "RUNTIME")}
    own["JUPYTERLAB_SETTINGS_DIR"] = str(settings.parent)
    log = (folder / "log").open("w+")  # a pipe that nobody reads would fill and stop the server
    server = subprocess.Popen(
        [
            *(sys.executable, "-m", "jupyter", "lab", "--no-browser", "--allow-root"),
            *(f"--ServerApp.port={port}", f"--IdentityProvider.token={TOKEN}"),
            f"--ServerApp.root_dir={folder}",
        ],
        env={**os.environ, **own},
        stdout=log,
        stderr=log,
    )
    address = f"http://127.0.0.1:{port}"
    deadline = time.monotonic() + 60
    while True:
        try:
            urllib.request.urlopen(f"{address}/api?token={TOKEN}", timeout=5).close()
            break
        except OSError:
            if time.monotonic() > deadline or server.poll() is not None:
                server.kill()
                log.seek(0)
                pytest.fail(f"JupyterLab did not start: {log.read()[-2000:]}")
            time.sleep(0.3)
    yield address, folder / "runtime"
    server.terminate()
    server.wait(timeout=30)
    log.close()


def kernel_of(address: str, name: str) -> str | None:
    """The id of a notebook's kernel, once a page is connected to it."""
    with urllib.request.urlopen(f"{address}/api/sessions?token={TOKEN}", timeout=10) as answer:
        kernels = [s["kernel"] for s in json.load(answer) if s["name"] == f"{name}.ipynb"]
    return kernels[0]["id"] if kernels and kernels[0]["connections"] else None


def ask(runtime: Path, address: str, name: str, code: str) -> str:
    """What the kernel of a notebook prints for some code."""
    connection = runtime / f"kernel-{kernel_of(address, name)}.json"
    client = BlockingKernelClient(connection_file=str(connection))
    client.load_connection_file()
    client.start_channels()
    printed = []
    client.execute_interactive(
        code,
        timeout=60,
        output_hook=lambda message: printed.append(message["content"].get("text", "")),
    )
    client.stop_channels()
    return "".join(printed).strip()


@pytest.mark.parametrize(("name", "variable", "trait"), CHAPTERS)
def test_moving_a_control_moves_the_trait_and_back(browser, lab, name, variable, trait):
    address, runtime = lab
    page = browser.new_context(viewport={"width": 1300, "height": 1000}).new_page()
    # A workspace of its own: Lab would open the chapters of the tests before as well.
    page.goto(f"{address}/lab/workspaces/{name}/tree/{name}.ipynb?token={TOKEN}")
    page.wait_for_selector(".jp-Notebook .jp-Cell", timeout=60_000)
    # The page takes orders before its kernel does: it then asks which kernel is meant.
    assert _until(lambda: kernel_of(address, name), wanted=True, seconds=60)
    page.get_by_role("menuitem", name="Run", exact=True).click()
    page.get_by_role("menuitem", name="Run All Cells", exact=True).click()
    page.wait_for_selector(".lk-root", timeout=300_000, state="attached")
    page.locator(".lk-root").first.scroll_into_view_if_needed()

    slider = page.locator(".lk-root input[type=range]").first
    before = int(ask(runtime, address, name, f"print({variable}.{trait})"))
    assert slider.input_value() == str(before)
    box = slider.bounding_box()
    slider.click(position={"x": 0.8 * box["width"], "y": box["height"] / 2})
    shown = int(slider.input_value())
    assert shown != before
    read = f"print({variable}.{trait})"
    assert _until(lambda: int(ask(runtime, address, name, read)), shown) == shown

    ask(runtime, address, name, f"{variable}.{trait} = {before + 1}")
    assert _until(slider.input_value, str(before + 1)) == str(before + 1)
    page.context.close()


def _until(read, wanted, seconds=20):
    """The value read, as soon as it is the one wanted (or is true, for True), or the last one."""
    deadline = time.monotonic() + seconds
    while (value := read()) != wanted and not (wanted is True and value):
        if time.monotonic() > deadline:
            break
        time.sleep(0.2)
    return value

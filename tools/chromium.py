"""Finds a Chromium or Chrome for the browser tests, or installs one.

``python tools/chromium.py`` prints the path of the browser it found or installed; with nothing
found and no way to install, it exits with one line that says what to do.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
_MACOS = (
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
)


def find() -> str | None:
    """Path of a Chromium or Chrome: $CHROMIUM, the system's, or playwright's own download."""
    if chosen := os.environ.get("CHROMIUM"):
        if not os.access(chosen, os.X_OK):
            sys.exit(f"CHROMIUM={chosen}: expected the path of a browser, found no program there")
        return chosen
    for name in _NAMES:
        # Ubuntu's chromium-browser is a stub that only says how to install a snap.
        if (path := shutil.which(name)) and _runs(path):
            return path
    for path in _MACOS:
        if os.access(path, os.X_OK):
            return path
    return _playwright_browser()


def install() -> str:
    """Install a browser: playwright's download where it can be had, else the distribution's."""
    print("No Chromium or Chrome found: installing one …", file=sys.stderr)
    # Its own system libraries need root; without them the browser may still run.
    for arguments in (["install", "--with-deps", "chromium"], ["install", "chromium"]):
        done = _quiet([sys.executable, "-m", "playwright", *arguments])
        if done and (path := _playwright_browser()) and _runs(path):
            return path
    if shutil.which("apt-get"):
        root = [] if os.geteuid() == 0 else ["sudo", "-n"]
        if _quiet([*root, "apt-get", "update"]):
            for package in ("chromium", "chromium-browser"):
                _quiet([*root, "apt-get", "install", "-y", "--no-install-recommends", package])
                if path := find():
                    return path
    sys.exit(
        "The browser tests need Chromium or Chrome, and none could be installed. Install one "
        "(Debian: sudo apt-get install chromium; macOS: brew install --cask chromium), or set "
        "CHROMIUM to its path."
    )


def _playwright_browser() -> str | None:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        path = playwright.chromium.executable_path
    return path if Path(path).is_file() else None


def _runs(path: str) -> bool:
    return _quiet([path, "--version"], timeout_sec=60)


def _quiet(command: list[str], timeout_sec: float = 900) -> bool:
    try:
        return (
            subprocess.run(
                command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=timeout_sec
            ).returncode
            == 0
        )
    except (OSError, subprocess.TimeoutExpired):
        return False


if __name__ == "__main__":
    print(find() or install())

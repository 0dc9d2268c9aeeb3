"""Finds what the browser tests need, or installs it: a Chromium or Chrome, and playwright's driver.

``python tools/chromium.py`` prints the path of the browser that it found or installed; where
something is missing and cannot be installed, it exits with one line that says what to do.
"""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
_MACOS = (
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
)
_PLAYWRIGHT = [sys.executable, "-m", "playwright"]


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
    return _playwright_browser() if driver_fault() is None else None


def driver_fault() -> str | None:
    """Why playwright's driver does not start (its own node, which needs libatomic), or None."""
    done = subprocess.run([*_PLAYWRIGHT, "--version"], capture_output=True, text=True)
    if done.returncode == 0:
        return None
    missing = re.search(r"(lib[\w.+-]+): cannot open shared object", done.stderr)
    return missing[1] if missing else "its driver, which does not start"


def install() -> str:
    """Install what is missing: from the distribution, and the browser from playwright if need be.

    Returns:
        The path of the browser.
    """
    print("The browser tests need a browser: looking for one to install …", file=sys.stderr)
    if shutil.which("apt-get"):
        _install_from_debian()
    if find() is None and driver_fault() is None:
        # Its own system libraries need root; without them the browser may still run.
        _quiet([*_PLAYWRIGHT, "install", "--with-deps", "chromium"])
        if _playwright_browser() is None:
            _quiet([*_PLAYWRIGHT, "install", "chromium"])
    path, fault = find(), driver_fault()
    if path and fault is None and _runs(path):
        return path
    lacking = [
        *([] if path and _runs(path) else ["Chromium or Chrome"]),
        *([f"{fault} (for playwright)"] if fault else []),
    ]
    sys.exit(
        f"The browser tests need {' and '.join(lacking)}, which could not be installed from here. "
        "Install it (Debian: sudo apt-get install chromium libatomic1; Ubuntu: sudo apt-get "
        "install libatomic1, and Google Chrome; macOS: brew install --cask chromium) or set "
        "CHROMIUM to a browser's path. All other tests: make lint unit notebooks book"
    )


def _install_from_debian() -> None:
    root = [] if os.geteuid() == 0 else ["sudo", "-n"]
    if not _quiet([*root, "apt-get", "update"]):
        return
    packages = ["libatomic1"] if driver_fault() else []
    if find() is None:
        packages.append("chromium")
    for package in packages:
        _quiet([*root, "apt-get", "install", "-y", "--no-install-recommends", package])


def _playwright_browser() -> str | None:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        path = playwright.chromium.executable_path
    return path if Path(path).is_file() else None


def _runs(path: str) -> bool:
    return _quiet([path, "--version"], timeout_sec=60)


def _quiet(command: list[str], timeout_sec: float = 900) -> bool:
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    try:
        return (
            subprocess.run(
                command,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                timeout=timeout_sec,
                env=environment,
            ).returncode
            == 0
        )
    except (OSError, subprocess.TimeoutExpired):
        return False


if __name__ == "__main__":
    found = find()
    print(found if found and driver_fault() is None else install())

"""The real browser that the tests of explorers and pages share: Chromium, or Firefox if asked."""

import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import settings
from playwright.sync_api import Browser, Page, Playwright, sync_playwright

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "tools"), str(ROOT / "book" / "_ext")]

import chromium  # noqa: E402

# On a machine that does other things as well, an example may take any time.
settings.register_profile("any machine", deadline=None)
settings.load_profile("any machine")


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        firefox = os.environ.get("FIREFOX")  # as `make firefox` sets it
        launched = _firefox(playwright, firefox) if firefox else _chromium(playwright)
        yield launched
        launched.close()


def _chromium(playwright: Playwright) -> Browser:
    path = chromium.find()
    assert path, "no Chromium or Chrome found; `make test` installs one"
    return playwright.chromium.launch(
        executable_path=path,
        # A container's root has no sandbox; the browser's own housekeeping asks the network.
        args=["--no-sandbox", "--disable-background-networking", "--disable-component-update"],
    )


def _firefox(playwright: Playwright, path: str) -> Browser:
    """A distribution's own Firefox, by the standard protocol (WebDriver BiDi)."""
    return playwright.firefox.launch(channel="moz-firefox", executable_path=path)


OpenPage = Callable[..., Page]


@pytest.fixture
def open_page(browser: Browser) -> Iterator[OpenPage]:
    """Opens a file in a fresh page; at the end, no outside request and no error may have been."""
    contexts, outside, errors = [], [], []

    def open_(path: Path | str, **options: object) -> Page:
        context = browser.new_context(**{"viewport": {"width": 1280, "height": 900}, **options})
        contexts.append(context)
        page = context.new_page()
        page.on(
            "request",
            lambda request: (
                outside.append(request.url)
                if not request.url.startswith(("file:", "data:", "blob:"))
                else None
            ),
        )
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.on(
            "console",
            lambda message: errors.append(message.text) if message.type == "error" else None,
        )
        url, _, fragment = str(path).partition("#")
        page.goto(Path(url).resolve().as_uri() + (f"#{fragment}" if fragment else ""))
        return page

    yield open_
    for context in contexts:
        context.close()
    assert not outside, f"requests that left the page: {outside}"
    assert not errors, f"errors in the console: {errors}"


@pytest.fixture
def open_explorer(open_page: OpenPage, tmp_path: Path) -> OpenPage:
    """Opens one explorer by itself, as the static page carries it, from a file."""

    def open_(explorer: object, **options: object) -> Page:
        file = tmp_path / "explorer.html"
        file.write_text(
            '<!doctype html><html lang="en" data-theme="light"><meta charset="utf-8">'
            '<meta name="viewport" content="width=device-width"><title>explorer</title>'
            f"<main><h1>Explorer</h1>{explorer.to_html()}</main></html>",
            encoding="utf-8",
        )
        page = open_page(file, **options)
        page.wait_for_selector(".lk-root")
        return page

    return open_

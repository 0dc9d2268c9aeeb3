"""Opening one explorer by itself, as the static page carries it."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page

from lecturekit.explorers import Explorer


@pytest.fixture
def ready(
    request: pytest.FixtureRequest, open_explorer: Callable[..., Page]
) -> Callable[..., Page]:
    """Opens an explorer, by default what the test's own ``make()`` gives, with its pictures."""

    def open_(explorer: Explorer | None = None, **options: Any) -> Page:
        page = open_explorer(explorer or request.module.make(), **options)
        page.wait_for_selector(".lk-body[data-ready]")
        return page

    return open_

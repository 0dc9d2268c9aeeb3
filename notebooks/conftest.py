"""What nbval compares: text. Images, HTML and widgets are not stored (tests/notebooks)."""

import pytest


def pytest_collectstart(collector: pytest.Collector) -> None:
    if hasattr(collector, "skip_compare"):
        collector.skip_compare += ("text/html", "image/png", "image/jpeg")

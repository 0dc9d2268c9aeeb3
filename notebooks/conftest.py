"""What nbval compares: text. Images, HTML and widgets are not stored (tests/notebooks)."""

import os

import pytest

# A progress bar writes to the output that is compared.
os.environ["TQDM_DISABLE"] = "1"


def pytest_collectstart(collector: pytest.Collector) -> None:
    if hasattr(collector, "skip_compare"):
        collector.skip_compare += ("text/html", "image/png", "image/jpeg")

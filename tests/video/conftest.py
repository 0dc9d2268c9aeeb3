"""The sample films, made once."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import video_samples as samples

from lecturekit import video


@pytest.fixture(scope="session")
def films(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    return samples.make_films(tmp_path_factory.mktemp("films"))


@pytest.fixture(scope="session")
def whole(films: dict[str, Path]) -> dict[str, np.ndarray]:
    return {name: video.read_frames(path) for name, path in films.items()}


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """A folder in which a failed write may leave nothing."""
    yield tmp_path
    assert list(tmp_path.iterdir()) == []

"""A file is there whole, or as it was before."""

import pytest

from lecturekit.files import written_whole


def test_a_file_takes_its_name_at_the_end(tmp_path):
    with written_whole(tmp_path / "flow.npz") as partial:
        partial.write_text("half")
        assert partial.suffix == ".npz"
        assert not (tmp_path / "flow.npz").exists()
    assert [file.name for file in tmp_path.iterdir()] == ["flow.npz"]
    assert (tmp_path / "flow.npz").read_text() == "half"


def test_a_failure_keeps_the_old_file_and_leaves_nothing_else(tmp_path):
    file = tmp_path / "run.pt"
    file.write_text("old")

    def interrupted():
        with written_whole(file) as partial:
            partial.write_text("new, not whole")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert file.read_text() == "old"
    assert list(tmp_path.iterdir()) == [file]


def test_a_name_as_long_as_the_system_allows(tmp_path):
    file = tmp_path / ("x" * 251 + ".npz")
    with written_whole(file) as partial:
        partial.write_text("all of it")
    assert file.read_text() == "all of it"

"""The footage is there, is the right one, and its absence is explained."""

from dataclasses import replace

import pytest

from lecturekit import assets


@pytest.fixture(autouse=True)
def forget_found_paths():
    assets.path.cache_clear()
    yield
    assets.path.cache_clear()


@pytest.mark.parametrize("name", sorted(assets.ASSETS))
def test_each_asset_is_found_without_importing_its_package(name):
    import sys

    assert assets.path(name).is_file()
    assert assets.credit(name)
    assert assets.ASSETS[name].package not in sys.modules


def test_an_unknown_name_is_told_the_known_ones():
    with pytest.raises(ValueError, match=r"name: expected one of 'bikes', .*, got 'bike'"):
        assets.path("bike")


def test_a_missing_package_is_named(monkeypatch):
    monkeypatch.setitem(
        assets.ASSETS, "bikes", replace(assets.ASSETS["bikes"], package="no_such_package")
    )
    with pytest.raises(FileNotFoundError, match=r"'bikes'.*'no_such_package'.*not installed"):
        assets.path("bikes")


def test_a_missing_file_is_named(monkeypatch):
    monkeypatch.setitem(assets.ASSETS, "bikes", replace(assets.ASSETS["bikes"], file="none.mp4"))
    with pytest.raises(FileNotFoundError, match=r"expected a file at .*none\.mp4"):
        assets.path("bikes")


def test_other_bytes_are_refused(monkeypatch):
    monkeypatch.setitem(assets.ASSETS, "bikes", replace(assets.ASSETS["bikes"], sha256="0" * 64))
    with pytest.raises(ValueError, match=r"expected SHA-256 0000.*got 91028f9d"):
        assets.path("bikes")

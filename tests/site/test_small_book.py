"""Folded boxes and repeated explorers, on a page of their own (see ``small_book``)."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
import small_book
from axe_playwright_python.sync_playwright import Axe
from bs4 import BeautifulSoup
from playwright.sync_api import Locator, Page, expect

# The book is built once: by the one worker that has these tests.
pytestmark = pytest.mark.xdist_group("small_book")

OpenPage = Callable[..., Page]
WIDE, PHONE = {"width": 1280, "height": 900}, {"width": 360, "height": 740}
AXE = {"preload": False, "resultTypes": ["violations"]}


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return small_book.build(tmp_path_factory.mktemp("book"))


@pytest.fixture(scope="module")
def soup(page: Path) -> BeautifulSoup:
    return BeautifulSoup(page.read_bytes(), "html.parser")


def test_every_box_says_what_is_in_it(soup: BeautifulSoup) -> None:
    labels = [" ".join(s.get_text().split()) for s in soup.select("article summary")]
    assert labels == [
        "Set-up on Colab",
        "Imports",
        "Aside The long way round",
        "Aside The short way round",
        "Aside: the code",
        "You choose a train",
        "The code of this figure",
        "The code of this output",
        "The output of this code",
        "Solution",
        *["The code of this explorer"] * 3,
    ]
    # Its name is what stands on it.
    assert not soup.select("article summary[aria-label]")


def test_a_chapter_has_the_number_of_its_file(soup: BeautifulSoup) -> None:
    # It is the book's first chapter, and its file the seventh.
    assert " ".join(soup.select_one("h1").get_text().split()).startswith("7. A small chapter")
    assert soup.select_one("nav a.current").get_text(strip=True) == "7. A small chapter"


def test_prose_and_code_of_an_aside_share_one_box(soup: BeautifulSoup) -> None:
    first, second, _ = soup.select("article details.aside")
    text = " ".join(first.get_text().split())
    order = ["It begins", "first = 1", "printed in the aside", "It goes on", "second = 2"]
    assert [piece for piece in order if piece in text] == order
    assert sorted(order, key=text.index) == order
    assert not first.select("details")
    assert text.count("way round") == 1
    assert "It is another" in second.get_text()
    assert "Open once more" not in second.get_text()


def box(view: Page) -> Locator:
    return view.locator("details.aside").first


@pytest.mark.parametrize("script", [True, False], ids=["script", "no script"])
def test_an_aside_starts_folded_and_opens_by_keyboard(
    open_page: OpenPage, page: Path, script: bool
) -> None:
    view = open_page(page, java_script_enabled=script)
    inside = box(view).get_by_text("It begins")
    expect(inside).to_be_hidden()
    box(view).locator("summary").focus()
    view.keyboard.press("Enter")
    expect(inside).to_be_visible()
    expect(box(view).get_by_text("printed in the aside")).to_be_visible()
    view.keyboard.press("Space")
    expect(inside).to_be_hidden()


def test_an_aside_is_printed_open(open_page: OpenPage, page: Path) -> None:
    view = open_page(page)
    folded = box(view).bounding_box()["height"]
    view.emulate_media(media="print")
    assert box(view).bounding_box()["height"] > folded + 100
    expect(box(view).get_by_text("It begins")).to_be_visible()


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("viewport", [WIDE, PHONE], ids=["wide", "phone"])
def test_folded_boxes_are_accessible(
    open_page: OpenPage, page: Path, viewport: dict[str, int], theme: str
) -> None:
    view = open_page(page, viewport=viewport, color_scheme=theme)
    for opened in ("false", "true"):
        view.evaluate(f"document.querySelectorAll('details').forEach((d) => (d.open = {opened}))")
        overflow = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        assert view.evaluate(overflow) <= 0
        found = Axe().run(view, options=AXE)
        assert found.violations_count == 0, found.generate_report()


def test_an_explorer_shown_twice_runs_twice(open_page: OpenPage, page: Path) -> None:
    view = open_page(page)
    explorers = view.locator(".lk-explorer")
    assert explorers.count() == 3
    # Only the last two come near: the first of the equal ones must not take the second's place.
    explorers.nth(1).evaluate("(explorer) => explorer.scrollIntoView()")
    for number in (1, 2, 0):
        expect(explorers.nth(number).locator(".lk-root")).to_have_count(1)
    view.wait_for_function("() => !document.querySelector('[data-explorer-script]')")
    for explorer in explorers.all():
        expect(explorer.locator(".lk-root")).to_have_count(1)
    ids = view.evaluate("[...document.querySelectorAll('[id]')].map((e) => e.id)")
    assert len(set(ids)) == len(ids), "an id is used twice"


def test_equal_explorers_are_worked_apart(open_page: OpenPage, page: Path) -> None:
    view = open_page(page)
    view.keyboard.press("Shift")
    # A browser loads them when it is idle, which on a busy machine may be late.
    view.wait_for_function("() => !document.querySelector('[data-explorer-script]')")
    explorers = view.locator(".lk-explorer")
    for explorer in explorers.all():
        expect(explorer.locator(".lk-root")).to_have_count(1)
    before = explorers.nth(1).inner_text()
    first = explorers.nth(0)
    first_before = first.inner_text()
    slider = first.locator("input[type=range]").first
    slider.focus()
    slider.press("ArrowRight")
    assert first.inner_text() != first_before
    assert explorers.nth(1).inner_text() == before
    assert re.search(r"16", explorers.nth(2).inner_text()), "its own state"

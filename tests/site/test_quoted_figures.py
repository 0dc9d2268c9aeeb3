"""A quoted figure on its page: its source under the mouse, at the focus and at a tap."""

from collections.abc import Callable
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Locator, Page, expect

from lecturekit import facts

PAGE = Path(__file__).resolve().parents[2] / "_build" / "html" / "how_to_use.html"
ID = "k400-clips"
PHONE = {"width": 390, "height": 800}

OpenPage = Callable[..., Page]


def parts(page: Page) -> tuple[Locator, Locator]:
    """The figure and its card."""
    figure = page.locator("a.fact", has_text=facts.text(ID))
    return figure, page.locator(f"#{figure.get_attribute('aria-describedby')}")


def test_the_mouse_shows_the_source_and_may_go_to_it(open_page: OpenPage) -> None:
    page = open_page(PAGE)
    figure, card = parts(page)
    expect(card).to_be_hidden()
    page.mouse.move(5, 5)  # the sign of a reader, at which the whole page is laid out
    expect(page.locator("html.reading")).to_have_count(1)
    figure.scroll_into_view_if_needed()
    height = page.evaluate("document.documentElement.scrollHeight")
    figure.hover()
    expect(card).to_be_visible()
    assert page.evaluate("document.documentElement.scrollHeight") == height
    fact = facts.get(ID)
    for part in (fact.name, fact.quantity, facts.text(ID), fact.protocol, fact.locator):
        expect(card).to_contain_text(part)
    card.get_by_role("link", name="Kay et al., 2017").hover()
    page.wait_for_timeout(400)  # longer than the card waits for a mouse that has left
    expect(card).to_be_visible()
    page.mouse.move(5, 5)
    expect(card).to_be_hidden()
    figure.click()
    page.wait_for_url("**/references.html#*")
    expect(page.locator(":target")).to_contain_text("human action video dataset", ignore_case=True)


def test_the_keyboard_shows_the_source(open_page: OpenPage) -> None:
    page = open_page(PAGE)
    figure, card = parts(page)
    figure.focus()
    expect(card).to_be_visible()
    page.keyboard.press("Tab")
    expect(card.get_by_role("link")).to_be_focused()
    page.keyboard.press("Escape")
    expect(card).to_be_hidden()
    expect(figure).to_be_focused()
    page.keyboard.press("Tab")
    expect(card).to_be_hidden()


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_tap_shows_the_source_and_a_second_one_goes_there(
    open_page: OpenPage, theme: str
) -> None:
    page = open_page(PAGE, viewport=PHONE, has_touch=True, is_mobile=True, color_scheme=theme)
    figure, card = parts(page)
    figure.tap()
    expect(card).to_be_visible()
    box = card.bounding_box()
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= PHONE["width"]
    found = Axe().run(page, options={"preload": False, "resultTypes": ["violations"]})
    assert found.violations_count == 0, found.generate_report()
    page.get_by_role("heading", level=1).tap()
    expect(card).to_be_hidden()
    figure.tap()
    figure.tap()
    page.wait_for_url("**/references.html#*")


def test_the_search_has_the_figure_without_its_card() -> None:
    index = (PAGE.parent / "_static" / "search-data.js").read_text(encoding="utf-8")
    assert f"Kinetics-400 has {facts.text(ID)} clips" in index
    assert facts.get(ID).protocol not in index

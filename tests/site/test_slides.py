"""The slides and the zip, made from the built book and opened from their folder."""

import zipfile
from pathlib import Path

import pack
import pytest
import slides
from bs4 import BeautifulSoup

ROOT = Path(__file__).resolve().parents[2]
SITE = ROOT / "_build" / "html"
CHAPTERS = sorted(file.stem for file in (ROOT / "notebooks").glob("*.ipynb"))
WITH_EXPLORER = "11_datasets_and_metrics"


@pytest.fixture(scope="module")
def decks(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("build") / "slides"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(slides, "SLIDES", folder)
        slides.main()
    return folder


def soup(file: Path) -> BeautifulSoup:
    return BeautifulSoup(file.read_text(encoding="utf-8"), "html.parser")


def test_every_chapter_has_a_deck_and_the_list_names_it(decks):
    links = [link["href"] for link in soup(decks / "index.html").find_all("a")]
    assert links == [f"{name}.html" for name in CHAPTERS]


@pytest.mark.parametrize("name", CHAPTERS)
def test_a_deck_shows_what_is_looked_at_and_no_answer(decks, name):
    page, deck = soup(SITE / "notebooks" / f"{name}.html").article, soup(decks / f"{name}.html")
    shown = deck.select("section > section")
    assert all(section.h2.get_text().strip() for section in shown)
    assert all(len(section.find_all(True, recursive=False)) > 1 for section in shown), "empty slide"
    for solution in page.select(".tag_solution pre"):
        assert solution.get_text() not in deck.get_text()
    seen = [image["src"] for image in deck.select("section section > :not(aside) img")]
    page.find(id="exercises").decompose()
    unfolded = [image for image in page.find_all("img") if not image.find_parent("details")]
    assert {f"../{src}" for src in seen} >= {image["src"] for image in unfolded}
    assert all((decks / src).is_file() for src in seen)


def test_a_deck_is_worked_by_keys_and_its_explorer_starts_when_shown(decks, open_page):
    page = open_page(decks / f"{WITH_EXPLORER}.html")
    page.wait_for_function("window.Reveal?.isReady()")
    assert not page.locator(".lk-body").count()
    page.keyboard.press("ArrowRight")
    assert page.evaluate("Reveal.getIndices().h") == 1
    place = "[...document.querySelectorAll('section section')].find((s) => s.querySelector({}))"
    found = place.format("'[data-explorer-script]'")
    page.evaluate(f"(({{h, v}}) => Reveal.slide(h, v))(Reveal.getIndices({found}))")
    page.wait_for_selector("section.present .lk-body[data-ready]")
    # The explorer has the arrow keys while it has the focus.
    before = page.evaluate("Reveal.getIndices()")
    page.locator("section.present .lk-body input").first.focus()
    page.keyboard.press("ArrowRight")
    assert page.evaluate("Reveal.getIndices()") == before


def test_the_zip_opens_anywhere(decks, tmp_path, open_page):
    (tmp_path / "html").symlink_to(SITE)
    (tmp_path / "slides").symlink_to(decks)
    first, second = tmp_path / "first.zip", tmp_path / "second.zip"
    pack.pack(tmp_path, first)
    pack.pack(tmp_path, second)
    assert first.read_bytes() == second.read_bytes()
    with zipfile.ZipFile(first) as archive:
        archive.extractall(tmp_path / "elsewhere")
    page = open_page(tmp_path / "elsewhere" / pack.NAME / "index.html")
    page.get_by_role("link", name="Start with chapter 1").click()
    assert page.locator("h1").count() == 1


def test_without_a_book_there_is_nothing_to_pack(tmp_path):
    with pytest.raises(SystemExit, match="run: make book"):
        pack.pack(tmp_path, tmp_path / "site.zip")
    assert not list(tmp_path.glob("site.*"))

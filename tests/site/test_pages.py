"""Every built page, opened as a file in a real browser.

``open_page`` fails a test whose page asks the network for anything or logs an error.
"""

import re
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import unquote, urldefrag, urlsplit

import nbformat
import pytest
import serve
from axe_playwright_python.sync_playwright import Axe
from bs4 import BeautifulSoup, Tag
from lecturebook.reading import reading
from playwright.sync_api import Browser, Page, expect

ROOT = Path(__file__).resolve().parents[2]
SITE = ROOT / "_build" / "html"
PAGES = sorted(page.relative_to(SITE).as_posix() for page in SITE.rglob("*.html"))
CHAPTERS = [page for page in PAGES if page.startswith("notebooks/")]
NOTEBOOKS = sorted(file.stem for file in (ROOT / "notebooks").glob("*.ipynb"))
EXPECTED = {
    *("index.html", "how_to_use.html", "teaching.html", "self_test.html", "search.html"),
    *("notation.html", "glossary.html", "models.html", "library.html", "references.html"),
}

WIDE, PHONE = {"width": 1280, "height": 900}, {"width": 360, "height": 740}
# Preloading would fetch the stylesheets, which a page opened as a file may not; what passes is not
# asked for, because describing thousands of elements takes longer than checking them.
AXE = {"preload": False, "resultTypes": ["violations"]}
COLOUR_RULES = ["color-contrast", "link-in-text-block"]
MAX_CHAPTER_BYTES = 1_500_000

# All that contrast hangs on, its place apart: of an element, then of what it stands in.
LOOKS = """() => {
  const own = ["color", "fontSize", "fontWeight", "textShadow", "textDecorationLine", "visibility"];
  const behind = ["backgroundColor", "backgroundImage", "opacity", "filter"];
  const behinds = new Map();
  return [...document.querySelectorAll("body, body *")].map((node) => {
    const style = getComputedStyle(node);
    const parts = behind.map((name) => style[name]).join();
    behinds.set(node, `${behinds.get(node.parentElement) ?? ""}/${parts}`);
    return [...own.map((name) => style[name]), node.checkVisibility(), behinds.get(node)].join();
  });
}"""
MARK = """([wide, phone]) => {
  const nodes = [...document.querySelectorAll("body, body *")];
  if (wide.length !== nodes.length || phone.length !== nodes.length) throw Error("elements differ");
  const other = nodes.filter((_, at) => wide[at] !== phone[at] && nodes[at] !== document.body);
  for (const node of other) node.dataset.otherLook = "";
  return other.length;
}"""

ADDRESSES = ("href", "src", "action", "data-explorer-script")

OpenPage = Callable[..., Page]


@pytest.fixture(scope="session")
def soups() -> dict[str, BeautifulSoup]:
    return {page: BeautifulSoup((SITE / page).read_bytes(), "html.parser") for page in PAGES}


def test_the_book_is_built() -> None:
    assert set(PAGES) >= EXPECTED | {"404.html"}, "not built; run: make book"
    assert [Path(page).stem for page in CHAPTERS] == NOTEBOOKS, "every notebook has its page"


@pytest.mark.parametrize("viewport", [WIDE, PHONE], ids=["wide", "phone"])
@pytest.mark.parametrize("page", PAGES)
def test_page_is_accessible_and_fits(
    open_page: OpenPage, page: str, viewport: dict[str, int]
) -> None:
    view = open_page(SITE / page, viewport=viewport, color_scheme="light")
    assert view.evaluate("document.documentElement.dataset.theme") == "light"
    start_explorers(view)
    # What is folded must be as good as what is seen.
    view.evaluate("document.querySelectorAll('details').forEach((d) => (d.open = true))")
    overflow_px = view.evaluate(
        "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    )
    assert overflow_px <= 0, f"the page scrolls sideways by {overflow_px} px"
    # Scrolling regions get their tab stop from an observer, which runs before the next frame.
    view.evaluate("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
    found = Axe().run(view, options=AXE)
    assert found.violations_count == 0, found.generate_report()
    # The elements are the same at night; only their colours change.
    view.evaluate("document.documentElement.dataset.theme = 'dark'")
    context = None
    if viewport == PHONE:
        # Contrast is the slowest rule. What looks as it does on a wide page is judged there.
        view.set_viewport_size(WIDE)
        wide = view.evaluate(LOOKS)
        view.set_viewport_size(PHONE)
        if not view.evaluate(MARK, [wide, view.evaluate(LOOKS)]):
            return
        context = {"include": [["[data-other-look]"]]}
    found = Axe().run(view, context=context, options=AXE | {"runOnly": COLOUR_RULES})
    assert found.violations_count == 0, f"dark: {found.generate_report()}"


@pytest.mark.parametrize("page", CHAPTERS)
def test_touch_targets_have_room_before_anybody_reads(open_page: OpenPage, page: str) -> None:
    # So Lighthouse meets a page: as a phone opens it, its end not laid out yet.
    view = open_page(SITE / page, viewport=PHONE)
    assert not view.evaluate("document.documentElement.classList.contains('reading')")
    found = Axe().run(view, options=AXE | {"runOnly": ["target-size"]})
    assert found.violations_count == 0, found.generate_report()


@pytest.mark.parametrize("page", CHAPTERS)
def test_boxes_of_code_say_what_is_in_them(soups: dict[str, BeautifulSoup], page: str) -> None:
    labels = [box.get_text(strip=True) for box in soups[page].select("details.hide > summary")]
    assert labels[:2] == ["Set-up on Colab", "Imports"]
    assert "Code and its output" not in labels


@pytest.mark.parametrize("page", PAGES)
def test_head_describes_the_page(soups: dict[str, BeautifulSoup], page: str) -> None:
    soup = soups[page]
    assert soup.html["lang"] == "en"
    assert len(soup.title.get_text(strip=True)) > 5
    content = {
        tag.get("name") or tag.get("property"): tag.get("content") for tag in soup.find_all("meta")
    }
    assert 30 <= len(content["description"]) <= 200
    assert content["og:title"] == soup.title.get_text()
    assert content["og:description"] == content["description"]
    assert soup.find("link", rel="icon")


def test_descriptions_and_titles_differ(soups: dict[str, BeautifulSoup]) -> None:
    ours = [soup for page, soup in soups.items() if page not in {"404.html", "search.html"}]
    for find in (
        lambda s: s.title.get_text(),
        lambda s: s.find("meta", attrs={"name": "description"})["content"],
    ):
        texts = [find(soup) for soup in ours]
        assert len(set(texts)) == len(texts), texts


@pytest.mark.parametrize("page", PAGES)
def test_page_is_sound(soups: dict[str, BeautifulSoup], page: str) -> None:
    soup = soups[page]
    assert len(soup.find_all("h1")) == 1
    assert len(soup.select("input[type=search]")) == 1, "one search box"
    without_alt = [str(image) for image in soup.find_all("img") if not image.has_attr("alt")]
    assert not without_alt
    in_text = soup.select("article img")
    assert all(image["alt"].strip() for image in in_text), "a figure says what it shows"
    assert all(image.has_attr("width") for image in in_text), "text would jump as it loads"
    ids = [tag["id"] for tag in soup.find_all(id=True)]
    assert len(set(ids)) == len(ids), "an id is used twice"
    for tag in soup.find_all(["script", "link", "img", "iframe", "source"]):
        address = tag.get("src") or tag.get("href") or ""
        if tag.get("rel") != ["canonical"]:
            assert not urlsplit(address).netloc, f"leaves the site: {tag}"


def any_address(tag: Tag) -> bool:
    return any(map(tag.get, ADDRESSES))


@pytest.mark.parametrize("page", PAGES)
def test_links_lead_somewhere(soups: dict[str, BeautifulSoup], page: str) -> None:
    broken = []
    for tag in soups[page].find_all(any_address):
        address = next(filter(None, map(tag.get, ADDRESSES)), None)
        if not address or urlsplit(address).scheme or urlsplit(address).netloc:
            continue
        path, fragment = urldefrag(address)
        target = (SITE / page).parent / unquote(path.partition("?")[0]) if path else SITE / page
        if not target.is_file():
            broken.append(address)
            continue
        if fragment and target.suffix == ".html":
            soup = soups[target.resolve().relative_to(SITE.resolve()).as_posix()]
            if not soup.find(id=unquote(fragment)):
                broken.append(address)
    assert not broken


@pytest.mark.parametrize("page", CHAPTERS)
def test_chapter_has_its_card(soups: dict[str, BeautifulSoup], page: str) -> None:
    card = soups[page].select_one("h1 + .cost-card")
    rows = {row.dt.get_text(): row.dd.get_text() for row in card.select("dl > div")}
    assert re.fullmatch(r"[\d.]+ (s|min) on the CPU", rows["Run"])
    source = nbformat.read((ROOT / page).with_suffix(".ipynb"), as_version=4)
    assert rows["Read"] == f"{reading(source).text.minutes:.0f} min"
    assert re.fullmatch(r"\d+ min", rows["Exercises"])
    assert re.fullmatch(r"[\d.]+ (MB|GB) at most", rows["Memory"])
    assert rows["Downloads"]
    assert rows["GPU"]
    assert rows["Commit"]
    config = (ROOT / "_config.yml").read_text(encoding="utf-8")
    repository = re.search(r"url: https://github\.com/(\S+)", config)[1]
    colab, download = (link["href"] for link in card.select("a.button"))
    assert colab == (
        f"https://colab.research.google.com/github/{repository}/blob/main/"
        f"{page.removesuffix('.html')}.ipynb"
    )
    notebook = ((SITE / page).parent / download).read_bytes()
    assert notebook == (ROOT / page).with_suffix(".ipynb").read_bytes()


def start_explorers(view: Page) -> int:
    """Load every explorer of a page, as its reader's first key does; returns how many there are."""
    view.keyboard.press("Shift")
    view.wait_for_function("() => !document.querySelector('[data-explorer-script]')")
    explorers = view.locator(".lk-explorer")
    for explorer in explorers.all():
        expect(explorer.locator(".lk-root")).to_have_count(1)
    return explorers.count()


@pytest.mark.parametrize("page", CHAPTERS)
def test_explorers_start_when_they_come_near(open_page: OpenPage, page: str) -> None:
    view = open_page(SITE / page)
    first = view.locator(".lk-explorer").first
    first.evaluate("(explorer) => explorer.scrollIntoView()")
    expect(first.locator(".lk-root")).to_be_visible()


@pytest.mark.parametrize("page", CHAPTERS)
def test_explorers_are_printed(open_page: OpenPage, page: str) -> None:
    view = open_page(SITE / page)
    view.evaluate("dispatchEvent(new Event('beforeprint'))")
    for explorer in view.locator(".lk-explorer").all():
        expect(explorer.locator(".lk-root")).to_have_count(1)


@pytest.mark.parametrize("page", CHAPTERS)
def test_chapter_is_light(open_page: OpenPage, page: str) -> None:
    loaded: set[str] = set()
    view = open_page(SITE / "404.html")
    view.on("requestfinished", lambda request: loaded.add(urldefrag(request.url)[0]))
    view.goto((SITE / page).as_uri())
    # Explorers and pictures that wait until they are near the screen count too.
    start_explorers(view)
    view.evaluate(
        "() => Promise.all([...document.images].map((i) => { i.loading = 'eager';"
        " return i.decode(); }))"
    )
    files = [Path(unquote(urlsplit(url).path)) for url in loaded if url.startswith("file:")]
    assert SITE.joinpath(page).resolve() in [file.resolve() for file in files]
    size_bytes = sum(file.stat().st_size for file in files)
    assert size_bytes <= MAX_CHAPTER_BYTES, f"{size_bytes:,} bytes"


def test_search_finds_a_section_from_a_file(open_page: OpenPage) -> None:
    view = open_page(SITE / "index.html")
    view.keyboard.press("Control+k")
    expect(view.locator("#search-input")).to_be_focused()
    view.keyboard.type("half-open intervals")
    view.keyboard.press("Enter")
    view.wait_for_url("**/search.html?q=*")
    first = view.locator("#search-results a").first
    expect(first).to_contain_text("Notation")
    expect(view.locator("#search-results mark").first).to_be_visible()
    expect(view.locator("#search-status")).to_contain_text("section")
    first.click()
    view.wait_for_url("**/notation.html#intervals")


@pytest.mark.parametrize(
    ("asked", "title", "address"),
    [
        ("aperture problem", "aperture problem", "glossary.html#term-aperture-problem"),
        ("tiou", "temporal IoU, tIoU", "glossary.html#term-temporal-IoU"),
        ("farneback_from_scratch", "farneback_from", "library.html#name-flow-farneback_from"),
        ("mvit_v1_b", "mvit_v1_b", "models.html#model-mvit-v1-b"),
    ],
)
def test_search_finds_what_is_looked_up(
    open_page: OpenPage, asked: str, title: str, address: str
) -> None:
    view = open_page(SITE / "search.html")
    view.locator("#search-input").fill(asked)
    found = view.locator(f"#search-results a[href^='{address}']")
    expect(found).to_contain_text(title)
    found.click()
    expect(view.locator(":target")).to_be_in_viewport()


def test_a_chapter_names_what_it_has_of_the_library(open_page: OpenPage) -> None:
    view = open_page(SITE / next(page for page in CHAPTERS if "conv3d" in page))
    folded = view.locator("details.names-here")
    expect(folded.locator("summary")).to_contain_text("lecturekit in this chapter")
    folded.locator("summary").press("Enter")
    built = folded.locator("dd").first
    built.get_by_role("link", name="ops.conv3d_unfold").click()
    view.wait_for_url("**/library.html#name-ops-conv3d_unfold")
    entry = view.locator("#name-ops-conv3d_unfold + dd")
    entry.get_by_role("link", name="chapter 4").click()
    view.wait_for_url("**/04_conv3d.html#channels-stride-padding")


def test_a_table_is_sorted_by_keyboard(open_page: OpenPage) -> None:
    view = open_page(SITE / "models.html")
    table = view.locator("table.sortable").first
    head = table.locator("th").nth(2)

    def column() -> list[float]:
        return [float(text) for text in table.locator("td:nth-child(3)").all_inner_texts()]

    by_chapter = column()
    head.get_by_role("button").press("Enter")
    expect(head).to_have_attribute("aria-sort", "ascending")
    assert column() == sorted(by_chapter) != by_chapter
    head.get_by_role("button").press("Enter")
    expect(head).to_have_attribute("aria-sort", "descending")
    assert column() == sorted(by_chapter, reverse=True)
    expect(view.locator("#announcer")).to_contain_text("descending")


def test_search_says_when_nothing_is_found(open_page: OpenPage) -> None:
    view = open_page(SITE / "search.html")
    view.locator("#search-input").fill("zzyzx (")
    expect(view.locator("#search-status")).to_contain_text("Nothing holds")
    view.locator("#search-input").fill("frame")
    assert view.locator("#search-results li").count() > 3


@pytest.mark.parametrize("page", CHAPTERS)
def test_contents_lead_to_their_headings(open_page: OpenPage, page: str) -> None:
    """A long page is laid out in parts: the place of a heading must be right all the same."""
    view = open_page(SITE / page, reduced_motion="reduce")
    last = view.locator(".page-contents > details > ul > li > a").last
    fragment = last.get_attribute("href")
    top = f"document.querySelector('{fragment} > :is(h2, h3)').getBoundingClientRect().top"
    bottom = "innerHeight + scrollY >= document.documentElement.scrollHeight - 2"
    last.click()
    view.wait_for_function(f"(0 < {top} && {top} < 150) || {bottom}")
    view = open_page(f"{SITE / page}{fragment}", reduced_motion="reduce")
    view.wait_for_function(f"(0 < {top} && {top} < 150) || {bottom}")


def test_theme_is_switched_and_kept(open_page: OpenPage) -> None:
    view = open_page(SITE / "index.html", color_scheme="light")
    theme = "document.documentElement.dataset.theme"
    paper = "getComputedStyle(document.body).backgroundColor"
    light = view.evaluate(paper)
    view.get_by_role("button", name="Switch to dark theme").press("Enter")
    assert view.evaluate(theme) == "dark"
    assert view.evaluate(paper) != light
    view.goto((SITE / "notation.html").as_uri())
    assert view.evaluate(theme) == "dark"
    expect(view.get_by_role("button", name="Switch to light theme")).to_be_visible()


def tab_to(view: Page, selector: str, at_most: int = 150) -> None:
    """Press Tab until the focus is on the element, as a reader without a mouse does."""
    for _ in range(at_most):
        view.keyboard.press("Tab")
        if view.evaluate("(s) => document.activeElement.matches(s)", selector):
            outline = view.evaluate(
                "() => [document.activeElement, document.activeElement.parentElement].some("
                "(e) => getComputedStyle(e).outlineStyle !== 'none')"
            )
            assert outline, f"{selector}: the focus cannot be seen"
            return
    pytest.fail(f"{selector}: not reached in {at_most} presses of Tab")


def test_keyboard_alone_reaches_everything(open_page: OpenPage) -> None:
    view = open_page(SITE / CHAPTERS[0])
    tab_to(view, ".skip-link", at_most=1)
    view.keyboard.press("Enter")
    assert view.evaluate("document.activeElement.id") == "main"
    view.reload()
    for selector in (
        "#search-input",
        "#theme-button",
        ".chapters a",
        ".page-contents a",
        ".cost-card a",
        ".copy-button",
    ):
        tab_to(view, selector)
    solution = ".tag_solution details > summary"
    tab_to(view, solution)
    opened = "(s) => document.querySelector(s).parentElement.open"
    assert not view.evaluate(opened, solution), "a solution starts folded"
    view.keyboard.press("Enter")
    assert view.evaluate(opened, solution)
    tab_to(view, ".page-links a")


def test_code_is_copied(open_page: OpenPage) -> None:
    view = open_page(SITE / CHAPTERS[0], permissions=["clipboard-read", "clipboard-write"])
    block = view.locator(".cell_input .highlight:visible").first
    block.locator(".copy-button").focus()
    view.keyboard.press("Enter")
    expect(block.locator(".copy-button")).to_have_text("Copied")
    copied = view.evaluate("navigator.clipboard.readText()")
    assert copied.strip() == block.locator("pre").inner_text().strip()


def test_menu_of_a_phone_opens_and_closes(open_page: OpenPage) -> None:
    view = open_page(SITE / "index.html", viewport=PHONE)
    button, menu = view.locator("#menu-button"), view.locator("#chapters")
    expect(menu).to_be_hidden()
    button.press("Enter")
    expect(menu).to_be_visible()
    expect(button).to_have_attribute("aria-expanded", "true")
    view.keyboard.press("Escape")
    expect(menu).to_be_hidden()
    expect(button).to_be_focused()
    menu_link = view.locator(".search-link")
    menu_link.press("Enter")
    view.wait_for_url("**/search.html")


@pytest.fixture
def served() -> Iterator[str]:
    running = serve.server(0, SITE)
    threading.Thread(target=running.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{running.server_port}"
    running.shutdown()
    running.server_close()


def test_missing_page_is_whole_at_any_depth(browser: Browser, served: str) -> None:
    view = browser.new_page()
    answers = []
    view.on("response", lambda answer: answers.append((answer.status, answer.url)))
    view.goto(f"{served}/some/where/else.html")
    expect(view.get_by_role("heading", level=1)).to_have_text("This frame is missing")
    assert [status for status, _ in answers if status != 200] == [404], answers
    assert any(url.endswith("/_static/style.css") for _, url in answers)
    view.get_by_role("link", name="Notation").click()
    view.wait_for_url(f"{served}/notation.html")
    view.close()


def test_pages_read_without_scripts(open_page: OpenPage) -> None:
    view = open_page(SITE / "notation.html", java_script_enabled=False, viewport=PHONE)
    expect(view.get_by_role("heading", level=1)).to_be_visible()
    expect(view.locator("#chapters")).to_be_visible()

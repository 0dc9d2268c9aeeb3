"""The self-test as a reader meets it: one by one, kept in the browser, wiped, without storage."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
import small_book
from playwright.sync_api import Page, expect

QUESTIONS = "".join(
    f"""
- id: 07-q{n}
  kind: {kind}
  ask: How many in ${n}^2$?
  answers:
    - say: right {n}
      right: true
      because: It is so.
    - say: wrong {n}
      because: You forgot {n}.
    - say: other {n}
      because: You took {n} twice.
  section: Asides
"""
    for n, kind in enumerate(["define", "predict", "compute", "debug", "judge", "judge"])
)
# A browser that forbids a page its storage.
FORBIDDEN = """Object.defineProperty(window, "localStorage", {
  get() { throw new DOMException("no", "SecurityError"); },
});"""


@pytest.fixture(scope="module")
def page_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    files = {
        "_toc.yml": (
            "format: jb-book\nroot: book/index\nparts: [{caption: All, numbered: 1, chapters: "
            "[{file: notebooks/07_small}, {file: book/self_test}]}]\n"
        ),
        "book/self_test.md": "# Test yourself\n\n```{self-test}\n```\n",
        "book/self_test/07.yaml": QUESTIONS,
    }
    built = small_book.build(tmp_path_factory.mktemp("book"), files)
    return built.parents[1] / "self_test.html"


def asked(page: Page) -> str:
    return page.locator("#self-test .ask").inner_text()


def answer(page: Page, word: str) -> None:
    """Press the answer that begins with this word, and go on."""
    page.locator("#self-test .answer", has_text=re.compile(f"^{word}")).click()
    page.get_by_role("button", name="Next question").click()


def number_of(page: Page) -> str:
    return page.locator("#self-test .answer").first.inner_text().split()[-1]


def test_a_wrong_answer_says_why_and_comes_again(
    open_page: Callable[..., Page], page_file: Path
) -> None:
    page = open_page(page_file)
    first = number_of(page)
    page.locator("#self-test .answer", has_text=re.compile("^wrong")).click()
    said = page.locator("#self-test .verdict")
    expect(said).to_contain_text(f"No. You forgot {first}.")
    expect(said).to_contain_text(f"right {first}")
    expect(said.get_by_role("link", name="Asides")).to_have_attribute(
        "href", "notebooks/07_small.html#asides"
    )
    page.get_by_role("button", name="Next question").click()
    others = []
    for _ in range(3):
        others.append(number_of(page))
        answer(page, "right")
    assert number_of(page) == first, "after three others the same one again"
    assert first not in others


def test_what_is_known_waits_for_its_day(open_page: Callable[..., Page], page_file: Path) -> None:
    page = open_page(page_file)
    page.clock.install(time="2026-05-01T10:00:00")
    page.reload()
    for _ in range(6):
        answer(page, "right")
    expect(page.locator("#self-test .card")).to_contain_text("Nothing is due")
    page.reload()
    expect(page.locator("#self-test .standing")).to_contain_text("6 answered so far, 0 to answer")
    page.clock.set_fixed_time("2026-05-02T11:00:00")
    page.reload()
    expect(page.locator("#self-test .standing")).to_contain_text("6 to answer today")
    answer(page, "right")  # known twice: three days now
    page.clock.set_fixed_time("2026-05-04T11:00:00")
    page.reload()
    expect(page.locator("#self-test .standing")).to_contain_text("5 to answer today")


def test_it_is_wiped_in_two_presses(open_page: Callable[..., Page], page_file: Path) -> None:
    page = open_page(page_file)
    answer(page, "right")
    page.get_by_role("button", name="Forget my answers").click()
    expect(page.locator("#self-test .standing")).to_contain_text("1 answered so far")
    page.get_by_role("button", name="Press again to forget all").click()
    expect(page.locator("#self-test .standing")).to_contain_text("0 answered so far")
    assert page.evaluate("localStorage.getItem('self-test')") is None


@pytest.mark.parametrize("stored", ["no json", '{"q-07-q0": {"box": 99, "due": "x"}}', "null"])
def test_what_it_cannot_read_is_dropped(
    open_page: Callable[..., Page], page_file: Path, stored: str
) -> None:
    page = open_page(page_file)
    page.evaluate("text => localStorage.setItem('self-test', text)", stored)
    page.reload()
    expect(page.locator("#self-test .standing")).to_contain_text("0 answered so far, 6 to answer")
    expect(page.locator("#self-test .standing")).not_to_contain_text("keeps nothing")
    answer(page, "right")


def test_without_storage_nothing_is_lost_but_the_memory(
    open_page: Callable[..., Page], page_file: Path
) -> None:
    page = open_page(page_file)
    page.add_init_script(FORBIDDEN)
    page.reload()
    expect(page.locator("#self-test .standing")).to_contain_text("keeps nothing for this page")
    answer(page, "right")
    expect(page.locator("#self-test .standing")).to_contain_text("1 answered so far")


def test_it_is_chosen_by_kind_and_worked_by_keys(
    open_page: Callable[..., Page], page_file: Path
) -> None:
    page = open_page(page_file)
    page.get_by_label("Kind").select_option("debug")
    assert number_of(page) == "3"
    page.locator("#self-test .answer").first.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Next question")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#self-test .standing")).to_contain_text("1 question, 1 answered")


def test_without_scripts_all_questions_are_a_list(
    open_page: Callable[..., Page], page_file: Path
) -> None:
    page = open_page(page_file, java_script_enabled=False)
    page.get_by_text("All questions as a list").click()
    expect(page.locator(".question")).to_have_count(6)
    page.locator(".question summary").first.click()
    expect(page.locator(".question .reasons").first).to_contain_text("Right. It is so.")

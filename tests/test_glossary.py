"""Every word of the glossary is explained where its link leads, and stands in its place."""

import re
from pathlib import Path

import nbformat
import pytest
from lecturebook.places import plain

ROOT = Path(__file__).resolve().parents[1]
GLOSSARY = (ROOT / "book" / "glossary.md").read_text(encoding="utf-8")
PLACE = re.compile(r"\{(?:place|in)\}`(\d+) ([^`]+)`")


def entries():
    """Of each word its names, and its sentences."""
    body = GLOSSARY.partition(":::{glossary}\n")[2].partition("\n:::")[0]
    for entry in body.split("\n\n"):
        lines = entry.splitlines()
        names = [line for line in lines if not line.startswith(" ")]
        yield names, " ".join(line.strip() for line in lines[len(names) :])


def sections():
    """What stands under each heading of each chapter, code included."""
    found = {}
    for file in sorted((ROOT / "notebooks").glob("*.ipynb")):
        heading = ""
        for cell in nbformat.read(file, as_version=4).cells:
            for line in cell.source.splitlines():
                if cell.cell_type == "markdown" and (match := re.match(r"#{1,4} (.+)", line)):
                    heading = plain(match[1])
                found.setdefault((int(file.name[:2]), heading), []).append(line)
    return {place: plain(" ".join(lines)).lower() for place, lines in found.items()}


ENTRIES = list(entries())
every = pytest.mark.parametrize(("names", "said"), ENTRIES, ids=[names[0] for names, _ in ENTRIES])


@pytest.fixture(scope="module")
def chapters():
    return sections()


def stands_in(name, text):
    """Each word of a name, but for how it ends: "sliding window" is there where one slides."""
    words = re.split(r"[\s–-]+", name.lower())
    return all(re.sub(r"(?<=\w{3})(ing|ed|e?s)$|(?<=@)k$", "", word) in text for word in words)


@every
def test_the_section_that_it_links_to_has_the_word(chapters, names, said):
    places = [(int(number), plain(heading)) for number, heading in PLACE.findall(said)]
    assert places, "no place"
    for place in places:
        assert place in chapters, "no such heading"
    assert any(stands_in(name, chapters[place]) for name in names for place in places)


@every
def test_it_is_one_or_two_sentences(names, said):
    sentences = re.findall(r"[.?](?= |$)", PLACE.sub("", said).strip())
    assert 1 <= len(sentences) <= 3
    assert len(said.split()) <= 60


def test_the_words_are_in_order():
    words = [names[0] for names, _ in ENTRIES]
    assert words == sorted(words, key=str.casefold)
    names = [name for names, _ in ENTRIES for name in names]
    assert len(set(names)) == len(names)
    assert len(words) >= 90


def test_words_that_refer_to_words_find_them():
    names = {name for names, _ in ENTRIES for name in names}
    for _, said in ENTRIES:
        for target in re.findall(r"\{term\}`(?:[^`<]*<)?([^`>]+)>?`", said):
            assert target in names

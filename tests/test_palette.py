"""The book's colours: readable in both themes, and written down once."""

import json
import re
from itertools import product
from pathlib import Path

import numpy as np
import pytest

from lecturekit import palette

ROOT = Path(__file__).resolve().parents[1]
THEMES = {"light": palette.LIGHT, "dark": palette.DARK}
DATA = ("blue", "orange", "green", "pink", "red", "violet", "amber")
GROUNDS = ("paper", "panel", "raised", "code", "glow")


def contrast(one: str, other: str) -> float:
    """WCAG 2.2's ratio of two colours."""

    def luminance(colour: str) -> float:
        channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
        return float(np.dot(linear, [0.2126, 0.7152, 0.0722]))

    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


TEXTS = [*product(("ink", "muted", "link", "accent", *DATA), GROUNDS)]
TEXTS += [(colour, f"{colour}-wash") for colour in DATA if f"{colour}-wash" in palette.LIGHT]
TEXTS += [("on-accent", "accent"), ("ink", "mark")]


@pytest.mark.parametrize("theme", THEMES)
def test_text_is_readable(theme):
    """1.4.3: 4.5 to 1 for text."""
    colours = THEMES[theme]
    weak = {pair: contrast(*(colours[name] for name in pair)) for pair in TEXTS}
    assert {pair: ratio for pair, ratio in weak.items() if ratio < 4.5} == {}


@pytest.mark.parametrize("theme", THEMES)
def test_the_border_of_what_can_be_used_is_seen(theme):
    """1.4.11: 3 to 1 for controls."""
    for ground in GROUNDS:
        assert contrast(THEMES[theme]["edge"], THEMES[theme][ground]) >= 3, ground


def test_lines_and_text_are_readable_on_a_figure():
    """A figure is drawn once, in the light colours, and its ground stays what it is at night."""
    assert palette.LIGHT["figure"] == palette.DARK["figure"]
    for name in ("ink", *DATA):
        assert contrast(palette.LIGHT[name], palette.LIGHT["figure"]) >= 4.5, name
    assert contrast(palette.LIGHT["ink"], palette.LIGHT["figure"]) > 7


def test_the_style_sheet_has_each_colour_in_both_themes():
    sheet = palette.css(":root", ".dark", prefix="lk-")
    light, dark = re.findall(r"^(\S+) \{\n(.*?)^\}$", sheet, flags=re.DOTALL | re.MULTILINE)
    for (selector, body), where, theme in ((light, ":root", "light"), (dark, ".dark", "dark")):
        assert selector == where
        found = dict(re.findall(r"^  --lk-([a-z-]+): (#[0-9a-f]{6});$", body, flags=re.MULTILINE))
        assert found == THEMES[theme]
        assert f"  color-scheme: {theme};" in body


def test_every_colour_has_two_values():
    colours = json.loads((ROOT / "lecturekit" / "palette.json").read_text(encoding="utf-8"))
    for name, values in colours.items():
        assert list(values) == ["light", "dark"], name
        assert all(re.fullmatch("#[0-9a-f]{6}", value) for value in values.values()), name


def test_no_colour_of_the_palette_is_written_down_elsewhere():
    colours = {*palette.LIGHT.values(), *palette.DARK.values()} - {"#ffffff"}
    rooms = ("lecturekit", "book", "tools", "benchmarks")
    files = [
        file
        for room in rooms
        for file in (ROOT / room).rglob("*")
        if file.suffix in {".css", ".js", ".py", ".html"}
    ]
    assert len(files) > 50
    found = {
        (str(file.relative_to(ROOT)), colour)
        for file in files
        for colour in re.findall(r"#[0-9a-fA-F]{6}\b", file.read_text(encoding="utf-8"))
        if colour.lower() in colours
    }
    assert found == set()

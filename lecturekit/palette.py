"""The book's colours, each by one name and one value for the light theme and one for the dark.

``palette.json`` is their only home: the figures, the pages' style sheet and the explorers' read
it. What a name is for:

- grounds: ``paper`` (the page), ``panel`` and ``raised`` (boxes on it), ``figure`` (under every
  picture, in both themes), ``code``, ``glow`` and ``mark`` (what is pointed at);
- text and lines: ``ink``, ``muted``, ``link``, ``edge`` (the border of what can be used), ``line``
  (a border that only orders);
- what a reader acts on: ``accent``, and ``on-accent`` written over it;
- data and boxes: ``blue``, ``orange``, ``green``, ``pink`` (after Okabe and Ito's, told apart by
  colour-blind readers; darkened where thin lines on paper need it), ``red``, ``violet``,
  ``amber``, and each one's ``-wash``, a ground for text in that colour.
"""

import json
from pathlib import Path

_COLOURS = json.loads(Path(__file__).with_name("palette.json").read_text(encoding="utf-8"))

LIGHT: dict[str, str] = {name: themes["light"] for name, themes in _COLOURS.items()}
DARK: dict[str, str] = {name: themes["dark"] for name, themes in _COLOURS.items()}


def css(light: str, dark: str, prefix: str = "") -> str:
    """The colours as variables of a style sheet: ``var(--ink)``, or ``var(--lk-ink)``.

    Args:
        light: selector of what wears the light colours.
        dark: selector of what wears the dark ones; it must win over ``light``.
        prefix: begins each variable's name, for style sheets that stand on others' pages.
    """
    return _rule(light, "light", LIGHT, prefix) + _rule(dark, "dark", DARK, prefix)


def _rule(selector: str, scheme: str, colours: dict[str, str], prefix: str) -> str:
    lines = [f"  --{prefix}{name}: {colour};" for name, colour in colours.items()]
    return "\n".join([f"{selector} {{", *lines, f"  color-scheme: {scheme};", "}", ""])

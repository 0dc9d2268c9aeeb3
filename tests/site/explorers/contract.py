"""What an explorer tells the contract test about itself, and how a test looks into a page."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from playwright.sync_api import Page

from lecturekit.explorers import Explorer


@dataclass(frozen=True)
class Case:
    """One explorer, as a reader and Python move it.

    Attributes:
        make: a small one, always the same.
        control: CSS selector of something to work by the keyboard.
        key: what is pressed on it.
        changes: the trait that the key changes.
        python: a trait and another value that Python may set.
        says: a piece of what a screen reader hears after the key.
        play: the name of the button that plays, if there is one.
        still: the name that this button has where the reader wants no motion.
    """

    make: Callable[[], Explorer]
    control: str
    key: str
    changes: str
    python: tuple[str, Any]
    says: str
    play: str | None = None
    still: str | None = None


FRAMES = "new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"


def get(page: Page, *keys: str) -> Any:
    """Values of the state of the page's explorer."""
    values = page.evaluate(
        "keys => keys.map((key) => document.querySelector('.lk-explorer').lkModel.get(key))",
        list(keys),
    )
    return values if len(keys) > 1 else values[0]


def put(page: Page, **values: Any) -> None:
    """What Python does when it sets traits; then waits for the repaint."""
    page.evaluate(
        """values => {
            const model = document.querySelector(".lk-explorer").lkModel;
            for (const [key, value] of Object.entries(values)) model.set(key, value);
        }""",
        values,
    )
    page.evaluate(FRAMES)


# What a reader sees of an element: its text, its controls and its pictures.
SEEN = """(selector) => {
  const el = document.querySelector(selector);
  const silent = el.cloneNode(true);
  for (const node of silent.querySelectorAll("[aria-live]")) node.remove();
  const controls = [...el.querySelectorAll("input, select")];
  return {
    text: silent.textContent,
    controls: controls.map((n) => (n.type === "radio" ? `${n.value} ${n.checked}` : n.value)),
    pictures: [...el.querySelectorAll("canvas")].map((canvas) => canvas.toDataURL()),
  };
}"""


def seen(page: Page, selector: str = ".lk-explorer") -> dict[str, Any]:
    """Text, controls and pictures of one view, once it has been repainted."""
    page.evaluate(FRAMES)
    return page.evaluate(SEEN, selector)

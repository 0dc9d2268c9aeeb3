"""Takes a picture of every page, for a person to look at.

``python tools/screenshots.py OUT_DIR`` writes full-page PNGs: light and dark, 1280 and 390 px wide.
"""

import sys
from pathlib import Path

import chromium
from playwright.sync_api import sync_playwright

SITE = Path(__file__).resolve().parents[1] / "_build" / "html"
WIDTHS_PX = (1280, 390)
THEMES = ("light", "dark")


def main(out_dir: Path) -> None:
    pages = sorted(SITE.rglob("*.html"))
    if not pages:
        sys.exit(f"{SITE} holds no page; run: make book")
    path = chromium.find()
    if not path:
        sys.exit("no Chromium or Chrome found; python tools/chromium.py installs one")
    out_dir.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        for width in WIDTHS_PX:
            for theme in THEMES:
                context = browser.new_context(
                    viewport={"width": width, "height": 900}, color_scheme=theme
                )
                view = context.new_page()
                for page in pages:
                    view.goto(page.as_uri())
                    # A key is the first sign of a reader: then all of the page is laid out.
                    view.keyboard.press("Shift")
                    # Pictures wait until they are near the screen: pass them all once.
                    view.evaluate(
                        "async () => { for (const i of document.images) i.loading = 'eager';"
                        " await Promise.all([...document.images].map(i => i.decode())); }"
                    )
                    name = page.relative_to(SITE).with_suffix("").as_posix().replace("/", "_")
                    file = out_dir / f"{name}_{theme}_{width}.png"
                    view.screenshot(path=str(file), full_page=True)
                    print(file)
                context.close()
        browser.close()


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: python tools/screenshots.py OUT_DIR")
    main(Path(sys.argv[1]))

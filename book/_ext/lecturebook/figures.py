"""Figures as WebP, with their size on the page and a description for those who cannot see them."""

import re
from pathlib import Path
from typing import Any

from docutils import nodes
from PIL import Image
from sphinx.application import Sphinx
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.util import logging

logger = logging.getLogger(__name__)

QUALITY = 82
CSS_DPI = 96


def check_and_convert(app: Sphinx, doctree: nodes.document) -> None:
    """Warn of pictures without alt text; replace the PNGs that cells drew by WebP."""
    for image in doctree.findall(nodes.image):
        if not image.get("alt"):
            logger.warning(
                "picture without alt text: a cell needs the metadata "
                '"mystnb": {"image": {"alt": "…"}}, Markdown needs ![alt](file)',
                location=image,
                type="lecturebook",
                subtype="alt",
            )
        source = Path(app.env.relfn2path(image["uri"])[1])
        drawn_by_cell = "jupyter_execute" in source.parts
        if drawn_by_cell and source.suffix == ".png" and source.is_file():
            image["uri"] = Path(image["uri"]).with_name(webp(source).name).as_posix()


def webp(source: Path) -> Path:
    """Write the smaller of lossless and lossy WebP beside a PNG, at the PNG's resolution."""
    with Image.open(source) as picture:
        dpi = picture.info.get("dpi", (CSS_DPI,))[0]
        picture.load()
    # The size that the author meant, in CSS pixels, is kept in the name: WebP stores no resolution.
    width = round(picture.width * CSS_DPI / max(dpi, CSS_DPI))
    target = source.with_name(f"{source.stem}-w{width}.webp")
    if target.is_file():
        return target
    lossless, lossy = (target.with_suffix(f".{kind}") for kind in ("lossless", "lossy"))
    picture.save(lossless, "WEBP", lossless=True, method=4)
    picture.save(lossy, "WEBP", quality=QUALITY, method=4)
    smaller, larger = sorted((lossless, lossy), key=lambda file: file.stat().st_size)
    larger.unlink()
    smaller.rename(target)
    return target


class SizePictures(SphinxPostTransform):
    """Gives each picture of a page its width and height, so that no text jumps as it loads."""

    default_priority = 500
    formats = ("html",)

    def run(self, **_: Any) -> None:
        for number, image in enumerate(self.document.findall(nodes.image)):
            # The first picture is often in view at once; the others wait until they are near it.
            first = {"fetchpriority": "high"}
            found = {"loading": "lazy", "decoding": "async"} if number else first
            file = Path(self.env.srcdir, image["uri"])
            if file.is_file() and file.suffix != ".svg":
                found["width"], found["height"] = map(str, shown_size(file))
            image["html_attributes"] = found


def shown_size(file: Path) -> tuple[int, int]:
    """Width and height of a picture on the page, in CSS pixels."""
    with Image.open(file) as picture:
        width, height = picture.size
    if meant := re.search(r"-w(\d+)\.webp$", file.name):
        width, height = int(meant[1]), round(height * int(meant[1]) / width)
    return width, height


def setup(app: Sphinx) -> None:
    # Before Sphinx's collector of pictures, at 500, which notes the files to copy.
    app.connect("doctree-read", check_and_convert, priority=300)
    app.add_post_transform(SizePictures)

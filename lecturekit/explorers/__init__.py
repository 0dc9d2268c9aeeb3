"""Interactive views that work live, on a static page, and from a USB stick.

An explorer is one front-end module (``export default { render({ model, el }) }``, the anywidget
format) with three hosts: Jupyter and Colab give it a live ``model`` through anywidget; a static
page gives it the same ``model`` through ``static/host.js``, with the state written into the page.
Python validates and computes, JavaScript plays.

To write one, subclass :class:`Explorer`, set ``name`` and tag the traits it plays with
``sync=True``; put ``<name>.js`` and ``<name>.css`` into ``static/``.
"""

import base64
import hashlib
import html
import json
from importlib import resources
from typing import Any, ClassVar

import anywidget
import traitlets

_STATIC = resources.files(__package__) / "static"


def _source(filename: str) -> str:
    return (_STATIC / filename).read_text(encoding="utf-8")


class Explorer(anywidget.AnyWidget):
    """Base of all explorers: a widget that also renders with no kernel behind it.

    Subclasses set the class variable ``name`` (the stem of their files in ``static/``), and
    ``parts`` (more scripts of ``static/``, put before theirs) where one file would be too long.
    """

    name: ClassVar[str]
    parts: ClassVar[tuple[str, ...]] = ()

    label = traitlets.Unicode(help="Accessible name: what this is a view of.").tag(sync=True)
    description = traitlets.Unicode(
        help="Text equivalent: what a reader who cannot see the picture needs to know."
    ).tag(sync=True)

    def __init_subclass__(cls, **kwargs: Any) -> None:
        # A widget makes a subclass of itself to add traits (`_esm` among them): leave that one be.
        if "name" in cls.__dict__:
            scripts = ("common.js", *cls.parts, f"{cls.name}.js")
            cls._esm = "\n".join(map(_source, scripts))
            cls._css = _source("common.css") + "\n" + _source(f"{cls.name}.css")
        super().__init_subclass__(**kwargs)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.label})"

    def state(self) -> dict[str, Any]:
        """What the front end may read: every synced trait that this library defined."""
        # anywidget and ipywidgets name their own synced traits with a leading underscore,
        # except these three.
        ours = [
            key
            for key in self.traits(sync=True)
            if not key.startswith("_") and key not in {"layout", "tabbable", "tooltip"}
        ]
        return {key: getattr(self, key) for key in sorted(ours)}

    def to_html(self) -> str:
        """A self-contained HTML fragment: markup, style, module, state. No request leaves it."""
        state = json.dumps(self.state(), default=_encode_bytes, sort_keys=True).replace(
            "<", r"\u003c"
        )
        # One export, at the end of a module without imports, is what lets a classic script carry
        # it: a page opened as a file may not fetch modules.
        module = self._esm.replace("export default", "return", 1)
        digest = hashlib.sha256((module + state).encode()).hexdigest()[:12]
        script = _source("host.js")
        slots = {"__KEY__": digest, "__MODULE__": module, "__STATE__": json.dumps(state)}
        for slot, text in slots.items():
            script = script.replace(slot, text)
        return (
            f'<div class="lk-explorer" data-explorer="{self.name}" data-key="{digest}">'
            f'<p class="lk-fallback">{html.escape(self.description)}</p></div>\n'
            f"<style>{self._css}</style>\n"
            f'<script class="lk-bundle">{script}</script>'
        )

    def _repr_mimebundle_(self, **kwargs: Any) -> tuple[dict[str, Any], dict[str, Any]]:
        data, metadata = super()._repr_mimebundle_(**kwargs)
        return {**data, "text/html": self.to_html()}, metadata


def _encode_bytes(value: Any) -> dict[str, str]:
    if isinstance(value, bytes):
        return {"base64": base64.b64encode(value).decode()}
    raise TypeError(f"an explorer's state must be JSON or bytes; got {type(value).__name__}")

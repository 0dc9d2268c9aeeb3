"""Interactive views that work live, on a static page, and from a USB stick.

An explorer is one front-end module (``export default { render({ model, el }) }``, the anywidget
format) with three hosts: Jupyter and Colab give it a live ``model`` through anywidget; a static
page gives it the same ``model`` through ``host.js``, with the state written into the page.
Python validates and computes, JavaScript plays.

To write one, make a folder with its name: ``__init__.py`` subclasses :class:`Explorer` and tags
the traits it plays with ``sync=True``; ``sums.js`` computes; ``view.js`` draws, with what ``kit/``
offers, and exports ``render``; ``style.css`` holds what is only its own.
"""

import base64
import html
import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, ClassVar

import anywidget
import traitlets

from lecturekit import checks
from lecturekit.explorers import bundle


class Explorer(anywidget.AnyWidget):
    """Base of all explorers: a widget that also renders with no kernel behind it.

    Subclasses set the class variable ``name``, their folder's.
    """

    name: ClassVar[str]

    label = traitlets.Unicode(help="Accessible name: what this is a view of.").tag(sync=True)
    description = traitlets.Unicode(
        help="Text equivalent: what a reader who cannot see the picture needs to know."
    ).tag(sync=True)

    def __init_subclass__(cls, **kwargs: Any) -> None:
        # A widget makes a subclass of itself to add traits (`_esm` among them): leave that one be.
        if "name" in cls.__dict__:
            folder = bundle.FOLDER / cls.name
            cls._esm, cls._css = bundle.script(folder / "view.js"), bundle.style(folder)
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
        """A self-contained HTML fragment: markup, state, module, style. No request leaves it."""
        script = bundle.host_script(self.name, self._esm, self._css)
        return f"{self.markup()}\n<script>{script}</script>"

    def markup(self) -> str:
        """Its place on a page, with its state; what is read where no script runs is its words."""
        state = json.dumps(self.state(), default=_encode_bytes, sort_keys=True)
        return (
            f'<div class="lk-explorer" data-explorer="{self.name}">'
            f'<p class="lk-fallback">{html.escape(self.description)}</p>'
            f'<script type="application/json">{bundle.inside_script(state)}</script></div>'
        )

    def _repr_mimebundle_(self, **kwargs: Any) -> tuple[dict[str, Any], dict[str, Any]]:
        data, metadata = super()._repr_mimebundle_(**kwargs)
        # No script: the pages that show it bring one for all explorers of its class.
        return {**data, "text/html": self.markup()}, metadata


@contextmanager
def trait_errors() -> Iterator[None]:
    """What a check refuses inside it is refused as traitlets asks of a validator."""
    try:
        yield
    except (TypeError, ValueError) as error:
        raise traitlets.TraitError(str(error)) from None


def setting(argument: str, value: int, least: int, most: int) -> int:
    """A trait's new value, for its validator: a whole number from ``least`` to ``most``."""
    with trait_errors():
        return checks.integer(argument, value, least, most)


def _encode_bytes(value: Any) -> dict[str, str]:
    if isinstance(value, bytes):
        return {"base64": base64.b64encode(value).decode()}
    raise TypeError(f"an explorer's state must be JSON or bytes; got {type(value).__name__}")

"""A chapter's number is the one in its file's name, also while chapters before it are missing."""

import re

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment

from .chapter import FOLDER


def number_chapters(app: Sphinx, env: BuildEnvironment) -> list[str]:
    """Put the names' numbers where Sphinx counted the chapters; returns those that changed."""
    changed = []
    for docname, sections in env.toc_secnumbers.items():
        named = re.match(rf"{FOLDER}(\d+)_", docname)
        if named is None:
            continue
        first = int(named[1])
        renumbered = {anchor: (first, *number[1:]) for anchor, number in sections.items() if number}
        if renumbered.items() <= sections.items():
            continue
        sections |= renumbered
        entries = env.tocs[docname].findall(nodes.reference)
        for numbered in (env.titles[docname], *entries):
            if numbered.get("secnumber"):
                numbered["secnumber"] = [first, *numbered["secnumber"][1:]]
        changed.append(docname)
    return changed


def setup(app: Sphinx) -> None:
    # After Sphinx's own count, which listens at the usual priority of 500.
    app.connect("env-get-updated", number_chapters, priority=900)

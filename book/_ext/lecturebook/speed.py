"""Pages built in half the time: on all cores, and what is looked up once stays known.

Jupyter Book starts Sphinx for one core and has no option for more. The bibliography asks for the
same few plugins at every citation, and reads each time what every installed package offers.
"""

import os
from functools import cache

import pybtex.plugin
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment

MOST_PROCESSES = 4


# Jupyter Book's own extensions that do not say whether pages may be read side by side. They may:
# the first works on what all pages were read into, the second for LaTeX only.
SILENT = ("sphinx_multitoc_numbering", "sphinx_jupyterbook_latex")


def allow_parallel_reading(app: Sphinx, env: BuildEnvironment, docnames: list[str]) -> None:
    for name in SILENT:
        if name in app.extensions:
            app.extensions[name].parallel_read_safe = True


def setup(app: Sphinx) -> None:
    app.parallel = min(os.cpu_count() or 1, MOST_PROCESSES)
    app.connect("env-before-read-docs", allow_parallel_reading)
    pybtex.plugin.entry_points = cache(pybtex.plugin.entry_points)

"""Whole folders of films, computed once and kept: ``python -m lecturekit.extraction``.

Words of this package:

film      a file to extract from, where its output goes, and its name below the folder: `films`.
field     the flow between two neighbouring frames.
record    what a file of extracted flow says of itself: `stored`.
settings  what decides the flow that is kept: `flow`.
run       who extracts the films: worker processes, or a Dask cluster: `workers`.
"""

from .flow import Settings, extract_film
from .stored import Record, read_extracted, read_record

__all__ = ["Record", "Settings", "extract_film", "read_extracted", "read_record"]

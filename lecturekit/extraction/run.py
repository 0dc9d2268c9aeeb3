"""One run over a folder of films: what is kept, what is made, what is told at the end."""

import fcntl
import os
import sys
import time
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TextIO

from tqdm import tqdm

from lecturekit.files import PARTIAL

from .films import Film, Found
from .flow import Settings, current_record
from .stored import Record
from .workers import Results, Run, UsageError


@contextmanager
def only_run(output_dir: Path) -> Iterator[None]:
    """The output folder, made and held: two runs in it would remove each other's files."""
    try:
        output_dir.mkdir(parents=True, exist_ok=True)
        folder = os.open(output_dir, os.O_RDONLY)
    except OSError as error:
        expected = f"expected a folder to write to, got {output_dir}: {error.strerror}"
        raise UsageError(f"OUTPUT_DIR: {expected}") from error
    try:
        try:
            fcntl.flock(folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise UsageError(f"OUTPUT_DIR: another run writes to {output_dir}") from None
        yield
    finally:
        os.close(folder)


def extract_all(found: Found, settings: Settings, run: Run) -> int:
    """Extract the films found; returns the command's exit status."""
    films = found.films
    kept, waiting = _sorted_out(films, settings)
    made: dict[Film, Record] = {}
    failures, interrupted = dict(found.unlisted), False
    try:
        with closing(run(waiting, settings)) as results:
            for film, outcome in _shown(results, len(films), len(kept)):
                if isinstance(outcome, Record):
                    if current_record(film.target, film.source, settings):
                        made[film] = outcome
                        continue
                    outcome = f"done, but {film.target} is not seen here: is the folder shared?"
                failures[film.name] = outcome
                tqdm.write(f"failed: {film.name}: {outcome}", file=sys.stderr)
    except KeyboardInterrupt:
        interrupted = True
    finally:
        _remove_partial(films)
    num_left = len(films) - len(kept) - len(made)
    print(f"{len(made)} films extracted, {len(kept)} kept from before, {num_left} not done")
    _report(kept | made, settings)
    tell_left_out(found, sys.stdout)
    for name in sorted(failures):
        print(f"failed: {name}: {failures[name]}")
    if interrupted:
        print("interrupted; the same command continues")
        return 130
    return 1 if failures else 0


def _sorted_out(films: Iterable[Film], settings: Settings) -> tuple[dict[Film, Record], list[Film]]:
    """The films whose flow is there, with its record, and those to extract.

    What is of no use is removed before anything is made: the folder never mixes two settings.
    """
    kept, waiting, num_removed = {}, [], 0
    for film in tqdm(films, "what is there", unit="film", leave=False):
        if record := current_record(film.target, film.source, settings):
            kept[film] = record
            continue
        waiting.append(film)
        if os.path.isfile(film.target):
            os.unlink(film.target)
            num_removed += 1
    _remove_partial(films)
    if num_removed:
        print(f"{num_removed} outputs of other parameters or of changed films removed first")
    return kept, waiting


def _remove_partial(films: Iterable[Film]) -> None:
    """Remove what killed runs left beside the places of these films."""
    for folder in {Path(film.target).parent for film in films}:
        for partial in folder.glob(f"{PARTIAL}*.npz"):
            partial.unlink(missing_ok=True)


def _shown(results: Results, num_films: int, num_kept: int) -> Iterator[tuple[Film, Record | str]]:
    """The films of a run, behind a bar that counts them and shows the rate of fields."""
    num_fields, start_sec = 0, time.perf_counter()
    # A log file is spared ten lines a second.
    pause_sec = 0.1 if sys.stderr.isatty() else 10
    with tqdm(
        total=num_films, initial=num_kept, unit="film", miniters=0, mininterval=pause_sec
    ) as bar:
        for result in results:
            if result is None:
                num_fields += 1
                rate = num_fields / (time.perf_counter() - start_sec)
                bar.set_postfix_str(f"{rate:.1f} frames/s", refresh=False)
                bar.update(0)
            else:
                yield result
                bar.update()


def _report(records: dict[Film, Record], settings: Settings) -> None:
    """What is in the output folder now: fields, vectors cut off, films without motion."""
    vectors = {f: r.num_fields * r.height_px * r.width_px for f, r in records.items()}
    if total := sum(vectors.values()):
        share = sum(records[film].clipped_share * vectors[film] for film in records) / total
        worst = max(records, key=lambda film: records[film].clipped_share)
        print(f"{sum(r.num_fields for r in records.values())} fields; ", end="")
        print(f"{share:.2%} of vectors cut off at {settings.bound_px:g} px", end="")
        print(f", most in {worst.name}: {records[worst].clipped_share:.2%}")
    for film in records:
        if not records[film].num_fields:
            print(f"no flow: {film.name}: one frame")


def tell_left_out(found: Found, out: TextIO) -> None:
    """Name all that lies below the folder and is no film."""
    for name in sorted(found.left_out):
        print(f"left out: {name}: {found.left_out[name]}", file=out)

"""Extract the optical flow of a folder of films, on this machine or on a Dask cluster.

Each film below INPUT_DIR becomes one file of the same name, with .npz added, below OUTPUT_DIR;
lecturekit.flow.extract says what is in it, and read_extracted reads it. A run that was killed is
continued by the same command. Flow of other parameters, or of a film that has changed since, is
removed and made anew. A film that cannot be read is passed over and named at the end.

What is in a file makes it a film, not its name; a name that only films have (.mp4, .mkv …) is
believed too. All that is left out is named.

Exit status: 0, all films are done; 1, some are not; 2, an argument is wrong; 130, interrupted.
"""

import argparse
import fcntl
import importlib.util
import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, nullcontext
from pathlib import Path
from typing import TextIO

from tqdm import tqdm

from .checks import integer
from .extract import Record, Settings, current_record, remove_partial
from .find import Film, Found, find_films
from .runs import NoSchedulerError, Results, Run, cluster, processes


def main(arguments: list[str] | None = None) -> int:
    """The command; returns its exit status."""
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="backslashreplace")  # file names may be no text
    parser = _parser()
    args = parser.parse_args(arguments)
    settings = Settings(args.bound, args.height)
    if not args.input_dir.is_dir():
        parser.error(f"INPUT_DIR: expected a folder, got {args.input_dir}")
    found = find_films(args.input_dir, args.output_dir)
    if not found.films and not found.unlisted:
        _tell_left_out(found, sys.stderr)
        parser.error(f"INPUT_DIR: expected films in {args.input_dir}, found none")
    if args.scheduler and not importlib.util.find_spec("distributed"):
        parser.error("--scheduler: needs Dask; install it with: pip install 'lecturekit[scale]'")
    try:
        by_processes = nullcontext(processes(args.workers or os.cpu_count()))
        with (
            cluster(args.scheduler) if args.scheduler else by_processes as run,
            _only_run(args.output_dir),
        ):
            return _extract_all(found, settings, run)
    except _ArgumentError as error:
        parser.error(str(error))
    except NoSchedulerError as error:
        parser.error(f"--scheduler: {error}")


def _extract_all(found: Found, settings: Settings, run: Run) -> int:
    films, failures = found.films, dict(found.unlisted)
    kept, waiting, num_removed = {}, [], 0
    for film in tqdm(films, "what is there", unit="film", leave=False):
        if record := current_record(film.target, film.source, settings):
            kept[film] = record
            continue
        waiting.append(film)
        # Removed before anything is made: the folder never mixes two settings.
        if os.path.isfile(film.target):
            os.unlink(film.target)
            num_removed += 1
    remove_partial(films)
    made: dict[Film, Record] = {}
    try:
        with closing(run(waiting, settings)) as results:
            for film, outcome in _shown(results, len(films), len(kept)):
                if isinstance(outcome, Record) and not current_record(
                    film.target, film.source, settings
                ):
                    outcome = f"done, but {film.target} is not seen here: is the folder shared?"
                if isinstance(outcome, Record):
                    made[film] = outcome
                else:
                    failures[film.name] = outcome
                    tqdm.write(f"failed: {film.name}: {outcome}", file=sys.stderr)
        interrupted = False
    except KeyboardInterrupt:
        interrupted = True
    finally:
        remove_partial(films)
    num_left = len(films) - len(kept) - len(made)
    print(f"{len(made)} films extracted, {len(kept)} kept from before, {num_left} not done")
    if num_removed:
        print(f"{num_removed} outputs of other parameters or of changed films removed first")
    _report(kept | made, settings)
    _tell_left_out(found, sys.stdout)
    for name in sorted(failures):
        print(f"failed: {name}: {failures[name]}")
    if interrupted:
        print("interrupted; the same command continues")
        return 130
    return 1 if failures else 0


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


def _tell_left_out(found: Found, out: TextIO) -> None:
    for name in sorted(found.left_out):
        print(f"left out: {name}: {found.left_out[name]}", file=out)


class _ArgumentError(ValueError):
    """Names the argument and what is wrong with it."""


@contextmanager
def _only_run(output_dir: Path) -> Iterator[None]:
    """The output folder, made and held: two runs in it would remove each other's files."""
    try:
        output_dir.mkdir(parents=True, exist_ok=True)
        folder = os.open(output_dir, os.O_RDONLY)
    except OSError as error:
        raise _ArgumentError(
            f"OUTPUT_DIR: expected a folder to write to, got {output_dir}: {error.strerror}"
        ) from error
    try:
        try:
            fcntl.flock(folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise _ArgumentError(f"OUTPUT_DIR: another run writes to {output_dir}") from None
        yield
    finally:
        os.close(folder)


def _parser() -> argparse.ArgumentParser:
    default = Settings()
    parser = argparse.ArgumentParser(
        "python -m lecturekit.flow",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("input_dir", metavar="INPUT_DIR", type=Path, help="the films")
    parser.add_argument("output_dir", metavar="OUTPUT_DIR", type=Path, help="the flow; made")
    parser.add_argument(
        "--bound",
        metavar="PX",
        type=_checked(float, lambda value: Settings(bound_px=value)),
        default=default.bound_px,
        help="levels 0 to 255 stand for -PX to +PX; beyond, flow is cut off (default: %(default)g)",
    )
    parser.add_argument(
        "--height",
        metavar="PX",
        type=_checked(int, lambda value: Settings(height_px=value)),
        default=default.height_px,
        help="shorter side of the frames, made smaller first if larger (default: %(default)d)",
    )
    where = parser.add_mutually_exclusive_group()
    where.add_argument(
        "--workers",
        metavar="N",
        type=_checked(int, lambda value: integer("workers", value, 1)),
        help="worker processes, of one thread each (default: one per core)",
    )
    where.add_argument(
        "--scheduler",
        metavar="ADDRESS",
        help="run on the Dask cluster of this scheduler instead, for example tcp://host:8786; "
        "its workers must see both folders under the same paths",
    )
    return parser


def _checked(convert: Callable, check: Callable) -> Callable:
    def parse(text: str) -> float:
        try:
            value = convert(text)
        except ValueError:
            kind = "a whole number" if convert is int else "a number"
            raise argparse.ArgumentTypeError(f"expected {kind}, got {text!r}") from None
        try:
            check(value)
        except ValueError as error:
            raise argparse.ArgumentTypeError(str(error).partition(": ")[2]) from None
        return value

    return parse


if __name__ == "__main__":
    sys.exit(main())

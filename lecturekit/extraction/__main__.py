"""Extract from all films of a folder what networks are trained on, once."""

import argparse
import os
import sys
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path

from lecturekit import checks

from .films import find_films
from .flow import Settings
from .run import extract_all, only_run, tell_left_out
from .workers import UsageError, cluster, processes

FLOW = """Extract the optical flow of a folder of films, on this machine or on a Dask cluster.

Each film below INPUT_DIR becomes one file of the same name, with .npz added, below OUTPUT_DIR;
lecturekit.extraction.stored says what is in it, and read_extracted reads it. A run that was killed
is continued by the same command. Flow of other parameters, or of a film that has changed since, is
removed and made anew. A film that cannot be read is passed over and named at the end.

What is in a file makes it a film, not its name; a name that only films have (.mp4, .mkv …) is
believed too. All that is left out is named.

Exit status: 0, all films are done; 1, some are not; 2, an argument is wrong; 130, interrupted.
"""


def main(arguments: list[str] | None = None) -> int:
    """The command; returns its exit status."""
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="backslashreplace")  # file names may be no text
    parser = argparse.ArgumentParser("python -m lecturekit.extraction", description=__doc__)
    what = parser.add_subparsers(title="what to extract", metavar="WHAT", required=True)
    flow = what.add_parser(
        "flow",
        help="optical flow, for two-stream networks",
        description=FLOW,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    _add_flow_arguments(flow)
    args = parser.parse_args(arguments)
    try:
        return _extract_flow(args)
    except UsageError as error:
        flow.error(str(error))


def _extract_flow(args: argparse.Namespace) -> int:
    if not args.input_dir.is_dir():
        raise UsageError(f"INPUT_DIR: expected a folder, got {args.input_dir}")
    found = find_films(args.input_dir, args.output_dir)
    if not found.films and not found.unlisted:
        tell_left_out(found, sys.stderr)
        raise UsageError(f"INPUT_DIR: expected films in {args.input_dir}, found none")
    here = nullcontext(processes(args.workers or os.cpu_count()))
    # In this order: where the cluster is not reached, no folder is made.
    with cluster(args.scheduler) if args.scheduler else here as run, only_run(args.output_dir):
        return extract_all(found, Settings(args.bound, args.height), run)


def _add_flow_arguments(parser: argparse.ArgumentParser) -> None:
    default = Settings()
    parser.add_argument("input_dir", metavar="INPUT_DIR", type=Path, help="the films")
    parser.add_argument("output_dir", metavar="OUTPUT_DIR", type=Path, help="the flow; made")
    parser.add_argument(
        "--bound",
        metavar="PX",
        type=_checked(lambda text: Settings(bound_px=float(text)).bound_px),
        default=default.bound_px,
        help="levels 0 to 255 stand for -PX to +PX; beyond, flow is cut off (default: %(default)g)",
    )
    parser.add_argument(
        "--height",
        metavar="PX",
        type=_checked(lambda text: Settings(height_px=int(text)).height_px),
        default=default.height_px,
        help="shorter side of the frames, made smaller first if larger (default: %(default)d)",
    )
    where = parser.add_mutually_exclusive_group()
    where.add_argument(
        "--workers",
        metavar="N",
        type=_checked(lambda text: checks.integer("workers", int(text), 1)),
        help="worker processes, of one thread each (default: one per core)",
    )
    where.add_argument(
        "--scheduler",
        metavar="ADDRESS",
        help="run on the Dask cluster of this scheduler instead, for example tcp://host:8786; "
        "its workers must see both folders under the same paths",
    )


def _checked(read: Callable[[str], float]) -> Callable[[str], float]:
    """A reader of an option whose errors argparse shows in their own words."""

    def parse(text: str) -> float:
        try:
            return read(text)
        except ValueError as error:
            raise argparse.ArgumentTypeError(str(error)) from None

    return parse


if __name__ == "__main__":
    sys.exit(main())

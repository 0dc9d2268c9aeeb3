"""Who extracts the films: worker processes of this machine, or a Dask cluster.

Apart from the command, because a spawned process cannot import what a ``__main__`` defines.
"""

import multiprocessing
import signal
import sys
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager, suppress
from multiprocessing import resource_tracker
from multiprocessing.connection import Connection, wait

from .films import Film
from .flow import Settings, attempt
from .stored import Record

# What a run yields: a film with its record, or with what went wrong; None, one more field is done.
Results = Generator[tuple[Film, Record | str] | None, None, None]
Run = Callable[[list[Film], Settings], Results]


class UsageError(Exception):
    """Names an argument that cannot be used, and why."""


class _Worker:
    """A process that extracts one film at a time: if it dies, its film is known."""

    film: Film

    def __init__(self) -> None:
        context = multiprocessing.get_context("spawn")
        self.connection, theirs = context.Pipe()
        self.process = context.Process(target=_serve, args=(theirs,), daemon=True)
        # Control-C reaches the whole process group. A worker inherits that it does not hear it:
        # the run that started it ends it. The tracker, if started inside, would hear it again.
        resource_tracker.ensure_running()
        heard = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
        try:
            self.process.start()
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, heard)
        theirs.close()

    def give(self, film: Film, settings: Settings) -> None:
        self.film = film
        with suppress(ConnectionError):  # it died: found when it is listened to
            self.connection.send((film, settings))

    def answer(self) -> Record | str | None:
        """Its film's outcome; ``None``: one more field is done."""
        try:
            return self.connection.recv()
        except (EOFError, OSError):
            self.process.join()
            return f"its worker process died, exit status {self.process.exitcode}"


def _serve(connection: Connection) -> None:
    """A worker process: extracts what it is sent, until there is nobody to send."""
    with suppress(EOFError, ConnectionError):
        while True:
            film, settings = connection.recv()
            connection.send(attempt(film, settings, lambda: connection.send(None)))


def processes(num_workers: int) -> Run:
    """Films go to worker processes. Closing what the run returns ends them at once."""

    def run(films: list[Film], settings: Settings) -> Results:
        waiting = films[::-1]
        busy: dict[Connection, _Worker] = {}
        try:
            while waiting or busy:
                while waiting and len(busy) < num_workers:
                    worker = _Worker()
                    busy[worker.connection] = worker
                    worker.give(waiting.pop(), settings)
                for connection in wait(list(busy)):
                    worker = busy[connection]
                    film, outcome = worker.film, worker.answer()
                    if outcome is None:
                        yield None
                        continue
                    if waiting and worker.process.is_alive():
                        worker.give(waiting.pop(), settings)
                    else:
                        busy.pop(connection).connection.close()
                    yield film, outcome
        finally:
            for worker in busy.values():
                worker.process.kill()
                worker.process.join()

    return run


@contextmanager
def cluster(address: str) -> Iterator[Run]:
    """Films go to a Dask cluster, as a bag of one film per partition."""
    try:
        from dask import bag
        from distributed import Client, as_completed
    except ImportError as error:
        install = "pip install 'lecturekit[scale]'"
        raise UsageError(f"--scheduler: needs Dask; install it with: {install}") from error
    try:
        client = Client(address, timeout=10)
    except (OSError, ValueError) as error:
        raise UsageError(f"--scheduler: no Dask scheduler at {address}: {error}") from error

    def run(films: list[Film], settings: Settings) -> Results:
        if not films:
            return
        if not client.nthreads():
            print("the cluster has no worker yet: waiting", file=sys.stderr)
        outcomes = bag.from_sequence(films, partition_size=1).map(attempt, settings)
        film_of = dict(zip(client.compute(outcomes.to_delayed()), films, strict=True))
        try:
            for future in as_completed(film_of):
                try:
                    (outcome,) = future.result()
                except Exception as error:  # no worker survived it, or the cluster is gone
                    outcome = f"{type(error).__name__}: {error}".replace("\n", " ")
                yield film_of[future], outcome
        finally:
            client.cancel(list(film_of))

    with client:
        yield run

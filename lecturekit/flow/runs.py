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
from multiprocessing.process import BaseProcess

from .extract import Record, Settings, attempt
from .find import Film

# What a run yields: a film with its record, or with what went wrong; None, one more field is done.
Results = Generator[tuple[Film, Record | str] | None, None, None]
Run = Callable[[list[Film], Settings], Results]


class NoSchedulerError(RuntimeError):
    """Nothing that can be used answers at the address."""


def processes(num_workers: int) -> Run:
    """Films go to worker processes, one at a time each: if one dies, its film is known.

    Closing what the run returns ends them at once.
    """
    context = multiprocessing.get_context("spawn")

    def start() -> tuple[Connection, BaseProcess]:
        ours, theirs = context.Pipe()
        process = context.Process(target=_serve, args=(theirs,), daemon=True)
        # Control-C reaches the whole process group. A worker inherits that it does not hear it:
        # the run that started it ends it. The tracker, if started inside, would hear it again.
        resource_tracker.ensure_running()
        heard = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
        try:
            process.start()
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, heard)
        theirs.close()
        return ours, process

    def run(films: list[Film], settings: Settings) -> Results:
        waiting = films[::-1]
        busy: dict[Connection, tuple[BaseProcess, Film]] = {}

        def give(connection: Connection, process: BaseProcess) -> None:
            busy[connection] = process, waiting.pop()
            with suppress(ConnectionError):  # it died: found when it is listened to
                connection.send((busy[connection][1], settings))

        try:
            while waiting or busy:
                while waiting and len(busy) < num_workers:
                    give(*start())
                for connection in wait(list(busy)):
                    process, film = busy[connection]
                    try:
                        outcome = connection.recv()
                    except (EOFError, OSError):
                        process.join()
                        outcome = f"its worker process died, exit status {process.exitcode}"
                    if outcome is None:
                        yield None
                        continue
                    del busy[connection]
                    if waiting and process.is_alive():
                        give(connection, process)
                    else:
                        connection.close()
                    yield film, outcome
        finally:
            for process, _ in busy.values():
                process.kill()
                process.join()

    return run


def _serve(connection: Connection) -> None:
    """A worker process: extracts what it is sent, until there is nobody to send."""
    with suppress(EOFError, ConnectionError):
        while True:
            film, settings = connection.recv()
            connection.send(attempt(film, settings, lambda: connection.send(None)))


@contextmanager
def cluster(address: str) -> Iterator[Run]:
    """Films go to a Dask cluster, as a bag of one film per partition."""
    from dask import bag
    from distributed import Client, as_completed

    try:
        client = Client(address, timeout=10)
    except (OSError, ValueError) as error:
        raise NoSchedulerError(f"no Dask scheduler at {address}: {error}") from error

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

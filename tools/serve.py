"""Serves the built book as a good host would: compressed, cached, with its own page for 404.

``python tools/serve.py --port 8000`` prints the address to open.
"""

import argparse
import errno
import functools
import gzip
import sys
from http import HTTPStatus
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import ClassVar

SITE = Path(__file__).resolve().parents[1] / "_build" / "html"
_TEXT = {".html", ".css", ".js", ".svg", ".json", ".txt", ".xml", ".md", ".ipynb", ".inv"}


@functools.lru_cache(maxsize=256)
def _compressed(path: Path, modified_ns: int) -> bytes:
    """Gzip of a file; kept, until the file changes."""
    return gzip.compress(path.read_bytes(), compresslevel=6)


class Handler(SimpleHTTPRequestHandler):
    """Adds compression, cache headers, the book's 404 page and MIME types that do not vary."""

    protocol_version = "HTTP/1.1"
    extensions_map: ClassVar[dict[str, str]] = {
        **SimpleHTTPRequestHandler.extensions_map,
        ".css": "text/css; charset=utf-8",
        ".html": "text/html; charset=utf-8",
        ".ipynb": "application/x-ipynb+json",
        ".js": "text/javascript; charset=utf-8",
        ".svg": "image/svg+xml",
        ".webp": "image/webp",
    }

    def do_GET(self) -> None:
        self._send(body_too=True)

    def do_HEAD(self) -> None:
        self._send(body_too=False)

    def _send(self, *, body_too: bool) -> None:
        path = Path(self.translate_path(self.path))
        status = HTTPStatus.OK
        if path.is_dir():
            path /= "index.html"
        if not path.is_file():
            path, status = Path(self.directory, "404.html"), HTTPStatus.NOT_FOUND
        if not path.is_file():
            self.send_error(status)
            return
        modified_ns = path.stat().st_mtime_ns
        tag = f'"{modified_ns:x}"'
        if status is HTTPStatus.OK and self.headers.get("If-None-Match") == tag:
            self.send_response(HTTPStatus.NOT_MODIFIED)
            self.send_header("ETag", tag)
            self.end_headers()
            return
        accepted = "gzip" in self.headers.get("Accept-Encoding", "")
        compress = accepted and path.suffix in _TEXT
        body = _compressed(path, modified_ns) if compress else path.read_bytes()
        self.send_response(status)
        self.send_header("Content-Type", self.guess_type(str(path)))
        self.send_header("Content-Length", str(len(body)))
        if compress:
            self.send_header("Content-Encoding", "gzip")
        self.send_header("Vary", "Accept-Encoding")
        self.send_header("ETag", tag)
        # Asked again each time: a page that was just rebuilt is never an old one.
        self.send_header("Cache-Control", "no-cache")
        self.end_headers()
        if body_too:
            self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Say only what went wrong."""
        asked, answer = str(args[0]), str(args[1]) if len(args) > 1 else ""
        if answer.startswith(("4", "5")) and "robots.txt" not in asked:
            super().log_message(format, *args)


def server(port: int, site: Path = SITE) -> ThreadingHTTPServer:
    """A server of the site, bound to this machine only and not yet running; port 0 takes any."""
    return ThreadingHTTPServer(("127.0.0.1", port), functools.partial(Handler, directory=str(site)))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--port", type=int, default=8000)
    port = parser.parse_args().port
    if not (SITE / "index.html").is_file():
        sys.exit(f"{SITE} holds no book yet; run: make book")
    try:
        running = server(port)
    except (OSError, OverflowError) as error:
        if getattr(error, "errno", None) == errno.EADDRINUSE:
            sys.exit(f"port {port} is taken; choose another: make serve PORT={port + 1}")
        sys.exit(f"port {port}: {error}")
    print(f"The book is at http://localhost:{running.server_port}/  (Ctrl+C stops)", flush=True)
    try:
        running.serve_forever()
    except KeyboardInterrupt:
        print()
    finally:
        running.server_close()


if __name__ == "__main__":
    main()

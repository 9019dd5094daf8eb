"""How long a user waits before anything happens: importing the engine, and ``pumpurs --help``."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks.twelve import ROOT, interleaved, report

MODULES = "engine.load, engine.check, engine.batch, engine.assess, engine.changes, engine.pupil"


def run(*words: str) -> None:
    """Run Python in a process of its own."""
    subprocess.run([sys.executable, *words], check=True, cwd=ROOT, stdout=subprocess.DEVNULL)


def main() -> None:
    """Time whole processes in turns; the engine's own time is what polars alone does not take."""
    times = interleaved(
        {
            "polars": lambda: run("-c", "import polars"),
            "engine": lambda: run("-c", f"import polars, {MODULES}"),
            "help": lambda: run("-m", "service.cli", "--help"),
        },
        rounds=9,
    )
    own = times["engine"] - times["polars"]
    report(
        "import of all of engine without polars' own time, seconds", own, "< 0.3", good=own < 0.3
    )
    report("pumpurs --help, seconds", times["help"], "< 0.5", good=times["help"] < 0.5)


if __name__ == "__main__":
    main()

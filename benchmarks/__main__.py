"""Times Sparkle beside torch and Ignite: `python -m benchmarks [--rows mlp_small,adam] [--rounds 3]`.

Each figure is the median of some rounds, a round the fastest of many samples. The two libraries of a row run one after
the other, in turns, each time in a new process with the same number of threads, so that neither has the other's
threads, caches or memory in its way. The table goes to stdout, progress to stderr, and all figures with the machine
they were made on into a JSON file.
"""

from __future__ import annotations

import argparse
import datetime
import json
import os
import platform
import subprocess
import sys
from pathlib import Path
from statistics import median
from typing import Any

from .rows import ROWS

ROOT = Path(__file__).parent.parent
# Every library reads its number of threads from one of these.
THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS")
UNITS = ((1.0, "s "), (1e-3, "ms"), (1e-6, "us"), (1e-9, "ns"))


def usable_cpus() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def cpu_model() -> str:
    """The processor's name, as far as the system tells."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    return next((line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")), platform.machine())


def run_worker(name: str, library: str, threads: int) -> dict[str, Any]:
    """What a worker process says of a row and a library."""
    command = [sys.executable, "-m", "benchmarks.worker", name, library]
    environment = {**os.environ, **dict.fromkeys(THREADS, str(threads))}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"benchmarks: {name} with {library} failed:\n{done.stderr}")
    return json.loads(done.stdout.splitlines()[-1])


def run_row(name: str, rounds: int, threads: int) -> dict[str, Any]:
    """Both libraries of a row, alternating."""
    row = ROWS[name]
    answers: dict[str, list[dict[str, Any]]] = {"sparkle": [], row.peer: []}
    for number in range(rounds):
        for library, told in answers.items():
            told.append(run_worker(name, library, threads))
            print(f"{name} {number + 1}/{rounds} {library} {shown(told[-1]['seconds'])}", file=sys.stderr, flush=True)
    ours, theirs = (median(answer["seconds"] for answer in told) for told in answers.values())
    return {
        "row": name, "title": row.title, "peer": row.peer,
        "sparkle_seconds": ours, "peer_seconds": theirs, "ratio": theirs / ours,
        "rounds": {library: [answer["seconds"] for answer in told] for library, told in answers.items()},
        "versions": {k: v for told in answers.values() for k, v in told[-1]["versions"].items()},
        "threads": {library: told[-1]["threads"] for library, told in answers.items()},
    }  # fmt: skip


def shown(seconds: float) -> str:
    """Seconds in the largest unit that leaves a whole part."""
    size, unit = next((pair for pair in UNITS if seconds >= pair[0]), UNITS[-1])
    return f"{seconds / size:6.2f} {unit}"


def table(results: list[dict[str, Any]]) -> str:
    """The rows as text."""
    width = max(len(result["title"]) for result in results)
    lines = [f"{'':{width}}  {'sparkle':>9}  {'peer':>9}  ratio (above 1: sparkle is faster)"]
    for result in results:
        ours, theirs = shown(result["sparkle_seconds"]), shown(result["peer_seconds"])
        lines.append(f"{result['title']:{width}}  {ours}  {theirs}  {result['ratio']:5.2f} x {result['peer']}")
    return "\n".join(lines)


def machine(threads: int) -> dict[str, Any]:
    """Where and when."""
    return {
        "date": datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
        "cpu": cpu_model(), "usable_cpus": usable_cpus(), "threads": threads,
        "platform": platform.platform(), "python": platform.python_version(),
    }  # fmt: skip


def rows_of(text: str) -> list[str]:
    names = text.split(",")
    if unknown := set(names) - set(ROWS):
        raise argparse.ArgumentTypeError(f"no row {', '.join(sorted(unknown))}; there are {', '.join(ROWS)}")
    return names


def positive(text: str) -> int:
    if not text.isdecimal() or not int(text):
        raise argparse.ArgumentTypeError(f"{text!r} is not a positive whole number")
    return int(text)


def parse(arguments: list[str] | None) -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=rows_of, default=list(ROWS), help=f"some of {','.join(ROWS)}")
    parser.add_argument("--rounds", type=positive, default=3)
    parser.add_argument("--threads", type=positive, default=usable_cpus(), help="of every library (default: all cpus)")
    parser.add_argument("--json", type=Path, default=Path("build/bench.json"), help="where the figures go")
    return parser.parse_args(arguments)


def main(arguments: list[str] | None = None) -> None:
    """Run, print the table, write the file."""
    options = parse(arguments)
    results = [run_row(name, options.rounds, options.threads) for name in options.rows]
    where = machine(options.threads)
    options.json.parent.mkdir(parents=True, exist_ok=True)
    options.json.write_text(json.dumps({**where, "rows": results}, indent=2) + "\n", encoding="utf-8")
    versions = {name: version for result in results for name, version in result["versions"].items()}
    print(table(results))
    print(f"\n{where['cpu']}, {options.threads} threads, {where['platform']}, python {where['python']}")
    print(", ".join(f"{name} {version}" for name, version in versions.items()), f"-> {options.json}")


if __name__ == "__main__":
    main()

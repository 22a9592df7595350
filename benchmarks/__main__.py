"""Times Sparkle beside torch, Ignite and JAX: `python -m benchmarks [--rows mlp_small,adam] [--rounds 3]`.

Each figure is the median of some rounds, a round the fastest of many samples. The two libraries of a row run one after
the other, in turns, each time in a new process with the same number of threads, so that neither has the other's
threads, caches or memory in its way. The tables go to stdout, progress to stderr, and all figures with the machine
they were made on into a JSON file. Rows beside a library that is not installed are left out, and named.
"""

from __future__ import annotations

import argparse
import datetime
import importlib.util
import json
import os
import platform
import subprocess
import sys
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

from . import footprint, report
from .rows import ROWS

ROOT = Path(__file__).parent.parent
PEERS = ("torch", "ignite", "jax")
# Every library reads its number of threads from one of these.
THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS")


def usable_cpus() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def cpu_model() -> str:
    """The processor's name, as far as the system tells."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    return next((line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")), platform.machine())


def environment(threads: int) -> dict[str, str]:
    """What the processes that are timed see. Bytecode is kept, as it is for installed packages."""
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return {**kept, **dict.fromkeys(THREADS, str(threads))}


def run_worker(name: str, library: str, options: argparse.Namespace) -> dict[str, Any]:
    """What a worker process says of a row and a library."""
    command = [sys.executable, "-m", "benchmarks.worker", name, library]
    if options.plain and library == "sparkle":
        command.append("--plain")
    env = environment(options.threads)
    done = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"benchmarks: {name} with {library} failed:\n{done.stderr}")
    return json.loads(done.stdout.splitlines()[-1])


def run_row(name: str, options: argparse.Namespace) -> dict[str, Any]:
    """Both libraries of a row, alternating."""
    row, rounds = ROWS[name], options.rounds
    answers: dict[str, list[dict[str, Any]]] = {"sparkle": [], row.peer: []}
    for number in range(rounds):
        for library, told in answers.items():
            told.append(run_worker(name, library, options))
            seconds = report.shown(told[-1]["seconds"])
            print(f"{name} {number + 1}/{rounds} {library} {seconds}", file=sys.stderr, flush=True)
    ours, theirs = medians("seconds", answers).values()
    memory = {kind: found for kind in ("peak_bytes", "process_bytes") if (found := medians(kind, answers))}
    return {
        "row": name, "title": row.title, "peer": row.peer, "training": row.training,
        "sparkle_seconds": ours, "peer_seconds": theirs, "ratio": theirs / ours, **memory,
        "rounds": {library: [answer["seconds"] for answer in told] for library, told in answers.items()},
        "versions": {k: v for told in answers.values() for k, v in told[-1]["versions"].items()},
        "threads": {library: told[-1]["threads"] for library, told in answers.items()},
    }  # fmt: skip


def medians(figure: str, answers: dict[str, list[dict[str, Any]]]) -> dict[str, float]:
    """The median of a figure for each library; {} where one did not tell it."""
    if not all(figure in answer for told in answers.values() for answer in told):
        return {}
    return {library: median(answer[figure] for answer in told) for library, told in answers.items()}


def run_footprint(options: argparse.Namespace) -> dict[str, dict[str, float]]:
    """Import times, in turns, and installed sizes of sparkle and torch."""
    env = environment(options.threads)
    seconds: dict[str, list[float]] = {"sparkle": [], "torch": []}
    for _ in range(max(options.rounds, 2)):
        for library, told in seconds.items():
            told.append(footprint.import_seconds(library, env))
    return {
        library: {"import_seconds": median(told), "installed_bytes": footprint.installed_bytes(library)}
        for library, told in seconds.items()
    }


def machine(threads: int) -> dict[str, Any]:
    """Where and when."""
    return {
        "date": datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
        "cpu": cpu_model(), "usable_cpus": usable_cpus(), "threads": threads,
        "platform": platform.platform(), "python": platform.python_version(),
    }  # fmt: skip


def has(library: str) -> bool:
    """Is it installed?"""
    return importlib.util.find_spec(library) is not None


def chosen(options: argparse.Namespace) -> list[str]:
    """The rows to run. Those beside a library that is not installed are left out, and named on stderr."""
    names = [name for name in options.rows or ROWS if ROWS[name].peer in options.peer]
    for peer in PEERS:
        left_out = [name for name in names if ROWS[name].peer == peer]
        if left_out and not has(peer):
            print(f"skipped, as {peer} is not installed: {', '.join(left_out)}", file=sys.stderr, flush=True)
            names = [name for name in names if name not in left_out]
    if not names:
        raise SystemExit("benchmarks: no row is left to run")
    return names


def among(allowed: Any, kind: str) -> Any:
    """An argument type: some of these, separated by commas."""

    def some(text: str) -> list[str]:
        names = text.split(",")
        if unknown := set(names) - set(allowed):
            raise argparse.ArgumentTypeError(f"no {kind} {', '.join(sorted(unknown))}; there are {', '.join(allowed)}")
        return names

    return some


def positive(text: str) -> int:
    if not text.isdecimal() or not int(text):
        raise argparse.ArgumentTypeError(f"{text!r} is not a positive whole number")
    return int(text)


def parse(arguments: list[str] | None) -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=among(ROWS, "row"), help=f"some of {','.join(ROWS)}; not given: all")
    parser.add_argument(
        "--peer", type=among(PEERS, "peer"), default=PEERS, help="only rows beside some of " + ",".join(PEERS)
    )
    parser.add_argument("--rounds", type=positive, default=3)
    parser.add_argument("--threads", type=positive, default=usable_cpus(), help="of every library (default: all cpus)")
    parser.add_argument("--plain", action="store_true", help="run sparkle as if numba were not installed")
    parser.add_argument("--json", type=Path, default=Path("build/bench.json"), help="where the figures go")
    return parser.parse_args(arguments)


def main(arguments: list[str] | None = None) -> None:
    """Run, print the tables, write the file."""
    start, options = perf_counter(), parse(arguments)
    results = [run_row(name, options) for name in chosen(options)]
    facts: dict[str, Any] = {"plain": options.plain, "summary": report.summary(results)}
    if options.rows is None and "torch" in options.peer and has("torch"):
        facts["footprint"] = run_footprint(options)
    where = machine(options.threads) | {"minutes": round((perf_counter() - start) / 60, 1)}
    options.json.parent.mkdir(parents=True, exist_ok=True)
    options.json.write_text(json.dumps({**where, **facts, "rows": results}, indent=2) + "\n", encoding="utf-8")
    parts = [report.table(results), report.memory_table(results), report.summary_lines(facts["summary"])]
    if "footprint" in facts:
        parts.append(report.footprint_lines(facts["footprint"]))
    print("\n\n".join(part for part in parts if part))
    versions = {name: version for result in results for name, version in result["versions"].items()}
    without = ", sparkle without numba" if options.plain else ""
    print(f"\n{where['cpu']}, {options.threads} threads, {where['platform']}, python {where['python']}{without}")
    print(", ".join(f"{name} {version}" for name, version in versions.items()))
    print(f"{where['minutes']} minutes -> {options.json}")


if __name__ == "__main__":
    main()

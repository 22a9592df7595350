"""Compiled code is kept on disk, and those who wait for it are told once."""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from sparkle.core.kernels import compiling
from sparkle.core.kernels.compiling import loops, machine_code

pytest.importorskip("numba", reason="numba is not installed: pip install 'sparkle-engine[fast]'")
light_cache = loops("light_cache")

LISTENING = """
import numba, sparkle
from sparkle.core.kernels import compile_notice, compiling
compile_notice.LONG = {long}
compiling.loops("reduction_loops")
"""
USERS_OWN = "numba.njit(lambda x: x + 1)(1)\n"
OURS = "sparkle.rand(600, 600).sum(); sparkle.rand(600, 600).exp()\n"


@pytest.fixture
def told(tmp_path: Path) -> Any:
    """What a program with an empty cache, or with that of the program before it, writes to stderr."""

    def run(program: str, long: float) -> list[str]:
        environment = {**os.environ, "NUMBA_CACHE_DIR": str(tmp_path)}
        done = subprocess.run(
            [sys.executable, "-c", LISTENING.format(long=long) + program],
            env=environment, capture_output=True, text=True, check=True,
        )  # fmt: skip
        return done.stderr.splitlines()

    return run


def test_one_line_the_first_time_and_none_the_second(told: Any) -> None:
    (line,) = told(OURS, 0)
    assert line.startswith("sparkle: compiling kernels")
    assert told(OURS, 0) == []


def test_silence_while_it_is_short_and_about_functions_of_others(told: Any) -> None:
    assert told(OURS, 1000) == []
    assert told(USERS_OWN, 0) == []


def test_compiles_where_nothing_can_be_written(monkeypatch: pytest.MonkeyPatch) -> None:
    """Numba refuses to cache where neither the package's folder nor the user's can be written."""

    def refuse(function: Any) -> Any:
        raise RuntimeError("cannot cache function: no locator available")

    monkeypatch.setattr(light_cache, "LightCache", refuse)
    double = machine_code(lambda x: x + x)
    np.testing.assert_array_equal(double(np.arange(3)), [0, 2, 4])


PRODUCT = """
import numpy, sparkle
x = sparkle.randn(8, 80, 80)
x[0] @ x[1]
from sparkle.core.kernels.product_loops import part_of_product
from sparkle.core.kernels.tiles import multiply_stack
"""
LIBRARY = """
(found,) = part_of_product.overloads.values()
parsed = found.library._shared_module
print(sum(part_of_product.stats.cache_hits.values()), sum(len(list(f.blocks)) for f in parsed.functions))
"""
TAKEN_IN = """
product = (x @ x).numpy()
print(sum(multiply_stack.stats.cache_hits.values()), numpy.allclose(product, x.numpy() @ x.numpy(), atol=1e-4))
"""


def test_what_is_read_from_disk_leaves_the_compilers_view_there(tmp_path: Path) -> None:
    environment = {**os.environ, "NUMBA_CACHE_DIR": str(tmp_path)}

    def run(program: str) -> str:
        command = [sys.executable, "-c", program]
        return subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout.strip()

    run(PRODUCT)
    hits, blocks = run(PRODUCT + LIBRARY).split()
    assert hits == "1"
    assert int(blocks) < 20  # one for each function, of some hundred
    assert run(PRODUCT + TAKEN_IN) == "0 True"  # it can be taken into a loop that was never compiled before


def test_only_a_missing_numba_is_passed_over() -> None:
    with pytest.raises(ModuleNotFoundError, match="no_such_loops"):
        loops("no_such_loops")


def test_an_edit_of_what_is_inlined_gives_loops_another_place_on_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    names = []
    for text in (b"one", b"other", b"one"):
        compiling._fingerprint.cache_clear()
        compiling.file_print.cache_clear()
        monkeypatch.setattr(Path, "read_bytes", lambda path, text=text: text)
        names.append(machine_code(lambda x: x).py_func.__qualname__)
    monkeypatch.undo()
    compiling._fingerprint.cache_clear()
    compiling.file_print.cache_clear()
    assert names[0] == names[2] != names[1]


def test_what_is_inlined_is_listed() -> None:
    """Modules of which another one of loops takes what is no machine code of its own."""
    folder = Path(compiling.__file__).parent
    found = set()
    for path in folder.glob("*_loops.py"):
        found |= set(re.findall(r"^from \.(\w+) import", path.read_text(), re.MULTILINE))
        found |= set(re.findall(r"^from \. import ([\w, ]*\w)", path.read_text(), re.MULTILINE))
    listed = {name for names in found for name in names.replace(" ", "").split(",")} - {"compiling", "choice"}
    assert listed <= set(compiling.INLINED)


def names(tree: ast.AST) -> set[str]:
    return {node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)}


def pairs(statement: ast.Assign) -> list[tuple[ast.expr, ast.expr]]:
    """Targets and values of an assignment, those of tuples one by one."""
    found, value = [], statement.value
    for target in statement.targets:
        both = isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple) and len(target.elts) == len(value.elts)
        found += zip(target.elts, value.elts, strict=True) if both else [(target, value)]
    return found


def freed_early(text: str) -> list[str]:
    """Arrays made in a function that are not named in the last of its statements that uses their address."""
    found = []
    for function in ast.walk(ast.parse(text)):
        if not isinstance(function, ast.FunctionDef):
            continue
        assigned = [pair for node in ast.walk(function) if isinstance(node, ast.Assign) for pair in pairs(node)]
        made = {
            target.id
            for target, value in assigned
            if isinstance(value, ast.Call)
            and ast.unparse(value.func) in ("numpy.empty", "numpy.zeros")
            and isinstance(target, ast.Name)
        }
        uses = [names(statement) for statement in function.body]
        for target, value in assigned:
            for array in made:
                if f"{array}.ctypes.data" in ast.unparse(value) and isinstance(target, ast.Name):
                    last = max((i for i, used in enumerate(uses) if target.id in used), default=0)
                    if not any(array in used for used in uses[last:]):
                        found.append(f"{function.name}: {array}")
    return found


def test_no_array_is_freed_while_its_address_is_used() -> None:
    """Numba frees an array after the last line that names it; in threads another may get its memory at once."""
    bad = "def f(n):\n    x = numpy.empty(n)\n    at = x.ctypes.data\n    for i in range(n):\n        g(at)\n"
    assert freed_early(bad) == ["f: x"]
    assert freed_early(bad + "        h(x)\n") == []
    for file in Path(compiling.__file__).parent.glob("*.py"):
        assert freed_early(file.read_text(encoding="utf-8")) == [], file.name


def arrays_in_slices(text: str) -> list[str]:
    """Assignments of what may be an array to a slice of another."""
    return [
        ast.unparse(node)
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Assign)
        and isinstance(node.value, (ast.Name, ast.Subscript))
        and any(isinstance(part, ast.Slice) for target in node.targets for part in ast.walk(target))
    ]


def test_no_array_is_assigned_to_a_slice() -> None:
    """Numba compiles a message about shapes that differ with it, which takes two seconds: `copy_row` does not."""
    assert arrays_in_slices("x[:] = y\nx[a, :n] = y[0]\nx[:] = 0\nx[0] = y") == ["x[:] = y", "x[a, :n] = y[0]"]
    folder = Path(compiling.__file__).parent
    for file in (*folder.glob("*_loops.py"), folder / "attention_heads.py", folder / "tiles.py"):
        assert arrays_in_slices(file.read_text(encoding="utf-8")) == [], file.name

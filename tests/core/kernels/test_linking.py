"""Code that many loops call is compiled once, and is there for loops that are read from disk."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from sparkle.core.kernels.compiling import loops, machine_code

pytest.importorskip("numba", reason="numba is not installed: pip install 'sparkle-engine[fast]'")
linking = loops("linking")


@pytest.fixture
def add() -> Any:
    """Adds a word to the one at an address."""

    def write(builder: Any, words: Any) -> None:
        address, number = words
        place = builder.inttoptr(address, linking.WORD.as_pointer())
        builder.store(builder.add(builder.load(place), number), place)
        builder.ret_void()

    return linking.apart("sparkle_test_add", 2, write)


def test_two_loops_call_the_same_code(add: Any) -> None:
    @machine_code
    def once(x, n):  # type: ignore[no-untyped-def]
        add(x.ctypes.data, n)

    @machine_code
    def of_every(x, n):  # type: ignore[no-untyped-def]
        for i in range(x.size):
            add(x.ctypes.data + 8 * i, n)

    x = np.arange(3)
    once(x, 5)
    of_every(x, 1)
    np.testing.assert_array_equal(x, [6, 2, 3])
    for loop in (once, of_every):
        (llvm,) = loop.inspect_llvm().values()
        assert "@sparkle_test_add(" in llvm
        assert "@sparkle_test_add_body" not in llvm


CONVOLUTION = """
import numpy, sparkle
sparkle.manual_seed(0)
x, w = sparkle.randn(4, 16, 20, 20), sparkle.randn(16, 16, 3, 3)
y = sparkle.nn.functional.conv2d(x, w, padding=1).numpy()
from sparkle.core.kernels import linking, winograd_loops
hits = [code.cache_hits for code in linking._linked.values()]
print(y.tobytes().hex()[:2000], "sparkle_multiply_block" in linking._linked, min(hits), max(hits))
"""


PRODUCT = """
import numpy, sparkle
sparkle.set_num_threads(2)
sparkle.manual_seed(0)
y = (sparkle.randn(300, 200) @ sparkle.randn(200, 100)).numpy()
from sparkle.core.kernels import linking, product_loops
(code,) = [code for name, code in linking._linked.items() if "part_of_product" in name]
loop = product_loops.part_of_product
print(y.tobytes().hex()[:2000], code in loop.overloads.values(), *loop.stats.cache_hits.values())
"""


@pytest.fixture
def run(tmp_path: Path) -> Any:
    """run(text): the words that Python prints, whose compiled code is in a folder of the test's own."""
    environment = {**os.environ, "NUMBA_CACHE_DIR": str(tmp_path)}

    def run(text: str) -> list[str]:
        command = [sys.executable, "-c", text]
        return subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout.split()

    return run


def test_loops_read_from_disk_find_it(run: Any) -> None:
    first, second = run(CONVOLUTION), run(CONVOLUTION)
    assert first[1:] == ["True", "0", "0"]
    assert second == [first[0], "True", "1", "1"]


def test_what_shares_out_a_loop_finds_its_code(run: Any) -> None:
    """Compiled once, by its own name; read from disk with what calls it."""
    first, second = run(PRODUCT), run(PRODUCT)
    assert first[1:] == ["True"]
    assert second == [first[0], "True", "1"]


REMOVED = """
import os
from sparkle.core.kernels import linking
from sparkle.core.kernels.compiling import machine_code
from sparkle.core.kernels.waiting import watch  # any loop that is on disk
watch.compile((linking.types.int64,) * 3)
if False:
    for name in os.listdir(watch._cache.cache_path):
        if ".view" in name:
            os.remove(os.path.join(watch._cache.cache_path, name))
outer = machine_code(lambda a: watch(a, 0, 0))
try:
    outer.compile((linking.types.int64,))
    print("compiled")
except RuntimeError as error:
    print(error)
"""


def test_a_loop_that_takes_in_another_reads_what_the_compiler_made_of_it(run: Any) -> None:
    assert run(REMOVED) == run(REMOVED) == ["compiled"]


def test_who_removes_that_is_told(run: Any) -> None:
    run(REMOVED)
    said = " ".join(run(REMOVED.replace("False", "True")))
    assert "watch" in said
    assert said.endswith("was removed while the program ran; start it again")

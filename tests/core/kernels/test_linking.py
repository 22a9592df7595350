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


def test_loops_read_from_disk_find_it(tmp_path: Path) -> None:
    environment = {**os.environ, "NUMBA_CACHE_DIR": str(tmp_path)}

    def run() -> list[str]:
        command = [sys.executable, "-c", CONVOLUTION]
        return subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout.split()

    first, second = run(), run()
    assert first[1:] == ["True", "0", "0"]
    assert second == [first[0], "True", "1", "1"]

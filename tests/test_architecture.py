"""The house rules that a machine can hold: arrows, cycles, limits, re-exports, what an import loads.

Every check takes sources, a dict from module name to text, and returns its complaints, so that each is tested on a
small violating source as well as on the package itself.
"""

from __future__ import annotations

import ast
import statistics
import subprocess
import sys
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import pytest

ROOT = Path(__file__).parent.parent
LINES_PER_FILE = 400
LINES_PER_EXAMPLE = 150
LINES_PER_FUNCTION = 6  # in the median

# What each unit may import, besides itself. A unit is a folder or file directly below sparkle/core, or directly below
# sparkle/. Whoever adds one says here what it may see.
GROUND = {
    *("core.backend", "core.dtypes", "core.devices", "core.random", "core.mode", "core.errors"),
    *("core.settings", "core.hints", "core.memory"),
}
BELOW_TENSOR = GROUND | {"core.autograd", "core.ops", "core.kernels"}
CORE = BELOW_TENSOR | {"core.tensor"}
MAY_IMPORT: dict[str, set[str]] = {
    **dict.fromkeys(GROUND, GROUND),
    "core": set(),  # its __init__ may re-export what is below it
    "core.autograd": GROUND,
    "core.ops": GROUND | {"core.autograd"},
    "core.kernels": GROUND | {"core.autograd", "core.ops"},
    "core.tensor": BELOW_TENSOR,
    "core.amp": CORE,
    "core.nn": CORE,
    "core.optim": CORE,
    "core.data": CORE,
    "core.cuda": GROUND,
    "core.distributions": CORE,
    "core.serialization": CORE | {"core.nn"},  # parameters are a type that files know
    "utils": CORE | {"core.data"},  # utils.data is a face, as torch has it
    "_late": set(),  # loads faces by name
    "engine": set(),
    "metrics": {"engine", "utils", *CORE},
    "handlers": {"engine", "utils", "core.serialization"},
    "models": CORE | {"core.nn", "core.serialization"},  # weights come from files
    "training": {"engine", "metrics", "handlers", "utils", "core.cuda"},  # whole trainings, put together of these
}
# Everything else below sparkle/ is a public face: it re-exports, and nothing but another face may import it.
INNER = {"core", "utils", "engine", "metrics", "handlers", "models", "training", "_late", "__main__"}
STANDARD_LIBRARY_ONLY = {"engine"}
OPTIONAL = {
    *("numba", "cupy", "matplotlib", "torch", "ignite", "scipy", "sklearn", "pandas", "PIL", "gymnasium", "ale_py"),
    *("tensorboardX", "tqdm", "ml_dtypes", "onnx", "mpi4py", "pytest", "wandb", "mlflow"),
}

Sources = dict[str, str]


class Import(NamedTuple):
    """One imported module as seen from the importing one."""

    importer: str
    target: str
    line: int


# ---------------------------------------------------------------- reading sources


@cache
def package() -> Sources:
    """Module name -> text, for every file of the package; a package's name ends in .__init__."""
    return {
        ".".join(path.relative_to(ROOT).with_suffix("").parts): path.read_text(encoding="utf-8")
        for path in sorted((ROOT / "sparkle").rglob("*.py"))
    }


def is_type_checking(node: ast.AST) -> bool:
    return isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node.test)


def walk_running(node: ast.AST) -> Iterator[ast.AST]:
    """Every node that can run: the body of `if TYPE_CHECKING:` is left out."""
    for child in ast.iter_child_nodes(node):
        if is_type_checking(child):
            for other in child.orelse:
                yield other
                yield from walk_running(other)
        else:
            yield child
            yield from walk_running(child)


def absolute(module: str, node: ast.ImportFrom) -> str:
    """The module that `from X import ...` names, relative dots resolved."""
    if not node.level:
        return node.module or ""
    # A package's name ends in .__init__, so one dot drops exactly one part of every name.
    parts = module.split(".")[: -node.level]
    return ".".join([*parts, *([node.module] if node.module else [])])


def real_name(name: str, sources: Sources) -> str:
    """`name`, or its __init__ where it is a package."""
    return f"{name}.__init__" if f"{name}.__init__" in sources else name


def imports(module: str, sources: Sources) -> list[Import]:
    """All imports of a module, at the top and inside functions."""
    found = []
    for node in walk_running(ast.parse(sources[module])):
        if isinstance(node, ast.Import):
            found += [Import(module, real_name(alias.name, sources), node.lineno) for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            base = absolute(module, node)
            for alias in node.names:
                inner = real_name(f"{base}.{alias.name}", sources)
                found.append(Import(module, inner if inner in sources else real_name(base, sources), node.lineno))
        elif (name := dynamic_import(node)) is not None:
            found.append(Import(module, name, node.lineno))
    return found


def dynamic_import(node: ast.AST) -> str | None:
    """The name given to import_module("...") or __import__("...")."""
    if isinstance(node, ast.Call) and node.args and isinstance(node.args[0], ast.Constant):
        called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        if called in ("import_module", "__import__"):
            return str(node.args[0].value)
    return None


def unit_of(module: str) -> str:
    """sparkle.core.ops.pool -> core.ops, sparkle.engine.events -> engine, sparkle.__init__ -> the empty string."""
    parts = [part for part in module.split(".")[1:] if part != "__init__"]
    return ".".join(parts[: 2 if parts[:1] == ["core"] else 1])


def is_face(unit: str) -> bool:
    return unit.split(".")[0] not in INNER


# ---------------------------------------------------------------- the checks


def broken_arrows(sources: Sources) -> list[str]:
    """Imports between units that MAY_IMPORT does not allow."""
    complaints = []
    for found in (found for module in sources for found in imports(module, sources)):
        unit, target = unit_of(found.importer), unit_of(found.target)
        if not found.target.startswith("sparkle.") or unit == target or is_face(unit) or unit == "__main__":
            continue
        if unit == "core" and target.startswith("core."):
            continue
        if unit not in MAY_IMPORT:
            complaints.append(f"{found.importer}: say in MAY_IMPORT what {unit} may import")
        elif target not in MAY_IMPORT[unit]:
            complaints.append(f"{found.importer}:{found.line}: {unit} may not import {target} ({found.target})")
    return complaints


def cycles(sources: Sources) -> list[str]:
    """Groups of modules that import each other, imports inside functions counted."""
    graph = {
        module: {found.target for found in imports(module, sources) if found.target in sources} - {module}
        for module in sources
    }
    reach = {module: reachable(module, graph) for module in graph}
    knots = {frozenset(b for b in reach[a] if a in reach[b]) for a in graph if a in reach[a]}
    return sorted("cycle: " + " ".join(sorted(knot)) for knot in knots)


def reachable(start: str, graph: dict[str, set[str]]) -> set[str]:
    seen: set[str] = set()
    waiting = list(graph[start])
    while waiting:
        if (module := waiting.pop()) not in seen:
            seen.add(module)
            waiting += graph[module]
    return seen


def imports_of_itself(sources: Sources) -> list[str]:
    """Absolute imports of sparkle inside sparkle."""
    complaints = []
    for module, text in sources.items():
        for node in walk_running(ast.parse(text)):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else [dynamic_import(node)]
            if isinstance(node, ast.ImportFrom) and not node.level:
                names = [node.module]
            if any(name and name.split(".")[0] == "sparkle" for name in names):
                complaints.append(f"{module}:{node.lineno}: import sparkle inside sparkle; use a relative import")
    return complaints


def foreign_imports(sources: Sources) -> list[str]:
    """Third-party imports in units that make do with the standard library."""
    return [
        f"{module}:{found.line}: {unit_of(module)} imports {found.target}; it may use the standard library only"
        for module in sources
        if unit_of(module) in STANDARD_LIBRARY_ONLY
        for found in imports(module, sources)
        if (top := found.target.split(".")[0]) not in sys.stdlib_module_names and top != "sparkle"
    ]


def cupy_imports(sources: Sources) -> list[str]:
    """CuPy belongs to core/backend.py, also inside functions."""
    return [
        f"{module}:{found.line}: only sparkle.core.backend may import {found.target}"
        for module in sources
        if unit_of(module) != "core.backend"
        for found in imports(module, sources)
        if found.target.split(".")[0] in ("cupy", "cupyx", "cupy_backends")
    ]


def long_files(sources: Sources, limit: int = LINES_PER_FILE) -> list[str]:
    lengths = {module: len(text.splitlines()) for module, text in sources.items()}
    return [f"{module}: {length} lines, the limit is {limit}" for module, length in lengths.items() if length > limit]


def more_than_reexports(sources: Sources) -> list[str]:
    """Statements other than a docstring, imports, __all__ and __version__ in __init__.py files and public faces."""
    return [
        f"{module}:{node.lineno}: only re-exports belong here, found {type(node).__name__}"
        for module, text in sources.items()
        if module.endswith(".__init__") or is_face(unit_of(module))
        for node in ast.parse(text).body
        if not is_reexport(node)
    ]


def is_reexport(node: ast.stmt) -> bool:
    if isinstance(node, ast.Expr):
        return isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)
    if isinstance(node, ast.Assign | ast.AugAssign | ast.AnnAssign):
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        return all(isinstance(target, ast.Name) and target.id in ("__all__", "__version__") for target in targets)
    return isinstance(node, ast.Import | ast.ImportFrom) or is_type_checking(node)


def patched_classes(sources: Sources) -> list[str]:
    """`Tensor.x = ...`, `del Tensor.x` and `setattr(Tensor, ...)`: a class is complete where it is defined.

    A function may assign to a variable that the class body declares: that is state, not a method added from outside.
    """
    trees = {module: ast.parse(text) for module, text in sources.items()}
    declared = {name for tree in trees.values() for name in declared_variables(tree)}
    complaints = []
    for module, tree in trees.items():
        own = {(inner, outer.name) for outer in every(tree, ast.ClassDef) for inner in ast.walk(outer)}
        in_functions = {inner for outer in every(tree, ast.FunctionDef) for inner in ast.walk(outer)}
        for node in ast.walk(tree):
            stored = isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store | ast.Del)
            owner = node.value if stored else setattr_owner(node)
            if not isinstance(owner, ast.Name) or not is_class_name(owner.id) or (node, owner.id) in own:
                continue
            if not (stored and node in in_functions and (owner.id, node.attr) in declared):
                complaints.append(f"{module}:{node.lineno}: {owner.id} is changed outside of its class body")
    return complaints


def every(tree: ast.AST, kind: type[ast.AST]) -> Iterator[Any]:
    return (node for node in ast.walk(tree) if isinstance(node, kind))


def declared_variables(tree: ast.AST) -> Iterator[tuple[str, str]]:
    """(class, variable) for each `x = ...` and `x: ...` in a class body."""
    for a_class in every(tree, ast.ClassDef):
        for node in a_class.body:
            targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
            yield from ((a_class.name, target.id) for target in targets if isinstance(target, ast.Name))


def setattr_owner(node: ast.AST) -> ast.AST | None:
    called = isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ("setattr", "delattr")
    return node.args[0] if called and node.args else None


def is_class_name(name: str) -> bool:
    return name.lstrip("_")[:1].isupper() and not name.isupper()


# ---------------------------------------------------------------- the package keeps them

CHECKS = [
    broken_arrows,
    cycles,
    imports_of_itself,
    foreign_imports,
    cupy_imports,
    long_files,
    more_than_reexports,
    patched_classes,
]


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
def test_package(check: Callable[[Sources], list[str]]) -> None:
    assert check(package()) == []


def test_every_unit_has_its_arrows() -> None:
    units = {unit_of(module) for module in package()} - {"__main__"}
    assert {unit for unit in units if not is_face(unit)} <= set(MAY_IMPORT)


def test_examples_are_short() -> None:
    examples = {path.name: path.read_text(encoding="utf-8") for path in (ROOT / "examples").glob("*.py")}
    assert long_files(examples, LINES_PER_EXAMPLE) == []


def function_lengths(text: str) -> list[int]:
    """Lines of each function without its docstring, nested functions counted."""
    lengths = []
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            docstring = node.body[0] if ast.get_docstring(node) is not None else None
            unread = docstring.end_lineno - docstring.lineno + 1 if docstring else 0
            lengths.append(node.end_lineno - node.lineno + 1 - unread)
    return lengths


def test_functions_are_short() -> None:
    lengths = [length for text in package().values() for length in function_lengths(text)]
    assert statistics.median(lengths) <= LINES_PER_FUNCTION


def test_function_lengths() -> None:
    assert function_lengths('def f():\n    """A\n    B"""\n    def g():\n        return 1\n    return g') == [4, 2]


def test_package_is_typed() -> None:
    assert (ROOT / "sparkle" / "py.typed").exists()


def loaded_by(statements: str) -> set[str]:
    """Top-level names in sys.modules after a fresh interpreter ran the statements."""
    program = f"import sys\n{statements}\nprint(*{{name.split('.')[0] for name in sys.modules}})"
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return set(done.stdout.split())


def test_import_loads_no_optional_package() -> None:
    assert loaded_by("import sparkle") & OPTIONAL == set()


def test_engine_loads_no_numpy() -> None:
    # A bare stand-in for the root package, so that only the engine's own imports run.
    bare = "sys.modules['sparkle'] = root = type(sys)('sparkle'); root.__path__ = ['sparkle']"
    assert loaded_by(f"{bare}\nimport sparkle.engine") & {"numpy", *OPTIONAL} == set()


# ---------------------------------------------------------------- the checks can fail
# Names here start with the dot after sparkle.

BACKEND = {".core.backend": ""}
OPS = {".core.ops.__init__": "", ".core.ops.pool": ""}
ENGINE = {".engine.__init__": "", ".engine.events": ""}
TENSOR = {".core.tensor.__init__": "", ".core.tensor.tensor": ""}
NN = {".core.nn.__init__": ""}

VIOLATIONS = [
    (broken_arrows, {**TENSOR, ".core.ops.pool": "from ..tensor import Tensor"}),
    (broken_arrows, {**TENSOR, ".core.ops.pool": "from .. import tensor"}),
    (broken_arrows, {**TENSOR, ".core.ops.pool": "def f():\n    from ..tensor.tensor import Tensor"}),
    (broken_arrows, {**NN, ".core.optim.sgd": "from ..nn import Parameter"}),
    (broken_arrows, {**ENGINE, ".core.data.loader": "from ...engine import Engine"}),
    (broken_arrows, {**ENGINE, ".core.data.loader": "from sparkle.engine.events import Events"}),
    (broken_arrows, {**BACKEND, ".engine.state": "from ..core import backend"}),
    (broken_arrows, {**TENSOR, ".handlers.grads": "from ..core.tensor import Tensor"}),
    (broken_arrows, {**BACKEND, ".core.novelty": "from . import backend"}),
    (broken_arrows, {**ENGINE, ".core.__init__": "from ..engine import Engine"}),
    (broken_arrows, {".nn.__init__": "", ".metrics.loss": "from .. import nn"}),
    (cycles, {".a": "from . import b", ".b": "from . import a"}),
    (cycles, {".a": "from .b import x", ".b": "def f():\n    from .c import x", ".c": "from . import a"}),
    (cycles, {".p.__init__": "from .a import x", ".p.a": "from . import x"}),
    (imports_of_itself, {".a": "import sparkle"}),
    (imports_of_itself, {".a": "def f():\n    from sparkle.core import backend"}),
    (imports_of_itself, {".a": "import importlib\nimportlib.import_module('sparkle.core')"}),
    (foreign_imports, {".engine.state": "import numpy as np"}),
    (foreign_imports, {".engine.state": "def f():\n    from tqdm.auto import tqdm"}),
    (cupy_imports, {".core.ops.pool": "def f():\n    import cupy.cuda"}),
    (cupy_imports, {".core.kernels.cuda": "from cupy import RawKernel"}),
    (cupy_imports, {".core.kernels.cuda": "from importlib import import_module\nimport_module('cupy')"}),
    (long_files, {".core.ops.pool": "x = 1\n" * (LINES_PER_FILE + 1)}),
    (more_than_reexports, {".core.ops.__init__": "def f(): return 1"}),
    (more_than_reexports, {".core.ops.__init__": "LIMIT = 3"}),
    (more_than_reexports, {".nn.functional": "from ..core.nn import functional\nrelu = functional.relu"}),
    (more_than_reexports, {".__init__": "for name in ('a',):\n    pass"}),
    (patched_classes, {".core.tensor.extra": "Tensor.add = lambda self, other: None"}),
    (patched_classes, {".core.tensor.extra": "def install():\n    Tensor.__add__ = add"}),
    (patched_classes, {".core.tensor.extra": "for f in ops:\n    setattr(Tensor, f.__name__, f)"}),
    (patched_classes, {".core.tensor.extra": "_Base.count += 1"}),
    (patched_classes, {".a": "class Net:\n    x: int", ".b": "from .a import Net\nNet.x = 1"}),
    (patched_classes, {".a": "class Net:\n    x: int", ".b": "from .a import Net\ndef f():\n    Net.y = 1"}),
]

KEPT = [
    (broken_arrows, {**OPS, **BACKEND, ".core.tensor.tensor": "from .. import backend\nfrom ..ops.pool import f"}),
    (broken_arrows, {**TENSOR, ".core.ops.a": "if TYPE_CHECKING:\n    from ..tensor import Tensor"}),
    (broken_arrows, {**NN, ".core.__init__": "from .nn import Module"}),
    (broken_arrows, {**ENGINE, **TENSOR, ".metrics.loss": "from ..engine import Events\nfrom ..core import tensor"}),
    (broken_arrows, {**NN, ".nn.__init__": "from ..core.nn import *", ".__init__": "from . import nn"}),
    (cycles, {".p.__init__": "from .a import x\nfrom .b import y", ".p.a": "from . import b", ".p.b": ""}),
    (imports_of_itself, {".a": '"""\n>>> import sparkle\n"""\nfrom . import b'}),
    (foreign_imports, {".engine.state": "import collections.abc\nfrom .events import x", **ENGINE}),
    (cupy_imports, {".core.backend": "import cupy"}),
    (long_files, {".core.ops.pool": "x = 1\n" * LINES_PER_FILE}),
    (more_than_reexports, {".__init__": '"""Doc."""\nfrom .core import f\n__all__ = ["f"]\n__version__ = "1"'}),
    (more_than_reexports, {".core.ops.pool": "def f(): return 1"}),
    (patched_classes, {".a": "class Net:\n    x: int", ".b": "from .a import Net\ndef f():\n    Net.x = 1"}),
    (patched_classes, {".a": "class Net:\n    x = 1\n    def f(self):\n        self.x = Net.y = 2\n        XS.y = 3"}),
]


def named(sources: Sources) -> Sources:
    return {f"sparkle{name}": text for name, text in sources.items()}


@pytest.mark.parametrize(("check", "sources"), VIOLATIONS)
def test_check_finds_violation(check: Callable[[Sources], list[str]], sources: Sources) -> None:
    assert len(check(named(sources))) == 1


@pytest.mark.parametrize(("check", "sources"), KEPT)
def test_check_accepts(check: Callable[[Sources], list[str]], sources: Sources) -> None:
    assert check(named(sources)) == []


def test_loaded_by_sees_an_import() -> None:
    assert "json" in loaded_by("import json")

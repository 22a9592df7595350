"""Write docs/support.md: which names of torch and Ignite there are, found by looking at the package.

    python docs/make_support.py

A name is "partial" where arguments that torch or Ignite document are missing from its signature, or where a call of
`REFUSALS` is refused; what the error says stands beside it.
"""

from __future__ import annotations

import importlib
import inspect
import io
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple, get_type_hints

DOCS = Path(__file__).parent
PAGE = DOCS / "support.md"
NAMES = DOCS / "support_names.json"

# Where a namespace is that has another name here than `torch` or `ignite` replaced by `sparkle` gives.
HOME = {"torch.utils.data": "sparkle.data"}

# Arguments that are said once, at the top, instead of at each name.
EVERYWHERE = {
    "memory_format": "strides are free, the argument is taken by `to`, `contiguous` and `clone` only",
}

# Not counted: torch's own privates, what it has deprecated, and arguments about its files' pickles.
UNCOUNTED = re.compile(r"_|pickle_|(from|grad_variables|only_inputs|orig_func|size_average|reduce)$")

HEAD = """# What there is of torch and Ignite

Made by `python docs/make_support.py` from the package itself, whose names it compares with those that torch 2.13 and
pytorch-ignite 0.5.5 document. *Partly* means that the named argument is missing, or that the named use raises the error
that is quoted. In-place forms (`exp_`) are counted among the methods of `Tensor`.

Nowhere: complex numbers, sparse and quantized tensors, compilation, named dimensions; and no function takes

{everywhere}

"""


class Refusal(NamedTuple):
    """A call that torch or Ignite would serve and that is refused here; `where` is the name it makes partial."""

    where: str
    argument: str
    call: Callable[[Any], Any]


def _loss(sparkle: Any) -> Any:
    x = sparkle.ones(2, 2, requires_grad=True)
    return (x * x).sum(), x


def _optimizer(name: str, **options: Any) -> Callable[[Any], Any]:
    return lambda sparkle: getattr(sparkle.optim, name)([_loss(sparkle)[1]], **options)


REFUSALS = [
    Refusal(
        "torch.autograd.grad", "is_grads_batched=True", lambda s: s.autograd.grad(*_loss(s), is_grads_batched=True)
    ),
    Refusal("torch.gather", "sparse_grad=True", lambda s: s.gather(s.ones(2), 0, s.zeros(2).long(), sparse_grad=True)),
    Refusal("torch.save", "a module", lambda s: s.save(s.nn.Linear(1, 1), io.BytesIO())),
    Refusal(
        "torch.set_default_tensor_type", "a CUDA type", lambda s: s.set_default_tensor_type("torch.cuda.FloatTensor")
    ),
    Refusal("torch.Tensor.share_memory_", "call", lambda s: s.ones(1).share_memory_()),
    Refusal("torch.nn.Embedding", "sparse=True", lambda s: s.nn.Embedding(2, 2, sparse=True)),
    Refusal("torch.utils.data.DataLoader", "num_workers=2", lambda s: s.data.DataLoader([1, 2], num_workers=2)),
    Refusal("ignite.handlers.Checkpoint", "save_on_rank=1", lambda s: s.handlers.Checkpoint({}, print, save_on_rank=1)),
    *(
        Refusal(f"torch.optim.{name}", "differentiable=True", _optimizer(name, differentiable=True))
        for name in ("SGD", "Adagrad", "RMSprop", "Adam", "AdamW")
    ),
    *(
        Refusal(f"torch.optim.{name}", "capturable=True", _optimizer(name, capturable=True))
        for name in ("RMSprop", "Adam", "AdamW")
    ),
]


def find(path: str) -> Any:
    """The object of a dotted path: the longest module it begins with, then attributes; None where there is none."""
    parts = path.split(".")
    for size in range(len(parts), 0, -1):
        try:
            value = importlib.import_module(".".join(parts[:size]))
        except ImportError:
            continue
        for part in parts[size:]:
            value = inspect.getattr_static(value, part, None)
        return value
    return None


def home(namespace: str) -> str:
    """The path here of a namespace of torch or ignite."""
    return HOME.get(namespace) or re.sub("^(torch|ignite)", "sparkle", namespace)


def has(owner: Any, name: str) -> bool:
    """Whether an owner, a module or class or None, has the name; the value of a property is not asked for."""
    return inspect.getattr_static(owner, name, inspect) is not inspect


def taken(value: Any) -> set[str] | None:
    """The names of the arguments that a function or class takes; None where it takes any or does not say."""
    value = getattr(value, "__func__", value)
    try:
        parameters = inspect.signature(value).parameters.values()
    except (TypeError, ValueError):
        return None
    names = {p.name for p in parameters}
    for p in parameters:
        if p.kind is p.VAR_KEYWORD:
            hint = re.fullmatch(r"Unpack\[(\w+)\]", str(p.annotation))
            if hint is None:
                return None
            names |= set(get_type_hints(inspect.unwrap(value).__globals__[hint[1]]))
    return names


def lacking(value: Any, wanted: list[str]) -> list[str]:
    """The wanted arguments that are not taken, without those that need no mention."""
    names = taken(value)
    if names is None:
        return []
    return [name for name in wanted if not (name in names or name in EVERYWHERE or UNCOUNTED.match(name))]


def refused(refusal: Refusal) -> str | None:
    """The first sentence of the error of a call, without the name of the function; None where it is served."""
    try:
        refusal.call(importlib.import_module("sparkle"))
    except (NotImplementedError, RuntimeError, ValueError, TypeError) as error:
        return re.sub(r"^[\w.]+: ", "", str(error).splitlines()[0].partition(". ")[0])
    return None


def reasons(namespace: str, names: dict[str, list[str]]) -> dict[str, str]:
    """name -> why it is only partly there."""
    found: dict[str, list[str]] = {}
    owner = find(home(namespace))
    for name, wanted in names.items():
        missing = lacking(inspect.getattr_static(owner, name), wanted) if has(owner, name) else []
        if missing:
            found.setdefault(name, []).append("no " + ", ".join(f"`{m}`" for m in missing))
    for refusal in REFUSALS:
        at, _, name = refusal.where.rpartition(".")
        if at == namespace and has(owner, name) and (said := refused(refusal)) is not None:
            found.setdefault(name, []).append(f'{refusal.argument}: "{said}"')
    return {name: "; ".join(texts) for name, texts in found.items()}


class Support(NamedTuple):
    """What there is of one namespace."""

    namespace: str
    there: list[str]
    partly: dict[str, str]
    missing: list[str]

    def table(self) -> str:
        """The section of the page."""
        rows = [("there", self.there)]
        for reason in dict.fromkeys(self.partly.values()):
            rows += [(f"partly: {reason}", [name for name, r in self.partly.items() if r == reason])]
        rows.append(("not there", self.missing))
        lines = [f"| {what.replace('|', '/')} | {' '.join(f'`{n}`' for n in names)} |" for what, names in rows if names]
        return f"## {self.namespace}\n\n| `{home(self.namespace)}` | names |\n|---|---|\n" + "\n".join(lines) + "\n"


def support(namespace: str, names: dict[str, list[str]]) -> Support:
    """Sort the names of a namespace by what there is of them."""
    owner = find(home(namespace))
    partly = reasons(namespace, names)
    there = [name for name in names if has(owner, name) and name not in partly]
    return Support(namespace, there, partly, [name for name in names if not has(owner, name)])


def page() -> str:
    """The text of docs/support.md."""
    names = json.loads(NAMES.read_text(encoding="utf-8"))
    parts = [support(namespace, table) for namespace, table in names.items()]
    everywhere = "\n".join(f"- `{name}=`: {why}" for name, why in EVERYWHERE.items())
    summary = "| of | is in | there | partly | not there |\n|---|---|---:|---:|---:|\n" + "".join(
        f"| {p.namespace} | `{home(p.namespace)}` | {len(p.there)} | {len(p.partly)} | {len(p.missing)} |\n"
        for p in parts
    )
    return HEAD.format(everywhere=everywhere) + summary + "\n" + "\n".join(p.table() for p in parts)


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
    print(f"wrote {PAGE}")

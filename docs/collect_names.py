"""Write docs/support_names.json: the documented public names of torch and ignite with their arguments' names.

    python docs/collect_names.py

Needs the extra `parity`. Only facts are kept: names, as the two libraries publish them.
"""

from __future__ import annotations

import contextlib
import importlib
import inspect
import json
import re
import types
from collections.abc import Callable
from enum import Enum
from pathlib import Path
from typing import Any

NAMES = Path(__file__).parent / "support_names.json"

# Left out: other back ends, pieces of compiled, quantized and sparse programs, helpers that are public by accident.
INTERNAL = re.compile(
    r"_$|.*_copy$|.*_with_indices$|(quantized|cudnn|miopen|mkldnn|fbgemm|native|fused|compiled|choose|parse|unify|"
    r"scaled_mm|scaled_g|quantize|fake_quantize|dequantize|sparse|sym|has|q|ccol|crow|col|row|is_sparse|to_sparse|to_mkldnn|import_ir)_|"
    r"(Sym|Script|Dispatch)[A-Z]|[A-Za-z]*(Type|DataPipe|Backward\d?)$|"
    r"(OutOfMemoryError|AcceleratorError|LinAlgError|TypingError|Optional|Storage|Stream|Event|Tag|GradScaler|autocast|boolean_dispatch|handle_torch_function|obj|"
    r"typename|while_loop|merge_type_from_type_comment|fork|wait|cond|classproperty|layout|qscheme|int_repr|dequantize|"
    r"thread_safe_generator|hash_tensor|DataChunk|argument_validation|runtime_validation|runtime_validation_disabled|"
    r"functional_datapipe|guaranteed_datapipes_determinism|non_deterministic|NestedIOFunction|variable|"
    r"enforce_grad_layout_policy|set_multithreading_enabled|coco_tensor_list_to_dict_list|grouped_mm|"
    r"init_num_threads|is_warn_always_enabled|set_warn_always|get_device_module|ipu|mtia|xpu|is_ipu|is_xla|is_xpu|"
    r"is_mps|is_meta|coalesce|is_coalesced|dense_dim|indices|values|index|const_data_ptr|grad_dtype|hspmm|smm|sspaddmm)$"
)
PUBLIC_WITHOUT_DOCSTRING = {
    "torch": (
        "Generator Size Tensor device dtype finfo iinfo pi e inf nan newaxis strided channels_last contiguous_format "
        "preserve_format float16 float32 float64 bfloat16 half float double uint8 int8 int16 int32 int64 short int "
        "long bool complex64 complex128 FloatTensor DoubleTensor HalfTensor ByteTensor CharTensor ShortTensor "
        "IntTensor LongTensor BoolTensor relu log_softmax default_generator is_storage compile vmap memory_format"
    ),
    "torch.Tensor": "new new_tensor data dtype layout grad_fn shape is_sparse map_ apply_ sparse_mask to_sparse",
}


def documented(owner: Any, accept: Callable[[Any], bool] = callable) -> list[str]:
    """The public names of an owner that have a docstring of their own."""
    names = []
    for name in sorted(dir(owner)):
        value = inspect.getattr_static(owner, name)
        doc = getattr(value, "__doc__", None)
        if not name.startswith("_") and isinstance(doc, str) and doc.strip() and accept(value):
            names.append(name)
    return names


def functions(owner: Any) -> list[str]:
    """Functions and types that users call, without modules and in-place forms."""
    names = documented(owner, lambda value: callable(value) and not isinstance(value, (types.ModuleType, Enum)))
    return [name for name in names if not INTERNAL.match(name) and not name.endswith("_")]


def members(owner: Any) -> list[str]:
    """Methods and properties that users call."""
    return [name for name in documented(owner, lambda value: True) if not INTERNAL.match(name)]


def with_more(namespace: str, owner: Any, names: list[str]) -> dict[str, list[str]]:
    """The table with the names that have no docstring."""
    return table(owner, sorted({*names, *PUBLIC_WITHOUT_DOCSTRING[namespace].split()}))


def arguments(value: Any) -> list[str]:
    """The arguments' names by the signature; by the docstring for what has none, and then only those with a default."""
    if isinstance(value, property):
        return []
    with contextlib.suppress(TypeError, ValueError):
        return [n for n, p in inspect.signature(value).parameters.items() if n != "self" and p.kind not in (2, 4)]
    found: list[str] = []
    name = getattr(value, "__name__", "")
    for line in (value.__doc__ or "").splitlines():
        call = re.match(rf"\s*(?:\w+\.)*{re.escape(name)}\((.*?)\)\s*(->.*)?$", line)
        if call and "return_types" not in line:
            found += re.findall(r"\b(\w+)=", call[1])
    return list(dict.fromkeys(found))


def table(owner: Any, names: list[str]) -> dict[str, list[str]]:
    """name -> arguments."""
    return {name: arguments(getattr(owner, name)) for name in names}


def published(name: str) -> dict[str, list[str]]:
    """The table of a module's __all__, its submodules left out."""
    module = importlib.import_module(name)
    names = [n for n in module.__all__ if not (n.startswith("_") or INTERNAL.match(n))]
    names = [n for n in names if not isinstance(getattr(module, n), types.ModuleType)]
    return table(module, sorted(names))


def classes(name: str, base: type) -> dict[str, list[str]]:
    """The table of a module's public classes below a base."""
    module = importlib.import_module(name)
    found = [n for n in dir(module) if isinstance(c := getattr(module, n), type) and issubclass(c, base)]
    return table(module, [n for n in found if not n.startswith("_")])


def collect() -> dict[str, dict[str, list[str]]]:
    """Namespace of torch or ignite -> name -> arguments."""
    import ignite.engine
    import ignite.metrics
    import torch
    import torch.nn.functional
    import torch.nn.utils.prune

    scheduler, prune = torch.optim.lr_scheduler, torch.nn.utils.prune
    own = {n: v for n, v in vars(prune).items() if getattr(v, "__module__", "") == prune.__name__}
    pruning = sorted(n for n in own if not n.startswith("_"))
    return {
        "torch": with_more("torch", torch, functions(torch)),
        "torch.Tensor": with_more("torch.Tensor", torch.Tensor, members(torch.Tensor)),
        "torch.nn": {**classes("torch.nn", torch.nn.Module), "Parameter": ["data", "requires_grad"]},
        "torch.nn.Module": table(torch.nn.Module, members(torch.nn.Module)),
        "torch.nn.functional": table(torch.nn.functional, functions(torch.nn.functional)),
        "torch.nn.init": table(torch.nn.init, [n for n in documented(torch.nn.init) if n.endswith("_")]),
        "torch.nn.utils": published("torch.nn.utils"),
        "torch.nn.utils.parametrize": published("torch.nn.utils.parametrize"),
        "torch.nn.utils.parametrizations": published("torch.nn.utils.parametrizations"),
        "torch.nn.utils.prune": table(prune, pruning),
        "torch.nn.utils.rnn": published("torch.nn.utils.rnn"),
        "torch.optim": classes("torch.optim", torch.optim.Optimizer),
        "torch.optim.Optimizer": table(torch.optim.Optimizer, members(torch.optim.Optimizer)),
        "torch.optim.lr_scheduler": classes("torch.optim.lr_scheduler", scheduler.LRScheduler),
        "torch.optim.swa_utils": published("torch.optim.swa_utils"),
        "torch.amp": published("torch.amp"),
        "torch.utils.data": published("torch.utils.data"),
        "torch.autograd": published("torch.autograd"),
        "torch.autograd.functional": published("torch.autograd.functional"),
        "torch.func": published("torch.func"),
        "torch.distributions": published("torch.distributions"),
        "torch.special": published("torch.special"),
        "torch.linalg": table(torch.linalg, functions(torch.linalg)),
        "torch.fft": table(torch.fft, functions(torch.fft)),
        "torch.signal.windows": published("torch.signal.windows"),
        "ignite.engine": published("ignite.engine"),
        "ignite.engine.Engine": table(ignite.engine.Engine, members(ignite.engine.Engine)),
        "ignite.engine.Events": {event.name: [] for event in ignite.engine.Events},
        "ignite.metrics": published("ignite.metrics"),
        "ignite.metrics.Metric": table(ignite.metrics.Metric, members(ignite.metrics.Metric)),
        "ignite.handlers": published("ignite.handlers"),
        "ignite.handlers.tensorboard_logger": published("ignite.handlers.tensorboard_logger"),
        "ignite.utils": published("ignite.utils"),
    }


if __name__ == "__main__":
    lines = []
    for namespace, names in collect().items():
        rows = ",\n".join(f"    {json.dumps(name)}: {json.dumps(args)}" for name, args in names.items())
        lines.append(f"  {json.dumps(namespace)}: {{\n{rows}\n  }}")
    NAMES.write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="utf-8")
    print(f"wrote {NAMES}")

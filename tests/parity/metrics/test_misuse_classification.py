"""The same misuse of metrics of classes and distributions raises the same class of error as in Ignite."""

from __future__ import annotations

import importlib
import pkgutil
import warnings
from collections.abc import Callable
from typing import Any

import ignite.metrics
import pytest

import sparkle.metrics
from sparkle.metrics import NotComputableError


def after(make: Callable[[Any], Any], *outputs: Callable[[Any], Any]) -> Callable[..., Any]:
    """Update with some outputs, and ask for the value."""

    def call(L: Any, m: Any) -> None:
        metric = make(m)
        for output in outputs:
            metric.update(output(L))
        metric.compute()

    return call


def zeros(a: tuple[int, ...], b: tuple[int, ...], first: str = "float32", second: str = "int64") -> Any:
    return lambda L: (L.zeros(*a, dtype=getattr(L, first)), L.zeros(*b, dtype=getattr(L, second)))


def matrix(m: Any, n: int = 3, average: Any = None) -> Any:
    return m.ConfusionMatrix(n, average)


FROM_MATRIX = ("IoU", "mIoU", "JaccardIndex", "DiceCoefficient")
VECTORS = ("Entropy", "MutualInformation", "KLDivergence", "JSDivergence", "MaximumMeanDiscrepancy")
NAMES = {
    "EpochMetric": lambda m: m.EpochMetric(max), "MultiLabelConfusionMatrix": lambda m: m.MultiLabelConfusionMatrix(3),
    **{
        name: lambda m, name=name: getattr(m, name)()
        for name in (*VECTORS, "ROC_AUC", "RocCurve", "AveragePrecision", "PrecisionRecallCurve", "CohenKappa",
                     "MatthewsCorrCoef", "CosineSimilarity", "HSIC", "MeanAveragePrecision")
    },
}  # fmt: skip
PREC, REC = (lambda m: m.Precision(), lambda m: m.Recall())
EPOCH = NAMES["EpochMetric"]
MULTI = NAMES["MultiLabelConfusionMatrix"]
MAP = NAMES["MeanAveragePrecision"]

MISUSES: dict[str, Callable[..., Any]] = {
    **{f"empty {name}": after(make) for name, make in NAMES.items()},
    **{f"{name} of no matrix": lambda L, m, n=name: getattr(m, n)(3) for name in FROM_MATRIX},
    **{f"{name} index": lambda L, m, n=name: getattr(m, n)(matrix(m), ignore_index=3) for name in FROM_MATRIX},
    **{f"{name} negative": lambda L, m, n=name: getattr(m, n)(matrix(m), ignore_index=-1) for name in FROM_MATRIX},
    **{f"{name} type": lambda L, m, n=name: getattr(m, n)(matrix(m), ignore_index=0.5) for name in FROM_MATRIX},
    **{f"{name} normal": lambda L, m, n=name: getattr(m, n)(matrix(m, 3, "recall")) for name in FROM_MATRIX[:3]},
    "beta": lambda L, m: m.Fbeta(0.0),
    "beta below": lambda L, m: m.Fbeta(-1.0),
    "precision and transform": lambda L, m: m.Fbeta(1.0, precision=PREC(m), output_transform=abs),
    "precision and device": lambda L, m: m.Fbeta(1.0, precision=PREC(m), device="cpu"),
    "recall and transform": lambda L, m: m.Fbeta(1.0, recall=REC(m), output_transform=abs),
    "recall and device": lambda L, m: m.Fbeta(1.0, recall=REC(m), device="cpu"),
    "precision averaged": lambda L, m: m.Fbeta(1.0, precision=m.Precision(average=True)),
    "recall averaged": lambda L, m: m.Fbeta(1.0, recall=m.Recall(average="micro")),
    "one class": lambda L, m: m.MultiLabelConfusionMatrix(1),
    "multi dims": after(MULTI, zeros((3,), (3,), "int64")),
    "multi dims of y": after(MULTI, zeros((3, 3), (3,), "int64")),
    "multi rows": after(MULTI, zeros((3, 3), (4, 3), "int64")),
    "multi classes": after(MULTI, zeros((3, 4), (3, 3), "int64")),
    "multi classes of y": after(MULTI, zeros((3, 3), (3, 4), "int64")),
    "multi shapes": after(MULTI, zeros((3, 3, 2), (3, 3, 3), "int64")),
    "multi floats": after(MULTI, zeros((3, 3), (3, 3))),
    "multi floats of y": after(MULTI, zeros((3, 3), (3, 3), "int64", "float32")),
    "multi values": after(MULTI, lambda L: (L.zeros(2, 3, dtype=L.int64) + 2, L.zeros(2, 3, dtype=L.int64))),
    "multi values of y": after(MULTI, lambda L: (L.zeros(2, 3, dtype=L.int64), L.zeros(2, 3, dtype=L.int64) - 1)),
    "kappa weights": lambda L, m: m.CohenKappa(weights="cubic"),
    "kappa shapes": after(NAMES["CohenKappa"], zeros((4, 3), (4,))),
    "kappa shapes of y": after(lambda m: m.CohenKappa(num_classes=3), zeros((4,), (4, 2))),
    "correlation shapes": after(NAMES["MatthewsCorrCoef"], zeros((4,), (4, 3))),
    "correlation dims": after(NAMES["MatthewsCorrCoef"], zeros((4, 3, 2), (4, 2))),
    "compute_fn": lambda L, m: m.EpochMetric(3),
    "epoch dims": after(EPOCH, zeros((4, 3, 2), (4,))),
    "epoch dims of y": after(EPOCH, zeros((4,), (4, 3, 2))),
    "epoch no dims": after(EPOCH, zeros((), (4,))),
    "epoch dtype": after(EPOCH, zeros((4,), (4,)), zeros((4,), (4,), "float64")),
    "epoch dtype of y": after(EPOCH, zeros((4,), (4,)), zeros((4,), (4,), "float32", "int32")),
    "auc of classes": after(NAMES["ROC_AUC"], lambda L: (L.zeros(6, 3), L.arange(6) % 3)),
    "auc of labels": after(NAMES["ROC_AUC"], lambda L: (L.zeros(6), L.arange(6))),
    "roc of columns": after(NAMES["RocCurve"], lambda L: (L.zeros(6, 2), L.zeros(6, 2, dtype=L.int64))),
    "curve of columns": after(NAMES["PrecisionRecallCurve"], lambda L: (L.zeros(6, 2), L.zeros(6, 2, dtype=L.int64))),
    "roc of labels": after(NAMES["RocCurve"], lambda L: (L.zeros(6), L.arange(6) % 3)),
    "auc nan": after(NAMES["ROC_AUC"], lambda L: (L.zeros(6) / 0, L.arange(6) % 2)),
    "class mean": lambda L, m: m.MeanAveragePrecision(class_mean="samples"),
    "recalls": lambda L, m: m.MeanAveragePrecision(rec_thresholds=[0.5, 1.5]),
    "recalls below": lambda L, m: m.MeanAveragePrecision(rec_thresholds=[-0.5]),
    "recalls dims": lambda L, m: m.MeanAveragePrecision(rec_thresholds=L.zeros(2, 2)),
    "recalls type": lambda L, m: m.MeanAveragePrecision(rec_thresholds=0.5),
    "integer scores": after(MAP, zeros((4, 3), (4,), "int64")),
    "map labels": after(MAP, lambda L: (L.zeros(4, 3), L.arange(4))),
    "map binary labels": after(MAP, lambda L: (L.zeros(4), L.arange(4))),
    "map classes change": after(MAP, zeros((4, 3), (4,)), zeros((4, 2), (4,))),
    "map kind changes": after(MAP, zeros((4, 3), (4,)), zeros((4,), (4,))),
    **{f"{name} dims": after(NAMES[name], zeros((3,), (3,), "float32", "float32")) for name in VECTORS},
    **{f"{name} shapes": after(NAMES[name], zeros((3, 2), (3, 3), "float32", "float32")) for name in VECTORS[2:]},
    "small batch": after(lambda m: m.HSIC(ignore_invalid_batch=False), zeros((3, 2), (3, 2), "float32", "float32")),
    "only small batches": after(lambda m: m.HSIC(), zeros((3, 2), (3, 2), "float32", "float32")),
    "empty group": after(lambda m: m.MetricGroup({"a": m.Accuracy()})),
}


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", MISUSES)
def test_misuse(name: str, ours: Any, theirs: Any) -> None:
    call = MISUSES[name]
    with pytest.raises(Exception) as wanted:  # noqa: PT011
        call(theirs.L, theirs.m)
    with pytest.raises(Exception) as met:  # noqa: PT011
        call(ours.L, ours.m)
    # Ignite's RuntimeError for a metric that has seen nothing is our NotComputableError, which is one.
    assert issubclass(met.type, wanted.type) or met.type.__name__ == wanted.type.__name__
    assert str(met.value)
    if name.startswith("empty ") and name != "empty group":
        assert met.type is NotComputableError
        assert name.split()[1] in str(met.value)


# ---------------------------------------------------------------- names

ELSEWHERE = {
    *("psnr", "ssim", "mean_absolute_error", "mean_squared_error", "root_mean_squared_error", "mean_pairwise_distance"),
    *("clustering", "fairness", "gan", "nlp", "rec_sys", "regression", "vision"),
}
PATHS = [info.name for info in pkgutil.iter_modules(ignite.metrics.__path__) if info.name not in ELSEWHERE]


@pytest.mark.parametrize("path", PATHS)
def test_import_path(path: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        theirs = importlib.import_module(f"ignite.metrics.{path}")
    ours = importlib.import_module(f"sparkle.metrics.{path}")
    made_there = {
        name for name, x in vars(theirs).items() if getattr(x, "__module__", "") == theirs.__name__ and name[0] != "_"
    }
    assert made_there - set(vars(ours)) == set()


def test_names_of_the_package() -> None:
    found = {name for name in ignite.metrics.__all__ if hasattr(sparkle.metrics, name)}
    module_of = {name: getattr(getattr(ignite.metrics, name), "__module__", "") for name in ignite.metrics.__all__}
    here = {name for name, module in module_of.items() if module.split(".")[2:] and module.split(".")[2] in PATHS}
    assert here - found == set()

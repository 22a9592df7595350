"""Metrics of texts beside slow and plain countings, and sacrebleu's numbers, in every situation."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import sparkle
from sparkle.metrics import NotComputableError
from sparkle.metrics.nlp import (
    WER,
    Bleu,
    CharacterErrorRate,
    ChrF,
    Perplexity,
    Rouge,
    RougeL,
    RougeN,
    WordErrorRate,
)
from sparkle.metrics.nlp.utils import edit_distance, lcs, modified_precision, ngrams
from tests.cases.metric import SITUATIONS, MetricRow, check

random = np.random.default_rng(3)
WORDS = "the a cat dog sat on mat here".split()


def sentence(least: int = 0, most: int = 9) -> list[str]:
    return [str(word) for word in random.choice(WORDS, size=random.integers(least, most))]


CANDIDATES = [sentence() for _ in range(14)]
CANDIDATES[3] = []
REFERENCES = [[sentence(1) for _ in range(random.integers(1, 4))] for _ in CANDIDATES]
LIKE = [[[*candidate[:3], "x", *candidate[3:]], candidate[:5]] for candidate in CANDIDATES]
TEXTS = [" ".join(candidate) for candidate in CANDIDATES], [" ".join(refs[0]) for refs in REFERENCES]


# ---------------------------------------------------------------- plain countings


def runs(tokens: Any, n: int) -> list[tuple[Any, ...]]:
    return [tuple(tokens[i : i + n]) for i in range(len(tokens) - n + 1)]


def clipped(refs: Any, hyp: Any, n: int) -> int:
    return sum(min(runs(hyp, n).count(gram), max(runs(r, n).count(gram) for r in refs)) for gram in set(runs(hyp, n)))


def smoothed(smooth: str, n: int, hits: int, found: int) -> float:
    if smooth == "smooth1":
        return hits / found if hits else 0.1 / max(1, found)
    if smooth == "no_smooth" or n == 1:
        return hits / max(1, found)
    return (hits + 1) / ((found if smooth == "smooth2" else max(1, found)) + 1)


def bleu(hyps: Any, refs: Any, order: int, smooth: str) -> float:
    """Of all sentences together."""
    hits = [sum(clipped(r, h, n) for h, r in zip(hyps, refs, strict=True)) for n in range(1, order + 1)]
    found = [sum(len(runs(h, n)) for h in hyps) for n in range(1, order + 1)]
    if hits[0] == 0 or (smooth == "no_smooth" and 0 in hits):
        return 0.0
    length = sum(len(h) for h in hyps)
    wanted = sum(
        min((len(r) for r in rs), key=lambda x: (abs(x - len(h)), x)) for h, rs in zip(hyps, refs, strict=True)
    )
    p = [smoothed(smooth, n, a, b) for n, (a, b) in enumerate(zip(hits, found, strict=True), 1)]
    return min(1.0, math.exp(1 - wanted / length)) * float(np.prod(p)) ** (1 / order)


def macro(order: int, smooth: str) -> Callable[..., float]:
    return lambda hyps, refs: float(np.mean([bleu([h], [r], order, smooth) for h, r in zip(hyps, refs, strict=True)]))


def distance(a: Any, b: Any) -> int:
    table = np.zeros((len(a) + 1, len(b) + 1), dtype=int)
    table[:, 0], table[0] = range(len(a) + 1), range(len(b) + 1)
    for i, x in enumerate(a):
        for j, y in enumerate(b):
            table[i + 1, j + 1] = min(table[i, j] + (x != y), table[i, j + 1] + 1, table[i + 1, j] + 1)
    return int(table[-1, -1])


def common(a: Any, b: Any) -> int:
    table = np.zeros((len(a) + 1, len(b) + 1), dtype=int)
    for i, x in enumerate(a):
        for j, y in enumerate(b):
            table[i + 1, j + 1] = table[i, j] + 1 if x == y else max(table[i, j + 1], table[i + 1, j])
    return int(table[-1, -1])


def error_rate(units: Callable[[str], Any]) -> Callable[..., float]:
    def value(y_pred: list[str], y: list[str]) -> float:
        return sum(distance(units(a), units(b)) for a, b in zip(y_pred, y, strict=True)) / sum(len(units(b)) for b in y)

    return value


def rouge_counts(n: int | str, hyp: Any, ref: Any) -> tuple[int, int, int]:
    if n == "L":
        return common(hyp, ref), len(hyp), len(ref)
    return (Counter(runs(hyp, n)) & Counter(runs(ref, n))).total(), len(runs(hyp, n)), len(runs(ref, n))


def rouge(n: int | str, multiref: str = "average", alpha: float = 0.0) -> Callable[..., dict[str, float]]:
    def value(hyps: Any, refs: Any) -> dict[str, float]:
        rows = []
        for h, rs in zip(hyps, refs, strict=True):
            each = [rouge_counts(n, h, r) for r in rs]
            best = max(each, key=lambda c: c[0] / c[2] if c[2] else 0)
            match, ours, theirs = np.sum(each, axis=0) if multiref == "average" else best
            p, r = match / max(ours, 1), match / max(theirs, 1)
            rows.append((p, r, p * r / ((1 - alpha) * p + alpha * r) if p * r else 0.0))
        return {f"Rouge-{n}-{key}": float(x) for key, x in zip("PRF", np.mean(rows, axis=0), strict=True)}

    return value


def perplexity(ignore: int) -> Callable[..., float]:
    def value(scores: np.ndarray, y: np.ndarray) -> float:
        rows, y = np.moveaxis(scores.astype(float), 1, -1).reshape(-1, scores.shape[1]), y.reshape(-1)
        p = np.exp(rows - rows.max(1, keepdims=True))
        p /= p.sum(1, keepdims=True)
        return float(np.exp(-np.mean([np.log(p[i, k]) for i, k in enumerate(y) if k != ignore])))

    return value


# ---------------------------------------------------------------- the rows


def row(name: str, make: Callable[[], Any], output: tuple[Any, ...], value: Any) -> MetricRow:
    return MetricRow(name, make, output, value(*output) if callable(value) else value)


SACREBLEU = (
    ["the cat sat on the mat", "It's 12.5 %, (really)!", "héllo wörld", "no match"],
    [
        ["a cat sat on a mat.", "the cat is on the mat"],
        ["it is 12.5%, really!", "Its 12.5 percent"],
        ["hello world", "hallo welt"],
        ["xyz", "qqq"],
    ],
)
SCORES = random.normal(size=(13, 7, 3)).astype("float32")
LABELS = random.integers(0, 7, size=(13, 3))
LABELS[2:4] = -100
BLEUS = [
    row(
        f"bleu {average} {order} {smooth} {kind}",
        lambda order=order, smooth=smooth, average=average: Bleu(order, smooth, average=average),
        (CANDIDATES, refs),
        macro(order, smooth) if average == "macro" else lambda h, r, o=order, s=smooth: bleu(h, r, o, s),
    )
    for average in ("macro", "micro")
    for order in (1, 2, 4)
    for smooth in ("no_smooth", "smooth1", "nltk_smooth2", "smooth2")
    for kind, refs in (("random", REFERENCES), ("like", LIKE))
]
ROWS = [
    *BLEUS,
    *(
        row(
            f"rouge {n} {multiref} {alpha}",
            lambda n=n, m=multiref, a=alpha: RougeL(m, a) if n == "L" else RougeN(n, m, a),
            (CANDIDATES, REFERENCES),
            rouge(n, multiref, alpha),
        )
        for n in (1, 2, "L")
        for multiref, alpha in (("average", 0), ("best", 0.5), ("best", 1))
    ),
    row(
        "rouge", Rouge, (CANDIDATES, LIKE),
        lambda h, r: {k: v for n in (1, 2, 4, "L") for k, v in rouge(n)(h, r).items()},
    ),
    row(
        "rouge of two", lambda: Rouge(["L", 3], multiref="best"), (CANDIDATES, LIKE),
        lambda h, r: {k: v for n in ("L", 3) for k, v in rouge(n, "best")(h, r).items()},
    ),
    row("characters", CharacterErrorRate, TEXTS, error_rate(lambda text: text)),
    row("words", WordErrorRate, TEXTS, error_rate(str.split)),
    # What sacrebleu 2.5 gives.
    row("chrf", ChrF, SACREBLEU, 0.5101702955669121),
    row("chrf++", lambda: ChrF(word_order=2), SACREBLEU, 0.4744045713403016),
    row("chrf beta", lambda: ChrF(beta=1), SACREBLEU, 0.49005813615236754),
    row("chrf white space", lambda: ChrF(whitespace=True), SACREBLEU, 0.5401548996529748),
    row("chrf lower case", lambda: ChrF(3, 1, lowercase=True), SACREBLEU, 0.6276112467603496),
    row("perplexity", Perplexity, (SCORES, LABELS), perplexity(-100)),
    row("perplexity large", Perplexity, (SCORES * 50, LABELS), perplexity(-100)),
    row(
        "perplexity of rows far apart", Perplexity,
        (SCORES + 1e4 * np.arange(13, dtype="float32")[:, None, None], LABELS), perplexity(-100),
    ),
    row("perplexity far", Perplexity, (SCORES.astype("float64") + 1e6, LABELS), perplexity(-100)),
    row("perplexity rows", lambda: Perplexity(ignore_index=3), (SCORES[..., 0], abs(LABELS[:, 0]) % 7), perplexity(3)),
]  # fmt: skip


@pytest.mark.parametrize("situation", SITUATIONS)
@pytest.mark.parametrize("row", ROWS, ids=str)
def test_value(row: MetricRow, situation: str) -> None:
    check(SITUATIONS[situation](row), row.value, row.rel, row.abs)


def test_sentences_of_sacrebleu() -> None:
    for text, refs, wanted in zip(
        *SACREBLEU, (0.645779420625287, 0.536415623316754, 0.31223544973544975, 0.0), strict=True
    ):
        metric = ChrF()
        metric.update(([text], [refs]))
        assert metric.compute() == pytest.approx(wanted, rel=1e-9, abs=1e-15)


# ---------------------------------------------------------------- the helpers


def test_countings_of_sequences() -> None:
    for _ in range(300):
        a, b = ("".join(random.choice(list("abc"), size=random.integers(0, 9))) for _ in range(2))
        assert edit_distance(a, b) == distance(a, b)
        assert lcs(a, b) == common(a, b)
        for n in (1, 2, 3):
            assert ngrams(a, n) == Counter(runs(a, n))
            assert modified_precision([b, "abc"], a, n) == (clipped([b, "abc"], a, n), len(runs(a, n)))


def test_long_sequences() -> None:
    """Longer than a machine word."""
    a, b = random.integers(0, 4, size=(2, 300)).tolist()
    assert edit_distance(a, b) == distance(a, b)
    assert lcs(a, b) == common(a, b)


def test_tensors_of_tokens() -> None:
    a, b = sparkle.tensor([1, 2, 3, 4, 5]), sparkle.tensor([1, 2, 4, 5])
    assert (lcs(a, b), edit_distance(a, b), modified_precision([b], a, 2)) == (4, 1, (2, 4))
    metric = Bleu(2)
    metric.update(([a], [[a, b]]))
    assert metric.compute() == 1.0


# ---------------------------------------------------------------- edges

EMPTY: dict[Any, tuple[Any, ...]] = {
    Bleu: ([], []),
    RougeN: ([], []),
    RougeL: ([], []),
    CharacterErrorRate: ([], []),
    WordErrorRate: ([], []),
    ChrF: ([], []),
    Perplexity: (sparkle.zeros(0, 3), sparkle.zeros(0, dtype=sparkle.int64)),
}


@pytest.mark.parametrize("make", EMPTY, ids=lambda make: make.__name__)
def test_nothing_was_seen(make: Any) -> None:
    metric = make()
    for _ in range(2):
        with pytest.raises(NotComputableError, match=f"{make.__name__} must have at least one example"):
            metric.compute()
        metric.update(EMPTY[make])


def test_micro_of_nothing() -> None:
    with pytest.raises(NotComputableError, match="Bleu must"):
        Bleu(average="micro").compute()
    with pytest.raises(NotComputableError, match="RougeN must"):
        Rouge().compute()


def test_tokens_that_are_left_out_are_nothing() -> None:
    metric = Perplexity()
    metric.update((sparkle.zeros(2, 3), sparkle.tensor([-100, -100])))
    with pytest.raises(NotComputableError):
        metric.compute()


@pytest.mark.parametrize("label", [-1, 3])
def test_class_numbers_that_are_none(label: int) -> None:
    metric = Perplexity()
    with pytest.raises(ValueError, match=r"Perplexity: y should hold class numbers 0\.\.2 or -100"):
        metric.update((sparkle.zeros(2, 3), sparkle.tensor([0, label])))


def test_perplexity_at_the_edges() -> None:
    for scores, wanted in (([[0.0, -math.inf]], math.inf), ([[0.0, math.nan]], math.nan), ([[0.0, -1e4]], math.inf)):
        metric = Perplexity()
        metric.update((sparkle.tensor(scores), sparkle.tensor([1])))
        np.testing.assert_equal(metric.compute(), wanted)


@pytest.mark.parametrize(("y_pred", "rate"), [([""], 0.0), (["ab c"], 1.0)])
@pytest.mark.parametrize("make", [CharacterErrorRate, WER])
def test_empty_texts(make: Any, y_pred: list[str], rate: float) -> None:
    metric = make()
    metric.update((y_pred, [""]))
    assert metric.compute() == rate


def test_texts_without_anything_in_common() -> None:
    for metric in (ChrF(), Bleu(), Bleu(average="micro")):
        metric.update((["ab"], [["xy"]]))
        assert metric.compute() == 0.0


def test_nothing_changes_where_a_batch_is_refused() -> None:
    for metric in (Bleu(), Bleu(average="micro"), RougeN(), ChrF(), CharacterErrorRate()):
        with pytest.raises((ValueError, TypeError)):
            metric.update((["ab", "c"], [["ab"], []]))
        with pytest.raises(NotComputableError):
            metric.compute()


WRONG: list[tuple[Callable[[], Any], type[Exception], str]] = [
    (lambda: Bleu(0), ValueError, "ngram order must be greater than zero"),
    (lambda: Bleu(smooth="smooth3"), ValueError, "Smooth is not valid"),
    (lambda: Bleu(average="mean"), ValueError, "Average must be either"),
    (lambda: Bleu().update(([["a"]], [])), ValueError, r"Bleu: nb of candidates .* \(1 != 0\)"),
    (lambda: Bleu().update(([["a"]], [[]])), ValueError, "Bleu: a candidate has no reference"),
    (lambda: RougeN(0), ValueError, "ngram order"),
    (lambda: RougeL(multiref="worst"), ValueError, "multiref : valid values"),
    (lambda: RougeL(alpha=1.5), ValueError, "alpha must be in interval"),
    (lambda: RougeN().update(([["a"]], [[]])), ValueError, "RougeN: a candidate has no reference"),
    (lambda: RougeN().update(([["a"]], [])), ValueError, "RougeN: nb of candidates"),
    (lambda: Rouge(["M"]), ValueError, "variant must be 'L' or integer"),
    (lambda: Rouge([0]), ValueError, "ngram order"),
    (lambda: CharacterErrorRate().update((["a"], ["a", "b"])), ValueError, "CharacterErrorRate: .* the same length"),
    (lambda: CharacterErrorRate().update((["a"], [1])), TypeError, "CharacterErrorRate: .* must be str or list"),
    (lambda: WER().update((["a"], "a")), TypeError, "WordErrorRate: "),
    (lambda: WER().update((3, 4)), TypeError, "WordErrorRate: "),
    (lambda: ChrF(0), ValueError, "char_order >= 1"),
    (lambda: ChrF(beta=0), ValueError, "beta should be > 0"),
    (lambda: ChrF().update((["a"], [[]])), ValueError, "ChrF: a text has no reference"),
    (lambda: ChrF().update((["a"], [])), ValueError, "ChrF: nb of candidates"),
    (lambda: ChrF().update(([["a"]], [["b"]])), TypeError, "ChrF: wanted a text, met list"),
    (lambda: Perplexity().update((sparkle.zeros(3), sparkle.tensor(1))), ValueError, "at least 2-dimensional"),
    (lambda: Perplexity().update((sparkle.zeros(3, 4), sparkle.zeros(3, 4))), ValueError, "one more dimension"),
    (lambda: Perplexity().update((sparkle.zeros(3, 4, 5), sparkle.zeros(3, 4))), ValueError, "incompatible shapes"),
    (lambda: Perplexity().update((3, 4)), TypeError, "Perplexity: wanted the output"),
]


@pytest.mark.parametrize("wrong", WRONG, ids=lambda wrong: wrong[2][:30].replace(" ", "-"))
def test_misuse(wrong: tuple[Callable[[], Any], type[Exception], str]) -> None:
    with pytest.raises(wrong[1], match=wrong[2]):
        wrong[0]()

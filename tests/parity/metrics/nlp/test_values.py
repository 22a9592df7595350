"""Metrics of texts beside Ignite's."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from sparkle.metrics.nlp.utils import lcs, modified_precision, ngrams

random = np.random.default_rng(8)
WORDS = "the a cat dog sat on mat here".split()


def sentence(least: int = 0) -> list[str]:
    return [str(word) for word in random.choice(WORDS, size=random.integers(least, 12))]


def sentences(count: int) -> tuple[list[Any], list[Any]]:
    hyps = [sentence() for _ in range(count)]
    near = [[[*hyp[:4], "x", *hyp[4:]], sentence(1), hyp[2:]] for hyp in hyps]
    return hyps, near


TEXTS = sentences(20)
OPTIONS: dict[str, list[dict[str, Any]]] = {
    "Bleu": [
        {"ngram": n, "smooth": smooth, "average": average}
        for n in (1, 2, 4, 6)
        for smooth in ("no_smooth", "smooth1", "nltk_smooth2", "smooth2")
        for average in ("macro", "micro")
    ],
    "RougeN": [
        {"ngram": n, "multiref": m, "alpha": a} for n in (1, 2, 4) for m in ("average", "best") for a in (0, 0.3)
    ],
    "RougeL": [{"multiref": m, "alpha": a} for m in ("average", "best") for a in (0, 0.3, 1)],
    "Rouge": [{}, {"variants": ["L", 3], "multiref": "best", "alpha": 0.5}],
}


@pytest.mark.parametrize(("name", "options"), [(name, o) for name, all_ in OPTIONS.items() for o in all_])
def test_of_sentences(name: str, options: dict[str, Any], ours: Any, theirs: Any, check_same: Any) -> None:
    wanted = getattr(theirs.m, name)(**options)
    wanted.update(TEXTS)
    for size in (20, 7):
        metric = getattr(ours.m.nlp, name)(**options)
        for i in range(0, 20, size):
            metric.update((TEXTS[0][i : i + size], TEXTS[1][i : i + size]))
        check_same(metric.compute(), wanted.compute())


@pytest.mark.parametrize("kind", ["random", "empty texts", "empty", "single"])
def test_characters(kind: str, ours: Any, theirs: Any, check_same: Any) -> None:
    texts = {
        "random": ([" ".join(t) for t in TEXTS[0]], [" ".join(t[1]) for t in TEXTS[1]]),
        "empty texts": (["", "a"], ["", ""]),
        "empty": (["", ""], ["", ""]),
        "single": ("kitten", "sitting"),
    }[kind]
    values = []
    for lib in (ours, theirs):
        metric = lib.m.nlp.CharacterErrorRate()
        metric.update(texts)
        values.append(metric.compute())
    check_same(*values)


@pytest.mark.parametrize("shape", [(30, 5), (30, 5, 4), (3, 5, 4, 2)])
@pytest.mark.parametrize("ignore", [-100, 2])
def test_perplexity(shape: tuple[int, ...], ignore: int, ours: Any, theirs: Any, check_same: Any) -> None:
    scores = (3 * random.normal(size=shape)).astype("float32")
    y = random.integers(0, 5, size=(shape[0], *shape[2:]))
    y[:1] = ignore
    values = []
    for lib in (ours, theirs):
        metric = lib.m.nlp.Perplexity(ignore_index=ignore)
        for a, b in zip(np.array_split(scores, 3), np.array_split(y, 3), strict=True):
            metric.update((lib.tensor(a), lib.tensor(b)))
        values.append(metric.compute())
    check_same(*values, 1e-5)


def test_helpers() -> None:
    from ignite.metrics.nlp import utils as theirs

    for _ in range(200):
        a, b = sentence(), sentence()
        assert lcs(a, b) == theirs.lcs(a, b)
        for n in (1, 2, 5):
            assert ngrams(a, n) == theirs.ngrams(a, n)
            assert modified_precision([b, a[2:]], a, n) == theirs.modified_precision([b, a[2:]], a, n)


MISUSE = [
    lambda lib: lib.m.nlp.Bleu(0),
    lambda lib: lib.m.nlp.Bleu(smooth="x"),
    lambda lib: lib.m.nlp.Bleu(average="x"),
    lambda lib: lib.m.nlp.Bleu(average="micro").update(([["a"]], [])),
    lambda lib: lib.m.nlp.Bleu().update(([["a"]], [[]])),
    lambda lib: lib.m.nlp.RougeN(0),
    lambda lib: lib.m.nlp.RougeL(multiref="x"),
    lambda lib: lib.m.nlp.RougeL(alpha=2),
    lambda lib: lib.m.nlp.Rouge(variants=["x"]),
    lambda lib: lib.m.nlp.CharacterErrorRate().update((["a"], ["a", "b"])),
    lambda lib: lib.m.nlp.CharacterErrorRate().update((["a"], [1])),
    lambda lib: lib.m.nlp.CharacterErrorRate().update((1, 2)),
    lambda lib: lib.m.nlp.Perplexity().update((lib.L.zeros(3), lib.L.zeros(3))),
    lambda lib: lib.m.nlp.Perplexity().update((lib.L.zeros(3, 2), lib.L.zeros(3, 2))),
    lambda lib: lib.m.nlp.Perplexity().update((lib.L.zeros(3, 2, 4), lib.L.zeros(3, 5))),
]


@pytest.mark.parametrize("misuse", MISUSE, ids=range(len(MISUSE)))
def test_same_errors(misuse: Any, ours: Any, theirs: Any) -> None:
    raised = []
    for lib in (ours, theirs):
        with pytest.raises(Exception) as error:  # noqa: PT011
            misuse(lib)
        raised.append(error.type)
    assert raised[0] is raised[1]

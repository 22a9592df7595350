"""Finding, ordering and counting elements as methods."""

from __future__ import annotations

from ..functions import sorting


class SortingMethods:
    """Finding, ordering and counting elements."""

    max = sorting.max
    min = sorting.min
    sort = sorting.sort
    argsort = sorting.argsort
    msort = sorting.msort
    topk = sorting.topk
    kthvalue = sorting.kthvalue
    median = sorting.median
    nanmedian = sorting.nanmedian

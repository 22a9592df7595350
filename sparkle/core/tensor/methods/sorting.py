"""Finding, ordering and counting elements as methods."""

from __future__ import annotations

from ..functions.reductions import counting, sorting, statistics
from ..write import in_place


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
    mode = statistics.mode
    quantile = statistics.quantile
    nanquantile = statistics.nanquantile
    diff = statistics.diff
    frexp = statistics.frexp

    unique = counting.unique
    unique_consecutive = counting.unique_consecutive
    bincount = counting.bincount
    histc = counting.histc
    histogram = counting.histogram
    gcd = counting.gcd
    lcm = counting.lcm
    nextafter = counting.nextafter
    gcd_ = in_place(counting.gcd)
    lcm_ = in_place(counting.lcm)
    nextafter_ = in_place(counting.nextafter)

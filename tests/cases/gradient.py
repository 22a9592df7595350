"""`gradient` and `renorm`."""

import numpy as np

from .case import case, raises

PLACES = np.array([0.0, 0.5, 2.0, 2.3, 5.0])

for order in (1, 2):
    for options in [
        {},
        {"spacing": 0.5},
        {"dim": 1},
        {"dim": (1, -2)},
        {"dim": -1, "spacing": 2},
        {"spacing": [2.0, 0.5]},
    ]:
        label = "_".join(f"{k}={v}" for k, v in options.items())
        case(
            f"gradient_{order}_{label}",
            lambda L, x, e=order, o=options: L.gradient(x, edge_order=e, **o),
            (3, 4),
            dtypes=("float32", "float64", "int64"),
        )
    case(
        f"gradient_{order}_places",
        lambda L, x, p, e=order: L.gradient(x, spacing=(p.to(x.dtype),), edge_order=e),
        (5,),
        PLACES,
    )
    case(
        f"gradient_{order}_places_dim",
        lambda L, x, p, e=order: L.gradient(x, spacing=[p, p[:3] ** 2], dim=(1, 2), edge_order=e),
        (2, 5, 3),
        PLACES,
    )
    case(
        f"gradient_{order}_of_places",
        lambda L, p, x, e=order: L.gradient(x.to(p.dtype), spacing=[p.cumsum(0)], edge_order=e),
        (5,),
        PLACES**2,
        low=0.5,
    )
case("gradient_two", lambda L, x: [*L.gradient(x), *L.gradient(x, spacing=[L.tensor([1.0, 3.0])])], (2,))
case("gradient_no_dims", lambda L, x: [len(L.gradient(x)), len(L.gradient(L.ones(3, 3), dim=()))], (), grad=False)
case("gradient_tensor_spacing", lambda L, x: L.gradient(x, spacing=L.tensor(2.0)), (4,))
case("gradient_zero_spacing", lambda L, x: L.gradient(x, spacing=0), np.array([1.0, 2.0, 4.0]))
for name, call in {
    "bool": lambda L: L.gradient(L.ones(3) > 0),
    "byte": lambda L: L.gradient(L.ones(3).byte()),
    "order": lambda L: L.gradient(L.ones(3), edge_order=3),
    "short": lambda L: L.gradient(L.ones(1)),
    "short_2": lambda L: L.gradient(L.ones(2), edge_order=2),
    "dims": lambda L: L.gradient(L.ones(3, 3), dim=(0, -2)),
    "dim": lambda L: L.gradient(L.ones(3), dim=1),
    "spacings": lambda L: L.gradient(L.ones(3, 3), spacing=[1.0]),
    "spacings_dim": lambda L: L.gradient(L.ones(3, 3), spacing=[1.0, 2.0], dim=0),
    "vector": lambda L: L.gradient(L.ones(3), spacing=L.ones(3)),
    "mixed": lambda L: L.gradient(L.ones(3, 3), spacing=[L.ones(3), 1.0]),
    "list": lambda L: L.gradient([1.0, 2.0]),
}.items():
    raises(f"gradient_{name}", call)

for p in (0.5, 1, 2, 3.5, float("inf")):
    for dim in (0, -1):
        case(f"renorm_{p}_{dim}", lambda L, x, p=p, d=dim: [L.renorm(x, p, d, 2.0), x.renorm(p, d, 0.0)], (3, 4))
case("renorm_3d", lambda L, x: L.renorm(x, 2, 1, 1), (2, 3, 2))
case("renorm_empty", lambda L, x: L.renorm(x, 2, 0, 1), (2, 0))
case("renorm_in_place", lambda L, x: (x * 1).renorm_(2, 0, 1.0), (3, 2))
case("renorm_keywords", lambda L, x: L.renorm(x, p=2, dim=0, maxnorm=1), (3, 2))
raises("renorm_vector", lambda L: L.renorm(L.ones(3), 2, 0, 1))
raises("renorm_p", lambda L: L.renorm(L.ones(3, 3), 0, 0, 1))
raises("renorm_maxnorm", lambda L: L.renorm(L.ones(3, 3), 2, 0, -1))
raises("renorm_dim", lambda L: L.renorm(L.ones(3, 3), 2, 2, 1))
raises("renorm_int", lambda L: L.renorm(L.ones(3, 3).long(), 2, 0, 1))

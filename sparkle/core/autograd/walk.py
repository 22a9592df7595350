"""The reverse walk: from the results back to the leaves, youngest node first."""

from __future__ import annotations

from heapq import heappop, heappush
from types import ModuleType
from typing import Any

import numpy
from numpy import ndarray

from ..backend import library
from ..mode import mode
from .anomaly import blame, refuse_nan
from .op import RESULT, Op, Pick, Version, sum_to

SECOND_TIME = (
    "Trying to backward through the graph a second time (or directly access saved tensors after they have already been "
    "freed): {name} has let its saved arrays go in the first backward. Specify retain_graph=True there to keep them."
)
MODIFIED = (
    "one of the variables needed for gradient computation has been modified by an inplace operation: {name} saved its "
    "{what} as `{saved}`, whose memory has been written since (it is now at version {now}). Hint: use the out-of-place "
    "form of that operation, or write to a clone()."
)


class World:
    """What the walk needs to know of tensors."""

    xp: ModuleType

    def lift(self, node: Op) -> Op:
        """A twin of the node that holds Tensors with their graph where the node holds saved arrays."""
        raise NotImplementedError

    def wrap(self, array: Any) -> Any:
        """The array as a Tensor, for hooks."""
        raise NotImplementedError

    def unwrap(self, answer: Any, like: Any, hook: Any) -> Any:
        """A hook's answer as an array in the place of another; TypeError or RuntimeError where it does not fit."""
        raise NotImplementedError


def walk(
    roots: list[Any],
    seeds: list[Any],
    *,
    keep: bool,
    world: World,
    recorded: bool = False,
    targets: set[Any] | None = None,
) -> dict[Any, tuple[Any, bool]]:
    """Send the seeds from the roots to the leaves.

    roots: nodes or leaves; seeds: a gradient for each, arrays, or Tensors where the gradients are themselves recorded
    (create_graph=True). Returns leaf -> (gradient, owned), where owned says that nothing else holds the array. With
    targets, only these edges are returned, and only what leads to them is computed. Unless keep, the nodes let their
    saved arrays go.
    """
    differentiate = _differentiate if mode.check_nan is None else _suspicious
    lifting = world if recorded else None
    reach = None if targets is None else leading_to(roots, targets)
    wanted = None if targets is None or reach is None else reach | targets
    grads: dict[Any, tuple[Any, bool]] = {}  # node or leaf -> the gradient so far, and is it held by nothing else?
    heap: list[tuple[int, Op]] = []
    found: dict[Any, tuple[Any, bool]] = {}
    for root, seed in zip(roots, seeds, strict=True):
        if root in grads:
            _add(root, seed, grads, recorded)
            continue
        grads[root] = seed, False
        if isinstance(root, Op):
            heappush(heap, (-root.seq, root))

    node: Any = heappop(heap)[1] if heap else None
    while node is not None:
        g = grads.pop(node)[0]
        following: Any = None  # the youngest node found so far: most graphs are chains, which need no heap
        hooked = node.hooked
        if hooked:
            g = _hooked(node, g, world, recorded)
        if targets is not None and node in targets:
            found[node] = (g, False)
        if type(node) is Pick:
            if reach is None or node in reach:
                _into_slot(node, g, grads, heap)
        elif reach is None or node in reach:
            if hooked:
                g = _before_node(node, g, world, recorded)
            dxs = differentiate(node, g, lifting)
            if hooked:
                dxs = _after_node(node, dxs, g, world, recorded)
            if not keep and node.saves:
                for name in node.saves:
                    setattr(node, name, None)
                node.freed = True
            fresh = not recorded and type(g) is not list
            edges = iter(node.edges)
            for dx in dxs:
                edge = next(edges)  # zip(strict=True) costs a tenth of a small node's time
                if dx is None or edge is None or (wanted is not None and edge not in wanted):
                    continue
                if type(dx) is not ndarray and isinstance(dx, numpy.generic):
                    dx = numpy.asarray(dx)  # NumPy gives scalars where an array has no axes
                if edge in grads:
                    _add(edge, dx, grads, recorded)
                    continue
                grads[edge] = dx, fresh and dx is not g and dx.base is None
                if not isinstance(edge, Op):
                    continue
                if following is None:
                    following = edge
                else:
                    heappush(heap, (-edge.seq, edge))
        if heap and (following is None or -following.seq > heap[0][0]):
            if following is not None:
                heappush(heap, (-following.seq, following))
            following = heappop(heap)[1]
        node = following

    if targets is None:
        return grads  # what is left are the leaves
    found.update((edge, gathered) for edge, gathered in grads.items() if edge in targets)
    return found


def _add(edge: Any, dx: Any, grads: dict[Any, tuple[Any, bool]], recorded: bool) -> None:
    """Add to a gradient: the first was borrowed, the second goes into a new array, later ones are added in place."""
    held, owned = grads[edge]
    if owned and held.dtype == dx.dtype:
        held += dx
        return
    total = held + dx
    grads[edge] = numpy.asarray(total) if isinstance(total, numpy.generic) else total, not recorded


def _hooked(node: Op, g: Any, world: World, recorded: bool) -> Any:
    """The gradient of a result after the hooks that wait for it; hooks see tensors."""
    for (hook,) in (*(node.hooks or ()), *(node.keepers or ())):
        answer = hook(g if recorded else world.wrap(g))
        if answer is not None:
            answer, g = None, _taken(answer, g, hook, world, recorded)
    return g


def _taken(answer: Any, g: Any, hook: Any, world: World, recorded: bool) -> Any:
    if answer is None:
        return None
    array = world.unwrap(answer, g, hook)
    return answer if recorded else array


def _around(gs: Any, world: World, recorded: bool) -> tuple[Any, ...]:
    return tuple(g if g is None or recorded else world.wrap(g) for g in gs)


def _replaced(answer: Any, gs: Any, hook: Any, world: World, recorded: bool) -> list[Any]:
    """What a node's hook gave in the place of a tuple of gradients."""
    answer = answer if isinstance(answer, (tuple, list)) else (answer,)
    if len(answer) != len(gs):
        raise RuntimeError(
            f"hook '{getattr(hook, '__name__', hook)}' has returned an incorrect number of values (got {len(answer)}, "
            f"but expected {len(gs)})"
        )
    return [_taken(a, g, hook, world, recorded) for a, g in zip(answer, gs, strict=True)]


def _before_node(node: Op, g: Any, world: World, recorded: bool) -> Any:
    """The incoming gradients after the hooks that the node itself has."""
    gs = g if type(g) is list else [g]
    for (hook,) in tuple(node.prehooks or ()):
        answer = hook(_around(gs, world, recorded))
        gs = gs if answer is None else _replaced(answer, gs, hook, world, recorded)
    return gs if type(g) is list else gs[0]


def _after_node(node: Op, dxs: Any, g: Any, world: World, recorded: bool) -> Any:
    """The gradients of the inputs after the node's hooks."""
    if not node.after_hooks:
        return dxs
    given = _around(g if type(g) is list else [g], world, recorded)
    for (hook,) in tuple(node.after_hooks or ()):
        answer = hook(_around(dxs, world, recorded), given)
        dxs = dxs if answer is None else _replaced(answer, dxs, hook, world, recorded)
    return dxs


def _into_slot(node: Pick, g: Any, grads: dict[Any, tuple[Any, bool]], heap: list[tuple[int, Op]]) -> None:
    op = node.edges[0]
    if op not in grads:
        grads[op] = [None] * node.count, False
        heappush(heap, (-op.seq, op))
    slots = grads[op][0]
    slots[node.index] = g if slots[node.index] is None else slots[node.index] + g


def _differentiate(node: Op, g: Any, world: World | None) -> Any:
    """The gradients of one node's inputs, as arrays in the inputs' shapes."""
    if node.freed:
        node = opened(node)
    elif Version.latest > node.seq:
        _check_versions(node)
    if world is not None:
        xp: Any = world.xp
        dxs: Any = world.lift(node).backward(xp, g)
    else:
        xp = numpy if type(g) is ndarray else library(g if type(g) is not list else next(x for x in g if x is not None))
        dxs = node.backward(xp, g) if node.kernel is None else node.kernel.backward(node, xp, g)
    if node.shapes is not None:
        dxs = [dx if dx is None or s is None else sum_to(xp, dx, s) for dx, s in zip(dxs, node.shapes, strict=True)]
    return dxs


def _suspicious(node: Op, g: Any, world: World | None) -> Any:
    """`_differentiate` that says where the node came from when it fails, or makes nan."""
    try:
        dxs = _differentiate(node, g, world)
    except Exception as error:
        blame(node, error)
        raise
    if mode.check_nan:
        refuse_nan(node, dxs)
    return dxs


def opened(node: Op) -> Op:
    """A twin of the node that holds the arrays which a pack hook took; RuntimeError where they were let go."""
    if node.freed is True:
        raise RuntimeError(SECOND_TIME.format(name=node.name()))
    return node.freed.opened(node)  # type: ignore[no-any-return]


def _check_versions(node: Op) -> None:
    """Refuse when an array that the node saved has been written since."""
    for name, source in node.saves.items():
        version = node.result_version if source == RESULT else node.versions[source] if source >= 0 else None
        if version is not None and version.written > node.seq and getattr(node, name) is not None:
            what = "result" if source == RESULT else f"input {source}"
            raise RuntimeError(MODIFIED.format(name=node.name(), what=what, saved=name, now=version.count))


def leading_to(roots: list[Any], targets: set[Any]) -> set[Any]:
    """The nodes from which a target can be reached by a path of at least one step."""
    seen: set[Any] = set()
    stack = [root for root in roots if isinstance(root, Op)]
    order: list[Op] = []
    while stack:
        node = stack.pop()
        if node in seen:
            continue
        seen.add(node)
        order.append(node)
        stack.extend(edge for edge in node.edges if isinstance(edge, Op) and edge not in seen)
    reach: set[Any] = set()
    for node in sorted(order, key=lambda n: n.seq):  # edges point to older nodes, so these are decided first
        if any(edge is not None and (edge in targets or edge in reach) for edge in node.edges):
            reach.add(node)
    return reach

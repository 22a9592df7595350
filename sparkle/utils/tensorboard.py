"""`SummaryWriter`, as in `torch.utils.tensorboard`: tensorboardX's writer, which also takes tensors."""

from __future__ import annotations

import functools
import logging
from collections.abc import Callable, Mapping
from typing import Any

import tensorboardX

from ..core.backend import to_numpy
from ..core.tensor.base import TensorBase
from .graph import Node, model_graph

__all__ = ["SummaryWriter"]

_log = logging.getLogger(__name__)


def as_arrays(value: Any) -> Any:
    """Tensors, also in lists, tuples and mappings, as NumPy arrays; all else as it is."""
    if isinstance(value, TensorBase):
        return to_numpy(value.array)
    if isinstance(value, Mapping):
        return {key: as_arrays(item) for key, item in value.items()}
    if type(value) in (list, tuple):
        return type(value)(map(as_arrays, value))
    return value


def _taking_tensors(name: str) -> Callable[..., Any]:
    method = getattr(tensorboardX.SummaryWriter, name)

    @functools.wraps(method)
    def call(self: Any, *args: Any, **kwargs: Any) -> Any:
        return method(self, *map(as_arrays, args), **as_arrays(kwargs))

    return call


class SummaryWriter(tensorboardX.SummaryWriter):  # type: ignore[misc]
    """Writes event files for TensorBoard; the arguments and methods are tensorboardX's.

    >>> import tempfile, sparkle
    >>> with tempfile.TemporaryDirectory() as folder, SummaryWriter(folder) as writer:
    ...     writer.add_scalar("loss", sparkle.tensor(0.5), 1)
    ...     writer.add_histogram("weights", sparkle.randn(100), 1)
    """

    add_scalar = _taking_tensors("add_scalar")
    add_scalars = _taking_tensors("add_scalars")
    add_histogram = _taking_tensors("add_histogram")
    add_image = _taking_tensors("add_image")
    add_images = _taking_tensors("add_images")
    add_image_with_boxes = _taking_tensors("add_image_with_boxes")
    add_video = _taking_tensors("add_video")
    add_audio = _taking_tensors("add_audio")
    add_embedding = _taking_tensors("add_embedding")
    add_histogram_raw = _taking_tensors("add_histogram_raw")
    add_pr_curve = _taking_tensors("add_pr_curve")
    add_pr_curve_raw = _taking_tensors("add_pr_curve_raw")
    add_mesh = _taking_tensors("add_mesh")

    def add_graph(self, model: Any, input_to_model: Any, verbose: bool = False, use_strict_trace: bool = True) -> None:
        """Write the graph of a model that is given this tensor, or this tuple of arguments.

        See `sparkle.utils.graph` for what is in it. verbose: log the nodes, too. use_strict_trace has no meaning here,
        and may be left True only: NotImplementedError. Raises TypeError and ValueError as `model_graph`.
        """
        if not use_strict_trace:
            raise NotImplementedError("add_graph: use_strict_trace=False, but nothing is traced here: leave it True")
        nodes = model_graph(model, input_to_model)
        if verbose:
            _log.info("graph of %s:\n%s", type(model).__name__, "\n".join(map(str, nodes)))
        self._get_file_writer().add_event(_as_event(nodes))

    def add_hparams(
        self,
        hparam_dict: dict[str, Any],
        metric_dict: dict[str, Any],
        name: str | None = None,
        global_step: int | None = None,
    ) -> None:
        """Write hyperparameters (numbers, strings, bools), and the metrics that they led to, in a run of their own.

        Raises TypeError for what is no dict.
        """
        hparams, metrics = _plain(hparam_dict), _plain(metric_dict)
        super().add_hparams(hparams, metrics, name, global_step)


def _plain(values: Any) -> Any:
    """Tensors and arrays without axes as numbers."""
    if not isinstance(values, dict):
        return values
    return {key: item.item() if hasattr(item, "item") else item for key, item in values.items()}


def _as_event(nodes: list[Node]) -> Any:
    """TensorBoard's form of a graph."""
    from tensorboardX.proto.attr_value_pb2 import AttrValue
    from tensorboardX.proto.event_pb2 import Event
    from tensorboardX.proto.graph_pb2 import GraphDef
    from tensorboardX.proto.node_def_pb2 import NodeDef
    from tensorboardX.proto.tensor_shape_pb2 import TensorShapeProto
    from tensorboardX.proto.versions_pb2 import VersionDef

    found = []
    for node in nodes:
        attributes = {}
        if node.shape is not None:
            dims = [TensorShapeProto.Dim(size=size) for size in node.shape]
            shapes = AttrValue.ListValue(shape=[TensorShapeProto(dim=dims)])
            attributes["_output_shapes"] = AttrValue(list=shapes)
        found.append(NodeDef(name=node.name, op=node.kind, input=list(node.inputs), attr=attributes))
    graph = GraphDef(node=found, versions=VersionDef(producer=22))
    return Event(graph_def=graph.SerializeToString())

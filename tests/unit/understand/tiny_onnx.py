"""Writes small ONNX files by hand (onnx.proto, opset 13), so that no test needs the library that writes them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from tests.unit.hub.bundles import field

FLOAT, INT64 = 1, 7
Shape = Sequence[int | str]


def node(kind: str, inputs: Sequence[str], outputs: Sequence[str], **attributes: int) -> bytes:
    """A node; attributes are whole numbers."""
    body = b"".join(field(1, name.encode()) for name in inputs) + b"".join(field(2, name.encode()) for name in outputs)
    for name, value in attributes.items():
        body_of = field(1, name.encode()) + field(3, value) + field(20, 2)
        body += field(5, body_of)
    return body + field(4, kind.encode())


def value(name: str, shape: Shape, kind: int = FLOAT) -> bytes:
    """An input or output; texts in the shape are axes of any length."""
    axes = b"".join(field(1, field(1, axis) if isinstance(axis, int) else field(2, axis.encode())) for axis in shape)
    return field(1, name.encode()) + field(2, field(1, field(1, kind) + field(2, axes)))


def constant(name: str, data: np.ndarray) -> bytes:
    """A tensor that lies in the file."""
    kind = INT64 if data.dtype == np.int64 else FLOAT
    dims = b"".join(field(1, axis) for axis in data.shape)
    return dims + field(2, kind) + field(8, name.encode()) + field(9, data.tobytes())


def model(
    nodes: Sequence[bytes], inputs: Sequence[bytes], outputs: Sequence[bytes], constants: Mapping[str, np.ndarray]
) -> bytes:
    """A whole file."""
    graph = b"".join(field(1, item) for item in nodes) + field(2, b"tiny")
    graph += b"".join(field(5, constant(name, data)) for name, data in constants.items())
    graph += b"".join(field(11, item) for item in inputs) + b"".join(field(12, item) for item in outputs)
    return field(1, 8) + field(7, graph) + field(8, field(2, 13))

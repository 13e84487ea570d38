"""Sentences that the code says, as its syntax has them."""

from __future__ import annotations

import ast
from collections.abc import Iterator


def texts(node: ast.expr) -> Iterator[str]:
    """The sentences that an expression can be, `{}` for what is filled in; nothing for what is a name alone."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, ast.JoinedStr):
        parts = [part.value if isinstance(part, ast.Constant) else "{}" for part in node.values]
        whole = "".join(str(part) for part in parts)
        if whole.strip("{} .:`"):
            yield whole
    elif isinstance(node, ast.IfExp):
        yield from texts(node.body)
        yield from texts(node.orelse)

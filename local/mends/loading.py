# What is replaced here belongs to moto, whose types say little of it.
# mypy: disable-error-code="assignment, attr-defined, method-assign, return-value"
"""What is read of botocore's data is read once, and only that.

For each service moto makes a loader that looks through all folders again, and for its lists of regions a session of its own,
which reads all endpoints of AWS once more. To see whether there is a service of a name, boto itself looks through the folders
of all 400, for each kind of file anew.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator, Sequence
from typing import Any


class _Services(Sequence[str]):
    """The names of the services that have files of one kind, looked up one by one until somebody wants to see them all."""

    def __init__(self, loader: Any, kind: str, everything: Callable[[Any, str], list[str]]) -> None:
        self._loader, self._kind, self._everything = loader, kind, everything

    def __contains__(self, name: object) -> bool:
        from botocore.exceptions import DataNotFoundError

        try:
            return bool(self._loader.list_api_versions(name, self._kind))
        except DataNotFoundError:
            return False

    def __iter__(self) -> Iterator[str]:
        return iter(self._everything(self._loader, self._kind))

    def __len__(self) -> int:
        return len(self._everything(self._loader, self._kind))

    def __getitem__(self, place: Any) -> Any:
        return self._everything(self._loader, self._kind)[place]


def apply() -> None:
    """One loader of moto's models, boto3's session for its lists of regions, and services looked up one by one."""
    import boto3
    from botocore.loaders import Loader
    from moto.core import utils
    from moto.core.base_backend import AccountSpecificBackend

    utils.create_loader = functools.cache(utils.create_loader)

    def session(cls: Any) -> Any:
        if boto3.DEFAULT_SESSION is None:
            boto3.setup_default_session()
        return boto3.DEFAULT_SESSION

    AccountSpecificBackend.get_session = classmethod(session)
    everything = Loader.list_available_services
    Loader.list_available_services = lambda self, type_name: _Services(self, type_name, everything)

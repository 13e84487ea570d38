"""A vault in memory."""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta

from sangfroid.evidence.vault import Kept


class MemoryVault:
    """Keeps versions; `objects` by key and version."""

    def __init__(self) -> None:
        self.objects: dict[tuple[str, str], bytes] = {}

    def keep(self, key: str, data: bytes, media_type: str, sha256: str, now: datetime) -> Kept:
        assert hashlib.sha256(data).hexdigest() == sha256
        version = f"v{len(self.objects)}"
        self.objects[key, version] = data
        return Kept(key, version, now + timedelta(days=365), "COMPLIANCE")

    def read(self, key: str, version: str) -> bytes | None:
        return self.objects.get((key, version))

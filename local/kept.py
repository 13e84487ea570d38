"""Work that is kept from one process to the next, under `.cache` of this checkout; whatever is wrong with it, it is done again.

A kept file begins with the digest of what follows, so half a file, or a foreign one, is none. Two processes that make
the same at once put the same in its place, each whole. A checkout that cannot be written to works all the same, only slower.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import sys
from pathlib import Path

FOLDER = Path(__file__).resolve().parent.parent / ".cache"
MOST = 200
"""As many of a kind are kept; what nobody has changed for longest goes first."""

_DIGEST = hashlib.sha256().digest_size


def key(*parts: str) -> str:
    """The name of what is made out of these texts by this Python."""
    digest = hashlib.sha256(sys.version.encode())
    for part in parts:
        content = part.encode("utf-8", "surrogatepass")
        digest.update(len(content).to_bytes(8, "big") + content)
    return digest.hexdigest()


def find(kind: str, name: str) -> bytes | None:
    """What was kept under this name; None where there is nothing, or nothing whole."""
    try:
        content = (FOLDER / kind / name).read_bytes()
    except OSError:
        return None
    digest, kept = content[:_DIGEST], content[_DIGEST:]
    return kept if hashlib.sha256(kept).digest() == digest else None


def keep(kind: str, name: str, content: bytes) -> None:
    """Keeps this under the name, for the next process; does nothing where that cannot be."""
    folder = FOLDER / kind
    half = folder / f"{name}.{os.getpid()}"
    with contextlib.suppress(OSError):
        folder.mkdir(parents=True, exist_ok=True)
        try:
            half.write_bytes(hashlib.sha256(content).digest() + content)
            half.replace(folder / name)
        finally:
            half.unlink(missing_ok=True)
        for old in _by_age(folder)[:-MOST]:
            old.unlink(missing_ok=True)


def _by_age(folder: Path) -> list[Path]:
    ages = []
    for path in folder.iterdir():
        # Another process may tidy up at the same time.
        with contextlib.suppress(FileNotFoundError):
            ages.append((path.stat().st_mtime, path))
    return [path for _, path in sorted(ages)]

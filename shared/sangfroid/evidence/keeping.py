"""Evidence of a case: kept under lock, entered in the store, its hashes in the timeline whose chain then vouches for them."""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
import re
from collections.abc import Sequence
from typing import Any, Literal, Protocol
from uuid import uuid4

from pydantic import Field

from sangfroid.casefile import CaseFile
from sangfroid.casework import Casework
from sangfroid.errors import FieldError, IllegalTransition, Invalid, NotFound
from sangfroid.evidence.vault import Vault
from sangfroid.model import Instant, Model, Picture, rfc3339
from sangfroid.store import content, evidence_key
from sangfroid.table import ABSENT, Put

LARGEST = 187_500
"""Bytes of an attachment: what fits as base64 into the largest body."""

SENT_AT_MOST = 4_400_000
"""Bytes of one file in an answer: a Lambda answers at most 6 MB, as base64."""

MOST = 200
"""Pieces of evidence of one case."""

_BEGINNINGS: dict[str, tuple[bytes, ...]] = {
    "image/png": (b"\x89PNG\r\n\x1a\n",),
    "image/jpeg": (b"\xff\xd8\xff",),
    "image/gif": (b"GIF87a", b"GIF89a"),
    "image/webp": (b"RIFF",),
    "application/pdf": (b"%PDF-",),
    "text/plain": (b"",),
    "text/html": (b"",),
    "message/rfc822": (b"",),
    "application/json": (b"",),
}
"""Kinds of files that are taken, and how they begin."""


class CapturedPage(Protocol):
    """A page as it was fetched."""

    @property
    def asked(self) -> str:
        """The address that was asked for."""

    @property
    def url(self) -> str:
        """Where it came from in the end."""

    @property
    def redirects(self) -> Sequence[str]:
        """The addresses between."""

    @property
    def address(self) -> str:
        """The IP address that answered."""

    @property
    def status(self) -> int:
        """HTTP status."""

    @property
    def headers(self) -> Sequence[tuple[str, str]]:
        """Headers of the answer, names in lower case."""

    @property
    def body(self) -> bytes:
        """The answer's bytes."""

    @property
    def content_type(self) -> str:
        """Media type of the answer."""


class KeptFile(Model):
    """One file under lock; `sha256` in hex over exactly its bytes."""

    name: str
    media_type: str
    sha256: str
    size: int
    key: str
    version: str


class Evidence(Model):
    """One piece of evidence: a capture of a page, or what a person attached."""

    id: str
    case_id: str
    kind: Literal["capture", "attachment"]
    at: Instant
    by: str
    note: str = ""
    source_url: str | None = None
    files: list[KeptFile]
    retained_until: Instant
    mode: str
    details: dict[str, Any] = Field(default_factory=dict)


class EvidenceKeeper:
    """Keeps and lists evidence."""

    def __init__(self, casework: Casework, vault: Vault | None) -> None:
        self._casework, self._vault, self._now = casework, vault, casework.now

    @property
    def vault(self) -> Vault:
        """The vault; raises IllegalTransition where this deployment has none."""
        if self._vault is None:
            raise IllegalTransition("This deployment has no evidence store: EVIDENCE_BUCKET is not set.")
        return self._vault

    def attach(self, case_id: str, name: str, media_type: str, data: str, note: str, by: str) -> Evidence:
        """Keep a picture or file that a person has; `data` is base64. The case may be closed already (A9)."""
        body = _decoded(data)
        beginnings = _BEGINNINGS.get(media_type)
        if beginnings is None:
            raise Invalid(
                f"Files of the kind {media_type[:60]} are not taken: {', '.join(_BEGINNINGS)}.",
                errors=[FieldError("/media_type", "one of: " + ", ".join(_BEGINNINGS))],
            )
        if not body.startswith(beginnings):
            raise Invalid(
                f"The file is not what it says: {media_type}.",
                errors=[FieldError("/media_type", "the kind of the file")],
            )
        self._refuse_more(case_id)
        entry = self._locked(case_id, "attachment", [(_safe(name), media_type, body)], by, note=note)
        self._casework.change(case_id, by, lambda file: enter(file, entry))
        return entry

    def capture(self, case_id: str, page: CapturedPage, readable: str, by: str) -> Evidence:
        """Keep a fetched page as it came, its readable text, and when and from where it came; entered in the case."""
        entry = self.captured(case_id, page, readable, by)
        self._casework.change(case_id, by, lambda file: enter(file, entry))
        return entry

    def captured(self, case_id: str, page: CapturedPage, readable: str, by: str) -> Evidence:
        """Put a fetched page under lock, not yet entered in its case: for who may write no case (decision 0108)."""
        now = self._now()
        record = {
            "asked": page.asked,
            "url": page.url,
            "redirects": page.redirects,
            "address": page.address,
            "status": page.status,
            # What signs somebody in is no evidence.
            "headers": [[name, value] for name, value in page.headers if name != "set-cookie"],
            "at": rfc3339(now),
            "sha256": hashlib.sha256(page.body).hexdigest(),
            "bytes": len(page.body),
        }
        ending = "json" if "json" in page.content_type else "html" if "html" in page.content_type else "txt"
        files = [
            (f"page.{ending}", page.content_type, page.body),
            ("readable.txt", "text/plain; charset=utf-8", readable.encode()),
            ("capture.json", "application/json", json.dumps(record, ensure_ascii=False, indent=1).encode()),
        ]
        self._refuse_more(case_id)
        details = {name: record[name] for name in ("url", "address", "status")}
        return self._locked(case_id, "capture", files, by, source_url=page.asked, details=details)

    def _refuse_more(self, case_id: str) -> None:
        self._casework.read(case_id)  # an unknown case is not found before anything is kept
        if len(self.listed(case_id)) >= MOST:
            raise IllegalTransition(f"The case has {MOST} pieces of evidence already.")

    def _locked(
        self,
        case_id: str,
        kind: Literal["capture", "attachment"],
        files: list[tuple[str, str, bytes]],
        by: str,
        *,
        note: str = "",
        source_url: str | None = None,
        details: dict[str, Any] | None = None,
    ) -> Evidence:
        vault, now, name = self.vault, self._now(), f"ev-{uuid4().hex[:16]}"
        kept, until, mode = [], now, ""
        # Into the vault first: an object that no entry names does no harm, an entry without its object would.
        for title, media_type, body in files:
            digest = hashlib.sha256(body).hexdigest()
            place = vault.keep(f"cases/{case_id}/{name}/{title}", body, media_type, digest, now)
            until, mode = place.until, place.mode
            kept.append(
                KeptFile(
                    name=title,
                    media_type=media_type,
                    sha256=digest,
                    size=len(body),
                    key=place.key,
                    version=place.version,
                )
            )
        return Evidence(
            id=name,
            case_id=case_id,
            kind=kind,
            at=now,
            by=by,
            note=note,
            source_url=source_url,
            files=kept,
            retained_until=until,
            mode=mode,
            details=details or {},
        )

    def image(self, picture: Picture) -> bytes | None:
        """The bytes of a version's image, or None where they are gone; raises Unavailable."""
        return self.vault.read(picture.key, picture.object_version)

    def file(self, case_id: str, evidence: str, number: int) -> tuple[KeptFile, bytes]:
        """One file of a piece of evidence, checked against its hash. Raises NotFound, IllegalTransition, Unavailable."""
        entry = next((one for one in self.listed(case_id) if one.id == evidence), None)
        if entry is None or not 0 <= number < len(entry.files):
            self._casework.read(case_id)
            raise NotFound(f"Case {case_id} has no such file among its evidence.")
        kept = entry.files[number]
        if kept.size > SENT_AT_MOST:
            raise IllegalTransition(f"The file has {kept.size} bytes, too many to be sent like this.")
        data = self.vault.read(kept.key, kept.version)
        if data is None:
            raise NotFound("The file is no longer in the evidence store: its retention has ended.")
        if hashlib.sha256(data).hexdigest() != kept.sha256:
            raise IllegalTransition(
                "The file is not the one that was kept: its hash is another. Tell an engineer."
            )
        return kept, data

    def listed(self, case_id: str) -> list[Evidence]:
        """The evidence of a case, oldest first."""
        items = self._casework.table.query(evidence_key(case_id)).items
        return [Evidence.kept(content(item)) for item in items]


def enter(file: CaseFile, entry: Evidence) -> None:
    """Enter what was put under lock: its hashes in the timeline, the entry beside it."""
    file.note(
        "evidence_kept",
        evidence=entry.id,
        what=entry.kind,
        files=[{"name": one.name, "sha256": one.sha256} for one in entry.files],
        retained_until=rfc3339(entry.retained_until),
    )
    place = {"pk": evidence_key(entry.case_id), "sk": f"{rfc3339(entry.at)}#{entry.id}"}
    file.extra_writes.append(Put(entry.model_dump(mode="json") | place, ABSENT))


def _decoded(data: str) -> bytes:
    try:
        body = base64.b64decode(data, validate=True)
    except (binascii.Error, ValueError):
        raise Invalid("The file is not base64.", errors=[FieldError("/data", "base64")]) from None
    if not body:
        raise Invalid("The file is empty.", errors=[FieldError("/data", "at least one byte")])
    if len(body) > LARGEST:
        raise Invalid(
            f"The file is larger than {LARGEST} bytes. Send a smaller picture of it.",
            errors=[FieldError("/data", f"at most {LARGEST} bytes")],
        )
    return body


def _safe(name: str) -> str:
    """A file name that is one everywhere: no folders, nothing that a shell or a disk reads otherwise."""
    plain = re.sub(r"[^\w.-]+", "_", name.rpartition("/")[2].rpartition("\\")[2]).strip("._")
    return plain[:100] or "file"

"""The bytes of a page as text, as browsers read them.

encoding.spec.whatwg.org, and "determining the character encoding" of html.spec.whatwg.org.
"""

from __future__ import annotations

import re

import webencodings

_BOMS = ((b"\xef\xbb\xbf", "utf-8"), (b"\xfe\xff", "utf-16be"), (b"\xff\xfe", "utf-16le"))
_LOOKED_AT = 4_096
# A declaration in a meta element, whether as `charset=` or inside `content=`, or in the first line of XML.
_DECLARED = re.compile(
    rb"""<meta[\s/][^<>]{0,500}?charset\s{0,20}=\s{0,20}["']?\s{0,20}([\w:.-]{1,40})""", re.IGNORECASE
)
_XML = re.compile(
    rb"""\s{0,100}<\?xml[^<>]{0,200}?encoding\s{0,20}=\s{0,20}["']([\w:.-]{1,40})""", re.IGNORECASE
)
_HEADER = re.compile(r"""charset\s*=\s*["']?\s*([^\s"';,]{1,40})""", re.IGNORECASE)


def decoded(body: bytes, content_type: str = "") -> str:
    """`body` as text: by its byte order mark, else by the header, else by what the page declares, else UTF-8 or windows-1252.

    Labels mean what the encoding standard says (iso-8859-1 is windows-1252, gb2312 is gb18030); bytes that are no text of the
    encoding become U+FFFD.
    """
    for mark, name in _BOMS:
        if body.startswith(mark):
            return body[len(mark) :].decode(name, "replace")
    encoding = _in_header(content_type) or _in_page(body[:_LOOKED_AT])
    if encoding is None:
        try:
            return body.decode("utf-8")
        except UnicodeDecodeError as fault:
            # A page that was cut off within a character is still UTF-8, where it was until then; `caf\xe9` never was.
            cut = fault.reason == "unexpected end of data" and not body[: fault.start].isascii()
            return body.decode("utf-8" if cut or _mostly_utf8(body) else "cp1252", "replace")
    if encoding.name == "replacement":
        return body.decode("utf-8", "replace")
    return str(encoding.codec_info.decode(body, "replace")[0])


def _mostly_utf8(body: bytes) -> bool:
    """Whether a few broken bytes stand in a text that is UTF-8: other encodings hardly ever make valid sequences."""
    plain = body.decode("utf-8", "replace")
    broken = plain.count("\ufffd")
    return broken * 4 < sum(1 for char in plain if char > "\x7f")


def _in_header(content_type: str) -> webencodings.Encoding | None:
    found = _HEADER.search(content_type)
    return _named(found[1]) if found else None


def _in_page(head: bytes) -> webencodings.Encoding | None:
    found = _DECLARED.search(head) or _XML.match(head)
    if found is None:
        return None
    encoding = _named(found[1].decode("ascii", "replace"))
    if encoding is not None and encoding.name in ("utf-16be", "utf-16le"):
        return webencodings.UTF8  # what could be read byte by byte is no UTF-16
    if encoding is not None and encoding.name == "x-user-defined":
        return webencodings.lookup("windows-1252")
    return encoding


def _named(label: str) -> webencodings.Encoding | None:
    try:
        encoding = webencodings.lookup(label)
    except (LookupError, ValueError):
        return None
    # The standard decodes gbk with gb18030, which holds it.
    return webencodings.lookup("gb18030") if encoding is not None and encoding.name == "gbk" else encoding

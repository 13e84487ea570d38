"""Bytes of pages as browsers read them (P3)."""

from __future__ import annotations

import codecs

import pytest

from sangfroid.tracing.decoding import decoded
from sangfroid.tracing.refusals import FetchRefused
from tests.tracing.conftest import Internet, answer, redirect

JAPANESE, CHINESE, TAIWANESE, KOREAN, RUSSIAN = (
    "障害が発生しました①",
    "服务中断，请稍候",
    "服務中斷請稍候",
    "서비스 장애 똠",
    "Сбой облака",
)


@pytest.mark.parametrize(
    ("label", "codec", "text"),
    [
        ("shift_jis", "cp932", JAPANESE),
        ("Shift-JIS", "cp932", JAPANESE),
        ("x-sjis", "cp932", JAPANESE),
        ("windows-31j", "cp932", JAPANESE),
        ("euc-jp", "euc_jp", JAPANESE[:-1]),
        ("iso-2022-jp", "iso2022_jp", JAPANESE[:-1]),
        ("gb18030", "gb18030", CHINESE + "𠮷"),
        ("gbk", "gb18030", CHINESE + "€"),
        ("gb2312", "gbk", CHINESE),
        ("big5", "big5", TAIWANESE),
        ("big5-hkscs", "big5hkscs", TAIWANESE),
        ("euc-kr", "cp949", KOREAN),
        ("ks_c_5601-1987", "cp949", KOREAN),
        ("koi8-r", "koi8_r", RUSSIAN),
        ("koi8-u", "koi8_u", "Збій хмари їє"),
        ("windows-1251", "cp1251", RUSSIAN),
        ("iso-8859-5", "iso8859_5", RUSSIAN),
        ("iso-8859-1", "cp1252", "L’« été » coûte 5 €"),
        ("latin1", "cp1252", "L’« été » coûte 5 €"),
        ("us-ascii", "cp1252", "L’été"),
        ("iso-8859-15", "iso8859_15", "5 €"),
        ("windows-1250", "cp1250", "Łódź"),
        ("macintosh", "mac_roman", "été"),
        ("utf-8", "utf-8", "été 🙏"),
        ("UTF8", "utf-8", "été 🙏"),
    ],
)
def test_what_is_declared(label: str, codec: str, text: str) -> None:
    body = f"<title>{text}</title>".encode(codec)
    assert text in decoded(body, f"text/html; charset={label}")
    assert text in decoded(body, f'text/html;charset="{label}"; x=1')
    for declared in (
        f'<meta charset="{label}">',
        f"<META CHARSET={label} >",
        f'<meta http-equiv="Content-Type" content="text/html; charset={label}">',
        f"<!-- é --><html>\n<head><meta name=x content=y><meta charset='{label}'/>".replace("é", "e"),
        f'<?xml version="1.0" encoding="{label}"?>',
    ):
        assert text in decoded(declared.encode() + body, "text/html")


@pytest.mark.parametrize("codec", ["utf-16-le", "utf-16-be", "utf-8"])
@pytest.mark.parametrize("header", ["", "; charset=utf-8", "; charset=iso-8859-1", "; charset=shift_jis"])
def test_a_byte_order_mark_counts_before_the_header(codec: str, header: str) -> None:
    marks = {"utf-16-le": codecs.BOM_UTF16_LE, "utf-16-be": codecs.BOM_UTF16_BE, "utf-8": codecs.BOM_UTF8}
    assert decoded(marks[codec] + "été 障害".encode(codec), f"text/html{header}") == "été 障害"


@pytest.mark.parametrize("label", ["utf-16", "utf-16le", "utf-16be"])
def test_utf_16_of_the_header(label: str) -> None:
    codec = "utf-16-be" if label.endswith("be") else "utf-16-le"
    assert decoded("été 障害".encode(codec), f"text/html; charset={label}") == "été 障害"


def test_the_header_counts_before_the_page() -> None:
    assert decoded('<meta charset="utf-8">été'.encode("cp1252"), "text/html; charset=windows-1252").endswith(
        "été"
    )


@pytest.mark.parametrize("label", ["utf-16", "utf-16le"])
def test_utf_16_that_could_be_read_byte_by_byte_is_none(label: str) -> None:
    assert decoded(f'<meta charset="{label}">été'.encode(), "text/html").endswith("été")


def test_without_a_word_it_is_utf_8_or_else_windows_1252() -> None:
    assert decoded("été 🙏".encode()) == "été 🙏"
    assert decoded("L’été à 5 €".encode("cp1252")) == "L’été à 5 €"
    assert decoded("été 🙏".encode()[:-1]).startswith("été ")
    assert decoded("été, déjà là".encode() + b"\xff" + "à".encode()) == "été, déjà là\ufffdà"


@pytest.mark.parametrize(
    "label",
    [
        "utf-7",
        "base64",
        "rot13",
        "hex",
        "\x80",
        "punycode",
        "idna",
        "undefined",
        "mbcs",
        "",
        "x" * 500,
        "utf-8\x00",
    ],
)
def test_an_odd_label_is_none(label: str) -> None:
    assert decoded("été".encode(), f"text/html; charset={label}") == "été"


@pytest.mark.parametrize("label", ["iso-2022-kr", "hz-gb-2312", "iso-2022-cn"])
def test_encodings_that_hide_markup_are_never_used(label: str) -> None:
    assert "été" in decoded("été".encode(), f"text/html; charset={label}")


# -- redirects (S9)


@pytest.mark.parametrize(
    "to",
    [
        "http://[",
        "http://[::1",
        "http://a]b/",
        "//[",
        "http://a:b/",
        "http://\x7f/",
        "http://é\xff/",
        "http:///",
        "http://a..b/",
        "javascript:x",
        "\xff\xfe",
        "http://x.org:99999999999/",
        "http://" + "a" * 5_000,
        "http://xn--/",
        "?" + "é" * 10,
        "https://[::ffff:127.0.0.1]/",
        "\\\\evil",
        "http://a.org\\@b.org/",
        "data:text/html,x",
    ],
)
def test_wherever_a_redirect_leads_a_refusal_is_noted(internet: Internet, to: str) -> None:
    internet.site("news.org", redirect(to))
    with pytest.raises(FetchRefused) as refused:
        internet.fetcher(redirects=1).fetch("http://news.org/")
    assert refused.value.kind
    assert str(refused.value)


def test_a_redirect_is_read_as_browsers_do(internet: Internet) -> None:
    internet.site("news.org", redirect("http://other.org/été à".encode().decode("latin-1")))
    other = internet.site("other.org", answer("x"), "93.184.216.35")
    assert internet.fetcher().fetch("http://news.org/").url == "http://other.org/%C3%A9t%C3%A9%20%C3%A0"
    assert other.requests[0].startswith("GET /%C3%A9t%C3%A9%20%C3%A0 ")


@pytest.mark.parametrize("text", ["<p>été", "un café", "l\u2019été", "é"])
def test_a_short_page_without_a_word_of_its_encoding_is_windows_1252(text: str) -> None:
    assert decoded(text.encode("cp1252"), "text/html") == text


def test_a_page_cut_off_within_a_character_is_still_utf_8() -> None:
    assert decoded("été".encode()[:-1], "text/html") == "ét\ufffd"

"""Texts that made a program look back again and again, each of exactly as many characters as asked for."""

from __future__ import annotations

from collections.abc import Callable

Pattern = Callable[[int], str]


def again(piece: str, start: str = "", end: str = "") -> Pattern:
    """`start`, the piece over and over, `end`."""

    def made(length: int) -> str:
        room = length - len(start) - len(end)
        return start + (piece * (room // len(piece) + 1))[:room] + end

    return made


def counted(piece: str, end: str = "") -> Pattern:
    """The piece with a running number in the place of `{}`: no two alike."""

    def made(length: int) -> str:
        pieces, room, number = [], length - len(end), 0
        while room > 0:
            one = piece.format(number)[:room]
            pieces.append(one)
            room -= len(one)
            number += 1
        return "".join(pieces) + end

    return made


PATTERNS: dict[str, Pattern] = {
    "square brackets": again("["),
    "square brackets that close": again("]", "["),
    "round brackets": again("("),
    "a link of brackets": again("(", "https://a.example/"),
    "curly brackets": again("{"),
    "blanks": again(" ", "rt", "x"),
    "no-break blanks": again("\u00a0", "case", "x"),
    "line breaks": again("\n", "x", "x"),
    "line breaks and blanks": again("\n \t", "x", "x"),
    "digits": again("1", "", "x"),
    "digits and dots": again("1.", "", "x"),
    "digits and blanks": again("1 ", "n°", "x"),
    "tags": again("#a", "", "x!"),
    "tags apart": again(" #a", "", " x!"),
    "mentions": again("@a"),
    "mentions of servers": again("@a.b-", "rt "),
    "dots": again("."),
    "letters": again("a"),
    "letters with a sign at the end": again("a", "", "!"),
    "one word over and over": again("panne "),
    "two words over and over": again("pan enn "),
    "words that are all different": counted("nuage{} "),
    "names that are all different": counted("Nuage{}! "),
    "accents": again("é"),
    "marks on one letter": again("\u0301", "a"),
    "marks out of order": again("\u0315\u0300", "a"),
    "letters and marks": again("e\u0301"),
    "invisible": again("\u200b", "a", "b"),
    "soft hyphens": again("a\u00ad"),
    "ligatures of many letters": again("\ufdfa"),
    "letters of Hangul": again("\u1100\u1161\u11a8"),
    "look-alike letters": again("аe"),
    "emoji joined": again("\U0001f468\u200d"),
    "flags": again("\U0001f1eb"),
    "directions": again("\u202e\u2066"),
    "controls": again("\x1b["),
    "links": again("https://a.example/b "),
    "links without a blank": again("https://a.example/b"),
    "schemes": again("http://"),
    "links in links": again("http://a.b/)"),
    "links with commas": again("http://a.b/c,"),
    "one long link": again("a/", "https://a.example/"),
    "a link with parameters": again("a=1&", "https://a.example/?"),
    "escaped": again("%c3", "https://a.example/"),
    "names of hosts": again("a."),
    "hosts of other alphabets": again("é.", "https://"),
    "question marks": again("?"),
    "underscores": again("_"),
    "stars": again("*"),
    "percent": again("%s%("),
    "back slashes": again("\\"),
    "ampersands": again("&#x"),
    "angles": again("<"),
    "tags of HTML never closed": again("<a "),
    "tags of HTML": again("<div>"),
    "comments of HTML": again("<!--"),
    "comments that nearly close": again("<!-- --"),
    "scripts": again("<script>"),
    "scripts of data": again('<script type="application/ld+json">{'),
    "JSON": again('{"@graph":[', '<script type="application/ld+json">', "</script>"),
    "texts of JSON never closed": again('"\\', '<script type="application/ld+json">"', "</script>"),
    "comments of JSON": again("/*", '<script type="application/ld+json">{', "</script>"),
    "formatting": counted("<b a={}>", "<p>x"),
    "formatting closed wrongly": again("<i></p>"),
    "tables": again("<table><a>"),
    "cells": again("<table><tr><td>"),
    "links around blocks": again("<a><div></a>"),
    "attributes": counted(" a{}=1", ">"),
    "attributes of one tag": lambda length: "<p" + counted(" a{}=1", ">")(length - 2),
    "attributes with quotes": again('a="', "<p "),
    "foreign elements": again("<svg><math><p>"),
    "lists": again("<ul><li>"),
    "forms": again("<form><button>"),
    "times": again('<time datetime="2026-11-20T07:30Z">'),
    "articles": again("<article><aside>"),
    "closing tags": again("</div>"),
    "closing what is not open": again("<div></x>"),
    "closing what is kept open": again("<span><div></span></div>"),
    "closing links around blocks": again("<a><div></a></div>"),
    "closing in tables": again("<div><table></div></table>"),
    "forms left by blocks": again("<form><div></form></div>"),
    "styles in pictures": again("<style>", "<svg>"),
    "headings closed by others": again("<h1><x></h2>"),
    "classes": again("<p class=related-post-x>"),
    "headings": again("<h1>"),
    "bullets": again("- "),
    "pipes": again("||"),
    "tildes": again("~~x"),
    "quotation marks": again("«"),
    "apostrophes": again("l'"),
    "sentences": again("Oui. "),
    "sentences of Japanese": again("はい。"),
    "reposts": again("rt @a: "),
    "labels": again("case 1 lot "),
    "sums": again("1 € "),
    "dates": again("2026-11-20T"),
    "months": again("Nov "),
    "negations": again("ne pas plus jamais "),
}

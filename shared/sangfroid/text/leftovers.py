"""What was left in a text by mistake: places to fill in, marks that turn or hide words, characters that no reader can read."""

from __future__ import annotations

from collections.abc import Iterator

import regex

from sangfroid.text.folding import Folded, bare

_TO_DO = (
    r"(?:a |to )?(?:completer|complete|be completed|renseigner|remplir|fill(?: in)?|inserer|insert|preciser|indiquer|"
    r"ajouter|add|definir|define|be defined|verifier|verify|check|confirmer|confirm|be confirmed|valider|"
    r"remplacer|replace|tbd|tbc|tba|todo|fixme)(?!\w)"
)
_NAMED = (
    r"(?:(?:votre|vos|your) .*|(?:client|customer|company|brand|product|person|contact|event|incident|service) "
    r"(?:names?|dates?|numbers?|ids?)|"
    r"(?:pre|sur)?noms?|(?:first |last |full |sur)?names?|dates?|heures?|hours?|times?|lieux?|places?|"
    r"villes?|city|clients?|customers?|montants?|amounts?|numeros?|numbers?|n°|produits?|products?|marques?|brands?|entreprises?|"
    r"societes?|company|companies|liens?|links?|urls?|adresses?|address|e?-?mails?|telephones?|tel|phones?|signatures?|fonctions?|titres?|"
    r"title|textes?|x+|raisons?|reasons?|causes?|motifs?|services?|(?:nombres?|chiffres?|number) .*)"
    r"(?: (?:de|du|des|d'|a|of|the|to|here|ici|complet|complete|exacte?|concerne(?:e?s?)|affected|noms?|names?)(?!\w).*)?"
)
_TO_FILL_IN = regex.compile(rf"(?:{_TO_DO}.*|{_NAMED})", regex.DOTALL)
_BRACKETS = regex.compile(r"(?<!\w)\[([^\[\]]{0,80})\](?!\()")
_ROUND = regex.compile(r"\(([^()]{1,80})\)")
_SURELY = regex.compile(
    r"(?:pre)?nom(?: (?:du|de la|de l'|d'un) ?(?:client|personne|produit|entreprise|service).*)?$|"
    r"(?:a |to )?(?:completer|be completed|renseigner|remplir|fill in|inserer|insert|tbd|tbc|tba|todo|fixme|x{2,})(?!\w)|"
    r"(?:date|jour|heure|lieu|nom|montant|chiffre|nombre|numero|day|time|place|name|amount|figure|number) "
    r"(?:a (?:preciser|completer|definir|remplir|renseigner)|to be (?:completed|defined|filled in))$"
)
_QUOTED = regex.compile(
    r"[«“‹\"] ?(?:(?:pre)?noms? (?:du|de la|de l['’]|d['’]une?) ?(?:client|cliente|personne|produit|entreprise|service)|"
    r"(?:name of the (?:customer|client|person|product|company)|"
    r"(?:customer|client|product|company)(?: full| first| last)? name)) ?[»”›\"]"
)
_ANGLES = regex.compile(r"<<?/?(\p{L}[^<>]{0,60})>>?")
_MACHINES = regex.compile(
    r"<%|%>|%[a-z]\w{1,30}\.\w{1,30}%|%\d\$[sd]|(?<![\w$])\$(?!\d)[a-z_]\w{1,40}\$?(?![\w$])|(?<![\w#])#[a-z_]{2,30}#(?!\w)|"
    r"(?<!\w)__[a-z]\w{1,40}__(?!\w)|【[^【】]{1,40}】|(?<!\w)nom_d[ue]_\w{2,30}|"
    r"\{{1,3}(?!(?:gros |petit |big )?(?:sourires?|rires?|soupirs?|smiles?|laughs?|sighs?|sic)\})[^{}]{1,80}\}{1,3}|"
    r"\$\{|\{%|%\(\w{1,40}\)[sd]|(?<!\w)%[sd](?!\w)|%[\p{L}_]{3,40}%|"
    r"(?:@@|##|%%)[\w ]{1,40}(?:@@|##|%%)|\*\|\w{1,40}\|\*|"
    r"_{3,}|lorem ipsum|#ref!|#n/a|#name\?|#nom\?|#value!|#valeur!|\[object object\]|"
    r"(?<![\w/])x{3,}(?!\w)|(?<!\w)xx+(?=[/:]\w| ?[€$£%h](?!\w))|(?<!\w)xx ?h ?xx(?!\w)|"
    r"(?<!\w)xx (?:heures?|minutes?|jours?|semaines?|clients?|euros?|personnes?|hours?|days?|weeks?|customers?|people)(?!\w)|"
    # the form of a date or an hour in the place of one
    r"(?<!\w)(?:jj|dd)[/.-]mm[/.-](?:aa|yy){1,2}(?!\w)|(?<!\w)(?:yyyy|aaaa)-mm-(?:dd|jj)(?!\w)|(?<!\w)hh ?[:h] ?mm(?!\w)"
)
_WORDS = regex.compile(
    r"(?<!\w)(?:todo|to do|fixme|t\.?b\.?[acd]|[aà] (?:compl[eé]ter|d[eé]finir|pr[eé]ciser))(?!\w)|"
    # single quotation marks of every form are folded into one
    r"(?<!\w)[\"“‹«'] ?(?:(?:pr[eé])?nom|(?:first |last )?name) ?[\"”›»'](?!\w)"
)
# What is "à préciser" may be said on purpose.
_LEFT_OPEN = regex.compile(
    r"(?<!\w)(?:[aà] (?:compl[eé]ter|renseigner|remplir|ins[eé]rer)|to (?:be )?(?:completed?|fill(?:ed)? in|insert(?:ed)?))(?!\w)"
)
_BEGINS = regex.compile(r"(?:\A|[\r\n:.!?])[\s*•–—-]*\Z")
_ENDS = regex.compile(r"[^\S\r\n]*(?:\Z|[\r\n.…!])")
_DOUBTFUL = regex.compile(r"\?{3,}|\.{5,}|…{3,}")

# What desks write in brackets and in capitals on purpose.
_ANNOUNCED_WORDS = """
maj|mise a jour|update|updated|communique|communique de presse|press release|correctif|correction|rectificatif|erratum|thread
info|infos|information|informations|alerte|alert|urgent|important|breaking|officiel|official|statement|declaration|video
photo|photos|live|direct|resolu|resolved|incident|maintenance|fin|end|sic|ndlr|nda|edit|suite|rappel|reminder|faq
point de situation|situation|service|presse|press|exclusif|securite|security|conseil|prevention|fr|en|de|es|it|nl|pt
"""
_ANNOUNCED = frozenset(_ANNOUNCED_WORDS.strip().replace("\n", "|").split("|"))
_TAG_NAMES = (
    "a abbr b blockquote br code div em figure h1 h2 h3 h4 h5 h6 hr i iframe img li ol p pre script small span strong style "
    "sub sup table td th tr u ul"
)
_TAGS = frozenset(_TAG_NAMES.split())
_ESCAPES = regex.compile(
    r"&(?:[a-zA-Z]{2,8}|#\d{1,6}|#x[0-9a-fA-F]{1,6});|(?<![\\\w:])\\[nrt](?![\w\\])|"
    r"\\n\\n|\\u[0-9a-fA-F]{4}|<!--|-->"
)
_CONTROL = regex.compile(r"[\p{Cc}--[\n\r\t]]|[\u2028\u2029\uFFF9-\uFFFB]", regex.V1)
_UNREADABLE = regex.compile(r"[\uFFFD\uFFFC\p{Cs}\p{Co}\p{Cn}]")
_OVERRIDE = regex.compile(r"[\u202D\u202E]")
_DIRECTION = regex.compile(r"[\u202A\u202B\u202C\u2066-\u2069]")
_HIDDEN = regex.compile(r"[\U000E0000-\U000E007F\u2061-\u2064\u206A-\u206F\u3164\u115F\u1160\uFFA0]+")
_FLAG = regex.compile(r"\U0001F3F4[\U000E0020-\U000E007E]+\U000E007F")
_LATIN = regex.compile(r"\p{Latin}")
_OTHER = regex.compile(r"[\p{Cyrillic}\p{Greek}\p{Armenian}\p{Cherokee}]")
_WORD = regex.compile(r"\w+")


def placeholders(text: str | Folded, language: str = "") -> list[str]:
    """The places of `text` that somebody was to fill in, as they stand there: `[NOM]`, `{{numero}}`, `TODO`, `[à compléter]` …"""
    plain = Folded(text) if isinstance(text, str) else text
    found: dict[str, None] = {}
    for match in _BRACKETS.finditer(plain.text):
        if _is_to_fill(match[1], plain.quote(*match.span())):
            found.setdefault(plain.quote(*match.span()))
    for match in _ANGLES.finditer(plain.text):
        if "@" not in match[1] and "://" not in match[1] and not _is_tag(match[1]):
            found.setdefault(plain.quote(*match.span()))
    for match in _MACHINES.finditer(plain.text):
        found.setdefault(plain.quote(*match.span()))
    for match in _ROUND.finditer(plain.text):
        if _SURELY.match(bare(match[1])):
            found.setdefault(plain.quote(*match.span()))
    for match in _QUOTED.finditer(plain.text):
        found.setdefault(plain.quote(*match.span()))
    for match in _LEFT_OPEN.finditer(plain.text):
        start, end = plain.span(*match.span())
        # All that a line or a sentence says, or says after its colon.
        if _BEGINS.search(plain.original[max(0, start - 20) : start]) and _ENDS.match(plain.original, end):
            found.setdefault(plain.quote(*match.span()))
    for match in _WORDS.finditer(plain.text):
        quote = plain.quote(*match.span())
        if quote.isupper() and not (quote == "TODO" and language[:2] in ("es", "pt")):
            found.setdefault(quote)
    return list(found)


def _is_to_fill(inside: str, quote: str) -> bool:
    said = bare(inside)
    if not said.strip("_. ?-"):
        return said != "..."  # `[…]` stands for what was left out of a quotation
    if said in _ANNOUNCED or said.isdecimal():
        return False
    return _TO_FILL_IN.fullmatch(said) is not None or (
        quote.upper() == quote and any(map(str.isalpha, said)) and len(said) > 1
    )


def _is_tag(inside: str) -> bool:
    return inside.partition(" ")[0].strip("/") in _TAGS


def doubtful(text: str) -> list[str]:
    """What may be a place to fill in, or a habit: rows of question marks and of dots."""
    return list(dict.fromkeys(match[0] for match in _DOUBTFUL.finditer(text)))


def escapes(text: str) -> list[str]:
    """Markup and escapes of a machine that readers would see as they stand: `&nbsp;`, `\\n`, `<br>`."""
    found = dict.fromkeys(match[0] for match in _ESCAPES.finditer(text))
    found |= dict.fromkeys(match[0] for match in _ANGLES.finditer(text) if _is_tag(match[1].lower()))
    return list(found)


def controls(text: str) -> list[str]:
    """Control characters (escape, bell, vertical tab …), by their names `U+001B`."""
    return list(dict.fromkeys(_name(match[0]) for match in _CONTROL.finditer(text)))


def unreadable(text: str) -> list[str]:
    """Characters that stand for none: a replacement character, private use, unassigned codes."""
    return list(dict.fromkeys(_name(match[0]) for match in _UNREADABLE.finditer(text)))


def turned(text: str) -> list[str]:
    """Marks that make words read in another order than they are written: overrides, and other marks of direction left open."""
    found = {_name(match[0]): None for match in _OVERRIDE.finditer(text)}
    for paragraph in text.splitlines():
        found |= dict.fromkeys(_open(paragraph))
    return list(found)


def _open(paragraph: str) -> Iterator[str]:
    waiting: list[str] = []
    for match in _DIRECTION.finditer(paragraph):
        mark = match[0]
        if mark in "\u202c\u2069":
            opened = "\u2066\u2067\u2068" if mark == "\u2069" else "\u202a\u202b"
            if waiting and waiting[-1] in opened:
                waiting.pop()
            else:
                yield _name(mark)
        else:
            waiting.append(mark)
    yield from map(_name, waiting)


def hidden(text: str) -> list[str]:
    """Characters that hide something in a text: tags (but those of flags), fillers, invisible operators."""
    return list(dict.fromkeys(_name(match[0][0]) for match in _HIDDEN.finditer(_FLAG.sub("", text))))


def mixed(text: str) -> list[str]:
    """Words that mix Latin letters with look-alike ones of another alphabet."""
    words = dict.fromkeys(found[0] for found in _WORD.finditer(text)) if _OTHER.search(text) else ()
    return [word[:80] for word in words if _OTHER.search(word) and _LATIN.search(word)]


def _name(char: str) -> str:
    return f"U+{ord(char):04X}"

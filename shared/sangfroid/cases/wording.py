"""Whether drafts that a model worded may stand in the place of the playbook's: they may say it otherwise, and nothing else.

Everything is compared with the playbook's draft as filled from the case. Its questions must all be there, which is also what
keeps such a draft from a review as it stands: `placeholder_left_in` blocks it and is never set aside.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter

from sangfroid.cases.charter import check
from sangfroid.organisation import Organisation
from sangfroid.playbooks import Playbook
from sangfroid.playbooks.firstdrafts import QUESTION
from sangfroid.text.links import find_links

Texts = dict[str, dict[str, str]]

_WORD = re.compile(r"[^\W\d_]+(?:[’'-][^\W\d_]+)*")
_SENTENCE_ENDS = re.compile(r"[.!?:;…\n][\s»\"”)]*$|^[\s«\"“(]*$")
_SHORTEST, _LONGEST = 0.5, 2.0
"""Length against the playbook's draft."""
_ECHO = 5
"""So many words in a row of a stranger's text are a quotation."""


def _words(*lines: str) -> frozenset[str]:
    return frozenset(word for line in lines for word in line.split())


_OPENERS = _words(
    "a after all and any as at because before but by each even everyone for from here how however if in instead it its many",
    "meanwhile next no nobody nothing now once our please since so some that the their there these they this those though to",
    "until we what when where which while who why with without you your",
    "afin ainsi alors après au aucun aucune aussi aux avant avec c'est ce cela celles ces cet cette ceux chacun chaque",
    "comme comment d'ici dans de depuis des dès donc du elle elles en entre-temps et il ils ici jusqu'à l'origine la le les",
    "leur leurs lorsque mais malgré merci même ne nos notre nous on où par parce pendant personne plus plusieurs pour pourquoi",
    "prochaine qu'elle quand que qui quoi rien sa sans ses si son tous tout toute toutes un une vos votre vous voici voilà y",
)
"""What a sentence may begin with beside the template's words: a capital letter there tells nothing of a name."""
_NUMBERS = _words(
    "two three four five six seven eight nine ten eleven twelve fifteen twenty thirty forty fifty sixty hundred hundreds",
    "thousand thousands million millions dozen dozens half quarter noon midnight monday tuesday wednesday thursday friday",
    "saturday sunday today tomorrow yesterday tonight january february march april june july august september october",
    "november december deux trois quatre cinq sept huit neuf dix onze douze quinze vingt trente quarante cinquante soixante",
    "cent cents centaine centaines mille millier milliers millions douzaine dizaine dizaines moitié quart midi minuit lundi",
    "mardi mercredi jeudi vendredi samedi dimanche aujourd'hui demain hier janvier février mars avril juin juillet août",
    "septembre octobre novembre décembre",
)
"""Numbers and times in words; `may`, `mai`, `second`, `one`, `un` are too common for what they would catch."""


def refused(
    made: Texts, template: Texts, brand: str, message: str, playbook: Playbook, organisation: Organisation
) -> str | None:
    """Why the drafts may not stand, or None; the charter is asked as well, by which they may be no worse than the template."""
    reason = unlike(made, template, message)
    if reason is not None:
        return reason
    for audience, texts in made.items():
        before = Counter(
            (one.code, one.language)
            for one in check(template[audience], "response", brand, playbook, organisation)
        )
        after = Counter(
            (one.code, one.language) for one in check(texts, "response", brand, playbook, organisation)
        )
        if after - before:
            return "charter"
    return None


def unlike(made: Texts, template: Texts, message: str = "") -> str | None:
    """Why the drafts say something else than the template as it is filled now, in a word; None where they do not."""
    if {a: set(texts) for a, texts in made.items()} != {a: set(texts) for a, texts in template.items()}:
        return "languages"
    for audience, texts in made.items():
        for language, text in texts.items():
            reason = _unlike(text, template[audience][language], message)
            if reason is not None:
                return reason
    return None


def _unlike(text: str, template: str, message: str) -> str | None:
    if not _SHORTEST <= len(text) / max(len(template), 1) <= _LONGEST:
        return "length"
    if any(_strange(sign) for sign in text):
        return "signs"
    asked = Counter(QUESTION.findall(template))
    if not asked or Counter(QUESTION.findall(text)) != asked:
        return "questions"
    said, known = QUESTION.sub(" \N{DOTTED SQUARE} ", text), QUESTION.sub(" ", template)
    if find_links(said) or set("[]{}<>@#€$£%|") & set(said) - set(known):
        return "links"
    if set(re.findall(r"\d+", said)) - set(re.findall(r"\d+", known)):
        return "numbers"
    words = {word.lower().replace("’", "'") for word in _WORD.findall(known)}
    for found in _WORD.finditer(said):
        word = found[0].replace("’", "'")
        lower = word.lower()
        if lower in words:
            continue
        if _NUMBERS & {lower, *re.split(r"['-]", lower)}:
            return "numbers"
        if word != lower and not (_SENTENCE_ENDS.search(said[: found.start()]) and lower in _OPENERS):
            return "names"
    return "quotation" if _runs(message) & _runs(said) - _runs(known) else None


def _strange(sign: str) -> bool:
    """Letters of other scripts, invisible and control characters."""
    if sign == "\n":
        return False
    kind = unicodedata.category(sign)
    return kind[0] in "CM" or (kind[0] == "L" and not unicodedata.name(sign, "").startswith("LATIN"))


def _runs(text: str) -> set[tuple[str, ...]]:
    words = [word.lower().replace("’", "'") for word in _WORD.findall(text)]
    return {tuple(words[at : at + _ECHO]) for at in range(len(words) - _ECHO + 1)}

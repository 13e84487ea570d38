"""What was left in a text by mistake (T2)."""

import pytest

from sangfroid.text import leftovers

AROUND = "Bonjour, {} et merci. Nous revenons vers vous."


@pytest.mark.parametrize(
    "left",
    [
        "[NOM]",
        "XX heures",
        "TBA",
        "“NAME”",
        "$NOM$",
        "[tel]",
        "(date à préciser)",
        "(time to be defined)",
        "« nom du client »",
        "“customer name”",
        "XXhXX",
        "XX clients",
        "JJ/MM/AAAA",
        "DD/MM/YYYY",
        "hh:mm",
        "{{numero}}",
        "TODO",
        "XXX",
        "[à compléter]",
        "[A COMPLÉTER]",
        "[PRÉNOM NOM]",
        "[date]",
        "[votre nom]",
        "[your name]",
        "[insert link here]",
        "[nom du client]",
        "[lien]",
        "[Date de l'incident]",
        "{name}",
        "${name}",
        "{% if x %}",
        "%(name)s",
        "%s",
        "<NOM>",
        "<insert name>",
        "<<date>>",
        "XXXX",
        "xxx",
        "XX/XX/2026",
        "XX h",
        "xx €",
        "TBD",
        "TBC",
        "FIXME",
        "lorem ipsum",
        "(à compléter)",
        "(TBD)",
        "(to be completed by Léa)",
        "____",
        "[ ]",
        "[]",
        "[___]",
        "[?]",
        "[XX]",
        "%FIRSTNAME%",
        "*|FNAME|*",
        "@@nom@@",
        "#REF!",
        "#N/A",
        "[object Object]",
        "［NOM］",
        "[ NOM ]",
        "[TODO: chiffre]",
        "[nom]",
        "[[nom]]",
        "[MONTANT]",
        "{0}",
        "[à\u00a0compléter]",
        "[N\u200bOM]",
        "[client name]",
        "[Prénom Nom]",
        "[à vérifier]",
        "[raison]",
        "[service concerné]",
        "[nombre de clients]",
        "«\u00a0NOM\u00a0»",
        "【NOM】",
        "(nom du client)",
        "À COMPLÉTER",
        "A DEFINIR",
        "TO DO",
        "T.B.D.",
        "<%= nom %>",
        "%recipient.name%",
        "%1$s",
        "$NOM",
        "#NOM#",
        "__NOM__",
        "nom_du_client",
        "‹NOM›",
        "'PRÉNOM'",
        "‘NAME’",
    ],
)
def test_places_to_fill_in(left):
    (found,) = leftovers.placeholders(AROUND.format("") + left + " ici")[:1]
    assert found in left
    assert leftovers.placeholders(AROUND.replace("{}", left))


@pytest.mark.parametrize(
    "text",
    [
        "Clients concernés : à compléter",
        "Bonjour,\nÀ compléter.\nMerci.",
        "- à renseigner",
        "Customers concerned: to be completed",
        "to fill in",
        "Montant : A REMPLIR …",
    ],
)
def test_lines_left_open(text):
    assert leftovers.placeholders(text)


@pytest.mark.parametrize(
    "text",
    [
        "Il vous reste un formulaire à compléter",
        "Le champ « prénom » a été exposé",
        "Prochain point : à préciser.",
        "The form that you have to complete.",
        "Ils l'appellent 'Nom' entre eux.",
        "Merci {sourire} à tous",
        "Nous écrivons le nom du client sur chaque boîte",
        "The customer name on your invoice was wrong",
        "Le mot-dièse #Nuage et le compte @nuage_fr.",
        "Il reste à définir une date, et à vérifier deux serveurs (à vérifier lundi).",
        "Chacun dit « non », puis « Nomade ».",
        "It costs US$5, or $12.50; 5$ more in Canada.",
        "Le fichier s'appelle mon_nom.txt.",
        "What we have to do: pay.",
        "Il dit : « nous [le groupe] regrettons […] l'incident ».",
        "[MISE À JOUR] Le service est rétabli.",
        "[Update] We are back.",
        "Voir [1] et [2].",
        "[sic]",
        "Notre [page d'état](https://nuage.example/etat)",
        "C'est 50 % de plus, 5 % si l'on compte bien.",
        "Le XXe siècle, tome XX.",
        "Taille XXL.",
        "a < b et c > d",
        "https://a.example/?q[]=1&x=%C3%A9",
        "Écrivez à <aide@nuage.example> ou voir <https://nuage.example>.",
        "Les causes restent à préciser.",
        "Quoi ??",
        "Attendez...",
        "todo está bien",
        "Le client [Nuage] a réagi.",
        "[…] puis [...]",
        "Réouverture lundi (à confirmer).",
        "Nous serons ouverts de 8 h à 12 h.",
        "[FR]",
        "5 $ et 6 €",
        "@nuage #panne",
        "L'index_des_prix",
        "100%",
        "C:\\nuage",
    ],
)
def test_what_people_write_on_purpose(text):
    assert leftovers.placeholders(text, "fr") == []
    assert leftovers.controls(text) == leftovers.turned(text) == leftovers.unreadable(text) == []
    assert leftovers.hidden(text) == leftovers.escapes(text) == leftovers.doubtful(text) == []


def test_spanish_todo_is_a_word():
    assert leftovers.placeholders("TODO VA BIEN", "es-ES") == []
    assert leftovers.placeholders("TODO: chiffre", "fr") == ["TODO"]


@pytest.mark.parametrize(
    "mark", ["\u202e", "\u202d", "\u202a", "\u2066", "\u2067x\n\u2069", "\u202c", "\u2068\u202c"]
)
def test_turned_words(mark):
    assert leftovers.turned(f"Prix : {mark}12 €")


@pytest.mark.parametrize(
    "text", ["a \u2067שלום\u2069 b", "\u202bسلام\u202c", "שלום", "a\u200fb", "\u2066\u2067x\u2069\u2069"]
)
def test_directions_that_are_closed(text):
    assert leftovers.turned(text) == []


@pytest.mark.parametrize("char", list("\x1b\x00\x07\x08\x0b\x0c\x7f\x85\x9b\u2028\u2029\ufff9"))
def test_controls(char):
    assert leftovers.controls(f"a{char}b") == [f"U+{ord(char):04X}"]


def test_lines_and_tabs_are_no_controls():
    assert leftovers.controls("a\r\n\tb") == []


@pytest.mark.parametrize(
    "char", ["\ufffd", "\ue001", "\uffff", "\U0010ffff", "\ufffc", chr(0xD800), "\U000f0000"]
)
def test_unreadable(char):
    assert leftovers.unreadable(f"a{char}b") == [f"U+{ord(char):04X}"]


def test_hidden():
    assert leftovers.hidden("a\U000e0041b") == ["U+E0041"]
    assert leftovers.hidden("🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f 👨‍👩‍👧 ❤️") == []


@pytest.mark.parametrize(
    "text",
    [
        "a&nbsp;b",
        "a &amp; b",
        "ligne\\n\\nligne",
        " \\n ",
        "l\\u00e9",
        "<br>",
        "<b>x</b>",
        "<!-- x -->",
        "&#233;",
        '<a href="https://x.example">',
    ],
)
def test_escapes(text):
    assert leftovers.escapes(text)


def test_mixed_letters():
    assert leftovers.mixed("Nоus sommes désolés, привет") == ["Nоus"]

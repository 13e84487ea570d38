"""The communication charter (R4, A2, A17, R14): honest, clear, humane wording, checked before anybody reviews a text.

`check` is pure and linear in the texts. What is missing is a warning, and so is an admission: honesty is asked for (C2.3,
C3.4, R14). Only what must not be read by anybody blocks: forbidden words, personal data, confidential terms. Codes are never
renamed.
"""

from sangfroid.cases.charter.checking import LISTED, blocks, check

__all__ = ["LISTED", "blocks", "check"]

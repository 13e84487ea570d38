"""Texts as people read them: one folding, one notion of blank, one finder of links, one form of a person's id.

Whatever compares words compares them folded; whatever is published stays byte for byte. Everything here is linear in the
length of its text, whoever wrote it, and knows nothing of cases.
"""

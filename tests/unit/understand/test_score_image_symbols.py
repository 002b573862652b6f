"""The vocabulary of symbols that the score reader's network and its assembly agree on."""

from workbench.understand.score_image.symbols import ACCIDENTALS, HEADS, KINDS, Symbol


def test_every_symbol_has_one_name():
    assert len(set(KINDS)) == len(KINDS)
    assert set(HEADS) | set(ACCIDENTALS) <= set(KINDS)


def test_a_symbol_without_a_stem_has_neither_flags_nor_ties():
    rest = Symbol("rest_quarter", 10.0, 20.0)
    assert (rest.flags, rest.stem, rest.tie) == (0, 0, False)

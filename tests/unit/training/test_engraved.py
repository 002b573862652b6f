"""Engraved pages know where their symbols are and what their notes mean."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

from workbench.training.engraved import EngravedPage, Layout, engrave
from workbench.training.engraved_mei import read_mei
from workbench.understand.score_image.symbols import Symbol

_MEI = """<?xml version="1.0"?><mei xmlns="http://www.music-encoding.org/ns/mei" meiversion="5.0"><meiHead><fileDesc>
<titleStmt><title/></titleStmt><pubStmt/></fileDesc></meiHead><music><body><mdiv><score>
<scoreDef meter.count="4" meter.unit="4" keysig="1f"><staffGrp symbol="brace" bar.thru="true">
<staffDef n="1" lines="5" clef.shape="G" clef.line="2"/><staffDef n="2" lines="5" clef.shape="F" clef.line="4"/>
</staffGrp></scoreDef><section>
<measure n="1"><staff n="1"><layer n="1"><beam><note xml:id="n1" dur="8" pname="c" oct="5" dots="1"/>
<note xml:id="n2" dur="16" pname="c" oct="5"/></beam><chord dur="4"><note pname="e" oct="5" accid="f"/>
<note pname="g" oct="4"/></chord><tuplet num="3" numbase="2"><beam><note dur="8" pname="d" oct="4"/>
<note dur="8" pname="e" oct="4"/><note dur="8" pname="f" oct="4"/></beam></tuplet><rest dur="4"/></layer></staff>
<staff n="2"><layer n="1"><mRest/></layer></staff><tie startid="#n1" endid="#n2"/></measure>
<measure n="2" right="rptend"><staff n="1"><layer n="1"><note dur="1" pname="b" oct="4" accid.ges="f"/></layer></staff>
<staff n="2"><layer n="1"><note dur="2" pname="c" oct="3"/><clef shape="G" line="2"/>
<note dur="2" pname="c" oct="4" staff="1"/></layer></staff></measure></section></score></mdiv></body></music></mei>"""


@pytest.fixture(scope="module")
def page() -> EngravedPage:
    pytest.importorskip("verovio")
    pytest.importorskip("resvg_py")
    return next(engrave(_MEI, Layout(font="Leland", width=1500, height=900)))


def _of(page: EngravedPage, kind: str) -> list[Symbol]:
    return [symbol for symbol in page.detected.symbols if symbol.kind == kind]


def test_notes_have_their_time_and_pitch(page: EngravedPage) -> None:
    upper = [note for note in page.notes if note.staff == 0 and note.measure == 0]
    assert [(note.onset, note.duration, note.pitch) for note in upper] == [
        (Fraction(0), Fraction(3, 4), 72), (Fraction(3, 4), Fraction(1, 4), 72), (Fraction(1), Fraction(1), 75),
        (Fraction(1), Fraction(1), 67), (Fraction(2), Fraction(1, 3), 62), (Fraction(7, 3), Fraction(1, 3), 64),
        (Fraction(8, 3), Fraction(1, 3), 65), (Fraction(3), Fraction(1), -1),
    ]  # fmt: skip
    assert upper[0].tied
    assert upper[1].held
    assert [note.duration for note in page.notes if note.staff == 1 and note.measure == 0] == [Fraction(4)]


def test_a_note_that_crosses_belongs_to_the_staff_it_stands_on(page: EngravedPage) -> None:
    second = {(note.staff, note.pitch) for note in page.notes if note.measure == 1}
    assert second == {(0, 70), (1, 48), (0, 60)}


def test_symbols_lie_where_the_ink_is(page: EngravedPage) -> None:
    ink = 255 - page.picture.astype(int)
    for symbol in _of(page, "head_full"):
        around = ink[round(symbol.y) - 1 : round(symbol.y) + 2, round(symbol.x) - 1 : round(symbol.x) + 2]
        assert around.mean() > 200, symbol
    middle = page.staves[0][0]
    assert [round((symbol.y - middle) / 4) for symbol in _of(page, "clef_g")] == [2]
    assert [round((symbol.y - middle) / 4) for symbol in _of(page, "acc_flat")] == [-3]
    assert len(_of(page, "clef_g_small")) == 1
    assert len(_of(page, "repeat_dot")) == 4
    assert len(_of(page, "tuplet_3")) == 1
    assert {symbol.kind for symbol in page.detected.symbols} >= {"key_flat", "time_4", "rest_whole", "dot"}


def test_heads_know_their_stems(page: EngravedPage) -> None:
    heads = [page.detected.symbols[note.symbol] for note in page.notes if note.pitch == 72]
    assert [(head.flags, head.dots, head.stem, head.tie, round(2 * head.offset)) for head in heads] == [
        (1, 1, -1, True, -1), (2, 0, -1, False, -1),
    ]  # fmt: skip


def test_masks_lie_on_the_picture(page: EngravedPage) -> None:
    height, width = page.picture.shape
    for name, mask in page.detected.masks.items():
        assert abs(mask.shape[0] * 2 - height) <= 2, name
        assert abs(mask.shape[1] * 2 - width) <= 2, name
    dark = np.zeros((height + 2, width + 2))
    dark[:height, :width] = 255 - page.picture.astype(float)
    coarse = dark[: height // 2 * 2, : width // 2 * 2].reshape(height // 2, 2, width // 2, 2).max((1, 3))
    for name in ("line", "beam", "stem", "barline", "tie"):
        mask = page.detected.masks[name][: coarse.shape[0], : coarse.shape[1]] > 60
        assert mask.any(), name
        assert (coarse[mask] > 60).mean() > 0.8, name


_TREMOLO = """<mei xmlns="http://www.music-encoding.org/ns/mei"><measure xml:id="m"><staff n="1"><layer n="1">
<fTrem><note xml:id="a" dur="4" dots="1" pname="c" oct="4"/>
<note xml:id="b" dur="4" dots="1" pname="g" oct="4"/></fTrem>
<note xml:id="c" dur="8" pname="c" oct="4"/></layer></staff></measure></mei>"""


def test_two_notes_that_alternate_share_the_time_that_each_is_written_as() -> None:
    notes = read_mei(_TREMOLO).notes
    assert [(notes[name].onset, notes[name].duration) for name in "abc"] == [
        (0, Fraction(3, 4)), (Fraction(3, 4), Fraction(3, 4)), (Fraction(3, 2), Fraction(1, 2)),
    ]  # fmt: skip


_HIDDEN = """<score-partwise version="4.0"><part-list><score-part id="P"><part-name/></score-part></part-list>
<part id="P"><measure number="1"><attributes><divisions>1</divisions><key print-object="no"><fifths>2</fifths></key>
<time><beats>1</beats><beat-type>4</beat-type></time><clef><sign>G</sign><line>2</line></clef></attributes>
<note><pitch><step>F</step><alter>1</alter><octave>4</octave></pitch><duration>1</duration><type>quarter</type></note>
</measure></part></score-partwise>"""


def test_a_key_that_the_notes_follow_is_drawn_though_the_file_hides_it() -> None:
    pytest.importorskip("verovio")
    pytest.importorskip("resvg_py")
    drawn = next(engrave(_HIDDEN, Layout(font="Leland", width=900, height=600)))
    assert len(_of(drawn, "key_sharp")) == 2
    assert [note.pitch for note in drawn.notes] == [66]

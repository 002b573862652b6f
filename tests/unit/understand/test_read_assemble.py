"""Symbols become music: pitches, onsets, voices, bars; on an engraved page whose symbols are all known."""

from fractions import Fraction

import numpy as np
import pytest

from workbench.understand.score_image.assemble import assemble
from workbench.understand.score_image.bars import Bar, solve_bar
from workbench.understand.score_image.barsolver import columns, solve
from workbench.understand.score_image.describe import describe
from workbench.understand.score_image.items import Head, Item, group_beams, set_options
from workbench.understand.score_image.layout import Line, centre, find_blocks, straighten
from workbench.understand.score_image.symbols import Detected, Symbol

F = Fraction


def page(height=400, width=800, middles=(100,), bars=(400, 780), joined=False) -> Detected:
    """Staves 80 to 780 pixels with bar lines, nothing on them."""
    masks = {name: np.zeros((height // 2, width // 2), dtype=np.uint8) for name in ("line", "lines", "barline", "beam")}
    for middle in middles:
        masks["line"][middle // 2, 40:390] = 255
        for step in (-2, -1, 0, 1, 2):
            masks["lines"][middle // 2 + 4 * step, 40:390] = 255
        for x in bars:
            masks["barline"][middle // 2 - 8 : middle // 2 + 9, x // 2] = 255
    if joined:
        for x in (80, *bars):
            masks["barline"][middles[0] // 2 : middles[-1] // 2, x // 2] = 255
    return Detected((), masks)


def head(x, place, kind="head_full", middle=100, stem=1, **more) -> Symbol:
    return Symbol(kind, x, middle - 4 * place, 0.9, 10, 8, stem=stem, offset=-place / 2, **more)


def events(found: Detected):
    pages, _ = describe(assemble([found]), [(800, 400)], [1.0])
    return [
        (event.measure, event.onset, event.duration, event.pitches)
        for system in pages[0].systems
        for staff in system.staves
        for event in staff.events
    ]


def with_symbols(found: Detected, *symbols: Symbol) -> Detected:
    return Detected((*found.symbols, *symbols), found.masks)


CLEF = Symbol("clef_g", 95, 108, 0.9, 20, 56)
TWO_FOUR = (Symbol("time_2", 125, 92, 0.9, 12, 16), Symbol("time_4", 125, 108, 0.9, 12, 16))


def test_a_line_through_the_gap_makes_a_system_and_its_absence_two():
    assert [len(block.staves) for block in find_blocks(page(middles=(100, 200), joined=True))] == [2]
    assert [len(block.staves) for block in find_blocks(page(middles=(100, 200)))] == [1, 1]
    ends = find_blocks(page())[0].ends
    assert [round(end / 10) for end in ends] == [40, 78]


def test_notes_get_pitch_from_clef_key_and_accidentals_and_time_from_their_values():
    found = with_symbols(
        page(), CLEF, *TWO_FOUR, Symbol("key_sharp", 110, 84, 0.9, 8, 20),
        head(160, -3), Symbol("acc_natural", 225, 112, 0.9, 6, 20), head(240, -3), head(460, -3), head(600, 0),
    )  # fmt: skip
    assert events(found) == [
        (1, 0, 1, (66,)), (1, 1, 1, (65,)), (2, 0, 1, (66,)), (2, 1, 1, (71,)),
    ]  # fmt: skip


def test_two_voices_of_one_staff_each_fill_the_bar():
    found = with_symbols(
        page(bars=(780,)), CLEF, *TWO_FOUR, head(200, 3), head(500, 4), head(200, -4, "head_half", stem=-1)
    )
    assert sorted(events(found)) == [(1, 0, 1, (76,)), (1, 0, 2, (64,)), (1, 1, 1, (77,))]


def test_a_notehead_with_a_stem_up_and_a_stem_down_is_a_note_of_both_voices():
    found = with_symbols(page(bars=(780,)), CLEF, *TWO_FOUR, head(200, 0), head(500, 0), head(200, -4, stem=-1))
    found.masks["stem"] = np.zeros_like(found.masks["line"])
    for x, rows in ((204, (36, 50)), (504, (36, 50)), (496, (50, 64)), (196, (58, 72))):
        found.masks["stem"][slice(*rows), x // 2] = 255
    assert sorted(events(found)) == [(1, 0, 1, (64,)), (1, 0, 1, (71,)), (1, 1, 1, (71,)), (1, 1, 1, (71,))]


def test_a_head_moved_aside_is_of_the_chord_though_another_head_of_it_comes_first():
    found = with_symbols(
        page(bars=(780,)), CLEF, *TWO_FOUR,
        head(200, -7, stem=-1), head(208.9, -4, stem=-1), head(209, -6, stem=-1), head(500, 0),
    )  # fmt: skip
    assert events(found) == [(1, 0, 1, (59, 60, 64)), (1, 1, 1, (71,))]


def test_notes_in_one_column_of_two_staves_begin_together():
    lower = {"middle": 200}
    found = with_symbols(
        page(middles=(100, 200), bars=(780,), joined=True), CLEF, Symbol("clef_f", 95, 192, 0.9, 20, 28), *TWO_FOUR,
        head(200, 0, flags=1), head(300, 0, flags=1), head(420, 1), head(200, 0, **lower), head(420, 1, **lower),
    )  # fmt: skip
    assert [(onset, pitches) for _, onset, _, pitches in events(found)] == [
        (0, (71,)), (F(1, 2), (71,)), (1, (72,)), (0, (50,)), (1, (52,)),
    ]  # fmt: skip


def test_a_metre_that_is_not_written_is_found_from_what_bars_add_up_to():
    notes = [head(x, 0) for x in (160, 240, 320, 440, 540, 640)]
    found = with_symbols(page(), CLEF, *notes)
    pages, _ = describe(assemble([found]), [(800, 400)], [1.0])
    assert pages[0].systems[0].staves[0].time == (3, 4)


def note(x, flags=0, dots=0, staff=0, stem=1, beam=0, kind="head_full") -> Item:
    made = Item(x, staff, [Head(Symbol(kind, x, 0, stem=stem, flags=flags), 0)], stem=stem, flags=flags, dots=dots)
    made.beam = beam
    return made


def test_a_dot_that_was_missed_is_found_because_the_bar_must_add_up():
    bar = Bar(0, 400, [note(50), note(150, flags=1), note(250, kind="head_half")])
    solve_bar(bar, (4, 4), set())
    assert [item.duration for item in bar.items] == [F(3, 2), F(1, 2), 2]
    assert bar.items[0].confidence < 1


def test_eighths_that_were_sixteenths_are_found_from_the_other_staff():
    upper = [note(50, 1), note(100, 1), note(150, 2), note(200, 2), note(250, 1)]
    upper[1].flags = 1
    lower = [note(50, 1, staff=1), note(100, 1, staff=1), note(150, 1, staff=1), note(250, 1, staff=1)]
    bar = Bar(0, 400, [*upper, *lower])
    solve_bar(bar, (2, 4), set())
    assert [item.onset for item in upper] == [0, F(1, 2), 1, F(5, 4), F(3, 2)]


def test_groups_of_three_without_a_number_are_triplets_where_only_that_adds_up():
    items = [note(50 + 40 * i, 1, beam=1 + i // 3) for i in range(6)]
    bar = Bar(0, 400, items)
    solve_bar(bar, (2, 4), set())
    assert {item.duration for item in items} == {F(1, 3)}


def test_a_rest_that_fills_the_bar_lasts_as_long_as_the_bar():
    found = with_symbols(page(bars=(780,)), CLEF, *TWO_FOUR, Symbol("rest_whole", 440, 92, 0.9, 10, 5))
    assert events(found) == [(1, 0, 2, ())]


def test_what_adds_up_as_printed_costs_nothing():
    items = [note(50), note(120, 1), note(180, 1)]
    for item in items:
        set_options(item)
    assert solve(columns(items), F(2)).cost == 0


def test_engraved_pages_with_all_symbols_known_are_read_almost_without_error():
    pytest.importorskip("verovio")
    pytest.importorskip("resvg_py")
    from tests.unit.training.test_engraved import _MEI
    from workbench.training.engraved import Layout, engrave

    engraved = next(engrave(_MEI, Layout(font="Leland", width=1500, height=900)))
    wanted = sorted((n.measure + 1, n.onset, n.pitch) for n in engraved.notes if n.pitch >= 0)
    got = sorted((m, onset, pitch) for m, onset, _, pitches in events(engraved.detected) for pitch in pitches)
    assert got == wanted


def test_a_head_moved_aside_for_its_neighbour_begins_with_the_rest_of_its_column() -> None:
    aside = note(50, staff=1, stem=0, kind="head_whole")
    rest = Item(60, 0, rest="rest_quarter")
    half, last = note(61, dots=1, staff=1, kind="head_half"), note(300, staff=1)
    upper, low = note(130, dots=1, kind="head_half"), note(61, staff=2, stem=0, kind="head_whole")
    items = [aside, rest, half, last, upper, low]
    assert len(columns([aside, rest])) == 2, "too far apart to be one at first sight"
    solve_bar(Bar(0, 400, items), (4, 4), set())
    assert {id(item) for item in items if item.onset == 0} == {id(item) for item in (aside, rest, half, low)}
    assert (upper.onset, last.onset) == (1, 3)


def test_a_line_at_the_left_joins_staves_of_which_one_was_seen_late() -> None:
    found = page(middles=(100, 200))
    found.masks["barline"][50:100, 40] = 255
    found.masks["line"][100, 40:52] = 0
    assert [len(block.staves) for block in find_blocks(found)] == [2]


def inked(found: Detected, middles=(100,), lines=()) -> np.ndarray:
    """The page of :func:`page` as a picture, with upright ``lines`` (x, top, bottom)."""
    ink = np.zeros((400, 800), dtype=np.float32)
    for middle in middles:
        for step in (-2, -1, 0, 1, 2):
            ink[middle + 8 * step, 80:780] = 1
    for x, top, bottom in lines:
        ink[top : bottom + 1, x : x + 2] = 1
    return ink


def test_a_bar_line_that_the_network_half_saw_is_one_where_it_is_drawn_from_line_to_line() -> None:
    found = page(bars=(780,))
    found.masks["barline"][42:59, 200] = 90
    found.masks["barline"][42:59, 300] = 90
    ink = inked(found, lines=((400, 84, 116), (600, 60, 116)))  # the second goes on above the staff: a stem
    assert [round(end / 10) for end in find_blocks(found, ink)[0].ends] == [40, 78]
    at_stem = with_symbols(found, head(396, -4))
    assert [round(end / 10) for end in find_blocks(at_stem, ink)[0].ends] == [78]


def test_bar_lines_that_lean_across_a_system_are_found() -> None:
    middles = (100, 180, 260, 340)
    found = page(middles=middles, bars=(), joined=True)
    for number, middle in enumerate(middles):  # 80 pixels lower, 4 to the right
        for x in (300, 500, 700):
            found.masks["barline"][middle // 2 - 8 : middle // 2 + 9, x // 2 + 2 * number] = 255
    found.masks["barline"][50:170, 40] = 255
    (block,) = find_blocks(found)
    assert len(block.staves) == 4
    assert [round(end / 10) for end in block.ends] == [31, 51, 71, 78]


def test_beams_as_level_as_a_line_do_not_pull_a_staff_away() -> None:
    ink = np.zeros((120, 400), dtype=np.float32)
    for step in (-2, -1, 0, 1, 2):
        ink[60 + 8 * step, :] = 0.45  # pale, as on a blurred photograph
    ink[82:86, 20:380] = 1.0  # a row of beams where a sixth line would lie
    staff = Line(np.array([0.0, 400.0]), np.array([60.0, 60.0]), 0, 400)
    centre(staff, ink)
    assert abs(staff.middle(200) - 60) < 1


def test_a_staff_that_follows_a_wrong_line_for_a_third_of_its_way_is_straightened() -> None:
    ink = inked(page())
    staff = Line(np.arange(100.0, 700.0, 32.0), np.full(19, 100.5), 80, 780)
    staff.ys[:6] += 8
    straighten(staff, ink)
    assert abs(staff.ys - 100.5).max() < 1


def test_sixteenth_rests_beside_two_notes_are_triplets_where_the_other_staff_says_so() -> None:
    lower = []
    for beat in range(2):
        x = 50 + 72 * beat
        lower += [Item(x, 1, rest="rest_16th"), note(x + 24, 2, staff=1, beam=1 + beat)]
        lower.append(note(x + 48, 2, staff=1, beam=1 + beat))
    upper = [note(50 + 36 * place, 2) for place in range(4)]  # three below against two above
    bar = Bar(0, 400, [*upper, *lower])
    solve_bar(bar, (1, 4), set())
    assert [item.onset for item in lower] == [F(place, 6) for place in range(6)]
    assert [item.onset for item in upper] == [F(place, 4) for place in range(4)]


def test_a_beam_joins_only_what_it_reaches() -> None:
    beam = np.zeros((60, 200), dtype=np.uint8)
    beam[10:12, 25:52] = beam[10:12, 125:152] = 255  # over the first two notes and over the last two
    notes = [note(x, 1) for x in (48, 96, 248, 296)]
    for item in notes:
        item.heads[0].symbol = Symbol("head_full", item.x, 60, stem=1, flags=1)
    beam[8:12, 80:110] = 255  # another voice's, between them
    group_beams(notes, beam)
    assert [item.beam for item in notes] == [1, 1, 2, 2]


def test_two_chords_whose_heads_touch_begin_together_though_both_stems_point_down() -> None:
    half, quarter, last = note(50, stem=-1, kind="head_half"), note(60, stem=-1), note(150, stem=-1)
    lower = [note(50, staff=1), note(150, staff=1)]
    assert len(columns([half, quarter])) == 2, "side by side at first sight"
    solve_bar(Bar(0, 400, [half, quarter, last, *lower]), (2, 4), set())
    assert [(item.onset, item.duration) for item in (half, quarter, last)] == [(0, 2), (0, 1), (1, 1)]

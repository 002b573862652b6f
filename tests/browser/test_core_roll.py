"""The piano roll in a real browser: mouse, keys alone, touch, what is announced, and ideas that fill a gap."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from workbench.score.canonical import project_hash
from workbench.score.score import Note, Score, Track

pytestmark = pytest.mark.browser

OpenRoll = Callable[..., Any]
QUARTER = 960


def two_tracks() -> Score:
    score = Score("Test")
    piano = Track("t1", name="Piano", color=0)
    for index, pitch in enumerate((60, 64, 67, 72)):
        note = Note(f"n{index + 1}", index * QUARTER, QUARTER, pitch)
        piano.notes[note.id] = note
    bass = Track("t2", name="Bass", program=33, color=2)
    bass.notes["n1"] = Note("n1", 0, 4 * QUARTER, 36)
    score.tracks = [piano, bass]
    return score


def place(page: Any, tick: float, pitch: float) -> tuple[float, float]:
    """Where a place of the grid is on the screen (the middle of its row)."""
    x, y = page.evaluate(
        """([tick, pitch]) => {
          const { viewport } = context.roll.state;
          const box = context.root.querySelector(".moving").getBoundingClientRect();
          return [box.left + viewport.x(tick), box.top + viewport.y(pitch) + viewport.rowHeight / 2];
        }""",
        [tick, pitch],
    )
    return float(x), float(y)


def notes(page: Any, track: str = "t1") -> list[list[int]]:
    """Start, duration and pitch of each note of a track, in order of time."""
    found: list[list[int]] = page.evaluate(
        """(id) => [...context.store.score.tracks.find((track) => track.id === id).notes.values()]
          .map((note) => [note.start, note.duration, note.pitch]).sort((a, b) => a[0] - b[0] || a[2] - b[2])""",
        track,
    )
    return found


def said(page: Any) -> str:
    text: str = page.locator("[data-spoken=polite]").text_content()
    return text.replace("\u200b", "")


def drag(page: Any, start: tuple[float, float], end: tuple[float, float]) -> None:
    page.mouse.move(*start)
    page.mouse.down()
    page.mouse.move((start[0] + end[0]) / 2, (start[1] + end[1]) / 2)
    page.mouse.move(*end)
    page.mouse.up()


def test_mouse_draws_moves_resizes_erases_and_undo_brings_everything_back(open_roll: OpenRoll) -> None:
    score = two_tracks()
    page = open_roll(score.to_dict())
    before = notes(page)
    drag(page, place(page, 4 * QUARTER + 20, 69), place(page, 6 * QUARTER, 69))
    assert [4 * QUARTER, 2 * QUARTER, 69] in notes(page), "drawing a note"
    drag(page, place(page, 0.5 * QUARTER, 60), place(page, 1.5 * QUARTER, 62))
    assert [QUARTER, QUARTER, 62] in notes(page), "moving the first note a beat later and two up"
    x, y = place(page, 3 * QUARTER, 67)
    drag(page, (x - 2, y), (x - 2 + place(page, 1.5 * QUARTER, 67)[0] - place(page, QUARTER, 67)[0], y))
    assert [2 * QUARTER, 1.5 * QUARTER, 67] in notes(page), "pulling the end of the third note"
    x, y = place(page, 3 * QUARTER, 72)
    drag(page, (x + 2, y), (x + 2 + place(page, 0.5 * QUARTER, 0)[0] - place(page, 0, 0)[0], y))
    assert [3.5 * QUARTER, 0.5 * QUARTER, 72] in notes(page), "pulling the start of the last note"
    page.mouse.click(*place(page, 1.4 * QUARTER, 64), button="right")
    assert not any(pitch == 64 for _, _, pitch in notes(page)), "the right button erases"
    for _ in range(5):
        page.get_by_role("button", name="Undo").click()
    assert notes(page) == before
    assert page.evaluate("context.store.document.hash") == project_hash(score)
    assert page.errors == []


def test_every_edit_reaches_the_server_as_operations_that_python_can_apply(open_roll: OpenRoll) -> None:
    from workbench.score.document import Document

    score = two_tracks()
    page = open_roll(score.to_dict())
    drag(page, place(page, 4 * QUARTER + 20, 69), place(page, 6 * QUARTER, 69))
    page.get_by_label("Volume").first.fill("50")
    page.get_by_role("button", name="Undo").click()
    page.evaluate("context.store.flush()")
    document = Document(score)
    changes = [change for message in page.evaluate("sent") if message["type"] == "ops" for change in message["changes"]]
    for change in changes:
        if change["kind"] == "undo":
            document.undo()
        else:
            document.apply(change["operation"])
    assert len(changes) == 3
    assert document.hash == page.evaluate("context.store.document.hash")


def test_keys_alone_write_move_and_remove_notes_and_say_so(open_roll: OpenRoll) -> None:
    page = open_roll(two_tracks().to_dict())
    page.get_by_role("application").focus()
    page.keyboard.press("Home")
    page.keyboard.press("Control+ArrowRight")
    assert said(page) == "bar 1, beat 2, E4, quarter"
    page.keyboard.press("Control+ArrowLeft")
    assert said(page) == "bar 1, beat 1, C4, quarter"
    page.keyboard.press("ArrowDown")
    assert said(page) == "bar 1, beat 1, B3, empty"
    page.keyboard.press("Escape")
    page.keyboard.press("Enter")
    assert said(page) == "Added: bar 1, beat 1, B3, sixteenth"
    page.keyboard.press("Enter")
    page.keyboard.press("Alt+ArrowUp")
    assert said(page) == "bar 1, beat 1, C4, sixteenth"
    page.keyboard.press("Shift+ArrowRight")
    assert said(page) == "bar 1, beat 1, C4, eighth"
    page.keyboard.press("Alt+ArrowRight")
    assert said(page) == "bar 1, beat 1 and a quarter, C4, eighth"
    assert [240, 480, 60] in notes(page)
    page.keyboard.press("Delete")
    assert said(page) == "1 note removed"
    page.keyboard.press("Control+z")
    assert said(page) == "Undone"
    assert [240, 480, 60] in notes(page)
    page.keyboard.press("Control+ArrowDown")
    assert said(page) == "Track Bass, 1 note"
    page.keyboard.press("g")
    assert said(page) == "Gap marked: bar 1"
    page.keyboard.press("Escape")
    assert said(page) == "Gap removed"
    page.keyboard.press("Escape")
    assert said(page) == "Left the piano roll"
    assert not page.get_by_role("application").evaluate("el => el === el.getRootNode().activeElement")


def test_copy_paste_duplicate_and_select_all_are_one_step_each(open_roll: OpenRoll) -> None:
    page = open_roll(two_tracks().to_dict())
    before = notes(page)
    page.get_by_role("application").focus()
    page.keyboard.press("Control+a")
    page.keyboard.press("Control+d")
    shifted = [[start + 4 * QUARTER, duration, pitch] for start, duration, pitch in before]
    assert notes(page) == before + shifted
    page.keyboard.press("Control+z")
    assert notes(page) == before
    page.keyboard.press("Control+a")
    page.keyboard.press("Control+x")
    assert notes(page) == []
    page.evaluate(f"context.store.setView({{ cursor: {8 * QUARTER} }})")
    page.keyboard.press("Control+v")
    assert notes(page) == [[start + 8 * QUARTER, duration, pitch] for start, duration, pitch in before]


def test_the_list_view_edits_notes_tempo_and_chords(open_roll: OpenRoll) -> None:
    page = open_roll(two_tracks().to_dict())
    page.get_by_role("button", name="Show as a list").click()
    first = page.locator("tbody tr").first
    first.get_by_label("Note").select_option("62")
    first.get_by_label("Beat").fill("1.5")
    first.get_by_label("Beat").press("Tab")
    assert [480, QUARTER, 62] in notes(page)
    page.get_by_text("Chords, tempo, metre, key and markers").click()
    page.get_by_label("Quarters a minute").fill("90")
    page.get_by_label("Quarters a minute").press("Tab")
    page.get_by_role("button", name="Add a chord").click()
    page.get_by_label("Root").select_option("9")
    page.get_by_label("Kind").select_option("min7")
    piece = page.evaluate("({ tempos: context.store.score.tempos, chords: context.store.score.chords })")
    assert piece["tempos"] == [{"tick": 0, "us_per_quarter": 666667}]
    assert piece["chords"] == [{"tick": 0, "duration": 4 * QUARTER, "root": 9, "quality": "min7", "bass": -1}]


def test_fingers_on_a_phone_draw_pan_zoom_and_open_the_menu(open_roll: OpenRoll) -> None:
    page = open_roll(two_tracks().to_dict(), width=390, height=844, touch=True)
    page.touchscreen.tap(*place(page, 2.5 * QUARTER + 30, 63))
    assert any(pitch == 63 and start == 2.5 * QUARTER for start, _, pitch in notes(page)), "a tap draws a note"
    before = page.evaluate("[context.roll.state.viewport.pxPerTick, context.roll.state.viewport.top]")
    client = page.context.new_cdp_session(page)
    x, y = place(page, 2 * QUARTER, 64)

    def fingers(kind: str, *spots: tuple[float, float]) -> None:
        points = [{"x": px, "y": py, "id": index} for index, (px, py) in enumerate(spots)]
        client.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    fingers("touchStart", (x - 40, y))
    fingers("touchStart", (x - 40, y), (x + 40, y))
    for step in range(1, 6):
        fingers("touchMove", (x - 40 - 8 * step, y + 6 * step), (x + 40 + 8 * step, y + 6 * step))
    fingers("touchEnd")
    after = page.evaluate("[context.roll.state.viewport.pxPerTick, context.roll.state.viewport.top]")
    assert after[0] > 1.5 * before[0], "spreading two fingers zooms in"
    assert after[1] > before[1], "and moving them down scrolls"
    count = len(notes(page))
    x, y = place(page, 2.6 * QUARTER, 63)
    fingers("touchStart", (x, y))
    page.get_by_role("group", name="Selected notes").wait_for(state="visible")
    fingers("touchEnd")
    page.get_by_role("button", name="Delete").tap()
    assert len(notes(page)) == count - 1
    sizes = page.locator(".bottombar button").evaluate_all("all => all.map(b => b.getBoundingClientRect().height)")
    assert sizes
    assert min(sizes) >= 44, "targets for fingers"
    assert page.evaluate("document.documentElement.scrollWidth") <= 390, "nothing sticks out sideways"


def test_the_bar_of_selected_notes_and_the_strip_of_chords(open_roll: OpenRoll) -> None:
    page = open_roll(two_tracks().to_dict())
    bar = page.get_by_role("toolbar", name="Selected notes")
    page.get_by_role("button", name="Select and move").first.click()
    drag(page, place(page, -0.05 * QUARTER, 58), place(page, 2.5 * QUARTER, 69))
    bar.get_by_text("3 notes").wait_for()
    bar.get_by_role("button", name="An octave up").click()
    assert [pitch for _, _, pitch in notes(page)] == [72, 76, 79, 72]
    bar.get_by_role("button", name="Delete").click()
    assert len(notes(page)) == 1
    bar.wait_for(state="hidden")
    x, _ = place(page, 5 * QUARTER, 60)
    top = page.evaluate("context.root.querySelector('.moving').getBoundingClientRect().top")
    page.mouse.dblclick(x, top + 52)
    menu = page.get_by_role("group", name="Chords")
    menu.get_by_label("Root").select_option("7")
    menu.get_by_label("Kind").select_option("7")
    chord = {"tick": 4 * QUARTER, "duration": 4 * QUARTER, "root": 7, "quality": "7", "bass": -1}
    assert page.evaluate("context.store.score.chords") == [chord]


def test_drums_are_painted_and_velocities_drawn(open_roll: OpenRoll) -> None:
    score = two_tracks()
    score.tracks.append(Track("t3", name="Drums", is_drum=True, color=3))
    page = open_roll(score.to_dict())
    page.evaluate("context.store.setView({ track: 't3' })")
    drag(page, place(page, 30, 42), place(page, QUARTER - 30, 42))
    assert notes(page, "t3") == [[start, 240, 42] for start in (0, 240, 480, 720)]
    left, top, height = page.evaluate(
        """(() => { const { viewport } = context.roll.state; const lane = viewport.velocities;
          const box = context.root.querySelector(".moving").getBoundingClientRect();
          return [box.left, box.top + lane.y, lane.height]; })()"""
    )
    xs = [place(page, tick, 42)[0] for tick in (0, 720)]
    assert xs[0] > left
    drag(page, (xs[0] - 3, top + height * 0.9), (xs[1] + 3, top + height * 0.3))
    velocities = page.evaluate(
        """[...context.store.score.tracks[2].notes.values()].sort((a, b) => a.start - b.start).map((n) => n.velocity)"""
    )
    assert velocities == sorted(velocities), "a rising line makes a crescendo"
    assert velocities[0] < 30
    assert velocities[-1] > 70
    page.get_by_role("button", name="Undo").click()
    page.get_by_role("button", name="Undo").click()
    assert notes(page, "t3") == []


FAKE_MIDI = """
window.midiInput = { onmidimessage: null };
navigator.requestMIDIAccess = async () => ({ inputs: new Map([["1", window.midiInput]]), onstatechange: null });
window.midi = (...data) => window.midiInput.onmidimessage({ data: Uint8Array.from(data) });
"""


def test_a_midi_keyboard_plays_and_writes_step_by_step(open_roll: OpenRoll) -> None:
    page = open_roll(two_tracks().to_dict())
    page.evaluate(FAKE_MIDI + ";0")
    page.evaluate("context.store.setView({ cursor: 7680 })")
    page.get_by_role("button", name="Use a MIDI keyboard").click()
    page.locator(".notice").wait_for()
    page.get_by_role("button", name="Write what I play").click()
    page.evaluate("midi(0x90, 60, 100); midi(0x90, 64, 90); midi(0x80, 60, 0); midi(0x80, 64, 0);")
    page.evaluate("midi(0x90, 67, 80); midi(0x90, 67, 0);")
    assert notes(page)[-3:] == [[7680, 240, 60], [7680, 240, 64], [7920, 240, 67]], "a chord, then a note"
    page.get_by_role("button", name="Write what I play").click()
    page.evaluate("midi(0x90, 72, 80); midi(0x90, 72, 0);")
    assert len(notes(page)) == 7, "switched off, it only sounds"


FAKE_FILL = """
window.onServer = (message) => {
  if (message.type !== "fill") return;
  window.asked = message;
};
window.note = (start, pitch) => ({ id: "draft", start, duration: 480, pitch, velocity: 80, author: "model:markov" });
"""


def test_ideas_stream_in_are_heard_in_place_and_kept_as_one_step(open_roll: OpenRoll) -> None:
    page = open_roll(two_tracks().to_dict())
    page.evaluate(FAKE_FILL)
    page.get_by_role("button", name="Mark a gap").first.click()
    drag(page, place(page, 200, 64), place(page, 2 * QUARTER, 64))
    page.get_by_role("button", name="Fill this gap").first.click()
    panel = page.get_by_role("region", name="Fill this gap")
    page.wait_for_function("window.asked")
    asked = page.evaluate("asked")
    assert asked["request"]["regions"] == [{"start": 0, "end": 4 * QUARTER, "tracks": ["t1"]}], "one tap has asked"
    assert asked["request"]["controls"] == {}
    assert asked["request"]["count"] == 3
    page.evaluate(
        """pushMessage({ type: "fill.result", id: asked.id, remarks: [], fallback_reason: "", alternatives: [
          { notes: { t1: [note(0, 50)] }, seed: 1, settings: {}, model_id: "markov", revision: "1", remarks: [] }] })"""
    )
    page.evaluate("window.asked = null")
    panel.get_by_role("button", name="Change wishes").click()
    panel.get_by_label("Notes", exact=True).fill("80")
    panel.get_by_role("button", name="More ideas").click()
    page.wait_for_function("window.asked")
    assert page.evaluate("asked.request.controls") == {"density": 80}
    page.evaluate(
        """pushMessage({ type: "fill.partial", id: asked.id, alternative: 0,
          notes: { t1: [note(0, 62), note(480, 65)] } })"""
    )
    panel.get_by_text("2 notes").wait_for()
    panel.get_by_role("button", name="Idea 2").first.click()
    assert page.evaluate("context.roll.state.ghosts.notes.t1.length") == 2
    # The person goes on working while ideas arrive: this note must survive.
    page.evaluate(
        """() => { const { store } = context; store.edit({ op: "add_notes", track: "t1",
          notes: [{ id: "mine", start: 100, duration: 50, pitch: 90 }] }); }"""
    )
    page.evaluate(
        """() => pushMessage({ type: "fill.result", id: asked.id, remarks: [], fallback_reason: "", alternatives:
          [0, 1].map((i) => ({ notes: { t1: [note(0, 62 + i), note(480, 65 + i)] }, seed: 7 + i, settings: {},
            model_id: "markov", revision: "1", remarks: [],
            operation: { op: "replace_region", region: { start: 0, end: 3840, tracks: ["t1"] },
              removed: { t1: ["n1", "n2", "n3", "n4"].map((id, k) => ({ id, start: k * 960, duration: 960,
                pitch: [60, 64, 67, 72][k], velocity: 80, author: "human" })) },
              added: { t1: [{ ...note(0, 62 + i), id: "m1" }, { ...note(480, 65 + i), id: "m2" }] } } })) })"""
    )
    panel.get_by_role("button", name="Listen to idea 3").click()
    page.wait_for_function("context.player.playing && !context.player.loading")
    heard = page.evaluate("context.player.overlay.notes.t1.map((note) => note.pitch)")
    assert heard == [63, 66]
    panel.get_by_role("button", name="Keep idea 3").click()
    assert notes(page) == [[0, 480, 63], [100, 50, 90], [480, 480, 66]]
    assert (
        page.evaluate(
            "[...context.store.score.tracks[0].notes.values()].filter(n => n.author === 'model:markov').length"
        )
        == 2
    )
    page.get_by_role("button", name="Undo").click()
    assert [start for start, _, _ in notes(page)] == [0, 100, 960, 1920, 2880], "one step back, my own note stays"
    accepted = [event for message in page.evaluate("sent") if message["type"] == "ops" for event in message["changes"]]
    assert any((change.get("facts") or {}).get("seed") == 8 for change in accepted)
    assert page.errors == []


def test_stop_keeps_what_was_made_and_late_notes_change_nothing(open_roll: OpenRoll) -> None:
    page = open_roll(two_tracks().to_dict())
    page.evaluate(FAKE_FILL)
    page.evaluate("context.store.setView({ marks: [{ start: 0, end: 3840, tracks: ['t1'] }] })")
    page.get_by_role("button", name="Fill this gap").first.click()
    panel = page.get_by_role("region", name="Fill this gap")
    page.wait_for_function("window.asked")
    page.evaluate("pushMessage({ type: 'fill.partial', id: asked.id, alternative: 0, notes: { t1: [note(0, 62)] } })")
    panel.get_by_role("button", name="Stop", exact=True).click()
    assert any(
        message["type"] == "stop" and message["id"] == page.evaluate("asked.id") for message in page.evaluate("sent")
    )
    page.evaluate("pushMessage({ type: 'fill.partial', id: asked.id, alternative: 1, notes: { t1: [note(0, 70)] } })")
    assert panel.get_by_role("listitem").count() == 2, "how it was, and the one idea that had begun"


def test_a_lost_connection_is_said_and_nothing_is_lost(open_roll: OpenRoll) -> None:
    page = open_roll(two_tracks().to_dict())
    page.evaluate("context.store.flush()")
    page.evaluate("window.serverDown = true")
    page.get_by_role("application").focus()
    page.keyboard.press("Control+a")
    page.keyboard.press("Delete")
    page.locator(".status.warn").wait_for()
    assert "connection is lost" in page.locator("[data-spoken=urgent]").text_content()
    page.evaluate("window.serverDown = false")
    page.wait_for_function("context.store.status.connection === 'connected' && context.store.status.pending === 0")
    operations = [
        change["operation"]["op"] for m in page.evaluate("sent") if m["type"] == "ops" for change in m["changes"]
    ]
    assert operations == ["remove_notes"]


def test_work_survives_a_reload_and_two_tabs_do_not_share_it(open_roll: OpenRoll) -> None:
    page = open_roll(two_tracks().to_dict(), query="autosave=1&app=reload")
    page.get_by_role("application").focus()
    page.keyboard.press("Control+a")
    page.keyboard.press("Delete")
    page.wait_for_function("context.store.status.autosave === 'saved'")
    page.reload()
    page.wait_for_selector("html[data-ready]", state="attached")
    assert notes(page) == []
    page.get_by_role("button", name="Undo").click()
    assert len(notes(page)) == 4, "undo still works after the reload"
    page.wait_for_function("context.store.status.autosave === 'saved'")
    other = page.context.new_page()
    other.goto(page.url)
    other.wait_for_selector("html[data-ready]", state="attached")
    assert len(notes(other)) == 4
    other.get_by_role("application").focus()
    other.keyboard.press("Control+a")
    other.keyboard.press("Delete")
    other.wait_for_function("context.store.status.autosave === 'saved'")
    page.reload()
    page.wait_for_selector("html[data-ready]", state="attached")
    assert len(notes(page)) == 4, "the other tab worked on a copy"


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing_in_the_roll_the_ideas_and_the_list(open_roll: OpenRoll, theme: str) -> None:
    axe = Path(__file__).parents[2] / "workbench/web/node_modules/axe-core/axe.min.js"
    page = open_roll(two_tracks().to_dict(), query=f"theme={theme}")
    page.evaluate("context.store.setView({ marks: [{ start: 0, end: 3840, tracks: ['t1'] }] })")
    page.get_by_role("button", name="Fill this gap").first.click()
    page.evaluate(axe.read_text(encoding="utf-8") + ";0")
    check = """async () => (await axe.run({ runOnly: ["wcag2a", "wcag2aa", "wcag21aa", "best-practice"],
      rules: { "page-has-heading-one": { enabled: false } } })).violations
      .map((item) => [item.id, item.nodes.map((node) => node.html.slice(0, 120))])"""
    assert page.evaluate(check) == []
    page.get_by_role("button", name="Close, change nothing").click()
    page.get_by_role("button", name="Show as a list").click()
    page.get_by_text("Chords, tempo, metre, key and markers").click()
    assert page.evaluate(check) == []

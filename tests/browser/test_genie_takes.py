"""What was played is kept: replay, tidying, playing over, files, the open piece, and the page that needs no network."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import mido
import numpy as np
import pytest
import soundfile

from tests.browser.genie_tools import STUBS, GeniePage
from workbench.create.genie.play import GeniePlayer
from workbench.hub.tasks.genie.chords import PlayChord
from workbench.hub.tasks.genie.request import GenieSettings
from workbench.score.score import Note, Score, Track

pytestmark = pytest.mark.browser
OpenGenie = Callable[..., GeniePage]
TUNE = ["3", "4", "5", "6", "6", "5", "4", "3", "1"]
STANDALONE = Path(__file__).parents[2] / "workbench/web/public/genie.html"


def play(genie: GeniePage, keys: list[str]) -> dict[str, Any]:
    """Play keys, end the take, return it."""
    genie.tap(keys)
    genie.click("Done")
    return genie.takes[-1]


def pressed(take: dict[str, Any]) -> list[dict[str, Any]]:
    """All presses in the order of time."""
    return sorted((press for layer in take["layers"] for press in layer["presses"]), key=lambda press: press["time"])


def decoded_in_python(layer: dict[str, Any]) -> list[int]:
    """The pitches that Python's Genie plays from a layer's seed, settings and presses."""
    player = GeniePlayer(seed=layer["seed"])
    pitches = []
    for index, press in enumerate(layer["presses"]):
        for change in layer["changes"]:
            if change["from"] == index:
                settings = change["settings"]
                player.settings = GenieSettings(**{**settings, "scale": tuple(settings["scale"])})
        chord = press["chord"]
        pitches.append(
            player.press(press["button"], press["time"], PlayChord(0.0, chord["root"], chord["quality"], chord["bass"]))
        )
    return pitches


def download(genie: GeniePage, name: str) -> bytes:
    with genie.page.expect_download(timeout=90_000) as waiting:
        genie.click(name)
    return Path(waiting.value.path()).read_bytes()


def test_a_take_holds_everything_and_python_plays_it_again(open_genie: OpenGenie) -> None:
    genie = open_genie().wait()
    genie.tap(TUNE)
    genie.click("Never a wrong note")
    genie.click("Chords")
    genie.page.locator(".chip[data-chord=F]").click()
    genie.page.get_by_label("Mood").fill("120")
    genie.page.locator("#host").evaluate("host => host.shadowRoot.activeElement?.blur()")
    take = play(genie, ["8", "2", "5", "5", "7"])
    layer = take["layers"][0]
    assert [press["button"] for press in layer["presses"]] == [2, 3, 4, 5, 5, 4, 3, 2, 0, 7, 1, 4, 4, 6]
    assert layer["presses"][0]["time"] == 0
    assert all(press["release"] > press["time"] for press in layer["presses"])
    assert [press["pitch"] for press in layer["presses"]] == [note["pitch"] for note in genie.notes]
    assert decoded_in_python(layer) == [press["pitch"] for press in layer["presses"]]


def test_replay_is_identical(open_genie: OpenGenie) -> None:
    genie = open_genie().wait(piano=False)
    genie.midi(out=True)
    play(genie, TUNE)
    played = [data for data in genie.sent if data[0] == 0x90]
    assert len(played) == len(TUNE)
    for _ in range(2):
        genie.page.evaluate("midi.sent.length = 0")
        genie.click("Hear Take 1")
        ends = "count => midi.sent.filter((data) => data[0] === 0x80).length >= count"
        genie.page.wait_for_function(ends, arg=len(played))
        assert [data for data in genie.sent if data[0] == 0x90] == played
        assert sorted(data[1] for data in genie.sent if data[0] == 0x80) == sorted(data[1] for data in played)
    assert len(genie.takes) == 1, "listening is no new take"


def test_the_same_seed_gives_the_same_take(open_genie: OpenGenie) -> None:
    genie = open_genie().wait()
    genie.settings()
    genie.page.get_by_label("Seed").fill("42")
    genie.page.get_by_label("Seed").press("Tab")
    genie.page.locator("#host").evaluate("host => host.shadowRoot.activeElement?.blur()")
    play(genie, ["1"])  # the seed holds from the next take on
    for _ in range(2):
        genie.page.evaluate("document.querySelector('#host').shadowRoot.activeElement?.blur()")
        # On a clock of the test's own: what is played depends on when, and the machine may be busy.
        genie.page.evaluate("""() => {
          const now = performance.now.bind(performance);
          let at = now();
          performance.now = () => (at += 40);
          for (const key of [4, 6, 5, 7]) {
            for (const kind of ["keydown", "keyup"]) {
              document.body.dispatchEvent(new KeyboardEvent(kind, { code: "Digit" + key, bubbles: true }));
            }
          }
          performance.now = now;
        }""")
        genie.click("Done")
    first, second = genie.takes[1:]
    assert first["layers"][0]["seed"] == second["layers"][0]["seed"] == 42
    assert [press["pitch"] for press in pressed(first)] == [press["pitch"] for press in pressed(second)]


def test_takes_are_still_there_after_a_reload(open_genie: OpenGenie) -> None:
    genie = open_genie().wait()
    play(genie, ["2", "4"])
    play(genie, ["6"])
    genie.page.reload()
    genie.wait()
    assert genie.page.locator(".take b").all_inner_texts() == ["Take 2", "Take 1"]
    genie.click("Delete Take 2")
    assert genie.page.locator(".take b").all_inner_texts() == ["Take 1"]


def test_sent_to_the_piece_a_take_is_one_track_and_one_step(open_genie: OpenGenie) -> None:
    score = Score("Mine", tracks=[Track("t1", "Piano", notes={"n1": Note("n1", 0, 960, 60)})])
    genie = open_genie(score=score.to_dict()).wait()
    take = play(genie, TUNE)
    genie.click("Send to Roll")
    result = genie.page.evaluate("""() => {
      const { store } = window.context;
      const track = store.score.tracks.at(-1);
      const notes = [...track.notes.values()].map((note) => [note.start, note.pitch, note.velocity, note.author]);
      const tracks = store.score.tracks.length;
      store.undo();
      return { name: track.name, notes, tracks, after: store.score.tracks.length, more: store.canUndo };
    }""")
    assert (result["name"], result["tracks"], result["after"], result["more"]) == ("Genie 1", 2, 1, False)
    assert {note[3] for note in result["notes"]} == {"human+model:piano-genie"}
    expected = [[press["time"] * 1920, press["pitch"], press["velocity"]] for press in pressed(take)]
    for note, wanted in zip(result["notes"], expected, strict=True):
        assert abs(note[0] - wanted[0]) <= 1
        assert note[1:3] == wanted[1:]


def test_an_empty_piece_takes_over_tempo_and_chords(open_genie: OpenGenie) -> None:
    genie = open_genie(score=Score("New").to_dict()).wait()
    genie.click("Chords")
    genie.page.get_by_label("Beats a minute").fill("200")
    genie.page.get_by_label("Beats a minute").press("Enter")
    genie.click("Count in")
    genie.click("Start the groove")
    genie.page.wait_for_selector(".chip.now")
    genie.page.locator("#host").evaluate("host => host.shadowRoot.activeElement?.blur()")
    genie.tap(["3", "5"])
    genie.click("Stop the groove")
    genie.click("Done")
    genie.click("Send to Roll")
    found = genie.page.evaluate("""() => {
      const { score } = window.context.store;
      return [score.tempos, score.chords.map((chord) => chord.root), score.tracks.length];
    }""")
    assert found == [[{"tick": 0, "us_per_quarter": 300_000}], [0], 1]


def test_tidying_moves_notes_to_the_grid_and_back(open_genie: OpenGenie) -> None:
    genie = open_genie().wait()
    take = play(genie, TUNE)
    genie.page.get_by_title("Tidy the timing").select_option("sixteenth")
    genie.page.get_by_label("How much").fill("100")
    data = mido.MidiFile(file=io.BytesIO(download(genie, "MIDI file")))
    now, starts = 0, []
    for message in data.tracks[0]:
        now += message.time
        if message.type == "note_on":
            starts.append(now)
    assert all(min(start % 240, 240 - start % 240) <= 1 for start in starts), starts
    genie.page.get_by_title("Tidy the timing").select_option("off")
    assert pressed(genie.takes[0]) == pressed(take), "what was played is never lost"


def test_playing_over_a_take_adds_a_layer(open_genie: OpenGenie) -> None:
    genie = open_genie().wait()
    first = play(genie, ["1", "2", "1", "2", "1"])
    genie.click("Play over it")
    genie.page.wait_for_timeout(300)
    second = play(genie, ["8", "7", "8"])
    assert second["layers"][0] == first["layers"][0]
    assert [press["button"] for press in second["layers"][1]["presses"]] == [7, 6, 7]
    assert decoded_in_python(second["layers"][1]) == [press["pitch"] for press in second["layers"][1]["presses"]]
    assert len(genie.takes) == 2


def check_files(genie: GeniePage, pitches: list[int]) -> None:
    midi = mido.MidiFile(file=io.BytesIO(download(genie, "MIDI file")))
    assert [message.note for message in midi.tracks[0] if message.type == "note_on"] == pitches
    samples, rate = soundfile.read(io.BytesIO(download(genie, "Keep it")))
    assert (rate, samples.shape[1]) == (44_100, 2)
    assert 0.85 < np.abs(samples).max() <= 0.9
    onset = np.sqrt(np.mean(samples[: rate // 4] ** 2))
    assert onset > 0.01, "it begins with the first note"
    assert np.sqrt(np.mean(samples[-rate // 10 :] ** 2)) < 0.01, "and dies away"


def test_keep_it_and_midi_file(open_genie: OpenGenie) -> None:
    genie = open_genie().wait(piano=True)
    take = play(genie, TUNE)
    check_files(genie, [press["pitch"] for press in pressed(take)])


def test_one_file_by_double_click_without_a_network(chromium: Any) -> None:
    assert STANDALONE.stat().st_size < 3_000_000
    context = chromium.new_context(offline=True, accept_downloads=True)
    page = context.new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url.split(":")[0]))
    page.add_init_script(STUBS)
    page.goto(STANDALONE.as_uri())
    genie = GeniePage(page).wait()
    page.keyboard.press("5")
    genie.wait(piano=True)
    genie.tap(["4", "6", "2"])
    genie.click("Done")
    notes = [note["pitch"] for note in genie.notes]
    assert len(notes) == 4
    check_files(genie, notes)
    assert genie.page.get_by_role("button", name="Send to Roll").count() == 0, "there is no piece here"
    genie.click("Hear Take 1")
    assert set(asked) <= {"file", "blob", "data"}, "nothing was asked of any network"
    take = json.loads(page.evaluate("localStorage.getItem('workbench-genie-takes:genie')"))[0]
    assert decoded_in_python(take["layers"][0]) == notes
    context.close()

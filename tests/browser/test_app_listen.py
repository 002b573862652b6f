"""Listening in the real app: a hum becomes notes in four taps, a recording is put right by keys, refusals in words."""

from __future__ import annotations

import sys
import wave
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.browser.app_fixtures import PLAYER, STORE, Server, Visitor
from tests.browser.conftest import ARGUMENTS
from tests.browser.test_app_access import AXE, CHECK
from tests.unit.page.ears import PITCHES

pytestmark = pytest.mark.browser

RATE = 48_000
#: How loud the first track of the piece is at this moment, root mean square.
LOUD = """((player) => {{
  const meter = player.analyser(player.store.score.tracks[0].id), samples = new Float32Array(meter?.fftSize ?? 0);
  meter?.getFloatTimeDomainData(samples);
  return Math.sqrt(samples.reduce((sum, one) => sum + one * one, 0) / (samples.length || 1));
}})({PLAYER})"""
PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
#: The app with models that always hear the same, whatever else is installed.
APP = """
from dataclasses import replace
from tests.unit.page.ears import SPEC, SPLITTER
from workbench import cli
from workbench.hub.registry import Registry
usual = {spec.task: replace(spec, default=False) for spec in (SPEC, SPLITTER)}
find = Registry.find
Registry.find = lambda self, name: usual.get(name) or find(self, name)
cli.main(["--port", "PORT"])
"""


def hum(path: Path, seconds: float = 4.0, level: float = 0.4) -> Path:
    """A voice that sings C D E G, half a second each, as a WAV file."""
    time = np.arange(round(seconds * RATE)) / RATE
    pitch = np.array([60, 62, 64, 67])[(2 * time).astype(int) % 4] + 0.2 * np.sin(2 * np.pi * 5.5 * time)
    phase = 2 * np.pi * np.cumsum(440 * 2 ** ((pitch - 69) / 12)) / RATE
    voice: NDArray[Any] = sum(np.sin(order * phase) / order**1.5 for order in range(1, 8))
    shape = np.minimum(1, np.minimum(2 * time % 1, 1 - 2 * time % 1) * 12)
    with wave.open(str(path), "wb") as file:
        file.setparams((1, 2, RATE, 0, "NONE", ""))
        file.writeframes((0.5 * level * 32_767 * shape * voice).astype("<i2").tobytes())
    return path


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The app, whose ears hear a tune in whatever is played to them."""
    server = Server(tmp_path_factory.mktemp("app"), sys.executable, "-c", APP)
    server.start()
    yield server
    server.kill()


@pytest.fixture
def come(chromium: Any, server: Server, tmp_path: Path) -> Iterator[Callable[..., Visitor]]:
    """``come(...)`` gives a person on the app's page, whose microphone hears :func:`hum`."""
    voice = hum(tmp_path / "voice.wav")
    flags = ["--use-fake-device-for-media-stream", f"--use-file-for-fake-audio-capture={voice}"]
    browsers = []

    def open_page(*more: str, script: str = "", query: str = "", **options: Any) -> Visitor:
        browser = chromium.browser_type.launch(executable_path=chromium_path(), args=[*ARGUMENTS, *flags, *more])
        browsers.append(browser)
        person = Visitor(browser, server.address, **options)
        if script:
            person.page.add_init_script(script)
        return person.come(query)

    yield open_page
    for browser in browsers:
        browser.close()


def chromium_path() -> str | None:
    import shutil

    return shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


def open_recording(person: Visitor, path: Path) -> None:
    """Open a file on the listening page."""
    person.tab("Listen")
    with person.page.expect_file_chooser() as chooser:
        person.page.get_by_role("button", name="Open a recording").click()
    chooser.value.set_files(path)


def picture(person: Visitor) -> Any:
    """The picture of what was heard, once it is there."""
    canvas = person.page.locator(".wb-listen .timeline canvas")
    canvas.wait_for()
    return canvas


def facts_of(person: Visitor) -> Any:
    """What is said of the note that is picked."""
    return person.page.locator(".wb-listen .picked b, .wb-listen .picked strong, .wb-listen .picked").first


def test_neither_a_reload_nor_a_closed_tab_loses_the_recording_and_what_was_put_right(
    come: Callable[..., Visitor], tmp_path: Path
) -> None:
    person = come()
    open_recording(person, hum(tmp_path / "my hum.wav"))
    picture(person).focus()
    for key in ("ArrowRight", "ArrowUp"):
        person.page.keyboard.press(key)
    put_right = facts_of(person).inner_text()
    person.page.wait_for_timeout(900)  # the copy in the browser is written when the hands rest
    person.page.reload()
    person.wait_ready()
    person.tab("Listen")
    picture(person).focus()
    person.page.keyboard.press("ArrowRight")
    assert facts_of(person).inner_text() == put_right
    person.page.get_by_role("button", name="my hum.wav").wait_for()

    def come_again() -> None:
        """The tab is closed; somebody opens another."""
        person.page.close()
        person.page = person.context.new_page()
        person.come()
        person.tab("Listen")

    come_again()
    person.page.get_by_text("is still in this browser").wait_for()
    assert person.page.locator(".wb-listen .timeline").count() == 0, (
        "nothing is shown before somebody says it is theirs"
    )
    assert "my hum" not in person.page.locator(".wb-listen .again").inner_text()
    person.page.get_by_role("button", name="It is mine, go on").click()
    picture(person).focus()
    person.page.keyboard.press("ArrowRight")
    assert facts_of(person).inner_text() == put_right
    come_again()
    question = person.page.get_by_text("is still in this browser")
    question.wait_for()
    open_recording(person, hum(tmp_path / "another hum.wav"))
    assert not question.is_visible(), "its answers would throw away the one that was brought since"
    come_again()
    person.page.get_by_role("button", name="Throw it away").click()
    person.page.get_by_text("gone from this browser").wait_for()
    come_again()
    person.page.get_by_role("button", name="Record", exact=True).wait_for()
    person.page.wait_for_timeout(500)
    assert not person.page.get_by_text("is still in this browser").is_visible()
    assert person.errors == []


def test_a_hum_becomes_notes_in_the_roll_in_four_taps(come: Callable[..., Visitor]) -> None:
    person = come("--use-fake-ui-for-media-stream", permissions=["microphone"], **PHONE)
    page, before = person.page, person.hash()
    page.get_by_role("button", name="Hum or open a song").tap()
    page.get_by_role("button", name="Record", exact=True).tap()
    page.locator(".wb-listen [data-state=recording]").wait_for()
    page.wait_for_function("() => [...document.querySelectorAll('*')].map((e) => e.shadowRoot?.querySelector('.meter')"
                           "?.getAttribute('aria-valuenow')).some((now) => Number(now) > 50)")  # fmt: skip
    page.wait_for_timeout(4_000)
    page.get_by_role("button", name="Stop", exact=True).tap()
    picture(person)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.get_by_role("button", name="Put it in the piece").tap()
    page.locator(".wb-roll canvas.moving").wait_for()
    assert [note[3] for note in sorted(person.notes(), key=lambda note: note[1])] == list(PITCHES)
    authors = page.evaluate(
        f"[...new Set({STORE}.score.tracks.flatMap((t) => [...t.notes.values()].map((n) => n.author)))]"
    )
    assert all("model:" in author for author in authors)
    assert page.evaluate(f"{STORE}.score.chords.map((chord) => chord.root)") == [0, 7]
    page.evaluate(f"{STORE}.undo()")
    assert person.hash() == before, "one step takes it back"
    person.settle()
    assert person.errors == []


def test_a_recording_is_put_right_by_keys_alone(come: Callable[..., Visitor], tmp_path: Path) -> None:
    person = come()
    from playwright.sync_api import expect

    page, keys = person.page, person.page.keyboard
    open_recording(person, hum(tmp_path / "tune.wav"))
    canvas = picture(person)
    page.locator(".wb-listen .lists summary").click()
    rows = page.locator(".wb-listen .lists .table").first.locator("tbody tr")
    count, pitch = rows.count(), rows.first.locator("select").first
    assert count == len(PITCHES)
    first = int(pitch.input_value())
    canvas.focus()
    keys.press("Home")
    keys.press("ArrowUp")
    expect(pitch).to_have_value(str(first + 1))
    assert "bar 1, beat 1" in person.said("listen")
    keys.press("Delete")
    rows.nth(count - 1).wait_for(state="detached")
    keys.press("Control+z")
    rows.nth(count - 1).wait_for()
    keys.press("Control+z")
    expect(pitch).to_have_value(str(first))
    keys.press("ArrowUp")
    tempo = page.locator(".wb-listen .rhythm .tempo")
    before = int(tempo.inner_text().split()[0])
    page.get_by_role("button", name="Twice as fast").click()
    assert abs(int(tempo.inner_text().split()[0]) - 2 * before) <= 1
    page.get_by_role("button", name="Put it in the piece").click()
    page.locator(".wb-roll canvas.moving").wait_for()
    pitches = [note[3] for note in sorted(person.notes(), key=lambda note: note[1])]
    assert pitches[0] == first + 1, "the piece has what was put right"
    assert person.errors == []


def test_a_part_of_a_long_recording_is_chosen_by_keys(come: Callable[..., Visitor], tmp_path: Path) -> None:
    person = come()
    open_recording(person, hum(tmp_path / "long.wav", 100.0))
    end = person.page.get_by_role("slider", name="Where it ends")
    end.wait_for()
    end.focus()
    for _ in range(19):
        person.page.keyboard.press("PageDown")
    person.page.get_by_text("0:00.0 to 0:05.0, 0:05").wait_for()
    person.page.get_by_role("button", name="Listen to it").click()
    picture(person)
    assert person.page.locator(".wb-listen .transport .time").inner_text() == "0:00 / 0:05"
    assert person.errors == []


def test_what_cannot_be_listened_to_gets_one_sentence(come: Callable[..., Visitor], tmp_path: Path) -> None:
    person = come()
    (tmp_path / "song.wav").write_text("This is no sound at all.\n" * 100)
    open_recording(person, tmp_path / "song.wav")
    person.page.get_by_text("song.wav is no file the workbench knows").wait_for()
    open_recording(person, hum(tmp_path / "silence.wav", level=0.0))
    person.page.get_by_text("There is nothing but silence in silence.wav").wait_for()
    person.page.get_by_role("button", name="Record", exact=True).click()
    person.page.get_by_text("The browser may not use the microphone here").wait_for()
    assert person.errors == []


def test_an_insecure_address_says_why_there_is_no_microphone(come: Callable[..., Visitor]) -> None:
    person = come(script="Object.defineProperty(window, 'isSecureContext', { value: false });")
    person.tab("Listen")
    person.page.get_by_text("This address is not secure (https)").wait_for()
    assert person.page.get_by_role("button", name="Record", exact=True).is_disabled()
    assert person.page.get_by_role("button", name="Open a recording").is_enabled()


def test_a_recording_is_taken_apart_and_a_stem_written_down(come: Callable[..., Visitor], tmp_path: Path) -> None:
    person = come()
    open_recording(person, hum(tmp_path / "tune.wav"))
    picture(person)
    person.tab("Stems")
    person.page.locator(".wb-stems .apart").get_by_role("button", name="tune.wav").click()
    rows = person.page.locator(".wb-stems .apart-parts .row")
    rows.first.wait_for()
    assert rows.count() >= 2
    rows.nth(0).get_by_role("button", name="Mute", exact=False).first.click()
    person.page.locator(".apart-parts").get_by_role("button", name="Play", exact=True).click()
    person.page.locator(".apart-parts").get_by_role("button", name="Stop", exact=True).wait_for()
    person.page.locator(".apart-parts").get_by_role("button", name="Stop", exact=True).click()
    before = person.page.evaluate(f"{STORE}.score.tracks.map((track) => track.id)")
    instead = rows.nth(0).get_by_role("button", name="Play its notes instead")
    instead.click()
    person.page.get_by_text("an instrument plays its notes now").wait_for()
    assert instead.get_attribute("aria-pressed") == "true"
    tracks = person.page.locator(".wb-stems .rows > .row")
    states = [tracks.nth(place).get_by_role("button", name="As it was recorded") for place in (0, 1)]
    assert [state.get_attribute("aria-pressed") for state in states] == ["false", "true"]
    states[0].click()
    assert states[0].get_attribute("aria-pressed") == "true", "the stem is back by one click"
    assert instead.get_attribute("aria-pressed") == "false"
    person.page.evaluate(f"{STORE}.undo(); {STORE}.undo()")
    assert person.page.evaluate(f"{STORE}.score.tracks.map((track) => track.id)") == before, "two steps, two undos"
    rows.nth(1).get_by_role("button", name="Write it down").click()
    person.page.get_by_role("heading", name=".flac").wait_for()
    assert person.errors == []


def test_a_recording_opened_on_the_first_page_leads_to_the_listening_page(
    come: Callable[..., Visitor], tmp_path: Path
) -> None:  # fmt: skip
    person = come()
    person.open_file(hum(tmp_path / "tune.wav"))
    person.page.get_by_text("tune.wav is here, beside your piece.").wait_for()
    person.page.get_by_role("button", name="Listen to it").click()
    picture(person)
    assert person.page.get_by_role("heading", name="tune.wav").is_visible()
    assert person.errors == []


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing_in_what_was_heard(come: Callable[..., Visitor], tmp_path: Path, theme: str) -> None:
    person = come(query=f"?__theme={theme}")
    open_recording(person, hum(tmp_path / "tune.wav"))
    picture(person).focus()
    person.page.keyboard.press("ArrowRight")
    person.page.locator(".wb-listen .lists summary").click()
    person.page.wait_for_timeout(400)
    person.page.evaluate(AXE.read_text(encoding="utf-8") + ";0")
    assert person.page.evaluate(CHECK) == []


def test_a_band_joins_the_voice_is_heard_with_it_and_becomes_the_piece(
    come: Callable[..., Visitor], tmp_path: Path
) -> None:
    person = come()
    page = person.page
    open_recording(person, hum(tmp_path / "tune.wav"))
    band = page.locator(".wb-listen .bandmaker")
    card = band.get_by_role("option", name="Swing.")
    card.click()
    band.get_by_text("Chosen: Swing.").wait_for()
    page.wait_for_function(
        "() => [...document.querySelectorAll('*')].some((e) => e.shadowRoot?.querySelector('.bandmaker .sounding'))"
    )
    assert card.get_attribute("aria-selected") == "true"
    band.get_by_role("textbox", name="or say it in words").fill("swing, wobbly")
    band.get_by_role("button", name="Make a band").click()
    band.get_by_text("Not understood: wobbly.").wait_for()
    sound = band.locator("audio")
    sound.wait_for(timeout=60_000)
    page.wait_for_function(
        "() => [...document.querySelectorAll('*')]"
        ".some((e) => e.shadowRoot?.querySelector('.bandmaker audio')?.duration > 3)"
    )
    with page.expect_download() as saved:
        band.get_by_role("button", name="For musicians").click()
    assert saved.value.suggested_filename.endswith(".zip")
    band.get_by_role("button", name="Put the band in the piece").click()
    page.locator(".wb-roll").first.wait_for()
    names = page.evaluate(f"{STORE}.score.tracks.map((track) => track.name)")
    assert names[0] == "Voice"
    assert {"Bass", "Drums"} <= set(names)
    page.locator(".wb-roll").get_by_role("button", name="Play", exact=True).first.click()
    page.wait_for_function(f"() => {LOUD.format(PLAYER=PLAYER)} > 0.002", timeout=60_000)
    assert page.evaluate(f"{STORE}.score.meta['sound.' + {STORE}.score.tracks[0].id]").endswith(" recorded")


def test_the_genie_plays_along_with_a_recording_by_the_chords_heard_in_it(
    come: Callable[..., Visitor], tmp_path: Path
) -> None:
    person = come()
    page = person.page
    open_recording(person, hum(tmp_path / "tune.wav", 8.0))
    picture(person)
    page.locator(".wb-listen").get_by_role("button", name="Play along").click()
    genie = page.locator(".wb-genie")
    genie.get_by_role("button", name="Count in").click()
    genie.get_by_role("button", name="Play my piece").click()
    genie.get_by_text("Chord now: C", exact=True).wait_for(timeout=60_000)
    page.wait_for_function(f"() => {LOUD.format(PLAYER=PLAYER)} > 0.002", timeout=60_000)
    page.evaluate(f"addEventListener('genie-note', () => (window.struckAt = {PLAYER}.position), {{ once: true }})")
    genie.locator(".pads").focus()
    page.keyboard.press("a")
    genie.get_by_text("Chord now: G7", exact=True).wait_for()
    genie.get_by_role("button", name="Done").click()
    genie.get_by_role("button", name="Send to Roll").first.click()
    at = page.evaluate("window.struckAt")
    starts = page.evaluate(f"[...{STORE}.score.tracks.at(-1).notes.values()].map((note) => note.start)")
    assert len(starts) == 1
    assert abs(starts[0] - at) < person.store("score.ppq") / 10, "the note lies where it was played in the recording"
    assert person.errors == []

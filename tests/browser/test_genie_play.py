"""Playing the Genie: every input reaches a note, no press is lost, nothing sticks."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.browser.genie_tools import GeniePage
from workbench.score.lanes import Chord
from workbench.score.score import Note, Score, Track

pytestmark = pytest.mark.browser
OpenGenie = Callable[..., GeniePage]

EIGHT_AT_ONCE = """() => {
  const began = performance.now();
  for (let key = 1; key <= 8; key++) {
    document.body.dispatchEvent(new KeyboardEvent("keydown", { code: "Digit" + key, key: String(key), bubbles: true }));
  }
  return performance.now() - began;
}"""


def touch(client: Any, kind: str, points: dict[int, tuple[float, float]]) -> None:
    """Send fingers (by number, at x and y) to the page."""
    listed = [{"id": number, "x": x, "y": y} for number, (x, y) in points.items()]
    client.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": listed})


def middle(genie: GeniePage, button: int, depth: float = 0.5) -> tuple[float, float]:
    box = genie.page.locator(f".pad[data-button='{button}']").bounding_box()
    return box["x"] + box["width"] / 2, box["y"] + box["height"] * depth


def test_keys_play_and_the_tune_follows_the_hand(open_genie: OpenGenie) -> None:
    genie = open_genie().wait()
    genie.tap(["1", "3", "3", "6", "5", "a", "s", ";"])
    notes = genie.notes
    assert [note["button"] for note in notes] == [0, 2, 2, 5, 4, 0, 1, 7]
    pitches = [note["pitch"] for note in notes]
    assert pitches[0] < pitches[1] == pitches[2] < pitches[3] > pitches[4] > pitches[5] < pitches[6] < pitches[7]
    assert genie.down() == []


def test_eight_presses_at_once_are_eight_notes_in_order(open_genie: OpenGenie) -> None:
    genie = open_genie().wait()
    genie.page.evaluate(EIGHT_AT_ONCE)
    notes = genie.notes
    assert [note["button"] for note in notes] == list(range(8))
    assert sorted({note["pitch"] for note in notes}) == [note["pitch"] for note in notes]
    assert genie.down() == list(range(8))


def test_presses_before_the_model_is_there_sound_as_soon_as_it_is(open_genie: OpenGenie) -> None:
    genie = open_genie()
    held: list[Any] = []
    genie.page.route("**/genie.safetensors", lambda route: held.append(route))
    genie.page.reload()
    genie.page.wait_for_selector(".pad")
    genie.page.keyboard.press("4")
    genie.page.keyboard.down("6")
    assert genie.notes == []
    while not held:
        genie.page.wait_for_timeout(20)
    held[0].continue_()
    genie.wait()
    assert [note["button"] for note in genie.notes] == [3, 5]
    genie.page.keyboard.up("6")
    genie.click("Done")
    assert [press["button"] for press in genie.takes[0]["layers"][0]["presses"]] == [3, 5]


def test_two_fingers_on_a_phone(open_genie: OpenGenie) -> None:
    genie = open_genie(width=390, height=844, touch=True).wait()
    client = genie.page.context.new_cdp_session(genie.page)
    one, two = middle(genie, 1, 0.1), middle(genie, 6, 0.9)
    touch(client, "touchStart", {1: one})
    touch(client, "touchStart", {1: one, 2: two})
    assert genie.down() == [1, 6]
    first, second = genie.notes
    assert (first["button"], second["button"]) == (1, 6)
    assert second["velocity"] > first["velocity"] + 30, "further down is louder"
    touch(client, "touchEnd", {2: two})
    assert genie.down() == [1]
    touch(client, "touchCancel", {})
    assert genie.down() == []
    box = genie.page.locator(".pads").bounding_box()
    assert box["y"] + box["height"] <= 844, "the buttons are on the screen at once"
    assert all(48 <= note["pitch"] <= 84 for note in genie.notes), "only keys that are drawn"


def test_a_finger_glides_over_the_buttons(open_genie: OpenGenie) -> None:
    genie = open_genie().wait()
    genie.page.mouse.move(*middle(genie, 2))
    genie.page.mouse.down()
    for button in (3, 4, 5):
        genie.page.mouse.move(*middle(genie, button))
    assert genie.down() == [5]
    genie.page.mouse.up()
    assert [note["button"] for note in genie.notes] == [2, 3, 4, 5]
    assert genie.down() == []


@pytest.mark.parametrize("leave", ["blur", "hide", "escape"])
def test_nothing_sticks_when_the_page_is_left(open_genie: OpenGenie, leave: str) -> None:
    genie = open_genie().wait()
    genie.midi(out=True)
    genie.page.keyboard.down("2")
    genie.page.keyboard.down("Space")
    genie.page.keyboard.down("7")
    if leave == "blur":
        genie.page.evaluate("window.dispatchEvent(new Event('blur'))")
    elif leave == "escape":
        genie.page.keyboard.press("Escape")
    else:
        genie.page.evaluate("Object.defineProperty(document, 'hidden', {get: () => true, configurable: true});"
                            "document.dispatchEvent(new Event('visibilitychange'))")  # fmt: skip
    struck = [data[1] for data in genie.sent if data[0] == 0x90]
    assert len(struck) == 2
    assert sorted(data[1] for data in genie.sent if data[0] == 0x80) == sorted(struck)
    assert genie.sent[-1] == [0xB0, 64, 0]
    assert genie.down() == []


def test_the_pedal_keeps_notes_until_it_comes_up(open_genie: OpenGenie) -> None:
    genie = open_genie().wait()
    genie.midi(out=True)
    genie.page.keyboard.down("Space")
    genie.tap(["3", "5"])
    assert [data[0] for data in genie.sent] == [0xB0, 0x90, 0x90]
    genie.page.keyboard.up("Space")
    assert sorted(data[0] for data in genie.sent[3:]) == [0x80, 0x80, 0xB0]
    genie.click("Done")
    assert [pedal["down"] for pedal in genie.takes[0]["layers"][0]["pedals"]] == [True, False]


def test_a_midi_keyboard_plays_with_its_velocity_in_any_octave(open_genie: OpenGenie) -> None:
    genie = open_genie().wait()
    genie.midi()
    for octave in (36, 84):
        for key, velocity in ((0, 30), (4, 64), (11, 100), (12, 127)):
            genie.page.evaluate(f"midi.play(0x93, {octave + key}, {velocity}); midi.play(0x83, {octave + key}, 0)")
    notes = genie.notes
    assert [note["button"] for note in notes] == [0, 2, 6, 7] * 2
    assert [note["velocity"] for note in notes] == [30, 64, 100, 127] * 2
    assert genie.down() == []


def test_midi_out_plays_the_notes_that_sound(open_genie: OpenGenie) -> None:
    genie = open_genie().wait()
    genie.midi(out=True)
    genie.tap(["2", "4", "8"])
    played = [note["pitch"] for note in genie.notes]
    assert [data[1] for data in genie.sent if data[0] == 0x90] == played
    assert [data[1] for data in genie.sent if data[0] == 0x80] == played


def test_a_gamepad_plays(open_genie: OpenGenie) -> None:
    genie = open_genie().wait()
    genie.page.evaluate("""() => {
      const button = () => ({ pressed: false, value: 0 });
      window.gamepads = [{ index: 0, buttons: Array.from({ length: 17 }, button) }];
      dispatchEvent(new Event("gamepadconnected"));
      window.press = (index, on) => Object.assign(gamepads[0].buttons[index], { pressed: on, value: on ? 1 : 0 });
      press(1, true); press(6, true);
    }""")
    genie.page.wait_for_function("notes.length === 2")
    assert {note["button"] for note in genie.notes} == {1, 6}
    genie.page.evaluate("press(1, false); press(6, false)")
    genie.page.wait_for_function("!document.querySelector('#host').shadowRoot.querySelector('.pad.down')")


def test_four_buttons_and_one(open_genie: OpenGenie) -> None:
    genie = open_genie().wait()
    genie.settings()
    genie.page.get_by_title("Buttons", exact=True).select_option("4")
    genie.page.keyboard.press("Escape")
    genie.page.locator("#host").evaluate("host => host.shadowRoot.activeElement?.blur()")
    genie.tap(["1", "2", "3", "4", "5"])
    assert [note["place"] for note in genie.notes] == [0, 2, 5, 7], "key 5 is no button any more"
    genie.page.get_by_title("Buttons", exact=True).select_option("1")
    genie.page.locator("#host").evaluate("host => host.shadowRoot.activeElement?.blur()")
    genie.tap(["Space"] * 6)
    assert len(genie.notes) == 10
    assert len({note["place"] for note in genie.notes[4:]}) > 1, "the Genie moves by itself"


def test_typing_chords_plays_nothing(open_genie: OpenGenie) -> None:
    genie = open_genie().wait()
    genie.click("Chords")
    field = genie.page.get_by_role("textbox", name="Chords, one a bar")
    field.fill("")
    field.type("A1 D")
    assert genie.notes == []
    assert genie.page.get_by_role("alert").filter(has_text="A1").is_visible()
    field.fill("Dm G7 C")
    assert genie.page.locator(".chip").all_inner_texts() == ["Dm", "G7", "C"]


def test_never_a_wrong_note_under_a_held_chord(open_genie: OpenGenie) -> None:
    genie = open_genie().wait()
    genie.click("Chords")
    genie.click("Never a wrong note")
    for chord, tones in (("F", {5, 9, 0}), ("Am", {9, 0, 4})):
        genie.page.evaluate("notes.length = 0")
        genie.page.locator(f".chip[data-chord={chord}]").click()
        genie.tap(["1", "4", "2", "6", "8", "5", "3", "7"])
        assert {note["pitch"] % 12 for note in genie.notes} <= tones
        pitches = [note["pitch"] for note in genie.notes]
        assert pitches[0] < pitches[1] > pitches[2] < pitches[3] < pitches[4] > pitches[5] > pitches[6] < pitches[7]


def test_the_chords_of_the_open_piece_are_followed(open_genie: OpenGenie) -> None:
    score = Score("Song", tracks=[Track("t1", notes={"n1": Note("n1", 0, 960, 60)})])
    score.chords = [Chord(0, 3840, 1, "maj")]
    genie = open_genie(score=score.to_dict()).wait()
    genie.click("My piece")
    genie.click("Never a wrong note")
    genie.tap(["2", "5", "3", "7"])
    assert {note["pitch"] % 12 for note in genie.notes} <= {1, 5, 8}


def test_the_groove_goes_round_through_the_chords(open_genie: OpenGenie) -> None:
    genie = open_genie().wait()
    genie.click("Chords")
    genie.page.get_by_label("Beats a minute").fill("220")
    genie.page.get_by_label("Beats a minute").press("Enter")
    genie.click("Start the groove")
    for chord in ("C", "Am", "F"):
        genie.page.wait_for_selector(f".chip.now[data-chord={chord}]")
    genie.tap(["3"])
    genie.click("Stop the groove")
    genie.click("Done")
    take = genie.takes[0]
    assert take["backing"]["bpm"] == 220
    assert [chord["name"] for chord in take["backing"]["chords"]] == ["C", "Am", "F", "G"]
    assert take["layers"][0]["presses"][0]["chord"]["root"] in (0, 9, 5, 7)


def test_looking_inside_shows_the_likeliest_keys(open_genie: OpenGenie) -> None:
    genie = open_genie().wait()
    assert genie.page.locator(".pad-note").all_inner_texts() == [""] * 8
    genie.click("Look inside")
    genie.page.wait_for_function(
        "[...document.querySelector('#host').shadowRoot.querySelectorAll('.pad-note')].every(e => e.textContent)"
    )
    for text in genie.page.locator(".pad-note").all_inner_texts():
        note, share, _ = text.split()
        assert note[0] in "ABCDEFG"
        assert 1 <= int(share) <= 100
    genie.click("Look inside")
    assert genie.page.locator(".pad-note").all_inner_texts() == [""] * 8


def test_a_screen_reader_can_press_the_buttons(open_genie: OpenGenie) -> None:
    genie = open_genie().wait()
    button = genie.page.get_by_role("button", name="Button 6 of 8")
    button.focus()
    genie.page.keyboard.press("Enter")
    button.evaluate("element => element.click()")
    assert [note["button"] for note in genie.notes] == [5, 5]
    genie.page.wait_for_function("!document.querySelector('#host').shadowRoot.querySelector('.pad.down')")


def test_the_page_is_small_and_it_sounds(open_genie: OpenGenie) -> None:
    genie = open_genie()
    address = genie.page.url
    genie.page.goto("about:blank")
    sizes: list[int] = []

    def weigh(answer: Any) -> None:
        if answer.url.startswith("http"):  # a Blob's address costs nothing
            sizes.append(len(answer.body()))

    genie.page.on("response", weigh)
    genie.page.goto(address)
    genie.wait()
    genie.page.keyboard.down("4")
    genie.wait(piano=True)
    assert sum(sizes) < 2_000_000
    genie.page.keyboard.up("4")
    genie.page.keyboard.down("6")
    genie.page.wait_for_function("""() => {
      const meter = window.context.player.analyser();
      const samples = new Float32Array(meter.fftSize);
      meter.getFloatTimeDomainData(samples);
      return Math.max(...samples) > 0.005;
    }""")
    genie.page.keyboard.up("6")

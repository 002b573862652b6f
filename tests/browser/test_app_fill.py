"""The fill panel's further wishes in the real app: lines drawn over time, variation, new instruments, parts again."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.browser.app_fixtures import PLAYER, STORE, Visitor
from tests.browser.test_core_roll import two_tracks

pytestmark = pytest.mark.browser

Visit = Callable[..., Visitor]
BAR = 4 * 960
#: Keeps what the page asks of the server, so that a test can look at it.
LISTEN = f"""(() => {{
  const store = {STORE};
  const send = store.send.bind(store);
  window.requests = [];
  store.send = (message) => {{
    if (message.type === "fill") window.requests.push(message.request);
    return send(message);
  }};
}})()"""
PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}


def open_panel(visitor: Visitor) -> Any:
    """Fill the gap behind the opening page's door and wait for the ideas; gives the panel."""
    visitor.page.get_by_role("button", name="Change this tune").click()
    visitor.page.locator(".wb-roll canvas.moving").wait_for()
    visitor.page.evaluate(LISTEN)
    visitor.page.locator(".wb-roll .wb-button.primary:visible", has_text="Fill this gap").or_(
        visitor.page.locator(".wb-roll .bottombar").get_by_role("button", name="Fill this gap")
    ).locator("visible=true").first.click()
    panel = visitor.page.get_by_role("region", name="Fill this gap")
    wait_for_idea(panel, 3)
    return panel


def wait_for_idea(panel: Any, number: int) -> None:
    panel.get_by_role("button", name=f"Keep idea {number}", exact=True).and_(panel.page.locator(":enabled")).wait_for()


def more_ideas(panel: Any, number: int) -> dict[str, Any]:
    """Ask again with the wishes as they are; gives the request once idea ``number`` is there."""
    panel.get_by_role("button", name="More ideas").click()
    wait_for_idea(panel, number)
    request: dict[str, Any] = panel.page.evaluate("requests.at(-1)")
    return request


def open_wishes(panel: Any) -> None:
    panel.get_by_role("button", name="Change wishes").click()
    panel.get_by_text("More wishes").click()


def shown_notes(visitor: Visitor) -> dict[str, list[list[int]]]:
    """Start, pitch and length of the idea's notes that are heard (and seen), by track; sorted."""
    found: dict[str, list[list[int]]] = visitor.page.evaluate(
        f"""Object.fromEntries(Object.entries({PLAYER}.overlay.notes).map(([track, notes]) =>
          [track, notes.map((note) => [note.start, note.pitch, note.duration])]))"""
    )
    return {track: sorted(notes) for track, notes in found.items()}


def listen(panel: Any, number: int) -> None:
    panel.get_by_role("button", name=f"Listen to idea {number}", exact=True).click()
    panel.page.wait_for_function(f"{PLAYER}.overlay !== null")


def stop_listening(panel: Any) -> None:
    panel.get_by_role("button", name="Stop listening").first.click()


def marks(visitor: Visitor) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = visitor.page.evaluate(f"JSON.parse(JSON.stringify({STORE}.view.marks))")
    return found


def test_a_line_drawn_over_time_is_what_is_asked_for_and_overrules_its_slider(visit: Visit) -> None:
    person = visit()
    panel = open_panel(person)
    gap = marks(person)[0]
    open_wishes(panel)
    panel.get_by_label("Notes", exact=True).fill("20")
    panel.get_by_text("Draw it over time").click()
    canvas = panel.locator(".lane canvas")
    canvas.scroll_into_view_if_needed()
    box = canvas.bounding_box()
    mouse = person.page.mouse
    mouse.move(box["x"] + 4, box["y"] + box["height"] - 12)
    mouse.down()
    mouse.move(box["x"] + 0.5 * box["width"], box["y"] + 24, steps=6)
    mouse.up()
    assert "drawn below" in panel.locator(".wb-slider.overruled").inner_text()
    request = more_ideas(panel, 6)
    assert "density" not in request["controls"], "the line holds instead of the slider"
    points = request["controls"]["curves"]["density"]
    assert points[0][0] == gap["start"]
    assert points[0][1] <= 30
    values = [value for _, value in points if value is not None]
    assert values == sorted(values), "it rises as it was drawn"
    assert max(values) >= 85
    assert points[-1][1] is None, "what was not drawn is left to the model"
    assert len(points) < 64
    assert all(after[0] > before[0] for before, after in itertools.pairwise(points))
    assert person.errors == []


def test_the_drawing_lane_by_keys_alone_says_what_it_does(visit: Visit) -> None:
    person = visit()
    panel = open_panel(person)
    start = marks(person)[0]["start"]
    open_wishes(panel)
    panel.get_by_text("Draw it over time").click()
    panel.get_by_role("button", name="Loudness", exact=True).click()
    panel.get_by_role("application").focus()
    keys = person.page.keyboard
    keys.press("Home")
    keys.press("PageUp")
    assert person.said("roll").endswith("beat 1: louder, 70"), person.said("roll")
    keys.press("Shift+ArrowRight")
    keys.press("ArrowDown")
    assert person.said("roll").endswith("beat 1 and a half: louder, 65"), person.said("roll")
    keys.press("ArrowRight")
    assert person.said("roll").endswith("beat 2: left to the model"), person.said("roll")
    keys.press("ArrowLeft")
    keys.press("Delete")
    assert person.said("roll").endswith("left to the model"), person.said("roll")
    keys.press("Escape")
    assert panel.is_visible(), "Escape leaves the lane, not the panel"
    request = more_ideas(panel, 6)
    assert request["controls"]["curves"] == {"loudness": [[start, 70], [start + 480, None]]}


def test_what_is_there_can_be_varied_and_only_where_something_is(visit: Visit) -> None:
    person = visit()
    panel = open_panel(person)
    panel.get_by_role("button", name="Change wishes").click()
    mode = panel.get_by_label("What is there now")
    gap = marks(person)
    empty = [{**gap[0], "start": 90 * BAR, "end": 91 * BAR}]
    person.page.evaluate(f"(marks) => {STORE}.setView({{ marks }})", empty)
    assert mode.locator("option[value=vary]").is_disabled(), "nothing stands in this gap"
    person.page.evaluate(f"(marks) => {STORE}.setView({{ marks }})", gap)
    mode.select_option(label="Vary what is there")
    panel.get_by_label("How close to what is there").fill("85")
    request = more_ideas(panel, 6)
    assert request["controls"]["closeness"] == 85
    assert "around" not in request
    panel.get_by_role("button", name="Change wishes").click()
    mode.select_option(label="Something new")
    assert "closeness" not in more_ideas(panel, 9)["controls"]
    assert person.errors == []


def test_a_band_joins_as_ghosts_is_heard_and_kept_as_one_step_of_undo(visit: Visit) -> None:
    person = visit()
    panel = open_panel(person)
    before, tracks = person.hash(), person.store("score.tracks.length")
    open_wishes(panel)
    panel.get_by_label("Add instruments").select_option("band")
    panel.get_by_role("group", name="Which new instruments").wait_for()
    request = more_ideas(panel, 6)
    new = [track["id"] for track in request["new_tracks"]]
    assert len(new) >= 3
    assert request["regions"] == [{"start": marks(person)[0]["start"], "end": marks(person)[0]["end"], "tracks": new}]
    listen(panel, 4)
    person.wait_for_sound()
    heard = shown_notes(person)
    assert set(heard) == set(new)
    assert person.hash() == before, "no trace in the document until it is kept"
    # A mixture of two ideas adds each new instrument once, if anything is to stand in it.
    panel.get_by_role("button", name=" from idea 5").first.click()
    mixed = {track: notes for track, notes in shown_notes(person).items() if notes}
    panel.get_by_role("button", name="Keep this mixture").click()
    panel.wait_for(state="hidden")
    kept = person.page.evaluate(f"{STORE}.score.tracks.slice({tracks}).map((track) => [track.id, track.notes.size])")
    assert dict(kept) == {track: len(notes) for track, notes in mixed.items()}
    assert len(kept) == len(mixed) >= 2
    colors = person.page.evaluate(f"{STORE}.score.tracks.map((track) => track.color)")
    assert len(set(colors)) == len(colors), "each in a colour of its own"
    last = person.hash()
    person.page.locator(".wb-roll").get_by_role("button", name="Undo").click()
    assert person.hash() == before, "one step takes the whole band away"
    person.page.locator(".wb-roll").get_by_role("button", name="Redo").click()
    assert person.hash() == last
    person.settle()
    assert person.errors == []


def test_one_bar_again_keeps_the_rest_of_the_idea(visit: Visit) -> None:
    person = visit()
    panel = open_panel(person)
    tracks = person.page.evaluate(f"{STORE}.score.tracks.filter((track) => !track.is_drum).map((track) => track.id)")
    panel.get_by_role("button", name="Close, change nothing").click()
    person.page.evaluate(f"{STORE}.setView({{ marks: [{{ start: 0, end: {2 * BAR}, tracks: {tracks!r} }}] }})")
    person.page.locator(".wb-roll .wb-button.primary", has_text="Fill this gap").first.click()
    wait_for_idea(panel, 3)
    listen(panel, 2)
    first = shown_notes(person)
    stop_listening(panel)
    panel.get_by_text("Idea 2: change a part of it").click()
    panel.get_by_role("button", name="Try bar 2 again").click()
    wait_for_idea(panel, 4)
    request = person.page.evaluate("requests.at(-1)")
    assert request["count"] == 1
    assert request["again"] == [{"start": BAR, "end": 2 * BAR, "tracks": tracks}]
    assert set(request["draft"]) <= set(tracks)
    assert panel.get_by_role("button", name="Idea 4", exact=False).first.get_attribute("aria-pressed") == "true"
    listen(panel, 4)
    second = shown_notes(person)
    stop_listening(panel)
    for track in tracks:
        old, new = ([note for note in idea.get(track, []) if note[0] < BAR] for idea in (first, second))
        assert old == new, "bar 1 stands"
    assert first != second, "bar 2 is new"
    before = person.notes()
    panel.get_by_role("button", name="Keep idea 4", exact=True).click()
    panel.wait_for(state="hidden")
    assert person.notes() != before
    person.page.locator(".wb-roll").get_by_role("button", name="Undo").click()
    assert person.notes() == before
    assert person.errors == []


def test_how_sure_the_model_was_is_seen_and_said(visit: Visit) -> None:
    person = visit()
    panel = open_panel(person)
    panel.get_by_text("Idea 1: look closer").click()
    toggle = panel.get_by_label("How sure was the model?")
    assert not toggle.is_checked(), "it is off until it is asked for"
    toggle.check()
    assert panel.locator(".looks li").count() == 3
    person.page.evaluate(f"{STORE}.setView({{ track: {STORE}.view.marks[0].tracks[0] }})")
    assert "sure of" in panel.locator(".legend").inner_text()
    listen(panel, 1)
    notes = next(iter(shown_notes(person).values()))
    stop_listening(panel)
    person.page.evaluate(f"{STORE}.setView({{ cursor: {notes[0][0]} }})")
    stage = person.page.locator(".wb-roll .stage")
    stage.focus()
    said = []
    for step in ("ArrowDown",) * 50 + ("ArrowUp",) * 100:
        person.page.keyboard.press(step)
        said.append(person.said("roll"))
        if "% sure" in said[-1]:
            break
    assert "idea: " in said[-1], said[-3:]
    assert "% sure" in said[-1]
    assert person.errors == []


def test_gaps_with_tracks_of_their_own_by_mouse_and_by_keys(visit: Visit) -> None:
    person = visit()
    person.tab("Roll")
    page = person.page
    page.locator(".wb-roll canvas.moving").wait_for()
    tracks = page.evaluate(f"{STORE}.score.tracks.map((track) => track.id)")
    assert len(tracks) >= 2
    page.evaluate(f"{STORE}.setView({{ marks: [], track: {tracks[0]!r}, cursor: 0 }})")
    stage = page.locator(".wb-roll .stage")
    stage.focus()
    page.keyboard.press("g")
    page.keyboard.press("Control+ArrowDown")
    page.keyboard.press("Shift+g")
    assert [(mark["start"], mark["tracks"]) for mark in marks(person)] == [(0, [tracks[0]]), (0, [tracks[1]])]
    assert "2 gaps" in person.said("roll")
    # One more by mouse, without a key, and just a few notes of it by keys.
    page.locator(".wb-roll").get_by_role("button", name="Mark a gap").first.click()
    page.get_by_role("button", name="One more gap").click()
    box = page.locator(".wb-roll canvas.moving").bounding_box()
    page.mouse.move(box["x"] + 0.7 * box["width"], box["y"] + 0.5 * box["height"])
    page.mouse.down()
    page.mouse.move(box["x"] + 0.72 * box["width"], box["y"] + 0.5 * box["height"], steps=4)
    page.mouse.up()
    assert len(marks(person)) == 3
    page.locator(".wb-roll .wb-button.primary", has_text="Fill this gap").first.click()
    panel = page.get_by_role("region", name="Fill this gap")
    wait_for_idea(panel, 3)
    assert panel.locator(".gap-row").count() == 3
    panel.locator(".gap-row").nth(2).get_by_role("button", pressed=False).first.click()
    assert marks(person)[2]["tracks"] == sorted({tracks[0], tracks[1]}, key=tracks.index)
    assert marks(person)[0]["tracks"] == [tracks[0]], "the others keep theirs"
    assert person.errors == []


def test_several_gaps_by_touch(visit: Visit) -> None:
    person = visit(**PHONE)
    person.page.get_by_role("tab", name="Roll", exact=True).tap()
    page = person.page
    page.locator(".wb-roll canvas.moving").wait_for()
    page.evaluate(f"{STORE}.setView({{ marks: [] }})")
    page.locator(".wb-roll .bottombar").get_by_role("button", name="Mark a gap").tap()
    box = page.locator(".wb-roll canvas.moving").bounding_box()
    page.touchscreen.tap(box["x"] + 0.3 * box["width"], box["y"] + 0.5 * box["height"])
    assert len(marks(person)) == 1
    page.get_by_role("button", name="One more gap").tap()
    page.touchscreen.tap(box["x"] + 0.9 * box["width"], box["y"] + 0.5 * box["height"])
    assert len(marks(person)) == 2
    page.get_by_role("button", name="Remove the marked gaps").tap()
    assert marks(person) == []
    assert page.get_by_role("button", name="One more gap").is_hidden()
    assert person.errors == []


def test_a_phone_goes_on_after_the_end_and_sees_what_came_last(visit: Visit) -> None:
    person = visit(**PHONE)
    person.page.get_by_role("tab", name="Roll", exact=True).tap()
    roll = person.page.locator(".wb-roll")
    roll.locator("canvas.moving").wait_for()
    button = roll.get_by_role("button", name="Other chords", exact=True)
    assert button.bounding_box()["width"] == 44, "the button at the head of the chords covers none of them"
    tracks = person.store("score.tracks.map((track) => track.id)")
    end = person.page.evaluate(
        f"{STORE}.time.barAt(Math.max(...{STORE}.score.tracks.flatMap((track) => "
        "[...track.notes.values()].map((note) => note.start + note.duration))) - 1).end"
    )
    roll.locator(".bottombar").get_by_role("button", name="Mark a gap").tap()
    roll.get_by_role("button", name="Go on after the end").tap()
    panel = person.page.get_by_role("region", name="Fill this gap")
    wait_for_idea(panel, 3)
    assert marks(person) == [{"start": end, "end": end + 4 * BAR, "tracks": tracks}]
    assert roll.get_by_role("button", name="One more gap").is_hidden(), "nothing lies over the ideas"
    panel.get_by_role("button", name="More ideas").tap()
    wait_for_idea(panel, 6)
    row, card = panel.locator(".cards").bounding_box(), panel.locator(".idea").nth(4).bounding_box()
    assert card["x"] >= row["x"]
    assert card["x"] + card["width"] <= row["x"] + row["width"], "idea 4 is in sight"
    panel.get_by_role("button", name="Keep idea 4", exact=True).tap()
    person.wait_for_store(
        f"store.score.tracks.some((track) => [...track.notes.values()].some((note) => note.start >= {end}))"
    )
    assert person.errors == []


def test_every_instrument_that_is_offered_can_be_had(visit: Visit) -> None:
    person = visit()
    panel = open_panel(person)
    open_wishes(panel)
    names = panel.get_by_label("Add instruments").evaluate("(select) => [...select.options].map((o) => o.value)")
    assert len(names) > 20
    replies = person.page.evaluate(
        f"""async (names) => {{
          const out = [];
          for (const name of names) out.push((await {STORE}.call({{ type: "ensemble", name }})).new_tracks.length);
          return out;
        }}""",
        [name for name in names if name],
    )
    assert all(count >= 1 for count in replies)


def test_a_skip_link_leads_to_the_notes(visit: Visit) -> None:
    person = visit()
    person.tab("Roll")
    page = person.page
    page.locator(".wb-roll canvas.moving").wait_for()
    link = page.locator(".wb-roll").get_by_role("button", name="To the notes")
    assert link.bounding_box()["width"] <= 1, "unseen until it has the focus"
    page.get_by_role("tab", name="Roll", exact=True).focus()
    for _ in range(12):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement?.shadowRoot?.activeElement?.textContent") == "To the notes":
            break
    assert link.bounding_box()["height"] >= 36
    page.keyboard.press("Enter")
    assert person.said("roll").startswith("Piano roll, track ")


def test_the_lane_and_the_parts_are_large_enough_for_fingers(visit: Visit) -> None:
    person = visit(**PHONE)
    panel = open_panel(person)
    panel.get_by_text("look closer").tap()
    open_wishes(panel)
    panel.get_by_text("Draw it over time").tap()
    person.page.wait_for_timeout(300)
    small = panel.evaluate(
        """(panel) => [...panel.querySelectorAll("button, select, input, summary, .lane")]
          .filter((item) => item.checkVisibility({ opacityProperty: true, visibilityProperty: true }))
          .map((item) => [item, item.closest("label")?.getBoundingClientRect() ?? item.getBoundingClientRect()])
          .filter(([, box]) => box.width > 1 && Math.min(box.width, box.height) < 43.5)
          .map(([item, box]) => [item.outerHTML.slice(0, 100), box.width, box.height])"""
    )
    assert small == []
    assert person.page.evaluate("document.documentElement.scrollWidth") <= 390
    assert person.errors == []


FAKE = """
window.onServer = (message) => { if (message.type === "fill") window.asked = message; };
const cello = { id: "t3", name: "Cello", program: 42, is_drum: false };
window.onCall = (message) => message.type === "ensemble"
  ? { type: "ensemble", controls: {}, per_track: {}, new_tracks: [cello] }
  : { type: "ack", revision: message.revision ?? 0 };
window.note = (start, pitch) => ({ id: "draft", start, duration: 480, pitch, velocity: 80, author: "model:markov" });
"""


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing_in_the_further_wishes_and_the_closer_look(open_roll: Callable[..., Any], theme: str) -> None:
    axe = Path(__file__).parents[2] / "workbench/web/node_modules/axe-core/axe.min.js"
    page = open_roll(two_tracks().to_dict(), query=f"theme={theme}")
    page.evaluate(FAKE + ";0")
    page.evaluate(
        """context.store.setView({ marks: [
          { start: 0, end: 7680, tracks: ['t1'] }, { start: 0, end: 960, tracks: ['t2'] }] })"""
    )
    page.get_by_role("button", name="Fill this gap").first.click()
    page.wait_for_function("window.asked")
    page.evaluate(
        """() => pushMessage({ type: "fill.result", id: asked.id, remarks: [], fallback_reason: "", alternatives: [
          { notes: { t1: [note(0, 62), note(960, 64), note(3840, 65)], t2: [note(0, 40)] }, seed: 1, settings: {},
            model_id: "markov", revision: "1", remarks: [],
            confidence: { t1: [[0, 62, 90], [960, 64, 50], [3840, 65, 10]] } }] })"""
    )
    panel = page.get_by_role("region", name="Fill this gap")
    panel.get_by_text("Idea 1: change a part of it").click()
    panel.get_by_label("How sure was the model?").check()
    assert "bar 2, beat 1, F4 (10 %); bar 1, beat 2, E4 (50 %)" in panel.locator(".legend").inner_text()
    panel.get_by_role("button", name="Change wishes").click()
    panel.get_by_text("More wishes").click()
    panel.get_by_text("Draw it over time").click()
    page.evaluate(axe.read_text(encoding="utf-8") + ";0")
    check = """async () => (await axe.run({ runOnly: ["wcag2a", "wcag2aa", "wcag21aa", "best-practice"],
      rules: { "page-has-heading-one": { enabled: false } } })).violations
      .map((item) => [item.id, item.nodes.map((node) => node.html.slice(0, 120))])"""
    assert page.evaluate(check) == []
    panel.get_by_label("Add instruments").select_option("cello")
    panel.get_by_role("group", name="Which new instruments").wait_for()
    assert page.evaluate(check) == []
    assert page.errors == []

"""What a participant of a study sees, step by step, on a page with a pretended server.

By keyboard alone, after a reload, on a phone, without the server for a while, and with axe.
"""

from __future__ import annotations

import base64
import io
import json
import math
import struct
import wave
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

AXE = Path(__file__).parents[2] / "workbench/web/node_modules/axe-core/axe.min.js"
ABOUT = {"title": "How a model helps", "version": "1", "contact": "Dr. Keller, keller@example.org", "language": "en"}


def tone(seconds: float, level: float, hz: float) -> str:
    """A sine as the address of a WAV file."""
    rate = 16_000
    samples = [round(level * 32_000 * math.sin(2 * math.pi * hz * i / rate)) for i in range(round(rate * seconds))]
    file = io.BytesIO()
    with wave.open(file, "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(rate)
        out.writeframes(struct.pack(f"<{len(samples)}h", *samples))
    return f"data:audio/wav;base64,{base64.b64encode(file.getvalue()).decode()}"


INFORMATION = {"id": "info", "kind": "information", "title": "Welcome", "text": "We listen to *tunes*.\n\n- one\n- two"}
CONSENT = {
    "id": "consent", "kind": "consent", "title": "Your consent", "text": "Please read this.", "version": "3",
    "boxes": [{"id": "read", "text": "I have read it.", "required": True},
              {"id": "quote", "text": "You may quote me.", "required": False}],
}  # fmt: skip
TASK = {
    "id": "t1", "kind": "task", "title": "Finish the tune", "text": "Finish it as *you* like it.", "seconds": 300,
    "not_before_s": 2, "view": "roll", "start": "keep", "instructions": "Use whatever you find.",
}  # fmt: skip
QUESTIONS = {
    "id": "q1", "kind": "questionnaire", "title": "About the tune", "text": "", "instrument": "own",
    "items": [
        {"id": "mine", "kind": "likert", "text": "It is mine.", "low": "Not at all", "high": "Fully", "points": 7},
        {"id": "hard", "kind": "slider", "text": "How hard was it?", "low": "Easy", "high": "Hard", "points": 21},
        {"id": "often", "kind": "choice", "text": "How often?", "choices": ["Never", "Now and then", "Daily"]},
        {"id": "pair", "kind": "pair", "text": "Which mattered more?", "choices": ["Effort", "Joy"]},
        {"id": "years", "kind": "number", "text": "How many years?", "low": 0, "high": 90},
        {"id": "said", "kind": "text", "text": "What did you like?", "optional": True},
    ],
}  # fmt: skip
LISTENING = {
    "id": "ab", "kind": "listening", "title": "Which do you prefer?", "text": "", "pair": "p1", "minimum_s": 0.6,
    "a": tone(1.2, 0.9, 440), "b": tone(1.2, 0.1, 660), "question": "Which one?",
    "choices": ["a", "b", "tie", "neither"],
    "reasons": ["The melody", "The rhythm"],
}  # fmt: skip
DONE = {"id": "done", "kind": "done", "title": "Thank you", "text": "That was it.", "completion_code": "C7Q4"}
Open = Callable[..., Any]


@pytest.fixture
def open_study(chromium: Any, static_server: str) -> Iterator[Open]:
    """``open_study(steps, ...)`` gives a page at the first of these steps."""
    contexts = []

    def open_page(
        steps: list[dict[str, Any]], *, phone: bool = False, query: str = "", places: str = "", **more: Any
    ) -> Any:
        size = {"width": 390, "height": 844} if phone else {"width": 1280, "height": 800}
        context = chromium.new_context(viewport=size, has_touch=phone, is_mobile=phone)
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(15_000)
        page.errors = []
        page.on("pageerror", lambda error: page.errors.append(str(error)))
        given = json.dumps({"study": ABOUT, "steps": steps, **more})
        page.add_init_script(f"window.givenStudy = {given};")
        if places:
            page.add_init_script(f"localStorage.setItem('pretended', {json.dumps(places)});")
        page.goto(f"{static_server}/pages/study.html?{query}")
        page.locator(".study h1").wait_for()
        return page

    yield open_page
    errors = [error for context in contexts for page in context.pages for error in page.errors]
    for context in contexts:
        context.close()
    assert errors == []


def answers(page: Any) -> list[dict[str, Any]]:
    """What the pretended server has taken, over everybody."""
    places = json.loads(page.evaluate("localStorage.getItem('pretended')"))
    return [answer for place in places.values() for answer in place["answers"]]


def tab_to(page: Any, name: str) -> None:
    """Press Tab until something of this accessible name has the focus."""
    for _ in range(40):
        page.keyboard.press("Tab")
        found = page.evaluate(
            """() => { const it = document.querySelector('#host').shadowRoot.activeElement;
              if (!it) return '';
              const labels = [...(it.labels ?? [])].map((label) => label.innerText).join();
              return it.getAttribute('aria-label') || labels || it.innerText || ''; }"""
        )
        if name in found:
            return
    raise AssertionError(f"{name} cannot be reached by the Tab key")


def heading(page: Any, text: str) -> None:
    page.locator(".study h1", has_text=text).wait_for()


def test_a_whole_sitting_by_keyboard_alone(open_study: Open) -> None:
    page = open_study([INFORMATION, CONSENT, TASK, QUESTIONS, LISTENING, DONE])
    keys = page.keyboard
    tab_to(page, "Go on")
    keys.press("Enter")
    heading(page, "Your consent")
    tab_to(page, "I agree, begin")
    keys.press("Enter")  # the box that is needed is not ticked: it says so, and has the focus
    assert page.get_by_text("Without this you cannot take part.").is_visible()
    keys.press("Space")
    assert page.get_by_text("Without this you cannot take part.").is_hidden()
    tab_to(page, "I agree, begin")
    keys.press("Enter")
    heading(page, "Finish the tune")
    tab_to(page, "Start")
    keys.press("Enter")
    page.locator(".task-bar").wait_for()
    tab_to(page, "Note a thought")
    keys.press("Enter")
    keys.type("this is nice")
    keys.press("Enter")
    page.wait_for_function(
        "window.sent.some((message) => message.type === 'study_mark' && message.text === 'this is nice')"
    )
    page.wait_for_timeout(2_000)  # it may not be called done sooner
    tab_to(page, "Done")
    keys.press("Enter")
    heading(page, "About the tune")
    tab_to(page, "1 of 7: Not at all")
    for _ in range(4):
        keys.press("ArrowRight")
    tab_to(page, "How hard was it?")
    keys.press("ArrowRight")
    tab_to(page, "Never")
    keys.press("ArrowDown")
    tab_to(page, "Effort")
    keys.press("Space")
    tab_to(page, "How many years?")
    keys.type("7")
    tab_to(page, "Go on")
    keys.press("Enter")
    heading(page, "Which do you prefer?")
    page.locator(".play-side:enabled").first.wait_for()
    for side in "AB":
        tab_to(page, f"Play {side}")
        keys.press("Enter")
        page.locator(f".side[aria-label='Side {side}'].enough").wait_for()
    tab_to(page, "A is better")
    keys.press("Space")
    tab_to(page, "The rhythm")
    keys.press("Space")
    tab_to(page, "Go on")
    keys.press("Enter")
    heading(page, "Thank you")
    assert page.get_by_label("Your completion code", exact=True).get_by_text("C7Q4").is_visible()
    consent, task, questions, vote = answers(page)[1:]
    assert consent == {"step": "consent", "agreed": {"read": True, "quote": False}, "version": "3"}
    assert task["step"] == "t1"
    assert questions["answers"] == {"mine": 5, "hard": 55, "often": "Now and then", "pair": "Effort", "years": 7}
    assert (vote["choice"], vote["reasons"]) == ("a", ["The rhythm"])
    assert min(vote["heard"].values()) >= 0.5


def test_answers_survive_a_reload_and_the_code_leads_back_on_another_device(open_study: Open) -> None:
    steps = [INFORMATION, QUESTIONS, DONE]
    page = open_study(steps)
    page.get_by_role("button", name="Go on", exact=True).click()
    heading(page, "About the tune")
    page.get_by_role("radio", name="3 of 7").check(force=True)
    page.get_by_label("What did you like?").fill("the end")
    page.reload()
    heading(page, "About the tune")
    assert page.get_by_role("radio", name="3 of 7").is_checked()
    assert page.get_by_label("What did you like?").input_value() == "the end"
    assert page.get_by_role("button", name="Not you? Begin as somebody else").is_visible()
    code = page.evaluate("JSON.parse(localStorage.getItem('music-workbench:study')).code")
    places = page.evaluate("localStorage.getItem('pretended')")
    page.context.close()

    other = open_study(steps, places=places)
    heading(other, "Welcome")
    other.get_by_text("I was here before and have a code").click()
    other.get_by_label("Your code").fill("nobody's")
    other.get_by_role("button", name="Come back").click()
    assert other.get_by_text("This code is not known here").is_visible()
    heading(other, "Welcome")
    other.get_by_label("Your code").fill(code)
    other.get_by_label("Your code").press("Enter")
    heading(other, "About the tune")


def test_somebody_else_at_the_same_computer_begins_anew(open_study: Open) -> None:
    page = open_study([INFORMATION, QUESTIONS, DONE])
    page.get_by_role("button", name="Go on", exact=True).click()
    page.get_by_label("What did you like?").fill("mine alone")
    page.reload()
    page.get_by_role("button", name="Not you? Begin as somebody else").click()
    heading(page, "Welcome")
    page.get_by_role("button", name="Go on", exact=True).click()
    heading(page, "About the tune")
    assert page.get_by_label("What did you like?").input_value() == ""


def test_what_is_missing_is_said_beside_the_question_and_wrong_numbers_too(open_study: Open) -> None:
    page = open_study([QUESTIONS, DONE])
    years = page.get_by_label("How many years?")
    years.fill("120")
    page.get_by_role("button", name="Go on", exact=True).click()
    heading(page, "About the tune")
    assert page.locator(".item.lacks").count() == 5
    assert page.get_by_text("5 answers are missing.").is_visible()
    assert page.locator(".item.number .missing").inner_text() == "Please give a number from 0 to 90."
    assert page.locator(".item.text .missing").is_hidden()
    assert page.evaluate("document.querySelector('#host').shadowRoot.activeElement.name") == "q-1"
    years.fill("12")
    assert page.locator(".item.number .missing").is_hidden()
    assert page.get_by_text("4 answers are missing.").is_visible()
    # A slider that nobody has touched is no answer; a press on the very middle is one.
    slider = page.get_by_label("How hard was it?")
    assert slider.get_attribute("aria-valuetext") == "No answer yet"
    slider.click()
    assert page.get_by_text("3 answers are missing.").is_visible()


def test_the_vote_opens_when_both_sides_were_heard(open_study: Open) -> None:
    page = open_study([LISTENING, DONE])
    page.locator(".play-side:enabled").first.wait_for()
    go = page.get_by_role("button", name="Go on", exact=True)
    better = page.get_by_role("radio", name="Neither is good")
    assert better.is_disabled()
    assert go.is_disabled()
    page.get_by_role("button", name="Play A").click()
    page.locator(".side[aria-label='Side A'].enough").wait_for()
    assert better.is_disabled()
    page.get_by_role("button", name="Play B").click()  # the other one stops
    assert page.get_by_role("button", name="Play A").is_visible()
    page.locator(".side[aria-label='Side B'].enough").wait_for()
    go.click()
    assert page.get_by_text("Please choose one of the answers.").is_visible()
    better.check(force=True)
    page.reload()  # what was heard and chosen is not asked for twice
    page.locator(".side.enough").nth(1).wait_for()
    assert better.is_checked()
    go.click()
    heading(page, "Thank you")
    assert answers(page)[0]["choice"] == "neither"


def test_the_app_is_there_in_a_task_alone_with_what_the_condition_allows(open_study: Open) -> None:
    task = {**TASK, "not_before_s": 5}
    page = open_study([INFORMATION, task, DONE], condition={"tabs": ["roll", "stems"], "controls": {"undo": False}})
    inside = page.locator("#inside")
    assert inside.is_hidden()
    page.get_by_role("button", name="Go on", exact=True).click()
    heading(page, "Finish the tune")
    assert inside.is_hidden()
    page.get_by_role("button", name="Start", exact=True).click()
    inside.click()  # nothing lies over it
    assert page.evaluate("window.went") == ["roll"]
    assert page.get_by_role("tab").all_inner_texts() == ["Roll", "Stems"]
    # A door of the app to a tab that is not shown stays shut.
    door = "new CustomEvent('wb-go', { detail: 'genie', bubbles: true, composed: true })"
    page.evaluate(f"document.querySelector('#inside').dispatchEvent({door})")
    assert page.evaluate("window.went") == ["roll"]
    page.get_by_role("button", name="Done").focus()
    page.keyboard.press("Enter")  # too early: it says so and stays
    assert "You can go on in" in (page.locator("[data-spoken=polite]").inner_text())
    page.get_by_role("button", name="Pause").click()
    heading(page, "Paused")
    assert inside.is_hidden()
    page.get_by_role("button", name="Go on with the task").click()
    page.locator(".task-bar").wait_for()
    page.locator(".primary[aria-disabled=false]").click()
    heading(page, "Thank you")
    assert inside.is_hidden()


def test_when_the_time_is_up_the_study_goes_on_by_itself(open_study: Open) -> None:
    page = open_study([{**TASK, "seconds": 2, "not_before_s": 0}, DONE])
    page.get_by_role("button", name="Start", exact=True).click()
    assert "left" in (page.get_by_role("timer").get_attribute("aria-label") or "")
    heading(page, "Thank you")
    assert answers(page) == [{"step": "t1", "timeout": True}]


def test_a_lost_connection_is_said_and_nothing_is_lost(open_study: Open) -> None:
    page = open_study([QUESTIONS, DONE])
    only = [QUESTIONS["items"][0]]
    page = open_study([{**QUESTIONS, "items": only}, DONE])
    page.get_by_role("radio", name="6 of 7").check(force=True)
    page.evaluate("window.serverDown = true")
    page.get_by_role("button", name="Go on", exact=True).click()
    page.get_by_text("The connection is lost.").wait_for()
    page.evaluate("window.serverDown = false")
    heading(page, "Thank you")
    assert page.get_by_text("The connection is lost.").is_hidden()
    assert answers(page) == [{"step": "q1", "answers": {"mine": 6}}]


def test_the_study_is_read_in_its_own_language(open_study: Open) -> None:
    page = open_study([QUESTIONS, DONE], study={**ABOUT, "language": "de"})
    page.get_by_role("button", name="Weiter", exact=True).click()
    page.get_by_text("5 Antworten fehlen.").wait_for()
    assert page.get_by_role("button", name="Go on", exact=True).count() == 0


def test_stopping_is_asked_once_and_forgets_the_code(open_study: Open) -> None:
    page = open_study([QUESTIONS, DONE])
    page.get_by_role("button", name="Stop taking part").click()
    page.get_by_role("button", name="No, go on").click()
    heading(page, "About the tune")
    page.get_by_role("button", name="Stop taking part").click()
    page.get_by_role("button", name="Yes, stop").click()
    heading(page, "You have stopped")
    assert page.evaluate("localStorage.getItem('music-workbench:study')") is None
    assert page.evaluate("localStorage.getItem('pretended')") == "{}"


def test_a_child_reads_larger_letters_and_may_say_no(open_study: Open) -> None:
    assent = {**CONSENT, "id": "assent", "kind": "assent", "title": "Do you want to join in?"}
    page = open_study([{**CONSENT, "guardian": True}, assent, DONE])
    assert page.get_by_text("For parents and guardians").is_visible()
    size = "(it) => parseFloat(getComputedStyle(it).fontSize)"
    usual = page.locator(".page > p").nth(1).evaluate(size)
    page.get_by_label("I have read it.").check(force=True)
    page.get_by_role("button", name="I agree, begin").click()
    heading(page, "Do you want to join in?")
    assert page.locator(".page > p").first.evaluate(size) >= usual + 3
    page.get_by_role("button", name="No, I do not want to").click()
    heading(page, "You have stopped")


@pytest.mark.parametrize("step", [INFORMATION, CONSENT, QUESTIONS, LISTENING, DONE], ids=lambda step: step["kind"])
def test_on_a_phone_everything_fits_and_can_be_hit(open_study: Open, step: dict[str, Any]) -> None:
    page = open_study([step, DONE], phone=True)
    wide, small = page.evaluate(
        """() => {
          const root = document.querySelector('#host').shadowRoot;
          const study = root.querySelector('.study');
          const small = [...root.querySelectorAll('button, .option, .box label, .chip, textarea')]
            .filter((it) => it.getClientRects().length && it.getBoundingClientRect().height < 43.5)
            .map((it) => it.textContent);
          return [study.scrollWidth - study.clientWidth, small];
        }"""
    )
    assert wide <= 0
    assert small == []


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("step", [CONSENT, TASK, QUESTIONS, LISTENING, DONE], ids=lambda step: step["kind"])
def test_assistive_technology_finds_no_fault(open_study: Open, step: dict[str, Any], theme: str) -> None:
    page = open_study([step, DONE], query=f"theme={theme}")
    page.add_script_tag(path=str(AXE))
    page.wait_for_timeout(300)  # until the step has faded in
    found = page.evaluate(
        """async () => (await axe.run('#host')).violations
             .map((one) => [one.id, one.nodes.map((node) => node.html.slice(0, 120))])"""
    )
    assert found == []


def test_what_is_kept_is_shown_downloaded_and_deleted(open_study: Open) -> None:
    page = open_study([QUESTIONS, DONE])
    page.evaluate(
        """window.kept = 3;
           window.log = (message) => {
             if (message.type === 'log_delete') window.kept = 0;
             if (message.type === 'log_download') return { type: 'log_download', name: 'about-me.jsonl', text: '{}' };
             return { type: message.type, agreed: true, count: window.kept, statements: ['You agreed on Sunday.'] };
           };
           0"""
    )
    page.get_by_role("button", name="What is kept about me").click()
    page.get_by_text("3 entries are kept about you.").wait_for()
    page.get_by_role("button", name="Show me").click()
    assert page.get_by_text("You agreed on Sunday.").is_visible()
    with page.expect_download() as got:
        page.get_by_role("button", name="Download it").click()
    assert got.value.suggested_filename == "about-me.jsonl"
    page.get_by_role("button", name="Delete it").click()
    page.get_by_role("button", name="Yes, delete it").click()
    page.get_by_text("Deleted. Nothing is kept about you any more.").wait_for()
    assert page.get_by_text("Nothing is kept about you by anybody else.").is_visible()
    assert page.get_by_text("Questions about what is kept go to Dr. Keller").is_visible()

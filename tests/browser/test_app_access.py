"""The app for everybody: axe on every tab, light and dark; what keys say in the stems; stillness on demand."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.browser.app_fixtures import ROOT, STORE, Visitor

pytestmark = pytest.mark.browser

Visit = Callable[..., Visitor]
AXE = ROOT / "workbench/web/node_modules/axe-core/axe.min.js"
#: What is ours: the views, and the tab bar that our style sheet colours. Gradio's own frame around them is left out.
CHECK = """async () => (await axe.run({ include: [".wb-view", "#wb-tabs"] }, {
    runOnly: ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa", "best-practice"],
  })).violations.map((found) => [found.id, found.nodes.map((node) => node.html.slice(0, 160))])"""
TABS = ("Start", "Make", "Listen", "Roll", "Genie", "Sheet", "Stems", "Models")


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing_of_ours_on_any_tab(visit: Visit, theme: str) -> None:
    person = visit(f"?__theme={theme}")
    person.page.evaluate(AXE.read_text(encoding="utf-8") + ";0")
    found = []
    for tab in TABS:
        if tab != "Start":
            person.tab(tab)
        person.page.wait_for_timeout(400)
        if tab == "Stems":
            person.page.get_by_text("For musicians").click()
        found += [(tab, *item) for item in person.page.evaluate(CHECK)]
    assert found == []
    assert person.page.locator(".wb-home .wb").first.get_attribute("data-theme") == theme


def test_the_stems_say_where_one_is_and_what_is_chosen_and_muted(visit: Visit) -> None:
    person = visit()
    page = person.page
    person.tab("Stems")
    wave = page.get_by_role("slider", name="Waveform of Melody")
    wave.focus()

    def words() -> str:
        return str(wave.get_attribute("aria-valuetext"))

    steps = [
        ("Home", "bar 1, beat 1"), ("ArrowRight", "bar 1, beat 2"), ("ArrowRight", "bar 1, beat 3"),
        ("ArrowLeft", "bar 1, beat 2"), ("ArrowLeft", "bar 1, beat 1"), ("ArrowLeft", "bar 1, beat 1"),
        ("Shift+ArrowRight", "Chosen: bar 1, beat 1 to bar 1, beat 2"),
        ("Shift+ArrowRight", "Chosen: bar 1, beat 1 to bar 1, beat 3"),
        ("Shift+ArrowLeft", "Chosen: bar 1, beat 1 to bar 1, beat 2"),
        ("Shift+End", "Chosen: bar 1, beat 1 to bar 5, beat 1"),
    ]  # fmt: skip
    for key, said in steps:
        page.keyboard.press(key)
        assert words() == said, key
    page.keyboard.press("Enter")
    assert person.said("stems") == "Melody is silent from bar 1, beat 1 to bar 5, beat 1."
    assert person.store("score.tracks[0].silences.length") == 1
    page.keyboard.press("Enter")
    assert person.said("stems") == "Melody is heard again from bar 1, beat 1 to bar 5, beat 1."
    assert person.store("score.tracks[0].silences.length") == 0
    page.keyboard.press("Escape")
    page.keyboard.press("Enter")
    assert person.said("stems") == "Choose a part first: hold Shift and press the arrow keys."
    page.keyboard.press(" ")
    person.wait_for_sound()
    page.keyboard.press(" ")


def test_every_control_of_a_tab_is_reached_by_tab_in_the_order_it_is_read(visit: Visit) -> None:
    person = visit()
    page = person.page
    tab_order = [
        ("Start", ["Play the piece", "Change this tune", "Open my own", "Morning, four bars"]),
        ("Stems", ["Play", "Play in a loop", "Mute Melody", "Hear Melody alone", "Volume of Melody",
                   "Melody from left to right", "Waveform of Melody", "Mute Keys"]),
    ]  # fmt: skip
    for tab, expected in tab_order:
        if tab != "Start":
            person.tab(tab)
        page.get_by_role("button", name=expected[-1], exact=True).first.wait_for()  # the tab is all there
        page.get_by_role("tab", name="Models", exact=True).focus()
        reached = []
        for _ in range(14):
            page.keyboard.press("Tab")
            reached.append(
                page.evaluate(
                    """() => {
                      let at = document.activeElement;
                      while (at?.shadowRoot?.activeElement) at = at.shadowRoot.activeElement;
                      return (at.getAttribute("aria-label") ?? at.textContent).trim();
                    }"""
                )
            )
        places = [next((i for i, name in enumerate(reached) if name.startswith(item)), -1) for item in expected]
        assert -1 not in places, (expected, reached)
        assert places == sorted(places), reached


def test_nothing_moves_by_itself_for_people_who_asked_for_less_motion(visit: Visit) -> None:
    person = visit(reduced_motion="reduce")
    moving = """() => [document, ...[...document.querySelectorAll(".wb-host")].map((host) => host.shadowRoot)]
      .flatMap((root) => root.getAnimations?.() ?? [])
      .filter((item) => item.effect?.getComputedTiming().activeDuration > 50)
      .map((item) => item.animationName ?? item.transitionProperty)"""
    for tab in ("Roll", "Stems"):
        person.tab(tab)
        assert person.page.evaluate(moving) == []
    person.page.evaluate(f"{STORE}.setView({{ cursor: 960 }})")
    assert person.page.evaluate(moving) == []

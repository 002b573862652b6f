"""The app in five languages: nothing is cut off on a phone; the browser's language, and the switch."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.browser.app_fixtures import STORE, Visitor
from workbench.page.texts import LANGUAGES, text

pytestmark = pytest.mark.browser

Visit = Callable[..., Visitor]
PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True, "locale": "en-US"}
TAGS = {"en": "en", "es": "es", "de": "de", "zh": "zh-Hans", "pt": "pt-BR"}
VIEWS = ("home", "prompt", "listen", "roll", "genie", "sheet", "stems", "models")
#: Words that are cut off, or that stand outside the screen where nothing can be scrolled to them: [view, tag, words].
CUT = """() => {
  const found = [], wide = document.documentElement.clientWidth;
  const scrolls = (element) => {
    for (let at = element; at; at = at.parentElement ?? at.getRootNode().host) {
      if (/auto|scroll/.test(getComputedStyle(at).overflowX)) return true;
    }
    return false;
  };
  for (const host of document.querySelectorAll('.wb-host')) {
    if (host.offsetParent === null || !host.shadowRoot) continue;
    const name = host.shadowRoot.querySelector('.wb')?.className ?? '';
    const shown = host.shadowRoot.querySelectorAll('button, label, h1, h2, h3, p, legend, summary, th, dt, a, select');
    for (const item of shown) {
      if (item.offsetParent === null || !item.textContent.trim() || item.closest('[data-spoken]')) continue;
      const box = item.getBoundingClientRect(), style = getComputedStyle(item);
      if (box.width < 2 || style.clip !== 'auto') continue;
      const data = item.closest('.title, .part, .track-name, .names') || item.matches('.door.busy');
      const { scrollWidth, clientWidth } = item;
      const cut = scrollWidth > clientWidth + 2 && clientWidth > 0 && style.display !== 'inline' && !data;
      const outside = (box.right > wide + 1 || box.left < -1) && !scrolls(item);
      if (cut || outside) found.push([name, item.tagName, (item.innerText || item.textContent).trim().slice(0, 60)]);
    }
  }
  const whole = document.documentElement.scrollWidth;
  if (whole > wide + 1) found.push(['page', 'HTML', String(whole)]);
  return found;
}"""


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_phone_shows_every_page_whole_in_each_language(visit: Visit, language: str) -> None:
    person = visit(f"?lang={language}", **PHONE)
    page = person.page
    cut = []
    for view in VIEWS:
        if view != "home":
            page.evaluate(f"document.querySelector('#wb-tab-{view}-button')?.click()")
            page.locator(f".wb-{view} .wb > *").first.wait_for(state="attached")
        page.wait_for_timeout(500)
        if view == "roll":
            mark = f"{{ start: 0, end: 3840, tracks: [{STORE}.score.tracks[0].id] }}"
            page.evaluate(f"{STORE}.setView({{ marks: [{mark}] }})")
            page.locator(".wb-roll .bottombar").get_by_role("button", name=text("roll.fill", language)).tap()
            page.get_by_role("region", name=text("fill.title", language)).wait_for()
        if view == "stems":
            page.get_by_text(text("stems.musicians", language), exact=True).click()
        cut += page.evaluate(CUT)
        assert page.locator(f".wb-{view} .wb").first.get_attribute("lang") == TAGS[language]
    assert cut == []
    assert page.evaluate("document.documentElement.lang") == TAGS[language]
    assert person.errors == []


def test_the_browsers_language_is_spoken_and_the_switch_changes_it_for_good(visit: Visit) -> None:
    person = visit(locale="de-AT")
    page = person.page
    heading = page.locator(".wb-home h1")
    assert heading.inner_text() == text("home.title", "de")
    page.locator("#wb-tab-roll-button").click()
    page.locator(".wb-roll").get_by_role("button", name=text("roll.play", "de"), exact=True).first.wait_for()
    before = person.hash()
    page.locator("#wb-tab-home-button").click()
    page.locator(".wb-home .wb-language select").select_option("pt")
    page.get_by_role("heading", name=text("home.title", "pt")).wait_for()
    page.get_by_role("tab", name=text("tab.sheet", "pt"), exact=True).wait_for()
    page.get_by_role("tab", name=text("tab.roll", "pt"), exact=True).click()
    page.locator(".wb-roll").get_by_role("button", name=text("roll.play", "pt"), exact=True).first.wait_for()
    assert person.hash() == before
    page.reload()
    page.get_by_role("heading", name=text("home.title", "pt")).wait_for()
    assert person.errors == []


def test_a_page_in_english_fetches_no_catalogue(visit: Visit) -> None:
    person = visit(locale="fr-FR")
    assert person.page.locator(".wb-home h1").inner_text() == text("home.title")
    assert not [request for request in person.requests if "strings." in request or "said." in request]

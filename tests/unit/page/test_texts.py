"""The catalogues as Python reads them, and the sentences of the server that pages know by their form."""

from __future__ import annotations

import ast
import functools
import json
import re
from pathlib import Path

import pytest

from workbench import resources
from workbench.create.compose.styles import load_style, style_names
from workbench.errors import BadRequest
from workbench.page.texts import LANGUAGES, catalogue, everywhere, language_of, text
from workbench.understand.words import read_words

SOURCES = Path(resources.path("web/public")).parents[1]
OTHERS = [language for language in LANGUAGES if language != "en"]


def _form(node: ast.AST) -> str:
    """A string of the source with ``{}`` for whatever is filled in."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        return "".join(_form(part) if isinstance(part, ast.Constant) else "{}" for part in node.values)
    return ""


def test_each_language_says_the_title_of_each_tab_in_its_own_words() -> None:
    assert set(everywhere("tab.sheet")) == set(LANGUAGES)
    assert text("tab.sheet", "de") == "Noten"
    assert text("tab.sheet", "zh") == "乐谱"
    assert text("job.waiting.other", "es", count=3) == "3 trabajos antes del tuyo."
    with pytest.raises(FileNotFoundError):
        catalogue("xx")


@pytest.mark.parametrize(
    ("wanted", "language"), [(None, ""), ("de", "de"), ("pt-BR", "pt"), ("zh_CN", "zh"), ("ES", "es")]
)
def test_a_language_is_asked_for_as_people_write_it(wanted: str | None, language: str) -> None:
    assert language_of(wanted) == language


def test_a_language_that_is_not_there_is_answered_with_those_that_are() -> None:
    with pytest.raises(BadRequest, match="choose one of en, es, de, zh, pt"):
        language_of("klingon")


@functools.cache
def _said() -> frozenset[str]:
    """Every string of the rooms that a page hears of."""
    rooms = [SOURCES / room for room in ("page", "ui", "hub", "understand", "create", "score", "deliver")]
    trees = [ast.parse(path.read_text(encoding="utf-8")) for room in rooms for path in room.rglob("*.py")]
    return frozenset(_form(node) for tree in trees for node in ast.walk(tree))


@pytest.mark.parametrize("language", OTHERS)
def test_the_servers_sentences_that_pages_translate_are_those_that_it_says(language: str) -> None:
    pairs = json.loads(resources.path(f"web/public/said.{language}.json").read_text(encoding="utf-8"))
    assert len(pairs) > 50
    assert [english for english, _ in pairs if re.sub(r"\{\w+\}", "{}", english) not in _said()] == []


def test_every_style_of_the_library_and_every_part_of_one_is_named_in_each_language() -> None:
    styles = {name: load_style(name) for name in style_names()}
    assert {f"style.{name}": style.words for name, style in styles.items()} == {
        key: sentence for key, sentence in catalogue().items() if key.startswith("style.")
    }
    parts = {f"name.{part.name}" for style in styles.values() for part in style.parts}
    for language in LANGUAGES:
        assert parts - set(catalogue(language)) == set()


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_example_of_words_is_understood_in_the_language_of_the_page(language: str) -> None:
    wishes = read_words(text("prompt.wordsPlace", language))
    assert (wishes.moods, wishes.seconds, wishes.instruments, wishes.without) == (("calm",), 30.0, (0, 48), ("drums",))
    assert wishes.density is not None
    assert wishes.density < 0.35
    assert wishes.not_understood == ()

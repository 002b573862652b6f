"""Every mistake in a study's file is one plain sentence with its line."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.unit.study.planned import CONDITIONS, HEAD, STEPS
from workbench.errors import BadFile
from workbench.study.plan import EXAMPLE
from workbench.study.plan.load import load_study, parse_study

WHOLE = HEAD + CONDITIONS + STEPS


def mistake(text: str) -> str:
    with pytest.raises(BadFile) as caught:
        parse_study(text)
    told = str(caught.value)
    assert "\n" not in told
    assert "Traceback" not in told
    return told


@pytest.mark.parametrize(
    ("old", "new", "line", "words"),
    [
        ("title: A", "titel: A", 2, "did you mean 'title'"),
        ("id: little", "id: Little Study", 1, "small letters"),
        ("contact: Ada", "contact:", 4, "contact is empty"),
        ("  - {id: a, tabs: [roll],", "  - {id: a, tabs: [rol],", 7, "did you mean 'roll'"),
        ("models: {infill: markov}", "models: {infill: markof}", 7, "did you mean 'markov'"),
        ("models: {infill: markov}", "models: {infill: splitter}", 7, "separate"),
        ("latency_ms: 1000", "latency_ms: soon", 7, "whole number"),
        ("controls: {sliders: no}", "controls: {sliders: hidden}", 8, "yes or no"),
        ("{id: b, tabs", "{id: a, tabs", 8, "second condition"),
        ("people: 4", "people: 0", 9, "from 1 to"),
        ("{information: hello, text: Hello.}", "{informtion: hello, text: Hello.}", 11, "did you mean 'information'"),
        ("{task: tune, view: roll, seconds: 60", "{task: tune, view: genie, seconds: 60", 18, "'a' lacks"),
        ("not_before_s: 10", "not_before_s: 100", 18, "cannot last 100 s"),
        ("use: ownership", "use: nasatlx", 19, "did you mean 'nasa-tlx'"),
        ("questionnaire: whose", "questionnaire: tune", 19, "called 'tune' too"),
        ("{done: end, completion_code: XYZ}", "{done: end, link: ftp://x}", 20, "https"),
        ("  - {information: hello, text: Hello.}", "\t- {information: hello}", 11, "tab"),
        ("contact: Ada", "contact: [Ada", 5, "YAML"),
        ("contact: Ada", "contact: Ada\ntitle: B", 5, "second time"),
    ],
)
def test_a_mistake_is_told_with_its_line(old: str, new: str, line: int, words: str) -> None:
    assert WHOLE.count(old) == 1
    told = mistake(WHOLE.replace(old, new))
    assert words in told
    assert told.startswith(f"Line {line} of study.yaml: ")


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("  - {done: end, completion_code: XYZ}\n", "", "last step"),
        (STEPS[STEPS.index("  - consent") : STEPS.index("  - each")], "", "nobody is asked to agree"),
        ("required: no}", "required: no}\n  - {questionnaire: late, use: sus}\n  - {assent: child, text: Yes., boxes: "
         "[{id: x, text: y}]}", "before people agree"),
        ("{id: yes-part, text: I take part.}", "{id: yes-part, text: I take part., required: no}", "must be ticked"),
        ("  - each condition:\n      - {task", "  - {break: x}\n  - each condition:\n      - {done: y}\n      - {task",
         "cannot be inside"),
        ("assignment:", "compare: {measure: joy, between: [a, b]}\nassignment:", "measured nowhere"),
        ("title: A", "data2: x\ntitle: A", "no 'data2'"),
    ],
)  # fmt: skip
def test_what_no_line_shows_by_itself_is_told_too(old: str, new: str, words: str) -> None:
    assert WHOLE.count(old) == 1
    assert words in mistake(WHOLE.replace(old, new))


def test_a_small_file_cannot_grow_without_end() -> None:
    bomb = "a: &a [x, x, x, x, x, x, x, x, x, x]\n"
    for one, other in zip("abcdef", "bcdefg", strict=True):
        bomb += f"{other}: &{other} [{', '.join([f'*{one}'] * 10)}]\n"
    assert "more here than" in mistake(bomb)
    assert "YAML" in mistake("a: !!python/object/apply:os.system [ls]\nb: [")


def test_no_object_of_python_is_ever_made() -> None:
    told = mistake(WHOLE.replace("title: A little study", "title: !!python/object/apply:os.getcwd []"))
    assert "The title" in told


def test_text_stays_as_it_was_written() -> None:
    study = parse_study(WHOLE.replace("title: A little study", "title: No"))
    assert (study.title, study.version) == ("No", "1.0")
    assert study.condition("b").models == {"infill": False}


def test_the_example_loads(tmp_path: Path) -> None:
    study = load_study(EXAMPLE)
    assert study.compare is not None
    assert study.browsers["phones"] == 0
    assert len({condition.latency_ms for condition in study.conditions}) == 1

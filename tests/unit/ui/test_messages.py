"""The table of messages: declared once, joined, and written out for the browser."""

from __future__ import annotations

from importlib import import_module

import pytest

from workbench.page import declare
from workbench.page.rows import Call, Job, Push
from workbench.page.table import built_in, join, table


def test_the_browser_types_and_the_readme_are_what_the_table_says() -> None:
    own = join(built_in())
    hint = "run: python -m workbench.page.declare"
    assert declare.TYPES.read_text(encoding="utf-8") == declare.typescript(own), hint
    text = declare.README.read_text(encoding="utf-8")
    assert text == declare.readme(text, own), hint


def test_every_row_of_the_workbench_is_in_the_table_and_has_its_handler() -> None:
    joined = table()
    assert not joined.problems
    for row in built_in():
        where = joined.calls if isinstance(row, Call) else joined.jobs if isinstance(row, Job) else joined.pushes
        assert where[row.name] is row
        if isinstance(row, Call | Job) and not getattr(row, "host", ""):
            module, _, name = row.handler.partition(":")
            assert callable(getattr(import_module(module), name))


@pytest.mark.parametrize("row", [Call("fill", "x:y", ""), Job("open", "x:y", ""), Push("patch", "")])
def test_a_plug_in_cannot_take_a_message_that_exists(row: Call | Job | Push) -> None:
    joined = join(built_in(), [("greedy", [row])])
    assert any("greedy" in problem and row.name in problem for problem in joined.problems)
    assert joined.jobs["fill"].handler.startswith("workbench.")
    assert joined.calls["open"].handler.startswith("workbench.")
    assert joined.pushes["patch"].fields


def test_what_is_no_row_is_named_and_left_out() -> None:
    joined = join([], [("odd", ["text"])])  # type: ignore[list-item]
    assert joined.problems == ("The plug-in odd brings something that is no message.",)

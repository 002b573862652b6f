"""The audit of what is installed: it finds what is old, believes an index that answers, and passes here."""

from __future__ import annotations

from tests import audit


def test_nothing_that_is_installed_here_has_a_hole_on_our_list() -> None:
    assert audit.below(audit.installed()) == []


def test_an_old_release_is_named_with_its_hole_and_the_way_out() -> None:
    (sentence,) = audit.below({"pillow": "10.0.0", "gradio": "6.31.0", "unheard-of": "0.1"})
    assert "pillow 10.0.0" in sentence
    assert "CVE-" in sentence
    assert "or newer" in sentence


def test_what_strangers_send_is_read_by_packages_on_the_list() -> None:
    here = audit.installed()
    reading = {
        "gradio",
        "starlette",
        "python-multipart",
        "pillow",
        "uvicorn",
        "h11",
        "fastapi",
        "orjson",
    }
    assert reading <= set(audit.SAFE)
    assert reading <= set(here), "and they are what is installed"
    assert reading <= audit.needed(here)


def test_an_index_that_knows_of_a_hole_is_believed_and_one_that_is_silent_is_no_alarm() -> None:
    hole = {"id": "PYSEC-1", "fixed_in": ["2.0"], "withdrawn": None}
    gone = {"id": "PYSEC-2", "fixed_in": [], "withdrawn": "2025-01-01"}
    pages = {"a": [hole, gone], "b": [], "c": None}
    found, answered = audit.asked({"a": "1.0", "b": "1.0", "c": "1.0"}, lambda name, version: pages[name])  # type: ignore[arg-type,return-value]
    assert found == ["a 1.0 has a known hole (PYSEC-1); it is closed in 2.0."]
    assert answered == 2

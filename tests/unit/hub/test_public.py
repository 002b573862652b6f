"""The rules of a public server."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.unit.hub.rogues import spec
from workbench.errors import BadFile, BadRequest, Unavailable
from workbench.hub.public import FORBIDDEN, PublicRules, log_line, sweep
from workbench.page.queue import Person, Queue


def test_the_owners_file_is_read(tmp_path: Path) -> None:
    path = tmp_path / "public.toml"
    path.write_text('[public]\nmodels = ["rogue-fine"]\nmax_minutes = 3\nweights = "open"\n')
    rules = PublicRules.load(path)
    assert rules.allows(spec("fine"))
    assert not rules.allows(spec("deaf"))
    assert rules.weights == "open"
    rules.check_length(180)
    with pytest.raises(BadRequest, match="3 minutes"):
        rules.check_length(181)
    with pytest.raises(BadRequest):
        rules.check_length(float("nan"))


@pytest.mark.parametrize(
    "text",
    [
        "[public]\nmax_minutes = 0\n",
        "[public]\nodd = 1\n",
        "[public]\nmodels = 3\n",
        "[public]\nweights = 'all'\n",
        "[[[",
        "public = 1",
    ],
)
def test_a_broken_file_of_rules_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "public.toml").write_text(text)
    with pytest.raises(BadFile):
        PublicRules.load(tmp_path / "public.toml")


def test_uploads_have_a_limit() -> None:
    rules = PublicRules(max_upload_mb=2)
    rules.check_upload(2_000_000)
    with pytest.raises(BadRequest, match="2 MB"):
        rules.check_upload(2_000_001)


def test_what_only_the_owner_may_do_is_refused_in_plain_words() -> None:
    for action in FORBIDDEN:
        assert "run your own copy" in str(PublicRules.refuse(action))


def test_each_person_has_so_many_jobs_and_the_queue_an_end() -> None:
    queue = Queue(PublicRules(jobs_per_person=1, queue_length=2))
    with queue.place(Person(session="ada")):
        with pytest.raises(BadRequest, match="still running"), queue.place(Person(session="ada")):
            pass
        with (
            queue.place(Person(session="bob")),
            pytest.raises(Unavailable, match="Many people"),
            queue.place(Person(session="eve")),
        ):
            pass
        with queue.place(Person(session="eve")):
            pass
    with queue.place(Person(session="ada")):
        pass


def test_a_job_that_fails_gives_its_place_back() -> None:
    queue = Queue(PublicRules())
    with pytest.raises(ZeroDivisionError), queue.place(Person(session="ada")):
        raise ZeroDivisionError
    with queue.place(Person(session="ada")):
        pass


def test_files_are_gone_after_an_hour(tmp_path: Path) -> None:
    now = 1_000_000.0
    outside = tmp_path / "outside"
    outside.mkdir()
    folder = tmp_path / "files"
    folder.mkdir()
    for name, age in (("old.wav", 3_601), ("new.wav", 3_599)):
        (folder / name).write_text("x")
        os.utime(folder / name, (now - age, now - age))
    (folder / "session").mkdir()
    (folder / "session" / "take.wav").write_text("x")
    os.utime(folder / "session" / "take.wav", (now - 10, now - 10))
    os.utime(folder / "session", (now - 9_000, now - 9_000))
    (folder / "link").symlink_to(outside)
    os.utime(folder / "link", (now - 9_000, now - 9_000), follow_symlinks=False)
    assert sweep(folder, 3600, now) == 2
    assert sorted(path.name for path in folder.iterdir()) == ["new.wav", "session"]
    assert outside.is_dir()
    assert sweep(folder, 3600, now + 3_600) == 2
    assert list(folder.iterdir()) == []
    assert sweep(tmp_path / "nothing", 3600) == 0


def test_a_log_line_leaves_content_out() -> None:
    line = log_line({"model": "markov", "notes": 3, "settings": {"new_tracks": "secret"}, "fallback": "secret"})
    assert line == "model=markov notes=3"

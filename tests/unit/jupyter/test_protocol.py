"""Python's half of the page's messages, spoken by hand: what a page says, and what it hears."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import pytest

from workbench.errors import BadOperation, BadRequest
from workbench.hub.hub import Hub
from workbench.hub.registry import Registry
from workbench.jupyter.live import LiveDocument
from workbench.jupyter.server import DocumentServer
from workbench.score import edits
from workbench.score.files import load
from workbench.score.operations import apply
from workbench.score.score import Note, Region, Score, Track

HERE, THERE = "a" * 32, "b" * 32
SECONDS = 60


class Window:
    """A browser window as the server hears it, and what it has been told."""

    def __init__(self, server: DocumentServer, session: str = HERE) -> None:
        self.server, self.session = server, session
        self.heard: list[dict[str, Any]] = []
        self.files: list[bytes] = []
        self._more = threading.Condition()
        self._calls = 0
        server.join(self.hear)

    def hear(self, message: dict[str, Any], buffers: list[bytes]) -> None:
        with self._more:
            self.heard.append(message)
            self.files += buffers
            self._more.notify_all()

    def say(self, buffers: Any = (), **message: Any) -> None:
        self.server.receive({"session": self.session, **message}, self.hear, buffers)

    def piece(self, media_id: str, *buffers: bytes) -> dict[str, Any]:
        return self.call([memoryview(item) for item in buffers], type="media.piece", id=media_id)

    def call(self, buffers: Any = (), **message: Any) -> dict[str, Any]:
        self._calls += 1
        number = f"{self.session}-{self._calls}"
        self.say(buffers, call=number, **message)
        return self.wait(lambda item: item.get("reply_to") == number)

    def wait(self, wanted: Any) -> dict[str, Any]:
        """The first message that is wanted, once it is there."""
        with self._more:
            assert self._more.wait_for(lambda: any(wanted(item) for item in self.heard), SECONDS)
            return next(item for item in self.heard if wanted(item))

    def change(self, operation: Any, revision: int, kind: str = "edit") -> dict[str, Any]:
        change = {"kind": kind, "operation": operation, "revision": revision, "source": "user"}
        return self.call(type="ops", base=revision - 1, changes=[change])

    def mine(self, kind: str) -> list[dict[str, Any]]:
        """Messages of a kind that a page in this window would take."""
        return [
            item
            for item in self.heard
            if item["type"] == kind
            and item.get("to") in (None, self.session)
            and item.get("origin") != self.session
            and "reply_to" not in item
        ]


@pytest.fixture
def score() -> Score:
    track = Track("t1", "Piano", notes={f"n{i}": Note(f"n{i}", 960 * i, 960, 60 + i) for i in range(4)})
    return Score("A tune", tracks=[track])


@pytest.fixture
def server(score: Score) -> DocumentServer:
    return DocumentServer(LiveDocument(score), lambda: Hub(Registry.load(plugins=False, user=False)))


@pytest.fixture
def window(server: DocumentServer) -> Window:
    return Window(server)


def test_a_page_that_joins_gets_the_document_with_its_history(server: DocumentServer, window: Window) -> None:
    server.document.apply(edits.add_notes("t1", [Note("n9", 0, 480, 72)]))
    server.document.undo()
    hello = window.call(type="hello")
    assert hello["type"] == "open"
    assert hello["score"] == server.document.score.to_dict()
    assert (hello["revision"], hello["hash"]) == (2, server.document.hash)
    assert (len(hello["undo"]), len(hello["redo"])) == (0, 1)


def test_an_edit_in_the_page_is_in_the_score_that_python_holds(
    server: DocumentServer, window: Window, score: Score
) -> None:
    heard: list[Any] = []
    server.document.listen(heard.append)
    reply = window.change(edits.add_notes("t1", [Note("n9", 0, 480, 72)]), 1)
    assert reply["type"] == "ack"
    assert reply["revision"] == 1
    assert score.track("t1").notes["n9"].pitch == 72
    assert [(change.kind, change.origin) for change in heard] == [("edit", HERE)]
    assert [event["kind"] for event in server.document.log.events] == ["edit"]


def test_a_change_in_python_reaches_every_window_once(server: DocumentServer, window: Window) -> None:
    other = Window(server, THERE)
    server.document.apply(edits.move_notes(server.document.score, "t1", ["n0"], 0, 12))
    for page in (window, other):
        (patch,) = page.mine("patch")
        assert (patch["base"], patch["owner"], patch["kind"]) == (0, "python", "edit")
        assert patch["operation"]["changes"][0]["new"]["pitch"] == 72
    assert window.mine("patch")[0]["n"] == other.mine("patch")[0]["n"]


def test_an_edit_in_one_window_is_shown_in_the_other_and_not_told_back(server: DocumentServer, window: Window) -> None:
    other = Window(server, THERE)
    window.change(edits.add_notes("t1", [Note("n9", 0, 480, 72)]), 1)
    assert window.mine("patch") == []
    assert [patch["operation"]["op"] for patch in other.mine("patch")] == ["add_notes"]


def test_undo_in_the_page_and_in_python_are_one_history(server: DocumentServer, window: Window) -> None:
    operation = edits.add_notes("t1", [Note("n9", 0, 480, 72)])
    window.change(operation, 1)
    window.change({**operation, "op": "remove_notes"}, 2, "undo")
    assert not server.document.can_undo
    assert server.document.can_redo
    server.document.redo()
    assert [patch["kind"] for patch in window.mine("patch")] == ["redo"]
    assert "n9" in server.document.score.track("t1").notes


def test_an_edit_on_an_older_revision_still_counts_if_it_fits(server: DocumentServer, window: Window) -> None:
    server.document.apply(edits.move_notes(server.document.score, "t1", ["n0"], 0, 12))
    window.change(edits.remove_notes(server.document.score, "t1", ["n3"]), 1)  # made before the page heard of it
    notes = server.document.score.track("t1").notes
    assert "n3" not in notes
    assert notes["n0"].pitch == 72
    whole = window.mine("open")[-1]
    assert (whole["reason"], whole["score"]) == ("sync", server.document.score.to_dict())
    assert whole["known"][HERE] == 1
    assert window.mine("notice") == []


def test_a_band_kept_on_an_older_revision_keeps_its_notes(server: DocumentServer, window: Window) -> None:
    score = server.document.score.copy()
    joining = edits.add_track(score, Track("t9", name="Bass", program=33))
    apply(score, joining)
    notes = [Note("n1", 0, 480, 40), Note("n2", 480, 480, 43)]
    filling = edits.replace_region(score, Region(0, 1920, ("t9",)), {"t9": notes})
    server.document.apply(edits.move_notes(server.document.score, "t1", ["n0"], 0, 12))
    window.change(edits.compound("fill", [joining, filling]), 1)  # made before the page heard of it
    assert [note.pitch for note in server.document.score.track("t9").sorted_notes()] == [40, 43]
    assert server.document.score.track("t1").notes["n0"].pitch == 72
    assert window.mine("notice") == []


def test_a_note_added_under_an_id_taken_meanwhile_is_kept_under_another(server: DocumentServer, window: Window) -> None:
    server.document.apply(edits.add_notes("t1", [Note("n4", 0, 480, 48)]))
    mine = Note("n4", 480, 480, 84)
    changes = [
        {"kind": "edit", "operation": edits.add_notes("t1", [mine]), "revision": 1, "source": "user"},
        {
            "kind": "edit", "revision": 2, "source": "user",
            "operation": {
                "op": "set_velocity", "track": "t1",
                "changes": [{"id": "n4", "old": {"velocity": 80}, "new": {"velocity": 33}}],
            },
        },
    ]  # fmt: skip
    window.call(type="ops", base=0, changes=changes)
    notes = server.document.score.track("t1").notes
    assert (notes["n4"].pitch, notes["n4"].velocity) == (48, 80)
    assert [note.velocity for note in notes.values() if note.pitch == 84] == [33]
    assert window.mine("notice") == []


def test_what_no_longer_fits_is_said_and_nothing_else_is_lost(server: DocumentServer, window: Window) -> None:
    gone = edits.remove_notes(server.document.score, "t1", ["n0"])
    server.document.apply(gone)
    changes = [
        {"kind": "edit", "operation": gone, "revision": 1, "source": "user"},
        {
            "kind": "edit", "operation": edits.remove_notes(server.document.score, "t1", ["n1"]), "revision": 2,
            "source": "user",
        },
    ]  # fmt: skip
    window.call(type="ops", base=0, changes=changes)
    assert set(server.document.score.track("t1").notes) == {"n2", "n3"}
    assert len(window.mine("notice")) == 1
    assert window.mine("open")[-1]["score"] == server.document.score.to_dict()
    assert server.document.revision >= 2  # a revision that the page has used never means something else


def test_a_batch_sent_twice_is_applied_once(server: DocumentServer, window: Window) -> None:
    operation = edits.add_notes("t1", [Note("n9", 0, 480, 72)])
    window.change(operation, 1)
    assert window.change(operation, 1)["type"] == "ack"
    assert server.document.score.note_count == 5
    assert window.mine("open") == []


def test_another_score_from_python_replaces_the_piece_on_the_page(server: DocumentServer, window: Window) -> None:
    window.change(edits.add_notes("t1", [Note("n9", 0, 480, 72)]), 1)
    other = Score("Another")
    server.document.open(other)
    message = window.mine("open")[-1]
    assert (message["reason"], message["score"]["title"], message["revision"]) == ("file", "Another", 2)
    late = window.change(edits.add_notes("t1", [Note("n10", 0, 480, 74)]), 2)  # to a track that has gone
    assert late["type"] == "ack"
    assert other.note_count == 0
    assert len(window.mine("notice")) == 1


def test_a_page_that_has_drifted_apart_is_put_right_and_told(server: DocumentServer, window: Window) -> None:
    server.document.score.track("t1").notes.pop("n0")  # by hand, past the operations
    window.call(type="ops", base=0, changes=[], hash="0" * 64)
    assert window.mine("open")[-1]["score"] == server.document.score.to_dict()
    assert len(window.mine("notice")) == 1


def test_a_page_does_not_overrule_python_with_its_own_document(server: DocumentServer, window: Window) -> None:
    before = server.document.hash
    window.call(type="open", score=Score("Mine").to_dict(), revision=7, reason="mismatch")
    assert server.document.hash == before
    window.call(type="open", score=Score("Opened").to_dict(), revision=1, reason="file")
    assert server.document.score.title == "Opened"


@pytest.mark.parametrize("name", ["roll.js", "processor.js", "soundfonts/000.sf3", "strings.en.json"])
def test_the_browsers_files_travel_as_messages(server: DocumentServer, window: Window, name: str) -> None:
    window.say(type="asset", name=name)
    assert window.heard[-1] == {"type": "asset", "name": name, "found": True}
    public = Path(__file__).parents[3] / "workbench/web/public"
    assert window.files == [(public / name).read_bytes()]


@pytest.mark.parametrize(
    "name",
    [
        "../package.json", "soundfonts/../../package.json", "/etc/passwd", "soundfonts", "", ".", "roll.js\0",
        "soundfonts\\000.sf3", "./roll.js", "ROLL.JS/..", None, 7, ["roll.js"], {"a": 1},
    ],
)  # fmt: skip
def test_no_other_file_can_be_asked_for(server: DocumentServer, window: Window, name: Any) -> None:
    window.say(type="asset", name=name)
    assert window.heard[-1]["found"] is False
    assert window.files == []


def test_a_fill_streams_ideas_and_leaves_the_score_alone(server: DocumentServer, window: Window) -> None:
    before = server.document.hash
    request = {"regions": [{"start": 960, "end": 2880, "tracks": ["t1"]}], "count": 1}
    window.say(type="fill", id="fill-1", revision=0, seed=1, model="markov", request=request)
    result = window.wait(lambda item: item["type"] in ("fill.result", "fill.error"))
    assert result["type"] == "fill.result", result
    assert result["to"] == HERE
    assert result["alternatives"][0]["operation"]["op"] in ("replace_region", "compound")
    assert server.document.hash == before
    server.document.apply(result["alternatives"][0]["operation"], "model")
    server.document.undo()
    assert server.document.hash == before


def test_stop_ends_an_export_and_says_so(server: DocumentServer, window: Window) -> None:
    track = server.document.score.track("t1")
    track.notes.update({f"m{i}": Note(f"m{i}", 480 * i, 480, 40 + i % 40) for i in range(3_000)})
    window.say(type="export", id="job", kind="wav", options={})
    window.wait(lambda item: item["type"] == "export.progress")
    window.call(type="stop", id="job")
    end = window.wait(lambda item: item["type"] in ("export.error", "export.result"))
    assert (end["type"], end.get("stopped")) == ("export.error", True)
    assert window.files == []


def test_an_export_arrives_as_a_file_and_nothing_stays_behind(server: DocumentServer, window: Window) -> None:
    window.say(type="export", id="job", kind="mid", options={})
    result = window.wait(lambda item: item["type"] in ("export.error", "export.result"))
    assert result["name"] == "A-tune.mid"
    assert "path" not in result
    assert load(window.files[0], "A-tune.mid").score.note_count == 4
    assert list(server._pages.exports.folder.iterdir()) == []


def test_waveforms_are_measured_for_every_track(server: DocumentServer, window: Window) -> None:
    window.say(type="waveforms", id="w", revision=0)
    result = window.wait(lambda item: item["type"] in ("waveforms.result", "waveforms.error"))
    assert max(result["peaks"]["t1"]) > 20


@pytest.mark.parametrize(
    "message",
    [
        None, 7, [], {}, {"type": 7}, {"type": "ops"}, {"type": "ops", "changes": "x"}, {"type": "nothing"},
        {"type": "ops", "base": 0, "changes": [None]}, {"type": "ops", "base": 0, "changes": [{"revision": 1}]},
        {"type": "ops", "base": 0, "changes": [{"revision": 1, "operation": {"op": []}}]},
        {"type": "ops", "base": 0, "changes": [{"revision": 5, "operation": {"op": "add_notes", "track": 1}}]},
        {"type": "ops", "base": 0, "changes": [{"revision": 5, "operation": {"op": "replace_region"}}]},
        {"type": "ops", "base": 0, "changes": [{"revision": -1}]}, {"type": "open", "reason": "file", "score": 3},
        {"type": "fill", "id": "x"}, {"type": "fill"}, {"type": "export", "id": {}}, {"type": "stop", "id": []},
        {"type": "events", "events": 5}, {"type": "hello", "session": "short"},
    ],
)  # fmt: skip
def test_a_malformed_message_harms_nothing(server: DocumentServer, window: Window, message: Any) -> None:
    before = server.document.hash
    whole = {"session": HERE, **message} if isinstance(message, dict) else message
    server.receive(whole, window.hear)
    assert server.document.hash == before
    assert window.call(type="hello")["score"]["title"] == "A tune"


def test_what_a_callback_does_wrong_does_not_stop_the_page(
    server: DocumentServer, window: Window, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(change: Any) -> None:
        raise ValueError("my own mistake")

    stop = server.document.listen(broken)
    assert window.change(edits.add_notes("t1", [Note("n9", 0, 480, 72)]), 1)["type"] == "ack"
    assert "my own mistake" in caplog.text
    stop()
    caplog.clear()
    server.document.undo()
    assert caplog.text == ""


def test_a_callback_may_change_the_score_itself(server: DocumentServer, window: Window) -> None:
    """Such as: every note that a person adds is answered by one an octave below."""

    def echo(change: Any) -> None:
        if change.origin:
            (note,) = change.operation["notes"]
            server.document.apply(edits.add_notes("t1", [Note("echo", note["start"], 480, note["pitch"] - 12)]))

    server.document.listen(echo)
    window.change(edits.add_notes("t1", [Note("n9", 0, 480, 72)]), 1)
    assert [patch["base"] for patch in window.mine("patch")] == [1]
    assert server.document.score.track("t1").notes["echo"].pitch == 60


def test_an_operation_that_does_not_fit_raises_in_python_and_is_not_sent(
    server: DocumentServer, window: Window
) -> None:
    with pytest.raises(BadOperation):
        server.document.apply(edits.add_notes("t1", [Note("n1", 0, 480, 72)]))
    with pytest.raises(BadOperation):
        server.document.undo()
    assert window.heard == []


def test_a_widget_refuses_what_is_no_score() -> None:
    from workbench.jupyter.live import as_document

    with pytest.raises(BadRequest):
        as_document(3.5)


def test_files_come_in_pieces_and_go_back_as_buffers(server: DocumentServer) -> None:
    window = Window(server)
    data = b"\x89PNG\r\n\x1a\n" + bytes(5_000)
    media_id = window.call(type="media.begin", name="photo.png", size=len(data))["id"]
    assert window.piece(media_id, data[:3_000])["come"] == 3_000
    item = window.piece(media_id, data[3_000:])["item"]
    assert (item["kind"], item["size"]) == ("picture", len(data))
    assert window.call(type="media")["items"] == [item]
    assert window.call(type="media.read", id=media_id)["media_type"] == "image/png"
    assert window.files == [data]
    stopped = window.call(type="media.begin", name="other.png", size=100)["id"]
    window.call(type="media.stop", id=stopped)
    assert "not on its way" in window.piece(stopped, b"x")["text"]
    for buffers in ([], [b""], [bytes(9_000_000)], [b"a", b"b"]):
        broken = window.call(type="media.begin", name="a.png", size=50)["id"]
        assert "one buffer" in window.piece(broken, *buffers)["text"]
    assert window.call(type="media.remove", id=media_id)["items"] == []
    assert "no longer here" in window.call(type="media.read", id=media_id)["text"]


def test_words_given_on_a_notebook_s_prompt_page_become_pieces_that_python_can_keep() -> None:
    document = LiveDocument(Score(""))
    window = Window(DocumentServer(document))
    window.say(type="prompt.add", id="words", slot="words", text="a calm waltz, 6 seconds")
    given = window.wait(lambda item: item["type"] in ("prompt.add.result", "prompt.add.error"))
    assert [item["slot"] for item in given["state"]["items"]] == ["words"]
    planned = window.call(type="brief.make")
    assert planned["state"]["brief"]["metre"] == [3, 4]
    window.say(type="compose", id="piece")
    made = window.wait(lambda item: item["type"] in ("compose.result", "compose.error"))
    assert len(made["alternatives"]) == 2
    window.call(type="open", reason="file", score=made["alternatives"][0]["score"], revision=1)
    assert document.score.note_count == Score.from_dict(made["alternatives"][0]["score"]).note_count > 0

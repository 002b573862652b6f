"""From what a person gives to what is understood of it: words read, recordings heard, pictures read, videos watched.

Each function answers for one slot: a generator of progress messages that returns the :class:`Prompt`. What cannot be
understood raises one sentence, and whatever stood in the slot before stays there.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Generator, Mapping
from dataclasses import replace
from typing import Any

from workbench.create.prompt.prompts import Prompt, class_of, kind_of
from workbench.errors import BadRequest
from workbench.hub.tasks.table import task
from workbench.page.handlers.listen import WAITING, longest, result_of
from workbench.page.jobs import messages
from workbench.page.media import MediaItem
from workbench.page.promptscore import corrected_score
from workbench.page.rows import Message, Request
from workbench.page.work import limits_of
from workbench.provenance.run import Run, record
from workbench.score.score import Score
from workbench.sound.blocks import read_part
from workbench.understand.heard import Heard

#: What kinds of file (see :class:`.mediakinds.Kind`) a slot takes.
TAKES: Mapping[str, tuple[str, ...]] = {
    "voice": ("sound", "video"), "recording": ("sound", "video"), "picture": ("picture", "pages"),
    "video": ("video",), "notes": ("score",),
}  # fmt: skip
#: What a slot takes, for people.
WANTED: Mapping[str, str] = {
    "voice": "a sound file or a video with sound", "recording": "a sound file or a video with sound",
    "picture": "a picture or a PDF", "video": "a video", "notes": "a MIDI, MusicXML or ABC file",
}  # fmt: skip
#: A recording gives its style by its first so many seconds.
STYLE_SECONDS = 120.0
MAX_WORDS = 2_000

Reading = Generator[Message, None, Prompt]


def item_for(request: Request, slot: str) -> MediaItem:
    """The file of the shelf for a slot; raises :class:`BadRequest` where it is of another kind."""
    item = request.page.media.get(request.message.get("media"))
    if item.kind not in TAKES[slot]:
        raise BadRequest(f"{item.name} cannot go there; choose {WANTED[slot]}.")
    return item


def words(request: Request) -> Reading:
    """Read a person's words."""
    from workbench.understand.words import read_words

    text = request.message.get("text")
    if not isinstance(text, str) or not text.strip():
        raise BadRequest("Write a few words about the piece.")
    if len(text) > MAX_WORDS:
        raise BadRequest(f"That is too long: at most {MAX_WORDS:,} characters are read.")
    yield WAITING
    return Prompt("words", read_words(text.strip()), name="")


def sound(request: Request) -> Reading:
    """Listen to a voice, or to a recording for its style."""
    from workbench.understand.style import style_of

    slot = request.message["slot"]
    item = item_for(request, slot)
    most = longest(request)
    yield WAITING
    # A second more than may be listened to shows that there is more.
    audio = read_part(item.path, 0.0, min(STYLE_SECONDS, most) if slot == "recording" else most + 1.0, item.name)
    if audio.seconds > most + 0.5:
        raise BadRequest(f"{most / 60:.0f} minutes can be listened to at once; cut {item.name} shorter.")
    kind = "singing" if slot == "voice" else "auto"
    asked = task("transcribe").make_wire().read({"kind": kind}, {"audio": audio})
    made = yield from result_of(request, "transcribe", asked)
    if made is None or not made.alternatives:
        raise BadRequest(f"Nothing could be heard in {item.name}; try another one.")
    heard = Heard.from_json(made.alternatives[0].value)
    heard = Heard.from_json(heard.to_json())  # both sides count in the same rounded times
    if not (heard.notes or heard.melody or heard.drums or heard.beats.beats):
        raise BadRequest(f"No music could be heard in {item.name}; try another one.")
    style = style_of(heard) if slot == "recording" else None
    return Prompt(slot, heard, style=style, name=item.name, given=item.path)


def notes(request: Request) -> Reading:
    """Open a file of notes."""
    item = item_for(request, "notes")
    values = {"path": str(item.path), "name": item.name, "limits": limits_of(request.page.rules)}
    labour = request.pages.labour
    made = yield from messages(lambda tell, stop: labour.run("read", values, tell, stop), request.token)
    score = Score.from_dict(made["score"])
    if not score.note_count:
        raise BadRequest(f"There are no notes in {item.name}.")
    return Prompt("notes", score, name=item.name, given=item.path)


def picture(request: Request) -> Reading:
    """Read a picture of notes, or a PDF."""
    from workbench.understand.score_image.read import read_score

    item = item_for(request, "picture")
    yield WAITING

    def work(tell: Callable[[str, Any], None], stop: Callable[[], bool]) -> Any:
        return read_score(
            item.path, progress=lambda share: tell("progress", share), cancelled=stop, hub=request.hub,
            ended=lambda attempt: record(request.page.log, Run.of(attempt)),
        )  # fmt: skip

    understood = yield from messages(work, request.token)
    return Prompt("picture", understood, name=item.name, given=item.path)


def watched(request: Request) -> Reading:
    """Watch a video."""
    from workbench.understand.video.watch import watch

    item = item_for(request, "video")
    yield WAITING

    def work(tell: Callable[[str, Any], None], stop: Callable[[], bool]) -> Any:
        return watch(
            item.path, progress=lambda share: tell("progress", share), cancelled=stop, longest=longest(request),
            hub=request.hub,
        )  # fmt: skip

    understood = yield from messages(work, request.token)
    return Prompt("video", understood, name=item.name, given=item.path)


READERS: Mapping[str, Callable[[Request], Reading]] = {
    "words": words, "voice": sound, "recording": sound, "picture": picture, "video": watched, "notes": notes,
}  # fmt: skip


def corrected(prompt: Prompt, what: Any, changes: Any) -> Prompt:
    """A prompt with a person's corrections made; raises :class:`BadRequest` for one that does not fit.

    Args:
        prompt: as it was understood.
        what: ``style`` for the style of a recording, anything else for what was understood.
        changes: untrusted; by what was understood, as ``web/src/prompt/cards/card.ts`` says. ``{"restore": JSON}``
            puts an earlier description back whole.
    """
    back = isinstance(changes, Mapping) and changes.keys() == {"restore"}
    if what == "style":
        if prompt.style is None or not isinstance(changes, Mapping):
            raise BadRequest("This has no style that could be put right.")
        if back:
            return replace(prompt, style=type(prompt.style).from_json(changes["restore"]))
        return replace(prompt, style=prompt.style.corrected(**_named(changes)))
    if back:
        kind = kind_of(prompt.understood)
        home = class_of(kind)
        read = home.from_dict if kind == "score" else home.from_json
        return _followed(prompt, read(changes["restore"]))
    return _followed(prompt, _corrected(prompt.understood, changes))


def _followed(prompt: Prompt, understood: Any) -> Prompt:
    """The prompt with another description; a style that nobody has put right follows it."""
    from workbench.understand.style import style_of

    if prompt.style is not None and isinstance(understood, Heard) and prompt.style == style_of(prompt.understood):
        return replace(prompt, understood=understood, style=style_of(understood))
    return replace(prompt, understood=understood)


def _corrected(understood: Any, changes: Any) -> Any:
    from workbench.page.heardings import corrected as hear_again
    from workbench.understand.words import Wishes

    if isinstance(understood, Heard):
        return hear_again(understood, changes)
    if isinstance(understood, Wishes):
        if isinstance(changes, Mapping) and "without" in changes:
            return understood.without_chip(changes["without"])
        return understood.corrected(**_named(changes))
    if isinstance(understood, Score):
        return corrected_score(understood, _named(changes))
    if isinstance(changes, list):
        return understood.corrected(changes)
    return understood.corrected(**_named(changes))


def _named(changes: Any) -> dict[str, Any]:
    if not isinstance(changes, Mapping) or not all(isinstance(name, str) for name in changes):
        raise BadRequest("A correction names what it puts right.")
    return dict(changes)


def seed_of(message: Message) -> int:
    """The seed of a message, drawn where it has none; raises :class:`BadRequest`."""
    seed = message.get("seed")
    if seed is None:
        return secrets.randbelow(2**31)
    if type(seed) is not int or not 0 <= seed < 2**31:
        raise BadRequest("The number that takes are counted by must be 0 or more.")
    return seed

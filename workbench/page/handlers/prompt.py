"""The Prompt page: what a person gives is understood here, put right, and kept with the page and its project."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from workbench import resources
from workbench.create.prompt.prompts import SLOTS, kind_of, names_of
from workbench.errors import BadRequest
from workbench.page.handlers.promptreading import READERS, TAKES, corrected
from workbench.page.media import MediaItem
from workbench.page.promptdesk import PromptDesk
from workbench.page.rows import Call, Fields, Job, Message, Request, Row, whole

#: What ships for each slot that takes a file.
EXAMPLES = {
    "voice": "voice.ogg", "recording": "recording.ogg", "picture": "picture.png", "video": "video.webm",
    "notes": "notes.mid",
}  # fmt: skip
#: What the examples are called.
TITLES = {
    "voice": "A singer.ogg", "recording": "Vibe Ace.ogg", "picture": "Ode to Joy.png",
    "video": "Big Buck Bunny.webm", "notes": "Greensleeves.mid",
}  # fmt: skip


def slot_of(request: Request) -> str:
    """The slot that a message is about; raises :class:`BadRequest`."""
    slot = request.message.get("slot")
    if not isinstance(slot, str) or slot not in SLOTS:
        raise BadRequest("A prompt goes into one of the six places of the page.")
    return slot


def told(request: Request, *slots: str) -> Message:
    """The state of the page's prompts, with the whole of what was understood in these slots."""
    page = request.page
    return {"type": "prompt.told", "state": page.prompts.to_json(page.media, slots)}


def state(request: Request) -> Message:
    """Everything that was given and understood, also by the page that this one was before it was reloaded."""
    page = request.page
    before = request.pages.former(request.message.get("was"), page)
    if before is not None and not page.prompts.prompts.items:
        page.prompts, before.prompts = before.prompts, page.prompts
        if not page.media.items():
            page.media, before.media = before.media, page.media
    return told(request, *SLOTS)


def keep(request: Request) -> Message:
    """Take over what the page has kept: the server was started anew, or the page was reloaded."""
    request.page.prompts.restore(request.message.get("state"))
    return told(request, *SLOTS)


def add(request: Request) -> Iterator[Message]:
    """Understand something and put it into its slot."""
    slot, page = slot_of(request), request.page
    prompt = yield from READERS[slot](request)
    media = request.message.get("media")
    sha256 = page.media.get(media).sha256 if slot in TAKES else ""
    page.prompts.put(prompt, sha256)
    page.log.add("prompt", "user", {"action": "give", "slot": slot, "sha256": sha256})
    yield {**told(request, slot), "type": "result"}


def remove(request: Request) -> Message:
    """Empty a slot; the file stays on the shelf."""
    slot = slot_of(request)
    request.page.prompts.take_out(slot)
    request.page.log.add("prompt", "user", {"action": "take out", "slot": slot})
    return told(request)


def change(request: Request) -> Message:
    """Change what a prompt is used for, or what holds for the whole piece."""
    message, desk = request.message, request.page.prompts
    if "slot" in message:
        desk.change(desk.prompts.with_prompt(_used(desk, message)))
    prompts = desk.prompts
    if "seconds" in message:
        prompts = replace(prompts, seconds=message["seconds"])
    if "faithful" in message:
        if type(message["faithful"]) is not bool:
            raise BadRequest("The tune stays as it is, or it does not.")
        prompts = replace(prompts, faithful=message["faithful"])
    if prompts is not desk.prompts:
        desk.change(prompts)
    facts = {name: message[name] for name in _USES if name in message and isinstance(message[name], str | int | bool)}
    request.page.log.add("prompt", "user", {"action": "change", **facts})
    return told(request)


_USES = ("slot", "strength", "rights", "seconds", "faithful")


def _used(desk: PromptDesk, message: Message) -> Any:
    prompt = desk.prompt(message["slot"])
    changes: Message = {name: names_of(message[name]) for name in ("roles", "locked") if name in message}
    changes |= {name: message[name] for name in ("strength", "rights") if name in message}
    return replace(prompt, **changes)


def correct(request: Request) -> Message:
    """Put right what was understood."""
    slot, desk = slot_of(request), request.page.prompts
    better = corrected(desk.prompt(slot), request.message.get("what"), request.message.get("changes"))
    desk.change(desk.prompts.with_prompt(better))
    request.page.log.add("prompt", "user", {"action": "correct", "slot": slot})
    return told(request, slot)


def example(request: Request) -> Message:
    """Put the example of a slot on the shelf, once; for words, give them."""
    slot = slot_of(request)
    if slot == "words":
        text = resources.path("assets/prompts/words.txt").read_text(encoding="utf-8")
        return {"type": "prompt.example", "text": text.strip()}
    return {"type": "prompt.example", "media": _shelved(request, slot).id}


def _shelved(request: Request, slot: str) -> MediaItem:
    shelf = request.page.media
    there = next((item for item in shelf.items() if item.name == TITLES[slot]), None)
    if there is not None:
        return there
    path = resources.path(f"assets/prompts/{EXAMPLES[slot]}")
    with shelf.begin(TITLES[slot], path.stat().st_size) as arrival, path.open("rb") as file:
        while piece := file.read(1 << 18):
            arrival.write(piece)
        return arrival.finish()


def file_of(request: Request, slot: str) -> MediaItem:
    """The file of the shelf that a slot was understood from; raises :class:`BadRequest` where it is gone."""
    sha256 = request.page.prompts.files.get(slot, "")
    item = next((item for item in request.page.media.items() if item.sha256 == sha256), None)
    if item is None:
        raise BadRequest(f"The {slot} is no longer here; what was understood of it is kept.")
    return item


def _pages(request: Request, item: MediaItem) -> Path:
    """The folder of a picture's pages, drawn all at once: what was read of them says which way is up."""
    from workbench.understand.score_image.read import page_images

    desk = request.page.prompts
    if desk.pictures is not None and desk.pictures[0] == item.sha256 and desk.pictures[1].is_dir():
        return desk.pictures[1]
    prompt = desk.prompts.get("picture")
    read = prompt.understood if prompt is not None and kind_of(prompt.understood) == "read" else None
    images = page_images(item.path, found=read)
    place = Path(request.pages.exports.folder) / secrets.token_hex(16)
    place.mkdir(parents=True)
    for number, image in enumerate(images, 1):
        (place / f"page-{number}.png").write_bytes(image)
    desk.pictures = (item.sha256, place)
    return place


def page_image(request: Request) -> Message:
    """A page of the picture that was read, upright and level, as a file."""
    number = whole(request.message, "page")
    path = _pages(request, file_of(request, "picture")) / f"page-{number + 1}.png"
    if not path.is_file():
        raise BadRequest("The picture has no such page.")
    return {"type": "prompt.page", "path": path.as_posix()}


_HERE = "workbench.page.handlers.prompt"
_TOLD: dict[str, Fields] = {"prompt.told": {"state": "Json"}}

ROWS: tuple[Row, ...] = (
    Job(
        "prompt.add", f"{_HERE}:add",
        "Understand something that a person gives, and put it into its `slot` (`words`, `voice`, `recording`, "
        "`picture`, `video`, `notes`): a file of the shelf, or a `text`. What goes wrong leaves the slot as it was.",
        {"slot": "string", "media?": "string", "text?": "string"}, {"state": "Json"},
        cost="workbench.page.costs:prompt",
    ),
    Call(
        "prompt.state", f"{_HERE}:state",
        "Everything that was given and understood, also by the page that this one was before a reload (`was`, its "
        "`session`): `items`, `sentence` (parts of the line that says what will be made, and whether each is said with "
        "weight), `seconds`, `faithful`, `files`, `brief`, `stale`, `card`, and how many `ideas` were written. Other "
        "replies leave out `understood` and `style` of the slots that they did not change.",
        {"was?": "string"}, _TOLD,
    ),
    Call(
        "prompt.keep", f"{_HERE}:keep", "The state as the page has kept it, for a server that has forgotten.",
        {"state": "Json"}, _TOLD,
    ),
    Call("prompt.remove", f"{_HERE}:remove", "Empty a slot.", {"slot": "string"}, _TOLD),
    Call(
        "prompt.change", f"{_HERE}:change",
        "What a prompt is used for (`roles`, `strength` 0 to 100, `locked` figures of its style, `rights`), and what "
        "holds for the whole piece (`seconds`, `faithful`: the tune stays as it is).",
        {
            "slot?": "string", "roles?": "readonly string[]", "strength?": "number", "locked?": "readonly string[]",
            "rights?": "string", "seconds?": "number | null", "faithful?": "boolean",
        },
        _TOLD,
    ),
    Call(
        "prompt.correct", f"{_HERE}:correct",
        "What a person puts right in what was understood (`what`: `understood` or `style`); the form of `changes` "
        "stands in `src/prompt/cards/card.ts`.",
        {"slot": "string", "what": "string", "changes": "object"}, _TOLD,
    ),
    Call(
        "prompt.page", f"{_HERE}:page_image",
        "A page (from 0) of the picture that was read, upright and level: the boxes of what was read lie on it.",
        {"page": "number"}, {"prompt.page": {"url?": "string"}}, slow=True, cost="workbench.page.costs:moment",
    ),
    Call(
        "prompt.example", f"{_HERE}:example", "Something for a slot that ships with the workbench.", {"slot": "string"},
        {"prompt.example": {"media?": "string", "text?": "string"}},
    ),
)  # fmt: skip

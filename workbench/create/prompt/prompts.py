"""What a person gives: words, a voice, a recording, a picture of a score, a video, notes; each understood, with a role.

::

    prompts = Prompts((Prompt("notes", Score.open("tune.mid")), Prompt("video", watch("party.mp4"))))
    prompts.sentence()      # "A piece with the tune from your notes, cut to your video."

A prompt holds the *description* of what was given, which a person may have corrected, never the file itself.
"""

from __future__ import annotations

import importlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from workbench.errors import BadRequest, WorkbenchError
from workbench.score.score import Score
from workbench.understand.heard import Heard, number

if TYPE_CHECKING:
    from pathlib import Path

    from workbench.understand.style import Style

SLOTS = ("words", "voice", "recording", "picture", "video", "notes")
#: What a prompt may decide. ``style`` of words: their wishes.
ROLES = ("tune", "chords", "style", "structure", "timing")
#: The roles of a slot where nobody chooses.
USUAL: Mapping[str, tuple[str, ...]] = {
    "words": ("style",), "voice": ("tune",), "recording": ("style",), "picture": ("tune", "chords", "structure"),
    "video": ("timing",), "notes": ("tune", "chords"),
}  # fmt: skip
#: What each slot can decide at all.
ABLE: Mapping[str, tuple[str, ...]] = {
    "words": ("style", "structure"), "voice": ("tune",), "recording": ("tune", "chords", "style", "structure"),
    "picture": ("tune", "chords", "style", "structure"), "video": ("timing",),
    "notes": ("tune", "chords", "style", "structure"),
}  # fmt: skip
#: How a slot is called in a sentence about it.
NAMES: Mapping[str, str] = {
    "words": "your words", "voice": "your voice", "recording": "your recording", "picture": "your photo",
    "video": "your video", "notes": "your notes",
}  # fmt: skip
#: Descriptions by the name that their JSON form carries: module, class.
_KINDS: Mapping[str, tuple[str, str]] = {
    "wishes": ("workbench.understand.words.wishes", "Wishes"), "heard": ("workbench.understand.heard", "Heard"),
    "read": ("workbench.understand.score_image.readscore", "ReadScore"),
    "watched": ("workbench.understand.video.watched", "Watched"), "score": ("workbench.score.score", "Score"),
    "style": ("workbench.understand.style", "Style"),
}  # fmt: skip
#: Which of them a slot may hold.
HOLDS: Mapping[str, tuple[str, ...]] = {
    "words": ("wishes",), "voice": ("heard", "score"), "recording": ("heard", "score"), "picture": ("read", "score"),
    "video": ("watched",), "notes": ("score",),
}  # fmt: skip
#: Dimensions of a style that can be kept whatever else changes.
LOCKS = (
    "tempo", "metre", "mode", "density", "strokes", "voices", "register", "dynamics", "swing", "instruments", "chords",
)  # fmt: skip
#: Answers to whose a recording, picture or video is.
RIGHTS = ("", "mine", "licensed", "public-domain", "unknown")
#: Shortest and longest piece in seconds.
SECONDS = (4.0, 900.0)


@dataclass(frozen=True)
class Prompt:
    """One thing given.

    Attributes:
        slot: one of :data:`SLOTS`.
        understood: its description: Wishes, Heard, ReadScore, Watched or a Score.
        roles: of :data:`ROLES`; empty: the usual ones of the slot.
        strength: 0 (does nothing) to 100.
        style: of a recording or of notes, perhaps corrected; None: as its description says.
        name: of the file, for sentences.
        locked: dimensions of the style (:data:`LOCKS`) that nothing else may change.
        rights: whose recording it is (:data:`RIGHTS`), as its giver says.
        given: where the file lies, None where there is none; no part of the JSON form.
    """

    slot: str
    understood: Any
    roles: tuple[str, ...] = ()
    strength: int = 100
    style: Style | None = None
    name: str = ""
    locked: tuple[str, ...] = ()
    rights: str = ""
    given: Path | None = None

    def __post_init__(self) -> None:
        if self.slot not in SLOTS:
            raise BadRequest(f"A prompt is one of {', '.join(SLOTS)}, not {str(self.slot)[:30]!r}.")
        if kind_of(self.understood) not in HOLDS[self.slot]:
            raise BadRequest(f"What stands for {NAMES[self.slot]} is not the description of one.")
        object.__setattr__(self, "roles", tuple(role for role in ROLES if role in self.roles))
        if not set(self.roles) <= set(ABLE[self.slot]):
            raise BadRequest(f"{NAMES[self.slot].capitalize()} can give {', '.join(ABLE[self.slot])}.")
        if type(self.strength) is not int or not 0 <= self.strength <= 100:
            raise BadRequest("The strength of a prompt goes from 0 to 100.")
        object.__setattr__(self, "locked", tuple(name for name in LOCKS if name in self.locked))
        if self.rights not in RIGHTS:
            raise BadRequest("Say whether it is mine, licensed, public-domain or unknown.")
        if not isinstance(self.name, str) or len(self.name) > 300:
            raise BadRequest("A prompt's name is a text of at most 300 characters.")

    @property
    def score(self) -> Score | None:
        """Its notes as a piece, None where it has none."""
        kind = kind_of(self.understood)
        if kind == "score":
            return self.understood if self.understood.note_count else None  # type: ignore[no-any-return]
        if kind == "read":
            found: Score = self.understood.to_score()
            return found if found.note_count else None
        if kind == "heard" and (self.understood.melody or self.understood.notes):
            heard: Heard = self.understood
            return heard.score(tracks=("melody",) if self.slot == "voice" or heard.melody else None)
        return None

    def to_json(self) -> dict[str, Any]:
        """By name; ``kind`` says which description ``understood`` is."""
        kind = kind_of(self.understood)
        told = self.understood.to_dict() if kind == "score" else self.understood.to_json()
        return {
            "slot": self.slot, "kind": kind, "understood": told, "roles": list(self.roles), "strength": self.strength,
            "style": self.style.to_json() if self.style else None, "name": self.name, "locked": list(self.locked),
            "rights": self.rights,
        }  # fmt: skip

    @classmethod
    def from_json(cls, data: Any) -> Prompt:
        """Read the JSON form, whoever wrote it; raises a :class:`WorkbenchError` with one sentence."""
        data = fields_of(data, {"slot", "kind", "understood"}, {
            "roles", "strength", "style", "name", "locked", "rights",
        }, "A prompt")  # fmt: skip
        kind = data["kind"]
        if kind not in _KINDS or kind == "style":
            raise BadRequest("A prompt is described by wishes, heard, read, watched or score.")
        home = class_of(kind)
        understood = home.from_dict(data["understood"]) if kind == "score" else home.from_json(data["understood"])
        style = None if data.get("style") is None else class_of("style").from_json(data["style"])
        return cls(
            data["slot"], understood, names_of(data.get("roles", [])), data.get("strength", 100), style,
            data.get("name", ""), names_of(data.get("locked", [])), data.get("rights", ""),
        )  # fmt: skip


def kind_of(understood: Any) -> str:
    """The name of a description's JSON form: wishes, heard, read, watched or score; "" for anything else."""
    names = {home: kind for kind, (_, home) in _KINDS.items()}
    return next((names[item.__name__] for item in type(understood).__mro__ if item.__name__ in names), "")


def class_of(kind: str) -> Any:
    """The class of a description by the name of its JSON form."""
    module, name = _KINDS[kind]
    return getattr(importlib.import_module(module), name)


def fields_of(data: Any, needed: set[str], more: set[str], what: str) -> Mapping[str, Any]:
    """``data`` if it is an object with these fields; raises :class:`BadRequest`."""
    if not isinstance(data, Mapping) or not needed <= data.keys() <= needed | more:
        raise BadRequest(f"{what} must be an object with {', '.join(sorted(needed))}.")
    return data


def names_of(value: Any, most: int = 64) -> tuple[str, ...]:
    """A list of short texts from untrusted JSON; raises :class:`BadRequest`."""
    if not isinstance(value, (list, tuple)) or len(value) > most:
        raise BadRequest(f"Names must come as a list of at most {most}.")
    if not all(isinstance(item, str) and len(item) <= 300 for item in value):
        raise BadRequest("A name is a text of at most 300 characters.")
    return tuple(value)


@dataclass(frozen=True)
class Prompts:
    """A mixture: at most one prompt a slot.

    Attributes:
        items: the prompts.
        seconds: how long the piece is to be; None: as the prompts ask.
        faithful: the tune keeps every pitch, onset and length; otherwise it may be varied.
        remarks: plain sentences about what was given and could not be used.
    """

    items: tuple[Prompt, ...] = ()
    seconds: float | None = None
    faithful: bool = True
    remarks: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        order = {slot: place for place, slot in enumerate(SLOTS)}
        items = tuple(sorted(self.items, key=lambda item: order[item.slot]))
        if len({item.slot for item in items}) < len(items):
            raise BadRequest("There is one place for each kind of prompt; take the other one out first.")
        object.__setattr__(self, "items", items)
        if self.seconds is not None:
            object.__setattr__(self, "seconds", number(self.seconds, *SECONDS, "The length of the piece in seconds"))

    def get(self, slot: str) -> Prompt | None:
        """The prompt of a slot, None where nothing was given."""
        return next((item for item in self.items if item.slot == slot), None)

    def with_prompt(self, prompt: Prompt) -> Prompts:
        """The same with a prompt put into its slot, in place of what was there."""
        return replace(self, items=(*(item for item in self.items if item.slot != prompt.slot), prompt))

    def without(self, slot: str) -> Prompts:
        """The same with a slot empty."""
        return replace(self, items=tuple(item for item in self.items if item.slot != slot))

    def roles(self, prompt: Prompt) -> tuple[str, ...]:
        """What a prompt decides here: as it says, or as is usual; none where it has no strength.

        A recording that is the only one with notes gives its tune as well, if one was heard.
        """
        if not prompt.strength:
            return ()
        if prompt.roles:
            return prompt.roles
        usual = USUAL[prompt.slot]
        if prompt.slot == "recording" and kind_of(prompt.understood) == "heard" and prompt.understood.melody:
            others = [item for item in self.items if item is not prompt and "tune" in USUAL[item.slot]]
            if not any(item.strength and item.score is not None for item in others):
                return ("tune", *usual)
        return usual

    def with_role(self, role: str) -> tuple[Prompt, ...]:
        """The prompts that have a role, the strongest first."""
        found = [item for item in self.items if role in self.roles(item)]
        rank = ("picture", "notes", "voice", "recording", "video", "words")
        return tuple(sorted(found, key=lambda item: (-item.strength, rank.index(item.slot))))

    def tune(self) -> Prompt | None:
        """The prompt whose tune is told, None where there is none."""
        return next((item for item in self.with_role("tune") if item.score is not None), None)

    def parts(self) -> tuple[tuple[str, bool], ...]:
        """The line that says what will be made, as pieces of text and whether each is said with weight."""
        clauses: list[list[tuple[str, bool]]] = []
        tune = self.tune()
        if tune is not None:
            clauses.append([("with ", False), (f"the tune from {NAMES[tune.slot]}", True)])
        chords = self.with_role("chords")
        if chords and (tune is None or chords[0].slot != tune.slot):
            clauses.append([("over ", False), (f"the chords of {NAMES[chords[0].slot]}", True)])
        styles = [item for item in self.with_role("style") if item.slot != "words"]
        if styles:
            clauses.append([(f"in the style of {NAMES[styles[0].slot]}", True)])
        timing = self.with_role("timing")
        if timing:
            clauses.append([(f"cut to {NAMES[timing[0].slot]}", True)])
        words = self.get("words")
        said = said_of(words.understood) if words is not None and words.strength else ""
        if said:
            clauses.append([("" if clauses or said.startswith("as ") else "that is ", False), (said, True)])
        if self.seconds is not None:
            clauses.append([(f"{self.seconds:g} seconds long", True)])
        if not clauses:
            return (("A new piece.", False),)
        out: list[tuple[str, bool]] = [("A piece ", False)]
        for place, clause in enumerate(clauses):
            out += [(", ", False), *clause] if place else clause
        return tuple(piece for piece in (*out, (".", False)) if piece[0])

    def sentence(self) -> str:
        """The line that says what will be made."""
        return "".join(text for text, _ in self.parts())

    def to_json(self) -> dict[str, Any]:
        """By name."""
        return {
            "items": [item.to_json() for item in self.items], "seconds": self.seconds, "faithful": self.faithful,
            "remarks": list(self.remarks),
        }  # fmt: skip

    @classmethod
    def from_json(cls, data: Any) -> Prompts:
        """Read the JSON form, whoever wrote it; raises a :class:`WorkbenchError` with one sentence."""
        data = fields_of(data, {"items"}, {"seconds", "faithful", "remarks"}, "A mixture of prompts")
        items, faithful = data["items"], data.get("faithful", True)
        if not isinstance(items, (list, tuple)) or len(items) > len(SLOTS) or type(faithful) is not bool:
            raise BadRequest(f"A mixture has at most {len(SLOTS)} prompts.")
        made = tuple(Prompt.from_json(item) for item in items)
        return cls(made, data.get("seconds"), faithful, names_of(data.get("remarks", [])))


def said_of(wishes: Any) -> str:
    """The moods and the density of words, for the line at the top: "calm and sparse"; else their style."""
    words = list(wishes.moods[:2])
    if wishes.density is not None and (wishes.density < 0.35 or wishes.density > 0.65):
        words.append("sparse" if wishes.density < 0.35 else "busy")
    return " and ".join(dict.fromkeys(words)) or ("as your words say" if wishes.chips else "")


def together(prompts: Sequence[Prompt | WorkbenchError], **options: Any) -> Prompts:
    """A mixture of what could be understood; what could not is among the remarks, each with its sentence."""
    failed = tuple(str(item) for item in prompts if isinstance(item, WorkbenchError))
    return Prompts(tuple(item for item in prompts if isinstance(item, Prompt)), remarks=failed, **options)

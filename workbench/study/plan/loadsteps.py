"""The steps of a study's file."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from workbench.study.plan.instruments import INSTRUMENTS
from workbench.study.plan.marks import Part, Table, listed, near
from workbench.study.plan.study import (
    CHOICES,
    TABS,
    Block,
    Box,
    Break,
    Consent,
    Done,
    Heard,
    Information,
    Item,
    Listening,
    Pair,
    Questionnaire,
    Step,
    Task,
)

KINDS = (
    "information", "consent", "assent", "practice", "task", "questionnaire", "listening", "break", "done",
    "each condition",
)  # fmt: skip
ITEM_KINDS = ("likert", "slider", "text", "choice", "number")
STARTS = ("fresh", "keep", "file")
#: Kinds of sound file that browsers play.
SOUNDS = (".mp3", ".m4a", ".wav", ".flac", ".ogg")
SCORES = (".wbz", ".mid", ".midi", ".musicxml", ".mxl", ".abc")


def read_steps(part: Part, folder: Path) -> tuple[Step | Block, ...]:
    """All steps; files are looked for in ``folder``.

    Raises:
        BadFile: a mistake, with its line.
    """
    seen: dict[str, int] = {}
    out: list[Step | Block] = []
    for entry in part.items("The steps"):
        kind = _kind(entry)
        if kind == "each condition":
            table = entry.table("What each condition has", ("each condition",))
            inside = table.need(kind).items("What each condition has")
            out.append(Block(tuple(_one(item, folder, seen, block=True) for item in inside), entry.line))
        else:
            out.append(_one(entry, folder, seen))
    return tuple(out)


def _kind(entry: Part) -> str:
    if not isinstance(entry.value, dict):
        raise entry.mistake(f'a step begins with what it is, such as "- task: first-tune"; there are {listed(KINDS)}.')
    found = [name for name in entry.value if name in KINDS]
    if not found:
        first = next(iter(entry.value), "")
        raise entry.mistake(f"no step is called {first[:40]!r}{near(first, KINDS)}; there are {listed(KINDS)}.")
    if len(found) > 1:
        raise entry.mistake(f"a step is one thing, and this is {listed(found, 'and')}; is a hyphen missing?")
    return found[0]


def _one(entry: Part, folder: Path, seen: dict[str, int], block: bool = False) -> Step:
    kind = _kind(entry)
    if block and kind in ("information", "consent", "assent", "each condition", "done") and kind != "information":
        raise entry.mistake(f'{kind!r} cannot be inside "each condition".')
    fields, read = _READERS[kind]
    table = entry.table(f"A step {kind!r}", (kind, "title", "text", *fields))
    name = table.need(kind).name(f"The id of a step {kind!r}")
    if name in seen:
        raise entry.mistake(f"a step in line {seen[name]} is called {name!r} too; give this one another id.")
    seen[name] = entry.line
    title = table.get("title", lambda part: part.text("A title", 200), "")
    text = table.get("text", lambda part: part.text("The text of a step"), "")
    return read(table, name, title, text, folder)


def _information(table: Table, name: str, title: str, text: str, folder: Path) -> Step:
    if not text:
        raise table.part.mistake('there is nothing to read in it; add a line "text: ...".')
    return Information(name, title, text, table.part.line)


def _consent(table: Table, name: str, title: str, text: str, folder: Path) -> Step:
    kind = "assent" if "assent" in table.entries else "consent"
    if not text:
        raise table.part.mistake(f'a step {kind!r} says what people agree to; add a line "text: ...".')
    boxes: list[Box] = []
    for part in table.need("boxes").items("The boxes") if "boxes" in table else ():
        inside = part.table("A box", ("id", "text", "required"), ("id", "text"))
        box = Box(
            inside.need("id").name("A box's id"), inside.need("text").text("A box's text", 2_000),
            inside.get("required", lambda part: part.flag("Whether a box is required"), True),
        )  # fmt: skip
        if any(box.id == other.id for other in boxes):
            raise part.mistake(f"there is a second box called {box.id!r}.")
        boxes.append(box)
    if not any(box.required for box in boxes):
        raise table.part.mistake(f"a step {kind!r} needs a box that must be ticked, or nobody has agreed to anything.")
    return Consent(
        name, title, text, table.part.line, table.get("version", lambda part: part.text("Its version", 40), "1"),
        tuple(boxes), table.get("guardian", lambda part: part.flag("Whether a guardian agrees"), False), kind,
    )  # fmt: skip


def _task(table: Table, name: str, title: str, text: str, folder: Path) -> Step:
    kind = "practice" if "practice" in table.entries else "task"
    seconds = table.get("seconds", lambda part: part.whole("The seconds of a task", 5, 36_000), None)
    least = table.get("not_before_s", lambda part: part.whole("The least seconds of a task", 0, 36_000), 0)
    if seconds is not None and least > seconds:
        raise table.need("not_before_s").mistake(
            f"the task ends after {seconds} s, so it cannot last {least} s at the least."
        )
    none: tuple[Path, ...] = ()
    files = table.get(
        "files", lambda part: tuple(_file(item, folder, SCORES) for item in part.items("The files")), none
    )
    start = table.get(
        "start", lambda part: part.choice("What a task starts with", STARTS), "file" if files else "fresh"
    )
    if (start == "file") != bool(files):
        raise table.part.mistake('a task that starts with a file names it: "start: file" and a list "files:".')
    return Task(
        name, title, text, table.part.line, kind, seconds, least,
        table.get("view", lambda part: part.choice("The tab that a task opens on", TABS), "home"), start, files,
        table.get("instructions", lambda part: part.text("The instructions"), ""),
    )  # fmt: skip


def _file(part: Part, folder: Path, kinds: tuple[str, ...]) -> Path:
    name = part.text("A file's name", 300)
    path = folder / name
    if path.suffix.lower() not in kinds:
        raise part.mistake(f"{name!r} is none of the files that can be used here ({listed(kinds)}).")
    if not path.is_file():
        raise part.mistake(f"there is no file {name!r} beside the study; look at its name.")
    return path


def _questionnaire(table: Table, name: str, title: str, text: str, folder: Path) -> Step:
    if ("use" in table) == ("items" in table):
        raise table.part.mistake('a questionnaire has either "use: ..." or a list of items of its own, "items:".')
    if "use" in table:
        made = INSTRUMENTS[table.need("use").choice("The questionnaire", tuple(INSTRUMENTS))]
        return Questionnaire(
            name, title or made.title, text or made.text, table.part.line, made.name, made.items
        )  # fmt: skip
    items: list[Item] = []
    for part in table.need("items").items("The items"):
        item = _item(part)
        if any(item.id == other.id for other in items):
            raise part.mistake(f"there is a second item called {item.id!r}.")
        items.append(item)
    return Questionnaire(name, title, text, table.part.line, "own", tuple(items))


def _item(part: Part) -> Item:
    table = part.table(
        "An item", ("id", "kind", "text", "low", "high", "points", "choices", "optional"), ("id", "kind", "text")
    )
    kind = table.need("kind").choice("The kind of an item", ITEM_KINDS)
    choices = table.get(
        "choices", lambda part: tuple(item.text("A choice", 300) for item in part.items("The choices", 2)), None
    )
    if (kind == "choice") != (choices is not None):
        raise part.mistake('an item of the kind "choice", and no other, has a list of choices.')
    if choices is not None and len(set(choices)) < len(choices):
        raise part.mistake("two of the choices are the same.")
    low: str | float | None
    high: str | float | None
    if kind == "number":
        low = table.get("low", lambda part: part.number("The lowest number", -1e12, 1e12), None)
        high = table.get("high", lambda part: part.number("The highest number", -1e12, 1e12), None)
        if low is not None and high is not None and low >= high:
            raise part.mistake("the lowest number is not below the highest.")
    else:
        low = table.get("low", lambda part: part.text("The word at the low end", 100), None)
        high = table.get("high", lambda part: part.text("The word at the high end", 100), None)
    default = {"likert": 7, "slider": 101}.get(kind)
    points = table.get(
        "points", lambda part: part.whole("The points of an item", 2, 11 if kind == "likert" else 101), default
    )
    return Item(
        table.need("id").name("An item's id"), kind, table.need("text").text("An item's text", 2_000), low, high,
        points, choices, table.get("optional", lambda part: part.flag("Whether an item is optional"), False),
    )  # fmt: skip


def _listening(table: Table, name: str, title: str, text: str, folder: Path) -> Step:
    if "pairs" not in table:
        raise table.part.mistake('there is nothing to listen to; add a list "pairs:".')
    pairs: list[Pair] = []
    for part in table.need("pairs").items("The pairs"):
        inside = part.table("A pair", ("id", "a", "b"), ("id", "a", "b"))
        pair = Pair(
            inside.need("id").name("A pair's id"), _heard(inside.need("a"), folder), _heard(inside.need("b"), folder)
        )
        if any(pair.id == other.id for other in pairs):
            raise part.mistake(f"there is a second pair called {pair.id!r}.")
        if pair.first.label == pair.second.label:
            raise part.mistake("both sides of a pair have the same label, so nothing is compared.")
        pairs.append(pair)
    return Listening(
        name, title, text, table.part.line, tuple(pairs),
        table.get("question", lambda part: part.text("The question", 500), "Which do you like better?"),
        table.get("minimum_s", lambda part: part.number("The least seconds of listening", 0, 3_600), 5.0),
        table.get("choices", lambda part: tuple(i.choice("A choice", CHOICES) for i in part.items("It", 2)), CHOICES),
        table.get("reasons", lambda part: tuple(i.text("A reason", 200) for i in part.items("The reasons")), ()),
    )  # fmt: skip


def _heard(part: Part, folder: Path) -> Heard:
    inside = part.table("A side of a pair", ("label", "file"), ("label", "file"))
    return Heard(inside.need("label").name("A side's label"), _file(inside.need("file"), folder, SOUNDS))


def _break(table: Table, name: str, title: str, text: str, folder: Path) -> Step:
    hours = table.get("hours", lambda part: part.number("The hours of a break", 0, 10_000), 0.0)
    return Break(name, title, text, table.part.line, hours)


def _done(table: Table, name: str, title: str, text: str, folder: Path) -> Step:
    link = table.get("link", lambda part: part.text("The link", 500), "")
    if link and not link.startswith("https://"):
        raise table.need("link").mistake("a link begins with https://.")
    code = table.get("completion_code", lambda part: part.text("The completion code", 100), "")
    return Done(name, title, text, table.part.line, code, link)


Read = Callable[[Table, str, str, str, Path], Step]
_READERS: dict[str, tuple[tuple[str, ...], Read]] = {
    "information": ((), _information),
    "consent": (("version", "boxes", "guardian"), _consent),
    "assent": (("version", "boxes"), _consent),
    "practice": (("seconds", "not_before_s", "view", "start", "files", "instructions"), _task),
    "task": (("seconds", "not_before_s", "view", "start", "files", "instructions"), _task),
    "questionnaire": (("use", "items"), _questionnaire),
    "listening": (("pairs", "question", "minimum_s", "choices", "reasons"), _listening),
    "break": (("hours",), _break),
    "done": (("completion_code", "link"), _done),
}

"""From what was given to a piece: the plan, its changes, the ideas written under it, and how far they obey."""

from __future__ import annotations

import secrets
import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workbench.create.prompt.brief import Brief
from workbench.create.prompt.prompts import names_of
from workbench.errors import BadRequest
from workbench.page.handlers.listen import WAITING
from workbench.page.handlers.prompt import file_of, told
from workbench.page.handlers.promptreading import seed_of
from workbench.page.jobs import beating, messages
from workbench.page.making import plain_name
from workbench.page.rows import Call, Fields, Job, Message, Request, Row
from workbench.provenance.run import Run, record
from workbench.score.edits import compound
from workbench.score.score import Score
from workbench.sound.limits import OWN
from workbench.sound.render import render

if TYPE_CHECKING:
    from workbench.create.prompt.card import Card
    from workbench.create.prompt.write import Composed, Take


def plan(request: Request) -> Message:
    """Make the plan anew."""
    from workbench.create.prompt.plan import make_brief

    desk = request.page.prompts
    if not desk.prompts.items:
        raise BadRequest("Give something first: even a few words are enough.")
    desk.plan(make_brief(desk.prompts, seed=seed_of(request.message)))
    request.page.log.add("prompt", "user", {"action": "plan"})
    return told(request)


def brief_of(request: Request) -> Brief:
    """The page's plan; raises :class:`BadRequest` where there is none."""
    brief = request.page.prompts.brief
    if brief is None:
        raise BadRequest("There is no plan yet; make one first.")
    return brief


def change(request: Request) -> Message:
    """Change the plan; what follows from the change is planned anew."""
    from workbench.create.prompt.plan import revised
    from workbench.create.prompt.timed import timed

    changes, desk = request.message.get("changes"), request.page.prompts
    if not isinstance(changes, dict):
        raise BadRequest("A change of the plan names what it changes.")
    brief = revised(brief_of(request), desk.prompts, changes)
    desk.plan(timed(brief) if "sections" in changes else brief, stale=desk.stale)
    request.page.log.add("prompt", "user", {"action": "change the plan", "fields": sorted(map(str, changes))[:20]})
    return told(request)


def other(request: Request) -> Message:
    """Decide a conflict the other way."""
    from workbench.create.prompt.otherwise import otherwise

    rule, desk = request.message.get("rule"), request.page.prompts
    if not isinstance(rule, str):
        raise BadRequest("A conflict is named by its rule.")
    prompts, brief = otherwise(brief_of(request), desk.prompts, rule)
    desk.change(prompts)
    desk.plan(brief)
    request.page.log.add("prompt", "user", {"action": "decide", "rule": rule[:40]})
    return told(request)


def take_of(request: Request) -> tuple[Composed, int]:
    """What was composed, and which of its ideas a message is about; raises :class:`BadRequest`."""
    composed, number = request.page.prompts.composed, request.message.get("alternative")
    if composed is None or type(number) is not int or not 0 <= number < len(composed.takes):
        raise BadRequest("That idea is no longer here; make the piece again.")
    return composed, number


def idea_of(take: Take, remarks: tuple[str, ...] = ()) -> Message:
    """An idea as a page is told of it."""
    return idea(take.score, [attempt.id for attempt in take.attempts], remarks)


def idea(score: Score, runs: list[str], remarks: tuple[str, ...] = ()) -> Message:
    """The same of a piece that is still being written."""
    return {"score": score.to_dict(), "runs": runs, "remarks": list(remarks)}


def stage(brief: Brief, number: int) -> str:
    """What is being written once ``number`` sections of all ideas are there, for whoever waits; "" after the last."""
    idea, place = divmod(number, len(brief.sections))
    if idea >= brief.alternatives:
        return ""
    kinds = [section.kind for section in brief.sections]
    name, times = kinds[place].capitalize(), kinds.count(kinds[place])
    if times > 1:
        name = f"{name} {kinds[: place + 1].count(kinds[place])}"
    if brief.alternatives == 1:
        return f"Writing {name} …"
    return f"Idea {idea + 1} of {brief.alternatives}: writing {name} …"


def compose(request: Request) -> Iterator[Message]:
    """Write the piece, section by section."""
    from workbench.create.prompt.write import write

    page, brief = request.page, brief_of(request)
    message: Message = {**WAITING, "text": stage(brief, 0)}
    yield message
    runs: dict[int, list[str]] = {}
    for step in beating(write(brief, page.prompts.prompts, hub=request.hub, cancel=request.token)):
        if step is None:
            yield message  # nothing new: only so that the host can end this when the page has gone
            continue
        page.check_length(step.score)
        for attempt in step.attempts:
            record(page.log, Run.of(attempt))
        own = runs.setdefault(step.alternative, [])
        own += [attempt.id for attempt in step.attempts]
        number = step.alternative * len(brief.sections) + step.section + 1
        message = {"type": "progress", "done": round(step.done, 3), "seconds_left": None, "text": stage(brief, number)}
        yield message
        if step.composed is None:
            whole = step.section + 1 == len(brief.sections)
            yield {
                "type": "partial", "alternative": step.alternative, "idea": idea(step.score, own), "whole": whole,
            }  # fmt: skip
        else:
            page.prompts.take(step.composed)
            page.prompts.takes.let_go(page.media)
            page.log.add("prompt", "user", {"action": "compose", "ideas": len(step.composed.takes)})
            yield {
                "type": "result", "alternatives": [idea_of(take) for take in step.composed.takes],
                "remarks": list(step.composed.remarks),
            }  # fmt: skip


def ideas(request: Request) -> Message:
    """The ideas that were written last, for a page that was reloaded."""
    composed = request.page.prompts.composed
    takes = composed.takes if composed is not None else ()
    return {"type": "compose.ideas", "alternatives": [idea_of(take) for take in takes]}


def again(request: Request) -> Iterator[Message]:
    """Write some tracks of an idea anew, or one section of it."""
    from workbench.create.prompt.write import write_again

    page = request.page
    composed, number = take_of(request)
    section, tracks = request.message.get("section"), names_of(request.message.get("tracks", []))
    if section is not None and type(section) is not int:
        raise BadRequest("A section is counted from 0.")
    before = composed.takes[number]
    names = [before.score.track(name).name for name in tracks]

    def work() -> Iterator[Take]:
        yield write_again(
            before.score, composed.brief, section=None if section is None else section + 1, parts=names,
            hub=request.hub, cancel=request.token,
        )  # fmt: skip

    yield WAITING
    for made in beating(work()):
        if made is None:
            yield WAITING
            continue
        for attempt in made.attempts:
            record(page.log, Run.of(attempt))
        take = replace(
            made, base=before.base, operation=compound("compose", [before.operation, made.operation]),
            attempts=(*before.attempts, *made.attempts),
        )  # fmt: skip
        takes = (*composed.takes[:number], take, *composed.takes[number + 1 :])
        page.prompts.take(replace(composed, takes=takes), number)
        yield {"type": "result", "idea": idea_of(take)}


def kept(request: Request) -> Message:
    """An idea has become the page's piece."""
    composed, number = take_of(request)
    page, desk = request.page, request.page.prompts
    given = [
        {"slot": item.slot, "name": item.name, "sha256": desk.files.get(item.slot, ""), "rights": item.rights}
        for item in composed.prompts.items
    ]
    desk.card = desk.cards.get(number)
    page.log.add("prompt", "user", {"action": "keep", "idea": number + 1, "given": given})
    return told(request)


def card(request: Request) -> Iterator[Message]:
    """How far an idea does what was asked, measured on its sound."""
    from workbench.create.prompt.adhere import measure

    composed, number = take_of(request)
    take = composed.takes[number]
    yield WAITING

    def work(tell: Callable[[str, Any], None], stop: Callable[[], bool]) -> Card:
        audio = render(take.score, progress=lambda share: tell("progress", 0.5 * share), stop=stop)
        return measure(composed.brief, composed.prompts, take.score, audio)

    made = yield from messages(work, request.token)
    desk = request.page.prompts
    if desk.composed is composed:
        desk.cards[number] = made
    yield {"type": "result", "card": made.to_json()}


def harder(request: Request) -> Message:
    """Change the plan so that a line of an idea's card is obeyed more."""
    from workbench.create.prompt.harder import try_harder

    composed, number = take_of(request)
    desk, message = request.page.prompts, request.message
    found = desk.cards.get(number)
    line = found.line(str(message.get("slot")), str(message.get("measure"))) if found is not None else None
    if line is None:
        raise BadRequest("That is not measured any more; make the piece again.")
    desk.plan(try_harder(composed.brief, line))
    request.page.log.add("prompt", "user", {"action": "harder", "slot": line.slot, "measure": line.measure})
    return told(request)


def pack(request: Request) -> Iterator[Message]:
    """Make a file of an idea to take away."""
    composed, number = take_of(request)
    what = request.message.get("what")
    if what not in ENDINGS:
        raise BadRequest("An idea cannot be taken away as that.")
    request.page.check_length(composed.takes[number].score)
    place = Path(request.pages.exports.folder) / secrets.token_hex(16)
    path = place / f"{plain_name(composed.takes[number].score.title) or 'piece'}{ENDINGS[what]}"
    whole = False
    try:
        place.mkdir(parents=True)
        path = yield from messages(
            lambda tell, stop: _packed(request, composed, number, path, tell, stop), request.token
        )
        whole = True
    finally:
        if not whole:
            shutil.rmtree(place, ignore_errors=True)
    request.page.log.add("export", "user", {"kind": what, "idea": number + 1})
    yield {"type": "result", "name": path.name, "path": path.as_posix()}


#: What an idea can be taken away as, and how the file's name ends.
ENDINGS = {"zip": ".zip", "video": ".mp4", "falling 9:16": ".mp4", "falling 16:9": ".mp4"}


def _packed(
    request: Request, composed: Composed, number: int, path: Path, tell: Callable[[str, Any], None],
    stop: Callable[[], bool],
) -> Path:  # fmt: skip
    """Make the file; returns where it is."""
    from workbench.page.composed import facts_of
    from workbench.page.promptpack import falling_of, filmed, project_of, zip_of
    from workbench.provenance.handover import hand_over

    take, what, rules = composed.takes[number], request.message["what"], request.page.rules

    def progress(share: float) -> None:
        tell("progress", share)

    if what == "zip":
        limits = OWN if rules is None else rules.sound
        zip_of(composed, take, request.page.prompts.cards.get(number), path, limits, progress, stop)
    elif what == "video":
        original = request.message.get("original", "duck")
        if original not in ("duck", "keep", "drop"):
            raise BadRequest("A video's own sound is ducked, kept or dropped.")
        path = filmed(composed, take, file_of(request, "video").path, original, path, progress, stop)
    else:
        falling_of(take, what.removeprefix("falling "), path, progress, stop)
    if what != "zip":
        hand_over(path, take.score, facts_of(composed, project_of(take)))
    return path


#: An idea as a page is told of it, in TypeScript.
IDEA = "{ readonly score: Json; readonly runs: readonly string[]; readonly remarks: readonly string[] }"
_HERE = "workbench.page.handlers.compose"
_TOLD: dict[str, Fields] = {"prompt.told": {"state": "Json"}}

ROWS: tuple[Row, ...] = (
    Call(
        "brief.make", f"{_HERE}:plan", "Make the plan (`brief`) anew from what was given.", {"seed?": "number"}, _TOLD,
        slow=True, cost="workbench.page.costs:moment",
    ),
    Call(
        "brief.change", f"{_HERE}:change", "Change fields of the plan, by name, as its JSON form has them.",
        {"changes": "Json"}, _TOLD, slow=True, cost="workbench.page.costs:moment",
    ),
    Call(
        "brief.other", f"{_HERE}:other", "Decide a conflict of the plan, named by its `rule`, the other way.",
        {"rule": "string"}, _TOLD, slow=True, cost="workbench.page.costs:moment",
    ),
    Call(
        "brief.harder", f"{_HERE}:harder",
        "Change the plan so that the next ideas do more of what a line of an idea's card (`slot`, `measure`) says.",
        {"alternative": "number", "slot": "string", "measure": "string"}, _TOLD, slow=True,
        cost="workbench.page.costs:moment",
    ),
    Job(
        "compose", f"{_HERE}:compose",
        "Write the piece under the plan, section by section. Each idea is told as `score` (all of it so far), `runs` "
        "and `remarks`; `whole`: nothing of it is missing any more.",
        {"seed?": "number"}, {"alternatives": f"readonly {IDEA}[]", "remarks": "readonly string[]"},
        {"partial": {"alternative": "number", "idea": IDEA, "whole": "boolean"}}, cost="workbench.page.costs:compose",
    ),
    Call(
        "compose.ideas", f"{_HERE}:ideas", "The ideas that were written last, for a page that was reloaded.", {},
        {"compose.ideas": {"alternatives": f"readonly {IDEA}[]"}},
    ),
    Job(
        "compose.again", f"{_HERE}:again",
        "Write some tracks of an idea anew, or one section (counted from 0) of it; the rest stays as it is.",
        {"alternative": "number", "tracks?": "readonly string[]", "section?": "number", "seed?": "number"},
        {"idea": IDEA}, cost="workbench.page.costs:compose",
    ),
    Job(
        "compose.card", f"{_HERE}:card",
        "How far an idea does what was asked, measured: `card` as `card.json` has it.",
        {"alternative": "number"}, {"card": "Json"}, cost="workbench.page.costs:compose", drawn=True,
    ),
    Call(
        "compose.keep", f"{_HERE}:kept", "An idea has become the page's piece: its card is kept with the project.",
        {"alternative": "number"}, _TOLD,
    ),
    Job(
        "compose.pack", f"{_HERE}:pack",
        "A file of an idea to take away. `what`: `zip` (stems, MIDI, notation, plan and card), `video` (the one that "
        "was given, with this music; `original`: `duck`, `keep` or `drop` its own sound), `falling 9:16` or "
        "`falling 16:9` (a video of falling notes).",
        {"alternative": "number", "what": "string", "original?": "string"}, {"name": "string", "url?": "string"},
        cost="workbench.page.costs:compose",
    ),
)  # fmt: skip

"""From a study's file to a :class:`~.study.Study`, every mistake told in one sentence with its line."""

from __future__ import annotations

import re
from pathlib import Path

from workbench.errors import BadRequest
from workbench.study.plan.loadsteps import read_steps
from workbench.study.plan.marks import Part, Table, listed, near, parts_of, read_parts
from workbench.study.plan.study import (
    CONTROLS,
    TABS,
    Assignment,
    Block,
    Comparison,
    Condition,
    Consent,
    DataPolicy,
    Done,
    Information,
    Questionnaire,
    Step,
    Study,
    Task,
)

_FIELDS = (
    "id", "title", "version", "contact", "language", "institution", "ethics", "conditions", "assignment", "compare",
    "data", "marks", "browsers", "steps",
)  # fmt: skip
DESIGNS, ORDERS = ("within", "between"), ("latin square", "random", "as written")
#: The oldest browsers that the pages work in, and whether telephones may take part.
BROWSERS = {"chromium": 111, "firefox": 115, "safari": 16, "phones": 1}
#: What the log itself says of every trial (columns of the table), and can be compared without asking anybody.
LOGGED = (
    "acceptance", "first_keep", "heard", "edits", "edits_after_accept", "undos", "notes", "seconds", "latency",
)  # fmt: skip


def load_study(path: str | Path) -> Study:
    """Read a study's file.

    Raises:
        BadFile: there is a mistake in it; the sentence says which, and in which line.
        Unavailable: it cannot be read, or the extra ``study`` is not installed.
    """
    path = Path(path)
    return study_of(read_parts(path), path)


def parse_study(text: str, path: str | Path = "study.yaml") -> Study:
    """As :func:`load_study`, from a text; files that it names are looked for beside ``path``."""
    path = Path(path)
    return study_of(parts_of(text, path.name), path)


def study_of(root: Part, path: Path) -> Study:
    """The study that the parts of a file make; raises as :func:`load_study`."""
    top = root.table("The study", _FIELDS, ("id", "title", "version", "contact", "conditions", "data", "steps"))
    conditions = _conditions(top.need("conditions"))
    steps = read_steps(top.need("steps"), path.parent)
    language = top.get("language", lambda part: part.text("The language"), "en")
    if not re.fullmatch(r"[a-z]{2}(-[A-Z]{2})?", language):
        raise top.need("language").mistake("The language is two letters, such as en or de.")
    study = Study(
        id=top.need("id").name("The study's id"), title=top.need("title").text("The title", 200),
        version=top.need("version").text("The version", 40), contact=top.need("contact").text("The contact", 500),
        language=language, institution=top.get("institution", lambda part: part.text("The institution", 300), ""),
        ethics=top.get("ethics", lambda part: part.text("The ethics approval", 500), ""), conditions=conditions,
        assignment=_assignment(top.entries.get("assignment")), steps=steps, data=_data(top.need("data")),
        compare=top.get("compare", lambda part: _comparison(part, conditions), None),
        marks=top.get("marks", lambda part: part.flag("Marks"), False),
        browsers=top.get("browsers", _browsers, dict(BROWSERS)), path=path,
        text=path.read_text(encoding="utf-8-sig") if path.is_file() else "",
    )  # fmt: skip
    _check_whole(study, top)
    return study


def _browsers(part: Part) -> dict[str, int]:
    table = part.table("The browsers", ("chromium", "firefox", "safari", "phones"))
    out = dict(BROWSERS)
    for name, entry in table.entries.items():
        if name == "phones":
            out[name] = int(entry.flag("Whether phones may take part"))
        else:
            out[name] = entry.whole(f"The oldest version of {name}", 1, 1_000)
    return out


def _conditions(part: Part) -> tuple[Condition, ...]:
    out: list[Condition] = []
    for entry in part.items("The conditions"):
        made = _condition(entry)
        if any(made.id == other.id for other in out):
            raise entry.mistake(f"there is a second condition called {made.id!r}; give it another id.")
        out.append(made)
    if len(out) > 12:
        raise part.mistake(f"there are {len(out)} conditions; nobody can meet more than 12.")
    return tuple(out)


def _condition(part: Part) -> Condition:
    table = part.table("A condition", ("id", "name", "tabs", "controls", "models", "latency_ms"), ("id",))
    name = table.need("id").name("A condition's id")
    controls = _controls(table)
    tabs = table.get(
        "tabs", lambda part: tuple(item.choice("A tab", TABS) for item in part.items("A condition's tabs")), None
    )
    return Condition(
        name, table.get("name", lambda part: part.text("A condition's name", 200), name), tabs, controls,
        _models(table), table.get("latency_ms", lambda part: part.whole("The latency in ms", 0, 120_000), None),
    )  # fmt: skip


def _controls(table: Table) -> dict[str, bool]:
    if "controls" not in table:
        return {}
    found = table.need("controls").table("A condition's controls", CONTROLS)
    return {name: part.flag(f"The control {name}") for name, part in found.entries.items()}


def _models(table: Table) -> dict[str, str | bool]:
    if "models" not in table:
        return {}
    from workbench.hub.registry import Registry

    registry = Registry.load()
    tasks = sorted({spec.task for spec in registry})
    out: dict[str, str | bool] = {}
    for task, part in table.need("models").table("A condition's models", tasks).entries.items():
        name = part.text("A model")
        if name in ("none", "no", "false", "No", "False"):
            out[task] = False
            continue
        try:
            spec = registry.get(name)
        except BadRequest as error:
            known = [each.id for each in registry.for_task(task)]
            raise part.mistake(
                f"there is no model {name[:40]!r}{near(name, known)}; for {task} there are {listed([*known, 'none'])}."
            ) from error
        if spec.task != task:
            raise part.mistake(f"the model {name} does {spec.task}, not {task}.")
        out[task] = name
    return out


def _assignment(part: Part | None) -> Assignment:
    if part is None:
        return Assignment()
    table = part.table("The assignment", ("design", "order", "people", "seed", "drop_out_hours"))
    default = Assignment()
    return Assignment(
        table.get("design", lambda part: part.choice("The design", DESIGNS), default.design),
        table.get("order", lambda part: part.choice("The order", ORDERS), default.order),
        table.get("people", lambda part: part.whole("The number of people", 1, 10_000), default.people),
        table.get("seed", lambda part: part.whole("The seed", 0, 2**31), default.seed),
        table.get(
            "drop_out_hours", lambda part: part.number("The drop-out hours", 0.1, 10_000), default.drop_out_hours
        ),
    )


def _data(part: Part) -> DataPolicy:
    fields = ("purpose", "keep_days", "recordings", "withdrawn", "shared")
    table = part.table("The data", fields, ("purpose",))
    return DataPolicy(
        table.need("purpose").text("The purpose of the data", 2_000),
        table.get("keep_days", lambda part: part.whole("The days that data are kept", 1, 36_500), 365),
        table.get("recordings", lambda part: part.name("The box for recordings"), ""),
        table.get("withdrawn", lambda part: part.choice("Data of the withdrawn", ("delete", "keep")), "delete"),
        table.get("shared", lambda part: part.text("With whom data are shared", 1_000), "nobody"),
    )  # fmt: skip


def _comparison(part: Part, conditions: tuple[Condition, ...]) -> Comparison:
    fields = ("measure", "between", "effect", "alpha", "drop_out", "hypothesis")
    table = part.table("The comparison", fields, ("measure", "between"))
    names = [condition.id for condition in conditions]
    sides = table.need("between").items("What is compared", 2)
    found = [side.choice("What is compared", names) for side in sides]
    if len(found) != 2 or found[0] == found[1]:
        raise table.need("between").mistake("a comparison is between two different conditions.")
    return Comparison(
        table.need("measure").text("The measure", 100), (found[0], found[1]),
        table.get("effect", lambda part: part.number("The expected effect", 0.01, 10), 0.5),
        table.get("alpha", lambda part: part.number("Alpha", 0.0001, 0.5), 0.05),
        table.get("drop_out", lambda part: part.number("The share of drop-outs", 0, 0.9), 0.1),
        table.get("hypothesis", lambda part: part.text("The hypothesis", 2_000), ""),
    )  # fmt: skip


def _check_whole(study: Study, top: Table) -> None:
    """What no part can know by itself."""
    steps = study.all_steps()
    at = top.need("steps")
    consents = [number for number, step in enumerate(steps) if isinstance(step, Consent)]
    if not consents:
        raise at.mistake('nobody is asked to agree; add a step "- consent: ..." before anything is done or answered.')
    for step in steps[: consents[-1]]:
        if not isinstance(step, (Consent, Information)):
            raise _at(at, step, f"{step.id!r} comes before consent; nothing is done or asked before people agree.")
    if not isinstance(study.steps[-1], Done):
        raise at.mistake('the last step is not "- done: ...", so nobody would know that they are through.')
    for item in study.steps[:-1]:
        if isinstance(item, Done):
            raise _at(at, item, 'nothing that comes after "done" is ever reached; make it the last step.')
    blocks = [item for item in study.steps if isinstance(item, Block)]
    if len(study.conditions) > 1 and not blocks:
        raise at.mistake('there are several conditions, and no "- each condition:" in which people meet them.')
    if len(blocks) > 1:
        again = Part("", "", blocks[1].line, at.file)
        raise again.mistake('there is a second "each condition"; put its steps into the first.')
    _check_marks(study, at, steps)


def _check_marks(study: Study, at: Part, steps: list[Step]) -> None:
    tabs = {condition.id: condition.tabs for condition in study.conditions}
    for block in (item for item in study.steps if isinstance(item, Block)):
        for step in block.steps:
            for name, shown in tabs.items():
                if isinstance(step, Task) and shown is not None and step.view not in shown:
                    raise _at(
                        at, step, f"the task {step.id!r} opens on {step.view!r}, which condition {name!r} lacks."
                    )  # fmt: skip
    boxes = {box.id for step in steps if isinstance(step, Consent) for box in step.boxes}
    if study.data.recordings and study.data.recordings not in boxes:
        raise at.mistake(f"no consent has the box {study.data.recordings!r} that allows recordings to be kept.")
    if study.compare is not None:
        known = measures(study)
        if study.compare.measure not in known:
            raise at.mistake(
                f"the comparison's measure {study.compare.measure[:40]!r} is measured nowhere"
                f"{near(study.compare.measure, known)}; there are {listed(known, 'and')}."
            )  # fmt: skip


def measures(study: Study) -> list[str]:
    """What can be compared between a study's conditions: scores and ratings asked for under each, and the log's own."""
    from workbench.study.plan.scoring import names

    out: list[str] = []
    for block in (item for item in study.steps if isinstance(item, Block)):
        for step in block.steps:
            if isinstance(step, Questionnaire):
                out += names(step.instrument)
                out += [f"{step.id}.{item.id}" for item in step.items if item.kind in ("likert", "slider", "number")]
    return [*dict.fromkeys([*out, *LOGGED])]


def _at(part: Part, step: Step, text: str) -> Exception:
    return Part("", "", step.line, part.file).mistake(text)

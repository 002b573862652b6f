"""A study as its file describes it: who it is by, what people agree to, conditions, and the steps of everybody's way.

Everything is frozen. :func:`workbench.study.plan.load.load_study` reads it from a file, :mod:`.path` lays the steps out
for one person.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

#: What a participant hears in a listening step, by the side it is on.
CHOICES = ("a", "b", "tie", "neither")
#: Tabs of the app that a condition may show.
TABS = ("home", "prompt", "listen", "roll", "sheet", "stems", "genie", "models")
#: Controls that a condition may withhold: those that the pages carry as ``data-control``.
CONTROLS = ("ideas", "sliders", "curves", "styles", "alternatives", "undo", "export", "open", "chords")


@dataclass(frozen=True)
class Condition:
    """What is different between two ways of working.

    ``tabs``: those that may be opened (None: all); ``controls``: by name, False: withheld; ``models``: task -> id of
    the model that does it, False: none may; ``latency_ms``: a model's answer comes so long after it was asked for, not
    sooner (None: when it is there).
    """

    id: str
    name: str
    tabs: tuple[str, ...] | None = None
    controls: Mapping[str, bool] = field(default_factory=dict)
    models: Mapping[str, str | bool] = field(default_factory=dict)
    latency_ms: int | None = None

    def to_dict(self) -> dict[str, Any]:
        """What a page is told of it: never its name."""
        return {
            "tabs": list(self.tabs) if self.tabs is not None else list(TABS), "controls": dict(self.controls),
            "models": dict(self.models), "latency_ms": self.latency_ms,
        }  # fmt: skip


@dataclass(frozen=True)
class Item:
    """One question.

    ``kind``: ``likert`` (answer 1 to ``points``), ``slider`` (0 to 100; ``points`` places), ``text``, ``choice`` and
    ``pair`` (one of ``choices``), ``number`` (``low`` to ``high``). ``low`` and ``high``: else the words at the ends.
    """

    id: str
    kind: str
    text: str
    low: str | float | None = None
    high: str | float | None = None
    points: int | None = None
    choices: tuple[str, ...] | None = None
    optional: bool = False

    def to_dict(self) -> dict[str, Any]:
        """JSON form, for a page."""
        return {
            "id": self.id, "kind": self.kind, "text": self.text, "low": self.low, "high": self.high,
            "points": self.points, "choices": list(self.choices) if self.choices else None, "optional": self.optional,
        }  # fmt: skip


@dataclass(frozen=True)
class Box:
    """A box to tick in a consent."""

    id: str
    text: str
    required: bool = True

    def to_dict(self) -> dict[str, Any]:
        """JSON form, for a page."""
        return {"id": self.id, "text": self.text, "required": self.required}


@dataclass(frozen=True)
class Step:
    """What all steps have; ``line`` of the file."""

    id: str
    title: str
    text: str
    line: int


@dataclass(frozen=True)
class Information(Step):
    """Something to read."""

    kind = "information"


@dataclass(frozen=True)
class Consent(Step):
    """What people agree to; ``kind`` ``consent`` or ``assent`` (a child's, in its own words)."""

    version: str
    boxes: tuple[Box, ...]
    guardian: bool = False
    kind: str = "consent"


@dataclass(frozen=True)
class Task(Step):
    """Something to do in the app, ``kind`` ``practice`` or ``task``.

    ``seconds``: the most (None: no end); ``not_before_s``: the least; ``view``: the tab it opens on; ``start``: the
    piece it begins with: ``fresh`` (the one the app opens on), ``keep`` (the one before) or ``file``; ``files``: one of
    them by turns, so that over people every condition meets every file.
    """

    kind: str = "task"
    seconds: int | None = None
    not_before_s: int = 0
    view: str = "home"
    start: str = "fresh"
    files: tuple[Path, ...] = ()
    instructions: str = ""


@dataclass(frozen=True)
class Questionnaire(Step):
    """Questions; ``instrument``: a name of :data:`.instruments.INSTRUMENTS`, or ``own``."""

    instrument: str
    items: tuple[Item, ...]
    kind = "questionnaire"


@dataclass(frozen=True)
class Heard:
    """One side of a pair: a sound file, and what stands behind it."""

    label: str
    file: Path


@dataclass(frozen=True)
class Pair:
    """Two recordings to compare."""

    id: str
    first: Heard
    second: Heard


@dataclass(frozen=True)
class Listening(Step):
    """Blind comparisons; each pair is a step of its own, in an order and with sides drawn for each person."""

    pairs: tuple[Pair, ...]
    question: str
    minimum_s: float = 5.0
    choices: tuple[str, ...] = CHOICES
    reasons: tuple[str, ...] = ()
    kind = "listening"


@dataclass(frozen=True)
class Break(Step):
    """The end of a sitting: the next one begins at least so many hours later, by the code."""

    hours: float = 0.0
    kind = "break"


@dataclass(frozen=True)
class Done(Step):
    """The end, with a code for whoever pays, and a link to go on."""

    completion_code: str = ""
    link: str = ""
    kind = "done"


@dataclass(frozen=True)
class Block:
    """Steps that are gone through once under each condition that a person meets."""

    steps: tuple[Step, ...]
    line: int


@dataclass(frozen=True)
class Assignment:
    """Who meets what: ``design`` ``within`` (everybody all conditions) or ``between`` (one each); ``order`` ``latin
    square``, ``random`` or ``as written``; ``people``: how many rows the table has; ``seed`` of all that is drawn;
    ``drop_out_hours``: whoever has not been seen for so long gives their row to somebody else.
    """

    design: str = "within"
    order: str = "latin square"
    people: int = 24
    seed: int = 1
    drop_out_hours: float = 48.0


@dataclass(frozen=True)
class Comparison:
    """What the study is about: whether ``measure`` differs between two conditions.

    ``effect``: how much is expected, in standard deviations of one trial; ``alpha``: share of false alarms accepted;
    ``drop_out``: share of people whose data will be lost; ``hypothesis``: in words.
    """

    measure: str
    between: tuple[str, str]
    effect: float = 0.5
    alpha: float = 0.05
    drop_out: float = 0.1
    hypothesis: str = ""


@dataclass(frozen=True)
class DataPolicy:
    """What is kept, in the words of the documents: ``purpose``, ``keep_days``; ``recordings``: id of the consent's box
    that allows raw sound and video to be kept ("": never); ``withdrawn``: ``delete`` what was kept, or ``keep`` it;
    ``shared``: with whom."""

    purpose: str
    keep_days: int = 365
    recordings: str = ""
    withdrawn: str = "delete"
    shared: str = "nobody"


@dataclass(frozen=True)
class Study:
    """A whole study. ``path``: its file; ``text``: that file as it was read."""

    id: str
    title: str
    version: str
    contact: str
    language: str
    institution: str
    ethics: str
    conditions: tuple[Condition, ...]
    assignment: Assignment
    steps: tuple[Step | Block, ...]
    data: DataPolicy
    compare: Comparison | None
    marks: bool
    #: Browser -> the oldest version that may take part; ``phones``: 0 keeps telephones out.
    browsers: Mapping[str, int]
    path: Path
    text: str

    def condition(self, name: str) -> Condition:
        """A condition by its id."""
        return next(condition for condition in self.conditions if condition.id == name)

    def all_steps(self) -> list[Step]:
        """Every step once, those inside blocks too, in the order of the file."""
        return [one for step in self.steps for one in (step.steps if isinstance(step, Block) else (step,))]

    @property
    def consents(self) -> list[Consent]:
        """What people agree to, in order."""
        return [step for step in self.all_steps() if isinstance(step, Consent)]

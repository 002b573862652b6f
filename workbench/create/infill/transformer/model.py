"""The embedded infilling transformer behind Fill: from a request to notes, gap by gap.

Gaps are written in the order of time, a stretch of a few bars at a go, so that each stretch is written with all
that is known then: what stands left and right, what other tracks play meanwhile, and what was written before.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from workbench import resources
from workbench.create.compose.progressions import MODELS as FINDERS
from workbench.create.compose.progressions import shipped
from workbench.create.infill.around.chord_plan import ChordModel
from workbench.create.infill.around.expectation import Expectation, lone_chords
from workbench.create.infill.around.surroundings import Surroundings
from workbench.create.infill.markov.model import allowed
from workbench.create.infill.transformer import choir
from workbench.create.infill.transformer import taboo as infill_taboo
from workbench.create.infill.transformer.bridge import GridScore
from workbench.create.infill.transformer.job import IdeaState
from workbench.create.infill.transformer.levels import BASS_FAMILY
from workbench.create.infill.transformer.rounds import siblings
from workbench.create.infill.transformer.taboo import Taboo
from workbench.create.infill.transformer.writing import Writer
from workbench.create.voices.hymn import HymnModel
from workbench.errors import BadFile, Unavailable
from workbench.hub.protocol import Alternative, CancelToken, Model, Partial, Progress, Result, Support
from workbench.hub.tasks.infill.controls import InfillControls
from workbench.hub.tasks.infill.parted import parted
from workbench.hub.tasks.infill.request import InfillRequest
from workbench.nets.infill_numpy import InfillRuntime
from workbench.score.score import Region
from workbench.score.timemap import TimeMap
from workbench.tokens import grid12 as g
from workbench.tokens.runs import RunFilter

CHORDS_FILE = "chords.safetensors"  #: tables that find chords for a lone tune
VOICES_FILE = "voices.safetensors"  #: tables that set voices under a tune
RUNS_FILE = "training_runs.safetensors"  #: beside the weights; without it nothing is compared
_SECONDS_A_NOTE = 0.004
_GROUP = 8  #: melodic tracks written together


def tables(folder: Path, name: str) -> Path:
    """Where a table of a model lies: in its own folder, or in that of the shipped model whose table it shares.

    ``config.json`` names that one: ``"tables": {"voices.safetensors": "infill"}``.

    Raises:
        BadFile: the config cannot be read, or names what is not there.
    """
    try:
        shared = json.loads((folder / "config.json").read_text(encoding="utf-8")).get("tables", {}).get(name)
        return folder / name if shared is None else resources.path(f"models/{shared}/{name}")
    except (OSError, ValueError, AttributeError) as error:
        raise BadFile("The infilling model's files are missing or damaged; fetch them again.") from error


def chord_finder(folder: Path) -> str:
    """Which shipped network a model asks for the chords of a lone tune: ``"chord_finder"`` in its ``config.json``.

    Weights that learnt from free music alone ask one that has heard no pop songs either; "": none, a table says them.

    Raises:
        BadFile: the config cannot be read, or names another network.
    """
    try:
        name = json.loads((folder / "config.json").read_text(encoding="utf-8")).get("chord_finder", "")
        if name in ("", *FINDERS.values()):
            return str(name)
    except (OSError, ValueError, AttributeError) as error:
        raise BadFile("The infilling model's files are missing or damaged; fetch them again.") from error
    raise BadFile("The infilling model wants a network for its chords that is not known here; fetch it again.")


class InfillTransformer(Model):
    """Adapter of ``models/infill`` and ``models/infill-open`` for the hub."""

    _runtime: InfillRuntime | None = None
    _known: RunFilter | None = None
    _chords: ChordModel | None = None
    _finder = ""  #: the network that is asked for the chords of a lone tune before the table
    _voices: HymnModel | None = None

    def prepare(self) -> None:
        """Load the weights (float32 in memory) and the runs of the training music."""
        if self._runtime is None:
            folder = self.files["config.json"].parent
            if (path := tables(folder, RUNS_FILE)).exists():
                self._known = infill_taboo.load(path)
            if (path := tables(folder, CHORDS_FILE)).exists():
                self._chords = ChordModel.load(path)
            self._finder = chord_finder(folder)
            if (path := tables(folder, VOICES_FILE)).exists():
                self._voices = HymnModel.load(path)
            self._runtime = InfillRuntime.load(folder)

    @property
    def runtime(self) -> InfillRuntime:
        """The network, loaded if need be."""
        self.prepare()
        if self._runtime is None:
            raise Unavailable("The infilling model was unloaded while it was needed; try again.")
        return self._runtime

    def release(self) -> None:
        """Let go of the weights."""
        self._runtime = self._known = self._chords = self._voices = None

    def support(self, request: InfillRequest) -> Support:
        """Everything in :class:`InfillControls` is honoured, with these exceptions."""
        reasons: list[str] = []
        stood = parted(request).stood
        for region in request.regions:
            for name in request.fillable(region):
                controls, drum = request.controls_for(name), request.is_drum(name)
                if not drum and not allowed(controls).any():
                    return Support.no("No note of this scale lies between the lowest and the highest; widen the range.")
                empty = not any(region.contains(name, note) for note in stood.get(name, ()))
                reasons += _unmet(controls, drum, empty, bool(controls.chords or request.score.chords))
        return Support.partial(reasons[0]) if reasons else Support.full()

    def estimate_seconds(self, request: InfillRequest) -> float:
        """Wall-clock seconds on a laptop core, from the bars, tracks and alternatives asked for."""
        time = TimeMap(request.score)
        bars = sum(
            len(request.fillable(region)) * (1 + time.bar_at(region.end - 1).number - time.bar_at(region.start).number)
            for region in request.regions
        )
        return 0.15 + bars * 10 * _SECONDS_A_NOTE * (0.6 + 0.4 * request.count)

    def run(self, request: InfillRequest, *, seed: int, cancel: CancelToken) -> Iterator[Progress | Partial | Result]:
        """Yield every note as it is drawn, then the alternatives with their settings."""
        runtime = self.runtime
        grid = GridScore(request)
        around = Surroundings(request)
        taboo = self._taboo(request, grid)
        found = lone_chords(around, request.controls, shipped(self._finder)) if self._finder else None
        ideas: list[IdeaState] = []
        for number in range(request.count + siblings(request, grid)):
            rng = np.random.default_rng([seed % 2**63, number])
            plan = Expectation(around, request.controls, number, rng, self._chords, found)
            ideas.append(IdeaState(number, rng, plan, taboo))
            ideas[number].forms = ideas[number % request.count].forms
        tasks = list(groups_of(request))
        writer = Writer(runtime, grid, ideas, request.count, seed, cancel)
        for done, (region, group) in enumerate(tasks):
            if self._voices is not None and choir.fits(request, group):
                rngs = [idea.rng for idea in ideas[: request.count]]
                for number, name, note in choir.sing(request, region, group, rngs, self._voices, cancel):
                    ideas[number].notes.setdefault(name, []).append(note)
                    yield Partial(number, name, (note,))
            else:
                for number, name, note in writer.fill(region, group):
                    if number < request.count:  # shown as it grows; a better sibling may take its place in the end
                        yield Partial(number, name, (note,))
            yield Progress((done + 1) / len(tasks))
        yield Result(tuple(_alternative(idea) for idea in ideas[: request.count]))

    def _taboo(self, request: InfillRequest, grid: GridScore) -> Taboo | None:
        """What may not be written; what stands in the gap is the piece's own only where it is to be varied."""
        if self._known is None:
            return None
        varies = any(request.controls_for(name).closeness is not None for name in grid.gone)
        return Taboo(self._known, infill_taboo.given(request.score, {} if varies else grid.gone))


def groups_of(request: InfillRequest) -> Iterator[tuple[Region, tuple[str, ...]]]:
    """Regions in the order of time, with the tracks that are written together.

    Instruments that join are written one family after the other, the bass and then the drums last: each hears those
    before it, and none is left without a word by a busier one.
    """
    joining = {track.id: track for track in request.new_tracks}
    for region in sorted(request.regions, key=lambda item: (item.start, item.end)):
        names = request.fillable(region)
        kept = [name for name in names if _keeps(request.controls_for(name))]
        together = [name for name in names if name not in kept and not _alone(request, name)]
        melodic = [name for name in together if not request.is_drum(name)]
        drums = [name for name in together if request.is_drum(name)]
        groups = [tuple(melodic[at : at + _GROUP]) for at in range(0, len(melodic), _GROUP)]
        if drums:  # one drum track can share the first group's prompt; another one needs its own
            groups = [(*groups[0], drums[0]), *groups[1:]] if groups else [(drums[0],)]
            groups += [(name,) for name in drums[1:]]
        families: dict[tuple[bool, bool, int], list[str]] = {}
        for name in names:
            if _alone(request, name):
                track = joining[name]
                family = -1 if track.is_drum else track.program // 8
                families.setdefault((track.is_drum, family == BASS_FAMILY, family), []).append(name)
        yield from ((region, (name,)) for name in kept)
        yield from ((region, group) for group in groups)
        for key in sorted(families):
            own = families[key]
            step = 1 if key[0] else _GROUP
            yield from ((region, tuple(own[at : at + step])) for at in range(0, len(own), step))


def _alone(request: InfillRequest, name: str) -> bool:
    """Whether a track joins as a new instrument of its own."""
    new = any(track.id == name for track in request.new_tracks)
    return new and not request.controls_for(name).part_writing


def _unmet(controls: InfillControls, drum: bool, empty: bool, chords: bool) -> Iterator[str]:
    """What one track cannot be given, in plain sentences."""
    if drum and (controls.register is not None or "register" in controls.curves):
        yield "Drums have no register, so lower or higher changes nothing."
    if drum and controls.keep_pitches:
        yield "Drums cannot keep their strokes and change the rhythm; they are made anew."
    if empty and _keeps(controls):
        yield "The gap is empty, so there is no rhythm or tune in it to keep."
    if empty and controls.closeness is not None:
        yield "The gap is empty, so there is nothing in it to vary."
    if controls.harmony == "strict" and not chords:
        yield "There is no chord written to be strict about; the music around is followed."
    if controls.grid is not None and g.TICKS % controls.grid:
        yield "This grid does not fit into twelfths of a quarter; the nearest onsets are used."


def _keeps(controls: InfillControls) -> bool:
    return controls.keep_rhythm or controls.keep_pitches


def _alternative(idea: IdeaState) -> Alternative:
    """One finished idea; its settings tell the mean probability that the network gave the pitches it drew."""
    drawn = [share for rows in idea.confidence.values() for _, _, share in rows]
    settings = {"confidence": round(float(np.mean(drawn)) / 100, 3)} if drawn else {}
    return Alternative(
        notes={name: tuple(notes) for name, notes in idea.notes.items()}, settings=settings,
        confidence={name: tuple(rows) for name, rows in idea.confidence.items()},
    )  # fmt: skip

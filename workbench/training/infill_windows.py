"""Training windows of the infilling network: pieces on the grid, and the tasks that are cut out of them.

Every window is one request with its answer. The mix of tasks (:data:`TASKS`) covers plain continuation, one or
several gaps in all or some parts, whole parts, melody to accompaniment and back, and filling around what is
left standing. All notes are learnt from: the context as music that goes on, the gaps as answers.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace

import numpy as np

from workbench.tokens import grid12 as g
from workbench.tokens import rows as r
from workbench.training import forms
from workbench.training.grid_pieces import GridPiece, lay_drums, load

#: Corpora by share of the windows; ``pop909_drums`` is POP909 with Groove drums laid under it bar by bar.
WEIGHTS: dict[str, float] = {
    "pop909_main": 0.32, "pop909_drums": 0.08, "lieder": 0.11, "polish": 0.13, "quartets": 0.05, "freedoom": 0.07,
    "folk": 0.03, "groove": 0.05, "giantmidi": 0.02, "orchestra": 0.05, "ewld": 0.03, "mutopia": 0.06,
}  # fmt: skip
#: Sets that may be passed on note by note: public domain, CC0, CC BY, or as free. POP909's songs are not, and some of
#: Open EWLD's may not be, and so neither are the bands that play its tunes.
OPEN_WEIGHTS: dict[str, float] = {
    "lieder": 0.18, "polish": 0.16, "quartets": 0.09, "freedoom": 0.16, "folk": 0.08, "groove": 0.09, "giantmidi": 0.05,
    "orchestra": 0.09, "mutopia": 0.10,
}  # fmt: skip
SHEETS = ("ewld",)  #: sets of tunes with chord symbols: their chords are mostly played under the tune
TASKS: dict[str, float] = {
    "plain": 0.15, "gap": 0.39, "gaps": 0.11, "parts": 0.15, "accompany": 0.15, "around": 0.05,
}  # fmt: skip
TRAITS_GIVEN = 0.35  #: share of windows in which some steering traits are shown
#: All parts of POP909 are written for the piano. In this share of its windows each part is given, by chance, another
#: instrument that could play it, so that what pop songs teach holds for flutes and guitars too.
RECAST = 0.45
_LEADS = (0, 4, 11, 21, 22, 24, 40, 52, 53, 56, 64, 65, 66, 71, 73, 75, 80, 81, g.NO_PROGRAM)
_BACKING = (0, 1, 2, 4, 5, 6, 16, 24, 25, 26, 27, 46, 48, 50, 88, 89, g.NO_PROGRAM)
#: In this share of the windows with three parts or more one part is left out altogether.
THIN = 0.2


class Windows:
    """An endless source of training windows of ``length`` rows.

    ``rng`` decides everything; ``pieces`` maps a corpus name to its pieces (see :func:`training_pieces`). Every piece
    comes in a form drawn by :data:`workbench.training.forms.SHARES`; without ``in_forms``, as its corpus has it.
    ``weights``: each corpus's share.
    """

    def __init__(
        self,
        pieces: dict[str, list[GridPiece]],
        length: int,
        rng: np.random.Generator,
        in_forms: bool = True,
        weights: Mapping[str, float] = WEIGHTS,
    ) -> None:
        self.pieces = {name: found for name, found in pieces.items() if found}
        self.length = length
        self.rng = rng
        self.forms = in_forms
        self.names = list(self.pieces)
        share = np.array([weights[name] for name in self.names])
        self.share = share / share.sum()
        self.sizes = {name: np.cumsum([len(piece.notes) for piece in found]) for name, found in self.pieces.items()}

    def batch(self, size: int) -> r.Arrays:
        """``size`` windows as arrays [size, length, ...], padded with rows that carry no loss."""
        return stack([self.window() for _ in range(size)], self.length)

    def window(self) -> r.Arrays:
        """The rows of one random window."""
        rng = self.rng
        name = self.names[int(rng.choice(len(self.names), p=self.share))]
        sizes = self.sizes[name]
        piece = self.pieces[name][int(np.searchsorted(sizes, rng.integers(sizes[-1]), side="right"))]
        task = list(TASKS)[int(rng.choice(len(TASKS), p=list(TASKS.values())))]
        budget = self.length - 8
        if name.startswith("pop909"):
            piece = recast(piece, rng)
        if name in SHEETS:
            piece = forms.lead_sheet(piece, chords=rng.random() < 0.75)
        if self.forms:
            piece = forms.draw(piece, rng)
        first = int(rng.integers(0, max(1, len(piece.notes) - budget + budget // 4)))
        prompt = random_prompt(piece, first, budget, task, rng)
        rows = r.add_next(r.prompt_rows(prompt))
        return {key: value[: self.length] for key, value in rows.items()}


def training_pieces(seed: int = 0, names: Collection[str] = tuple(WEIGHTS)) -> dict[str, list[GridPiece]]:
    """What the network learns from, by corpus; for ``pop909_drums`` Groove drums are laid under a copy of POP909."""
    found = {name: load(name, "train") for name in names if name != "pop909_drums"}
    if "pop909_drums" not in names:
        return found
    rng = np.random.default_rng(seed)
    long = [piece for piece in found["groove"] if len(piece.notes) >= 64]
    found["pop909_drums"] = [lay_drums(piece, long[int(rng.integers(len(long)))]) for piece in found["pop909_main"]]
    return found


def recast(piece: GridPiece, rng: np.random.Generator) -> GridPiece:
    """``piece`` played by other instruments, by chance (see :data:`RECAST`); the highest part gets a lead."""
    if rng.random() >= RECAST:
        return piece
    programs = piece.programs.copy()
    for slot in range(g.DRUM_SLOT):
        if programs[slot] != g.NO_PROGRAM and rng.random() < 0.7:
            choice = _LEADS if slot == 0 else _BACKING
            programs[slot] = choice[int(rng.integers(len(choice)))]
    return replace(piece, programs=programs)


def cut(piece: GridPiece, first: int, budget: int) -> tuple[np.ndarray, int, int]:
    """Up to ``budget`` notes from the bar of note ``first``: the notes, the first tick and the end (a bar line)."""
    bar = int(piece.bars.locate(piece.notes[first, r.TICK])[0])
    starts = piece.bars.starts
    origin = int(starts[min(max(bar, 0), len(starts) - 2)])
    low = int(np.searchsorted(piece.notes[:, r.TICK], origin))
    notes = piece.notes[low : low + budget]
    if low + budget < len(piece.notes):  # end on a bar line: the last bar may be cut off in the middle
        end = int(notes[-1, r.TICK])
        at = int(np.searchsorted(starts, end, side="right")) - 1
        cut_at = int(starts[min(max(at, 0), len(starts) - 1)])
        if cut_at > origin + g.TICKS * 8:
            return notes[notes[:, r.TICK] < cut_at], origin, cut_at
        return notes, origin, end + 1
    return notes, origin, int(max(starts[-1], notes[-1, r.TICK] + 1))


def random_prompt(piece: GridPiece, first: int, budget: int, task: str, rng: np.random.Generator) -> r.Prompt:
    """Cut a window at note ``first`` and turn it into a request of kind ``task`` with its answer."""
    notes, origin, end = cut(piece, first, budget)
    slots = sorted({int(slot) for slot in notes[:, r.SLOT]})
    if len(slots) > 2 and rng.random() < THIN:
        notes = notes[notes[:, r.SLOT] != slots.pop(int(rng.integers(len(slots))))]
    lines = piece.bars.starts[(piece.bars.starts >= origin) & (piece.bars.starts < end)]
    lines = np.append(lines, end)
    gaps = _choose_gaps(notes, slots, lines, task, rng)
    keep = 1.0 - float(rng.uniform(0.05, 0.5)) if task == "around" else 1.0
    filled, chosen = [], np.zeros(len(notes), dtype=bool)
    for start, stop, targets in gaps:
        inside = (notes[:, r.TICK] >= start) & np.isin(notes[:, r.SLOT], targets)
        inside &= notes[:, r.TICK] < (end if stop is None else stop)
        if keep < 1.0:
            inside &= rng.random(len(notes)) < keep
        chosen |= inside
        filled.append((start, stop, targets, inside))
    shift = context_shift(notes if task == "plain" else notes[~chosen], notes)
    moved = transpose(notes, shift)
    context = moved[~chosen]
    # A context note's onset is not to be foretold from the left if everything before it was taken away.
    surprise = None
    if len(context) and chosen.any():
        hidden = np.cumsum(chosen)[~chosen]
        jumped = np.diff(hidden, prepend=0) > 0
        surprise = jumped if all(len(targets) == len(slots) for _, _, targets, _ in filled) else np.zeros_like(jumped)
    traits = np.zeros((g.N_SLOT, r.N_TRAITS), dtype=np.int64)
    if rng.random() < TRAITS_GIVEN:
        beats = sum((end if stop is None else stop) - start for start, stop, _, _ in filled) / g.TICKS
        target = moved[chosen]
        for slot in slots:
            shown = rng.random(r.N_TRAITS) < 0.5
            traits[slot] = r.measure_traits(target, beats, slot) * shown if (target[:, r.SLOT] == slot).any() else 0
    return r.Prompt(
        piece.bars, origin, piece.programs, tuple(slots), context,
        [r.Gap(start, stop, tuple(targets), moved[inside]) for start, stop, targets, inside in filled],
        surprise, traits,
    )  # fmt: skip


def context_shift(visible: np.ndarray, everything: np.ndarray) -> int:
    """Semitones to C, told from the visible notes if they are at least sixteen, else from all."""
    source = visible if len(visible) >= 16 else everything
    pitches = source[source[:, r.SLOT] != g.DRUM_SLOT]
    lengths = np.asarray(g.DURATION_EDGES)[pitches[:, r.DURATION]]
    return g.shift_to_c(g.best_major(g.pitch_class_counts(pitches[:, r.PITCH], lengths)))


def transpose(notes: np.ndarray, shift: int) -> np.ndarray:
    """Shift the melodic parts; drums stay."""
    moved = notes.copy()
    melodic = moved[:, r.SLOT] != g.DRUM_SLOT
    moved[melodic, r.PITCH] = g.model_pitch(moved[melodic, r.PITCH], np.zeros(int(melodic.sum()), dtype=bool), shift)
    return moved


def _choose_gaps(
    notes: np.ndarray, slots: list[int], lines: np.ndarray, task: str, rng: np.random.Generator
) -> list[tuple[int, int | None, list[int]]]:
    bars = len(lines) - 1
    whole = (int(lines[0]), int(lines[-1]))
    if task in ("gap", "gaps", "around") and bars < 3:
        task = "plain"
    if task in ("parts", "accompany") and len(slots) < 2:
        task = "plain" if bars < 3 else "gap"
    if task == "plain":
        return [(whole[0], None, slots)]
    if task == "accompany":
        melodic = [slot for slot in slots if slot != g.DRUM_SLOT]
        lead = melodic[0] if melodic and rng.random() < 0.8 else slots[int(rng.integers(len(slots)))]
        others = [slot for slot in slots if slot != lead]
        return [(*whole, others if rng.random() < 0.75 else [lead])]
    if task == "parts":
        count = int(rng.integers(1, len(slots)))
        return [(*whole, sorted(rng.permutation(slots)[:count].tolist()))]
    number = int(rng.integers(2, 4)) if task == "gaps" else 1
    out: list[tuple[int, int | None, list[int]]] = []
    free = 0
    for index in range(number):
        room = bars - free
        if room < 1:
            break
        length = int(min(rng.choice([1, 2, 4, 4, 4, 8]), max(1, room // (number - index))))
        latest = free + max(0, room // (number - index) - length)
        start = int(rng.integers(free, latest + 1))
        targets = slots
        if len(slots) > 1 and rng.random() < 0.3:
            targets = sorted(rng.permutation(slots)[: int(rng.integers(1, len(slots)))].tolist())
        first, last = int(lines[start]), int(lines[start + length])
        if rng.random() < 0.1:  # a gap need not begin or end on a bar line
            first += int(rng.integers(0, max(1, (last - first) // g.TICKS // 2))) * g.TICKS
        out.append((first, last, list(targets)))
        free = start + length
    return out


def stack(windows: Sequence[r.Arrays], length: int) -> r.Arrays:
    """Windows of different lengths as one batch; padding rows carry no loss."""
    out: r.Arrays = {}
    for name, first in windows[0].items():
        fill = r.IGNORE if name.startswith("target_") else 0
        out[name] = np.full((len(windows), length, *first.shape[1:]), fill, dtype=first.dtype)
        for row, window in enumerate(windows):
            out[name][row, : len(window[name])] = window[name]
    return out


def walk(pieces: Sequence[GridPiece], budget: int) -> Iterator[tuple[GridPiece, int]]:
    """Consecutive windows of ``budget`` notes over whole pieces: the piece and the first note of each window."""
    for piece in pieces:
        for first in range(0, len(piece.notes), budget):
            yield piece, first

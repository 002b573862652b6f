"""What holds for every fill, whatever the model did.

A guard reads what a model yields as untrusted data and lets through only what fits the request:

* notes outside the regions, notes of locked tracks, and locked notes stay as they were, byte for byte: the operation
  can only remove unlocked notes of the regions, and only add notes whose onset lies inside;
* an added note ends by its region's end unless overhang is allowed, has a valid pitch and velocity, a fresh id, the
  model as its author, and no lock; on drum tracks its pitch is one of General MIDI's percussion sounds;
* the hard limits of the request hold: range (by octaves), scale (nearest tone), notes at once, number of notes;
* one pitch of one track never sounds twice at once, which MIDI could not say;
* whatever was changed or left out is counted and said in one plain sentence each.
"""

from __future__ import annotations

import json
import operator
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from typing import Any

from workbench.hub.protocol import Alternative, Partial, Result
from workbench.hub.spec import ModelSpec
from workbench.hub.tasks.base import MAX_REMARKS, sentences
from workbench.hub.tasks.infill.controls import InfillControls
from workbench.hub.tasks.infill.parted import parted
from workbench.hub.tasks.infill.request import InfillRequest
from workbench.score import edits
from workbench.score.lanes import MAX_TICK
from workbench.score.operations import Operation, apply
from workbench.score.score import MAX_NOTES, Note, Region, fresh_ids

#: Most notes that one alternative may hold; a model that yields more is cut off.
MAX_FILL_NOTES = 20_000
#: Percussion keys of General MIDI 2 (lowest, highest).
DRUM_KEYS = (27, 87)

_SENTENCES = {
    "invalid": "{n} left out because they were not notes.",
    "track": "{n} left out because they were meant for another track.",
    "outside": "{n} left out because they began outside the gap.",
    "drums": "{n} left out because no drum has that key.",
    "range": "{n} moved by octaves into the range asked for.",
    "unreachable": "{n} left out because no octave fits the range asked for.",
    "scale": "{n} moved to the nearest tone of the scale.",
    "clipped": "{n} shortened to end with the gap.",
    "doubled": "{n} left out because the same pitch was sounding.",
    "polyphony": "{n} left out to keep the number of notes sounding at once.",
    "budget": "{n} left out to keep to the number of notes asked for.",
    "many": "The model wrote more notes than fit and was cut off.",
    "empty": "The model wrote no notes; try another idea or other settings.",
}


class InfillGuard:
    """The guard of ``infill``. ``request`` must be the hub's own copy, which no model has seen.

    ``untold``: what is put right without a word of it, of the kinds in ``_SENTENCES``.
    """

    def __init__(self, request: InfillRequest, spec: ModelSpec, *, untold: Collection[str] = ()) -> None:
        self.request, self.spec, self._untold = request, spec, frozenset(untold)
        self._parted = parted(request)
        self._spans = self._parted.gaps
        self._seen: list[dict[str, list[Note]]] = [{} for _ in range(request.count)]
        self._counts: list[Counter[str]] = [Counter() for _ in range(request.count)]
        self._room = min(MAX_FILL_NOTES, MAX_NOTES - request.score.note_count)
        self._excess = 0

    @property
    def full(self) -> bool:
        """Whether every alternative has had its fill, or the model goes on writing what nobody asked for."""
        return self._excess > MAX_FILL_NOTES * self.request.count

    def partial(self, partial: Any) -> Partial | None:
        """The notes of a partial that may be shown, cleaned; ids are those of drafts until the result."""
        try:
            number, track_id, notes = partial.alternative, partial.track_id, partial.notes
            if type(number) is not int or not 0 <= number < self.request.count or not isinstance(track_id, str):
                self._excess += 1
                return None
            cleaned = self._clean(number, track_id, notes)
        except Exception:  # whatever a foreign object does when it is looked at
            self._excess += 1
            return None
        self._seen[number].setdefault(track_id, []).extend(cleaned)
        return Partial(number, track_id, tuple(cleaned)) if cleaned else None

    def result(self, result: Result | None, *, seed: int, revision: str) -> tuple[Alternative, ...]:
        """One alternative for each that was asked for, each with its operation, settings and remarks."""
        try:
            given: list[Any] = _listed(result.alternatives) if result is not None else []
        except Exception:  # a result that is none: what the partials said stands
            given = []
        settings = self.request.settings()
        out = []
        for number in range(self.request.count):
            idea = given[number] if number < len(given) else None
            if given:
                self._take_over(number, idea)
            notes = {track_id: self._settle(number, track_id) for track_id in self._spans}
            if not any(notes.values()):
                self._counts[number]["empty"] += 1
            remarks = [*sentences(getattr(idea, "remarks", ())), *self._sentences(number)]
            made_with = {**settings, "alternative": number}
            if chosen := _plain(getattr(idea, "settings", None)):
                made_with["model_settings"] = chosen
            out.append(
                Alternative(
                    notes={track_id: tuple(items) for track_id, items in notes.items()},
                    operation=self._operation(notes), seed=seed, settings=made_with, model_id=self.spec.id,
                    revision=revision, remarks=tuple(remarks), confidence=_confidence(idea, notes),
                )
            )  # fmt: skip
        return tuple(out)

    def _take_over(self, number: int, idea: Any) -> None:
        """Replace what the partials said by what the result says."""
        self._seen[number] = {}
        self._counts[number].clear()
        try:
            items = list(idea.notes.items()) if idea is not None else []
        except Exception:
            self._counts[number]["invalid"] += 1
            return
        for track_id, notes in items[: 4 * MAX_REMARKS + len(self._spans)]:
            if isinstance(track_id, str):
                try:
                    self._seen[number].setdefault(track_id, []).extend(self._clean(number, track_id, notes))
                except Exception:
                    self._counts[number]["invalid"] += 1

    def _clean(self, number: int, track_id: str, notes: Iterable[Any]) -> list[Note]:
        counts, seen = self._counts[number], self._seen[number]
        if track_id not in self._spans:
            count = len(_listed(notes)) or 1
            counts["track"] += count
            self._excess += count
            return []
        room = self._room - sum(len(items) for items in seen.values())
        drum, controls = self.request.is_drum(track_id), self.request.controls_for(track_id)
        cleaned: list[Note] = []
        for raw in _listed(notes):
            if len(cleaned) >= room:
                counts["many"] += 1
                self._excess += 1
                continue
            note = self._one(raw, track_id, drum, controls, counts)
            if note is None:
                self._excess += 1
            else:
                cleaned.append(note)
        return cleaned

    def _one(self, raw: Any, track_id: str, drum: bool, controls: InfillControls, counts: Counter[str]) -> Note | None:
        try:
            start, duration, pitch, velocity = (
                operator.index(getattr(raw, name)) for name in ("start", "duration", "pitch", "velocity")
            )
        except Exception:
            counts["invalid"] += 1
            return None
        if not (0 <= start <= MAX_TICK and 0 <= pitch <= 127) or duration < 0:
            counts["invalid"] += 1
            return None
        region = self._parted.gap_at(track_id, start)
        if region is None:
            counts["outside"] += 1
            return None
        if drum and not DRUM_KEYS[0] <= pitch <= DRUM_KEYS[1]:
            counts["drums"] += 1
            return None
        if not drum:
            fitted = fit_pitch(pitch, controls)
            if fitted is None:
                counts["unreachable"] += 1
                return None
            if fitted != pitch:
                counts["range" if (fitted - pitch) % 12 == 0 else "scale"] += 1
            pitch = fitted
        limit = MAX_TICK if self.request.overhang else region.end
        if start + duration > limit:
            counts["clipped"] += 1
        duration = max(1, min(duration, limit - start))
        return Note("draft", start, duration, pitch, min(127, max(1, velocity)), author=self.spec.author)

    def _settle(self, number: int, track_id: str) -> list[Note]:
        """The final notes of a track: no pitch twice at once, no more at once than allowed, fresh ids."""
        counts, kept = self._counts[number], self._parted.kept.get(track_id, [])
        most = self.request.controls_for(track_id).max_polyphony
        fresh = sorted(self._seen[number].get(track_id, []), key=lambda note: (note.start, note.pitch, -note.duration))
        settled = _without_doubles(fresh, kept, counts)
        if most is not None:
            settled = _thinned(settled, kept, most, counts)
        budget = self.request.controls_for(track_id).max_notes
        if budget is not None and len(settled) > budget:
            counts["budget"] += len(settled) - budget
            settled = settled[:budget]
        taken: Iterable[str] = ()
        if all(new.id != track_id for new in self.request.new_tracks):
            taken = self.request.score.track(track_id).notes
        author = self._author(track_id)
        ids = fresh_ids(taken, "n", len(settled))
        return [
            Note(name, note.start, note.duration, note.pitch, note.velocity, author)
            for name, note in zip(ids, settled, strict=True)
        ]

    def _author(self, track_id: str) -> str:
        """``model:ID``, or ``human+model:ID`` where the person's own music was kept or varied."""
        controls = self.request.controls_for(track_id)
        if not (controls.keep_rhythm or controls.keep_pitches or controls.closeness):
            return self.spec.author
        if any(new.id == track_id for new in self.request.new_tracks):
            return self.spec.author
        old = self.request.score.track(track_id).notes.values()
        inside = (note for note in old if self._parted.gap_at(track_id, note.start) is not None)
        return (
            f"human+{self.spec.author}" if any(note.author.startswith("human") for note in inside) else self.spec.author
        )

    def _operation(self, notes: Mapping[str, list[Note]]) -> Operation:
        """One operation on the score as the request has it: new tracks first, then one replacement a region."""
        score = self.request.score.copy()
        parts: list[Operation] = []
        for new in self.request.new_tracks:
            parts.append(edits.add_track(score, new.track()))
            apply(score, parts[-1])
        for region in self.request.regions:
            open_tracks = self.request.fillable(region)
            if not open_tracks:
                continue
            region = Region(region.start, region.end, open_tracks)
            added = {name: [note for note in notes[name] if region.contains(name, note)] for name in open_tracks}
            parts.append(edits.replace_region(score, region, added, around=self.request.around))
        return parts[0] if len(parts) == 1 else edits.compound("fill", parts)

    def _sentences(self, number: int) -> list[str]:
        out = []
        for kind, count in sorted(self._counts[number].items()):
            if kind in self._untold:
                continue
            plural = "1 note was" if count == 1 else f"{count:,} notes were"
            out.append(_SENTENCES[kind].format(n=plural))
        return out


def fit_pitch(pitch: int, controls: InfillControls) -> int | None:
    """The pitch nearest to ``pitch`` (0 to 127) that scale and range allow; octaves of it first; None if none does."""
    low = controls.pitch_low if controls.pitch_low is not None else 0
    high = controls.pitch_high if controls.pitch_high is not None else 127
    classes = controls.pitch_classes()
    if classes is not None and pitch % 12 not in classes:
        pitch = min((item for item in range(128) if item % 12 in classes), key=lambda item: (abs(item - pitch), item))
    fits = [item for item in range(pitch % 12, 128, 12) if low <= item <= high]
    return min(fits, key=lambda item: (abs(item - pitch), item), default=None)


def _without_doubles(fresh: list[Note], kept: list[Note], counts: Counter[str]) -> list[Note]:
    """Notes by start; one that begins while its pitch sounds goes, one that runs into its pitch is shortened."""
    by_pitch: dict[int, list[Note]] = {}
    for note in kept:
        by_pitch.setdefault(note.pitch, []).append(note)
    out: list[Note] = []
    last: dict[int, int] = {}  # pitch -> place in out
    for note in fresh:
        others = by_pitch.get(note.pitch, [])
        if any(other.start == note.start or other.start < note.start < other.end for other in others):
            counts["doubled"] += 1
            continue
        place = last.get(note.pitch)
        if place is not None and out[place].start == note.start:
            counts["doubled"] += 1
            continue
        if place is not None and out[place].end > note.start:
            out[place] = _ending(out[place], note.start)
        after = min((other.start for other in others if other.start > note.start), default=MAX_TICK)
        last[note.pitch] = len(out)
        out.append(_ending(note, min(note.end, after)))
    return out


def _ending(note: Note, end: int) -> Note:
    return Note(note.id, note.start, end - note.start, note.pitch, note.velocity, note.author)


def _thinned(fresh: list[Note], kept: list[Note], most: int, counts: Counter[str]) -> list[Note]:
    """Leave out new notes while more than ``most`` notes sound at once, kept ones included."""
    events = sorted([(note.start, 0, note) for note in kept] + [(note.start, 1, note) for note in fresh], key=_order)
    sounding: list[int] = []
    starts = sorted(note.start for note in kept)
    out = []
    for start, new, note in events:
        sounding = [end for end in sounding if end > start]
        if new:
            # A kept note that enters while the new one sounds needs its place too; shorten the new note to leave it.
            ahead = next((other for other in starts if start < other < note.end), None)
            if len(sounding) >= most:
                counts["polyphony"] += 1
                continue
            if ahead is not None and len(sounding) + 1 >= most:
                note = _ending(note, ahead)
            out.append(note)
        sounding.append(note.end)
    return out


def _order(event: tuple[int, int, Note]) -> tuple[int, int, int]:
    return (event[0], event[1], event[2].pitch)


def _listed(value: Any) -> list[Any]:
    """At most a few thousand times more than fits, of whatever can be walked; text is not a list of notes."""
    if isinstance(value, (str, bytes, Mapping)):
        return []
    out: list[Any] = []
    for item in value:
        out.append(item)
        if len(out) > 2 * MAX_FILL_NOTES:
            break
    return out


def _confidence(idea: Any, notes: Mapping[str, list[Note]]) -> dict[str, tuple[tuple[int, int, int], ...]]:
    """What the model says of how sure it was, for notes that are really there."""
    out: dict[str, tuple[tuple[int, int, int], ...]] = {}
    try:
        for track_id, own in notes.items():
            there = {(note.start, note.pitch) for note in own}
            rows = [tuple(operator.index(x) for x in row) for row in _listed(idea.confidence.get(track_id, ()))]
            kept = [(row[0], row[1], row[2]) for row in rows if len(row) == 3 and 0 <= row[2] <= 100]
            found = {row[:2]: row for row in kept if row[:2] in there}
            if found:
                out[track_id] = tuple(sorted(found.values()))
    except Exception:  # whatever a foreign object does when it is looked at
        return {}
    return out


def _plain(value: Any) -> dict[str, Any]:
    """The settings a model reports, if they are small and plain JSON."""
    try:
        text = json.dumps(dict(value or {}), allow_nan=False)
        data: dict[str, Any] = json.loads(text) if len(text) <= 20_000 else {}
    except Exception:
        return {}
    return data

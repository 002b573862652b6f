"""Random scores and random sequences of operations, legal and illegal, from a seed.

The same generator makes the golden file that both languages must reproduce, and feeds the property tests.
"""

from __future__ import annotations

import copy
import random
from typing import Any

from workbench.errors import BadOperation
from workbench.score import Note, Region, Score, Track, edits
from workbench.score.lanes import QUALITIES, Bend, Chord, Control, Key, Meter, Program, Raw, Silence, Tempo, Text
from workbench.score.operations import apply, inverse
from workbench.score.score import fresh_ids

TITLES = ["", "Étude", "八木節", "Привет \U0001d11e", 'quote " slash \\ tab\t', "שיר", "line\u2028sep", "\x1f\x7f"]
AUTHORS = ["human", "imported", "model:markov", "human+model:piano-genie"]


def random_note(rng: random.Random, name: str) -> Note:
    return Note(
        name, rng.randrange(0, 16) * 120, rng.randrange(0, 9) * 120, rng.randrange(128), rng.randint(1, 127),
        rng.choice(AUTHORS), tuple(sorted(rng.sample(AUTHORS, rng.randrange(3)))), rng.random() < 0.2,
    )  # fmt: skip


def random_track(rng: random.Random, name: str) -> Track:
    track = Track(
        name, rng.choice(TITLES), rng.randrange(128), rng.random() < 0.2, rng.randrange(128), rng.randrange(128)
    )
    for index in range(rng.randrange(8)):
        note = random_note(rng, f"n{index + 1}")
        track.notes[note.id] = note
    return track


def random_score(rng: random.Random) -> Score:
    score = Score(rng.choice(TITLES), rng.choice([1, 96, 480, 960]), rng.choice([0, 0, 480]))
    score.tracks = [random_track(rng, f"t{index + 1}") for index in range(rng.randint(1, 3))]
    score.meta = {name: rng.choice(TITLES) for name in rng.sample(["composer", "source", "Z", "a.b"], rng.randrange(3))}
    return score


def _events(rng: random.Random, lane: str) -> list[Any]:
    ticks = sorted(rng.randrange(0, 20) * 240 for _ in range(rng.randrange(5)))
    make: dict[str, Any] = {
        "tempos": lambda tick: Tempo(tick, rng.randint(1, 0xFFFFFF)),
        "meters": lambda tick: Meter(tick, rng.randint(1, 12), rng.choice([2, 4, 8, 16])),
        "keys": lambda tick: Key(tick, rng.randint(-7, 7), rng.choice(["major", "minor"])),
        "chords": lambda tick: Chord(tick, 480, rng.randrange(12), rng.choice(list(QUALITIES)), rng.randint(-1, 11)),
        "texts": lambda tick: Text(tick, rng.choice(["marker", "lyric"]), rng.choice(TITLES)),
        "raws": lambda tick: Raw(tick, rng.choice(["f07e7f0901f7", "d040"])),
        "controls": lambda tick: Control(tick, rng.randrange(128), rng.randrange(128)),
        "bends": lambda tick: Bend(tick, rng.randint(-8192, 8191)),
        "programs": lambda tick: Program(tick, rng.randrange(128)),
        "silences": lambda tick: Silence(tick, rng.randint(1, 999)),
    }
    return [make[lane](tick) for tick in ticks]


def random_operation(rng: random.Random, score: Score, depth: int = 0) -> dict[str, Any]:
    """A legal operation on ``score``."""
    track = rng.choice(score.tracks)
    some = rng.sample(sorted(track.notes), min(len(track.notes), rng.randint(1, 3)))
    kind = rng.randrange(13 if depth < 2 else 12)
    if kind == 0 or (kind in (1, 2, 3, 4, 5) and not some):
        return edits.add_notes(
            track.id, [random_note(rng, name) for name in fresh_ids(track.notes, "n", rng.randint(1, 3))]
        )
    if kind == 1:
        return edits.remove_notes(score, track.id, some)
    if kind == 2:
        low = min(track.notes[name].pitch for name in some)
        high = max(track.notes[name].pitch for name in some)
        return edits.move_notes(score, track.id, some, rng.randrange(0, 5) * 60, rng.randint(-low, 127 - high))
    if kind == 3:
        return edits.resize_notes(
            score, track.id, {name: (rng.randrange(2000), rng.randrange(2000)) for name in some}, "model:markov"
        )
    if kind == 4:
        return edits.set_velocity(score, track.id, {name: rng.randint(1, 127) for name in some})
    if kind == 5:
        return edits.lock_notes(score, track.id, some, rng.random() < 0.5)
    if kind == 6:
        names = tuple(rng.sample([item.id for item in score.tracks], rng.randint(1, len(score.tracks))))
        start = rng.randrange(0, 1500)
        region = Region(start, start + rng.randint(1, 1500), names)
        added = {}
        for name in names:
            ids = fresh_ids(score.track(name).notes, "m", rng.randrange(4))
            added[name] = [
                Note(
                    item, rng.randrange(region.start, region.end), rng.randrange(500), rng.randrange(128), 80, "model:x"
                )
                for item in ids
            ]
        return edits.replace_region(score, region, added, around=rng.random() < 0.3)
    if kind == 7:
        settings = rng.sample(
            [("name", rng.choice(TITLES)), ("volume", rng.randrange(128)), ("mute", rng.randrange(2)),
             ("program", rng.randrange(128)), ("locked", rng.randrange(2)), ("color", rng.randrange(16))],
            rng.randint(1, 3),
        )  # fmt: skip
        return edits.set_track(score, track.id, **dict(settings))
    if kind == 8:
        name = fresh_ids([item.id for item in score.tracks], "t", 1)[0]
        return edits.add_track(score, random_track(rng, name), rng.randint(0, len(score.tracks)))
    if kind == 9 and len(score.tracks) > 1:
        return edits.remove_track(score, track.id)
    if kind == 10:
        return edits.move_track(score, track.id, rng.randrange(len(score.tracks)))
    if kind == 11:
        lane = rng.choice(["tempos", "meters", "keys", "chords", "texts", "raws"])
        return edits.set_lane(score, lane, _events(rng, lane))
    if kind == 12:
        twin, parts = score.copy(), []
        for _ in range(rng.randint(1, 3)):
            parts.append(random_operation(rng, twin, depth + 1))
            apply(twin, parts[-1])
        return edits.compound(rng.choice(["paste", "quantise"]), parts)
    if rng.random() < 0.5:
        lane = rng.choice(["controls", "bends", "programs", "silences", "texts", "raws"])
        return edits.set_lane(score, lane, _events(rng, lane), track.id)
    return edits.set_score(score, title=rng.choice(TITLES), pickup=rng.randrange(3) * 240)


def spoil(rng: random.Random, operation: dict[str, Any]) -> dict[str, Any]:
    """A copy of an operation with something wrong in it (or, by chance, nothing)."""
    bad = copy.deepcopy(operation)
    places: list[tuple[Any, Any]] = []

    def walk(value: Any) -> None:
        items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
        for key, part in items:
            places.append((value, key))
            walk(part)

    walk(bad)
    holder, key = rng.choice(places)
    how = rng.randrange(4)
    if how == 0 and isinstance(holder, dict):
        del holder[key]
    elif how == 1:
        holder[key] = rng.choice([-1, 2**31, "", "no such", [], {}, True, 1.5, None])
    elif how == 2 and isinstance(holder, dict):
        holder["surplus"] = 1
    elif isinstance(holder[key], int):
        holder[key] += 1
    return bad


def random_sequence(
    rng: random.Random, start: Score, length: int, spoilt: float = 0.15
) -> tuple[Score, list[tuple[dict[str, Any], bool]]]:
    """The score at the end, and (operation, accepted) steps: edits, undos of earlier edits, and spoilt operations."""
    score, done, steps = start.copy(), [], []
    for _ in range(length):
        dice = rng.random()
        if dice < 0.15 and done:
            operation = inverse(done.pop())
        else:
            operation = random_operation(rng, score)
            if dice > 1 - spoilt:
                operation = spoil(rng, operation)
        try:
            apply(score, operation)
        except BadOperation:
            steps.append((operation, False))
            continue
        if dice >= 0.15 or not done:
            done.append(operation)
        steps.append((operation, True))
    return score, steps

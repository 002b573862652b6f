"""The sampler: no limit can be broken, whatever the network wants. The network here is random on purpose."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np
import pytest

from workbench.create.infill.transformer.rules import PartRules, Script, choose
from workbench.create.infill.transformer.sampler import Drawn, Job, Neutral, draw
from workbench.errors import Cancelled
from workbench.nets.infill_numpy import InfillRuntime
from workbench.tokens import grid12 as g
from workbench.tokens import rows as r

BARS = g.Bars.regular(48, 12)
START, END = 96, 288


def runtime(width: int = 64) -> InfillRuntime:
    """A network of random weights with the real layout."""
    rng = np.random.default_rng(0)
    tables = {
        "kind": 6, "slot": 13, "program": 130, "pitch": 176, "chroma": 14, "duration": 23, "velocity": 18,
        "position": 98, "bar_length": 33, "remaining": 66, "trait": 48, "next_time": 98, "next_position": 98,
        "next_slot": 13, "next_program": 130, "own_pitch": 176, "own_duration": 23,
    }  # fmt: skip
    weights = {f"{name}.weight": rng.normal(size=(size, width)) * 0.3 for name, size in tables.items()}
    weights["wanted.weight"] = rng.normal(size=(width, 12)) * 0.3
    for block in ("lower.0", "upper.0"):
        shapes = {
            "qkv": (3 * width, width),
            "out": (width, width),
            "widen": (4 * width, width),
            "narrow": (width, 4 * width),
        }
        weights |= {f"{block}.{name}.weight": rng.normal(size=shape) * 0.1 for name, shape in shapes.items()}
        weights |= {f"{block}.norm1": np.ones(width), f"{block}.norm2": np.ones(width)}
    heads = {"time_head": 98, "slot_head": 12, "pitch_head": 175, "duration_head": 22, "velocity_head": 16}
    heads |= {"slot_widen": width, "duration_widen": width, "velocity_widen": width}
    for name, size in heads.items():
        weights[f"{name}.weight"] = rng.normal(size=(size, width)) * 0.1
        weights[f"{name}.bias"] = np.zeros(size)
    weights |= {"norm_lower": np.ones(width), "norm_upper": np.ones(width)}
    return InfillRuntime(weights, {"width": width, "heads": width // 64, "lower": 1, "upper": 1})


NETWORK = runtime()


def _job(seed: int, rules: Mapping[int, PartRules], **more: object) -> Job:
    programs = np.full(12, g.NO_PROGRAM)
    programs[[0, 1, g.DRUM_SLOT]] = (0, 32, g.DRUM_PROGRAM)
    context = np.array([(0, 0, 60, 10, 8), (48, 1, 40, 10, 8), (300, 0, 64, 10, 8)], dtype=np.int64)
    gap = r.Gap(START, END, tuple(sorted(rules)))
    prompt = r.Prompt(BARS, 0, programs, (0, 1, g.DRUM_SLOT), context, [gap])
    return Job(prompt, rules, np.random.default_rng(seed), **more)  # type: ignore[arg-type]


def _write(*jobs: Job) -> list[Drawn]:
    return list(draw(NETWORK, jobs, lambda: None))


def _random_rules(rng: np.random.Generator) -> dict[int, PartRules]:
    slots = rng.permutation([0, 1, g.DRUM_SLOT])[: int(rng.integers(1, 4))]
    rules = {}
    for slot in slots.tolist():
        part = PartRules.free(END - START, slot == g.DRUM_SLOT, int(rng.integers(1, 4)))
        part.allowed &= rng.random(g.N_PITCH) < rng.uniform(0.05, 1.0)
        part.onsets &= np.arange(END - START) % int(rng.choice([1, 3, 4, 6])) == 0
        if rng.random() < 0.5:
            part.add(int(rng.integers(0, 150)), 30, 60 if slot < g.DRUM_SLOT else 130)
        if rng.random() < 0.3:
            part.left = int(rng.integers(1, 20))
        rules[slot] = part
    return rules


def test_ten_thousand_notes_under_random_limits_break_none() -> None:
    rng = np.random.default_rng(1)
    total, seed = 0, 0
    while total < 10_000:
        jobs, limits = [], []
        for _ in range(8):
            rules = _random_rules(rng)
            budget = int(rng.integers(1, 120))
            limits.append(({slot: part.copy() for slot, part in rules.items()}, budget))
            jobs.append(_job(seed, rules, budget=budget, steering=Neutral(1.5)))
            seed += 1
        notes = _write(*jobs)
        total += len(notes)
        for number, (rules, budget) in enumerate(limits):
            own = [note for note in notes if note.alternative == number]
            assert len(own) <= budget
            for note in own:
                part, at = rules[note.slot], note.tick - START
                assert START <= note.tick < note.tick + note.length <= END
                assert part.onsets[at]
                assert part.allowed[at, note.pitch]
                assert (note.pitch >= 128) == (note.slot == g.DRUM_SLOT)
                assert not part.busy[at : at + note.length, note.pitch].any()
                part.add(at, note.length, note.pitch)
                assert part.sounding[: END - START].max() <= max(part.limit, 1)
                assert 0 < note.velocity < g.N_VELOCITY
            for slot, part in rules.items():
                assert sum(note.slot == slot for note in own) <= part.left


def test_notes_come_in_the_order_of_time() -> None:
    notes = _write(_job(4, {0: PartRules.free(192, False)}, budget=60))
    assert len(notes) > 5
    assert [note.tick for note in notes] == sorted(note.tick for note in notes)


def test_the_same_seed_writes_the_same_notes_alone_or_beside_others() -> None:
    def job(seed: int) -> Job:
        return _job(seed, {0: PartRules.free(192, False)}, budget=40)

    alone = [(note.tick, note.pitch, note.length) for note in _write(job(7))]
    beside = [(n.tick, n.pitch, n.length) for n in _write(job(9), job(7)) if n.alternative == 1]
    assert alone == beside
    assert alone != [(note.tick, note.pitch, note.length) for note in _write(job(8))]


def test_stop_takes_effect_before_the_next_note() -> None:
    seen: list[Drawn] = []

    def check() -> None:
        if len(seen) == 3:
            raise Cancelled("Stopped.")

    notes = draw(NETWORK, [_job(1, {0: PartRules.free(192, False)}, least=50)], check)
    with pytest.raises(Cancelled):
        _collect(notes, seen)
    assert len(seen) == 3


def _collect(notes: Iterator[Drawn], seen: list[Drawn]) -> None:
    for note in notes:
        seen.append(note)


def test_a_kept_rhythm_stays_and_only_pitches_change() -> None:
    events = np.array([(0, 0, 12, 9), (12, 0, 6, 4), (150, 0, 30, 7)])
    notes = _write(_job(2, {0: PartRules.free(192, False)}, script=Script(events)))
    assert [(n.tick - START, n.length, n.velocity) for n in notes] == [(0, 12, 9), (12, 6, 4), (150, 30, 7)]


def test_a_kept_tune_is_played_out_in_its_order() -> None:
    tune = [60, 62, 64, 65, 67, 60, 60]
    notes = _write(_job(3, {0: PartRules.free(192, False, limit=1)}, tune={0: list(tune)}))
    assert [note.pitch for note in notes] == tune


def test_a_gap_that_held_music_is_not_answered_by_silence() -> None:
    counts = [len(_write(_job(seed, {0: PartRules.free(192, False)}, least=1, budget=5))) for seed in range(20)]
    assert min(counts) >= 1


def test_where_nothing_is_allowed_nothing_is_written() -> None:
    part = PartRules.free(192, False)
    part.allowed[:] = False
    assert _write(_job(0, {0: part}, least=1)) == []


def test_a_low_temperature_takes_the_likeliest_and_the_mask_always_holds() -> None:
    rng = np.random.default_rng(0)
    logits = np.array([9.0, 1.0, 5.0, 2.0])
    mask = np.array([False, True, True, True])
    assert {choose(logits, mask, 0.01, 1.0, rng)[0] for _ in range(20)} == {2}
    assert {choose(logits, mask, 5.0, 1.0, rng)[0] for _ in range(200)} == {1, 2, 3}

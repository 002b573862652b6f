"""Every model of a task on the same clips in one run: notes, beats or stems, with spread and worst tenth.

    python -m workbench.evaluation.side_by_side transcribe --kinds piano guitar band choir --count 4
    python -m workbench.evaluation.side_by_side beats --kinds band folk --count 4
    python -m workbench.evaluation.side_by_side separate --count 4

The clips are held-out works rendered with a soundfont that no training of ours heard (:mod:`.listen_clips`,
:mod:`.beat_clips`); models whose weights have not been pulled are named and left out. Speed is seconds of sound a
second of one core.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from workbench.errors import WorkbenchError
from workbench.hub.hub import Hub
from workbench.hub.protocol import CancelToken, Result
from workbench.hub.registry import Registry
from workbench.hub.tasks.base import TaskRequest
from workbench.hub.tasks.beats.request import BeatsRequest
from workbench.hub.tasks.separate.request import SeparateRequest
from workbench.hub.tasks.transcribe.request import TranscribeRequest
from workbench.hub.weights import stored
from workbench.sound.audio import Audio

Scores = dict[str, float]

#: Clips that are made at once and kept, so that runs of few clips share them.
MADE = 10


@dataclass(frozen=True)
class Case:
    """One clip: its ``kind``, the request that asks about it, and ``judge``, which gives figures for an answer."""

    kind: str
    request: TaskRequest
    seconds: float
    judge: Callable[[Any], Scores]


def note_f1(found: Sequence[Mapping[str, Any]], true: np.ndarray) -> float:
    """Onset F1 (50 ms, same pitch) of notes in the JSON form against rows (start, end, pitch, ...)."""
    import mir_eval

    if not len(found) or not len(true):
        return float(not len(found) and not len(true))
    spans = np.array([[note["start"], max(note["end"], note["start"] + 0.01)] for note in found])
    hertz = 440.0 * 2 ** ((np.array([note["pitch"] for note in found]) - 69) / 12)
    _, _, f1, _ = mir_eval.transcription.precision_recall_f1_overlap(
        true[:, :2], 440.0 * 2 ** ((true[:, 2] - 69) / 12), spans, hertz, offset_ratio=None
    )
    return float(f1)


def beat_f1(found: Sequence[float], true: np.ndarray) -> float:
    """F1 of times within 70 ms, from the fifth second on."""
    import mir_eval

    trim = mir_eval.beat.trim_beats
    return float(mir_eval.beat.f_measure(trim(np.asarray(true)), trim(np.asarray(found, dtype=float))))


def si_sdr(estimate: np.ndarray, true: np.ndarray) -> float:
    """Scale-invariant signal to distortion, in dB (Le Roux et al., 2019)."""
    estimate, true = estimate.ravel().astype(np.float64), true.ravel().astype(np.float64)
    wanted = true * (estimate @ true) / max(float(true @ true), 1e-12)
    wrong = estimate - wanted
    return 10.0 * float(np.log10(max(float(wanted @ wanted), 1e-12) / max(float(wrong @ wrong), 1e-12)))


def note_cases(kinds: Sequence[str], count: int, seconds: float) -> Iterator[Case]:
    """Clips whose pitched notes are known."""
    from workbench.evaluation.listen_clips import clips

    for kind in kinds:
        for clip in clips(kind, max(count, MADE), seconds=seconds)[:count]:
            audio = Audio(clip.sound[:, None].astype(np.float32), clip.rate)
            asked = "piano" if kind == "piano" else "band"

            true = clip.notes()

            def judge(idea: Any, true: np.ndarray = true) -> Scores:
                return {"onset F1": note_f1(idea.value.get("notes", ()), true)}

            yield Case(kind, TranscribeRequest(audio, asked), audio.seconds, judge)


def beat_cases(kinds: Sequence[str], count: int, seconds: float) -> Iterator[Case]:
    """Clips whose beats are known."""
    from workbench.evaluation.beat_clips import draw, sound

    for kind in kinds:
        for clip in draw(kind, count, seconds=seconds):
            audio = sound(clip, seconds)

            def judge(idea: Any, beats: np.ndarray = clip.beats, downbeats: np.ndarray = clip.downbeats) -> Scores:
                return {"beats F1": beat_f1(idea.value["beats"], beats),
                        "downbeats F1": beat_f1(idea.value["downbeats"], downbeats)}  # fmt: skip

            yield Case(kind, BeatsRequest(audio), audio.seconds, judge)


#: The model's stem -> the parts of a clip that it should hold.
PARTS = {
    "vocals": ("voice",), "drums": ("drums",), "bass": ("bass",), "other": ("other",),
    "accompaniment": ("drums", "bass", "other"),
}  # fmt: skip


def stem_cases(kinds: Sequence[str], count: int, seconds: float) -> Iterator[Case]:
    """Clips whose parts are known; figures are improvements over the mix, in dB SI-SDR.

    The voice of these clips is made, not sung: what a model knows of real singers it does not show here. Stems that a
    model does not know come back silent and do not count.
    """
    from workbench.evaluation.listen_clips import clips

    for kind in kinds:
        for clip in clips(kind, max(count, MADE), seconds=seconds)[:count]:
            audio = Audio(np.repeat(clip.sound[:, None], 2, axis=1).astype(np.float32), clip.rate)

            def judge(idea: Any, parts: dict[str, np.ndarray] = clip.stems, mix: np.ndarray = clip.sound) -> Scores:
                given = {name: stem.mono() for name, stem in idea.stems.items() if np.any(stem.samples)}
                if "accompaniment" not in given and "vocals" in given:
                    given["accompaniment"] = mix - given["vocals"]
                out = {}
                for name, sources in PARTS.items():
                    true = np.sum([parts[source] for source in sources if source in parts], axis=0)
                    alone = len(sources) > 1 and "voice" not in parts  # the whole recording is the answer
                    if name in given and not alone and np.ndim(true) and np.square(true).mean() > 1e-6:
                        out[name] = si_sdr(given[name], true) - si_sdr(mix, true)
                return out

            yield Case(kind, SeparateRequest(audio, tuple(PARTS)), audio.seconds, judge)


TASKS: dict[str, tuple[Callable[[Sequence[str], int, float], Iterator[Case]], tuple[str, ...]]] = {
    "transcribe": (note_cases, ("piano", "guitar", "band", "choir")),
    "beats": (beat_cases, ("band", "folk")),
    "separate": (stem_cases, ("sung",)),
}


@dataclass(frozen=True)
class Row:
    """What came of one model: ``scores`` by (kind, measure), and its ``speed``."""

    model: str
    scores: Mapping[tuple[str, str], list[float]]
    speed: float


def by_hub(hub: Hub, model: str) -> Callable[[TaskRequest], Any]:
    """What asks a model of the hub; another that steps in is an error."""

    def ask(request: TaskRequest) -> Any:
        for item in hub.run(model, request, seed=1, cancel=CancelToken.never()):
            if isinstance(item, Result):
                if item.fallback_reason:
                    raise WorkbenchError(item.fallback_reason)
                return item.alternatives[0]
        return None

    return ask


def by_librosa(request: TaskRequest) -> Any:
    """librosa's beat tracker, the plain baseline; it knows no downbeats."""
    import librosa

    from workbench.hub.protocol import Alternative

    audio: Audio = request.audio  # type: ignore[attr-defined]
    _, beats = librosa.beat.beat_track(y=audio.mono(), sr=audio.rate, units="time")
    return Alternative(value={"beats": [float(beat) for beat in beats], "downbeats": []})


def run(model: str, ask: Callable[[TaskRequest], Any], cases: Sequence[Case]) -> Row:
    """One model over all clips; the first clip is heard twice, so that loading is not timed."""
    scores: dict[tuple[str, str], list[float]] = {}
    ask(cases[0].request)
    begun = time.process_time()
    for case in cases:
        for name, value in case.judge(ask(case.request)).items():
            scores.setdefault((case.kind, name), []).append(value)
    spent = max(1e-6, time.process_time() - begun)
    return Row(model, scores, sum(case.seconds for case in cases) / spent)


def table(rows: Sequence[Row]) -> str:
    """A table in Markdown: mean, spread, and the mean of the worst tenth (one clip at least)."""
    columns = sorted({column for row in rows for column in row.scores})
    out = ["| model | " + " | ".join(f"{kind}, {name}" for kind, name in columns) + " | speed |"]
    out.append("|---" * (len(columns) + 2) + "|")
    for row in rows:
        cells = [_cell(row.scores.get(column, [])) for column in columns]
        out.append(f"| {row.model} | " + " | ".join(cells) + f" | {row.speed:.1f}x |")
    return "\n".join(out)


def _cell(values: Sequence[float]) -> str:
    if not values:
        return "-"
    worst = sorted(values)[: max(1, len(values) // 10)]
    return f"{np.mean(values):.2f} ± {np.std(values):.2f} ({np.mean(worst):.2f})"


def main(arguments: Sequence[str] | None = None) -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("task", choices=sorted(TASKS))
    parser.add_argument("--kinds", nargs="+")
    parser.add_argument("--models", nargs="+")
    parser.add_argument("--count", type=int, default=4)
    parser.add_argument("--seconds", type=float, default=15.0)
    given = parser.parse_args(arguments)
    make, kinds = TASKS[given.task]
    cases = list(make(given.kinds or kinds, given.count, given.seconds))
    registry = Registry.load()
    hub = Hub(registry)
    rows = []
    for spec in registry.for_task(given.task):
        if given.models and spec.id not in given.models:
            continue
        if not stored.present(spec, registry.local.get(spec.id)):
            print(f"{spec.id}: not pulled, left out", flush=True)
            continue
        try:
            rows.append(run(spec.id, by_hub(hub, spec.id), cases))
        except WorkbenchError as error:
            print(f"{spec.id}: {error}", flush=True)
        hub.runtime.unload_all()
    if given.task == "beats":
        rows.append(run("librosa", by_librosa, cases))
    print(f"{given.count} clips a kind of {given.seconds:g} s; mean ± spread (worst tenth)\n")
    print(table(rows))


if __name__ == "__main__":
    main()

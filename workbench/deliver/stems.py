"""Exporting a score as a folder: stems, mix, MIDI, notation, tempo and a manifest.

::

    DIR/mix.wav  DIR/stems/01-piano.wav ...   one length, one rate, one start; the stems sum to the mix
    DIR/score.mid  DIR/midi/01-piano.mid ...  the whole score, and each track with the tempo map
    DIR/score.musicxml                        notation (left out, with a remark, where the extra is missing)
    DIR/project.rpp  DIR/project.dawproject   the stems and the notes in place, for Reaper and other workstations
    DIR/tempo.json                            tempo changes, metres and bar lines in ticks and seconds
    DIR/manifest.json                         who wrote what, settings, versions and hashes

The folder appears under its name only when everything in it is whole.
"""

from __future__ import annotations

import hashlib
import json
import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import workbench
from workbench.deliver.daw.dawproject import write_dawproject
from workbench.deliver.daw.reaper import reaper_project
from workbench.deliver.daw.timeline import tempos
from workbench.errors import BadRequest, Cancelled, Unavailable
from workbench.fsutil import replaceable, replacing_folder
from workbench.provenance.authorship import by_author, models, statement
from workbench.score.score import Score, Track
from workbench.score.timemap import TimeMap
from workbench.sound.files import write_audio
from workbench.sound.instruments import soundfont as sf
from workbench.sound.loudness import integrated_lufs, true_peak
from workbench.sound.render import DEFAULT_RATE, Progress, Stem, Stop, render_all, stem_name

MANIFEST_VERSION = 1


@dataclass(frozen=True, slots=True)
class _Form:
    """How sound is written; see :func:`export_stems`."""

    rate: int
    subtype: str
    whole_bars: bool
    tempo_names: bool


def export_stems(
    score: Score,
    directory: str | Path,
    *,
    rate: int = DEFAULT_RATE,
    subtype: str = "float",
    whole_bars: bool = False,
    tempo_names: bool = False,
    note: str | None = None,
    facts: dict[str, Any] | None = None,
    progress: Progress | None = None,
    stop: Stop | None = None,
) -> dict[str, Any]:
    """Write everything a musician needs into ``directory`` and return the manifest.

    Args:
        score: the piece.
        directory: a new or empty folder, or one that an earlier export wrote (it is replaced as a whole).
        rate: 44,100 or 48,000 Hz.
        subtype: "float", "pcm24" or "pcm16".
        whole_bars: all sound ends on a bar line (it always begins with the pickup or bar 1).
        tempo_names: the tempo stands in the names of the sound files, as in ``01-piano_96bpm.wav``.
        note: a remark stored in every sound and MIDI file; by default which parts a model wrote.
        facts: more entries for the manifest, such as seeds and settings of the models that were run.
        progress: called with 0.0 to 1.0.
        stop: asked between files; where it answers True everything written so far is removed.

    Raises:
        BadRequest: nothing to export, a folder with other files in it, or a piece that is too long.
        Cancelled: ``stop`` said so.
        Unavailable: the disk is full or the folder cannot be written.
    """
    target = Path(directory)
    if not score.tracks:
        raise BadRequest("This piece has no tracks; add one before exporting.")
    if not replaceable(target):
        raise BadRequest(f"The folder {target.name!r} holds other files; name a new folder.")
    note = statement(score) if note is None else note
    report = progress or (lambda part: None)
    with replacing_folder(target) as work:
        form = _Form(rate, subtype, whole_bars, tempo_names)
        manifest = _write_all(score, work, form, note, facts or {}, report, stop)
    report(1.0)
    return manifest


def slug(text: str) -> str:
    """A file name of lower-case ASCII letters, digits and dashes, at most 40; empty where nothing is left."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", plain.lower()).strip("-")[:40].strip("-")


def file_names(score: Score) -> list[str]:
    """``01-piano`` and so on, one a track; a name in a script without ASCII letters gives way to the instrument."""
    plain = [Track("t1", program=track.program, is_drum=track.is_drum) for track in score.tracks]
    width = max(2, len(str(len(score.tracks))))
    return [
        f"{number:0{width}d}-{slug(stem_name(track)) or slug(stem_name(bare))}"
        for number, (track, bare) in enumerate(zip(score.tracks, plain, strict=True), 1)
    ]


def tempo_mark(score: Score) -> str:
    """``96bpm``, or ``96-120bpm`` where the tempo changes: quarters a minute to one decimal."""
    found = [tempo for _, tempo in tempos(score)]
    low, high = f"{round(min(found), 1):g}", f"{round(max(found), 1):g}"
    return f"{low}bpm" if low == high else f"{low}-{high}bpm"


def _write_all(
    score: Score,
    work: Path,
    form: _Form,
    note: str,
    facts: dict[str, Any],
    report: Callable[[float], None],
    stop: Stop | None,
) -> dict[str, Any]:
    def check() -> None:
        if stop is not None and stop():
            raise Cancelled("Stopped; nothing was written.")

    rate, subtype = form.rate, form.subtype
    names = file_names(score)
    mark = f"_{tempo_mark(score)}" if form.tempo_names else ""
    sounds = [f"stems/{name}{mark}.wav" for name in names]
    (work / "stems").mkdir()
    (work / "midi").mkdir()
    stems, mix = render_all(
        score, rate=rate, whole_bars=form.whole_bars, progress=lambda part: report(0.7 * part), stop=stop
    )
    loudness, peak = integrated_lufs(mix.samples, rate), true_peak(mix.samples)
    write_audio(mix, work / f"mix{mark}.wav", subtype=subtype, note=note)
    frames = mix.frames
    for number, (stem, sound) in enumerate(zip(stems, sounds, strict=True)):
        check()
        write_audio(stem.audio, work / sound, subtype=subtype, note=note)
        report(0.7 + 0.2 * (number + 1) / len(stems))
    check()
    (work / "project.rpp").write_text(
        reaper_project(score, sounds, rate=rate, frames=frames), encoding="utf-8", newline="\n"
    )
    places = [work / sound for sound in sounds]
    write_dawproject(score, work / "project.dawproject", places, rate=rate, frames=frames)
    check()
    left_out = _write_scores(score, work, names, note)
    (work / "tempo.json").write_text(_json(tempo_table(score)), encoding="utf-8")
    check()
    manifest = {
        "version": MANIFEST_VERSION, "workbench": workbench.__version__, "title": score.title, "note": note,
        "rate": rate, "sample_format": subtype, "whole_bars": form.whole_bars,
        "frames": frames, "seconds": round(frames / rate, 6),
        "loudness_lufs": None if loudness == float("-inf") else round(loudness, 2), "true_peak": round(peak, 6),
        "project_sha256": _project_hash(score), "soundfont": sf.index()["source"],
        "tracks": [_track_entry(*item) for item in zip(score.tracks, stems, sounds, names, strict=True)],
        "models": models(score),
        "left_out": left_out, "facts": facts, "meta": dict(score.meta),
        "files": {
            str(path.relative_to(work).as_posix()): hashlib.sha256(path.read_bytes()).hexdigest()
            for path in sorted(work.rglob("*")) if path.is_file()
        },
    }  # fmt: skip
    (work / "manifest.json").write_text(_json(manifest), encoding="utf-8")
    return manifest


def _track_entry(track: Track, stem: Stem, sound: str, name: str) -> dict[str, Any]:
    from workbench.score.instruments import program_name

    return {
        "id": track.id, "name": stem.name, "stem": sound, "midi": f"midi/{name}.mid",
        "instrument": program_name(track.program, track.is_drum), "program": track.program, "drums": track.is_drum,
        "notes": len(track.notes), "authors": by_author(track),
        "edited_by": sorted({who for note in track.notes.values() for who in note.edited_by}),
        "silent": not stem.audio.samples.any(),
    }  # fmt: skip


def _write_scores(score: Score, work: Path, names: list[str], note: str) -> list[str]:
    """Write MIDI and notation; returns one sentence for each thing that had to be left out."""
    from workbench.score.midi.files import write_midi

    (work / "score.mid").write_bytes(write_midi(score, texts=(note,)))
    for track, name in zip(score.tracks, names, strict=True):
        single = score.copy()
        single.tracks = [item for item in single.tracks if item.id == track.id]
        (work / "midi" / f"{name}.mid").write_bytes(write_midi(single, texts=(note,)))
    try:
        from workbench.score.musicxml.files import write_musicxml

        text, remarks = write_musicxml(score)
    except (ImportError, Unavailable):
        return ["score.musicxml: notation needs the extra 'app' (music21)."]
    (work / "score.musicxml").write_text(text, encoding="utf-8")
    return [f"score.musicxml: {remark.text}" for remark in remarks]


def tempo_table(score: Score) -> dict[str, Any]:
    """Tempo changes, metres and bar lines with their times, ready for JSON; seconds to the microsecond."""
    times = TimeMap(score)

    def at(tick: int) -> dict[str, Any]:
        return {"tick": tick, "seconds": round(times.seconds(tick), 6)}

    return {
        "ppq": score.ppq,
        "tempos": [
            {**at(item.tick), "us_per_quarter": item.us_per_quarter, "bpm": round(60e6 / item.us_per_quarter, 4)}
            for item in score.tempos
        ],
        "meters": [
            {**at(item.tick), "numerator": item.numerator, "denominator": item.denominator} for item in score.meters
        ],
        "bars": [{"number": bar.number, **at(bar.start)} for bar in times.bars()],
    }


def _project_hash(score: Score) -> str:
    from workbench.score.canonical import project_hash

    return project_hash(score)


def _json(value: Any) -> str:
    return json.dumps(value, indent=1, ensure_ascii=False) + "\n"

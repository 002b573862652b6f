"""Exporting a recording that was taken apart, in the form of :mod:`workbench.deliver.stems`.

::

    DIR/mix.wav  DIR/stems/01-drums.wav ...   the recording, and its stems: its rate, its length, summing to it
    DIR/score.mid  DIR/midi/01-drums.mid ...  what was heard, and the part of it that each stem plays
    DIR/score.musicxml  DIR/project.rpp  DIR/project.dawproject  DIR/tempo.json  DIR/manifest.json

Everything begins with the recording's first sample, tick 0 of the score, whose bars lie where they were heard.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

import workbench
from workbench.deliver.daw.dawproject import write_dawproject
from workbench.deliver.daw.reaper import reaper_project
from workbench.deliver.finished import Kept
from workbench.deliver.stems import (
    EMBED_BYTES,
    MANIFEST_VERSION,
    existing,
    file_names,
    hash_of,
    plain_json,
    tempo_mark,
    tempo_table,
    track_entry,
    write_scores,
)
from workbench.errors import BadRequest, Cancelled
from workbench.fsutil import check_space, replaceable, replacing_folder
from workbench.provenance.authorship import models
from workbench.provenance.handover import folder_manifest, speaker
from workbench.provenance.manifest import written_by
from workbench.score.score import Score
from workbench.score.timemap import TimeMap
from workbench.sound.audio import Audio
from workbench.sound.loudness import Meter
from workbench.sound.recording import Progress, Stop
from workbench.sound.writer import SoundWriter

_BYTES = {"float": 4, "pcm24": 3}
_BLOCK = 1 << 18
#: Peak below which a stem counts as silent: -80 dBFS.
_SILENT = 1e-4
#: Most channels that loudness is measured of.
_MEASURED = 5


@dataclass(frozen=True, slots=True)
class PartedForm:
    """What is exported.

    ``subtype``: "float" or "pcm24". ``whole_bars``: silence is added so that all sound ends on a bar line.
    ``tempo_names``: the tempo stands in the names of the sound files. ``note``: a remark stored in every file.
    ``facts``: more for the manifest.
    """

    subtype: str = "float"
    whole_bars: bool = False
    tempo_names: bool = False
    note: str = "Made with the Music Workbench from a recording."
    facts: Mapping[str, Any] | None = None


def export_parted(
    recording: Audio, stems: Mapping[str, Audio], score: Score, directory: str | Path, *,
    progress: Progress | None = None, stop: Stop | None = None, **form: Any,
) -> dict[str, Any]:  # fmt: skip
    """Write a recording, its stems and what was heard into ``directory``; returns the manifest.

    Args:
        recording: the mix.
        stems: by name, of its rate, length and channels.
        score: what was heard, a track for each stem, in their order; tick 0 is the first sample.
        directory: a new or empty folder, or one that an earlier export wrote.
        progress: called with 0.0 to 1.0.
        stop: asked as the work goes on; where it answers True everything written so far is removed.
        form: the fields of :class:`PartedForm`.

    Raises:
        BadRequest: stems that do not fit the recording or the score, or a folder with other files in it.
        Cancelled: ``stop`` said so.
        Unavailable: the disk is full, or the folder cannot be written.
    """
    target, chosen = Path(directory), PartedForm(**form)
    if not replaceable(target):
        raise BadRequest(f"The folder {target.name!r} holds other files; name a new folder.")
    if chosen.subtype not in _BYTES:
        raise BadRequest(f"The sample format must be one of {', '.join(_BYTES)}.")
    shape = recording.samples.shape
    if len(stems) != len(score.tracks) or not stems:
        raise BadRequest("There must be one track for each stem.")
    if any(stem.samples.shape != shape or stem.rate != recording.rate for stem in stems.values()):
        raise BadRequest("The stems must have the rate, the length and the channels of the recording.")
    one = recording.samples.size * _BYTES[chosen.subtype]
    check_space(existing(target.absolute().parent), (2 * len(stems) + 1) * one + 1_000_000)
    with replacing_folder(target) as work:
        return _Writing(recording, stems, score, chosen, work, progress or (lambda part: None), stop).all()


class _Writing:
    """One export on its way."""

    def __init__(
        self, recording: Audio, stems: Mapping[str, Audio], score: Score, form: PartedForm, work: Path,
        report: Progress, stop: Stop | None,
    ) -> None:  # fmt: skip
        self.recording, self.stems, self.score, self.form = recording, stems, score, form
        self.work, self.report, self.stop = work, report, stop
        self.rate, self.frames = recording.rate, recording.frames
        self.say = speaker(score, {**written_by(score, ()), **(form.facts or {})}, form.note)
        if form.whole_bars:
            times = TimeMap(score)
            bar = times.bar_at(max(0, times.tick(recording.seconds) - 1))
            self.frames = max(self.frames, round(times.seconds(bar.end) * self.rate))
        peak = max(float(np.abs(audio.samples).max(initial=0.0)) for audio in (recording, *stems.values()))
        #: Whole numbers end at full scale: there the recording and its stems are lowered together.
        self.gain = np.float32(1.0 if form.subtype == "float" or peak <= 1.0 else 1.0 / peak)

    def check(self) -> None:
        """Raise :class:`Cancelled` where nobody wants this any more."""
        if self.stop is not None and self.stop():
            raise Cancelled("Stopped; nothing was written.")

    def blocks(self, audio: Audio) -> Iterator[NDArray[np.float32]]:
        """A sound at the common gain, and the silence after it."""
        for start in range(0, self.frames, _BLOCK):
            end = min(start + _BLOCK, self.frames)
            block = np.zeros((end - start, audio.channels), np.float32)
            there = audio.samples[start:end]
            block[: len(there)] = there * self.gain
            yield block

    def sound(self, name: str, audio: Audio, number: int) -> bool:
        """Write a sound file; returns whether it is silent."""
        quiet = True
        with SoundWriter(
            self.work / name, self.rate, audio.channels, subtype=self.form.subtype, note=self.form.note
        ) as file:
            for place, block in enumerate(self.blocks(audio)):
                self.check()
                file.write(block)
                quiet = quiet and float(np.abs(block).max(initial=0.0)) < _SILENT
                part = min(1.0, place * _BLOCK / max(1, self.frames))
                self.report(0.9 * (number + part) / (len(self.stems) + 1))
        self.say(self.work / name)
        return quiet

    def all(self) -> dict[str, Any]:
        """Write everything; returns the manifest."""
        score, form, work, done = self.score, self.form, self.work, Kept(self.work)
        names = file_names(score)
        mark = f"_{tempo_mark(score)}" if form.tempo_names else ""
        sounds = [f"stems/{name}{mark}.wav" for name in names]
        for folder in ("stems", "midi"):
            (work / folder).mkdir()
        silent = [
            self.sound(sound, stem, n) for n, (sound, stem) in enumerate(zip(sounds, self.stems.values(), strict=True))
        ]
        self.sound(f"mix{mark}.wav", self.recording, len(sounds))
        loudness, true_peak = self.loudness()
        (work / "project.rpp").write_text(
            reaper_project(score, sounds, rate=self.rate, frames=self.frames), encoding="utf-8", newline="\n"
        )
        size = self.frames * self.recording.channels * _BYTES[form.subtype] * len(sounds)
        write_dawproject(
            score, work / "project.dawproject", [work / sound for sound in sounds], rate=self.rate, frames=self.frames,
            embed=size <= EMBED_BYTES, channels=self.recording.channels,
        )  # fmt: skip
        self.check()
        left_out = write_scores(score, work, names, form.note, self.say)
        (work / "tempo.json").write_text(plain_json(tempo_table(score)), encoding="utf-8")
        for place in sorted(work.rglob("*")):
            if place.is_file():
                done.add(place.relative_to(work).as_posix())
        self.check()
        manifest = {
            "version": MANIFEST_VERSION, "workbench": workbench.__version__, "title": score.title, "note": form.note,
            "rate": self.rate, "channels": self.recording.channels, "sample_format": form.subtype,
            "whole_bars": form.whole_bars, "frames": self.frames, "seconds": round(self.frames / self.rate, 6),
            "gain": float(self.gain), "loudness_lufs": loudness, "true_peak": true_peak,
            "project_sha256": hash_of(score), "soundfont": None,
            "tracks": [track_entry(*item) for item in zip(score.tracks, silent, sounds, names, strict=True)],
            "models": models(score), "left_out": left_out, "meta": dict(score.meta),
            "files": dict(sorted(done.digests.items())),
        }  # fmt: skip
        manifest = folder_manifest(score, form.facts, manifest, form.note)
        (work / "manifest.json").write_text(plain_json(manifest), encoding="utf-8")
        self.report(1.0)
        return manifest

    def loudness(self) -> tuple[float | None, float | None]:
        """Loudness of the mix in LUFS (None for silence) and its true peak; None both for many channels."""
        if self.recording.channels > _MEASURED:
            return None, None
        meter = Meter(self.rate, self.recording.channels)
        for block in self.blocks(self.recording):
            self.check()
            meter.feed(block)
        found = meter.lufs()
        padded = np.zeros((self.frames - self.recording.frames, self.recording.channels), np.float32)

        def read(start: int, end: int) -> NDArray[np.float32]:
            there = self.recording.samples[start:end] * self.gain
            return np.concatenate([there, padded[: end - start - len(there)]])

        return None if found == float("-inf") else round(found, 2), round(meter.true_peak(read), 6)

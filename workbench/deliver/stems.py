"""Exporting a score as a folder: stems, mix, MIDI, notation, tempo and a manifest.

::

    DIR/mix.wav  DIR/stems/01-piano.wav ...   one length, one rate, one start; the stems sum to the mix
    DIR/stems/05-mark.wav                     the inaudible mark, where a model wrote some of the piece
    DIR/score.mid  DIR/midi/01-piano.mid ...  the whole score, and each track with the tempo map
    DIR/score.musicxml                        notation (left out, with a remark, where the extra is missing)
    DIR/project.rpp  DIR/project.dawproject   the stems and the notes in place, for Reaper and other workstations
    DIR/tempo.json                            tempo changes, metres and bar lines in ticks and seconds
    DIR/manifest.json                         who wrote what, settings, versions and hashes

The folder appears under its name only when everything in it is whole.
"""

from __future__ import annotations

import json
import re
import tempfile
import unicodedata
import zipfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import workbench
from workbench.deliver.daw.dawproject import write_dawproject
from workbench.deliver.daw.reaper import reaper_project
from workbench.deliver.daw.timeline import tempos
from workbench.deliver.finished import Kept, Moved
from workbench.deliver.marking import Marked, marking
from workbench.errors import BadDocument, BadRequest, Cancelled
from workbench.fsutil import check_space, replaceable, replacing_file, replacing_folder
from workbench.provenance.authorship import by_author, models, statement
from workbench.provenance.handover import folder_manifest, speaker
from workbench.provenance.manifest import written_by
from workbench.provenance.seal import seal_archive
from workbench.score.score import Score, Track
from workbench.score.timemap import TimeMap
from workbench.sound.audio import Audio
from workbench.sound.instruments import soundfont as sf
from workbench.sound.limits import OWN, Limits
from workbench.sound.playing import BLOCK
from workbench.sound.recording import DEFAULT_RATE, Progress, Stop, plan_of, recorded
from workbench.sound.render import stem_name
from workbench.sound.tape import FRAME_BYTES, Block
from workbench.sound.writer import SoundWriter

MANIFEST_VERSION = 1


#: Up to this many bytes of stems are held a second time by the ``.dawproject``; larger ones it names where they lie.
EMBED_BYTES = 300_000_000
_BYTES = {"float": 8, "pcm24": 6, "pcm16": 4}  # a stereo frame of a WAV file


@dataclass(frozen=True, slots=True)
class Form:
    """What is exported.

    ``rate``: 44,100 or 48,000 Hz. ``subtype``: "float", "pcm24" or "pcm16". ``whole_bars``: all sound ends on a bar
    line (it always begins with the pickup or bar 1). ``ends``: seconds at which it ends instead. ``tempo_names``: the
    tempo stands in the names of the sound files, as in ``01-piano_96bpm.wav``. ``note``: a remark stored in every sound
    and MIDI file; by default which parts a model wrote. ``facts``: more for the manifest, such as the runs of models
    that wrote the piece (:func:`workbench.provenance.manifest.written_by`).
    ``no_mark``: a reason for leaving the inaudible mark out. ``limits``: how much sound may be made. ``given``: sound
    that stands for tracks, by their ids; see :func:`workbench.sound.recording.recorded`.
    """

    rate: int = DEFAULT_RATE
    subtype: str = "float"
    whole_bars: bool = False
    ends: float | None = None
    tempo_names: bool = False
    note: str | None = None
    facts: dict[str, Any] | None = None
    no_mark: str = ""
    limits: Limits = OWN
    given: Mapping[str, Audio] | None = None

    def facts_for(self, score: Score) -> dict[str, Any]:
        """Everything known of who made the piece, for the manifests inside its files."""
        return {**written_by(score, ()), **(self.facts or {})}


def export_stems(
    score: Score,
    directory: str | Path,
    *,
    progress: Progress | None = None,
    stop: Stop | None = None,
    **form: Any,
) -> dict[str, Any]:
    """Write everything a musician needs into ``directory`` and return the manifest.

    Args:
        score: the piece.
        directory: a new or empty folder, or one that an earlier export wrote (it is replaced as a whole).
        progress: called with 0.0 to 1.0.
        stop: asked as the work goes on; where it answers True everything written so far is removed.
        form: the fields of :class:`Form`.

    Raises:
        BadRequest: nothing to export, a folder with other files in it, or a piece that is too long.
        Cancelled: ``stop`` said so.
        Unavailable: the disk is full, too small, or the folder cannot be written.
    """
    target, chosen = Path(directory), Form(**form)
    if not replaceable(target):
        raise BadRequest(f"The folder {target.name!r} holds other files; name a new folder.")
    _check(score, chosen, existing(target.absolute().parent), zipped=False)
    with replacing_folder(target) as work:
        return _write_all(score, work, chosen, Kept(work), progress or (lambda part: None), stop)


def export_zip(
    score: Score,
    path: str | Path,
    *,
    progress: Progress | None = None,
    stop: Stop | None = None,
    **form: Any,
) -> dict[str, Any]:
    """The same as :func:`export_stems` in one zip file, taking hardly more space than the file itself.

    Args:
        score: the piece.
        path: of the zip; everything in it lies in a folder of its name.
        progress: see :func:`export_stems`, as are ``stop`` and ``form``.

    Raises:
        BadRequest: nothing to export, or a piece that is too long.
        Cancelled: ``stop`` said so.
        Unavailable: the disk is full, too small, or the place cannot be written.
    """
    path, chosen = Path(path), Form(**form)
    _check(score, chosen, path.absolute().parent, zipped=True)
    with replacing_file(path) as temporary:
        with (
            tempfile.TemporaryDirectory(prefix=".stems-", dir=path.parent) as work,
            zipfile.ZipFile(temporary, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive,
        ):
            done = Moved(Path(work), archive, path.stem, stop)
            manifest = _write_all(score, Path(work), chosen, done, progress or (lambda part: None), stop)
        seal_archive(temporary)
    return manifest


def _check(score: Score, form: Form, folder: Path, *, zipped: bool) -> None:
    """Refuse what has no tracks, is too much, or does not fit on the disk."""
    if not score.tracks:
        raise BadRequest("This piece has no tracks; add one before exporting.")
    if form.subtype not in _BYTES:
        raise BadRequest(f"The sample format must be one of {', '.join(_BYTES)}.")
    check_space(folder, space_needed(score, form, zipped=zipped))


def space_needed(score: Score, form: Form, *, zipped: bool) -> int:
    """The most bytes that an export takes while it is made; raises :class:`BadRequest` where it is too much."""
    plan = plan_of(score, form.rate, whole_bars=form.whole_bars, ends=form.ends, limits=form.limits, given=form.given)
    form.limits.check(plan.frames / form.rate, len(score.tracks))  # silent stems are as long as the others
    stem = plan.frames * _BYTES[form.subtype]
    copies = stem * (len(score.tracks) + 1)
    recording = plan.frames * FRAME_BYTES * (len(plan.tracks) + 1)
    # Each recorded stem gives its space back once it is written; a zip packs silence to nothing.
    needed = recording + 3 * stem + (0 if zipped else stem * (len(score.tracks) - len(plan.tracks)))
    if copies <= EMBED_BYTES:
        needed += copies * (3 if zipped else 1)
    return needed + 1_000_000 + 200 * score.note_count


def existing(folder: Path) -> Path:
    """The nearest folder above that exists."""
    return next((place for place in (folder, *folder.parents) if place.is_dir()), folder)


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
    score: Score, work: Path, form: Form, done: Kept, report: Callable[[float], None], stop: Stop | None
) -> dict[str, Any]:
    def check() -> None:
        if stop is not None and stop():
            raise Cancelled("Stopped; nothing was written.")

    rate, subtype = form.rate, form.subtype
    hidden = marking(score, form.no_mark)
    note = hidden.noted(statement(score) if form.note is None else form.note)
    say = speaker(score, form.facts_for(score), note)
    names = file_names(score)
    mark = f"_{tempo_mark(score)}" if form.tempo_names else ""
    sounds = [f"stems/{name}{mark}.wav" for name in names]
    own = f"stems/{len(names) + 1:02d}-mark{mark}.wav" if hidden.wanted else ""
    (work / "stems").mkdir()
    (work / "midi").mkdir()
    silent: list[bool] = []
    with recorded(
        score, rate=rate, whole_bars=form.whole_bars, ends=form.ends, limits=form.limits, folder=work, stop=stop,
        given=form.given, progress=lambda part: report(0.7 * part),
    ) as made:  # fmt: skip
        frames = made.frames
        embed = frames * _BYTES[subtype] * len(sounds) <= EMBED_BYTES

        def write(name: str, blocks: Iterator[Block], number: int) -> bool:
            """Write a sound file; returns whether it is silent."""
            quiet = True
            with SoundWriter(work / name, rate, 2, subtype=subtype, note=note) as file:
                for place, block in enumerate(blocks):
                    check()
                    file.write(block)
                    quiet = quiet and not block.any()
                    report(0.7 + 0.28 * (number + min(1.0, place * BLOCK / frames)) / (len(sounds) + 1))
            say(work / name)
            return quiet

        for number, sound in enumerate(sounds):
            silent.append(write(sound, made.stem_blocks(number), number))
            made.drop(number)
            done.add(sound, last=not embed, dense=not silent[-1])
        marked = Marked(made)

        def both() -> Iterator[Block]:
            """The mix with the mark, which is written to its own stem on the way."""
            with SoundWriter(work / own, rate, 2, subtype=subtype, note=note) as file:
                for block, alone in marked.blocks():
                    file.write(alone)
                    yield block

        quiet = write(f"mix{mark}.wav", both() if own else made.mix_blocks(), len(sounds))
        done.add(f"mix{mark}.wav", dense=not quiet)
        if own:
            say(work / own)
            done.add(own, last=not embed, dense=marked.seconds > 0)
    check()
    (work / "project.rpp").write_text(
        reaper_project(score, sounds, rate=rate, frames=frames, mark=own), encoding="utf-8", newline="\n"
    )
    done.add("project.rpp")
    places = [work / sound for sound in sounds]
    write_dawproject(
        score, work / "project.dawproject", places, rate=rate, frames=frames, embed=embed,
        mark=work / own if own else None,
    )  # fmt: skip
    done.add("project.dawproject", dense=True)
    check()
    left_out = write_scores(score, work, names, note, say)
    (work / "tempo.json").write_text(plain_json(tempo_table(score)), encoding="utf-8")
    for place in sorted(work.rglob("*")):
        if place.is_file():
            done.add(place.relative_to(work).as_posix())
    check()
    manifest = {
        "version": MANIFEST_VERSION, "workbench": workbench.__version__, "title": score.title, "note": note,
        "rate": rate, "sample_format": subtype, "whole_bars": form.whole_bars,
        "frames": frames, "seconds": round(frames / rate, 6),
        "loudness_lufs": None if made.loudness == float("-inf") else round(made.loudness, 2),
        "true_peak": round(made.true_peak, 6),
        "project_sha256": hash_of(score), "soundfont": sf.index()["source"],
        "tracks": [track_entry(*item) for item in zip(score.tracks, silent, sounds, names, strict=True)],
        "models": models(score), "neighbours": _neighbours(score, stop),
        "mark": hidden.told(own, marked.seconds),
        "left_out": left_out, "meta": dict(score.meta), "files": dict(sorted(done.digests.items())),
    }  # fmt: skip
    manifest = folder_manifest(score, form.facts, manifest, note)
    (work / "manifest.json").write_text(plain_json(manifest), encoding="utf-8")
    done.add("manifest.json")
    report(1.0)
    return manifest


def _neighbours(score: Score, stop: Stop | None) -> list[dict[str, Any]]:
    """The passages with notes by a model that stand in training music, and in whose; none where no model wrote."""
    from workbench.provenance.neighbours import neighbours

    if not models(score):
        return []
    found = neighbours(score, written_by=lambda note: "model:" in note.author, cancelled=stop or (lambda: False))
    return [{**item.to_dict(), "sentence": item.sentence()} for item in found]


def track_entry(track: Track, silent: bool, sound: str, name: str) -> dict[str, Any]:
    """What the manifest says of a track: ``sound`` is its stem's path, ``name`` that of its MIDI file."""
    from workbench.score.instruments import program_name

    return {
        "id": track.id, "name": stem_name(track), "stem": sound, "midi": f"midi/{name}.mid",
        "instrument": program_name(track.program, track.is_drum), "program": track.program, "drums": track.is_drum,
        "notes": len(track.notes), "authors": by_author(track),
        "edited_by": sorted({who for note in track.notes.values() for who in note.edited_by}),
        "silent": silent,
    }  # fmt: skip


def write_scores(score: Score, work: Path, names: list[str], note: str, say: Callable[[Path], None]) -> list[str]:
    """Write MIDI and notation; returns one sentence for each thing that had to be left out.

    ``say`` lets each file say who made it.
    """
    from workbench.score.midi.files import write_midi
    from workbench.score.musicxml.files import write_musicxml

    (work / "score.mid").write_bytes(write_midi(score, texts=(note,)))
    say(work / "score.mid")
    for track, name in zip(score.tracks, names, strict=True):
        single = score.copy()
        single.tracks = [item for item in single.tracks if item.id == track.id]
        (work / "midi" / f"{name}.mid").write_bytes(write_midi(single, texts=(note,)))
        say(work / "midi" / f"{name}.mid")
    try:
        text, remarks = write_musicxml(score)
    except BadDocument as error:  # more bars than a page can hold
        return [f"score.musicxml: {error}"]
    (work / "score.musicxml").write_text(text, encoding="utf-8")
    say(work / "score.musicxml")
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


def hash_of(score: Score) -> str:
    """The piece's own hash."""
    from workbench.score.canonical import project_hash

    return project_hash(score)


def plain_json(value: Any) -> str:
    """JSON as the files of an export have it."""
    return json.dumps(value, indent=1, ensure_ascii=False) + "\n"

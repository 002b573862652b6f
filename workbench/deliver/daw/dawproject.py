"""A ``.dawproject`` file over exported stems: one archive with tempo, metres, markers, sound and notes.

The open exchange format of Bitwig, PreSonus and others, version 1.0 (https://github.com/bitwig/dawproject): a zip of
``project.xml``, ``metadata.xml`` and the sound. Positions are in beats (quarters); sound is not stretched, so its
clip counts its content in seconds. Notes stand on a second, muted track. Volume and pan are neutral: the stems are
mixed.
"""

from __future__ import annotations

import shutil
import xml.etree.ElementTree as ET
import zipfile
from collections.abc import Sequence
from pathlib import Path

import workbench
from workbench.deliver.daw.timeline import GREY, MARK, Lane, lanes, markers, metres, plain, tempos
from workbench.score.score import Note, Score, Track
from workbench.score.timemap import TimeMap

_TEMPO, _METRE, _MASTER, _MASTER_CHANNEL = "tempo", "metre", "master", "master-channel"


def write_dawproject(
    score: Score, path: Path, stems: Sequence[Path], *, rate: int, frames: int, embed: bool = True, channels: int = 2,
    mark: Path | None = None,
) -> None:  # fmt: skip
    """Write the archive with the stems inside, uncompressed (sound hardly shrinks), or beside it.

    Args:
        score: the piece.
        path: of the file to write.
        stems: each track's WAV file.
        rate: of the stems, in Hz.
        frames: length of the stems; every clip begins at 0 and has this length.
        embed: whether the archive holds the stems; else it names them where they lie, relative to itself.
        channels: of the stems.
        mark: the inaudible mark's WAV file, if there is one.
    """
    stems = [*stems, *([mark] if mark else [])]
    names = [f"audio/{stem.name}" if embed else stem.relative_to(path.parent).as_posix() for stem in stems]
    with zipfile.ZipFile(path, "w") as archive:
        for name, root in (
            ("project.xml", project_xml(score, names, rate=rate, frames=frames, embed=embed, channels=channels)),
            ("metadata.xml", metadata_xml(score)),
        ):
            ET.indent(root)
            text = ET.tostring(root, encoding="UTF-8", xml_declaration=True)
            archive.writestr(zipfile.ZipInfo(name), text, zipfile.ZIP_DEFLATED)
        for name, stem in zip(names, stems, strict=True) if embed else ():
            with stem.open("rb") as source, archive.open(zipfile.ZipInfo(name), "w", force_zip64=True) as target:
                shutil.copyfileobj(source, target, 1 << 20)


def metadata_xml(score: Score) -> ET.Element:
    """``metadata.xml``: title, composer and copyright as far as the piece knows them."""
    root = ET.Element("MetaData")
    said = {"Title": score.title, "Composer": score.meta.get("composer"), "Copyright": score.meta.get("copyright")}
    for name, text in said.items():
        if text:
            ET.SubElement(root, name).text = plain(text)
    return root


def project_xml(
    score: Score, stems: Sequence[str], *, rate: int, frames: int, embed: bool = True, channels: int = 2
) -> ET.Element:
    """``project.xml``; ``stems`` are the paths of the sound inside the archive (``embed``) or relative to it: one a
    track, and behind them that of the inaudible mark, if there is one."""
    times = TimeMap(score)
    end = times.tick(frames / rate)
    root = ET.Element("Project", version="1.0")
    ET.SubElement(root, "Application", name="Music Workbench", version=workbench.__version__)
    beats, signatures = tempos(score), metres(score, end)
    transport = ET.SubElement(root, "Transport")
    ET.SubElement(
        transport, "Tempo", id=_TEMPO, name="Tempo", unit="bpm", min="1", max="6000", value=_text(beats[0][1])
    )
    ET.SubElement(
        transport, "TimeSignature", id=_METRE, numerator=str(signatures[0][1]), denominator=str(signatures[0][2])
    )
    structure = ET.SubElement(root, "Structure")
    arrangement = ET.SubElement(root, "Arrangement", id="arrangement")
    timeline = ET.SubElement(arrangement, "Lanes", id="lanes", timeUnit="beats")
    length = end / score.ppq
    for number, lane in enumerate(lanes(score, stems[: len(score.tracks)]), 1):
        sound, notes = f"track{number}", f"track{number}-notes"
        _track(structure, sound, lane.name, lane.colour, "audio", muted=False)
        _track(structure, notes, f"{lane.name} (notes)", lane.colour, "notes", muted=True)
        audio = _audio_clip(timeline, sound, lane, length, rate, frames, embed)
        audio.set("channels", str(channels))
        _note_clip(timeline, notes, lane, length, score.ppq)
    for path in stems[len(score.tracks) :]:
        _track(structure, "mark", MARK, GREY, "audio", muted=False)
        own = Lane(Track("mark"), MARK, path, GREY)
        _audio_clip(timeline, "mark", own, length, rate, frames, embed).set("channels", str(channels))
    _track(structure, _MASTER, "Master", None, "audio notes", muted=False)
    if found := markers(score):
        lane_of_markers = ET.SubElement(arrangement, "Markers", id="markers", timeUnit="beats")
        for tick, text in found:
            ET.SubElement(lane_of_markers, "Marker", time=_text(tick / score.ppq), name=text)
    _automation(arrangement, score.ppq, beats, signatures)
    return root


def _text(value: float) -> str:
    return f"{value:.9f}"


def _track(parent: ET.Element, name: str, title: str, colour: str | None, content: str, *, muted: bool) -> None:
    track = ET.SubElement(parent, "Track", id=name, name=title, contentType=content, loaded="true")
    if colour:
        track.set("color", f"#{colour}")
    master = name == _MASTER
    channel = ET.SubElement(
        track, "Channel", id=f"{name}-channel", audioChannels="2", role="master" if master else "regular", solo="false"
    )
    if not master:
        channel.set("destination", _MASTER_CHANNEL)
    ET.SubElement(channel, "Mute", id=f"{name}-mute", name="Mute", value="true" if muted else "false")
    ET.SubElement(channel, "Pan", id=f"{name}-pan", name="Pan", unit="normalized", min="0", max="1", value="0.5")
    ET.SubElement(channel, "Volume", id=f"{name}-volume", name="Volume", unit="linear", min="0", max="2", value="1")


def _clip(timeline: ET.Element, track: str, name: str, length: float, unit: str) -> ET.Element:
    """A clip over the whole piece on a lane of its own; ``length`` in beats, its content counted in ``unit``."""
    lane = ET.SubElement(timeline, "Lanes", id=f"{track}-lane", track=track)
    clips = ET.SubElement(lane, "Clips", id=f"{track}-clips")
    return ET.SubElement(
        clips, "Clip", name=name, time="0", duration=_text(length), contentTimeUnit=unit, playStart="0"
    )


def _audio_clip(
    timeline: ET.Element, track: str, lane: Lane, length: float, rate: int, frames: int, embed: bool
) -> ET.Element:
    clip = _clip(timeline, track, lane.name, length, "seconds")
    audio = ET.SubElement(
        clip, "Audio", id=f"{track}-audio", algorithm="raw", channels="2", sampleRate=str(rate),
        duration=_text(frames / rate),
    )  # fmt: skip
    file = ET.SubElement(audio, "File", path=lane.stem)
    if not embed:
        file.set("external", "true")
    return audio


def _note_clip(timeline: ET.Element, track: str, lane: Lane, length: float, ppq: int) -> None:
    clip = _clip(timeline, track, lane.name, length, "beats")
    notes = ET.SubElement(clip, "Notes", id=f"{track}-events")
    channel = "9" if lane.track.is_drum else "0"
    for note in lane.track.sorted_notes():
        ET.SubElement(notes, "Note", _note(note, ppq), channel=channel)


def _note(note: Note, ppq: int) -> dict[str, str]:
    return {
        "time": _text(note.start / ppq), "duration": _text(max(1, note.duration) / ppq), "key": str(note.pitch),
        "vel": _text(note.velocity / 127), "rel": _text(note.velocity / 127),
    }  # fmt: skip


def _automation(
    arrangement: ET.Element, ppq: int, beats: list[tuple[int, float]], signatures: list[tuple[int, int, int]]
) -> None:
    tempo = ET.SubElement(arrangement, "TempoAutomation", id="tempo-automation", timeUnit="beats", unit="bpm")
    ET.SubElement(tempo, "Target", parameter=_TEMPO)
    for tick, value in beats:
        ET.SubElement(tempo, "RealPoint", time=_text(tick / ppq), value=_text(value), interpolation="hold")
    metre = ET.SubElement(arrangement, "TimeSignatureAutomation", id="metre-automation", timeUnit="beats")
    ET.SubElement(metre, "Target", parameter=_METRE)
    for tick, upper, lower in signatures:
        ET.SubElement(metre, "TimeSignaturePoint", time=_text(tick / ppq), numerator=str(upper), denominator=str(lower))

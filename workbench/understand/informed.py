"""A recording taken apart by the notes that are known to sound in it.

    stems = separate_with_notes(audio, {"piano": notes, "bass": more_notes, "drums": strokes})

After Ewert and Müller (2012): the spectrum's loudness is explained by a row of templates, one for each pitch of each
track and one for each kind of stroke. A template may only be loud at the pitch's overtones, and may only sound while
its notes do; what is left open (how loud each overtone is, how a note dies away) is fitted to the recording by the
multiplicative rule of Lee and Seung. Each track then gets its share of every bin (Wiener), and what no track explains
goes to a stem named ``rest``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from workbench.errors import BadRequest
from workbench.nets.separate_bands import STEMS
from workbench.sound.audio import Audio
from workbench.understand.heard import HeardNote
from workbench.understand.masking import Frames, Parting, Spectra, split
from workbench.understand.splitter import Shares, level_of

#: Overtones of a template, and cents by which a tone may be off.
_OVERTONES, _CENTS = 24, 40.0
#: Seconds for which a note may ring on, and a stroke at most.
_RELEASE, _STROKE = 0.25, 1.2
_ROUNDS = 12
_TINY = 1e-9
Array = NDArray[np.float32]


@dataclass(frozen=True)
class _Template:
    """One pitch of one track: the loudness allowed of each bin, and the notes that may wake it."""

    track: int
    shape: Array
    notes: tuple[HeardNote, ...]
    drum: bool


def separate_with_notes(
    audio: Audio, notes_by_track: Mapping[str, Iterable[HeardNote]], *, network: Shares | None = None,
    step: Callable[[float], object] = lambda done: None,
) -> dict[str, Audio]:  # fmt: skip
    """Take a recording apart by notes that are aligned to it (within about 50 ms).

    Args:
        audio: any rate, channels and length.
        notes_by_track: the notes of each stem, in seconds of the recording (strokes: with ``drum`` set).
        network: a second witness, such as :func:`workbench.understand.splitter.built_in`: what it takes for drums,
            bass or other counts as much as the notes (together they come 1 dB closer than either alone).
        step: told the part that is done, 0 to 1; may raise to stop.

    Returns:
        A stem for each track, in order, and ``rest``; they have the recording's rate and length and sum to it.

    Raises:
        BadRequest: no track, or one named ``rest``.
    """
    tracks = {name: tuple(notes) for name, notes in notes_by_track.items()}
    if not tracks or "rest" in tracks:
        raise BadRequest("Name at least one track to take out; the name 'rest' is taken.")
    return split(audio, (*tracks, "rest"), parting_by_notes(audio, tuple(tracks.values()), network), step=step)


def parting_by_notes(audio: Audio, tracks: Sequence[Sequence[HeardNote]], network: Shares | None = None) -> Parting:
    """The function that parts spectra of this recording into the tracks."""
    families = np.array([STEMS.index(family(notes)) for notes in tracks])
    level = level_of(audio)
    frames = Frames(audio)
    hertz = np.fft.rfftfreq(frames.size, 1 / frames.rate).astype(np.float32)
    templates = [template for number, notes in enumerate(tracks) for template in _templates(number, notes, hertz)]
    seconds_a_frame = frames.hop / frames.rate

    def part(spectra: Spectra, first: int) -> Spectra:
        size = np.sqrt((np.abs(spectra) ** 2).mean(axis=0)).astype(np.float32)  # [frames, bins]
        time = (first - 1 + np.arange(size.shape[0])) * seconds_a_frame
        shares = _shares(size, time, templates, len(tracks))
        if network is not None:
            shares = _agreed(shares, network.given(spectra, level), families)
        return np.asarray(spectra[None] * shares[:, None], np.complex64)

    return part


def family(notes: Sequence[HeardNote]) -> str:
    """Which of the splitter's stems a track belongs to: strokes are drums, a line below C3 is the bass."""
    if notes and all(note.drum for note in notes):
        return "drums"
    return "bass" if notes and np.median([note.pitch for note in notes]) < 48 else "other"


def _agreed(shares: Array, heard: Array, families: NDArray[np.integer]) -> Array:
    """The mean of two witnesses; what the network gives a family goes to its tracks as the notes part it.

    Args:
        shares: of the tracks by their notes, [tracks, frames, bins].
        heard: of the splitter's stems, [stems, frames, bins].
        families: number of each track's stem, [tracks].
    """
    out = np.empty_like(shares)
    for number in np.unique(families):
        mine = families == number
        together = shares[mine].sum(axis=0)
        out[mine] = shares[mine] * (0.5 + 0.5 * heard[number] / (together + 1e-3))
    return out


def _templates(track: int, notes: Sequence[HeardNote], hertz: Array) -> list[_Template]:
    found: dict[tuple[int, bool], list[HeardNote]] = {}
    for note in notes:
        found.setdefault((int(note.pitch), bool(note.drum)), []).append(note)
    return [
        _Template(track, _struck(hertz) if drum else _tone(pitch, hertz), tuple(own), drum)
        for (pitch, drum), own in found.items()
    ]


def _tone(pitch: int, hertz: Array) -> Array:
    """Where a pitch may be loud: its overtones, falling by 1 / n, as wide as the window and a tuning make them."""
    fundamental = 440.0 * 2 ** ((pitch - 69) / 12)
    grid = float(hertz[1])
    out = np.zeros_like(hertz)
    for number in range(1, _OVERTONES + 1):
        centre = fundamental * number * np.sqrt(1 + 1e-4 * number**2)  # strings are a little stiff
        if centre > hertz[-1]:
            break
        width = 1.6 * grid + centre * (2 ** (_CENTS / 1200) - 1)
        np.maximum(out, np.maximum(0, 1 - np.abs(hertz - centre) / width) / number, out=out)
    return out


def _struck(hertz: Array) -> Array:
    """Where a stroke may be loud: anywhere, less so the higher."""
    return np.asarray(1 / np.sqrt(1 + hertz / 200), np.float32)


def _gate(template: _Template, time: NDArray[np.floating]) -> Array:
    """When a template may sound, and how loud at first: [frames]."""
    out = np.zeros(len(time), np.float32)
    for note in template.notes:
        stop = note.start + _STROKE if template.drum else note.end + _RELEASE
        mine = (time >= note.start - 0.06) & (time <= stop)
        age = np.maximum(0, time[mine] - note.start)
        fall = np.exp(-age * (12 if template.drum else 1.5))
        out[mine] = np.maximum(out[mine], note.velocity / 127 * fall + 0.02)
    return out


def _shares(size: Array, time: NDArray[np.floating], templates: Sequence[_Template], tracks: int) -> Array:
    """Each track's share of every bin, float32 [tracks, frames, bins]."""
    out = np.zeros((tracks, *size.shape), np.float32)
    gates = [_gate(template, time) for template in templates]
    awake = [number for number, gate in enumerate(gates) if gate.any()]
    if not awake or not size.any():
        return out
    shapes = np.stack([templates[number].shape for number in awake])  # [templates, bins]
    level = float(size.mean())
    shapes = shapes / (shapes.sum(axis=1, keepdims=True) + _TINY)
    loud = np.stack([gates[number] for number in awake], axis=1) * level * size.shape[1] / len(awake)
    noise = np.full((1, size.shape[1]), 1 / size.shape[1], np.float32)  # what nobody plays
    hiss = np.full((len(size), 1), 0.02 * level * size.shape[1], np.float32)
    for _ in range(_ROUNDS):
        ratio = size / (loud @ shapes + hiss @ noise + _TINY)
        loud *= (ratio @ shapes.T) / (shapes.sum(axis=1) + _TINY)
        ratio = size / (loud @ shapes + hiss @ noise + _TINY)
        shapes *= (loud.T @ ratio) / (loud.sum(axis=0)[:, None] + _TINY)
        hiss *= (ratio @ noise.T) / noise.sum()
    owners = np.array([templates[number].track for number in awake])
    for track in range(tracks):
        mine = owners == track
        if mine.any():
            out[track] = (loud[:, mine] @ shapes[mine]) ** 2
    everything = out.sum(axis=0) + (hiss @ noise) ** 2 + _TINY
    out /= everything
    return out

"""SoundFont 2.01 files with Vorbis samples (SF3): which file holds a program, and which zones a key plays.

Every General MIDI program has a small file of its own under ``workbench/web/public/soundfonts``, the same that
browsers load; ``index.json`` beside them lists the files. The parser follows the SoundFont Technical
Specification 2.01 (E-mu Systems, 1998); as in all players of SF3, sample addresses are bytes of a Vorbis stream
and loop points are frames counted from the start of the sample.
"""

from __future__ import annotations

import functools
import io
import itertools
import json
import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from workbench import resources
from workbench.errors import BadFile, Unavailable

DRUM_BANK = 128

# Generators (specification, section 8.1.2) by number; only those that the renderer uses have a name here.
START_LOOP, END_LOOP, MOD_LFO_PITCH, VIB_LFO_PITCH, MOD_ENV_PITCH = 2, 3, 5, 6, 7
FILTER_FC, FILTER_Q, MOD_LFO_FILTER, MOD_ENV_FILTER, MOD_LFO_VOLUME = 8, 9, 10, 11, 13
PAN, DELAY_MOD_LFO, FREQ_MOD_LFO, DELAY_VIB_LFO, FREQ_VIB_LFO = 17, 21, 22, 23, 24
DELAY_MOD_ENV, ATTACK_MOD_ENV, HOLD_MOD_ENV, DECAY_MOD_ENV, SUSTAIN_MOD_ENV, RELEASE_MOD_ENV = range(25, 31)
DELAY_VOL_ENV, ATTACK_VOL_ENV, HOLD_VOL_ENV, DECAY_VOL_ENV, SUSTAIN_VOL_ENV, RELEASE_VOL_ENV = range(33, 39)
INSTRUMENT, KEY_RANGE, VELOCITY_RANGE, START_LOOP_COARSE, ATTENUATION, END_LOOP_COARSE = 41, 43, 44, 45, 48, 50
COARSE_TUNE, FINE_TUNE, SAMPLE_ID, SAMPLE_MODES, SCALE_TUNING, EXCLUSIVE_CLASS, ROOT_KEY = 51, 52, 53, 54, 56, 57, 58

_DEFAULTS = {
    FILTER_FC: 13_500, DELAY_MOD_LFO: -12_000, DELAY_VIB_LFO: -12_000, SCALE_TUNING: 100, ROOT_KEY: -1,
    DELAY_MOD_ENV: -12_000, ATTACK_MOD_ENV: -12_000, HOLD_MOD_ENV: -12_000, DECAY_MOD_ENV: -12_000,
    RELEASE_MOD_ENV: -12_000, DELAY_VOL_ENV: -12_000, ATTACK_VOL_ENV: -12_000, HOLD_VOL_ENV: -12_000,
    DECAY_VOL_ENV: -12_000, RELEASE_VOL_ENV: -12_000,
}  # fmt: skip
#: Generators that only an instrument may set; a preset never adds to them.
_INSTRUMENT_ONLY = (START_LOOP, END_LOOP, START_LOOP_COARSE, END_LOOP_COARSE, SAMPLE_MODES, EXCLUSIVE_CLASS, ROOT_KEY)

Samples = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Modulator:
    """A routing of the key's velocity to a generator (specification, section 8.2); the only kind rendered."""

    source: int
    target: int
    amount: int
    amount_source: int


@dataclass(eq=False, slots=True)
class Zone:
    """One sample under one set of generators, as a key in its ranges plays it. Compared by identity.

    ``samples`` is the decoded sample, float32 [frames]; ``rate`` its rate in Hz; ``loop`` first frame and first
    frame after the loop; ``generators`` the 60 summed generators in the units of the specification.
    """

    keys: tuple[int, int]
    velocities: tuple[int, int]
    generators: list[int]
    modulators: tuple[Modulator, ...]
    root_key: int
    correction: int
    rate: int
    loop: tuple[int, int]
    blob: bytes = field(repr=False)
    decoded: dict[bytes, Samples] = field(repr=False)

    @property
    def samples(self) -> Samples:
        """The decoded sample, float32 [frames]; decoded when first used and shared between zones."""
        if self.blob not in self.decoded:
            self.decoded[self.blob] = _decode(self.blob)
        return self.decoded[self.blob]

    def plays(self, key: int, velocity: int) -> bool:
        """Whether this zone sounds for a key struck at a velocity (both 0 to 127)."""
        return self.keys[0] <= key <= self.keys[1] and self.velocities[0] <= velocity <= self.velocities[1]


def _decode(blob: bytes) -> Samples:
    import soundfile

    samples, _ = soundfile.read(io.BytesIO(blob), dtype="float32", always_2d=True)
    return np.ascontiguousarray(samples[:, 0])


class SoundFont:
    """The presets of one SF3 file: ``zones(bank, program, key, velocity)``.

    Raises:
        BadFile: the data is not a SoundFont.
    """

    def __init__(self, data: bytes) -> None:
        try:
            chunks = dict(_chunks(data))
            self.presets = _presets(chunks)
        except (struct.error, ValueError, KeyError, IndexError) as error:
            raise BadFile("A soundfont file is damaged; install the workbench again.") from error

    def zones(self, bank: int, program: int, key: int, velocity: int) -> list[Zone]:
        """The zones that sound; an empty list if the preset is missing or silent there."""
        return [zone for zone in self.presets.get((bank, program), ()) if zone.plays(key, velocity)]


def _chunks(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Walk the RIFF chunks of a SoundFont; lists are opened, all other chunks are yielded as (name, body)."""
    if data[:4] != b"RIFF" or data[8:12] != b"sfbk":
        raise ValueError("not a SoundFont")
    stack = [(12, len(data))]
    while stack:
        position, end = stack.pop()
        if position + 8 > end:
            continue
        name, size = struct.unpack_from("<4sI", data, position)
        stack.append((position + 8 + size + size % 2, end))
        if name == b"LIST":
            stack.append((position + 12, position + 8 + size))
        else:
            yield name, data[position + 8 : position + 8 + size]


def _presets(chunks: dict[bytes, bytes]) -> dict[tuple[int, int], list[Zone]]:
    samples = list(struct.iter_unpack("<20sIIIIIBbHH", chunks[b"shdr"]))
    instrument_heads = list(struct.iter_unpack("<20sH", chunks[b"inst"]))
    preset_heads = list(struct.iter_unpack("<20sHHHIII", chunks[b"phdr"]))
    instrument_bags = _Bags(chunks, b"i")
    preset_bags = _Bags(chunks, b"p")
    decoded: dict[bytes, Samples] = {}
    presets: dict[tuple[int, int], list[Zone]] = {}
    for head, following in itertools.pairwise(preset_heads):
        zones: list[Zone] = []
        for outer, _ in preset_bags.zones(head[3], following[3], INSTRUMENT):
            number = outer[INSTRUMENT]
            bags = instrument_bags.zones(instrument_heads[number][1], instrument_heads[number + 1][1], SAMPLE_ID)
            for inner, modulators in bags:
                sample = samples[inner[SAMPLE_ID]]
                zones.append(_zone(outer, inner, modulators, sample, chunks[b"smpl"], decoded))
        presets[head[2], head[1]] = zones
    return presets


class _Bags:
    """The bags, generators and modulators of the preset level (``p``) or the instrument level (``i``)."""

    def __init__(self, chunks: dict[bytes, bytes], level: bytes) -> None:
        self.bags = list(struct.iter_unpack("<HH", chunks[level + b"bag"]))
        self.generators = list(struct.iter_unpack("<Hh", chunks[level + b"gen"]))
        self.modulators = list(struct.iter_unpack("<HHhHH", chunks[level + b"mod"]))

    def zones(self, first: int, end: int, link: int) -> Iterator[tuple[dict[int, int], dict[Any, Modulator]]]:
        """Generators and modulators of each bag that links to something, the global bag's merged in."""
        shared: dict[int, int] = {}
        shared_modulators: dict[Any, Modulator] = {}
        for number in range(first, end):
            (generator, modulator), (generator_end, modulator_end) = self.bags[number], self.bags[number + 1]
            found = dict(self.generators[generator:generator_end])
            modulators = {
                item[:2] + item[3:]: Modulator(item[0], item[1], item[2], item[3])
                for item in self.modulators[modulator:modulator_end]
            }
            if link in found:
                yield {**shared, **found}, {**shared_modulators, **modulators}
            elif number == first:
                shared, shared_modulators = found, modulators


def _zone(
    outer: dict[int, int],
    inner: dict[int, int],
    modulators: dict[Any, Modulator],
    sample: tuple[Any, ...],
    data: bytes,
    decoded: dict[bytes, Samples],
) -> Zone:
    """Join a preset zone and an instrument zone: the preset's generators are added, ranges are intersected."""
    generators = [_DEFAULTS.get(number, 0) for number in range(61)]
    for number, value in inner.items():
        if number < 61:
            generators[number] = value
    for number, value in outer.items():
        if number < 61 and number not in _INSTRUMENT_ONLY:
            generators[number] += value
    _, start, end, loop_start, loop_end, rate, key, correction, _, _ = sample
    offsets = (
        generators[START_LOOP] + 32_768 * generators[START_LOOP_COARSE],
        generators[END_LOOP] + 32_768 * generators[END_LOOP_COARSE],
    )
    root = generators[ROOT_KEY] if 0 <= generators[ROOT_KEY] < 128 else key
    return Zone(
        keys=_intersection(outer, inner, KEY_RANGE), velocities=_intersection(outer, inner, VELOCITY_RANGE),
        generators=generators, modulators=tuple(item for item in modulators.values() if item.amount),
        root_key=root if root < 128 else 60, correction=correction, rate=rate,
        loop=(loop_start + offsets[0], loop_end + offsets[1]), blob=data[start:end], decoded=decoded,
    )  # fmt: skip


def _intersection(outer: dict[int, int], inner: dict[int, int], number: int) -> tuple[int, int]:
    ranges = [(zone[number] & 0xFF, (zone[number] >> 8) & 0xFF) for zone in (outer, inner) if number in zone]
    return max((low for low, _ in ranges), default=0), min((high for _, high in ranges), default=127)


@functools.cache
def index() -> dict[str, Any]:
    """``index.json`` of the shipped soundfonts: programs (file, bytes, sha256, name) and drums (kits, keys)."""
    data: dict[str, Any] = json.loads(path("index.json").read_text(encoding="utf-8"))
    return data


def path(name: str) -> Path:
    """Path of a shipped soundfont file; raises :class:`Unavailable` if the installation lacks it."""
    try:
        return resources.path(f"web/public/soundfonts/{name}")
    except FileNotFoundError as error:
        raise Unavailable("The instruments' sounds are missing; install the workbench again.") from error


def file_of(program: int, is_drum: bool) -> str:
    """Name of the file that holds a program (0 to 127), or the drum kits."""
    return str(index()["drums"]["file"] if is_drum else index()["programs"][program]["file"])


@functools.lru_cache(maxsize=24)
def load(name: str) -> SoundFont:
    """Read a shipped soundfont by its file name; the last 24 stay in memory."""
    return SoundFont(path(name).read_bytes())


def drum_kit(program: int) -> int:
    """The drum kit that a drum track's program stands for: itself if it is shipped, else the standard kit 0."""
    return program if program in index()["drums"]["kits"] else 0


def zones(program: int, is_drum: bool, key: int, velocity: int) -> list[Zone]:
    """The zones that one note of a program plays; never empty.

    Melodic programs cover all 128 keys. A drum key below 27 sounds as 27 and one above 87 as 87 (General MIDI 2
    defines no others); a key that a special kit leaves out sounds as in the standard kit.
    """
    font = load(file_of(program, is_drum))
    if not is_drum:
        return font.zones(0, program, key, velocity)
    low, high = index()["drums"]["keys"]
    key = min(max(key, low), high)
    return font.zones(DRUM_BANK, drum_kit(program), key, velocity) or font.zones(DRUM_BANK, 0, key, velocity)

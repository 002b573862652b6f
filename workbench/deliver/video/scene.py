"""What a video of falling notes shows: notes in seconds, keys, drum lanes, bars, and where on the picture they lie."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from workbench.errors import BadRequest
from workbench.score.score import Score
from workbench.score.timemap import TimeMap
from workbench.sound.mixer import heard
from workbench.sound.render import stem_name
from workbench.sound.sequence import played_notes

#: Shapes of the picture, as width to height.
SHAPES: Mapping[str, tuple[int, int]] = MappingProxyType({"9:16": (9, 16), "16:9": (16, 9)})
#: Frames a second, and how many seconds before it sounds a note comes into sight.
RATE, AHEAD = 30, {"9:16": 3.0, "16:9": 2.6}
#: The drums by kind, each a lane: General MIDI keys, the rest goes to the last.
LANES: tuple[tuple[str, frozenset[int]], ...] = (
    ("kick", frozenset({35, 36})), ("snare", frozenset({37, 38, 39, 40})),
    ("hat", frozenset({42, 44, 46})), ("tom", frozenset({41, 43, 45, 47, 48, 50})),
    ("cymbal", frozenset({49, 51, 52, 53, 55, 57, 59})), ("other", frozenset()),
)  # fmt: skip
#: Pitch classes of black keys, and how far their middles lie from the line between their white neighbours, in keys.
BLACK: Mapping[int, float] = MappingProxyType({1: -0.09, 3: 0.09, 6: -0.12, 8: 0.0, 10: 0.12})
_FEWEST_WHITE = 15


@dataclass(frozen=True, slots=True)
class Falling:
    """One note: ``start``, ``end`` in seconds, ``key`` 0 to 127 (of drums: the lane), ``color`` of its track."""

    start: float
    end: float
    key: int
    velocity: int
    color: int
    drum: bool


@dataclass(frozen=True, slots=True)
class Part:
    """A track in the legend."""

    name: str
    color: int


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle in pixels, from ``left``, ``top`` to ``right``, ``bottom`` (excluded)."""

    left: float
    top: float
    right: float
    bottom: float

    @property
    def width(self) -> float:
        """In pixels."""
        return self.right - self.left

    @property
    def height(self) -> float:
        """In pixels."""
        return self.bottom - self.top


@dataclass(frozen=True, slots=True)
class Scene:
    """Everything that is drawn.

    ``notes`` by their start. ``bars``, ``beats``: seconds. ``lanes``: indices into :data:`LANES` of the drums played.
    ``width``, ``height``: pixels, even. ``step``: pixels that the notes fall a frame, even. ``keys``: place of every
    key on the keyboard; ``pads``: of every lane. ``line``: the row at which notes arrive. ``title_box``,
    ``legend_box``: where writing goes, clear of what phones lay over a video.
    """

    title: str
    notes: tuple[Falling, ...]
    parts: tuple[Part, ...]
    bars: tuple[float, ...]
    beats: tuple[float, ...]
    lanes: tuple[int, ...]
    width: int
    height: int
    step: int
    line: int
    keys: Mapping[int, Box]
    pads: Mapping[int, Box]
    title_box: Box
    legend_box: Box
    shape: str

    @property
    def unit(self) -> float:
        """Pixels of what is one pixel at 720 lines."""
        return min(self.width, self.height) / 720


def scene_of(score: Score, shape: str, lines: int) -> Scene:
    """The scene of a piece.

    Args:
        score: the piece; tracks that are not heard are not shown.
        shape: one of :data:`SHAPES`.
        lines: pixels of the shorter side.

    Raises:
        BadRequest: another shape, an impossible size, or a piece without notes.
    """
    if shape not in SHAPES:
        raise BadRequest(f"A video is {' or '.join(SHAPES)}, not {str(shape)[:20]!r}.")
    if not isinstance(lines, int) or not 240 <= lines <= 1_080:
        raise BadRequest("The shorter side of a video has 240 to 1080 pixels.")
    notes, parts = _notes(score)
    if not notes:
        raise BadRequest("The piece holds no notes that are heard, so there is nothing to show.")
    across, down = SHAPES[shape]
    width, height = (_even(lines * across / min(across, down)), _even(lines * down / min(across, down)))
    tall = height > width
    line = _even(height * (0.665 if tall else 0.78))
    foot = height * (0.785 if tall else 0.965)
    step = max(2, _even(line / AHEAD[shape] / RATE))
    used = tuple(sorted({note.key for note in notes if note.drum}))
    margin = width * (0.05 if tall else 0.03)
    lane = min(0.05 * width if tall else 0.036 * width, 0.24 * width / max(1, len(used)))
    gap = 0.02 * width if used else 0.0
    left = margin + lane * len(used) + gap
    low = line + 0.62 * (foot - line)
    pads = {place: Box(margin + lane * at, line, margin + lane * (at + 1), low) for at, place in enumerate(used)}
    pitches = [note.key for note in notes if not note.drum]
    keys = _keyboard(pitches, Box(left, line, width - margin, foot)) if pitches else {}
    times = TimeMap(score)
    bars, beats = _grid(score, times)
    edge = width * (0.1 if tall else 0.03)
    title = " ".join(score.title.replace("_", " ").split())
    return Scene(
        title, notes, parts, bars, beats, used, width, height, step, line, keys, pads,
        Box(edge, height * (0.085 if tall else 0.03), width - edge, height * (0.175 if tall else 0.12)),
        Box(edge, height * 0.8, width - edge, height * 0.875) if tall
        else Box(width * 0.5, height * 0.03, width - edge, height * 0.12), shape,
    )  # fmt: skip


def _even(value: float) -> int:
    return 2 * round(value / 2)


def _notes(score: Score) -> tuple[tuple[Falling, ...], tuple[Part, ...]]:
    times = TimeMap(score)
    notes: list[Falling] = []
    parts: list[Part] = []
    sounding = heard(score)
    for track in score.tracks:
        if not track.notes or track.id not in sounding:
            continue
        parts.append(Part(stem_name(track), track.color))
        for note in played_notes(score, track, times):
            key = _lane(note.key) if track.is_drum else note.key
            notes.append(Falling(note.start, note.end, key, note.velocity, track.color, track.is_drum))
    return tuple(sorted(notes, key=lambda note: (note.start, note.key))), tuple(parts)


def _lane(key: int) -> int:
    return next((place for place, (_, keys) in enumerate(LANES) if key in keys), len(LANES) - 1)


def _keyboard(pitches: list[int], box: Box) -> dict[int, Box]:
    """The keys that the piece needs and a few more, spread over the box; black keys reach down for two thirds."""
    low, high = min(pitches) - 1, max(pitches) + 1
    while _white(low, high) < _FEWEST_WHITE:
        low, high = low - 1, high + 1
    while low > 0 and low % 12 not in (0, 5):  # as keyboards begin and end: left of a group of black keys
        low -= 1
    while high < 127 and high % 12 not in (4, 11):
        high += 1
    low, high = max(0, low), min(127, high)
    wide = box.width / _white(low, high)
    out: dict[int, Box] = {}
    at = box.left
    for key in range(low, high + 1):
        if key % 12 in BLACK:
            middle = at + BLACK[key % 12] * wide
            out[key] = Box(middle - 0.31 * wide, box.top, middle + 0.31 * wide, box.top + 0.63 * box.height)
        else:
            out[key] = Box(at, box.top, at + wide, box.bottom)
            at += wide
    return out


def _white(low: int, high: int) -> int:
    return sum(key % 12 not in BLACK for key in range(low, high + 1))


def _grid(score: Score, times: TimeMap) -> tuple[tuple[float, ...], tuple[float, ...]]:
    bars = times.bars()
    beats = []
    for bar in bars:
        unit = 4 * score.ppq // bar.denominator
        group = 3 * unit if bar.denominator == 8 and bar.numerator % 3 == 0 and bar.numerator > 3 else unit
        beats += [times.seconds(tick) for tick in range(bar.start + group, bar.end, max(1, group))]
    return tuple(times.seconds(bar.start) for bar in bars), tuple(beats)

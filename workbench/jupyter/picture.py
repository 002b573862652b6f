"""A piano roll as a small SVG: what a saved notebook shows when nothing is there to draw it."""

from __future__ import annotations

from html import escape

from workbench.score.score import Note, Score, Track
from workbench.score.timemap import TimeMap

#: Fill and outline of the light palette in ``workbench/web/src/ui/palette.ts``; a test compares them.
PALETTE = (
    ("#466ed4", "#2b4ea8"), ("#f2a33a", "#8f5200"), ("#12806a", "#0b5f4e"), ("#e58fb6", "#9c3767"),
    ("#6a3aa0", "#54298a"), ("#86c8ec", "#1c668f"), ("#b5402c", "#93301f"), ("#c9cf5a", "#626800"),
)  # fmt: skip
WIDTH, HEIGHT, TOP, DRUMS = 960, 260, 18, 52
MAX_BARS = 64
#: Notes in one picture; more would blur into each other, and make the notebook heavy.
MAX_SHAPES = 2_400
_BLACK = frozenset({1, 3, 6, 8, 10})


def shown_bars(score: Score) -> int:
    """How many bars from the beginning one picture holds (at least one)."""
    bars = TimeMap(score).bars()[:MAX_BARS]
    starts = sorted(note.start for _, note in score.all_notes())
    if len(starts) > MAX_SHAPES:
        limit = starts[MAX_SHAPES]
        bars = [bar for bar in bars if bar.end <= limit]
    return max(1, len(bars))


def roll_svg(score: Score) -> str:
    """The first bars of a score as SVG text: bar lines, keys, and every note in its track's colour.

    Drums stand in a strip of their own below the others, as each key there is another instrument.
    """
    time = TimeMap(score)
    bars = (time.bars() or [time.bar(1)])[: shown_bars(score)]
    start, end = bars[0].start, max(bars[-1].end, bars[0].start + 1)

    def x(tick: int) -> float:
        return round(WIDTH * (min(tick, end) - start) / (end - start), 1)

    has_drums = any(track.is_drum and track.notes for track in score.tracks)
    bottom = HEIGHT - DRUMS if has_drums else HEIGHT
    pitches = [note.pitch for track in score.tracks if not track.is_drum for note in _inside(track, start, end)]
    low, high = (min(pitches) - 2, max(pitches) + 2) if pitches else (55, 79)
    low, high = min(low, high - 16), high  # a tune of three keys is no wall of bricks
    row = (bottom - TOP) / (high - low + 1)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" height="{HEIGHT}">',
        f"<title>{escape(score.title)}</title>",
        f'<rect width="{WIDTH}" height="{HEIGHT}" rx="8" fill="#fff"/>',
    ]
    shade = "".join(
        f"M0 {bottom - (pitch - low + 1) * row:.1f}h{WIDTH}v{row:.1f}h-{WIDTH}z"
        for pitch in range(low, high + 1)
        if pitch % 12 in _BLACK
    )
    parts.append(f'<path d="{shade}" fill="#f4f2ee"/>')
    if has_drums:
        parts.append(f'<path d="M0 {bottom}h{WIDTH}v{DRUMS}h-{WIDTH}z" fill="#f0eeea"/>')
    lines = "".join(f"M{x(bar.start)} {TOP}V{HEIGHT}" for bar in bars[1:])
    parts.append(f'<path d="{lines}" stroke="#d5d0c7" fill="none"/>')
    step = max(1, -(-len(bars) // 16))
    parts.append('<g font-family="system-ui,sans-serif" font-size="11" fill="#5f5b6b">')
    parts += [f'<text x="{x(bar.start) + 4}" y="13">{bar.number}</text>' for bar in bars[::step]]
    parts.append("</g>")
    for track in score.tracks:
        notes = _inside(track, start, end)
        kit = sorted({note.pitch for note in notes})
        shapes = []
        for note in notes:
            left, right = x(note.start), x(note.end)
            if track.is_drum:
                place = kit.index(note.pitch) / max(1, len(kit) - 1)
                shapes.append(_box(left, bottom + 6 + (1 - place) * (DRUMS - 18), min(6.0, max(2.5, right - left)), 6))
            else:
                top = bottom - (note.pitch - low + 1) * row
                shapes.append(_box(left, top + 0.5, max(2.0, right - left - 0.6), max(1.5, row - 1)))
        if shapes:
            fill, outline = PALETTE[track.color % len(PALETTE)]
            path = "".join(dict.fromkeys(shapes))  # one and the same box is drawn once
            parts.append(f'<path d="{path}" fill="{fill}" stroke="{outline}" stroke-width=".5"/>')
    parts.append("</svg>")
    return "".join(parts)


def _inside(track: Track, start: int, end: int) -> list[Note]:
    return [note for note in track.sorted_notes() if start <= note.start < end][:MAX_SHAPES]


def _box(left: float, top: float, width: float, height: float) -> str:
    return f"M{left:g} {top:.1f}h{width:.1f}v{height:.1f}h-{width:.1f}z"

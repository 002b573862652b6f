"""What was heard as a drawing: notes over the spectrum, the sung pitch, beats, chords and sections, in plotly."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from workbench.errors import Unavailable
from workbench.score.instruments import drum_name
from workbench.sound.audio import Audio
from workbench.understand.labels import ROOT_NAMES

if TYPE_CHECKING:
    from workbench.understand.heard import Heard, HeardChord, HeardNote, HeardSection, Picture

#: Lowest and highest MIDI pitch of the spectrum: the keys of a piano.
LOWEST, HIGHEST = 21, 108
_COLUMN_SECONDS, _MAX_COLUMNS = 0.04, 4_000
_WINDOW_SECONDS = 0.2
_AT_ONCE = 64
_RANGE_DB = 60.0
#: Fill and outline of what is drawn: colours of the workbench's tracks that are told apart by the colour-blind too.
_INKS = {"melody": "#f2a33a", "notes": "#466ed4", "drums": "#b5402c"}
_NAMES = {"melody": "Melody", "notes": "Notes", "drums": "Drums"}
#: Below this confidence a note is drawn faintly.
_UNSURE = 0.5


def picture_of(audio: Audio) -> Picture:
    """The spectrum of a recording with a row a semitone; uint8, 0 (60 dB below the loudest, or less) to 255."""
    from workbench.understand.heard import Picture

    step = max(_COLUMN_SECONDS, audio.seconds / _MAX_COLUMNS)
    size = min(audio.frames, round(_WINDOW_SECONDS * audio.rate))
    window = np.hanning(size).astype(np.float32)
    edges = 440.0 * 2.0 ** ((np.arange(LOWEST, HIGHEST + 2) - 69.5) / 12.0) * size / audio.rate
    cuts = np.minimum(np.ceil(edges).astype(int), size // 2)  # bins between the edges; the nearest one where none is
    nearest = np.minimum(np.round((edges[1:] + edges[:-1]) / 2).astype(int), size // 2)
    columns = max(1, int(audio.seconds / step))
    levels = np.zeros((HIGHEST - LOWEST + 1, columns), np.float32)
    starts = np.round(np.arange(columns) * step * audio.rate).astype(int) - size // 2
    starts = np.clip(starts, 0, audio.frames - size)
    for first in range(0, columns, _AT_ONCE):
        some = starts[first : first + _AT_ONCE]
        sound = np.stack([audio.samples[start : start + size].mean(axis=1) for start in some.tolist()])
        power = np.abs(np.fft.rfft(sound * window, axis=1))
        for row, (low, high) in enumerate(pairwise(cuts.tolist())):
            found = power[:, low:high].max(axis=1) if high > low else power[:, nearest[row]]
            levels[row, first : first + _AT_ONCE] = found
    loudest = max(float(np.quantile(levels, 0.999)), 1e-9)
    decibels = 20.0 * np.log10(np.maximum(levels / loudest, 1e-6))
    return Picture(np.clip((decibels / _RANGE_DB + 1.0) * 255.0, 0, 255).astype(np.uint8), LOWEST, step)


def pitch_name(pitch: int) -> str:
    """Such as ``E4`` for 64."""
    return f"{ROOT_NAMES[pitch % 12]}{pitch // 12 - 1}"


def plot(heard: Heard, *, title: str = "") -> Any:
    """Draw a description as a ``plotly.graph_objects.Figure``.

    Args:
        heard: what was heard; its spectrum is drawn where it came from a recording and not from a file.
        title: above the drawing; left out: key, tempo and tuning.

    Raises:
        Unavailable: plotly is not installed.
    """
    try:
        from plotly import graph_objects as go
        from plotly.subplots import make_subplots
    except ImportError as error:
        raise Unavailable("A drawing needs plotly; install it with: pip install 'music-workbench[app]'.") from error
    figure = make_subplots(rows=2, cols=1, shared_xaxes=True, row_heights=[0.14, 0.86], vertical_spacing=0.02)
    low, high = _reach(heard)
    if heard.picture is not None:
        shown = heard.picture
        figure.add_trace(
            go.Heatmap(
                z=shown.levels, x0=0.0, dx=shown.seconds, y0=shown.low, dy=1, colorscale="Greys", zmin=0, zmax=400,
                showscale=False, hoverinfo="skip", name="Spectrum",
            ), row=2, col=1,
        )  # fmt: skip
    _draw_beats(figure, go, heard, low, high)
    groups = {"notes": _rest(heard), "melody": heard.melody, "drums": heard.drums}
    for name, notes in groups.items():
        for sure in (True, False):
            own = [note for note in notes if (note.confidence >= _UNSURE) == sure]
            if own:
                figure.add_trace(_boxes(go, own, name, sure), row=2, col=1)
    if heard.curve is not None:
        hertz = np.where(heard.curve.hertz > 0, heard.curve.hertz, np.nan)
        figure.add_trace(
            go.Scatter(
                x=heard.curve.times, y=69 + 12 * np.log2(hertz / 440.0), mode="lines", name="Sung pitch",
                line={"color": "#12806a", "width": 1.5}, hovertemplate="%{x:.2f} s<extra>sung pitch</extra>",
            ), row=2, col=1,
        )  # fmt: skip
    _draw_lane(figure, go, heard.sections, 1.0, "Sections")
    _draw_lane(figure, go, [chord for chord in heard.chords if chord.label != "N"], 0.0, "Chords")
    ticks = list(range(-(-low // 12) * 12, high + 1, 12))
    figure.update_yaxes(range=[low - 0.5, high + 0.5], tickvals=ticks, ticktext=[*map(pitch_name, ticks)], row=2, col=1)
    figure.update_yaxes(range=[0, 2], tickvals=[0.5, 1.5], ticktext=["Chords", "Sections"], row=1, col=1)
    figure.update_xaxes(range=[0, max(heard.duration, 0.1)], showgrid=False)
    figure.update_xaxes(title_text="Seconds", row=2, col=1)
    figure.update_yaxes(showgrid=False, zeroline=False)
    figure.update_layout(
        title=title or _summary(heard), template="plotly_white", height=560,
        margin={"l": 70, "r": 20, "t": 50, "b": 45},
        legend={"orientation": "h", "y": -0.12}, dragmode="pan", barmode="overlay",
    )  # fmt: skip
    return figure


def _summary(heard: Heard) -> str:
    parts = [heard.key.name] if heard.key else []
    if heard.tempo:
        parts.append(f"{heard.tempo:.0f} beats a minute")
    if abs(heard.tuning_cents) >= 5:
        parts.append(f"{abs(heard.tuning_cents):.0f} cents {'above' if heard.tuning_cents > 0 else 'below'} A = 440 Hz")
    return ", ".join(parts)


def _reach(heard: Heard) -> tuple[int, int]:
    """Lowest and highest pitch that is drawn."""
    pitches = [note.pitch for note in (*heard.notes, *heard.melody)] or [60]
    drums = [_drum_row(note.pitch) for note in heard.drums]
    return min(min(pitches) - 3, *drums, 48), max(max(pitches) + 3, 72)


def _rest(heard: Heard) -> list[HeardNote]:
    from workbench.understand.to_score import without

    return without(heard.notes, heard.melody)


def _drum_row(pitch: int) -> int:
    """Drums are drawn below the keys: bass drums lowest, cymbals highest."""
    return {35: 13, 36: 13, 38: 14, 40: 14, 42: 15, 44: 15, 46: 16}.get(pitch, 17 if pitch < 49 else 18)


def _boxes(go: Any, notes: Sequence[HeardNote], name: str, sure: bool) -> Any:
    """All notes of a kind as one trace of filled boxes."""
    xs: list[float | None] = []
    ys: list[float | None] = []
    texts: list[str] = []
    for note in notes:
        row = _drum_row(note.pitch) if note.drum else note.pitch + note.cents / 100
        xs += [note.start, note.end, note.end, note.start, note.start, None]
        ys += [row - 0.4, row - 0.4, row + 0.4, row + 0.4, row - 0.4, None]
        what = drum_name(note.pitch) if note.drum else pitch_name(note.pitch)
        texts += [f"{what}, {note.start:.2f} to {note.end:.2f} s, {note.confidence:.0%} sure"] * 6
    ink = _INKS[name]
    return go.Scatter(
        x=xs, y=ys, text=texts, mode="lines", fill="toself", name=_NAMES[name] if sure else f"{_NAMES[name]}, unsure",
        line={"color": ink, "width": 1, "dash": "solid" if sure else "dot"}, fillcolor=ink,
        opacity=0.75 if sure else 0.35, hoverinfo="text", legendgroup=name,
    )  # fmt: skip


def _draw_beats(figure: Any, go: Any, heard: Heard, low: int, high: int) -> None:
    """Thin lines at the beats, thicker ones where bars begin."""
    ones = set(heard.beats.downbeats)
    for name, times, width in (
        ("Beats", [time for time in heard.beats.beats if time not in ones], 0.6),
        ("Bars", list(heard.beats.downbeats), 1.6),
    ):
        if times:
            xs = [x for time in times for x in (time, time, None)]
            ys = [y for _ in times for y in (low - 0.5, high + 0.5, None)]
            figure.add_trace(
                go.Scatter(
                    x=xs, y=ys, mode="lines", name=name, line={"color": "#787484", "width": width}, hoverinfo="skip",
                    opacity=0.6,
                ), row=2, col=1,
            )  # fmt: skip


def _draw_lane(
    figure: Any, go: Any, items: Sequence[HeardChord] | Sequence[HeardSection], base: float, name: str
) -> None:
    """Chords or sections as labelled bars of the upper lane."""
    if not items:
        return
    figure.add_trace(
        go.Bar(
            x=[item.end - item.start for item in items], base=[item.start for item in items],
            y=[base + 0.5] * len(items), width=0.84, orientation="h", text=[item.label for item in items],
            textposition="inside", insidetextanchor="start", textangle=0, constraintext="none", cliponaxis=True,
            name=name,
            marker={
                "color": [int(sum(map(ord, item.label))) % 5 for item in items], "cmin": 0, "cmax": 4,
                "colorscale": [[0, "#d5d2f6"], [0.25, "#cfe6f5"], [0.5, "#f7e3c6"], [0.75, "#d9efe8"], [1, "#f3dbe6"]],
                "opacity": [0.5 + 0.5 * item.confidence for item in items],
            },
            hovertext=[
                f"{item.label}, {item.start:.2f} to {item.end:.2f} s, {item.confidence:.0%} sure" for item in items
            ],
            hoverinfo="text", showlegend=False,
        ), row=1, col=1,
    )  # fmt: skip

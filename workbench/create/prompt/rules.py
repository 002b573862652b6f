"""The rules by which prompts are merged: whose tune, style, metre, key, tempo and length a piece has.

Each says what it did where two prompts ask for different things.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from workbench.create.compose.remetre import beats_of
from workbench.create.compose.source import Source
from workbench.create.compose.style import PPQ, Style
from workbench.create.compose.styles import load_style
from workbench.create.prompt import curves, styling, tunes
from workbench.create.prompt.brief import Conflict, Feel
from workbench.create.prompt.prompts import NAMES, SECONDS, Prompt, Prompts, kind_of
from workbench.errors import WorkbenchError
from workbench.score.keys import KeyGuess
from workbench.understand.labels import key_name
from workbench.understand.style import Style as Figures
from workbench.understand.style import style_of

#: How far the tempo may stray from what a recording or words say, and from what a style usually has.
NEAR, FREE = 0.025, 0.14
#: Seconds of a piece where nothing says how long it is; bars told to a tune without a length.
USUAL_SECONDS, FREE_BARS = 45.0, 48
#: Tempo of a tune whose file says none, beats a minute.
TUNE_TEMPO = 100.0


@dataclass
class Merging:
    """What is being decided."""

    prompts: Prompts
    seed: int
    fixed: Mapping[str, Any]
    words: Any = None
    recording: Prompt | None = None
    figures: Figures | None = None
    video: Any = None
    conflicts: list[Conflict] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)

    def conflict(self, rule: str, sentence: str) -> None:
        """Say how two prompts that disagree were reconciled."""
        self.conflicts.append(Conflict(rule, sentence))


def read_sources(plan: Merging) -> None:
    """Words, the recording with its figures, and the video."""
    words = plan.prompts.get("words")
    if words is not None and words.strength:
        plan.words = words.understood
        if plan.words.refused:
            plan.remarks.append(plan.words.refused)
        plan.remarks += plan.words.remarks
        if plan.words.not_understood:
            plan.remarks.append(f"Not understood: {', '.join(plan.words.not_understood[:8])}.")
    for prompt in plan.prompts.with_role("style"):
        if prompt.slot == "words":
            continue
        figures = prompt.style
        if figures is None and kind_of(prompt.understood) == "heard":
            figures = style_of(prompt.understood)
        if figures is None and prompt.score is not None:
            figures = styling.figures_of_score(prompt.score)
        if figures is not None:
            plan.recording, plan.figures = prompt, figures
            break
    timing = plan.prompts.with_role("timing")
    if timing:
        plan.video = timing[0].understood
        plan.remarks += [text for text in plan.video.remarks if text not in plan.remarks]


def choose_tune(plan: Merging) -> tuple[Prompt | None, Source | None]:
    """The prompt whose tune is told; a tune that cannot be used is said, and the next one taken."""
    found: tuple[Prompt | None, Source | None] = (None, None)
    for prompt in plan.prompts.with_role("tune"):
        if found[0] is not None:
            plan.conflict(
                "one tune", f"Both {NAMES[found[0].slot]} and {NAMES[prompt.slot]} have a tune: I told the one from "
                f"{NAMES[found[0].slot]}."
            )  # fmt: skip
            continue
        try:
            found = prompt, tunes.given(prompt)
        except WorkbenchError as error:
            plan.remarks.append(f"The tune of {NAMES[prompt.slot]} could not be used: {error}")
    return found


def choose_style(plan: Merging, source: Source | None) -> Style:
    """The style of the library that plays: as a recording, as words, or as usual."""
    if "style" in plan.fixed:
        return load_style(plan.fixed["style"])
    named = plan.words.style if plan.words is not None else ""
    if plan.figures is not None and plan.recording is not None and plan.recording.strength >= 50:
        found = load_style(styling.nearest(plan.figures)[0])
        if named and named != found.id:
            title = load_style(named).title.lower()
            plan.conflict("style", f"Your words ask for {title}, your recording sounds like "
                          f"{found.title.lower()}: I followed the recording.")  # fmt: skip
        return found
    if source is not None and not named and source.bars[0].numerator % 3 == 0 and not (plan.words and plan.words.moods):
        return load_style("waltz" if source.bars[0].denominator == 4 else "gospel-six")
    return load_style(styling.by_words(plan.words, plan.seed))


def choose_metre(plan: Merging, style: Style, tune: Prompt | None, source: Source | None) -> tuple[int, int]:
    """The metre: the tune's, else as words or a recording say, else the style's."""
    if "metre" in plan.fixed:
        return tuple(plan.fixed["metre"])  # type: ignore[return-value]
    asked = plan.words.metre if plan.words is not None else None
    heard = plan.figures.metre if plan.figures is not None else 0
    if source is not None and tune is not None:
        own = source.bars[0].numerator, source.bars[0].denominator
        for name, other in (("your words", asked), ("your style", (heard, 4) if heard else style.metre)):
            if other is not None and (own[0] % 3 == 0) != (other[0] % 3 == 0):
                plan.conflict("metre", f"Your tune is in {own[0]}/{own[1]}, {name} in {other[0]}/{other[1]}: "
                              f"I kept {own[0]}/{own[1]}.")  # fmt: skip
                break
        return own
    if asked is not None and asked[1] in (2, 4, 8):
        return tuple(asked)
    if heard % 3 == 0 and heard and style.metre[0] % 3:
        return (3, 4)
    return style.metre


def choose_key(plan: Merging, tune: Prompt | None, source: Source | None, faithful: bool) -> tuple[int, str]:
    """Tonic and mode: the tune's, else as words, a recording, chords or a mood say."""
    words = plan.words
    tonic, mode = (words.tonic, words.mode) if words is not None else (None, "")
    if source is not None:
        own = source.key
        if tonic is not None and tonic != own.tonic and "tonic" not in plan.fixed:
            asked = key_name(tonic, mode or own.mode)
            if faithful:
                plan.conflict("key", f"Your tune is in {key_name(own.tonic, own.mode)}, your words ask "
                              f"for {asked}: I kept the tune as it is.")  # fmt: skip
            else:
                own = KeyGuess(tonic, own.mode)
        other = mode or (plan.figures.mode if plan.figures is not None else "")
        if other and other != own.mode:
            name = "your words" if mode else "your style"
            plan.conflict("mode", f"Your tune is in {own.mode}, {name} in {other}: I kept {own.mode}.")
        return plan.fixed.get("tonic", own.tonic), own.mode
    if not mode and plan.figures is not None:
        mode = plan.figures.mode
    chords = plan.prompts.with_role("chords")
    if tonic is None and plan.recording is not None and kind_of(plan.recording.understood) == "heard":
        key = plan.recording.understood.key
        tonic = key.tonic if key is not None else None
    if tonic is None and chords and (row := tunes.chords_given(chords[0], None)):
        tonic = row[0][0]
    if not mode and words is not None and words.moods:
        mode = "minor" if any(mood in styling.MINOR_MOODS for mood in words.moods) else "major"
    usual = (0, 7, 2, 5, 9, 10)[plan.seed % 6]
    return (
        plan.fixed.get("tonic", tonic if tonic is not None else usual), plan.fixed.get("mode", mode or "major"),
    )  # fmt: skip


def choose_tempo(
    plan: Merging, style: Style, tune: Prompt | None, source: Source | None, metre: tuple[int, int]
) -> tuple[float, float]:  # fmt: skip
    """Quarters a minute, and how far it may stray before it is bent."""
    beat = beats_of(metre)[1] / PPQ
    if "tempo" in plan.fixed:
        return plan.fixed["tempo"], 0.0
    words = plan.words
    if words is not None and words.tempo and not words.tempo_word:
        if plan.figures is not None and plan.figures.tempo > 0 and abs(words.tempo / plan.figures.tempo - 1) > NEAR:
            plan.conflict("tempo", f"Your recording goes at {plan.figures.tempo:.0f} beats a minute, your words "
                          f"ask for {words.tempo:g}: I took {words.tempo:g}.")  # fmt: skip
        return min(400.0, max(20.0, words.tempo * beat)), NEAR
    own = 0.0
    if source is not None:
        own = 60e6 / source.tempo if source.tempo else TUNE_TEMPO * beat
    if plan.figures is not None and plan.recording is not None and plan.figures.tempo > 0:
        tempo = plan.figures.tempo * beat
        share = plan.recording.strength / 100
        if own and source is not None and source.tempo:
            if share > 0.5 and abs(own / tempo - 1) > 0.04:
                plan.conflict("tempo", f"Your tune goes at {own / beat:.0f} beats a minute, your recording at "
                              f"{tempo / beat:.0f}: I took {_blend(own, tempo, share) / beat:.0f}.")  # fmt: skip
            tempo = _blend(own, tempo, share)
        return min(400.0, max(20.0, tempo)), NEAR
    low, usual, high = style.tempo
    if words is not None and words.tempo_word and words.tempo:
        # "Slow" is further from the usual than a style goes by itself: slow rock goes at 75, a slow waltz at 86.
        return min(400.0, max(20.0, min(high * 1.4, max(low * 0.72, words.tempo * beat)))), FREE / 2
    if own:
        return min(400.0, max(20.0, own)), FREE / 2
    energy = words.energy if words is not None and words.energy is not None else 0.5
    usual *= (4.0 * metre[0] / metre[1]) / (4.0 * style.metre[0] / style.metre[1]) if style.metre[1] != metre[1] else 1
    tempo = _blend(usual, high, 2 * energy - 1) if energy > 0.5 else _blend(low, usual, 2 * energy)
    return tempo, FREE


def _blend(one: float, other: float, share: float) -> float:
    return float(one ** (1 - share) * other**share)


def choose_length(
    plan: Merging, tempo: float, metre: tuple[int, int], source: Source | None
) -> tuple[float, bool, int]:  # fmt: skip
    """Seconds, whether they are exact, and bars."""
    bar = 60.0 / tempo * 4.0 * metre[0] / metre[1]
    words = plan.words
    asked = plan.fixed.get("seconds", plan.prompts.seconds)
    if plan.video is not None and "seconds" not in plan.fixed:
        seconds = min(SECONDS[1], max(1.5, plan.video.duration))
        said = asked if asked is not None else (words.seconds if words is not None else None)
        if said is not None and abs(said - seconds) > 0.5:
            plan.conflict(
                "length", f"You ask for {said:g} seconds, your video lasts {seconds:.1f}: I kept the video's."
            )
        if plan.video.duration > SECONDS[1]:
            plan.remarks.append(f"Only the first {SECONDS[1] / 60:.0f} minutes of the video get music.")
        return seconds, True, max(1, round(seconds / bar))
    if asked is None and words is not None and words.seconds:
        asked = min(SECONDS[1], max(SECONDS[0], words.seconds))
    if asked is not None:
        return float(asked), True, max(1, round(asked / bar))
    if words is not None and words.bars:
        bars = int(words.bars)
    elif source is not None:
        size = len(source.bars)
        times = max(1, min(2, FREE_BARS // size))
        bars = size * times + (4 if size * times > 4 else 2) + (2 if source.lead or size > 4 else 0)
    else:
        bars = max(4, round(USUAL_SECONDS / bar / 4) * 4)
    bars = min(bars, math.floor(SECONDS[1] / bar), 400)
    return min(SECONDS[1], max(1.0, bars * bar)), False, bars


def cuts_of(plan: Merging) -> list[float]:
    """What shall fall on beats: a video's cuts, its moments where it has none."""
    if plan.video is None:
        return []
    return [float(time) for time in (plan.video.cuts or plan.video.moments)]


def form_of(plan: Merging) -> str:
    """The form that words ask for."""
    return plan.words.form if plan.words is not None else ""


def dynamics_of(plan: Merging, seconds: float) -> Any:
    """How loud the piece is over time, empty where nothing asks for it."""
    if plan.video is not None:
        strength = plan.prompts.with_role("timing")[0].strength
        found = curves.from_motion(plan.video.motion, seconds, strength)
        if found:
            return found
    return curves.of_shape(plan.words.shape, seconds) if plan.words is not None else ()


def feel_of(plan: Merging, beats: float, share: float) -> Feel:
    """How the band plays; ``beats`` a minute, ``share`` of what it plays is heard by the listening layer."""
    out: dict[str, float] = {}
    figures, words = plan.figures, plan.words
    if figures is not None:
        out["swing"] = min(0.75, max(0.4, figures.swing))
        heard = plan.recording is not None and kind_of(plan.recording.understood) == "heard"
        rate = (figures.density + figures.strokes) * beats / 60.0
        out["density"] = min(60.0, rate / (share if heard else 1.0))
        if figures.high > 0:
            out["low"], out["high"] = figures.low, figures.high
        if figures.loudness > 0:
            out["loudness"] = figures.loudness / 127
            out["dynamics"] = min(1.0, figures.dynamics / 64)
    if words is not None:
        locked = plan.recording is not None and "density" in plan.recording.locked
        if words.density is not None and not locked:
            asked = 1.5 + 14.0 * words.density**1.5
            if "density" in out and not 0.6 < out["density"] / asked < 1.6:
                more = "fuller" if out["density"] > asked else "thinner"
                plan.conflict("density", f"Your recording is {more} than your words ask for: I followed your words.")
            out["density"] = asked
        if words.loudness is not None:
            out["loudness"] = words.loudness
        if words.brightness is not None:
            out["low"], out["high"] = 36.0 + 20.0 * words.brightness, 64.0 + 26.0 * words.brightness
    if "density" in plan.fixed:
        out["density"] = plan.fixed["density"]
    return Feel(**out)

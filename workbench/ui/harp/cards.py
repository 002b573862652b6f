"""What HARP is shown of each task: a card, the inputs in the order in which they are sent, and the outputs.

The form is that of the ``controls`` endpoint of TEAMuP's PyHARP 0.3: ``{"card": ..., "inputs": [...], "outputs":
[...]}``. It is written here and not made by that package, which changes Gradio's classes for the whole process.
"""

from __future__ import annotations

from typing import Any

TASKS = ("separate", "transcribe", "infill")
#: What a recording may be heard as, by the words in the menu.
KINDS = {"find out": "auto", "a voice": "singing", "a piano": "piano", "a band": "band"}
AUTHOR = "Music Workbench"


def _track(kind: str, label: str, info: str, required: bool = True) -> dict[str, Any]:
    return {"label": label, "info": info, "required": required, "type": f"{kind}_track"}


def _number(label: str, info: str, value: int, least: int, most: int) -> dict[str, Any]:
    return {
        "label": label,
        "info": info,
        "minimum": least,
        "maximum": most,
        "step": 1,
        "value": value,
        "type": "number_box",
    }


def controls(task: str, stems: tuple[str, ...]) -> dict[str, Any]:
    """The card of a task. ``stems``: the names that the built-in splitter gives its stems."""
    recording = _track("audio", "Recording", "A sound file of up to some minutes.")
    if task == "separate":
        card = _card("Take apart", "Takes a recording apart; the stems sum to it.", "source separation", "stems")
        return {"card": card, "inputs": [recording], "outputs": [_stem(name) for name in stems]}
    if task == "transcribe":
        card = _card("Write down", "Writes a recording down: notes, chords and beats.", "transcription", "midi")
        kind = {
            "label": "It is", "info": "What the recording holds.", "choices": [[word, word] for word in KINDS],
            "value": "find out", "multiselect": False, "type": "dropdown",
        }  # fmt: skip
        chords = {"label": "Chords", "info": "Where each chord begins.", "type": "json"}
        return {
            "card": card,
            "inputs": [recording, kind],
            "outputs": [_track("midi", "Notes", "What was heard."), chords],
        }
    card = _card("Fill a gap", "Writes notes into some bars of a piece; everything else stays.", "infilling", "midi")
    inputs = [
        _track("midi", "Piece", "A MIDI file with a gap to fill."),
        _number("From bar", "The first bar of the gap.", 1, 1, 9_999),
        _number("To bar", "The last bar of the gap.", 1, 1, 9_999),
        {"label": "Keep what is there", "info": "Fill around the notes.", "value": False, "type": "toggle"},
        _number("Idea", "Each number is another idea.", 0, 0, 999_999),
    ]
    return {
        "card": card,
        "inputs": inputs,
        "outputs": [_track("midi", "Filled piece", "The piece with the gap filled.")],
    }


def _card(name: str, description: str, *tags: str) -> dict[str, Any]:
    return {"name": name, "description": description, "author": AUTHOR, "tags": list(tags)}


def _stem(name: str) -> dict[str, Any]:
    return _track("audio", "Everything else" if name == "other" else name.capitalize(), "A stem of the recording.")


def labels(spans: list[tuple[float, float, str]]) -> dict[str, Any]:
    """Stretches of time (start and length in seconds, and what stands there) as HARP draws them over a track."""
    shown = [
        {
            "t": round(start, 3), "label": text, "duration": round(length, 3), "description": None, "color": 0,
            "link": None, "label_type": "OutputLabel",
        }
        for start, length, text in spans
    ]  # fmt: skip
    return {"meta": {"_type": "pyharp.LabelList"}, "labels": shown}

"""Tables that reading and writing notation share: dynamics, chord kinds, percussion."""

from __future__ import annotations

#: Velocity of each dynamic mark: even steps with mf at the document's default, as notation programs play them.
DYNAMICS: dict[str, int] = {
    "pppppp": 4, "ppppp": 8, "pppp": 12, "ppp": 20, "pp": 36, "p": 52, "mp": 66, "mf": 80, "f": 96, "ff": 112,
    "fff": 120, "ffff": 124, "fffff": 126, "ffffff": 127,
}  # fmt: skip
#: Marks that strengthen one moment only, with its velocity; fp-like marks go on softly afterwards.
ACCENTS: dict[str, tuple[int, int | None]] = {
    "sf": (108, None), "sfz": (112, None), "sffz": (120, None), "sfzp": (112, 52), "sfp": (108, 52),
    "sfpp": (108, 36), "fp": (96, 52), "fz": (108, None), "rf": (104, None), "rfz": (104, None), "pf": (52, 96),
}  # fmt: skip
DEFAULT_VELOCITY = 80
#: The ``dynamics`` attribute of a note is a percentage of this velocity (MusicXML: the default forte).
FORTE = 90

#: MusicXML chord kinds and the document's nearest quality; True where something is lost.
KINDS: dict[str, tuple[str, bool]] = {
    "major": ("maj", False), "minor": ("min", False), "augmented": ("aug", False), "diminished": ("dim", False),
    "dominant": ("7", False), "major-seventh": ("maj7", False), "minor-seventh": ("min7", False),
    "diminished-seventh": ("dim7", False), "augmented-seventh": ("aug7", False),
    "half-diminished": ("hdim7", False), "major-minor": ("minmaj7", False), "major-sixth": ("6", False),
    "minor-sixth": ("min6", False), "dominant-ninth": ("9", False), "major-ninth": ("maj9", False),
    "minor-ninth": ("min9", False), "suspended-second": ("sus2", False), "suspended-fourth": ("sus4", False),
    "power": ("5", False), "dominant-11th": ("9", True), "major-11th": ("maj9", True), "minor-11th": ("min9", True),
    "dominant-13th": ("9", True), "major-13th": ("maj9", True), "minor-13th": ("min9", True),
    "Neapolitan": ("maj", True), "Italian": ("7", True), "French": ("7", True), "German": ("7", True),
    "pedal": ("5", True), "Tristan": ("hdim7", True), "other": ("maj", True),
}  # fmt: skip
#: How each quality is written: kind, the text shown, and added degrees (degree, alteration).
QUALITY_KINDS: dict[str, tuple[str, str, tuple[tuple[int, int], ...]]] = {
    "maj": ("major", "", ()), "min": ("minor", "m", ()), "aug": ("augmented", "+", ()),
    "dim": ("diminished", "dim", ()), "7": ("dominant", "7", ()), "maj7": ("major-seventh", "maj7", ()),
    "min7": ("minor-seventh", "m7", ()), "hdim7": ("half-diminished", "m7b5", ()),
    "sus4": ("suspended-fourth", "sus4", ()), "sus2": ("suspended-second", "sus2", ()),
    "dim7": ("diminished-seventh", "dim7", ()), "6": ("major-sixth", "6", ()), "min6": ("minor-sixth", "m6", ()),
    "minmaj7": ("major-minor", "m(maj7)", ()), "5": ("power", "5", ()),
    "7sus4": ("suspended-fourth", "7sus4", ((7, 0),)), "9": ("dominant-ninth", "9", ()),
    "maj9": ("major-ninth", "maj9", ()), "min9": ("minor-ninth", "m9", ()),
    "aug7": ("augmented-seventh", "+7", ()),
}  # fmt: skip

STEPS: dict[str, int] = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}

#: Words in the names of percussion instruments and the General MIDI drum key of each; the first match counts.
DRUM_WORDS: tuple[tuple[str, int], ...] = (
    ("side stick", 37), ("rim", 37), ("electric snare", 40), ("snare", 38), ("side drum", 38), ("tenor drum", 41),
    ("bass drum", 36), ("kick", 36), ("grosse caisse", 36), ("gran cassa", 36), ("pedal hi", 44),
    ("open hi", 46), ("hi-hat", 42), ("hihat", 42), ("hi hat", 42), ("ride bell", 53), ("ride", 51), ("crash", 49),
    ("splash", 55), ("china", 52), ("chinese", 52), ("cymbal", 49), ("floor tom", 43), ("low tom", 45),
    ("high tom", 50), ("tom", 47), ("tambourine", 54), ("cowbell", 56), ("vibraslap", 58), ("bongo", 60),
    ("conga", 63), ("timbale", 65), ("agogo", 67), ("cabasa", 69), ("maraca", 70), ("whistle", 71), ("guiro", 73),
    ("clave", 75), ("wood block", 76), ("woodblock", 76), ("temple block", 76), ("cuica", 78), ("triangle", 81),
    ("shaker", 82), ("sleigh", 83), ("jingle", 83), ("castanet", 85), ("surdo", 86), ("clap", 39), ("drum", 38),
)  # fmt: skip

#: Where each General MIDI drum key stands on the staff: display step, octave, notehead.
DRUM_PLACES: dict[int, tuple[str, int, str]] = {
    35: ("E", 4, "normal"), 36: ("F", 4, "normal"), 37: ("C", 5, "x"), 38: ("C", 5, "normal"), 39: ("C", 5, "x"),
    40: ("C", 5, "normal"), 41: ("A", 4, "normal"), 42: ("G", 5, "x"), 43: ("A", 4, "normal"), 44: ("D", 4, "x"),
    45: ("B", 4, "normal"), 46: ("G", 5, "circle-x"), 47: ("D", 5, "normal"), 48: ("D", 5, "normal"),
    49: ("A", 5, "x"), 50: ("E", 5, "normal"), 51: ("F", 5, "x"), 52: ("A", 5, "x"), 53: ("F", 5, "diamond"),
    54: ("B", 5, "x"), 55: ("B", 5, "x"), 56: ("E", 5, "triangle"), 57: ("A", 5, "x"), 59: ("F", 5, "x"),
}  # fmt: skip


def drum_from_name(name: str) -> int | None:
    """The General MIDI drum key that an instrument's name speaks of, if any."""
    lower = name.lower()
    return next((pitch for word, pitch in DRUM_WORDS if word in lower), None)


def dynamic_for(velocity: int) -> str | None:
    """The dynamic mark that means exactly this velocity, if there is one between ppp and fff."""
    return next((mark for mark, value in DYNAMICS.items() if value == velocity and len(mark) < 4), None)

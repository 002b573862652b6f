"""The instruments of General MIDI under plain names, their families, the drums, and finding one by words."""

from __future__ import annotations

import difflib
import re
from typing import Final

from workbench.errors import BadRequest

#: What :func:`find_program` answers for drum tracks; one more than the highest program.
DRUMS: Final = 128

FAMILIES: tuple[str, ...] = (
    "Piano", "Bells and mallets", "Organ", "Guitar", "Bass", "Strings", "Ensemble", "Brass",
    "Reeds", "Pipes", "Synth lead", "Synth pad", "Synth effects", "World", "Percussion", "Sound effects",
)  # fmt: skip

#: The 128 programs (General MIDI System Level 1), in plain words.
GM_PROGRAMS: tuple[str, ...] = (
    "Grand piano", "Bright piano", "Electric grand piano", "Honky-tonk piano",
    "Electric piano", "FM electric piano", "Harpsichord", "Clavinet",
    "Celesta", "Glockenspiel", "Music box", "Vibraphone", "Marimba", "Xylophone", "Tubular bells", "Dulcimer",
    "Drawbar organ", "Percussive organ", "Rock organ", "Church organ",
    "Reed organ", "Accordion", "Harmonica", "Bandoneon",
    "Nylon guitar", "Steel guitar", "Jazz guitar", "Clean electric guitar",
    "Muted guitar", "Overdriven guitar", "Distorted guitar", "Guitar harmonics",
    "Double bass", "Electric bass", "Picked bass", "Fretless bass",
    "Slap bass", "Pop bass", "Synth bass", "Soft synth bass",
    "Violin", "Viola", "Cello", "Contrabass", "Tremolo strings", "Plucked strings", "Harp", "Timpani",
    "Strings", "Slow strings", "Synth strings", "Soft synth strings",
    "Choir", "Voices", "Synth voice", "Orchestra hit",
    "Trumpet", "Trombone", "Tuba", "Muted trumpet", "French horn", "Brass section", "Synth brass", "Soft synth brass",
    "Soprano saxophone", "Alto saxophone", "Tenor saxophone", "Baritone saxophone",
    "Oboe", "English horn", "Bassoon", "Clarinet",
    "Piccolo", "Flute", "Recorder", "Pan flute", "Blown bottle", "Shakuhachi", "Whistle", "Ocarina",
    "Square lead", "Saw lead", "Calliope lead", "Chiff lead", "Charang lead", "Voice lead", "Fifths lead", "Bass lead",
    "Fantasia pad", "Warm pad", "Poly pad", "Choir pad", "Bowed glass pad", "Metal pad", "Halo pad", "Sweep pad",
    "Rain", "Soundtrack", "Crystal", "Atmosphere", "Brightness", "Goblins", "Echo drops", "Star theme",
    "Sitar", "Banjo", "Shamisen", "Koto", "Kalimba", "Bagpipe", "Fiddle", "Shanai",
    "Tinkle bell", "Agogo", "Steel drums", "Woodblock", "Taiko drum", "Melodic tom", "Synth drum", "Reverse cymbal",
    "Fret noise", "Breath noise", "Seashore", "Bird song", "Telephone", "Helicopter", "Applause", "Gunshot",
)  # fmt: skip

#: The drums from key 27 to 87 (General MIDI 2).
_DRUM_NAMES: tuple[str, ...] = (
    "High Q", "Slap", "Scratch push", "Scratch pull", "Sticks", "Square click", "Metronome click", "Metronome bell",
    "Bass drum 2", "Bass drum", "Side stick", "Snare", "Hand clap", "Electric snare", "Low floor tom",
    "Closed hi-hat", "High floor tom", "Pedal hi-hat", "Low tom", "Open hi-hat", "Low-mid tom", "High-mid tom",
    "Crash cymbal", "High tom", "Ride cymbal", "Chinese cymbal", "Ride bell", "Tambourine", "Splash cymbal",
    "Cowbell", "Crash cymbal 2", "Vibraslap", "Ride cymbal 2", "High bongo", "Low bongo", "Muted high conga",
    "Open high conga", "Low conga", "High timbale", "Low timbale", "High agogo", "Low agogo", "Cabasa", "Maracas",
    "Short whistle", "Long whistle", "Short guiro", "Long guiro", "Claves", "High woodblock", "Low woodblock",
    "Muted cuica", "Open cuica", "Muted triangle", "Open triangle", "Shaker", "Sleigh bells", "Bell tree",
    "Castanets", "Muted surdo", "Open surdo",
)  # fmt: skip
FIRST_DRUM, LAST_DRUM = 27, 87

#: Drum kits (Roland General Standard) by program.
DRUM_KITS: dict[int, str] = {
    0: "Standard kit", 8: "Room kit", 16: "Power kit", 24: "Electronic kit",
    25: "Drum machine", 32: "Jazz kit", 40: "Brush kit", 48: "Orchestra kit",
}  # fmt: skip

#: Words that people use for an instrument, beside its name.
_WORDS: dict[str, int] = {
    "piano": 0, "grand": 0, "acoustic grand piano": 0, "keys": 0, "keyboard": 0, "upright piano": 1, "rhodes": 4,
    "e piano": 4, "epiano": 4, "electric keys": 4, "dx7": 5, "cembalo": 6, "vibes": 11, "chimes": 14, "bells": 14,
    "organ": 16, "hammond": 16, "pipe organ": 19, "harmonium": 20, "tango accordion": 23, "mouth organ": 22,
    "guitar": 24, "acoustic guitar": 25, "classical guitar": 24, "spanish guitar": 24, "folk guitar": 25,
    "acoustic guitar nylon": 24, "acoustic guitar steel": 25, "electric guitar": 27, "lead guitar": 29,
    "distortion guitar": 30, "overdrive guitar": 29, "heavy guitar": 30, "rock guitar": 29, "ukulele": 24,
    "mandolin": 25, "bass": 33, "bass guitar": 33, "acoustic bass": 32, "upright bass": 32, "finger bass": 33,
    "electric bass finger": 33, "synthesizer bass": 38, "pizzicato": 45, "pizzicato strings": 45, "kettledrum": 47,
    "string ensemble": 48, "string section": 48, "string orchestra": 48, "orchestra": 48, "orchestral strings": 48,
    "violins": 48, "violas": 48, "cellos": 48, "violoncello": 42, "voice": 53, "vocals": 53, "singer": 53, "aahs": 52,
    "choir aahs": 52, "voice oohs": 53, "oohs": 53, "vocal": 53, "brass": 61, "horns": 61, "horn": 60, "sax": 65,
    "saxophone": 65, "soprano sax": 64, "alto sax": 65, "tenor sax": 66, "baritone sax": 67, "bari sax": 67,
    "cor anglais": 69, "woodwinds": 73, "winds": 73, "pan pipes": 75, "panpipes": 75, "flutes": 73, "fagott": 70,
    "synth": 81, "synthesizer": 81, "lead": 81, "synth lead": 81, "sawtooth": 81, "saw": 81, "square": 80,
    "square wave": 80, "chiptune": 80, "8 bit": 80, "pad": 89, "synth pad": 89, "new age pad": 88, "polysynth": 90,
    "ambient": 89, "erhu": 110, "thumb piano": 108, "mbira": 108, "shehnai": 111, "steel pan": 114, "steelpan": 114,
    "steel drum": 114, "taiko": 116, "tom": 117, "bird": 123, "birds": 123, "sea": 122, "waves": 122, "clapping": 126,
    "drums": DRUMS, "drum": DRUMS, "drum kit": DRUMS, "drum set": DRUMS, "drumset": DRUMS, "percussion": DRUMS,
    "beat": DRUMS, "drumkit": DRUMS, "kit": DRUMS,
}  # fmt: skip


def family(program: int) -> str:
    """Name of the family of a program (0 to 127), or "Drums" for :data:`DRUMS`."""
    return "Drums" if program == DRUMS else FAMILIES[program // 8]


def program_name(program: int, is_drum: bool = False) -> str:
    """Plain name of a program, or of the drum kit it stands for on a drum track."""
    if is_drum:
        return DRUM_KITS.get(program, DRUM_KITS[0])
    return "Drums" if program == DRUMS else GM_PROGRAMS[program]


def drum_name(pitch: int) -> str:
    """Name of the drum on a key; keys that General MIDI leaves free are named by their number."""
    if FIRST_DRUM <= pitch <= LAST_DRUM:
        return _DRUM_NAMES[pitch - FIRST_DRUM]
    return f"Drum {pitch}"


def find_program(name: str) -> int:
    """The program that a person means, or :data:`DRUMS`.

    Accepts a program's name or a common word for it ("piano", "strings", "drums", "sax"), in any case, with
    small spelling mistakes, and a number from 0 to 127.

    Raises:
        BadRequest: nothing is close to it; the sentence proposes names.
    """
    words = _plain(name)
    if re.fullmatch(r"\d{1,3}", words) and int(words) < 128:
        return int(words)
    known = _vocabulary()
    if words in known:
        return known[words]
    singular = words.removesuffix("s")
    if singular in known:
        return known[singular]
    whole = [key for key in known if words and set(words.split()) <= set(key.split())]
    if whole:
        return known[min(whole, key=lambda key: (len(key), known[key]))]
    close = difflib.get_close_matches(words, known, n=3, cutoff=0.75)
    if close:
        return known[close[0]]
    near = difflib.get_close_matches(words, known, n=3, cutoff=0.4)
    names = dict.fromkeys(program_name(known[key]) for key in near)
    hint = ", ".join(names) if names else "piano, strings, bass, drums"
    raise BadRequest(f"There is no instrument called {name.strip()[:60]!r}; try {hint}.")


def _plain(name: str) -> str:
    return " ".join(re.sub(r"[^a-z0-9]+", " ", name.lower()).split())


def _vocabulary() -> dict[str, int]:
    names = {_plain(name): program for program, name in reversed(list(enumerate(GM_PROGRAMS)))}
    return {**names, **_WORDS}

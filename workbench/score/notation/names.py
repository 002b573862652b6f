"""The General MIDI program of an instrument by its name in a score: English, German, French, Italian, Spanish."""

from __future__ import annotations

import re
import unicodedata

#: Beginnings of words in names of parts, without accents; the longest that is found counts.
_NAMES: dict[int, str] = {
    0: "piano|pianoforte|fortepiano|klavier|grand piano|hammerklavier|pf|pno",
    2: "electric piano|e piano|epiano",
    6: "harpsichord|cembalo|clavecin|clavicembalo|clave|spinet|virginal",
    7: "clavinet|clavichord",
    8: "celesta|celeste", 9: "glockenspiel|carillon|campanelli", 11: "vibraphon|vibrafon", 12: "marimba",
    13: "xylophon|xilofon|silofon", 14: "tubular bell|campane|cloches|rohrenglocken|chimes", 15: "dulcimer|hackbrett",
    19: "organ|orgel|orgue|church organ|pipe organ", 20: "reed organ|harmonium|physharmonika",
    21: "accordion|akkordeon|fisarmonica|acordeon", 22: "harmonica|mundharmonika|armonica", 23: "bandoneon",
    24: "guitar|gitarre|guitarre|guitare|chitarra|lute|laute|luth|liuto|laud|theorb|vihuela|ukulele",
    25: "acoustic guitar|steel guitar|mandolin", 26: "jazz guitar", 27: "electric guitar|e gitarre",
    32: "acoustic bass|upright bass", 33: "electric bass|bass guitar|e bass|bassgitarre", 35: "fretless bass",
    40: "violin|violine|violino|violon|violons|geige|fiddle|vl|vln|vn",
    41: "viola|bratsche|alto violon|violes|vla|va",
    42: "cello|celli|violoncell|violoncel|violonchelo|vlc|vc|viola da gamba|viole de gambe|gambe",
    43: "contrabass|contrabas|contrabbass|contrebass|kontrabass|double bass|contrabajo|violone|string bass|cb|kb",
    46: "harp|harfe|harpe|arpa", 47: "timpan|timbales|timbal|pauke|kettledrum",
    48: "strings|string|streicher|cordes|archi|cuerdas",
    52: "choir|chor|choeur|coro|chorus", 53: (
        "voice|vocal|voix|stimme|singstimme|gesang|chant|canto|voz|voce|soprano|sopran|mezzo|alt|alto|alti|contralto|"
        "tenor|tenore|baritone|bariton|baryton|bass|basso|basse|bajo|countertenor|treble|cantus|singer|sanger|men|women"
    ),
    56: "trumpet|trompete|trompette|tromba|trombe|clarino|cornet|kornett|cornett|tpt",
    57: "trombon|posaune|bassposaune|tenorposaune|altposaune|bass trombon|tenor trombon|alto trombon|tbn",
    58: "tuba|basstuba|bass tuba|ophicleide|serpent|bombardon|euphonium",
    60: "horn|corno|corni|cor|cors|trompa|waldhorn|french horn|flugelhorn|alphorn|hn",
    61: "brass|blechblaser",
    64: "soprano sax|sopransax", 65: "saxophon|sax|alto sax|altsax|saxofon|sassofon",
    66: "tenor sax|tenorsax", 67: "baritone sax|baritonsax|bari sax|bass sax",
    68: "oboe|oboi|hautbois|hoboe|oboe d amore", 69: "english horn|cor anglais|englischhorn|corno inglese|corno ingles",
    70: "bassoon|fagott|fagot|basson|bassons|contrabassoon|contrafagott|kontrafagott|contrebasson|dulzian|bsn",
    71: (
        "clarinet|clarinett|klarinette|clarinette|clarone|bass clarinet|bassklarinette|clarinete|chalumeau|"
        "basset horn|bassetthorn|cl"
    ),
    72: "piccolo|pikkolo|ottavino|kleine flote|petite flute|flauto piccolo|flautin",
    73: "flute|flote|floete|flaut|flauto|flauti|traverso|traversflote|querflote|fl|alto flute|bass flute",
    74: "recorder|blockflote|blockfloete|flauto dolce|flute a bec|flauta dulce", 75: "pan flute|panflote|pan pipe",
    77: "shakuhachi", 78: "whistle", 79: "ocarina|okarina", 104: "sitar", 105: "banjo", 106: "shamisen", 107: "koto",
    108: "kalimba", 109: "bagpipe|dudelsack|cornemuse|musette|gaita", 111: "shehnai|shanai|shawm|schalmei|bombarde",
    112: "tinkle bell", 113: "agogo", 114: "steel drum|steelpan", 115: "woodblock|wood block", 116: "taiko",
}  # fmt: skip
_WORDS = {phrase: program for program, phrases in _NAMES.items() for phrase in phrases.split("|")}
#: A part called "Horn in B basso" is a horn: words for voices count where no instrument is named.
_VOICES = 53
#: Short words stand for themselves only: "cor" is no "cornet", "vl" no "vlc".
_SHORT = 4


def program_from_name(names: list[str]) -> int:
    """The General MIDI program of the first name that names an instrument (0, piano, for none)."""
    return next((program for name in names if (program := _program(name)) is not None), 0)


def _program(name: str) -> int | None:
    letters = unicodedata.normalize("NFD", name[:200].lower().replace("ß", "ss"))
    plain = "".join(letter for letter in letters if not unicodedata.combining(letter))
    words = re.findall(r"[a-z]+", plain)
    best: tuple[bool, int, int, int] | None = None
    for place in range(len(words)):
        rest = " ".join(words[place : place + 3]) + " "
        for phrase, program in _WORDS.items():
            if rest.startswith(phrase + (" " if len(phrase) <= _SHORT else "")):
                found = (program != _VOICES, len(phrase), -place, program)
                best = found if best is None or found[:3] > best[:3] else best
    return None if best is None else best[3]

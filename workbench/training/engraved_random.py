"""Scores drawn by chance, as MEI: they hold often what real corpora hold rarely.

Sixteenths and shorter, double dots, tuplets, rests of all lengths, changes of key, metre and clef, ties, two voices,
grace notes, repeats, and around them the signs that are not read (fingerings, dynamics, words).
"""

from __future__ import annotations

import random
from fractions import Fraction
from xml.sax.saxutils import escape

_SHARPS, _FLATS = "fcgdaeb", "beadgcf"
_NAMES = "cdefgab"
#: Middle line of each clef as steps from c0, with its MEI shape and line.
_CLEFS = {"G": (34, 2), "F": (22, 4), "C": (28, 3), "T": (26, 4)}
_METRES = ((4, 4), (3, 4), (2, 4), (6, 8), (3, 8), (2, 2), (9, 8), (12, 8), (5, 4), (3, 2), (7, 8), (6, 4))
#: What fills a beat: values as ``8.`` or ``r4``; a number before a colon makes a tuplet. By length in quarters.
_CELLS: dict[Fraction, tuple[str, ...]] = {
    Fraction(1): (
        "4", "4", "r4", "8 8", "8 8", "8. 16", "8. 16", "16 8.", "16 16 16 16", "16 16 16 16", "8 16 16", "16 16 8",
        "16 8 16", "r8 8", "8 r8", "r16 16 16 16", "r8 16 16", "8 r16 16", "r8. 16", "8.. 32",
        "32 32 32 32 32 32 32 32", "16 32 32 8", "8 32 32 32 32",
        "r16 16 r8", "r32 32 32 32 8", "3:8 8 8", "3:8 8 8", "3:r8 8 8", "3:8 r8 8",
        "3:4 8", "3:16 16 8 8", "6:16 16 16 16 16 16", "6:16 16 16 16 16 16", "5:16 16 16 16 16",
        "16 16 r8", "16. 32 16. 32",
        "7:16 16 16 16 16 16 16", "8 r32 32 32 32",
    ),
    Fraction(2): ("2", "2", "r2", "4. 8", "4. 8", "4.. 16", "8 4 8", "r4. 8", "3:4 4 4", "4. 16 16", "8 4."),
    Fraction(3): ("2.", "2.", "2 4", "4 2"),
    Fraction(4): ("1", "1", "2. 4", "2.. 8", "r1"),
    Fraction(3, 2): (
        "4.", "4.", "r4.", "8 8 8", "8 8 8", "4 8", "8 4", "8. 16 8", "16 16 16 16 16 16", "8 16 16 8", "r8 8 8",
        "4 16 16", "8 r8 8", "r4 8", "8 8 r8", "8 8 16 16", "r8. 16 8", "4 r8",
    ),
    Fraction(1, 2): ("8", "r8", "16 16", "16. 32", "r16 16", "32 32 32 32", "3:16 16 16"),
}  # fmt: skip


def _length(word: str) -> Fraction:
    bare = word.lstrip("r")
    dots = bare.count(".")
    return Fraction(4, int(bare.rstrip("."))) * (2 - Fraction(1, 2**dots))


def _cells(length: Fraction) -> list[str]:
    return [cell for cell in _CELLS.get(length, ()) if _fits(cell, length)]


def _fits(cell: str, length: Fraction) -> bool:
    ratio, _, words = cell.rpartition(":")
    total = sum((_length(word) for word in words.split()), Fraction(0))
    return total == length if not ratio else total * _base(int(ratio)) / int(ratio) == length


def _base(number: int) -> int:
    return 2 if number == 3 else 4


class _Writer:
    """Writes one document."""

    def __init__(self, chance: random.Random) -> None:
        self.chance = chance
        self.count = 0
        self.key = chance.choice((0, 0, *range(-7, 8)))
        self.metre = chance.choice(_METRES)
        self.marks: list[str] = []
        self.last: dict[tuple[int, int], tuple[list[int], str]] = {}
        self.height: dict[tuple[int, int], int] = {}
        self.speed = chance.choice((0.2, 0.5, 0.8))  # how much is short
        self.chords = chance.choice((0.0, 0.1, 0.4))
        self.sharp = chance.choice((0.03, 0.08, 0.2))
        self.signs = chance.choice((0.0, 0.1, 0.4))

    def next_id(self) -> str:
        self.count += 1
        return f"e{self.count}"

    def pitch(self, step: int, signs: dict[int, str]) -> str:
        """MEI attributes of a diatonic step (c0 = 0), with what the bar and the key make of it."""
        name, octave = _NAMES[step % 7], step // 7
        keyed = "s" if name in _SHARPS[: max(0, self.key)] else ("f" if name in _FLATS[: max(0, -self.key)] else "n")
        now = signs.get(step, keyed)
        wanted = now
        if self.chance.random() < self.sharp:
            wanted = self.chance.choice(("s", "f", "n", "n", "s", "f", "x", "ff"))
        shown = ""
        if wanted != now or self.chance.random() < self.sharp / 8:
            shown = f' accid="{wanted}"'
            signs[step] = wanted
        sounding = f' accid.ges="{wanted}"' if not shown and wanted != "n" else ""
        return f'pname="{name}" oct="{octave}"{shown}{sounding}'

    def event(self, word: str, place: tuple[int, int], middle: int, signs: dict[int, str], stem: str) -> str:
        chance = self.chance
        bare = word.lstrip("r")
        value, dots = bare.rstrip("."), bare.count(".")
        attributes = f'dur="{value}"' + (f' dots="{dots}"' if dots else "")
        identity = self.next_id()
        if word.startswith("r"):
            self.last.pop(place, None)
            return f'<rest xml:id="{identity}" {attributes}/>'
        height = self.height.get(place, 0)
        height += chance.choice((-3, -2, -1, -1, 0, 1, 1, 2, 3)) - (height > 5) * 3 + (height < -5) * 3
        if chance.random() < 0.05:
            height = chance.randint(-11, 11)
        self.height[place] = height
        steps = [middle + height]
        if chance.random() < self.chords:
            for _ in range(chance.choice((1, 1, 2, 2, 3))):
                steps.append(steps[-1] + chance.choice((1, 2, 2, 2, 3, 4)))
        before = self.last.get(place)
        inner = ""
        if before and chance.random() < 0.12:
            steps = before[0]
            self.marks.append(f'<tie startid="#{before[1]}" endid="#{identity}"/>')
            if len(steps) > 1:
                self.marks.pop()
        elif chance.random() < 0.08 * (self.signs > 0):
            grace = f'grace="{chance.choice(("acc", "unacc"))}" dur="{chance.choice((8, 16))}"'
            inner = (
                f'<note xml:id="{self.next_id()}" {grace} {self.pitch(steps[0] + chance.choice((-1, 1, 2)), signs)}/>'
            )
        self.last[place] = (steps, identity)
        if chance.random() < self.signs:
            self.mark(identity, place[0])
        artic = (
            f' artic="{chance.choice(("stacc", "acc", "ten", "marc", "stacciss"))}"'
            if chance.random() < self.signs / 2
            else ""
        )
        if len(steps) == 1:
            return f'{inner}<note xml:id="{identity}" {attributes}{stem}{artic} {self.pitch(steps[0], signs)}/>'
        notes = "".join(f'<note xml:id="{self.next_id()}" {self.pitch(step, signs)}/>' for step in steps)
        return f'{inner}<chord xml:id="{identity}" {attributes}{stem}{artic}>{notes}</chord>'

    def mark(self, identity: str, staff: int) -> None:
        chance = self.chance
        at = f'startid="#{identity}" staff="{staff}"'
        words = ("dolce", "cresc.", "rit.", "a tempo", "sf", "espress.", "cantabile", "p", "1.", "pizz.", "Allegro")
        self.marks.append(chance.choice((
            f'<dynam {at}>{chance.choice(("p", "f", "mf", "pp", "ff", "sf", "fp"))}</dynam>',
            f'<dir {at} place="{chance.choice(("above", "below"))}">{escape(chance.choice(words))}</dir>',
            f'<fing {at}>{chance.randint(1, 5)}</fing>', f'<fing {at}>{chance.randint(1, 5)}</fing>',
            f'<trill {at}/>', f'<mordent {at}/>', f'<turn {at}/>', f'<fermata {at}/>',
            f'<slur {at} tstamp2="0m+{chance.randint(2, 4)}"/>', f'<slur {at} tstamp2="1m+{chance.randint(1, 3)}"/>',
            f'<hairpin {at} form="{chance.choice(("cres", "dim"))}" tstamp2="0m+{chance.randint(2, 4)}"/>',
            f'<pedal {at} dir="down"/>',
            f'<harm {at}>{chance.choice("CDEFGAB")}{chance.choice(("", "m", "7", "maj7"))}</harm>',
        )))  # fmt: skip

    def cell(self, length: Fraction, place: tuple[int, int], middle: int, signs: dict[int, str], stem: str) -> str:
        ratio, _, words = self.chance.choice(_cells(length)).rpartition(":")
        listed = words.split()
        out, group = "", ""
        grouped = 0
        for word in [*listed, ""]:
            short = bool(word) and not word.startswith("r") and int(word.rstrip(".")) >= 8
            if short:
                group += self.event(word, place, middle, signs, stem)
                grouped += 1
                continue
            if grouped:
                out += f"<beam>{group}</beam>" if grouped > 1 and self.chance.random() < 0.93 else group
                group, grouped = "", 0
            if word:
                out += self.event(word, place, middle, signs, stem)
        if ratio:
            shown = "" if self.chance.random() < 0.85 else ' num.visible="false"'
            bracket = self.chance.choice(("", "", ' bracket.visible="false"'))
            out = f'<tuplet num="{ratio}" numbase="{_base(int(ratio))}"{bracket}{shown}>{out}</tuplet>'
        return out

    def lengths(self) -> list[Fraction]:
        """The bar cut into lengths that cells fill."""
        upper, lower = self.metre
        bar = Fraction(4 * upper, lower)
        if _cells(bar) and self.chance.random() > self.speed:
            return [bar]
        if lower == 8 and upper % 3 == 0:
            return [Fraction(3, 2)] * (upper // 3)
        out: list[Fraction] = []
        while bar > 0:
            fitting = [length for length in (Fraction(1), Fraction(2), Fraction(1, 2)) if length <= bar]
            weights = [1.0 if length == 1 else (0.6 * (1 - self.speed) if length == 2 else 0.04) for length in fitting]
            out.append(self.chance.choices(fitting, weights)[0])
            bar -= out[-1]
        return out

    def layer(self, staff: int, number: int, clefs: list[str], signs: dict[int, str], voices: int) -> str:
        chance = self.chance
        if chance.random() < 0.06:
            self.last.pop((staff, number), None)
            return f'<mRest xml:id="{self.next_id()}"/>'
        stem = "" if voices == 1 else f' stem.dir="{"up" if number == 1 else "down"}"'
        out = ""
        for length in self.lengths():
            if voices == 1 and out and chance.random() < 0.03:
                clefs[staff - 1] = chance.choice(("G", "F", "C"))
                out += f'<clef shape="{clefs[staff - 1]}" line="{_CLEFS[clefs[staff - 1]][1]}"/>'
                self.last.pop((staff, number), None)
            middle = _CLEFS[clefs[staff - 1]][0] + (0 if voices == 1 else (3 if number == 1 else -3))
            out += self.cell(length, (staff, number), middle, signs, stem)
        return out


def random_mei(chance: random.Random) -> str:
    """One document of twenty to sixty bars for one to four staves."""
    writer = _Writer(chance)
    staves = chance.choice((1, 2, 2, 2, 3, 4))
    clefs = {
        1: [chance.choice("GGFCT")], 2: ["G", "F"], 3: ["G", "G", "F"], 4: ["G", "G", "C", "F"],
    }[staves]  # fmt: skip
    definitions = "".join(
        f'<staffDef n="{n}" lines="5" clef.shape="{"C" if clef == "T" else clef}" clef.line="{_CLEFS[clef][1]}"/>'
        for n, clef in enumerate(clefs, 1)
    )
    symbol = 'symbol="brace" bar.thru="true"' if staves == 2 else 'symbol="bracket" bar.thru="true"'
    two = chance.choice((0.0, 0.0, 0.4, 0.9))
    body = ""
    for number in range(1, chance.randint(20, 60)):
        if number > 1 and chance.random() < 0.06:
            writer.key = chance.randint(-7, 7)
            body += f'<scoreDef keysig="{_keysig(writer.key)}"/>'
        if number > 1 and chance.random() < 0.08:
            writer.metre = chance.choice(_METRES)
            body += f"<scoreDef {_metre(writer.metre, chance)}/>"
        writer.marks = []
        inner = ""
        for staff in range(1, staves + 1):
            signs: dict[int, str] = {}
            voices = 2 if chance.random() < two else 1
            layers = "".join(
                f'<layer n="{n}">{writer.layer(staff, n, clefs, signs, voices)}</layer>' for n in range(1, voices + 1)
            )
            if voices == 1:
                writer.last.pop((staff, 2), None)
            inner += f'<staff n="{staff}">{layers}</staff>'
        ends = chance.choice(("", "", "", "", "", "", "", "", ' right="rptend"', ' left="rptstart"', ' right="dbl"'))
        body += f'<measure n="{number}"{ends}>{inner}{"".join(writer.marks)}</measure>'
    return (
        '<?xml version="1.0"?><mei xmlns="http://www.music-encoding.org/ns/mei" meiversion="5.0"><meiHead><fileDesc>'
        "<titleStmt><title/></titleStmt><pubStmt/></fileDesc></meiHead><music><body><mdiv><score>"
        f'<scoreDef {_metre(writer.metre, chance)} keysig="{_keysig(writer.key)}">'
        f"<staffGrp {symbol if staves > 1 else ''}>"
        f"{definitions}</staffGrp></scoreDef><section>{body}</section></score></mdiv></body></music></mei>"
    )


def _keysig(key: int) -> str:
    return "0" if key == 0 else f"{abs(key)}{'s' if key > 0 else 'f'}"


def _metre(metre: tuple[int, int], chance: random.Random) -> str:
    sign = {(4, 4): "common", (2, 2): "cut"}.get(metre, "")
    shown = f' meter.sym="{sign}"' if sign and chance.random() < 0.5 else ""
    return f'meter.count="{metre[0]}" meter.unit="{metre[1]}"{shown}'

"""Mutopia's LilyPond source as MIDI: ``python -m workbench.training.mutopia SOURCE OUT``, outside the repository.

Only pieces whose every licence line says public domain or CC BY are converted; ``left_out.tsv`` lists each other one
with its reason, ``pieces.tsv`` the converted ones with title, composer, typesetter and licence (CC BY asks for the
names). LilyPond comes from the system's packages (Debian: ``lilypond``), with its ``convert-ly`` for old files.

MIDI does not say where an upbeat ends, so the bars are asked of LilyPond itself: a performer put into every ``\\midi``
block says at each moment how far it is into its bar, and the answer lies beside the MIDI file as ``.bars.json``.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

PERMISSIVE = ("public domain", "CC BY")
BATCH = 20  #: pieces a call of LilyPond, which takes two seconds to begin
SECONDS = 150  #: CPU time of a batch (a busy machine is no fault of a piece); then each is tried alone
SECONDS_ALONE = 40
CANDIDATES = 3  #: files of one piece that are tried where no name says which is the full score

_FIELD = re.compile(r'^[^%\n]*?\b(licen[cs]e|copyright)\s*=\s*(#?"[^"]*"|\\markup\b)', re.I | re.M)
_BARS = """
#(define (workbench-bars context)
  (make-performer
    ((start-translation-timestep translator)
      (let ((place (ly:context-property context 'measurePosition)) (now (ly:context-current-moment context)))
        (if (ly:moment? place)
            (ly:message "BAR ~a ~a" (ly:moment-main now) (ly:moment-main place)))))))
"""


@dataclass(frozen=True)
class Source:
    """One piece: its folder, the files that may hold its full score, and what its header says."""

    id: str
    folder: Path
    files: tuple[Path, ...]
    licence: str
    about: tuple[str, str, str]  # title, composer, typesetter


def licence_of(texts: list[str]) -> tuple[str, str]:
    """``public domain``, ``CC BY`` or nothing, of all files of a piece, and the reason where it is nothing.

    A ``license`` line decides before ``copyright``; lines that disagree, or ask to share alike, leave a piece out.
    """
    found: dict[str, set[str]] = {"license": set(), "copyright": set()}
    for text in texts:
        for match in _FIELD.finditer(text):
            value = match.group(2).strip('#"')
            if value.startswith("\\markup"):
                value = _block(text, match.end())
            name = "copyright" if match.group(1).lower() == "copyright" else "license"
            found[name].add(_kind(value))
    kinds = {kind for kinds in found.values() for kind in kinds}
    if "share alike" in kinds:
        return "", "its licence asks to share alike"
    if "other" in found["license"] or "no commerce" in kinds:
        return "", "its licence is neither public domain nor CC BY"
    clear = found["license"] or found["copyright"] - {"other"}
    if not clear:
        return "", "no licence in the header"
    if "other" in found["copyright"] and not found["license"]:
        return "", "its copyright lines disagree"
    return ("CC BY" if "CC BY" in clear else "public domain"), ""


def _kind(value: str) -> str:
    low = re.sub(r"[\s_-]+", " ", value.lower())
    if "sharealike" in low or "share alike" in low or "by sa" in low:
        return "share alike"
    if "noncommercial" in low or "non commercial" in low or "by nc" in low:
        return "no commerce"
    if "creativecommons.org/licenses/by/" in low or re.search(r"creative commons attribution|\bcc by\b", low):
        return "CC BY"
    return "public domain" if "public domain" in low or "publicdomain" in low else "other"


def _block(text: str, at: int) -> str:
    """The first ``{...}`` at or after ``at``, braces within strings not counted; empty if it never ends."""
    start = text.find("{", at)
    end = _end_of_block(text, start)
    return text[start:end] if 0 <= start < end else ""


def _end_of_block(text: str, start: int) -> int:
    depth, place, quoted = 0, max(start, 0), False
    while place < len(text):
        sign = text[place]
        if sign == "\\" and quoted:
            place += 1
        elif sign == '"':
            quoted = not quoted
        elif sign == "%" and not quoted:
            place = text.find("\n", place)
            if place < 0:
                return -1
        elif not quoted and sign in "{}":
            depth += 1 if sign == "{" else -1
            if depth == 0:
                return place + 1
        place += 1
    return -1


def for_midi(text: str) -> str:
    """A source without its ``\\layout`` blocks (engraving takes ten times as long), its bars told in ``\\midi``."""
    out, at = [], 0
    for match in re.finditer(r"\\layout\s*\{", text):
        end = _end_of_block(text, match.end() - 1)
        if match.start() >= at and end > 0:
            out.append(text[at : match.start()])
            at = end
    told = re.sub(
        r"\\midi\s*\{", r"\\midi { \\context { \\Score \\consists #workbench-bars } ", "".join([*out, text[at:]])
    )
    return re.sub(r"\\context\s*\{\s*\\Score\s*\\consists", r"\\context { \\Score \\consists", told)


def sources(root: Path) -> Iterator[Source | tuple[str, str]]:
    """Every piece below ``ftp``: a :class:`Source`, or its id and why it is left out."""
    for folder in sorted({path.parent for path in (root / "ftp").rglob("*.ly")} | _parents(root / "ftp")):
        files = sorted(folder.glob("*.ly")) or sorted(folder.glob("*-lys/*.ly"))
        if not files or folder.name.endswith("-lys") or any(part.endswith("-lys") for part in folder.parts):
            continue
        name = folder.relative_to(root / "ftp").as_posix()
        texts = [_text(path) for path in sorted(folder.rglob("*")) if path.suffix in (".ly", ".ily", ".lyi")]
        licence, reason = licence_of(texts)
        if not licence:
            yield name, reason
        elif not any("\\midi" in text for text in texts):
            yield name, "it has no MIDI block"
        else:
            yield Source(name, folder, _scores(files, folder.name), licence, _about(texts))


def _parents(root: Path) -> set[Path]:
    return {path.parent for path in root.rglob("*-lys") if path.is_dir()}


def _text(path: Path) -> str:
    return path.read_bytes().decode("utf-8", errors="replace")


def _scores(files: list[Path], name: str) -> tuple[Path, ...]:
    for sure in ([f for f in files if f.stem == name], [f for f in files if "score" in f.stem.lower()]):
        if sure:
            return (sure[0],)
    return tuple(sorted(files, key=lambda path: -path.stat().st_size)[:CANDIDATES])


def _about(texts: list[str]) -> tuple[str, str, str]:
    def first(*names: str) -> str:
        pattern = re.compile(rf'^[^%\n]*?\b(?:{"|".join(names)})\s*=\s*"([^"]+)"', re.M)
        return next((match.group(1) for text in texts if (match := pattern.search(text))), "")

    return first("mutopiatitle", "title"), first("mutopiacomposer", "composer"), first("maintainer", "enteredby")


def convert(root: Path, out: Path) -> tuple[int, int]:
    """Write MIDI files and lists into ``out``; returns how many pieces were converted and left out.

    A second call goes on where the first was stopped; the lists are written last and say that all is there.
    """
    out.mkdir(parents=True, exist_ok=True)
    found = list(sources(root))
    left = [item for item in found if not isinstance(item, Source)]
    wanted = [item for item in found if isinstance(item, Source)]
    rows = []
    for at in range(0, len(wanted), BATCH):
        batch = wanted[at : at + BATCH]
        made = {source.id for source in batch if _target(out, source.id, 0).exists()}
        if missing := [source for source in batch if source.id not in made]:
            made |= _batch(missing, out, SECONDS)
        for source in batch:
            if source.id not in made and len(batch) > 1:
                made |= _batch([source], out, SECONDS_ALONE)
            if source.id in made:
                rows.append("\t".join([source.id, source.licence, *source.about]))
            else:
                left.append((source.id, "LilyPond wrote no MIDI"))
        print(f"{at + len(batch)} of {len(wanted)}, {len(rows)} converted", flush=True)
    (out / "pieces.tsv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    (out / "left_out.tsv").write_text("\n".join("\t".join(item) for item in sorted(left)) + "\n", encoding="utf-8")
    return len(rows), len(left)


def _target(out: Path, name: str, number: int) -> Path:
    return out / f"{name.replace('/', '__')}__{number}.mid"


def _batch(batch: list[Source], out: Path, seconds: int) -> set[str]:
    """Convert some pieces in one call; the ids of those that gave MIDI."""
    with tempfile.TemporaryDirectory() as name:
        work = Path(name)
        tops: dict[str, Source] = {}
        for number, source in enumerate(batch):
            copy = work / f"s{number}"
            shutil.copytree(source.folder, copy)
            paths = [path for path in copy.rglob("*") if path.suffix in (".ly", ".ily", ".lyi")]
            _quietly(["convert-ly", "-e", *map(str, paths)], work, seconds)
            for path in paths:
                path.write_text(for_midi(_text(path)), encoding="utf-8")
            for place, file in enumerate(source.files):
                top = (copy / file.relative_to(source.folder)).with_stem(f"s{number}f{place}")
                (copy / file.relative_to(source.folder)).rename(top)
                top.write_text(_BARS + _text(top), encoding="utf-8")
                tops[str(top)] = source
        log = _quietly(["lilypond", "-drelative-includes=#t", "-dno-print-pages", *tops], work, seconds)
        return _collect(log, tops, work, out)


def _quietly(command: list[str], folder: Path, seconds: int) -> str:
    """Run a command for at most ``seconds`` of CPU time; what it said, up to where it was stopped."""
    done = subprocess.run(
        ["sh", "-c", f'ulimit -t {seconds}; exec "$@"', "sh", *command],
        cwd=folder, capture_output=True, check=False, stdin=subprocess.DEVNULL,
    )  # fmt: skip
    return done.stderr.decode("utf-8", errors="replace")


def _collect(log: str, tops: dict[str, Source], work: Path, out: Path) -> set[str]:
    """Move the MIDI files of the fullest candidate of each piece to ``out``, the bars beside them."""
    by_file: dict[str, list[tuple[Path, list[list[str]]]]] = {}
    written: list[Path] = []
    current, bars = "", list[list[str]]()
    for line in log.splitlines():
        if match := re.match(r"Processing `(.*)'", line):
            current, bars = match.group(1), []
        elif line.startswith("BAR "):
            bars.append(line.split()[1:])
        elif match := re.match(r"MIDI output to `(.*)'", line):
            path = work / match.group(1)
            written.append(path)
            if path.exists() and current in tops:
                by_file.setdefault(current, []).append((path, bars))
            bars = []
    # Two files of one name: the second has taken the first one's place. Their pieces are tried alone.
    by_file = {file: made for file, made in by_file.items() if all(written.count(path) == 1 for path, _ in made)}
    best: dict[str, list[tuple[Path, list[list[str]]]]] = {}
    for file, made in by_file.items():
        size = sum(path.stat().st_size for path, _ in made)
        name = tops[file].id
        if size > sum(path.stat().st_size for path, _ in best.get(name, [])):
            best[name] = made
    for name, made in best.items():
        for number, (path, told) in reversed(list(enumerate(made))):  # the first last: it says the piece is there
            target = _target(out, name, number)
            target.with_suffix(".bars.json").write_text(json.dumps(_bar_starts(told)))
            shutil.copyfile(path, target)
    return set(best)


def _bar_starts(told: list[list[str]]) -> list[float]:
    """Bar lines in quarters, rising, from (moment, place in the bar) pairs in whole notes as LilyPond writes them."""
    starts = {Fraction(now) - Fraction(place) for now, place in told if _plain(now) and _plain(place)}
    return [float(4 * start) for start in sorted(starts) if start >= 0]


def _plain(number: str) -> bool:
    return re.fullmatch(r"-?\d+(/\d+)?", number) is not None


if __name__ == "__main__":
    print("{} converted, {} left out".format(*convert(Path(sys.argv[1]), Path(sys.argv[2]))))

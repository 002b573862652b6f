"""How well words are understood: precision and recall by kind and language on held-out sentences, beside keywords.

    python -m workbench.evaluation.words_eval [--misses]

The sentences (``words_held_out.tsv``) were written by hand and nothing is fitted to them. The baseline looks up the
vocabulary's phrases as they stand and numbers in figures before a unit: no endings, no "no", no spelling, no number
words.
"""

from __future__ import annotations

import argparse
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from workbench.understand.labels import key_name
from workbench.understand.words import Wishes, read_words
from workbench.understand.words.atoms import language_of
from workbench.understand.words.combine import combine
from workbench.understand.words.meanings import LEVELS, meanings
from workbench.understand.words.tokens import tokens
from workbench.understand.words.vocabulary import vocabulary
from workbench.understand.words.wishes import LANGUAGES, Chip

FILE = Path(__file__).with_suffix("").with_name("words_held_out.tsv")
#: Kinds whose labels are single values, and those that are lists.
SINGLE = ("seconds", "bars", "tempo", "tempo_word", "metre", "key", "style", "form", "shape", "only", *LEVELS)
LISTS = ("with", "without", "mood", "not")
#: Kinds that are not judged where they are not labelled: a mood says something of them too.
FREE = frozenset({"mood", "tempo_word", "shape", "metre", *LEVELS})


@dataclass(frozen=True)
class Sentence:
    """A held-out sentence and its labels: by kind, a list of sets of what is right."""

    language: str
    text: str
    labels: Mapping[str, tuple[frozenset[str], ...]]


@dataclass
class Tally:
    """Right answers, answers and labels."""

    right: int = 0
    given: int = 0
    asked: int = 0

    def add(self, right: int, given: int, asked: int) -> None:
        """Count one sentence."""
        self.right, self.given, self.asked = self.right + right, self.given + given, self.asked + asked

    @property
    def precision(self) -> float:
        """Share of the answers that are right; 1 where none was given."""
        return self.right / self.given if self.given else 1.0

    @property
    def recall(self) -> float:
        """Share of the labels that were found; 1 where there are none."""
        return self.right / self.asked if self.asked else 1.0


def held_out(path: Path = FILE) -> list[Sentence]:
    """The sentences of the file."""
    out = []
    for line in path.read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            language, text, labels = line.split("\t")
            pairs = (item.split("=", 1) for item in labels.split(";"))
            out.append(Sentence(language, text, {
                kind: tuple(frozenset(one.split("|")) for one in value.split(",")) for kind, value in pairs
            }))  # fmt: skip
    return out


def answers(wishes: Wishes) -> dict[str, list[str]]:
    """What was understood, in the form of the labels."""
    chips: dict[str, list[str]] = {}
    for chip in wishes.chips:
        chips.setdefault(chip.kind, []).append(chip.value.split(" ")[-1] if chip.kind == "mood" else chip.value)
    out: dict[str, list[str]] = {
        "with": list(dict.fromkeys(chips.get("instrument", []))), "without": list(wishes.without),
        "mood": list(wishes.moods), "not": list(wishes.not_moods),
    }  # fmt: skip
    singles = {
        "seconds": wishes.seconds, "bars": wishes.bars, "style": wishes.style, "form": wishes.form,
        "shape": wishes.shape, "tempo_word": wishes.tempo_word, "only": "yes" if wishes.only else "",
        "tempo": None if wishes.tempo_word else wishes.tempo,
        "metre": f"{wishes.metre[0]}/{wishes.metre[1]}" if wishes.metre else "",
        "key": key_name(wishes.tonic, wishes.mode) if wishes.tonic is not None else "",
    }  # fmt: skip
    for kind, value in singles.items():
        out[kind] = [f"{value:g}" if isinstance(value, (int, float)) else str(value)] if value else []
    out["form"] = [text.upper() if re.fullmatch("[abc]+", text) else text for text in out["form"]]
    for level in LEVELS:
        number = getattr(wishes, level)
        out[level] = [] if number is None else ["high" if number > 0.55 else "low" if number < 0.45 else "mid"]
    return out


def score(sentences: Iterable[Sentence], reader: Callable[[Sentence], Wishes]) -> dict[tuple[str, str], Tally]:
    """Tallies by (language, kind); "all" sums up."""
    out: dict[tuple[str, str], Tally] = {}
    for sentence in sentences:
        found = answers(reader(sentence))
        for kind in (*SINGLE, *LISTS):
            right, given, asked = judged(found[kind], sentence.labels.get(kind, ()), kind)
            for place in ((sentence.language, kind), ("all", kind), (sentence.language, "all"), ("all", "all")):
                out.setdefault(place, Tally()).add(right, given, asked)
    return out


def judged(given: list[str], asked: tuple[frozenset[str], ...], kind: str) -> tuple[int, int, int]:
    """Right answers, answers and labels of one kind in one sentence."""
    if not asked and kind in FREE:
        return 0, 0, 0
    if kind == "tempo_word":
        given = [_pace(word) for word in given]
        asked = tuple(frozenset(map(_pace, words)) for words in asked)
    left, right = list(given), 0
    for wanted in asked:
        hit = next((answer for answer in left if answer in wanted), None)
        if hit is not None:
            left.remove(hit)
            right += 1
    # A second mood beside the labelled one is no mistake.
    extra = 0 if kind == "mood" and right else len(left)
    return right, right + extra, len(asked)


def _pace(word: str) -> str:
    bpm = meanings().tempos[word]
    return "slow" if bpm < 78 else "moderate" if bpm < 116 else "fast"


def keywords(sentence: Sentence) -> Wishes:
    """The baseline: phrases of the vocabulary as they stand, and figures before a unit."""
    text = sentence.text.casefold()
    chips: list[Chip] = []
    for kind, value, phrases in _phrases(sentence.language):
        if re.search("|".join(phrases), text) is None:
            continue
        values = {value} if kind != "level" else set()
        for level, number in meanings().levels.get(value, {}).items() if kind == "level" else ():
            chips.append(Chip(f"{level}-{len(chips)}", 0, 1, level, f"{number}", ""))
        chips += [Chip(f"{kind}-{len(chips)}", 0, 1, kind, one, "") for one in values]
    units = {"tempo": r"(?:bpm|beats)", "length": r"(?:s|sec|seconds|segundos|sekunden)\b", "bars": r"(?:bars|takte)"}
    for kind, unit in units.items():
        if (figure := re.search(rf"(\d{{1,3}})\s*{unit}", text)) and int(figure[1]) > 0:
            chips.append(Chip(f"{kind}-{len(chips)}", 0, 1, kind, figure[1], ""))
    if key := re.search(r"\b([a-g][#b]?) (major|minor)\b", text):
        chips.append(Chip("key", 0, 1, "key", f"{key[1][0].upper()}{key[1][1:]} {key[2]}", ""))
    if metre := re.search(r"\b([2-9]/[48])\b", text):
        chips.append(Chip("metre", 0, 1, "metre", metre[1], ""))
    return combine(sentence.text, sentence.language, chips, (), "")


def _phrases(language: str) -> Iterable[tuple[str, str, list[str]]]:
    wanted = {"tempo word", "mood", "level", "style", "instrument", "shape"}
    by_meaning: dict[tuple[str, str], list[str]] = {}
    for phrases in vocabulary(language).phrases.values():
        for phrase, meaning in phrases:
            if meaning[0] in wanted:
                joined = ("" if language == "zh" else " ").join(word.removesuffix("*") for word in phrase)
                edge = "" if language == "zh" else r"\b"
                by_meaning.setdefault(meaning, []).append(f"{edge}{re.escape(joined)}{edge}")
    return [(kind, value, phrases) for (kind, value), phrases in by_meaning.items()]


def report(sentences: list[Sentence], readers: Mapping[str, Callable[[Sentence], Wishes]]) -> str:
    """A table in Markdown: by language, then by kind, precision and recall of each reader."""
    scores = {name: score(sentences, reader) for name, reader in readers.items()}
    lines = ["| | labels | " + " | ".join(f"{name}: precision, recall" for name in readers) + " |"]
    lines.append("|---|---|" + "---|" * len(readers))
    places = [(language, "all") for language in LANGUAGES] + [("all", kind) for kind in (*SINGLE, *LISTS, "all")]
    for place in places:
        cells = [f"{one[place].precision:.2f}, {one[place].recall:.2f}" for one in scores.values()]
        name = place[0] if place[1] == "all" else place[1].replace("_", " ")
        lines.append(f"| {name} | {next(iter(scores.values()))[place].asked} | " + " | ".join(cells) + " |")
    told = sum(language_of(tokens(one.text, vocabulary("zh").simplified)) == one.language for one in sentences)
    whole = [
        sum(all(judged(found[kind], one.labels.get(kind, ()), kind)[0] == len(one.labels.get(kind, ()))
                for kind in (*SINGLE, *LISTS)) for one in sentences for found in [answers(reader(one))])
        for reader in readers.values()
    ]  # fmt: skip
    lines.append(f"\nSentences of which everything labelled was found: {', '.join(map(str, whole))} of "
                 f"{len(sentences)}. Language told: {told}.")  # fmt: skip
    return "\n".join(lines)


def misses(sentences: Iterable[Sentence]) -> Iterable[str]:
    """Every sentence with something wrong, and what."""
    for sentence in sentences:
        wishes = read_words(sentence.text)
        found = answers(wishes)
        wrong = []
        for kind in (*SINGLE, *LISTS):
            asked = sentence.labels.get(kind, ())
            right, given, wanted = judged(found[kind], asked, kind)
            if right < wanted or right < given:
                wrong.append(f"{kind}: {found[kind]} for {['|'.join(sorted(one)) for one in asked]}")
        if wrong:
            yield f"{sentence.text}\n    " + "\n    ".join(wrong) + f"\n    left: {wishes.not_understood}"


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--misses", action="store_true", help="also list every sentence with something wrong")
    rows = held_out()
    print(report(rows, {"parser": lambda one: read_words(one.text), "keywords": keywords}))
    if parser.parse_args().misses:
        print("\n".join(misses(rows)))

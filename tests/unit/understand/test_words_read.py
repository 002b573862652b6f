"""Reading words: what a person writes in five languages, and what is made of it."""

from __future__ import annotations

import random
import time

import pytest

from workbench.create.compose.form import form_of
from workbench.errors import BadRequest
from workbench.evaluation.words_eval import held_out, keywords, score
from workbench.understand.words import Wishes, read_words
from workbench.understand.words.meanings import meanings
from workbench.understand.words.vocabulary import SECTIONS, vocabulary
from workbench.understand.words.wishes import LANGUAGES, MAX_CHARACTERS, MOODS

PIANO, GUITAR, VIOLIN, FLUTE, DRUMS = 0, 24, 40, 73, 128


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "A calm waltz for piano and violin, no drums, a minute and a half, in A minor"),
        ("es", "Un vals tranquilo para piano y violín, sin batería, un minuto y medio, en la menor"),
        ("de", "Ein ruhiger Walzer für Klavier und Geige, ohne Schlagzeug, anderthalb Minuten, in a-Moll"),
        ("zh", "一首平静的圆舞曲,钢琴和小提琴,不要鼓,一分半钟,A小调"),
        ("zh", "一首平靜的圓舞曲,鋼琴和小提琴,不要鼓,一分半鐘,A小調"),
        ("pt", "Uma valsa calma para piano e violino, sem bateria, um minuto e meio, em lá menor"),
    ],
)
def test_one_wish_in_five_languages(language: str, text: str) -> None:
    wishes = read_words(text)
    assert wishes.language == language
    assert (wishes.style, wishes.metre, wishes.seconds) == ("waltz", (3, 4), 90.0)
    assert (wishes.tonic, wishes.mode, wishes.moods) == (9, "minor", ("calm",))
    assert (wishes.instruments, wishes.without) == ((PIANO, VIOLIN), ("drums",))
    assert wishes.not_understood == ()
    for chip in wishes.chips:
        assert text[chip.start : chip.end].strip() == text[chip.start : chip.end] != ""


@pytest.mark.parametrize(
    ("text", "tempo"),
    [
        ("96 bpm", 96), ("tempo: 96", 96), ("at 120", 120), ("♩=72", 72), ("between 90 and 100, 90-100 bpm", 95),
        ("ninety-six beats a minute", 96), ("hundertzwanzig Schläge pro Minute", 120), ("每分钟96拍", 96),
        ("a 84 pulsaciones por minuto", 84), ("cento e vinte batidas por minuto", 120), ("andante", 84), ("慢板", 66),
    ],
)  # fmt: skip
def test_tempos(text: str, tempo: float) -> None:
    assert read_words(text).tempo == tempo


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("30 seconds", 30), ("30-second jingle", 30), ("half a minute", 30), ("two and a half minutes", 150),
        ("1:20", 80), ("1 min 15", 75), ("a minute and 20 seconds", 80), ("medio minuto", 30), ("minuto y medio", 90),
        ("eineinhalb Minuten", 90), ("eine halbe Minute", 30), ("两分半钟", 150), ("1分30秒", 90),
        ("dois minutos e meio", 150),
    ],
)  # fmt: skip
def test_lengths(text: str, seconds: float) -> None:
    assert read_words(text).seconds == seconds


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("in C# minor", (1, "minor")), ("in the key of G", (7, "major")), ("F#m", (6, "minor")),
        ("in Bb", (10, "major")), ("Es-Dur", (3, "major")), ("h-Moll", (11, "minor")), ("B-Dur", (10, "major")),
        ("fa sostenido menor", (6, "minor")), ("em si bemol maior", (10, "major")),
        ("降E大调", (3, "major")), ("升F小调", (6, "minor")),
        ("in a minor key", (None, "minor")), ("a major build with drums", (None, "major")),
    ],
)  # fmt: skip
def test_keys(text: str, key: tuple[int | None, str]) -> None:
    wishes = read_words(text)
    assert (wishes.tonic, wishes.mode) == key


@pytest.mark.parametrize(
    ("text", "without", "instruments"),
    [
        ("no drums, bass or guitar, but a flute", {"drums", "bass", "guitar"}, {FLUTE}),
        ("without drums, soft piano", {"drums"}, {PIANO}),
        ("piano. No guitars. A flute.", {"guitar"}, {PIANO, FLUTE}),
        ("ohne Bass und ohne Schlagzeug, mit Klavier", {"bass", "drums"}, {PIANO}),
        ("sin batería ni guitarra, con flauta", {"drums", "guitar"}, {FLUTE}),
        ("不要鼓、吉他,要长笛", {"drums", "guitar"}, {FLUTE}),
        ("piano sem bateria nem violão", {"drums", "guitar"}, {PIANO}),
        ("an instrumental with flute", {"voice"}, {FLUTE}),
    ],
)
def test_no_reaches_as_far_as_a_person_means(text: str, without: set[str], instruments: set[int]) -> None:
    wishes = read_words(text)
    assert (set(wishes.without), set(wishes.instruments)) == (without, instruments)


def test_not_too_fast_is_a_tempo_and_not_sad_is_no_mood() -> None:
    wishes = read_words("not too fast, not sad, no jazz")
    assert (wishes.tempo_word, wishes.moods, wishes.not_moods, wishes.not_styles) == (
        "moderate", (), ("sad",), ("swing",)
    )  # fmt: skip


def test_an_adjective_before_what_is_forbidden_asks_for_nothing() -> None:
    wishes = read_words("no loud drums, not a fast guitar piece")
    assert (wishes.without, wishes.loudness, wishes.instruments) == (("drums",), None, (GUITAR,))
    assert wishes.tempo_word == "moderate"
    assert read_words("not sad or slow").tempo_word == "moderate"


def test_what_speaks_of_other_prompts_is_no_riddle() -> None:
    text = "make me a recording of this score, in the style of that recording, fitted to this video"
    wishes = read_words(text)
    assert (wishes.refused, wishes.not_understood, wishes.chips) == ("", (), ())


def test_a_length_in_figures_beats_a_word_for_it() -> None:
    wishes = read_words("a short jingle of 20 seconds")
    assert (wishes.seconds, wishes.remarks) == (20.0, ())
    assert read_words("a short tune").seconds == 30.0


def test_very_and_a_little_change_how_much() -> None:
    levels = [read_words(f"{word} dense").density for word in ("a little", "", "very")]
    assert levels == sorted(levels)
    assert len(set(levels)) == 3


def test_spelling_mistakes_are_read_and_said() -> None:
    wishes = read_words("pinao and vilin, calmm, without druns, thirty secnds")
    assert (set(wishes.instruments), wishes.without, wishes.seconds) == ({PIANO, VIOLIN}, ("drums",), 30.0)
    assert "read as piano" in next(chip for chip in wishes.chips if chip.kind == "instrument").sentence
    assert read_words("a horse, a bear and a shirt").chips == ()


def test_only_names_what_plays_alone() -> None:
    assert read_words("solo piano").only
    assert read_words("nur Klavier").only
    assert read_words("小提琴独奏").only
    assert not read_words("rock band with a guitar solo and organ").only
    assert not read_words("just a calm piece").only


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("intro, two verses, then a big chorus and an outro", "intro verse verse chorus ending"),
        ("AABA, slow", "aaba"), ("Strophe Refrain Strophe", "verse chorus verse"),
        ("主歌副歌主歌", "verse chorus verse"),
    ],
)  # fmt: skip
def test_forms_are_those_that_the_composer_reads(text: str, form: str) -> None:
    wishes = read_words(text)
    assert wishes.form == form
    assert {section.kind for section in form_of(wishes.form)} >= set(form.split()) - {"aaba"}


def test_shapes() -> None:
    for text, shape in (("it builds up", "build"), ("klingt am Ende aus, ausklingend", "fade"), ("淡出", "fade"),
                        ("a loop", "steady"), ("crescendo", "build")):  # fmt: skip
        assert read_words(text).shape == shape


@pytest.mark.parametrize(
    "text",
    ["sing like Freda Mertens", "con la voz de Marta Quirós", "gesungen von Jonas Fichtner", "用周小明的声音唱"],
)
def test_a_persons_voice_is_kindly_refused_and_the_rest_is_read(text: str) -> None:
    wishes = read_words(text + ", 90 bpm")
    assert "voice" in wishes.refused
    assert "instead" in wishes.refused or "tell me" in wishes.refused
    assert wishes.tempo == 90


@pytest.mark.parametrize(
    "text",
    [
        "in the style of the Zorblatts with cello", "im Stil von Hanna Grübnitz mit Cello",
        "in the style of zora quill, cello",
    ],
)  # fmt: skip
def test_a_person_as_a_style_is_sent_to_genres(text: str) -> None:
    wishes = read_words(text)
    assert "genre" in wishes.refused
    assert wishes.instruments == (42,)


@pytest.mark.parametrize(
    "text",
    [
        "in the style of a Viennese waltz", "sounds like rain", "im Stil von Filmmusik", "像雨一样温柔的声音",
        "sing like an angel",
    ],
)  # fmt: skip
def test_genres_and_pictures_are_no_people(text: str) -> None:
    assert read_words(text).refused == ""


def test_hateful_words_are_turned_away_by_hash_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    from workbench.understand.words import refusals

    monkeypatch.setattr(
        refusals, "_hashes", lambda: frozenset({refusals.digest("floop"), refusals.digest("bad floops")})
    )
    for text in ("a happy floop song", "Bad Floops!", "FLOOP"):
        wishes = read_words(text)
        assert wishes.refused
        assert wishes.chips == ()
    assert read_words("a happy song").refused == ""


def test_what_is_not_understood_is_listed_as_written() -> None:
    wishes = read_words("A zebra-striped calm piece for Gertrud and piano")
    assert wishes.not_understood == ("zebra-striped", "Gertrud")


def test_a_long_text_is_cut_and_said() -> None:
    wishes = read_words("calm piano " * 400)
    assert len(wishes.text) == MAX_CHARACTERS
    assert "2,000" in wishes.remarks[-1]
    with pytest.raises(BadRequest):
        read_words(None)  # type: ignore[arg-type]


def test_ten_thousand_odd_texts_never_raise_and_take_little_time() -> None:
    chance, start, slowest = random.Random(3), time.process_time(), 0.0
    pieces = ["no", "without", "piano", "90", "1:30", "3/4", "minutes", "half", "C#", "minor", "very", "sing like",
              "\u9f13", "\u4e0d\u8981", "\u4e00\u5206", "ohne", "'", "\u0301", ",", "aaba", "=", "bpm"]  # fmt: skip
    pieces += ["9" * 30, "\ud800", "\x00", "verse", "3/0", "0", "and a half", "less"]
    for number in range(10_000):
        if number % 2:
            text = "".join(chr(chance.randrange(0x110000)) for _ in range(chance.randrange(30)))
        else:
            text = " ".join(chance.choice(pieces) for _ in range(chance.randrange(12)))
        if number % 1_000 == 0:
            text = "".join(chance.choice("abcdefghij  ") for _ in range(3_000))
        before = time.process_time()
        wishes = read_words(text)
        slowest = max(slowest, time.process_time() - before)
        assert all(0 <= chip.start < chip.end <= len(wishes.text) for chip in wishes.chips)
    assert slowest < 1.5
    assert time.process_time() - start < 40


def test_every_json_of_a_text_comes_back() -> None:
    for sentence in held_out()[::7]:
        wishes = read_words(sentence.text)
        assert Wishes.from_json(wishes.to_json()) == wishes
        for chip in wishes.chips:
            assert chip not in wishes.without_chip(chip.id).chips


def test_the_vocabularies_name_only_what_has_a_meaning() -> None:
    known = meanings()
    names = {
        "tempo word": known.tempos, "mood": MOODS, "level": known.levels, "style": known.genres,
        "instrument": known.instruments, "without": known.instruments,
    }  # fmt: skip
    for language in (*LANGUAGES, "common"):
        for phrases in vocabulary(language).phrases.values():
            for _, (kind, value) in phrases:
                assert kind in (*SECTIONS.values(), "filler", "number")
                assert value in names.get(kind, (value,)), f"{language}: {kind} {value}"
    for mood in MOODS:
        for language in LANGUAGES:
            assert any(meaning == ("mood", mood) for own in vocabulary(language).phrases.values() for _, meaning in own)


def test_held_out_sentences_are_understood_far_better_than_by_keywords() -> None:
    sentences = held_out()
    assert len(sentences) == 150
    ours, plain = (score(sentences, reader) for reader in (lambda one: read_words(one.text), keywords))
    assert ours["all", "all"].precision > 0.95
    assert ours["all", "all"].recall > 0.93
    for language in LANGUAGES:
        assert ours[language, "all"].recall > plain[language, "all"].recall + 0.15

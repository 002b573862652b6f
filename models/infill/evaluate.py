"""Judge the infilling network: ``python models/infill/evaluate.py --json OUT`` (test split of every corpus), or
``--pieces DIR`` for any folder of MIDI files (a ``beat_midi.txt`` beside a file gives its grid); ``--forms 60`` hides
sixty spans of each form in which people bring music instead, and prints a table; ``--continue 20`` goes on from the
openings of twenty pieces of each of ten kinds,
``--vary 20`` varies eight bars of each.

Needs the ``train`` extra; the baselines count the training corpora (``WORKBENCH_DATA_DIR``, ``WORKBENCH_TRAIN_DIR``).
"""

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import torch
from safetensors.torch import load_file

from workbench import resources
from workbench.create.infill.ensembles import FOUR_VOICES, ensemble
from workbench.create.infill.fill import make_request
from workbench.create.infill.markov.model import MarkovInfiller
from workbench.create.infill.transformer.model import InfillTransformer
from workbench.evaluation import (
    form_spans,
    infill_accompany,
    infill_band,
    infill_blind,
    infill_continue,
    infill_evaluate,
    infill_forms,
    infill_harmony,
    infill_lone,
    infill_longform,
    infill_vary,
    kinds,
    steering_trial,
)
from workbench.evaluation.infill_baselines import Baselines
from workbench.evaluation.infill_evaluate import copy_before
from workbench.evaluation.infill_trial import fill_ideas, fill_span
from workbench.hub.protocol import CancelToken, Model, Result
from workbench.hub.tasks.infill.controls import InfillControls
from workbench.hub.tasks.infill.guard import InfillGuard
from workbench.nets.infill import InfillConfig, InfillNet
from workbench.score import files
from workbench.score.operations import apply
from workbench.score.score import Region, Score
from workbench.score.timemap import TimeMap
from workbench.tokens import rows as r
from workbench.training import corpora, grid_pieces, infill_copying, infill_windows
from workbench.training.infill_bits import Span, spans_of

SAMPLE = 10  #: pieces of each set but POP909 that are scored
POLISH = 8  #: one in so many Polish scores is counted by the baselines: they are two thirds of all notes


def filler(model: Model) -> infill_evaluate.Filler:
    """A hub model as something that fills spans of grid pieces."""

    def fill(span: Span, seed: int) -> Any:
        notes = span.piece.notes
        hidden = (notes[:, r.TICK] >= span.start) & (notes[:, r.TICK] < span.end)
        slots = sorted({int(slot) for slot in notes[hidden, r.SLOT]})
        return fill_span(
            model, notes[~hidden], span.piece.programs, span.piece.bars, (span.start, span.end), seed, slots=slots
        )

    return fill


def thinker(model: Model, count: int) -> infill_forms.Ideas:
    """A hub model as something that has ``count`` ideas for a span of all its parts."""

    def think(span: Span, seed: int) -> list[Any]:
        notes = span.piece.notes
        hidden = (notes[:, r.TICK] >= span.start) & (notes[:, r.TICK] < span.end)
        slots = sorted({int(slot) for slot in notes[hidden, r.SLOT]})
        gap = (span.start, span.end)
        return fill_ideas(model, notes[~hidden], span.piece.programs, span.piece.bars, gap, seed, count, slots=slots)

    return think


def noted(think: infill_forms.Ideas, first: list[Any]) -> infill_forms.Ideas:
    """The same, and the first idea of each span is put into ``first``."""

    def and_note(span: Span, seed: int) -> list[Any]:
        ideas = think(span, seed)
        first.append(ideas[0])
        return ideas

    return and_note


def in_forms(
    model: Model, net: InfillNet | None, spans: int, only: Sequence[str]
) -> tuple[dict[str, Any], dict[str, Any]]:
    """The report of every form, three ideas a span, one of the Markov chain; and the blind comparison over all."""
    markov = MarkovInfiller(SimpleNamespace(id="markov"), {})
    out, blind = {}, infill_blind.Blind()
    for form in only or form_spans.FORMS:
        found = form_spans.spans_in_form(form, spans)
        own: list[Any] = []
        chain: list[Any] = []
        out[form] = infill_forms.form_report(
            net, found, noted(thinker(model, 3), own), noted(thinker(markov, 1), chain)
        )
        print(infill_forms.table({form: out[form]}).splitlines()[-1], file=sys.stderr, flush=True)
        for span, idea, other in zip(found, own, chain, strict=True):
            blind.add(span, {"model": idea, "markov": other, "copy of the 4 bars before": copy_before(span, 4)})
    return out, blind.report()


def going_on(model: Model, count: int) -> dict[str, Any]:
    """The report of every kind of piece that is continued, beside the Markov chain's."""
    markov = MarkovInfiller(SimpleNamespace(id="markov"), {})
    out = {}
    for name in kinds.SETS:
        pieces = kinds.pieces_in(name, count)
        out[name] = infill_continue.report(pieces, continuer(model), continuer(markov))
        print("\n".join(infill_continue.table({name: out[name]}).splitlines()[2:]), file=sys.stderr, flush=True)
    return out


def refiller(model: Model) -> infill_lone.Refiller:
    """A hub model as something that writes one part of a span anew, hearing the others."""

    def write(span: Span, slot: int, seed: int) -> Any:
        notes = span.piece.notes
        hidden = (notes[:, r.TICK] >= span.start) & (notes[:, r.TICK] < span.end) & (notes[:, r.SLOT] == slot)
        gap = (span.start, span.end)
        return fill_span(model, notes[~hidden], span.piece.programs, span.piece.bars, gap, seed, slots=[slot])

    return write


def varier(model: Model) -> infill_vary.Varier:
    """A hub model as something that varies what stands."""

    def vary(piece: Any, span: tuple[int, int], closeness: int, seed: int) -> Any:
        inside = (piece.notes[:, r.TICK] >= span[0]) & (piece.notes[:, r.TICK] < span[1])
        slots = sorted({int(slot) for slot in piece.notes[inside, r.SLOT]})
        wishes = InfillControls(closeness=closeness)
        return fill_span(model, piece.notes, piece.programs, piece.bars, span, seed, wishes, slots)

    return vary


def varied(model: Model, count: int) -> dict[str, Any]:
    """The report of every kind of piece that is varied, at each closeness."""
    markov = MarkovInfiller(SimpleNamespace(id="markov"), {})
    out: dict[str, Any] = {}
    for name in kinds.SETS:
        if name == "drums alone":
            continue
        found = infill_vary.sources(name, count)
        out[name] = {
            closeness: infill_vary.report(found, varier(model), varier(markov), closeness)
            for closeness in infill_vary.CLOSENESS
        }
        print("\n".join(infill_vary.table({name: out[name]}).splitlines()[2:]), file=sys.stderr, flush=True)
    return out


def accompanist(model: Model) -> infill_accompany.Accompanist:
    """A hub model as something that writes all parts but the highest, hearing that part in the span alone."""

    def write(span: Span, seed: int) -> Any:
        notes = span.piece.notes
        inside = (notes[:, r.TICK] >= span.start) & (notes[:, r.TICK] < span.end)
        slots = sorted({int(slot) for slot in notes[inside, r.SLOT]} - {0})
        if not slots:
            return r.empty_notes()
        melody = notes[inside & (notes[:, r.SLOT] == 0)]
        return fill_span(model, melody, span.piece.programs, span.piece.bars, (span.start, span.end), seed, slots=slots)

    return write


def one_thing(chosen: argparse.Namespace, about: dict[str, Any], net: InfillNet) -> None:
    """The one evaluation that was asked for by itself: written to the report, told as a table."""
    model = InfillTransformer(SimpleNamespace(id="infill"), {"config.json": chosen.model / "config.json"})
    found: dict[str, Any]
    if chosen.lone:
        spans = infill_lone.lone_spans(form_spans.held_out("pop909_main"), chosen.lone)
        chain = MarkovInfiller(SimpleNamespace(id="markov"), {})
        found = {"a lone part": infill_lone.report(spans, refiller(model), refiller(chain))}
        told = json.dumps(found["a lone part"], indent=1)
    elif chosen.forms:
        forms, blind = in_forms(model, None if chosen.no_bits else net, chosen.forms, chosen.form)
        found = {"forms": forms, "told from real bars": blind}
        told = infill_forms.table(forms) + "\n" + json.dumps(blind, indent=1)
    elif chosen.going_on:
        found = {"continued": going_on(model, chosen.going_on)}
        told = infill_continue.table(found["continued"])
    else:
        found = {"varied": varied(model, chosen.vary)}
        told = infill_vary.table(found["varied"])
    chosen.json.write_text(json.dumps({"model": about, **found}, indent=1) + "\n", encoding="utf-8")
    print(told)


def main() -> None:
    """Write one JSON file and print it."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--pieces", type=Path, help="a folder of MIDI files instead of the test split")
    options.add_argument("--json", type=Path, required=True)
    options.add_argument("--model", type=Path, default=Path(__file__).parent)
    options.add_argument("--fills", type=int, default=240, help="hidden spans to fill (0: leave them out)")
    options.add_argument("--no-bits", action="store_true", help="leave out bits a note")
    options.add_argument("--no-baselines", action="store_true", help="leave out counting (quick look)")
    options.add_argument("--sliders", type=int, default=0, help="ideas a wish is measured on (50 on the card)")
    options.add_argument("--copying", type=int, default=0, help="fills looked through for training runs (1000)")
    options.add_argument("--songs", type=int, default=0, help="songs continued to three minutes (40: all)")
    options.add_argument("--bands", type=int, default=0, help="tunes that a band joins (40: all)")
    options.add_argument("--forms", type=int, default=0, help="only the forms people bring music in: spans of each")
    options.add_argument("--form", action="append", default=[], help="one of these forms alone (may be repeated)")
    options.add_argument("--continue", type=int, default=0, dest="going_on", help="only going on: pieces of each kind")
    options.add_argument("--lone", type=int, default=0, help="only a piano refilled under its tune: spans (40)")
    options.add_argument("--vary", type=int, default=0, help="only variations: pieces of each kind")
    options.add_argument("--chorales", type=Path, help="the folder of the JSB chorales, for four voices")
    chosen = options.parse_args()
    torch.set_num_threads(1)
    report: dict[str, Any]
    about = json.loads((chosen.model / "config.json").read_text())
    net = InfillNet(InfillConfig(**about["network"])).eval()
    net.load_state_dict({name: value.float() for name, value in load_file(chosen.model / "model.safetensors").items()})
    if chosen.lone or chosen.forms or chosen.going_on or chosen.vary:
        one_thing(chosen, about, net)
        return
    if chosen.pieces:
        sets = {"pieces": infill_evaluate.read_folder(chosen.pieces)}
    else:
        sets = {name: grid_pieces.load(name, "test") for name in infill_evaluate.SETS}
        # All POP909 test songs; of the other sets a sample spread over the test split, as large as fits a coffee break.
        sets = {n: found if n == "pop909_main" else found[:: max(1, len(found) // SAMPLE)] for n, found in sets.items()}
    training: dict[str, list[Any]] = {}
    if not chosen.no_baselines:  # raises Unavailable, in one sentence, where neither corpora nor caches are
        training = infill_windows.training_pieces(names=about.get("sets", infill_evaluate.SETS))
        training.pop("pop909_drums", None)
        training["polish"] = training["polish"][::POLISH]
    everything = [piece for found in training.values() for piece in found]
    counted_all = {"all training sets": Baselines(everything)} if everything and not chosen.no_bits else {}

    def counted(name: str) -> dict[str, Baselines]:
        counts = name if name in training else "pop909_main"
        own = {f"{counts} alone": Baselines(training[counts])} if training else {}
        return {**own, **counted_all}

    def spans_in(name: str) -> int:
        return 240 if len(sets) == 1 or name == "pop909_main" else 48

    report = {"model": about}
    if not chosen.no_bits:
        report["bits a note"] = infill_evaluate.bits_report(net, sets, counted, spans_in)
    name, pieces = next(iter(sets.items()))
    model = InfillTransformer(SimpleNamespace(id="infill"), {"config.json": chosen.model / "config.json"})
    markov = MarkovInfiller(SimpleNamespace(id="markov"), {})
    known = infill_copying.index(everything) if everything else None
    if chosen.fills:
        spans = spans_of(pieces, per_piece=max(1, -(-chosen.fills // max(1, len(pieces)))), seed=7)[: chosen.fills]
        fillers = {"infill": filler(model), "markov": filler(markov)}
        report[f"hidden spans of four bars, {name}"] = infill_evaluate.fills_report(spans, fillers, known)
        report[f"melody to accompaniment, {name}, one span in four"] = infill_accompany.report(
            spans[::4], accompanist(model)
        )
        report[f"melody to accompaniment, {name}, all spans"] = infill_accompany.report(spans, accompanist(model))
    if chosen.copying and known is not None:
        many = spans_of(pieces, per_piece=-(-chosen.copying // max(1, len(pieces))), seed=11)[: chosen.copying]
        report[f"training runs in fills, {name}"] = infill_copying.report(many, filler(model), known)
    if chosen.songs:
        report[f"three minutes continued, {name}"] = infill_longform.report(pieces[: chosen.songs], continuer(model))
    if chosen.bands:
        found = infill_band.songs(corpora.pieces("pop909_main", "test"))[: chosen.bands]
        report["a band for a tune, pop909_main"] = infill_band.report(found, arranger(model, "band"))
    if chosen.chorales:
        report["four voices"] = infill_harmony.report(
            infill_harmony.chorales(chosen.chorales), arranger(model, FOUR_VOICES)
        )
    if chosen.sliders:
        report["steering, on the opening piece"] = steering(model, chosen.sliders)
    text = json.dumps(report, indent=1)
    chosen.json.write_text(text + "\n", encoding="utf-8")
    print(text)


def continuer(model: Model) -> infill_longform.Continuer:
    """A hub model as something that goes on from an opening."""

    def go_on(notes: Any, programs: Any, bars: Any, span: tuple[int, int], seed: int) -> Any:
        slots = sorted({int(slot) for slot in notes[:, r.SLOT]})
        return fill_span(model, notes, programs, bars, span, seed, slots=slots)

    return go_on


def arranger(model: Model, name: str) -> infill_harmony.Harmoniser:
    """A hub model as something that joins a band, or three voices, to a tune."""

    def arrange(score: Score, seed: int) -> Score:
        time = TimeMap(score)
        bars = (1, time.bar_at(score.end - 1).number)
        request = make_request(score, bars, ensemble=ensemble(score, name))
        guard = InfillGuard(request, SimpleNamespace(id="infill", author="model:infill"))
        result = [
            item for item in model.run(request, seed=seed, cancel=CancelToken.never()) if isinstance(item, Result)
        ]
        made = score.copy()
        apply(made, guard.result(result[-1], seed=seed, revision="")[0].operation)
        return made

    return arrange


def steering(model: Model, seeds: int) -> dict[str, Any]:
    """What each wish changes in melody and keys of the opening piece; curves and chords over all four bars."""
    opening = files.load(resources.path("assets/pieces/opening.wbz")).score
    bar = opening.ppq * 4
    middle, whole = Region(bar, 3 * bar, ("t1", "t2")), Region(0, 4 * bar, ("t1", "t2"))
    return {
        "sliders at 10, 50, 90": steering_trial.slider_report(model, opening, middle, seeds),
        "curves": steering_trial.curve_report(model, opening, whole, seeds),
        "notes that come back, by closeness": steering_trial.closeness_report(model, opening, middle, seeds),
        "chord tones": steering_trial.chord_report(model, opening, whole, seeds),
    }


if __name__ == "__main__":
    main()

"""The official word for how a piece came to be: IPTC's digital source type, chosen from who wrote what.

The vocabulary is https://cv.iptc.org/newscodes/digitalsourcetype/, which C2PA's actions use (C2PA 2.2, section 18.15).
A model that only *wrote down* what a person sang, played or printed has invented nothing: its notes count as the
person's, enhanced by an algorithm.
"""

from __future__ import annotations

from collections.abc import Iterable

from workbench.provenance.run import runs
from workbench.provenance.writers import writers
from workbench.score.events import CHANGES, Event
from workbench.score.score import Score

SCHEME = "http://cv.iptc.org/newscodes/digitalsourcetype/"
#: Tasks whose models write down what is there.
HEARD = frozenset({"transcribe", "read_score", "beats", "separate", "speech"})

#: Each word, and what it says to a person.
MEANINGS = {
    "trainedAlgorithmicMedia": "every note was written by a model that learnt from other music",
    "compositeWithTrainedAlgorithmicMedia": "people and a model that learnt from other music wrote it together",
    "algorithmicMedia": "every note was written by a program that learnt from no music",
    "compositeSynthetic": "people and a program that learnt from no music wrote it together",
    "algorithmicallyEnhanced": "what a person sang, played or printed was written down by a program",
    "humanEdits": "a person arranged or changed music that was there before",
    "digitalCreation": "a person wrote it",
}


def source_type(score: Score, events: Iterable[Event] = ()) -> str:
    """The full address of the term for a piece as it stands.

    Args:
        score: the piece.
        events: its log, or nothing where there is none.
    """
    return SCHEME + _term(score, list(events))


def _term(score: Score, events: list[Event]) -> str:
    by_run, known = writers(score, events), runs(events)
    trained = ruled = heard = people = old = touched = False
    learnt: dict[str, tuple[bool, bool]] = {}  # model -> it learnt from music, it only writes down
    for track, note in score.all_notes():
        touched = touched or "human" in note.edited_by
        if "model:" not in note.author:
            people, old = people or note.author == "human", old or note.author != "human"
            continue
        people = people or note.author.startswith("human+")
        run = known.get(by_run.get((track.id, note.id), ""))
        model = run.model if run else note.author.split("model:", 1)[1]
        if model not in learnt:
            learnt[model] = _kind(model, run.task if run else "", run.rights.get("training_data") if run else None)
        from_music, writes_down = learnt[model]
        heard, trained = heard or writes_down, trained or (from_music and not writes_down)
        ruled = ruled or not (from_music or writes_down)
    together = people or old or heard or touched
    if trained:
        return "compositeWithTrainedAlgorithmicMedia" if together or ruled else "trainedAlgorithmicMedia"
    if ruled:
        return "compositeSynthetic" if together else "algorithmicMedia"
    if heard:
        return "algorithmicallyEnhanced"
    changed = any(event["kind"] in CHANGES for event in events)
    return "humanEdits" if old or (touched and changed and not people) else "digitalCreation"


def _kind(model: str, task: str, training_data: str | None) -> tuple[bool, bool]:
    """Whether a model learnt from music, and whether it only writes down; an unknown one counts as the former."""
    if not task or training_data is None:
        from workbench.hub.registry import Registry

        registry = Registry.load(weights="pop")  # what is not offered here may have written it elsewhere
        if model in registry:
            spec = registry.get(model)
            task = task or spec.task
            training_data = "none" if not spec.card.training_data else "some"
    return training_data != "none", task in HEARD

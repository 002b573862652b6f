"""Learning from preferences: which way it pulls, what stops it, and where it may write. No network is trained here."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from workbench import resources
from workbench.create.infill.transformer.answers import answer_windows
from workbench.errors import BadRequest
from workbench.hub.estimates import SpeedBook
from workbench.hub.hub import Hub
from workbench.hub.protocol import CancelToken, Result
from workbench.hub.registry import Registry
from workbench.hub.tasks.infill.controls import InfillControls
from workbench.hub.tasks.infill.preference import Preference
from workbench.hub.tasks.infill.request import InfillRequest
from workbench.nets.infill import InfillConfig, InfillNet
from workbench.score.score import Note, Region, Score, Track
from workbench.tokens import grid12 as g
from workbench.tokens import rows as r
from workbench.training import prefer

BAR = 4 * 960
GAP = Region(2 * BAR, 4 * BAR, ("t1",))


def request(**parts: InfillControls) -> InfillRequest:
    """Two bars to fill in eight bars of D major, a bass under them."""
    tune, bass = Track("t1"), Track("t2", program=32)
    for at in range(16):
        pitch = (74, 76, 78, 79, 81)[at % 5]
        if not GAP.start <= at * BAR // 2 < GAP.end:
            tune.notes[f"n{at}"] = Note(f"n{at}", at * BAR // 2, 960, pitch, 60 + at)
        bass.notes[f"n{at}"] = Note(f"n{at}", at * BAR // 2, 1_900, 38 + 7 * (at % 2), 50 + at)
    return InfillRequest(Score(tracks=[tune, bass]), (GAP,), **parts)  # type: ignore[arg-type]


def idea(*pitches: int) -> dict[str, tuple[Note, ...]]:
    """Quarters from the gap's beginning on."""
    return {"t1": tuple(Note(f"m{at}", GAP.start + 960 * at, 960, pitch, 80) for at, pitch in enumerate(pitches))}


def network(seed: int = 0) -> InfillNet:
    torch.manual_seed(seed)
    net = InfillNet(InfillConfig(width=64, heads=1, lower=2, upper=1)).eval()
    with torch.no_grad():
        for value in net.parameters():
            value.add_(0.05 * torch.randn_like(value))
    return net


@pytest.fixture(scope="module")
def choices() -> prefer.Choices:
    """Eight people who all keep the high idea of two."""
    ideas = [answer_windows(request(), idea(*pitches)) for pitches in ((86, 88, 90, 91), (62, 61, 59, 57))]
    return prefer.Choices(ideas, [prefer.Pair(f"p{number}", 0, 1) for number in range(8)])


def test_the_answer_alone_is_counted_in_the_key_of_the_network() -> None:
    (window,) = answer_windows(request(), idea(74, 76, 78))
    pitches = window["target_pitch"][window["target_pitch"] != r.IGNORE]
    assert pitches.tolist() == [72, 74, 76]  # D major is shown as C major
    times = window["target_time"][window["target_time"] != r.IGNORE]
    assert times.tolist() == [0, g.TICKS, g.TICKS, g.TIME_END]
    assert (window["target_slot"] != r.IGNORE).sum() == 3
    context = window["kind"] == r.CONTEXT
    assert context.sum() == len(request().score.tracks[0].notes) + 16
    short = answer_windows(request(), idea(74, 76, 78), rows=24)[0]
    assert len(short["kind"]) <= 24
    assert (short["target_pitch"] != r.IGNORE).sum() == 3


def test_what_is_not_written_freely_is_left_out() -> None:
    assert answer_windows(request(controls=InfillControls(keep_rhythm=True)), idea(74)) == []


def test_an_empty_idea_is_the_end_of_the_gap_and_no_more() -> None:
    (window,) = answer_windows(request(), {})
    assert [int((window[f"target_{head}"] != r.IGNORE).sum()) for head in prefer.HEADS] == [1, 0, 0, 0, 0]


def test_a_likelihood_is_the_sum_over_all_links_whatever_lies_beside_it() -> None:
    net = network()
    ideas = [answer_windows(request(), idea(*pitches)) for pitches in ((74, 76), (74,))]
    together = prefer.log_likelihoods(net, ideas)
    for number, own in enumerate(ideas):
        window = own[0]
        logits = net({name: torch.from_numpy(np.ascontiguousarray(value))[None] for name, value in window.items()})
        total = 0.0
        for head in prefer.HEADS:
            for row in np.flatnonzero(window[f"target_{head}"] != r.IGNORE):
                shares = torch.log_softmax(logits[head][0, row], dim=-1)
                total += float(shares[int(window[f"target_{head}"][row])].detach())
        assert float(together[number].detach()) == pytest.approx(total, abs=1e-3)


def test_the_loss_is_that_of_the_paper() -> None:
    chosen, rejected = torch.tensor([-10.0, -12.0]), torch.tensor([-11.0, -9.0])
    before = (torch.tensor([-10.0, -13.0]), torch.tensor([-11.0, -8.0]))
    found = prefer.preference_loss(chosen, rejected, before, beta=0.5)
    assert found.tolist() == pytest.approx([np.log(2), np.log(1 + np.exp(-0.5 * (1 - -1)))], abs=1e-6)


def test_one_step_makes_the_chosen_likelier_and_the_rejected_less_so(choices: prefer.Choices) -> None:
    net = network()
    learner = prefer.Learner(net, choices, lambda net: 5.0, prefer.Recipe(rate=1e-3))
    optimiser = torch.optim.SGD(learner.weights, lr=1e-3)
    assert learner.step(learner.learnt, optimiser) == pytest.approx(np.log(2), abs=1e-5)  # it is the reference itself
    with torch.no_grad():
        now = prefer.log_likelihoods(net, choices.ideas) - learner.before
    assert now[0] - now[1] > 0
    assert learner.look()["held_out_agree"] == 1.0


def test_the_network_is_held_to_what_it_foretold_of_the_music_around(choices: prefer.Choices) -> None:
    net, reference = network(), network()
    window = choices.ideas[0][0]
    assert float(prefer.estrangement(net, reference, window).detach()) == pytest.approx(0, abs=1e-5)
    with torch.no_grad():
        net.pitch_head.bias[:60] += 1.0
    far = prefer.estrangement(net, reference, window)
    assert float(far.detach()) > 0.01
    far.backward()  # type: ignore[no-untyped-call]
    pull = net.pitch_head.bias.grad
    assert pull is not None
    assert float(pull[:60].sum()) > 0  # what was raised is pulled down again


def test_only_the_last_blocks_and_the_heads_learn(choices: prefer.Choices) -> None:
    net = network()
    was = {name: value.detach().clone() for name, value in net.named_parameters()}
    learner = prefer.Learner(net, choices, lambda net: 5.0, prefer.Recipe(rate=1e-3))
    learner.step(learner.learnt, torch.optim.SGD(learner.weights, lr=0.1))
    moved = {name for name, value in net.named_parameters() if not torch.equal(value, was[name])}
    assert {"upper.0.qkv.weight", "lower.1.out.weight", "pitch_head.weight", "time_head.weight"} <= moved
    assert not [name for name in moved if name.startswith(("lower.0.", "kind", "slot.", "pitch.", "chroma", "trait"))]


def test_ordinary_music_may_not_become_dearer_than_the_guard_allows(choices: prefer.Choices) -> None:
    """The guard here rises with the way that the weights have gone: to twice what is allowed, at the first look."""
    net = network()
    start = {name: value.detach().clone() for name, value in net.named_parameters()}

    def gone(net: InfillNet) -> float:
        return sum(float((value.detach() - start[name]).abs().sum()) for name, value in net.named_parameters())

    recipe = prefer.Recipe(rate=1e-3, epochs=2, batch=6, look=1)
    free = prefer.Learner(network(), choices, lambda net: 0.0, recipe).learn()
    assert free["ended"] == "epochs"
    assert free["after"]["held_out_loss"] < free["before"]["held_out_loss"]
    whole: list[float] = []

    def guard(net: InfillNet) -> float:
        far = gone(net)
        whole.extend([far] if far and not whole else [])
        return 5.0 + 2 * far / (whole[0] if whole else 1.0)

    held = prefer.Learner(net, choices, guard, prefer.Recipe(**{**free["recipe"], "guard_bits": 1.0})).learn()
    assert held["ended"] == "guard"
    assert 0.3 * whole[0] < gone(net) <= 0.5 * whole[0]
    assert held["after"]["held_out_loss"] < held["before"]["held_out_loss"]
    assert held["after"]["bits_rise"] <= 1.0


def test_where_nothing_is_gained_the_network_stays_as_it_was() -> None:
    ideas = [answer_windows(request(), idea(*pitches)) for pitches in ((86, 88), (62, 61))]
    people = sorted(f"p{number}" for number in range(4))
    (out,) = prefer.held_out_people(people, 0.25)
    # Whoever is held out keeps the other idea.
    pairs = [prefer.Pair(name, int(name == out), int(name != out)) for name in people]
    net = network()
    was = {name: value.detach().clone() for name, value in net.named_parameters()}
    recipe = prefer.Recipe(rate=1e-3, epochs=9, look=1, patience=2)
    report = prefer.Learner(net, prefer.Choices(ideas, pairs), lambda net: 5.0, recipe).learn()
    assert (report["ended"], report["steps"], report["share"]) == ("held-out people", 2, 0.0)
    assert all(torch.equal(value, was[name]) for name, value in net.named_parameters())


def test_a_file_of_preferences_becomes_pairs_that_share_their_ideas() -> None:
    spec = importlib.util.spec_from_file_location("prefer_script", resources.path("models/infill") / "prefer.py")
    assert spec is not None
    assert spec.loader is not None
    script = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(script)

    def one(wanted: InfillRequest, *pitches: int) -> Preference:
        return Preference(
            "p0123456789abcdef", "kept", "infill", "embedded", "r0123456789abcdef", 1, wanted, (0, 8 * BAR),
            idea(74, 76), idea(*pitches), None, {"box": "training"}, {},
        )  # fmt: skip

    bound = one(request(controls=InfillControls(keep_rhythm=True)), 60)
    choices = script.choices_of([one(request(), 60), one(request(), 62), bound])
    assert [(pair.chosen, pair.rejected) for pair in choices.pairs] == [(0, 1), (0, 2)]
    lows = [choices.ideas[place][0]["target_pitch"] for place in (0, 1, 2)]
    assert [row[row != r.IGNORE].tolist() for row in lows] == [[72, 74], [58], [60]]


def test_people_are_held_out_whole_and_always_the_same() -> None:
    people = [f"p{number % 8}" for number in range(80)]
    assert len(prefer.held_out_people(people, 0.25)) == 2
    assert prefer.held_out_people(people, 0.25) == prefer.held_out_people(people[::-1], 0.25)
    with pytest.raises(BadRequest, match="at least two people"):
        prefer.held_out_people(["p1"] * 9, 0.25)


def test_the_hub_runs_what_was_written_beside_the_shipped_model(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    net, base, folder = network(), tmp_path / "base", tmp_path / "new"
    base.mkdir()
    save_file(net.state_dict(), base / "model.safetensors")
    (base / "config.json").write_text(json.dumps({"network": net.config.to_dict()}), encoding="utf-8")
    look = {"held_out_loss": 0.69, "held_out_agree": 0.5, "bits_rise": 0.0}
    report = {"pairs": 8, "steps": 3, "before": look, "after": look}
    prefer.save(net, base, folder, "infill-mine", report)
    assert json.loads((folder / "config.json").read_text(encoding="utf-8"))["preferences"] == report
    monkeypatch.setenv("WORKBENCH_HOME", str(tmp_path / "home"))
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "models.toml").write_bytes((folder / "models.toml").read_bytes())
    registry = Registry.load(plugins=False)
    assert not registry.problems
    hub = Hub(registry, speeds=SpeedBook(None))
    *_, result = hub.run("infill-mine", request(), seed=1, cancel=CancelToken.never())
    assert isinstance(result, Result)
    assert not result.fallback_reason
    assert result.attempt is not None
    assert result.attempt.revision.startswith("local-")
    assert {note.author for note in result.alternatives[0].notes["t1"]} == {"model:infill-mine"}


def test_shipped_weights_and_full_folders_are_not_written_over(tmp_path: Path) -> None:
    shipped = resources.path("models/infill")
    for place in (shipped, shipped / "new", shipped.parent):
        with pytest.raises(BadRequest, match="stay as they are"):
            prefer.check_place(place)
    (tmp_path / "there").write_text("", encoding="utf-8")
    with pytest.raises(BadRequest, match="is not empty"):
        prefer.check_place(tmp_path)

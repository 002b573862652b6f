"""Direct preference optimisation of the infilling network: what people kept becomes likelier than what they left.

After Rafailov et al. 2023 (Direct Preference Optimization: Your Language Model is Secretly a Reward Model). For a pair
of ideas for one gap, with the log-likelihoods of the network that learns and of the network as it was (the reference),

    loss = -log sigmoid(beta * ((chosen - chosen_before) - (rejected - rejected_before)))

No reward model is fitted and nothing is drawn while learning. The reference's numbers are computed once. Only the last
lower block, the upper blocks and the heads learn (:func:`trainable`): a few hundred pairs say too little for more. On
the music that stands *around* the gaps the network is held to what it foretold before (:func:`estrangement`). Two
things end it: people who were held out no longer agree more (:data:`Recipe.patience`), or *ordinary* music becomes
dearer than ``guard_bits`` a note. What is given back is the best state that kept to the guard.
"""

from __future__ import annotations

import copy
import hashlib
import json
import shutil
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from workbench import resources
from workbench.errors import BadRequest
from workbench.fsutil import replacing_folder, shown
from workbench.nets.infill import InfillConfig, InfillNet
from workbench.tokens import rows as r
from workbench.training import grid_pieces, infill_bits
from workbench.training.infill_windows import stack

HEADS = ("time", "slot", "pitch", "duration", "velocity")
State = dict[str, Tensor]
#: Something that tells the bits a note of ordinary music.
Guard = Callable[[InfillNet], float]
#: Files beside the weights that stay as they are.
BESIDE = ("chords.safetensors", "voices.safetensors", "training_runs.safetensors")


@dataclass(frozen=True)
class Pair:
    """One choice of one person: of two ideas for a gap ``chosen`` was kept; numbers of :class:`Choices`' ideas."""

    person: str
    chosen: int
    rejected: int


@dataclass(frozen=True)
class Choices:
    """Everything that was chosen. ``ideas``: each as its windows (rows with targets in the answer alone)."""

    ideas: Sequence[Sequence[r.Arrays]]
    pairs: Sequence[Pair]

    def of(self, people: set[str]) -> list[Pair]:
        """The pairs of these people."""
        return [pair for pair in self.pairs if pair.person in people]


@dataclass(frozen=True)
class Recipe:
    """How to learn.

    ``beta``: how dear it is to move away from the reference; ``anchor``: weight of :func:`estrangement`; ``rate``:
    AdamW's learning rate; ``batch``: pairs a step, of which ``part`` at a time fill the memory; ``epochs``: at most;
    ``minutes``: at most, by the clock; ``held_out``: share of the people by whom it is stopped; ``look``: steps between
    two looks at them and at the guard; ``patience``: looks without a gain before it ends; ``guard_bits``: most bits a
    note that ordinary music may become dearer.
    """

    beta: float = 0.1
    anchor: float = 2.0
    rate: float = 6e-5
    batch: int = 32
    part: int = 8
    epochs: int = 4
    minutes: float = 9.0
    held_out: float = 0.25
    look: int = 8
    patience: int = 3
    guard_bits: float = 0.02
    seed: int = 1


def trainable(net: InfillNet) -> list[torch.nn.Parameter]:
    """Freeze what reads (embeddings and all lower blocks but the last); returns the parameters that learn."""
    first = f"lower.{net.config.lower - 1}."
    out = []
    for name, value in net.named_parameters():
        learns = name.startswith((first, "upper.", "norm_")) or "head" in name or "widen" in name
        learns = learns and not name.startswith(tuple(f"lower.{at}." for at in range(net.config.lower - 1)))
        value.requires_grad_(learns)
        if learns:
            out.append(value)
    return out


def log_likelihoods(net: InfillNet, ideas: Sequence[Sequence[r.Arrays]]) -> Tensor:
    """Log-probability of each idea in nats, summed over the links of all its notes: float32 [ideas]."""
    windows = [window for idea in ideas for window in idea]
    owner = torch.tensor([at for at, idea in enumerate(ideas) for _ in idea])
    batch = {
        name: torch.from_numpy(value)
        for name, value in stack(windows, max(len(window["kind"]) for window in windows)).items()
    }
    logits = net(batch)
    total = torch.zeros(len(windows))
    for head in HEADS:
        target = batch[f"target_{head}"]
        log_p = functional.log_softmax(logits[head].float(), dim=-1)
        found = log_p.gather(-1, target.clamp(min=0)[..., None])[..., 0]
        total = total + (found * (target != r.IGNORE)).sum(dim=1)
    return torch.zeros(len(ideas)).index_add(0, owner, total)


def estrangement(net: InfillNet, reference: InfillNet, window: r.Arrays) -> Tensor:
    """Nats a note by which the network foretells what stands around a gap otherwise than the reference did: the
    Kullback-Leibler divergence of the chained heads, over the rows before the gap is opened."""
    first = int(np.flatnonzero(window["kind"] == r.REGION_START)[-1])
    batch = {name: torch.from_numpy(np.ascontiguousarray(value[None, :first])) for name, value in window.items()}
    with torch.no_grad():
        before = reference(batch)
    now = net(batch)
    total = torch.zeros(())
    for head in HEADS:
        log_p, log_q = (functional.log_softmax(found[head][0].float(), dim=-1) for found in (before, now))
        total = total + functional.kl_div(log_q, log_p, log_target=True, reduction="sum") / max(1, first)
    return total


def preference_loss(chosen: Tensor, rejected: Tensor, before: tuple[Tensor, Tensor], beta: float) -> Tensor:
    """The loss of each pair, from log-likelihoods [pairs] now and ``before`` (of the chosen and the rejected)."""
    return -functional.logsigmoid(beta * ((chosen - before[0]) - (rejected - before[1])))


def held_out_people(people: Sequence[str], share: float) -> set[str]:
    """The people by whom learning is stopped: by the hash of their code, so that they stay the same; one at least."""
    ordered = sorted(set(people), key=lambda name: hashlib.sha256(name.encode()).digest())
    if len(ordered) < 2:
        raise BadRequest("Preferences of at least two people are needed, so that some can be held out.")
    return set(ordered[: max(1, round(share * len(ordered)))])


def validation_guard(names: Sequence[str] = ("pop909_main", "lieder", "folk", "quartets"), each: int = 3) -> Guard:
    """Bits a note of hidden spans and of plain windows of the corpora's validation split.

    Raises:
        Unavailable: the corpora are not at hand (``WORKBENCH_DATA_DIR``, ``WORKBENCH_TRAIN_DIR``).
    """
    return pieces_guard([grid_pieces.load(name, "valid")[: 2 * each] for name in names], each)


def pieces_guard(sets: Sequence[Sequence[grid_pieces.GridPiece]], each: int = 5) -> Guard:
    """Bits a note of ``each`` plain windows and ``each`` hidden spans of every set of pieces.

    Raises:
        BadRequest: there is no music in them.
    """
    windows = []
    for pieces in sets:
        plain = list(infill_bits.plain_windows(pieces))
        windows += plain[:: max(1, len(plain) // each)][:each]
        windows += list(infill_bits.span_windows(infill_bits.spans_of(pieces, 1, seed=0)[:each], "both"))
    if not windows:
        raise BadRequest("There is no music to guard the network by; name a folder with MIDI files.")
    return lambda net: infill_bits.per_note(infill_bits.bits(net, windows, fast=True))[0]


class Learner:
    """One run: the network, what it was, and how it does on the people who are held out."""

    def __init__(self, net: InfillNet, choices: Choices, guard: Guard, recipe: Recipe) -> None:
        self.net, self.choices, self.guard, self.recipe = net.eval(), choices, guard, recipe
        self.reference = copy.deepcopy(net).requires_grad_(False)
        self.weights = trainable(net)
        out = held_out_people([pair.person for pair in choices.pairs], recipe.held_out)
        self.learnt = [pair for pair in choices.pairs if pair.person not in out]
        self.held = choices.of(out)
        self.before = self._all()
        self.began = self._state()
        self.bits_before = guard(net)

    def _all(self) -> Tensor:
        """Log-likelihoods of all ideas by the network as it is, sixteen at a time."""
        ideas = self.choices.ideas
        with torch.no_grad():
            return torch.cat([log_likelihoods(self.net, ideas[at : at + 16]) for at in range(0, len(ideas), 16)])

    def _state(self) -> State:
        return {name: value.detach().clone() for name, value in self.net.named_parameters() if value.requires_grad}

    def _set(self, state: State, share: float = 1.0) -> None:
        """Put the network ``share`` of the way from where it began to ``state``."""
        with torch.no_grad():
            for name, value in self.net.named_parameters():
                if name in state:
                    value.copy_(torch.lerp(self.began[name], state[name], share))

    def _losses(self, pairs: Sequence[Pair]) -> tuple[Tensor, Tensor]:
        """Loss and margin (nats towards the chosen, against the reference) of each pair."""
        numbers = sorted({number for pair in pairs for number in (pair.chosen, pair.rejected)})
        place = {number: at for at, number in enumerate(numbers)}
        now = log_likelihoods(self.net, [self.choices.ideas[number] for number in numbers])
        chosen, rejected = ([getattr(pair, side) for pair in pairs] for side in ("chosen", "rejected"))
        ours = [now[[place[number] for number in side]] for side in (chosen, rejected)]
        before = (self.before[chosen], self.before[rejected])
        loss = preference_loss(ours[0], ours[1], before, self.recipe.beta)
        return loss, (ours[0] - before[0]) - (ours[1] - before[1])

    def step(self, pairs: Sequence[Pair], optimiser: torch.optim.Optimizer) -> float:
        """Learn from a few pairs; returns their loss."""
        optimiser.zero_grad(set_to_none=True)
        total, part = 0.0, self.recipe.part
        for at in range(0, len(pairs), part):
            some = pairs[at : at + part]
            loss = self._losses(some)[0].sum() / len(pairs)
            total += float(loss.detach())
            if self.recipe.anchor:
                window = self.choices.ideas[some[0].chosen][0]
                far = estrangement(self.net, self.reference, window) * len(some) / len(pairs)
                loss = loss + self.recipe.anchor * far
            loss.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(self.weights, 1.0)
        optimiser.step()
        return total

    def look(self) -> dict[str, float]:
        """How the held-out people's pairs and ordinary music do now."""
        with torch.no_grad():
            parts = [self._losses(self.held[at : at + 16]) for at in range(0, len(self.held), 16)]
        loss, margin = (torch.cat([part[side] for part in parts]) for side in (0, 1))
        agree = (margin > 0).float() + 0.5 * (margin == 0).float()
        return {
            "held_out_loss": float(loss.mean()), "held_out_agree": float(agree.mean()),
            "bits_rise": self.guard(self.net) - self.bits_before,
        }  # fmt: skip

    def learn(self, tell: Callable[[dict[str, Any]], None] = lambda found: None) -> dict[str, Any]:
        """Learn until an end is reached; leaves the best state that keeps to the guard in the network.

        Returns:
            ``steps``, ``ended`` (why), ``before`` and ``after`` (looks), ``bits_before``, ``share`` of the way that the
            guard allowed.
        """
        recipe = self.recipe
        optimiser = torch.optim.AdamW(self.weights, lr=recipe.rate, weight_decay=0.0, betas=(0.9, 0.95))
        rng = np.random.default_rng(recipe.seed)
        started, steps, stale, ended = time.monotonic(), 0, 0, "epochs"
        first = best = self.look()
        kept, share = self._state(), 0.0
        order: list[Pair] = []
        total = recipe.epochs * -(-len(self.learnt) // recipe.batch)
        while steps < total:
            if not order:
                order = [self.learnt[at] for at in rng.permutation(len(self.learnt))]
                order.sort(key=lambda pair: _place(pair, recipe.seed + steps))  # ideas of one choice in one step
            batch, order = order[: recipe.batch], order[recipe.batch :]
            loss = self.step(batch, optimiser)
            steps += 1
            late = time.monotonic() - started > 60 * recipe.minutes
            if steps % recipe.look and steps < total and not late:
                continue
            state, way = self._state(), 1.0
            found = self.look()
            if over := found["bits_rise"] > recipe.guard_bits:
                while found["bits_rise"] > recipe.guard_bits and way > 0.1:
                    way *= 0.75
                    self._set(state, way)
                    found = self.look()
            tell({"steps": steps, "loss": loss, "way": way, **found, "seconds": round(time.monotonic() - started)})
            better = found["bits_rise"] <= recipe.guard_bits and found["held_out_loss"] < best["held_out_loss"] - 1e-4
            if better:
                best, kept, share, stale = found, self._state(), way, 0
            stale += not better
            if over or late or stale >= recipe.patience:
                ended = "guard" if over else "time" if late else "held-out people"
                break
        self._set(kept)
        return {
            "steps": steps, "ended": ended, "before": first, "after": best, "bits_before": self.bits_before,
            "share": share, "pairs": len(self.learnt), "held_out_pairs": len(self.held), "recipe": asdict(recipe),
        }  # fmt: skip


def _place(pair: Pair, seed: int) -> bytes:
    return hashlib.sha256(f"{seed}/{pair.chosen}".encode()).digest()


def load_net(folder: Path) -> InfillNet:
    """The network of a model folder, in float32."""
    from safetensors.torch import load_file

    about = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    net = InfillNet(InfillConfig(**about["network"]))
    net.load_state_dict({name: value.float() for name, value in load_file(folder / "model.safetensors").items()})
    return net.eval()


def save(net: InfillNet, base: Path, folder: Path, name: str, report: dict[str, Any]) -> None:
    """Write a model folder that the hub loads: weights (float16), what lies beside them, a card and ``models.toml``.

    Args:
        net: what was learnt.
        base: the folder that it began from.
        folder: a new one.
        name: the model's id, for ``models.toml``.
        report: what :meth:`Learner.learn` gave, for ``config.json``.

    Raises:
        BadRequest: there is something in the folder already, or it is among the shipped models.
    """
    from safetensors.torch import save_file

    check_place(folder)
    with replacing_folder(folder) as place:
        halves = {key: value.half().contiguous() for key, value in net.state_dict().items()}
        save_file(halves, place / "model.safetensors")
        about = json.loads((base / "config.json").read_text(encoding="utf-8"))
        about["preferences"] = report
        (place / "config.json").write_text(json.dumps(about, indent=2, sort_keys=True) + "\n", encoding="utf-8")
        for beside in BESIDE:
            if (base / beside).exists():
                shutil.copyfile(base / beside, place / beside)
        (place / "README.md").write_text(_CARD.format(**_said(report)), encoding="utf-8")
        files = "\n".join(f'"{path.name}" = "{_pin(path)}"' for path in sorted(place.iterdir()))
        entry = _ENTRY.format(name=name, folder=json.dumps(str(folder.resolve())), files=files)
        (place / "models.toml").write_text(entry, encoding="utf-8")


def _pin(path: Path) -> str:
    """The sha256 by which a list of models knows a file of weights; nothing for small ones."""
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.suffix == ".safetensors" else ""


def check_place(folder: Path) -> None:
    """Raise :class:`BadRequest` where weights may not be written: shipped models stay as they are."""
    shipped = resources.path("models").resolve()
    if folder.resolve() == shipped or shipped in folder.resolve().parents:
        raise BadRequest("The weights that come with the workbench stay as they are; name a folder of your own.")
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise BadRequest(f"{shown(folder)} is not empty; name a new folder.")


def _said(report: dict[str, Any]) -> dict[str, str]:
    before, after = report["before"], report["after"]
    return {
        "pairs": f"{report['pairs']:,}", "steps": f"{report['steps']:,}",
        "agree": f"{100 * after['held_out_agree']:.0f} %", "loss": f"{before['held_out_loss']:.3f}",
        "loss_now": f"{after['held_out_loss']:.3f}", "bits": f"{after['bits_rise']:+.3f}",
    }  # fmt: skip


_CARD = """# Infilling transformer, after people's choices

The weights of `infill`, moved by direct preference optimisation (Rafailov et al. 2023) towards what people kept:
{pairs} pairs, {steps} steps. People who were held out: loss {loss} before and {loss_now} after; in {agree} of their
pairs what they kept became likelier. Bits a note of ordinary music: {bits}. All of the report stands in `config.json`.

The workbench knows it once the text of `models.toml` here stands in your own list of models (`~/.config/workbench/
models.toml`, or `models.toml` in the folder `WORKBENCH_HOME`). The card of `infill` says what both learnt from before.
"""
_ENTRY = """[local]
{name} = {folder}

[models.{name}]
task = "infill"
adapter = "infill"
title = "Infilling transformer, after people's choices"
embedded = "infill"
memory_mb = 130
speed = "as infill"

[models.{name}.files]
{files}

[models.{name}.card]
summary = "The infilling transformer, moved towards what people in a study kept."
code_licence = "Apache-2.0"
weights_licence = "Apache-2.0"
outputs_licence = "no claim is made on what it writes"
sell = "Unclear, as for infill; look also at what the people whose choices it learnt from agreed to."
training_data = [
  {{ name = "The training sets of infill", licence = "see its card", amount = "all" }},
  {{ name = "Choices of people in a study", licence = "by their consent", amount = "see config.json" }},
]
"""

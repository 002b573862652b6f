"""What finds chords for a tune: solved for, read as a chain, bound by what is known."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest

from workbench.create.compose.progressions import Reading, shipped
from workbench.errors import BadFile
from workbench.nets.chord_net_numpy import MARGIN, N_INPUTS, TOLD, WINDOW, ChordNetRuntime
from workbench.nets.chords import NET, Chain, ChordRuntime
from workbench.tokens import half_bars as hb
from workbench.training.chord_data import Tune
from workbench.training.chord_examples import Example, padded, told_states
from workbench.training.chord_fit import fit


def test_progressions_are_read_from_the_chain_as_counting_all_of_them_says() -> None:
    rng = np.random.default_rng(5)
    chain = Chain(rng.normal(size=(4, 3)), rng.normal(size=(2, 3, 3)), np.array([True, False, True, False]))
    every = [np.array(states) for states in product(range(3), repeat=4)]
    weights = np.exp([chain.score(states) for states in every])
    assert chain.likeliest().tolist() == every[int(weights.argmax())].tolist()
    odds = np.zeros((4, 3))
    for states, weight in zip(every, weights, strict=True):
        odds[np.arange(4), states] += weight / weights.sum()
    assert np.allclose(chain.odds(), odds)
    drawn = [chain.drawn(rng) for _ in range(2000)]
    share = np.mean([[(states == kind).tolist() for kind in range(3)] for states in drawn], axis=0).T
    assert np.abs(share - odds).max() < 0.05


def test_damaged_weights_are_said_in_one_sentence() -> None:
    good = shipped().w
    with pytest.raises(BadFile):
        ChordRuntime({**good, "chord": good["chord"][:-1]})
    with pytest.raises(BadFile):
        ChordRuntime({**good, "often": np.full_like(good["often"], np.nan)})
    net = next(name for name in good if name.startswith(NET))
    with pytest.raises(BadFile):
        ChordRuntime({**good, net: good[net][:-1]})
    with pytest.raises(BadFile):
        ChordRuntime({name: value for name, value in good.items() if name != net})


def test_a_chord_that_is_known_stays_and_leads_the_others() -> None:
    onset = np.arange(32) * 480
    notes = np.stack([onset, onset + 480, np.tile([60, 64, 67, 64], 8)], axis=1)
    edges, bar = np.arange(17) * 960, np.arange(16) // 2
    known = np.full(16, -1)
    known[4] = known[5] = len(hb.KINDS) * 1  # D flat major, which the tune denies
    told = Reading(notes, edges, bar, 480, known)
    for states in told.progressions(3, np.random.default_rng(1)):
        assert states[4:6].tolist() == [7, 7]
    free = Reading(notes, edges, bar, 480)
    assert (free.chain.likeliest()[4:6] != 7).all()
    assert not np.allclose(told.chain.odds()[3], free.chain.odds()[3])


def test_the_fit_finds_a_rule_in_tunes_that_follow_one() -> None:
    rng = np.random.default_rng(2)
    songs = []
    for number in range(30):
        roots = rng.choice([0, 5, 7], size=24)
        keys = (np.repeat(roots, 4) + np.tile([0, 4, 7, 4], 24)) % 12 + 60
        onset = np.arange(96) * 240
        bounds = np.arange(25) * 960
        songs.append(Tune(str(number), np.stack([onset, onset + 240, keys], axis=1), bounds, np.arange(24) // 2, roots,
                          np.zeros(24, np.int64), roots))  # fmt: skip
    weights, count = fit(songs[:25])
    assert count == 25
    runtime = ChordRuntime(weights)
    for song in songs[25:]:
        (states,) = Reading(song.notes, song.edges, song.bar, 480, runtime=runtime).progressions(1, rng)
        assert (states // len(hb.KINDS) == song.root).mean() > 0.9


def test_a_tune_moved_with_its_home_tells_the_same() -> None:
    onset = np.arange(16) * 480
    notes = np.array([60, 62, 64, 65, 67, 69, 71, 72, 72, 71, 69, 67, 65, 64, 62, 60])
    edges, bar = np.arange(9) * 960, np.arange(8) // 2
    tables = []
    for shift in (0, 3):
        home = hb.home(onset, onset + 480, notes + shift)
        assert home == shift
        tables.append(hb.features(onset, onset + 480, notes + shift - home, edges, bar, 480))
    assert tables[0].shape == (8, hb.N_FEATURES)
    assert np.array_equal(tables[0], tables[1])
    assert hb.sounding(onset, onset + 480, notes, edges)[0, [0, 2]].tolist() == [0.5, 0.5]
    assert hb.moved(np.array([-1, 0, 83]), 1).tolist() == [-1, 7, 6]


def told_at_random(count: int, seed: int = 3) -> np.ndarray:
    """Input of the network as a tune might give it, float32 [count, N_INPUTS]."""
    rng = np.random.default_rng(seed)
    told = rng.random((count, N_INPUTS)).astype(np.float32)
    told[:, :TOLD] *= rng.random((count, TOLD)) < 0.1
    return told


def test_the_network_in_numpy_answers_as_the_one_that_is_trained() -> None:
    import torch

    from workbench.nets.chord_net import ChordNet, Shape

    torch.manual_seed(0)
    model = ChordNet(Shape(width=24, layers=2, reach=8)).eval()
    torch.nn.init.normal_(model.chord.weight)
    twin = ChordNetRuntime({name: value.numpy() for name, value in model.state_dict().items()})
    told, known = told_at_random(40), np.where(np.arange(40) % 3 == 0, np.arange(40), -1)
    with torch.no_grad():
        chords, basses = model(torch.from_numpy(told)[None], torch.from_numpy(known)[None], torch.ones(1, 40).bool())
    ours = twin.answer(told, known)
    assert np.allclose(ours[0], chords[0].numpy(), atol=1e-4)
    assert np.allclose(ours[1], basses[0].numpy(), atol=1e-4)


def test_a_long_piece_is_read_in_windows_and_tells_nearly_the_same() -> None:
    twin = shipped().net
    assert twin is not None
    count = WINDOW + MARGIN + 100
    told, known = told_at_random(count), np.full(count, -1)
    whole, _ = twin._read(told, known)
    parted, low = twin.answer(told, known)
    assert parted.shape == (count, hb.N_STATES)
    assert low.shape == (count, 12)
    assert (whole.argmax(axis=1) == parted.argmax(axis=1)).mean() > 0.9


def test_where_the_tune_comes_back_a_persons_chords_come_back() -> None:
    phrase = [60, 64, 67, 64, 62, 65, 69, 65, 59, 62, 67, 62, 60, 64, 67, 72]
    middle = [69, 72, 76, 72, 67, 71, 74, 71, 65, 69, 72, 69, 64, 67, 71, 67]
    keys = np.array((phrase + middle) * 2)
    onset = np.arange(len(keys)) * 480
    notes = np.stack([onset, onset + 480, keys], axis=1)
    count = len(keys) // 2
    edges, bar = np.arange(count + 1) * 960, np.arange(count) // 2
    own = [9, 9, 2, 2, 4, 4, 9, 9, 2, 2, 4, 4, 5, 5, 9, 9]  # minor where anybody would play major
    known = np.full(count, -1)
    known[: count // 2] = len(hb.KINDS) * np.array(own) + 1
    (free,) = Reading(notes, edges, bar, 480).progressions(1, np.random.default_rng(1))
    (led,) = Reading(notes, edges, bar, 480, known).progressions(1, np.random.default_rng(1))
    again = slice(count // 2, None)
    assert (led[again] // len(hb.KINDS) == own).mean() >= 0.7
    assert (led[again] // len(hb.KINDS) == own).mean() > (free[again] // len(hb.KINDS) == own).mean()


def test_chords_are_told_as_they_are_or_not_at_all_and_padding_is_nobodys() -> None:
    rng = np.random.default_rng(4)
    states = np.arange(30)
    seen = [told_states(states, 0.5, rng) for _ in range(200)]
    assert all(((row == states) | (row == -1)).all() for row in seen)
    assert 0.4 < np.mean([(row == -1).all() for row in seen]) < 0.75
    short, long = (Example(told_at_random(n).astype(np.float16), np.arange(n), np.zeros(n, np.int64)) for n in (3, 5))
    told, asked, bass, real = padded([short, long])
    assert told.shape == (2, 5, N_INPUTS)
    assert asked[0].tolist() == [0, 1, 2, -1, -1]
    assert bass[0].tolist() == [0, 0, 0, -1, -1]
    assert real.sum(axis=1).tolist() == [3, 5]

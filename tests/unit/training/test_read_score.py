"""The score reader's crops, loss, files and peaks."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest

from workbench.errors import BadFile, Cancelled
from workbench.nets.read_score_onnx import CHANNELS, ReadScoreRuntime
from workbench.nets.score_symbols import KINDS, MASKS
from workbench.understand.score_image.detect import detect, symbols

torch = pytest.importorskip("torch")


def _page() -> np.ndarray:
    """Rows of a stored page: a chord of two with a stem up and two flags, a clef, a flat (places in staff spaces)."""
    head, clef, flat = KINDS.index("head_full"), KINDS.index("clef_f"), KINDS.index("acc_flat")
    return np.array([
        [head, 10.0, 10.0, 2, 1, 1, 1, 0.5, 5.0, 10.6], [head, 10.0, 12.0, 2, 1, 1, 0, 2.5, 5.0, 10.6],
        [clef, 4.0, 9.0, 0, 0, 0, 0, 0, 0, 0], [flat, 8.6, 10.0, 0, 0, 0, 0, 0, 0, 0],
    ], np.float32)  # fmt: skip


def _view(turn: float = 0.0):  # type: ignore[no-untyped-def]
    from workbench.training.read_score_data import View

    matrix = np.array([[math.cos(turn), -math.sin(turn)], [math.sin(turn), math.cos(turn)]]) / 8
    return View(16.0, 16.0, matrix, 0.3 if turn else 0.0, 0.01, 1.0)


def _answer(found: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """What a network that learnt its targets perfectly would say."""
    cells = found["kinds"].shape[1:]
    out = {"kinds": found["kinds"].astype(np.float32) / 255, "masks": np.zeros((len(MASKS), *cells), np.float32)}
    for name in ("flags", "stem", "dots"):
        classes = np.where(found[name] == 255, 0, found[name])
        out[name] = np.moveaxis(np.eye(CHANNELS[name], dtype=np.float32)[classes], 2, 0)
    out["tie"] = (found["tie"] == 1).astype(np.float32)[None]
    out["offset"] = found["offset"][None]
    return out


@pytest.mark.parametrize("turn", [0.0, 0.03])
def test_symbols_come_back_from_what_the_network_is_taught(turn: float) -> None:
    from workbench.training.read_score_data import targets

    view = _view(turn)
    found = sorted(symbols(_answer(targets(_page(), view))), key=lambda symbol: (symbol.x, symbol.y))
    rows = _page()[[2, 3, 0, 1]]
    places = view.crop(rows[:, 1:3].astype(float))
    assert [symbol.kind for symbol in found] == ["clef_f", "acc_flat", "head_full", "head_full"]
    for symbol, (x, y) in zip(found, places, strict=True):
        assert abs(symbol.x - x) < 1.0
        assert abs(symbol.y - y) < 1.0
    assert [(s.flags, s.stem, s.dots, s.tie, s.offset) for s in found[2:]] == [
        (2, 1, 1, True, 0.5), (2, 1, 1, False, 2.5),
    ]  # fmt: skip


def test_a_view_and_its_way_back_agree() -> None:
    view = _view(0.04)
    places = np.array([[3.0, 200.0], [250.0, 9.0], [128.0, 128.0]])
    assert np.abs(view.crop(view.page(places)) - places).max() < 0.05


def test_dots_may_be_as_large_as_in_old_type() -> None:
    from workbench.training.read_score_data import dotted

    paper = np.full((40, 40), 255, np.uint8)
    out = dotted(paper, np.array([[20.5, 12.5], [90.0, 90.0]]), np.random.default_rng(0))
    assert out[12, 20] == 0
    assert 20 < (out < 128).sum() < 60
    assert (paper == 255).all()


def test_the_slope_of_the_loss_is_that_of_its_formula() -> None:
    from workbench.training.read_score_train import Focal

    torch.manual_seed(0)
    z = torch.randn(2, 3, 4, 4, requires_grad=True)
    aim = torch.randint(0, 255, (2, 3, 4, 4)).to(torch.uint8)
    aim[0, 0, 0, :2] = 255
    Focal.apply(z, aim).backward()
    slope, z.grad = z.grad.clone(), None
    p, own, far = torch.sigmoid(z), (aim == 255).float(), (1 - aim.float() / 255) ** 4
    plain = own * (1 - p) ** 2 * torch.nn.functional.softplus(-z)
    plain = plain + (1 - own) * far * p**2 * torch.nn.functional.softplus(z)
    (plain.sum() / own.sum()).backward()
    assert torch.allclose(slope, z.grad, atol=1e-6)


def test_both_files_say_the_same_and_a_page_is_read_in_strips(tmp_path: Path) -> None:
    pytest.importorskip("onnx")
    from workbench.nets.read_score import ReadScore
    from workbench.training.read_score_export import Probabilities, export, stored

    torch.manual_seed(1)
    export(ReadScore().eval(), tmp_path)
    strip = np.random.default_rng(0).random((70, 100), np.float32)
    found = ReadScoreRuntime(tmp_path / "model.onnx").answer(strip)
    padded = torch.from_numpy(np.pad(strip, ((0, 10), (0, 12))))[None, None]
    with torch.no_grad():
        wanted = Probabilities(stored(tmp_path / "model.safetensors"))(padded)
    for name, values in zip(CHANNELS, wanted, strict=True):
        assert found[name].shape == (CHANNELS[name], 35, 50)
        assert np.abs(found[name] - values[0, :, :35, :50].numpy()).max() < 1e-3, name
    seen: list[float] = []
    page = detect(np.zeros((601, 99), np.float32), seen.append, folder=tmp_path, scale=2.5)
    assert page.scale == 2.5
    assert {mask.shape for mask in page.masks.values()} == {(301, 50)}
    assert seen[-1] == 1.0
    with pytest.raises(Cancelled):
        detect(np.zeros((40, 40), np.float32), cancelled=lambda: True, folder=tmp_path)


def test_a_damaged_file_is_told_in_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "model.onnx").write_bytes(b"nothing")
    with pytest.raises(BadFile, match="damaged"):
        ReadScoreRuntime(tmp_path / "model.onnx")


def test_random_scores_hold_what_is_rare_and_can_be_engraved() -> None:
    pytest.importorskip("verovio")
    pytest.importorskip("resvg_py")
    import random

    from workbench.training.engraved import Layout, engrave
    from workbench.training.engraved_random import random_mei

    kinds: set[str] = set()
    values: set[int] = set()
    for seed in range(2):
        page = next(engrave(random_mei(random.Random(seed)), Layout(width=2000, height=2400)))
        kinds |= {symbol.kind for symbol in page.detected.symbols}
        values |= {note.value for note in page.notes if note.pitch >= 0}
    assert values >= {2, 4, 8, 16, 32}
    assert kinds >= {"rest_16th", "dot", "tuplet_3", "head_grace", "acc_sharp", "acc_natural", "key_flat"}


_SHIPPED = Path(__file__).parents[3] / "models" / "read-score"


def test_the_shipped_files_say_the_same() -> None:
    from workbench.training.read_score_export import Probabilities, stored

    strip = np.random.default_rng(3).random((64, 96), np.float32)
    found = ReadScoreRuntime(_SHIPPED / "model.onnx").answer(strip)
    with torch.no_grad():
        wanted = Probabilities(stored(_SHIPPED / "model.safetensors"))(torch.from_numpy(strip)[None, None])
    for name, values in zip(CHANNELS, wanted, strict=True):
        assert np.abs(found[name] - values[0].numpy()).max() < 2e-2, name


def test_the_shipped_network_reads_a_font_that_it_never_saw() -> None:
    pytest.importorskip("verovio")
    pytest.importorskip("resvg_py")
    import random

    from workbench.evaluation.score_symbols import pairs
    from workbench.training.engraved import UNSEEN_FONT, Layout, engrave
    from workbench.training.engraved_random import random_mei

    page = next(engrave(random_mei(random.Random(5)), Layout(font=UNSEEN_FONT, width=1500, height=1200)))
    found = detect(1 - page.picture.astype(np.float32) / 255, folder=_SHIPPED).symbols
    true = [symbol for symbol in page.detected.symbols if symbol.kind in ("head_full", "head_half", "head_whole")]
    matched = pairs(true, found)
    assert len(matched) >= 0.9 * len(true)
    assert sum(a.flags == b.flags for a, b in matched) >= 0.8 * len(matched)
    assert sum(symbol.kind in ("head_full", "head_half", "head_whole") for symbol in found) <= 1.15 * len(true)

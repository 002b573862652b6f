"""Charts for lessons: what is in them, in numbers and in words, and what cannot be drawn."""

from __future__ import annotations

from xml.etree import ElementTree

import numpy as np
import pytest

from workbench.errors import BadRequest
from workbench.jupyter.charts import MAX_CELLS, bars, curves, heat

SVG = "{http://www.w3.org/2000/svg}"


def test_bars_are_as_high_as_their_values() -> None:
    tree = ElementTree.fromstring(str(bars({"C": 1.0, "D <": 2.0, "E": 0.0}, "Keys & odds", mark="D <")))
    heights = [float(rect.get("height", "0")) for rect in tree.iter(f"{SVG}rect")][1:]
    assert heights[1] == pytest.approx(2 * heights[0], abs=0.2)
    assert heights[2] == 0
    assert tree.get("aria-label") == "Keys & odds: C 1; D < 2; E 0"
    fills = [rect.get("fill") for rect in tree.iter(f"{SVG}rect")][1:]
    assert fills[0] == fills[2] != fills[1]


def test_a_long_curve_keeps_its_peaks_and_stays_small() -> None:
    wave = np.zeros(1_000_000)
    wave[654_321] = 1.0
    text = str(curves({"loud": wave}, seconds=22.7))
    assert len(text) < 60_000
    points = ElementTree.fromstring(text).find(f"{SVG}polygon").get("points", "")  # type: ignore[union-attr]
    ups = [float(point.split(",")[1]) for point in points.split()]
    assert min(ups) == 30.0, "one sample at full height is seen"
    assert "22.7 s" in text


def test_a_large_map_keeps_its_darkest_cell() -> None:
    grid = np.zeros((1_000, 3_000))
    grid[10, 2_990] = 5.0
    grid[500, 100] = 2.5
    tree = ElementTree.fromstring(str(heat(grid, "Map", rows=["low", "high"], across="time")))
    found = {path.get("fill-opacity"): path.get("d", "").count("z") for path in tree.iter(f"{SVG}path")}
    assert found == {"0.50": 1, "1.00": 1}
    assert heat(np.ones((2, MAX_CELLS)))._repr_svg_().startswith("<svg")


@pytest.mark.parametrize(
    "draw",
    [lambda: bars({}), lambda: bars({"a": -1}), lambda: bars({"a": float("nan")}), lambda: curves({}),
     lambda: curves({"a": []}), lambda: heat([]), lambda: heat([[-1.0]]), lambda: heat([1.0])],
)  # fmt: skip
def test_what_cannot_be_drawn_is_refused(draw: object) -> None:
    with pytest.raises(BadRequest):
        draw()  # type: ignore[operator]

"""The falling notes as one tall picture, made in tiles as they come into sight."""

from __future__ import annotations

from bisect import bisect_left

import numpy as np

from workbench.deliver.video.brush import Colour, blend, box, mixed, rounded, track_colour
from workbench.deliver.video.planes import Bytes, Planes, planes
from workbench.deliver.video.scene import BLACK, RATE, Falling, Scene

GROUND: Colour = (19, 17, 28)
_DARKER: Colour = (14, 12, 21)
_WHITE: Colour = (255, 255, 255)
#: Rows of a tile: notes of some seconds, and little memory.
TILE = 2_048


class Roll:
    """The tall picture: row 0 is the start of the piece, higher rows come later; ``scene.step`` rows a frame."""

    def __init__(self, scene: Scene) -> None:
        self._scene, self._speed = scene, scene.step * RATE
        self._starts = [note.start for note in scene.notes]
        self._longest = max(note.end - note.start for note in scene.notes)
        self._tiles: dict[int, Planes] = {}
        self._ground = self._columns()

    def copy(self, frame: int, onto: Planes) -> None:
        """Copy what frame ``frame`` shows above the line into the upper rows of ``onto``."""
        first, line = frame * self._scene.step, self._scene.line
        done = 0
        for number in [tile for tile in self._tiles if (tile + 1) * TILE <= first]:
            del self._tiles[number]
        while done < line:
            number, inside = divmod(first + done, TILE)
            count = min(TILE - inside, line - done)
            tile = self._tile(number)
            # In a tile the latest row comes first, as on the screen.
            for goal, source, size in ((onto.y, tile.y, 1), (onto.u, tile.u, 2), (onto.v, tile.v, 2)):
                lower, upper = (line - done) // size, (line - done - count) // size
                goal[upper:lower] = source[(TILE - inside - count) // size : (TILE - inside) // size]
            done += count

    def _tile(self, number: int) -> Planes:
        if number not in self._tiles:
            self._tiles[number] = planes(self._drawn(number))
        return self._tiles[number]

    def _columns(self) -> Bytes:
        """The ground, one row: lanes of black keys darker, a fine line at every C."""
        scene = self._scene
        row = np.empty((1, scene.width, 3), np.uint8)
        row[:] = GROUND
        for key, place in scene.keys.items():
            if key % 12 in BLACK:
                box(row, (place.left, 0, place.right, 1), _DARKER)
            elif key % 12 == 0:
                box(row, (place.left - 0.5, 0, place.left + 0.5, 1), _WHITE, alpha=0.09)
        for place in scene.pads.values():
            middle = (place.left + place.right) / 2
            box(row, (middle - 0.5, 0, middle + 0.5, 1), _WHITE, alpha=0.06)
        return row

    def _drawn(self, number: int) -> Bytes:
        scene = self._scene
        picture = np.repeat(self._ground, TILE, axis=0)
        top = (number + 1) * TILE  # the row, counted from the start, above the picture's first one
        first, last = number * TILE / self._speed, top / self._speed
        for times, alpha in ((scene.beats, 0.035), (scene.bars, 0.13)):
            for time in times[max(0, bisect_left(times, first) - 1) : bisect_left(times, last) + 1]:
                row = top - time * self._speed
                box(picture, (0, row - 0.6, scene.width, row + 0.6), _WHITE, alpha=alpha)
        start = bisect_left(self._starts, first - self._longest - 1)
        for note in scene.notes[start : bisect_left(self._starts, last + 1)]:
            if note.drum:
                self._hit(picture, note, top)
            elif note.end >= first - 1:
                self._bar(picture, note, top)
        return picture

    def _hit(self, picture: Bytes, note: Falling, top: int) -> None:
        place = self._scene.pads[note.key]
        radius = min(0.34 * place.width, 15 * self._scene.unit) * (0.65 + 0.35 * note.velocity / 127)
        middle, row = (place.left + place.right) / 2, top - note.start * self._speed
        ring = (middle - radius, row - radius, middle + radius, row + radius)
        box(picture, ring, mixed(track_colour(note.color), _WHITE, 0.1), radius)
        inner = radius * 0.55
        core = (middle - inner, row - inner, middle + inner, row + inner)
        box(picture, core, mixed(track_colour(note.color), _DARKER, 0.45), inner)

    def _bar(self, picture: Bytes, note: Falling, top: int) -> None:
        """A note: a rounded bar, bright at the end that arrives first, with a fine light rim."""
        scene, unit = self._scene, self._scene.unit
        place = scene.keys[note.key]
        inset = (0.09 if note.key % 12 in BLACK else 0.07) * place.width
        lower = top - note.start * self._speed
        upper = min(top - note.end * self._speed + 2 * unit, lower - 5 * unit)
        whole = (place.left + inset, upper, place.right - inset, lower)
        left, above = int(np.floor(whole[0])), int(np.floor(whole[1]))
        # Only what lies in this tile is worked out, however long the note.
        first, last = max(above, -4), min(int(np.ceil(lower)), TILE + 4)
        width, height = int(np.ceil(whole[2])) - left, last - first
        if height < 1:
            return
        moved = (whole[0] - left, upper - first, whole[2] - left, lower - first)
        radius = min(5 * unit, (whole[2] - whole[0]) / 2, (lower - upper) / 2)
        depth = rounded(width, height, moved, radius)
        base = track_colour(note.color)
        if note.key % 12 in BLACK:
            base = mixed(base, _DARKER, 0.28)
        base = mixed(base, _DARKER, 0.3 * (1 - note.velocity / 127))
        glow = np.exp(-(moved[3] - np.arange(height, dtype=np.float32)) / (26 * unit))[:, None, None]
        rim = np.clip(1.6 - depth / max(1.0, unit), 0, 1)[..., None] * 0.35
        white = np.minimum(0.38 * np.minimum(glow, 1) + rim, 0.6)
        colour = np.asarray(base, np.float32) * (1 - white) + np.float32(255) * white
        blend(picture, left, first, colour.astype(np.float32), np.clip(depth + 0.5, 0, 1))

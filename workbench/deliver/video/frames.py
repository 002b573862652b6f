"""The frames of a video of falling notes, one after another, in one buffer."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Iterator

from workbench.deliver.video.brush import FILLS
from workbench.deliver.video.planes import Bytes, Layer, Planes, colour_of, planes
from workbench.deliver.video.roll import Roll
from workbench.deliver.video.scene import RATE, Falling, Scene
from workbench.deliver.video.stage import arrival, glow, lit_key, lit_pad, still, title

#: Seconds in which a struck pad and a fresh stroke's glow fade, and a bar line's light.
_STROKE, _FRESH, _PULSE = 0.16, 0.22, 0.2
#: How bright a held key and its glow stay, of 256.
_HELD_KEY, _HELD_GLOW = 205, 120


class Frames:
    """``for buffer in Frames(scene, count)``: uint8 [height * 3 / 2, width], overwritten by the next."""

    def __init__(self, scene: Scene, count: int) -> None:
        self._scene, self._count = scene, count
        self._roll = Roll(scene)
        self._buffer, self._planes = Planes.frame(scene.width, scene.height)
        self._picture = still(scene)
        self._still = planes(self._picture)
        self._title, self._line = title(scene), arrival(scene)
        self._made: dict[tuple[str, int, int], tuple[Layer, int, int]] = {}

    def __iter__(self) -> Iterator[Bytes]:
        scene, waiting = self._scene, 0
        sounding: list[Falling] = []
        for plane, below in zip(self._all(self._planes), self._all(self._still), strict=True):
            plane[:] = below
        for frame in range(self._count):
            now = frame / RATE
            # A note is seen to begin on the frame nearest to its onset.
            while waiting < len(scene.notes) and scene.notes[waiting].start < now + 0.5 / RATE:
                sounding.append(scene.notes[waiting])
                waiting += 1
            sounding = [note for note in sounding if now < max(note.end - 0.5 / RATE, note.start + _STROKE)]
            self._paint(frame, now, sounding)
            yield self._buffer

    def _all(self, one: Planes) -> tuple[Bytes, Bytes, Bytes]:
        return one.y, one.u, one.v

    def _paint(self, frame: int, now: float, sounding: list[Falling]) -> None:
        scene = self._scene
        self._roll.copy(frame, self._planes)
        foot = 2 * math.ceil(max(place.bottom for place in (*scene.keys.values(), *scene.pads.values())) / 2) + 2
        for plane, below, size in zip(self._all(self._planes), self._all(self._still), (1, 2, 2), strict=True):
            plane[scene.line // size : foot // size] = below[scene.line // size : foot // size]
        at = bisect_right(scene.bars, now + 0.5 / RATE) - 1
        since = now - scene.bars[at] if at >= 0 else math.inf
        layer, left, top = self._line
        layer.lay(self._planes, left, top, 84 + round(150 * math.exp(-max(0.0, since) / _PULSE)))
        for note in sounding:
            fresh = math.exp(-max(0.0, now - note.start) / _FRESH)
            if note.drum:
                fade = max(0.0, 1 - (now - note.start) / _STROKE)
                self._lay("pad", note, round(256 * fade))
                self._lay("glow", note, round(200 * fade))
            elif now < note.end - 0.5 / RATE:
                self._lay("key", note, round(_HELD_KEY + (256 - _HELD_KEY) * fresh))
                self._lay("glow", note, round(_HELD_GLOW + (256 - _HELD_GLOW) * fresh))
        self._title.lay(self._planes, 0, 0)
        self._passed((frame + 1) / self._count)

    def _lay(self, what: str, note: Falling, strength: int) -> None:
        """Lay the light of a key or pad, made when it is first needed."""
        place = (self._scene.pads if note.drum else self._scene.keys)[note.key]
        known = (f"{what}{'d' if note.drum else ''}", note.key, note.color % len(FILLS))
        if known not in self._made:
            if what == "glow":
                self._made[known] = glow(self._scene, place, note.color)
            elif what == "pad":
                self._made[known] = lit_pad(self._scene, note.key, note.color)
            else:
                self._made[known] = lit_key(self._scene, self._picture, note.key, note.color)
        layer, left, top = self._made[known]
        layer.lay(self._planes, left, top, strength)

    def _passed(self, share: float) -> None:
        """A fine line at the lower edge: how much of the piece is over."""
        high = 2 * max(1, round(2 * self._scene.unit))
        wide = 2 * round(share * self._scene.width / 2)
        y, u, v = colour_of((150, 146, 168))
        self._planes.y[-high:, :wide] = round(y)
        self._planes.u[-high // 2 :, : wide // 2] = round(u)
        self._planes.v[-high // 2 :, : wide // 2] = round(v)

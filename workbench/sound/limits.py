"""How much sound may be made: minutes, and minutes times tracks, whatever a piece looks like."""

from __future__ import annotations

from dataclasses import dataclass

from workbench.errors import BadRequest


@dataclass(frozen=True, slots=True)
class Limits:
    """``max_minutes``: how long the sound may last; ``max_track_minutes``: that times the tracks that hold notes."""

    max_minutes: float = 30
    max_track_minutes: float = 1_000

    def check(self, seconds: float, tracks: int) -> None:
        """Raise :class:`BadRequest` for ``tracks`` tracks of ``seconds`` seconds where that is too much."""
        minutes = seconds / 60
        if not minutes <= self.max_minutes:
            raise BadRequest(
                f"This piece lasts {minutes:,.0f} minutes; sound can be made of at most {self.max_minutes:g}."
            )
        if not minutes * tracks <= self.max_track_minutes:
            raise BadRequest(
                f"This piece has {tracks} tracks of {minutes:,.1f} minutes; sound can be made of at most "
                f"{self.max_track_minutes:,g} minutes of all tracks together."
            )


#: What holds on a person's own machine.
OWN = Limits()

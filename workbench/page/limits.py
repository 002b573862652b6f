"""How large a piece may be: one rule, asked wherever a piece comes in or changes."""

from __future__ import annotations

from workbench.errors import BadRequest
from workbench.hub.public import PublicRules
from workbench.score.score import Score
from workbench.score.timemap import TimeMap

#: What a piece may be on a person's own machine; sound is made of less (:data:`workbench.sound.limits.OWN`).
OWN_MINUTES, OWN_TRACK_MINUTES = 1_440, 50_000


def check_piece(score: Score, rules: PublicRules | None) -> None:
    """Hold a piece to the limits on minutes and on minutes times tracks.

    Args:
        score: the piece as it would be.
        rules: those of a public server, or None on a person's own machine.

    Raises:
        BadRequest: it is too much.
    """
    seconds = TimeMap(score).seconds(score.end)
    if rules is not None:
        rules.check_length(seconds)
    elif not seconds <= OWN_MINUTES * 60:
        raise BadRequest(f"Music of up to {OWN_MINUTES // 60} hours can be opened; choose a shorter piece.")
    most = OWN_TRACK_MINUTES if rules is None else rules.max_track_minutes
    tracks = sum(1 for track in score.tracks if track.notes)
    if not seconds / 60 * tracks <= most:
        raise BadRequest(
            f"Music of up to {most:,} minutes of all tracks together can be opened here; this piece has {tracks} "
            f"tracks of {seconds / 60:,.1f} minutes."
        )

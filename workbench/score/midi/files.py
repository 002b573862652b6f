"""MIDI files, message by message: reading, writing, and what each cannot keep.

>>> score, report = read_midi(data)      # doctest: +SKIP
>>> for remark in report: print(remark.text)      # doctest: +SKIP
>>> data = write_midi(score, texts=["Bars 5 to 8 of Piano were written by a model."])      # doctest: +SKIP

Reading keeps every note's tick, length, pitch and velocity, every tempo in microseconds, metre, key, marker, text,
controller, bend, pressure and exclusive message; what is changed or left out all the same is in the report.

- Note-ons and note-offs of one pitch are paired first in, first out; the notes of a track that overlap on one pitch
  therefore end in the order in which they began. Where a *new* score nests one in another, saving puts the inner one
  on a second track of the same name, so that both keep their lengths.
- A file that names no tempo or metre gets none. A pickup is never inferred.
- A tick is kept exactly; the order of messages *within* a tick is normalised as :mod:`workbench.score.midi.write` says.

Writing keeps all of that. MIDI has no words for ids, authors, locks, mute, solo, silences, colours and the chord lane:
they are not written; the project file keeps them. A pickup is written as a short first bar.

Modules: ``midi_read`` (bytes to messages), ``midi_text`` (encodings), ``midi_import`` and ``midi_channel`` (messages
to a score), ``midi_write`` (score to bytes), ``midi_remarks`` (the report's sentences).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from workbench.score.midi.notes import build
from workbench.score.midi.read import read_chunks
from workbench.score.midi.remarks import to_report
from workbench.score.midi.write import to_bytes
from workbench.score.report import ImportReport
from workbench.score.score import Score


def read_midi(data: bytes) -> tuple[Score, ImportReport]:
    """Read the bytes of a Standard MIDI File (type 0 or 1, ``.mid``, ``.kar`` or ``.rmi``).

    Tracks are called t1, t2 ..., notes n1, n2 ... through the whole piece in canonical order; the author of every
    note is ``imported``. The same bytes always give the same score.

    Raises :class:`workbench.errors.BadFile` for what is not MIDI or beyond the limits: 8 MB, 200,000 notes,
    400,000 other messages, 1,024 tracks, 12 hours. A damaged file is read as far as it goes, and the report says so.
    """
    tally: Counter[str] = Counter()
    score = build(read_chunks(data, tally), tally)
    return score, to_report(tally)


def write_midi(score: Score, *, texts: Sequence[str] = ()) -> bytes:
    """The score as a Standard MIDI File of type 1, its ticks unchanged.

    ``texts`` are plain notes inside the file, such as which parts a model wrote. More than 15 melodic tracks or more
    than one drum track are spread over ports (the MIDI port message), so that no two tracks share a channel.
    """
    return to_bytes(score, texts)

"""MusicXML: a checked element tree (``source``), its parts and marks, the score they make, and back (``write``)."""

"""MIDI: bytes to messages (``read``), these to a score (``notes``, ``channel``), back (``write``), the report."""

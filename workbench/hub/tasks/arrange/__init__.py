"""A band that joins a piece: the request (a style, bars, sections, parts), the guard, the wire form, the suite."""

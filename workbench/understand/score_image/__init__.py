"""Reading a picture of a score: the page made level, its symbols found, the symbols put together into music.

``pages`` opens pictures and PDF pages, ``level`` makes a page upright, evenly lit and 8 pixels a staff space,
``detect`` finds symbols with a network, ``staves`` to ``bars`` assemble them by rules, ``read`` is what a person calls.
"""

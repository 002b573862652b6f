"""A person's words: what a line such as "a calm waltz for piano, no drums, a minute and a half" asks for.

``read`` is what a person calls (:func:`~workbench.understand.words.read.read_words`); ``wishes`` is what comes out. The
vocabulary of the five languages lies in data files beside the code, one a language, and ``meanings.toml`` says what
each of their entries means for the music.
"""

from workbench.understand.words.read import read_words
from workbench.understand.words.wishes import Chip, Wishes

__all__ = ["Chip", "Wishes", "read_words"]

"""A study's plan: one small YAML file, and everybody's way through it.

:mod:`.load` reads the file into a frozen :class:`~.study.Study` (:mod:`.marks` knows the lines); :mod:`.instruments`
and :mod:`.scoring` hold the questionnaires; :mod:`.order` says who meets which condition when, :mod:`.path` lays out
one person's steps, :mod:`.roster` keeps who is how far, :mod:`.reception` lets people in and out, and :mod:`.flow` is
one person's sitting.
"""

from pathlib import Path

#: A commented study to start from; it loads and rehearses as it is.
EXAMPLE = Path(__file__).with_name("example.yaml")

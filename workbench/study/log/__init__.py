"""The interaction log: what is kept by others of what a person does, from the moment they agree to it.

A page's own log (:mod:`workbench.score.events`) is another thing: it lies in the page's memory and in the person's own
project file, for undo and for the history of the piece. This one begins with consent.

:mod:`.schema` says what an event is, :mod:`.recorder` numbers the events of one sitting, :mod:`.sinks` keeps them
(a folder of :mod:`.segments`, a SQLite :mod:`.database`, a private :mod:`.dataset` on the Hub), :mod:`.read` reads them
back and finds gaps, :mod:`.ids` turns names into salted ones, :mod:`.mine` tells a person what is kept.
"""

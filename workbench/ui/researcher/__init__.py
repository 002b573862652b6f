"""The researcher's page of a running study, behind a password: who is where, figures, export, deleting a person.

    desk = Researcher(Live(where), password)
    routes += desk.routes            # of the app
    async with desk.lifespan(): ...  # beside the app's own

:mod:`.gate` lets in whoever knows the password, :mod:`.view` is the page, :mod:`.tables` its tables.
"""

from workbench.ui.researcher.mount import PATH as PATH
from workbench.ui.researcher.mount import Researcher as Researcher

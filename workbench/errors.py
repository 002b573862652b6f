"""The errors a person may see. Each message is one plain sentence that says what happened and what to try.

Everything that the package raises on purpose derives from :class:`WorkbenchError`; the command line prints
its text and exits with 1, the app shows it in place, and anything else is a bug.
"""


class WorkbenchError(Exception):
    """Base of all expected errors; ``str(error)`` is one sentence for a person."""


class BadFile(WorkbenchError):
    """A file cannot be read: corrupt, empty, hostile, too large or not of the kind its name promises."""


class BadDocument(WorkbenchError):
    """A score holds a value outside the document's rules."""


class BadOperation(WorkbenchError):
    """An operation does not fit the score it is applied to."""


class BadRequest(WorkbenchError):
    """A request to a model or to the sound engine cannot be met as it stands."""


class Unavailable(WorkbenchError):
    """Something that is needed cannot be had here: an extra, weights, the network, disk space."""


class Cancelled(WorkbenchError):
    """The person pressed Stop."""

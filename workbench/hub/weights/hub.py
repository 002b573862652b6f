"""What is asked of ``huggingface_hub`` itself: its switches, its cache folder, and its errors in plain words."""

from __future__ import annotations

import sys
from pathlib import Path

from workbench.errors import Unavailable


def is_offline() -> bool:
    """Whether ``HF_HUB_OFFLINE`` is set."""
    from huggingface_hub import constants

    return bool(constants.HF_HUB_OFFLINE)


def repo_folder(repo: str) -> Path:
    """The folder of a model repository in the Hub cache (``models--owner--name``)."""
    from huggingface_hub import constants

    return Path(constants.HF_HUB_CACHE) / f"models--{repo.replace('/', '--')}"


def transport_error() -> type[Exception]:
    """Base of all errors of the line in the HTTP library that the installed client uses (httpx or its successor)."""
    from huggingface_hub import get_session

    for base in type(get_session()).__mro__:
        module = sys.modules.get(base.__module__.partition(".")[0])
        found = getattr(module, "HTTPError", None)
        if isinstance(found, type) and issubclass(found, Exception):
            return found
    return ConnectionError


def explain(error: BaseException, repo: str, name: str = "") -> Unavailable:
    """One sentence for whatever the client raised while it asked for ``name`` (or for the repository)."""
    from huggingface_hub import errors

    if isinstance(error, Unavailable):
        return error
    what = f"{name} of {repo}" if name else f"The repository {repo}"
    status = getattr(getattr(error, "response", None), "status_code", None)
    if isinstance(error, errors.OfflineModeIsEnabled):
        return Unavailable(f"{what} cannot be fetched because HF_HUB_OFFLINE is set; unset it and try again.")
    if isinstance(error, errors.GatedRepoError):
        return Unavailable(
            f"The repository {repo} is gated: accept its terms on its page, then set HF_TOKEN to a token of yours."
        )
    if isinstance(error, errors.RevisionNotFoundError):
        return Unavailable(f"The repository {repo} no longer has the revision that was asked for; choose another.")
    if isinstance(error, errors.EntryNotFoundError):
        return Unavailable(f"The repository {repo} has no file {name or 'of that name'}; check the entry.")
    if status in (401, 403) and not isinstance(error, errors.RepositoryNotFoundError):
        return Unavailable(f"The Hub refuses {what}; set HF_TOKEN to a token that may read it.")
    if isinstance(error, errors.RepositoryNotFoundError) or status == 404:
        return Unavailable(
            f"There is no repository {repo} on the Hub, or it is private: check its name, or set HF_TOKEN."
        )
    if isinstance(error, errors.FileMetadataError):
        return Unavailable("The address in HF_ENDPOINT does not answer like the Hub; correct or unset it.")
    if status is not None:
        return Unavailable(f"The Hub answered {what} with error {status}; try again later.")
    return Unavailable(f"{what} cannot be reached; check the network and try again, what has arrived is kept.")

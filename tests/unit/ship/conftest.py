"""pip as it stands here, as a wheel: whatever is set up without a network is set up by it."""

from __future__ import annotations

from importlib import metadata
from pathlib import Path

import pytest

from workbench.ship import own


@pytest.fixture(scope="session")
def pip_wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return own.put_together(metadata.distribution("pip"), tmp_path_factory.mktemp("pip"))

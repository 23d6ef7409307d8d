import shutil

import pytest

from tests.services import open_services


@pytest.fixture
def services(tmp_path):
    with open_services(tmp_path / "workspace") as services:
        yield services


@pytest.fixture
def trained(services, trained_run):
    """The id of a finished run that was made elsewhere and copied into the workspace."""
    shutil.copytree(trained_run.path, services.workspace.runs_dir / "toy")
    return "toy"

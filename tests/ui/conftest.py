"""Shared by all tests of the pages."""

import pytest

from tests.services import give_effect


@pytest.fixture
def trained(services, trained):
    """The trained run as one of the effect "Toy"."""
    return give_effect(services, trained, "toy")

"""Fixtures of all tests."""

import gc

import pytest


@pytest.fixture
def no_leaks():
    """The test gives back the memory that it took: ``pytestmark = pytest.mark.usefixtures("no_leaks")``."""
    from naja import _core

    gc.collect()
    before = _core.block_count()
    yield
    gc.collect()
    assert _core.block_count() == before

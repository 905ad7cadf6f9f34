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


@pytest.fixture(autouse=True)
def clean_start():
    """What earlier tests left behind in cycles is gone, so that no block of it disappears while a test counts blocks.  What
    is alive is not looked at again, which makes this cheap."""
    gc.collect()
    gc.freeze()

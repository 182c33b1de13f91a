"""The shared words hold together: errors, labels, the clock."""

import inspect
from datetime import UTC, datetime, timedelta

import pytest

import core.errors
from core.clock import now
from core.errors import (
    FirstReadError,
    PeerUnavailableError,
    PermanentError,
    RefusedByPeerError,
    RetriableError,
)
from core.labels import DEFAULT_SITE, UNPAIRED, Label

_ERRORS = [
    error
    for _, error in inspect.getmembers(core.errors, inspect.isclass)
    if issubclass(error, FirstReadError)
]


@pytest.mark.parametrize("error", _ERRORS)
def test_an_error_is_permanent_or_retriable_and_not_both(error: type[FirstReadError]) -> None:
    if error is not FirstReadError:
        assert issubclass(error, PermanentError) != issubclass(error, RetriableError)


@pytest.mark.parametrize("error", _ERRORS)
def test_the_tree_in_the_docstring_names_every_error(error: type[FirstReadError]) -> None:
    assert error.__name__ in (core.errors.__doc__ or "")


@pytest.mark.parametrize("error", [RefusedByPeerError, PeerUnavailableError])
def test_a_peers_status_is_kept(error: type[RefusedByPeerError | PeerUnavailableError]) -> None:
    assert error("out of resources", 0xA700).status == 0xA700
    assert error("no answer").status is None


def test_every_label_has_a_default_site_or_says_that_it_has_none() -> None:
    assert set(DEFAULT_SITE) == set(Label)
    assert len(Label) == 13
    assert set(Label) > UNPAIRED


def test_the_time_is_aware_and_in_utc() -> None:
    assert now().tzinfo is UTC
    assert abs(now() - datetime.now(UTC)) < timedelta(seconds=10)

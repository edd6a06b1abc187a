"""Deployments to an account in memory: moto for what lies in it, our own CloudFormation."""

from collections.abc import Iterator

import pytest

from tests.emulators.moto_server import aws_environment, serialised_moto
from tests.infra.deployed import EmulatedAccount, World


@pytest.fixture(scope="session")
def account() -> Iterator[EmulatedAccount]:
    with serialised_moto() as address:
        with pytest.MonkeyPatch.context() as patch:
            for name, value in aws_environment().items():
                patch.setenv(name, value)
            account = EmulatedAccount(address)
            # Who asks is known from here on, whatever the environment says.
            assert account.account_id
        yield account


@pytest.fixture
def world(account: EmulatedAccount) -> Iterator[World]:
    """An account in which nothing is deployed yet."""
    world = World(account)
    yield world
    world.clear()

"""What a data stack leaves when it goes, the next one takes over.

MiniStack plans it as AWS does, by names that stand in the template. Carrying it out it takes each
such bucket for another's, so that the plan is what is looked at.
"""

from collections.abc import Iterator

import pytest

from javumbo.deploy.account import Account
from javumbo.deploy.deployment import Deployment, Options, Tools
from javumbo.deploy.destroying import Demolition
from javumbo.deploy.names import stack_name
from javumbo.deploy.stacks import Stacks
from tests.aws.ministack import MiniStack
from tests.emulators.moto_server import REGION, aws_environment

STAGE = "prod"
DATA = stack_name(STAGE, "data")


@pytest.fixture
def account(aws: MiniStack, monkeypatch: pytest.MonkeyPatch) -> Iterator[Account]:
    for name, value in aws_environment().items():
        monkeypatch.setenv(name, value)
    account = Account(REGION, aws.address)
    yield account
    Demolition(account, stacks_of(account, []), STAGE, print).delete_data()


def stacks_of(account: Account, lines: list[str]) -> Stacks:
    return Stacks(account.client("cloudformation"), lines.append, pause_s=0.2)


def data(account: Account, *, dry_run: bool = False) -> list[str]:
    """What deploying the data stack says."""
    lines: list[str] = []
    options = Options(STAGE, "python", dry_run=dry_run)
    Deployment(account, stacks_of(account, lines), options, Tools(lines.append)).data()
    return lines


def test_a_new_data_stack_takes_over_what_the_one_before_left(account: Account) -> None:
    data(account)
    assert data(account) == [f"{DATA}:", f"{DATA}: nothing to change"]
    stacks_of(account, []).delete(DATA)

    planned = data(account, dry_run=True)
    assert {line for line in planned if line.startswith("  Import ")} == {
        "  Import CollectionBucket (AWS::S3::Bucket)",
        "  Import MediaBucket (AWS::S3::Bucket)",
        "  Import ArtefactBucket (AWS::S3::Bucket)",
        "  Import UsersTable (AWS::DynamoDB::Table)",
        "  Import CommitsTable (AWS::DynamoDB::Table)",
    }

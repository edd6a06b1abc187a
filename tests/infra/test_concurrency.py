import pytest
from botocore.session import get_session
from botocore.stub import Stubber

from chalicelib.errors import ConfigurationError
from javumbo.deploy.concurrency import check_concurrency
from tests.infra.deployed import Limits, NoLimits


def told(limits: Limits, provisioned: int = 0) -> list[str]:
    lines: list[str] = []
    check_concurrency(limits, provisioned, lines.append)
    return lines


def test_an_account_as_most_are_is_nothing_to_speak_of() -> None:
    assert told(Limits(1000), provisioned=2) == []
    assert told(Limits(100)) == []


@pytest.mark.parametrize("at_once", [10, 50, 99])
def test_a_new_account_is_told_what_it_lacks_and_where_to_get_it(at_once: int) -> None:
    (line,) = told(Limits(at_once))
    assert f"only {at_once} functions at once" in line
    assert "Service Quotas for 1,000" in line
    assert "free" in line


# The account's limit, what is reserved already, and the most that AWS still gives each.
EDGES = [
    (1000, 0, 450),
    (1000, 896, 2),
    (105, 0, 2),
    (1000, 900, 0),
    (100, 0, 0),
    (50, 0, 0),
    (10, 0, 0),
]


@pytest.mark.parametrize(("at_once", "reserved", "most"), EDGES)
def test_what_aws_would_not_give_is_refused(at_once: int, reserved: int, most: int) -> None:
    limits = Limits(at_once, reserved)
    told(limits, most)
    with pytest.raises(ConfigurationError) as error:
        told(limits, most + 1)
    said = str(error.value)
    assert said.startswith(f"--provisioned {most + 1} is more than AWS would give, {most}: ")
    assert f" {min(at_once, 100)} stay for functions without any of their own" in said


def test_who_may_not_ask_goes_on() -> None:
    (line,) = told(NoLimits(10), provisioned=2)
    assert "You may not ask for the account's settings" in line


def test_lambda_is_asked_in_its_own_words() -> None:
    client = get_session().create_client(
        "lambda", "eu-central-1", aws_access_key_id="a", aws_secret_access_key="b"
    )
    limit = {"ConcurrentExecutions": 10, "UnreservedConcurrentExecutions": 10}
    lines: list[str] = []
    with Stubber(client) as stubber:
        stubber.add_response("get_account_settings", {"AccountLimit": limit}, {})
        check_concurrency(client, 0, lines.append)
    client.close()
    assert len(lines) == 1

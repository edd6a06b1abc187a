"""The checks of the functions' rights, against roles as they are made of the policy files."""

import json
from collections.abc import Iterator
from copy import deepcopy
from typing import Any

import pytest
from botocore.exceptions import ClientError
from botocore.session import get_session
from botocore.stub import Stubber

from javumbo.deploy.names import function_name
from javumbo.deploy.smoke_rights import Rights, stage_policies
from javumbo.deploy.smoke_run import Outcome, run_checks
from tests.infra.packed import app_template
from tests.infra.policies import allowed
from tests.infra.site_template import ROOT

FOLDER = ROOT / ".chalice"
REGION, ACCOUNT_ID = "eu-central-1", "123456789012"
FUNCTIONS = tuple(stage_policies("prod", FOLDER))

Policies = dict[str, Any]


class Simulator:
    """IAM's answers about roles, and Lambda's about which function has which."""

    def __init__(self, policies: Policies, made_by: str = "cloudformation") -> None:
        self._policies = policies
        self._made_by = made_by

    def get_function(self, FunctionName: str) -> dict[str, Any]:  # noqa: N803
        handlers = {
            name: "app.app" if name == "api_handler" else f"app.{name}" for name in FUNCTIONS
        }
        (name,) = (
            name
            for name, handler in handlers.items()
            if function_name("prod", handler) == FunctionName
        )
        return {"Configuration": {"Role": name}, "Tags": {"ManagedBy": self._made_by}}

    def get_paginator(self, operation: str) -> "Simulator":
        assert operation == "simulate_principal_policy"
        return self

    def paginate(
        self,
        PolicySourceArn: str,  # noqa: N803
        ActionNames: list[str],  # noqa: N803
        ResourceArns: list[str],  # noqa: N803
    ) -> Iterator[dict[str, Any]]:
        """A page for each resource."""
        statements = self._policies[PolicySourceArn]["Statement"]
        for arn in ResourceArns:
            assert "*" not in arn
            yield {
                "EvaluationResults": [
                    {
                        "EvalActionName": action,
                        "EvalResourceName": arn,
                        "EvalDecision": "allowed"
                        if allowed(statements, action, arn)
                        else "implicitDeny",
                    }
                    for action in ActionNames
                ]
            }


class Refusing(Simulator):
    """For a caller who may not ask."""

    def get_paginator(self, operation: str) -> Simulator:
        error: Any = {"Error": {"Code": "AccessDenied", "Message": "You may not simulate."}}
        raise ClientError(error, "SimulatePrincipalPolicy")


class Account:
    region, account_id = REGION, ACCOUNT_ID

    def __init__(self, simulator: Simulator) -> None:
        self._simulator = simulator

    def client(self, service: str) -> Simulator:
        assert service in {"iam", "lambda"}
        return self._simulator


def outcomes(simulator: Simulator) -> dict[str, Outcome]:
    account: Any = Account(simulator)
    checks = Rights(account, "prod", FOLDER).checks()
    return {outcome.name.removeprefix("rights of "): outcome for outcome in run_checks(checks)}


def failed(policies: Policies, made_by: str = "cloudformation") -> dict[str, str]:
    found = outcomes(Simulator(policies, made_by))
    return {name: one.detail for name, one in found.items() if one.state == "failed"}


@pytest.fixture(scope="module")
def packaged() -> Policies:
    """What the roles of the app stack allow, by function."""
    resources = app_template(stage="prod")["Resources"]
    found = {}
    for resource in resources.values():
        if resource["Type"] == "AWS::Serverless::Function":
            own = resource["Properties"]["Handler"].removeprefix("app.")
            role = resources[resource["Properties"]["Role"]["Fn::GetAtt"][0]]
            (policy,) = role["Properties"]["Policies"]
            found["api_handler" if own == "app" else own] = policy["PolicyDocument"]
    return found


@pytest.fixture
def policies(packaged: Policies) -> Policies:
    return deepcopy(packaged)


def test_there_is_a_check_for_every_function_and_the_packaged_roles_pass(
    policies: Policies,
) -> None:
    assert {"api_handler", "jwt_auth", "fold", "warm"} <= set(FUNCTIONS)
    assert set(outcomes(Simulator(policies))) == set(FUNCTIONS) == set(policies)
    assert failed(policies) == {}


def test_chalices_own_roles_pass() -> None:
    assert failed(stage_policies("prod", FOLDER), "chalice") == {}


def makes_its_log_group(policies: Policies, function: str) -> bool:
    own = function_name("prod", "app.app" if function == "api_handler" else f"app.{function}")
    group = f"arn:aws:logs:{REGION}:{ACCOUNT_ID}:log-group:/aws/lambda/{own}"
    statements = policies[function]["Statement"]
    assert allowed(statements, "logs:PutLogEvents", f"{group}:log-stream:x")
    return allowed(statements, "logs:CreateLogGroup", group)


@pytest.mark.parametrize("function", FUNCTIONS)
def test_only_what_chalice_deploys_makes_its_log_group_itself(
    policies: Policies, function: str
) -> None:
    """Else one that was deleted with its stack comes back with what Lambda delivers late."""
    assert not makes_its_log_group(policies, function)
    assert makes_its_log_group(stage_policies("prod", FOLDER), function)


def test_a_role_that_may_make_its_log_group_again_is_named() -> None:
    found = failed(stage_policies("prod", FOLDER))
    assert set(found) == set(FUNCTIONS)
    for detail in found.values():
        assert detail.startswith("may logs:CreateLogGroup arn:aws:logs:")


@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_right_that_a_role_lacks_is_named(policies: Policies, function: str) -> None:
    lost = policies[function]["Statement"].pop()
    found = failed(policies)
    assert set(found) == {function}
    assert found[function].startswith("may not ")
    actions = lost["Action"] if isinstance(lost["Action"], list) else [lost["Action"]]
    assert any(action in found[function] for action in actions)


@pytest.mark.parametrize(
    ("function", "action", "resource"),
    [
        ("jwt_auth", "dynamodb:DeleteItem", "arn:aws:dynamodb:*:*:table/javumbo-users-prod"),
        ("jwt_auth", "s3:GetObject", "arn:aws:s3:::javumbo-user-dbs-prod-*/user_dbs/*"),
        ("warm", "ssm:GetParameter", "arn:aws:ssm:*:*:parameter/javumbo/prod/secret-key"),
        ("fold", "lambda:InvokeFunction", "*"),
        ("api_handler", "dynamodb:Scan", "arn:aws:dynamodb:*:*:table/*"),
        ("sweep", "s3:DeleteBucket", "*"),
        ("upkeep", "*", "*"),
    ],
)
def test_a_right_too_many_is_named(
    policies: Policies, function: str, action: str, resource: str
) -> None:
    statement = {"Effect": "Allow", "Action": [action], "Resource": resource}
    policies[function]["Statement"].append(statement)
    found = failed(policies)
    assert set(found) == {function}
    assert "may " in found[function]
    assert "may not" not in found[function]


def test_another_stages_role_is_noticed(policies: Policies) -> None:
    other = json.dumps(policies["api_handler"]).replace("-prod", "-dev").replace("/prod/", "/dev/")
    policies["api_handler"] = json.loads(other)
    assert set(failed(policies)) == {"api_handler"}


def test_a_caller_who_may_not_ask_is_told_so(policies: Policies) -> None:
    found = outcomes(Refusing(policies))
    assert {outcome.state for outcome in found.values()} == {"failed"}
    assert "You may not simulate." in found["fold"].detail


def test_iam_is_asked_in_its_own_words() -> None:
    client = get_session().create_client("iam", aws_access_key_id="a", aws_secret_access_key="b")
    question = {
        "PolicySourceArn": "arn:aws:iam::123456789012:role/javumbo-prod-warm",
        "ActionNames": ["lambda:InvokeFunction"],
        "ResourceArns": ["arn:aws:lambda:eu-central-1:123456789012:function:javumbo-prod"],
    }
    result = {
        "EvalActionName": "lambda:InvokeFunction",
        "EvalResourceName": question["ResourceArns"][0],
        "EvalDecision": "allowed",
    }
    with Stubber(client) as stubber:
        stubber.add_response("simulate_principal_policy", {"EvaluationResults": [result]}, question)
        pages = client.get_paginator("simulate_principal_policy").paginate(**question)
        assert [page["EvaluationResults"] for page in pages] == [[result]]
    client.close()

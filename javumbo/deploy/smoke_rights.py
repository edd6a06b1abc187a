"""Whether each function may do what it has to, and nothing beyond: IAM itself is asked.

Asking costs nothing and changes nothing. That the rights are enough for what the API's, the
authorizer's and the fold function do is shown by the other checks, which make them do it; that
they are those of the policy files, and no others, is shown here. A function of the app stack may
not make its log group, which one of `chalice deploy` has to.
Source: IAM API Reference, SimulatePrincipalPolicy.
"""

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import partial
from pathlib import Path
from typing import Any

from javumbo.deploy import names
from javumbo.deploy.account import Account, aws_refusals
from javumbo.deploy.errors import DeploymentError
from javumbo.deploy.finishing import MAKE_LOG_GROUP
from javumbo.deploy.packaging import ROOT
from javumbo.deploy.smoke_run import Check, CheckFailedError, expect

# An action and a resource.
Right = tuple[str, str]

_SOMETHING = "smoke"
_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Place:
    """Where a stage is, which its policy files leave open."""

    region: str
    account_id: str

    def arn(self, pattern: str) -> str:
        """One of those that a pattern of a policy file means."""
        here = pattern.replace(":*:*:", f":{self.region}:{self.account_id}:")
        bucket, slash, key = here.partition("/")
        if ":s3:" in bucket:
            bucket = bucket.replace("*", self.account_id)
        return (bucket + slash + key).replace("*", _SOMETHING)


@dataclass(frozen=True, slots=True)
class Deployed:
    """A function as it is there: its role, and whether `chalice deploy` made it."""

    role: str
    by_chalice: bool


class Rights:
    """A check for each function of a stage."""

    def __init__(self, account: Account, stage: str, folder: Path = ROOT / ".chalice") -> None:
        self._account = account
        self._stage = stage
        self._policies = stage_policies(stage, folder)

    def checks(self) -> Sequence[Check]:
        return [
            Check(f"rights of {function}", partial(self._check, function))
            for function in self._policies
        ]

    def _check(self, function: str) -> str:
        try:
            with aws_refusals():
                deployed = self._deployed(function)
                own = self._own(function, deployed)
                wrong = list(self._wrong(own, deployed))
        except DeploymentError as error:
            raise CheckFailedError(f"IAM could not be asked: {error}") from None
        more = f" and {len(wrong) - _SHOWN} more" if len(wrong) > _SHOWN else ""
        expect(not wrong, "; ".join(wrong[:_SHOWN]) + more)
        return f"{len(own)} rights, and none of the others'"

    def _deployed(self, function: str) -> Deployed:
        handler = "app.app" if function == "api_handler" else f"app.{function}"
        found = self._account.client("lambda").get_function(
            FunctionName=names.function_name(self._stage, handler)
        )
        made_by = found.get("Tags", {}).get("ManagedBy")
        return Deployed(found["Configuration"]["Role"], made_by == "chalice")

    def _wrong(self, own: set[Right], deployed: Deployed) -> Iterator[str]:
        place = self._place()
        everybodys = {
            (action, place.arn(pattern))
            for policy in self._policies.values()
            for action, pattern in rights_of(policy)
        } | self._never()
        allowed = self._allowed(deployed.role, everybodys)
        yield from (f"may not {action} {arn}" for action, arn in sorted(own - allowed))
        yield from (f"may {action} {arn}" for action, arn in sorted(allowed - own))

    def _own(self, function: str, deployed: Deployed) -> set[Right]:
        """What the function is to have, of all that the policy files of this stage speak of."""
        place = self._place()
        own = rights_of(self._policies[function])
        if not deployed.by_chalice:
            own = {right for right in own if right[0] != MAKE_LOG_GROUP}
        return {
            (action, place.arn(pattern))
            for policy in self._policies.values()
            for action, pattern in rights_of(policy)
            if any(action == mine and fnmatchcase(place.arn(pattern), given) for mine, given in own)
        }

    def _never(self) -> set[Right]:
        """What nothing that answers requests may do."""
        place, account_id = self._place(), self._place().account_id
        tables = [
            place.arn(f"arn:aws:dynamodb:*:*:table/{name}") for name in names.tables(self._stage)
        ]
        buckets = [
            f"arn:aws:s3:::{name(self._stage, account_id)}"
            for name in (names.collection_bucket, names.media_bucket)
        ]
        parameter = place.arn(f"arn:aws:ssm:*:*:parameter{names.secret_parameters(self._stage)[0]}")
        return {
            *(
                (action, arn)
                for action in ("dynamodb:DeleteTable", "dynamodb:Scan")
                for arn in tables
            ),
            *(
                (action, arn)
                for action in ("s3:DeleteBucket", "s3:PutBucketPolicy")
                for arn in buckets
            ),
            ("ssm:PutParameter", parameter),
        }

    def _allowed(self, role: str, rights: set[Right]) -> set[Right]:
        """Those of the rights that IAM says the role has."""
        pages = self._account.client("iam").get_paginator("simulate_principal_policy")
        allowed = set()
        for actions, arns in _by_service(rights):
            for page in pages.paginate(
                PolicySourceArn=role, ActionNames=actions, ResourceArns=arns
            ):
                allowed |= {
                    (result["EvalActionName"], result["EvalResourceName"])
                    for result in page["EvaluationResults"]
                    if result["EvalDecision"] == "allowed"
                }
        return allowed & rights

    def _place(self) -> Place:
        return Place(self._account.region, self._account.account_id)


def stage_policies(stage: str, folder: Path) -> dict[str, Any]:
    """The policy file of each function of a stage."""
    config = json.loads((folder / "config.json").read_text())
    functions: Mapping[str, Any] = config["stages"].get(stage, {}).get("lambda_functions", {})
    return {
        name: json.loads((folder / settings["iam_policy_file"]).read_text())
        for name, settings in functions.items()
    }


def rights_of(policy: Mapping[str, Any]) -> set[Right]:
    """The actions of a policy file and the patterns that they are allowed on."""
    return {
        (action, pattern)
        for statement in policy["Statement"]
        for action in _listed(statement["Action"])
        for pattern in _listed(statement["Resource"])
    }


def _by_service(rights: set[Right]) -> Iterator[tuple[list[str], list[str]]]:
    """One question for each service: asking for every pair alone would take minutes."""
    services = defaultdict(set)
    for action, arn in rights:
        services[action.partition(":")[0]].add((action, arn))
    for some in services.values():
        yield sorted({action for action, _ in some}), sorted({arn for _, arn in some})


def _listed(value: str | list[str]) -> list[str]:
    return [value] if isinstance(value, str) else value

# ruff: noqa: N803 (these are the names that boto3 has for them)
"""CloudFormation in memory: stacks and change sets as `javumbo deploy` uses them.

It keeps the rules that matter: a change set makes a stack or changes one, and not the other; what
has no changes fails; a stack whose making failed can only be deleted.
Source: AWS CloudFormation API Reference; AWS CloudFormation User Guide, "Stack status codes".
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from botocore.exceptions import ClientError

from javumbo.deploy.templates import parsed

ACCOUNT, REGION = "123456789012", "us-east-1"
NO_CHANGES = (
    "The submitted information didn't contain changes. Submit different information to create a "
    "change set."
)
_PAGE = 2


def refusal(code: str, message: str) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": message}}, "Operation")


@dataclass
class Stack:
    name: str
    stack_id: str
    status: str = "REVIEW_IN_PROGRESS"
    template: dict[str, Any] = field(default_factory=dict)
    parameters: dict[str, str] = field(default_factory=dict)
    tags: dict[str, str] = field(default_factory=dict)
    events: list[dict[str, str]] = field(default_factory=list)
    pending: str = ""


@dataclass
class ChangeSet:
    stack: Stack
    template: dict[str, Any]
    request: dict[str, Any]
    parameters: dict[str, str]
    looks: int = 0


class FakeCloudFormation:
    """`fetch` gives the text at a TemplateURL; `make` is called for each resource of a new stack.

    `executed` names the stacks whose change sets were executed, in order. `failing` maps a stack to
    the failures of its next change, as (resource, reason). `outputs` are values that templates
    alone do not tell.
    """

    def __init__(
        self,
        fetch: Callable[[str], str] = lambda url: url,
        make: Callable[[str, dict[str, Any]], None] = lambda kind, properties: None,
    ) -> None:
        self._fetch = fetch
        self._make = make
        self.stacks: dict[str, Stack] = {}
        self.gone: dict[str, Stack] = {}
        self.change_sets: dict[str, ChangeSet] = {}
        self.requests: list[dict[str, Any]] = []
        self.executed: list[str] = []
        self.failing: dict[str, list[tuple[str, str]]] = {}
        self.refusing: dict[str, str] = {}
        self.outputs: dict[str, str] = {}
        self._count = 0

    def create_change_set(self, **request: Any) -> dict[str, str]:
        name, is_new = request["StackName"], request["ChangeSetType"] == "CREATE"
        found = self.stacks.get(name)
        if is_new and found and found.status != "REVIEW_IN_PROGRESS":
            raise refusal("ValidationError", f"Stack {name} already exists")
        if not is_new and not found:
            raise refusal("ValidationError", f"Stack [{name}] does not exist")
        self._count += 1
        stack = found or Stack(name, f"arn:aws:cloudformation:stack/{name}/{self._count}")
        self.stacks[name] = stack
        text = request.get("TemplateBody") or self._fetch(request["TemplateURL"])
        template = parsed(text)
        given = {
            one["ParameterKey"]: stack.parameters[one["ParameterKey"]]
            if one.get("UsePreviousValue")
            else one["ParameterValue"]
            for one in request["Parameters"]
        }
        unknown = given.keys() - template.get("Parameters", {}).keys()
        if unknown:
            raise refusal("ValidationError", f"Parameters: {sorted(unknown)} do not exist")
        defaults = {
            key: str(declared["Default"])
            for key, declared in template.get("Parameters", {}).items()
            if "Default" in declared
        }
        change_set = f"arn:aws:cloudformation:changeSet/{self._count}"
        self.change_sets[change_set] = ChangeSet(stack, template, request, defaults | given)
        self.requests.append(request)
        return {"Id": change_set}

    def describe_change_set(self, *, StackName: str, ChangeSetName: str) -> dict[str, Any]:
        change_set = self.change_sets[ChangeSetName]
        change_set.looks += 1
        if change_set.looks == 1:
            return {"Status": "CREATE_IN_PROGRESS"}
        if StackName in self.refusing:
            return {"Status": "FAILED", "StatusReason": self.refusing[StackName]}
        if not self._changes(change_set):
            return {"Status": "FAILED", "StatusReason": NO_CHANGES}
        return {"Status": "CREATE_COMPLETE"}

    def delete_change_set(self, *, StackName: str, ChangeSetName: str) -> None:
        del self.change_sets[ChangeSetName]

    def execute_change_set(self, *, StackName: str, ChangeSetName: str) -> None:
        change_set = self.change_sets.pop(ChangeSetName)
        stack = change_set.stack
        self.executed.append(StackName)
        action = "CREATE" if stack.status == "REVIEW_IN_PROGRESS" else "UPDATE"
        stack.status = f"{action}_IN_PROGRESS"
        self._note(stack, StackName, "AWS::CloudFormation::Stack", stack.status)
        failures = self.failing.pop(StackName, [])
        for resource, reason in failures:
            self._note(stack, resource, "AWS::S3::Bucket", f"{action}_FAILED", reason)
        if failures:
            stack.pending = (
                "ROLLBACK_COMPLETE" if action == "CREATE" else "UPDATE_ROLLBACK_COMPLETE"
            )
            return
        before = stack.template.get("Resources", {})
        stack.template, stack.parameters = change_set.template, change_set.parameters
        stack.tags = {tag["Key"]: tag["Value"] for tag in change_set.request["Tags"]}
        stack.pending = f"{action}_COMPLETE"
        for name, resource in stack.template["Resources"].items():
            if name not in before:
                self._make(resource["Type"], self._value(stack, resource.get("Properties", {})))

    def describe_stacks(self, *, StackName: str) -> dict[str, Any]:
        stack = self.stacks.get(StackName) or self.gone.get(StackName) or self._by_id(StackName)
        if stack is None:
            raise refusal("ValidationError", f"Stack with id {StackName} does not exist")
        status, stack.status, stack.pending = stack.status, stack.pending or stack.status, ""
        outputs = [
            {"OutputKey": key, "OutputValue": self.outputs.get(key) or self._value(stack, value)}
            for key, value in (
                (key, output["Value"]) for key, output in stack.template.get("Outputs", {}).items()
            )
        ]
        parameters = [
            {"ParameterKey": key, "ParameterValue": value}
            for key, value in stack.parameters.items()
        ]
        told = {"StackId": stack.stack_id, "StackStatus": status, "Parameters": parameters}
        return {"Stacks": [told | {"Outputs": outputs}]}

    def delete_stack(self, *, StackName: str) -> None:
        stack = self.stacks[StackName]
        self._note(stack, StackName, "AWS::CloudFormation::Stack", "DELETE_IN_PROGRESS")
        failures = self.failing.pop(StackName, [])
        for resource, reason in failures:
            self._note(stack, resource, "AWS::S3::Bucket", "DELETE_FAILED", reason)
        if failures:
            stack.status, stack.pending = "DELETE_IN_PROGRESS", "DELETE_FAILED"
            return
        del self.stacks[StackName]
        stack.status, stack.pending = "DELETE_IN_PROGRESS", "DELETE_COMPLETE"
        self.gone[stack.stack_id] = stack

    def get_paginator(self, operation: str) -> Any:
        return _Paginator(self._events if operation == "describe_stack_events" else self._pages)

    def _pages(self, *, StackName: str, ChangeSetName: str) -> Iterator[dict[str, Any]]:
        changes = self._changes(self.change_sets[ChangeSetName])
        for start in range(0, len(changes), _PAGE):
            yield {"Changes": changes[start : start + _PAGE]}

    def _events(self, *, StackName: str) -> Iterator[dict[str, Any]]:
        stack = self.stacks.get(StackName) or self.gone.get(StackName) or self._by_id(StackName)
        assert stack is not None
        newest_first = stack.events[::-1]
        for start in range(0, len(newest_first), _PAGE):
            yield {"StackEvents": newest_first[start : start + _PAGE]}

    def _by_id(self, stack_id: str) -> Stack | None:
        return next((one for one in self.stacks.values() if one.stack_id == stack_id), None)

    def _changes(self, change_set: ChangeSet) -> list[dict[str, Any]]:
        before, after = change_set.stack.template, change_set.template
        old, new = before.get("Resources", {}), after["Resources"]
        other = change_set.parameters != change_set.stack.parameters
        found = [("Remove", name, old[name]) for name in old.keys() - new.keys()]
        found += [("Add", name, new[name]) for name in new.keys() - old.keys()]
        found += [
            ("Modify", name, new[name])
            for name in new.keys() & old.keys()
            if new[name] != old[name] or (other and "Ref" in str(new[name]))
        ]
        if not found and before.get("Outputs") != after.get("Outputs"):
            found = [("Modify", name, new[name]) for name in list(new)[:1]]
        return [
            {
                "ResourceChange": {
                    "Action": action,
                    "LogicalResourceId": name,
                    "ResourceType": resource["Type"],
                    "Replacement": "False",
                }
            }
            for action, name, resource in sorted(found, key=lambda one: one[:2])
        ]

    def _value(self, stack: Stack, node: Any) -> Any:
        match node:
            case {"Ref": name}:
                return self._reference(stack, name)
            case {"Fn::GetAtt": [name, attribute]}:
                return f"{name}.{attribute}"
            case {"Fn::Sub": str(text)}:
                return re.sub(r"\$\{([^}]+)\}", lambda m: self._reference(stack, m[1]), text)
            case dict():
                return {key: self._value(stack, value) for key, value in node.items()}
            case list():
                return [self._value(stack, value) for value in node]
        return node

    def _reference(self, stack: Stack, name: str) -> str:
        if name == "AWS::AccountId":
            return ACCOUNT
        if name in stack.parameters:
            return stack.parameters[name]
        properties = stack.template["Resources"].get(name, {}).get("Properties", {})
        for key in ("BucketName", "TableName"):
            if key in properties:
                return str(self._value(stack, properties[key]))
        return name

    def _note(self, stack: Stack, name: str, kind: str, status: str, reason: str = "") -> None:
        event = {"LogicalResourceId": name, "ResourceType": kind, "ResourceStatus": status}
        stack.events.append(event | ({"ResourceStatusReason": reason} if reason else {}))


@dataclass
class _Paginator:
    pages: Callable[..., Iterator[dict[str, Any]]]

    def paginate(self, **request: Any) -> Iterator[dict[str, Any]]:
        return self.pages(**request)

# ruff: noqa: N803 (these are the names that boto3 has for them)
"""CloudFormation in memory: stacks and change sets as `javumbo deploy` uses them.

It keeps the rules that matter: a change set makes a stack or changes one, and not the other; what
changes neither a resource nor an output, when all is computed, fails; a stack whose making failed
can only be deleted; what is retained stays when its stack goes, and is in the way of the next one,
unless that may take it over, for which its name has to stand in the template as it is.
Source: AWS CloudFormation API Reference; AWS CloudFormation User Guide, "Stack status codes",
"Import AWS resources into a CloudFormation stack automatically".
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from botocore.exceptions import ClientError

from javumbo.deploy.templates import parsed
from tests.infra.contents import Contents

ACCOUNT, REGION = "123456789012", "us-east-1"
NO_CHANGES = (
    "The submitted information didn't contain changes. Submit different information to create a "
    "change set."
)
_PAGE = 2
# By which property two resources of a type are the same one.
_IDENTIFIERS = {
    "AWS::S3::Bucket": "BucketName",
    "AWS::S3::BucketPolicy": "Bucket",
    "AWS::DynamoDB::Table": "TableName",
}

Resource = dict[str, Any]


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

    @property
    def after(self) -> Stack:
        """The stack as it is to be."""
        return replace(self.stack, template=self.template, parameters=self.parameters)


class FakeCloudFormation:
    """`executed` names the stacks whose change sets were executed, in order. `failing` maps a stack
    to the failures of its next change, as (resource, reason), `refusing` why nothing can be planned
    for it; for those in `hanging` no plan gets ready. `outputs` are values that templates alone do
    not tell.
    """

    def __init__(self, contents: Contents) -> None:
        self._contents = contents
        self.stacks: dict[str, Stack] = {}
        self.gone: dict[str, Stack] = {}
        self.change_sets: dict[str, ChangeSet] = {}
        self.requests: list[dict[str, Any]] = []
        self.executed: list[str] = []
        self.failing: dict[str, list[tuple[str, str]]] = {}
        self.refusing: dict[str, str] = {}
        self.hanging: set[str] = set()
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
        text = request.get("TemplateBody") or self._contents.fetch(request["TemplateURL"])
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
        if change_set.looks == 1 or StackName in self.hanging:
            return {"Status": "CREATE_IN_PROGRESS"}
        if StackName in self.refusing:
            return {"Status": "FAILED", "StatusReason": self.refusing[StackName]}
        if not self._changes(change_set) and not self._has_other_outputs(change_set):
            return {
                "Status": "FAILED",
                "ExecutionStatus": "UNAVAILABLE",
                "StatusReason": NO_CHANGES,
            }
        return {"Status": "CREATE_COMPLETE", "ExecutionStatus": "AVAILABLE"}

    def delete_change_set(self, *, StackName: str, ChangeSetName: str) -> None:
        del self.change_sets[ChangeSetName]

    def execute_change_set(self, *, StackName: str, ChangeSetName: str) -> None:
        change_set = self.change_sets.pop(ChangeSetName)
        stack = change_set.stack
        self.executed.append(StackName)
        action = "CREATE" if stack.status == "REVIEW_IN_PROGRESS" else "UPDATE"
        stack.status = f"{action}_IN_PROGRESS"
        self._note(stack, StackName, "AWS::CloudFormation::Stack", stack.status)
        failures = self.failing.pop(StackName, []) + list(self._in_the_way(change_set))
        for resource, reason in failures:
            self._note(stack, resource, "AWS::S3::Bucket", f"{action}_FAILED", reason)
        self._make_new(change_set, but={resource for resource, _ in failures})
        if failures:
            stack.pending = (
                "ROLLBACK_COMPLETE" if action == "CREATE" else "UPDATE_ROLLBACK_COMPLETE"
            )
            return
        stack.template, stack.parameters = change_set.template, change_set.parameters
        stack.tags = {tag["Key"]: tag["Value"] for tag in change_set.request["Tags"]}
        stack.pending = f"{action}_COMPLETE"

    def _in_the_way(self, change_set: ChangeSet) -> Iterator[tuple[str, str]]:
        """What is there already, and cannot be taken over."""
        for name, resource, thing in self._new(change_set):
            if self._contents.has(*thing) and not _may_be_taken_over(change_set, resource):
                yield name, f"{thing[1]} already exists"

    def _make_new(self, change_set: ChangeSet, but: set[str]) -> None:
        """If some of it fails, what was made is taken away again, unless it is retained."""
        for name, resource, thing in self._new(change_set):
            is_kept = not but or resource.get("DeletionPolicy") == "Retain"
            if name not in but and is_kept and not self._contents.has(*thing):
                properties = self._value(change_set.after, resource["Properties"])
                self._contents.make(*thing, properties)

    def _new(self, change_set: ChangeSet) -> Iterator[tuple[str, Resource, tuple[str, str]]]:
        """The named resources that the stack does not have yet."""
        before = change_set.stack.template.get("Resources", {})
        for name, resource in change_set.template["Resources"].items():
            thing = self._thing(change_set.after, resource)
            if name not in before and thing:
                yield name, resource, thing

    def _thing(self, stack: Stack, resource: Resource) -> tuple[str, str] | None:
        kind = resource["Type"]
        named = resource.get("Properties", {}).get(_IDENTIFIERS.get(kind))
        return (kind, str(self._value(stack, named))) if named else None

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
        for resource in reversed(stack.template.get("Resources", {}).values()):
            thing = self._thing(stack, resource)
            if thing and resource.get("DeletionPolicy") != "Retain":
                self._contents.remove(*thing)
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
        stack, after = change_set.stack, change_set.after
        old, new = stack.template.get("Resources", {}), change_set.template["Resources"]
        taken_over = {
            name
            for name, resource, thing in self._new(change_set)
            if self._contents.has(*thing) and _may_be_taken_over(change_set, resource)
        }
        found = [("Remove", name, old[name]) for name in old.keys() - new.keys()]
        found += [
            ("Import" if name in taken_over else "Add", name, new[name])
            for name in new.keys() - old.keys()
        ]
        found += [
            ("Modify", name, new[name])
            for name in new.keys() & old.keys()
            if self._properties(stack, old[name]) != self._properties(after, new[name])
        ]
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

    def _properties(self, stack: Stack, resource: Resource) -> Any:
        return self._value(stack, resource.get("Properties", {}))

    def _has_other_outputs(self, change_set: ChangeSet) -> bool:
        stacks = (change_set.stack, change_set.after)
        old, new = (self._value(stack, stack.template.get("Outputs", {})) for stack in stacks)
        return bool(old != new)

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


def _may_be_taken_over(change_set: ChangeSet, resource: Resource) -> bool:
    name = resource["Properties"][_IDENTIFIERS[resource["Type"]]]
    return (
        change_set.request.get("ImportExistingResources", False)
        and isinstance(name, str)
        and resource.get("DeletionPolicy") in {"Retain", "RetainExceptOnCreate"}
    )

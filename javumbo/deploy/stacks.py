"""CloudFormation stacks, changed by change sets only.

Source: AWS CloudFormation API Reference: CreateChangeSet, DescribeChangeSet, ExecuteChangeSet.
"""

import time
import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from javumbo.deploy.account import code_of
from javumbo.deploy.errors import DeploymentError

# "Nothing to do", in the words of CloudFormation itself and of the SAM transform.
_NO_CHANGES = ("didn't contain changes", "no changes", "no updates are to be performed")
_CAPABILITIES = ["CAPABILITY_IAM", "CAPABILITY_NAMED_IAM", "CAPABILITY_AUTO_EXPAND"]
_PAUSE_S = 2.0
_LONGEST_S = 3600
_MOST_FAILURES = 5
# A stack whose making failed: it can only be deleted.
_UNMADE = {"ROLLBACK_COMPLETE", "ROLLBACK_FAILED", "CREATE_FAILED"}
# What a failure elsewhere has stopped.
_CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class Template:
    """Where CloudFormation finds a template: in the request, or in a bucket."""

    body: str | None = None
    url: str | None = None

    def argument(self) -> dict[str, str]:
        return {"TemplateBody": self.body} if self.body else {"TemplateURL": self.url or ""}


@dataclass(frozen=True, slots=True)
class Change:
    """One line of a change set: "Add", "Modify", "Remove" or "Import", and what."""

    action: str
    logical_id: str
    resource_type: str
    replacement: str

    def __str__(self) -> str:
        replaced = {"True": ", is replaced", "Conditional": ", may be replaced"}
        return (
            f"{self.action} {self.logical_id} ({self.resource_type})"
            f"{replaced.get(self.replacement, '')}"
        )


class Stacks:
    """The stacks of one account and region.

    All methods but `outputs` raise DeploymentError with what CloudFormation says went wrong first.
    """

    def __init__(
        self,
        client: Any,
        say: Callable[[str], None],
        sleep: Callable[[float], None] = time.sleep,
        pause_s: float = _PAUSE_S,
    ) -> None:
        """`client` is boto3's of CloudFormation; `say` tells the person who deploys a line."""
        self._client = client
        self._say = say
        self._sleep = sleep
        self._pause_s = pause_s

    def outputs(self, name: str) -> dict[str, str]:
        """The outputs of a stack; nothing where there is no such stack."""
        stack = self._stack(name) or {}
        return {one["OutputKey"]: one["OutputValue"] for one in stack.get("Outputs", ())}

    def deploy(
        self,
        name: str,
        template: Template,
        parameters: Mapping[str, str],
        tags: Mapping[str, str],
        *,
        keep: Iterable[str] = (),
        dry_run: bool = False,
        adopt: bool = False,
    ) -> bool:
        """Bring the stack to what the template says; whether anything had to change.

        The parameters in `keep` stay what they are. A dry run says what would change, and changes
        nothing. With `adopt`, what is there already under the names that the template gives becomes
        the stack's; see `adoption.adoptable` for which templates that works with.
        """
        status = self._status(name)
        if status in _UNMADE:
            if dry_run:
                self._say(f"{name}: making it failed before; would clear that away and make it")
                return True
            self._say(f"{name}: making it failed before; clearing that away")
            self.delete(name)
            status = ""
        change_set = self._client.create_change_set(
            StackName=name,
            ChangeSetName=f"javumbo-{uuid.uuid4().hex}",
            # A stack that was only planned is still to be made.
            ChangeSetType="CREATE" if status in {"", "REVIEW_IN_PROGRESS"} else "UPDATE",
            Parameters=[*_given(parameters), *self._kept(name, keep)],
            Capabilities=_CAPABILITIES,
            Tags=[{"Key": key, "Value": value} for key, value in tags.items()],
            ImportExistingResources=adopt,
            **template.argument(),
        )["Id"]
        return self._carried_out(name, change_set, is_new=not status, dry_run=dry_run)

    def delete(self, name: str) -> None:
        """Also where there is no such stack."""
        if self._stack(name) is None:
            return
        # By its id a stack is still found when it is gone.
        stack_id = self._found(name)["StackId"]
        self._client.delete_stack(StackName=name)
        status = self._settled(stack_id)
        if status != "DELETE_COMPLETE":
            raise DeploymentError(f"{name} is {status}.{self._failures(stack_id)}")
        self._say(f"{name}: deleted")

    def _kept(self, name: str, keep: Iterable[str]) -> Iterator[dict[str, Any]]:
        stack = self._stack(name) or {}
        there = {one["ParameterKey"] for one in stack.get("Parameters", ())}
        for key in sorted(there.intersection(keep)):
            yield {"ParameterKey": key, "UsePreviousValue": True}

    def _status(self, name: str) -> str:
        """What it is now, "" where there is no such stack."""
        status = str((self._stack(name) or {}).get("StackStatus", ""))
        if status.endswith("IN_PROGRESS") and status != "REVIEW_IN_PROGRESS":
            raise DeploymentError(f"{name} is just being changed ({status}); try again later.")
        return status

    def _carried_out(self, name: str, change_set: str, *, is_new: bool, dry_run: bool) -> bool:
        """Do what is planned, or forget it; whether anything is."""
        try:
            changes = self._planned(name, change_set)
        except DeploymentError:
            self._forget(name, change_set, is_new=is_new)
            raise
        self._tell(name, changes)
        if changes is None or dry_run:
            self._forget(name, change_set, is_new=is_new)
        else:
            self._execute(name, change_set)
        return changes is not None

    def _planned(self, name: str, change_set: str) -> list[Change] | None:
        """None where there is nothing to do; no change where it is done to the outputs alone.

        Source: AWS CloudFormation API Reference, DescribeChangeSet: what can be executed is
        CREATE_COMPLETE, and what it changes of the resources may be nothing.
        """
        status, found = "", {}
        for _ in self._looks():
            found = self._client.describe_change_set(StackName=name, ChangeSetName=change_set)
            status = found["Status"]
            if status in {"CREATE_COMPLETE", "FAILED"}:
                break
        if status == "CREATE_COMPLETE":
            return list(self._changes(name, change_set))
        reason = found.get("StatusReason", status)
        if status == "FAILED" and any(words in reason.lower() for words in _NO_CHANGES):
            return None
        raise DeploymentError(f"{name} cannot be changed so: {reason}")

    def _tell(self, name: str, changes: list[Change] | None) -> None:
        if changes is None:
            self._say(f"{name}: nothing to change")
        elif not changes:
            self._say("  Modify the outputs")
        for change in changes or ():
            self._say(f"  {change}")

    def _changes(self, name: str, change_set: str) -> Iterator[Change]:
        pages = self._client.get_paginator("describe_change_set").paginate(
            StackName=name, ChangeSetName=change_set
        )
        for page in pages:
            for found in page.get("Changes", ()):
                change = found["ResourceChange"]
                yield Change(
                    change["Action"],
                    change["LogicalResourceId"],
                    change["ResourceType"],
                    change.get("Replacement", ""),
                )

    def _forget(self, name: str, change_set: str, *, is_new: bool) -> None:
        """Leave no trace of a plan: a stack that only had a plan is none."""
        self._client.delete_change_set(StackName=name, ChangeSetName=change_set)
        if is_new:
            self._client.delete_stack(StackName=name)

    def _execute(self, name: str, change_set: str) -> None:
        self._client.execute_change_set(StackName=name, ChangeSetName=change_set)
        status = self._settled(name)
        if status not in {"CREATE_COMPLETE", "UPDATE_COMPLETE", "IMPORT_COMPLETE"}:
            raise DeploymentError(f"{name} is {status}.{self._failures(name)}")
        self._say(f"{name}: {status.lower().replace('_', ' ')}")

    def _settled(self, name: str) -> str:
        """The status once nothing goes on any more."""
        status = ""
        for _ in self._looks():
            status = str(self._found(name)["StackStatus"])
            if not status.endswith("IN_PROGRESS"):
                return status
        return status

    def _looks(self) -> Iterator[int]:
        """As often as one may look, with a pause before each."""
        for look in range(int(_LONGEST_S / _PAUSE_S)):
            if look:
                self._sleep(self._pause_s)
            yield look

    def _failures(self, name: str) -> str:
        """The first failures of what was done last, one a line."""
        failures: list[str] = []
        for event in self._last_events(name):
            reason = event.get("ResourceStatusReason", "")
            if event["ResourceStatus"].endswith("FAILED") and _CANCELLED not in reason.lower():
                failures.append(
                    f"\n  {event['LogicalResourceId']} ({event['ResourceType']}): {reason}"
                )
        # The newest come first.
        return "".join(failures[::-1][:_MOST_FAILURES])

    def _last_events(self, name: str) -> Iterator[dict[str, Any]]:
        """Those since the stack's last change began, the newest first."""
        pages = self._client.get_paginator("describe_stack_events").paginate(StackName=name)
        for page in pages:
            for event in page["StackEvents"]:
                yield event
                of_the_stack = event["ResourceType"] == "AWS::CloudFormation::Stack"
                began = {"CREATE_IN_PROGRESS", "UPDATE_IN_PROGRESS", "DELETE_IN_PROGRESS"}
                if of_the_stack and event["ResourceStatus"] in began:
                    return

    def _found(self, name: str) -> dict[str, Any]:
        stack = self._stack(name)
        if stack is None:
            raise DeploymentError(f"{name} is gone.")
        return stack

    def _stack(self, name: str) -> dict[str, Any] | None:
        from botocore.exceptions import ClientError  # noqa: PLC0415

        try:
            found: dict[str, Any] = self._client.describe_stacks(StackName=name)["Stacks"][0]
        except ClientError as error:
            if code_of(error) == "ValidationError" and "does not exist" in str(error):
                return None
            raise
        return found


def _given(parameters: Mapping[str, str]) -> Iterator[dict[str, Any]]:
    for key, value in parameters.items():
        yield {"ParameterKey": key, "ParameterValue": value}

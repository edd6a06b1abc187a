"""infra/watch.yaml as CloudFormation makes it of parameters."""

import json
import re
from pathlib import Path
from typing import Any

import yaml  # type: ignore[import-untyped]

ROOT = Path(__file__).parent.parent.parent
TEXT = (ROOT / "infra" / "watch.yaml").read_text()
TOPIC = "arn:aws:sns:eu-central-1:123456789012:javumbo-alarms-prod"
PARAMETERS: dict[str, Any] = {
    "Stage": "prod",
    "AlarmTopic": TOPIC,
    "AWS::Region": "eu-central-1",
    "AWS::AccountId": "123456789012",
    "AWS::Partition": "aws",
}
NOTHING = object()


class WatchStack:
    """The template with its conditions decided and its parameters filled in.

    References to other resources stay as `<Resource>` and `<Resource.Attribute>`.
    """

    def __init__(self, **parameters: str) -> None:
        self._template: dict[str, Any] = yaml.safe_load(TEXT)
        defaults = {
            name: declared["Default"]
            for name, declared in self._template["Parameters"].items()
            if "Default" in declared
        }
        self._parameters = {**defaults, **PARAMETERS, **parameters}
        self.resources: dict[str, dict[str, Any]] = {
            name: {"Type": resource["Type"], "Properties": self._value(resource["Properties"])}
            for name, resource in self._template["Resources"].items()
            if "Condition" not in resource or self._holds({"Condition": resource["Condition"]})
        }

    def of_type(self, kind: str) -> list[dict[str, Any]]:
        """The properties of the resources of that type."""
        return [one["Properties"] for one in self.resources.values() if one["Type"] == kind]

    @property
    def alarms(self) -> dict[str, dict[str, Any]]:
        """By name, without the stage."""
        alarms = self.of_type("AWS::CloudWatch::Alarm")
        return {one["AlarmName"].removeprefix("javumbo-prod-"): one for one in alarms}

    @property
    def dashboard(self) -> dict[str, Any]:
        [dashboard] = self.of_type("AWS::CloudWatch::Dashboard")
        body: dict[str, Any] = json.loads(dashboard["DashboardBody"])
        return body

    @property
    def widgets(self) -> list[dict[str, Any]]:
        widgets: list[dict[str, Any]] = self.dashboard["widgets"]
        return widgets

    def _value(self, node: Any) -> Any:
        if isinstance(node, list):
            return [one for one in map(self._value, node) if one is not NOTHING]
        if not isinstance(node, dict):
            return node
        if len(node) == 1:
            [(function, argument)] = node.items()
            if function == "Ref":
                return self._reference(argument)
            if function.startswith("Fn::"):
                return getattr(self, f"_{function[4:].lower()}")(argument)
        values = {name: self._value(one) for name, one in node.items()}
        return {name: one for name, one in values.items() if one is not NOTHING}

    def _reference(self, name: str) -> Any:
        if name == "AWS::NoValue":
            return NOTHING
        return self._parameters.get(name, f"<{name}>")

    def _sub(self, argument: Any) -> str:
        text, own = argument if isinstance(argument, list) else (argument, {})
        values = {name: self._value(value) for name, value in own.items()}
        return re.sub(
            r"\$\{([^}]+)\}",
            lambda match: str(values.get(match[1]) or self._reference(match[1])),
            text,
        )

    def _if(self, argument: list[Any]) -> Any:
        name, yes, no = argument
        return self._value(yes if self._holds({"Condition": name}) else no)

    def _holds(self, condition: dict[str, Any]) -> bool:
        [(function, argument)] = condition.items()
        match function:
            case "Condition":
                return self._holds(self._template["Conditions"][argument])
            case "Fn::Equals":
                return str(self._value(argument[0])) == str(self._value(argument[1]))
            case "Fn::Not":
                return not self._holds(argument[0])
            case "Fn::Or":
                return any(map(self._holds, argument))
        raise AssertionError(function)

"""infra/site.yaml as CloudFormation makes it of parameters, and what CloudFront then answers."""

import re
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import yaml  # type: ignore[import-untyped]

from javumbo.deploy.site_plan import headers_of

ROOT = Path(__file__).parent.parent.parent
PARAMETERS = {
    "Stage": "prod",
    "RestApiId": "abc123",
    "MediaOrigin": "https://javumbo-media-prod-123456789012.s3.eu-central-1.amazonaws.com",
    "AWS::Region": "eu-central-1",
    "AWS::AccountId": "123456789012",
    "AWS::Partition": "aws",
    "AWS::URLSuffix": "amazonaws.com",
}
NOTHING = object()


def template() -> dict[str, Any]:
    parsed: dict[str, Any] = yaml.safe_load((ROOT / "infra" / "site.yaml").read_text())
    return parsed


class SiteStack:
    """The template with its conditions decided and its parameters filled in.

    References to other resources stay as `<Resource>` and `<Resource.Attribute>`.
    """

    def __init__(self, **parameters: str) -> None:
        self._template = template()
        defaults = {
            name: declared["Default"]
            for name, declared in self._template["Parameters"].items()
            if "Default" in declared
        }
        self._parameters = {**defaults, **PARAMETERS, **parameters}
        self.resources = {
            name: self.value(resource)
            for name, resource in self._template["Resources"].items()
            if self._holds(resource.get("Condition"))
        }

    @property
    def distribution(self) -> dict[str, Any]:
        config: dict[str, Any] = self.resources["Distribution"]["Properties"]["DistributionConfig"]
        return config

    def broken_rules(self) -> list[str]:
        """The names of the rules by which CloudFormation would refuse the parameters."""
        return [
            name
            for name, rule in self._template["Rules"].items()
            if self.value(rule["RuleCondition"])
            and not all(self.value(one["Assert"]) for one in rule["Assertions"])
        ]

    def behaviour(self, path: str) -> dict[str, Any]:
        """The first whose pattern fits, as CloudFront chooses."""
        for behaviour in self.distribution["CacheBehaviors"]:
            if fnmatchcase(path, behaviour["PathPattern"]):
                found: dict[str, Any] = behaviour
                return found
        default: dict[str, Any] = self.distribution["DefaultCacheBehavior"]
        return default

    def origin(self, path: str) -> dict[str, Any]:
        wanted = self.behaviour(path)["TargetOriginId"]
        (origin,) = (one for one in self.distribution["Origins"] if one["Id"] == wanted)
        found: dict[str, Any] = origin
        return found

    def policy(self, path: str, kind: str) -> dict[str, Any]:
        """The policy of a kind, such as ResponseHeadersPolicy, that is in force at a path."""
        name = self.behaviour(path)[f"{kind}Id"].strip("<>")
        found: dict[str, Any] = self.resources[name]["Properties"][f"{kind}Config"]
        return found

    def response_headers(self, path: str, file: str) -> dict[str, str]:
        """What the answer at a path has when the upload's file is what is there."""
        of_s3 = headers_of(file)
        return {**self._policy_headers(path), "Cache-Control": of_s3["CacheControl"]}

    def value(self, found: Any) -> Any:
        """What CloudFormation makes of a piece of the template."""
        if isinstance(found, list):
            values = [self.value(one) for one in found]
            return [one for one in values if one is not NOTHING]
        if not isinstance(found, dict):
            return found
        if len(found) == 1:
            ((function, argument),) = found.items()
            if function in _FUNCTIONS:
                return _FUNCTIONS[function](self, argument)
        values_by_name = {name: self.value(one) for name, one in found.items()}
        return {name: one for name, one in values_by_name.items() if one is not NOTHING}

    def _policy_headers(self, path: str) -> dict[str, str]:
        config = self.policy(path, "ResponseHeadersPolicy")
        security = config["SecurityHeadersConfig"]
        hsts = security["StrictTransportSecurity"]
        assert all(one["Override"] for one in security.values())
        headers = {
            "X-Content-Type-Options": "nosniff",
            "Strict-Transport-Security": f"max-age={hsts['AccessControlMaxAgeSec']}"
            + ("; includeSubDomains" if hsts["IncludeSubdomains"] else ""),
        }
        if "ContentSecurityPolicy" in security:
            policy = security["ContentSecurityPolicy"]["ContentSecurityPolicy"]
            headers["Content-Security-Policy"] = policy
        if "ReferrerPolicy" in security:
            headers["Referrer-Policy"] = security["ReferrerPolicy"]["ReferrerPolicy"]
        for custom in config.get("CustomHeadersConfig", {}).get("Items", ()):
            assert custom["Override"]
            headers[custom["Header"]] = custom["Value"]
        return headers

    def _holds(self, condition: str | None) -> bool:
        return condition is None or bool(self.value(self._template["Conditions"][condition]))

    def _ref(self, name: str) -> Any:
        if name == "AWS::NoValue":
            return NOTHING
        return self._parameters.get(name, f"<{name}>")

    def _sub(self, text: str) -> str:
        return re.sub(r"\$\{([\w:.]+)\}", lambda found: str(self._ref(found[1])), text)

    def _if(self, argument: list[Any]) -> Any:
        condition, then, otherwise = argument
        return self.value(then if self._holds(condition) else otherwise)


_FUNCTIONS: dict[str, Any] = {
    "Ref": SiteStack._ref,
    "Fn::Sub": SiteStack._sub,
    "Fn::GetAtt": lambda _, argument: f"<{'.'.join(argument)}>",
    "Fn::If": SiteStack._if,
    "Fn::Equals": lambda stack, both: stack.value(both[0]) == stack.value(both[1]),
    "Fn::Not": lambda stack, one: not stack.value(one[0]),
    "Fn::And": lambda stack, some: all(stack.value(one) for one in some),
    "Fn::Or": lambda stack, some: any(stack.value(one) for one in some),
    "Condition": SiteStack._holds,
}

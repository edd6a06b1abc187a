"""What the template of the app stack still needs when `chalice package` has made it."""

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from javumbo.deploy.names import function_name, tags

API_HANDLER, AUTHORIZER = "APIHandler", "JwtAuth"
ALIAS = "live"
LOG_DAYS = 14
MAKE_LOG_GROUP = "logs:CreateLogGroup"
_FUNCTION = "AWS::Serverless::Function"
_ROLE = "AWS::IAM::Role"
_LOG_GROUP = "AWS::Logs::LogGroup"
_API = "AWS::Serverless::Api"
# Of those that a Chalice app has, each takes its tags in a form of its own.
_TAGGED_BY_LIST = (_ROLE, _LOG_GROUP)
_TAGGED_BY_NAME = (_FUNCTION, _API)
_TRACING = {
    "Effect": "Allow",
    "Action": ["xray:PutTraceSegments", "xray:PutTelemetryRecords"],
    # Source: AWS Service Authorization Reference, "AWS X-Ray": these know no resources.
    "Resource": "*",
}

Template = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Finish:
    """What a stage wants of its app stack.

    `provisioned` is how many environments of the API handler and of the authorizer are always
    ready, 0 for none.
    """

    stage: str
    code_bucket: str
    code_key: str
    provisioned: int = 0
    tracing: bool = False


def finished(template: Template, finish: Finish) -> Template:
    """The template as CloudFormation is to get it; `template` itself is changed."""
    for name, function in list(_of_type(template, _FUNCTION)):
        _finish_function(template, name, function["Properties"], finish)
    _keep_log_groups(template)
    if finish.provisioned:
        for name in (API_HANDLER, AUTHORIZER):
            _provision(template, name, finish)
    if finish.tracing:
        _trace(template)
    _tag(template, finish.stage)
    return template


def digest(template: Template, parameters: Mapping[str, str]) -> str:
    """Which release it is: the same code, settings and template always have the same."""
    text = json.dumps([template, parameters], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def with_release(template: Template, release: str) -> Template:
    """The template, saying which release it is."""
    outputs = {**template["Outputs"], "Release": {"Value": release}}
    return {**template, "Outputs": outputs}


def _finish_function(
    template: Template, name: str, properties: dict[str, Any], finish: Finish
) -> None:
    properties["FunctionName"] = own_name = function_name(finish.stage, properties["Handler"])
    properties["CodeUri"] = {"Bucket": finish.code_bucket, "Key": finish.code_key}
    log_group = f"{name}LogGroup"
    template["Resources"][log_group] = {
        "Type": _LOG_GROUP,
        "Properties": {"LogGroupName": f"/aws/lambda/{own_name}", "RetentionInDays": LOG_DAYS},
    }
    # Lambda would make one that keeps everything for ever.
    template["Resources"][name]["DependsOn"] = log_group
    template["Outputs"][f"{name}Name"] = {"Value": {"Ref": name}}
    template["Outputs"][f"{name}Arn"] = {"Value": {"Fn::GetAtt": [name, "Arn"]}}
    template["Outputs"][f"{name}LogName"] = {"Value": {"Ref": log_group}}


def _keep_log_groups(template: Template) -> None:
    """Functions find their log groups made, and do not make them again.

    Lambda delivers logs late, with the function's rights: a group that was deleted with the stack
    would come back, keep everything for ever, and be in the way of the next deployment.
    """
    for _, role in _of_type(template, _ROLE):
        for statement in _statements(role):
            actions = statement["Action"]
            statement["Action"] = [action for action in actions if action != MAKE_LOG_GROUP]


def _provision(template: Template, name: str, finish: Finish) -> None:
    """Chalice leads requests to the newest code, which no environment is provisioned for."""
    properties = template["Resources"][name]["Properties"]
    properties |= {
        "AutoPublishAlias": ALIAS,
        # A new setting is to be seen as much as new code is.
        "AutoPublishAliasAllProperties": True,
        "ProvisionedConcurrencyConfig": {"ProvisionedConcurrentExecutions": finish.provisioned},
    }
    alias = {"Ref": f"{name}.Alias"}
    body = template["Resources"]["RestAPI"]["Properties"]["DefinitionBody"]
    _lead(body, f"${{{name}.Arn}}", alias)
    template["Resources"][f"{name}InvokePermission"]["Properties"]["FunctionName"] = alias
    _lead_warming(template, name, finish.stage)


def _lead(node: Any, target: str, alias: dict[str, str]) -> None:
    """Let every address of the gateway that calls `target` call the alias."""
    children = node.values() if isinstance(node, dict) else node
    for child in children if isinstance(node, dict | list) else ():
        uri = child.get("Fn::Sub") if isinstance(child, dict) else None
        if isinstance(uri, str) and target in uri:
            child["Fn::Sub"] = [uri.replace(target, "${Alias}"), {"Alias": alias}]
        else:
            _lead(child, target, alias)


def _lead_warming(template: Template, name: str, stage: str) -> None:
    """Warming is of the environments that requests reach, and needs the right to reach them."""
    variable = {API_HANDLER: "API_HANDLER_FUNCTION", AUTHORIZER: "AUTHORIZER_FUNCTION"}[name]
    called = function_name(stage, template["Resources"][name]["Properties"]["Handler"])
    warm = template["Resources"]["Warm"]["Properties"]
    warm["Environment"]["Variables"][variable] = f"{called}:{ALIAS}"
    for statement in _statements(template["Resources"][warm["Role"]["Fn::GetAtt"][0]]):
        if "lambda:InvokeFunction" in statement["Action"]:
            statement["Resource"] += [
                f"{arn}:{ALIAS}" for arn in statement["Resource"] if arn.endswith(f":{called}")
            ]


def _statements(role: dict[str, Any]) -> list[dict[str, Any]]:
    """What a role of a Chalice app, which has one policy, allows."""
    found: list[dict[str, Any]] = role["Properties"]["Policies"][0]["PolicyDocument"]["Statement"]
    return found


def _trace(template: Template) -> None:
    template["Resources"]["RestAPI"]["Properties"]["TracingEnabled"] = True
    for _, function in _of_type(template, _FUNCTION):
        function["Properties"]["Tracing"] = "Active"
    for _, role in _of_type(template, _ROLE):
        _statements(role).append(_TRACING)


def _tag(template: Template, stage: str) -> None:
    wanted = tags(stage)
    for kind in _TAGGED_BY_NAME:
        for _, resource in _of_type(template, kind):
            properties = resource["Properties"]
            properties["Tags"] = {**properties.get("Tags", {}), **wanted}
    for kind in _TAGGED_BY_LIST:
        for _, resource in _of_type(template, kind):
            listed = [{"Key": key, "Value": value} for key, value in wanted.items()]
            resource["Properties"]["Tags"] = listed


def _of_type(template: Template, kind: str) -> Iterator[tuple[str, dict[str, Any]]]:
    for name, resource in template["Resources"].items():
        if resource.get("Type") == kind:
            yield name, resource

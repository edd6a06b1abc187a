"""Templates for what may be there already, left by a stack that is gone."""

import json
import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from javumbo.deploy.templates import parsed

# What tells one resource from all others of its type, for the types of which something outlives its
# stack under a name of ours.
# Source: the primary identifiers in the AWS CloudFormation Template Reference's resource schemas.
IDENTIFIERS: Mapping[str, str] = MappingProxyType(
    {
        "AWS::S3::Bucket": "BucketName",
        "AWS::S3::BucketPolicy": "Bucket",
        "AWS::DynamoDB::Table": "TableName",
    }
)
_VARIABLE = re.compile(r"\$\{([^}]+)\}")


def adoptable(text: str, known: Mapping[str, str]) -> str:
    """The template, with the names of what outlives its stack as they are, and not to be computed.

    CloudFormation makes existing resources part of a stack only under names that stand in the
    template itself. To a stack that was made of `text` this is no change: what CloudFormation
    compares is the names when they are computed. `known` are the parameters and pseudo parameters
    that names are made of.
    Source: AWS CloudFormation User Guide, "Import AWS resources into a CloudFormation stack
    automatically".
    """
    template = parsed(text)
    resources: dict[str, Any] = template["Resources"]
    for resource in resources.values():
        if resource.get("DeletionPolicy") == "Retain" and resource["Type"] in IDENTIFIERS:
            _name(resource, resources, known)
    return json.dumps(template, separators=(",", ":"))


def _name(resource: dict[str, Any], resources: Mapping[str, Any], known: Mapping[str, str]) -> None:
    properties, key = resource["Properties"], IDENTIFIERS[resource["Type"]]
    match properties[key]:
        case {"Ref": str(other)} if other in resources:
            # The reference said which of the two comes first.
            resource["DependsOn"] = other
    properties[key] = _literal(properties[key], resources, known)


def _literal(value: Any, resources: Mapping[str, Any], known: Mapping[str, str]) -> str:
    """The name that CloudFormation computes of `value`. Raises KeyError for what is not known."""
    match value:
        case {"Ref": str(other)} if other in resources:
            named = resources[other]
            name = named["Properties"][IDENTIFIERS[named["Type"]]]
            return _literal(name, resources, known)
        case {"Ref": str(parameter)}:
            return known[parameter]
        case {"Fn::Sub": str(pattern)}:
            return _VARIABLE.sub(lambda variable: known[variable[1]], pattern)
    return str(value)

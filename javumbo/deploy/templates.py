"""CloudFormation templates as text."""

from pathlib import Path
from typing import Any

from javumbo.deploy.names import Part
from javumbo.deploy.packaging import ROOT


def template_text(part: Part, root: Path = ROOT) -> str:
    return (root / "infra" / f"{part}.yaml").read_text()


def declared_parameters(text: str) -> set[str]:
    """The names of the parameters that a template has."""
    return set(parsed(text).get("Parameters", {}))


def parsed(text: str) -> dict[str, Any]:
    """A template whose intrinsic functions may be written short: `!Ref X` is `{"Ref": "X"}`."""
    import yaml  # type: ignore[import-untyped]  # noqa: PLC0415

    class Loader(yaml.SafeLoader):  # type: ignore[misc]
        pass

    Loader.add_multi_constructor("!", _intrinsic)
    # A safe loader, which knows nothing but what is added here.
    template: dict[str, Any] = yaml.load(text, Loader)  # noqa: S506
    return template


def _intrinsic(loader: Any, suffix: str, node: Any) -> dict[str, Any]:
    kinds = {"scalar": loader.construct_scalar, "sequence": loader.construct_sequence}
    value = kinds.get(node.id, loader.construct_mapping)(node, *_deep(node))
    if suffix == "GetAtt" and isinstance(value, str):
        value = value.split(".", 1)
    return {suffix if suffix in {"Ref", "Condition"} else f"Fn::{suffix}": value}


def _deep(node: Any) -> tuple[bool, ...]:
    """The flag by which what lies in a list or a mapping is made at once."""
    return () if node.id == "scalar" else (True,)

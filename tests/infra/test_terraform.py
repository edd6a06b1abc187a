"""The Terraform module, read without Terraform; where that is on the machine, checked by it too."""

import os
import re
import shutil
import subprocess
from fnmatch import fnmatchcase
from pathlib import Path

import pytest
from boto3 import Session

from javumbo.deploy.site_stack import media_origin
from javumbo.deploy.templates import parsed as template_of
from tests.infra.site_template import ROOT
from tests.infra.terraform import FOLDER, Block, module, parsed

# The arguments of aws_cloudformation_stack in every version of the provider from 3.39 to 6, and
# what every resource takes. Source: the provider's documentation.
STACK_ARGUMENTS = {
    "capabilities",
    "disable_rollback",
    "iam_role_arn",
    "name",
    "notification_arns",
    "on_failure",
    "parameters",
    "policy_body",
    "policy_url",
    "tags",
    "template_body",
    "template_url",
    "timeout_in_minutes",
}
META_ARGUMENTS = {"count", "depends_on"}
STACK_BLOCKS = {"lifecycle", "timeouts"}
PARTS = ("data", "app", "site", "watch")
OUTPUTS = {
    "api_url",
    "bucket_names",
    "cloudfront_distribution_id",
    "cloudfront_domain",
    "function_names",
    "site_url",
    "table_names",
}

MODULE = module()
STACKS = {block.labels[1]: block for block in MODULE.of("resource")}
VARIABLES = {block.labels[0]: block for block in MODULE.of("variable")}


def template_parameters(part: str) -> dict[str, dict[str, object]]:
    parameters: dict[str, dict[str, object]] = template_of(
        (ROOT / "infra" / f"{part}.yaml").read_text()
    )["Parameters"]
    return parameters


def test_the_module_wraps_the_four_stacks_and_nothing_else() -> None:
    assert tuple(STACKS) == PARTS
    assert {block.labels[0] for block in MODULE.of("resource")} == {"aws_cloudformation_stack"}
    for part, stack in STACKS.items():
        assert stack.arguments["name"] == f'"javumbo-${{local.stage}}-{part}"'
        assert stack.arguments["tags"] == "local.tags"


@pytest.mark.parametrize("part", PARTS)
def test_a_stack_has_only_arguments_that_the_provider_knows(part: str) -> None:
    stack = STACKS[part]
    assert set(stack.arguments) <= STACK_ARGUMENTS | META_ARGUMENTS
    assert {block.kind for block in stack.blocks} <= STACK_BLOCKS
    assert "name" in stack.arguments
    assert len({"template_body", "template_url"} & set(stack.arguments)) == 1


@pytest.mark.parametrize("part", PARTS)
def test_a_stack_is_told_what_its_template_asks(part: str) -> None:
    told = set(STACKS[part].members("parameters"))
    asked = template_parameters(part)
    assert told <= set(asked)
    assert {name for name, one in asked.items() if "Default" not in one} <= told


def test_whom_the_name_of_a_secret_is_told_takes_it() -> None:
    (block,) = MODULE.of("locals")
    assert "{ OriginSecretName = var.origin_secret_name }" in block.arguments["origin_secret"]
    told = [part for part in PARTS if "local.origin_secret" in STACKS[part].arguments["parameters"]]
    assert told == ["app", "site"]
    for part in told:
        assert template_parameters(part)["OriginSecretName"]["Default"] == ""


@pytest.mark.parametrize("part", PARTS)
def test_no_secret_gets_into_the_state(part: str) -> None:
    # Terraform writes parameters into its state in plain text, and the provider puts asterisks
    # into those that CloudFormation does not show: hashicorp/terraform-provider-aws#29405.
    secret = {name for name, one in template_parameters(part).items() if one.get("NoEcho")}
    assert not secret & set(STACKS[part].members("parameters"))
    assert not MODULE.of("data")


def test_templates_are_where_the_deploy_command_takes_them_from() -> None:
    for part in ("data", "site", "watch"):
        assert STACKS[part].arguments["template_body"] == f'file("${{path.module}}/../{part}.yaml")'
        # What fits in a request. Source: AWS CloudFormation quotas.
        assert (ROOT / "infra" / f"{part}.yaml").stat().st_size <= 51_200
    assert STACKS["app"].arguments["template_url"] == "var.app_template_url"


def test_every_variable_is_described_typed_and_checked() -> None:
    for name, variable in VARIABLES.items():
        assert {"description", "type"} <= set(variable.arguments), name
        (validation,) = variable.of("validation")
        assert f"var.{name}" in validation.arguments["condition"]
        assert validation.arguments["error_message"]


def test_only_the_region_has_to_be_said() -> None:
    assert [name for name, one in VARIABLES.items() if "default" not in one.arguments] == ["region"]


def test_every_variable_is_used_and_every_used_one_is_there() -> None:
    used = set()
    for path in FOLDER.glob("*.tf"):
        if path.name != "variables.tf":
            used |= set(re.findall(r"\bvar\.(\w+)", path.read_text()))
    assert used == set(VARIABLES)


def test_the_outputs_are_those_that_people_ask_for() -> None:
    assert {block.labels[0] for block in MODULE.of("output")} == OUTPUTS


def test_what_is_asked_of_a_stack_is_among_its_outputs() -> None:
    text = "".join(path.read_text() for path in FOLDER.glob("*.tf"))
    for part in ("data", "site"):
        outputs = template_of((ROOT / "infra" / f"{part}.yaml").read_text())["Outputs"]
        asked = set(re.findall(rf'local\.{part}(?:\["|, ")(\w+)"', text))
        assert asked
        assert asked <= set(outputs)


def test_a_workspace_is_a_stage_and_the_default_one_is_none() -> None:
    (local,) = MODULE.of("locals")
    assert local.arguments["stage"] == "terraform.workspace"
    (lifecycle,) = STACKS["data"].of("lifecycle")
    (precondition,) = lifecycle.of("precondition")
    assert 'local.stage != "default"' in precondition.arguments["condition"]
    pattern = re.search(r'regex\("([^"]+)"', precondition.arguments["condition"])
    assert pattern
    for name, is_stage in (("prod", True), ("Prod", False), ("a" * 11, False), ("pr-1", False)):
        assert bool(re.search(pattern[1], name)) == is_stage


@pytest.mark.parametrize("region", ["us-east-1", "eu-central-1", "sa-east-1"])
def test_the_media_origin_is_where_signed_addresses_lead(region: str) -> None:
    (local,) = MODULE.of("locals")
    choice = re.fullmatch(
        r'var\.region == "us-east-1" \? "([^"]+)" : "([^"]+)"', local.arguments["s3_host"]
    )
    assert choice
    host = choice[1] if region == "us-east-1" else choice[2].replace("${var.region}", region)
    client = Session("testing", "testing", region_name=region).client("s3")
    assert media_origin("bucket", client) == f"https://bucket.{host}"
    client.close()
    written = STACKS["site"].members("parameters")["MediaOrigin"]
    assert written == '"https://${local.data["MediaBucket"]}.${local.s3_host}"'


def test_the_state_is_remote_encrypted_and_locked() -> None:
    (terraform,) = MODULE.of("terraform")
    (backend,) = terraform.of("backend")
    assert backend.labels == ("s3",)
    example = parsed((FOLDER / "backend.hcl.example").read_text()).arguments
    assert example["encrypt"] == "true"
    assert example["use_lockfile"] == "true"
    assert {"bucket", "key", "region", "workspace_key_prefix"} <= set(example)


@pytest.mark.parametrize(
    ("name", "is_ignored"),
    [
        ("prod.tfvars", True),
        ("terraform.tfvars", True),
        ("terraform.tfstate", True),
        ("terraform.tfstate.backup", True),
        ("backend.hcl", True),
        (".terraform", True),
        ("tfplan", True),
        ("prod.tfvars.example", False),
        ("backend.hcl.example", False),
        (".terraform.lock.hcl", False),
        ("main.tf", False),
    ],
)
def test_what_is_private_is_not_committed(name: str, is_ignored: bool) -> None:
    lines = (FOLDER / ".gitignore").read_text().split()
    patterns = [line.rstrip("/") for line in lines]
    assert any(fnmatchcase(name, pattern) for pattern in patterns) == is_ignored


def test_the_example_says_nothing_that_is_no_variable() -> None:
    text = (FOLDER / "prod.tfvars.example").read_text()
    # What is commented out is said at a later step.
    uncommented = re.sub(r"^# (?=\w+\s+= )", "", text, flags=re.MULTILINE)
    said = parsed(uncommented).arguments
    assert set(said) <= set(VARIABLES)
    assert {"region", "app_template_url"} <= set(said)


@pytest.mark.parametrize(
    "text",
    ["a = [", "}", 'resource "a" "b" {', "what is this", "a = 1\na = 2"],
    ids=["open list", "bracket too many", "open block", "no argument", "twice"],
)
def test_the_reader_of_these_tests_refuses_what_it_does_not_understand(text: str) -> None:
    with pytest.raises((AssertionError, StopIteration, RuntimeError)):
        parsed(text)


def test_the_reader_of_these_tests_reads_blocks_in_blocks() -> None:
    root = parsed('a "b" "c" {\n  d = "e {"\n  f {\n    g = [\n      1\n    ]\n  }\n}\n')
    (block,) = root.blocks
    assert (block.kind, block.labels, block.arguments) == ("a", ("b", "c"), {"d": '"e {"'})
    assert block.blocks == [Block("f", (), {"g": "[\n      1\n    ]"})]


@pytest.mark.skipif(shutil.which("terraform") is None, reason="there is no Terraform here")
def test_terraform_would_lay_it_out_so(tmp_path: Path) -> None:
    settings = tmp_path / "terraformrc"
    settings.write_text("disable_checkpoint = true\n")
    done = subprocess.run(
        ["terraform", "fmt", "-check", "-diff", str(FOLDER)],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "TF_CLI_CONFIG_FILE": str(settings), "CHECKPOINT_DISABLE": "1"},
    )
    assert done.returncode == 0, done.stdout + done.stderr

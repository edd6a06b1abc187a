import json
from collections.abc import Iterable
from typing import Any

import pytest

from javumbo.deploy.errors import DeploymentError
from javumbo.deploy.stacks import Stacks, Template
from tests.infra.cloudformation import FakeCloudFormation
from tests.infra.contents import Names

NAME = "javumbo-dev-data"
TAGS = {"Project": "javumbo"}


def template(resources: Iterable[str] = ("One",), **outputs: Any) -> Template:
    made = {name: {"Type": "AWS::S3::Bucket", "Properties": {}} for name in resources}
    told = {name: {"Value": value} for name, value in outputs.items()}
    return Template(body=json.dumps({"Resources": made, "Outputs": told}))


class Told:
    """Stacks over a CloudFormation in memory, and what they said."""

    def __init__(self) -> None:
        self.account = Names()
        self.aws = FakeCloudFormation(self.account)
        self.lines: list[str] = []
        self.pauses: list[float] = []
        self.stacks = Stacks(self.aws, self.lines.append, self.pauses.append)

    def deploy(self, wanted: Template, *, dry_run: bool = False) -> bool:
        return self.stacks.deploy(NAME, wanted, {}, TAGS, dry_run=dry_run)


@pytest.fixture
def told() -> Told:
    return Told()


def test_a_stack_is_made_and_changed_and_says_how(told: Told) -> None:
    assert told.deploy(template(["One", "Two", "Three"], Where="here"))
    assert told.stacks.outputs(NAME) == {"Where": "here"}
    assert told.aws.stacks[NAME].tags == TAGS
    assert told.lines == [
        "  Add One (AWS::S3::Bucket)",
        "  Add Three (AWS::S3::Bucket)",
        "  Add Two (AWS::S3::Bucket)",
        f"{NAME}: create complete",
    ]
    told.lines.clear()
    assert told.deploy(template(["One", "Four"]))
    assert told.lines == [
        "  Add Four (AWS::S3::Bucket)",
        "  Remove Three (AWS::S3::Bucket)",
        "  Remove Two (AWS::S3::Bucket)",
        f"{NAME}: update complete",
    ]


def test_the_same_again_changes_nothing_and_leaves_no_change_set(told: Told) -> None:
    told.deploy(template())
    assert not told.deploy(template())
    assert told.aws.executed == [NAME]
    assert told.lines[-1] == f"{NAME}: nothing to change"
    assert told.aws.change_sets == {}


def test_a_dry_run_tells_and_leaves_nothing_behind(told: Told) -> None:
    assert told.deploy(template(), dry_run=True)
    assert told.lines == ["  Add One (AWS::S3::Bucket)"]
    assert (told.aws.executed, told.aws.stacks, told.aws.change_sets) == ([], {}, {})


def test_a_dry_run_leaves_a_stack_as_it_is(told: Told) -> None:
    told.deploy(template())
    assert told.deploy(template(["Two"]), dry_run=True)
    assert set(told.aws.stacks[NAME].template["Resources"]) == {"One"}
    assert told.aws.change_sets == {}


def test_a_dry_run_leaves_a_stack_whose_making_failed(told: Told) -> None:
    told.aws.failing[NAME] = [("One", "no")]
    with pytest.raises(DeploymentError):
        told.deploy(template())
    told.lines.clear()
    assert told.deploy(template(), dry_run=True)
    assert told.aws.stacks[NAME].status == "ROLLBACK_COMPLETE"
    assert told.lines == [f"{NAME}: making it failed before; would clear that away and make it"]


def test_a_dry_run_leaves_what_somebody_else_plans(told: Told) -> None:
    told.aws.create_change_set(
        StackName=NAME,
        ChangeSetType="CREATE",
        Parameters=[],
        TemplateBody=template().body,
    )
    assert told.deploy(template(), dry_run=True)
    assert told.aws.stacks[NAME].status == "REVIEW_IN_PROGRESS"
    assert len(told.aws.change_sets) == 1
    assert told.deploy(template())


def test_other_outputs_alone_are_a_change(told: Told) -> None:
    told.deploy(template(Where="here"))
    told.lines.clear()
    changed = template(Where="here", Who="me")
    assert told.deploy(changed, dry_run=True)
    assert told.lines == ["  Modify the outputs"]
    assert told.stacks.outputs(NAME) == {"Where": "here"}
    assert told.deploy(changed)
    assert told.lines[1:] == ["  Modify the outputs", f"{NAME}: update complete"]
    assert told.stacks.outputs(NAME) == {"Where": "here", "Who": "me"}


def test_a_failure_is_told_by_what_failed_first(told: Told) -> None:
    told.aws.failing[NAME] = [
        ("One", "javumbo-media-dev already exists"),
        ("Two", "Resource creation cancelled"),
        ("Three", "no such role"),
    ]
    with pytest.raises(DeploymentError) as error:
        told.deploy(template(["One", "Two", "Three"]))
    assert str(error.value) == (
        f"{NAME} is ROLLBACK_COMPLETE.\n"
        "  One (AWS::S3::Bucket): javumbo-media-dev already exists\n"
        "  Three (AWS::S3::Bucket): no such role"
    )


def test_only_failures_of_the_last_change_are_told(told: Told) -> None:
    told.deploy(template())
    for reason in ("the first reason", "the second reason"):
        told.aws.failing[NAME] = [("Two", reason)]
        with pytest.raises(DeploymentError, match=reason) as error:
            told.deploy(template(["Two"]))
    assert "the first reason" not in str(error.value)


def test_what_could_not_be_made_is_cleared_away_for_the_next_time(told: Told) -> None:
    told.aws.failing[NAME] = [("One", "no")]
    with pytest.raises(DeploymentError):
        told.deploy(template())
    assert told.deploy(template())
    assert told.aws.stacks[NAME].status == "CREATE_COMPLETE"


def test_a_plan_that_cloudformation_refuses_is_told_in_its_words(told: Told) -> None:
    told.deploy(template())
    told.aws.refusing[NAME] = "Circular dependency between resources"
    with pytest.raises(DeploymentError, match="Circular dependency between resources"):
        told.deploy(template(["Two"]))
    assert told.aws.change_sets == {}
    assert set(told.aws.stacks) == {NAME}


def test_a_first_plan_that_cloudformation_refuses_leaves_no_stack(told: Told) -> None:
    told.aws.refusing[NAME] = "Circular dependency between resources"
    with pytest.raises(DeploymentError):
        told.deploy(template())
    assert (told.aws.stacks, told.aws.change_sets) == ({}, {})


def test_a_plan_that_never_gets_ready_is_no_plan_without_changes(told: Told) -> None:
    told.aws.hanging.add(NAME)
    with pytest.raises(DeploymentError, match="CREATE_IN_PROGRESS"):
        told.deploy(template())
    assert (told.aws.stacks, told.aws.change_sets) == ({}, {})


def bucket(name: Any) -> Template:
    """One that outlives its stack."""
    made = {
        "Type": "AWS::S3::Bucket",
        "DeletionPolicy": "Retain",
        "Properties": {"BucketName": name},
    }
    return Template(body=json.dumps({"Resources": {"One": made}}))


def test_what_is_there_already_is_taken_over_where_that_is_asked_for(told: Told) -> None:
    told.deploy(bucket("cards"))
    told.stacks.delete(NAME)
    with pytest.raises(DeploymentError, match="cards already exists"):
        told.deploy(bucket("cards"))
    told.lines.clear()
    assert told.stacks.deploy(NAME, bucket("cards"), {}, TAGS, adopt=True)
    assert "  Import One (AWS::S3::Bucket)" in told.lines
    assert told.aws.stacks[NAME].status == "CREATE_COMPLETE"


def test_a_stack_that_somebody_else_changes_is_left_alone(told: Told) -> None:
    told.deploy(template())
    told.aws.stacks[NAME].status = "UPDATE_IN_PROGRESS"
    with pytest.raises(DeploymentError, match="just being changed"):
        told.deploy(template(["Two"]))
    assert told.aws.executed == [NAME]


def test_deleting_waits_until_the_stack_is_gone(told: Told) -> None:
    told.deploy(template())
    told.stacks.delete(NAME)
    assert told.aws.stacks == {}
    assert told.lines[-1] == f"{NAME}: deleted"
    told.stacks.delete(NAME)


def test_what_cannot_be_deleted_is_told(told: Told) -> None:
    told.deploy(template())
    told.aws.failing[NAME] = [("One", "The bucket you tried to delete is not empty")]
    with pytest.raises(DeploymentError, match="not empty"):
        told.stacks.delete(NAME)

"""Data stacks that are made where an earlier one has left what people have."""

import json

import pytest

from javumbo.deploy.errors import DeploymentError
from javumbo.deploy.names import collection_bucket, stack_name, tables, tags
from javumbo.deploy.stacks import Template
from javumbo.deploy.templates import template_text
from tests.infra.cloudformation import ACCOUNT
from tests.infra.deployed import STAGE, World

DATA = stack_name(STAGE, "data")
COLLECTIONS = collection_bucket(STAGE, ACCOUNT)
TAKEN_OVER = {
    "  Import ArtefactBucket (AWS::S3::Bucket)",
    "  Import ArtefactBucketPolicy (AWS::S3::BucketPolicy)",
    "  Import CollectionBucket (AWS::S3::Bucket)",
    "  Import CollectionBucketPolicy (AWS::S3::BucketPolicy)",
    "  Import CommitsTable (AWS::DynamoDB::Table)",
    "  Import MediaBucket (AWS::S3::Bucket)",
    "  Import MediaBucketPolicy (AWS::S3::BucketPolicy)",
    "  Import UsersTable (AWS::DynamoDB::Table)",
}


def taken_over(world: World) -> set[str]:
    return {line for line in world.lines if line.startswith("  Import ")}


def test_a_data_stack_that_is_gone_is_made_again_over_what_it_left(world: World) -> None:
    outputs = world.deployment().data()
    world.account.client("s3").put_object(Bucket=COLLECTIONS, Key="user_dbs/ada", Body=b"cards")
    world.stacks.delete(DATA)
    assert world.deployment().data() == outputs
    assert taken_over(world) == TAKEN_OVER
    assert world.objects(COLLECTIONS) == {"user_dbs/ada": b"cards"}
    assert world.cloudformation.stacks[DATA].status == "CREATE_COMPLETE"


def test_a_data_stack_whose_making_failed_half_way_is_made_the_next_time(world: World) -> None:
    users, _ = tables(STAGE)
    world.cloudformation.failing[DATA] = [("UsersTable", "AWS has a bad day")]
    with pytest.raises(DeploymentError, match="bad day"):
        world.deployment().data()
    assert COLLECTIONS in world.buckets()
    assert world.deployment().data()["UsersTable"] == users
    assert taken_over(world) == TAKEN_OVER - {"  Import UsersTable (AWS::DynamoDB::Table)"}


def test_a_stack_of_the_template_as_it_is_has_nothing_to_change(world: World) -> None:
    """As Terraform makes it, where the names are computed by CloudFormation."""
    parameters = {"Stage": STAGE, "SiteOrigin": "http://localhost:5173"}
    as_it_is = Template(body=template_text("data"))
    world.stacks.deploy(DATA, as_it_is, parameters, tags(STAGE))
    world.deployment().data()
    assert world.lines[-1] == f"{DATA}: nothing to change"


def test_what_is_submitted_names_what_outlives_the_stack(world: World) -> None:
    world.deployment().data()
    (request,) = world.cloudformation.requests
    resources = json.loads(request["TemplateBody"])["Resources"]
    assert request["ImportExistingResources"] is True
    assert resources["CollectionBucket"]["Properties"]["BucketName"] == COLLECTIONS
    assert resources["CollectionBucketPolicy"]["Properties"]["Bucket"] == COLLECTIONS
    for table, name in zip(("UsersTable", "CommitsTable"), tables(STAGE), strict=True):
        assert resources[table]["Properties"]["TableName"] == name

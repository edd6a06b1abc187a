import json
from pathlib import Path
from typing import Any

import pytest

from chalicelib.errors import ConfigurationError
from javumbo.deploy import deployment as deployment_module
from javumbo.deploy.deployment import LOCAL_SITE
from javumbo.deploy.errors import DeploymentError
from javumbo.deploy.names import artefact_bucket, collection_bucket, secret_parameters, stack_name
from tests.infra.cloudformation import ACCOUNT
from tests.infra.deployed import STAGE, Limits, World

DATA, APP, SITE, WATCH = (
    stack_name(STAGE, "data"),
    stack_name(STAGE, "app"),
    stack_name(STAGE, "site"),
    stack_name(STAGE, "watch"),
)
ARTEFACTS = artefact_bucket(STAGE, ACCOUNT)


@pytest.fixture(autouse=True)
def any_python(monkeypatch: pytest.MonkeyPatch) -> None:
    """The app is packed in memory here, by whichever Python tests it."""
    monkeypatch.setattr(deployment_module, "check_python", lambda python: None)


def secrets_of(world: World) -> list[str]:
    ssm = world.account.client("ssm")
    return [
        ssm.get_parameter(Name=name, WithDecryption=True)["Parameter"]["Value"]
        for name in secret_parameters(STAGE)
    ]


def stack_template(world: World, name: str) -> Any:
    return world.cloudformation.stacks[name].template


def test_first_what_people_have_and_last_what_watches_it(world: World, tmp_path: Path) -> None:
    world.with_site(tmp_path)
    world.deploy()
    order = list(dict.fromkeys(world.cloudformation.executed))
    assert order == [DATA, APP, SITE, WATCH]
    for stack in world.cloudformation.stacks.values():
        assert stack.tags == {
            "Project": "javumbo",
            "Environment": STAGE,
            "ManagedBy": "cloudformation",
        }


def test_the_same_again_changes_nothing(world: World, tmp_path: Path) -> None:
    world.with_site(tmp_path)
    first = world.deploy()
    secrets, executed = secrets_of(world), list(world.cloudformation.executed)
    objects = world.objects(ARTEFACTS)
    assert world.deploy() == first
    assert world.cloudformation.executed == executed
    assert secrets_of(world) == secrets
    assert world.objects(ARTEFACTS) == objects


def test_a_stage_that_is_not_configured_makes_nothing(world: World) -> None:
    with pytest.raises(ConfigurationError, match="no stage other"):
        world.deploy(stage="other")
    assert world.buckets() == set()


def test_a_dry_run_of_a_new_stage_makes_nothing(world: World) -> None:
    assert world.deploy(dry_run=True) == {}
    assert world.cloudformation.stacks == {}
    assert world.buckets() == set()
    assert world.account.client("ssm").describe_parameters()["Parameters"] == []
    assert any("Add CollectionBucket" in line for line in world.lines)


def test_a_dry_run_tells_what_new_code_would_change(world: World) -> None:
    world.deploy()
    executed = list(world.cloudformation.executed)
    before = {key for key in world.objects(ARTEFACTS) if key.startswith("releases/")}
    world.code = "two"
    world.lines.clear()
    world.deploy(dry_run=True)
    assert world.cloudformation.executed == executed
    assert "  Modify APIHandler (AWS::Serverless::Function)" in world.lines
    after = {key for key in world.objects(ARTEFACTS) if key.startswith("releases/")}
    assert after == before


def test_secrets_are_long_encrypted_tagged_and_never_told(world: World) -> None:
    world.deploy()
    signing, origin = secrets_of(world)
    assert signing != origin
    assert min(len(signing), len(origin)) >= 64
    ssm = world.account.client("ssm")
    for name in secret_parameters(STAGE):
        assert ssm.get_parameter(Name=name)["Parameter"]["Type"] == "SecureString"
        tags = ssm.list_tags_for_resource(ResourceType="Parameter", ResourceId=name)["TagList"]
        assert {"Key": "Environment", "Value": STAGE} in tags
    told = "\n".join(world.lines)
    kept = b"".join(world.objects(ARTEFACTS).values()).decode()
    for secret in (signing, origin):
        assert secret not in told
        assert secret not in kept
    assert signing not in json.dumps(world.cloudformation.requests)


def test_a_secret_that_is_there_is_kept(world: World) -> None:
    (name, _) = secret_parameters(STAGE)
    mine = "a secret that somebody put there before"
    world.account.client("ssm").put_parameter(Name=name, Value=mine, Type="SecureString")
    world.deploy()
    assert secrets_of(world)[0] == mine


def test_what_a_lost_stack_left_is_taken_over_by_the_data_stack_alone(world: World) -> None:
    world.deploy()
    adopting = {
        request["StackName"]: request["ImportExistingResources"]
        for request in world.cloudformation.requests
    }
    assert adopting == {DATA: True, APP: False, WATCH: False}


def test_an_account_that_cannot_give_what_is_asked_for_is_left_as_it_is(world: World) -> None:
    world.account.others["lambda"] = Limits(10)
    for dry_run in (True, False):
        with pytest.raises(ConfigurationError, match="--provisioned 2"):
            world.deploy(provisioned=2, dry_run=dry_run)
    assert world.cloudformation.requests == []
    assert world.account.client("ssm").describe_parameters()["Parameters"] == []
    world.deploy()
    assert any("only 10 functions at once" in line for line in world.lines)


def test_the_functions_are_told_where_everything_is(world: World) -> None:
    world.deploy()
    assert world.variables() == {
        "STAGE": "dev",
        "CORS_ORIGIN": LOCAL_SITE,
        "S3_BUCKET": "javumbo-user-dbs-dev-123456789012",
        "S3_MEDIA_BUCKET": "javumbo-media-dev-123456789012",
        "DYNAMODB_USERS_TABLE": "javumbo-users-dev",
        "DYNAMODB_COMMITS_TABLE": "javumbo-commits-dev",
        "SECRET_KEY_PARAMETER": "/javumbo/dev/secret-key",
    }


def test_the_clients_address_is_let_through_once_there_is_one(world: World, tmp_path: Path) -> None:
    world.with_site(tmp_path)
    outputs = world.deploy()
    assert outputs["SiteOrigin"] == "https://d1.cloudfront.net"
    assert world.variables()["CORS_ORIGIN"] == "https://d1.cloudfront.net"
    parameters = world.cloudformation.stacks
    assert parameters[DATA].parameters["SiteOrigin"] == "https://d1.cloudfront.net"
    assert parameters[APP].parameters["CorsOrigin"] == "https://d1.cloudfront.net"
    # The next time it is known from the beginning.
    world.packed.clear()
    world.deploy()
    assert [packing.variables["CORS_ORIGIN"] for packing in world.packed] == [
        "https://d1.cloudfront.net"
    ]


def test_a_domain_of_ones_own_is_known_from_the_beginning(world: World, tmp_path: Path) -> None:
    world.with_site(tmp_path)
    world.cloudformation.outputs["SiteURL"] = "https://cards.example.org"
    world.deploy(parameters={"SiteDomain": "cards.example.org", "AlarmEmail": "me@example.org"})
    assert len(world.packed) == 1
    assert world.variables()["CORS_ORIGIN"] == "https://cards.example.org"
    stacks = world.cloudformation.stacks
    assert stacks[SITE].parameters["SiteDomain"] == "cards.example.org"
    assert stacks[DATA].parameters["AlarmEmail"] == "me@example.org"


def test_the_site_and_the_api_share_the_origin_secret(world: World, tmp_path: Path) -> None:
    world.with_site(tmp_path)
    world.deploy()
    _, origin = secrets_of(world)
    for stack in (APP, SITE):
        assert world.cloudformation.stacks[stack].parameters["OriginSecret"] == origin


def test_what_was_said_once_stays_until_something_else_is_said(world: World) -> None:
    world.deploy(parameters={"AlarmEmail": "me@example.org"})
    executed = list(world.cloudformation.executed)
    world.deploy()
    assert world.cloudformation.executed == executed
    assert world.cloudformation.stacks[DATA].parameters["AlarmEmail"] == "me@example.org"
    world.deploy(parameters={"AlarmEmail": ""})
    assert world.cloudformation.stacks[DATA].parameters["AlarmEmail"] == ""


def deployed_code(world: World) -> str:
    uri = stack_template(world, APP)["Resources"]["APIHandler"]["Properties"]["CodeUri"]
    assert uri["Bucket"] == ARTEFACTS
    return world.objects(ARTEFACTS)[uri["Key"]].decode()


def deploy_code(world: World, *codes: str) -> None:
    for code in codes:
        world.code = code
        world.deploy(watch=False)


def test_a_rollback_brings_back_the_code_before(world: World) -> None:
    deploy_code(world, "one", "two")
    assert deployed_code(world) == "two"
    release = world.deployment().roll_back()
    assert deployed_code(world) == "one"
    assert world.stacks.outputs(APP)["Release"] == release


def test_a_second_rollback_goes_further_back(world: World) -> None:
    deploy_code(world, "one", "two", "three")
    world.deployment().roll_back()
    world.deployment().roll_back()
    assert deployed_code(world) == "one"
    with pytest.raises(DeploymentError, match="no earlier release"):
        world.deployment().roll_back()


def test_nobody_goes_back_to_what_was_rolled_back(world: World) -> None:
    deploy_code(world, "good", "bad")
    world.deployment().roll_back()
    deploy_code(world, "other")
    world.deployment().roll_back()
    assert deployed_code(world) == "good"


def test_deploying_twice_is_one_release(world: World) -> None:
    deploy_code(world, "one", "two", "two")
    world.deployment().roll_back()
    assert deployed_code(world) == "one"


def test_a_release_that_failed_is_none(world: World) -> None:
    deploy_code(world, "one", "two")
    world.cloudformation.failing[APP] = [("APIHandler", "no")]
    with pytest.raises(DeploymentError):
        deploy_code(world, "broken")
    world.deployment().roll_back()
    assert deployed_code(world) == "one"


def test_a_rollback_can_be_looked_at_first(world: World) -> None:
    deploy_code(world, "one", "two")
    world.deployment(dry_run=True).roll_back()
    assert deployed_code(world) == "two"
    world.deployment().roll_back()
    assert deployed_code(world) == "one"


def test_there_is_nothing_to_go_back_to_at_first(world: World) -> None:
    with pytest.raises(DeploymentError, match="no earlier release"):
        world.deployment().roll_back()
    deploy_code(world, "one")
    with pytest.raises(DeploymentError, match="no earlier release"):
        world.deployment().roll_back()


def test_destroying_leaves_what_people_have(world: World, tmp_path: Path) -> None:
    world.with_site(tmp_path)
    world.deploy()
    secrets = secrets_of(world)
    put_collection(world)
    world.demolition().destroy()
    assert set(world.cloudformation.stacks) == {DATA}
    assert b"cards" in world.objects(collection_bucket(STAGE, ACCOUNT)).values()
    assert secrets_of(world) == secrets


def put_collection(world: World) -> None:
    s3 = world.account.client("s3")
    for body in (b"older cards", b"cards"):
        s3.put_object(Bucket=collection_bucket(STAGE, ACCOUNT), Key="user_dbs/ada.anki2", Body=body)


@pytest.mark.parametrize("name", ["", "dev", "javumbo-prod-data", "javumbo-dev-app"])
def test_what_people_have_is_deleted_by_its_own_name_only(world: World, name: str) -> None:
    with pytest.raises(ConfigurationError, match="Nothing was deleted"):
        world.demolition().check_name(name)
    world.demolition().check_name(None)
    world.demolition().check_name(DATA)


def test_deleting_what_people_have_leaves_no_version_of_it(world: World) -> None:
    world.deploy()
    put_collection(world)
    demolition = world.demolition()
    demolition.destroy()
    demolition.delete_data()
    assert world.cloudformation.stacks == {}
    assert world.buckets() == set()
    assert world.account.client("dynamodb").list_tables()["TableNames"] == []
    assert world.account.client("ssm").describe_parameters()["Parameters"] == []
    # What is gone already is no reason to fail.
    demolition.destroy()
    demolition.delete_data()

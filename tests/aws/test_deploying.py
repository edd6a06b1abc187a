"""`javumbo deploy` and `javumbo destroy` against an account, stages side by side."""

from contextlib import closing
from pathlib import Path

import pytest

from javumbo.deploy.account import Account
from javumbo.deploy.deployment import Deployment, Options, Tools
from javumbo.deploy.destroying import Demolition
from javumbo.deploy.stacks import Stacks
from tests.aws.ministack import ARCHITECTURE, MiniStack
from tests.aws.stage import Person, Stage
from tests.emulators.moto_server import REGION, aws_environment


@pytest.fixture(scope="module")
def staging(aws: MiniStack, tmp_path_factory: pytest.TempPathFactory) -> Stage:
    staging = Stage(aws, "staging", tmp_path_factory.mktemp("staging"))
    done = staging.deploy()
    assert done.code == 0, done.error
    return staging


def test_deploying_again_changes_nothing(stage: Stage) -> None:
    before = stage.outputs
    done = stage.deploy()
    assert (done.code, done.error) == (0, "")
    for stack in ("data", "app"):
        assert f"javumbo-dev-{stack}: nothing to change" in done.out
    assert stage.outputs == before


def test_stages_lie_side_by_side(stage: Stage, staging: Stage) -> None:
    ours, others = stage.outputs, staging.outputs
    assert {name for name in ours if ours[name] == others.get(name)} <= {"SiteOrigin"}
    ada, same_name = Person(stage, "ada-of-dev"), Person(staging, "ada-of-dev")
    with closing(ada.http), closing(same_name.http):
        ada.deck_with_card("Only here")
        decks = [deck["name"] for deck in same_name.ask("GET", "/api/decks")["decks"]]
        assert "Only here" not in decks
        # A login of one stage is none of the other.
        token = {"Authorization": ada.http.headers["Authorization"]}
        assert same_name.http.get("/api/decks", headers=token).status_code in {401, 403}


def test_provisioned_environments_are_those_that_the_gateway_calls(staging: Stage) -> None:
    plain = staging.outputs["Release"]
    planned = staging.deploy("--provisioned", "2", "--dry-run")
    assert planned.code == 0, planned.error
    assert "APIHandlerAliaslive (AWS::Lambda::Alias)" in planned.out
    assert staging.outputs["Release"] == plain

    done = staging.deploy("--provisioned", "2")
    assert done.code == 0, done.error
    resources = staging.client("apigateway")
    api_id = staging.outputs["RestAPIId"]
    found = resources.get_resources(restApiId=api_id, embed=["methods"], limit=500)["items"]
    (decks,) = (one for one in found if one["path"] == "/api/decks")
    assert ":live/invocations" in decks["resourceMethods"]["GET"]["methodIntegration"]["uri"]
    (authorizer,) = resources.get_authorizers(restApiId=api_id)["items"]
    assert ":live/invocations" in authorizer["authorizerUri"]
    with closing(Person(staging, "ada-provisioned").http) as http:
        assert http.get("/api/decks").status_code == 200

    rolled_back = staging.command("deploy", "--rollback")
    assert rolled_back.code == 0, rolled_back.error
    assert f"the app is at release {plain}" in rolled_back.out
    again = staging.command("deploy", "--rollback")
    assert again.code == 1
    assert "no earlier release" in again.error


def test_destroying_takes_what_people_have_by_its_name_only(staging: Stage) -> None:
    data = "javumbo-staging-data"
    refused = staging.command("destroy", "--delete-data", "javumbo-dev-data")
    assert refused.code == 2
    assert data in refused.error
    assert staging.client("lambda").get_function(FunctionName="javumbo-staging")

    bucket = staging.outputs["CollectionBucket"]
    done = staging.command("destroy")
    assert done.code == 0, done.error
    assert data in done.out
    assert staging.client("s3").list_objects_v2(Bucket=bucket)["KeyCount"] > 0
    functions = staging.client("lambda").list_functions()["Functions"]
    assert not [one for one in functions if one["FunctionName"].startswith("javumbo-staging")]

    done = staging.command("destroy", "--delete-data", data)
    assert done.code == 0, done.error
    names = [one["Name"] for one in staging.client("s3").list_buckets()["Buckets"]]
    assert not [name for name in names if "-staging-" in name]
    tables = staging.client("dynamodb").list_tables()["TableNames"]
    assert not [name for name in tables if name.endswith("-staging")]


def test_the_web_client_gets_an_address_that_everything_knows(
    aws: MiniStack, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in aws_environment().items():
        monkeypatch.setenv(name, value)
    (tmp_path / "index.html").write_text("the client")
    account = Account(REGION, aws.address)
    lines: list[str] = []
    stacks = Stacks(account.client("cloudformation"), lines.append, pause_s=0.2)
    options = Options("prod", aws.python, architecture=ARCHITECTURE, watch=False)
    tools = Tools(lines.append, build=lambda: tmp_path)
    outputs = Deployment(account, stacks, options, tools).everything()

    address = outputs["SiteURL"]
    assert outputs["SiteOrigin"] == address
    s3 = account.client("s3")
    (rule,) = s3.get_bucket_cors(Bucket=outputs["MediaBucket"])["CORSRules"]
    assert rule["AllowedOrigins"] == [address]
    page = s3.get_object(Bucket=outputs["FrontendBucket"], Key="site/index.html")
    assert page["Body"].read() == b"the client"
    settings = account.client("lambda").get_function_configuration(FunctionName="javumbo-prod")
    variables = settings["Environment"]["Variables"]
    assert variables["CORS_ORIGIN"] == address
    assert len(variables["ORIGIN_SECRET"]) == 64

    demolition = Demolition(account, stacks, "prod", lines.append)
    demolition.destroy()
    demolition.delete_data()
    names = [bucket["Name"] for bucket in s3.list_buckets()["Buckets"]]
    assert not [name for name in names if "-prod-" in name]

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from chalicelib.storage import Owner
from chalicelib.storage.keys import MEDIA
from chalicelib.storage.s3 import S3BaseStore
from javumbo.deploy.adoption import IDENTIFIERS, adoptable
from javumbo.deploy.names import artefact_bucket, collection_bucket, media_bucket, tables, tags
from javumbo.deploy.templates import parsed, template_text
from tests.emulators.tables import create_commits_table, create_users_table
from tests.infra.policies import denied
from tests.infra.recording import RecordingS3, RecordingTables

TEMPLATE = parsed(template_text("data"))
RESOURCES: dict[str, Any] = TEMPLATE["Resources"]
STAGE, ACCOUNT = "prod", "123456789012"
BUCKETS = ("CollectionBucket", "MediaBucket", "ArtefactBucket")
TABLES = ("UsersTable", "CommitsTable")
OVER_TLS = {"aws:SecureTransport": "true", "s3:ObjectCreationOperation": "true"}


def of_type(kind: str) -> Iterator[tuple[str, dict[str, Any]]]:
    return (
        (name, resource["Properties"])
        for name, resource in RESOURCES.items()
        if resource["Type"] == kind
    )


def filled(value: Any) -> Any:
    """`Fn::Sub`, `Ref` and `Fn::GetAtt` as CloudFormation fills them in."""
    match value:
        case {"Fn::Sub": text}:
            for name, properties in of_type("AWS::S3::Bucket"):
                if f"${{{name}.Arn}}" in text:
                    arn = f"arn:aws:s3:::{filled(properties['BucketName'])}"
                    text = text.replace(f"${{{name}.Arn}}", arn)
            return text.replace("${Stage}", STAGE).replace("${AWS::AccountId}", ACCOUNT)
        case {"Fn::GetAtt": [name, "Arn"]}:
            return filled({"Fn::Sub": f"${{{name}.Arn}}"})
        case dict():
            return {key: filled(one) for key, one in value.items()}
        case list():
            return [filled(one) for one in value]
    return value


def policy_of(bucket: str) -> list[dict[str, Any]]:
    (policy,) = (
        properties["PolicyDocument"]["Statement"]
        for _, properties in of_type("AWS::S3::BucketPolicy")
        if properties["Bucket"] == {"Ref": bucket}
    )
    statements: list[dict[str, Any]] = filled(policy)
    return statements


def test_the_names_are_those_that_everything_else_derives() -> None:
    named = {
        name: filled(properties["BucketName"]) for name, properties in of_type("AWS::S3::Bucket")
    }
    assert named == {
        "CollectionBucket": collection_bucket(STAGE, ACCOUNT),
        "MediaBucket": media_bucket(STAGE, ACCOUNT),
        "ArtefactBucket": artefact_bucket(STAGE, ACCOUNT),
    }
    assert tuple(filled(RESOURCES[name]["Properties"]["TableName"]) for name in TABLES) == tables(
        STAGE
    )


def test_what_people_have_outlives_the_stack() -> None:
    for name, resource in RESOURCES.items():
        if resource["Type"] in {
            "AWS::S3::Bucket",
            "AWS::S3::BucketPolicy",
            "AWS::DynamoDB::Table",
        }:
            assert resource["DeletionPolicy"] == "Retain", name
            assert resource["UpdateReplacePolicy"] == "Retain", name
    for name in TABLES:
        assert RESOURCES[name]["Properties"]["DeletionProtectionEnabled"] is True


@pytest.mark.parametrize("bucket", BUCKETS)
def test_a_bucket_is_private_encrypted_and_keeps_versions_for_30_days(bucket: str) -> None:
    properties = RESOURCES[bucket]["Properties"]
    assert set(properties["PublicAccessBlockConfiguration"].values()) == {True}
    assert len(properties["PublicAccessBlockConfiguration"]) == 4
    (rule,) = properties["BucketEncryption"]["ServerSideEncryptionConfiguration"]
    assert rule["ServerSideEncryptionByDefault"]["SSEAlgorithm"] == "AES256"
    assert properties["OwnershipControls"]["Rules"] == [{"ObjectOwnership": "BucketOwnerEnforced"}]
    assert properties["VersioningConfiguration"] == {"Status": "Enabled"}
    rules = properties["LifecycleConfiguration"]["Rules"]
    everywhere = [rule for rule in rules if "Prefix" not in rule]
    (kept,) = [
        rule["NoncurrentVersionExpiration"]
        for rule in everywhere
        if "NoncurrentVersionExpiration" in rule
    ]
    assert kept == {"NoncurrentDays": 30}
    assert any("AbortIncompleteMultipartUpload" in rule for rule in everywhere)
    assert not any("ExpirationInDays" in rule for rule in everywhere)
    assert {rule["Status"] for rule in rules} == {"Enabled"}


@pytest.mark.parametrize("bucket", BUCKETS)
def test_a_bucket_is_reached_over_tls_only(bucket: str) -> None:
    statements = policy_of(bucket)
    arn = filled({"Fn::GetAtt": [bucket, "Arn"]})
    plain = {"aws:SecureTransport": "false"}
    for action, resource in (("s3:GetObject", f"{arn}/x"), ("s3:ListBucket", arn)):
        assert denied(statements, action, resource, plain)
        assert not denied(statements, action, resource, {"aws:SecureTransport": "true"})
    assert all(statement["Principal"] == "*" for statement in statements)
    assert all(statement["Effect"] == "Deny" for statement in statements)


def collection_keys() -> list[str]:
    owners = [Owner("ada", "g1"), Owner("ada", "g1", MEDIA)]
    places = [
        key
        for owner in owners
        for key in (owner.base_key, owner.spill_key(1, "tx", "pages"), owner.conflict_key(1))
    ]
    return [*places, "backups/ada/g1/1", "jobs/ada/g1/1"]


@pytest.mark.parametrize(
    ("bucket", "keys"),
    [("CollectionBucket", collection_keys()), ("MediaBucket", ["media/ada/g1/abc"])],
)
def test_nobody_overwrites_what_they_have_not_seen(bucket: str, keys: list[str]) -> None:
    statements = policy_of(bucket)
    for key in keys:
        resource = f"{filled({'Fn::GetAtt': [bucket, 'Arn']})}/{key}"
        assert denied(statements, "s3:PutObject", resource, OVER_TLS)
        # CreateMultipartUpload and UploadPart ask for the same right, but create no object yet.
        part = OVER_TLS | {"s3:ObjectCreationOperation": "false"}
        assert not denied(statements, "s3:PutObject", resource, part)


def test_browsers_may_upload_without_a_condition() -> None:
    statements = policy_of("MediaBucket")
    for key in ("uploads/ada/g1/1", "downloads/ada/g1/1"):
        resource = f"{filled({'Fn::GetAtt': ['MediaBucket', 'Arn']})}/{key}"
        assert not denied(statements, "s3:PutObject", resource, OVER_TLS)


def test_what_the_service_writes_is_let_through(tmp_path: Path) -> None:
    s3 = RecordingS3()
    store = S3BaseStore("collections", s3.client)
    file = tmp_path / "file"
    file.write_bytes(b"x" * 100)
    etag = store.put("user_dbs/ada.anki2", file, metadata={}, if_match=None)
    store.put("user_dbs/ada.anki2", b"y", metadata={}, if_match=etag)

    assert [name for name, _ in s3.calls] == ["PutObject", "PutObject"]
    statements = policy_of("CollectionBucket")
    arn = filled({"Fn::GetAtt": ["CollectionBucket", "Arn"]})
    for _, parameters in s3.calls:
        sent = {"IfNoneMatch": "s3:if-none-match", "IfMatch": "s3:if-match"}
        context = OVER_TLS | {
            key: parameters[name] for name, key in sent.items() if name in parameters
        }
        assert not denied(statements, "s3:PutObject", f"{arn}/{parameters['Key']}", context)


def test_left_transfers_go_after_the_service_would_have_removed_them() -> None:
    rules = RESOURCES["MediaBucket"]["Properties"]["LifecycleConfiguration"]["Rules"]
    left = {rule["Prefix"]: rule for rule in rules if "Prefix" in rule}
    assert set(left) == {"uploads/", "downloads/"}
    for rule in left.values():
        assert rule["ExpirationInDays"] == 3
        assert rule["NoncurrentVersionExpiration"] == {"NoncurrentDays": 1}


def test_the_web_client_alone_may_use_the_media_bucket_from_a_browser() -> None:
    (rule,) = RESOURCES["MediaBucket"]["Properties"]["CorsConfiguration"]["CorsRules"]
    assert rule["AllowedOrigins"] == [{"Ref": "SiteOrigin"}]
    assert set(rule["AllowedMethods"]) == {"GET", "HEAD", "POST"}
    assert "CorsConfiguration" not in RESOURCES["CollectionBucket"]["Properties"]


def test_tables_cost_by_use_and_can_be_restored_to_any_second() -> None:
    for name in TABLES:
        properties = RESOURCES[name]["Properties"]
        assert properties["BillingMode"] == "PAY_PER_REQUEST"
        restoring = properties["PointInTimeRecoverySpecification"]
        assert restoring == {"PointInTimeRecoveryEnabled": True}


def test_the_tables_have_the_keys_that_the_adapters_use() -> None:
    made = RecordingTables()
    create_users_table(made.client, "users")
    create_commits_table(made.client, "commits")
    for name, wanted in zip(TABLES, made.tables, strict=True):
        properties = RESOURCES[name]["Properties"]
        assert properties["KeySchema"] == wanted["KeySchema"]
        assert properties["AttributeDefinitions"] == wanted["AttributeDefinitions"]


def test_nothing_in_the_log_of_commits_ever_expires() -> None:
    assert "TimeToLiveSpecification" not in RESOURCES["CommitsTable"]["Properties"]
    assert RESOURCES["UsersTable"]["Properties"]["TimeToLiveSpecification"] == {
        "AttributeName": "expires_at",
        "Enabled": True,
    }


def test_alarms_and_budgets_of_this_account_alone_reach_the_topic() -> None:
    allow, deny = RESOURCES["AlarmTopicPolicy"]["Properties"]["PolicyDocument"]["Statement"]
    assert set(allow["Principal"]["Service"]) == {
        "cloudwatch.amazonaws.com",
        "budgets.amazonaws.com",
    }
    assert allow["Condition"] == {"StringEquals": {"aws:SourceAccount": {"Ref": "AWS::AccountId"}}}
    assert deny["Effect"] == "Deny"
    assert deny["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}


def test_every_resource_that_can_be_is_tagged() -> None:
    untaggable = {
        "AWS::S3::BucketPolicy",
        "AWS::SNS::TopicPolicy",
        "AWS::SNS::Subscription",
        "AWS::ApiGateway::Account",
    }
    wanted = [{"Key": key, "Value": value} for key, value in tags("S").items()]
    for name, resource in RESOURCES.items():
        if resource["Type"] not in untaggable:
            found = resource["Properties"]["Tags"]
            assert found == [
                {**one, "Value": {"Ref": "Stage"}} if one["Key"] == "Environment" else one
                for one in wanted
            ], name


KNOWN = {"Stage": STAGE, "AWS::AccountId": ACCOUNT}
# CloudFormation makes up the role's name, and the account's setting has none: neither can clash.
UNNAMED = {"AWS::IAM::Role", "AWS::ApiGateway::Account"}


def submitted() -> dict[str, Any]:
    """As `javumbo deploy` sends it."""
    return parsed(adoptable(template_text("data"), KNOWN))


def computed(name: Any) -> Any:
    """The name that CloudFormation makes of what the template has."""
    match name:
        case {"Ref": other}:
            return filled(RESOURCES[other]["Properties"]["BucketName"])
    return filled(name)


def test_what_outlives_the_stack_stands_in_the_submitted_template_by_its_name() -> None:
    found = {}
    for name, resource in submitted()["Resources"].items():
        if resource.get("DeletionPolicy", "Delete") == "Delete" or resource["Type"] in UNNAMED:
            continue
        key = IDENTIFIERS[resource["Type"]]
        found[name] = resource["Properties"][key]
        assert isinstance(found[name], str), name
        assert found[name] == computed(RESOURCES[name]["Properties"][key])
    assert set(found) == {*BUCKETS, *TABLES, *(f"{bucket}Policy" for bucket in BUCKETS)}


def test_what_cloudformation_names_itself_has_no_name_of_ours() -> None:
    for kind in UNNAMED:
        for _, properties in of_type(kind):
            assert not {"RoleName", "Id"} & properties.keys()


def test_a_policy_still_comes_after_its_bucket() -> None:
    for bucket in BUCKETS:
        assert submitted()["Resources"][f"{bucket}Policy"]["DependsOn"] == bucket


def test_nothing_but_the_names_is_other_in_the_submitted_template() -> None:
    template = submitted()
    for name, resource in template["Resources"].items():
        key = IDENTIFIERS.get(resource["Type"])
        if key and "DeletionPolicy" in resource:
            resource["Properties"][key] = RESOURCES[name]["Properties"][key]
            resource.pop("DependsOn", None)
    assert template == TEMPLATE


def test_it_fits_into_one_request() -> None:
    sent = adoptable(template_text("data"), KNOWN)
    assert max(len(text.encode()) for text in (template_text("data"), sent)) < 51_200

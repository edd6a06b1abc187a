import json
import re
from typing import Any

import pytest
from boto3 import Session

from app import app
from chalicelib.api.http import ALLOWED_HEADERS
from chalicelib.media.presigning import S3Addresses
from javumbo.deploy.site_stack import media_origin
from javumbo.site_headers import site_headers
from tests.infra.site_template import PARAMETERS, ROOT, SiteStack, template

MEDIA_ORIGIN = PARAMETERS["MediaOrigin"]
CERTIFICATE = "arn:aws:acm:us-east-1:123456789012:certificate/0-0-0"
HSTS = {"Strict-Transport-Security": "max-age=31536000; includeSubDomains"}
# The pages of the client have the headers of the file that they are.
PAGES = {"/": "/index.html", "/login": "/index.html", "/decks/1/study": "/index.html"}
FILES = (
    "/index.html",
    "/card.html",
    "/card-remote.html",
    "/assets/index-BKQYPk-i.js",
    "/sw.js",
    "/manifest.webmanifest",
    "/icons/icon-192.png",
)
SECRET = "s" * 40
# Routes that on this domain have another name, or are of a local server only.
ELSEWHERE = ("/register", "/login", "/logout", "/logout-everywhere", "/uploads/", "/downloads/")
TAGGED = {
    "AWS::S3::Bucket",
    "AWS::CloudFront::Distribution",
    "AWS::CertificateManager::Certificate",
}
READ_HEADER = re.compile(r"(?:request|self)\.headers\.get\(\"([a-z-]+)\"")


@pytest.fixture(scope="module")
def stack() -> SiteStack:
    return SiteStack()


def service_paths() -> list[str]:
    """Every route of the API with something in its places."""
    return [re.sub(r"\{\w+\}", "x1", path) for path in app.routes]


def client_paths() -> list[str]:
    """Every page of the client, read from its router."""
    source = (ROOT / "client" / "src" / "app" / "router.tsx").read_text()
    paths = re.findall(r"path: '([a-z][^']*)'", source)
    assert len(paths) > 10
    return ["/", *(f"/{re.sub(r':[A-Za-z]+', '17', path)}" for path in paths)]


@pytest.mark.parametrize(
    ("path", "file"), [*PAGES.items(), *zip(FILES, FILES, strict=True)], ids=lambda value: value
)
def test_cloudfront_sends_the_headers_that_the_local_server_sends(
    stack: SiteStack, path: str, file: str
) -> None:
    expected = site_headers(file, media_origin=MEDIA_ORIGIN)
    assert stack.response_headers(path, file.lstrip("/")) == {**expected, **HSTS}


@pytest.mark.parametrize("path", service_paths())
def test_a_route_is_asked_of_the_gateways_stage_unless_it_has_another_name_here(
    stack: SiteStack, path: str
) -> None:
    origin = stack.origin(path)
    if path.startswith(ELSEWHERE):
        assert origin["Id"] == "client"
        return
    config = json.loads((ROOT / ".chalice" / "config.json").read_text())
    stages = {stage["api_gateway_stage"] for stage in config["stages"].values()}
    assert origin["DomainName"] == "abc123.execute-api.eu-central-1.amazonaws.com"
    assert origin["OriginPath"] == f"/{stages.pop()}"
    assert not stages


@pytest.mark.parametrize("path", service_paths())
def test_every_method_of_a_route_gets_through(stack: SiteStack, path: str) -> None:
    behaviour = stack.behaviour(path)
    if behaviour["TargetOriginId"] == "api":
        routes = {re.sub(r"\{\w+\}", "x1", name): methods for name, methods in app.routes.items()}
        assert {*routes[path], "HEAD", "OPTIONS"} <= set(behaviour["AllowedMethods"])


@pytest.mark.parametrize("path", client_paths())
def test_a_page_of_the_client_is_the_clients(stack: SiteStack, path: str) -> None:
    assert stack.origin(path)["Id"] == "client"
    (function,) = stack.behaviour(path)["FunctionAssociations"]
    assert function == {
        "EventType": "viewer-request",
        "FunctionARN": "<PagesFunction.FunctionMetadata.FunctionARN>",
    }


def test_only_pages_are_rewritten(stack: SiteStack) -> None:
    others = stack.distribution["CacheBehaviors"]
    assert [one for one in others if "FunctionAssociations" in one] == []


def test_all_that_the_api_reads_gets_through(stack: SiteStack) -> None:
    kept = stack.policy("/api/decks", "CachePolicy")["ParametersInCacheKeyAndForwardedToOrigin"]
    sent = stack.policy("/api/decks", "OriginRequestPolicy")
    forwarded = {
        name.lower()
        for config in (kept, sent)
        for name in config["HeadersConfig"].get("Headers", ())
    }
    sources = [path.read_text() for path in (ROOT / "chalicelib" / "api").glob("*.py")]
    read = {name for source in sources for name in READ_HEADER.findall(source)}
    assert {"x-origin-secret", "cloudfront-viewer-address", "idempotency-key"} <= read
    assert read - {"x-origin-secret"} <= forwarded
    assert {name.lower() for name in ALLOWED_HEADERS} <= forwarded
    assert {"accept", "origin"} <= forwarded
    # The gateway knows itself by its own name only; and only CloudFront may tell the secret.
    assert not {"host", "x-origin-secret"} & forwarded
    assert sent["QueryStringsConfig"] == {"QueryStringBehavior": "all"}


def test_no_policy_has_more_headers_than_cloudfront_takes(stack: SiteStack) -> None:
    for kind in ("CachePolicy", "OriginRequestPolicy"):
        config = stack.policy("/api/decks", kind)
        inner = config.get("ParametersInCacheKeyAndForwardedToOrigin", config)
        assert len(inner["HeadersConfig"]["Headers"]) <= 10


@pytest.mark.parametrize("path", ["/api/decks", "/media/token/a.png", "/health", "/openapi.json"])
def test_answers_of_the_api_are_kept_nowhere(stack: SiteStack, path: str) -> None:
    policy = stack.policy(path, "CachePolicy")
    assert (policy["MinTTL"], policy["DefaultTTL"]) == (0, 0)
    key = policy["ParametersInCacheKeyAndForwardedToOrigin"]
    assert key["HeadersConfig"]["Headers"] == ["Authorization"]
    assert key["QueryStringsConfig"] == {"QueryStringBehavior": "all"}


def test_errors_stay_what_they_are_and_are_asked_about_again_at_once(stack: SiteStack) -> None:
    responses = stack.distribution["CustomErrorResponses"]
    assert {403, 404, 405, 500, 502, 503, 504} <= {one["ErrorCode"] for one in responses}
    for response in responses:
        assert set(response) == {"ErrorCode", "ErrorCachingMinTTL"}
        assert response["ErrorCachingMinTTL"] == 0


@pytest.mark.parametrize("path", [*PAGES, *FILES, "/api/decks", "/media/t/a.png", "/health"])
def test_nothing_is_sent_unencrypted(stack: SiteStack, path: str) -> None:
    # A redirection would come after the token has been sent in clear.
    api = stack.origin(path)["Id"] == "api"
    policy = stack.behaviour(path)["ViewerProtocolPolicy"]
    assert policy == ("https-only" if api else "redirect-to-https")


def test_the_origins_are_asked_encrypted(stack: SiteStack) -> None:
    api = stack.origin("/api/decks")["CustomOriginConfig"]
    assert api["OriginProtocolPolicy"] == "https-only"
    assert api["OriginSSLProtocols"] == ["TLSv1.2"]


def test_the_distribution_is_cheap_and_modern(stack: SiteStack) -> None:
    config = stack.distribution
    assert config["PriceClass"] == "PriceClass_100"
    assert config["HttpVersion"] == "http2and3"
    assert config["IPV6Enabled"] is True
    assert config["Enabled"] is True


def test_without_a_domain_there_is_cloudfronts_own_certificate(stack: SiteStack) -> None:
    assert stack.distribution["ViewerCertificate"] == {"CloudFrontDefaultCertificate": True}
    assert "Aliases" not in stack.distribution
    assert not {"Certificate", "Record4", "Record6"} & set(stack.resources)


def test_a_domain_with_a_certificate_of_its_own() -> None:
    stack = SiteStack(SiteDomain="cards.example.org", CertificateArn=CERTIFICATE)
    assert stack.broken_rules() == []
    assert stack.distribution["Aliases"] == ["cards.example.org"]
    assert stack.distribution["ViewerCertificate"] == {
        "AcmCertificateArn": CERTIFICATE,
        "MinimumProtocolVersion": "TLSv1.2_2021",
        "SslSupportMethod": "sni-only",
    }
    assert not {"Certificate", "Record4", "Record6"} & set(stack.resources)


def test_a_domain_whose_zone_is_here_gets_records_and_a_certificate() -> None:
    region = {"AWS::Region": "us-east-1"}
    stack = SiteStack(SiteDomain="cards.example.org", HostedZoneId="Z1", **region)
    assert stack.broken_rules() == []
    certificate = stack.distribution["ViewerCertificate"]
    assert certificate["AcmCertificateArn"] == "<Certificate>"
    for name, kind in (("Record4", "A"), ("Record6", "AAAA")):
        record = stack.resources[name]["Properties"]
        assert (record["Type"], record["Name"]) == (kind, "cards.example.org")
        assert record["AliasTarget"]["DNSName"] == "<Distribution.DomainName>"


@pytest.mark.parametrize(
    ("parameters", "rules"),
    [
        ({}, []),
        ({"SiteDomain": "cards.example.org"}, ["DomainHasACertificate"]),
        # Elsewhere than in us-east-1 a certificate cannot be made for CloudFront.
        ({"SiteDomain": "cards.example.org", "HostedZoneId": "Z1"}, ["DomainHasACertificate"]),
        ({"HostedZoneId": "Z1"}, ["DomainComesFirst"]),
        ({"CertificateArn": CERTIFICATE}, ["DomainComesFirst"]),
    ],
)
def test_half_a_domain_is_refused(parameters: dict[str, str], rules: list[str]) -> None:
    assert SiteStack(**parameters).broken_rules() == rules


def origin_headers(**parameters: str) -> Any:
    return SiteStack(**parameters).origin("/api/decks").get("OriginCustomHeaders")


def test_cloudfront_proves_itself_to_the_api() -> None:
    assert origin_headers() is None
    header = {"HeaderName": "X-Origin-Secret", "HeaderValue": SECRET}
    assert origin_headers(OriginSecret=SECRET) == [header]
    by_name = {**header, "HeaderValue": "{{resolve:ssm:/javumbo/prod/origin-secret}}"}
    assert origin_headers(OriginSecretName="/javumbo/prod/origin-secret") == [by_name]
    assert template()["Parameters"]["OriginSecret"]["NoEcho"] is True


def test_the_bucket_is_private_and_keeps_versions_for_30_days(stack: SiteStack) -> None:
    bucket = stack.resources["FrontendBucket"]["Properties"]
    assert bucket["BucketName"] == "javumbo-frontend-prod-123456789012"
    assert set(bucket["PublicAccessBlockConfiguration"].values()) == {True}
    assert bucket["OwnershipControls"]["Rules"] == [{"ObjectOwnership": "BucketOwnerEnforced"}]
    assert bucket["VersioningConfiguration"] == {"Status": "Enabled"}
    (encryption,) = bucket["BucketEncryption"]["ServerSideEncryptionConfiguration"]
    assert encryption["ServerSideEncryptionByDefault"] == {"SSEAlgorithm": "AES256"}
    rules = bucket["LifecycleConfiguration"]["Rules"]
    assert rules[0]["NoncurrentVersionExpiration"] == {"NoncurrentDays": 30}


def test_only_this_distribution_reads_the_bucket_and_nobody_without_tls(stack: SiteStack) -> None:
    statements = stack.resources["FrontendBucketPolicy"]["Properties"]["PolicyDocument"][
        "Statement"
    ]
    by_effect = {
        effect: [one for one in statements if one["Effect"] == effect]
        for effect in ("Allow", "Deny")
    }
    (deny,) = by_effect["Deny"]
    assert deny["Principal"] == "*"
    assert deny["Action"] == "s3:*"
    assert deny["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}
    assert len(deny["Resource"]) == 2
    source = "arn:aws:cloudfront::123456789012:distribution/<Distribution>"
    assert {one["Action"] for one in by_effect["Allow"]} == {"s3:GetObject", "s3:ListBucket"}
    for one in by_effect["Allow"]:
        assert one["Principal"] == {"Service": "cloudfront.amazonaws.com"}
        assert one["Condition"] == {"StringEquals": {"AWS:SourceArn": source}}


def test_the_bucket_is_read_with_signed_requests_below_what_is_served(stack: SiteStack) -> None:
    origin = stack.origin("/")
    assert origin["OriginAccessControlId"] == "<FrontendAccess.Id>"
    assert origin["OriginPath"] == "/site"
    assert origin["S3OriginConfig"] == {"OriginAccessIdentity": ""}
    access = stack.resources["FrontendAccess"]["Properties"]["OriginAccessControlConfig"]
    assert (access["SigningBehavior"], access["SigningProtocol"]) == ("always", "sigv4")


def test_everything_that_can_be_tagged_is_tagged() -> None:
    stack = SiteStack(
        SiteDomain="cards.example.org", HostedZoneId="Z1", **{"AWS::Region": "us-east-1"}
    )
    tagged = [one for one in stack.resources.values() if one["Type"] in TAGGED]
    assert {one["Type"] for one in tagged} == TAGGED
    for resource in tagged:
        tags = {tag["Key"]: tag["Value"] for tag in resource["Properties"]["Tags"]}
        assert tags == {
            "Project": "javumbo",
            "Environment": "prod",
            "ManagedBy": "cloudformation",
        }


def test_two_stages_share_no_name() -> None:
    names = [
        set(re.findall(r'javumbo-\w[^"]*', json.dumps(SiteStack(Stage=stage).resources)))
        - {MEDIA_ORIGIN.removeprefix("https://")}
        for stage in ("dev", "prod")
    ]
    of_stage = [{name for name in some if "javumbo-media" not in name} for some in names]
    assert of_stage[0]
    assert not of_stage[0] & of_stage[1]


@pytest.mark.parametrize("region", ["us-east-1", "eu-central-1", "sa-east-1"])
def test_the_media_origin_is_where_signed_addresses_lead(
    region: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_DEFAULT_REGION", region)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    bucket = "javumbo-media-prod-123456789012"
    client = Session().client("s3")
    origin = media_origin(bucket, client)
    client.close()
    assert S3Addresses(bucket).address("key", "a.png", 60).startswith(f"{origin}/key?")
    assert re.fullmatch(template()["Parameters"]["MediaOrigin"]["AllowedPattern"], origin)
    assert bucket in origin

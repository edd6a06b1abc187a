import json
from collections.abc import Iterator
from typing import Any

import pytest

from chalicelib import errors
from chalicelib.api.http import cors_headers, error_body
from javumbo.deploy.finishing import ALIAS, digest, with_release
from javumbo.deploy.names import tags
from tests.infra.packed import STAGE, VARIABLES, app_template
from tests.infra.policies import allowed, listed

FUNCTION, ROLE, LOG_GROUP = "AWS::Serverless::Function", "AWS::IAM::Role", "AWS::Logs::LogGroup"
CORS_ORIGIN = {"Fn::Sub": "'${CorsOrigin}'"}
NAMES = {
    "APIHandler": "javumbo-dev",
    "JwtAuth": "javumbo-dev-jwt_auth",
    "Fold": "javumbo-dev-fold",
    "Warm": "javumbo-dev-warm",
    "Sweep": "javumbo-dev-sweep",
    "Upkeep": "javumbo-dev-upkeep",
}


@pytest.fixture(scope="module")
def plain() -> Any:
    return app_template()


@pytest.fixture(scope="module")
def provisioned() -> Any:
    return app_template(provisioned=2)


def of_type(template: Any, kind: str) -> dict[str, Any]:
    return {
        name: resource["Properties"]
        for name, resource in template["Resources"].items()
        if resource["Type"] == kind
    }


def api(template: Any) -> Any:
    return template["Resources"]["RestAPI"]["Properties"]


def statements_of(template: Any, function: str) -> list[dict[str, Any]]:
    """What the role of a function allows."""
    ((role, _),) = [of_type(template, FUNCTION)[function]["Role"]["Fn::GetAtt"]]
    (policy,) = template["Resources"][role]["Properties"]["Policies"]
    statements: list[dict[str, Any]] = policy["PolicyDocument"]["Statement"]
    return statements


def test_every_function_has_the_name_that_its_policy_and_chalice_deploy_know(plain: Any) -> None:
    functions = of_type(plain, FUNCTION)
    assert {name: one["FunctionName"] for name, one in functions.items()} == NAMES


def test_every_function_has_a_role_of_its_own(plain: Any) -> None:
    roles = [one["Role"]["Fn::GetAtt"][0] for one in of_type(plain, FUNCTION).values()]
    assert sorted(roles) == sorted(of_type(plain, ROLE))
    for role in of_type(plain, ROLE).values():
        assert "ManagedPolicyArns" not in role
        (trust,) = role["AssumeRolePolicyDocument"]["Statement"]
        assert trust["Principal"] == {"Service": "lambda.amazonaws.com"}


@pytest.mark.parametrize("function", NAMES)
def test_a_role_names_its_actions_and_the_things_of_its_stage(plain: Any, function: str) -> None:
    for statement in statements_of(plain, function):
        assert statement["Effect"] == "Allow"
        assert not any("*" in action for action in listed(statement["Action"]))
        for resource in listed(statement["Resource"]):
            assert f"-{STAGE}" in resource or f"/{STAGE}/" in resource, resource


@pytest.mark.parametrize("function", NAMES)
def test_a_function_writes_only_its_own_log(plain: Any, function: str) -> None:
    statements = statements_of(plain, function)
    for other, name in NAMES.items():
        stream = f"arn:aws:logs:eu-central-1:123456789012:log-group:/aws/lambda/{name}:log-stream:x"
        assert allowed(statements, "logs:PutLogEvents", stream) == (other == function)


@pytest.mark.parametrize(
    ("function", "may_invoke"),
    [
        ("APIHandler", {"Fold"}),
        ("JwtAuth", set()),
        ("Upkeep", set()),
        ("Warm", {"APIHandler", "JwtAuth"}),
    ],
)
def test_who_may_invoke_whom(plain: Any, function: str, may_invoke: set[str]) -> None:
    found = {
        other
        for other, name in NAMES.items()
        if allowed(
            statements_of(plain, function),
            "lambda:InvokeFunction",
            f"arn:aws:lambda:eu-central-1:123456789012:function:{name}",
        )
    }
    assert found == may_invoke


def test_the_authorizer_only_reads_users_and_the_secret(plain: Any) -> None:
    actions = {
        action
        for statement in statements_of(plain, "JwtAuth")
        for action in listed(statement["Action"])
        if not action.startswith("logs:")
    }
    assert actions == {"dynamodb:GetItem", "ssm:GetParameter"}


def test_no_function_reaches_another_stage(plain: Any) -> None:
    for function in NAMES:
        for bucket in ("user-dbs", "media"):
            arn = f"arn:aws:s3:::javumbo-{bucket}-prod-123456789012/user_dbs/ada.anki2"
            assert not allowed(statements_of(plain, function), "s3:GetObject", arn)


def test_logs_are_kept_for_14_days_and_not_made_by_lambda_itself(plain: Any) -> None:
    groups = of_type(plain, LOG_GROUP)
    assert {group["RetentionInDays"] for group in groups.values()} == {14}
    for function, name in NAMES.items():
        log_group = plain["Resources"][function]["DependsOn"]
        assert groups[log_group]["LogGroupName"] == f"/aws/lambda/{name}"


def test_every_resource_that_can_be_is_tagged(plain: Any) -> None:
    """What the transform makes of them has the stack's own tags, which are the same."""
    wanted = tags(STAGE)
    for name, resource in plain["Resources"].items():
        if resource["Type"] == "AWS::Lambda::Permission":
            continue
        found = resource["Properties"]["Tags"]
        if isinstance(found, list):
            found = {one["Key"]: one["Value"] for one in found}
        assert wanted.items() <= found.items(), name


GATEWAY_ERRORS: dict[str, errors.JavumboError] = {
    "UNAUTHORIZED": errors.UnauthorizedError(),
    "ACCESS_DENIED": errors.UnauthorizedError(),
    "MISSING_AUTHENTICATION_TOKEN": errors.NotFoundError(),
    "INVALID_SIGNATURE": errors.NotFoundError(),
    "RESOURCE_NOT_FOUND": errors.NotFoundError(),
    "REQUEST_TOO_LARGE": errors.TooLargeError(),
    "UNSUPPORTED_MEDIA_TYPE": errors.UnsupportedMediaTypeError(),
    "THROTTLED": errors.TooManyRequestsError(retry_after_s=1),
    "INTEGRATION_TIMEOUT": errors.StorageUnavailableError(),
    "DEFAULT_4XX": errors.BadInputError(),
    "DEFAULT_5XX": errors.JavumboError(),
}


def test_what_the_gateway_answers_itself_has_the_contracts_shape(plain: Any) -> None:
    responses = api(plain)["GatewayResponses"]
    assert set(responses) == set(GATEWAY_ERRORS)
    for kind, error in GATEWAY_ERRORS.items():
        body = json.loads(responses[kind]["ResponseTemplates"]["application/json"])
        assert body == error_body(error, "$context.requestId"), kind
        if kind.startswith("DEFAULT"):
            assert "StatusCode" not in responses[kind]
        else:
            assert responses[kind]["StatusCode"] == error.status, kind


def test_browsers_may_read_what_the_gateway_answers_itself(plain: Any) -> None:
    wanted = {name: f"'{value}'" for name, value in cors_headers("").items()}
    for kind, response in api(plain)["GatewayResponses"].items():
        headers = response["ResponseParameters"]["Headers"]
        assert headers["Access-Control-Allow-Origin"] == CORS_ORIGIN, kind
        found = {name: value for name, value in headers.items() if name in wanted}
        assert found == wanted | {"Access-Control-Allow-Origin": CORS_ORIGIN}, kind
        assert headers["X-Request-Id"] == "context.requestId"
    throttled = api(plain)["GatewayResponses"]["THROTTLED"]["ResponseParameters"]["Headers"]
    assert throttled["Retry-After"] == "'1'"


def test_an_unknown_path_is_404_whatever_the_request_carries(plain: Any) -> None:
    paths = api(plain)["DefinitionBody"]["paths"]
    (method,) = paths["/{proxy+}"].values()
    integration = method["x-amazon-apigateway-integration"]
    assert integration["type"] == "mock"
    templates = integration["requestTemplates"]
    assert {"application/json", "application/octet-stream"} <= set(templates)
    assert all(json.loads(template) == {"statusCode": 404} for template in templates.values())
    assert integration["passthroughBehavior"] == "never"
    answer = integration["responses"]["default"]
    assert answer["statusCode"] == "404"
    body = json.loads(answer["responseTemplates"]["application/json"])
    assert body == error_body(errors.NotFoundError(), "$context.requestId")
    parameters = answer["responseParameters"]
    assert parameters["method.response.header.Access-Control-Allow-Origin"] == CORS_ORIGIN
    assert "security" not in method


def test_a_file_comes_as_bytes_whatever_the_caller_accepts(plain: Any) -> None:
    assert api(plain)["BinaryMediaTypes"] == ["*/*"]
    # What is answered by the gateway itself has to be told that it is text then.
    for path, methods in api(plain)["DefinitionBody"]["paths"].items():
        for method in methods.values():
            integration = method["x-amazon-apigateway-integration"]
            if integration["type"] == "mock":
                assert integration["contentHandling"] == "CONVERT_TO_TEXT", path


def test_a_flood_is_throttled_on_the_only_stage_there_is(plain: Any) -> None:
    # Otherwise the transform makes one more, called Stage, without these settings.
    assert api(plain)["OpenApiVersion"] == "2.0"
    assert api(plain)["StageName"] == "api"
    (settings,) = api(plain)["MethodSettings"]
    assert (settings["ResourcePath"], settings["HttpMethod"]) == ("/*", "*")
    assert settings["ThrottlingRateLimit"] == 100
    assert settings["ThrottlingBurstLimit"] == 200
    # A dollar and more a month for each method, and people's cards in the log.
    assert settings["MetricsEnabled"] is False
    assert settings["DataTraceEnabled"] is False


def test_the_access_log_tells_nothing_of_people(plain: Any) -> None:
    text = api(plain)["AccessLogSetting"]["Format"]
    for secret in ("identity", "authorizer", "$context.path", "requestOverride"):
        assert secret not in text
    ids = ("$context.requestId", "$context.integration.requestId")
    for known in (*ids, "$context.status", "$context.resourcePath"):
        assert known in text
    assert json.loads(text.replace("$context.status", "200"))["status"] == 200


def test_the_functions_are_told_no_secret_in_plain_text(plain: Any) -> None:
    for name, function in of_type(plain, FUNCTION).items():
        variables = function["Environment"]["Variables"]
        assert "SECRET_KEY" not in variables
        assert variables["SECRET_KEY_PARAMETER"] == f"/javumbo/{STAGE}/secret-key"
        assert ("ORIGIN_SECRET" in variables) == (name == "APIHandler")
    assert plain["Parameters"]["OriginSecret"]["NoEcho"] is True


def test_the_api_knows_cloudfront_by_a_secret_or_by_the_name_of_one(plain: Any) -> None:
    variables = of_type(plain, FUNCTION)["APIHandler"]["Environment"]["Variables"]
    by_name = {"Fn::Sub": "{{resolve:ssm:${OriginSecretName}}}"}
    given = ["HasSecretName", by_name, {"Ref": "OriginSecret"}]
    assert variables["ORIGIN_SECRET"] == {"Fn::If": given}
    no_name = {"Fn::Equals": [{"Ref": "OriginSecretName"}, ""]}
    assert plain["Conditions"]["HasSecretName"] == {"Fn::Not": [no_name]}
    # Whoever names it passes no other.
    for name in ("OriginSecret", "OriginSecretName"):
        assert plain["Parameters"][name]["Default"] == ""


def test_an_update_does_not_change_the_name_that_alarms_know_the_api_by(plain: Any) -> None:
    assert api(plain)["Name"] == {"Fn::Sub": "javumbo-${Stage}"}
    assert api(plain)["DefinitionBody"]["info"]["title"] == api(plain)["Name"]


def test_an_answer_is_ready_before_the_gateway_gives_up(plain: Any) -> None:
    functions = of_type(plain, FUNCTION)
    assert functions["APIHandler"]["Timeout"] == 29
    assert functions["JwtAuth"]["Timeout"] <= 29
    for name in ("APIHandler", "Fold", "Sweep", "Upkeep"):
        assert functions[name]["EphemeralStorage"] == {"Size": 2048}


def called(node: Any) -> Iterator[str]:
    """Every address of a function that the gateway calls."""
    if isinstance(node, dict):
        for key, value in node.items():
            if key in {"uri", "authorizerUri"}:
                yield json.dumps(value, sort_keys=True)
            else:
                yield from called(value)


def test_the_gateway_calls_what_is_provisioned(plain: Any, provisioned: Any) -> None:
    before = list(called(api(plain)["DefinitionBody"]))
    after = list(called(api(provisioned)["DefinitionBody"]))
    assert len(after) == len(before) > 50
    assert not any("Alias" in uri for uri in before)
    for uri in after:
        address, variables = json.loads(uri)["Fn::Sub"]
        assert address.endswith("/functions/${Alias}/invocations")
        assert variables["Alias"] in ({"Ref": "APIHandler.Alias"}, {"Ref": "JwtAuth.Alias"})
    assert sum("JwtAuth.Alias" in uri for uri in after) == 1


def test_the_gateway_may_call_what_is_provisioned(provisioned: Any) -> None:
    for name in ("APIHandler", "JwtAuth"):
        permission = provisioned["Resources"][f"{name}InvokePermission"]["Properties"]
        assert permission["FunctionName"] == {"Ref": f"{name}.Alias"}


def test_a_new_setting_reaches_the_provisioned_environments(provisioned: Any) -> None:
    for name, function in of_type(provisioned, FUNCTION).items():
        if name in {"APIHandler", "JwtAuth"}:
            assert function["AutoPublishAlias"] == ALIAS
            assert function["AutoPublishAliasAllProperties"] is True
            assert function["ProvisionedConcurrencyConfig"] == {
                "ProvisionedConcurrentExecutions": 2
            }
        else:
            assert "AutoPublishAlias" not in function


def test_warming_reaches_the_environments_that_requests_reach(plain: Any, provisioned: Any) -> None:
    warmed = {"API_HANDLER_FUNCTION": "APIHandler", "AUTHORIZER_FUNCTION": "JwtAuth"}
    for variable, function in warmed.items():
        variables = of_type(provisioned, FUNCTION)["Warm"]["Environment"]["Variables"]
        assert variables[variable] == f"{NAMES[function]}:{ALIAS}"
        assert variable not in of_type(plain, FUNCTION)["Warm"]["Environment"]["Variables"]
        arn = f"arn:aws:lambda:eu-central-1:123456789012:function:{variables[variable]}"
        assert allowed(statements_of(provisioned, "Warm"), "lambda:InvokeFunction", arn)


def test_tracing_is_an_option(plain: Any) -> None:
    traced = app_template(tracing=True)
    assert api(traced)["TracingEnabled"] is True
    assert "TracingEnabled" not in api(plain)
    for name, function in of_type(traced, FUNCTION).items():
        assert function["Tracing"] == "Active"
        assert allowed(statements_of(traced, name), "xray:PutTraceSegments", "*")
        assert not allowed(statements_of(plain, name), "xray:PutTraceSegments", "*")


def test_stages_lie_side_by_side(plain: Any) -> None:
    other = app_template(stage="prod")
    for kind, named in ((FUNCTION, "FunctionName"), (LOG_GROUP, "LogGroupName")):
        names = {json.dumps(one[named]) for one in of_type(plain, kind).values()}
        others = {json.dumps(one[named]) for one in of_type(other, kind).values()}
        assert {name for name in names & others if "${Stage}" not in name} == set()
    assert api(plain)["Name"] == {"Fn::Sub": "javumbo-${Stage}"}


def test_a_release_is_known_by_what_is_in_it(plain: Any) -> None:
    release = digest(plain, {"Stage": "dev"})
    assert digest(app_template(), {"Stage": "dev"}) == release
    assert digest(plain, {"Stage": "prod"}) != release
    assert digest(app_template(provisioned=1), {"Stage": "dev"}) != release
    assert with_release(plain, release)["Outputs"]["Release"] == {"Value": release}
    assert "Release" not in plain["Outputs"]


def test_other_stacks_learn_what_they_need(plain: Any) -> None:
    wanted = {"RestAPIId", "EndpointURL", "AccessLogName"}
    wanted |= {f"{name}{what}" for name in NAMES for what in ("Name", "Arn", "LogName")}
    assert wanted <= set(plain["Outputs"])


def test_the_functions_know_where_everything_is(plain: Any) -> None:
    for function in of_type(plain, FUNCTION).values():
        assert VARIABLES.items() <= function["Environment"]["Variables"].items()
        assert function["Architectures"] == ["arm64"]

"""The Chalice application: one function for requests, and one for each thing done beside them."""

import os
from collections.abc import Callable, Mapping
from typing import Any

from chalice.app import AuthRequest, AuthResponse, CloudWatchEvent, Rate, Request, Response

from chalicelib.api.http import in_contract_shape, request_id_of
from chalicelib.api.registering import all_routes, cors_config, import_views
from chalicelib.ops import functions
from chalicelib.ops.now_and_then import NowAndThen
from chalicelib.ops.observing import observe
from chalicelib.ops.private_events import PrivateChalice
from chalicelib.ops.runtime import check_interpreter, in_lambda
from chalicelib.settings import load_settings

if in_lambda():
    check_interpreter()
settings = load_settings(os.environ)

app = PrivateChalice("javumbo", at_request=NowAndThen(functions.tidy_up))
observer = observe(app, settings)
app.api.cors = cors_config(settings.cors_origin)

if os.environ.get("AWS_CHALICE_CLI_MODE"):
    from javumbo.chalice_local import check_deploy, improve_chalice_local

    check_deploy()
    improve_chalice_local()


# The ttl is how late a revocation may take effect.
@app.authorizer(ttl_seconds=settings.authorizer_ttl_s)
def jwt_auth(request: AuthRequest) -> AuthResponse:
    """Let the holder of a valid token through, as that user."""
    with observer.job("authorize"):
        return functions.authorized(request)


@app.middleware("http")
def contract_shape(request: Request, get_response: Callable[[Request], Response]) -> Response:
    """Errors that Chalice makes itself get the contract's shape, every answer CORS headers."""
    return in_contract_shape(get_response(request), settings.cors_origin, request_id_of(request))


app.register_blueprint(all_routes(jwt_auth, functions.request_services))


@app.private("warm")
def warm_here(order: Mapping[str, Any]) -> functions.Report:
    """Make this environment of the API handler ready for requests."""
    with observer.job("warm here"):
        import_views()
        return functions.warm_environment(order)


@app.schedule(Rate(5, unit=Rate.MINUTES))
def warm(_: CloudWatchEvent) -> functions.Report:
    """Keep environments of the API handler and the authorizer warm, and imports going."""
    return functions.warm_functions()


@app.schedule(Rate(1, unit=Rate.HOURS))
def sweep(_: CloudWatchEvent) -> functions.Report:
    """Fold what is left to fold, make daily backups, finish the deletion of accounts."""
    from chalicelib.api.account_ending import sweep_endings  # noqa: PLC0415

    return functions.sweep(sweep_endings)


@app.schedule(Rate(1, unit=Rate.DAYS))
def upkeep(_: CloudWatchEvent) -> functions.Report:
    """Thin out backups, remove files that nobody came back for and media that nobody names."""
    return functions.upkeep()


@app.lambda_function()
def fold(event: dict[str, Any], context: Any) -> functions.Report:
    """Do a fold, or a step of an import, that a request made due."""
    return functions.do_asked(event, context)

"""What the functions of app.py do, each with the services that it needs.

Imported with app.py in every function, and so by every cold start: what takes time is imported
where it is used.
"""

import os
from collections.abc import Callable, Mapping
from functools import cache
from typing import TYPE_CHECKING, Any

from chalice.app import AuthRequest, AuthResponse

from chalicelib.errors import UnauthorizedError
from chalicelib.ops.runtime import function_name, in_lambda
from chalicelib.ops.warming_authorizer import WARMING_ARN, warm_authorizer

if TYPE_CHECKING:
    from chalicelib.account_services import AccountServices
    from chalicelib.ops.invoking import Event, Invoker
    from chalicelib.services import Services

Report = dict[str, Any]


def account_services() -> "AccountServices":
    """Those of the authorizer, for which it needs no more.

    Raises ConfigurationError, as all of these, where a setting, the secret or AWS's library cannot
    be used.
    """
    from chalicelib.account_services import default_account_services  # noqa: PLC0415

    return default_account_services()


def authorized(request: AuthRequest) -> AuthResponse:
    """Lets the holder of a valid token through, as that user; an empty policy refuses.

    Every route is named: API Gateway keeps the policy for the token, and one for the path asked
    for would refuse the next one.
    """
    from chalicelib.accounts.authenticate import authenticate  # noqa: PLC0415

    services = account_services()
    if request.method_arn == WARMING_ARN:
        return AuthResponse(
            routes=[], principal_id="nobody", context=dict(warm_authorizer(services))
        )
    try:
        user, claims = authenticate(
            request.token, services.tokens, services.users, services.now_ms()
        )
    except UnauthorizedError:
        return AuthResponse(routes=[], principal_id="nobody")
    context = {
        "generation": user.generation,
        "jti": claims.jti,
        "expires_ms": str(claims.expires_at_ms),
    }
    return AuthResponse(routes=["*"], principal_id=user.username, context=context)


@cache
def request_services() -> "Services":
    """Those of a request: on AWS another function does what becomes due."""
    services = background_services()
    if in_lambda():
        from chalicelib.ops.background import hand_over  # noqa: PLC0415

        hand_over(services.storage, services.imports, _invoker(), function_name("fold"))
    return services


def background_services() -> "Services":
    """Those of work that nobody waits for: what becomes due is done at once."""
    from chalicelib.services import default_services  # noqa: PLC0415

    return default_services()


def tidy_up() -> None:
    """Make room in the /tmp of a function; one machine's server does that by itself."""
    if in_lambda():
        from chalicelib.ops.tidying import tidy_up as tidied  # noqa: PLC0415

        tidied(request_services())


def warm_environment(order: Mapping[str, Any]) -> Report:
    """In the API handler: make this environment ready."""
    from chalicelib.ops.warming import warm_environment as warmed  # noqa: PLC0415

    return warmed(order, request_services())


def warm_functions() -> Report:
    """Have the API handler and the authorizer make theirs ready."""
    from chalicelib.ops.warming import warm_functions as warmed  # noqa: PLC0415

    return warmed(
        _invoker(),
        api_handler=function_name("api_handler"),
        authorizer=function_name("jwt_auth"),
    )


def sweep(sweep_endings: "Callable[[Services], object]") -> Report:
    """The hourly chores, that of ended accounts among them."""
    from chalicelib.ops.chores import do_chores, hourly_chores  # noqa: PLC0415

    return do_chores(hourly_chores(background_services(), sweep_endings))


def upkeep() -> Report:
    """The daily chores."""
    from chalicelib.ops.chores import daily_chores, do_chores  # noqa: PLC0415

    return do_chores(daily_chores(background_services()))


def do_asked(event: "Event", context: Any) -> Report:
    """A fold or a step of an import; the next step is asked of this function itself."""
    from chalicelib.ops.background import do_asked as done  # noqa: PLC0415

    def send(following: "Event") -> None:
        _invoker().send(os.environ["AWS_LAMBDA_FUNCTION_NAME"], following)

    return done(event, background_services(), context.get_remaining_time_in_millis(), send)


@cache
def _invoker() -> "Invoker":
    from chalicelib.ops.invoking import LambdaInvoker  # noqa: PLC0415

    return LambdaInvoker()

"""The Chalice application: routes from `chalicelib.api`, the authorizer, CORS and error shapes."""

import os
from collections.abc import Callable

from chalice.app import AuthRequest, AuthResponse, Chalice, CORSConfig, Request, Response

from chalicelib.accounts.authenticate import authenticate
from chalicelib.api.http import (
    ALLOWED_HEADERS,
    EXPOSED_HEADERS,
    PREFLIGHT_MAX_AGE_S,
    in_contract_shape,
    request_id_of,
)
from chalicelib.api.resources import RESOURCES
from chalicelib.errors import UnauthorizedError
from chalicelib.services import default_services
from chalicelib.settings import load_settings

settings = load_settings(os.environ)

app = Chalice(app_name="javumbo")
app.api.cors = CORSConfig(
    allow_origin=settings.cors_origin,
    allow_headers=list(ALLOWED_HEADERS),
    expose_headers=list(EXPOSED_HEADERS),
    max_age=PREFLIGHT_MAX_AGE_S,
)

if os.environ.get("AWS_CHALICE_CLI_MODE"):
    from javumbo.chalice_local import improve_chalice_local

    improve_chalice_local()


# Every route is named: API Gateway caches the policy per token, so a policy for the one path
# asked for would refuse the next one. The ttl is how late a revocation may take effect.
@app.authorizer(ttl_seconds=settings.authorizer_ttl_s)
def jwt_auth(request: AuthRequest) -> AuthResponse:
    """Let the holder of a valid token through, as that user; an empty policy refuses."""
    services = default_services()
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


@app.middleware("http")
def contract_shape(request: Request, get_response: Callable[[Request], Response]) -> Response:
    """Errors that Chalice makes itself get the contract's shape, every answer CORS headers."""
    return in_contract_shape(get_response(request), settings.cors_origin, request_id_of(request))


for name, routes in RESOURCES.items():
    app.register_blueprint(routes.blueprint(name, jwt_auth, default_services))

"""`javumbo smoke` tries out a deployed service, as its people use it."""

import argparse
import json
import secrets
from collections.abc import Iterable, Sequence
from dataclasses import asdict

from chalicelib.errors import ConfigurationError
from javumbo.deploy.account import Account, aws_refusals
from javumbo.deploy.errors import DeploymentError
from javumbo.deploy.names import checked_stage, stack_name
from javumbo.deploy.smoke_person import Person
from javumbo.deploy.smoke_rights import Rights
from javumbo.deploy.smoke_run import Check, Outcome, Service, run_checks
from javumbo.deploy.smoke_service import PublicFace
from javumbo.deploy.smoke_site import Site
from javumbo.deploy.stacks import Stacks

_MARKS = {"ok": "ok", "failed": "FAILED", "skipped": "-"}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.epilog = (
        "Registers somebody, does with them all that people do, and deletes the account again.\n"
        "Exit code 1 if anything is not as it should be, 2 if it could not be tried."
    )
    where = parser.add_argument_group("what to try (one of these, or both)")
    where.add_argument("--stage", help="a deployed stage: its address, and its functions' rights")
    where.add_argument("--url", help="an address, such as http://127.0.0.1:8000")
    parser.add_argument("--region", help="the stage's region (default: that of the environment)")
    parser.add_argument("--endpoint-url", metavar="URL", help="of an emulator of AWS")
    parser.add_argument("--host", default="", help="the host to ask the address for")
    parser.add_argument(
        "--api-only", action="store_true", help="there is no web client at the address"
    )
    parser.add_argument(
        "--leave-out", metavar="CHECK", action="append", default=[], help="a check not to do"
    )
    parser.add_argument("--json", action="store_true", help="print the outcomes as JSON")


def run(arguments: argparse.Namespace) -> int:
    """Raises ConfigurationError when there is nothing to try."""
    account = _account(arguments)
    url, has_site = _address(arguments, account)
    with Service(url, host=arguments.host) as service:
        checks = [*PublicFace(service).checks(), *_person(service).checks()]
        if has_site:
            checks += Site(service).checks()
        if account:
            checks += Rights(account, arguments.stage).checks()
        outcomes = _done(checks, arguments)
    return 1 if any(outcome.state == "failed" for outcome in outcomes) else 0


def _done(checks: Sequence[Check], arguments: argparse.Namespace) -> list[Outcome]:
    unknown = set(arguments.leave_out) - {check.name for check in checks}
    if unknown:
        raise ConfigurationError(f"There is no check {', '.join(sorted(unknown))}.")
    width = max(len(check.name) for check in checks)
    outcomes = []
    for outcome in run_checks(checks, arguments.leave_out):
        outcomes.append(outcome)
        if not arguments.json:
            print(_line(outcome, width), flush=True)
    print(_as_json(outcomes) if arguments.json else _summary(outcomes))
    return outcomes


def _line(outcome: Outcome, width: int) -> str:
    took = f"{outcome.took_ms} ms" if outcome.state != "skipped" else ""
    text = f"{_MARKS[outcome.state]:<7} {outcome.name:<{width}} {took:>9}  {outcome.detail}"
    return text.rstrip()


def _summary(outcomes: Iterable[Outcome]) -> str:
    states = [outcome.state for outcome in outcomes]
    counts = (f"{states.count(state)} {state}" for state in ("ok", "failed", "skipped"))
    return ", ".join(counts)


def _as_json(outcomes: Iterable[Outcome]) -> str:
    return json.dumps([asdict(outcome) for outcome in outcomes], ensure_ascii=False, indent=2)


def _person(service: Service) -> Person:
    """Somebody whose name nobody has."""
    return Person(service, f"smoke-{secrets.token_hex(8)}", secrets.token_urlsafe(24))


def _account(arguments: argparse.Namespace) -> Account | None:
    if not arguments.stage:
        return None
    checked_stage(arguments.stage)
    return Account(arguments.region, arguments.endpoint_url)


def _address(arguments: argparse.Namespace, account: Account | None) -> tuple[str, bool]:
    """Where to ask, and whether the web client is there too."""
    if arguments.url:
        return arguments.url, not arguments.api_only
    if account is None:
        raise ConfigurationError("Say what to try: --stage, --url, or both.")
    try:
        with aws_refusals():
            stacks = Stacks(account.client("cloudformation"), print)
            return stage_address(stacks, arguments.stage, api_only=arguments.api_only)
    except DeploymentError as error:
        raise ConfigurationError(f"AWS cannot be asked for the stage: {error}") from None


def stage_address(stacks: Stacks, stage: str, *, api_only: bool) -> tuple[str, bool]:
    """Where a stage is, by the outputs of its stacks, and whether its web client is there too.

    Raises ConfigurationError when it is not deployed.
    """
    site = stacks.outputs(stack_name(stage, "site")).get("SiteURL")
    api = stacks.outputs(stack_name(stage, "app")).get("EndpointURL")
    if site and not api_only:
        return site, True
    if api:
        return api, False
    raise ConfigurationError(f"The stage {stage} is not deployed here.")

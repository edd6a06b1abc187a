"""`javumbo deploy`."""

import argparse
import json
import shutil
import sys
from pathlib import Path

from chalicelib.errors import ConfigurationError
from javumbo.deploy.account import Account, aws_refusals
from javumbo.deploy.deployment import Deployment, Options, Outputs, Tools
from javumbo.deploy.errors import DeploymentError
from javumbo.deploy.names import checked_stage
from javumbo.deploy.packaging import ROOT
from javumbo.deploy.quick_path import note_buckets
from javumbo.deploy.stacks import Stacks

EXIT_FAILED = 1
_EMULATOR_PAUSE_S = 0.2
_PROVISIONED = 2
# Options that are parameters of the stacks: each stays until another value is given.
_PARAMETERS = {
    "alarm_email": ("AlarmEmail", "who is told of alarms; AWS asks this address first"),
    "budget_email": ("BudgetEmail", "who is told when the month's budget is nearly spent"),
    "budget": ("MonthlyBudget", "what a month may cost, in dollars"),
    "domain": ("SiteDomain", "a domain name of your own"),
    "hosted_zone": ("HostedZoneId", "the Route 53 zone of that domain"),
    "certificate": ("CertificateArn", "its certificate in us-east-1"),
}


def add_account_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--stage", required=True, help="dev, staging or prod")
    parser.add_argument("--region", help="default: that of the AWS configuration")
    parser.add_argument("--endpoint-url", metavar="URL", help="of an emulator of AWS")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_account_arguments(parser)
    what = parser.add_mutually_exclusive_group()
    what.add_argument("--data-only", action="store_true", help="only buckets, tables and secrets")
    what.add_argument(
        "--rollback", action="store_true", help="bring the code back to the release before"
    )
    parser.add_argument(
        "--dry-run", action="store_true", help="show what would change, and change nothing"
    )
    parser.add_argument("--no-site", action="store_true", help="leave out the web client")
    parser.add_argument("--no-watch", action="store_true", help="leave out dashboard and alarms")
    parser.add_argument(
        "--provisioned",
        type=int,
        nargs="?",
        const=_PROVISIONED,
        default=0,
        metavar="N",
        help="keep N environments ready at all times (2 without a number); costs even when idle",
    )
    parser.add_argument("--tracing", action="store_true", help="trace requests with X-Ray")
    parser.add_argument(
        "--python", default=sys.executable, help="runs Chalice; 3.12 to 3.14 (default: this one)"
    )
    parser.add_argument(
        "--outputs",
        type=Path,
        metavar="FILE",
        help="where the outputs are kept as JSON (default: build/outputs-STAGE.json)",
    )
    parser.add_argument("--architecture", choices=["arm64", "x86_64"], help=argparse.SUPPRESS)
    for option, (_, purpose) in _PARAMETERS.items():
        parser.add_argument(f"--{option.replace('_', '-')}", default=None, help=purpose)


def run(arguments: argparse.Namespace) -> int:
    stage = checked_stage(arguments.stage)
    if arguments.provisioned < 0:
        raise ConfigurationError("--provisioned is 0 or more.")
    if not (ROOT / "infra").is_dir():
        raise ConfigurationError("A deployment is made from a checkout, and this is none.")
    account = Account(arguments.region, arguments.endpoint_url)
    deployment = Deployment(account, stacks_of(account), _options(stage, arguments), Tools(say))
    try:
        with aws_refusals():
            say(f"stage {stage}, account {account.account_id}, region {account.region}")
            _deploy(deployment, arguments)
    except DeploymentError as error:
        print(f"javumbo: {error}", file=sys.stderr)
        return EXIT_FAILED
    return 0


def stacks_of(account: Account) -> Stacks:
    client = account.client("cloudformation")
    if account.endpoint_url:
        return Stacks(client, say, pause_s=_EMULATOR_PAUSE_S)
    return Stacks(client, say)


def say(line: str) -> None:
    print(line, flush=True)


def _options(stage: str, arguments: argparse.Namespace) -> Options:
    given = {name: getattr(arguments, option) for option, (name, _) in _PARAMETERS.items()}
    return Options(
        stage=stage,
        # Chalice runs in another folder.
        python=str(Path(shutil.which(arguments.python) or arguments.python).absolute()),
        dry_run=arguments.dry_run,
        site=not arguments.no_site,
        watch=not arguments.no_watch,
        provisioned=arguments.provisioned,
        tracing=arguments.tracing,
        architecture=arguments.architecture,
        parameters={name: value for name, value in given.items() if value is not None},
    )


def _deploy(deployment: Deployment, arguments: argparse.Namespace) -> None:
    if arguments.rollback:
        say(f"the app is at release {deployment.roll_back()}")
        return
    outputs = deployment.data() if arguments.data_only else deployment.everything()
    if arguments.dry_run:
        return
    if arguments.data_only:
        note_buckets(arguments.stage, outputs)
    _tell(arguments.outputs or ROOT / "build" / f"outputs-{arguments.stage}.json", outputs)


def _tell(path: Path, outputs: Outputs) -> None:
    """Print the outputs, and keep them for other programs."""
    for name, value in sorted(outputs.items()):
        say(f"{name}: {value}")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(outputs, indent=2, sort_keys=True) + "\n")
    say(f"These are in {path} too.")

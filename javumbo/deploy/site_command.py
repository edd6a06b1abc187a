"""`javumbo site` sends the web client to a stage that is there, and touches nothing else of it."""

import argparse
import sys
import time

from chalicelib.errors import ConfigurationError
from javumbo.deploy.account import Account, aws_refusals
from javumbo.deploy.errors import DeploymentError
from javumbo.deploy.names import checked_stage, stack_name
from javumbo.deploy.site import CloudFront, SiteBucket, deploy_site
from javumbo.deploy.site_plan import SitePlan
from javumbo.deploy.stacks import Stacks

EXIT_FAILED = 1


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--stage", required=True, help="dev, staging or prod")
    parser.add_argument("--region", help="default: that of the AWS configuration")
    parser.add_argument("--endpoint-url", metavar="URL", help="of an emulator of AWS")
    parser.add_argument(
        "--dry-run", action="store_true", help="show what would be sent, and send nothing"
    )


def run(arguments: argparse.Namespace) -> int:
    """Raises ConfigurationError when there is no such stage, or the client cannot be built."""
    stage = checked_stage(arguments.stage)
    account = Account(arguments.region, arguments.endpoint_url)
    try:
        with aws_refusals():
            plan = _sent(account, stage, dry_run=arguments.dry_run)
    except DeploymentError as error:
        print(f"javumbo: {error}", file=sys.stderr)
        return EXIT_FAILED
    for line in lines_of(plan):
        print(line)
    return 0


def lines_of(plan: SitePlan) -> list[str]:
    """What was done, or would be, a line each."""
    lines = [f"send {name}" for name in plan.send] + [f"remove {name}" for name in plan.remove]
    return lines or ["nothing to change"]


def _sent(account: Account, stage: str, *, dry_run: bool) -> SitePlan:
    stacks = Stacks(account.client("cloudformation"), print)
    outputs = stacks.outputs(stack_name(stage, "site"))
    if not outputs:
        raise ConfigurationError(f"The stage {stage} has no site stack: javumbo deploy makes it.")
    now_s = int(time.time())
    return deploy_site(
        SiteBucket(account.client("s3"), outputs["FrontendBucket"]),
        CloudFront(account.client("cloudfront"), outputs["DistributionId"], now_s),
        now_s,
        dry_run=dry_run,
    )

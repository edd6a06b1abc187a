"""`javumbo destroy`."""

import argparse
import sys

from javumbo.deploy.account import Account, aws_refusals
from javumbo.deploy.command import EXIT_FAILED, add_account_arguments, say, stacks_of
from javumbo.deploy.destroying import Demolition
from javumbo.deploy.errors import DeploymentError
from javumbo.deploy.names import checked_stage, stack_name


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_account_arguments(parser)
    parser.add_argument(
        "--delete-data",
        metavar="NAME",
        help="delete what people have too, for good; NAME is the name of the stage's data stack",
    )


def run(arguments: argparse.Namespace) -> int:
    stage = checked_stage(arguments.stage)
    account = Account(arguments.region, arguments.endpoint_url)
    demolition = Demolition(account, stacks_of(account), stage, say)
    demolition.check_name(arguments.delete_data)
    try:
        with aws_refusals():
            demolition.destroy()
            if arguments.delete_data:
                demolition.delete_data()
    except DeploymentError as error:
        print(f"javumbo: {error}", file=sys.stderr)
        return EXIT_FAILED
    if not arguments.delete_data:
        data = stack_name(stage, "data")
        say(f"What people have is still there ({data}); --delete-data {data} deletes it for good.")
    return 0

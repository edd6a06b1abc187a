"""An AWS account to deploy to, without AWS."""

import itertools
from dataclasses import replace
from pathlib import Path
from typing import Any

from javumbo.deploy.account import Account
from javumbo.deploy.deployment import Deployment, Options, Outputs, Tools
from javumbo.deploy.destroying import Demolition
from javumbo.deploy.packaging import Package, Packing
from javumbo.deploy.stacks import Stacks
from tests.emulators.moto_server import REGION
from tests.infra.cloudformation import FakeCloudFormation, refusal
from tests.infra.contents import AccountContents

STAGE = "dev"
PYTHON = "python3.12"


class EmulatedAccount(Account):
    """`others` answers for the services that it has a client of."""

    def __init__(self, endpoint_url: str) -> None:
        super().__init__(REGION, endpoint_url)
        self.others: dict[str, Any] = {}

    def client(self, service: str, region: str | None = None) -> Any:
        return self.others.get(service) or super().client(service, region)


class Limits:
    """Lambda's answer to how many functions the account may run at once, and has left."""

    def __init__(self, at_once: int, reserved: int = 0) -> None:
        self._limit = {
            "ConcurrentExecutions": at_once,
            "UnreservedConcurrentExecutions": at_once - reserved,
        }

    def get_account_settings(self) -> dict[str, Any]:
        return {"AccountLimit": self._limit}


class NoLimits(Limits):
    """For somebody who may not ask."""

    def get_account_settings(self) -> dict[str, Any]:
        raise refusal("AccessDeniedException", "You may not ask for the account's settings.")


class Invalidations:
    """What CloudFront was asked to forget."""

    def __init__(self) -> None:
        self.paths: list[list[str]] = []

    def create_invalidation(self, **request: Any) -> None:
        self.paths.append(request["InvalidationBatch"]["Paths"]["Items"])


class World:
    """An account and what somebody does with it.

    `code` is what is deployed; `packed` are the orders to pack it, `lines` what the person saw.
    """

    def __init__(self, account: EmulatedAccount) -> None:
        self.cloudformation = FakeCloudFormation(AccountContents(account))
        self.invalidations = Invalidations()
        self.account = account
        account.others = {
            "cloudformation": self.cloudformation,
            "cloudfront": self.invalidations,
            "lambda": Limits(1000),
        }
        self.cloudformation.outputs = {
            "RestAPIId": "abc123",
            "DistributionId": "E1",
            "SiteURL": "https://d1.cloudfront.net",
        }
        self.code = "one"
        self.packed: list[Packing] = []
        self.lines: list[str] = []
        self._times = itertools.count(1_700_000_000_000, 1000)
        self._site: Path | None = None

    @property
    def stacks(self) -> Stacks:
        return Stacks(self.cloudformation, self.lines.append, lambda _: None)

    def deployment(self, **options: Any) -> Deployment:
        wanted = replace(Options(STAGE, PYTHON, site=self._site is not None), **options)
        tools = Tools(
            self.lines.append, self._pack, lambda: self._site or Path(), lambda: next(self._times)
        )
        return Deployment(self.account, self.stacks, wanted, tools)

    def deploy(self, **options: Any) -> Outputs:
        return self.deployment(**options).everything()

    def with_site(self, folder: Path) -> None:
        (folder / "index.html").write_text("hello")
        self._site = folder

    def demolition(self) -> Demolition:
        return Demolition(self.account, self.stacks, STAGE, self.lines.append)

    def buckets(self) -> set[str]:
        return {one["Name"] for one in self.account.client("s3").list_buckets()["Buckets"]}

    def objects(self, bucket: str) -> dict[str, bytes]:
        s3 = self.account.client("s3")
        keys = [one["Key"] for one in s3.list_objects_v2(Bucket=bucket).get("Contents", ())]
        return {key: s3.get_object(Bucket=bucket, Key=key)["Body"].read() for key in keys}

    def variables(self) -> dict[str, str]:
        """The settings that the functions were deployed with last."""
        return dict(self.packed[-1].variables)

    def clear(self) -> None:
        demolition = self.demolition()
        demolition.destroy()
        demolition.delete_data()
        s3 = self.account.client("s3")
        for bucket in self.buckets():
            s3.delete_bucket(Bucket=bucket)

    def _pack(self, packing: Packing, work_dir: Path) -> Package:
        """A small app, whose template tells its code and its settings."""
        self.packed.append(packing)
        code = work_dir / "deployment.zip"
        code.write_text(self.code)
        function = {
            "Type": "AWS::Serverless::Function",
            "Properties": {
                "Handler": "app.app",
                "Environment": {"Variables": dict(packing.variables)},
            },
        }
        parameters = {name: {"Type": "String"} for name in ("Stage", "CorsOrigin", "OriginSecret")}
        template = {
            "Parameters": parameters,
            "Resources": {"APIHandler": function},
            "Outputs": {"RestAPIId": {"Value": "RestAPI"}},
        }
        return Package(code, f"digest-{self.code}", template)

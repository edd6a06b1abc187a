"""The stacks of a stage, one after the other."""

import json
import tempfile
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from javumbo.deploy import names
from javumbo.deploy.account import Account
from javumbo.deploy.adoption import adoptable
from javumbo.deploy.artefacts import Artefacts, Release
from javumbo.deploy.concurrency import check_concurrency
from javumbo.deploy.errors import DeploymentError
from javumbo.deploy.finishing import Finish, digest, finished, with_release
from javumbo.deploy.packaging import Package, Packing, check_python, check_stage, package
from javumbo.deploy.secret_parameters import put_secrets, read_secret
from javumbo.deploy.site import CloudFront, SiteBucket, deploy_site
from javumbo.deploy.site_build import build_client
from javumbo.deploy.site_stack import media_origin
from javumbo.deploy.stacks import Stacks, Template
from javumbo.deploy.templates import declared_parameters, template_text

# Until the web client has an address of its own.
LOCAL_SITE = "http://localhost:5173"
ORIGIN_SECRET = "OriginSecret"  # noqa: S105

Outputs = dict[str, str]


@dataclass(frozen=True, slots=True)
class Options:
    """What a person may decide; `parameters` are those of the stacks, by name, such as AlarmEmail.

    `variables` are settings of the functions that are other than in `.chalice/config.json`.
    """

    stage: str
    python: str
    dry_run: bool = False
    site: bool = True
    watch: bool = True
    provisioned: int = 0
    tracing: bool = False
    architecture: str | None = None
    parameters: Mapping[str, str] = field(default_factory=dict)
    variables: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Tools:
    """What a deployment works with beside AWS. `say` tells the person who deploys a line."""

    say: Callable[[str], None]
    pack: Callable[[Packing, Path], Package] = package
    build: Callable[[], Path] = build_client
    now_ms: Callable[[], int] = lambda: time.time_ns() // 1_000_000


class Deployment:
    """Brings a stage to what this checkout says. Doing it again changes nothing.

    All methods raise DeploymentError, ConfigurationError, or botocore's errors.
    """

    def __init__(self, account: Account, stacks: Stacks, options: Options, tools: Tools) -> None:
        self._account = account
        self._stacks = stacks
        self._options = options
        self._tools = tools
        self._stage = options.stage
        self._tags = names.tags(options.stage)

    def everything(self) -> Outputs:
        """All stacks; their outputs."""
        check_stage(self._stage)
        check_python(self._options.python)
        lambda_client = self._account.client("lambda")
        check_concurrency(lambda_client, self._options.provisioned, self._tools.say)
        origin = self._origin()
        outputs = self.data(origin)
        if not outputs:
            self._tools.say("app, site, watch: to be planned when there are buckets and tables")
            return {}
        outputs |= self._app(origin)
        if self._options.site and "RestAPIId" in outputs:
            outputs |= self._site(outputs)
            address = outputs.get("SiteURL", origin)
            if address != origin and not self._options.dry_run:
                # Now that the client has an address, its calls from there are let through.
                outputs |= self.data(address)
                outputs |= self._app(address)
        if self._options.watch and "RestAPIId" in outputs:
            outputs |= self._template_stack("watch", outputs)
        return outputs

    def data(self, origin: str | None = None) -> Outputs:
        """The buckets, the tables, the topic of alarms, and the secrets."""
        put_secrets(
            self._account.client("ssm"), self._stage, self._tools.say, dry_run=self._options.dry_run
        )
        values = {
            **self._options.parameters,
            "Stage": self._stage,
            "SiteOrigin": origin or self._origin(),
        }
        # What a stack that is gone has left behind is this one's again.
        known = {"Stage": self._stage, "AWS::AccountId": self._account.account_id}
        text = adoptable(template_text("data"), known)
        return self._deployed("data", Template(body=text), text, values, adopt=True)

    def roll_back(self) -> str:
        """Bring the app stack back to the release before; which one it is now."""
        artefacts = self._artefacts()
        name = names.stack_name(self._stage, "app")
        current = self._stacks.outputs(name).get("Release", "")
        earlier = artefacts.before(current) if current else None
        if earlier is None:
            raise DeploymentError(f"{name} has no earlier release.")
        self._deploy_release(artefacts, earlier)
        if not self._options.dry_run:
            artefacts.forget_after(earlier.release)
        return earlier.release

    def _app(self, origin: str) -> Outputs:
        artefacts = self._artefacts()
        with tempfile.TemporaryDirectory() as directory:
            packed = self._tools.pack(self._packing(origin), Path(directory))
            key = artefacts.store_code(packed.code, packed.code_digest)
        options = self._options
        finish = Finish(
            self._stage, artefacts.bucket, key, options.provisioned, tracing=options.tracing
        )
        template = finished(packed.template, finish)
        parameters = {"Stage": self._stage, "CorsOrigin": origin}
        name = digest(template, parameters)
        text = json.dumps(with_release(template, name), separators=(",", ":"))
        release = Release(name, artefacts.store_template(text), parameters)
        outputs = self._deploy_release(artefacts, release)
        if not options.dry_run:
            artefacts.remember(release, self._tools.now_ms())
        return outputs

    def _deploy_release(self, artefacts: Artefacts, release: Release) -> Outputs:
        secret = {ORIGIN_SECRET: self._origin_secret()}
        return self._brought(
            "app", artefacts.template(release.template), {**release.parameters, **secret}
        )

    def _site(self, outputs: Outputs) -> Outputs:
        s3 = self._account.client("s3")
        values = outputs | {
            "RestApiId": outputs["RestAPIId"],
            "MediaOrigin": media_origin(outputs["MediaBucket"], s3),
            ORIGIN_SECRET: self._origin_secret(),
        }
        site = self._template_stack("site", values)
        if not site:
            return {}
        now_s = self._tools.now_ms() // 1000
        plan = deploy_site(
            SiteBucket(s3, site["FrontendBucket"]),
            CloudFront(self._account.client("cloudfront"), site["DistributionId"], now_s),
            now_s,
            dry_run=self._options.dry_run,
            build=self._tools.build,
        )
        self._tools.say(f"web client: {len(plan.send)} files to send, {len(plan.remove)} to remove")
        return site

    def _template_stack(self, part: names.Part, values: Mapping[str, str]) -> Outputs:
        """A stack that is a template of ours as it is; `values` are for what it asks."""
        text = template_text(part)
        artefacts = self._artefacts()
        template = artefacts.template(artefacts.store_template(text))
        known = {**values, **self._options.parameters, "Stage": self._stage}
        return self._deployed(part, template, text, known)

    def _deployed(
        self,
        part: names.Part,
        template: Template,
        text: str,
        values: Mapping[str, str],
        *,
        adopt: bool = False,
    ) -> Outputs:
        """What the template asks for and nobody says now stays as it was said before."""
        asked = declared_parameters(text)
        parameters = {name: values[name] for name in sorted(asked & values.keys())}
        return self._brought(part, template, parameters, asked - parameters.keys(), adopt=adopt)

    def _brought(
        self,
        part: names.Part,
        template: Template,
        parameters: Mapping[str, str],
        keep: Iterable[str] = (),
        *,
        adopt: bool = False,
    ) -> Outputs:
        name = names.stack_name(self._stage, part)
        self._tools.say(f"{name}:")
        self._stacks.deploy(
            name,
            template,
            parameters,
            self._tags,
            keep=keep,
            dry_run=self._options.dry_run,
            adopt=adopt,
        )
        return self._stacks.outputs(name)

    def _origin(self) -> str:
        """Where the web client is, or was when it was last deployed."""
        domain = self._options.parameters.get("SiteDomain")
        if domain:
            return f"https://{domain}"
        data = self._stacks.outputs(names.stack_name(self._stage, "data"))
        return data.get("SiteOrigin", LOCAL_SITE)

    def _packing(self, origin: str) -> Packing:
        stage, account_id = self._stage, self._account.account_id
        users, commits = names.tables(stage)
        variables = {
            "STAGE": stage,
            "CORS_ORIGIN": origin,
            "S3_BUCKET": names.collection_bucket(stage, account_id),
            "S3_MEDIA_BUCKET": names.media_bucket(stage, account_id),
            "DYNAMODB_USERS_TABLE": users,
            "DYNAMODB_COMMITS_TABLE": commits,
            "SECRET_KEY_PARAMETER": names.secret_parameters(stage)[0],
        }
        options = self._options
        return Packing(
            stage,
            self._account.region,
            {**variables, **options.variables},
            architecture=options.architecture,
            python=options.python,
        )

    def _origin_secret(self) -> str:
        """What CloudFront proves itself with."""
        return read_secret(self._account.client("ssm"), names.secret_parameters(self._stage)[1])

    def _artefacts(self) -> Artefacts:
        bucket = names.artefact_bucket(self._stage, self._account.account_id)
        account = self._account
        return Artefacts(account.client("s3"), bucket, account.region, account.endpoint_url)

"""What plain `chalice deploy` needs, which cannot ask for the account it deploys to."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

from chalicelib.errors import ConfigurationError
from javumbo.deploy.packaging import NEWEST, OLDEST, ROOT

BUCKETS = {"S3_BUCKET": "CollectionBucket", "S3_MEDIA_BUCKET": "MediaBucket"}


def note_buckets(stage: str, outputs: Mapping[str, str], root: Path = ROOT) -> None:
    """Write the names of the account's buckets where `chalice deploy --stage` finds them."""
    path = root / ".chalice" / "config.json"
    config = json.loads(path.read_text())
    if stage not in config["stages"]:
        return
    variables = config["stages"][stage].setdefault("environment_variables", {})
    variables.update({name: outputs[output] for name, output in BUCKETS.items()})
    path.write_text(json.dumps(config, indent=2) + "\n")


def check_chalice_deploy(
    arguments: Sequence[str], environ: Mapping[str, str], python: tuple[int, ...]
) -> None:
    """Refuse `chalice deploy` that would make a stage that cannot work.

    `arguments` are those of the `chalice` command, `environ` has the stage's variables. Raises
    ConfigurationError with what is missing.
    """
    if "deploy" not in arguments:
        return
    if not OLDEST <= python <= NEWEST:
        raise ConfigurationError("JAVUMBO is deployed with Python 3.12 to 3.14.")
    missing = [name for name in BUCKETS if not environ.get(name)]
    if missing:
        raise ConfigurationError(
            f"{' and '.join(missing)} are not in .chalice/config.json: run javumbo deploy "
            "--data-only for this stage first, which makes the buckets and notes their names there."
        )

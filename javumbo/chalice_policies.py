"""What each function may do on AWS, and nothing more; a test watches them do all of it."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

Statement = dict[str, Any]

# The folders of the collections' bucket, and what may be done with their objects.
_READ, _EARLIER, _WRITE, _REMOVE = "GetObject", "GetObjectVersion", "PutObject", "DeleteObject"
_Folders = dict[tuple[str, ...], tuple[str, ...]]

# What every commit and fold may need: a foreign file that has come in the place of ours is made
# one commit more, and what it was to replace is kept as a conflict copy.
_ENGINE: _Folders = {
    ("user_dbs", "media_dbs"): (_READ, _EARLIER, _WRITE),
    ("segments", "media_segments"): (_READ, _WRITE, _REMOVE),
    ("conflicts", "media_conflicts"): (_READ, _WRITE),
}
# The end of an account.
_ENDING: _Folders = {
    ("user_dbs", "media_dbs", "segments", "media_segments", "conflicts", "media_conflicts"): (
        _REMOVE,
    ),
    ("backups", "jobs", "jobs_open"): (_REMOVE,),
}
_COMMITS = ("GetItem", "PutItem", "Query")


def policy(function: str, stage: str) -> dict[str, Any]:
    """The policy of the function of app.py, or `api_handler`, in a stage."""
    statements = [_logs(function, stage), *POLICIES[function](stage)]
    return {"Version": "2012-10-17", "Statement": statements}


def _api_handler(stage: str) -> list[Statement]:
    return [
        _secret(stage),
        _users(stage, "DeleteItem", "GetItem", "PutItem", "UpdateItem"),
        _commits(stage, "BatchWriteItem", "DeleteItem", *_COMMITS),
        *_collections(
            stage,
            _ENGINE,
            _ENDING,
            {("backups", "jobs"): (_READ, _WRITE), ("jobs_open",): (_WRITE,)},
        ),
        *_media(
            stage,
            {
                ("media", "downloads"): (_READ, _WRITE, _REMOVE),
                ("uploads",): (_READ, _WRITE, _REMOVE),
            },
        ),
        _functions(stage, "fold"),
    ]


def _jwt_auth(stage: str) -> list[Statement]:
    return [_secret(stage), _users(stage, "GetItem")]


def _warm(stage: str) -> list[Statement]:
    return [_functions(stage, "api_handler", "jwt_auth")]


def _sweep(stage: str) -> list[Statement]:
    return [
        _secret(stage),
        _users(stage, "DeleteItem", "GetItem", "UpdateItem"),
        _commits(stage, "BatchWriteItem", "DeleteItem", *_COMMITS),
        *_collections(
            stage,
            _ENGINE,
            _ENDING,
            {("backups",): (_READ, _WRITE), ("backups_due",): (_WRITE, _REMOVE)},
        ),
        *_media(stage, {("media", "uploads", "downloads"): (_REMOVE,)}),
    ]


def _upkeep(stage: str) -> list[Statement]:
    """The base files are only counted; what changes is the lists of media."""
    media_lists: _Folders = {
        ("user_dbs",): (_READ,),
        ("media_dbs",): (_READ, _EARLIER, _WRITE),
        ("media_segments",): (_READ, _WRITE, _REMOVE),
        ("media_conflicts",): (_READ, _WRITE),
        ("backups", "jobs", "jobs_open"): (_REMOVE,),
    }
    return [
        _secret(stage),
        _users(stage, "GetItem"),
        _commits(stage, *_COMMITS),
        *_collections(stage, media_lists),
        *_media(stage, {("media", "uploads", "downloads"): (_REMOVE,)}),
    ]


def _fold(stage: str) -> list[Statement]:
    imports: _Folders = {("backups", "jobs"): (_READ, _WRITE), ("jobs_open",): (_REMOVE,)}
    return [
        _secret(stage),
        _users(stage, "GetItem"),
        _commits(stage, *_COMMITS),
        *_collections(stage, _ENGINE, imports),
        *_media(stage, {("media",): (_READ, _WRITE, _REMOVE), ("uploads",): (_READ, _REMOVE)}),
        _functions(stage, "fold"),
    ]


POLICIES: Mapping[str, Callable[[str], list[Statement]]] = MappingProxyType(
    {
        "api_handler": _api_handler,
        "jwt_auth": _jwt_auth,
        "warm": _warm,
        "sweep": _sweep,
        "upkeep": _upkeep,
        "fold": _fold,
    }
)


def _logs(function: str, stage: str) -> Statement:
    """Making its group is for `chalice deploy` only: `javumbo deploy` takes that right away."""
    group = f"arn:aws:logs:*:*:log-group:/aws/lambda/{_function_name(function, stage)}"
    actions = ("logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents")
    return _allow(actions, group, f"{group}:*")


def _secret(stage: str) -> Statement:
    return _allow(("ssm:GetParameter",), f"arn:aws:ssm:*:*:parameter/javumbo/{stage}/secret-key")


def _users(stage: str, *operations: str) -> Statement:
    return _table(f"javumbo-users-{stage}", operations)


def _commits(stage: str, *operations: str) -> Statement:
    return _table(f"javumbo-commits-{stage}", operations)


def _table(name: str, operations: tuple[str, ...]) -> Statement:
    actions = tuple(f"dynamodb:{operation}" for operation in operations)
    return _allow(actions, f"arn:aws:dynamodb:*:*:table/{name}")


def _collections(stage: str, *rights: _Folders) -> list[Statement]:
    return _bucket(
        f"javumbo-user-dbs-{stage}-*", rights, ("s3:ListBucket", "s3:ListBucketVersions")
    )


def _media(stage: str, rights: _Folders) -> list[Statement]:
    return _bucket(f"javumbo-media-{stage}-*", (rights,), ("s3:ListBucket",))


def _bucket(name: str, rights: tuple[_Folders, ...], listing: tuple[str, ...]) -> list[Statement]:
    """A statement for each operation; without listing S3 would not tell what is missing."""
    arn = f"arn:aws:s3:::{name}"
    folders: dict[str, set[str]] = {}
    for right in rights:
        for names, operations in right.items():
            for operation in operations:
                folders.setdefault(operation, set()).update(names)
    objects = (
        _allow((f"s3:{operation}",), *(f"{arn}/{folder}/*" for folder in sorted(names)))
        for operation, names in sorted(folders.items())
    )
    return [*objects, _allow(listing, arn)]


def _functions(stage: str, *functions: str) -> Statement:
    arns = (f"arn:aws:lambda:*:*:function:{_function_name(name, stage)}" for name in functions)
    return _allow(("lambda:InvokeFunction",), *arns)


def _function_name(function: str, stage: str) -> str:
    """As `chalice deploy` calls them, and `javumbo deploy` too."""
    return f"javumbo-{stage}" if function == "api_handler" else f"javumbo-{stage}-{function}"


def _allow(actions: tuple[str, ...], *resources: str) -> Statement:
    resource = resources[0] if len(resources) == 1 else list(resources)
    return {"Effect": "Allow", "Action": list(actions), "Resource": resource}

"""`python -m benchmarks.operations`: what each operation of the API costs on AWS's own terms.

The service runs in this process as Lambda runs it: API Gateway's events into the authorizer and the
handler, the AWS adapters with boto3 behind them. The stores are an emulator in another process, so
the processor time here is the service's and the SDK's. Every request to AWS is counted where
botocore sends it, with DynamoDB's units. Writes benchmarks/results/operations.json.
"""

import os
import secrets
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from benchmarks.figures import Bar, Machine
from benchmarks.markdown import verdicts
from benchmarks.operations_figures import OperationsResults, named
from benchmarks.operations_people import BCRYPT_ROUNDS, measured_people
from benchmarks.publishing import write_results
from benchmarks.storage import ROOT
from tests.emulators.moto_server import (
    REGION,
    aws_environment,
    dynamodb_client,
    s3_client,
    serialised_moto,
)
from tests.emulators.tables import create_commits_table, create_users_table

RESULTS = ROOT / "benchmarks" / "results" / "operations.json"

BUCKET, MEDIA_BUCKET = "javumbo-user-dbs-bench-1", "javumbo-media-bench-1"
PARAMETER = "/javumbo/bench/secret-key"
USERS, COMMITS = "javumbo-users-bench", "javumbo-commits-bench"

# One append of the log; the authorizer has its own two reads, and is cached.
_MOST_REQUESTS_AN_ANSWER = 1.0


def run() -> OperationsResults:
    """Measure all of it; about a minute."""
    with emulated_stage() as environment:
        os.environ.update(environment)
        measured = measured_people(BUCKET)
    answer = named(measured.operations, "answer")
    requests = sum(answer.requests.values())
    return OperationsResults(
        machine=Machine.this(),
        collection_bytes=measured.collection_bytes,
        backup_bytes=measured.backup_bytes,
        media_bytes=measured.media_bytes,
        bcrypt_rounds=BCRYPT_ROUNDS,
        operations=measured.operations,
        bars=[
            Bar(
                "1 MB",
                "an answer is one request to the stores",
                requests,
                requests <= _MOST_REQUESTS_AN_ANSWER,
            )
        ],
    )


@contextmanager
def emulated_stage() -> Iterator[dict[str, str]]:
    """A stage's buckets and tables in an emulator; the environment of its functions."""
    with serialised_moto() as endpoint:
        for bucket in (BUCKET, MEDIA_BUCKET):
            s3_client(endpoint).create_bucket(Bucket=bucket)
        create_users_table(dynamodb_client(endpoint), USERS)
        create_commits_table(dynamodb_client(endpoint), COMMITS)
        _put_secret(endpoint)
        yield aws_environment(endpoint) | {
            "JAVUMBO_BACKEND": "aws",
            "S3_BUCKET": BUCKET,
            "S3_MEDIA_BUCKET": MEDIA_BUCKET,
            "DYNAMODB_USERS_TABLE": USERS,
            "DYNAMODB_COMMITS_TABLE": COMMITS,
            "SECRET_KEY_PARAMETER": PARAMETER,
            "BCRYPT_ROUNDS": str(BCRYPT_ROUNDS),
        }


def _put_secret(endpoint: str) -> None:
    from boto3 import Session  # noqa: PLC0415

    session = Session("testing", "testing", region_name=REGION)
    client = session.client("ssm", endpoint_url=endpoint)
    client.put_parameter(Name=PARAMETER, Value=secrets.token_hex(32), Type="SecureString")


def main(arguments: Sequence[str]) -> int:
    results = run()
    if "--quick" not in arguments:
        write_results(results, RESULTS)
    for one in results.operations:
        requests = ", ".join(f"{count:g} {name}" for name, count in one.requests.items())
        sys.stdout.write(
            f"{one.name:12} {one.cpu_ms.p50:8.2f} ms CPU  {one.write_units:6.2f} write"
            f" {one.read_units:6.2f} read units  {one.bytes_out:9.0f} bytes out  {requests}\n"
        )
    sys.stdout.write(f"{verdicts(results.bars)}\n")
    return 0 if all(bar.kept for bar in results.bars) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

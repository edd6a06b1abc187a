"""What is switched on in a stage, and what is assumed of people beside their requests."""

from dataclasses import dataclass

HOURS = 730
DAYS = HOURS / 24
MEGABYTE = 1024**2
GIGABYTE = 1024**3

# From here on a function has a whole core; below, its share of one.
# Source: AWS Lambda Developer Guide, "Configure Lambda function memory".
FULL_CORE_MB = 1769


@dataclass(frozen=True, slots=True)
class Plan:
    """A stage of the service. Durations in milliseconds or as named.

    `warmed` environments of the handler and of the authorizer are held for `hold_ms` every
    `warm_every_minutes`; 0 switches warming off. Sweeps are hourly, the rest of upkeep daily.
    An alarm is paid for each metric that it looks at. Source: infra/watch.yaml, which a test
    compares with this.
    """

    region: str = "us-east-1"
    memory_mb: int = FULL_CORE_MB
    warmed: int = 3
    warm_every_minutes: int = 5
    hold_ms: float = 300
    helper_memory_mb: int = 256
    alarm_metrics: int = 13
    dashboards: int = 1
    metrics: int = 7
    alarm_mails: int = 10
    xray: bool = False
    provisioned: int = 0
    log_days: int = 14
    version_days: int = 30


@dataclass(frozen=True, slots=True)
class Habits:
    """Of one person and month: what the requests do not tell. Sizes in bytes.

    The web client is fetched anew after each of `releases`, and its service worker looks for one
    each time it is opened. Daily backups are kept for 30 days, weekly ones for half a year.
    """

    collections_bytes: float
    media_stored_bytes: float = 10 * MEGABYTE
    releases: int = 2
    site_bytes: float = 0.6 * MEGABYTE
    site_files: int = 30
    files_at_opening: int = 2
    backups: int = 13 + 22


# What one request leaves in the logs: the line of the service with its metrics, Lambda's own three
# lines and the gateway's access log; less for what no gateway sees.
LOG_BYTES_OF_A_REQUEST = 2_000
LOG_BYTES_OF_AN_INVOCATION = 700
# DynamoDB's full ring of a person: 128 commits of an answer's size, and the user's own item.
RING_SLOTS = 128
USER_ITEM_BYTES = 700


def core_share(memory_mb: int) -> float:
    """How much of a core a function of so much memory has for one thread."""
    return min(1.0, memory_mb / FULL_CORE_MB)

"""A thousand wrong passwords at once, and how long a login takes for a name that nobody has.

python -m tests.api.fuzz_logins

Ends with 1 where more passwords were looked at than the threshold allows, where the right person
or another one does not get in, or where the times of a known and of an unknown name differ by 10%.
"""

import math
import statistics
import sys
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import httpx

from chalicelib.accounts.dynamodb_throttle import DynamoDBThrottle
from tests.api.account_world import World, outcome
from tests.emulators.moto_server import dynamodb_client, serialised_moto
from tests.emulators.tables import create_users_table
from tests.support import local_http
from tests.support.server import PASSWORD, serving

AT_ONCE = 1000
THREADS = 64
LOGINS = 50
MOST_DIFFERENT = 0.10
WRONG = "a wrong password"


def flood_of_the_views(world: World, place: str) -> bool:
    """All at the same moment of a clock that stands still: exactly ten get to the hash."""
    world.register("ana")
    world.register("bob")
    with ThreadPoolExecutor(THREADS) as pool:
        many = pool.map(lambda _: outcome(world.log_in("ana", WRONG)), range(AT_ONCE))
        other = outcome(world.log_in("bob"))
        answers = Counter(many)
    looked_at = len(world.hasher.costs) - 1
    waiting = outcome(world.log_in())
    world.now_ms += 1000
    after = outcome(world.log_in())
    print(f"{place}: {dict(answers)}, {looked_at} looked at, bob {other}, ana {waiting}, {after}")
    return (looked_at, other, waiting, after) == (10, "ok", "too_many_requests", "ok")


def flood_of_a_server(url: str) -> bool:
    """With real time and a real cost: who is right waits as long as told, then gets in."""
    for username in ("ana", "bob"):
        account = {"username": username, "name": "A Person", "password": PASSWORD}
        local_http.post(f"{url}/register", json=account).raise_for_status()
    limits = httpx.Limits(max_connections=THREADS)
    with local_http.Client(base_url=url, timeout=300, limits=limits) as client:

        def log_in(username: str, password: str) -> httpx.Response:
            body = {"username": username, "password": password}
            return client.post("/login", json=body)

        began = time.monotonic()
        with ThreadPoolExecutor(THREADS) as pool:
            many = pool.map(lambda _: log_in("ana", WRONG).status_code, range(AT_ONCE))
            other_began = time.monotonic()
            other = log_in("bob", PASSWORD).status_code
            other_s = time.monotonic() - other_began
            answers = Counter(many)
        flood_s = time.monotonic() - began
        waited_s = 0
        while (right := log_in("ana", PASSWORD)).status_code == 429:
            waited_s += int(right.headers["retry-after"])
            time.sleep(int(right.headers["retry-after"]))
    print(
        f"server: {dict(answers)} in {flood_s:.1f} s; bob {other} in the middle of it after"
        f" {other_s:.2f} s; ana {right.status_code} after {waited_s} s of waiting"
    )
    # After the ten each second, two, four ... lets one more through.
    allowed = 10 + math.ceil(flood_s).bit_length()
    return answers[401] <= allowed and other == right.status_code == 200


def times_of_logins(world: World) -> bool:
    """Known and unknown by turns, so that whatever else the machine does hits both."""
    world.register("ana")
    took: dict[str, list[float]] = {"ana": [], "nobody": []}
    for _ in range(LOGINS):
        for username, times in took.items():
            began = time.perf_counter()
            world.log_in(username, WRONG)
            times.append(time.perf_counter() - began)
    known, unknown = (statistics.median(times) for times in took.values())
    difference = abs(known - unknown) / known
    print(
        f"medians of {LOGINS}: known {known * 1000:.1f} ms, unknown {unknown * 1000:.1f} ms,"
        f" {difference:.1%} apart"
    )
    return difference < MOST_DIFFERENT


@contextmanager
def on_dynamodb(folder: Path) -> Iterator[World]:
    with serialised_moto() as endpoint:
        client = dynamodb_client(endpoint)
        create_users_table(client, "users")
        world = World(folder)
        throttle = DynamoDBThrottle("users", lambda: client)
        world.services = replace(world.services, throttle=throttle)
        yield world


def main() -> int:
    with TemporaryDirectory() as name:
        folder = Path(name)
        fine = [flood_of_the_views(World(folder / "views"), "SQLite")]
        with on_dynamodb(folder / "dynamodb") as world:
            fine.append(flood_of_the_views(world, "DynamoDB"))
        patient = {"LOGIN_FREE_TRIES": "1000000", "ADDRESS_MAX_FAILURES": "1000000"}
        fine.append(times_of_logins(World(folder / "times", rounds=10, **patient)))
        with serving(folder / "served", BCRYPT_ROUNDS="10") as url:
            fine.append(flood_of_a_server(url))
    return 0 if all(fine) else 1


if __name__ == "__main__":
    sys.exit(main())

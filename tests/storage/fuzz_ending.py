"""The end of a fuzzed world: everything arrives, and what is left is judged."""

import gc

from tests.storage.fuzz_containers import World
from tests.storage.judge import Judge, normal, opened, replayed, spilled_keys
from tests.storage.ledger import demand, look_closely


def finish(world: World) -> None:
    """Let everything arrive, and judge what is left of the history.

    Raises ViolationError.
    """
    world.quiet()
    world.calm()
    while world.again:
        world.drivers[0].submit(world.again.pop())
    for judge in world.judges.values():
        _check_replay(world, judge)
        _check_containers(world, judge)
        judge.check_outcomes()
    world.containers[0].sweep()
    for judge in world.judges.values():
        _check_fold(world, judge)
        _check_spills(world, judge)
        _check_nothing_missing(world, judge)
    _check_caches(world)


def _check_replay(world: World, judge: Judge) -> None:
    """The base and the ring make the state, as somebody else reads them."""
    stored = world.base.objects[judge.owner.base_key]
    if "seq" in stored.metadata:
        entries = world.log.entries(judge.owner.ring)
        image = replayed(stored.data, int(stored.metadata["seq"]), entries, judge.fetch)
        demand(image == judge.image, "base and ring are not the state")


def _check_containers(world: World, judge: Judge) -> None:
    """They are at the same state, once somebody has seen the base file.

    Those who are at hand need not look at it, so they would not see yet that it is a foreign one.
    """
    world.open().read(judge.owner, look_closely)
    images = {storage.image(judge.owner) for storage in world.containers}
    demand({normal(image) for image in images} == {judge.image}, "a container has another state")
    demand(len(images) == 1, "containers differ")


def _check_fold(world: World, judge: Judge) -> None:
    stored = world.base.objects[judge.owner.base_key]
    demand(judge.base_seq == judge.head, "not all was folded")
    demand(normal(stored.data) == judge.image, "the folded file is not the state")


def _check_spills(world: World, judge: Judge) -> None:
    """What lies there is named by a commit, or of use for the base file's earlier version."""
    kept = {key for entry in world.log.entries(judge.owner.ring) for key in spilled_keys(entry)}
    for key in world.base.keys(judge.owner.spill_prefix):
        seq = int(key.rsplit("/", 1)[1].split("-")[0])
        demand(key in kept or seq > judge.earlier_base_seq, f"{key} is left")


def _check_nothing_missing(world: World, judge: Judge) -> None:
    """Each acknowledged change is in the state, or in a file that was kept of one.

    An import replaces everything, on purpose.
    """
    if any(commit.kind == "replace" for commit in judge.commits):
        return
    kept = world.base.keys(judge.owner.conflict_prefix)
    world.counts["conflict copies"] += len(kept)
    files = [world.base.objects[key].data for key in kept if key.endswith(".anki2")]
    present: set[str] = set()
    for data in [judge.image, *files]:
        with opened(normal(data)) as conn:
            present |= set(look_closely(conn).names or ())
    demand(not judge.missing(present), f"{judge.missing(present)} is lost")


def _check_caches(world: World) -> None:
    """A replica a collection is all that containers leave on the disk, even those that crashed."""
    gc.collect()
    files = list(world.directory.glob("cache/*/*"))
    demand({path.suffix for path in files} <= {".anki2"}, f"{files} are left")
    most = (len(world.containers) + 1) * len(world.judges)
    demand(len(files) <= most, f"{len(files)} replicas are left of {most}")

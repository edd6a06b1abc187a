from hypothesis import given
from hypothesis import strategies as st

from javumbo.deploy.site_plan import KEEP_S, Release, SitePlan, plan_site

NAMES = st.sampled_from(
    [
        "assets/a.js",
        "assets/b.js",
        "assets/c.css",
        "card.html",
        "index.html",
        "sw.js",
        "icons/1.png",
    ]
)
FILES = st.dictionaries(NAMES, st.sampled_from(["one", "two"]))
# How long after the one before each upload comes.
PAUSES = st.integers(0, 2 * KEEP_S)
UPLOADS = st.lists(st.tuples(FILES, PAUSES), min_size=1, max_size=8)


class World:
    """A bucket, what browsers see of it through CloudFront, and what each build was."""

    def __init__(self) -> None:
        self.stored: dict[str, str] = {}
        self.seen: dict[str, str] = {}
        self.release = Release()
        self.last_in_a_build_s: dict[str, int] = {}
        self.now_s = 0

    def upload(self, files: dict[str, str], pause_s: int) -> SitePlan:
        self.now_s += pause_s
        plan = plan_site(files, self.stored, self.release, self.now_s)
        for name in plan.send:
            self.stored[name] = files[name]
        for name in plan.remove:
            del self.stored[name]
        # What was there before is kept by CloudFront until it is told to forget it.
        for path in plan.invalidate:
            self.seen.pop(path.lstrip("/"), None)
        self.seen = {**self.stored, **self.seen}
        self.last_in_a_build_s |= dict.fromkeys(self.release.headers, self.now_s)
        self.release = plan.release
        return plan


@given(UPLOADS)
def test_after_an_upload_the_build_is_there_and_everybody_sees_it(
    uploads: list[tuple[dict[str, str], int]],
) -> None:
    world = World()
    for files, pause_s in uploads:
        # The content under a name with a hash is always the same.
        build = {name: "x" if name.startswith("assets/") else text for name, text in files.items()}
        world.upload(build, pause_s)
        assert {name: world.stored[name] for name in build} == build
        assert {name: world.seen[name] for name in build} == build


@given(UPLOADS)
def test_again_it_does_nothing(uploads: list[tuple[dict[str, str], int]]) -> None:
    world = World()
    for files, pause_s in uploads:
        world.upload(files, pause_s)
        again = world.upload(files, 0)
        assert (again.send, again.remove, again.invalidate) == ((), (), ())


@given(UPLOADS)
def test_what_open_pages_may_still_load_stays_for_a_while_and_nothing_else_does(
    uploads: list[tuple[dict[str, str], int]],
) -> None:
    world = World()
    for files, pause_s in uploads:
        before = set(world.stored)
        world.upload(files, pause_s)
        for name in before - files.keys():
            gone_for_s = world.now_s - world.last_in_a_build_s[name]
            is_asset = name.startswith("assets/")
            assert (name in world.stored) == (is_asset and gone_for_s < KEEP_S)


@given(FILES, FILES, PAUSES)
def test_what_names_other_files_is_sent_after_them(
    old: dict[str, str], new: dict[str, str], pause_s: int
) -> None:
    world = World()
    world.upload(old, 0)
    order = list(world.upload(new, pause_s).send)
    for last in ("sw.js", "index.html"):
        if last in order:
            assert order.pop() == last


@given(FILES, FILES)
def test_only_what_can_change_is_invalidated(old: dict[str, str], new: dict[str, str]) -> None:
    world = World()
    world.upload(old, 0)
    plan = world.upload(new, KEEP_S)
    assert not any(path.startswith("/assets/") for path in plan.invalidate)
    assert len(plan.invalidate) <= len(plan.send) + len(plan.remove)


def test_a_file_whose_headers_are_others_now_is_sent_again() -> None:
    files = {"index.html": "one"}
    old = Release({"index.html": "public, max-age=600 | text/html"})
    plan = plan_site(files, files, old, 0)
    assert plan.send == ("index.html",)
    assert plan.invalidate == ("/index.html",)


def test_a_file_that_comes_back_is_not_removed_when_its_time_would_be_over() -> None:
    world = World()
    for files in ({"assets/a.js": "x"}, {}, {"assets/a.js": "x"}):
        world.upload(files, 0)
    world.upload({"assets/a.js": "x"}, 2 * KEEP_S)
    assert world.stored == {"assets/a.js": "x"}
    world.upload({}, 1)
    assert world.stored == {"assets/a.js": "x"}

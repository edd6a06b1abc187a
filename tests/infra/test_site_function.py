"""The function that CloudFront runs, run by Node."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.infra.site_template import ROOT, template

SOURCE = (ROOT / "infra" / "site_function.js").read_text()
RUN = "console.log(JSON.stringify(JSON.parse(process.argv[1]).map((event) => handler(event))));"


def answers(*paths: str) -> list[str]:
    """Which file is fetched for each of the paths."""
    search = os.pathsep.join([os.environ["PATH"], str(Path(sys.executable).parent)])
    node = shutil.which("node", path=search)
    assert node, "this test runs JavaScript: Node is what also builds the web client"
    events = [{"request": {"uri": path, "method": "GET", "querystring": {}}} for path in paths]
    done = subprocess.run(
        [node, "-e", SOURCE + RUN, json.dumps(events)], capture_output=True, text=True, check=True
    )
    requests = json.loads(done.stdout)
    assert all(request["method"] == "GET" for request in requests)
    return [request["uri"] for request in requests]


def test_pages_are_the_one_page() -> None:
    pages = ("/", "/login", "/media", "/decks/1/study", "/decks/", "/a.b/c", "/notetypes/17")
    assert answers(*pages) == ["/index.html"] * len(pages)


def test_files_stay_what_they_are_also_those_that_are_not_there() -> None:
    files = ("/index.html", "/assets/index-BKQYPk-i.js", "/sw.js", "/nothing.png", "/.env")
    assert answers(*files) == list(files)


def test_the_template_has_this_very_function() -> None:
    function = template()["Resources"]["PagesFunction"]["Properties"]
    assert function["FunctionCode"] == SOURCE
    assert function["FunctionConfig"]["Runtime"] == "cloudfront-js-2.0"
    assert function["AutoPublish"] is True


@pytest.mark.parametrize("word", ["import ", "require(", "async", "eval("])
def test_it_uses_nothing_that_cloudfront_lacks(word: str) -> None:
    assert word not in SOURCE

"""A cold start pays for no package that its request does not use."""

import subprocess
import sys
from pathlib import Path

SCRIPT = """
import sys
from pathlib import Path
import chalicelib.accounts
for module in Path(chalicelib.accounts.__file__).parent.glob("*.py"):
    __import__(f"chalicelib.accounts.{module.stem}")
assert "chalicelib.accounts.dynamodb" in sys.modules
print(sorted({"boto3", "botocore", "jwt", "chalice"} & set(sys.modules)))
"""


def test_accounts_import_neither_boto3_nor_jwt_before_they_are_used() -> None:
    root = Path(__file__).parents[2]
    command = [sys.executable, "-c", SCRIPT]
    loaded = subprocess.run(command, cwd=root, capture_output=True, text=True, check=True)
    assert loaded.stdout.strip() == "[]"

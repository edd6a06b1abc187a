"""What schemathesis makes of the OpenAPI document is answered as the document says."""

from pathlib import Path

from tests.e2e.schemathesis_run import examples_of, run


def test_no_request_gets_an_answer_that_the_document_does_not_have(tmp_path: Path) -> None:
    report = run(
        tmp_path / "data",
        per_operation=14,
        scenarios=20,
        seed=1,
        phases="examples,fuzzing,stateful",
    )
    operations = report["operations"]
    assert operations["tested"] == operations["total"]
    assert examples_of(report) >= 1000

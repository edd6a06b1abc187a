"""One environment of a function, from the start: `python -S cold_start_child.py ORDER`.

ORDER is JSON: `paths` for sys.path, the `function` of app.py, the `event`, and whether to `count`
requests, which takes time of its own. Prints JSON: milliseconds of processor time since the
interpreter was ready, and the requests. Nothing is imported here that Lambda's runtime has not.
"""

import json
import sys
import time


class Context:
    aws_request_id = "00000000-0000-4000-8000-000000000000"
    function_name = "benchmark"
    memory_limit_in_mb = "1769"


def main(order):  # type: ignore[no-untyped-def]
    sys.path[:0] = order["paths"]
    requests = []
    if order["count"]:
        import botocore  # noqa: PLC0415

        def listen(session):  # type: ignore[no-untyped-def]
            session.register(
                "after-call",
                lambda model, **_: requests.append(
                    f"{model.service_model.service_name} {model.name}"
                ),
            )

        botocore.register_initializer(listen)
    began = time.process_time()
    import app  # noqa: PLC0415

    imported = time.process_time()
    answer = getattr(app, order["function"])(order["event"], Context())
    answered = time.process_time()
    if answer.get("statusCode", 200) != 200:  # noqa: PLR2004
        raise SystemExit(str(answer))
    sys.stdout.write(
        json.dumps(
            {
                "import_ms": (imported - began) * 1000,
                "first_ms": (answered - imported) * 1000,
                "requests": requests,
            }
        )
    )


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))  # type: ignore[no-untyped-call]

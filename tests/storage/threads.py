from collections.abc import Callable
from threading import Thread


def run_together(work: list[Callable[[], object]]) -> None:
    """Do each in a thread of its own; back when all are done."""
    threads = [Thread(target=task) for task in work]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

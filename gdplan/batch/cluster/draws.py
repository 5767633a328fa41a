"""Draws of scenarios made on a Dask cluster, one region of one scenario at a time: the same bytes
as on this machine, since every number has its own stream."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from gdplan.batch.cluster import worker as cluster_worker
from gdplan.batch.cluster.link import PATIENCE, Link, Work
from gdplan.batch.pool import Lost
from gdplan.outlook.draws import CHUNK, Summary, Task
from gdplan.problems import ProblemError

ATTEMPTS = 3
Drawn = dict[str, Summary]


@contextlib.contextmanager
def connected(
    address: str, *, attempts: int = ATTEMPTS, patience: float = PATIENCE
) -> Iterator[Callable[..., list[Drawn]]]:
    """A function like :func:`gdplan.outlook.draws.simulate` that draws on a cluster.

    Parameters
    ----------
    address : str
        The scheduler.
    attempts : int
        How often a block is given out, when workers die under it.
    patience : float
        Seconds that the scheduler or all workers may be away.

    Raises
    ------
    ProblemError
        Before anything is drawn: nobody answers, or workers whose program, packages or
        floating-point functions are not those of this machine.
    Lost
        From the function, when the scheduler or all workers are gone.
    """
    link = Link(address, patience=patience)
    try:
        link.compare(arithmetic=True)

        def simulate(tasks: Sequence[Task], **choices: Any) -> list[Drawn]:
            return _drawn(Work(link, attempts), tasks, choices)

        yield simulate
    finally:
        link.close()


def _drawn(work: Work, tasks: Sequence[Task], choices: dict[str, Any]) -> list[Drawn]:
    """What every task gave, in their order."""
    if choices["draws"] <= 0 or choices["draws"] % CHUNK:
        raise ValueError(f"draws must be a positive multiple of {CHUNK}")
    choices = {k: v for k, v in choices.items() if k != "workers"}
    waiting = {f"{n} {task.region}": task for n, task in enumerate(tasks)}
    done = dict.fromkeys(waiting, Drawn())
    while waiting or len(work):
        # Every worker is kept busy, without the whole country in flight.
        for name in list(waiting)[: max(0, 4 * work.link.threads - len(work))]:
            work.give(name, cluster_worker.block, waiting.pop(name), cluster_worker.LOADED,
                      **choices)  # fmt: skip
        name, found = work.next()
        if isinstance(found, ProblemError):
            raise Lost(found.problems[0].line())
        if isinstance(found, BaseException):
            raise found
        done[name] = found
    return list(done.values())

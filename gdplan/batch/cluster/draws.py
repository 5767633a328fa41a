"""Draws of scenarios made on a Dask cluster, one region of one scenario at a time: the same bytes
as on this machine, since every number has its own stream."""

from __future__ import annotations

import contextlib
import queue
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from gdplan.batch.cluster import worker as cluster_worker
from gdplan.batch.cluster.link import PATIENCE, TICK, Link, answer
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
            return _Blocks(link, attempts, tasks, choices).drawn()

        yield simulate
    finally:
        link.close()


@dataclass(slots=True)
class _Blocks:
    """Regions under way."""

    link: Link
    attempts: int
    tasks: Sequence[Task]
    choices: dict[str, Any]
    heard: queue.Queue[tuple[int, Any]] = field(default_factory=queue.Queue)
    under: dict[int, tuple[Any, int]] = field(default_factory=dict)
    waiting: list[tuple[int, int]] = field(default_factory=list)
    done: dict[int, Drawn] = field(default_factory=dict)

    def drawn(self) -> list[Drawn]:
        """What every task gave, in their order."""
        if self.choices["draws"] <= 0 or self.choices["draws"] % CHUNK:
            raise ValueError(f"draws must be a positive multiple of {CHUNK}")
        self.choices = {k: v for k, v in self.choices.items() if k != "workers"}
        self.waiting = [(n, 1) for n in reversed(range(len(self.tasks)))]
        while len(self.done) < len(self.tasks):
            self._give()
            self.link.look()
            with contextlib.suppress(queue.Empty):
                self._hear(*self.heard.get(timeout=TICK))
        return [self.done[n] for n in range(len(self.tasks))]

    def _give(self) -> None:
        """Keep every worker busy, without holding the whole country in flight."""
        while (
            self.waiting
            and self.link.client.status == "running"
            and len(self.under) < 4 * self.link.threads
        ):
            n, times = self.waiting.pop()
            if times > self.attempts:
                raise Lost(
                    f"推算 {self.tasks[n].region} 时工作进程中断了{self.attempts}次：可能内存不足"
                )
            future = self.link.client.submit(
                cluster_worker.block,
                self.tasks[n],
                cluster_worker.LOADED,
                pure=False,
                **self.choices,
            )
            self.under[n] = (future, times)
            future.add_done_callback(lambda done, n=n: self.heard.put((n, done)))

    def _hear(self, n: int, future: Any) -> None:
        mine, times = self.under.get(n, (None, 0))
        if mine is not future:
            return
        del self.under[n]
        found = answer(future, self.link.patience)
        if found is None:
            self.waiting.append((n, times + 1))
        elif isinstance(found, ProblemError):
            raise Lost(found.problems[0].line())
        elif isinstance(found, BaseException):
            raise found
        else:
            self.done[n] = found

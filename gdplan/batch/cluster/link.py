"""The way to a cluster: connected, compared, watched. Needs the extra ``cluster``."""

from __future__ import annotations

import contextlib
import logging
import queue
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from gdplan.batch.cluster import worker as cluster_worker
from gdplan.batch.pool import Lost
from gdplan.problems import Problem, ProblemError

PATIENCE = 30.0
"""Seconds that a scheduler or a first worker may be away."""
TICK = 0.5
CARRIED = ("KilledWorker", "CancelledError", "FutureCancelledError")
"""What is raised of a task that nobody finished."""
NOISY = ("distributed", "tornado", "asyncio")
INSTALL = "pip install 'gdplan[cluster]'"


class Link:
    """A connection to a scheduler.

    Parameters
    ----------
    address : str
        ``tcp://host:port``, or ``tls://`` with the certificates of Dask's own configuration.
    patience : float
        Seconds to wait for the scheduler and for workers, at the start and later.

    Raises
    ------
    ProblemError
        ``no_distributed``, ``no_scheduler``, ``no_workers``.
    """

    def __init__(self, address: str, *, patience: float = PATIENCE) -> None:
        self.address, self.patience = address, patience
        self.client = _client(address, patience)
        self._alone: float | None = None
        self._counted = 0.0
        self._threads = 0
        try:
            self._await_workers()
        except BaseException:
            self.close()
            raise

    @property
    def threads(self) -> int:
        """Tasks the cluster works on at a time, as last heard."""
        return max(1, self._threads)

    def compare(self, share: str = "", batch: str = "", *, arithmetic: bool = False) -> None:
        """Refuse workers that would not make the same bytes.

        Raises
        ------
        ProblemError
            ``other_program``, ``other_versions``, ``other_arithmetic``, ``share_unseen``,
            ``no_gdplan``: every worker at once, each with what differs.
        """
        found = self.client.run(cluster_worker.about, share, batch, on_error="return")
        own = cluster_worker.about()
        problems = [p for at, its in sorted(found.items()) for p in _differences(at, its, own)]
        problems = [p for p in problems if arithmetic or p.key != "other_arithmetic"]
        if problems:
            raise ProblemError(problems)

    def look(self) -> None:
        """Notice what is gone.

        Raises
        ------
        Lost
            When the scheduler was away, or no worker there, for longer than ``patience``.
        """
        if self.client.status in ("closed", "closing"):
            raise Lost(f"与调度器 {self.address} 的连接中断，{self.patience:g}秒内没有恢复")
        now = time.monotonic()
        if self.client.status != "running" or now - self._counted < self.patience / 10:
            return
        self._counted = now
        self._threads = self._count()
        self._alone = None if self._threads else (self._alone or now)
        if self._alone is not None and now - self._alone > self.patience:
            raise Lost(f"集群 {self.address} 上{self.patience:g}秒没有工作进程")

    def close(self) -> None:
        """Leave; never waits long for a scheduler that is gone."""
        try:
            self.client.close(timeout=2)
        except Exception:  # pragma: no cover - nothing is left to be done
            logging.getLogger(__name__).debug("closing", exc_info=True)

    def _count(self) -> int:
        try:
            return sum(self.client.nthreads(callback_timeout=self.patience).values())
        except Exception:
            # A scheduler that does not answer is seen by the state of the connection.
            return self._threads

    def _await_workers(self) -> None:
        try:
            self.client.wait_for_workers(1, timeout=self.patience)
        except TimeoutError as error:
            raise ProblemError(
                Problem("no_workers", self.address, "集群上没有工作进程",
                        fix=f"启动：dask worker {self.address} --nthreads 1 --nworkers 2")
            ) from error  # fmt: skip
        self._threads = self._count()


@dataclass(frozen=True, slots=True)
class _Given:
    """A task that was given out, and how many times."""

    call: Callable[..., Any]
    words: tuple[Any, ...]
    choices: Mapping[str, Any]
    future: Any
    times: int


class Work:
    """Tasks on a cluster: what it lost is given out again, and each is answered once.

    Parameters
    ----------
    link : Link
    attempts : int, optional
        How often a task is given out; without it whoever runs it counts.
    """

    def __init__(self, link: Link, attempts: int | None = None) -> None:
        self.link, self.attempts = link, attempts
        self._id = uuid.uuid4().hex
        self._heard: queue.Queue[tuple[str, Any]] = queue.Queue()
        self._under: dict[str, _Given] = {}
        self._waiting: list[str] = []

    def __len__(self) -> int:
        return len(self._under)

    def give(
        self, name: str, call: Callable[..., Any], *words: Any, times: int = 1, **choices: Any
    ) -> None:
        """Give out a task under a name of its own."""
        key = f"{name}-{self._id}-{times}"
        future = self.link.client.submit(call, *words, pure=False, key=key, **choices)
        self._under[name] = _Given(call, words, choices, future, times)
        future.add_done_callback(lambda done: self._heard.put((name, done)))

    def next(self) -> tuple[str, Any]:
        """The name of a task that has ended, and what it gave or raised.

        Raises
        ------
        Lost
            When the scheduler or all workers are gone, or a task was lost too often.
        """
        while True:
            self.link.look()
            with contextlib.suppress(queue.Empty):
                name, found = self._hear(*self._heard.get(timeout=TICK))
                if found is not None:
                    return name, found
            self._again()

    def clear(self) -> None:
        """Let go of every task."""
        self._under.clear()

    def _hear(self, name: str, future: Any) -> tuple[str, Any]:
        """What a task gave; None when it is to be given out again, or was heard before."""
        given = self._under.get(name)
        if given is None or given.future is not future:
            return name, None
        found = answer(future, self.link.patience)
        if found is None:
            self._waiting.append(name)
        else:
            del self._under[name]
        return name, found

    def _again(self) -> None:
        """Give out once more what was lost, as soon as there is somebody to take it."""
        while self._waiting and self.link.client.status == "running":
            name = self._waiting.pop()
            given = self._under[name]
            if self.attempts is not None and given.times >= self.attempts:
                raise Lost(f"{name}：工作进程中断了{given.times}次：可能内存不足")
            self.give(name, given.call, *given.words, times=given.times + 1, **given.choices)


def answer(future: Any, patience: float) -> Any:
    """What a task gave or raised; None when the cluster lost it."""
    try:
        if future.status == "finished":
            return future.result(timeout=patience)
        error: BaseException | None = future.exception(timeout=patience)
    except Exception:  # Its worker, or the scheduler, went away with it.
        return None
    return None if type(error).__name__ in CARRIED else error


def _client(address: str, patience: float) -> Any:
    try:
        import distributed
    except ImportError as error:
        raise ProblemError(
            Problem("no_distributed", "--scheduler", "没有安装集群所需的程序包", fix=INSTALL)
        ) from error

    class Client(distributed.Client):  # type: ignore[misc]
        """One that goes without a traceback when there was never a connection to close."""

        def __del__(self) -> None:
            with contextlib.suppress(Exception):
                super().__del__()

    # What it says of lost connections is said here, once and in order.
    for name in [n for n in logging.root.manager.loggerDict if n.split(".")[0] in NOISY]:
        logging.getLogger(name).setLevel(logging.CRITICAL)
    try:
        return Client(address, timeout=patience, set_as_default=False)
    except (OSError, ValueError) as error:
        raise ProblemError(
            Problem("no_scheduler", address, "连接不上调度器", "tcp://主机:端口", str(error),
                    "启动：dask scheduler；或核对地址、端口和防火墙")
        ) from error  # fmt: skip


def _differences(at: str, its: Any, own: Mapping[str, Any]) -> Iterator[Problem]:
    """What keeps a worker from making the same bytes."""
    again = "装上同一版本后重新启动 dask worker"
    if not isinstance(its, Mapping):
        yield Problem("no_gdplan", at, "工作进程中不能使用 gdplan",
                      "与本机同一版本的 gdplan[cluster]", f"{type(its).__name__}: {its}",
                      f"在该机 {INSTALL} 后重新启动 dask worker")  # fmt: skip
        return
    what = {"code": "工作进程的程序与本机不一致", "disk": "程序在工作进程启动后换过"}
    if other := [name for name in what if its[name] != own["code"]]:
        yield Problem(
            "other_program", at, what[other[0]], own["code"][:12], its[other[0]][:12], again
        )
    versions = {k: v for k, v in its["versions"].items() if v != own["versions"].get(k)}
    if versions:
        yield Problem(
            "other_versions", at, "工作进程的程序包与本机不一致",
            "、".join(f"{k} {own['versions'].get(k) or '无'}" for k in versions),
            "、".join(f"{k} {v or '无'}" for k, v in versions.items()), again,
        )  # fmt: skip
    if its["arithmetic"] != own["arithmetic"]:
        yield Problem("other_arithmetic", at, "该机的浮点函数与本机末位不同，结果不会逐字节相同",
                      own["arithmetic"][:12], its["arithmetic"][:12],
                      "用同一类处理器的机器，或在本机运行")  # fmt: skip
    if its["share"]:
        yield Problem("share_unseen", at, "工作进程用不了共享处", found=its["share"],
                      fix="--share 用各机都看得到的文件夹或 fsspec 地址")  # fmt: skip

"""Files by content in a place that several machines reach: a folder, or any fsspec address.

Contents lie under their sha256, ``blobs/ab/ab12...``, and are checked whenever they are read. What
belongs to one batch lies below ``batches/<id>`` and goes with it.
"""

from __future__ import annotations

import contextlib
import hashlib
import time
import uuid
from collections.abc import Iterable
from pathlib import Path

from gdplan.problems import Problem, ProblemError

LOOKS, PAUSE = 4, 0.5
"""A shared folder may show a file a moment after it was written elsewhere."""


class Blobs:
    """The shared place.

    Parameters
    ----------
    address : str
        A folder that every machine sees under this path, or an address such as
        ``s3://bucket/gdplan``; whoever reads it needs the package and the rights for it.

    Raises
    ------
    ProblemError
        ``bad_share`` for an address nothing is known of, or whose package is not installed.
    """

    def __init__(self, address: str) -> None:
        import fsspec

        self.address = address if "://" in address else str(Path(address).absolute())
        try:
            self._files, root = fsspec.core.url_to_fs(self.address)
        except (ValueError, ImportError, OSError) as error:
            raise self._unusable(error) from error
        self._root = str(root).rstrip("/")

    def put(self, data: bytes) -> str:
        """Keep a content; its sha256. One that is there already is looked at, not believed."""
        digest = hashlib.sha256(data).hexdigest()
        try:
            there = self._files.cat_file(self._at(_place(digest))) == data
        except FileNotFoundError:
            there = False
        except OSError as error:
            raise self._unusable(error) from error
        if not there:
            self.write(_place(digest), data)
        return digest

    def get(self, digest: str) -> bytes:
        """The content of a sha256.

        Raises
        ------
        ProblemError
            ``corrupt_blob`` when it is another content, ``missing_blob`` when there is none.
        """
        data = self.read(_place(digest))
        if hashlib.sha256(data).hexdigest() != digest:
            raise ProblemError(
                Problem("corrupt_blob", self._at(_place(digest)), "共享处的文件与校验和不符",
                        expected=digest, found=hashlib.sha256(data).hexdigest(),
                        fix="删去该文件后重新运行")
            )  # fmt: skip
        return data

    def read(self, name: str) -> bytes:
        """A file by its name below the shared place; one that is not there is waited for a little.

        Raises
        ------
        ProblemError
            ``missing_blob``, ``bad_share``.
        """
        for left in reversed(range(LOOKS)):
            try:
                return bytes(self._files.cat_file(self._at(name)))
            except FileNotFoundError:
                if left:
                    time.sleep(PAUSE)
            except OSError as error:
                raise self._unusable(error) from error
        raise ProblemError(
            Problem("missing_blob", self._at(name), "共享处没有这个文件",
                    fix="核对各机看到的是同一个共享处（--share）")
        )  # fmt: skip

    def write(self, name: str, data: bytes) -> None:
        """Write a file, whole or not at all.

        Raises
        ------
        ProblemError
            When the place cannot be written.
        """
        target = self._at(name)
        aside = f"{target}.{uuid.uuid4().hex}.tmp"
        try:
            self._files.makedirs(target.rpartition("/")[0], exist_ok=True)
            self._files.pipe_file(aside, data)
            self._files.mv(aside, target)
        except (OSError, ValueError) as error:
            with contextlib.suppress(Exception):
                self._files.rm(aside)
            raise self._unusable(error) from error

    def there(self, name: str) -> bool:
        """Whether a file is there; as long as the place does not answer, it is taken to be."""
        self._files.invalidate_cache()
        try:
            return bool(self._files.exists(self._at(name)))
        except OSError:
            return True

    def names(self, folder: str) -> list[str]:
        """Names of the files in a folder, sorted."""
        self._files.invalidate_cache()
        try:
            found: Iterable[str] = self._files.ls(self._at(folder), detail=False)
        except FileNotFoundError:
            return []
        return sorted(name.rpartition("/")[2] for name in found if not name.endswith(".tmp"))

    def remove(self, name: str) -> None:
        """Remove a file or a folder with all it holds; one that is gone is no fault."""
        with contextlib.suppress(OSError):
            self._files.rm(self._at(name), recursive=True)

    def _at(self, name: str) -> str:
        return f"{self._root}/{name}"

    def _unusable(self, error: Exception) -> ProblemError:
        return ProblemError(
            Problem("bad_share", self.address, "共享处不能使用", found=str(error),
                    expected="各机都能读写的文件夹，或 fsspec 地址，如 s3://桶/路径",
                    fix="核对 --share；该地址所需的程序包和权限，每台机器都要有")
        )  # fmt: skip


def _place(digest: str) -> str:
    return f"blobs/{digest[:2]}/{digest}"

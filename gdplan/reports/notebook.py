"""The executed notebook: cleaned of what differs between equal runs, and read for its outputs."""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from gdplan.page.blocks import MIME_END, MIME_START

Notebook = dict[str, Any]


def cleaned(
    notebook: Mapping[str, Any], shown: Mapping[str, str] = MappingProxyType({})
) -> Notebook:
    """The notebook without what differs between two equal runs.

    Times, durations, papermill's marks, the patch version of the language, the random id of the
    injected cell and the process number in a cell's file name go; execution counts stay.
    ``shown`` gives places of this machine, as the injected cell has them, and the names that stand
    for them.
    """
    clean: Notebook = copy.deepcopy(dict(notebook))
    clean["metadata"].pop("papermill", None)
    clean["metadata"].pop("widgets", None)
    clean["metadata"].get("language_info", {}).pop("version", None)
    for place, cell in enumerate(clean["cells"]):
        cell["metadata"].pop("papermill", None)
        cell["metadata"].pop("execution", None)
        for output in cell.get("outputs", []):
            if output["output_type"] == "stream":
                output["text"] = _unnumbered(output["text"])
        if "injected-parameters" in cell["metadata"].get("tags", []):
            cell["id"] = f"injected-{place:02d}"
            text = "".join(cell["source"])
            for here, name in shown.items():
                text = text.replace(json.dumps(here)[1:-1], name)
            cell["source"] = text.splitlines(keepends=True)
    return clean


def _unnumbered(text: str | list[str]) -> str | list[str]:
    """A warning names the file of its cell, in a folder with the number of the process."""
    lines = [text] if isinstance(text, str) else text
    named = [re.sub(r"\S*ipykernel_\d+[/\\](\d+\.py)", r"ipykernel/\1", line) for line in lines]
    return named[0] if isinstance(text, str) else named


def notebook_bytes(notebook: Mapping[str, Any]) -> bytes:
    """The notebook file, Chinese as Chinese."""
    return (json.dumps(notebook, ensure_ascii=False, indent=1) + "\n").encode()


def tables(notebook: Mapping[str, Any]) -> dict[str, str]:
    """The tables that the cells handed to the runner, as CSV text by name; the first of a name."""
    found: dict[str, str] = {}
    for cell in notebook["cells"]:
        for output in cell.get("outputs", []):
            for kind, text in output.get("data", {}).items():
                if kind.startswith(MIME_START) and kind.endswith(MIME_END):
                    name = kind.removeprefix(MIME_START).removesuffix(MIME_END)
                    found.setdefault(name, text if isinstance(text, str) else "".join(text))
    return found


def stderr_of(notebook: Mapping[str, Any]) -> str:
    """Everything the cells wrote to standard error."""
    texts = [
        "".join(output["text"])
        for cell in notebook["cells"]
        for output in cell.get("outputs", [])
        if output.get("output_type") == "stream" and output.get("name") == "stderr"
    ]
    return "\n".join(texts)

"""Executed notebook -> the clean notebook file and the web page; touches no number.

Pandoc assembles the page from the HTML blocks the cells show. Everything is inside the file:
no code, no outside address, and the same bytes for the same notebook.
"""

from __future__ import annotations

import copy
import json
import os
import re
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

TEMPLATES = Path(__file__).with_name("templates")
Notebook = dict[str, Any]


def cleaned(notebook: Mapping[str, Any]) -> Notebook:
    """The notebook without what differs between two equal runs.

    Times, durations, papermill's marks, the patch version of the language, and the random id
    of the injected cell go; execution counts stay.
    """
    clean: Notebook = copy.deepcopy(dict(notebook))
    clean["metadata"].pop("papermill", None)
    clean["metadata"].pop("widgets", None)
    clean["metadata"].get("language_info", {}).pop("version", None)
    for place, cell in enumerate(clean["cells"]):
        cell["metadata"].pop("papermill", None)
        cell["metadata"].pop("execution", None)
        if "injected-parameters" in cell["metadata"].get("tags", []):
            cell["id"] = f"injected-{place:02d}"
    return clean


def notebook_bytes(notebook: Mapping[str, Any]) -> bytes:
    """The notebook file, Chinese as Chinese."""
    return (json.dumps(notebook, ensure_ascii=False, indent=1) + "\n").encode()


def csv_output(notebook: Mapping[str, Any]) -> str:
    """The one ``text/csv`` output of the notebook (the assessment), or the empty string."""
    for cell in notebook["cells"]:
        for output in cell.get("outputs", []):
            text = output.get("data", {}).get("text/csv")
            if text:
                return text if isinstance(text, str) else "".join(text)
    return ""


def stderr_of(notebook: Mapping[str, Any]) -> str:
    """Everything the cells wrote to standard error."""
    texts = [
        "".join(output["text"])
        for cell in notebook["cells"]
        for output in cell.get("outputs", [])
        if output.get("output_type") == "stream" and output.get("name") == "stderr"
    ]
    return "\n".join(texts)


def web_page(notebook: Mapping[str, Any], *, watermark: str = "") -> str:
    """The report as one self-contained HTML file.

    Raises
    ------
    RuntimeError
        When pandoc fails, with its message.
    """
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "report.ipynb"
        source.write_bytes(notebook_bytes(notebook))
        body = _pandoc(source, watermark)
    return _finished(body)


def title_of(notebook: Mapping[str, Any]) -> str:
    """Text of the first level-one heading among the outputs."""
    for cell in notebook["cells"]:
        for output in cell.get("outputs", []):
            html = "".join(output.get("data", {}).get("text/html", []))
            match = re.search(r"<h1>(.*?)</h1>", html)
            if match:
                return match[1]
    return "评估报告"


def _pandoc(source: Path, watermark: str) -> str:
    import pypandoc

    notebook = json.loads(source.read_text("utf-8"))
    command = [
        pypandoc.get_pandoc_path(),
        "--from=ipynb",
        "--ipynb-output=all",
        f"--lua-filter={TEMPLATES / 'blocks.lua'}",
        "--to=html5",
        "--standalone",
        "--section-divs",
        "--toc",
        "--toc-depth=3",
        "--wrap=none",
        f"--template={TEMPLATES / 'report.html'}",
        f"--defaults={_variables(source, title_of(notebook), watermark)}",
    ]
    # A locale without UTF-8 must not change a byte.
    env = os.environ | {"LC_ALL": "C.UTF-8"}
    run = subprocess.run(
        [*command, str(source)], capture_output=True, text=True, encoding="utf-8", env=env,
        check=False,
    )  # fmt: skip
    if run.returncode:
        raise RuntimeError(f"pandoc: {run.stderr.strip()}")
    return run.stdout


def _variables(source: Path, title: str, watermark: str) -> Path:
    """Template variables as a file: Chinese on a command line depends on the locale."""
    styles = (TEMPLATES / "report.css").read_text("utf-8")
    variables = {"pagetitle": title, "styles": styles, "watermark": watermark}
    path = source.with_name("variables.yaml")
    path.write_text(json.dumps({"variables": variables}, ensure_ascii=False), "utf-8")
    return path


def _finished(page: str) -> str:
    """Short cells kept on one line; tables in a box that scrolls and takes the keyboard."""
    page = re.sub(
        r"<td( style=\"[^\"]*\")?>([^<]{1,12})</td>", r'<td class="short"\1>\2</td>', page
    )
    page = re.sub(r"<table", '<div class="tablebox" tabindex="0"><table', page)
    return page.replace("</table>", "</table></div>")

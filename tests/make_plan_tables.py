"""Write the tables as files of an office suite, a browser and pandoc into files/.

Their names are <id>.<program>.<suffix>. Run once; the files are kept, since the tests must not
need these programs.
"""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from pathlib import Path

from plan_tables import HERE, tables


def run(*words: str) -> None:
    """A program that has to succeed."""
    subprocess.run(words, check=True, capture_output=True, timeout=300)


def main() -> None:
    """Each table as a web page, and by turns through the programs."""
    out = HERE / "files"
    out.mkdir(exist_ok=True)
    for n, table in enumerate(tables()):
        with tempfile.TemporaryDirectory() as folder:
            page = Path(folder) / f"{table.id}.html"
            page.write_text(table.page(), "utf-8")
            office = ("soffice", "--headless", f"-env:UserInstallation=file://{folder}/profile",
                      "--convert-to")  # fmt: skip
            run(*office, "docx:MS Word 2007 XML", "--outdir", folder, str(page))
            shutil.copy(Path(folder) / f"{table.id}.docx", out / f"{table.id}.office.docx")
            if len(table.head) <= 5 and n % 4:
                run(*office, "pdf:writer_pdf_Export", "--outdir", folder,
                    str(out / f"{table.id}.office.docx"))  # fmt: skip
                shutil.copy(Path(folder) / f"{table.id}.office.pdf", out / f"{table.id}.office.pdf")
            elif n % 3 != 1:
                run("chromium", "--headless", "--no-sandbox", "--disable-gpu",
                    f"--print-to-pdf={out / f'{table.id}.browser.pdf'}", page.as_uri())  # fmt: skip
            if n % 3 == 0:
                run("pandoc", str(page), "-o", str(out / f"{table.id}.pandoc.docx"))
            if n % 3 == 1:
                shutil.copy(page, out / f"{table.id}.page.html")


if __name__ == "__main__":
    main()

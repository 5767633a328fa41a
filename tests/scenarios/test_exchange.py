"""Files for other tools: read back by pyam and validated by frictionless where they are installed,
and by plain readers everywhere."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import re
import subprocess
import sys
from pathlib import Path

import openpyxl
import pandas as pd
import pytest
from frames import PROVINCE, indicator, plan, yearly
from scenariofiles import WAVY, scenario
from typer.testing import CliRunner

from gdplan.cli.commands import app
from gdplan.problems import ProblemError
from gdplan.scenarios import exchange
from gdplan.scenarios import run as scenario_run

ROOT = Path(__file__).resolve().parents[2]
DICTIONARY = ROOT / "docs" / "dictionary" / "scenarios.csv"
RUN = "id: small\nplan: gd-hrss-14\nyear: 2023\nseed: 14\ndraws: 2000\n"


@pytest.fixture(scope="module")
def result():
    items = [indicator("1", name="甲|乙"), indicator("2", name="同名"),
             indicator("3", name="同名", unit="—")]  # fmt: skip
    rows = pd.concat([yearly(WAVY, indicator="甲|乙"), yearly(WAVY, indicator="同名")])
    found = [scenario({"kind": "trend"}, "a", name="基准"), scenario(None, "b", name="空")]
    return scenario_run.run(plan(*items), rows, found, regions=[PROVINCE], year=2023, seed=1,
                         draws=2000)  # fmt: skip


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    """What the command writes for the shipped plan and its five scenarios."""
    home = tmp_path_factory.mktemp("scenarios")
    file = home / "run.yml"
    file.write_text(RUN, "utf-8")
    made = CliRunner().invoke(app, ["scenarios", str(file), "--out", str(home / "out")])
    assert made.exit_code == 0, made.output
    return home / "out" / "small"


def test_variables_are_told_apart_and_hold_no_stray_bar(result):
    table = exchange.iamc(result)
    assert tuple(table.columns) == exchange.IAMC_COLUMNS
    assert {"甲/乙", "甲/乙|p10", "同名（2）", "同名（3）", "同名（2）|reached"} <= set(
        table["variable"]
    )
    assert not table.duplicated(list(exchange.IAMC_COLUMNS[:6])).any()
    assert set(table["scenario"]) == {"基准"} and table["value"].notna().all()
    assert set(table.loc[table["variable"].str.startswith("同名（3）"), "unit"]) == {"-"}


def test_csv_is_for_excel_and_keeps_what_is_not_known_empty():
    frame = pd.DataFrame({"year": [2024.0, float("nan")], "value": [0.1 + 0.2, float("inf")],
                          "flag": [True, False]})  # fmt: skip
    made = exchange.csv_bytes(frame, {"year": "integer"})
    assert made == b"\xef\xbb\xbfyear,value,flag\n2024,0.3,True\n,INF,False\n"


def test_the_workbook_holds_the_table_and_no_formula(result):
    table = exchange.iamc(result).assign(unit="=1+1")
    sheet = openpyxl.load_workbook(io.BytesIO(exchange.iamc_xlsx(table)))["data"]
    rows = list(sheet.iter_rows(values_only=True))
    assert rows[0] == exchange.IAMC_COLUMNS and len(rows) == len(table) + 1
    assert rows[1] == tuple(table.iloc[0]) and sheet["E2"].data_type == "s"
    assert exchange.iamc_xlsx(table) == exchange.iamc_xlsx(table)


def test_the_descriptor_speaks_of_every_file(folder):
    package = json.loads((folder / "datapackage.json").read_text("utf-8"))
    assert {r["name"] for r in package["resources"]} == set(exchange.FIELDS)
    for resource in package["resources"]:
        content = (folder / resource["path"]).read_bytes()
        assert resource["hash"] == "sha256:" + hashlib.sha256(content).hexdigest()
        rows = list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))
        assert list(rows[0]) == [f["name"] for f in resource["schema"]["fields"]]
        key = [tuple(r[k] for k in resource["schema"].get("primaryKey", [])) for r in rows]
        assert key[0] == () or len(set(key)) == len(rows), resource["name"]
    assert package["gdplan"]["seed"] == 14 and len(package["sources"]) == 6


def test_the_dictionary_lists_every_column_of_the_scenario_tables():
    with DICTIONARY.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, strict=True))
    tables = ("scenarios", "outcomes", "sensitivity", "regressions", "iamc")
    listed = {t: {r["column"]: r["type"] for r in rows if r["table"] == t} for t in tables}
    assert listed == {t: dict(exchange.FIELDS[t]) for t in tables}
    assert all(r["meaning_zh"] and r["meaning_en"] for r in rows)
    assert tuple(exchange.FIELDS["scenarios"]) == scenario_run.PATH_COLUMNS
    assert set(exchange.FIELDS["outcomes"]) == set(scenario_run.OUTCOME_COLUMNS)
    assert set(exchange.FIELDS["sensitivity"]) == set(scenario_run.SENSITIVITY_COLUMNS)
    assert set(exchange.FIELDS["regressions"]) == set(scenario_run.REGRESSION_COLUMNS)


@pytest.mark.slow
@pytest.mark.parametrize("file", ["iamc.csv", "iamc.xlsx"])
def test_pyam_reads_the_results_back_unchanged(folder, file):
    pyam = pytest.importorskip("pyam")
    table = pd.read_csv(folder / "iamc.csv")
    read = pyam.IamDataFrame(folder / file).data[list(exchange.IAMC_COLUMNS)]
    keys = list(exchange.IAMC_COLUMNS[:6])
    one, other = (t.sort_values(keys).reset_index(drop=True) for t in (read, table))
    pd.testing.assert_frame_equal(one, other, check_dtype=False, check_exact=True)


def test_frictionless_accepts_the_package_and_sees_a_changed_figure(folder, tmp_path):
    frictionless = pytest.importorskip("frictionless")
    assert frictionless.validate(str(folder / "datapackage.json")).valid
    for file in folder.glob("*.*"):
        (tmp_path / file.name).write_bytes(file.read_bytes())
    text = (tmp_path / "outcomes.csv").read_bytes()
    (tmp_path / "outcomes.csv").write_bytes(text.replace(b"411.63", b"411.64"))
    assert not frictionless.validate(str(tmp_path / "datapackage.json")).valid


def test_the_command_writes_the_same_bytes_for_any_block_and_workers(folder, tmp_path):
    file = tmp_path / "run.yml"
    file.write_text(RUN, "utf-8")
    words = ["scenarios", str(file), "--out", str(tmp_path), "--workers", "3", "--block", "777"]
    assert CliRunner().invoke(app, words).exit_code == 0
    names = {p.name for p in folder.iterdir()}
    assert names == {p.name for p in (tmp_path / "small").iterdir()} and "scenarios.html" in names
    for name in names:
        assert (folder / name).read_bytes() == (tmp_path / "small" / name).read_bytes(), name


def test_the_page_has_no_address_outside_and_tells_the_table(folder):
    page = (folder / "scenarios.html").read_text("utf-8")
    assert 'src="http' not in page and 'href="http' not in page
    assert "城镇新增就业人数" in page and "550.00（50%）" in page and "仅5个年份" in page


def test_a_finished_folder_is_replaced_only_when_asked(folder, tmp_path):
    file = tmp_path / "run.yml"
    file.write_text(RUN + "scenarios: [required]\n", "utf-8")
    words = ["scenarios", str(file), "--out", str(tmp_path)]
    assert CliRunner().invoke(app, words).exit_code == 0
    again = CliRunner().invoke(app, words)
    assert again.exit_code == 1 and "run_exists" in str(again.exception)
    assert CliRunner().invoke(app, [*words, "--force"]).exit_code == 0
    assert {p.name for p in (tmp_path / "small").glob("fan-*")} == {"fan-required-1.svg"}


@pytest.mark.parametrize(
    ("text", "keys"),
    [("scenarios: [baselin, required, x]\n", ["unknown_scenario"] * 2),
     ('regions: ["440000", "449999", "1"]\n', ["unknown_region"] * 2),
     ("folder: nowhere\n", ["no_scenarios"]), ("until: 2024\n", ["until_outside"]),
     ("as_of: 2024-2-3\nuntil: 2024\nsince: 2024\nscenarios: [x]\nregions: ['1']\n",
      ["no_such_date", "until_outside", "since_outside", "unknown_scenario", "unknown_region"])],
)  # fmt: skip
def test_what_does_not_exist_is_named_and_nothing_is_written(tmp_path, text, keys):
    file = tmp_path / "run.yml"
    file.write_text(RUN + text, "utf-8")
    made = CliRunner().invoke(app, ["scenarios", str(file), "--out", str(tmp_path / "out")])
    assert isinstance(made.exception, ProblemError)
    assert [p.key for p in made.exception.problems] == keys
    assert all(re.search(r"run\.yml:\d+$", p.where) for p in made.exception.problems)
    assert not (tmp_path / "out").exists()


def test_simulated_figures_and_many_regions_are_told(tmp_path):
    file = tmp_path / "run.yml"
    observations = (ROOT / "examples" / "observations").as_posix()
    file.write_text(RUN + f'observations: {observations}\nregions: ["440000", "440100"]\n'
                    "scenarios: [required]\n", "utf-8")  # fmt: skip
    made = CliRunner().invoke(app, ["scenarios", str(file), "--out", str(tmp_path)])
    assert made.exit_code == 0 and made.output.count("达标") >= 2
    assert "示例数据，非真实" in (tmp_path / "small" / "scenarios.html").read_text("utf-8")
    outcomes = pd.read_csv(tmp_path / "small" / "outcomes.csv", dtype=str)
    assert set(outcomes["region"]) == {"440000", "440100"}


def test_the_example_run_is_sound():
    made = subprocess.run(
        [sys.executable, "-m", "gdplan", "scenarios", "--help"], capture_output=True, text=True,
        check=True,
    )  # fmt: skip
    assert "RUN.yml" in made.stdout
    from gdplan.scenarios.files import load_run

    assert load_run(ROOT / "examples" / "scenarios.yml")[0].plan == "gd-hrss-14"

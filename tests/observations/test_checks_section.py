"""The section on the quality of the data, and the notebook that shows every finding."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from frames import PROVINCE, evaluation, indicator, plan, yearly

from gdplan import evaluate
from gdplan.observations import calibers
from gdplan.observations.checks import run as checks
from gdplan.observations.checks import section as quality_section
from gdplan.page.language import language
from gdplan.problems import Severity

PART = [indicator("1"), indicator("2", whole="1")]


def sections(rows: pd.DataFrame, items: Any = PART, **options: Any) -> Any:
    return quality_section.quality(evaluation(plan(*items), rows, **options))


def too_large() -> pd.DataFrame:
    """A part that is larger than its whole, in the province and in a city."""
    rows = [yearly({2023: "70"}), yearly({2023: "75"}, indicator="指标2")]
    rows += [r.assign(region="440100", region_name="广州市", cell="G9") for r in rows]
    return pd.concat(rows, ignore_index=True)


def cells(table: Any) -> list[tuple[str, ...]]:
    return list(table.rows)


def test_a_hard_error_is_counted_warned_of_and_listed_with_its_cells():
    shown = sections(too_large())
    assert "硬错误1项、提示0项" in shown.text and "不宜引用" in shown.text
    counts, listed = shown.tables
    assert ("部分大于整体", "硬错误", "1", "2") in cells(counts)
    assert len(listed.rows) == 1 and "大于其所属的指标1" in listed.rows[0][3]
    assert "test.csv!F2" in listed.rows[0][4]


def test_findings_on_other_regions_are_counted_but_not_listed():
    shown = sections(too_large().query("region != @PROVINCE"))
    assert "没有发现" in shown.text
    (counts,) = shown.tables
    assert ("部分大于整体", "硬错误", "0", "1") in cells(counts)


def test_clean_data_are_called_clean_and_empty_data_are_not():
    assert "没有发现" in sections(yearly({2023: "70"})).text
    assert not sections(yearly({2023: "70"})).tables
    empty = sections(yearly({2023: "70"}).iloc[:0])
    assert "没有任何数据，无从检查" in empty.text and "没有发现" not in empty.text
    nothing = evaluation(plan(indicator()), yearly({2023: "1"}).iloc[:0])
    assert "无从检查" in quality_section.findings(nothing).text


def test_findings_after_the_evaluated_year_belong_to_a_later_report():
    rows = too_large().assign(year=2024)
    assert "没有发现" in sections(rows).text


def test_soft_findings_are_listed_up_to_a_number_and_hard_ones_always():
    soft = [checks.Finding("jump", Severity.SOFT, str(n), (), "指标1", PROVINCE, 2023)
            for n in range(100)]  # fmt: skip
    hard = [checks.Finding("negative", Severity.HARD, str(n), (), "指标1", PROVINCE, 2023)
            for n in range(60)]  # fmt: skip
    say = language("zh")
    table, more = quality_section.listed(soft, plan(indicator()), say)
    assert len(table.rows) == quality_section.LISTED and "gdplan check" in more.text
    table, more = quality_section.listed([*hard, *soft], plan(indicator()), say)
    assert len(table.rows) == 60
    assert len(quality_section.listed(soft, plan(indicator()), say, most=100)[0].rows) == 100


def test_a_change_of_caliber_is_told_with_its_treatment():
    each = calibers.Break(indicator="指标1", year=2023, published="2024-02", link=1.05,
                          reason="统计范围扩大", source="公告")  # fmt: skip
    shown = sections(yearly({2023: "70"}), breaks=(each,))
    (table,) = shown.tables
    assert table.caption == "口径变化" and "换算系数1.05" in table.rows[0][2]


def test_the_english_section_says_what_a_finding_concerns():
    item = indicator("1", name_en="Jobs")
    rows = too_large()
    shown = sections(rows, (item, indicator("2", whole="1", name_en="Part")), lang="en")
    assert cells(shown.tables[1])[0][3] == "Part, 440000, 2023"


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_check_has_a_title_in_both_languages(lang):
    for name in checks.CHECKS:
        assert language(lang)(f"check.{name}")


def test_every_finding_of_the_real_data_is_in_the_list_of_checks():
    made = evaluate("checks", plan="gd-hrss-14")
    p, known = made.plan, made.observations
    shown = quality_section.findings(made)
    scope, _, listed = shown.tables
    assert len(listed.rows) == len(checks.run(known, p))
    assert cells(scope)[0] == ("数据个数", str(len(known)))
    assert "无从检查" not in shown.text and "基本养老保险参保率" in cells(scope)[-1][1]


def test_the_notebook_of_checks_is_a_report_like_the_others(command, tmp_path):
    run = command("report", "checks", "--format", "html,docx", "--out", str(tmp_path), cwd=tmp_path)
    assert run.returncode == 0, run.stderr
    folder = Path(run.stdout.strip().splitlines()[-1])
    page = (folder / "report.html").read_text("utf-8")
    assert "数据质量检查" in page and "检查明细" in page and "只见于转载" in page
    assert (folder / "report.docx").is_file()

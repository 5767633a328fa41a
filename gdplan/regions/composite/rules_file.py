"""composite.yml read strictly: how a comprehensive assessment (综合考核) is scored.

Weights, gate, floor and cap are the assessing office's choices: none of them has a default.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field

from gdplan.files import strict_yaml
from gdplan.files.strict_yaml import Strict, YamlDocument
from gdplan.model import Attribute, Indicator, Plan
from gdplan.problems import Problem, ProblemError, closest
from gdplan.regions.composite import scores

FILE = "composite.yml"


class Uncertainty(Strict):
    """Relative error of the weights, level of the rank intervals, draws and their seed."""

    weights: Annotated[float, Field(ge=0, le=1)]
    level: Annotated[float, Field(gt=0, lt=1)]
    draws: Annotated[int, Field(ge=100, le=1_000_000)]
    seed: Annotated[int, Field(ge=0, le=2**63 - 1)]


class CompositeFile(Strict):
    """The whole of composite.yml.

    ``weights`` by number of the indicator; ``gate`` are the most points of a region that is behind
    on a binding indicator (``none`` for no gates); ``floor`` and ``cap`` bound the share of what
    was due that one indicator counts with.
    """

    plan: str
    source: Annotated[str, Field(min_length=1)]
    weights: Annotated[dict[str, Annotated[float, Field(ge=0)]], Field(min_length=1)]
    gate: Annotated[float, Field(ge=0)] | Literal["none"]
    floor: Annotated[float, Field(ge=0, le=1)]
    cap: Annotated[float, Field(ge=1)]
    decimals: Annotated[int, Field(ge=0, le=4)]
    uncertainty: Uncertainty

    def rules(self, items: tuple[Indicator, ...]) -> scores.Rules:
        """The rules for columns in the order of ``items``."""
        return scores.Rules(
            weights=[float(self.weights[item.no]) for item in items],
            binding=[item.attribute is Attribute.BINDING for item in items],
            gate=float("inf") if self.gate == "none" else self.gate,
            floor=self.floor, cap=self.cap, decimals=self.decimals,
        )  # fmt: skip


def read_composite(path: str | Path, plan: Plan) -> CompositeFile:
    """Read composite.yml and hold it against its plan.

    Parameters
    ----------
    path : file, or a folder that holds a composite.yml

    Raises
    ------
    ProblemError
        With every fault at once: unknown keys and values out of range, another plan, unknown
        indicators, compositions, no weight at all.
    """
    file = Path(path)
    file = file / FILE if file.is_dir() else file
    spec, document, problems = strict_yaml.load_rules(
        CompositeFile, file, partial(_names, plan=plan)
    )
    if not sum(spec.weights.values()) > 0:
        problems.append(
            Problem("no_weight", document.at(("weights",)), "权重之和为零", "至少一个权重大于0")
        )
    if problems:
        raise ProblemError(list(dict.fromkeys(problems)))
    return spec


def _names(document: YamlDocument, plan: Plan) -> Iterator[Problem]:
    """What can be told of any mapping: the plan and the indicators that are named."""
    named, weights = document.data.get("plan"), document.data.get("weights")
    if isinstance(named, str) and named != plan.id:
        yield Problem("other_plan", document.at(("plan",)), "不是这个规划的考核规则",
                      expected=plan.id, found=named)  # fmt: skip
    items = {item.no: item for item in plan.indicators}
    for no in weights if isinstance(weights, dict) else ():
        at = document.at(("weights", no))
        if no not in items:
            yield Problem("unknown_indicator", at, "规划中没有这一序号的指标", found=no,
                          expected="、".join(items), fix=closest(no, items))  # fmt: skip
        elif items[no].kind.parts:
            yield Problem("not_scored", at, f"结构指标“{items[no].name}”没有完成比例，不能计分",
                          fix="删去这一行")  # fmt: skip

"""YAML read strictly: line numbers kept, duplicate keys and YAML's surprises refused.

PyYAML composes the nodes; the values are made here, so that an unquoted ``010`` or ``NO`` is
a problem with its line instead of 8 or False.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, Any, TypeVar

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from gdplan.dates import is_day
from gdplan.problems import Problem, ProblemError, closest, refuse

Model = TypeVar("Model", bound=BaseModel)
Key = tuple[str, ...]
Slug = Annotated[str, Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")]
RegionCode = Annotated[str, Field(pattern=r"^\d{6}$")]

_SURPRISES = (
    (re.compile(r"^[-+]?0\d+$"), "以0开头的数会被读作八进制"),
    (re.compile(r"^(?:yes|no|on|off|y|n)$", re.IGNORECASE), "会被读作真或假"),
    (re.compile(r"^\d+(?::[0-5]?\d)+$"), "会被读作六十进制数"),
    (re.compile(r"^[-+]?\d[\d_]*_[\d_]*$"), "下划线数字容易误读"),
    (re.compile(r"^[-+]?\.(?:inf|nan)$", re.IGNORECASE), "不是有限的数"),
    (re.compile(r"^[-+]?[\d.]+[eE]\+?\d{3,}$"), "超出数的范围"),
    (re.compile(r"^[-+]?\d{19,}$"), "位数过多"),
)
_NO_NUMBER = ("不是有限的数", "超出数的范围")
_FINITE, _QUOTED = "写一个有限的数", '写成 "{}"，真假写 true 或 false'
_INTEGER = re.compile(r"^[-+]?(?:0|[1-9]\d*)$")
_FLOAT = re.compile(r"^[-+]?(?:\d+\.\d*|\.\d+|\d+)(?:[eE][-+]?\d+)?$")
_DATE = re.compile(r"^\d{4}-\d{2}-\d{2}$")
_WORDS = {"": None, "~": None, "null": None, "true": True, "false": False}
EXPECTED = {
    "float_type": "数", "float_parsing": "数", "finite_number": "有限的数",
    "int_type": "整数", "int_parsing": "整数", "int_from_float": "整数",
    "bool_type": "true 或 false", "bool_parsing": "true 或 false", "string_type": "文字",
    "list_type": "列表", "tuple_type": "列表", "dict_type": "键: 值", "model_type": "键: 值",
    "model_attributes_type": "键: 值", "dataclass_type": "键: 值",
    "greater_than": "大于{gt}", "greater_than_equal": "不小于{ge}",
    "less_than": "小于{lt}", "less_than_equal": "不大于{le}", "multiple_of": "{multiple_of}的倍数",
    "string_pattern_mismatch": "形如 {pattern}", "string_too_short": "至少{min_length}个字",
    "string_too_long": "至多{max_length}个字", "too_short": "至少{min_length}项",
    "too_long": "至多{max_length}项",
}  # fmt: skip
"""What a value should have been, by pydantic's name of the fault."""

SHAPES = {r"^\d{6}$": "六位数字的行政区划代码"}
"""What a value of a pattern is called."""

_PLAIN_TAG = "tag:yaml.org,2002:"


class Strict(BaseModel):
    """A part of a YAML file: unknown keys are refused, no type is guessed, nothing is changed."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


@dataclass(frozen=True, slots=True)
class YamlDocument:
    """A YAML file as plain data, with the line of every key.

    ``faults`` are those that leave the rest readable; :func:`validate` tells them with its own.
    """

    path: Path
    data: dict[str, Any]
    lines: Mapping[Key, int]
    faults: tuple[Problem, ...] = ()

    def at(self, key: Key) -> str:
        """``file:line`` of a key, or of its nearest known parent."""
        while key and key not in self.lines:
            key = key[:-1]
        return f"{self.path.parent.name}/{self.path.name}:{self.lines.get(key, 1)}"


def read_yaml(path: str | Path, *, later: bool = False) -> YamlDocument:
    """Read a YAML mapping.

    Parameters
    ----------
    later : bool
        Leave faults that let the rest be read to :func:`validate`, so that all come at once.

    Raises
    ------
    ProblemError
        Every problem at once: missing or empty file, not UTF-8, syntax, duplicate keys,
        aliases, and unquoted scalars that YAML would turn into something else.
    """
    path = Path(path)
    root, reader = _compose(path, _text(path)), _Reader(path)
    data = reader.plain(root, ())
    if not isinstance(data, dict):
        reader.fault(root, "not_a_mapping", "最外层应为 键: 值")
    if not (later and isinstance(data, dict)):
        refuse(reader.problems)
    return YamlDocument(path, data, reader.lines, tuple(reader.problems))


def validate(model: type[Model], document: YamlDocument) -> Model:
    """The document as a pydantic model.

    Raises
    ------
    ProblemError
        One problem per fault, with the line of the field and the closest known key; a value that
        fits none of several types is one fault, with all that it could have been.
    """
    try:
        made = model.model_validate(document.data)
    except ValidationError as error:
        found = _merged(_problem(e, model, document) for e in error.errors())
    else:
        if not document.faults:
            return made
        found = []
    # What YAML would have turned into something else is told once, as that.
    told = {p.where for p in document.faults}
    raise ProblemError([*document.faults, *(p for p in found if p.where not in told)])


def load(model: type[Model], path: Path) -> Model:
    """A YAML file as a pydantic model; the problems of :func:`read_yaml` and :func:`validate`."""
    return validate(model, read_yaml(path))


def load_rules(
    model: type[Model], path: Path, names: Callable[[YamlDocument], Iterable[Problem]]
) -> tuple[Model, YamlDocument, list[Problem]]:
    """A file of rules, its lines, and what is wrong with the names in it.

    Raises
    ------
    ProblemError
        When it is no such file; what is wrong with its names is told as well.
    """
    document = read_yaml(path, later=True)
    problems = list(names(document))
    try:
        return validate(model, document), document, problems
    except ProblemError as error:
        raise ProblemError(list(dict.fromkeys([*error.problems, *problems]))) from None


def _merged(problems: Iterable[Problem]) -> list[Problem]:
    """Problems that differ only in what was expected, as one."""
    found: dict[Problem, list[str]] = {}
    for problem in problems:
        found.setdefault(replace(problem, expected=""), []).append(problem.expected)
    return [replace(p, expected=" 或 ".join(dict.fromkeys(words))) for p, words in found.items()]


def _text(path: Path) -> str:
    name = f"{path.parent.name}/{path.name}"
    if not path.is_file():
        raise ProblemError.of("missing_file", name, "文件不存在", fix="核对路径")
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = path.read_bytes()[: error.start].count(b"\n") + 1
        raise ProblemError.of("not_utf8", f"{name}:{line}", "不是 UTF-8 文本",
                              fix="另存为 UTF-8") from None  # fmt: skip
    if not text.strip():
        raise ProblemError.of("empty_file", name, "文件是空的")
    return text


def _compose(path: Path, text: str) -> yaml.Node:
    try:
        root = yaml.compose(text, Loader=_Loader)
    except RecursionError:
        raise ProblemError.of("too_deep", f"{path.parent.name}/{path.name}",
                              "嵌套层数过多") from None  # fmt: skip
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = mark.line + 1 if mark else 1
        place = f"第{mark.column + 1}列附近" if mark else ""
        said = getattr(error, "problem", None) or str(error).splitlines()[0]
        raise ProblemError.of("yaml_syntax", f"{path.parent.name}/{path.name}:{line}",
                              f"{place}不合 YAML 语法", "键: 值，缩进对齐，括号和引号成对", said,
                              "核对这一行和上一行") from None  # fmt: skip
    if root is None:
        raise ProblemError.of("empty_file", f"{path.parent.name}/{path.name}", "文件里只有注释")
    return root


class _Loader(yaml.SafeLoader):
    """SafeLoader whose aliases are refused: a plan needs none, a bomb is made of them."""

    def compose_node(self, parent: Any, index: Any) -> Any:
        if self.check_event(yaml.AliasEvent):
            event = self.peek_event()  # type: ignore[no-untyped-call]
            raise yaml.composer.ComposerError(None, None, "别名（*名字）不允许", event.start_mark)
        return super().compose_node(parent, index)


class _Reader:
    """Makes plain values of nodes, and keeps the line of every key and what is wrong."""

    def __init__(self, path: Path) -> None:
        self.name = f"{path.parent.name}/{path.name}"
        self.lines: dict[Key, int] = {}
        self.problems: list[Problem] = []

    def fault(
        self, node: yaml.Node, key: str, message: str, found: str = "", fix: str = ""
    ) -> None:
        """A problem at the line of a node."""
        where = f"{self.name}:{node.start_mark.line + 1}"
        self.problems.append(Problem(key, where, message, found=found, fix=fix))

    def plain(self, node: yaml.Node, key: Key) -> Any:
        """The value of any node."""
        self.lines.setdefault(key, node.start_mark.line + 1)
        if not node.tag.startswith(_PLAIN_TAG) or "/" in node.tag:
            self.fault(node, "tag", "类型标记不允许", node.tag, "删去标记")
        if isinstance(node, yaml.MappingNode):
            return self.mapping(node, key)
        if isinstance(node, yaml.SequenceNode):
            return [self.plain(item, (*key, str(i))) for i, item in enumerate(node.value)]
        assert isinstance(node, yaml.ScalarNode)
        return self.scalar(node)

    def mapping(self, node: yaml.MappingNode, key: Key) -> dict[str, Any]:
        """The values of a mapping, of a key that stands twice the first."""
        values: dict[str, Any] = {}
        for key_node, value_node in node.value:
            name = str(key_node.value) if isinstance(key_node, yaml.ScalarNode) else "?"
            inside = (*key, name)
            if not isinstance(key_node, yaml.ScalarNode):
                self.fault(key_node, "odd_key", "键必须是一个词")
            elif key_node.style is None:
                self.surprises(key_node)
            if name in values:
                self.fault(key_node, "duplicate_key", f"键 {name} 重复",
                           f"第{self.lines[inside]}行已有", "删去其中一个")  # fmt: skip
                continue
            self.lines[inside] = key_node.start_mark.line + 1
            values[name] = self.plain(value_node, inside)
        return values

    def surprises(self, node: yaml.ScalarNode) -> bool:
        """Whether YAML would turn an unquoted word into something else; then that is a fault."""
        why = next((why for pattern, why in _SURPRISES if pattern.match(node.value)), "")
        if why:
            fix = _FINITE if why in _NO_NUMBER else _QUOTED.format(node.value)
            self.fault(node, "unquoted_scalar", f"未加引号的 {node.value} {why}", fix=fix)
        return bool(why)

    def scalar(self, node: yaml.ScalarNode) -> Any:
        """A text, number or truth; dates stay text, every date of the project is an ISO string."""
        text: str = node.value
        if node.style is not None or self.surprises(node):
            return text
        if text in _WORDS:
            return _WORDS[text]
        if _INTEGER.match(text):
            return int(text)
        if _FLOAT.match(text):
            return float(text)
        if _DATE.match(text) and not is_day(text):
            self.fault(node, "no_such_date", "没有这个日期", text)
        return text


def _problem(error: Any, model: type[BaseModel], document: YamlDocument) -> Problem:
    key = _key(error, document.data)
    field, where = ".".join(key), document.at(key)
    if error["type"] == "extra_forbidden":
        known = _known_keys(model, document, key[:-1])
        return Problem("unknown_key", where, f"未知的键 {field}", "、".join(known),
                       fix=closest(key[-1], known))  # fmt: skip
    if error["type"] == "missing":
        return Problem("missing_key", document.at(key[:-1]), f"缺少键 {field}", fix="补上该键")
    if error["type"] == "value_error":
        return Problem("wrong_value", where, f"{field or '文件'}：{error['ctx']['error']}")
    said = _told(error["input"])
    return Problem("wrong_value", where, f"{field} 的值不对", _expected(error), said)


def _key(error: Any, data: Any) -> Key:
    """Where in the file a fault is, without the names that pydantic gives to members of a union."""
    key = list[str]()
    for part in error["loc"]:
        inside = isinstance(data, dict) and part in data
        if inside or (isinstance(data, list) and part in range(len(data))):
            data = data[part]
            key.append(str(part))
    if error["type"] == "missing":
        key.append(str(error["loc"][-1]))
    return tuple(key)


def _expected(error: Any) -> str:
    """What a value should have been, in words; of an unforeseen kind the validator's own."""
    limits = {k: f"{v:g}" if isinstance(v, float) else v for k, v in error.get("ctx", {}).items()}
    if error["type"] == "literal_error":
        return str(limits["expected"]).replace(" or ", "、").replace(", ", "、").replace("'", "")
    words = SHAPES.get(str(limits.get("pattern"))) or EXPECTED.get(error["type"])
    return words.format(**limits) if words else str(error["msg"])


def _told(value: Any) -> str:
    """A value as it stands in the file, as far as that can still be told."""
    if value is None or isinstance(value, bool):
        return {True: "true", False: "false", None: "空"}[value]
    return f'"{value}"' if isinstance(value, str) else str(value)


def _known_keys(model: type[BaseModel], document: YamlDocument, key: Key) -> list[str]:
    """Fields of the model that stands at a key path, walking annotations as needed."""
    current: Any = model
    for part in key:
        if not (isinstance(current, type) and issubclass(current, BaseModel)):
            break
        field = current.model_fields.get(part)
        if field is None:
            continue
        inner = list(_annotations(field.annotation))
        models = [t for t in inner if isinstance(t, type) and issubclass(t, BaseModel)]
        current = models[0] if models else current
    return sorted(getattr(current, "model_fields", []))


def _annotations(annotation: Any) -> Iterator[Any]:
    """An annotation and all it is made of: ``list[Table] | None`` holds ``Table``."""
    yield annotation
    for part in getattr(annotation, "__args__", ()):
        yield from _annotations(part)

"""Units as plans print them: counting words before a noun, parts by 每 or a stroke (件/万人)."""

from __future__ import annotations

import re
import unicodedata

_NOUNS = """
    人 人次 人年 名 户 家 个 所 件 项 次 例 张 部 部门 台 套 辆 艘 架 列 册 篇 卷 种 位 片 座
    处 宗 栋 幢 间 床 张床位 床位 条 支 只 头 羽 尾 株 棵 枚 份 批 起 场 届 期 门 对 组 班 度
    分 级 类 倍 成 岁 年 月 天 日 小时 分钟 秒 学时 课时 人日 架次 班次 车次 航次 标箱 标准箱 TEU
    元 美元 欧元 港元 人民币 公斤 千克 克 吨 斤 担 毫克 微克 毫升 升 立方 立方米 方 米 千米
    公里 里 厘米 毫米 海里 平方米 平方公里 平方千米 公顷 亩 标准煤 吨标准煤 吨标煤 标煤
    标准立方米 瓦 千瓦 兆瓦 千瓦时 度电 焦耳 吉焦 比特 Mbps Gbps GB TB PB EB 兆 端口 标台 FLOPS
    EFLOPS P 车公里 人公里 吨公里 车位 泊位 学位 托位 席位 网点 处理能力 当量 原煤 标准油 太比特
    二氧化碳 户次 件次 户数 村 镇 乡 县 市 区 街道 社区 万元 百分点 个百分点 % ‰ ℃ dB 分贝
    纳米 微米 比例 常住人口 人口 户籍人口 学生 老人 儿童 GDP 地区生产总值 机构 企业 单位 产值
"""
_UNIT = re.compile(
    "|".join(
        map(
            re.escape,
            sorted({*_NOUNS.split(), "十", "百", "千", "万", "亿"}, key=len, reverse=True),
        )
    )
    + r"|[/·每·*]|(?<=/)\d{1,2}(?=万)|(?<=/)\d+(?=[人万])|(?<=每)\d+|(?<=[米m])[23]|^1(?=/)"
    + r"|[kmμ]?g|[kcmnμ]?m|[kMG]?Wh?"
)
_NO_NOUN = re.compile(r"^(?:[/·每\d]|十)+$")


def is_unit(text: str) -> bool:
    """Whether a text is nothing but a unit of measure.

    Examples
    --------
    >>> [is_unit(text) for text in ("亿吨标准煤", "件/万人", "/10万", "累计", "常住人口")]
    [True, True, True, False, False]
    """
    word = re.sub(r"\s+", "", unicodedata.normalize("NFKC", text))
    if not word or word in _GROUPS.split():
        return False
    return not _UNIT.sub("", word) and not _NO_NOUN.match(word)


_GROUPS = """
    常住人口 户籍人口 人口 学生 老人 儿童 企业 机构 单位 市 县 区 镇 乡 村 社区 街道 产值 GDP
    地区生产总值 二氧化碳 期 班 组 级 比例 部门 P m 月 日
"""
"""Words of units that alone in brackets say of whom or of what a name speaks."""

"""Fixed Chinese texts of the report: what each rule parameter means, and the method in words."""

PARAMETER_ZH = {
    "ahead_margin": "快于预期：进度比不低于1加此值",
    "on_track": "基本符合预期：进度比不低于此值",
    "about_tolerance": "“左右”的容许偏差，占目标的比例",
    "keep_tolerance_points": "“保持稳定”的容许偏差（单位为%），百分点",
    "keep_tolerance_share": "“保持稳定”的容许偏差（其他单位），占目标的比例",
    "exceed_margin": "超额完成：超过目标的比例",
    "nearly": "基本完成：低于目标的最大比例，仅预期性指标",
    "wide_range": "基期、现值、目标跨度超过此倍数时并列几何进度",
    "max_age": "采用数据的最大年龄，年",
    "growth_ratio_on_track": "增长比：进展顺利的下限",
    "growth_ratio_limited": "增长比：需要加快的下限",
    "projected_on_track": "期末推算进度：进展顺利的下限",
    "projected_stalled": "期末推算进度：需要加快的下限",
    "gap_slight": "剩余差距缺口：进展顺利的上限",
    "gap_serious": "剩余差距缺口：需要加快的上限",
    "level_green": "预警绿灯：进度比下限",
    "level_yellow": "预警黄灯：进度比下限",
    "level_orange": "预警橙灯：进度比下限",
    "data_due_month": "数据提供时限：次年的月份",
}

METHOD_ZH = (
    "累计指标的值为规划期内各年之和，进度为累计值除以目标；水平指标的进度为"
    "（现值－基期）÷（目标－基期），或按几何尺度计算；进度比为完成进度除以时序进度。",
    "时序进度按数据所属日期计算；年内进度数据按实际时段折算，不作为全年数使用。",
    "公布数值按其取整或界限视为区间，结论在区间两端与公布值处一致为确定，否则为临界并指明取决于"
    "哪个数据。",
    "目标不高于基期水平的指标按底线（上限）判断：基期达标且各年均达标为保持达标，跌破为倒退。",
    "约束性指标的“左右”“保持稳定”不设容许偏差。",
    "同一数据有多个来源时依次取全年数、原始来源、较晚发布、较细精度者；落选数据全部列出。"
    "启动以来累计数不与五年累计数混用。",
)

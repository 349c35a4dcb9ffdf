"""The sentences of an agenda: what changes by itself, and which deadlines fall."""

from __future__ import annotations

from collections.abc import Mapping

from credit_engine.assessing.explaining.glossary import Both

AGENDA_TEXTS: Mapping[str, Both] = {
    "agenda": Both(
        "此后至{until}自行发生的变化与届满的期限", "What changes by itself and which deadlines fall, up to {until}"
    ),
    "agenda_nothing": Both("无", "Nothing"),
    "agenda_about": Both("{rule}，{event}", "{rule}, {event}"),
    "agenda_change": Both("{subject}：由{before}变为{after}", "{subject}: {before} becomes {after}"),
    "agenda_score": Both("信用分", "Score"),
    "agenda_fading": Both("逐日递减的分值", "points that fade day by day"),
    "agenda_unknown_score": Both("{low}至{high}之间", "between {low} and {high}"),
    "agenda_rule_begins": Both("开始计分：{rule}", "Begins to count: {rule}"),
    "agenda_rule_ends": Both("不再计分：{rule}", "Ceases to count: {rule}"),
    "agenda_entry": Both("名单记录{id}", "Entry {id}"),
    "agenda_changed_ground": Both("{state}（列入理由已不符合条件）", "{state} (ground changed)"),
    "agenda_repairable": Both("名单记录{id}：可以申请信用修复", "Entry {id}: repair may be applied for"),
    "agenda_repairable_from": Both(
        "名单记录{id}：可以申请信用修复的首日改为{day}", "Entry {id}: repair may be applied for from {day}"
    ),
    "agenda_repairable_not": Both(
        "名单记录{id}：不能再申请信用修复", "Entry {id}: repair may no longer be applied for"
    ),
    "agenda_finding_begins": Both("处理意见开始：{rule}", "Finding begins: {rule}"),
    "agenda_finding_ends": Both("处理意见结束：{rule}", "Finding ends: {rule}"),
    "agenda_due": Both("期限届满之日：{rule}", "Last day of a deadline: {rule}"),
    "agenda_obligation": Both("期限{rule}", "Deadline {rule}"),
    "agenda_inspections": Both("监督检查频次", "Inspections"),
    "agenda_sampling": Both("抽检频次", "Sampling"),
    "agenda_notice": Both("通知", "Notice"),
    "agenda_known": Both("不再有未知事项：{rule}", "Nothing is unknown any more: {rule}"),
    "agenda_outside_yes": Both("不再适用本评价标准", "Outside the policy from this day"),
    "agenda_outside_no": Both("开始适用本评价标准", "Judged by the policy from this day"),
    "agenda_outside_unknown": Both(
        "是否适用本评价标准尚不清楚", "Whether the policy applies is not known from this day"
    ),
    "agenda_audience": Both("公开范围", "Who may see it"),
}

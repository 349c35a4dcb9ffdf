"""The sentences about list entries, measures, findings, obligations and supervision, in Chinese and in English."""

from __future__ import annotations

from collections.abc import Mapping

from credit_engine.assessing.explaining.glossary import Both

LIST_TEXTS: Mapping[str, Both] = {
    # --- entries
    "lists": Both("名单与公示", "Lists and publications"),
    "negative": Both("失信类名单", "negative list"),
    "positive": Both("守信类名单", "positive list"),
    "neutral": Both("公示", "publication"),
    "state_proposed": Both("拟列入（尚未决定）", "proposed, not decided"),
    "state_notified": Both("已告知，尚未决定", "notified, not decided"),
    "state_listed": Both("已列入，有效", "listed and in force"),
    "state_suspended": Both("暂停，不产生效力", "suspended, without effect"),
    "state_refused": Both("决定不予列入", "refused: not to be listed"),
    "state_repaired": Both("已修复，提前移出", "repaired and removed early"),
    "state_revoked": Both("列入决定已撤销", "revoked"),
    "state_expired": Both("期限届满，已失效", "expired"),
    "entry_id": Both("记录{id}（{polarity}）", "Entry {id} ({polarity})"),
    "ground": Both("列入理由：{event}", "Ground: {event}"),
    "ground_decision": Both("列入理由：列入决定本身，{event}", "Ground: the decision itself, {event}"),
    "ground_review": Both("列入理由：{day}定期评定时符合条件", "Ground: its conditions held on the review of {day}"),
    "ground_elsewhere": Both(
        "列入理由：{id}（该主体现有记录中没有此事件）", "Ground: {id} (not among the records of this party)"
    ),
    "ground_changed": Both(
        "注意：列入理由现已不符合列入条件，须由机关复核；在决定改变之前该记录不变",
        "Note: the ground no longer satisfies what opens this list. The authority should look at it again; the entry"
        " stays as it is until a decision changes it",
    ),
    "no_foundation": Both(
        "注意：{day}该名单没有有效的设立依据，须由机关复核；在决定改变之前该记录不变",
        "Note: no legal foundation of this list was in force on {day}. The authority should look at it again; the entry"
        " stays as it is until a decision changes it",
    ),
    "listed_by": Both("{day}列入，依据{event}", "Listed on {day}, by {event}"),
    "listed_by_rule": Both(
        "{day}列入，由规则直接产生，无须决定", "Listed on {day}, by the rule itself without a decision"
    ),
    "listed_not": Both("尚无列入决定，不产生任何效力", "No decision has listed it; it has no effect"),
    "listed_not_yet": Both("期限尚未开始，不产生任何效力", "Its time has not begun; it has no effect"),
    "entry_days": Both("期间：{first}至{last}（含首末两日）", "From {first} up to and including {last}"),
    "entry_endless": Both("期间：自{first}起，无截止日", "From {first}, without end"),
    "entry_end_unknown": Both(
        "期间：自{first}起，截止日尚不能确定，在此之前继续有效",
        "From {first}; the last day is not known, and the entry stays until it is",
    ),
    "entry_void": Both("自始不产生效力", "Without effect from its first day"),
    "entry_closed": Both("{day}决定作出后终结", "Closed by the decision of {day}"),
    "steps": Both("机关所作步骤", "Steps of the authority"),
    "step": Both("{step}：{event}", "{step}: {event}"),
    "step_notify": Both("告知", "notified"),
    "step_object": Both("当事人陈述申辩", "the party objected"),
    "step_list": Both("列入", "listed"),
    "step_refuse": Both("不予列入", "refused to list"),
    "step_accept": Both("受理修复申请", "accepted the application for repair"),
    "step_repair": Both("准予修复", "repaired"),
    "step_refuse_repair": Both("不予修复", "refused to repair"),
    "step_revoke": Both("撤销列入", "revoked"),
    "step_restore": Both("恢复列入", "restored"),
    "step_opt_out": Both("退出互认", "opted out of recognition"),
    "measures": Both("随之采取的措施", "Measures that follow"),
    "measure": Both("{measure}（{class_}，执行：{executor}）", "{measure} ({class_}, by {executor})"),
    "class_I": Both("第一类", "class I"),
    "class_II": Both("第二类", "class II"),
    "class_III": Both("第三类", "class III"),
    "list_law": Both("适用{day}的规定", "Law of {day}"),
    "may_be_on_list": Both(
        "是否在名单上尚不能确定：{list}", "Whether the party is on this list cannot be told: {list}"
    ),
    "state_waiting": Both("期限尚未开始", "not begun"),
    "on_list": Both("列入“{list}”", "on the list “{list}”"),
    "gap_list": Both("须先确定是否列入“{list}”（见上）", "Whether on the list “{list}” must be known first, see above"),
    # --- what would end an entry
    "ending": Both("何种情形下终结", "What would end it"),
    "end_expiry": Both(
        "期限届满：{last}为最后一日，{day}起失效", "Expiry: {last} is its last day, it is over on {day}"
    ),
    "end_review": Both("下次定期评定：{day}重新评定", "The next review: judged anew on {day}"),
    "end_never": Both("期限：无截止日，不会自行终结", "Expiry: it has no last day and does not end by itself"),
    "end_unknown": Both("期限届满：截止日尚不能确定", "Expiry: its last day is not known"),
    "end_withdrawn": Both(
        "列入理由被撤回，或机关撤销列入决定", "The ground is withdrawn, or the authority revokes the entry"
    ),
    "end_withdrawn_rule": Both("列入理由被撤回", "The ground is withdrawn"),
    "end_refused": Both(
        "机关决定不予列入，或理由被撤回", "The authority refuses to list it, or the ground is withdrawn"
    ),
    "repair_from": Both("信用修复：{day}起可以申请", "Repair: may be applied for from {day}"),
    "repair_since": Both("信用修复：自{day}起已可以申请", "Repair: may be applied for, since {day}"),
    "repair_none": Both("信用修复：该名单未设提前移出", "Repair: this list knows none"),
    "repair_never": Both("信用修复：此类情形不得修复", "Repair: excluded for such a ground"),
    "repair_not": Both("信用修复：条件尚未具备", "Repair: not possible so far"),
    "repair_wait": Both(
        "等待期至{last}，{day}起方可申请", "The wait lasts to {last}; from {day} it may be applied for"
    ),
    "repair_waited": Both("等待期已于{last}届满", "The wait was over on {last}"),
    "repair_wait_unknown": Both("等待期的截止日尚不能确定", "The end of the wait is not known"),
    "repair_no_record": Both("尚无整改记录", "No rectification of it is recorded"),
    "repair_record": Both("以该整改记录为准：{event}", "By its newest rectification: {event}"),
    "repair_failed": Both("尚未符合的条件", "What does not hold yet"),
    "repair_new": Both("列入后又有：{event}", "Since it was listed there is: {event}"),
    "repair_new_maybe": Both(
        "列入后是否又有{kind}尚不能确定", "Whether there is a new {kind} since it was listed is not known"
    ),
    # --- findings
    "findings": Both("依法应当、可以或不得的后果（由机关决定）", "What the law says must, may or must not follow"),
    "says_must": Both("应当：{text}", "Must: {text}"),
    "says_may": Both("可以：{text}", "May: {text}"),
    "says_must_not": Both("不得：{text}", "Must not: {text}"),
    "by_rule": Both("所依规则：{rule}", "Rule: {rule}"),
    # --- obligations
    "obligations": Both("办理期限", "Deadlines"),
    "obligation": Both("{rule}：{state}", "{rule}: {state}"),
    "owed_met": Both("按期完成", "met"),
    "owed_late": Both("逾期完成", "done late"),
    "owed_open": Both("期限未届满，尚未完成", "open"),
    "owed_overdue": Both("逾期未完成", "overdue"),
    "owed_unknown": Both("尚不能确定", "not known"),
    "due": Both("最后期限：{day}", "Due: {day}"),
    "due_unknown": Both("最后期限：尚不能确定", "Due: not known"),
    "done": Both("完成日：{day}", "Done: {day}"),
    "done_not": Both("截至评价日尚未完成", "Not done by the day judged"),
    "done_unknown": Both("是否完成尚不能确定", "Whether it is done is not known"),
    "owed_by": Both("责任方：{who}", "Owed by: {who}"),
    "counted_in": Both("统计归属：区划{region}", "Counted in region {region}"),
    # --- supervision
    "supervision": Both("监管频次与通知", "Supervision"),
    "visits_between": Both("监督检查：每{period}{low}至{high}次", "Inspections: {low} to {high} in {period}"),
    "visits_exact": Both("监督检查：每{period}{low}次", "Inspections: {low} in {period}"),
    "visits_least": Both("监督检查：每{period}不少于{low}次", "Inspections: at least {low} in {period}"),
    "visits_most": Both("监督检查：每{period}不超过{high}次", "Inspections: at most {high} in {period}"),
    "sampling_times": Both("抽检频次：通常的{times}倍", "Sampling: {times} times the usual"),
    "notice": Both("通知：{notice}", "Notice: {notice}"),
    # --- why and why not
    "why_list": Both("名单说明：{rule}", "The list {rule}"),
    "opened": Both("已有记录：{number}", "Entries: {number}"),
    "opened_not": Both("没有产生记录", "No entry"),
    "may_open": Both("是否产生记录尚不能确定", "There may be an entry; it cannot be told yet"),
    "only_decided": Both("该名单只由机关决定产生记录", "Only decisions open entries on this list"),
    "stop_unless": Both("列入条件的除外情形成立", "What excludes an entry holds"),
    "stop_review": Both("{day}定期评定时条件不成立", "Its conditions did not hold on the review of {day}"),
    "stop_gone": Both("目前没有因此产生的记录", "There is no entry because of it now"),
    "holds": Both("成立", "Holds"),
    "owes": Both("已产生期限：{number}", "Deadlines: {number}"),
    "stricter": Both("条件成立，但另有更严格的规则适用", "Its condition holds, but a stricter rule applies"),
}

"""The sentences about effects, paths and recognition, in Chinese and in English, and what relations are called."""

from __future__ import annotations

from collections.abc import Mapping

from credit_engine.assessing.explaining.glossary import Both

# A relation says *source is KIND of target*; a kind that a policy declares is shown as it is written.
RELATIONS: Mapping[str, Both] = {
    "legal_representative": Both("法定代表人", "legal representative"),
    "principal": Both("主要负责人", "principal"),
    "responsible": Both("责任人员", "person responsible"),
    "direct_manager": Both("直接负责的主管人员", "directly responsible manager"),
    "actual_controller": Both("实际控制人", "actual controller"),
    "shareholder": Both("股东", "shareholder"),
    "branch": Both("分支机构", "branch"),
    "host": Both("平台或场所提供者", "host"),
    "maker": Both("生产者", "maker"),
    "employee": Both("从业人员", "employee"),
    "successor": Both("承继者", "successor"),
    "same_address": Both("同址经营者", "operator at the address"),
}

EFFECTS: Mapping[str, Both] = {
    "bar": Both("从业或经营禁入", "bar"),
    "marking": Both("标注", "marking"),
    "mirror": Both("同等措施", "the same measures"),
    "points": Both("关联计分", "points"),
    "attention": Both("重点关注", "closer attention"),
    "alert": Both("关联提示", "alert"),
    "inform": Both("告知", "information"),
    "none": Both("不予互认", "not recognised"),
}

EFFECT_TEXTS: Mapping[str, Both] = {
    # --- effects
    "effects": Both("由关联方传导而来", "What reaches this party from affiliates"),
    "recognised": Both("其他地区对名单记录的互认", "Recognition of entries by other regions"),
    "recognised_line": Both("{region}：{effect}，依据规则{rule}", "Region {region}: {effect}, by the rule {rule}"),
    "effect_line": Both("{effect}：{rule}", "{effect}: {rule}"),
    "effect_possible": Both(
        "仅属可能（持股比例不能确定），不产生任何限制",
        "Possible only, since shares are not known exactly; it restricts nothing",
    ),
    "effect_free": Both("不限制任何权利", "It restricts nothing"),
    "effect_from_event": Both("来自{party}：{event}", "From {party}: {event}"),
    "effect_from_entry": Both("来自{party}：有效的名单记录{entry}", "From {party}: the entry {entry}, in force"),
    "effect_from_answer": Both(
        "来自{party}：其自身在评价日的评价结果", "From {party}: its own assessment on the day judged"
    ),
    "effect_from_several": Both("来自多个主体合计：{parties}", "From several parties together: {parties}"),
    "effect_itself": Both("直接及于该主体自身", "It is the party's own; no relation carries it"),
    "effect_days_entry": Both("该记录有效期间持续", "It lasts as long as the entry is in force"),
    "effect_day_only": Both("仅就评价日而言", "It is of the day judged only"),
    "effect_weight": Both("每步权重相乘：{weight}", "Weight over all steps: {weight}"),
    "effect_points": Both("计{points}", "It counts {points}"),
    "effect_points_none": Both("折算后不计分", "Weighted, it counts nothing"),
    "path": Both("路径（{steps}步）", "Path of {steps} steps"),
    "path_one": Both("路径（1步）", "Path of one step"),
    "edge": Both("{source}是{target}的{kind}", "{source} is {kind} of {target}"),
    "edge_named": Both("{start}的决定将{end}列为{kind}", "The decision on {start} names {end} as {kind}"),
    "edge_several": Both("{start}与{end}之间的{number}项关系", "{number} relations between {start} and {end}"),
    "edge_sum": Both("合计{share}", "together {share}"),
    "edge_held_on": Both("以{day}的状况为准", "as it was on {day}"),
    "held_id": Both("关系{id}", "relation {id}"),
    "held_since": Both("{day}起", "from {day}"),
    "held_until": Both("至{day}", "up to and including {day}"),
    "held_undated": Both("起始日未记录，按一直存在处理", "undated: taken to be from always"),
    "held_no_share": Both("持股比例未记录", "share not recorded"),
    "held_document": Both("文书号{document}", "document {document}"),
    "together": Both("合计：{sum}，规则要求{need}", "Together {sum}; the rule asks it to {need}"),
    "holder": Both("{party}：{share}", "{party}: {share}"),
    "proof": Both("全部依据（自起因起）", "The whole proof, from the origins on"),
    "cut": Both("断点：下列任何一项不存在，即不再传导", "Without any one of these it would not be"),
    "cut_none": Both(
        "没有断点：单独去掉任何一项关系或起因，均不影响该传导", "No single relation and no single origin would lift it"
    ),
    "cut_relation": Both("关系{id}", "relation {id}"),
    "cut_event": Both("{party}的事件{id}", "event {id} of {party}"),
    "cut_entry": Both("名单记录{id}", "entry {id}"),
    "cut_answer": Both("{party}自身的评价结果", "{party}'s own assessment"),
    "too_wide": Both(
        "传导面过大（超过{most}项），该规则中止，未产生任何传导",
        "Too wide: more than {most} effects, so the rule was ended and has none",
    ),
    "too_wide_name": Both("传导范围", "whom it reaches"),
    # --- why and why not
    "reached": Both("以该规则传导至本主体：{number}项", "Reaches this party by this rule: {number}"),
    "reached_not": Both("以该规则没有传导至本主体", "Nothing reaches this party by this rule"),
    "reached_not_asked": Both(
        "本次评价未计算关联方的传导，只说明由本主体出发的部分",
        "Effects were not given to this assessment; only what starts from this party is told",
    ),
    "starts": Both("由本主体出发：{number}项", "Starts from this party: {number}"),
    "starts_not": Both("本主体没有可由此传导的起因", "Nothing of this party starts it"),
    "start_event": Both("起因：{event}", "Origin: {event}"),
    "start_entry": Both("起因：名单记录{entry}", "Origin: the entry {entry}"),
    "start_answer": Both("起因：自身评价结果", "Origin: its own assessment"),
    "start_lists": Both("起因须为有效名单记录：{lists}", "It starts from entries in force on: {lists}"),
    "goes_over": Both("传导路径：{steps}", "It goes over: {steps}"),
    "goes_to": Both("{kinds}（由{from_}至{to}）", "{kinds} (from {from_} to {to})"),
    "goes_named": Both("决定所列人员（{roles}）", "persons named in the decision ({roles})"),
    "goes_again": Both("，逐级重复", ", again and again"),
    "goes_hops": Both("，至多{hops}步", ", at most {hops} steps"),
    "end_source": Both("主体", "source"),
    "end_target": Both("对象", "target"),
    "recognised_by": Both("据此互认：{number}项", "Entries taken over by it: {number}"),
    "recognised_not": Both("没有名单记录据此被互认", "No entry is taken over by it"),
    # --- pictures
    "graph": Both("{party}的关联传导（{day}）", "What reaches {party} and what it reaches, on {day}"),
    "graph_reaching": Both("传导至{party}：{number}项", "Reaching {party}: {number}"),
    "graph_reached": Both("由{party}传导出：{number}项", "Starting from {party}: {number}"),
    "graph_nothing": Both("无", "nothing"),
    "graph_to": Both("至{party}：{effect}", "To {party}: {effect}"),
    "graph_region": Both("地区{region}", "region {region}"),
    "graph_legend_solid": Both("产生限制", "restricts"),
    "graph_legend_dashed": Both("关联提示或重点关注，不限制", "alert or attention, restricts nothing"),
    "graph_legend_dotted": Both("仅属可能，不限制", "possible only, restricts nothing"),
    "graph_legend_arrow": Both(
        "“→”：左方是右方的所标关系；“←”：右方是左方的所标关系",
        "“→”: the left one is what is written of the right one; “←”: the right one of the left one",
    ),
    "graph_left_out": Both("另有{number}项传导未画出", "{number} more effects are not drawn"),
    "graph_more": Both("另有{number}项", "{number} more"),
    "graph_possible": Both("可能", "possible"),
}

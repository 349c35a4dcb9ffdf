"""What the words of records are called in each language: kinds of events, fields, codes, ranks, degrees of certainty.

A word that is not in here (a kind, field or code that a policy declares) is shown as it is written.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple


class Both(NamedTuple):
    """One thing said in Chinese and in English."""

    zh: str
    en: str


KINDS: Mapping[str, Both] = {
    "violation": Both("行政处罚", "penalty decision"),
    "inspection": Both("监督检查或抽检", "inspection"),
    "case_transfer": Both("案件移送或协查", "case transfer"),
    "rectification": Both("整改", "rectification"),
    "honour": Both("荣誉或认证", "honour"),
    "list_decision": Both("名单决定", "list decision"),
}

FIELDS: Mapping[str, Both] = {
    "id": Both("编号", "id"),
    "party": Both("当事人", "party"),
    "authority": Both("机关", "authority"),
    "region": Both("区划代码", "region code"),
    "document": Both("文书号", "document"),
    "occurred": Both("发生日", "day of the act or visit"),
    "decided": Both("决定日", "day of the decision"),
    "effective": Both("生效日", "day of taking effect"),
    "published": Both("公示日", "day of publication"),
    "received": Both("收到日", "day received"),
    "withdrawn": Both("撤回日", "day withdrawn"),
    "recorded": Both("入档日", "day recorded"),
    "standing": Both("效力状态", "standing"),
    "stayed": Both("停止执行", "execution stayed"),
    "acts": Both("违法行为", "acts"),
    "law": Both("所违反法律", "law"),
    "article": Both("条款", "article"),
    "severity": Both("情节", "severity"),
    "penalties": Both("处罚种类", "penalties"),
    "fine": Both("罚款金额", "fine"),
    "confiscated": Both("没收金额", "amount confiscated"),
    "goods_value": Both("货值金额", "value of the goods"),
    "heavier": Both("从重处罚", "punished more heavily"),
    "intent": Both("主观故意", "intent"),
    "procedure": Both("程序", "procedure"),
    "restricted_until": Both("限制截止日", "restricted until"),
    "responsible": Both("责任人员", "persons responsible"),
    "type": Both("类型", "type"),
    "result": Both("结果", "result"),
    "score": Both("得分", "score"),
    "items_failed": Both("不合格项目数", "failed items"),
    "key_items_failed": Both("不合格重点项目数", "failed key items"),
    "level": Both("级别", "level"),
    "product": Both("产品", "product"),
    "batch": Both("批次", "batch"),
    "hazard": Both("危害", "hazard"),
    "served": Both("送达日", "day served"),
    "disposed": Both("处置日", "day disposed of"),
    "direction": Both("移送方向", "direction"),
    "from_authority": Both("移送机关", "sending authority"),
    "to_authority": Both("接收机关", "receiving authority"),
    "to_region": Both("接收地区划代码", "receiving region"),
    "handed_over": Both("移交日", "day handed over"),
    "answered": Both("答复日", "day answered"),
    "status": Both("办理状态", "status"),
    "sentence": Both("刑罚", "sentence"),
    "of": Both("所针对的事件", "what it is about"),
    "performed": Both("履行日", "day performed"),
    "harm_removed": Both("已消除危害后果", "harm removed"),
    "promise": Both("已作承诺", "promise given"),
    "false_material": Both("提供虚假材料", "false material"),
    "until": Both("有效期截止日", "valid until"),
    "list": Both("名单", "list"),
    "step": Both("步骤", "step"),
    "grounds": Both("理由", "grounds"),
    "foundation": Both("当时有效的名单设立依据", "a legal foundation of the list in force then"),
    "no_row": Both("各行均不适用时的取值", "the value where no row holds"),
    "day": Both("评价日", "day"),
    "kind": Both("主体类型", "kind of party"),
    "registered": Both("登记日", "day of registration"),
    "closed": Both("注销日", "day of closing"),
    "credit_code": Both("统一社会信用代码", "credit code"),
    "licences": Both("许可证", "licences"),
    "person": Both("人员", "person"),
    "role": Both("角色", "role"),
    "name": Both("名称", "name"),
    "listed": Both("列入日", "day listed"),
    "own_score": Both("信用分", "score"),
    "grade": Both("等级", "grade"),
    "origin": Both("列入机关所在区划", "region of the listing authority"),
    "last_day": Both("最后有效日", "last day"),
    "primary": Both("原始列入", "listed on its own ground"),
    "item_at_hand": Both("该项", "element"),
}

CODES: Mapping[str, Mapping[str, Both]] = {
    "standing": {
        "alleged": Both("涉嫌", "alleged"),
        "found": Both("已认定", "found"),
        "final": Both("已生效", "final"),
        "withdrawn": Both("已撤回", "withdrawn"),
    },
    "penalties": {
        "warning": Both("警告", "warning"),
        "criticism": Both("通报批评", "criticism"),
        "fine": Both("罚款", "fine"),
        "confiscation": Both("没收", "confiscation"),
        "suspend_licence": Both("暂扣许可证", "licence suspended"),
        "lower_qualification": Both("降低资质等级", "qualification lowered"),
        "revoke_licence": Both("吊销许可证", "licence revoked"),
        "restrict_business": Both("限制开展生产经营活动", "business restricted"),
        "stop_production": Both("责令停产停业", "production stopped"),
        "closure": Both("责令关闭", "closure"),
        "restrict_employment": Both("限制从业", "employment restricted"),
        "detention": Both("行政拘留", "detention"),
    },
    "severity": {
        "minor": Both("轻微", "minor"),
        "general": Both("一般", "general"),
        "severe": Both("严重", "severe"),
    },
    "procedure": {"ordinary": Both("普通程序", "ordinary"), "summary": Both("简易程序", "summary")},
    "type": {
        "routine": Both("日常检查", "routine"),
        "special": Both("专项检查", "special"),
        "sampling": Both("抽样检验", "sampling"),
        "unannounced": Both("飞行检查", "unannounced"),
        "system": Both("体系检查", "system"),
        "gmp": Both("GMP认证", "GMP"),
        "haccp": Both("HACCP认证", "HACCP"),
        "quality_award": Both("质量奖", "quality award"),
    },
    "result": {"pass": Both("合格", "pass"), "basic": Both("基本合格", "basic pass"), "fail": Both("不合格", "fail")},
    "notice": {"assistance": Both("帮扶指导", "assistance")},
    "direction": {
        "criminal": Both("移送公安机关", "to the police"),
        "region": Both("跨区域", "to another region"),
        "department": Both("跨部门", "to another department"),
    },
    "status": {
        "sent": Both("已移送", "sent"),
        "accepted": Both("已受理", "accepted"),
        "returned": Both("已退回", "returned"),
        "filed": Both("已立案", "case filed"),
        "prosecuted": Both("已起诉", "prosecuted"),
        "convicted": Both("已判有罪", "convicted"),
        "acquitted": Both("宣告无罪", "acquitted"),
        "dropped": Both("已撤案或不起诉", "dropped"),
        "closed": Both("已结案", "closed"),
    },
    "law": {
        "food_safety_law": Both("食品安全法", "Food Safety Law"),
        "advertising_law": Both("广告法", "Advertising Law"),
    },
    "kind": {
        "enterprise": Both("企业", "enterprise"),
        "individual_business": Both("个体工商户", "individual business"),
        "branch": Both("分支机构", "branch"),
        "platform": Both("平台", "platform"),
        "cooperative": Both("合作社", "cooperative"),
        "farm": Both("农场", "farm"),
        "person": Both("自然人", "natural person"),
    },
}

RANKS: Mapping[str, Both] = {
    "law": Both("法律", "law"),
    "administrative_regulation": Both("行政法规", "administrative regulation"),
    "local_regulation": Both("地方性法规", "local regulation"),
    "departmental_rule": Both("部门规章", "departmental rule"),
    "document": Both("规范性文件", "document"),
    "guidance": Both("指导性文件", "guidance"),
    "agreement": Both("协议", "agreement"),
}

CERTAINTY: Mapping[str, Both] = {
    "seen": Both("原文已核", "text checked"),
    "high": Both("原文待核，把握较大", "text not yet checked, fairly sure"),
    "medium": Both("原文待核，把握一般", "text not yet checked, not sure"),
    "low": Both("原文待核，把握较小", "text not yet checked, doubtful"),
    "seen (text read)": Both("原文已核", "text checked"),
    "seen as quoted": Both("据转引，原文待核", "seen as quoted elsewhere"),
    "inferred": Both("系推定，非原文所载", "inferred, not in the text"),
    "open": Both("尚无定论", "not settled"),
    "not found": Both("未查到", "not found"),
    "experimental": Both("试验性", "experimental"),
    "illustrative": Both("示例，非官方标准", "an illustration, not an official standard"),
}

FLAGS: Mapping[str, Both] = {
    "unknown_region": Both("不在区划表中", "is no code of the regions table"),
    "region_not_valid_on_day": Both(
        "在评价日不是有效的区划代码", "is a region code that is not valid on the day judged"
    ),
    "credit_code_untidy": Both("含空格、小写或全角字符", "has blanks, lower-case or full-width characters"),
    "credit_code_length": Both("位数不是18位", "does not have 18 characters"),
    "credit_code_characters": Both("含不应出现的字符", "has characters that do not belong at their place"),
    "credit_code_check": Both("校验位不符", "has a last character that does not fit the others"),
    "licence_untidy": Both("含空格、小写或全角字符", "has blanks, lower-case or full-width characters"),
    "licence_length": Both("位数不是14位", "does not have 14 digits"),
    "licence_characters": Both("字母后含非数字字符", "has other characters than digits after its two letters"),
    "licence_kind": Both("开头不是SC、JY或YB", "begins with neither SC, JY nor YB"),
    "licence_check": Both("校验位不符", "has a last digit that does not fit the others"),
}

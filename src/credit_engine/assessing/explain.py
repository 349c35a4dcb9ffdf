"""An answer as an account that can be published: text, or a tree for JSON and pictures. It decides nothing.

Everything is read again from the question that the answer holds, so an assessment itself pays nothing for it. No name
of a person or firm appears, only ids.
"""

from __future__ import annotations

from datetime import date

from credit_engine.assessing.answer import Assessment
from credit_engine.assessing.changes import agenda
from credit_engine.assessing.explaining.account import Account
from credit_engine.assessing.explaining.agenda import agenda_account
from credit_engine.assessing.explaining.duties import duty_accounts
from credit_engine.assessing.explaining.effects import effect_accounts
from credit_engine.assessing.explaining.grades import grade_accounts
from credit_engine.assessing.explaining.indicators import flag_accounts, indicator_accounts
from credit_engine.assessing.explaining.lists import list_accounts
from credit_engine.assessing.explaining.scores import score_account
from credit_engine.assessing.explaining.telling import Telling
from credit_engine.assessing.explaining.unknowns import unknown_accounts
from credit_engine.assessing.explaining.why import why
from credit_engine.assessing.explaining.wording import Language
from credit_engine.errors import Problem, QuestionError
from credit_engine.records import Person


def explain(answer: Assessment, language: Language = "zh", rule: str | None = None) -> str:
    """The account as indented text; with `rule`, only why that rule did or did not apply.

    Raises `QuestionError` if the policy has no such rule.
    """
    return tree(answer, language, rule).as_text()


def tree(answer: Assessment, language: Language = "zh", rule: str | None = None) -> Account:
    """The same account as data."""
    if language not in ("zh", "en"):
        raise QuestionError(Problem("unknown_label", f"no account in the language {language!r}", hint="zh or en"))
    telling = Telling(answer, language)
    lines = _head(telling)
    if rule is not None:
        lines.append(why(rule, telling))
    else:
        lines += [*score_account(telling), *grade_accounts(telling.final), *list_accounts(telling)]
        lines += [*effect_accounts(telling), *duty_accounts(telling.final), *unknown_accounts(telling)]
        lines += [*indicator_accounts(telling), *flag_accounts(telling)]
    return _whole(lines, telling)


def agenda_tree(answer: Assessment, until: date, language: Language = "zh") -> Account:
    """What changes by itself after the day judged, up to and including `until`, and which deadlines fall then."""
    telling = Telling(answer, language)
    dossier, policy = answer.question
    lines = agenda(dossier, policy, answer.as_of, until, answer.known_at)
    return _whole([*_head(telling), agenda_account(lines, until, telling)], telling)


def _whole(lines: list[Account], telling: Telling) -> Account:
    """The account of a party, once everything below it is told."""
    key = "party_person" if isinstance(telling.scene.party, Person) else "party_operator"
    telling.forget()
    return Account(telling.words(key, party=telling.answer.party), lines, part="assessment")


def _head(telling: Telling) -> list[Account]:
    """Who was judged, on which day, knowing what, by which policy."""
    words, answer, plan = telling.words, telling.answer, telling.plan
    lines = [words("judged_on", day=words.day(answer.as_of))]
    if answer.known_at != answer.as_of:
        lines.append(words("known_at", day=words.day(answer.known_at)))
    if telling.scene.question is not None:
        lines.append(words("seen_from", event=telling.event(telling.scene.question)))
    lines.append(words("policy", title=words.title(plan.title, plan.policy), policy=plan.policy))
    if answer.illustrative:
        lines.append(words("illustrative"))
    regions = words.items(plan.regions)
    if answer.outside_policy is True:
        region = getattr(telling.scene.party, "region", "")
        lines.append(words("outside", region=region, regions=regions))
    elif answer.outside_policy is None:
        lines.append(words("outside_unknown", regions=regions))
    return [Account(line, part="head") for line in lines]

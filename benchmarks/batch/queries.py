"""The policy `batch-rules` as SQL in DuckDB's words, with a table of days (`days`) that it looks into.

Days of spans come from that table; what came before an event is counted by windows, and its n-th latest joined.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path

from credit_engine.engines.columns.prepared import Prepared

SEEN = """
create or replace temp view {view} as
select e.*, d.y1, d.y2, d.y3 from read_parquet('{file}') e join days d on d.day = e."e.{anchor}"
where e."e.{anchor}" <= {today} and e.known_from <= {today} and e.known_until > {today}
  and coalesce(e."e.standing" not in ({alleged}, {withdrawn}), true)
"""

SCORES = """
with penalties as (
  select party, "order", "e.decided" as day, y1, y2, y3,
    "e.severity" as severity, "e.fine" as fine, "e.heavier" as heavier, "e.intent" as intent,
    coalesce("e.law" = {food}, false) as is_food, coalesce("e.law" = {food}, true) as may_be_food,
    (8000 * (y3 - {today})) // (y3 - day) as severe, (3000 * (y2 - {today})) // (y2 - day) as general,
    ((case when day >= {raised} then 8000 else 6000 end) * (y3 - {today})) // (y3 - day) as large,
    (4000 * (y2 - {today})) // (y2 - day) as sampled,
    (case when "e.penalties.warning" and y1 >= {today} then 1000 else 0 end)
    + (case when "e.penalties.fine" then (2000 * (y3 - {today})) // (y3 - day) else 0 end)
    + (case when "e.penalties.confiscation" and y2 >= {today} then 1500 else 0 end)
    + (case when "e.penalties.stop_production" or "e.penalties.closure"
       then (12000 * (y3 - {today})) // (y3 - day) else 0 end)
    + (case when "e.penalties.revoke_licence" then 40000 else 0 end)
    + (case when fine >= 5000000 then large else 0 end) + (case when fine >= 50000000 then 10000 else 0 end)
    + (case when severity = {severe} then severe else 0 end)
    + (case when severity = {general} and y2 >= {today} then general else 0 end)
    + (case when heavier and y2 >= {today} then 4000 else 0 end)
    + (case when intent and severity in ({general}, {severe}) then 5000 else 0 end) as high,
    (case when severity is null
       then severe + (case when y2 >= {today} then general else 0 end) + (case when intent then 5000 else 0 end)
       else 0 end)
    + (case when fine is null and "e.penalties.fine" then large + 10000 else 0 end)
    + (case when heavier is null and y2 >= {today} then 4000 else 0 end) as more
  from seen_violation where y3 >= {today}
), samples as (
  select party, "e.occurred" as day, y2, coalesce("e.result" = {fail}, false) as failed
  from seen_inspection
  where "e.type" = {sampling} and coalesce("e.result" = {fail}, true) and "e.occurred" >= {first_sample}
), lined as (
  select party, day, "order", y1, y2, high, more, sampled, is_food, may_be_food, false as failed, false as may_fail
  from penalties
  union all
  select party, day, -1, null, y2, null, null, null, false, false, failed, true from samples
), counted as (
  select *, count(*) filter (is_food) over mine as foods, count(*) filter (may_be_food) over mine as may_foods,
    count(*) filter (failed) over mine as fails, count(*) filter (may_fail) over mine as may_fails
  from lined window mine as (partition by party order by day, "order" rows unbounded preceding)
), asked as (
  select v.party, v.high, v.more, v.is_food and v.y1 >= {today} as in_year,
    v.may_be_food and v.y1 >= {today} as may_be_in_year,
    case when v.y2 >= {today} and a.y1 >= v.day then 6000 else 0 end
    + case when v.y2 >= {today} and c.y2 >= v.day then v.sampled else 0 end as own_high,
    case when v.y2 >= {today} and b.y1 >= v.day then 6000 else 0 end
    + case when v.y2 >= {today} and d.y2 >= v.day then v.sampled else 0 end as own_low
  from (select * from counted where high is not null) v
  left join (select party, foods, y1 from counted where is_food) a on a.party = v.party and a.foods = v.foods - 2
  left join (select party, may_foods, y1 from counted where may_be_food) b
    on b.party = v.party and b.may_foods = v.may_foods - 2
  left join (select party, fails, y2 from counted where failed) c on c.party = v.party and c.fails = v.fails - 1
  left join (select party, may_fails, y2 from counted where may_fail) d
    on d.party = v.party and d.may_fails = v.may_fails - 1
), of_penalties as (
  select party, sum(high + own_high)::bigint as high, sum(high + more + own_low)::bigint as low,
    count(*) as recent, count(*) filter (in_year) as year, count(*) filter (may_be_in_year) as may_year
  from asked group by party
), of_samples as (
  select party, count(*) filter (failed) as failed, count(*) as may_fail from samples where y2 >= {today} group by party
), of_visits as (
  select party, sum(high)::bigint as high, sum(high + more)::bigint as low from (
    select party,
      (case when "e.type" = {sampling} and "e.result" = {fail} then (5000 * (y2 - {today})) // (y2 - "e.occurred")
       else 0 end)
      + (case when "e.type" in ({routine}, {unannounced}) and "e.result" = {fail} and y1 >= {today} then 3000
         else 0 end)
      + (case when "e.type" in ({routine}, {unannounced}) and "e.score" < 70000
         then (2000 * (y2 - {today})) // (y2 - "e.occurred") else 0 end)
      + (case when "e.key_items_failed" >= 1 then 2500 else 0 end) as high,
      (case when "e.result" is null and "e.type" = {sampling}
       then (5000 * (y2 - {today})) // (y2 - "e.occurred") else 0 end)
      + (case when "e.result" is null and "e.type" in ({routine}, {unannounced}) and y1 >= {today} then 3000
         else 0 end)
      + (case when "e.score" is null and "e.type" in ({routine}, {unannounced})
         then (2000 * (y2 - {today})) // (y2 - "e.occurred") else 0 end) as more
    from seen_inspection where y2 >= {today})
  group by party
), others as (
  select party, sum(points)::bigint as points from (
    select party, -10000 as points from seen_case_transfer where y3 >= {today} and "e.direction" = {criminal}
    union all
    select party, 4000 from seen_honour
    where y3 >= {today} and "e.type" in ({quality_award}, {gmp}, {haccp}))
  group by party
), sums as (
  select p.party, coalesce(o.points, 0) + case when v.party is null then 5000 else 0 end + 100000 as other,
    coalesce(v.low, 0) as v_low, coalesce(v.high, 0) as v_high,
    coalesce(i.low, 0) as i_low, coalesce(i.high, 0) as i_high,
    coalesce(v.year, 0) as year, coalesce(v.may_year, 0) as may_year, coalesce(v.recent, 0) as recent,
    coalesce(s.failed, 0) as failed, coalesce(s.may_fail, 0) as may_fail
  from read_parquet('{folder}/parties.parquet') p left join of_penalties v using (party)
  left join of_visits i using (party) left join others o using (party) left join of_samples s using (party)
), ends as (
  select party, recent::varchar as violations_3y,
    case when year = may_year then year::varchar else year || '..' || may_year end as penalties_1y,
    case when failed = may_fail then failed::varchar else failed || '..' || may_fail end as failed_samples_2y,
    greatest(0, least(120000, other - least(v_low, 70000) - least(i_low, 30000)))::bigint as low,
    greatest(0, least(120000, other - least(v_high, 70000) - least(i_high, 30000)))::bigint as high
  from sums
)
select e.party, low, high, penalties_1y, failed_samples_2y, violations_3y,
  case when l.party is not null then 3 else (high < 90000)::int + (high < 75000)::int + (high < 60000)::int end::tinyint
    as best,
  case when l.party is not null then 3 else (low < 90000)::int + (low < 75000)::int + (low < 60000)::int end::tinyint
    as worst
from ends e left join (select distinct party from entries where state = 4) l using (party)
"""

ENTRIES = """
create or replace temp table entries as
with opening as (
  select party, "e.id" as ground, case when "e.law" = {food} and "e.severity" = {severe} then 2 else 1 end as opens
  from seen_violation
  where "e.decided" >= {founded} and "e.penalties.revoke_licence"
    and coalesce("e.law" = {food}, true) and coalesce("e.severity" = {severe}, true)
), steps as (
  select party, "e.grounds"[1] as ground, "e.decided" as day, "e.step" as step, "order",
    max(case when "e.step" = {list} then ("e.decided"::bigint << 32) + "order" end) over grounds as newest,
    max(case when "e.step" = {list} then "e.decided" end) over grounds as listed
  from seen_list_decision where "e.list" = {severely_untrustworthy}
  window grounds as (partition by party, "e.grounds"[1])
), done as (
  select party, ground, max(listed) as listed,
    max(case step when {revoke} then 3 when {refuse} then 2 when {repair} then 1 else 0 end) as closed_as,
    min(day) filter (step in ({revoke}, {refuse}, {repair})) as closed, bool_or(step = {notify}) as notified
  from steps where newest is null or (day::bigint << 32) + "order" >= newest
  group by party, ground
), rows as (
  select party, ground, listed, coalesce(opens, 0) as opens, coalesce(closed_as, 0) as closed_as, closed,
    coalesce(notified, false) as notified, y3, y1 + 1 as waited
  from opening full join done using (party, ground) left join days d on d.day = listed
  where listed is not null or opens = 2
), states as (
  select *, case when closed_as > 0 then 3 - closed_as
    when listed is not null then case when y3 < {today} then 3 else 4 end
    when notified then 5 else 6 end::tinyint as state
  from rows
), spoilt as (
  select distinct s.party, s.ground from states s join seen_violation v using (party)
  where s.state = 4 and coalesce(v."e.severity" = {severe}, true)
    and v."e.decided" > s.listed and v."e.decided" <= least(s.waited, {today})
)
select s.party, s.ground, s.listed, s.state, case when closed_as > 0 then closed else y3 + 1 end as until,
  listed is not null and opens = 0 as changed,
  case when state = 4 and p.party is null then waited end as repairable
from states s left join spoilt p on p.party = s.party and p.ground = s.ground
"""

ANCHORS = {
    "violation": "decided",
    "inspection": "occurred",
    "case_transfer": "received",
    "honour": "decided",
    "list_decision": "decided",
}
_CODES = (
    *("severe", "general", "fail", "sampling", "routine", "unannounced", "criminal", "quality_award", "gmp", "haccp"),
    *("alleged", "withdrawn", "list", "revoke", "refuse", "repair", "notify", "severely_untrustworthy"),
)


def values(store: Prepared, as_of: date, folder: Path) -> Mapping[str, object]:
    """What the queries have in braces: codes of the store, days as ordinals, and where the parties are."""
    today = as_of.toordinal()
    return {
        **{name: store.code(name) for name in _CODES},
        "food": store.code("食品安全法"),
        "today": today,
        "raised": date(2025, 1, 1).toordinal(),
        "founded": date(2021, 9, 1).toordinal(),
        "first_sample": today - 4 * 366,
        "folder": folder,
    }

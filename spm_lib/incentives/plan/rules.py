"""Rules across a plan file that no single key tells: what names what, what needs what."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from decimal import Decimal

from spm_lib.incentives.plan.decisions import Cap
from spm_lib.incentives.plan.pays import (
    AxisSection,
    BandSection,
    CurvePay,
    GoalPay,
    MatrixPay,
    ScorePay,
    TablePay,
)
from spm_lib.incentives.plan.plan import Component, Plan
from spm_lib.incentives.plan.section import Dated
from spm_lib.workspace import Fault, nearest


def rule_faults(plan: Plan) -> list[Fault]:
    """Return the faults between keys, in the order of the file's sections."""
    checks: tuple[Callable[[Plan], Iterator[Fault]], ...] = (
        _head,
        _decisions,
        _names,
        _credits,
        _components,
        _caps,
        _rest,
    )
    return [fault for check in checks for fault in check(plan)]


def _head(plan: Plan) -> Iterator[Fault]:
    head = plan.plan
    if head.valid_to <= head.valid_from:
        found = f"{head.valid_from} to {head.valid_to}"
        yield Fault("[plan] valid_to", found, "Write the first day after the plan's last day")
    for place, dated in _dated(plan):
        begins, ends = dated.valid_from, dated.valid_to
        if begins and ends and ends <= begins:
            yield Fault(f"{place} valid_to", f"{begins} to {ends}", "Write a day after valid_from")


def _dated(plan: Plan) -> Iterator[tuple[str, Dated]]:
    yield from ((f"[[components]] '{c.id}'", c) for c in plan.components)
    yield from ((f"[[credits]] '{c.id}'", c) for c in plan.credits)
    yield from ((f"[[target_pay]] number {i + 1}", t) for i, t in enumerate(plan.target_pay))


def _decisions(plan: Plan) -> Iterator[Fault]:
    order = plan.decisions.order
    if order[-1] != "transaction_id":
        yield Fault(
            "[decisions] order",
            f"it ends with '{order[-1]}', which several deals may share",
            'End it with "transaction_id"',
        )


def _names(plan: Plan) -> Iterator[Fault]:
    for section, ids in (
        ("measures", [m.id for m in plan.measures]),
        ("credits", [c.id for c in plan.credits]),
    ):
        for twice in sorted({name for name in ids if ids.count(name) > 1}):
            do = "Give each an id of its own"
            yield Fault(f"[[{section}]] '{twice}'", "it is there twice", do)
    rules = [c.id for c in plan.credits]
    for measure in plan.measures:
        for name in measure.credits:
            if name not in rules:
                found = f"there is no credit rule '{name}'"
                yield Fault(f"[[measures]] '{measure.id}' credits", found, nearest(name, rules))
    known = [m.id for m in plan.measures]
    for component in plan.components:
        for key, name in _measures_of(component):
            if name not in known:
                place = f"[[components]] '{component.id}' {key}"
                yield Fault(place, f"there is no measure '{name}'", nearest(name, known))


def _measures_of(component: Component) -> Iterator[tuple[str, str]]:
    pays = component.pays
    if component.measure:
        yield "measure", component.measure
    if isinstance(pays, TablePay) and pays.attained_by:
        yield "pays.attained_by", pays.attained_by
    if isinstance(pays, MatrixPay):
        yield from (("pays", a.measure) for a in (pays.rows, pays.columns) if a.measure)
    for gate in component.gates:
        yield from (("gates", name) for name in gate.measures)
    yield from (("multipliers", m.measure) for m in component.multipliers)


def _credits(plan: Plan) -> Iterator[Fault]:
    for rule in plan.credits:
        place = f"[[credits]] '{rule.id}'"
        for key, given in (("column", rule.column), ("rep", rule.rep)):
            if (rule.to == key) != (given is not None):
                found = f'to is "{rule.to}"' + ("" if given is None else f" and {key} is given")
                yield Fault(place, found, f'Write to = "{key}" and {key} together')
        if (rule.to == "manager") != (rule.kind == "rollup"):
            found = f'to is "{rule.to}", kind is "{rule.kind}"'
            yield Fault(place, found, 'Write kind = "rollup" with to = "manager", and only there')
        if rule.kind == "overlay" and rule.to == "house":
            yield Fault(place, "an overlay to the house pays nobody", "Leave it out")


def _components(plan: Plan) -> Iterator[Fault]:
    for component in plan.components:
        place = f"[[components]] '{component.id}'"
        checks = (_pays, _grouping, _bands_of, _gates, _release)
        for check in checks:
            yield from (
                Fault(f"{place} {f.place}".rstrip(), f.found, f.do) for f in check(plan, component)
            )
    yield from _overlapping(plan)


def _overlapping(plan: Plan) -> Iterator[Fault]:
    for i, one in enumerate(plan.components):
        for other in plan.components[i + 1 :]:
            if one.id == other.id and _meet(one, other):
                do = "Give the earlier a valid_to, or the other an id of its own"
                yield Fault(f"[[components]] '{one.id}'", "two versions are in force at once", do)


def _meet(one: Dated, other: Dated) -> bool:
    first = one.valid_to is None or other.valid_from is None or other.valid_from < one.valid_to
    second = other.valid_to is None or one.valid_from is None or one.valid_from < other.valid_to
    return first and second


def relative(component: Component) -> bool:
    """Say whether a component pays a share of target pay, so that it needs a weight."""
    pays = component.pays
    is_table = isinstance(pays, TablePay) and pays.times == "target"
    return is_table or isinstance(pays, CurvePay | GoalPay | ScorePay)


def _pays(plan: Plan, component: Component) -> Iterator[Fault]:
    pays = component.pays
    if relative(component) != (component.weight is not None):
        if relative(component):
            yield Fault("weight", "it is missing: it pays a share of target pay", "Add weight = 1")
        else:
            yield Fault("weight", "it pays no share of target pay", "Leave weight out")
    if component.at_target is not None and not relative(component):
        yield Fault("at_target", "it pays no share of target pay", "Leave at_target out")
    if relative(component) and not plan.target_pay:
        yield Fault("", "no target pay is stated", "Add [[target_pay]] with amount and per")
    if (component.measure is None) != isinstance(pays, ScorePay):
        do = "Leave measure out" if component.measure else "Add measure = ..."
        yield Fault("measure", f'kind is "{pays.kind}"', do)
    yield from _inside(plan, component)


def _inside(plan: Plan, component: Component) -> Iterator[Fault]:
    pays = component.pays
    if isinstance(pays, GoalPay):
        yield from _goal(plan, pays)
    if isinstance(pays, CurvePay):
        places = [p.attainment for p in pays.points]
        if places != sorted(set(places)):
            yield Fault("pays.points", "attainment does not rise", "List points from low to high")
    if isinstance(pays, ScorePay):
        yield from _objectives(pays)
    if isinstance(pays, MatrixPay):
        yield from _matrix(pays)


def _goal(plan: Plan, pays: GoalPay) -> Iterator[Fault]:
    jumps = plan.decisions.below_target == "jump"
    if jumps != (pays.payout_at_threshold is not None):
        found = f'below_target is "{plan.decisions.below_target}"'
        do = "Add payout_at_threshold" if jumps else "Leave payout_at_threshold out"
        yield Fault("pays.payout_at_threshold", found, do)
    by_rate = plan.decisions.accelerator == "rate" and bool(pays.accelerators)
    if by_rate != (pays.base_rate is not None):
        found = f'accelerator is "{plan.decisions.accelerator}"'
        do = "Add base_rate" if by_rate else "Leave base_rate out"
        yield Fault("pays.base_rate", found, do)
    if pays.threshold >= 1:
        yield Fault("pays.threshold", f"{pays.threshold} is not under target", "Write it under 1")
    starts = [a.over for a in pays.accelerators]
    if starts != sorted(set(starts)) or any(over < 1 for over in starts):
        yield Fault("pays.accelerators", f"they begin at {_list(starts)}", "From 1 on, rising")


def _objectives(pays: ScorePay) -> Iterator[Fault]:
    total = sum((o.weight for o in pays.objectives), Decimal(0))
    if total != 1:
        yield Fault("pays.objectives", f"the weights add up to {total}", "Make them add up to 1")
    ids = [o.id for o in pays.objectives]
    if len(set(ids)) < len(ids):
        yield Fault("pays.objectives", "an id is there twice", "Give each an id of its own")


def _matrix(pays: MatrixPay) -> Iterator[Fault]:
    for name, axis in (("rows", pays.rows), ("columns", pays.columns)):
        yield from _axis(name, axis)
    if pays.rows.column and pays.columns.column:
        yield Fault("pays.columns", "both sides are columns", "Make one side a measure")
    shape = {len(row) for row in pays.cells}
    if len(pays.cells) != pays.rows.size or shape != {pays.columns.size}:
        found = f"{len(pays.cells)} rows of {_list(sorted(shape))} cells"
        do = f"Write {pays.rows.size} rows of {pays.columns.size} cells: one more than the bounds"
        yield Fault("pays.cells", found, do)


def _axis(name: str, axis: AxisSection) -> Iterator[Fault]:
    if (axis.measure is None) == (axis.column is None):
        yield Fault(f"pays.{name}", "it needs a measure or a column", "Write one of the two")
    if list(axis.bounds) != sorted(set(axis.bounds)):
        yield Fault(f"pays.{name}.bounds", _list(axis.bounds), "List bounds from low to high")


def _grouping(plan: Plan, component: Component) -> Iterator[Fault]:
    grouping = component.grouping or plan.decisions.grouping
    pays = component.pays
    if (
        isinstance(pays, MatrixPay)
        and (pays.rows.column or pays.columns.column)
        and grouping == "to_date"
    ):
        yield Fault(
            "grouping", "a matrix over a column is not to date", 'Write grouping = "period"'
        )
    if isinstance(pays, MatrixPay) and grouping == "transaction":
        do = 'Write grouping = "period"'
        yield Fault("grouping", "a matrix looks at all deals of a period", do)
    if grouping == "to_date" and pays.kind in ("table", "curve", "goal") and not component.true_up:
        do = 'Write true_up = "deduct" (earned to date minus before) or "own" (own deals only)'
        yield Fault("true_up", "it is missing: grouping is to date", do)
    by_attainment = pays.kind in ("curve", "goal") or (
        isinstance(pays, TablePay) and (pays.of == "attainment" or pays.attained_by is not None)
    )
    if (grouping == "to_date" and by_attainment) != (component.against is not None):
        do = 'Write against = "so_far" or "interval", where attainment is to date'
        found = "it is given" if component.against else "it is missing"
        yield Fault("against", f'{found}: grouping is "{grouping}"', do)
    if grouping == "transaction" and by_attainment:
        do = 'Write grouping = "period" or "to_date"'
        yield Fault("grouping", "one transaction has no attainment", do)


def _bands_of(plan: Plan, component: Component) -> Iterator[Fault]:
    pays = component.pays
    if isinstance(pays, TablePay):
        yield from _bands("pays.bands", pays.bands, pays.how or plan.decisions.table)
        if pays.attained_by and any(
            (b.how or pays.how or plan.decisions.table) != "whole" for b in pays.bands
        ):
            do = 'Write how = "whole"'
            yield Fault("pays.attained_by", "a slice of another measure is nothing", do)
        if pays.times == "target" and pays.of == "base":
            yield Fault(
                "pays.times", "a share of target pay hangs on attainment", 'Write of = "attainment"'
            )
    for multiplier in component.multipliers:
        yield from _bands("multipliers.bands", multiplier.bands, "whole")


def _bands(place: str, bands: Iterable[BandSection], default: str) -> Iterator[Fault]:
    bands = tuple(bands)
    bounds = [band.up_to for band in bands]
    if None in bounds[:-1]:
        yield Fault(place, "a band without up_to is not the last", "Give it up_to")
    elif bounds[-1] is not None and default != "interpolated":
        yield Fault(place, f"nothing is said above {bounds[-1]}", "Add a last band without up_to")
    given = [bound for bound in bounds if bound is not None]
    if given != sorted(set(given)):
        yield Fault(
            place, f"bounds are {_list(given)}: bands overlap", "List them from low to high"
        )
    for number, band in enumerate(bands, start=1):
        fixed = (band.how or default) in ("interpolated", "step")
        key, other = ("pay", "rate") if fixed else ("rate", "pay")
        if getattr(band, key) is None or getattr(band, other) is not None:
            do = f"Write {key} and no {other}"
            yield Fault(f"{place}.{number}", f'its table is "{band.how or default}"', do)


def _gates(_: Plan, component: Component) -> Iterator[Fault]:
    for number, gate in enumerate(component.gates, start=1):
        if (gate.how == "weighted") != (gate.at_least is not None):
            do = 'Write at_least with how = "weighted", and only there'
            yield Fault(f"gates.{number}", f'how is "{gate.how}"', do)
        if gate.how == "weighted" and sum(gate.measures.values()) != 1:
            found = f"the weights add up to {sum(gate.measures.values())}"
            yield Fault(f"gates.{number}", found, "Make them add up to 1")


def _release(_: Plan, component: Component) -> Iterator[Fault]:
    release = component.release
    if release is None:
        return
    if (release.on in ("invoice", "go_live")) != (release.column is not None):
        yield Fault("release.column", f'on is "{release.on}"', "Name the column of the event's day")
    if release.parts and sum(release.parts) != 1:
        found = f"the parts add up to {sum(release.parts)}"
        yield Fault("release.parts", found, "Make them add up to 1")
    if (release.holdback is None) != (release.holdback_days is None):
        yield Fault("release.holdback", "share and days go together", "Write both, or neither")


def _caps(plan: Plan) -> Iterator[Fault]:
    for component in plan.components:
        if component.cap:
            place = f"[[components]] '{component.id}' cap"
            yield from _cap(place, component.cap, plan, ("attainment", "component"))
    if plan.cap:
        yield from _cap("[cap]", plan.cap, plan, ("plan", "payment"))


def _cap(place: str, cap: Cap, plan: Plan, allowed: tuple[str, ...]) -> Iterator[Fault]:
    on = cap.on or plan.decisions.cap.at
    if on not in allowed:
        yield Fault(place, f'it acts on "{on}"', f"Write on = {_quoted(allowed)}")
    if (cap.times_target is None) == (cap.amount is None):
        yield Fault(place, "it needs times_target or amount", "Write one of the two")
    if on == "attainment" and cap.amount is not None:
        yield Fault(place, "attainment is no money", "Write times_target, such as 1.5")


def _rest(plan: Plan) -> Iterator[Fault]:
    if plan.currency and (plan.currency.rate == "fixed") != bool(plan.currency.fixed):
        found = f'rate is "{plan.currency.rate}"'
        yield Fault("[currency] fixed", found, 'Write rate = "fixed" and fixed together')
    known = [c.id for c in plan.components]
    for name in plan.clawback.components if plan.clawback else ():
        if name not in known:
            found = f"there is no component '{name}'"
            yield Fault("[clawback] components", found, nearest(name, known))
    for number, target in enumerate(plan.target_pay, start=1):
        if target.rep and target.role:
            do = "Write rep or role, or neither for everybody"
            yield Fault(f"[[target_pay]] number {number}", "it names a rep and a role", do)


def _list(items: Iterable[object]) -> str:
    return ", ".join(str(item) for item in items)


def _quoted(items: Iterable[str]) -> str:
    return " or ".join(f'"{item}"' for item in items)

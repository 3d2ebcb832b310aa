"""A plan designer's desk: the file, the plan as its numbers stand, and the one beside it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path as File

from spm_lib.core.errors import ParameterError, PlanError
from spm_lib.core.language import Language
from spm_lib.dashboards.pay.past_deals import past_deals
from spm_lib.dashboards.pay.plan_levers import PlanLevers
from spm_lib.dashboards.pay.plan_text import Path, named
from spm_lib.dashboards.pay.priced import Priced
from spm_lib.incentives import (
    Plan,
    PlanComparison,
    compare_runs,
    lint,
    pay_data_of,
    plan_from_text,
    read_decided,
    usual_role,
)
from spm_lib.incentives.border.company import known_people
from spm_lib.model import Company
from spm_lib.store import ClientFolder, write_whole

_NOT_IN_IDS = re.compile(r"[^a-z0-9]+")
_LONGEST = 64


class PlanDesk:
    """Plans of a client's folder, of which one is moved and one stands beside it.

    Parameters
    ----------
    company
        The whole company.
    folder
        The client's.
    name
        The plan to begin with; empty: the one in force, else the first.
    language
        Of labels.

    Raises
    ------
    SpmError
        If there is no plan, or the one to begin with does not run.
    """

    def __init__(
        self, company: Company, folder: ClientFolder, name: str, language: Language
    ) -> None:
        self.company, self.folder, self.language = company, folder, language
        self.begin(name or self._first())

    def names(self) -> list[str]:
        """Return the names of the pay plans in the folder, sorted."""
        return plan_names(self.folder)

    def begin(self, name: str) -> None:
        """Take up a plan; where it does not run, what was there stays.

        Raises
        ------
        SpmError
            If there is none of that name, or it does not run.
        """
        text = self._text(name)
        plan = plan_from_text(text, source=f"{name}.toml")
        known = known_people(self.company)
        decided = read_decided(plan, self.folder.plans, people=known)
        data = pay_data_of(self.company, "opportunities", **decided)
        self._sound(plan)
        past = past_deals(plan, data, self.company.as_of)
        begun = Priced.of(plan, past)
        self.past, self.name, self.beside_name = past, name, name
        self.begun = self.priced = self.beside = begun
        self.quota, self.role = begun.usual_quota, usual_role(begun.run)
        self.levers = PlanLevers(text, self.language)
        self.changed: dict[Path, Decimal] = {}

    def set_beside(self, name: str) -> None:
        """Compare with another plan from now on, replayed on the same deals.

        Raises
        ------
        SpmError
            If there is none of that name, or it does not run on these deals.
        """
        plan = plan_from_text(self._text(name), source=f"{name}.toml")
        self.beside, self.beside_name = Priced.of(plan, self.past), name

    def turn(self, values: Mapping[str, float]) -> None:
        """Work out the plan with its numbers moved; where it does not run, all stays as it was.

        Raises
        ------
        SpmError
            If a lever or the plan says what cannot be: what to mend.
        """
        changed = self.levers.turned(values)
        if changed == self.changed:
            return
        self.priced = self._priced(changed) if changed else self.begun
        self.changed = changed

    @property
    def compared(self) -> PlanComparison:
        """The plan as it stands against the one beside it, person by person."""
        return compare_runs(self.beside.run, self.priced.run)

    def text(self, name: str) -> str:
        """Return the file of the plan as it stands, under a new name.

        Raises
        ------
        ParameterError
            If no id can be made of the name.
        """
        return named(self.levers.changed_text(self.changed), plan_id=plan_id(name), name=name)

    def save(self, name: str) -> str:
        """Write the plan as it stands as a new file of the folder, and return its name.

        Raises
        ------
        ParameterError
            If a plan of that name is there, or pay was worked out by one: never written over.
        """
        made = plan_id(name)
        file = self.folder.plans / f"{made}.toml"
        if file.exists() or (self.folder.pay / made).exists():
            raise ParameterError(
                "There is a plan of that name, and plans are never written over.",
                found=made,
                do="Choose another name",
            )
        text = self.text(name)
        plan_from_text(text, source=file.name)
        write_whole(file, text)
        return made

    def _priced(self, changed: Mapping[Path, Decimal]) -> Priced:
        text = self.levers.changed_text(changed)
        plan = plan_from_text(text, source=f"{self.name}.toml")
        self._sound(plan)
        return Priced.of(plan, self.past)

    def _sound(self, plan: Plan) -> None:
        """Refuse a plan that the linter has an error against, in the reader's language."""
        errors = [f.tell(self.language) for f in lint(plan) if f.level == "error"]
        if errors:
            head = self.language.text("The plan does not run like this:")
            raise PlanError("\n".join([head, *errors]))

    def _first(self) -> str:
        found = self.names()
        if not found:
            raise ParameterError(
                "There is no pay plan yet.",
                found=str(self.folder.plans.name),
                do="Put a plan file into the folder plans; docs/pay.md says what it holds",
            )
        paid = [name for name in found if (self.folder.pay / name).is_dir()]
        return (paid or found)[0]

    def _text(self, name: str) -> str:
        if name not in self.names():
            raise ParameterError(
                "There is no pay plan of that name.",
                found=repr(name[:80]),
                do="Choose one of the list",
            )
        return text_of(self.folder.plans / f"{name}.toml")


def plan_names(folder: ClientFolder) -> list[str]:
    """Return the names of the plan files in a client's folder, sorted."""
    return sorted(file.stem for file in folder.plans.glob("*.toml"))


def text_of(file: File) -> str:
    """Return a plan file's text, line ends as they stand.

    Raises
    ------
    ParameterError
        If it is not UTF-8.
    """
    try:
        return file.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError:
        raise ParameterError(
            f"{file.name} is not UTF-8 text.", do="Save it again as UTF-8"
        ) from None


def plan_id(name: str) -> str:
    """Return the id of a plan by its name.

    Raises
    ------
    ParameterError
        If nothing of the name can stand in an id.

    Examples
    --------
    >>> plan_id("Field 2027, steeper")
    'field-2027-steeper'
    """
    made = _NOT_IN_IDS.sub("-", name.lower()).strip("-")[:_LONGEST].strip("-")
    if not made:
        raise ParameterError(
            "A plan's file is named in a-z and 0-9.",
            found=repr(name[:40]),
            do="Write such a name, like field-2027",
        )
    return made

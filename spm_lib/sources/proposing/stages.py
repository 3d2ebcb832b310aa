"""The stages of a client's deals, sorted into open, won, lost and those nobody has decided on."""

from __future__ import annotations

import polars as pl

from spm_lib.sources.booleans import parse_booleans
from spm_lib.sources.proposing.findings import Finding
from spm_lib.sources.proposing.profile import by_frequency
from spm_lib.sources.proposing.queries import query_of
from spm_lib.sources.proposing.roles import Role
from spm_lib.sources.proposing.stage_words import StageGuess, guess_stages, verdict
from spm_lib.sources.proposing.toml_text import array, quoted
from spm_lib.sources.proposing.words import plain_name
from spm_lib.sources.texts import parse_texts

MOST_STAGES = 40


def stage_counts(roles: dict[str, Role]) -> dict[str, int]:
    """Return every stage value of deals and histories, with its rows, most frequent first."""
    counts: dict[str, int] = {}
    for table in ("opportunities", "stage_events"):
        role = roles.get(table)
        if role and "stage" in role.columns:
            found = parse_texts(stage_rows(role, roles)[role.columns["stage"]])
            for value, n in by_frequency(found).iter_rows():
                counts[value] = counts.get(value, 0) + n
    return counts


def stage_rows(role: Role, roles: dict[str, Role]) -> pl.DataFrame:
    """Return the rows of a file that tell stages; of a history of every field, the stage's own."""
    only = query_of(role, roles).only
    frame = role.file.rows.frame
    return frame.filter(pl.col(only[0]) == only[1]) if only else frame


def stages_section(roles: dict[str, Role]) -> tuple[str, list[Finding]]:
    """Return the text of ``[stages]``, and what it guesses and asks."""
    counts = stage_counts(roles)
    if not counts:
        return "", []
    if len(counts) > MOST_STAGES:
        return _no_stages(roles, counts)
    guess = _by_flags(roles, guess_stages(list(counts)))
    findings = _findings(guess, counts, told=_outcome_told(roles))
    lines = ["[stages]  # order matters: the first stage first"]
    why = f"  # {guess.why}" if guess.why else ""
    lines.append(f"open = {array(guess.open)}{why}")
    told = _outcome_told(roles) and not guess.won and not guess.lost
    why = "the outcome column tells" if told else "please confirm"
    lines.append(f"won  = {array(guess.won)}  # {why}")
    lines.append(f"lost = {array(guess.lost)}  # {why}")
    if guess.unsure:
        gone = f'values.stage = {{ {quoted(guess.unsure[0])} = "" }}'
        lines.append("# Are these open, won or lost? Move each, then delete this line. Rows of one")
        lines.append(f"# are set aside by {gone} in their table:")
        lines.append(f"unsure = {array(guess.unsure)}")
    return "\n".join(lines), findings


def _no_stages(roles: dict[str, Role], counts: dict[str, int]) -> tuple[str, list[Finding]]:
    """Ask for the stages where what stands for them has too many values to be that."""
    named = [r.columns["stage"] for r in roles.values() if "stage" in r.columns]
    text = (
        f"{' and '.join(named)}: {len(counts):,} values, such as {next(iter(counts))}: the stage?"
    )
    body = f'[stages]  # {text}\nopen = ["?"]\nwon  = ["?"]\nlost = ["?"]'
    return body, [Finding("question", "[stages]", text)]


def _outcome_told(roles: dict[str, Role]) -> bool:
    deals = roles.get("opportunities")
    return deals is not None and "outcome" in deals.columns


def _findings(guess: StageGuess, counts: dict[str, int], *, told: bool) -> list[Finding]:
    def shown(stages: tuple[str, ...]) -> str:
        return ", ".join(f'"{s}" ({counts[s]:,} rows)' for s in stages)

    found: list[Finding] = []
    for side in ("won", "lost"):
        stages = getattr(guess, side)
        if stages:
            found.append(
                Finding("guess", f"[stages] {side}", f"{shown(stages)}, {guess_by(guess)}")
            )
        elif not told and not guess.unsure:
            text = f"no stage says that a deal is {side}: add the value your CRM uses"
            found.append(Finding("note", f"[stages] {side}", text))
    if guess.open:
        found.append(Finding("guess", "[stages] open", f"{shown(guess.open)}; {guess.why}"))
    if guess.unsure:
        text = f"are these open, won or lost? {shown(guess.unsure)}"
        found.append(Finding("question", "[stages] unsure", text))
    return found


def guess_by(guess: StageGuess) -> str:
    """Return by what a won or lost stage was told."""
    return "by the file's own yes/no columns" if "yes/no" in guess.why else "by its words"


def _by_flags(roles: dict[str, Role], guess: StageGuess) -> StageGuess:
    """Return the stages as yes/no columns such as ``IsWon`` and ``IsClosed`` tell them."""
    deals = roles.get("opportunities")
    if deals is None:
        return guess
    names = {plain_name(c.name): c.name for c in deals.file.columns}
    won, closed = names.get("is won"), names.get("is closed")
    if not won or not closed:
        return guess
    frame = deals.file.rows.frame.select(
        stage=parse_texts(deals.file.rows.frame[deals.columns["stage"]]),
        won=parse_booleans(deals.file.rows.frame[won]).values,
        closed=parse_booleans(deals.file.rows.frame[closed]).values,
    ).drop_nulls()
    told = frame.group_by("stage").agg(pl.col("won", "closed").unique())
    sides = {stage: _side(w, c) for stage, w, c in told.iter_rows()}
    return _moved(guess, {s: side for s, side in sides.items() if side})


def _side(won: list[bool], closed: list[bool]) -> str | None:
    if len(won) > 1 or len(closed) > 1:
        return None
    return ("won" if won[0] else "lost") if closed[0] else "open"


def _moved(guess: StageGuess, sides: dict[str, str]) -> StageGuess:
    if not sides:
        return guess
    made: dict[str, list[str]] = {"open": [], "won": [], "lost": [], "unsure": []}
    for side in made:
        for stage in getattr(guess, side):
            made[sides.get(stage, side)].append(stage)
    why = f"{guess.why}; sorted by the file's yes/no columns".removeprefix("; ")
    return StageGuess(*(tuple(made[s]) for s in ("open", "won", "lost", "unsure")), why=why)


def outcome_values(role: Role) -> tuple[str, list[Finding]]:
    """Return the text of ``values.outcome``: what each value of the outcome column means."""
    values = role.file.profile(role.columns["outcome"]).values
    sides = {value: verdict(value) for value in values}
    pairs = ", ".join(
        f"{quoted(v)} = {quoted('?' if s == 'unsure' else s)}" for v, s in sides.items()
    )
    place = "[tables.opportunities] values.outcome"
    told = ", ".join(f'"{v}" is {s}' for v, s in sides.items() if s != "unsure")
    found = [Finding("guess", place, f'{told}, by the words of "{role.columns["outcome"]}"')]
    unsure = [v for v, s in sides.items() if s == "unsure"]
    if unsure:
        found.append(Finding("question", place, f"open, won or lost? {', '.join(unsure)}"))
    return f"values.outcome = {{ {pairs} }}", found

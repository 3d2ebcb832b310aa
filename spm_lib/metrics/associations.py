"""What goes with an outcome: behaviours tested within and between people, luck allowed for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import polars as pl
from numpy.typing import ArrayLike
from scipy.special import ndtr, ndtri, stdtr, stdtrit

from spm_lib.core.errors import DataError
from spm_lib.core.statement import Statement
from spm_lib.stats import ClusteredLogistic, benjamini_hochberg, clustered_logistic

FALSE_SHARE = 0.08  # of what is called found, at most so much is found by luck
HELD_OUT = 1 / 3
SAME = 0.9  # correlation from which on two behaviours are one
FEWEST_BETWEEN = 8  # people from which on a comparison between them is tried
FEWEST_DONE = 30
LEAST_SHARE, MOST_SHARE = 0.02, 0.98
Floats = np.ndarray


@dataclass(frozen=True)
class Behaviour:
    """Something done or not done in the first days of a deal.

    ``whole`` marks a sum of other behaviours (all touches together): it is looked at on its own,
    not beside its parts. ``refused`` says why it is not looked at; null where it is.
    """

    name: str
    statement: Statement
    whole: bool = False
    refused: Statement | None = None


def seldom_refused(behaviour: Behaviour, frame: pl.DataFrame) -> Behaviour:
    """Refuse what is done too seldom, or nearly always, to say anything of it."""
    values = frame[behaviour.name]
    if behaviour.name == "touch.many":
        rare = values.n_unique() < 3
    else:
        done, n = int((values > 0).sum()), max(values.len(), 1)
        share = done / n
        rare = min(done, n - done) < FEWEST_DONE or not LEAST_SHARE <= share <= MOST_SHARE
    if not rare:
        return behaviour
    text = "done too seldom, or nearly always"
    return Behaviour(behaviour.name, behaviour.statement, behaviour.whole, Statement(text))


def apart_from_state(
    frame: pl.DataFrame, behaviours: Sequence[Behaviour], *, controls: Sequence[str]
) -> tuple[Behaviour, ...]:
    """Refuse what the state of the deal all but tells, such as a proposal in the stage Proposal.

    Deals that are further on collect such marks: that is the deal's progress, not a behaviour.
    """
    told = [b.name for b in behaviours if b.refused is None]
    values, plain = frame.select(told).to_numpy(), _controls(frame, controls)
    curve = plain.T @ plain + 1e-9 * np.eye(plain.shape[1])
    rest = values - plain @ np.linalg.solve(curve, plain.T @ values)
    alike = rest.var(axis=0) <= (1 - SAME) * values.var(axis=0)
    gone = {name for name, same in zip(told, alike, strict=True) if same}
    why = Statement("comes with the stage the deal is in")
    return tuple(replace(b, refused=why) if b.name in gone else b for b in behaviours)


def associations(
    frame: pl.DataFrame,
    behaviours: Sequence[Behaviour],
    *,
    controls: Sequence[str] = (),
    wider: bool = False,
) -> pl.DataFrame:
    """Return the tests of all behaviours, within and between people (see ``ClosingHabits.table``).

    Each behaviour is split into what the person does on average and what differs on this deal
    (Mundlak 1978, Econometrica 46:69), so that "good closers happen to do it" is not taken for
    "doing it goes with winning". Errors are clustered by person; false discovery is held over all
    tests together (Benjamini & Hochberg 1995, JRSS B 57:289). ``wider``: of the chances by errors
    of people and of independent deals the larger one is taken, for an error over few people is
    itself uncertain, and one that is too small looks like a finding.

    Columns in: ``rep_id, won, created_day``, one per behaviour, and the controls.
    """
    late = frame["created_day"] >= _cut(frame)
    whole = _tests(frame, behaviours, controls, wider=wider)
    check = _odds(frame.filter(late), behaviours, controls)
    q = benjamini_hochberg(whole["p"].to_numpy())
    table = whole.with_columns(q=pl.Series(q, dtype=pl.Float64)).join(
        check, on=["behaviour", "term"], how="left", maintain_order="left"
    )
    kept = (pl.col("odds") > 1) == (pl.col("held_out") > 1)
    return (
        table.with_columns(kept=kept)
        .with_columns(found=(pl.col("q") <= FALSE_SHARE) & pl.col("kept").fill_null(value=False))
        .sort("p", "behaviour", "term")
    )


def held_out_gain(
    frame: pl.DataFrame, behaviours: Sequence[Behaviour], *, controls: Sequence[str]
) -> float | None:
    """Return by how much the behaviours better the log-loss of deals the model has not seen."""
    late = (frame["created_day"] >= _cut(frame)).to_numpy()
    won = frame["won"].to_numpy().astype(float)
    plain = _controls(frame, controls)
    parts = [b for b in behaviours if not b.whole] or list(behaviours)
    full = np.hstack([plain, *(_split(frame, [b.name for b in parts]))])
    try:
        losses = [
            clustered_logistic(x[~late], won[~late], np.arange(int((~late).sum())) % 10).log_loss(
                x[late], won[late]
            )
            for x in (plain, full)
        ]
    except DataError:
        return None
    return losses[0] - losses[1]


def _cut(frame: pl.DataFrame) -> float:
    """Return the day of creation from which on deals are held out."""
    return float(frame["created_day"].quantile(1 - HELD_OUT, "higher") or 0)


def _models(behaviours: Sequence[Behaviour]) -> list[list[Behaviour]]:
    """Return which behaviours stand in one model: all parts together, each sum on its own."""
    parts = [b for b in behaviours if not b.whole]
    return [*([parts] if parts else []), *([b] for b in behaviours if b.whole)]


def _tests(
    frame: pl.DataFrame,
    behaviours: Sequence[Behaviour],
    controls: Sequence[str],
    *,
    wider: bool = False,
) -> pl.DataFrame:
    rows = []
    plain = _controls(frame, controls)
    people = frame["rep_id"].n_unique()
    start = _fit(frame, plain, []).coef
    for model in _models(behaviours):
        names = _distinct(frame, [b.name for b in model])
        made = _fit(frame, plain, names, start=start)
        between = people >= FEWEST_BETWEEN + len(names)
        for i, name in enumerate(names):
            done = float((frame[name] > 0).mean())  # pyright: ignore[reportArgumentType]
            at = plain.shape[1] + i
            rows.append(_row(name, "within", made, at, df=made.df, done=done, wider=wider))
            if between:
                df = made.df - len(names)
                rows.append(_row(name, "between", made, at + len(names), df=df, done=done))
    return pl.DataFrame(rows, schema=_TESTS)


_TESTS = {
    "behaviour": pl.String,
    "term": pl.String,
    "odds": pl.Float64,
    "low": pl.Float64,
    "high": pl.Float64,
    "p": pl.Float64,
    "done": pl.Float64,
}


def _row(
    name: str,
    term: str,
    made: ClusteredLogistic,
    at: int,
    *,
    df: int,
    done: float,
    wider: bool = False,
) -> dict[str, object]:
    coef, error = float(made.coef[at]), float(made.error[at])
    half = float(stdtrit(df, 0.975)) * error
    p = 2 * float(stdtr(df, -abs(coef) / error)) if error > 0 else 1.0
    if wider:
        plain = float(made.independent[at])
        half = max(half, float(ndtri(0.975)) * plain)
        p = max(p, 2 * float(ndtr(-abs(coef) / plain)))
    return {
        "behaviour": name,
        "term": term,
        "odds": float(np.exp(coef)),
        "low": float(np.exp(coef - half)),
        "high": float(np.exp(coef + half)),
        "p": p,
        "done": done,
    }


def _odds(
    frame: pl.DataFrame, behaviours: Sequence[Behaviour], controls: Sequence[str]
) -> pl.DataFrame:
    """Return the odds ratios of the held-out deals alone; none where they do not suffice."""
    try:
        found = _tests(frame, behaviours, controls)
    except (DataError, np.linalg.LinAlgError):
        found = pl.DataFrame(schema=_TESTS)
    return found.select("behaviour", "term", held_out="odds")


def _fit(
    frame: pl.DataFrame, plain: Floats, names: Sequence[str], *, start: ArrayLike = ()
) -> ClusteredLogistic:
    x = np.hstack([plain, *_split(frame, names)]) if names else plain
    person = frame["rep_id"].rank("dense").to_numpy()
    return clustered_logistic(x, frame["won"].to_numpy(), person, start=start)


def _split(frame: pl.DataFrame, names: Sequence[str]) -> tuple[Floats, Floats]:
    """Return the deviation from the person's mean, and the means in standard deviations."""
    means = frame.select(pl.col(name).mean().over("rep_id") for name in names).to_numpy()
    own = frame.select(names).to_numpy() - means
    first = frame["rep_id"].is_first_distinct().to_numpy()
    spread = means[first].std(axis=0, ddof=1) if first.sum() > 1 else np.zeros(len(names))
    centred = means - means[first].mean(axis=0)
    return own, centred / np.where(spread > 1e-9, spread, np.inf)


def _distinct(frame: pl.DataFrame, names: Sequence[str]) -> list[str]:
    """Leave out a behaviour that is all but another one told before it."""
    kept: list[str] = []
    for name in names:
        values = frame[name].to_numpy()
        alike = [abs(np.corrcoef(values, frame[k].to_numpy())[0, 1]) > SAME for k in kept]
        if values.std() > 0 and not any(alike):
            kept.append(name)
    return kept


def _controls(frame: pl.DataFrame, columns: Sequence[str]) -> Floats:
    """Return an intercept, time and its square, and one column per value of each control."""
    day = frame["created_day"].to_numpy().astype(float)
    time = (day - day.mean()) / (day.std() or 1.0)
    parts = [np.ones((frame.height, 1)), time[:, None], time[:, None] ** 2]
    for column in columns:
        values = frame[column].cast(pl.String).fill_null("")
        common = values.value_counts(sort=True).sort("count", column, descending=[True, False])
        wanted = common.filter(pl.col("count") >= 20)[column].to_list()[1:]
        parts += [(values == value).to_numpy().astype(float)[:, None] for value in wanted]
    return np.hstack(parts)


def odds_to_share(base: float, odds: float) -> float:
    """Return the share that a base share becomes at so many times its odds.

    Examples
    --------
    >>> round(odds_to_share(0.25, 2.0), 3)
    0.4
    """
    raised = odds * base / (1 - base) if base < 1 else 1.0
    return raised / (1 + raised) if base < 1 else 1.0

"""A company comes in; what it will probably win goes out, with the track record of the method.

Methods (one class per file) are fitted on what was known at an origin and draw won value per rep
and period; a leak-free backtest scores them, the past alone chooses the champion, and one immutable
set of draws gives company, rep, month and quarter numbers that add up. May import core, stats,
model and metrics.
"""

from spm_lib.forecast.bookings import ForecastResult, forecast_bookings
from spm_lib.forecast.calls.definitions import declare_call_ids
from spm_lib.forecast.calls.mix import CallMix
from spm_lib.forecast.calls.record import CallRecord, call_record
from spm_lib.forecast.calls.roll_up import roll_up
from spm_lib.forecast.definitions import declare_forecast_ids
from spm_lib.forecast.draws import Draws
from spm_lib.forecast.horizon import Horizon, months_ahead
from spm_lib.forecast.ladder import Ladder, Rung
from spm_lib.forecast.methods.method import Fitted, Method
from spm_lib.forecast.methods.offered import METHODS, method_named
from spm_lib.forecast.pace.definitions import declare_pace_ids
from spm_lib.forecast.pace.needed import Pace, target_pace
from spm_lib.forecast.past.history import History, history_of, reps_of
from spm_lib.forecast.track_record.backtest import Backtest, backtest, run_backtest
from spm_lib.forecast.track_record.champion import Champion, choose_champion
from spm_lib.forecast.track_record.shock import Shock
from spm_lib.forecast.waterfall.between_days import Waterfall, change_waterfall
from spm_lib.forecast.waterfall.definitions import declare_waterfall_ids

declare_forecast_ids()
declare_call_ids()
declare_pace_ids()
declare_waterfall_ids()

__all__ = [
    "METHODS",
    "Backtest",
    "CallMix",
    "CallRecord",
    "Champion",
    "Draws",
    "Fitted",
    "ForecastResult",
    "History",
    "Horizon",
    "Ladder",
    "Method",
    "Pace",
    "Rung",
    "Shock",
    "Waterfall",
    "backtest",
    "call_record",
    "change_waterfall",
    "choose_champion",
    "declare_forecast_ids",
    "forecast_bookings",
    "history_of",
    "method_named",
    "months_ahead",
    "reps_of",
    "roll_up",
    "run_backtest",
    "target_pace",
]

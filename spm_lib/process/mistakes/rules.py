"""All rules, in the order in which they are told."""

from spm_lib.process.mistakes.close_dates import CLOSE_DATES
from spm_lib.process.mistakes.contacts import CONTACTS
from spm_lib.process.mistakes.records import RECORDS
from spm_lib.process.mistakes.rhythm import RHYTHM
from spm_lib.process.mistakes.rule import Rule
from spm_lib.process.mistakes.stage_moves import STAGE_MOVES

RULES: tuple[Rule, ...] = (*RHYTHM, *CLOSE_DATES, *STAGE_MOVES, *CONTACTS, *RECORDS)

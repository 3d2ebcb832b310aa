"""The workspace file: ``spm.toml`` comes in, typed settings go out, or all its faults at once.

It also knows ``Scope``, whose rows a viewer may see. It reads no client data. Canonical table and
column names belong to ``model``; here only their shape is checked. Imports ``core`` and ``store``.
"""

from spm_lib.workspace.access import AccessSettings, Grant, ProxySettings
from spm_lib.workspace.brand import Brand, contrast, load_brand
from spm_lib.workspace.faults import Fault, all_in_one, nearest
from spm_lib.workspace.load import Examined, examine, load_settings, settings_from_text
from spm_lib.workspace.scope import Scope
from spm_lib.workspace.settings import (
    CalendarSettings,
    ConnectionSettings,
    RawSettings,
    ReadingSettings,
    Settings,
    Stages,
    TableSettings,
    Unpivot,
    WorkspaceSection,
)
from spm_lib.workspace.users import UsersFile, is_password, password_hash

__all__ = [
    "AccessSettings",
    "Brand",
    "CalendarSettings",
    "ConnectionSettings",
    "Examined",
    "Fault",
    "Grant",
    "ProxySettings",
    "RawSettings",
    "ReadingSettings",
    "Scope",
    "Settings",
    "Stages",
    "TableSettings",
    "Unpivot",
    "UsersFile",
    "WorkspaceSection",
    "all_in_one",
    "contrast",
    "examine",
    "is_password",
    "load_brand",
    "load_settings",
    "nearest",
    "password_hash",
    "settings_from_text",
]

"""Files: bytes in, whole files out, and the one place that knows where things lie.

Everything is written beside its goal and moved there when it is whole. Imports ``core`` only.
"""

from spm_lib.store.client_folder import ClientFolder
from spm_lib.store.derived import Derived, derived_from, remove_derived
from spm_lib.store.hashes import code_hash, frame_hash, sha256_bytes, sha256_file, sha256_json
from spm_lib.store.kept_files import MANIFEST, keep_file, put_in_place, sweep, tell, told_in
from spm_lib.store.locking import locked
from spm_lib.store.names import safe_name
from spm_lib.store.pruning import prune, used
from spm_lib.store.report_folder import ReportFolder, RunFolder
from spm_lib.store.snapshots import keep_snapshot, read_snapshot
from spm_lib.store.writing import whole_folder, write_json, write_private, write_whole

__all__ = [
    "MANIFEST",
    "ClientFolder",
    "Derived",
    "ReportFolder",
    "RunFolder",
    "code_hash",
    "derived_from",
    "frame_hash",
    "keep_file",
    "keep_snapshot",
    "locked",
    "prune",
    "put_in_place",
    "read_snapshot",
    "remove_derived",
    "safe_name",
    "sha256_bytes",
    "sha256_file",
    "sha256_json",
    "sweep",
    "tell",
    "told_in",
    "used",
    "whole_folder",
    "write_json",
    "write_private",
    "write_whole",
]

"""Files: bytes in, whole files out, and the one place that knows where things lie.

Everything is written beside its goal and moved there when it is whole. Imports ``core`` only.
"""

from spm_lib.store.client_folder import ClientFolder
from spm_lib.store.hashes import frame_hash, sha256_bytes, sha256_file, sha256_json
from spm_lib.store.names import safe_name

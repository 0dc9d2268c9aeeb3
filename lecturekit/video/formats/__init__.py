"""What the standards say of a film's bytes; no FFmpeg here, bytes in and answers out.

containers  which container a file is, and whether its end is there
codecs      where in a film decoding may start
"""

from .codecs import Rules, rules_of
from .containers import HEAD_BYTES, container_of, missing_end

__all__ = ["HEAD_BYTES", "Rules", "container_of", "missing_end", "rules_of"]

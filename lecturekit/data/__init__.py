"""Small data sets and their wrappers: what the chapters hand to training."""

from .flow_clips import FlowClips
from .mapped import Mapped

__all__ = ["FlowClips", "Mapped"]

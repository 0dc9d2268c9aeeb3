"""Small data sets and their wrappers: what the chapters hand to training."""

from .flow_clips import FlowClips

__all__ = ["FlowClips"]

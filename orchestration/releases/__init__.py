"""Releases: candidates are built aside, and the checked one becomes what readers see."""

from orchestration.releases.candidates import build_candidate, candidate_file, checksums, copy_again
from orchestration.releases.published import (
    FRESH_LINK,
    REMOVED,
    Release,
    ReleaseError,
    current,
    next_id,
    publish,
    releases,
    repair,
    roll_back,
)

__all__ = [
    "FRESH_LINK",
    "REMOVED",
    "Release",
    "ReleaseError",
    "build_candidate",
    "candidate_file",
    "checksums",
    "copy_again",
    "current",
    "next_id",
    "publish",
    "releases",
    "repair",
    "roll_back",
]

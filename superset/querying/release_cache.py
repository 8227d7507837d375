"""A file cache for chart data whose entries belong to one release.

The release is read once per request: whatever a request stores is found only by requests that
started on the same release, so no chart shows yesterday's numbers after a publish.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from cachelib.file import FileSystemCache
from flask import Flask, g, has_request_context


class ReleaseCache(FileSystemCache):  # type: ignore[misc]  # cachelib lives in Superset's environment only
    """A :class:`FileSystemCache` that prefixes every key with the release being served."""

    def __init__(self, serving: Path, **options: Any) -> None:
        """Keep entries per target of the link ``serving``."""
        super().__init__(**options)
        self._serving = serving

    def _get_filename(self, key: str) -> str:
        if key == self._fs_count_file:
            return str(super()._get_filename(key))
        return str(super()._get_filename(f"{self._release()}:{key}"))

    def _release(self) -> str:
        if not has_request_context():
            return self._serving.resolve().name
        if "clientele_release" not in g:
            g.clientele_release = self._serving.resolve().name
        return str(g.clientele_release)


def factory(app: Flask, config: dict[str, Any], args: list[Any], kwargs: dict[str, Any]) -> ReleaseCache:
    """Build the cache from Flask-Caching's configuration, whose ``CACHE_TYPE`` names this function."""
    return ReleaseCache(
        serving=Path(config["CACHE_SERVING"]),
        cache_dir=config["CACHE_DIR"],
        threshold=config["CACHE_THRESHOLD"],
        default_timeout=config["CACHE_DEFAULT_TIMEOUT"],
        mode=0o600,
    )

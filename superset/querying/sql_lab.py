"""SQL Lab's Stop button for DuckDB, which has none, and a race of first queries."""

from __future__ import annotations

from typing import Any

from querying import processes


def install() -> None:
    """Let Superset note the process of each query, and end it when its owner says so."""
    from superset.common.db_query_status import QueryStatus
    from superset.constants import QUERY_CANCEL_KEY, QUERY_EARLY_CANCEL_KEY
    from superset.db_engine_specs.duckdb import DuckDBEngineSpec
    from superset.extensions import celery_app

    from superset import db

    def note(cursor: Any, _: Any) -> str:
        return processes.identity(cursor.process)

    def stop(query: Any) -> None:
        # Before the process is gone, so that its end is not taken for a failure.
        query.status = QueryStatus.STOPPED
        query.set_extra_json_key(QUERY_EARLY_CANCEL_KEY, True)
        db.session.commit()
        if named := query.extra.get(QUERY_CANCEL_KEY):
            processes.stop(named)

    DuckDBEngineSpec.get_cancel_query_id = staticmethod(note)
    DuckDBEngineSpec.prepare_cancel_query = staticmethod(stop)
    # Celery binds a task at its first call; a second call that comes meanwhile would fail.
    celery_app.finalize()

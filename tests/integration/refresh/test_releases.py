"""Publishing and going back, with readers that never stop reading."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import date
from pathlib import Path

import duckdb
import pytest

from clientele.settings import WAREHOUSE_FILE, Settings
from orchestration import releases
from orchestration.building.build_plan import BuildState
from orchestration.releases import ReleaseError, published

TABLES = 6
PUBLISHES = 10


def state(day: int) -> BuildState:
    return BuildState("models", date(2025, 1, day), {date(2025, 1, day): "v"})


def publish(settings: Settings, number: int, rows: int = 2000) -> releases.Release:
    """Publish a release in which every table says which release it belongs to."""
    file = releases.candidate_file(settings, f"run-{number}")
    file.parent.mkdir(parents=True)
    with duckdb.connect(str(file)) as connection:
        for table in range(TABLES):
            connection.execute(
                f"create table t{table} as select {number} as release, i from range({rows}) as r(i)"
            )
    return releases.publish(settings, file, releases.next_id(settings, state(number)), state(number))


def read(settings: Settings) -> set[tuple[int, int]]:
    """Every table's release and row count, as one reader's connection sees them."""
    file = settings.serving / "current" / WAREHOUSE_FILE
    with duckdb.connect(str(file), read_only=True) as connection:
        query = " union all ".join(
            f"select min(release), max(release), count(*) from t{t}" for t in range(TABLES)
        )
        rows = connection.execute(query).fetchall()
    return {(low, count) for low, high, count in rows if low == high} | {
        (-1, 0) for low, high, _ in rows if low != high
    }


def test_readers_see_only_whole_releases_during_ten_publishes(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path)
    publish(settings, 1)
    seen: list[set[tuple[int, int]]] = []
    errors: list[Exception] = []
    done = threading.Event()

    def poll() -> None:
        while not done.is_set():
            try:
                seen.append(read(settings))
            except Exception as error:  # the test's finding, not a failure to hide
                errors.append(error)
                return

    readers = [threading.Thread(target=poll) for _ in range(2)]
    for reader in readers:
        reader.start()
    for number in range(2, PUBLISHES + 2):
        publish(settings, number)
    done.set()
    for reader in readers:
        reader.join()
    assert errors == []
    assert len(seen) > PUBLISHES
    assert all(len(found) == 1 for found in seen), "a reader saw tables of two releases"
    assert {count for found in seen for _, count in found} == {2000}


def test_an_open_reader_ends_on_its_release(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path)
    publish(settings, 1)
    file = settings.serving / "current" / WAREHOUSE_FILE
    with duckdb.connect(str(file), read_only=True) as connection:
        for number in range(2, 2 + settings.releases_kept + 2):
            publish(settings, number)
        assert connection.execute("select max(release) from t0").fetchone() == (1,)
    assert read(settings) == {(1 + settings.releases_kept + 2, 2000)}


def test_the_last_releases_stay(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path)
    for number in range(1, 11):
        publish(settings, number, rows=1)
    kept = releases.releases(settings)
    assert [release.id for release in kept] == [f"{number:06d}-202501{number:02d}" for number in range(4, 11)]


def test_rollback_goes_one_back_at_a_time(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path)
    for number in (1, 2, 3):
        publish(settings, number)
    left, shown = releases.roll_back(settings)
    assert (left.id[:6], shown.id[:6]) == ("000003", "000002")
    assert read(settings) == {(2, 2000)}
    releases.roll_back(settings)
    assert read(settings) == {(1, 2000)}
    with pytest.raises(ReleaseError, match="oldest release"):
        releases.roll_back(settings)


def test_rollback_before_the_first_release_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ReleaseError, match="nothing is published"):
        releases.roll_back(Settings(home=tmp_path))


def test_a_release_after_a_rollback_gets_a_new_number(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path)
    publish(settings, 1)
    publish(settings, 2)
    releases.roll_back(settings)
    assert publish(settings, 3).id.startswith("000003")
    assert read(settings) == {(3, 2000)}


def test_the_served_release_survives_pruning(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path, releases_kept=2)
    for number in (1, 2):
        publish(settings, number)
    releases.roll_back(settings)
    shown = releases.current(settings)
    assert shown is not None
    file = releases.candidate_file(settings, "unfinished")
    file.parent.mkdir(parents=True)
    assert shown.file.exists()
    publish(settings, 3)
    assert releases.current(settings) == releases.releases(settings)[-1]


def test_publishing_and_going_back_forget_cached_charts(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path)
    cache = settings.superset_home / "cache"
    cache.mkdir(parents=True)
    for number in (1, 2):
        (cache / "chart").write_text("numbers of the release before")
        publish(settings, number)
        assert list(cache.iterdir()) == []
    (cache / "chart").write_text("numbers of the release before")
    releases.roll_back(settings)
    assert list(cache.iterdir()) == []


# What ended a publish or a rollback, or broke a release ---------------------------------------------


def shown(settings: Settings) -> str | None:
    release = releases.current(settings)
    return release.id[:6] if release else None


@contextmanager
def never_shown(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The process ends where the link would have been moved."""

    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch, suppress(KeyboardInterrupt):
        patch.setattr(published, "_show", interrupted)
        yield


def test_a_release_that_was_published_but_never_shown_is_shown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = Settings(home=tmp_path)
    publish(settings, 1)
    with never_shown(monkeypatch):
        publish(settings, 2)
    assert shown(settings) == "000001"
    (said,) = releases.repair(settings)
    assert "readers see release 000002-20250102 again" in said
    assert shown(settings) == "000002"
    assert releases.repair(settings) == []


def test_a_publish_that_was_ended_when_the_link_had_moved_leaves_no_cached_chart(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = Settings(home=tmp_path)
    publish(settings, 1)
    cached = settings.superset_home / "cache" / "chart"
    cached.parent.mkdir(parents=True)
    cached.write_text("numbers of the release before")
    move = Path.replace

    def ended_behind_it(source: Path, target: Path) -> Path:
        move(source, target)
        raise KeyboardInterrupt

    with monkeypatch.context() as patch, suppress(KeyboardInterrupt):
        patch.setattr(Path, "replace", ended_behind_it)
        publish(settings, 2)
    assert shown(settings) == "000002"
    assert not cached.exists()


def test_who_went_back_stays_there_until_the_next_publish(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path)
    for number in (1, 2, 3):
        publish(settings, number)
    releases.roll_back(settings)
    assert releases.repair(settings) == []
    assert shown(settings) == "000002"
    publish(settings, 4)
    assert releases.repair(settings) == []
    assert shown(settings) == "000004"


def test_a_rollback_that_was_ended_before_the_link_moved_is_carried_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = Settings(home=tmp_path)
    publish(settings, 1)
    publish(settings, 2)
    with never_shown(monkeypatch):
        releases.roll_back(settings)
    assert shown(settings) == "000002"
    releases.repair(settings)
    assert shown(settings) == "000001"


def test_a_publish_after_a_rollback_is_shown_even_if_it_was_ended(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = Settings(home=tmp_path)
    publish(settings, 1)
    publish(settings, 2)
    releases.roll_back(settings)
    with never_shown(monkeypatch):
        publish(settings, 3)
    releases.repair(settings)
    assert shown(settings) == "000003"


@pytest.mark.parametrize("harm", ["dangling", "missing", "a folder"])
def test_a_link_that_leads_nowhere_is_put_right(tmp_path: Path, harm: str) -> None:
    settings = Settings(home=tmp_path)
    publish(settings, 1)
    publish(settings, 2)
    link = settings.serving / "current"
    link.unlink()
    if harm == "dangling":
        link.symlink_to("releases/000009-20250109")
    if harm == "a folder":
        link.mkdir()
    assert releases.current(settings) is None
    releases.repair(settings)
    assert read(settings) == {(2, 2000)}


@pytest.mark.parametrize("harm", ["no state", "state cut off", "no file", "empty file", "no database"])
def test_a_release_that_is_not_whole_does_not_count(tmp_path: Path, harm: str) -> None:
    settings = Settings(home=tmp_path)
    publish(settings, 1)
    broken = publish(settings, 2)
    target = broken.folder / "state.json" if "state" in harm else broken.file
    target.chmod(0o600)
    match harm:
        case "no state" | "no file":
            target.unlink()
        case "empty file":
            target.write_bytes(b"")
        case "no database":
            target.write_text("not a database")
        case _:
            target.write_text(target.read_text()[:20])
    said = releases.repair(settings)
    assert said[0].startswith(f"warning: {broken.folder} does not count")
    assert [release.id[:6] for release in releases.releases(settings)] == ["000001"]
    assert read(settings) == {(1, 2000)}
    assert publish(settings, 3).id.startswith("000003"), "the number of the broken one was given again"
    assert not broken.folder.exists()


def test_a_home_without_a_whole_release_says_so(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path)
    assert releases.repair(settings) == []
    (settings.serving / "releases").mkdir(parents=True)
    (settings.serving / "current").symlink_to("releases/000001-20250101")
    (said,) = releases.repair(settings)
    assert "points to no complete release" in said


def test_half_a_removal_is_finished(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = Settings(home=tmp_path, releases_kept=2)
    for number in (1, 2):
        publish(settings, number, rows=1)

    def interrupted(folder: Path) -> None:
        next(folder.iterdir()).unlink()
        raise KeyboardInterrupt

    with monkeypatch.context() as patch, suppress(KeyboardInterrupt):
        patch.setattr("shutil.rmtree", interrupted)
        publish(settings, 3, rows=1)
    assert (settings.serving / ".removed").exists()
    assert releases.repair(settings) == []
    assert sorted(path.name for path in settings.serving.iterdir()) == ["candidates", "current", "releases"]
    assert [release.id[:6] for release in releases.releases(settings)] == ["000002", "000003"]

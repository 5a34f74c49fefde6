"""How fast positions are kept, on a MariaDB and a Redis of its own in the same run.

    PYTHONPATH=. python benchmarks/positions.py [--seconds 30] [--rate 1000] [--users 2000]

Prints three things: one ORM save() per fix on a wide row beside the guarded batch upsert; reports
a second through judgement, live and flusher at a steady rate, with the lag until SQL; memory.
"""

import argparse
import asyncio
import os
import resource
import statistics
import subprocess
import tempfile
import threading
import time
from pathlib import Path
from typing import ClassVar

from launcher import engines

WIDE_COLUMNS = 12
FIXES = 20_000


def start_engines(home: Path) -> list[subprocess.Popen[bytes]]:
    children = [engines.start_mariadb(home / "mariadb", home / "mariadb.sock")]
    for role in ("bank", "live"):
        server = engines.redis_server()
        children.append(engines.start_redis(server, home / role, home / f"{role}.sock", role))
        os.environ[f"REDIS_{role.upper()}_URL"] = engines.redis_url(home / f"{role}.sock")
    socket = home / "mariadb.sock"
    os.environ["DATABASE_URL"] = engines.mariadb_url(socket)
    os.environ["SECRET_KEY"] = "bench" * 10
    os.environ["DATA_DIR"] = str(home)
    os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
    return children


def compare(users: int) -> None:
    """ORM against upsert, both on the disk settings of a real Ringside."""
    from django.db import connection, models

    from locations import clock_steps
    from locations.fixes.fix import Fix
    from locations.history import storage
    from locations.models import LocationFix, UserLocation

    class Wide(models.Model):
        """A users table that also holds where they are."""

        objects: ClassVar[models.Manager["Wide"]] = models.Manager()

        email = models.CharField(max_length=190, unique=True)
        lat = models.FloatField(db_index=True)
        lon = models.FloatField()
        seen_ms = models.BigIntegerField()

        class Meta:
            app_label = "locations"

        def __str__(self) -> str:
            return self.email

    for number in range(WIDE_COLUMNS):
        Wide.add_to_class(f"about_{number}", models.CharField(max_length=120, default="x" * 60))
    with connection.schema_editor() as editor:
        editor.create_model(Wide)
    Wide.objects.bulk_create(
        Wide(email=f"{n}@example.org", lat=1, lon=2, seen_ms=0) for n in range(users)
    )
    rows = {row.pk: row for row in Wide.objects.all()}
    keys = list(rows)
    saves = FIXES // 10
    began_s = time.perf_counter()
    for number in range(saves):
        row = rows[keys[number % users]]
        row.lat, row.seen_ms = 37 + number / 1e6, number
        row.save()
    saved = saves / (time.perf_counter() - began_s)
    start_ms = time.time_ns() // 1_000_000
    fixes = [
        (
            1 + n % users,
            Fix(start_ms + n // users * 5_000, start_ms, 375_665_000 + n, 1_269_780_000),
        )
        for n in range(FIXES)
    ]
    began_s = time.perf_counter()
    for start in range(0, FIXES, clock_steps.BATCH):
        storage.write(fixes[start : start + clock_steps.BATCH])
    written = FIXES / (time.perf_counter() - began_s)
    assert UserLocation.objects.count() == users and LocationFix.objects.count() == FIXES
    print(f"one save() a fix on a wide row      {saved:10,.0f} fixes/s")
    print(f"guarded upsert and history in bulk  {written:10,.0f} fixes/s  x{written / saved:.0f}")


def sustain(seconds: float, rate: int, users: int) -> None:  # noqa: PLR0915
    """Reports at a steady rate; the lag is from taking a fix to its commit."""
    from django.db import DatabaseError, connection

    from locations import clock_steps, live
    from locations.fixes.fix import Measured, Source
    from locations.reports import arecord
    from web import times
    from web.refusals import Refused

    stopped = threading.Event()
    lags_ms: list[int] = []
    refused: list[Refused] = []

    def flush() -> None:
        while not stopped.wait(0.5):
            try:
                oldest = live.waiting(1)
                clock_steps.flush()
            except (DatabaseError, Refused):
                # As the clock does: try again at the next turn.
                connection.close()
                continue
            if oldest:
                lags_ms.append(time.time_ns() // 1_000_000 - int(oldest[0][0].split(b"-")[0]))
        connection.close()

    async def report() -> int:
        done = 0
        began_s = time.perf_counter()
        while (now_s := time.perf_counter() - began_s) < seconds:
            due = min(int(now_s * rate) - done, 200)
            at_ms = times.now_ms()
            told = await asyncio.gather(
                *(
                    arecord(
                        10_000 + (done + n) % users,
                        [
                            Measured(
                                source=Source.WEB, lat=37.5, lon=126.9, fix_ms=at_ms, accuracy_m=8
                            )
                        ],
                    )
                    for n in range(due)
                ),
                return_exceptions=True,
            )
            refused.extend(each for each in told if isinstance(each, Refused))
            done += due
            await asyncio.sleep(0.01)
        return done

    flusher = threading.Thread(target=flush)
    flusher.start()
    before_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    began_s = time.perf_counter()
    done = asyncio.run(report())
    spent_s = time.perf_counter() - began_s
    stopped.set()
    flusher.join()
    after_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(
        f"steady reports                      {done / spent_s:10,.0f} fixes/s for {spent_s:.0f} s"
    )
    show(lags_ms)
    print(f"refused {len(refused)}, memory {before_mb:.0f} -> {after_mb:.0f} MB")


def show(lags_ms: list[int]) -> None:
    """How long fixes waited, and whether writers got into each other's way."""
    from django.db import connection

    from locations import live

    with connection.cursor() as cursor:
        cursor.execute("SHOW GLOBAL STATUS LIKE 'Innodb_deadlocks'")
        deadlocks = cursor.fetchone()[1]
    p99_ms = statistics.quantiles(lags_ms, n=100)[98] if len(lags_ms) > 2 else max(lags_ms)
    print(f"oldest fix waiting, p99 to commit   {p99_ms:10,.0f} ms (worst {max(lags_ms)} ms)")
    print(f"left waiting {live.waiting_count()}, deadlocks {deadlocks}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=30)
    parser.add_argument("--rate", type=int, default=1_000)
    parser.add_argument("--users", type=int, default=2_000)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        children = start_engines(Path(folder))
        try:
            import django
            from django.core.management import call_command

            django.setup()
            call_command("migrate", verbosity=0)
            compare(options.users)
            sustain(options.seconds, options.rate, options.users)
        finally:
            for child in children:
                child.terminate()
                child.wait()


if __name__ == "__main__":
    main()

"""Row width: the same positions in a wide users row and in a narrow row of their own."""

from collections.abc import Iterator
from dataclasses import dataclass

from lab.charts import Bar, bars
from lab.report import Claim, Report, Table
from lab.sql import Sql
from lab.workshop import Workshop

QUESTION = "do positions belong in the users table?"
USERS = 10_000
PAGE_BYTES = 16_384
OPTIONS = (
    "--log-bin=lab", "--binlog-format=ROW", "--server-id=1", "--sync-binlog=0",
    "--innodb-flush-log-at-trx-commit=2", "--innodb-max-dirty-pages-pct-lwm=0",
)  # fmt: skip
# About what a profile holds: names, an address, a picture's address, a few words about oneself.
WIDE = """
  email VARCHAR(190) NOT NULL DEFAULT '', nickname VARCHAR(40) NOT NULL DEFAULT '',
  picture VARCHAR(200) NOT NULL DEFAULT '', about VARCHAR(600) NOT NULL DEFAULT '',
"""
POSITION = """
  fix_ms BIGINT NOT NULL DEFAULT 0, lat_e7 INT NOT NULL DEFAULT 0, lon_e7 INT NOT NULL DEFAULT 0,
  acc_dm SMALLINT NOT NULL DEFAULT 0, hdg_cd SMALLINT UNSIGNED NOT NULL DEFAULT 0
"""
PROFILE = """
  email = CONCAT('user', user_id, '@example.org'), nickname = CONCAT('nick', user_id),
  picture = REPEAT('p', 120), about = REPEAT('a', 600)
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """Where positions lie, and how they are written."""

    label: str
    is_wide: bool = False
    image: str = "FULL"
    index: str = ""
    per_transaction: int = 1


@dataclass(frozen=True, slots=True)
class Cost:
    """What the updates of one layout wrote, in bytes; pages count 16 KB each."""

    layout: Layout
    updates: int
    redo_bytes: int
    log_written_bytes: int
    binlog_bytes: int
    pages: int

    def each(self, total: int) -> int:
        """Bytes per update."""
        return round(total / self.updates)


LAYOUTS = (
    Layout(label="wide users row", is_wide=True),
    Layout(label="narrow row"),
    Layout(label="wide, binlog MINIMAL", is_wide=True, image="MINIMAL"),
    Layout(label="narrow, binlog MINIMAL", image="MINIMAL"),
    Layout(label="narrow, index on lat, lon", index=", INDEX place (lat_e7, lon_e7)"),
    Layout(label="narrow, 500 a transaction", per_transaction=500),
)


def run(shop: Workshop) -> Report:
    """Write the same updates into each layout and read the server's own counters."""
    sql = shop.mariadb(*OPTIONS)
    users = shop.share(USERS, least=5000)
    costs = []
    for layout in LAYOUTS:
        shop.tell(f"{users:,} updates: {layout.label}")
        costs.append(_measure(sql, layout, users))
    return Report(
        name="rowwidth",
        question=QUESTION,
        engines=sql.version(),
        tables=[_table(costs)],
        conclusion=_conclusion(costs),
        claims=_claims(costs),
        charts={"rowwidth.svg": _chart(costs)},
    )


def _measure(sql: Sql, layout: Layout, users: int) -> Cost:
    columns = (WIDE if layout.is_wide else "") + POSITION + layout.index
    sql.run(
        "DROP TABLE IF EXISTS spot;"
        f"CREATE TABLE spot (user_id BIGINT NOT NULL PRIMARY KEY, {columns}) ENGINE=InnoDB;"
        f"INSERT INTO spot (user_id) SELECT seq FROM seq_1_to_{users};"
    )
    if layout.is_wide:
        sql.run(f"UPDATE spot SET {PROFILE}; ALTER TABLE spot FORCE;")
    sql.run(f"SET GLOBAL binlog_row_image = '{layout.image}'")
    sql.settle()
    before = _counters(sql)
    sql.run("\n".join(_moves(users, layout.per_transaction)))
    sql.settle()
    after = _counters(sql)
    return Cost(layout, users, *(now - then for then, now in zip(before, after, strict=True)))


def _moves(users: int, per_transaction: int) -> Iterator[str]:
    """One move for everybody, in an order that jumps about and is the same for every layout."""
    # 7919 is prime and larger than any common factor, so each user comes once.
    order = (at * 7919 % users + 1 for at in range(users))
    for at, user_id in enumerate(order):
        if per_transaction > 1 and at % per_transaction == 0:
            yield "COMMIT; BEGIN;"
        yield (
            f"UPDATE spot SET fix_ms = {1_800_000_000_000 + at}, "
            f"lat_e7 = {-109_000_000 + at * 37}, lon_e7 = {-370_000_000 + at * 41}, "
            f"acc_dm = {at % 400}, hdg_cd = {at % 36_000} WHERE user_id = {user_id};"
        )
    yield "COMMIT;"


def _counters(sql: Sql) -> tuple[int, int, int, int]:
    return (
        sql.status("Innodb_lsn_current"),
        sql.status("Innodb_os_log_written"),
        sum(int(row[1]) for row in sql.run("SHOW BINARY LOGS")),
        sql.status("Innodb_pages_written"),
    )


def _claims(costs: list[Cost]) -> list[Claim]:
    wide, narrow, wide_minimal, narrow_minimal, indexed, together = costs
    return [
        Claim("redo is the same for both within 10 %: it logs the change, not the row",
              abs(wide.redo_bytes - narrow.redo_bytes) * 10 <= narrow.redo_bytes),
        Claim("the wide row makes more than twice as many pages dirty",
              wide.pages > 2 * narrow.pages),
        Claim("the binary log of the wide row is more than twice as long",
              wide.binlog_bytes > 2 * narrow.binlog_bytes),
        Claim("with binlog_row_image=MINIMAL the wide row costs less than 1.3 times the narrow one",
              wide_minimal.binlog_bytes * 10 < narrow_minimal.binlog_bytes * 13),
        Claim("but its pages stay as many",
              wide_minimal.pages > 2 * narrow_minimal.pages),
        Claim("an index on a column that moves adds more than 15 % of redo",
              indexed.redo_bytes * 100 > narrow.redo_bytes * 115),
        Claim("500 updates a transaction take less than two thirds of the redo",
              together.redo_bytes * 3 < narrow.redo_bytes * 2),
    ]  # fmt: skip


def _table(costs: list[Cost]) -> Table:
    columns = (
        "layout", "redo B", "redo log written B", "binlog B", "pages written", "pages as B",
    )  # fmt: skip
    rows: list[tuple[str | int, ...]] = [
        (
            one.layout.label,
            one.each(one.redo_bytes),
            one.each(one.log_written_bytes),
            one.each(one.binlog_bytes),
            one.pages,
            one.each(one.pages * PAGE_BYTES),
        )
        for one in costs
    ]
    return Table(f"{costs[0].updates:,} position updates; B are bytes per update", columns, rows)


def _chart(costs: list[Cost]) -> str:
    rows = []
    for one in costs:
        parts = (one.redo_bytes, one.binlog_bytes, one.pages * PAGE_BYTES)
        each = tuple(one.each(part) for part in parts)
        rows.append(Bar(one.layout.label, each, " + ".join(f"{part:,}" for part in each)))
    unit = f"Bytes written per position update, average of {costs[0].updates:,}"
    return bars("Wide row against narrow row", unit, rows, ("redo", "binary log", "pages of 16 KB"))


def _conclusion(costs: list[Cost]) -> str:
    wide, narrow, wide_minimal, narrow_minimal, indexed, together = costs
    return (
        "The story is right to split the table, but redo is no reason: it is the same "
        f"({wide.each(wide.redo_bytes)} against {narrow.each(narrow.redo_bytes)} bytes per "
        "update), because InnoDB logs the changed bytes and not the page. What a wide row costs is "
        f"pages ({wide.pages:,} written against {narrow.pages:,}) and the binary log, which holds "
        f"the row before and after ({wide.each(wide.binlog_bytes):,} against "
        f"{narrow.each(narrow.binlog_bytes):,} bytes). binlog_row_image=MINIMAL takes away the "
        f"second ({wide_minimal.each(wide_minimal.binlog_bytes):,} against "
        f"{narrow_minimal.each(narrow_minimal.binlog_bytes):,}), nothing takes away the first. An "
        f"index on moving columns costs {indexed.each(indexed.redo_bytes)} bytes of redo instead "
        f"of {narrow.each(narrow.redo_bytes)}; writing 500 at once "
        f"{together.each(together.redo_bytes)}."
    )

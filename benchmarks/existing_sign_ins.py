"""Sign-ins of the last 30 days that were there before: outcomes and audit events, filled in by bulk SQL."""

import time

from benchmarks.existing_users import ask, run_script

_SHARE = 20
"""Every so manieth sign-in was refused, and every so manieth wrote something."""

_OUTCOMES = """
CREATE TEMPORARY TABLE sign_ins_then AS {numbers};
INSERT INTO outcomes (reference, at, kind, reasons, application, idp, subject, user_id, written)
  SELECT come.reference, {begun} + come.n * {step},
    CASE come.n % {share} WHEN 0 THEN 'refused' WHEN 1 THEN 'created' WHEN 2 THEN 'updated' ELSE 'unchanged' END,
    CASE come.n % {share} WHEN 0 THEN '[{{"code":"user_locked","about":{{}}}}]'
      ELSE '[{{"code":"linked","about":{{}}}}]' END,
    'bench', '{idp}', link.subject, link.user_id, NULL
  FROM sign_ins_then AS come JOIN account_links AS link ON link.idp = '{idp}' AND link.subject = come.subject
  ORDER BY come.n;
INSERT INTO audit_events (id, at, action, actor, target, reference, about)
  SELECT 'bench-' || reference, at,
    CASE kind WHEN 'refused' THEN 'sign_in.refused' ELSE 'sign_in.succeeded' END,
    'idp:' || idp, 'user:' || user_id, reference, '{{"reason":"linked"}}'
  FROM outcomes WHERE idp = '{idp}' ORDER BY at;
"""
_SQLITE_NUMBERS = """
  WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < {count})
  SELECT n, printf('B%03d-%04d', n / 10000, n % 10000) AS reference,
    printf('member%07d', 1 + n * 7919 % {people}) AS subject FROM numbers"""
_POSTGRESQL_NUMBERS = """
  SELECT n, 'B' || lpad((n / 10000)::text, 3, '0') || '-' || lpad((n % 10000)::text, 4, '0') AS reference,
    'member' || lpad((1 + n * 7919 % {people})::text, 7, '0') AS subject
  FROM generate_series(1::bigint, {count}) AS n"""


def fill_history(database: str, idp: str, *, count: int, people: int) -> None:
    """Add sign-ins by these people, each with an audit event; one in twenty was refused."""
    days = 30 * 86_400_000_000
    numbers = _SQLITE_NUMBERS if database.startswith("sqlite:///") else _POSTGRESQL_NUMBERS
    script = _OUTCOMES.format(
        numbers=numbers.format(count=count, people=people), idp=idp, share=_SHARE,
        begun=time.time_ns() // 1000 - days, step=days // count,
    )  # fmt: skip
    run_script(database, script)


def some_person(database: str, subject: str) -> str:
    """Return the id of somebody."""
    return str(ask(database, f"SELECT user_id FROM account_links WHERE subject = '{subject}'"))

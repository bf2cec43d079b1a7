"""Queries of first arrivals, and their exact text."""

from __future__ import annotations

from dataclasses import replace

from snowflake_setup.sql.event_date import EventDate
from snowflake_setup.sql.first_arrivals import FirstArrivals
from snowflake_setup.sql.identifiers import Identifier, ObjectName

FIRST = FirstArrivals(
    ObjectName.of("DB", "RAW", "T"),
    Identifier("ID"),
    (Identifier("AT"), Identifier("ROW")),
    Identifier("KIND"),
)
UNTYPED = FirstArrivals(FIRST.table, FIRST.key, FIRST.order, None)
FIRST_SQL = (
    """SELECT "ID", "KIND" FROM "DB"."RAW"."T" WHERE NOT STARTSWITH(COALESCE("KIND", ''), '_') QUALIFY "ID" IS NULL """
    'OR ROW_NUMBER() OVER (PARTITION BY "ID" ORDER BY "AT", "ROW") = 1'
)
DATED = replace(FIRST, date=EventDate((Identifier("CAME"), Identifier("AT")), Identifier("TIME"), 7))
DATED_SQL = (
    """SELECT "ID", "EVENT_DATE" FROM (SELECT "ID", "AT", "ROW", LEAST(GREATEST(COALESCE("""
    """TO_DATE(CONVERT_TIMEZONE('UTC', "TIME")), COALESCE(TO_DATE(CONVERT_TIMEZONE('UTC', "CAME")), """
    """TO_DATE(CONVERT_TIMEZONE('UTC', "AT")))), COALESCE(TO_DATE(CONVERT_TIMEZONE('UTC', "CAME")), """
    """TO_DATE(CONVERT_TIMEZONE('UTC', "AT"))) - 7), COALESCE(TO_DATE(CONVERT_TIMEZONE('UTC', "CAME")), """
    """TO_DATE(CONVERT_TIMEZONE('UTC', "AT"))) + 1) AS "EVENT_DATE" FROM "DB"."RAW"."T" """
    """WHERE NOT STARTSWITH(COALESCE("KIND", ''), '_')) QUALIFY "ID" IS NULL """
    'OR ROW_NUMBER() OVER (PARTITION BY "ID", "EVENT_DATE" ORDER BY "AT", "ROW") = 1'
)

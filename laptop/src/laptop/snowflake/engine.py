"""The running account: all parts that statements and loops need, created once."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from laptop.snowflake.access import Access
from laptop.snowflake.catalog import Catalog
from laptop.snowflake.faults import Faults
from laptop.snowflake.future_grants import FutureGrants
from laptop.snowflake.grants import PRIVILEGES, Grants
from laptop.snowflake.lake import Lake
from laptop.snowflake.loading.error_tables import PIPE_DELAY
from laptop.snowflake.loading.loader import Loader
from laptop.snowflake.login_history import Logins
from laptop.snowflake.metering import WarehouseMeter
from laptop.snowflake.names import Kind, Name
from laptop.snowflake.objects import Account, Role, User, Warehouse
from laptop.snowflake.pipe_status import PipeStatus
from laptop.snowflake.pipes import Pipes
from laptop.snowflake.queue import NotificationQueue
from laptop.snowflake.sql.granting import ACCOUNT_NAME
from laptop.snowflake.sql.properties import public_key
from laptop.snowflake.store import Store
from laptop.snowflake.tables import Tables

# New Snowflake accounts also have one.
_WAREHOUSE = "COMPUTE_WH"
_INHERITED = (
    ("SYSADMIN", "ACCOUNTADMIN"),
    ("SECURITYADMIN", "ACCOUNTADMIN"),
    ("USERADMIN", "SECURITYADMIN"),
)
_GLOBAL = {
    "SYSADMIN": ("CREATE DATABASE", "CREATE WAREHOUSE"),
    "SECURITYADMIN": ("MANAGE GRANTS", "CREATE NETWORK POLICY"),
    "USERADMIN": ("CREATE ROLE", "CREATE USER"),
    "ACCOUNTADMIN": PRIVILEGES[Kind.ACCOUNT],
}


@dataclass(frozen=True)
class Engine:
    """The parts of the account."""

    store: Store
    catalog: Catalog
    grants: Grants
    future_grants: FutureGrants
    access: Access
    tables: Tables
    loader: Loader
    lake: Lake
    queue: NotificationQueue
    pipes: Pipes
    pipe_status: PipeStatus
    faults: Faults
    logins: Logins
    meter: WarehouseMeter
    # The last change of a table by a statement, by its id; loads are in the load history.
    changed: dict[str, dt.datetime]
    history_delay: dt.timedelta
    region: str

    def close(self) -> None:
        """Stop loading and close the files."""
        self.pipes.close()
        self.store.close()


def open_engine(
    state_dir: Path,
    *,
    lake: Lake,
    make_queue: Callable[[str], NotificationQueue],
    admin_public_key: str | None = None,
    history_delay: dt.timedelta = dt.timedelta(0),
    error_table_delay: dt.timedelta = PIPE_DELAY,
    region: str = "eu-west-1",
) -> Engine:
    """Open the account stored in `state_dir`; a new one gets the system roles and the user ADMIN.

    An existing pipe uses an error table `error_table_delay` after error logging is turned on.
    COPY_HISTORY shows a load only after `history_delay`: no page says how soon Snowflake's does.
    """
    store = Store(state_dir)
    catalog, grants = Catalog(store), Grants(store)
    access = Access(catalog, grants)
    if catalog.find(Account, ACCOUNT_NAME) is None:
        with store.transaction():
            _found_account(catalog, grants, admin_public_key)
    account = catalog.get(Account, ACCOUNT_NAME)
    loader = Loader(store, catalog, error_table_delay)
    faults = Faults()
    pipes = Pipes(store=store, catalog=catalog, access=access, loader=loader, lake=lake, faults=faults)
    return Engine(
        store=store,
        catalog=catalog,
        grants=grants,
        future_grants=FutureGrants(store, catalog, grants),
        access=access,
        tables=Tables(store),
        loader=loader,
        lake=lake,
        queue=make_queue(f"sf-snowpipe-LOCAL-{account.id.removeprefix('account_')}"),
        pipes=pipes,
        pipe_status=PipeStatus(store=store, catalog=catalog, access=access, pipes=pipes),
        faults=faults,
        logins=Logins(),
        meter=WarehouseMeter(),
        changed={},
        history_delay=history_delay,
        region=region,
    )


def _found_account(catalog: Catalog, grants: Grants, admin_public_key: str | None) -> None:
    account = Account(name=ACCOUNT_NAME, owner="")
    catalog.put(account)
    catalog.put(Warehouse(name=Name((_WAREHOUSE,)), owner="SYSADMIN", comment="built in"))
    for role in (*_GLOBAL, "PUBLIC"):
        catalog.put(Role(name=Name((role,)), owner="", comment="built in"))
    for role, member in _INHERITED:
        grants.join(role, Kind.ROLE, member, "")
    for role, privileges in _GLOBAL.items():
        for privilege in privileges:
            grants.give(privilege, account.id, role, "")
    if admin_public_key is not None:
        key = public_key(admin_public_key)
        admin = User(
            name=Name(("ADMIN",)),
            owner="ACCOUNTADMIN",
            login_name="ADMIN",
            default_role="ACCOUNTADMIN",
            default_warehouse=_WAREHOUSE,
            rsa_public_key=key,
        )
        catalog.put(admin)
        grants.join("ACCOUNTADMIN", Kind.USER, "ADMIN", "")

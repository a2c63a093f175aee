"""The migrated schema is the declared one, on both engines; the database itself refuses what must not happen."""

import importlib
import pkgutil

import peewee
import pytest

import db as package
from db.audit import record
from db.database import Model, now, on_sqlite, writing
from db.intake import receive
from db.ledger import Entry
from db.migrations import migrate
from tests.cast import LIBRARY, TabletDouble
from tests.engines import opened

FAMILIES = {
    "INTEGER": "whole", "BIGINT": "whole", "bigint": "whole", "integer": "whole", "int8": "whole", "int4": "whole",
    "TEXT": "text", "text": "text", "REAL": "real", "real": "real", "double precision": "real", "BOOLEAN": "truth",
    "boolean": "truth", "BLOB": "bytes", "bytea": "bytes",
}  # fmt: skip
DECLARED = {
    "AUTO": "whole", "INT": "whole", "BIGINT": "whole", "TEXT": "text", "FLOAT": "real", "BOOL": "truth", "BLOB": "bytes",
    "BIGAUTO": "whole",
}  # fmt: skip


def models():
    for module in pkgutil.iter_modules(package.__path__):
        if not module.ispkg:
            importlib.import_module(f"db.{module.name}")
    found, waiting = [], [Model]
    while waiting:
        subclasses = waiting.pop().__subclasses__()
        found += [model for model in subclasses if model.__module__.startswith("db.")]
        waiting += subclasses
    return sorted(found, key=lambda model: model._meta.table_name)


def family(field):
    kind = field.rel_field.field_type if isinstance(field, peewee.ForeignKeyField) else field.field_type
    return DECLARED[kind]


def declared_indexes(model):
    """(columns, unique), the primary key apart."""
    found = {((field.column_name,), field.unique) for field in model._meta.sorted_fields if field.unique or field.index}
    for names, unique in model._meta.indexes:
        found.add((tuple(model._meta.combined[name].column_name for name in names), unique))
    return {(columns, unique) for columns, unique in found if columns != primary_key(model)}


def primary_key(model):
    key = model._meta.primary_key
    if isinstance(key, peewee.CompositeKey):
        return tuple(model._meta.combined[name].column_name for name in key.field_names)
    return (key.column_name,)


def test_every_table_has_the_columns_of_its_model(db):
    for model in models():
        found = {(c.name, FAMILIES[c.data_type], c.null) for c in db.get_columns(model._meta.table_name)}
        wanted = {(field.column_name, family(field), bool(field.null)) for field in model._meta.sorted_fields}
        assert found == wanted, model


def test_every_table_has_the_indexes_and_uniques_of_its_model(db):
    for model in models():
        name = model._meta.table_name
        of_the_key = (f"{name}_pkey", f"sqlite_autoindex_{name}_1")
        indexes = [(tuple(i.columns), i.unique) for i in db.get_indexes(name) if i.name not in of_the_key]
        assert len(indexes) == len(set(indexes)), f"{name} has an index twice"
        assert set(indexes) == declared_indexes(model), model
        assert tuple(db.get_primary_keys(name)) == primary_key(model), model


def test_every_table_has_the_foreign_keys_of_its_model(db):
    for model in models():
        found = {(k.column, k.dest_table, k.dest_column) for k in db.get_foreign_keys(model._meta.table_name)}
        wanted = {(f.column_name, f.rel_model._meta.table_name, f.rel_field.column_name) for f in model._meta.refs}
        assert found == wanted, model


def test_there_is_no_table_without_a_model(db):
    assert set(db.get_tables()) - {"migratehistory"} == {model._meta.table_name for model in models()}


def test_each_check_of_a_model_is_in_the_database(db):
    for model in models():
        for check in model._meta.constraints or ():
            wanted = {part for part in check.sql.replace("(", "'").split("'") if part.replace("-", "").isalpha()}
            assert wanted <= set(words_of_checks(db, model._meta.table_name)), (model, check.sql)


def words_of_checks(db, table):
    if on_sqlite():
        sql, values = "SELECT sql FROM sqlite_master WHERE name = ?", (table,)
    else:
        sql = "SELECT string_agg(pg_get_constraintdef(oid), ' ') FROM pg_constraint WHERE contype = 'c' AND conrelid = %s::regclass"
        values = (table,)
    text = db.execute_sql(sql, values).fetchone()[0] or ""
    return text.replace("(", "'").replace('"', "'").replace(" ", "'").split("'")


def test_migrating_twice_does_nothing_more(empty_database_url):
    with opened(empty_database_url) as db:
        assert migrate()
        tables = set(db.get_tables())
        assert migrate() == []
        assert set(db.get_tables()) == tables


@pytest.fixture
def stored(season):
    receive([TabletDouble.enrol("library").act("clear", season.an, LIBRARY).token, "rubbish"], "direct")
    record("admin", "test")


FROZEN = ("hash", "id", "device", "seq", "prev", "student", "step", "act", "operator", "station", "corrected", "jws", "received_at",
          "outcome", "code", "via")  # fmt: skip


@pytest.mark.parametrize("column", FROZEN)
def test_what_an_entry_says_cannot_be_changed(stored, db, column):
    with pytest.raises(peewee.DatabaseError, match="append-only"), writing():
        db.execute_sql(f"UPDATE entry SET {column} = {column}")


@pytest.mark.parametrize("table", ["entry", "quarantined", "audit_event"])
def test_nothing_of_the_ledger_or_the_audit_trail_can_be_removed(stored, db, table):
    assert db.execute_sql(f"SELECT COUNT(*) FROM {table}").fetchone()[0] == 1
    with pytest.raises(peewee.DatabaseError, match="append-only"), writing():
        db.execute_sql(f"DELETE FROM {table}")


@pytest.mark.parametrize("change", ["audit_event SET actor = 'somebody'", "quarantined SET code = 'bad-signature'"])
def test_neither_the_audit_trail_nor_what_was_set_aside_can_be_changed(stored, db, change):
    with pytest.raises(peewee.DatabaseError, match="append-only"), writing():
        db.execute_sql(f"UPDATE {change}")


def test_a_reviewer_can_admit_an_entry(stored):
    with writing():
        Entry.update(admitted_at=now(), admitted_by="admin").execute()
    assert Entry.select().where(Entry.admitted_by == "admin").count() == 1


@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO clearance (graduate_id, step, state, heads) VALUES (1, 'library', 'asleep', '')",
        "INSERT INTO clearance (graduate_id, step, state, heads) VALUES (999999, 'library', 'open', '')",
        "INSERT INTO posting (device, station, from_at) VALUES ('dv_library_1', 'moon', 0)",
        "INSERT INTO card (graduate_id, gen, issued_at, issued_by, reason, expires_at) VALUES (1, 0, 0, 'x', '', 0)",
        "INSERT INTO role_grant (account_id, role, scope_kind, scope, granted_by, from_at) VALUES ('li', 'king', 'all', '', '', 0)",
    ],
)
def test_the_database_refuses_what_makes_no_sense(stored, db, statement):
    with pytest.raises(peewee.IntegrityError), writing():
        db.execute_sql(statement)


def test_an_entry_takes_its_id_and_its_seq_once(stored, db):
    columns = "id, device, seq, act, operator, corrected, jws, outcome, via, received_at"
    for own_id, own_seq in (("id", "seq + 1"), ("'other'", "seq")):
        with pytest.raises(peewee.IntegrityError), writing():
            db.execute_sql(
                f"INSERT INTO entry (hash, {columns}) SELECT 'another', {own_id}, device, {own_seq}, act, operator, corrected, "
                "jws, outcome, via, received_at FROM entry"
            )

"""What stands in the ledger's tables, as plain values to compare."""

from db.clearance import Clearance, Finding
from db.ledger import Entry, Quarantined
from db.people import Graduate


def cells():
    """(ref, step) → everything the projection says of it."""
    columns = (Graduate.ref, Clearance.step, Clearance.state, Clearance.as_of, Clearance.by, Clearance.reason, Clearance.conflict)
    rows = Clearance.select(*columns, Clearance.heads).join(Graduate).tuples()
    return {(row[0], row[1]): row[2:] for row in rows}


def cell(graduate, step):
    return Clearance.get(Clearance.graduate == graduate, Clearance.step == step)


def open_findings():
    """What is odd at present; what once was is history, and histories differ with the order of arrival."""
    columns = (Finding.student, Finding.step, Finding.code, Finding.entry)
    return set(Finding.select(*columns).where(Finding.gone_at.is_null()).tuples())


def entries():
    return {(row.hash, row.outcome == "quarantined", row.code) for row in Entry.select()}


def quarantine():
    return {(row.hash, row.code) for row in Quarantined.select()}


def codes_aside():
    """The codes of what may not take an id or a seq, in order of arrival."""
    return [row.code for row in Quarantined.select().order_by(Quarantined.id)]

"""The first schema. Frozen: later changes are migrations of their own."""

import secrets

# ruff: noqa: E501
TABLES = """
CREATE TABLE counter (
    name TEXT NOT NULL PRIMARY KEY,
    value BIGINT NOT NULL
);

CREATE TABLE tick (
    change BIGINT NOT NULL PRIMARY KEY,
    word TEXT NOT NULL
);

CREATE TABLE plan_version (
    id {serial},
    source TEXT NOT NULL,
    name TEXT NOT NULL,
    digest TEXT NOT NULL,
    shifted_days INTEGER NOT NULL,
    loaded_at BIGINT NOT NULL,
    loaded_by TEXT NOT NULL
);

CREATE TABLE college (
    id {serial},
    name TEXT NOT NULL
);
CREATE UNIQUE INDEX college_name ON college (name);

CREATE TABLE class_group (
    id {serial},
    college_id INTEGER NOT NULL,
    name TEXT NOT NULL,
    campus TEXT NOT NULL,
    counselor TEXT,
    FOREIGN KEY (college_id) REFERENCES college (id)
);
CREATE INDEX class_group_college_id ON class_group (college_id);
CREATE UNIQUE INDEX class_group_name ON class_group (name);
CREATE INDEX class_group_counselor ON class_group (counselor);

CREATE TABLE graduate (
    id {serial},
    ref TEXT NOT NULL,
    number TEXT NOT NULL,
    name TEXT NOT NULL,
    class_id INTEGER NOT NULL,
    flags TEXT NOT NULL,
    building TEXT NOT NULL,
    room TEXT NOT NULL,
    phone TEXT NOT NULL,
    email TEXT NOT NULL,
    id_number TEXT NOT NULL,
    gen INTEGER NOT NULL,
    card_revoked BOOLEAN NOT NULL,
    change BIGINT NOT NULL,
    rescoped BIGINT NOT NULL,
    removed_at BIGINT,
    FOREIGN KEY (class_id) REFERENCES class_group (id)
);
CREATE UNIQUE INDEX graduate_ref ON graduate (ref);
CREATE UNIQUE INDEX graduate_number ON graduate (number);
CREATE INDEX graduate_class_id ON graduate (class_id);
CREATE INDEX graduate_change ON graduate (change);
CREATE INDEX graduate_rescoped ON graduate (rescoped);

CREATE TABLE station (
    code TEXT NOT NULL PRIMARY KEY,
    name_zh TEXT NOT NULL,
    name_en TEXT NOT NULL,
    steps TEXT NOT NULL,
    colleges TEXT NOT NULL,
    closed BOOLEAN NOT NULL,
    fast_lane BOOLEAN NOT NULL
);

CREATE TABLE device (
    id TEXT NOT NULL PRIMARY KEY,
    station TEXT NOT NULL,
    name TEXT NOT NULL,
    public_key TEXT NOT NULL,
    token_hash TEXT NOT NULL,
    enrolled_at BIGINT NOT NULL,
    revoked_at BIGINT,
    revoked_by TEXT,
    contiguous BIGINT NOT NULL,
    last_contact BIGINT,
    clock_offset BIGINT,
    pending INTEGER,
    battery REAL,
    app TEXT,
    head_seq BIGINT,
    head_hash TEXT,
    FOREIGN KEY (station) REFERENCES station (code)
);
CREATE INDEX device_station ON device (station);
CREATE UNIQUE INDEX device_token_hash ON device (token_hash);

CREATE TABLE posting (
    id {serial},
    device TEXT NOT NULL,
    station TEXT NOT NULL,
    from_at BIGINT NOT NULL,
    until_at BIGINT,
    FOREIGN KEY (device) REFERENCES device (id),
    FOREIGN KEY (station) REFERENCES station (code)
);
CREATE INDEX posting_device ON posting (device);
CREATE INDEX posting_station ON posting (station);

CREATE TABLE enrol_code (
    id {serial},
    code_hash TEXT NOT NULL,
    station TEXT NOT NULL,
    created_by TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    used_at BIGINT,
    device TEXT,
    FOREIGN KEY (station) REFERENCES station (code),
    FOREIGN KEY (device) REFERENCES device (id)
);
CREATE UNIQUE INDEX enrol_code_code_hash ON enrol_code (code_hash);
CREATE INDEX enrol_code_station ON enrol_code (station);
CREATE INDEX enrol_code_device ON enrol_code (device);

CREATE TABLE closing (
    id {serial},
    device TEXT NOT NULL,
    date TEXT NOT NULL,
    seq BIGINT NOT NULL,
    hash TEXT,
    complete BOOLEAN NOT NULL,
    at BIGINT NOT NULL,
    FOREIGN KEY (device) REFERENCES device (id)
);
CREATE INDEX closing_device ON closing (device);
CREATE UNIQUE INDEX closing_device_date_seq ON closing (device, date, seq);

CREATE TABLE card (
    id {serial},
    graduate_id INTEGER NOT NULL,
    gen INTEGER NOT NULL,
    issued_at BIGINT NOT NULL,
    issued_by TEXT NOT NULL,
    reason TEXT NOT NULL,
    expires_at BIGINT NOT NULL,
    revoked_at BIGINT,
    revoked_by TEXT,
    FOREIGN KEY (graduate_id) REFERENCES graduate (id),
    CHECK (gen >= 1)
);
CREATE INDEX card_graduate_id ON card (graduate_id);
CREATE UNIQUE INDEX card_graduate_id_gen ON card (graduate_id, gen);

CREATE TABLE account (
    id TEXT NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    graduate_id INTEGER,
    password_hash TEXT,
    password_changed_at BIGINT,
    session_version INTEGER NOT NULL,
    language TEXT,
    email TEXT NOT NULL,
    disabled_at BIGINT,
    FOREIGN KEY (graduate_id) REFERENCES graduate (id)
);
CREATE UNIQUE INDEX account_graduate_id ON account (graduate_id);

CREATE TABLE activation (
    id {serial},
    account_id TEXT NOT NULL,
    code_hash TEXT NOT NULL,
    created_by TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    used_at BIGINT,
    FOREIGN KEY (account_id) REFERENCES account (id)
);
CREATE INDEX activation_account_id ON activation (account_id);
CREATE UNIQUE INDEX activation_code_hash ON activation (code_hash);

CREATE TABLE role_grant (
    id {serial},
    account_id TEXT NOT NULL,
    role TEXT NOT NULL,
    scope_kind TEXT NOT NULL,
    scope TEXT NOT NULL,
    granted_by TEXT NOT NULL,
    from_at BIGINT NOT NULL,
    until_at BIGINT,
    FOREIGN KEY (account_id) REFERENCES account (id),
    CHECK (role IN ('operator','supervisor','counselor','college','officer','leadership','admin','auditor')),
    CHECK (scope_kind IN ('all','college','class','step','station'))
);
CREATE INDEX role_grant_account_id ON role_grant (account_id);
CREATE INDEX role_grant_account_id_role_scope_kind_scope ON role_grant (account_id, role, scope_kind, scope);

CREATE TABLE attempt (
    id {serial},
    kind TEXT NOT NULL,
    key TEXT NOT NULL,
    at BIGINT NOT NULL
);
CREATE INDEX attempt_kind_key_at ON attempt (kind, key, at);

CREATE TABLE audit_event (
    seq BIGINT NOT NULL PRIMARY KEY,
    at BIGINT NOT NULL,
    actor TEXT NOT NULL,
    action TEXT NOT NULL,
    subject TEXT NOT NULL,
    detail TEXT NOT NULL,
    address TEXT NOT NULL,
    prev TEXT NOT NULL,
    hash TEXT NOT NULL
);
CREATE INDEX audit_event_actor ON audit_event (actor);
CREATE INDEX audit_event_action ON audit_event (action);
CREATE INDEX audit_event_subject ON audit_event (subject);
CREATE UNIQUE INDEX audit_event_hash ON audit_event (hash);

CREATE TABLE list_version (
    id {serial},
    step TEXT NOT NULL,
    version INTEGER NOT NULL,
    arrived_at BIGINT NOT NULL,
    "by" TEXT NOT NULL,
    digest TEXT NOT NULL
);
CREATE UNIQUE INDEX list_version_step_version ON list_version (step, version);

CREATE TABLE list_row (
    id {serial},
    list_version_id INTEGER NOT NULL,
    number TEXT NOT NULL,
    reason TEXT NOT NULL,
    amount BIGINT,
    FOREIGN KEY (list_version_id) REFERENCES list_version (id) ON DELETE CASCADE
);
CREATE INDEX list_row_list_version_id ON list_row (list_version_id);
CREATE UNIQUE INDEX list_row_list_version_id_number ON list_row (list_version_id, number);

CREATE TABLE clearance (
    graduate_id INTEGER NOT NULL,
    step TEXT NOT NULL,
    state TEXT NOT NULL,
    as_of BIGINT,
    "by" TEXT,
    reason TEXT,
    conflict TEXT,
    heads TEXT NOT NULL,
    PRIMARY KEY (graduate_id, step),
    FOREIGN KEY (graduate_id) REFERENCES graduate (id),
    CHECK (state IN ('not-applicable','unknown','open','submitted','held','cleared','collected','waived'))
);
CREATE INDEX clearance_graduate_id ON clearance (graduate_id);
CREATE INDEX clearance_step_state ON clearance (step, state);

CREATE TABLE finding (
    id {serial},
    student TEXT NOT NULL,
    step TEXT NOT NULL,
    code TEXT NOT NULL,
    entry TEXT NOT NULL,
    found_at BIGINT NOT NULL,
    gone_at BIGINT
);
CREATE UNIQUE INDEX finding_student_step_code_entry ON finding (student, step, code, entry);

CREATE TABLE entry (
    hash TEXT NOT NULL PRIMARY KEY,
    id TEXT NOT NULL,
    device TEXT NOT NULL,
    seq BIGINT,
    prev TEXT,
    student TEXT,
    step TEXT,
    act TEXT NOT NULL,
    operator TEXT NOT NULL,
    station TEXT,
    corrected BIGINT NOT NULL,
    jws TEXT NOT NULL,
    outcome TEXT NOT NULL,
    code TEXT,
    via TEXT NOT NULL,
    received_at BIGINT NOT NULL,
    admitted_at BIGINT,
    admitted_by TEXT,
    CHECK (outcome IN ('accepted','conflict','quarantined'))
);
CREATE UNIQUE INDEX entry_id ON entry (id);
CREATE UNIQUE INDEX entry_device_seq ON entry (device, seq);
CREATE INDEX entry_student_step ON entry (student, step);
CREATE INDEX entry_station_corrected ON entry (station, corrected);

CREATE TABLE quarantined (
    id {serial},
    token_hash TEXT NOT NULL,
    hash TEXT,
    device TEXT,
    jws TEXT NOT NULL,
    code TEXT NOT NULL,
    via TEXT NOT NULL,
    uploader TEXT,
    received_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX quarantined_token_hash ON quarantined (token_hash);
CREATE INDEX quarantined_hash ON quarantined (hash);

CREATE TABLE attachment (
    sha256 TEXT NOT NULL PRIMARY KEY,
    size INTEGER NOT NULL,
    media_type TEXT NOT NULL,
    device TEXT NOT NULL,
    received_at BIGINT NOT NULL
);
"""

# What is written in the ledger and in the audit trail stays as it was written; the database itself sees to that.
SQLITE_GUARDS = (
    "CREATE TRIGGER audit_event_no_update BEFORE UPDATE ON audit_event BEGIN SELECT RAISE(ABORT, 'the audit trail is append-only'); END",
    "CREATE TRIGGER audit_event_no_delete BEFORE DELETE ON audit_event BEGIN SELECT RAISE(ABORT, 'the audit trail is append-only'); END",
    "CREATE TRIGGER entry_no_update BEFORE UPDATE OF hash, id, device, seq, prev, student, step, act, operator, station, corrected, jws, received_at ON entry "
    "BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END",
    "CREATE TRIGGER entry_no_delete BEFORE DELETE ON entry BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END",
)
POSTGRESQL_GUARDS = (
    "CREATE FUNCTION append_only() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION '% is append-only', TG_TABLE_NAME; END $$",
    "CREATE TRIGGER audit_event_append_only BEFORE UPDATE OR DELETE ON audit_event FOR EACH ROW EXECUTE FUNCTION append_only()",
    "CREATE TRIGGER entry_no_update BEFORE UPDATE OF hash, id, device, seq, prev, student, step, act, operator, station, corrected, jws, received_at ON entry "
    "FOR EACH ROW EXECUTE FUNCTION append_only()",
    "CREATE TRIGGER entry_no_delete BEFORE DELETE ON entry FOR EACH ROW EXECUTE FUNCTION append_only()",
)


def migrate(migrator, database, fake=False, **kwargs):
    """Create every table, the counters and the guards."""
    sqlite = type(database).__name__ == "SqliteDatabase"
    serial = "INTEGER NOT NULL PRIMARY KEY" if sqlite else "SERIAL NOT NULL PRIMARY KEY"
    for statement in TABLES.replace("{serial}", serial).split(";"):
        if statement.strip():
            migrator.sql(statement.strip())
    for statement in SQLITE_GUARDS if sqlite else POSTGRESQL_GUARDS:
        migrator.sql(statement.replace("%", "%%") if not sqlite else statement)
    migrator.sql("INSERT INTO counter (name, value) VALUES ('change', 0), ('audit', 0), ('season', 0)")
    migrator.sql(f"INSERT INTO tick (change, word) VALUES (0, '{secrets.token_hex(6)}')")

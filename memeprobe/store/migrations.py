"""The tables of the store, as each format made them of the one before."""

MIGRATIONS: list[tuple[str, ...]] = [
    (
        """CREATE TABLE runs (id TEXT PRIMARY KEY, identity TEXT NOT NULL,
            created REAL NOT NULL, updated REAL NOT NULL, planned INTEGER NOT NULL)""",
        """CREATE TABLE items (run TEXT NOT NULL, item TEXT NOT NULL, place INTEGER NOT NULL,
            about TEXT NOT NULL, PRIMARY KEY (run, item)) WITHOUT ROWID""",
        """CREATE TABLE answers (key TEXT PRIMARY KEY, text TEXT, error TEXT, logprobs TEXT,
            tokens TEXT, receipt TEXT, asked REAL NOT NULL) WITHOUT ROWID""",
        """CREATE TABLE trials (run TEXT NOT NULL, item TEXT NOT NULL, condition TEXT NOT NULL,
            outcome TEXT NOT NULL, chosen INTEGER, gold INTEGER, answer TEXT, intended INTEGER,
            shown INTEGER, testable INTEGER, problem TEXT, detail TEXT NOT NULL,
            PRIMARY KEY (run, item, condition)) WITHOUT ROWID""",
        "CREATE INDEX trials_by_outcome ON trials(run, outcome)",
    ),
    (
        # How long trials took, so that the next run can say beforehand how long it will take.
        """CREATE TABLE paces (model TEXT NOT NULL, revision TEXT NOT NULL, delivery TEXT NOT NULL,
            place TEXT NOT NULL, trials INTEGER NOT NULL, seconds REAL NOT NULL,
            PRIMARY KEY (model, revision, delivery, place)) WITHOUT ROWID""",
        # A sample of the answers, asked again one by one.
        """CREATE TABLE rechecks (run TEXT NOT NULL, answer TEXT NOT NULL, item TEXT NOT NULL,
            condition TEXT NOT NULL, same INTEGER NOT NULL, difference REAL, before TEXT,
            after TEXT, PRIMARY KEY (run, answer)) WITHOUT ROWID""",
    ),
    (
        # What made a run: model spec and load options, set folder, versions, device, command.
        "ALTER TABLE runs ADD COLUMN provenance TEXT",
        # Before, one column held 'DEVICE SET' (or 'SET' alone where the device was not known).
        """CREATE TABLE paces_by_set (model TEXT NOT NULL, revision TEXT NOT NULL,
            delivery TEXT NOT NULL, device TEXT NOT NULL, set_name TEXT NOT NULL,
            trials INTEGER NOT NULL, seconds REAL NOT NULL,
            PRIMARY KEY (model, revision, delivery, device, set_name)) WITHOUT ROWID""",
        """INSERT INTO paces_by_set SELECT model, revision, delivery,
            CASE instr(place, ' ') WHEN 0 THEN '' ELSE substr(place, 1, instr(place, ' ') - 1) END,
            substr(place, instr(place, ' ') + 1), trials, seconds FROM paces""",
        "DROP TABLE paces",
        "ALTER TABLE paces_by_set RENAME TO paces",
    ),
    (
        # A checksum over the rest of its row; NULL in rows of before.
        "ALTER TABLE items ADD COLUMN item_sum INTEGER",
        "ALTER TABLE answers ADD COLUMN answer_sum INTEGER",
        "ALTER TABLE trials ADD COLUMN trial_sum INTEGER",
    ),
    (
        # Which parts of a run that is asked in parts have come to their end.
        """CREATE TABLE shards (run TEXT NOT NULL, part INTEGER NOT NULL, parts INTEGER NOT NULL,
            PRIMARY KEY (run, parts, part)) WITHOUT ROWID""",
    ),
    (
        # What people call a run and say of it: no part of what identifies it.
        """CREATE TABLE run_names (run TEXT PRIMARY KEY, name TEXT NOT NULL, note TEXT NOT NULL,
            written REAL NOT NULL) WITHOUT ROWID""",
        # What somebody says of one item of a run.
        """CREATE TABLE item_notes (run TEXT NOT NULL, item TEXT NOT NULL, author TEXT NOT NULL,
            note TEXT NOT NULL, written REAL NOT NULL, PRIMARY KEY (run, item, author))
            WITHOUT ROWID""",
    ),
    (
        # What somebody says of an item of a set: the answer, the caption, a note.
        """CREATE TABLE labels (set_name TEXT NOT NULL, item TEXT NOT NULL, person TEXT NOT NULL,
            kind TEXT NOT NULL, value TEXT NOT NULL, written REAL NOT NULL,
            PRIMARY KEY (set_name, item, person, kind)) WITHOUT ROWID""",
    ),
]
"""Numbered by their place, from 1, and only ever added to; each is one transaction."""

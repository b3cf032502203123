import GRDB

/// The tables of a store.
enum StoreSchema {
    /// Makes what is not there yet.
    static func create(in database: Database) throws {
        try database.execute(
            sql: """
                CREATE TABLE IF NOT EXISTS object (
                    kind TEXT NOT NULL, namespace TEXT NOT NULL, name TEXT NOT NULL, document TEXT NOT NULL,
                    PRIMARY KEY (kind, namespace, name)
                ) WITHOUT ROWID;
                CREATE TABLE IF NOT EXISTS change (
                    revision INTEGER PRIMARY KEY, event TEXT NOT NULL, kind TEXT NOT NULL, document TEXT NOT NULL
                );
                CREATE TABLE IF NOT EXISTS setting (key TEXT PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID;
                CREATE TABLE IF NOT EXISTS counter (name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;
                INSERT OR IGNORE INTO counter (name, value) VALUES ('revision', 0);
                """)
    }
}

package io.alldocs.examples.postgres;

import java.io.IOException;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import javax.sql.DataSource;

/** The connections, and the retries of work that failed because of one. Safe for concurrent use. */
final class Database {
    /**
     * One statement, and therefore one transaction. The lock serializes processes that start together; without the
     * lock, IF NOT EXISTS would fail in one of them.
     */
    private static final String CREATE = """
            DO $$ BEGIN
              PERFORM pg_advisory_xact_lock(hashtext('all_docs_entries'));
              IF to_regclass('all_docs_entries') IS NULL THEN
                CREATE TABLE all_docs_entries (key bytea PRIMARY KEY, head jsonb NOT NULL, body bytea NOT NULL);
                ALTER TABLE all_docs_entries ALTER COLUMN body SET STORAGE EXTERNAL;
              END IF;
            END $$""";

    /** Maximum attempts of idempotent work. A connection from a pool may already be broken. */
    private static final int ATTEMPTS = 3;

    private final DataSource connections;
    private final String name;
    private volatile boolean closed;

    private Database(DataSource connections, String name) {
        this.connections = connections;
        this.name = name;
    }

    /**
     * Creates the table if it does not exist.
     *
     * @throws io.alldocs.cache.spi.StorageException if the database is unreachable or rejects the request
     */
    static Database open(DataSource connections) {
        Database unnamed = new Database(connections, "PostgreSQL");
        return new Database(connections, unnamed.call("open the table all_docs_entries", connection -> {
            try (Statement statement = connection.createStatement()) {
                statement.execute(CREATE);
                try (ResultSet row = statement.executeQuery("SELECT current_database()")) {
                    row.next();
                    return "PostgreSQL database " + row.getString(1);
                }
            }
        }));
    }

    /** Work on a connection that commits each statement. */
    interface Work<T> {
        T on(Connection connection) throws SQLException, IOException;
    }

    /**
     * Runs {@code work}, and retries it if its connection is lost or it conflicted with another transaction. The work
     * must be idempotent.
     *
     * @param attempt completes the sentence "Cannot ..." in messages
     */
    <T> T call(String attempt, Work<T> work) {
        return call(attempt, work, ATTEMPTS);
    }

    /** Runs {@code work} that is not idempotent. */
    <T> T callOnce(String attempt, Work<T> work) {
        return call(attempt, work, 1);
    }

    private <T> T call(String attempt, Work<T> work, int attempts) {
        for (int left = attempts; ; left--) {
            requireOpen();
            try (Connection connection = connections.getConnection()) {
                return work.on(connection);
            } catch (SQLException e) {
                requireOpen();
                if (left == 1 || !SqlFailures.worthAnotherTry(e)) {
                    throw SqlFailures.of(attempt + " in " + this, e);
                }
            } catch (IOException e) {
                throw SqlFailures.of(attempt + " in " + this, e);
            }
        }
    }

    private void requireOpen() {
        if (closed) {
            throw new IllegalStateException("The postgres driver of " + this + " is closed.");
        }
    }

    void close() {
        closed = true;
    }

    @Override
    public String toString() {
        return name;
    }
}

package io.alldocs.examples.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.zaxxer.hikari.HikariDataSource;
import io.alldocs.Env;
import io.alldocs.cache.body.Body;
import io.alldocs.cache.entry.EntryMetadata;
import io.alldocs.cache.spi.StorageDriver;
import io.alldocs.cache.spi.StorageException;
import io.alldocs.storage.contract.Values;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.sql.Connection;
import java.sql.Statement;
import java.util.List;
import java.util.Map;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

/** Tests requests that a server rejects, and the resulting messages. */
class FailuresTest {
    private static final PostgresServer SERVER = PostgresServer.running();

    private final String database = SERVER.newDatabase();

    @Test
    void create_wrongPassword_saysWhichVariablesAreWrong_andShowsNone() {
        Map<String, String> variables = SERVER.variables(database);
        variables.put("PGPASSWORD", "wrong-secret");

        StorageException e = fails(() -> create(variables), false, "28P01", "PGUSER and PGPASSWORD");

        assertThat(everythingSaid(e)).doesNotContain("wrong-secret");
    }

    @Test
    void create_absentDatabase_isNoPassingFailure() {
        Map<String, String> variables = SERVER.variables("absent");
        fails(() -> create(variables), false, "3D000", "\"absent\"", "create it");
    }

    @Test
    void create_connectionRefused_isRetryable() {
        Map<String, String> variables = SERVER.variables(database);
        // The port of TCPMUX, on which nothing listens.
        variables.put("POSTGRES_URL", "jdbc:postgresql://127.0.0.1:1/cache");

        StorageException e = fails(() -> create(variables), true, "08001", "127.0.0.1:1", "could not be reached");

        assertThat(everythingSaid(e)).doesNotContain(PostgresServer.PASSWORD);
    }

    @Test
    void create_withoutRightToMakeTheTable_saysSo() {
        SERVER.administer(database, "CREATE ROLE reader_" + database + " LOGIN PASSWORD 'reader'");
        Map<String, String> variables = SERVER.variables(database);
        variables.putAll(Map.of("PGUSER", "reader_" + database, "PGPASSWORD", "reader"));

        fails(() -> create(variables), false, "42501", "privilege", "all_docs_entries");
    }

    @Test
    void create_withoutRightToMakeTheTableThatIsThere_works() {
        SERVER.driver(database).close();
        SERVER.administer(
                database,
                "CREATE ROLE writer_" + database + " LOGIN PASSWORD 'writer'",
                "GRANT SELECT, INSERT, UPDATE, DELETE ON all_docs_entries TO writer_" + database);
        Map<String, String> variables = SERVER.variables(database);
        variables.putAll(Map.of("PGUSER", "writer_" + database, "PGPASSWORD", "writer"));

        try (StorageDriver driver = create(variables)) {
            Values.put(driver, "k", "v");
            assertThat(Values.text(driver, "k")).contains("v");
            driver.delete("k");
            assertThat(driver.has("k")).isFalse();
        }
    }

    @Test
    void put_withoutRightToWrite_isNoPassingFailure_andNamesTheKey() {
        try (StorageDriver driver = SERVER.driver(database)) {
            SERVER.administer(database, "REVOKE INSERT ON all_docs_entries FROM " + PostgresServer.USER);
            fails(
                    () -> Values.put(driver, "v1:packument:npm:61", "v"),
                    false,
                    "42501",
                    "v1:packument:npm:61",
                    database);
            assertThat(driver.has("v1:packument:npm:61")).isFalse();
        }
    }

    @Test
    void anyCall_tableGone_isNoPassingFailure() {
        try (StorageDriver driver = SERVER.driver(database)) {
            SERVER.administer(database, "DROP TABLE all_docs_entries");
            fails(
                    () -> driver.get("k"),
                    false,
                    "42P01",
                    "Cannot read k in PostgreSQL database " + database,
                    "does not exist");
            fails(() -> driver.head("k"), false, "42P01", "Cannot read the head of k");
            fails(() -> driver.has("k"), false, "42P01", "Cannot look for k");
            fails(() -> driver.delete("k"), false, "42P01", "Cannot delete k");
            fails(() -> Values.keys(driver), false, "42P01", "Cannot list keys");
            fails(() -> Values.put(driver, "k", "v"), false, "42P01", "Cannot store k");
            fails(
                    () -> driver.putHead("k", Values.entry(Values.utf8("v")).head()),
                    false,
                    "42P01",
                    "Cannot store the head of k");
            fails(() -> driver.getBatch(List.of("k", "l", "m")), false, "42P01", "Cannot read k and 2 more");
        }
    }

    @Test
    void putBatch_refused_saysWhatTheServerSaid_withoutTheValues() {
        try (StorageDriver driver = SERVER.driver(database)) {
            SERVER.administer(database, "REVOKE INSERT ON all_docs_entries FROM " + PostgresServer.USER);
            StorageException e = fails(
                    () -> driver.putBatch(Map.of(
                            "a", Values.entry(Values.utf8("tell-tale")), "b", Values.entry(Values.utf8("tell-tale")))),
                    false,
                    "42501",
                    "Cannot store a and 1 more");
            assertThat(everythingSaid(e)).doesNotContain("INSERT INTO").doesNotContain("application/json");
        }
    }

    @Test
    void put_tableOfAnotherProgram_isRefused() {
        SERVER.administer(
                database,
                "CREATE TABLE all_docs_entries (id int)",
                "GRANT ALL ON all_docs_entries TO " + PostgresServer.USER);
        try (StorageDriver driver = SERVER.driver(database)) {
            fails(() -> Values.put(driver, "k", "v"), false, "42703", "belongs to another program");
        }
    }

    @Test
    void put_databaseThatTakesNoWrites_isRefused_andReadsGoOn() {
        try (StorageDriver driver = SERVER.driver(database)) {
            Values.put(driver, "k", "v");
        }
        SERVER.administer(database, "ALTER DATABASE " + database + " SET default_transaction_read_only = on");
        try (StorageDriver driver = SERVER.driver(database)) {
            fails(() -> Values.put(driver, "k", "w"), false, "25006", "standby");
            assertThat(Values.text(driver, "k")).contains("v");
        }
    }

    @Test
    void put_rowLockedForLong_mayPass() throws Exception {
        Map<String, String> variables = SERVER.variables(database);
        variables.merge("POSTGRES_URL", "?options=-c%20lock_timeout=100ms", String::concat);
        try (StorageDriver driver = create(variables);
                Connection other = SERVER.connect(database)) {
            Values.put(driver, "k", "v");
            other.setAutoCommit(false);
            try (Statement statement = other.createStatement()) {
                statement.execute("SELECT 1 FROM all_docs_entries FOR UPDATE");
            }
            fails(() -> Values.put(driver, "k", "w"), true, "55P03", "Cannot store k");
            other.rollback();
            Values.put(driver, "k", "w");
            assertThat(Values.text(driver, "k")).contains("w");
        }
    }

    @Test
    void create_noConnectionLeft_mayPass() {
        String role = "limited_" + database;
        SERVER.administer(database, "CREATE ROLE " + role + " LOGIN PASSWORD 'limited' CONNECTION LIMIT 0");
        Map<String, String> variables = SERVER.variables(database);
        variables.putAll(Map.of("PGUSER", role, "PGPASSWORD", "limited"));
        fails(() -> create(variables), true, "53300", "POSTGRES_POOL_SIZE");
    }

    @Test
    void put_noConnectionOfThePoolFree_mayPass() throws Exception {
        try (HikariDataSource pool = SERVER.pool(database);
                StorageDriver driver = PostgresStorageDriver.open(pool)) {
            try (Connection taken = pool.getConnection()) {
                assertThat(taken.isClosed()).isFalse();
                fails(() -> Values.put(driver, "k", "v"), true, "Cannot store k", "request timed out");
            }
            Values.put(driver, "k", "v");
        }
    }

    @Test
    void put_interruptedWhileWaitingForAConnection_endsWithTheFlagSet() throws Exception {
        try (HikariDataSource pool = SERVER.pool(database);
                StorageDriver driver = PostgresStorageDriver.open(pool);
                Connection taken = pool.getConnection()) {
            assertThat(taken.isClosed()).isFalse();
            Thread.currentThread().interrupt();
            fails(() -> Values.put(driver, "k", "v"), true, "Cannot store k");
            assertThat(Thread.interrupted()).isTrue();
        }
    }

    @Test
    void put_headThatJsonbCannotHold_isRefusedAsItIs() {
        try (StorageDriver driver = SERVER.driver(database)) {
            byte[] bytes = {1, 2, 3};
            EntryMetadata head =
                    Values.head(bytes).toBuilder().outcome("nul \u0000").build();
            fails(() -> driver.put("k", head, Body.of(bytes)), false, "22P05", "Cannot store k");
            assertThat(driver.has("k")).isFalse();
        }
    }

    @Test
    void close_ofADriver_leavesAPoolThatIsNotItsOwnOpen() throws Exception {
        try (HikariDataSource pool = SERVER.pool(database)) {
            StorageDriver driver = PostgresStorageDriver.open(pool);
            driver.close();
            assertThatThrownBy(() -> driver.get("k"))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("closed");
            try (Connection connection = pool.getConnection()) {
                assertThat(connection.isValid(60)).isTrue();
            }
        }
    }

    private static StorageDriver create(Map<String, String> variables) {
        return new PostgresStorageProvider().create(Env.of(variables));
    }

    static StorageException fails(ThrowingCallable call, boolean retryable, String... said) {
        StorageException e = catchThrowableOfType(StorageException.class, call);
        assertThat(e).as("nothing was thrown").isNotNull();
        assertThat(e).hasMessageContainingAll(said);
        assertThat(e.retryable()).as(e.getMessage()).isEqualTo(retryable);
        return e;
    }

    /** Returns all messages, including those of causes. */
    static String everythingSaid(Throwable e) {
        StringWriter text = new StringWriter();
        e.printStackTrace(new PrintWriter(text));
        return text.toString();
    }
}

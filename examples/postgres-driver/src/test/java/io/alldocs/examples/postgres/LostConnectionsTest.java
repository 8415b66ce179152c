package io.alldocs.examples.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import io.alldocs.cache.spi.StorageDriver;
import io.alldocs.cache.spi.StoredEntry;
import io.alldocs.storage.contract.Values;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import javax.sql.DataSource;
import org.junit.jupiter.api.Test;
import org.postgresql.PGConnection;

/** Tests sessions that the server ends, and a server that stops and starts again. */
class LostConnectionsTest {
    private static final PostgresServer SERVER = PostgresServer.running();

    private final String database = SERVER.newDatabase();

    /**
     * The number of the next connections that are already closed when they are returned, as connections of a pool may
     * be.
     */
    private final AtomicInteger dead = new AtomicInteger();

    @Test
    void anyCall_onALostConnection_isDoneOnAnother() {
        try (StorageDriver driver = PostgresStorageDriver.open(dyingConnections())) {
            dead.set(2);
            Values.put(driver, "k", "v");
            dead.set(2);
            assertThat(Values.text(driver, "k")).contains("v");
            dead.set(2);
            assertThat(driver.head("k")).isPresent();
            dead.set(2);
            assertThat(driver.has("k")).isTrue();
            dead.set(2);
            assertThat(driver.putHead("k", Values.entry(Values.utf8("v")).head()))
                    .isTrue();
            dead.set(2);
            driver.putBatch(Map.of("l", Values.entry(Values.utf8("w"))));
            dead.set(2);
            assertThat(Values.keys(driver)).containsExactly("k", "l");
            dead.set(2);
            driver.deleteBatch(List.of("k", "l"));
            assertThat(Values.keys(driver)).isEmpty();
            assertThat(dead).hasNonPositiveValue();
        }
    }

    @Test
    void get_onNothingButLostConnections_endsAndMayPass() {
        try (StorageDriver driver = PostgresStorageDriver.open(dyingConnections())) {
            dead.set(3);
            FailuresTest.fails(() -> driver.get("k"), true, "Cannot read k in PostgreSQL database " + database);
            assertThat(dead).hasNonPositiveValue();
            assertThat(driver.get("k")).isEmpty();
        }
    }

    @Test
    void putIfAbsent_onALostConnection_isNotDoneTwice() {
        try (StorageDriver driver = PostgresStorageDriver.open(dyingConnections())) {
            dead.set(1);
            FailuresTest.fails(() -> Values.putIfAbsent(driver, "k", Values.utf8("v")), true, "Cannot store k");
            assertThat(Values.putIfAbsent(driver, "k", Values.utf8("v"))).isTrue();
            assertThat(Values.putIfAbsent(driver, "k", Values.utf8("w"))).isFalse();
        }
    }

    /** Returns connections. The server ends the session of each just before the driver gets the connection. */
    private DataSource dyingConnections() {
        DataSource connections = SERVER.connections(database);
        return (DataSource) Proxy.newProxyInstance(
                DataSource.class.getClassLoader(), new Class<?>[] {DataSource.class}, (proxy, method, arguments) -> {
                    Connection connection = connections.getConnection();
                    if (dead.getAndDecrement() > 0) {
                        SERVER.terminate(connection.unwrap(PGConnection.class).getBackendPID());
                    }
                    return connection;
                });
    }

    @Test
    void put_whoseTransactionMeetsAnother_isDoneAgain() throws Exception {
        SERVER.administer(
                database, "ALTER DATABASE " + database + " SET default_transaction_isolation = 'repeatable read'");
        ExecutorService executor = Executors.newSingleThreadExecutor();
        try (StorageDriver driver = SERVER.driver(database);
                Connection other = SERVER.connect(database)) {
            Values.put(driver, "k", "first");
            other.setAutoCommit(false);
            try (Statement statement = other.createStatement()) {
                statement.execute("UPDATE all_docs_entries SET body = 'theirs'");
                Future<?> put = executor.submit(() -> Values.put(driver, "k", "mine"));
                SERVER.await(
                        database,
                        "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = '"
                                + database + "'",
                        1);
                other.commit();
                put.get(120, TimeUnit.SECONDS);
            }
            assertThat(Values.text(driver, "k")).contains("mine");
        } finally {
            executor.shutdownNow();
        }
    }

    @Test
    void calls_whileTheServerIsAway_mayPass_andThoseThatWaitSucceed() throws Exception {
        ExecutorService executor = Executors.newFixedThreadPool(4);
        try (StorageDriver patient = SERVER.driver(database);
                StorageDriver impatient = PostgresStorageDriver.open(SERVER.pool(database))) {
            Values.put(patient, "k", "v");
            SERVER.stop();
            List<Future<Boolean>> waiting;
            try {
                waiting = List.of(
                        executor.submit(() -> patient.has("k")),
                        executor.submit(() -> patient.has("k")),
                        executor.submit(() -> patient.has("k")),
                        executor.submit(() -> patient.has("k")));
                FailuresTest.fails(() -> impatient.has("k"), true, "Cannot look for k");
            } finally {
                SERVER.start();
            }
            for (Future<Boolean> each : waiting) {
                assertThat(each.get(120, TimeUnit.SECONDS)).isTrue();
            }
            assertThat(impatient.has("k")).isTrue();
        } finally {
            executor.shutdownNow();
        }
    }

    @Test
    void batches_ofTheSameKeysInDifferentOrders_doNotDeadlock() throws Exception {
        List<String> rising = IntStream.range(0, 60).mapToObj(i -> "k" + i).toList();
        ExecutorService executor = Executors.newFixedThreadPool(4);
        long before = deadlocks();
        try (StorageDriver driver = SERVER.driver(database)) {
            List<Future<?>> all = new ArrayList<>();
            for (int thread = 0; thread < 4; thread++) {
                List<String> keys = new ArrayList<>(rising);
                Collections.shuffle(keys, new Random(thread));
                Map<String, StoredEntry> entries = new LinkedHashMap<>();
                keys.forEach(key -> entries.put(key, Values.entry(Values.utf8(key))));
                all.add(executor.submit(() -> {
                    for (int round = 0; round < 15; round++) {
                        driver.putBatch(entries);
                    }
                }));
            }
            for (Future<?> each : all) {
                each.get(120, TimeUnit.SECONDS);
            }
            assertThat(Values.keys(driver)).hasSize(60);
        } finally {
            executor.shutdownNow();
        }
        assertThat(deadlocks()).isEqualTo(before);
    }

    private long deadlocks() throws SQLException {
        return SERVER.number(database, "SELECT deadlocks FROM pg_stat_database WHERE datname = '" + database + "'");
    }
}

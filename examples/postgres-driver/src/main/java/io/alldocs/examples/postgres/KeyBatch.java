package io.alldocs.examples.postgres;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.alldocs.cache.spi.KeyNames;
import io.alldocs.cache.spi.KeyOrder;
import java.sql.Array;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/** The keys of one statement. */
record KeyBatch(List<String> keys) {

    /**
     * Returns each key once, in order. The order prevents a deadlock of two batches that lock the same rows.
     *
     * @throws IllegalArgumentException if one of the keys is outside the store's limits
     */
    static List<KeyBatch> split(Collection<String> keys) {
        keys.forEach(PostgresStorageDriver.CAPABILITIES::requireKey);
        List<String> sorted = keys.stream().distinct().sorted(KeyOrder.UTF8).toList();
        List<KeyBatch> batches = new ArrayList<>();
        for (int i = 0; i < sorted.size(); i += PostgresStorageDriver.MAX_BATCH) {
            batches.add(new KeyBatch(sorted.subList(i, Math.min(sorted.size(), i + PostgresStorageDriver.MAX_BATCH))));
        }
        return batches;
    }

    /** Returns the keys as PostgreSQL's type {@code bytea[]}. */
    Array toArray(Connection connection) throws SQLException {
        return connection.createArrayOf(
                "bytea", keys.stream().map(key -> key.getBytes(UTF_8)).toArray(byte[][]::new));
    }

    /** Returns the first key and the number of others, for messages. */
    @Override
    public String toString() {
        String first = KeyNames.shown(keys.get(0));
        return keys.size() == 1 ? first : first + " and " + (keys.size() - 1) + " more";
    }
}

package io.alldocs.examples.postgres;

import io.alldocs.cache.spi.StorageDriver;
import io.alldocs.storage.contract.StorageDriverContract;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;

// region contract
class PostgresStorageDriverTest extends StorageDriverContract {
    private static final PostgresServer SERVER = PostgresServer.running();
    private static final String DATABASE = SERVER.newDatabase();

    @Override
    protected StorageDriver newDriver() {
        return SERVER.driver(DATABASE);
    }

    @Override
    protected void clear() {
        SERVER.administer(DATABASE, "DROP TABLE IF EXISTS all_docs_entries");
    }

    @Override
    protected void corrupt(String key) throws SQLException {
        try (Connection connection = SERVER.connect(DATABASE);
                PreparedStatement statement = connection.prepareStatement(
                        "UPDATE all_docs_entries SET body = set_byte(body, 0, get_byte(body, 0) # 1) WHERE key = ?")) {
            statement.setBytes(1, key.getBytes(StandardCharsets.UTF_8));
            statement.executeUpdate();
        }
    }

    /**
     * JDBC returns each part as a separate array. Reading 64 MiB allocates each byte once, and holds 1 MiB at a time.
     */
    @Override
    protected long largeValueHeapBytes() {
        return (64L << 20) + super.largeValueHeapBytes();
    }
}
// endregion

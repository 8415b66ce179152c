package io.alldocs.storage.sqlite;

import io.alldocs.cache.spi.StorageDriver;
import io.alldocs.storage.contract.StorageDriverContract;
import java.nio.file.Path;
import java.sql.SQLException;
import org.junit.jupiter.api.io.TempDir;

class SqliteStorageDriverTest extends StorageDriverContract {
    @TempDir
    Path folder;

    @Override
    protected StorageDriver newDriver() {
        return SqliteStorageDriver.open(file());
    }

    private Path file() {
        return folder.resolve("cache.sqlite");
    }

    @Override
    protected void clear() throws SQLException {
        if (file().toFile().exists()) {
            Sql.change(file(), "DELETE FROM entries");
        }
    }

    @Override
    protected void corrupt(String key) throws SQLException {
        byte[] bytes = Sql.bytes(file(), "SELECT bytes FROM bodies JOIN entries USING (id) WHERE key = ?", key);
        bytes[bytes.length / 2] ^= 1;
        Sql.change(file(), "UPDATE bodies SET bytes = ? WHERE id = (SELECT id FROM entries WHERE key = ?)", bytes, key);
    }

    /**
     * JDBC returns each part as a separate array. Reading 64 MiB therefore allocates 64 MiB in total, but holds 1 MiB
     * at a time.
     */
    @Override
    protected long largeValueHeapBytes() {
        return (64L << 20) + super.largeValueHeapBytes();
    }
}

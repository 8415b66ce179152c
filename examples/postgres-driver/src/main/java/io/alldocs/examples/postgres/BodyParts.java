package io.alldocs.examples.postgres;

import java.io.IOException;
import java.io.InputStream;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Objects;

/**
 * Reads a stored body in parts, within one transaction. JDBC returns a value as an array, and a body may be too large
 * for a single array.
 */
final class BodyParts extends InputStream {
    private static final String PART =
            "SELECT substring(body FROM ? FOR " + RowReader.PART_BYTES + ") FROM all_docs_entries WHERE key = ?";

    private final PreparedStatement statement;
    private final int size;
    private int fetched;
    private byte[] part = new byte[0];
    private int position;

    BodyParts(Connection connection, byte[] key, int size) throws SQLException {
        this.statement = connection.prepareStatement(PART);
        this.statement.setBytes(2, key);
        this.size = size;
    }

    @Override
    public int read() throws IOException {
        return hasMore() ? part[position++] & 0xff : -1;
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
        Objects.checkFromIndexSize(offset, length, bytes.length);
        if (length == 0) {
            return 0;
        }
        if (!hasMore()) {
            return -1;
        }
        int count = Math.min(length, part.length - position);
        System.arraycopy(part, position, bytes, offset, count);
        position += count;
        return count;
    }

    private boolean hasMore() throws IOException {
        if (position == part.length && fetched < size) {
            fetch();
        }
        return position < part.length;
    }

    private void fetch() throws IOException {
        try {
            statement.setInt(1, fetched + 1);
            try (ResultSet row = statement.executeQuery()) {
                row.next();
                part = row.getBytes(1);
            }
        } catch (SQLException e) {
            throw new IOException(e);
        }
        fetched += part.length;
        position = 0;
    }

    @Override
    public void close() throws IOException {
        try {
            statement.close();
        } catch (SQLException e) {
            throw new IOException(e);
        }
    }
}

package io.alldocs.storage.sqlite;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/** Simulates another program that opens the file: plain SQL, without the driver. */
final class Sql {
    private Sql() {}

    static Connection open(Path file) throws SQLException {
        Connection connection = DriverManager.getConnection("jdbc:sqlite:" + file);
        connection.createStatement().execute("PRAGMA busy_timeout = 30000");
        return connection;
    }

    /**
     * Runs one statement.
     *
     * @return the number of changed rows
     */
    static int change(Path file, String sql, Object... parameters) throws SQLException {
        try (Connection connection = open(file);
                PreparedStatement statement = prepare(connection, sql, parameters)) {
            return statement.executeUpdate();
        }
    }

    /** Returns the rows, with their columns joined by {@code |}. */
    static List<String> query(Path file, String sql, Object... parameters) throws SQLException {
        try (Connection connection = open(file);
                PreparedStatement statement = prepare(connection, sql, parameters);
                ResultSet row = statement.executeQuery()) {
            List<String> rows = new ArrayList<>();
            while (row.next()) {
                List<String> columns = new ArrayList<>();
                for (int i = 1; i <= row.getMetaData().getColumnCount(); i++) {
                    columns.add(row.getString(i));
                }
                rows.add(String.join("|", columns));
            }
            return rows;
        }
    }

    static long number(Path file, String sql, Object... parameters) throws SQLException {
        return Long.parseLong(query(file, sql, parameters).get(0));
    }

    static byte[] bytes(Path file, String sql, Object... parameters) throws SQLException {
        try (Connection connection = open(file);
                PreparedStatement statement = prepare(connection, sql, parameters);
                ResultSet row = statement.executeQuery()) {
            row.next();
            return row.getBytes(1);
        }
    }

    private static PreparedStatement prepare(Connection connection, String sql, Object... parameters)
            throws SQLException {
        PreparedStatement statement = connection.prepareStatement(sql);
        for (int i = 0; i < parameters.length; i++) {
            statement.setObject(i + 1, parameters[i]);
        }
        return statement;
    }
}

package io.alldocs.examples.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import com.zaxxer.hikari.HikariDataSource;
import io.alldocs.Env;
import io.alldocs.cache.spi.StorageDriver;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.postgresql.ds.PGSimpleDataSource;

/** A PostgreSQL server on this machine, with passwords. All tests of a JVM share it, and it is deleted at the end. */
final class PostgresServer {
    static final String USER = "all_docs";
    static final String PASSWORD = "correct-horse-battery";

    private static final String ADMIN = "postgres";
    private static final String ADMIN_PASSWORD = "admin-secret";
    private static final long PATIENCE_SECONDS = 120;

    private final PostgresFiles files;
    private final Path data;
    private int port;
    private int databases;

    private PostgresServer(PostgresFiles files, Path data) {
        this.files = files;
        this.data = data;
    }

    static PostgresServer running() {
        return Running.SERVER;
    }

    private static final class Running {
        private static final PostgresServer SERVER = launch();
    }

    private static PostgresServer launch() {
        try {
            PostgresFiles files = PostgresFiles.unpack();
            PostgresServer server = new PostgresServer(files, files.createFolder("data"));
            Runtime.getRuntime().addShutdownHook(new Thread(server::end));
            server.initialize();
            server.port = freePort(); // the port is chosen as late as possible, because another process could take it
            server.start();
            server.administer("CREATE ROLE " + USER + " LOGIN PASSWORD '" + PASSWORD + "'");
            return server;
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot start PostgreSQL", e);
        }
    }

    private void initialize() throws IOException {
        Path password = Files.writeString(files.path("password"), ADMIN_PASSWORD);
        run(files.command(
                "initdb",
                "--pgdata=" + data,
                "--username=" + ADMIN,
                "--pwfile=" + password,
                "--auth=scram-sha-256",
                "--encoding=UTF8",
                "--no-locale",
                "--no-sync"));
    }

    /** Starts the server; returns when it accepts connections. */
    void start() {
        run(files.command(
                "pg_ctl",
                "start",
                "--wait",
                "--timeout=" + PATIENCE_SECONDS,
                "--pgdata=" + data,
                "--log=" + data.resolve("server.log"),
                "--options=-p " + port
                        + " -c listen_addresses=127.0.0.1 -c unix_socket_directories='' -c fsync=off"
                        + " -c max_connections=60 -c shared_buffers=32MB -c scram_iterations=1"));
    }

    /** Stops the server and closes all connections; stored data is kept. */
    void stop() {
        run(files.command(
                "pg_ctl", "stop", "--mode=fast", "--wait", "--timeout=" + PATIENCE_SECONDS, "--pgdata=" + data));
    }

    private void end() {
        try {
            if (Files.exists(data.resolve("postmaster.pid"))) {
                stop();
            }
        } finally {
            files.delete();
        }
    }

    private static void run(ProcessBuilder command) {
        try {
            Path output = Files.createTempFile("all-docs-postgres-", ".log");
            try {
                // Redirects to a file, because the server keeps running and would hold a pipe open.
                Process process = command.redirectErrorStream(true)
                        .redirectOutput(output.toFile())
                        .start();
                boolean ended = process.waitFor(2 * PATIENCE_SECONDS, TimeUnit.SECONDS);
                if (!ended || process.exitValue() != 0) {
                    throw new IllegalStateException(command.command() + " failed: " + Files.readString(output));
                }
            } finally {
                Files.delete(output);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    /** Creates an empty database that belongs to {@link #USER}. */
    synchronized String newDatabase() {
        String name = "cache_" + ++databases;
        administer("CREATE DATABASE " + name + " OWNER " + USER);
        return name;
    }

    String url(String database) {
        return "jdbc:postgresql://127.0.0.1:" + port + "/" + database;
    }

    /** Returns the variables of a driver on {@code database}. */
    Map<String, String> variables(String database) {
        return new HashMap<>(Map.of("POSTGRES_URL", url(database), "PGUSER", USER, "PGPASSWORD", PASSWORD));
    }

    StorageDriver driver(String database) {
        return new PostgresStorageProvider().create(Env.of(variables(database)));
    }

    /** Returns a source of connections of {@link #USER}, which opens a new one each time. */
    PGSimpleDataSource connections(String database) {
        PGSimpleDataSource connections = new PGSimpleDataSource();
        connections.setUrl(url(database));
        connections.setUser(USER);
        connections.setPassword(PASSWORD);
        return connections;
    }

    /** Returns a pool of one connection, which fails quickly if the connection is in use. */
    HikariDataSource pool(String database) {
        HikariDataSource pool = new HikariDataSource();
        pool.setDataSource(connections(database));
        pool.setMaximumPoolSize(1);
        pool.setConnectionTimeout(5_000);
        return pool;
    }

    /** Ends one session, and returns when it has ended. */
    void terminate(int session) throws SQLException {
        try (Connection connection = connect(ADMIN);
                Statement statement = connection.createStatement();
                // The second argument is the server's maximum wait in milliseconds.
                ResultSet row = statement.executeQuery("SELECT pg_terminate_backend(" + session + ", 120000)")) {
            row.next();
            assertThat(row.getBoolean(1)).isTrue();
        }
    }

    /** Returns the number that a query returns, as superuser. */
    long number(String database, String query) {
        try (Connection connection = connect(database);
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(query)) {
            row.next();
            return row.getLong(1);
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Waits until a query returns {@code number}. */
    void await(String database, String query, long number) {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
        while (number(database, query) != number) {
            assertThat(System.nanoTime()).as("%s is not yet %d", query, number).isLessThan(deadline);
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(20));
        }
    }

    /** Runs a statement as superuser, outside the databases of the tests. */
    void administer(String sql) {
        administer(ADMIN, sql);
    }

    /** Connects as superuser. */
    Connection connect(String database) throws SQLException {
        return DriverManager.getConnection(url(database), ADMIN, ADMIN_PASSWORD);
    }

    /** Runs statements as superuser. */
    void administer(String database, String... statements) {
        try (Connection connection = connect(database);
                Statement statement = connection.createStatement()) {
            for (String sql : List.of(statements)) {
                statement.execute(sql);
            }
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }
}

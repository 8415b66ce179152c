package io.alldocs.examples.postgres;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import com.zaxxer.hikari.pool.HikariPool.PoolInitializationException;
import io.alldocs.Env;
import io.alldocs.cache.spi.StorageDriver;
import io.alldocs.cache.spi.StorageDriverProvider;
import java.nio.file.Path;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.Properties;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Creates the driver {@code postgres}, which is selected by name only: {@code STORAGE_DRIVER=postgres}. The driver has
 * its own connection pool.
 *
 * <table>
 * <caption>Variables</caption>
 * <tr><th>name</th><th>type</th><th>default</th><th>required</th><th>meaning</th></tr>
 * <tr><td>{@code POSTGRES_URL}</td><td>JDBC URL</td><td></td><td>yes</td><td>the database, and <a
 * href="https://jdbc.postgresql.org/documentation/use/">options</a> such as {@code sslmode}; no password</td></tr>
 * <tr><td>{@code PGUSER}</td><td>text</td><td>the system's user</td><td>no</td><td>the user</td></tr>
 * <tr><td>{@code PGPASSWORD}</td><td>text</td><td>{@code ~/.pgpass}</td><td>no</td><td>a secret</td></tr>
 * <tr><td>{@code POSTGRES_POOL_SIZE}</td><td>1 to 1,000</td><td>10</td><td>no</td><td>maximum number of
 * connections</td></tr>
 * <tr><td>{@code SPOOL_DIR}</td><td>path</td><td>{@code java.io.tmpdir}</td><td>no</td><td>folder for bodies over 1 MiB
 * while they are read</td></tr>
 * </table>
 */
public final class PostgresStorageProvider implements StorageDriverProvider {

    /** Called by ServiceLoader, which finds this class through an entry in META-INF/services. */
    public PostgresStorageProvider() {}

    // region provider
    @Override
    public String name() {
        return "postgres";
    }

    /** No variable selects this driver. It is selected by name only. */
    @Override
    public Set<String> runtimes() {
        return Set.of();
    }

    @Override
    public int spiVersion() {
        return SPI_VERSION;
    }

    /**
     * Connects, and creates the table if it does not exist.
     *
     * @throws IllegalArgumentException if a variable is missing or has an invalid value; the message names the variable
     * @throws io.alldocs.cache.spi.StorageException if the database is unreachable or rejects the request
     */
    @Override
    public StorageDriver create(Env env) {
        Path spool = Path.of(env.get("SPOOL_DIR").orElse(System.getProperty("java.io.tmpdir")));
        HikariDataSource pool = pool(env);
        try {
            return PostgresStorageDriver.open(pool, spool, pool::close);
        } catch (RuntimeException e) {
            pool.close();
            throw e;
        }
    }
    // endregion

    /** Rejects URLs with a password, which would appear in messages and logs. */
    private static final Pattern ADDRESS = Pattern.compile("(?i)jdbc:postgresql:(?!.*password)[^@]*");

    private static HikariDataSource pool(Env env) {
        HikariConfig config = new HikariConfig();
        config.setPoolName("all-docs");
        config.setJdbcUrl(url(env));
        env.get("PGUSER").ifPresent(config::setUsername);
        env.get("PGPASSWORD").ifPresent(config::setPassword);
        config.setMaximumPoolSize((int) env.getLong("POSTGRES_POOL_SIZE", 10, 1, 1_000));
        config.setMinimumIdle(1);
        config.setDataSourceProperties(defaults());
        try {
            return new HikariDataSource(config);
        } catch (PoolInitializationException e) {
            if (e.getCause() instanceof SQLException cause) {
                throw SqlFailures.of("connect to PostgreSQL", cause);
            }
            throw e;
        }
    }

    private static String url(Env env) {
        String url = env.require(
                "POSTGRES_URL",
                "by the postgres storage driver, for instance jdbc:postgresql://localhost:5432/alldocs");
        if (ADDRESS.matcher(url).matches()) {
            try {
                DriverManager.getDriver(url);
                return url;
            } catch (SQLException e) {
                throw noAddress(e);
            }
        }
        // Does not print the value, because it may contain a password.
        throw noAddress(null);
    }

    private static IllegalArgumentException noAddress(@Nullable SQLException cause) {
        return new IllegalArgumentException(
                "The environment variable POSTGRES_URL must be a JDBC URL such as"
                        + " jdbc:postgresql://localhost:5432/alldocs, without user and password: these are PGUSER and"
                        + " PGPASSWORD.",
                cause);
    }

    /** Returns defaults that the URL can override. */
    private static Properties defaults() {
        Properties defaults = new Properties();
        defaults.setProperty("ApplicationName", "all-docs");
        // Without a timeout, a call to a host that does not respond would never end. The timeout is long, because the
        // transfer of a large value takes time.
        defaults.setProperty("socketTimeout", "120");
        defaults.setProperty("tcpKeepAlive", "true");
        // The field "Detail" of the server's messages contains values.
        defaults.setProperty("logServerErrorDetail", "false");
        return defaults;
    }
}

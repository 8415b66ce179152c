package io.alldocs.storage.gcs;

import com.google.auth.oauth2.GoogleCredentials;
import io.alldocs.Env;
import io.alldocs.cache.spi.StorageDriver;
import io.alldocs.cache.spi.StorageDriverProvider;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Creates the driver {@code gcs}, selected by name or as the default of the runtime {@code cloudrun}. Variables that
 * Google's tools also use have the same meaning here.
 *
 * <table>
 * <caption>Variables</caption>
 * <tr><th>name</th><th>type</th><th>default</th><th>required</th><th>meaning</th></tr>
 * <tr><td>{@code GCS_BUCKET}, {@code CACHE_BUCKET}</td><td>name</td><td></td><td>one of them</td>
 * <td>the bucket; must exist. The first of the two that is set</td></tr>
 * <tr><td>{@code CACHE_KEY_PREFIX}</td><td>text</td><td>empty</td><td>no</td>
 * <td>{@link GcsStorageDriver.Builder#keyPrefix}</td></tr>
 * <tr><td>{@code GOOGLE_APPLICATION_CREDENTIALS}</td><td>path</td><td>those of gcloud, else the machine's service
 * account</td><td>no</td>
 * <td>a credentials file, in one of Google's formats</td></tr>
 * <tr><td>{@code STORAGE_EMULATOR_HOST}</td><td>URL or host:port</td><td>none</td><td>no</td>
 * <td>an emulator, called without credentials</td></tr>
 * <tr><td>{@code GCS_ENDPOINT}</td><td>URL</td><td>{@code https://storage.googleapis.com}</td><td>no</td>
 * <td>the service's address, for private endpoints; without an emulator</td></tr>
 * <tr><td>{@code GCS_MAX_ATTEMPTS}</td><td>1 to
 * 100</td><td>6</td><td>no</td><td>{@link GcsStorageDriver.Builder#maxAttempts}</td></tr>
 * <tr><td>{@code SPOOL_DIR}</td><td>path</td><td>{@code java.io.tmpdir}</td><td>no</td>
 * <td>{@link GcsStorageDriver.Builder#spoolDirectory}</td></tr>
 * </table>
 */
public final class GcsStorageProvider implements StorageDriverProvider {
    private static final String EMULATOR = "STORAGE_EMULATOR_HOST";
    private static final String CREDENTIALS = "GOOGLE_APPLICATION_CREDENTIALS";

    /** For ServiceLoader. */
    public GcsStorageProvider() {}

    @Override
    public String name() {
        return "gcs";
    }

    @Override
    public Set<String> runtimes() {
        return Set.of("cloudrun");
    }

    @Override
    public int spiVersion() {
        return SPI_VERSION;
    }

    /**
     * Creates a driver with its own client. Sends no requests to the store, but may request credentials from the
     * machine's metadata server.
     *
     * @throws IllegalArgumentException if a variable is missing or has an invalid value; the message names the variable
     */
    @Override
    public StorageDriver create(Env env) {
        String bucket = env.get("GCS_BUCKET")
                .orElseGet(() -> env.require(
                        "CACHE_BUCKET", "by the gcs storage driver (name of the bucket, unless GCS_BUCKET is set)"));
        GcsStorageDriver.Builder builder = GcsStorageDriver.builder(bucket)
                .keyPrefix(env.get("CACHE_KEY_PREFIX").orElse(""))
                .maxAttempts((int) env.getLong("GCS_MAX_ATTEMPTS", 6, 1, 100));
        env.get("SPOOL_DIR").ifPresent(folder -> builder.spoolDirectory(Path.of(folder)));
        Optional<URI> emulator = emulator(env);
        if (emulator.isPresent()) {
            return builder.endpoint(emulator.get()).noCredentials().build();
        }
        env.getAddress("GCS_ENDPOINT", "https://storage.example.com").ifPresent(builder::endpoint);
        env.get(CREDENTIALS).ifPresent(file -> builder.credentials(credentials(Path.of(file))));
        return builder.build();
    }

    /** Parses the emulator's address; like Google's tools, accepts a host and port too. */
    private static Optional<URI> emulator(Env env) {
        Optional<String> host = env.get(EMULATOR).filter(value -> !value.contains("://"));
        Env complete = host.isEmpty() ? env : Env.of(Map.of(EMULATOR, "http://" + host.get()));
        return complete.getAddress(EMULATOR, "http://localhost:8080");
    }

    /** Reads credentials. The exception has no cause, because its text could contain part of the file. */
    private static GoogleCredentials credentials(Path file) {
        if (!Files.isReadable(file)) {
            throw new IllegalArgumentException(CREDENTIALS + " names a file that cannot be read: " + file);
        }
        try (InputStream in = Files.newInputStream(file)) {
            return GoogleCredentials.fromStream(in);
        } catch (IOException | IllegalArgumentException e) {
            throw new IllegalArgumentException(CREDENTIALS + " names a file without Google credentials in a"
                    + " supported format: " + file + " (" + e.getClass().getSimpleName() + ")");
        }
    }
}

package io.alldocs.storage.cloudflare;

import io.alldocs.Env;
import io.alldocs.cache.spi.StorageDriver;
import io.alldocs.cache.spi.StorageDriverProvider;
import io.alldocs.http.NpmConfig;
import java.nio.file.Path;
import java.util.Set;

/**
 * Creates the driver {@code cloudflare}, selected by name or as the default of the runtime {@code cloudflare}.
 * Variables that Cloudflare's own tools also use have the same meaning here.
 *
 * <table>
 * <caption>Variables</caption>
 * <tr><th>name</th><th>type</th><th>default</th><th>required</th><th>meaning</th></tr>
 * <tr><td>{@code CLOUDFLARE_ACCOUNT_ID}</td><td>identifier</td><td></td><td>yes</td><td>the account</td></tr>
 * <tr><td>{@code CLOUDFLARE_KV_NAMESPACE_ID}</td><td>identifier</td><td></td><td>yes</td><td>the namespace; must
 * exist</td></tr>
 * <tr><td>{@code CLOUDFLARE_API_TOKEN}</td><td>text</td><td></td><td>yes</td><td>{@link
 * CloudflareStorageDriver.Builder#apiToken}</td></tr>
 * <tr><td>{@code CLOUDFLARE_API_BASE_URL}</td><td>URL</td><td>Cloudflare's</td><td>no</td>
 * <td>{@link CloudflareStorageDriver.Builder#endpoint}</td></tr>
 * <tr><td>{@code CLOUDFLARE_API_RATE}</td><td>number</td><td>3.5</td><td>no</td><td>{@link
 * CloudflareStorageDriver.Builder#rate}</td></tr>
 * <tr><td>{@code CLOUDFLARE_MAX_ATTEMPTS}</td><td>1 to 100</td><td>5</td><td>no</td>
 * <td>{@link CloudflareStorageDriver.Builder#maxAttempts}</td></tr>
 * <tr><td>{@code CACHE_KEY_PREFIX}</td><td>text</td><td>empty</td><td>no</td>
 * <td>{@link CloudflareStorageDriver.Builder#keyPrefix}</td></tr>
 * <tr><td>{@code SPOOL_DIR}</td><td>path</td><td>{@code java.io.tmpdir}</td><td>no</td>
 * <td>{@link CloudflareStorageDriver.Builder#spoolDirectory}</td></tr>
 * </table>
 */
public final class CloudflareStorageProvider implements StorageDriverProvider {

    /** For ServiceLoader. */
    public CloudflareStorageProvider() {}

    @Override
    public String name() {
        return "cloudflare";
    }

    @Override
    public Set<String> runtimes() {
        return Set.of("cloudflare");
    }

    @Override
    public int spiVersion() {
        return SPI_VERSION;
    }

    /**
     * Creates a driver with its own client. Sends no requests.
     *
     * @throws IllegalArgumentException if a variable is missing or has an invalid value; the message names the variable
     */
    @Override
    public StorageDriver create(Env env) {
        CloudflareStorageDriver.Builder builder = named(
                "CLOUDFLARE_ACCOUNT_ID or CLOUDFLARE_KV_NAMESPACE_ID",
                () -> CloudflareStorageDriver.builder(
                        env.require(
                                "CLOUDFLARE_ACCOUNT_ID",
                                "by the cloudflare storage driver (identifier of the account)"),
                        env.require(
                                "CLOUDFLARE_KV_NAMESPACE_ID",
                                "by the cloudflare storage driver (identifier of the namespace)")));
        env.getAddress("CLOUDFLARE_API_BASE_URL", CloudflareStorageDriver.Builder.CLOUDFLARE.toString())
                .ifPresent(address -> named("CLOUDFLARE_API_BASE_URL", () -> builder.endpoint(address)));
        env.get("CLOUDFLARE_API_RATE").ifPresent(rate -> builder.rate(number("CLOUDFLARE_API_RATE", rate)));
        env.get("SPOOL_DIR").ifPresent(folder -> builder.spoolDirectory(Path.of(folder)));
        builder.npmConfig(NpmConfig.load(env.asMap(), env.readsUserFiles(), env.projectFolder()));
        String token = env.require("CLOUDFLARE_API_TOKEN", "by the cloudflare storage driver to authenticate")
                .strip();
        named("CLOUDFLARE_API_TOKEN", () -> builder.apiToken(token));
        return named(
                        "CACHE_KEY_PREFIX",
                        () -> builder.keyPrefix(env.get("CACHE_KEY_PREFIX").orElse("")))
                .maxAttempts((int) env.getLong("CLOUDFLARE_MAX_ATTEMPTS", 5, 1, 100))
                .build();
    }

    private interface Step {
        CloudflareStorageDriver.Builder take();
    }

    private static CloudflareStorageDriver.Builder named(String variable, Step step) {
        try {
            return step.take();
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(variable + ": " + e.getMessage(), e);
        }
    }

    private static double number(String name, String value) {
        try {
            double number = Double.parseDouble(value.strip());
            if (number >= 0 && number <= 1_000_000) {
                return number;
            }
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException(notARate(name), e);
        }
        throw new IllegalArgumentException(notARate(name));
    }

    private static String notARate(String name) {
        return name + " must be a number of requests per second from 0 (no limit) to 1,000,000";
    }
}

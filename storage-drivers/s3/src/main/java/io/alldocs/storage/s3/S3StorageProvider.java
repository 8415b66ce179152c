package io.alldocs.storage.s3;

import io.alldocs.Env;
import io.alldocs.cache.spi.StorageDriver;
import io.alldocs.cache.spi.StorageDriverProvider;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.AwsCredentials;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.auth.credentials.AwsSessionCredentials;
import software.amazon.awssdk.auth.credentials.DefaultCredentialsProvider;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;

/**
 * Creates the driver {@code s3}, which is selected by name only: {@code STORAGE_DRIVER=s3}. Variables that AWS tools
 * also use have the same meaning here.
 *
 * <table>
 * <caption>Variables</caption>
 * <tr><th>name</th><th>type</th><th>default</th><th>required</th><th>meaning</th></tr>
 * <tr><td>{@code CACHE_BUCKET}</td><td>name</td><td></td><td>yes</td><td>the bucket; must exist</td></tr>
 * <tr><td>{@code CACHE_KEY_PREFIX}</td><td>text</td><td>empty</td><td>no</td>
 * <td>{@link S3StorageDriver.Builder#keyPrefix}</td></tr>
 * <tr><td>{@code AWS_REGION}, {@code AWS_DEFAULT_REGION}</td><td>name</td><td>the SDK's chain; {@code us-east-1} with
 * an endpoint</td>
 * <td>where the chain finds none</td><td>the bucket's region</td></tr>
 * <tr><td>{@code AWS_ENDPOINT_URL_S3}, {@code AWS_ENDPOINT_URL}</td><td>URL</td><td>the region's</td><td>for other
 * stores</td>
 * <td>the service's address; the first of the two that is set</td></tr>
 * <tr><td>{@code S3_PATH_STYLE}</td><td>true or false</td><td>true with an endpoint, else false</td><td>no</td>
 * <td>{@link S3StorageDriver.Builder#pathStyle}</td></tr>
 * <tr><td>{@code AWS_ACCESS_KEY_ID}, {@code AWS_SECRET_ACCESS_KEY}</td><td>text</td><td>the SDK's chain</td><td>both or
 * none</td>
 * <td>the credentials</td></tr>
 * <tr><td>{@code AWS_SESSION_TOKEN}</td><td>text</td><td>none</td><td>for temporary credentials</td><td>the session
 * token</td></tr>
 * <tr><td>{@code AWS_PROFILE}</td><td>name</td><td>{@code default}</td><td>no</td><td>the profile that the chain
 * reads</td></tr>
 * <tr><td>{@code AWS_MAX_ATTEMPTS}</td><td>1 to
 * 100</td><td>3</td><td>no</td><td>{@link S3StorageDriver.Builder#maxAttempts}</td></tr>
 * <tr><td>{@code SPOOL_DIR}</td><td>path</td><td>{@code java.io.tmpdir}</td><td>no</td>
 * <td>{@link S3StorageDriver.Builder#spoolDirectory}</td></tr>
 * </table>
 */
public final class S3StorageProvider implements StorageDriverProvider {

    /** For ServiceLoader. */
    public S3StorageProvider() {}

    @Override
    public String name() {
        return "s3";
    }

    @Override
    public Set<String> runtimes() {
        return Set.of();
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
        S3StorageDriver.Builder builder = S3StorageDriver.builder(
                        env.require("CACHE_BUCKET", "by the s3 storage driver (name of the bucket)"))
                .keyPrefix(env.get("CACHE_KEY_PREFIX").orElse(""))
                .maxAttempts((int) env.getLong("AWS_MAX_ATTEMPTS", 3, 1, 100))
                .credentials(credentials(env));
        first(env, "AWS_REGION", "AWS_DEFAULT_REGION").flatMap(env::get).ifPresent(builder::region);
        first(env, "AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL")
                .flatMap(name -> env.getAddress(name, "https://s3.example.com"))
                .ifPresent(builder::endpoint);
        env.get("S3_PATH_STYLE").ifPresent(value -> builder.pathStyle(flag("S3_PATH_STYLE", value)));
        env.get("SPOOL_DIR").ifPresent(folder -> builder.spoolDirectory(Path.of(folder)));
        return builder.build();
    }

    /** Returns the value of the first of {@code names} that is set. */
    private static Optional<String> first(Env env, String... names) {
        for (String name : names) {
            if (env.get(name).isPresent()) {
                return Optional.of(name);
            }
        }
        return Optional.empty();
    }

    private static boolean flag(String name, String value) {
        return switch (value) {
            case "true" -> true;
            case "false" -> false;
            default -> throw new IllegalArgumentException(name + " must be true or false, but is " + value + ".");
        };
    }

    private static AwsCredentialsProvider credentials(Env env) {
        Optional<String> id = env.get("AWS_ACCESS_KEY_ID");
        Optional<String> secret = env.get("AWS_SECRET_ACCESS_KEY");
        if (id.isPresent() != secret.isPresent()) {
            throw new IllegalArgumentException((id.isPresent() ? "AWS_SECRET_ACCESS_KEY" : "AWS_ACCESS_KEY_ID")
                    + " is not set. Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY together.");
        }
        if (id.isEmpty() || secret.isEmpty()) {
            return DefaultCredentialsProvider.builder()
                    .profileName(env.find("AWS_PROFILE"))
                    .build();
        }
        Optional<String> token = env.get("AWS_SESSION_TOKEN");
        AwsCredentials credentials = token.isPresent()
                ? AwsSessionCredentials.create(id.get(), secret.get(), token.get())
                : AwsBasicCredentials.create(id.get(), secret.get());
        return StaticCredentialsProvider.create(credentials);
    }
}

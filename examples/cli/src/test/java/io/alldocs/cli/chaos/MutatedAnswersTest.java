package io.alldocs.cli.chaos;

import static org.assertj.core.api.Assertions.assertThat;

import io.alldocs.cache.Body;
import io.alldocs.cache.BodyTooLargeException;
import io.alldocs.cache.Cache;
import io.alldocs.cache.CacheMode;
import io.alldocs.cache.EntryHead;
import io.alldocs.cache.Env;
import io.alldocs.cache.IntegrityException;
import io.alldocs.cache.MemoryStorageDriver;
import io.alldocs.cache.RequestOptions;
import io.alldocs.cache.StorageException;
import io.alldocs.cache.spi.StorageDriver;
import io.alldocs.cache.spi.StoredEntry;
import io.alldocs.examples.registry.EmbeddedRegistry;
import io.alldocs.examples.registry.ExactServer;
import io.alldocs.examples.registry.ExactServer.Exact;
import io.alldocs.http.BaseHttpClient;
import io.alldocs.http.HostLimiters;
import io.alldocs.http.NpmConfig;
import io.alldocs.http.RequestException;
import io.alldocs.http.RetryPolicy;
import io.alldocs.http.Timeouts;
import io.alldocs.packument.NotARegistryException;
import io.alldocs.packument.PackumentClient;
import io.alldocs.partition.ChangesClient;
import io.alldocs.partition.OriginException;
import io.alldocs.partition.Partition;
import io.alldocs.partition.PartitionClient;
import io.alldocs.partition.PartitionTooLargeException;
import io.alldocs.partition.Sequence;
import io.alldocs.storage.cloudflare.CloudflareStorageDriver;
import io.alldocs.storage.emulators.Emulator;
import io.alldocs.storage.emulators.FakeFastly;
import io.alldocs.storage.emulators.FakeGcs;
import io.alldocs.storage.emulators.FakeKv;
import io.alldocs.storage.fastly.FastlyStorageDriver;
import io.alldocs.storage.gcs.GcsStorageDriver;
import io.alldocs.storage.s3.S3StorageDriver;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;

/**
 * Answers with random changes to the status line, the header, the framing and the body: each call ends within its time, with a value or with an error of a type
 * that its Javadoc names. Counts go to {@code target/mutated-answers.txt}.
 */
class MutatedAnswersTest {
    private static final int SOME = 40;
    private static final int MANY = 1_430; // seven targets: 10,010 answers

    /** Ten times what a call may take, for machines with other work. */
    private static final long PATIENCE_SECONDS = 60;

    private static final RetryPolicy ONCE = RetryPolicy.none();
    private static final Timeouts SHORT =
            new Timeouts(Duration.ofSeconds(2), Duration.ofSeconds(5), Duration.ofMillis(400));

    /** Who reads the answers. */
    enum Target {
        PACKUMENT,
        ALL_DOCS,
        CHANGES,
        CLOUDFLARE,
        FASTLY,
        S3,
        GCS
    }

    @ParameterizedTest
    @EnumSource(Target.class)
    void call_someMutatedAnswers_endInAValueOrATypedError(Target target) throws Exception {
        run(target, SOME);
    }

    @Tag("chaos")
    @ParameterizedTest
    @EnumSource(Target.class)
    void call_manyMutatedAnswers_endInAValueOrATypedError(Target target) throws Exception {
        run(target, MANY);
    }

    private interface Call {
        void at(URI address, int seed) throws IOException;
    }

    private static void run(Target target, int answers) throws Exception {
        Map<String, Integer> counts = new TreeMap<>();
        ExecutorService threads = Executors.newCachedThreadPool();
        long started = System.nanoTime();
        try (Source source = new Source(target)) {
            for (int seed = 0; seed < answers; seed++) {
                try (ExactServer server =
                        ExactServer.changing(source.address(), new Mutation(seed, source.isImpatient()))) {
                    int number = seed;
                    Future<String> result = threads.submit(() -> outcome(source.call(), server.origin(), number));
                    counts.merge(result.get(PATIENCE_SECONDS, TimeUnit.SECONDS), 1, Integer::sum);
                } catch (TimeoutException e) {
                    throw new AssertionError(target + " did not end, seed " + seed, e);
                } catch (java.util.concurrent.ExecutionException e) {
                    throw new AssertionError(target + " ended in an untyped error, seed " + seed, e.getCause());
                }
            }
        } finally {
            threads.shutdownNow();
        }
        long millis = (System.nanoTime() - started) / 1_000_000;
        Files.writeString(
                Path.of("target", "mutated-answers.txt"),
                target + ": " + answers + " answers in " + millis + " ms: " + counts + "\n",
                StandardOpenOption.CREATE,
                StandardOpenOption.APPEND);
        assertThat(counts.values().stream().mapToInt(Integer::intValue).sum()).isEqualTo(answers);
        assertThat(counts)
                .as("some changes do no harm, and others do")
                .hasSizeGreaterThan(1)
                .containsKey("value");
    }

    private static String outcome(Call call, URI address, int seed) throws IOException {
        try {
            call.at(address, seed);
            return "value";
        } catch (RequestException
                | OriginException
                | NotARegistryException
                | StorageException
                | IntegrityException
                | BodyTooLargeException
                | PartitionTooLargeException e) {
            return e.getClass().getSimpleName();
        }
    }

    /** A server whose answers are right, and the client that reads them. */
    private static final class Source implements AutoCloseable {
        private static final String KEY = "v1:packument:npm:61";

        private final Target target;
        private final EmbeddedRegistry registry =
                EmbeddedRegistry.builder().names(30).start();
        private final Closeable store;
        private final URI address;

        Source(Target target) throws IOException {
            this.target = target;
            switch (target) {
                case PACKUMENT, ALL_DOCS, CHANGES -> {
                    store = () -> {};
                    address = registry.origin();
                }
                case S3 -> {
                    ExactServer server = ExactServer.start(Source::objectOrList, null);
                    store = server::close;
                    address = server.origin();
                }
                default -> {
                    Emulator emulator = switch (target) {
                        case CLOUDFLARE -> new FakeKv();
                        case FASTLY -> new FakeFastly();
                        default -> new FakeGcs();
                    };
                    store = emulator::close;
                    address = emulator.endpoint();
                    try (StorageDriver driver = driver(target, address)) {
                        driver.put(KEY, head(), Body.of("{\"name\":\"a\"}".getBytes(StandardCharsets.UTF_8)));
                    }
                }
            }
        }

        /** As Amazon S3 answers for an object without metadata of ours, and for a listing. */
        private static Optional<Exact> objectOrList(String path) {
            boolean list = path.contains("list-type=2");
            String body = list
                    ? "<?xml version=\"1.0\" encoding=\"UTF-8\"?><ListBucketResult xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">"
                            + "<Name>cache</Name><Prefix></Prefix><KeyCount>1</KeyCount><MaxKeys>1000</MaxKeys>"
                            + "<IsTruncated>false</IsTruncated><Contents><Key>" + KEY + "</Key>"
                            + "<LastModified>2026-01-01T00:00:00.000Z</LastModified><ETag>&quot;a&quot;</ETag>"
                            + "<Size>12</Size><StorageClass>STANDARD</StorageClass></Contents></ListBucketResult>"
                    : "{\"name\":\"a\"}";
            return Optional.of(new Exact(
                    ("HTTP/1.1 200 OK\r\nContent-Type: " + (list ? "application/xml" : "application/json")
                                    + "\r\nContent-Length: " + body.length()
                                    + "\r\nLast-Modified: Thu, 01 Jan 2026 00:00:00 GMT\r\nETag: \"a\"\r\n"
                                    + "Connection: close\r\n\r\n" + body)
                            .getBytes(StandardCharsets.US_ASCII),
                    true));
        }

        private static EntryHead head() {
            return EntryHead.builder()
                    .status(200)
                    .form("full")
                    .outcome("ok")
                    .body(null, 12, null)
                    .storedAt(Instant.EPOCH)
                    .build();
        }

        URI address() {
            return address;
        }

        /** The SDKs of S3 and Google Cloud Storage wait a minute for the next byte. */
        boolean isImpatient() {
            return target != Target.S3 && target != Target.GCS;
        }

        Call call() {
            return switch (target) {
                case PACKUMENT -> this::packument;
                case ALL_DOCS -> this::allDocs;
                case CHANGES -> this::changes;
                default -> this::store;
            };
        }

        private static BaseHttpClient http() {
            return http("");
        }

        private static BaseHttpClient http(String authorization) {
            return BaseHttpClient.builder()
                    .credentials(uri -> authorization.isEmpty() ? Optional.empty() : Optional.of(authorization))
                    .limiters(HostLimiters.create())
                    .retry(ONCE)
                    .timeouts(SHORT)
                    .build();
        }

        private void packument(URI at, int seed) {
            try (BaseHttpClient http = http();
                    Cache cache =
                            Cache.builder().driver(new MemoryStorageDriver()).build();
                    PackumentClient client = PackumentClient.builder()
                            .env(Env.of(Map.of()))
                            .http(http)
                            .cache(cache)
                            .registry(at)
                            .build()) {
                client.request(registry.names().get(0));
            }
        }

        private void allDocs(URI at, int seed) {
            try (BaseHttpClient http = http();
                    Cache cache =
                            Cache.builder().driver(new MemoryStorageDriver()).build();
                    PartitionClient client = PartitionClient.builder()
                            .env(Env.of(Map.of()))
                            .npmConfig(NpmConfig.empty())
                            .http(http)
                            .cache(cache)
                            .origin(at)
                            .build()) {
                client.request(Partition.all(), RequestOptions.of(CacheMode.RELOAD));
            }
        }

        private void changes(URI at, int seed) {
            try (BaseHttpClient http = http();
                    ChangesClient client = ChangesClient.builder()
                            .env(Env.of(Map.of()))
                            .http(http)
                            .origin(at)
                            .build()) {
                if (seed % 2 == 0) {
                    client.page(Sequence.ZERO, 10);
                } else {
                    client.info();
                }
            }
        }

        private void store(URI at, int seed) throws IOException {
            try (StorageDriver driver = driver(target, at)) {
                switch (seed % 4) {
                    case 0 -> driver.get(KEY).ifPresent(Source::read);
                    case 1 -> driver.head(KEY);
                    case 2 -> driver.has(KEY);
                    default -> {
                        try (Stream<String> keys = driver.list("v1:", null)) {
                            keys.limit(5).forEach(key -> {});
                        }
                    }
                }
            }
        }

        private static void read(StoredEntry entry) {
            try (Body body = entry.body();
                    InputStream in = body.openStream()) {
                in.readAllBytes();
            } catch (IOException e) {
                throw new StorageException("The body cannot be read", true, e);
            }
        }

        private static StorageDriver driver(Target target, URI endpoint) {
            return switch (target) {
                case CLOUDFLARE ->
                    CloudflareStorageDriver.builder(FakeKv.ACCOUNT, FakeKv.NAMESPACE)
                            .endpoint(endpoint)
                            .client(http("Bearer " + FakeKv.TOKEN))
                            .maxAttempts(1)
                            .build();
                case FASTLY ->
                    FastlyStorageDriver.builder(FakeFastly.STORE)
                            .endpoint(endpoint)
                            .token(FakeFastly.TOKEN)
                            .client(http())
                            .maxAttempts(1)
                            .build();
                case S3 ->
                    S3StorageDriver.builder("cache")
                            .endpoint(endpoint)
                            .region("us-east-1")
                            .credentials(StaticCredentialsProvider.create(AwsBasicCredentials.create("id", "secret")))
                            .maxAttempts(1)
                            .build();
                default ->
                    GcsStorageDriver.builder(FakeGcs.BUCKET)
                            .endpoint(endpoint)
                            .noCredentials()
                            .maxAttempts(1)
                            .build();
            };
        }

        @Override
        public void close() throws IOException {
            store.close();
            registry.close();
        }
    }
}

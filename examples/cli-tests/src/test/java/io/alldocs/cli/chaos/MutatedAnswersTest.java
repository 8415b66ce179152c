package io.alldocs.cli.chaos;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.OperatingSystemMXBean;
import io.alldocs.Env;
import io.alldocs.cache.Cache;
import io.alldocs.cache.CacheMode;
import io.alldocs.cache.MemoryStorageDriver;
import io.alldocs.cache.RequestOptions;
import io.alldocs.cache.body.Body;
import io.alldocs.cache.body.BodyTooLargeException;
import io.alldocs.cache.entry.EntryMetadata;
import io.alldocs.cache.entry.IntegrityException;
import io.alldocs.cache.spi.StorageDriver;
import io.alldocs.cache.spi.StorageException;
import io.alldocs.cache.spi.StoredEntry;
import io.alldocs.examples.registry.EmbeddedRegistry;
import io.alldocs.examples.registry.ExactServer;
import io.alldocs.examples.registry.ExactServer.Exact;
import io.alldocs.http.BaseHttpClient;
import io.alldocs.http.HostLimiters;
import io.alldocs.http.HttpTransport;
import io.alldocs.http.HttpTransports;
import io.alldocs.http.NpmConfig;
import io.alldocs.http.RequestException;
import io.alldocs.http.RetryPolicy;
import io.alldocs.http.Timeouts;
import io.alldocs.http.TransportOptions;
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
import java.lang.management.ManagementFactory;
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
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;

/**
 * Tests clients with responses that have random changes to the status line, the header, the framing and the body. Each
 * call ends within its time limit and uses less than a second of CPU. It ends with a value or an exception that its
 * Javadoc names. Afterwards, the same client still reads a valid response. Counts are written to
 * {@code target/mutated-answers.txt}.
 */
class MutatedAnswersTest {
    private static final int SOME = 30;
    private static final int MANY = 2_500; // 30,000 responses for twelve readers

    /** The number of changed responses after which the same client must read a valid response. */
    private static final int CONTROL = 20;

    /**
     * Limit of the CPU time for one response, over all threads of this process. An endless loop or a slow search
     * exceeds the limit.
     */
    private static final long CPU_MILLIS = 1_000;

    private static final OperatingSystemMXBean PROCESS =
            (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();

    /** Ten times the limit of a call, for machines under load. */
    private static final long PATIENCE_SECONDS = 60;

    private static final RetryPolicy ONCE = RetryPolicy.none();
    private static final Timeouts SHORT =
            new Timeouts(Duration.ofSeconds(2), Duration.ofSeconds(5), Duration.ofMillis(400));

    /** The client that reads the responses. */
    enum Target {
        PACKUMENT,
        ALL_DOCS,
        CHANGES,
        CLOUDFLARE,
        FASTLY,
        S3,
        GCS
    }

    /** Returns each reader with each transport. The SDKs of S3 and Google Cloud Storage have their own transport. */
    static Stream<Arguments> readers() {
        return Stream.of(Target.values())
                .flatMap(target -> target == Target.S3 || target == Target.GCS
                        ? Stream.of(Arguments.of(target, "own"))
                        : Stream.of(Arguments.of(target, "jdk"), Arguments.of(target, "okhttp")));
    }

    @ParameterizedTest
    @MethodSource("readers")
    void call_someMutatedAnswers_endInAValueOrATypedError(Target target, String transport) throws Exception {
        run(target, transport, SOME);
    }

    @Tag("chaos")
    @ParameterizedTest
    @MethodSource("readers")
    void call_manyMutatedAnswers_endInAValueOrATypedError(Target target, String transport) throws Exception {
        run(target, transport, MANY);
    }

    private interface Call {
        void at(URI address, int seed) throws IOException;
    }

    private static void run(Target target, String transport, int answers) throws Exception {
        Map<String, Integer> counts = new TreeMap<>();
        ExecutorService threads = Executors.newCachedThreadPool();
        long started = System.nanoTime();
        Most slowest = new Most();
        Most busiest = new Most();
        try (Source source = new Source(target, transport)) {
            threads.submit(() -> outcome(source.call(), source.address(), 0)).get(); // loads the classes
            for (int seed = 0; seed < answers; seed++) {
                int number = seed;
                if (seed % CONTROL == 0) {
                    Future<String> control = threads.submit(() -> control(source, number));
                    assertThat(control.get(PATIENCE_SECONDS, TimeUnit.SECONDS))
                            .as("an answer that is right, before seed %s", seed)
                            .isEqualTo("value");
                }
                long begun = System.nanoTime();
                long cpu = PROCESS.getProcessCpuTime();
                try (ExactServer server =
                        ExactServer.changing(source.address(), new Mutation(seed, source.isImpatient()))) {
                    URI changing = server.origin().resolve(source.address().getRawPath());
                    Future<String> result = threads.submit(() -> outcome(source.call(), changing, number));
                    counts.merge(result.get(PATIENCE_SECONDS, TimeUnit.SECONDS), 1, Integer::sum);
                } catch (TimeoutException e) {
                    throw new AssertionError(target + " over " + transport + " did not end, seed " + seed, e);
                } catch (java.util.concurrent.ExecutionException e) {
                    throw new AssertionError(
                            target + " over " + transport + " ended in an untyped error, seed " + seed, e.getCause());
                }
                busiest.note(seed, (PROCESS.getProcessCpuTime() - cpu) / 1_000_000);
                slowest.note(seed, (System.nanoTime() - begun) / 1_000_000);
            }
        } finally {
            threads.shutdownNow();
        }
        long millis = (System.nanoTime() - started) / 1_000_000;
        Files.writeString(
                Path.of("target", "mutated-answers.txt"),
                target + " over " + transport + ": " + answers + " answers in " + millis + " ms, slowest " + slowest
                        + ", most CPU " + busiest + ": " + counts + "\n",
                StandardOpenOption.CREATE,
                StandardOpenOption.APPEND);
        assertThat(counts.values().stream().mapToInt(Integer::intValue).sum()).isEqualTo(answers);
        assertThat(counts)
                .as("some changes do no harm, and others do")
                .hasSizeGreaterThan(1)
                .containsKey("value");
        assertThat(busiest.millis).as("CPU of seed %s", busiest.seed).isLessThan(CPU_MILLIS);
    }

    /** Requests a valid response. A busy machine may need more than one attempt, because the timeouts are short. */
    private static String control(Source source, int seed) throws IOException {
        String outcome = "";
        for (int tries = 0; tries < 50 && !outcome.equals("value"); tries++) {
            outcome = outcome(source.call(), source.address(), seed);
        }
        return outcome;
    }

    /** The response that used the most time, and its seed. */
    private static final class Most {
        private int seed;
        private long millis;

        void note(int ofSeed, long took) {
            if (took > millis) {
                millis = took;
                seed = ofSeed;
            }
        }

        @Override
        public String toString() {
            return millis + " ms (seed " + seed + ")";
        }
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

    /** A server with valid responses, and the client that reads them. */
    private static final class Source implements AutoCloseable {
        private static final String KEY = "v1:packument:npm:61";

        private final Target target;
        private final EmbeddedRegistry registry =
                EmbeddedRegistry.builder().names(30).start();
        private final Closeable store;
        private final URI address;
        private final HttpTransport transport;

        Source(Target target, String transport) throws IOException {
            this.target = target;
            this.transport = HttpTransports.create(TransportOptions.of(
                    NpmConfig.loader(Map.of("HTTP_TRANSPORT", transport.equals("own") ? "jdk" : transport))
                            .load()));
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
                    try (StorageDriver driver = driver(address)) {
                        driver.put(KEY, head(), Body.of("{\"name\":\"a\"}".getBytes(StandardCharsets.UTF_8)));
                    }
                }
            }
        }

        /** Returns the response of Amazon S3 for an object without our metadata, or for a listing. */
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

        private static EntryMetadata head() {
            return EntryMetadata.builder()
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

        /**
         * Returns whether the client has short timeouts. The SDKs of S3 and Google Cloud Storage wait a minute for the
         * next byte.
         */
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

        /**
         * Returns a client with its own limiters, because an earlier response may have throttled the same port. All
         * calls share the connections.
         */
        private BaseHttpClient http() {
            String token = target == Target.CLOUDFLARE ? "Bearer " + FakeKv.TOKEN : "";
            return BaseHttpClient.builder()
                    .transport(transport)
                    .credentials(uri -> Optional.of(token).filter(value -> !value.isEmpty()))
                    .limiters(HostLimiters.create())
                    .retry(ONCE)
                    .timeouts(SHORT)
                    .build();
        }

        private void packument(URI at, int seed) {
            try (Cache cache = Cache.builder().driver(new MemoryStorageDriver()).build();
                    PackumentClient client = PackumentClient.builder()
                            .env(Env.of(Map.of()))
                            .http(http())
                            .cache(cache)
                            .registry(at)
                            .build()) {
                client.request(registry.names().get(0));
            }
        }

        private void allDocs(URI at, int seed) {
            try (Cache cache = Cache.builder().driver(new MemoryStorageDriver()).build();
                    PartitionClient client = PartitionClient.builder()
                            .env(Env.of(Map.of()))
                            .npmConfig(NpmConfig.empty())
                            .http(http())
                            .cache(cache)
                            .origin(at)
                            .build()) {
                client.request(Partition.all(), RequestOptions.of(CacheMode.RELOAD));
            }
        }

        private void changes(URI at, int seed) {
            try (ChangesClient client = ChangesClient.builder()
                    .env(Env.of(Map.of()))
                    .http(http())
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
            try (StorageDriver driver = driver(at)) {
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

        private StorageDriver driver(URI endpoint) {
            return switch (target) {
                case CLOUDFLARE ->
                    CloudflareStorageDriver.builder(FakeKv.ACCOUNT, FakeKv.NAMESPACE)
                            .endpoint(endpoint)
                            .client(http())
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
            transport.close();
            store.close();
            registry.close();
        }
    }
}

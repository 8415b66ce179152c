package io.alldocs.packument;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import io.alldocs.Env;
import io.alldocs.cache.Cache;
import io.alldocs.cache.CacheMode;
import io.alldocs.cache.MemoryStorageDriver;
import io.alldocs.cache.RequestOptions;
import io.alldocs.http.BaseHttpClient;
import io.alldocs.http.ClientRequest;
import io.alldocs.http.ClientResponse;
import io.alldocs.http.HostLimiters;
import io.alldocs.http.HttpTransport;
import io.alldocs.http.RequestException;
import io.alldocs.http.RetryPolicy;
import io.alldocs.http.Timeouts;
import java.io.ByteArrayInputStream;
import java.net.URI;
import java.net.http.HttpHeaders;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Random;
import org.junit.jupiter.api.Test;

/**
 * Checks that every document recorded as a packument can be read in each way. Text that no parser accepts must never be
 * recorded as one.
 */
class MutatedDocumentsTest {
    private static final URI REGISTRY = URI.create("http://127.0.0.1:9/");
    private static final int DOCUMENTS = 3_000;

    private static final String DOCUMENT = """
            {"_id":"a","_rev":"3-00000000000000000000000000000000","name":"a","dist-tags":{"latest":"1.0.1"},
            "versions":{"1.0.0":{"name":"a","version":"1.0.0","dist":{"tarball":"http://x/a-1.0.0.tgz",
            "shasum":"da39a3ee5e6b4b0d3255bfef95601890afd80709"},"dependencies":{"b":"^1"}},
            "1.0.1":{"name":"a","version":"1.0.1","deprecated":false,"scripts":{"install":"x"},"n":-1.5e3}},
            "time":{"created":"2020-01-01T00:00:00.000Z","modified":"2020-01-02T00:00:00.000Z",
            "1.0.0":"2020-01-01T00:00:00.000Z"},"readme":"h\\u00e9llo \\n x","z":[1,2,{"k":null}]}""";

    private static final List<String> INSERTED = List.of(
            "\\u12",
            "\\x",
            "NaN",
            "-",
            "1e",
            "01",
            "\0",
            ",",
            "}",
            "{",
            "[",
            "]",
            "\"",
            "\\",
            "1.",
            "+1",
            "/**/",
            "'",
            "\ufeff",
            "tru",
            "1e99999999999",
            "9".repeat(1_200),
            "[".repeat(1_100),
            "k".repeat(60_000));

    /** A transport that returns the same document for each request. */
    private static final class OneDocument implements HttpTransport {
        private byte[] body = new byte[0];

        @Override
        public ClientResponse send(ClientRequest call, Timeouts timeouts) {
            Map<String, List<String>> headers = Map.of("content-type", List.of("application/json"));
            return new ClientResponse(
                    200,
                    call.uri(),
                    HttpHeaders.of(headers, (name, value) -> true),
                    new ByteArrayInputStream(body),
                    OptionalLong.of(body.length));
        }

        @Override
        public void close() {}
    }

    @Test
    void request_mutatedDocuments_areReadableOrMalformedOrAnError() {
        OneDocument transport = new OneDocument();
        Map<Outcome, Integer> outcomes = new EnumMap<>(Outcome.class);
        try (BaseHttpClient http = BaseHttpClient.builder()
                        .transport(transport)
                        .limiters(HostLimiters.create())
                        .retry(new RetryPolicy(2, Duration.ofMillis(1), Duration.ofMillis(1)))
                        .build();
                Cache cache = Cache.builder().driver(new MemoryStorageDriver()).build();
                PackumentClient client = PackumentClient.builder()
                        .env(Env.of(Map.of()))
                        .http(http)
                        .cache(cache)
                        .registry(REGISTRY)
                        .rate(1_000_000)
                        .build()) {
            for (int seed = 0; seed < DOCUMENTS; seed++) {
                transport.body = mutated(new Random(seed));
                try {
                    PackumentResult result = client.request("a", RequestOptions.of(CacheMode.RELOAD));
                    outcomes.merge(result.outcome(), 1, Integer::sum);
                    if (result.entry().isPresent()) {
                        requireReadable(result, cache, seed);
                    }
                } catch (RequestException e) {
                    assertThat(e.retryable()).isTrue();
                }
            }
        }
        assertThat(outcomes).as("most changes do harm, and some do none").containsKeys(Outcome.OK, Outcome.MALFORMED);
    }

    private static void requireReadable(PackumentResult result, Cache cache, int seed) {
        assertThatCode(() -> {
                    result.json();
                    PackumentFacts.read("a", result.entry().orElseThrow().bodyStream());
                    PackumentFrame.fromCache(cache, REGISTRY).failOnDamage().forEach(document -> {
                        document.facts();
                        document.distTags();
                        document.versions();
                        document.time();
                        document.dependencies("1.0.0");
                        document.entry().json();
                    });
                })
                .as("reading document %s, which is JSON", seed)
                .doesNotThrowAnyException();
    }

    private static byte[] mutated(Random random) {
        byte[] bytes = DOCUMENT.getBytes(StandardCharsets.UTF_8);
        for (int i = 0; i <= random.nextInt(3); i++) {
            int at = random.nextInt(bytes.length);
            switch (random.nextInt(4)) {
                case 0 -> bytes[at] = (byte) random.nextInt(256);
                case 1 ->
                    bytes = joined(
                            Arrays.copyOf(bytes, at),
                            INSERTED.get(random.nextInt(INSERTED.size())).getBytes(StandardCharsets.UTF_8),
                            Arrays.copyOfRange(bytes, at, bytes.length));
                case 2 ->
                    bytes = joined(
                            Arrays.copyOf(bytes, at),
                            new byte[0],
                            Arrays.copyOfRange(bytes, Math.min(bytes.length, at + random.nextInt(20)), bytes.length));
                default -> bytes = random.nextInt(4) == 0 ? Arrays.copyOf(bytes, at + 1) : bytes;
            }
        }
        return bytes;
    }

    private static byte[] joined(byte[] first, byte[] second, byte[] third) {
        byte[] all = Arrays.copyOf(first, first.length + second.length + third.length);
        System.arraycopy(second, 0, all, first.length, second.length);
        System.arraycopy(third, 0, all, first.length + second.length, third.length);
        return all;
    }
}

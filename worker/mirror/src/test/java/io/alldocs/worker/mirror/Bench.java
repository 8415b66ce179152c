package io.alldocs.worker.mirror;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.alldocs.cache.Cache;
import io.alldocs.cache.CacheEntry;
import io.alldocs.cache.CacheKey;
import io.alldocs.cache.CacheMode;
import io.alldocs.cache.Loaded;
import io.alldocs.cache.MemoryStorageDriver;
import io.alldocs.cache.body.Body;
import io.alldocs.cache.body.BodyReceiver;
import io.alldocs.cache.entry.EntryMetadata;
import io.alldocs.cache.metrics.Metric;
import io.alldocs.cache.spi.StorageDriver;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.UnaryOperator;
import java.util.zip.GZIPOutputStream;

/** A mirror over a cache, a client that sends requests to it, and methods that store documents in the cache. */
final class Bench implements AutoCloseable {
    static final String ABBREVIATED = "application/vnd.npm.install-v1+json";
    static final String INSTALLER = ABBREVIATED + "; q=1.0, application/json; q=0.8, */*";
    static final ObjectMapper JSON = new ObjectMapper();
    /** Timeout of requests that must succeed; generous, because the machine may be busy. */
    static final Duration PATIENCE = Duration.ofMinutes(1);

    final ManualClock clock = new ManualClock();
    final AtomicLong nanos = new AtomicLong();
    final Cache cache;
    final URI registry;
    final MirrorServer mirror;
    final HttpClient client = HttpClient.newHttpClient();

    Bench() {
        this(URI.create("https://registry.npmjs.com"), new MemoryStorageDriver(), builder -> builder);
    }

    /**
     * @param options of a mirror whose clock for responses in memory stops until a test advances {@link #nanos}
     */
    Bench(URI registry, StorageDriver driver, UnaryOperator<MirrorServerBuilder> options) {
        this.registry = registry;
        this.cache = Cache.builder().driver(driver).clock(clock).build();
        this.mirror = options.apply(
                        MirrorServer.builder().cache(cache).registry(registry).nanoTime(nanos::get))
                .start();
    }

    void store(String name, byte[] gzip) {
        put(CacheKey.packument(registry, name), gzip, "gzip", head().outcome("ok"));
    }

    void store(String name, String json, UnaryOperator<EntryMetadata.Builder> head) {
        put(CacheKey.packument(registry, name), gzip(json), "gzip", head.apply(head()));
    }

    void storeAbbreviated(String name, String json) {
        put(CacheKey.abbreviated(registry, name), gzip(json), "gzip", head().outcome("ok"));
    }

    /** Stores a response of the registry without a document. */
    void record(String name, int status, String outcome) {
        EntryMetadata head =
                EntryMetadata.builder().status(status).outcome(outcome).build();
        cache.fetch(CacheKey.packument(registry, name), CacheMode.RELOAD, stored -> new Loaded.HeadOnly(head));
    }

    private static EntryMetadata.Builder head() {
        return EntryMetadata.builder()
                .status(200)
                .headers(Map.of(
                        "cache-control", List.of("public, max-age=300"),
                        "last-modified", List.of("Wed, 11 Nov 2026 11:11:11 GMT")));
    }

    void put(CacheKey key, byte[] bytes, String encoding, EntryMetadata.Builder head) {
        cache.fetch(key, CacheMode.RELOAD, stored -> {
            try {
                BodyReceiver.Received received =
                        cache.receiver().receive(new ByteArrayInputStream(bytes), encoding, OptionalLong.empty());
                return new Loaded.Value(head.received(received).build(), received.body());
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
    }

    /** Returns an entry as the cache returns it directly after loading, which reads {@code gzip} each time. */
    CacheEntry unstored(String name, Body gzip) {
        EntryMetadata head = head().outcome("ok")
                .body("gzip", gzip.sizeBytes(), "sha256-of-" + gzip.sizeBytes())
                .build();
        return cache.fetch(
                CacheKey.packument(registry, name), CacheMode.NO_STORE, stored -> new Loaded.Value(head, gzip));
    }

    static byte[] gzip(String text) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(bytes, 64 * 1024)) {
            gzip.write(text.getBytes(StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    static String packument(String name, String... versions) {
        StringBuilder json = new StringBuilder("{\"_id\":\"" + name + "\",\"_rev\":\"3-abc\",\"name\":\"" + name
                + "\",\"dist-tags\":{\"latest\":\"" + versions[versions.length - 1] + "\"},\"versions\":{");
        for (String version : versions) {
            json.append(json.charAt(json.length() - 1) == '{' ? "" : ",")
                    .append("\"" + version + "\":{\"name\":\"" + name + "\",\"version\":\"" + version
                            + "\",\"readme\":\"long\",\"dist\":{\"tarball\":\"https://registry.example/" + name + "/-/"
                            + name + "-" + version + ".tgz\"}}");
        }
        return json + "},\"time\":{\"modified\":\"2026-11-11T11:11:11.000Z\"}}";
    }

    /** @param headers alternating names and values */
    HttpResponse<byte[]> get(String path, String... headers) {
        return send("GET", path, headers);
    }

    HttpResponse<byte[]> send(String method, String path, String... headers) {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(mirror.address() + path))
                .method(method, HttpRequest.BodyPublishers.noBody())
                .timeout(PATIENCE);
        if (headers.length > 0) {
            request.headers(headers);
        }
        try {
            return client.send(request.build(), HttpResponse.BodyHandlers.ofByteArray());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    static JsonNode json(HttpResponse<byte[]> response) {
        byte[] body = response.body();
        boolean gzip = header(response, "content-encoding").equals("gzip");
        try {
            return JSON.readTree(gzip ? RealPackuments.gunzip(body) : body);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static String text(HttpResponse<byte[]> response) {
        return new String(response.body(), StandardCharsets.UTF_8);
    }

    /** Returns the value of a header, or an empty string if there is none. */
    static String header(HttpResponse<?> response, String name) {
        return response.headers().firstValue(name).orElse("");
    }

    /** Returns a value of {@code /-/metrics}; the name includes the labels. */
    long metric(String name) {
        return text(get("/-/metrics"))
                .lines()
                .filter(line -> line.startsWith("all_docs_mirror_" + name + " "))
                .map(line -> line.substring(line.lastIndexOf(' ') + 1))
                .mapToLong(value -> (long) Double.parseDouble(value))
                .sum();
    }

    /** Returns the sum of a metric's samples, without a request. */
    static long sample(MirrorServer mirror, String name) {
        return (long) mirror.endpoint().metrics().stream()
                .filter(metric -> metric.name().equals("all_docs_mirror_" + name))
                .flatMap(metric -> metric.samples().stream())
                .mapToDouble(Metric.Sample::value)
                .sum();
    }

    /** Advances the clock so that responses in memory are compared with the cache. */
    void recheck() {
        nanos.addAndGet(Duration.ofMinutes(1).toNanos());
    }

    @Override
    public void close() {
        mirror.close();
        cache.close();
    }
}

package io.alldocs.examples.benchmarks.micro;

import io.alldocs.cache.Cache;
import io.alldocs.cache.CacheEntry;
import io.alldocs.cache.CacheKey;
import io.alldocs.cache.CacheListener;
import io.alldocs.cache.CacheMode;
import io.alldocs.cache.Loaded;
import io.alldocs.cache.body.BodyReceiver;
import io.alldocs.cache.entry.EntryMetadata;
import io.alldocs.http.HttpAttempt;
import io.alldocs.http.HttpListener;
import io.alldocs.micrometer.CacheMeters;
import io.alldocs.micrometer.HttpMeters;
import io.alldocs.micrometer.MirrorMeters;
import io.alldocs.micrometer.WorkerMeters;
import io.alldocs.worker.WorkItem;
import io.alldocs.worker.WorkListener;
import io.alldocs.worker.WorkResult;
import io.alldocs.worker.mirror.MirrorEvent;
import io.alldocs.worker.mirror.MirrorListener;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/**
 * Measures the cost of listeners. One benchmark measures a complete cache hit. The others measure only the events of
 * one request, item or response.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class ListenerBenchmark {
    /** The listener: no listener, a listener that does nothing, or Micrometer's meters. */
    @Param({"none", "no-op", "micrometer"})
    public String listener = "none";

    private final CacheKey key = CacheKey.packument(URI.create("https://registry.npmjs.com"), "express");
    private final WorkItem item = WorkItem.of("packument", "express");
    private final WorkResult result = WorkResult.done();
    private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
    private Cache cache = Cache.builder().build();
    private HttpListener http = HttpListener.NONE;
    private WorkListener work = WorkListener.NONE;
    private MirrorListener mirror = MirrorListener.NONE;
    private long nanos;

    /** Created by JMH. */
    public ListenerBenchmark() {}

    /** Creates the listeners, and a cache with one entry. */
    @Setup
    public void open() {
        CacheListener ofCache = CacheListener.NONE;
        if (listener.equals("no-op")) {
            ofCache = new CacheListener() {};
            http = new HttpListener() {};
            work = new WorkListener() {};
            mirror = new MirrorListener() {};
        } else if (listener.equals("micrometer")) {
            ofCache = new CacheMeters(registry, Tags.empty());
            http = new HttpMeters(registry, Tags.empty());
            work = new WorkerMeters(registry, Tags.empty());
            mirror = new MirrorMeters(registry, Tags.empty());
        }
        cache.close();
        cache = Cache.builder().listener(ofCache).build();
        hit(CacheMode.RELOAD);
    }

    /** Closes the cache. */
    @TearDown
    public void close() {
        cache.close();
    }

    private CacheEntry hit(CacheMode mode) {
        return cache.fetch(key, mode, stored -> {
            try {
                BodyReceiver.Received received = cache.receiver()
                        .receive(
                                new ByteArrayInputStream("{\"name\":\"express\"}".getBytes(StandardCharsets.UTF_8)),
                                null,
                                OptionalLong.empty());
                return new Loaded.Value(
                        EntryMetadata.builder()
                                .status(200)
                                .outcome("ok")
                                .lifetime(Duration.ofDays(1))
                                .received(received)
                                .build(),
                        received.body());
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
    }

    /** Fetches a fresh entry from memory. */
    @Benchmark
    public CacheEntry cacheHit() {
        return hit(CacheMode.FORCE_CACHE);
    }

    /** Reports one request, as the client does. */
    @Benchmark
    public void httpRequest() {
        if (http != HttpListener.NONE) {
            http.requested(new HttpAttempt(
                    "GET",
                    "https://registry.npmjs.com",
                    200,
                    null,
                    1,
                    Duration.ofNanos(30_000_000 + nanos++ % 1_000_000)));
        }
    }

    /** Reports one item, as the worker does. */
    @Benchmark
    public void workItem() {
        if (work != WorkListener.NONE) {
            work.started(item);
            work.done(item, result, Duration.ofNanos(30_000_000 + nanos++ % 1_000_000));
        }
    }

    /** Reports one response from memory, as the mirror does. */
    @Benchmark
    public void mirrorResponse() {
        if (mirror != MirrorListener.NONE) {
            mirror.happened(MirrorEvent.MEMORY_HITS);
            mirror.sent(18_432);
            mirror.answered("packument", 200, Duration.ofNanos(50_000 + nanos++ % 10_000));
        }
    }
}

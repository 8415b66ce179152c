package io.alldocs.examples.benchmarks;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.alldocs.Env;
import io.alldocs.cache.Cache;
import io.alldocs.cache.CacheEntry;
import io.alldocs.cache.CacheKey;
import io.alldocs.cache.RequestOptions;
import io.alldocs.cache.run.RunSummary;
import io.alldocs.http.HttpTransports;
import io.alldocs.http.NpmConfig;
import io.alldocs.packument.Outcome;
import io.alldocs.packument.PackumentClient;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/**
 * Fetches packuments into a new cache in each of several passes, then reads them. All passes run in one process. Prints
 * a line of JSON for each pass. {@code compare} measures this command.
 */
@Command(
        name = "fetch",
        description = "Fetches packuments into new caches, then reads them. Prints a line of JSON for each pass.")
final class FetchCommand implements Callable<Integer> {
    @Option(names = "--registry", required = true, description = "Registry of the packuments.")
    private URI registry = URI.create("");

    @Option(names = "--names", required = true, description = "File of names, one per line.")
    private Path names = Path.of("");

    @Option(names = "--work-dir", required = true, description = "Folder in which each pass creates a cache.")
    private Path workDir = Path.of("");

    @Option(
            names = "--driver",
            defaultValue = "filesystem",
            description = "Storage driver (default: ${DEFAULT-VALUE}).")
    private String driver = "filesystem";

    @Option(
            names = "--transport",
            defaultValue = "jdk",
            description = "HTTP transport: jdk or okhttp (default: ${DEFAULT-VALUE}).")
    private String transport = "jdk";

    @Option(
            names = "--concurrency",
            defaultValue = "32",
            description = "Requests at the same time (default: ${DEFAULT-VALUE}).")
    private int concurrency;

    @Option(names = "--passes", defaultValue = "1", description = "Passes that fetch (default: ${DEFAULT-VALUE}).")
    private int passes;

    @Option(
            names = "--reads",
            defaultValue = "0",
            description = "Passes that read the packuments of the last pass, raw and decoded (default:"
                    + " ${DEFAULT-VALUE}).")
    private int reads;

    @Option(
            names = "--heap-every",
            defaultValue = "0",
            description = "Collect garbage and print the live heap after every N packuments (default: never).")
    private int heapEvery;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public Integer call() throws IOException, InterruptedException {
        List<String> all = Files.readAllLines(names);
        boolean complete = true;
        for (int pass = 1; pass <= passes; pass++) {
            complete &= fetch(all, pass);
        }
        if (reads > 0) {
            try (Cache cache = open(passes)) {
                for (int pass = 1; pass <= reads; pass++) {
                    read(cache, all, "raw", pass);
                    read(cache, all, "decoded", pass);
                }
            }
        }
        return complete ? 0 : 1;
    }

    /** Opens a cache without the memory tier, so that the store is measured. */
    private Cache open(int pass) {
        Path folder = workDir.resolve("pass-" + pass);
        Env env = Env.of(Map.of("STORAGE_DRIVER", driver, "CACHE_DIR", folder.toString()));
        return Cache.builder().env(env).memoryBytes(0).build();
    }

    private boolean fetch(List<String> all, int pass) {
        AtomicInteger good = new AtomicInteger();
        LongAdder stored = new LongAdder();
        long start = System.nanoTime();
        long cpu = pass == 1 ? 0 : cpuNanos(); // startup is part of the first pass
        RunSummary summary;
        try (Cache cache = open(pass);
                PackumentClient client = PackumentClient.builder()
                        .cache(cache)
                        .registry(registry)
                        .npmConfig(NpmConfig.loader(Map.of(HttpTransports.VARIABLE, transport))
                                .load())
                        .concurrency(concurrency)
                        .build()) {
            summary = client.requestAll(all, RequestOptions.DEFAULT, result -> {
                stored.add(result.head().sizeBytes());
                if (result.outcome() == Outcome.OK) {
                    reportHeap(good.incrementAndGet());
                }
            });
        }
        ObjectNode line = line("fetch", pass, start, good.get());
        line.put("storedBytes", stored.sum());
        line.put("cpuSeconds", (cpuNanos() - cpu) / 1e9);
        print(line);
        return summary.failed() == 0;
    }

    /**
     * Returns the CPU time of this process, in user and kernel mode. Its management beans are more exact, but loading
     * them costs about 50 ms, which would be counted.
     */
    private static long cpuNanos() {
        return ProcessHandle.current().info().totalCpuDuration().orElseThrow().toNanos();
    }

    private void reportHeap(int done) {
        if (heapEvery > 0 && done % heapEvery == 0) {
            System.gc();
            Runtime runtime = Runtime.getRuntime();
            ObjectNode line = JsonNodeFactory.instance.objectNode();
            print(line.put("packuments", done).put("liveHeapBytes", runtime.totalMemory() - runtime.freeMemory()));
        }
    }

    /** Reads every entry once, with as many threads as processors. */
    private void read(Cache cache, List<String> all, String how, int pass) throws InterruptedException {
        LongAdder bytes = new LongAdder();
        long start = System.nanoTime();
        int found = Parallel.run(Runtime.getRuntime().availableProcessors(), all.size(), index -> {
            CacheEntry entry =
                    cache.entry(CacheKey.packument(registry, all.get(index))).orElseThrow();
            bytes.add(how.equals("raw") ? raw(entry) : decoded(entry));
        });
        ObjectNode line = line(how, pass, start, found);
        print(line.put("bytes", bytes.sum()));
    }

    private static long raw(CacheEntry entry) {
        try {
            return entry.rawBody().toByteArray().length;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static long decoded(CacheEntry entry) {
        try (InputStream in = entry.bodyStream()) {
            return in.readAllBytes().length;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static ObjectNode line(String kind, int pass, long start, int packuments) {
        return JsonNodeFactory.instance
                .objectNode()
                .put("kind", kind)
                .put("pass", pass)
                .put("seconds", (System.nanoTime() - start) / 1e9)
                .put("packuments", packuments);
    }

    private void print(ObjectNode line) {
        PrintWriter out = spec.commandLine().getOut();
        out.println(line);
        out.flush();
    }
}

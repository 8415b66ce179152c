package io.alldocs.examples.benchmarks;

import io.alldocs.cache.Cache;
import io.alldocs.packument.CachedPackument;
import io.alldocs.packument.PackumentFrame;
import java.net.URI;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.function.Function;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** The process that {@link ScanCommand} measures: one scan on all processors available to it. Prints a line of JSON. */
@Command(name = "scan-cache", hidden = true, description = "Scans a cache once; started by scan.")
final class ScanCacheCommand implements Callable<Integer> {
    static final URI REGISTRY = URI.create("https://registry.npmjs.com");

    @Option(names = "--folder", required = true, description = "Folder of the cache.")
    private Path folder = Path.of("");

    @Option(names = "--driver", required = true, description = "Storage driver.")
    private String driver = "";

    @Option(names = "--field", required = true, description = "latest or published.")
    private String field = "";

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public Integer call() {
        Function<CachedPackument, Optional<String>> read =
                field.equals("latest") ? CachedPackument::latest : ScanCacheCommand::published;
        long start = System.nanoTime();
        try (Cache cache = Cache.builder().env(ScanCommand.env(driver, folder)).build()) {
            PackumentFrame frame = PackumentFrame.fromCache(cache, REGISTRY).failOnDamage();
            try (Stream<Integer> found =
                    frame.map(packument -> read.apply(packument).isPresent() ? 1 : 0)) {
                long[] counts = found.parallel().collect(() -> new long[2], ScanCacheCommand::count, (all, more) -> {
                    all[0] += more[0];
                    all[1] += more[1];
                });
                spec.commandLine()
                        .getOut()
                        .printf(
                                "{\"kind\":\"scan\",\"packuments\":%d,\"found\":%d,\"seconds\":%s}%n",
                                counts[0], counts[1], (System.nanoTime() - start) / 1e9);
            }
        }
        return 0;
    }

    private static Optional<String> published(CachedPackument packument) {
        return packument.latest().flatMap(version -> packument.text("time", version));
    }

    private static void count(long[] counts, int found) {
        counts[0]++;
        counts[1] += found;
    }
}

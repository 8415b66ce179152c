package io.alldocs.cli.operations;

import io.alldocs.cache.Cache;
import io.alldocs.cache.entry.EntryMetadata;
import io.alldocs.cache.scan.CacheInventory;
import io.alldocs.cache.scan.CacheScan;
import io.alldocs.cli.ExitCode;
import io.alldocs.cli.Progress;
import io.alldocs.cli.UsageException;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Lists entries, one per line. */
@Command(
        name = "list",
        description = {
            "Lists the packages of a cache, in the order of the store. The columns are kind, origin, name, outcome,"
                    + " stored bytes, and time of the request, separated by tabs.",
            "--kind partition,other lists the other entries: partitions of names, the records of jobs, and your own"
                    + " keys. With --json, each line is an object."
        },
        exitCodeList = {
            "0:listed",
            "1:the store could not be read to the end, or the metadata of entries is damaged",
            "2:the command line is invalid, or a file or folder that it names cannot be used"
        })
public final class ListCommand extends CacheCommand {
    private static final Set<String> PACKAGES = Set.of("packument", "abbreviated");

    @Option(names = "--keys", description = "Print only keys, without reading the metadata of the entries.")
    private boolean keysAlone;

    @Option(
            names = "--limit",
            paramLabel = "N",
            defaultValue = "0",
            description = "Print at most N, 0 for all. Default: ${DEFAULT-VALUE}")
    private long limit;

    /** Creates a command that reads its environment variables from {@code environment}. */
    public ListCommand(Map<String, String> environment) {
        super(environment);
    }

    @Override
    void checkOptions() {
        UsageException.refuse(limit < 0, "--limit must be at least 0: " + limit);
        UsageException.refuse(keysAlone && json(), "--keys and --json cannot be used together");
    }

    @Override
    int run(Cache cache, Progress progress) {
        AtomicLong damaged = new AtomicLong();
        AtomicBoolean found = new AtomicBoolean();
        try (Stream<String> lines = keysAlone
                ? scan(cache).keys()
                : scan(cache)
                        .onDamage((key, error) -> {
                            damaged.incrementAndGet();
                            err().println("Damaged: " + error.getMessage());
                        })
                        .heads(this::line)) {
            (limit > 0 ? lines.limit(limit) : lines).forEachOrdered(line -> {
                found.setPlain(true);
                out().println(line);
            });
        }
        if (!found.getPlain() && !selection().isGiven()) {
            err().println("The cache has no packages. all-docs list --kind partition,other lists its other entries.");
        }
        return damaged.get() == 0 ? ExitCode.COMPLETE : ExitCode.PARTIAL;
    }

    private CacheScan scan(Cache cache) {
        return selection().namesKinds()
                ? selection().of(cache)
                : selection().of(cache).where(key -> PACKAGES.contains(CacheInventory.kindOf(key)));
    }

    private String line(String key, EntryMetadata head) {
        return json()
                ? EntryJson.of(key, head).toString()
                : String.join(
                        "\t",
                        CacheInventory.kindOf(key),
                        EntryJson.origin(key),
                        EntryJson.label(key),
                        head.outcome() == null ? "-" : head.outcome(),
                        Long.toString(head.sizeBytes()),
                        head.storedAt().toString());
    }
}

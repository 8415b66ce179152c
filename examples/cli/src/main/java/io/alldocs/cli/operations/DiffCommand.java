package io.alldocs.cli.operations;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.alldocs.cache.Cache;
import io.alldocs.cache.entry.EntryMetadata;
import io.alldocs.cache.scan.CacheDiff;
import io.alldocs.cache.scan.CacheInventory;
import io.alldocs.cli.Amount;
import io.alldocs.cli.CacheLocation;
import io.alldocs.cli.ExitCode;
import io.alldocs.cli.Progress;
import io.alldocs.cli.UsageException;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Compares two caches. */
@Command(
        name = "diff",
        description = {
            "Compares two caches by their metadata. < marks an entry that only this cache has, > one that only the"
                    + " other has, and ! one whose bytes, revision or outcome differ. Request times are ignored.",
            "With --json, each line is an object."
        },
        exitCodeList = {
            "0:they are equal",
            "1:they differ, or a store could not be read to the end",
            "2:the command line is invalid, or a file or folder that it names cannot be used"
        })
public final class DiffCommand extends CacheCommand {
    @Parameters(
            paramLabel = "[DRIVER:]OTHER",
            converter = CacheLocation.Converter.class,
            description = "The other cache: a folder, or a driver and a folder or bucket, such as sqlite:./copy or"
                    + " s3:my-bucket.")
    @SuppressWarnings("NullAway.Init") // set by picocli
    private CacheLocation other;

    @Option(
            names = "--concurrency",
            paramLabel = "N",
            defaultValue = "4",
            description = "Requests or items that are processed at the same time. Default: ${DEFAULT-VALUE}")
    private int concurrency;

    private final Map<CacheDiff.Kind, Long> counts = new EnumMap<>(CacheDiff.Kind.class);

    /** Creates a command that reads its environment variables from {@code environment}. */
    public DiffCommand(Map<String, String> environment) {
        super(environment);
    }

    @Override
    void checkOptions() {
        UsageException.refuse(concurrency < 1, "--concurrency must be at least 1: " + concurrency);
    }

    @Override
    int run(Cache cache, Progress progress) {
        try (Cache second = other.openExisting(environment())) {
            progress.begin("keys", 0);
            CacheDiff.run(
                    cache.driver(),
                    second.driver(),
                    selection().keys(),
                    concurrency,
                    this::tell,
                    () -> progress.advance(1));
            progress.end();
        }
        if (!json()) {
            out().println(counts.isEmpty() ? "The caches are equal." : summary());
        }
        return counts.isEmpty() ? ExitCode.COMPLETE : ExitCode.PARTIAL;
    }

    private void tell(CacheDiff.Difference difference) {
        counts.merge(difference.kind(), 1L, Long::sum);
        out().println(json() ? json(difference) : sign(difference.kind()) + " " + words(difference.key()));
    }

    private static String sign(CacheDiff.Kind kind) {
        return switch (kind) {
            case ONLY_IN_FIRST -> "<";
            case ONLY_IN_SECOND -> ">";
            case DIFFERS -> "!";
        };
    }

    /** Returns kind, name and origin of a key, for text output. JSON output has the key itself. */
    private static String words(String key) {
        String origin = EntryJson.origin(key);
        return CacheInventory.kindOf(key) + " " + EntryJson.label(key) + (origin.equals("-") ? "" : " from " + origin);
    }

    private static ObjectNode json(CacheDiff.Difference difference) {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.put("key", difference.key());
        json.put("difference", difference.kind().name().toLowerCase(Locale.ROOT));
        put(json, "first", difference.first());
        put(json, "second", difference.second());
        return json;
    }

    private static void put(ObjectNode json, String member, @Nullable EntryMetadata head) {
        if (head != null) {
            json.putObject(member)
                    .put("integrity", head.integrity())
                    .put("rev", head.rev())
                    .put("outcome", head.outcome())
                    .put("bytes", head.sizeBytes());
        }
    }

    private String summary() {
        return Amount.number(counts.getOrDefault(CacheDiff.Kind.ONLY_IN_FIRST, 0L)) + " only here, "
                + Amount.number(counts.getOrDefault(CacheDiff.Kind.ONLY_IN_SECOND, 0L)) + " only there, "
                + Amount.number(counts.getOrDefault(CacheDiff.Kind.DIFFERS, 0L)) + " differ.";
    }
}

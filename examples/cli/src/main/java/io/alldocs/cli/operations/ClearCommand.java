package io.alldocs.cli.operations;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.alldocs.cache.Cache;
import io.alldocs.cache.entry.EntryMetadata;
import io.alldocs.cli.Amount;
import io.alldocs.cli.ExitCode;
import io.alldocs.cli.Progress;
import io.alldocs.cli.UsageException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Deletes entries, or lists those that it would delete. */
@Command(
        name = "clear",
        description = {
            "Prints what it would delete from a cache. With --yes, deletes it.",
            "Only --all selects everything. The next bootstrap fetches what was deleted."
        },
        exitCodeList = {
            "0:printed, or deleted",
            "1:the store could not be read or changed to the end",
            "2:the command line is invalid, or a file or folder that it names cannot be used"
        })
public final class ClearCommand extends CacheCommand {
    private static final int BATCH = 500;

    @Option(
            names = "--older-than",
            paramLabel = "AGE",
            converter = Age.class,
            description =
                    "Only entries that were neither fetched nor confirmed within this time: 30d, 12h, 45m or 90s.")
    private @Nullable Duration olderThan;

    @Option(names = "--all", description = "All of them, instead of a choice.")
    private boolean all;

    @Option(names = "--yes", description = "Delete. Without --yes, nothing is changed.")
    private boolean yes;

    private long entries;
    private long bytes;

    /** Creates a command that reads its environment variables from {@code environment}. */
    public ClearCommand(Map<String, String> environment) {
        super(environment);
    }

    @Override
    void checkOptions() {
        boolean chosen = selection().isGiven() || olderThan != null;
        UsageException.refuse(
                !chosen && !all,
                "Select the entries with --kind, --origin, --package, --prefix or --older-than, or use --all");
        UsageException.refuse(chosen && all, "--all cannot be used together with options that select entries");
    }

    @Override
    int run(Cache cache, Progress progress) {
        progress.begin("entries", 0);
        Instant before =
                olderThan == null ? Instant.MAX : cache.clock().instant().minus(olderThan);
        try (Stream<String> keys = selection()
                .of(cache)
                .heads((key, head) -> chosen(key, head, before))
                .filter(Objects::nonNull)) {
            Iterator<String> chosen = keys.iterator();
            List<String> batch = new ArrayList<>();
            while (chosen.hasNext()) {
                batch.add(chosen.next());
                if (batch.size() == BATCH || !chosen.hasNext()) {
                    delete(cache, batch);
                    progress.advance(batch.size());
                    batch.clear();
                }
            }
        }
        progress.end();
        tell();
        return ExitCode.COMPLETE;
    }

    private @Nullable String chosen(String key, EntryMetadata head, Instant before) {
        if (!head.validatedAt().isBefore(before)) {
            return null;
        }
        entries++;
        bytes += head.sizeBytes();
        return key;
    }

    private void delete(Cache cache, List<String> keys) {
        if (yes) {
            cache.deleteAll(keys);
        }
    }

    private void tell() {
        if (json()) {
            out().println(JsonNodeFactory.instance
                    .objectNode()
                    .put("entries", entries)
                    .put("bytes", bytes)
                    .put("deleted", yes));
        } else {
            String what = Amount.number(entries) + (entries == 1 ? " entry" : " entries") + ", " + Amount.bytes(bytes);
            out().println(yes ? "Deleted " + what + "." : "Would delete " + what + ". Add --yes to delete.");
        }
    }
}

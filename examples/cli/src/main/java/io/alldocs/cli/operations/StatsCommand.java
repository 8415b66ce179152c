package io.alldocs.cli.operations;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.alldocs.cache.Cache;
import io.alldocs.cache.scan.CacheInventory;
import io.alldocs.cache.scan.CacheInventory.Group;
import io.alldocs.cli.Amount;
import io.alldocs.cli.ExitCode;
import io.alldocs.cli.Progress;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;

/** Counts entries by kind and origin. */
@Command(
        name = "stats",
        description = "Counts the entries of a cache by kind and origin: bytes, ages, outcomes. Reads only metadata.",
        exitCodeList = {
            "0:counted",
            "1:the store could not be read to the end, or the metadata of entries is damaged",
            "2:the command line is invalid, or a file or folder that it names cannot be used"
        })
public final class StatsCommand extends CacheCommand {
    private static final String ROW = "%-12s %-32s %12s %12s %10s %10s %10s  %s%n";

    /** Creates a command that reads its environment variables from {@code environment}. */
    public StatsCommand(Map<String, String> environment) {
        super(environment);
    }

    @Override
    int run(Cache cache, Progress progress) {
        progress.begin("entries", 0);
        CacheInventory stats = CacheInventory.of(selection().of(cache).where(key -> {
            progress.advance(1);
            return true;
        }));
        progress.end();
        if (json()) {
            out().println(json(stats).toPrettyString());
        } else {
            table(stats, cache.clock().instant());
        }
        return stats.damaged() == 0 ? ExitCode.COMPLETE : ExitCode.PARTIAL;
    }

    private void table(CacheInventory stats, Instant now) {
        out().printf(ROW, "kind", "origin", "entries", "stored", "mean", "oldest", "newest", "outcomes");
        for (Group group : stats.groups()) {
            out().printf(
                            ROW,
                            group.kind(),
                            EntryJson.origin(group.largestKey()),
                            Amount.number(group.entries()),
                            Amount.bytes(group.bytes()),
                            Amount.bytes(group.bytes() / group.entries()),
                            age(group.oldest(), now),
                            age(group.newest(), now),
                            group.outcomes().entrySet().stream()
                                    .map(each -> each.getKey() + " " + Amount.number(each.getValue()))
                                    .collect(Collectors.joining(", ")));
        }
        stats.groups().stream()
                .filter(group -> !group.kind().equals(CacheInventory.OTHER))
                .forEach(group -> out().printf(
                                "Largest %s of %s: %s, %s%n",
                                group.kind(),
                                EntryJson.origin(group.largestKey()),
                                EntryJson.label(group.largestKey()),
                                Amount.bytes(group.largest())));
        if (stats.damaged() > 0) {
            out().println("Metadata that cannot be read: " + Amount.number(stats.damaged())
                    + " of the entries; run all-docs verify.");
        }
    }

    private static String age(@Nullable Instant time, Instant now) {
        return time == null ? "-" : Amount.age(Duration.between(time, now));
    }

    private static ObjectNode json(CacheInventory stats) {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.putArray("groups");
        for (Group group : stats.groups()) {
            ObjectNode node = json.withArray("groups").addObject();
            node.put("kind", group.kind()).put("origin", group.origin());
            node.put("entries", group.entries()).put("bytes", group.bytes());
            node.put("oldest", String.valueOf(group.oldest())).put("newest", String.valueOf(group.newest()));
            node.put("largestBytes", group.largest()).put("largestKey", group.largestKey());
            ObjectNode outcomes = node.putObject("outcomes");
            group.outcomes().forEach(outcomes::put);
        }
        return json.put("damaged", stats.damaged());
    }
}

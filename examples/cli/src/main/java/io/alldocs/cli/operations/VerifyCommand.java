package io.alldocs.cli.operations;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.alldocs.cache.Cache;
import io.alldocs.cache.spi.VerifyOptions;
import io.alldocs.cache.spi.VerifyReport;
import io.alldocs.cli.Amount;
import io.alldocs.cli.Environment;
import io.alldocs.cli.ExitCode;
import io.alldocs.cli.Progress;
import io.alldocs.cli.UsageException;
import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Checks every digest, and repairs damaged entries if requested. */
@Command(
        name = "verify",
        description = {
            "Checks the digest of every entry of a cache, and finds files that belong to no entry. Changes nothing"
                    + " without --repair. With --repair it fetches damaged entries again, and removes those that"
                    + " stay damaged."
        },
        exitCodeList = {
            "0:everything is intact, or was repaired",
            "1:something is damaged, or could not be fetched again",
            "2:the command line is invalid, or a file or folder that it names cannot be used"
        })
public final class VerifyCommand extends CacheCommand {
    @Option(names = "--repair", description = "Repair what is damaged or missing, then report again.")
    private boolean repair;

    @Option(
            names = "--younger-than",
            paramLabel = "AGE",
            converter = Age.class,
            description = "Keep files that changed within AGE, because a writer may still need them. Default: 10m")
    private @Nullable Duration youngerThan;

    /** Creates a command that reads its environment variables from {@code environment}. */
    public VerifyCommand(Map<String, String> environment) {
        super(environment);
    }

    @Override
    void checkOptions() {
        UsageException.refuse(
                selection().isGiven(), "verify checks the whole cache; remove the options that select entries");
    }

    @Override
    int run(Cache cache, Progress progress) {
        if (!repair) {
            VerifyReport found = cache.verify(options(false));
            tell(found, null);
            return found.clean() ? ExitCode.COMPLETE : ExitCode.PARTIAL;
        }
        Refetch refetch = new Refetch(cache, Environment.npmConfig(environment()), progress);
        refetch.run();
        VerifyReport left = cache.verify(options(true));
        tell(left, refetch);
        return refetch.failed() == 0 ? ExitCode.COMPLETE : ExitCode.PARTIAL;
    }

    private VerifyOptions options(boolean repairing) {
        VerifyOptions defaults = repairing ? VerifyOptions.repairing() : VerifyOptions.dryRun();
        return youngerThan == null ? defaults : new VerifyOptions(repairing, youngerThan, defaults.concurrency());
    }

    private void tell(VerifyReport report, @Nullable Refetch refetch) {
        if (json()) {
            out().println(json(report, refetch).toPrettyString());
            return;
        }
        if (refetch != null) {
            out().println(Amount.number(refetch.damaged()) + " damaged, " + Amount.number(refetch.fetched())
                    + " of them fetched again.");
            refetch.failures().forEach(failure -> out().println("Not fetched again: " + failure));
        }
        out().println("Entries: " + Amount.number(report.totalEntries()) + "; bodies: "
                + Amount.number(report.verifiedContent())
                + " intact (" + Amount.bytes(report.keptSizeBytes()) + "), "
                + Amount.number(report.badContentCount()) + " damaged, "
                + Amount.number(report.missingContent()) + " missing, "
                + Amount.number(report.reclaimedCount()) + " without an entry ("
                + Amount.bytes(report.reclaimedSizeBytes()) + "); unreadable records: "
                + Amount.number(report.rejectedEntries()) + ".");
        report.problems().forEach(out()::println);
    }

    private static ObjectNode json(VerifyReport report, @Nullable Refetch refetch) {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.put("totalEntries", report.totalEntries());
        json.put("verifiedContent", report.verifiedContent());
        json.put("badContentCount", report.badContentCount());
        json.put("missingContent", report.missingContent());
        json.put("rejectedEntries", report.rejectedEntries());
        json.put("reclaimedCount", report.reclaimedCount());
        json.put("reclaimedBytes", report.reclaimedSizeBytes());
        json.put("keptBytes", report.keptSizeBytes());
        report.problems().forEach(json.putArray("problems")::add);
        if (refetch != null) {
            ObjectNode node = json.putObject("repair");
            node.put("damaged", refetch.damaged()).put("fetched", refetch.fetched());
            refetch.failures().forEach(node.putArray("failures")::add);
        }
        return json;
    }
}

package io.alldocs.cli.operations;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.alldocs.cache.Cache;
import io.alldocs.cache.scan.CacheCopy;
import io.alldocs.cli.Amount;
import io.alldocs.cli.CacheLocation;
import io.alldocs.cli.ExitCode;
import io.alldocs.cli.Progress;
import io.alldocs.cli.UsageException;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Copies entries to another cache. */
@Command(
        name = "copy",
        description = {
            "Copies the entries of a cache into another cache, which may have another driver, and checks every digest.",
            "Existing entries are kept. If it is interrupted, the same command resumes. Later, the same command"
                    + " copies new entries."
        },
        exitCodeList = {
            "0:the other cache has all entries",
            "1:an entry is damaged or too large for the other cache, or the copy was interrupted; the same command"
                    + " resumes",
            "2:the command line is invalid, or a file or folder that it names cannot be used"
        })
public final class CopyCommand extends CacheCommand {
    @Parameters(
            paramLabel = "[DRIVER:]TARGET",
            converter = CacheLocation.Converter.class,
            description = "The other cache, created if it does not exist: a folder, or a driver and a folder or bucket,"
                    + " such as sqlite:./copy or s3:my-bucket.")
    @SuppressWarnings("NullAway.Init") // set by picocli
    private CacheLocation target;

    @Option(
            names = "--concurrency",
            paramLabel = "N",
            defaultValue = "4",
            description = "Requests or items that are processed at the same time. Default: ${DEFAULT-VALUE}")
    private int concurrency;

    /** Creates a command that reads its environment variables from {@code environment}. */
    public CopyCommand(Map<String, String> environment) {
        super(environment);
    }

    @Override
    void checkOptions() {
        UsageException.refuse(concurrency < 1, "--concurrency must be at least 1: " + concurrency);
    }

    @Override
    int run(Cache cache, Progress progress) {
        CacheCopy.Report report;
        try (Cache copy = target.open(environment())) {
            progress.begin("entries", 0);
            report = CacheCopy.run(cache.driver(), copy.driver(), selection().keys(), concurrency, progress::advance);
            progress.end();
        }
        if (json()) {
            out().println(json(report).toPrettyString());
        } else {
            out().println(Amount.number(report.copied()) + " copied (" + Amount.bytes(report.copiedBytes()) + "), "
                    + Amount.number(report.alreadyThere()) + " there already, "
                    + Amount.number(report.leftOut()) + " left out.");
            report.problems().forEach(problem -> out().println("Left out: " + problem));
        }
        return report.complete() ? ExitCode.COMPLETE : ExitCode.PARTIAL;
    }

    private static ObjectNode json(CacheCopy.Report report) {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.put("copied", report.copied()).put("copiedBytes", report.copiedBytes());
        json.put("alreadyThere", report.alreadyThere()).put("leftOut", report.leftOut());
        report.problems().forEach(json.putArray("problems")::add);
        return json;
    }
}

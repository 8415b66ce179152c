package io.alldocs.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.alldocs.cache.StorageException;
import io.alldocs.http.CancelledException;
import io.alldocs.http.RequestException;
import io.alldocs.packument.NotARegistryException;
import io.alldocs.partition.OriginException;
import io.alldocs.sync.SyncException;
import io.alldocs.sync.SyncReport;
import io.alldocs.sync.SyncResult;
import java.io.PrintWriter;
import java.util.Locale;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;

/** Turns exceptions into one paragraph on standard error and an exit code. Stack traces are for {@code --verbose}. */
public final class Errors {
    private static final int LONGEST_MESSAGE = 1_000;
    private static final Pattern LINE_END = Pattern.compile("\\R");

    private Errors() {}

    static int explainUsage(ParameterException exception, String[] args) {
        CommandLine command = exception.getCommandLine();
        PrintWriter err = command.getErr();
        if (args.length == 0) {
            command.usage(err);
            return ExitCode.USAGE;
        }
        err.println("Error: " + shortened(UsageWords.of(exception, args)));
        err.printf(Locale.ROOT, "See '%s --help'.%n", command.getCommandSpec().qualifiedName());
        return ExitCode.USAGE;
    }

    static int explain(Exception exception, CommandLine command, ParseResult parsed) {
        if (exception instanceof Terminal.ReaderLeftException) {
            return ExitCode.COMPLETE;
        }
        PrintWriter err = command.getErr();
        err.println("Error: " + message(exception));
        if (exception instanceof UsageException usage) {
            usage.details().forEach(err::println);
        }
        if (verbose(parsed)) {
            exception.printStackTrace(err);
        }
        return exitCode(exception);
    }

    /** The message of {@code error} in one line of bounded length; its type where it has none. */
    public static String message(Throwable error) {
        String message = error.getMessage();
        return shortened(message == null || message.isBlank() ? error.toString() : message);
    }

    /** What {@code error} means for the program that it ended. */
    public static int exitCode(Throwable error) {
        if (error instanceof CancelledException || error instanceof StorageException) {
            return ExitCode.PARTIAL;
        }
        if (error instanceof RequestException
                || error instanceof OriginException
                || error instanceof NotARegistryException) {
            return ExitCode.REFUSED;
        }
        boolean usage = error instanceof UsageException
                || error instanceof SyncException
                || error instanceof IllegalArgumentException;
        return usage ? ExitCode.USAGE : ExitCode.PARTIAL;
    }

    /** What the end of a bootstrap means for its program. */
    public static int exitCode(SyncResult result) {
        RuntimeException cause = result.cause();
        if (cause != null && result.status() != SyncResult.Status.INTERRUPTED) {
            return exitCode(cause);
        }
        return switch (result.status()) {
            case COMPLETE -> ExitCode.COMPLETE;
            case REFUSED -> ExitCode.REFUSED;
            case PARTIAL, INTERRUPTED -> ExitCode.PARTIAL;
        };
    }

    /** What a report means for its program: REFUSED when the origin was to be asked and did not answer. */
    public static int exitCode(SyncReport report) {
        if (report.isOriginAway()) {
            return ExitCode.REFUSED;
        }
        return report.status() == SyncReport.Status.COMPLETE ? ExitCode.COMPLETE : ExitCode.PARTIAL;
    }

    /** A result or report for a file, with the exit code after its status. */
    public static ObjectNode json(JsonNode report, int exitCode) {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        report.properties().forEach(field -> {
            json.set(field.getKey(), field.getValue());
            if (field.getKey().equals("status")) {
                json.put("exitCode", exitCode);
            }
        });
        return json;
    }

    private static String shortened(String message) {
        String line = oneLine(message);
        return line.length() <= LONGEST_MESSAGE
                ? line
                : line.substring(0, LONGEST_MESSAGE) + "… (" + line.length() + " characters)";
    }

    /** {@code text} without the ends of its lines and the spaces around them. */
    public static String oneLine(String text) {
        return LINE_END.splitAsStream(text)
                .map(String::strip)
                .filter(line -> !line.isEmpty())
                .collect(Collectors.joining(" "));
    }

    private static boolean verbose(ParseResult parsed) {
        ParseResult deepest = parsed;
        while (deepest.hasSubcommand()) {
            deepest = deepest.subcommand();
        }
        return deepest.hasMatchedOption("--verbose");
    }
}

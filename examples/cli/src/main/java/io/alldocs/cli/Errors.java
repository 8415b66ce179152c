package io.alldocs.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.alldocs.OperationInterruptedException;
import io.alldocs.cache.spi.StorageException;
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

/**
 * Turns exceptions into one paragraph on standard error and an exit code. Stack traces are printed with {@code
 * --verbose} only.
 */
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

    /** Returns the message of {@code error} in one line of bounded length, or its type if it has no message. */
    public static String message(Throwable error) {
        String message = error.getMessage();
        return shortened(message == null || message.isBlank() ? error.toString() : message);
    }

    /** Returns the exit code of a program that {@code error} ended. */
    public static int exitCode(Throwable error) {
        if (error instanceof OperationInterruptedException || error instanceof StorageException) {
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

    /** Returns the exit code for the result of a bootstrap. */
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

    /** Returns the exit code for a report: REFUSED if the report needed the origin and the origin did not respond. */
    public static int exitCode(SyncReport report) {
        if (report.isOriginAway()) {
            return ExitCode.REFUSED;
        }
        return report.status() == SyncReport.Status.COMPLETE ? ExitCode.COMPLETE : ExitCode.PARTIAL;
    }

    /** Returns a copy of a result or report, with the exit code after its status. For a file. */
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

    /** Returns {@code text} in one line, without the line breaks and the spaces around them. */
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

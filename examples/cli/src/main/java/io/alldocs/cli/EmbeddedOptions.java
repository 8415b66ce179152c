package io.alldocs.cli;

import io.alldocs.examples.registry.EmbeddedRegistry;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/**
 * Options of an embedded registry with generated packages. The command starts the registry and uses it as the origin. A
 * picocli mixin for every command that works on a job.
 */
public final class EmbeddedOptions {
    private static final int DEFAULT_PORT = 7850;

    @Option(
            names = "--embedded",
            paramLabel = "N",
            description =
                    "Start a registry with N made-up packages in this process, and use it as origin and registry.")
    private @Nullable Integer names;

    @Option(
            names = "--port",
            paramLabel = "P",
            defaultValue = "" + DEFAULT_PORT,
            description = "Port to listen on, 0 for a free port. Default: ${DEFAULT-VALUE} (with --embedded)")
    private int port;

    /** Creates the options; called by picocli. */
    public EmbeddedOptions() {}

    /** Returns the arguments that start a registry of this number of names at this port. */
    public static List<String> arguments(String names, int port) {
        return port == DEFAULT_PORT
                ? List.of("--embedded", names)
                : List.of("--embedded", names, "--port", Integer.toString(port));
    }

    /** Returns whether the options request an embedded registry. */
    public boolean areGiven() {
        return names != null;
    }

    /**
     * Validates what picocli cannot.
     *
     * @throws UsageException if a number is out of range
     */
    public void check() {
        UsageException.refuse(names != null && names < 0, "--embedded must be a number of names, 0 or more: " + names);
        UsageException.refuse(port < 0 || port > 65_535, "--port must be between 0 and 65535: " + port);
    }

    /**
     * Starts the registry and returns it; the caller closes it. Empty if the options do not request one.
     *
     * @throws UsageException if the port is in use
     */
    public Optional<EmbeddedRegistry> start() {
        if (names == null) {
            return Optional.empty();
        }
        try {
            return Optional.of(
                    EmbeddedRegistry.builder().names(names).port(port).start());
        } catch (UncheckedIOException e) {
            throw new UsageException(
                    "Port " + port
                            + " of this machine is in use, perhaps by another run. Choose a free port with --port P.",
                    e);
        }
    }
}

package io.alldocs.cli;

import io.alldocs.examples.registry.EmbeddedRegistry;
import java.io.UncheckedIOException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/**
 * Options of a made-up registry that a command starts for itself. To be mixed into every command that works on a job.
 */
public final class EmbeddedOptions {
    @Option(
            names = "--embedded",
            paramLabel = "N",
            description = "Start a registry of N made-up names in this process, and use it as origin and registry.")
    private @Nullable Integer names;

    @Option(
            names = "--port",
            paramLabel = "P",
            defaultValue = "7850",
            description =
                    "Port of the server that the command starts, 0 for a free one. Default: ${DEFAULT-VALUE} (with --embedded)")
    private int port;

    /** Made by picocli. */
    public EmbeddedOptions() {}

    /** Whether a registry is wanted. */
    public boolean areGiven() {
        return names != null;
    }

    /**
     * Checks what picocli cannot.
     *
     * @throws UsageException for a number that is out of range
     */
    public void check() {
        UsageException.refuse(names != null && names < 0, "--embedded must be a number of names, 0 or more: " + names);
        UsageException.refuse(port < 0 || port > 65_535, "--port must be between 0 and 65535: " + port);
    }

    /**
     * The registry, started; whoever asked closes it. Empty when none is wanted.
     *
     * @throws UsageException when the port is taken
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
                            + " of this machine is taken, perhaps by another run; name a free one with --port P.",
                    e);
        }
    }
}

package io.alldocs.cli.bootstrap;

import static io.alldocs.cli.UsageException.refuse;

import io.alldocs.cli.Address;
import io.alldocs.cli.EmbeddedOptions;
import io.alldocs.examples.registry.EmbeddedRegistry;
import java.net.URI;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Options that set where names and packuments come from. A picocli mixin for every command that works on a job. */
public final class SourceOptions {
    @Option(
            names = "--origin",
            paramLabel = "URL",
            converter = Address.class,
            description =
                    "CouchDB database that lists the names. Default: NPM_ORIGIN, else https://replicate.npmjs.com")
    private @Nullable URI origin;

    @Option(
            names = "--registry",
            paramLabel = "URL",
            converter = Address.class,
            description =
                    "Registry of the packuments. Default: NPM_REGISTRY, else that of .npmrc, else https://registry.npmjs.com")
    private @Nullable URI registry;

    @Mixin
    private EmbeddedOptions embedded = new EmbeddedOptions();

    /** Creates the options; called by picocli. */
    public SourceOptions() {}

    /**
     * Validates what picocli cannot.
     *
     * @throws io.alldocs.cli.UsageException if options cannot be used together or a value is out of range
     */
    public void check() {
        embedded.check();
        refuse(
                embedded.areGiven() && (origin != null || registry != null),
                "--embedded starts its own origin and registry; remove --origin and --registry");
    }

    /** Returns whether any of these options was given. */
    public boolean areGiven() {
        return origin != null || registry != null || embedded.areGiven();
    }

    /** Returns whether the options request an embedded registry. */
    public boolean isEmbedded() {
        return embedded.areGiven();
    }

    /**
     * Returns the given database. After {@link #start}, returns the database of the embedded registry if one was
     * started.
     */
    public Optional<URI> origin() {
        return Optional.ofNullable(origin);
    }

    /** Returns the given registry. After {@link #start}, returns the embedded registry if one was started. */
    public Optional<URI> registry() {
        return Optional.ofNullable(registry);
    }

    /**
     * Starts the embedded registry if the options request one, and uses it as origin and registry. The caller closes
     * it.
     *
     * @throws io.alldocs.cli.UsageException if its port is in use
     */
    public Optional<EmbeddedRegistry> start() {
        Optional<EmbeddedRegistry> started = embedded.start();
        started.ifPresent(server -> {
            origin = server.origin();
            registry = server.origin();
        });
        return started;
    }
}

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

/** Options that say where names and packuments come from. To be mixed into every command that works on a job. */
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

    /** Made by picocli. */
    public SourceOptions() {}

    /**
     * Checks what picocli cannot.
     *
     * @throws io.alldocs.cli.UsageException for options that exclude each other or are out of range
     */
    public void check() {
        embedded.check();
        refuse(
                embedded.areGiven() && (origin != null || registry != null),
                "--embedded is origin and registry itself; leave --origin and --registry out");
    }

    /** Whether any of them was given. */
    public boolean areGiven() {
        return origin != null || registry != null || embedded.areGiven();
    }

    /** Whether a made-up registry is wanted. */
    public boolean isEmbedded() {
        return embedded.areGiven();
    }

    /** The database that was named; after {@link #start} the made-up registry's. */
    public Optional<URI> origin() {
        return Optional.ofNullable(origin);
    }

    /** As {@link #origin}, for the registry. */
    public Optional<URI> registry() {
        return Optional.ofNullable(registry);
    }

    /**
     * Starts the made-up registry if one is wanted, which becomes origin and registry; whoever asked closes it.
     *
     * @throws io.alldocs.cli.UsageException when its port is taken
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

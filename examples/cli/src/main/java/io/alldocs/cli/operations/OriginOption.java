package io.alldocs.cli.operations;

import io.alldocs.cli.UsageException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The option that selects the entries of one origin. A picocli mixin. */
final class OriginOption {
    @Option(
            names = "--origin",
            paramLabel = "ORIGIN",
            description =
                    "Only entries of this origin or registry: its address, or its short form in keys, such as npm. Default: all; for a"
                            + " single package, the only one that has it")
    private @Nullable String origin;

    /** Creates the option; called by picocli. */
    OriginOption() {}

    /**
     * Returns the origin as it appears in keys; empty if the option was not given.
     *
     * @throws UsageException if the address cannot be used
     */
    Optional<String> origin() {
        return Optional.ofNullable(origin).map(Selection::originPart);
    }
}

package io.alldocs.cli.operations;

import io.alldocs.cli.UsageException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The option that chooses the entries of one origin. To be mixed into a command. */
final class OriginOption {
    @Option(
            names = "--origin",
            paramLabel = "ORIGIN",
            description =
                    "Only entries of this origin or registry: its address, or its form in keys (npm). Default: all; a single package must"
                            + " be of one")
    private @Nullable String origin;

    /** Made by picocli. */
    OriginOption() {}

    /** Its form in keys.
     *
     * @throws UsageException for an address that cannot be used
     */
    Optional<String> origin() {
        return Optional.ofNullable(origin).map(Selection::originPart);
    }
}

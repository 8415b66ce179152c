package io.alldocs.cli.bootstrap;

import io.alldocs.cli.FilterOptions;
import io.alldocs.cli.UsageException;
import picocli.CommandLine.Option;

/** The option that leaves packuments out. To be mixed into a command. */
public final class NamesOnlyOption {
    @Option(names = "--names-only", description = "List the names; fetch no packuments.")
    private boolean given;

    /** Made by picocli. */
    public NamesOnlyOption() {}

    /** Whether only names are wanted. */
    public boolean isGiven() {
        return given;
    }

    /**
     * Checks that no filter of packuments was given as well.
     *
     * @throws UsageException when one was
     */
    public void refuseWith(FilterOptions filter) {
        UsageException.refuse(
                given && filter.areGiven(), "--names-only fetches no packuments, which --allow and --deny are about");
    }
}

package io.alldocs.cli.bootstrap;

import io.alldocs.cli.FilterOptions;
import io.alldocs.cli.UsageException;
import picocli.CommandLine.Option;

/** The option that fetches names without packuments. A picocli mixin. */
public final class NamesOnlyOption {
    @Option(names = "--names-only", description = "List the names; fetch no packuments.")
    private boolean given;

    /** Creates the option; called by picocli. */
    public NamesOnlyOption() {}

    /** Returns whether only names are fetched. */
    public boolean isGiven() {
        return given;
    }

    /**
     * Checks that this option is not combined with a filter of packuments.
     *
     * @throws UsageException if both were given
     */
    public void refuseWith(FilterOptions filter) {
        UsageException.refuse(
                given && filter.areGiven(),
                "--names-only cannot be used with --allow and --deny, which select packuments");
    }
}

package io.alldocs.cli.bootstrap;

import static io.alldocs.cli.UsageException.refuse;

import io.alldocs.cli.Address;
import io.alldocs.cli.CacheOptions;
import io.alldocs.cli.FilterOptions;
import io.alldocs.cli.UsageException;
import io.alldocs.cli.names.NamesInput;
import io.alldocs.http.HostLimiters;
import io.alldocs.http.NpmConfig;
import io.alldocs.packument.PackumentClient;
import io.alldocs.sync.DeletionPolicy;
import io.alldocs.sync.NameList;
import io.alldocs.sync.SyncForm;
import io.alldocs.sync.SyncJob;
import java.net.URI;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Options that say what a job fetches, from where, how fast, and into which cache. To be mixed into every command that works on a job. */
public final class JobOptions {
    @Option(
            names = "--origin",
            paramLabel = "URL",
            converter = Address.class,
            description = "CouchDB database that lists the names. Default: https://replicate.npmjs.com")
    private @Nullable URI origin;

    @Option(
            names = "--registry",
            paramLabel = "URL",
            converter = Address.class,
            description = "Registry of the packuments. Default: that of .npmrc, else https://registry.npmjs.com")
    private @Nullable URI registry;

    @Mixin
    private CacheOptions cacheOptions = new CacheOptions();

    @Option(names = "--start", paramLabel = "KEY", description = "First name of a range.")
    private @Nullable String start;

    @Option(names = "--end", paramLabel = "KEY", description = "Name before which the range ends.")
    private @Nullable String end;

    @Option(names = "--prefix", paramLabel = "P", description = "Only names that begin with P.")
    private @Nullable String prefix;

    @Option(
            names = "--names",
            paramLabel = "FILE",
            description =
                    "Only the names in FILE (- for standard input): names or specs (name@version, the version is ignored), one per line"
                            + " with # for comments; a JSON array of them; a package.json; or a package-lock.json. Without --origin"
                            + " requests go to the registry only.")
    private @Nullable String names;

    @Mixin
    private FilterOptions filterOptions = new FilterOptions();

    @Option(names = "--names-only", description = "List the names; fetch no packuments.")
    private boolean namesOnly;

    @Option(names = "--abbreviated", description = "Fetch the abbreviated packuments that installers use.")
    private boolean abbreviated;

    @Option(
            names = "--concurrency",
            paramLabel = "N",
            defaultValue = "" + PackumentClient.Builder.DEFAULT_CONCURRENCY,
            description = "Packuments asked for at the same time. Default: ${DEFAULT-VALUE}")
    private int concurrency;

    @Option(
            names = "--rate",
            paramLabel = "N",
            description = "Requests a second to the registry, 0 for no limit. Default: 50; no limit on this machine")
    private @Nullable Double rate;

    private List<String> notes = List.of();

    /** Made by picocli. */
    public JobOptions() {}

    /**
     * Checks what picocli cannot.
     *
     * @throws UsageException for options that exclude each other or are out of range
     */
    public void check() {
        refuse(
                names != null && (start != null || end != null || prefix != null),
                "--names and a range of keys exclude each other");
        refuse(names != null && namesOnly, "--names and --names-only together leave nothing to fetch");
        refuse(namesOnly && abbreviated, "--names-only and --abbreviated exclude each other");
        refuse(
                namesOnly && filterOptions.areGiven(),
                "--names-only fetches no packuments, which --allow and --deny are about");
        refuse(concurrency < 1, "--concurrency is at least 1");
        refuse(rate != null && !(rate >= 0), "--rate is 0 or more");
    }

    /** Whether the command line names where names or packuments come from. */
    boolean namesASource() {
        return origin != null || registry != null;
    }

    /** Makes {@code address} origin and registry. */
    void comeFrom(URI address) {
        origin = address;
        registry = address;
    }

    /** The options of the cache. */
    public CacheOptions cache() {
        return cacheOptions;
    }

    /** The job; a file of names is read through. */
    SyncJob job(NpmConfig npmrc, DeletionPolicy deletions) {
        Optional<NameList> file = Optional.ofNullable(names).map(this::nameList);
        boolean registryOnly = file.isPresent() && origin == null;
        URI database = origin == null ? SyncJob.NPM_ORIGIN : origin;
        URI packages = registry == null ? npmrc.registry().orElse(SyncJob.NPM_REGISTRY) : registry;
        SyncForm form = namesOnly ? SyncForm.NAMES : abbreviated ? SyncForm.ABBREVIATED : SyncForm.FULL;
        return new SyncJob(
                registryOnly ? Optional.empty() : Optional.of(database),
                packages,
                form,
                KeyRange.of(start, end, prefix),
                file,
                filterOptions.filter(),
                deletions);
    }

    private NameList nameList(String argument) {
        NamesInput input = NamesInput.open(argument, System.in);
        notes = input.notes();
        return NameList.open(input.file(), input.label());
    }

    /** What was ignored in the list of names, a sentence each; empty before {@link #job}. */
    List<String> notes() {
        return notes;
    }

    int concurrency() {
        return concurrency;
    }

    Optional<Double> rate() {
        return Optional.ofNullable(rate);
    }

    /** The limit towards {@code packages} in words. */
    String limit(URI packages) {
        double polite = HostLimiters.isLoopback(packages) ? 0 : PackumentClient.Builder.DEFAULT_RATE;
        double perSecond = rate == null ? polite : rate;
        return perSecond == 0 ? "no rate limit" : "at most " + perSecond + " requests/s";
    }
}

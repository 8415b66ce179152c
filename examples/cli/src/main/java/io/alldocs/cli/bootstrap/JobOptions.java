package io.alldocs.cli.bootstrap;

import static io.alldocs.cli.UsageException.refuse;

import io.alldocs.cache.CacheKey;
import io.alldocs.cli.Address;
import io.alldocs.cli.CacheOptions;
import io.alldocs.cli.FilterOptions;
import io.alldocs.cli.names.NamesInput;
import io.alldocs.http.HostLimiters;
import io.alldocs.http.NpmConfig;
import io.alldocs.packument.PackumentClientBuilder;
import io.alldocs.sync.DeletionPolicy;
import io.alldocs.sync.NameList;
import io.alldocs.sync.SyncForm;
import io.alldocs.sync.SyncJob;
import java.net.URI;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/**
 * Options for the names, the source, the rate and the cache of a job. A picocli mixin for every command that works on a
 * job.
 */
public final class JobOptions {
    @Mixin
    private SourceOptions source = new SourceOptions();

    @Mixin
    private CacheOptions cacheOptions = new CacheOptions();

    @Mixin
    private RangeOptions range = new RangeOptions();

    @Option(
            names = "--names",
            paramLabel = "FILE",
            description =
                    "Only the names in FILE (- for standard input). Formats: names or specs, one per line with # for"
                            + " comments; a JSON array of them; a package.json; a package-lock.json. The version of a"
                            + " spec (name@version) is ignored. Without --origin, requests go to the registry only.")
    private @Nullable String names;

    @Mixin
    private FilterOptions filterOptions = new FilterOptions();

    @Mixin
    private NamesOnlyOption namesOnly = new NamesOnlyOption();

    @Option(names = "--abbreviated", description = "Fetch the abbreviated packuments that installers use.")
    private boolean abbreviated;

    @Option(
            names = "--concurrency",
            paramLabel = "N",
            defaultValue = "" + PackumentClientBuilder.DEFAULT_CONCURRENCY,
            description = "Requests or items that are processed at the same time. Default: ${DEFAULT-VALUE}")
    private int concurrency;

    @Option(
            names = "--rate",
            paramLabel = "N",
            description = "Requests per second to the registry, 0 for no limit. Default: 50; no limit for a registry"
                    + " on this machine")
    private @Nullable Double rate;

    private List<String> notes = List.of();

    /** Creates the options; called by picocli. */
    public JobOptions() {}

    /**
     * Validates what picocli cannot.
     *
     * @throws io.alldocs.cli.UsageException if options cannot be used together or a value is out of range
     */
    public void check() {
        source.check();
        refuse(names != null && range.areGiven(), "--names cannot be used together with --prefix, --start or --end");
        refuse(
                names != null && namesOnly.isGiven(),
                "--names and --names-only cannot be used together: nothing would be fetched");
        refuse(namesOnly.isGiven() && abbreviated, "--names-only and --abbreviated cannot be used together");
        namesOnly.refuseWith(filterOptions);
        refuse(concurrency < 1, "--concurrency must be at least 1: " + concurrency);
        refuse(rate != null && !(rate >= 0), "--rate must be at least 0: " + rate);
    }

    /** Returns whether an option identifies a job. */
    boolean nameAJob() {
        return source.areGiven()
                || range.areGiven()
                || names != null
                || filterOptions.areGiven()
                || namesOnly.isGiven()
                || abbreviated;
    }

    /** Returns the options of the source of names and packuments. */
    SourceOptions source() {
        return source;
    }

    /** Returns the options of the cache. */
    public CacheOptions cache() {
        return cacheOptions;
    }

    /**
     * Returns the job that the options describe, without reading the cache. Reads the whole file of names, if there is
     * one.
     */
    SyncJob job(Map<String, String> environment, NpmConfig npmrc, DeletionPolicy deletions) {
        Optional<NameList> file = Optional.ofNullable(names).map(this::nameList);
        boolean registryOnly = file.isPresent() && source.origin().isEmpty();
        URI packages = source.registry().orElseGet(() -> npmrc.registry().orElse(SyncJob.NPM_REGISTRY));
        return new SyncJob(
                registryOnly
                        ? Optional.empty()
                        : Optional.of(source.origin().orElseGet(() -> usualOrigin(environment))),
                packages,
                form(),
                range.range(),
                file,
                filterOptions.filter(),
                deletions);
    }

    private static URI usualOrigin(Map<String, String> environment) {
        return Optional.ofNullable(environment.get("NPM_ORIGIN"))
                .filter(address -> !address.isBlank())
                .map(address -> Address.of("NPM_ORIGIN", address))
                .orElse(SyncJob.NPM_ORIGIN);
    }

    private SyncForm form() {
        return namesOnly.isGiven() ? SyncForm.NAMES : abbreviated ? SyncForm.ABBREVIATED : SyncForm.FULL;
    }

    /**
     * Returns whether the given options match a stored job. Options that were not given match any job.
     *
     * @param job the stored job without its names
     * @param list label of its list of names; empty if it has none
     * @param hasOrigin whether the job has an origin
     */
    boolean mayMean(SyncJob job, String list, boolean hasOrigin) {
        return source.origin()
                        .map(origin -> hasOrigin && isSame(origin, job.origin()))
                        .orElse(true)
                && source.registry()
                        .map(registry -> isSame(registry, Optional.of(job.registry())))
                        .orElse(true)
                && (!range.areGiven() || (list.isEmpty() && range.range().equals(job.range())))
                && (names == null || label(names).equals(list))
                && (form() == SyncForm.FULL || form() == job.form());
    }

    private static boolean isSame(URI given, Optional<URI> stored) {
        return stored.map(CacheKey::originPart).equals(Optional.of(CacheKey.originPart(given)));
    }

    private static String label(String argument) {
        return argument.equals("-") ? "standard input" : argument;
    }

    /** Returns the names of a stored job, read from this file. */
    NameList nameList(String argument) {
        NamesInput input = NamesInput.open(argument, System.in);
        notes = input.notes();
        return NameList.open(input.file(), input.label());
    }

    /** Returns the options that filter names. */
    FilterOptions filter() {
        return filterOptions;
    }

    /**
     * Returns one sentence for each kind of entry that was ignored in the list of names. Empty before {@link #job} is
     * called.
     */
    List<String> notes() {
        return notes;
    }

    int concurrency() {
        return concurrency;
    }

    Optional<Double> rate() {
        return Optional.ofNullable(rate);
    }

    /** Returns the limit of requests to {@code packages}, in words. */
    String limit(URI packages) {
        double polite = HostLimiters.isLoopback(packages) ? 0 : PackumentClientBuilder.DEFAULT_RATE;
        double perSecond = rate == null ? polite : rate;
        return perSecond == 0 ? "no rate limit" : "at most " + perSecond + " requests/s";
    }
}

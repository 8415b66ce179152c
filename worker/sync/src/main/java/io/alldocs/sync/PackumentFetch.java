package io.alldocs.sync;

import io.alldocs.cache.Cache;
import io.alldocs.cache.CacheKey;
import io.alldocs.cache.CacheMode;
import io.alldocs.cache.PartitionCheckpoint;
import io.alldocs.cache.RequestOptions;
import io.alldocs.cache.entry.EntryMetadata;
import io.alldocs.cache.scan.KeyPresence;
import io.alldocs.packument.NameFilter;
import io.alldocs.packument.Outcome;
import io.alldocs.packument.PackageName;
import io.alldocs.packument.PackumentResult;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BiConsumer;
import java.util.function.BooleanSupplier;
import java.util.function.LongConsumer;

/**
 * Fetches an outcome for every name of a source. A current name costs one read of its metadata; the other names are
 * requested. Names that are absent from a listing of the store are requested without a read, so a first run reads no
 * entries. Failed names are retried in rounds over the incomplete parts, so only counts are in memory.
 */
final class PackumentFetch {
    /** Replaces the outcome of names that the filter excludes. */
    static final String DENIED = "denied";

    /**
     * Replaces the outcome of names whose scope has its own registry, so that they must not be requested from the
     * job's.
     */
    static final String OTHER_REGISTRY = "other_registry";

    /**
     * Replaces the outcome of document ids that are not package names and therefore cannot be requested from a
     * registry.
     */
    static final String UNASKABLE = "unaskable";

    /** A further round starts only if the previous one made progress; the client has already retried each request. */
    private static final int MAX_ROUNDS = 3;

    private final SyncContext context;
    private final Cache cache;
    private final Ledger ledger;
    private final BiConsumer<String, PendingRetry> lagging;
    private final Freshness freshness;
    private final Tally tally;
    private final PermanentFailures permanent;
    private final BooleanSupplier isAbandoned;
    private final LongConsumer counted;

    /** Number of names with a replacement for their outcome. */
    private final AtomicLong notAsked = new AtomicLong();

    /** Names in flight for which the store has no usable entry. */
    private final Set<String> absent = ConcurrentHashMap.newKeySet();

    /** Records the progress of the parts of a source. */
    interface Ledger {
        /** Returns whether every name of the part has an outcome. */
        boolean isComplete(int part);

        /**
         * Records that every name has an outcome; {@code details} contains the number of names by outcome, and
         * {@code rows}.
         */
        void markComplete(int part, Map<String, Object> details);

        /** Records that some names have an outcome. */
        void markPending(int part, Map<String, Object> details);

        /** Returns a ledger for a checkpoint whose partitions are the parts. */
        static Ledger of(PartitionCheckpoint checkpoint) {
            return new Ledger() {
                @Override
                public boolean isComplete(int part) {
                    return SyncContext.isComplete(checkpoint, part);
                }

                @Override
                public void markComplete(int part, Map<String, Object> details) {
                    checkpoint.markComplete(part, details);
                }

                @Override
                public void markPending(int part, Map<String, Object> details) {
                    checkpoint.markPending(part, details);
                }
            };
        }
    }

    /**
     * Creates a fetch for the partitions of a job. Packuments that lag behind their listing are retried.
     *
     * @param permanent the permanent failures of the run
     */
    PackumentFetch(SyncContext context, PermanentFailures permanent) {
        this(
                context,
                Ledger.of(context.fetched()),
                context.records().progress()::retry,
                permanent,
                () -> false,
                count -> {});
    }

    /**
     * @param lagging receives names whose packument lags behind the listed revision
     * @param permanent the permanent failures of the run
     * @param isAbandoned once it returns true, no further name is requested
     * @param counted called with the number of names that have received an outcome
     */
    PackumentFetch(
            SyncContext context,
            Ledger ledger,
            BiConsumer<String, PendingRetry> lagging,
            PermanentFailures permanent,
            BooleanSupplier isAbandoned,
            LongConsumer counted) {
        this.context = context;
        this.cache = context.cache();
        this.ledger = ledger;
        this.lagging = lagging;
        this.freshness = new Freshness(context.records(), context.cache().clock());
        this.tally = context.tally();
        this.permanent = permanent;
        this.isAbandoned = isAbandoned;
        this.counted = counted;
    }

    /**
     * Runs rounds until every part is complete, a round makes no progress, or all failures that are left are permanent.
     */
    void run(NameSource source) {
        long failedBefore = Long.MAX_VALUE;
        for (int round = 0; round < MAX_ROUNDS; round++) {
            tally.beginRound();
            pass(source);
            long failed = tally.failed();
            if (failed <= permanent.size() || failed >= failedBefore) {
                return;
            }
            failedBefore = failed;
        }
    }

    void pass(NameSource source) {
        absent.clear();
        try (KeyPresence held = new KeyPresence(cache.driver(), context.keyPrefix());
                NamesToRequest names = new NamesToRequest(
                        source, ledger, (name, rev) -> current(held, name, rev), this::isGivenUp, isAbandoned)) {
            tally.heldBefore(names.held());
            if (names.isNothingOpen()) {
                return;
            }
            context.listener().phaseStarted(SyncPhase.FETCH, names.total());
            names.onCounted(count -> {
                context.listener().progressed(count);
                counted.accept(count);
            });
            RequestOptions usual = RequestOptions.of(mode());
            context.packuments()
                    .requestAll(
                            () -> names,
                            name -> absent.remove(name) ? usual.withMode(CacheMode.RELOAD) : usual,
                            result -> answered(names, result),
                            (name, failure) -> failed(names, name, failure));
            requireNotInterrupted();
            names.finish();
            tally.hits.addAndGet(names.hits() - notAsked.getAndSet(0));
        }
    }

    /**
     * Throws if the thread was interrupted. Otherwise an interrupt might be visible only as an early end of the names.
     */
    private static void requireNotInterrupted() {
        if (Thread.currentThread().isInterrupted()) {
            throw new InterruptedRunException("Interrupted while fetching packuments.", null);
        }
    }

    /**
     * Returns the cache mode of the requests. For names from a file there is no feed that reports changes, so entries
     * that are fresh by their headers are used. Names of an origin are requested with validators, or without them if
     * everything is fetched again.
     */
    private CacheMode mode() {
        if (context.records().kind() == JobHeader.Kind.RELOAD) {
            return CacheMode.RELOAD;
        }
        return context.job().origin().isPresent() ? CacheMode.NO_CACHE : CacheMode.DEFAULT;
    }

    /**
     * Returns the outcome of a name whose stored entry can be used in this run; empty if the name must be requested.
     */
    private Optional<String> current(KeyPresence held, String name, Optional<String> listedRev) {
        if (!context.job().filter().allows(name) || !isAskable(name)) {
            notAsked.incrementAndGet();
            return Optional.of(
                    context.job().filter().allows(name)
                            ? UNASKABLE
                            : whyDenied(context.job().filter(), name));
        }
        CacheKey key = context.key(name);
        boolean listingTells = context.job().names().map(NameList::inOrder).orElse(true)
                || !cache.capabilities().orderedListing();
        if (listingTells && !held.mayHold(key.toString())) {
            absent.add(name);
            return Optional.empty();
        }
        Optional<EntryMetadata> head = cache.head(key);
        if (head.filter(freshness::isMalformedInAnEarlierRun).isPresent()) {
            absent.add(name);
            return Optional.empty();
        }
        return freshness.isCurrent(name, head, listedRev.orElse(null)) || isFreshByItsHeaders(head)
                ? head.map(EntryMetadata::outcome)
                : Optional.empty();
    }

    /** Returns the replacement for the outcome of a name that {@code filter} excludes. */
    static String whyDenied(NameFilter filter, String name) {
        return filter.isOfExcludedScope(name) ? OTHER_REGISTRY : DENIED;
    }

    /**
     * Returns whether the entry is fresh by its headers. The client would also find this, but only after reading the
     * whole entry.
     */
    private boolean isFreshByItsHeaders(Optional<EntryMetadata> head) {
        return mode() == CacheMode.DEFAULT
                && head.filter(stored -> stored.isFresh(cache.clock())).isPresent();
    }

    private boolean isGivenUp(String name) {
        Optional<RuntimeException> failure = permanent.of(name);
        failure.ifPresent(known -> {
            absent.remove(name);
            tally.stillFails(name, known);
        });
        return failure.isPresent();
    }

    private void answered(NamesToRequest names, PackumentResult result) {
        context.guard().succeeded();
        tally.answered(result);
        context.listener().outcome(result);
        Optional<String> listedRev = names.answered(result.name(), label(result.outcome()));
        boolean isThere = result.outcome() != Outcome.NOT_FOUND;
        if (isThere && listedRev.isPresent() && Retries.isBehind(result, listedRev.get())) {
            lagging.accept(result.name(), new PendingRetry(listedRev.get(), false));
        }
    }

    private void failed(NamesToRequest names, String name, RuntimeException failure) {
        if (!isAskable(name)) {
            names.answered(name, UNASKABLE);
            return;
        }
        names.failed(name);
        permanent.note(name, failure);
        tally.fail(name, failure);
        context.listener().failed(name, failure);
        context.guard().failed(failure);
    }

    /**
     * Returns whether {@code id} is a name as registries write it. A registry would answer {@code %6cib} and
     * {@code /lib} with {@code lib}, which is another document.
     */
    static boolean isAskable(String id) {
        return PackageName.isName(id) && PackageName.normalize(id).equals(id);
    }

    static String label(Outcome outcome) {
        return outcome.name().toLowerCase(java.util.Locale.ROOT);
    }
}

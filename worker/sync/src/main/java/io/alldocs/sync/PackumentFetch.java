package io.alldocs.sync;

import io.alldocs.cache.Cache;
import io.alldocs.cache.CacheKey;
import io.alldocs.cache.CacheMode;
import io.alldocs.cache.EntryHead;
import io.alldocs.cache.HeldKeys;
import io.alldocs.cache.PartitionCheckpoint;
import io.alldocs.cache.RequestOptions;
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

/**
 * Fetches an outcome for every name of a source. A name that is current costs one read of its metadata; the others are
 * requested. A listing of the store says which names it does not have, so a first run reads no entry. What failed is
 * retried in rounds over the parts that are not complete, so only counts are in memory.
 */
final class PackumentFetch {
    /** What stands in the place of an outcome for names that the filter leaves out. */
    static final String DENIED = "denied";

    /** The same for names whose scope has a registry of its own, so that the job's must not be asked. */
    static final String OTHER_REGISTRY = "other_registry";

    /** The same for ids of documents that are no package names, so that no registry can be asked. */
    static final String UNASKABLE = "unaskable";

    /** A round follows only one that got somewhere; each request has been retried by the client already. */
    private static final int MAX_ROUNDS = 3;

    private final SyncContext context;
    private final Cache cache;
    private final Ledger ledger;
    private final BiConsumer<String, PendingRetry> lagging;
    private final Freshness freshness;
    private final Tally tally;
    private final BooleanSupplier isAbandoned;

    /** Names that have something else in the place of an outcome. */
    private final AtomicLong notAsked = new AtomicLong();

    /** Names under way of which nothing is stored, or nothing that counts. */
    private final Set<String> absent = ConcurrentHashMap.newKeySet();

    /** Where the parts of a source are recorded. */
    interface Ledger {
        /** Whether every name of the part has an outcome. */
        boolean isComplete(int part);

        /** Every name has an outcome: names by outcome, and {@code rows}. */
        void markComplete(int part, Map<String, Object> details);

        /** Some names have one. */
        void markPending(int part, Map<String, Object> details);

        /** A checkpoint, whose partitions are the parts. */
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

    /** Of the partitions of a job; a packument that lags behind its listing is to be retried. */
    PackumentFetch(SyncContext context) {
        this(context, Ledger.of(context.fetched()), context.records()::retry, () -> false);
    }

    /**
     * @param lagging takes names whose packument lags behind the listed revision
     * @param isAbandoned once it is true, no further name is asked for
     */
    PackumentFetch(
            SyncContext context, Ledger ledger, BiConsumer<String, PendingRetry> lagging, BooleanSupplier isAbandoned) {
        this.context = context;
        this.cache = context.cache();
        this.ledger = ledger;
        this.lagging = lagging;
        this.freshness = new Freshness(context.records(), context.cache().clock());
        this.tally = context.tally();
        this.isAbandoned = isAbandoned;
    }

    /** Runs rounds until every part is complete, or a round brought nothing. */
    void run(NameSource source) {
        long failedBefore = Long.MAX_VALUE;
        for (int round = 0; round < MAX_ROUNDS; round++) {
            tally.beginRound();
            pass(source);
            long failed = tally.failed();
            if (failed == 0 || failed >= failedBefore) {
                return;
            }
            failedBefore = failed;
        }
    }

    void pass(NameSource source) {
        absent.clear();
        try (HeldKeys held = new HeldKeys(cache.driver(), context.keyPrefix());
                NamesToAsk names =
                        new NamesToAsk(source, ledger, (name, rev) -> current(held, name, rev), isAbandoned)) {
            tally.heldBefore(names.held());
            if (names.isNothingOpen()) {
                return;
            }
            context.listener().phaseStarted(SyncPhase.FETCH, names.total());
            names.onCounted(context.listener()::progressed);
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

    /** An interrupt may show as nothing but an early end of the names. */
    private static void requireNotInterrupted() {
        if (Thread.currentThread().isInterrupted()) {
            throw new InterruptedRunException("Interrupted while fetching packuments.", null);
        }
    }

    /**
     * Names of a file are nobody's but the user's: no feed says which changed, so what is fresh by its headers answers.
     * Names of an origin are asked for with validators, and without when everything is to be loaded anew.
     */
    private CacheMode mode() {
        if (context.records().kind() == JobHeader.Kind.RELOAD) {
            return CacheMode.RELOAD;
        }
        return context.job().origin().isPresent() ? CacheMode.NO_CACHE : CacheMode.DEFAULT;
    }

    /** The outcome of a name whose entry answers for it in this run; empty when it must be asked for. */
    private Optional<String> current(HeldKeys held, String name, Optional<String> listedRev) {
        if (!context.job().filter().allows(name) || !isAskable(name)) {
            notAsked.incrementAndGet();
            return Optional.of(
                    context.job().filter().allows(name)
                            ? UNASKABLE
                            : whyDenied(context.job().filter(), name));
        }
        CacheKey key = context.key(name);
        boolean listingTells = context.job().names().map(NameList::inOrder).orElse(true)
                || !cache.driver().capabilities().orderedListing();
        if (listingTells && !held.mayHold(key.toString())) {
            absent.add(name);
            return Optional.empty();
        }
        Optional<EntryHead> head = cache.head(key);
        if (head.filter(freshness::isMalformedInAnEarlierRun).isPresent()) {
            absent.add(name);
            return Optional.empty();
        }
        return freshness.isCurrent(name, head, listedRev.orElse(null)) || isFreshByItsHeaders(head)
                ? head.map(EntryHead::outcome)
                : Optional.empty();
    }

    /** What stands in the place of an outcome for a name that {@code filter} leaves out. */
    static String whyDenied(NameFilter filter, String name) {
        return filter.isOfExcludedScope(name) ? OTHER_REGISTRY : DENIED;
    }

    /** What the client would find too, but only once it has read the whole entry. */
    private boolean isFreshByItsHeaders(Optional<EntryHead> head) {
        return mode() == CacheMode.DEFAULT
                && head.filter(stored -> stored.isFresh(cache.clock())).isPresent();
    }

    private void answered(NamesToAsk names, PackumentResult result) {
        context.guard().succeeded();
        tally.answered(result);
        context.listener().outcome(result);
        Optional<String> listedRev = names.answered(result.name(), label(result.outcome()));
        boolean isThere = result.outcome() != Outcome.NOT_FOUND;
        if (isThere && listedRev.isPresent() && Retries.isBehind(result, listedRev.get())) {
            lagging.accept(result.name(), new PendingRetry(listedRev.get(), false));
        }
    }

    private void failed(NamesToAsk names, String name, RuntimeException failure) {
        if (!isAskable(name)) {
            names.answered(name, UNASKABLE);
            return;
        }
        names.failed(name);
        tally.fail(name, failure);
        context.listener().failed(name, failure);
        context.guard().failed(failure);
    }

    /**
     * Whether {@code id} is a name as registries write it; {@code %6cib} and {@code /lib} would be answered as
     * {@code lib}, which is another document.
     */
    static boolean isAskable(String id) {
        return PackageName.isName(id) && PackageName.normalize(id).equals(id);
    }

    static String label(Outcome outcome) {
        return outcome.name().toLowerCase(java.util.Locale.ROOT);
    }
}

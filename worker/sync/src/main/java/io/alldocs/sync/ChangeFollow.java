package io.alldocs.sync;

import io.alldocs.cache.Cache;
import io.alldocs.cache.CacheMode;
import io.alldocs.cache.EntryHead;
import io.alldocs.cache.RequestOptions;
import io.alldocs.packument.NameFilter;
import io.alldocs.packument.Outcome;
import io.alldocs.packument.PackageName;
import io.alldocs.packument.PackumentClient;
import io.alldocs.packument.PackumentResult;
import io.alldocs.partition.Change;
import io.alldocs.partition.ChangesClient;
import io.alldocs.partition.ChangesPage;
import io.alldocs.partition.ChangesSummary;
import io.alldocs.partition.PartitionSet;
import io.alldocs.partition.Sequence;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeSet;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/**
 * Catches up with the feed of changes: asks for each changed name whose stored packument is not of the changed revision, once however often it changed
 * in a page; notes which partitions' pages grew stale; and writes down how far it came after each page. For one thread at a time.
 */
public final class ChangeFollow {
    private static final int LAG_ROUNDS = 3;

    /** With waits from 10 s that double up to 10 min, about an hour in all; npm's caches keep a packument for 5 minutes. */
    private static final int MAX_TRIES = 12;

    private static final Duration LONGEST_WAIT = Duration.ofMinutes(10);

    private final SyncJob job;
    private final Cache cache;
    private final ChangesClient changes;
    private final PackumentClient packuments;
    private final RunState state;
    private final Freshness freshness;
    private final Tally tally;
    private final OutageGuard guard;
    private final SyncListener listener;
    private final Duration lagWait;
    private final Deletions deletions;
    private final NameFilter filter;

    /** Told how far the feed was worked through, on the thread that does it. */
    public interface Watcher {
        /** Nobody. */
        Watcher NONE = new Watcher() {};

        /** A page has come; nothing of it is stored yet. */
        default void received(ChangesPage page) {}

        /** What the page tells of is stored or owed, and the position after it is written down. */
        default void dealtWith(ChangesPage page) {}
    }

    ChangeFollow(
            SyncJob job,
            Cache cache,
            ChangesClient changes,
            PackumentClient packuments,
            RunState state,
            Tally tally,
            OutageGuard guard,
            SyncListener listener,
            Duration lagWait,
            Deletions deletions,
            NameFilter filter) {
        this.job = job;
        this.cache = cache;
        this.changes = changes;
        this.packuments = packuments;
        this.state = state;
        this.freshness = new Freshness(state);
        this.tally = tally;
        this.guard = guard;
        this.listener = listener;
        this.lagWait = lagWait;
        this.deletions = deletions;
        this.filter = filter;
    }

    /**
     * Follows the feed from the stored sequence to its end.
     *
     * @param plan whose partitions grow stale
     * @param concerns whether a name is one of the job's
     */
    ChangesSummary run(PartitionSet plan, Predicate<String> concerns, Watcher watcher) {
        Sequence since = state.sequence()
                .orElseThrow(() -> new IllegalStateException("A job without an origin has no feed to follow."));
        listener.phaseStarted(SyncPhase.REPLAY, 0);
        ChangesSummary summary = changes.replay(since, page -> {
            watcher.received(page);
            take(page, plan, concerns);
            watcher.dealtWith(page);
        });
        state.followedToTheEnd(cache.clock().instant());
        return summary;
    }

    private void take(ChangesPage page, PartitionSet plan, Predicate<String> concerns) {
        Map<String, Change> relevant = new LinkedHashMap<>();
        TreeSet<Integer> touched = new TreeSet<>();
        for (Change change : page.changes()) {
            if (plan.range().contains(change.id()) && concerns.test(change.id())) {
                relevant.put(change.id(), change);
                touched.add(plan.indexOf(change.id()));
            }
        }
        tally.changes.addAndGet(page.changes().size());
        tally.changedNames.addAndGet(relevant.size());
        tally.deletions.addAndGet(
                relevant.values().stream().filter(Change::deleted).count());
        listener.progressed(page.changes().size());
        if (job.form() != SyncForm.NAMES) {
            relevant.values().removeIf(change -> {
                boolean stored = isStored(change);
                if (stored) {
                    state.settle(change.id());
                }
                return stored;
            });
            askFor(relevant.values().stream().collect(Collectors.toMap(Change::id, state::debtFor)));
        }
        state.advance(page.lastSeq(), touched);
    }

    /** Whether nothing needs to be asked: the very revision is stored, the name is gone and that is known or does not matter, or it is not wanted or nobody's. */
    private boolean isStored(Change change) {
        if (!filter.allows(change.id()) || !PackumentFetch.isAskable(change.id())) {
            return true;
        }
        Optional<EntryHead> head = cache.head(job.form().key(job.registry(), change.id()));
        return change.deleted() ? !deletions.concern(head) : freshness.covers(head, change.rev());
    }

    /** Asks for changed names; what fails or has not caught up is owed from then on. */
    private void askFor(Map<String, RunState.Owed> wanted) {
        packuments.requestAll(
                wanted.keySet(),
                RequestOptions.of(CacheMode.NO_CACHE),
                result -> answered(result, Objects.requireNonNull(wanted.get(result.name()))),
                (name, failure) -> failed(name, Objects.requireNonNull(wanted.get(name)), failure));
    }

    private void answered(PackumentResult result, RunState.Owed change) {
        guard.succeeded();
        tally.recovered(result.name());
        PackumentFetch.count(tally, result);
        boolean caughtUp = change.deleted() ? result.outcome() != Outcome.OK : !isBehind(result, change.rev());
        if (!caughtUp) {
            state.owe(result.name(), change.triedAgain(next(change.tries())));
            return;
        }
        if (change.deleted()) {
            deletions.answered(result);
        }
        state.settle(result.name());
    }

    /** Later each time, and no two names at the same moment. */
    private Instant next(int tries) {
        long whole = lagWait.toMillis() << Math.min(tries, MAX_TRIES);
        long wait = Math.min(whole, LONGEST_WAIT.toMillis());
        return cache.clock()
                .instant()
                .plusMillis(wait / 2 + ThreadLocalRandom.current().nextLong(wait / 2 + 1));
    }

    /** Outcomes without a document carry no revision of their own; waiting would not bring one. A 404 may be a name that is still on its way. */
    static boolean isBehind(PackumentResult result, String rev) {
        return switch (result.outcome()) {
            case BLOCKED, MALFORMED -> false;
            case OK, NOT_FOUND, UNPUBLISHED, SECURITY_HOLDER, TOO_LARGE -> !result.reaches(rev);
        };
    }

    private void failed(String name, RunState.Owed change, RuntimeException failure) {
        if (!PackageName.isName(name)) {
            state.settle(name);
            return;
        }
        state.owe(name, change.postponed(next(change.tries())));
        tally.fail(name, Failures.message(failure));
        guard.failed(failure);
    }

    /** The feed runs ahead of the registry's caches, so what did not show up is asked for again, a few times and not at once. */
    void settleDebts() {
        for (int round = 1; round <= LAG_ROUNDS && !state.owed().isEmpty(); round++) {
            pause(lagWait.multipliedBy(round));
            askFor(state.owed());
            state.save();
        }
        forgetAbsent();
    }

    /**
     * Asks again for the owed names whose time has come. What the registry has not caught up with after about an hour it will not by waiting: it is
     * given up, and a later change or a walk of the names brings it back. A name that cannot be asked for is owed as long as that lasts.
     */
    void retryDue() {
        Instant now = cache.clock().instant();
        Map<String, RunState.Owed> due = new LinkedHashMap<>(state.owed());
        due.values().removeIf(debt -> debt.due().isAfter(now));
        if (due.isEmpty()) {
            return;
        }
        askFor(due);
        state.owed().forEach((name, debt) -> {
            if (debt.tries() >= MAX_TRIES) {
                state.settle(name);
                tally.givenUp.incrementAndGet();
            }
        });
        state.save();
    }

    /** A name that the feed has as live and the registry does not know stays so, as 0.6 % of npm's names: that is its outcome, not a debt. */
    private void forgetAbsent() {
        state.owed().forEach((name, change) -> {
            Optional<EntryHead> head = cache.head(job.form().key(job.registry(), name));
            if (!change.deleted()
                    && head.map(EntryHead::outcome).filter(this::isNotFound).isPresent()) {
                state.settle(name);
            }
        });
        state.save();
    }

    private boolean isNotFound(String outcome) {
        return outcome.equals(PackumentFetch.label(Outcome.NOT_FOUND));
    }

    private static void pause(Duration length) {
        try {
            Thread.sleep(length.toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedRunException(
                    "Interrupted while waiting for the registry to catch up with its feed.", e);
        }
    }
}

package io.alldocs.sync;

import io.alldocs.cache.CacheMode;
import io.alldocs.cache.RequestOptions;
import io.alldocs.cache.entry.EntryMetadata;
import io.alldocs.packument.Outcome;
import io.alldocs.packument.PackageName;
import io.alldocs.packument.PackumentResult;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;

/**
 * The step "settle": requests names again whose packument lags behind the feed or could not be fetched. For one thread
 * at a time.
 */
final class Retries {
    private static final int LAG_ROUNDS = 3;

    /**
     * The waits double from 10 s to 10 min, so this takes about an hour in total. The caches of npm keep a packument
     * for 5 minutes.
     */
    private static final int MAX_TRIES = 12;

    private static final Duration LONGEST_WAIT = Duration.ofMinutes(10);

    private final SyncContext context;
    private final JobRecords records;
    private final Deletions deletions;
    private final Freshness freshness;

    Retries(SyncContext context) {
        this.context = context;
        this.records = context.records();
        this.deletions = new Deletions(context);
        this.freshness = new Freshness(records, context.cache().clock());
    }

    /** Adds names that could not be fetched to the retries. */
    void add(Set<String> names) {
        for (String name : names) {
            if (PackageName.isName(name) && !records.progress().retries().containsKey(name)) {
                records.progress().retry(name, new PendingRetry("", false).postponed(next(0)));
            }
        }
        records.progress().saveRetries();
    }

    /** Requests changed names. Names that fail or lag behind become retries. */
    void request(Map<String, PendingRetry> wanted) {
        context.packuments()
                .requestAll(
                        wanted.keySet(),
                        RequestOptions.of(CacheMode.NO_CACHE),
                        result -> answered(result, Objects.requireNonNull(wanted.get(result.name()))),
                        (name, failure) -> failed(name, Objects.requireNonNull(wanted.get(name)), failure));
    }

    private void answered(PackumentResult result, PendingRetry change) {
        context.guard().succeeded();
        context.tally().recovered(result.name());
        context.tally().answered(result);
        context.listener().outcome(result);
        boolean caughtUp = change.deleted() ? result.outcome() != Outcome.OK : !isBehind(result, change.rev());
        if (!caughtUp) {
            records.progress().retry(result.name(), change.triedAgain(next(change.tries())));
            return;
        }
        if (change.deleted()) {
            deletions.answered(result);
        }
        records.progress().settle(result.name());
        context.listener().changed(new ChangedPackage(result.name(), change.rev(), change.deleted(), result.outcome()));
    }

    /** Returns the time of the next try: exponential backoff with jitter. */
    private Instant next(int tries) {
        long whole = context.lagWait().toMillis() << Math.min(tries, MAX_TRIES);
        long wait = Math.min(whole, LONGEST_WAIT.toMillis());
        return now().plusMillis(wait / 2 + ThreadLocalRandom.current().nextLong(wait / 2 + 1));
    }

    private Instant now() {
        return context.cache().clock().instant();
    }

    /**
     * Returns whether the response is older than the change. Outcomes without a document have no revision, so waiting
     * would not help. A 404 may be a new name that is not available yet.
     */
    static boolean isBehind(PackumentResult result, String rev) {
        return switch (result.outcome()) {
            case BLOCKED, MALFORMED -> false;
            case OK, NOT_FOUND, UNPUBLISHED, SECURITY_HOLDER, TOO_LARGE -> !result.reaches(rev);
        };
    }

    private void failed(String name, PendingRetry change, RuntimeException failure) {
        if (!PackageName.isName(name)) {
            records.progress().settle(name);
            return;
        }
        records.progress().retry(name, change.postponed(next(change.tries())));
        context.tally().fail(name, failure);
        context.listener().failed(name, failure);
        context.guard().failed(failure);
    }

    /**
     * Requests lagging names again, a few times with a wait between them, because the feed is ahead of the registry's
     * caches.
     */
    void settle() {
        settleStored(records.progress().retries());
        int lagging = records.progress().pendingRetries();
        if (lagging > 0) {
            context.listener().phaseStarted(SyncPhase.SETTLE, lagging);
        }
        for (int round = 1; round <= LAG_ROUNDS && records.progress().pendingRetries() > 0; round++) {
            pause(context.lagWait().multipliedBy(round));
            request(records.progress().retries());
            records.progress().saveRetries();
            context.listener().progressed(lagging - records.progress().pendingRetries());
            lagging = records.progress().pendingRetries();
        }
        forgetAbsent();
    }

    /**
     * Retries the names that are due. The retries of a name end if the registry has not caught up after about an hour.
     * A later change or listing adds the name again. A name whose request fails is retried as long as the failure
     * lasts.
     */
    void retryDue() {
        Instant now = now();
        Map<String, PendingRetry> due = new LinkedHashMap<>(records.progress().retries());
        due.values().removeIf(retry -> dueAt(retry, now).isAfter(now));
        settleStored(due);
        due.keySet().removeIf(name -> !records.progress().isRetried(name));
        if (due.isEmpty()) {
            records.progress().saveRetries(); // also writes the records that the store refused before
            return;
        }
        request(due);
        records.progress().retries().forEach((name, retry) -> {
            if (retry.tries() >= MAX_TRIES) {
                records.progress().settle(name);
                context.tally().givenUp.incrementAndGet();
            }
        });
        records.progress().saveRetries();
    }

    /**
     * Settles retries without a request if the packument is already stored. A run that ended early may have stored it
     * without recording that.
     */
    private void settleStored(Map<String, PendingRetry> retries) {
        retries.forEach((name, retry) -> {
            Optional<EntryMetadata> head = context.cache().head(context.key(name));
            if (!retry.deleted() && freshness.covers(head, retry.rev())) {
                records.progress().settle(name);
                context.listener().changed(new ChangedPackage(name, retry.rev(), false, Replay.outcome(head)));
            }
        });
    }

    /** Returns when the first of the pending names is due. */
    Optional<Instant> nextDue() {
        Instant now = now();
        return records.progress().retries().values().stream()
                .map(retry -> dueAt(retry, now))
                .min(Instant::compareTo);
    }

    /**
     * Returns when the retry is due. A time beyond the longest wait comes from a clock that was ahead, so the retry is
     * due now.
     */
    private static Instant dueAt(PendingRetry retry, Instant now) {
        return retry.due().isAfter(now.plus(LONGEST_WAIT)) ? now : retry.due();
    }

    /**
     * Settles names that are in the feed but that the registry does not serve, as 0.6 % of npm's names are. A retry
     * would not change that, so the registry's response is recorded as their outcome.
     */
    void forgetAbsent() {
        records.progress().retries().forEach((name, change) -> {
            Optional<EntryMetadata> head = context.cache().head(context.key(name));
            String absent = PackumentFetch.label(Outcome.NOT_FOUND);
            if (!change.deleted()
                    && head.map(EntryMetadata::outcome).filter(absent::equals).isPresent()) {
                records.progress().settle(name);
            }
        });
        records.progress().saveRetries();
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

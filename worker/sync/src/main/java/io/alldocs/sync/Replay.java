package io.alldocs.sync;

import io.alldocs.cache.entry.EntryMetadata;
import io.alldocs.packument.Outcome;
import io.alldocs.partition.Change;
import io.alldocs.partition.ChangesPage;
import io.alldocs.partition.ChangesSummary;
import io.alldocs.partition.PartitionSet;
import io.alldocs.partition.Sequence;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/**
 * The step "replay": catches up with the feed of changes. It requests each changed name whose stored packument does not
 * have the changed revision, at most once per page. After each page, it records the partitions whose pages became
 * stale, and the sequence. For one thread at a time.
 */
final class Replay {
    private final SyncContext context;
    private final JobRecords records;
    private final PartitionSet plan;
    private final Predicate<String> isListed;
    private final Freshness freshness;
    private final Deletions deletions;
    private final Retries retries;

    /**
     * @param plan the plan whose partitions become stale
     * @param isListed whether a name belongs to the job
     */
    Replay(SyncContext context, PartitionSet plan, Predicate<String> isListed) {
        this.context = context;
        this.records = context.records();
        this.plan = plan;
        this.isListed = isListed;
        this.freshness = new Freshness(records, context.cache().clock());
        this.deletions = new Deletions(context);
        this.retries = new Retries(context);
    }

    Sequence position() {
        return records.progress()
                .sequence()
                .orElseThrow(() -> new IllegalStateException("A job without an origin has no feed to follow."));
    }

    /**
     * Follows the feed from the recorded sequence to its end.
     *
     * @param received called with each page before any of it is stored
     * @param stored called with each page after its sequence is recorded
     */
    ChangesSummary run(Consumer<ChangesPage> received, Consumer<ChangesPage> stored) {
        Sequence since = position();
        context.listener().phaseStarted(SyncPhase.REPLAY, 0);
        ChangesSummary summary = context.changes().replay(since, page -> {
            received.accept(page);
            take(page);
            stored.accept(page);
        });
        records.progress().followedToTheEnd(context.cache().clock().instant());
        return summary;
    }

    private void take(ChangesPage page) {
        Map<String, Change> relevant = new LinkedHashMap<>();
        TreeSet<Integer> touched = new TreeSet<>();
        for (Change change : page.changes()) {
            if (plan.range().contains(change.id()) && isListed.test(change.id())) {
                relevant.put(change.id(), change);
                touched.add(plan.indexOf(change.id()));
            }
        }
        Tally tally = context.tally();
        tally.changes.addAndGet(page.changes().size());
        tally.changedNames.addAndGet(relevant.size());
        tally.deletions.addAndGet(
                relevant.values().stream().filter(Change::deleted).count());
        context.listener().progressed(page.changes().size());
        if (context.job().form() != SyncForm.NAMES) {
            relevant.values().removeIf(this::isSettled);
            retries.request(
                    relevant.values().stream().collect(Collectors.toMap(Change::id, records.progress()::retryFor)));
        }
        records.progress().advance(page.lastSeq(), touched);
    }

    /**
     * Returns whether the change requires no request. There are three cases. Its revision is stored; the name is
     * deleted, and the deletion is recorded or irrelevant; the name is excluded or cannot be requested.
     */
    boolean isSettled(Change change) {
        boolean isWanted = context.job().filter().allows(change.id()) && PackumentFetch.isAskable(change.id());
        Optional<EntryMetadata> head = isWanted ? context.cache().head(context.key(change.id())) : Optional.empty();
        boolean isSettled =
                !isWanted || (change.deleted() ? !deletions.concern(head) : freshness.covers(head, change.rev()));
        if (isSettled) {
            records.progress().settle(change.id());
            if (isWanted) {
                context.listener()
                        .changed(new ChangedPackage(change.id(), change.rev(), change.deleted(), outcome(head)));
            }
        }
        return isSettled;
    }

    /** Returns the stored outcome. */
    static Outcome outcome(Optional<EntryMetadata> head) {
        return head.map(EntryMetadata::outcome) // entries in the JavaScript project's form have none
                .map(label -> Outcome.valueOf(label.toUpperCase(Locale.ROOT)))
                .orElse(head.isPresent() ? Outcome.OK : Outcome.NOT_FOUND);
    }
}

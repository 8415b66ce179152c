package io.alldocs.sync;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.alldocs.cache.Cache;
import io.alldocs.cache.IntegrityException;
import io.alldocs.packument.NameFilter;
import io.alldocs.partition.Change;
import io.alldocs.partition.Sequence;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * What a job remembers between processes, beside its checkpoints: one small record in the cache. Every change is written before the call returns, and
 * callers change it only after the data it speaks of is stored. Safe for concurrent use.
 */
final class RunState {
    private static final int VERSION = 1;
    private static final Logger LOG = System.getLogger(RunState.class.getName());
    /** Names owed are few; a registry that answers none of ten thousand changes is not followed any further. */
    private static final int MAX_OWED = 10_000;

    /** Of the keys of all states. */
    static final String PREFIX = "v1:bootstrap:";

    private final Cache cache;
    private final String job;
    private String what = "";
    private String run = "";
    private Instant baseline = Instant.EPOCH;
    private Kind kind = Kind.FIRST;
    private boolean begun;
    private @Nullable Sequence from;
    private @Nullable Sequence sequence;
    private @Nullable Instant followedAt;
    private @Nullable Instant finishedAt;
    private String filter = "";
    private final TreeSet<Integer> stale = new TreeSet<>();
    private final Map<String, Owed> owed = new LinkedHashMap<>();

    /** Why a baseline was begun. */
    enum Kind {
        /** Nothing was there: what other jobs stored is taken when its revision is right. */
        FIRST,
        /** Everything is loaded anew, whatever is stored. */
        RELOAD,
        /** The feed lost its thread: what is stored is compared by revision. */
        RECONCILE
    }

    /**
     * A change whose packument has not shown up yet.
     *
     * @param rev the revision that the feed gave
     * @param deleted whether it deleted the name
     * @param tries how often the registry was asked and had not caught up
     * @param due when to ask again
     */
    record Owed(String rev, boolean deleted, int tries, Instant due) {
        Owed(String rev, boolean deleted) {
            this(rev, deleted, 0, Instant.EPOCH);
        }

        Owed triedAgain(Instant next) {
            return new Owed(rev, deleted, tries + 1, next);
        }

        Owed postponed(Instant next) {
            return new Owed(rev, deleted, tries, next);
        }
    }

    private RunState(Cache cache, String job) {
        this.cache = cache;
        this.job = job;
    }

    /** As {@link #read(Cache, String)}, and from its next change on the state says in words which job it is of. */
    static RunState read(Cache cache, SyncJob job) {
        RunState state = read(cache, job.id());
        state.what = job.label();
        return state;
    }

    /**
     * The state that {@code job} left, or an empty one when there is none or it is damaged.
     *
     * @throws StateFormatException when a newer version of this program wrote it
     */
    static RunState read(Cache cache, String job) {
        RunState state = new RunState(cache, job);
        try {
            cache.get(PREFIX + job, JsonNode.class).ifPresent(state::restore);
        } catch (IntegrityException e) {
            LOG.log(Level.WARNING, "The job begins anew; what is stored stays. {0}", e.getMessage());
        }
        return state;
    }

    /** Whether the job ever began. */
    synchronized boolean exists() {
        return !run.isEmpty();
    }

    /** Begins a baseline: from now on only what is validated later counts as current by its age. */
    synchronized void beginBaseline(Kind why, Optional<Sequence> position, NameFilter filter) {
        this.filter = filter.fingerprint();
        run = UUID.randomUUID().toString();
        baseline = cache.clock().instant().truncatedTo(ChronoUnit.MILLIS);
        kind = why;
        begun = false;
        from = position.orElse(null);
        sequence = from;
        followedAt = null;
        finishedAt = null;
        stale.clear();
        owed.clear();
        save();
    }

    /** Whether the baseline was begun with another filter: what that left out may be wanted now, and may have changed since it was stored. */
    synchronized boolean hasOtherFilter(NameFilter now) {
        return exists() && !filter.equals(now.fingerprint());
    }

    /** Says that the checkpoints know of the baseline. */
    synchronized void begun() {
        if (!begun) {
            begun = true;
            save();
        }
    }

    /** Notes a change that was dealt with: partitions whose pages it made stale, and how far the feed was followed. */
    synchronized void advance(Sequence to, Set<Integer> touched) {
        stale.addAll(touched);
        sequence = to;
        save();
    }

    /** Says that the end of the feed was seen at {@code when}. */
    synchronized void followedToTheEnd(Instant when) {
        followedAt = when;
        save();
    }

    /** Says that the pages of a stale partition are there anew. */
    synchronized void walkedAgain(int partition) {
        stale.remove(partition);
        save();
    }

    synchronized void finished(Instant when) {
        finishedAt = when;
        save();
    }

    synchronized void reopened() {
        finishedAt = null;
        save();
    }

    /**
     * Notes that a change of {@code name} is still to be fetched; written with the next {@link #advance}.
     *
     * @throws TooManyDebtsException when there are more than 10,000
     */
    synchronized void owe(String name, Owed change) {
        owed.put(name, change);
        if (owed.size() > MAX_OWED) {
            throw new TooManyDebtsException(MAX_OWED);
        }
    }

    /** What is owed once {@code change} was asked for: of a change that a page tells of again, after an interrupt before its end, the tries go on. */
    synchronized Owed debtFor(Change change) {
        Owed fresh = new Owed(change.rev(), change.deleted());
        Owed known = owed.getOrDefault(change.id(), fresh);
        return known.rev().equals(fresh.rev()) && known.deleted() == fresh.deleted() ? known : fresh;
    }

    synchronized void settle(String name) {
        owed.remove(name);
    }

    synchronized Map<String, Owed> owed() {
        return new LinkedHashMap<>(owed);
    }

    synchronized Set<Integer> stale() {
        return new TreeSet<>(stale);
    }

    String job() {
        return job;
    }

    synchronized String what() {
        return what;
    }

    synchronized String run() {
        return run;
    }

    synchronized Instant baseline() {
        return baseline;
    }

    synchronized Kind kind() {
        return kind;
    }

    synchronized boolean hasBegun() {
        return begun;
    }

    /** Where the feed stood before the walk. */
    synchronized Optional<Sequence> from() {
        return Optional.ofNullable(from);
    }

    /** How far the feed was followed. */
    synchronized Optional<Sequence> sequence() {
        return Optional.ofNullable(sequence);
    }

    synchronized Optional<Instant> followedAt() {
        return Optional.ofNullable(followedAt);
    }

    synchronized Optional<Instant> finishedAt() {
        return Optional.ofNullable(finishedAt);
    }

    /** Notes partitions whose pages are to be fetched again. */
    synchronized void distrust(Set<Integer> partitions) {
        stale.addAll(partitions);
        save();
    }

    synchronized boolean isFinished() {
        return finishedAt != null;
    }

    synchronized void save() {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.put("version", VERSION).put("job", what).put("run", run).put("baseline", baseline.toString());
        json.put("kind", kind.name()).put("begun", begun);
        json.put("followedAt", text(followedAt)).put("finishedAt", text(finishedAt));
        json.set("from", from == null ? null : from.toJson());
        json.set("sequence", sequence == null ? null : sequence.toJson());
        json.put("filter", filter);
        stale.forEach(json.putArray("stale")::add);
        ObjectNode debts = json.putObject("owed");
        owed.forEach((name, change) -> debts.putObject(name)
                .put("rev", change.rev())
                .put("deleted", change.deleted())
                .put("tries", change.tries())
                .put("due", change.due().toString()));
        cache.set(PREFIX + job, json);
    }

    private void restore(JsonNode json) {
        if (json.path("version").asInt() != VERSION) {
            throw new StateFormatException("The cache holds this job's state in version "
                    + json.path("version").asText() + "; this program reads version " + VERSION
                    + ". Use the program that wrote it, or another --cache-dir.");
        }
        what = json.path("job").asText();
        run = json.path("run").asText();
        baseline = Instant.parse(json.path("baseline").asText());
        kind = Kind.valueOf(json.path("kind").asText());
        begun = json.path("begun").asBoolean();
        filter = json.path("filter").asText();
        from = sequence(json.path("from"));
        sequence = sequence(json.path("sequence"));
        followedAt = instant(json.path("followedAt"));
        finishedAt = instant(json.path("finishedAt"));
        json.path("stale").forEach(index -> stale.add(index.asInt()));
        json.path("owed").properties().stream() // earlier versions owed what nobody answers for, too
                .filter(change -> PackumentFetch.isAskable(change.getKey()))
                .forEach(change -> owed.put(change.getKey(), owed(change.getValue())));
    }

    private static Owed owed(JsonNode json) {
        Instant due = instant(json.path("due"));
        return new Owed(
                json.path("rev").asText(),
                json.path("deleted").asBoolean(),
                json.path("tries").asInt(),
                due == null ? Instant.EPOCH : due);
    }

    private static @Nullable Sequence sequence(JsonNode json) {
        return json.isNull() ? null : Sequence.of(json);
    }

    private static @Nullable String text(@Nullable Instant instant) {
        return instant == null ? null : instant.toString();
    }

    private static @Nullable Instant instant(JsonNode json) {
        return json.isTextual() ? Instant.parse(json.asText()) : null;
    }
}

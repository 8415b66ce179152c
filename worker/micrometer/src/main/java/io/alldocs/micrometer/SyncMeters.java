package io.alldocs.micrometer;

import io.alldocs.packument.Outcome;
import io.alldocs.packument.PackumentResult;
import io.alldocs.partition.Sequence;
import io.alldocs.sync.ChangedPackage;
import io.alldocs.sync.RegistrySync;
import io.alldocs.sync.SyncListener;
import io.alldocs.sync.SyncPhase;
import io.alldocs.sync.SyncStatus;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tag;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.TimeGauge;
import io.micrometer.core.instrument.Timer;
import java.lang.ref.WeakReference;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Records the metrics of a sync job. Safe for concurrent use.
 *
 * <table>
 * <caption>Meters</caption>
 * <tr><th>name</th><th>type</th><th>tags</th></tr>
 * <tr><td>{@code all.docs.sync.phase}</td><td>gauge, 1 for the current phase, otherwise 0</td><td>{@code phase} (as
 * {@link SyncPhase} in lower case)</td></tr>
 * <tr><td>{@code all.docs.sync.progress}</td><td>counter of processed names or changes</td><td>{@code phase}</td></tr>
 * <tr><td>{@code all.docs.sync.outcomes}</td><td>counter</td><td>{@code outcome}, as {@link Outcome} in lower
 * case</td></tr>
 * <tr><td>{@code all.docs.sync.failures}</td><td>counter of requests that failed after all retries</td><td></td></tr>
 * <tr><td>{@code all.docs.sync.changes}</td><td>counter</td><td>{@code deleted} (true or false)</td></tr>
 * <tr><td>{@code all.docs.sync.following}</td><td>gauge, 1 while the job follows the feed, otherwise
 * 0</td><td></td></tr>
 * <tr><td>{@code all.docs.sync.paused}</td><td>gauge, 1 while the job waits for the origin, the registry or the store,
 * otherwise 0</td><td></td></tr>
 * <tr><td>{@code all.docs.sync.outages}</td><td>timer of outages that ended</td><td></td></tr>
 * <tr><td>{@code all.docs.sync.resets}</td><td>counter of feeds whose sequence decreased</td><td></td></tr>
 * </table>
 *
 * <p>{@link #bind} adds the meters that are read from a job's status.
 */
public final class SyncMeters implements SyncListener {
    private final MeterRegistry registry;
    private final Tags tags;
    private final AtomicReference<@Nullable SyncPhase> phase = new AtomicReference<>();
    private final AtomicBoolean paused = new AtomicBoolean();
    private final AtomicBoolean following = new AtomicBoolean();
    private final Map<SyncPhase, Counter> progress = new EnumMap<>(SyncPhase.class);
    private final Map<Outcome, Counter> outcomes = new EnumMap<>(Outcome.class);
    private final Counter failures;
    private final Counter changes;
    private final Counter deletions;
    private final Counter resets;
    private final Timer outages;
    private volatile WeakReference<RegistrySync> bound = new WeakReference<>(null);

    /**
     * Registers the meters.
     *
     * @param registry where the meters are registered
     * @param tags added to each meter, such as one that names the job
     */
    public SyncMeters(MeterRegistry registry, Iterable<Tag> tags) {
        this.registry = registry;
        this.tags = Tags.of(tags);
        for (SyncPhase one : SyncPhase.values()) {
            Tags ofPhase = this.tags.and("phase", word(one));
            Gauge.builder("all.docs.sync.phase", phase, now -> now.get() == one ? 1 : 0)
                    .description("1 for the phase under way.")
                    .tags(ofPhase)
                    .register(registry);
            progress.put(one, counter("all.docs.sync.progress", "Names or changes that are done.", ofPhase));
        }
        for (Outcome outcome : Outcome.values()) {
            outcomes.put(
                    outcome,
                    counter(
                            "all.docs.sync.outcomes",
                            "Answers of the registry, by outcome.",
                            this.tags.and("outcome", word(outcome))));
        }
        this.failures = counter("all.docs.sync.failures", "Requests that failed after all retries.", this.tags);
        this.changes = counter("all.docs.sync.changes", "Changes that are stored.", this.tags.and("deleted", "false"));
        this.deletions = counter("all.docs.sync.changes", "Changes that are stored.", this.tags.and("deleted", "true"));
        this.resets = counter("all.docs.sync.resets", "Feeds whose sequence went backwards.", this.tags);
        this.outages = Timer.builder("all.docs.sync.outages")
                .description("Time without the origin, the registry or the store.")
                .tags(this.tags)
                .register(registry);
        flag(
                "all.docs.sync.paused",
                "1 while the job waits for the origin, the registry or the store.",
                this::isPaused);
        flag("all.docs.sync.following", "1 while the job follows the feed.", this::isFollowing);
    }

    /**
     * Adds gauges read from {@link RegistrySync#status()}. {@code all.docs.sync.lag.changes} is the number of changes
     * that the origin has and the store lacks (NaN while unknown). {@code all.docs.sync.lag} is the time since the
     * origin was first seen at a position that the job has not reached yet. {@code all.docs.sync.pending.names} is the
     * number of changed names that are still to be fetched. {@code all.docs.sync.state} is 1 for the state in the tag
     * {@code state}, and 0 for others. The gauges hold only a weak reference to the job. From then on,
     * {@code all.docs.sync.following} and {@code all.docs.sync.paused} are 0 when the job has ended.
     */
    public void bind(RegistrySync job) {
        bound = new WeakReference<>(job);
        for (SyncStatus.State state : SyncStatus.State.values()) {
            Gauge.builder("all.docs.sync.state", job, sync -> sync.status().state() == state ? 1 : 0)
                    .description("1 for the present state, 0 for the others.")
                    .tags(tags.and("state", state.label()))
                    .register(registry);
        }
        Gauge.builder("all.docs.sync.lag.changes", job, sync -> lag(sync.status()))
                .description("Changes that the origin has and the store does not.")
                .tags(tags)
                .register(registry);
        TimeGauge.builder(
                        "all.docs.sync.lag",
                        job,
                        TimeUnit.MILLISECONDS,
                        sync -> sync.status().behind().toMillis())
                .description("Time since the origin was first seen at a position that is not reached yet.")
                .tags(tags)
                .register(registry);
        Gauge.builder("all.docs.sync.pending.names", job, sync -> sync.status().retries())
                .description("Names whose change is still to be fetched.")
                .tags(tags)
                .register(registry);
    }

    private static double lag(SyncStatus status) {
        return status.lagRows().isPresent() ? status.lagRows().getAsLong() : Double.NaN;
    }

    @Override
    public void phaseStarted(SyncPhase started, long total) {
        phase.set(started);
    }

    @Override
    public void progressed(long count) {
        SyncPhase now = phase.get();
        if (now != null) {
            Objects.requireNonNull(progress.get(now)).increment((double) count);
        }
    }

    @Override
    public void phaseEnded() {
        phase.set(null);
    }

    @Override
    public void outcome(PackumentResult result) {
        Objects.requireNonNull(outcomes.get(result.outcome())).increment();
    }

    @Override
    public void failed(String item, RuntimeException failure) {
        failures.increment();
    }

    @Override
    public void changed(ChangedPackage change) {
        (change.deleted() ? deletions : changes).increment();
    }

    @Override
    public void following(Sequence position) {
        following.set(true);
    }

    @Override
    public void resetSuspected(String reason) {
        resets.increment();
    }

    @Override
    public void paused(RuntimeException cause) {
        paused.set(true);
    }

    @Override
    public void resumed(Duration outage) {
        paused.set(false);
        outages.record(outage);
    }

    private Counter counter(String name, String description, Tags with) {
        return Counter.builder(name).description(description).tags(with).register(registry);
    }

    private boolean isPaused() {
        RegistrySync job = bound.get();
        return job == null ? paused.get() : job.status().state() == SyncStatus.State.WAITING;
    }

    /** No event reports the end of a job, so its status is used. */
    private boolean isFollowing() {
        RegistrySync job = bound.get();
        if (job == null || !following.get()) {
            return following.get();
        }
        return switch (job.status().state()) {
            case FOLLOWING, RECONCILING, WAITING -> true;
            case STARTING, STOPPED -> false;
        };
    }

    private void flag(String name, String description, BooleanSupplier isSet) {
        Gauge.builder(name, () -> isSet.getAsBoolean() ? 1 : 0)
                .description(description)
                .tags(tags)
                .register(registry);
    }

    private static String word(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT);
    }
}

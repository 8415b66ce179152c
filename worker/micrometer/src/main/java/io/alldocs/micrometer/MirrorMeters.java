package io.alldocs.micrometer;

import io.alldocs.packument.VersionRule;
import io.alldocs.worker.mirror.MirrorEvent;
import io.alldocs.worker.mirror.MirrorListener;
import io.alldocs.worker.mirror.MirrorServer;
import io.alldocs.worker.mirror.MirrorStatus;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tag;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;

/**
 * Records the metrics of a mirror. Safe for concurrent use.
 *
 * <table>
 * <caption>Meters</caption>
 * <tr><th>name</th><th>type</th><th>tags</th></tr>
 * <tr><td>{@code all.docs.mirror.requests}</td><td>counter</td><td>{@code route} (packument, tarball, …),
 * {@code status}</td></tr>
 * <tr><td>{@code all.docs.mirror.request.duration}</td><td>timer with a histogram</td><td></td></tr>
 * <tr><td>{@code all.docs.mirror.sent}</td><td>counter of bytes</td><td></td></tr>
 * <tr><td>{@code all.docs.mirror.policy.refused.requests}</td><td>counter</td><td>{@code rule}</td></tr>
 * <tr><td>{@code all.docs.mirror.policy.removed.versions}</td><td>counter</td><td>{@code rule}</td></tr>
 * <tr><td>{@code all.docs.mirror.} and the label of each {@link MirrorEvent}, such as
 * {@code all.docs.mirror.upstream.failures}</td><td>counter</td><td></td></tr>
 * </table>
 *
 * <p>{@link #bind} adds the meters that are read from a server. Needs {@code io.alldocs:all-docs-worker-mirror}.
 */
public final class MirrorMeters implements MirrorListener {
    private static final String PREFIX = "all.docs.mirror.";

    private final MeterRegistry registry;
    private final Tags tags;
    private final Map<Answered, Counter> requests = new ConcurrentHashMap<>();
    private final Timer duration;
    private final Counter sent;
    private final Map<VersionRule, Counter> refused = new EnumMap<>(VersionRule.class);
    private final Map<VersionRule, Counter> removed = new EnumMap<>(VersionRule.class);
    private final Map<MirrorEvent, Counter> events = new EnumMap<>(MirrorEvent.class);

    private record Answered(String route, int status) {}

    /**
     * Registers the meters.
     *
     * @param registry where the meters are registered
     * @param tags added to each meter, such as one that names the mirror
     */
    public MirrorMeters(MeterRegistry registry, Iterable<Tag> tags) {
        this.registry = registry;
        this.tags = Tags.of(tags);
        this.duration = Timer.builder(PREFIX + "request.duration")
                .description("Time until a response was written.")
                .publishPercentileHistogram()
                .minimumExpectedValue(Duration.ofNanos(100_000))
                .maximumExpectedValue(Duration.ofSeconds(30))
                .tags(this.tags)
                .register(registry);
        this.sent = counter("sent", "Bytes of bodies sent.", this.tags, "bytes");
        for (VersionRule rule : VersionRule.values()) {
            Tags ofRule = this.tags.and("rule", rule.key());
            refused.put(
                    rule,
                    counter("policy.refused.requests", "Tarballs and manifests refused by the policy.", ofRule, null));
            removed.put(
                    rule,
                    counter(
                            "policy.removed.versions",
                            "Versions removed from packuments by the policy.",
                            ofRule,
                            null));
        }
        for (MirrorEvent event : MirrorEvent.values()) {
            events.put(event, counter(event.label().replace('_', '.'), event.description(), this.tags, null));
        }
    }

    /**
     * Adds gauges read from {@link MirrorServer#status()}: {@code all.docs.mirror.connections},
     * {@code all.docs.mirror.requests.in.progress}, {@code all.docs.mirror.memory} and
     * {@code all.docs.mirror.response.cache} in bytes, {@code all.docs.mirror.tarballs.waiting}. The gauge
     * {@code all.docs.mirror.policy.file.current} is 0 if the policy file is not valid, and NaN without a policy file.
     * The gauges hold only a weak reference to the server.
     */
    public void bind(MirrorServer server) {
        gauge(server, "connections", "Open connections.", null, MirrorStatus::connections);
        gauge(server, "requests.in.progress", "Requests in progress.", null, MirrorStatus::requests);
        gauge(server, "memory", "Memory of responses outside the heap, those being sent included.", "bytes", status ->
                (double) status.memoryBytes());
        gauge(server, "response.cache", "Memory of the cached responses outside the heap.", "bytes", status ->
                (double) status.responseCacheBytes());
        gauge(
                server,
                "tarballs.waiting",
                "Requests for tarballs that wait for other transfers to end.",
                null,
                MirrorStatus::waitingTarballs);
        gauge(
                server,
                "policy.file.current",
                "0 if the policy file is not valid and an earlier policy is in force, otherwise 1.",
                null,
                status -> status.policyFileCurrent()
                        .map(current -> current ? 1.0 : 0.0)
                        .orElse(Double.NaN));
    }

    private void gauge(
            MirrorServer server,
            String name,
            String description,
            @Nullable String unit,
            ToDoubleFunction<MirrorStatus> value) {
        Gauge.builder(PREFIX + name, server, each -> value.applyAsDouble(each.status()))
                .description(description)
                .baseUnit(unit)
                .tags(tags)
                .register(registry);
    }

    private Counter counter(String name, String description, Tags with, @Nullable String unit) {
        return Counter.builder(PREFIX + name)
                .description(description)
                .baseUnit(unit)
                .tags(with)
                .register(registry);
    }

    @Override
    public void answered(String route, int status, Duration time) {
        requests.computeIfAbsent(
                        new Answered(route, status),
                        answered -> counter(
                                "requests",
                                "Completed requests, by route and HTTP status.",
                                tags.and("route", route, "status", Integer.toString(status)),
                                null))
                .increment();
        duration.record(time);
    }

    @Override
    public void sent(long bytes) {
        sent.increment((double) bytes);
    }

    @Override
    public void policyRefused(VersionRule rule) {
        Objects.requireNonNull(refused.get(rule)).increment();
    }

    @Override
    public void policyRemoved(VersionRule rule) {
        Objects.requireNonNull(removed.get(rule)).increment();
    }

    @Override
    public void happened(MirrorEvent event) {
        Objects.requireNonNull(events.get(event)).increment();
    }
}

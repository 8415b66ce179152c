package io.alldocs.worker.mirror;

import io.alldocs.cache.metrics.Metric;
import io.alldocs.http.JdkTransport;
import io.alldocs.packument.VersionRule;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Supplier;

/** Counts the events of a mirror for its page of metrics. Safe for concurrent use. */
final class MirrorMetrics implements MirrorListener {
    private static final String PREFIX = "all_docs_mirror_";
    private static final List<Double> BOUNDS_SECONDS = List.of(0.001, 0.01, 0.1, 1.0, 10.0);

    private final ConcurrentHashMap<Answered, LongAdder> requests = new ConcurrentHashMap<>();
    private final List<LongAdder> durations = Collections.nCopies(BOUNDS_SECONDS.size() + 1, 0).stream()
            .map(zero -> new LongAdder())
            .toList();
    private final LongAdder durationNanos = new LongAdder();
    private final LongAdder bytes = new LongAdder();
    private final Map<VersionRule, LongAdder> policyRefused = adders(VersionRule.class);
    private final Map<VersionRule, LongAdder> policyRemoved = adders(VersionRule.class);
    private final Map<MirrorEvent, LongAdder> events = adders(MirrorEvent.class);

    private record Answered(String route, int status) {}

    private static <E extends Enum<E>> Map<E, LongAdder> adders(Class<E> constants) {
        Map<E, LongAdder> adders = new EnumMap<>(constants);
        Arrays.stream(constants.getEnumConstants()).forEach(each -> adders.put(each, new LongAdder()));
        return adders;
    }

    private static <E extends Enum<E>> void count(Map<E, LongAdder> adders, E constant) {
        Objects.requireNonNull(adders.get(constant)).increment();
    }

    @Override
    public void answered(String route, int status, Duration time) {
        Answered answered = new Answered(route, status);
        LongAdder count = requests.get(answered);
        (count == null ? requests.computeIfAbsent(answered, first -> new LongAdder()) : count).increment();
        double seconds = time.toNanos() / 1e9;
        int bucket = 0;
        while (bucket < BOUNDS_SECONDS.size() && seconds > BOUNDS_SECONDS.get(bucket)) {
            bucket++;
        }
        durations.get(bucket).increment();
        durationNanos.add(time.toNanos());
    }

    @Override
    public void sent(long count) {
        bytes.add(count);
    }

    @Override
    public void policyRefused(VersionRule rule) {
        count(policyRefused, rule);
    }

    @Override
    public void policyRemoved(VersionRule rule) {
        count(policyRemoved, rule);
    }

    @Override
    public void happened(MirrorEvent event) {
        count(events, event);
    }

    /** Returns the counts, and the status that is read now. */
    List<Metric> metrics(Supplier<MirrorStatus> status) {
        List<Metric> metrics = new ArrayList<>();
        metrics.add(requests());
        metrics.add(Metric.histogram(PREFIX + "request_duration_seconds", "Time until a response was written.")
                .buckets(BOUNDS_SECONDS, durations.stream().map(LongAdder::sum).toList(), durationNanos.sum() / 1e9));
        metrics.add(Metric.counter(PREFIX + "sent_bytes_total", "Bytes of bodies sent.", bytes.sum()));
        metrics.add(byRule(
                "policy_refused_requests_total", "Tarballs and manifests refused by the policy.", policyRefused));
        metrics.add(byRule(
                "policy_removed_versions_total", "Versions removed from packuments by the policy.", policyRemoved));
        events.forEach((event, count) ->
                metrics.add(Metric.counter(PREFIX + event.label() + "_total", event.description(), count.sum())));
        metrics.addAll(gauges(status.get()));
        metrics.add(Metric.gauge(
                "all_docs_http_stuck_threads",
                "Threads of the JDK's HTTP client that hang. With three, requests are refused.",
                JdkTransport.stuckThreads()));
        metrics.add(Metric.counter(
                "all_docs_http_lost_clients_total",
                "HTTP clients of the JDK that stopped responding and were replaced.",
                JdkTransport.abandonedClients()));
        return metrics;
    }

    private Metric requests() {
        Metric metric = Metric.counter(PREFIX + "requests_total", "Completed requests, by route and HTTP status.");
        Map<String, Answered> sorted = new TreeMap<>();
        requests.keySet().forEach(answered -> sorted.put(answered.route() + ' ' + answered.status(), answered));
        sorted.values()
                .forEach(answered -> metric.sample(
                        Objects.requireNonNull(requests.get(answered)).sum(),
                        "route",
                        answered.route(),
                        "status",
                        Integer.toString(answered.status())));
        return metric;
    }

    private static Metric byRule(String name, String help, Map<VersionRule, LongAdder> adders) {
        Metric metric = Metric.counter(PREFIX + name, help);
        adders.forEach((rule, count) -> metric.sample(count.sum(), "rule", rule.key()));
        return metric;
    }

    private static List<Metric> gauges(MirrorStatus status) {
        List<Metric> gauges = new ArrayList<>(List.of(
                Metric.gauge(PREFIX + "connections", "Open connections.", status.connections()),
                Metric.gauge(PREFIX + "requests_in_progress", "Requests in progress.", status.requests()),
                Metric.gauge(
                        PREFIX + "memory_bytes",
                        "Memory of responses outside the heap, those being sent included.",
                        status.memoryBytes()),
                Metric.gauge(
                        PREFIX + "response_cache_bytes",
                        "Memory of the cached responses outside the heap.",
                        status.responseCacheBytes()),
                Metric.gauge(
                        PREFIX + "tarballs_waiting",
                        "Requests for tarballs that wait for other transfers to end.",
                        status.waitingTarballs())));
        status.policyFileCurrent()
                .ifPresent(current -> gauges.add(Metric.gauge(
                        PREFIX + "policy_file_current",
                        "0 if the policy file is not valid and an earlier policy is in force, otherwise 1.",
                        current ? 1 : 0)));
        return gauges;
    }
}

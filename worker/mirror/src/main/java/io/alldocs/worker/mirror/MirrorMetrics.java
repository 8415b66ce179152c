package io.alldocs.worker.mirror;

import io.alldocs.packument.VersionRule;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongSupplier;

/** Metrics of a mirror, in Prometheus's text format (version 0.0.4). Safe for concurrent use. */
final class MirrorMetrics {
    private static final long[] BUCKETS_NANOS = {1_000_000, 10_000_000, 100_000_000, 1_000_000_000, 10_000_000_000L};

    private final ConcurrentHashMap<Answered, LongAdder> requests = new ConcurrentHashMap<>();
    private final LongAdder[] durations = new LongAdder[BUCKETS_NANOS.length + 1];
    private final LongAdder durationNanos = new LongAdder();
    private final LongAdder bytes = new LongAdder();
    private final LongAdder hits = new LongAdder();
    private final LongAdder misses = new LongAdder();
    private final LongAdder derived = new LongAdder();
    private final LongAdder asked = new LongAdder();
    private final LongAdder unanswered = new LongAdder();
    private final LongAdder stale = new LongAdder();
    private final LongAdder refused = new LongAdder();
    private final LongAdder slow = new LongAdder();
    private final Map<VersionRule, LongAdder> policyRefused = byRule();
    private final Map<VersionRule, LongAdder> policyRemoved = byRule();
    private final LongAdder policyUndecided = new LongAdder();
    private final LongAdder policyFileRefused = new LongAdder();
    private final LongAdder proxied = new LongAdder();
    private final LongAdder mismatched = new LongAdder();
    private final Map<String, LongSupplier> gauges = new LinkedHashMap<>();
    private final Map<String, LongSupplier> counters = new LinkedHashMap<>();

    private record Answered(Class<? extends Target> kind, int status) {
        String labels() {
            return "route=\"" + Target.route(kind) + "\",status=\"" + status + '"';
        }
    }

    MirrorMetrics() {
        for (int i = 0; i < durations.length; i++) {
            durations[i] = new LongAdder();
        }
    }

    /** Registers a gauge whose value is read on demand. Call this before the server starts. */
    void gauge(String name, LongSupplier value) {
        gauges.put(name, value);
    }

    /** Registers a counter that is kept elsewhere. Call this before the server starts. */
    void counter(String name, LongSupplier value) {
        counters.put(name, value);
    }

    /** Counts a response that was written or aborted. */
    void answered(Target target, int status, long nanos) {
        Answered answered = new Answered(target.getClass(), status);
        LongAdder count = requests.get(answered);
        (count == null ? requests.computeIfAbsent(answered, first -> new LongAdder()) : count).increment();
        int bucket = 0;
        while (bucket < BUCKETS_NANOS.length && nanos > BUCKETS_NANOS[bucket]) {
            bucket++;
        }
        durations[bucket].increment();
        durationNanos.add(nanos);
    }

    void sent(long count) {
        bytes.add(count);
    }

    void hit() {
        hits.increment();
    }

    void missed() {
        misses.increment();
    }

    void derived() {
        derived.increment();
    }

    void asked() {
        asked.increment();
    }

    void unanswered() {
        unanswered.increment();
    }

    void servedStale() {
        stale.increment();
    }

    void refused() {
        refused.increment();
    }

    void proxied() {
        proxied.increment();
    }

    void mismatched() {
        mismatched.increment();
    }

    void tooSlow() {
        slow.increment();
    }

    private static Map<VersionRule, LongAdder> byRule() {
        Map<VersionRule, LongAdder> counters = new EnumMap<>(VersionRule.class);
        for (VersionRule rule : VersionRule.values()) {
            counters.put(rule, new LongAdder());
        }
        return counters;
    }

    /** Counts a tarball or manifest that was requested and refused by the policy. */
    void policyRefused(VersionRule rule) {
        count(policyRefused, rule);
    }

    /** Counts a version that the policy removed from a document. */
    void policyRemoved(VersionRule rule) {
        count(policyRemoved, rule);
    }

    private static void count(Map<VersionRule, LongAdder> counters, VersionRule rule) {
        Objects.requireNonNull(counters.get(rule)).increment();
    }

    /** Counts a document that was withheld because the policy could not decide about it. */
    void policyUndecided() {
        policyUndecided.increment();
    }

    /** Counts a change of the policy file that is not a valid policy. */
    void policyFileRefused() {
        policyFileRefused.increment();
    }

    /** Returns all metrics. */
    String text() {
        StringBuilder text = new StringBuilder(2048);
        type(text, "requests_total", "counter");
        Map<String, LongAdder> byLabels = new TreeMap<>();
        requests.forEach((answered, count) -> byLabels.put(answered.labels(), count));
        byLabels.forEach((labels, count) -> line(text, "requests_total{" + labels + '}', count.sum()));
        counter(text, "body_bytes_total", bytes);
        counter(text, "memory_hits_total", hits);
        counter(text, "memory_misses_total", misses);
        counter(text, "abbreviated_derived_total", derived);
        counter(text, "upstream_requests_total", asked);
        counter(text, "upstream_failures_total", unanswered);
        counter(text, "stale_served_total", stale);
        counter(text, "refused_total", refused);
        counter(text, "slow_clients_total", slow);
        byRule(text, "policy_refused_requests_total", policyRefused);
        byRule(text, "policy_removed_versions_total", policyRemoved);
        counter(text, "policy_undecided_total", policyUndecided);
        counter(text, "policy_file_refused_total", policyFileRefused);
        counter(text, "tarballs_proxied_total", proxied);
        counter(text, "tarball_mismatches_total", mismatched);
        read(text, "counter", counters);
        read(text, "gauge", gauges);
        histogram(text);
        return text.toString();
    }

    private static void read(StringBuilder text, String type, Map<String, LongSupplier> values) {
        values.forEach((name, value) -> {
            type(text, name, type);
            line(text, name, value.getAsLong());
        });
    }

    private void histogram(StringBuilder text) {
        type(text, "request_duration_seconds", "histogram");
        long count = 0;
        for (int i = 0; i < durations.length; i++) {
            count += durations[i].sum();
            String bound = i < BUCKETS_NANOS.length ? seconds(BUCKETS_NANOS[i]) : "+Inf";
            line(text, "request_duration_seconds_bucket{le=\"" + bound + "\"}", count);
        }
        text.append("all_docs_mirror_request_duration_seconds_sum ")
                .append(seconds(durationNanos.sum()))
                .append('\n');
        line(text, "request_duration_seconds_count", count);
    }

    private static String seconds(long nanos) {
        return String.format(Locale.ROOT, "%.3f", nanos / 1e9);
    }

    private static void byRule(StringBuilder text, String name, Map<VersionRule, LongAdder> counters) {
        type(text, name, "counter");
        counters.forEach((rule, count) -> line(text, name + "{rule=\"" + rule + "\"}", count.sum()));
    }

    private static void counter(StringBuilder text, String name, LongAdder value) {
        type(text, name, "counter");
        line(text, name, value.sum());
    }

    private static void type(StringBuilder text, String name, String type) {
        text.append("# TYPE all_docs_mirror_")
                .append(name)
                .append(' ')
                .append(type)
                .append('\n');
    }

    private static void line(StringBuilder text, String name, long value) {
        text.append("all_docs_mirror_").append(name).append(' ').append(value).append('\n');
    }
}

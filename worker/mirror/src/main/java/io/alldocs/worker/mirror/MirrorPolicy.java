package io.alldocs.worker.mirror;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.alldocs.cache.CacheEntry;
import io.alldocs.packument.PackumentFacts;
import io.alldocs.packument.PackumentForm;
import io.alldocs.packument.PolicyExplanation;
import io.alldocs.packument.PolicyFile;
import io.alldocs.packument.VersionDecisions;
import io.alldocs.packument.VersionPolicy;
import io.alldocs.packument.VersionRefusal;
import io.alldocs.packument.VersionRule;
import java.io.IOException;
import java.io.InputStream;
import java.time.Clock;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The policy of a mirror, from code or from a file, and what it decides about documents. Decisions about documents that are asked for often are kept.
 * Safe for concurrent use; reads documents in the caller's thread.
 */
final class MirrorPolicy {
    /** Of all decisions that are kept; a version takes some 300 bytes. */
    private static final long MOST_VERSIONS = 50_000;

    /** Of which a stamp is kept, which takes some 500 bytes. */
    private static final long MOST_STAMPS = 20_000;

    private final Supplier<VersionPolicy> policy;
    private final Supplier<Instant> inForce;
    private final @Nullable PolicyFile file;
    private final AtomicBoolean refreshing = new AtomicBoolean();
    private final Clock clock;
    private final MirrorMetrics metrics;
    private final Cache<Key, Decided> known = Caffeine.newBuilder()
            .maximumWeight(MOST_VERSIONS)
            .weigher((Key key, Decided decided) ->
                    10 + decided.decisions().versions().size())
            .build();

    private final Cache<Key, Stamped> stamps =
            Caffeine.newBuilder().maximumSize(MOST_STAMPS).build();

    private record Key(String name, PackumentForm form) {}

    private record Stamped(Document document, Stamp stamp) {}

    /**
     * What is kept of decisions when the facts about versions are let go: enough to tell whether an answer still stands.
     *
     * @param revision of the policy
     * @param tag the part of an ETag that stands for the policy and what it leaves of the document
     * @param start when it was decided: what a clock decided that was ahead does not hold when the clock is set back
     * @param end the first instant at which the decisions no longer hold; the end of time where they hold for ever
     * @param lacksTimes whether an abbreviated form was decided about that does not tell the age of its versions
     */
    record Stamp(String revision, String tag, Instant start, Instant end, boolean lacksTimes) {
        /** Whether the present is not between start and end. */
        boolean hasEnded(Clock clock) {
            Instant now = clock.instant();
            return now.isBefore(start) || !now.isBefore(end);
        }

        /** Whether the same was decided, at whatever time. */
        boolean isSameAs(@Nullable Stamp other) {
            return other != null
                    && revision.equals(other.revision)
                    && tag.equals(other.tag)
                    && end.equals(other.end)
                    && lacksTimes == other.lacksTimes;
        }
    }

    /**
     * What was decided about a document.
     *
     * @param integrity digest of the text that was decided about
     * @param revision of the policy
     * @param at the time of the clock then
     */
    record Decided(
            Document document, Optional<String> integrity, String revision, Instant at, VersionDecisions decisions) {

        boolean isAbout(CacheEntry entry) {
            return integrity.isPresent() && integrity.equals(entry.integrity());
        }

        /** Whether this was decided by an abbreviated form that does not tell the age of its versions. */
        boolean lacksTimes() {
            return decisions.lacksTimes() && !document.isFull();
        }

        Stamp stamp() {
            return new Stamp(revision, tag(), at, end(), lacksTimes());
        }

        /** See {@link Stamp#tag}. */
        String tag() {
            return "-p" + revision + (decisions.changesNothing() ? "" : '-' + decisions.fingerprint());
        }

        private Instant end() {
            return decisions.validUntil().orElse(Instant.MAX);
        }
    }

    private MirrorPolicy(
            Supplier<VersionPolicy> policy,
            Supplier<Instant> inForce,
            @Nullable PolicyFile file,
            Clock clock,
            MirrorMetrics metrics) {
        this.policy = policy;
        this.inForce = inForce;
        this.file = file;
        this.clock = clock;
        this.metrics = metrics;
    }

    static MirrorPolicy of(VersionPolicy policy, Clock clock, MirrorMetrics metrics) {
        Instant start = clock.instant();
        return new MirrorPolicy(() -> policy, () -> start, null, clock, metrics);
    }

    static MirrorPolicy of(PolicyFile file, Clock clock, MirrorMetrics metrics) {
        metrics.gauge("policy_file_current", () -> file.problem().isEmpty() ? 1 : 0);
        return new MirrorPolicy(file::policy, file::since, file, clock, metrics);
    }

    /** Has {@code threads} read the policy's file again, if it has one, unless they still do: a file system that hangs takes one thread, not all. */
    void refresh(Executor threads) {
        PolicyFile current = file;
        if (current != null && refreshing.compareAndSet(false, true)) {
            threads.execute(() -> {
                try {
                    if (current.refresh() == PolicyFile.Refresh.REFUSED) {
                        metrics.policyFileRefused();
                    }
                } finally {
                    refreshing.set(false);
                }
            });
        }
    }

    boolean isOfFile() {
        return file != null;
    }

    String revision() {
        return policy.get().revision();
    }

    /** What was decided about a document before, and still holds. */
    Optional<Decided> known(Document document) {
        Decided last = known.getIfPresent(new Key(document.name(), document.form()));
        return last != null && last.document().isSameAs(document) && holds(last.stamp())
                ? Optional.of(last)
                : Optional.empty();
    }

    /** The stamp of what was decided about a document before, and still holds. */
    Optional<Stamp> stamp(Document document) {
        Stamped last = stamps.getIfPresent(new Key(document.name(), document.form()));
        return last != null && last.document().isSameAs(document) && holds(last.stamp())
                ? Optional.of(last.stamp())
                : Optional.empty();
    }

    private boolean holds(Stamp stamp) {
        return stamp.revision().equals(policy.get().revision()) && !stamp.hasEnded(clock);
    }

    /**
     * Decides about a document.
     *
     * @param entry the document's text
     * @throws IOException when it is no JSON, or cannot be read
     */
    Decided decide(Document document, CacheEntry entry) throws IOException {
        VersionPolicy current = policy.get();
        PackumentFacts facts;
        try (InputStream text = entry.bodyStream()) {
            facts = PackumentFacts.read(document.name(), text);
        }
        Instant now = clock.instant();
        Decided decided = new Decided(document, entry.integrity(), current.revision(), now, current.decide(facts, now));
        Key key = new Key(document.name(), document.form());
        known.put(key, decided);
        stamps.put(key, new Stamped(document, decided.stamp()));
        return decided;
    }

    PolicyExplanation explain(Decided decided) {
        return new PolicyExplanation(decided.decisions(), decided.revision(), inForce.get(), clock.instant());
    }

    /** Why {@code version} is not given out; empty when it is. A version that the packument does not have is not, for nothing was decided about it. */
    Optional<String> refusal(Decided decided, String version) {
        Optional<VersionRefusal> refusal = decided.decisions().refusal(version);
        if (refusal.isPresent()) {
            metrics.policyRefused(refusal.get().rule());
            return Optional.of(refusal.get().reason());
        }
        if (decided.decisions().has(version)) {
            return Optional.empty();
        }
        metrics.policyRefused(VersionRule.UNKNOWN_AGE);
        return Optional.of(VersionRule.UNKNOWN_AGE + ": " + decided.decisions().name() + "@" + version
                + " is not in the packument by which the policy decides");
    }

    /** A document was made of what was decided. */
    void made(Decided decided) {
        decided.decisions().refusals().values().forEach(refusal -> metrics.policyRemoved(refusal.rule()));
    }

    /** Seconds for which an answer of now may be kept, at most {@code most}. */
    long secondsUntilEnd(Stamp stamp, long most) {
        Instant end = stamp.end();
        Instant now = clock.instant();
        return end.equals(Instant.MAX) || end.isAfter(now.plusSeconds(most))
                ? most
                : Math.max(0, end.getEpochSecond() - now.getEpochSecond());
    }
}

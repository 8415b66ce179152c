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
 * The policy of a mirror, from code or from a file, and its decisions about documents. Decisions about frequently
 * requested documents are cached. Safe for concurrent use; reads documents in the caller's thread.
 */
final class MirrorPolicy {
    /** Maximum versions in cached decisions; a version takes about 300 bytes. */
    private static final long MOST_VERSIONS = 50_000;

    /** Maximum documents whose stamp is cached; a stamp takes about 500 bytes. */
    private static final long MOST_STAMPS = 20_000;

    private final Supplier<VersionPolicy> policy;
    private final Supplier<Instant> inForce;
    private final @Nullable PolicyFile file;
    private final AtomicBoolean refreshing = new AtomicBoolean();
    private final Clock clock;
    private final MirrorListener listener;
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
     * A summary of decisions that remains cached after the decisions about individual versions are evicted. It is
     * enough to determine whether a response is still valid.
     *
     * @param revision of the policy
     * @param tag the part of an ETag that identifies the policy and what remains of the document
     * @param start when it was decided; if the clock was ahead then and is set back, the decisions are invalid
     * @param end the first instant at which the decisions are no longer valid; the end of time if they never expire
     * @param lacksTimes whether the decisions were based on an abbreviated form without the age of its versions
     */
    record Stamp(String revision, String tag, Instant start, Instant end, boolean lacksTimes) {
        /** Returns whether the present is outside start and end. */
        boolean hasEnded(Clock clock) {
            Instant now = clock.instant();
            return now.isBefore(start) || !now.isBefore(end);
        }

        /** Returns whether the decisions are the same; the times of the decisions are ignored. */
        boolean isSameAs(@Nullable Stamp other) {
            return other != null
                    && revision.equals(other.revision)
                    && tag.equals(other.tag)
                    && end.equals(other.end)
                    && lacksTimes == other.lacksTimes;
        }
    }

    /**
     * The decisions about a document.
     *
     * @param integrity digest of the text that the decisions apply to
     * @param revision of the policy
     * @param at the time of the decision
     */
    record Decided(
            Document document, Optional<String> integrity, String revision, Instant at, VersionDecisions decisions) {

        boolean isAbout(CacheEntry entry) {
            return integrity.isPresent() && integrity.equals(entry.integrity());
        }

        /** Returns whether the decisions were based on an abbreviated form without the age of its versions. */
        boolean lacksTimes() {
            return decisions.lacksTimes() && !document.isFull();
        }

        Stamp stamp() {
            return new Stamp(revision, tag(), at, end(), lacksTimes());
        }

        /** Returns the tag; see {@link Stamp#tag}. */
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
            MirrorListener listener) {
        this.policy = policy;
        this.inForce = inForce;
        this.file = file;
        this.clock = clock;
        this.listener = listener;
    }

    static MirrorPolicy of(VersionPolicy policy, Clock clock, MirrorListener listener) {
        Instant start = clock.instant();
        return new MirrorPolicy(() -> policy, () -> start, null, clock, listener);
    }

    static MirrorPolicy of(PolicyFile file, Clock clock, MirrorListener listener) {
        return new MirrorPolicy(file::policy, file::since, file, clock, listener);
    }

    /**
     * Reads the policy file again, if there is one, in one of {@code threads}. Does nothing while an earlier read is
     * still running, so a file system that hangs blocks only one thread.
     */
    void refresh(Executor threads) {
        PolicyFile current = file;
        if (current != null && refreshing.compareAndSet(false, true)) {
            threads.execute(() -> {
                try {
                    if (current.refresh() == PolicyFile.Refresh.REFUSED) {
                        listener.happened(MirrorEvent.POLICY_FILE_REFUSED);
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

    /** Returns whether the policy file's content is in force; empty if there is no policy file. */
    Optional<Boolean> isFileCurrent() {
        return Optional.ofNullable(file).map(each -> each.problem().isEmpty());
    }

    String revision() {
        return policy.get().revision();
    }

    /** Returns the earlier decisions about a document, if they are still valid. */
    Optional<Decided> known(Document document) {
        Decided last = known.getIfPresent(new Key(document.name(), document.form()));
        return last != null && last.document().isSameAs(document) && holds(last.stamp())
                ? Optional.of(last)
                : Optional.empty();
    }

    /** Returns the stamp of the earlier decisions about a document, if they are still valid. */
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
     * @throws IOException if the text is not JSON, or cannot be read
     */
    Decided decide(Document document, CacheEntry entry) throws IOException {
        VersionPolicy current = policy.get();
        PackumentFacts facts;
        try (InputStream text = entry.bodyStream()) {
            facts = PackumentFacts.read(document.name(), text);
        }
        Instant now = clock.instant();
        Document compared = document.withoutText();
        Decided decided = new Decided(compared, entry.integrity(), current.revision(), now, current.decide(facts, now));
        Key key = new Key(document.name(), document.form());
        known.put(key, decided);
        stamps.put(key, new Stamped(compared, decided.stamp()));
        return decided;
    }

    PolicyExplanation explain(Decided decided) {
        return new PolicyExplanation(decided.decisions(), decided.revision(), inForce.get(), clock.instant());
    }

    /**
     * Returns why {@code version} is not served; empty if it is. A version that is not in the packument is not served,
     * because no decision exists for it.
     */
    Optional<String> refusal(Decided decided, String version) {
        Optional<VersionRefusal> refusal = decided.decisions().refusal(version);
        if (refusal.isPresent()) {
            listener.policyRefused(refusal.get().rule());
            return Optional.of(refusal.get().reason());
        }
        if (decided.decisions().has(version)) {
            return Optional.empty();
        }
        listener.policyRefused(VersionRule.UNKNOWN_AGE);
        return Optional.of(VersionRule.UNKNOWN_AGE + ": " + decided.decisions().name() + "@" + version
                + " is not in the packument that the policy uses");
    }

    /** Records that a response was built from these decisions. */
    void made(Decided decided) {
        decided.decisions().refusals().values().forEach(refusal -> listener.policyRemoved(refusal.rule()));
    }

    /** Returns for how many seconds a response of now may be cached, at most {@code most}. */
    long secondsUntilEnd(Stamp stamp, long most) {
        Instant end = stamp.end();
        Instant now = clock.instant();
        return end.equals(Instant.MAX) || end.isAfter(now.plusSeconds(most))
                ? most
                : Math.max(0, end.getEpochSecond() - now.getEpochSecond());
    }
}

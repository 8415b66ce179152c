package io.alldocs.packument;

import io.alldocs.cache.entry.IntegrityException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Defines which versions of packages may be installed. It has a minimum age, a cut-off date, blocked and allowed
 * ranges, and properties that a version must not have. A policy decides about a packument in either form, independently
 * of how the packument was obtained.
 *
 * <pre>{@code
 * VersionPolicy policy = VersionPolicy.builder()
 *         .minAge(Duration.ofDays(7))
 *         .except(VersionRule.MIN_AGE, "@acme/*")
 *         .block("lodash@<4.17.21")
 *         .build();
 * VersionDecisions decisions = policy.decide(packument, Instant.now());
 * }</pre>
 *
 * <p>{@link #parse} describes the format of a policy file. Immutable and safe for concurrent use.
 */
public final class VersionPolicy {
    private static final int REVISION_CHARS = 16;

    final @Nullable Duration minAge;
    final @Nullable Instant before;
    final boolean allowUnknownAge;
    final VersionSelectors blocked;
    final VersionSelectors allowed;
    final Set<VersionRule> refused;
    final Map<VersionRule, VersionSelectors> exceptions;
    private final String text;
    private final String revision;

    private VersionPolicy(Builder builder) {
        this.minAge = builder.minAge;
        this.before = builder.before;
        this.allowUnknownAge = builder.allowUnknownAge;
        this.blocked = VersionSelectors.ofRanges(builder.blocked, /* inclusive= */ true);
        this.allowed = VersionSelectors.ofRanges(builder.allowed, /* inclusive= */ false);
        this.refused = EnumSet.copyOf(builder.refused);
        this.exceptions = new EnumMap<>(VersionRule.class);
        builder.exceptions.forEach((rule, texts) -> exceptions.put(rule, VersionSelectors.ofVersions(texts)));
        this.text = builder.text();
        this.revision = HexFormat.of()
                .formatHex(VersionDecisions.sha256().digest(text.getBytes(StandardCharsets.UTF_8)))
                .substring(0, REVISION_CHARS);
    }

    /** Returns a builder of a policy without rules. */
    public static Builder builder() {
        return new Builder();
    }

    /**
     * Parses the text of a policy file: lines {@code key: value}, and comments that begin with {@code #}. A key that
     * accepts several values may be repeated, or be followed by lines {@code - value}. A value may be in quotes.
     *
     * <pre>
     * min-age: 7d                  # or 36h, 90m, 2w, P7D, PT36H
     * min-age-exclude:             # names with * for any characters, or exact versions
     *   - "@acme/*"
     *   - lodash@4.17.21
     * before: 2026-11-01           # or 2026-11-01T12:00:00Z
     * unknown-age: refuse          # or allow
     * block: event-stream@3.3.6
     * allow: react@^18 || ^19      # only for react; other packages are not affected
     * deprecated: refuse
     * install-scripts: refuse
     * install-scripts-exclude: esbuild
     * lost-provenance: refuse
     * </pre>
     *
     * @throws IllegalArgumentException if a line cannot be parsed, in which case the message contains its number, or if
     *     there is no rule at all
     */
    public static VersionPolicy parse(String text) {
        return new PolicyText(text).policy();
    }

    /** Returns sixteen hexadecimal digits that are equal for policies with the same rules. */
    public String revision() {
        return revision;
    }

    /**
     * Decides about a packument in a cache.
     *
     * @param now the time at which ages are measured
     * @throws IntegrityException if the document is damaged
     * @throws java.io.UncheckedIOException if its bytes cannot be read
     */
    public VersionDecisions decide(CachedPackument packument, Instant now) {
        return decide(packument.facts(), now);
    }

    /**
     * Decides about a packument.
     *
     * @param decoded its text, in either form; not closed
     * @param now the time at which ages are measured
     * @throws IOException if the text cannot be read, is truncated or is not JSON
     */
    public VersionDecisions decide(String name, InputStream decoded, Instant now) throws IOException {
        return decide(PackumentFacts.read(name, decoded), now);
    }

    /**
     * Decides about a packument whose facts were already read.
     *
     * @param now the time at which ages are measured
     */
    public VersionDecisions decide(PackumentFacts facts, Instant now) {
        VersionExamination examination = new VersionExamination(this, facts, now);
        Map<String, VersionRefusal> refusals = new LinkedHashMap<>();
        for (VersionFacts version : facts.versions()) {
            examination.refusal(version).ifPresent(refusal -> refusals.put(version.version(), refusal));
        }
        return new VersionDecisions(
                facts, refusals, AllowedTags.of(facts, refusals.keySet()), examination.lacksTimes());
    }

    /** Returns the rules as lines of a policy file, in a fixed order; {@link #parse} reads them. */
    @Override
    public String toString() {
        return text;
    }

    /** Collects the rules of a policy. Not thread-safe. */
    public static final class Builder {
        /** Rules that are either on or off. */
        static final Set<VersionRule> SWITCHES =
                EnumSet.of(VersionRule.DEPRECATED, VersionRule.INSTALL_SCRIPTS, VersionRule.LOST_PROVENANCE);

        private static final Set<VersionRule> WITH_EXCEPTIONS = EnumSet.of(
                VersionRule.MIN_AGE,
                VersionRule.BEFORE,
                VersionRule.DEPRECATED,
                VersionRule.INSTALL_SCRIPTS,
                VersionRule.LOST_PROVENANCE);

        private @Nullable Duration minAge;
        private @Nullable Instant before;
        private boolean allowUnknownAge;
        private final List<String> blocked = new ArrayList<>();
        private final List<String> allowed = new ArrayList<>();
        private final Set<VersionRule> refused = EnumSet.noneOf(VersionRule.class);
        private final Map<VersionRule, List<String>> exceptions = new EnumMap<>(VersionRule.class);

        private Builder() {}

        /**
         * Refuses versions that were published less than {@code age} ago.
         *
         * @throws IllegalArgumentException if not positive
         */
        public Builder minAge(Duration age) {
            if (age.isNegative() || age.isZero()) {
                throw new IllegalArgumentException("min-age must be positive, but is " + age + ".");
            }
            this.minAge = age;
            return this;
        }

        /** Refuses versions that were published at {@code cutOff} or later. */
        public Builder before(Instant cutOff) {
            this.before = Objects.requireNonNull(cutOff, "cutOff");
            return this;
        }

        /**
         * Allows versions whose publication time is missing in the full document. Default: rules that need the age
         * refuse such versions.
         */
        public Builder allowUnknownAge() {
            this.allowUnknownAge = true;
            return this;
        }

        /**
         * Refuses versions: {@code NAME} for all of them, {@code NAME@RANGE} for those in an npm range. A range
         * includes prereleases like any other version, so {@code foo@<2.0.0} refuses {@code 1.9.0-beta.1} too.
         *
         * @throws IllegalArgumentException if {@code selector} cannot be parsed
         */
        public Builder block(String selector) {
            VersionSelectors.ofRanges(List.of(selector), /* inclusive= */ true);
            blocked.add(selector);
            return this;
        }

        /**
         * Allows only the versions in a range, for the packages that {@code selector} names. If there are several such
         * ranges for a package, a version must be in at least one of them. A range includes prereleases only as npm's
         * installer does. Packages without an {@code allow} are not affected.
         *
         * @param selector {@code NAME@RANGE}
         * @throws IllegalArgumentException if {@code selector} cannot be parsed
         */
        public Builder allow(String selector) {
            VersionSelectors.ofRanges(List.of(selector), /* inclusive= */ false);
            allowed.add(selector);
            return this;
        }

        /** Refuses versions that are marked as deprecated. */
        public Builder refuseDeprecated() {
            return refuse(VersionRule.DEPRECATED);
        }

        /** Refuses versions that run a script when they are installed. */
        public Builder refuseInstallScripts() {
            return refuse(VersionRule.INSTALL_SCRIPTS);
        }

        /** Refuses versions without provenance that were published after a version with provenance. */
        public Builder refuseLostProvenance() {
            return refuse(VersionRule.LOST_PROVENANCE);
        }

        Builder refuse(VersionRule rule) {
            refused.add(rule);
            return this;
        }

        /**
         * Exempts versions from one rule.
         *
         * @param rule {@link VersionRule#MIN_AGE}, {@link VersionRule#BEFORE}, {@link VersionRule#DEPRECATED},
         *     {@link VersionRule#INSTALL_SCRIPTS} or {@link VersionRule#LOST_PROVENANCE}
         * @param selector {@code NAME}, with {@code *} for any characters, or {@code NAME@1.2.3}; several exact
         *     versions are separated by {@code ||}
         * @throws IllegalArgumentException for another rule, or if {@code selector} cannot be parsed
         */
        public Builder except(VersionRule rule, String selector) {
            if (!WITH_EXCEPTIONS.contains(rule)) {
                throw new IllegalArgumentException("The rule " + rule + " does not support exceptions.");
            }
            VersionSelectors.ofVersions(List.of(selector));
            exceptions.computeIfAbsent(rule, key -> new ArrayList<>()).add(selector);
            return this;
        }

        boolean isEmpty() {
            return minAge == null && before == null && blocked.isEmpty() && allowed.isEmpty() && refused.isEmpty();
        }

        private String text() {
            List<String> lines = new ArrayList<>();
            if (minAge != null) {
                lines.add("min-age: " + minAge);
            }
            if (before != null) {
                lines.add("before: " + before);
            }
            lines.add("unknown-age: " + (allowUnknownAge ? "allow" : "refuse"));
            blocked.stream().sorted().distinct().forEach(selector -> lines.add("block: " + selector));
            allowed.stream().sorted().distinct().forEach(selector -> lines.add("allow: " + selector));
            refused.forEach(rule -> lines.add(rule + ": refuse"));
            exceptions.forEach((rule, selectors) ->
                    selectors.stream().sorted().distinct().forEach(s -> lines.add(rule + "-exclude: " + s)));
            return String.join("\n", lines) + "\n";
        }

        /** Builds the policy. */
        public VersionPolicy build() {
            return new VersionPolicy(this);
        }
    }
}

package io.alldocs.packument;

import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Examines one packument under one policy at one time, version by version. Not thread-safe. */
final class VersionExamination {
    private final VersionPolicy policy;
    private final PackumentFacts facts;
    private final Instant now;
    private final List<VersionSelectors.Selector> blocked;
    private final List<VersionSelectors.Selector> allowed;
    private final Map<VersionRule, List<VersionSelectors.Selector>> exceptions = new EnumMap<>(VersionRule.class);

    /** The versions with a provenance, in the order in which they were published; those without a time come last. */
    private final List<VersionFacts> proven;

    private boolean lacksTimes;

    VersionExamination(VersionPolicy policy, PackumentFacts facts, Instant now) {
        this.policy = policy;
        this.facts = facts;
        this.now = now;
        this.blocked = policy.blocked.of(facts.name());
        this.allowed = policy.allowed.of(facts.name());
        policy.exceptions.forEach((rule, selectors) -> exceptions.put(rule, selectors.of(facts.name())));
        this.proven = facts.versions().stream()
                .filter(VersionFacts::provenance)
                .sorted(Comparator.comparing(version -> version.published().orElse(Instant.MAX)))
                .toList();
    }

    /** Implements {@link VersionDecisions#lacksTimes()}; known after all versions were examined. */
    boolean lacksTimes() {
        return lacksTimes;
    }

    /** Returns why {@code version} is refused; empty if it is allowed. */
    Optional<VersionRefusal> refusal(VersionFacts version) {
        return blocked(version)
                .or(() -> notAllowed(version))
                .or(() -> lostProvenance(version))
                .or(() ->
                        marked(version, version.installScript(), VersionRule.INSTALL_SCRIPTS, "has an install script"))
                .or(() -> marked(version, version.deprecated(), VersionRule.DEPRECATED, "is deprecated"))
                .or(() -> tooNew(version));
    }

    private Optional<VersionRefusal> blocked(VersionFacts version) {
        return VersionSelectors.find(blocked, version.version())
                .map(selector -> refuse(version, VersionRule.BLOCK, "matches " + selector.text()));
    }

    private Optional<VersionRefusal> notAllowed(VersionFacts version) {
        if (allowed.isEmpty()
                || VersionSelectors.find(allowed, version.version()).isPresent()) {
            return Optional.empty();
        }
        String ranges = allowed.stream().map(VersionSelectors.Selector::text).collect(Collectors.joining(", "));
        return Optional.of(refuse(version, VersionRule.ALLOW, "is not in " + ranges));
    }

    private Optional<VersionRefusal> marked(VersionFacts version, boolean mark, VersionRule rule, String why) {
        return mark && applies(rule, version) ? Optional.of(refuse(version, rule, why)) : Optional.empty();
    }

    private boolean applies(VersionRule rule, VersionFacts version) {
        return policy.refused.contains(rule) && !isExcepted(rule, version);
    }

    private boolean isExcepted(VersionRule rule, VersionFacts version) {
        return VersionSelectors.find(exceptions.getOrDefault(rule, List.of()), version.version())
                .isPresent();
    }

    private Optional<VersionRefusal> lostProvenance(VersionFacts version) {
        if (proven.isEmpty() || version.provenance() || !applies(VersionRule.LOST_PROVENANCE, version)) {
            return Optional.empty();
        }
        lacksTimes |= !facts.hasTimes();
        return proven.stream()
                .filter(other -> isEarlier(other, version))
                .findFirst()
                .map(other -> refuse(
                        version,
                        VersionRule.LOST_PROVENANCE,
                        "has no provenance, which the earlier " + other.version() + " has"));
    }

    /**
     * Returns whether {@code a} is the earlier version. If a time is missing, the lower version counts as the earlier
     * one.
     */
    private static boolean isEarlier(VersionFacts a, VersionFacts b) {
        if (a.published().isPresent() && b.published().isPresent()) {
            return a.published().get().isBefore(b.published().get());
        }
        Optional<NpmVersion> versionA = NpmVersion.parse(a.version());
        Optional<NpmVersion> versionB = NpmVersion.parse(b.version());
        return versionA.isEmpty() || versionB.isEmpty() || versionA.get().compareTo(versionB.get()) < 0;
    }

    private Optional<VersionRefusal> tooNew(VersionFacts version) {
        Instant cutOff = policy.before == null || isExcepted(VersionRule.BEFORE, version) ? null : policy.before;
        Duration age = policy.minAge == null || isExcepted(VersionRule.MIN_AGE, version) ? null : policy.minAge;
        Instant published = version.published().orElse(null);
        if (cutOff == null && age == null) {
            return Optional.empty();
        }
        if (published == null) {
            return unknownAge(version, cutOff, age);
        }
        if (cutOff != null && !published.isBefore(cutOff)) {
            return Optional.of(
                    refuse(version, VersionRule.BEFORE, "was published " + published + ", not before " + cutOff));
        }
        if (age == null || isOldEnough(published, age)) {
            return Optional.empty();
        }
        Instant until = plus(published, age);
        String why = "was published " + published + " and is allowed from " + until;
        return Optional.of(new VersionRefusal(
                version.version(),
                VersionRule.MIN_AGE,
                sentence(version, VersionRule.MIN_AGE, why),
                version.published(),
                Optional.of(until)));
    }

    private Optional<VersionRefusal> unknownAge(
            VersionFacts version, @Nullable Instant cutOff, @Nullable Duration age) {
        if (!facts.hasTimes()) {
            Instant modified = facts.modified().orElse(Instant.MAX);
            if ((cutOff == null || modified.isBefore(cutOff)) && (age == null || isOldEnough(modified, age))) {
                return Optional.empty();
            }
            lacksTimes = true;
        }
        return policy.allowUnknownAge
                ? Optional.empty()
                : Optional.of(
                        refuse(version, VersionRule.UNKNOWN_AGE, "has no publication time, which an age rule needs"));
    }

    private boolean isOldEnough(Instant published, Duration age) {
        return !plus(published, age).isAfter(now);
    }

    /** Limits the sum to the largest date. */
    private static Instant plus(Instant published, Duration age) {
        return Duration.between(published, Instant.MAX).compareTo(age) < 0 ? Instant.MAX : published.plus(age);
    }

    private VersionRefusal refuse(VersionFacts version, VersionRule rule, String why) {
        return new VersionRefusal(
                version.version(), rule, sentence(version, rule, why), version.published(), Optional.empty());
    }

    private String sentence(VersionFacts version, VersionRule rule, String why) {
        return rule + ": " + facts.name() + "@" + version.version() + " " + why;
    }
}

package io.alldocs.packument;

import java.util.Arrays;
import java.util.Optional;

/**
 * The rules by which a {@link VersionPolicy} refuses versions, in the order in which they are tried. The first rule
 * that refuses a version is reported.
 */
public enum VersionRule {
    /** The version is in a blocked range. */
    BLOCK("block"),
    /** Ranges are allowed for the package, and the version is in none of them. */
    ALLOW("allow"),
    /** The version has no provenance although an earlier one has. */
    LOST_PROVENANCE("lost-provenance"),
    /** Installing the version runs its own script. */
    INSTALL_SCRIPTS("install-scripts"),
    /** The author marked the version as deprecated. */
    DEPRECATED("deprecated"),
    /** The version was published on or after the cut-off date. */
    BEFORE("before"),
    /** The version is younger than the minimum age. */
    MIN_AGE("min-age"),
    /** A rule needs the publication time, and the document does not contain it. */
    UNKNOWN_AGE("unknown-age");

    private final String key;

    VersionRule(String key) {
        this.key = key;
    }

    /** Returns the rule's name in policy files, messages and metrics, such as {@code min-age}. */
    public String key() {
        return key;
    }

    static Optional<VersionRule> of(String key) {
        return Arrays.stream(values()).filter(rule -> rule.key.equals(key)).findFirst();
    }

    @Override
    public String toString() {
        return key;
    }
}

package io.alldocs.packument;

import java.time.Instant;
import java.util.Optional;

/**
 * Why a {@link VersionPolicy} refuses a version. Immutable.
 *
 * @param version the version as the packument spells it
 * @param rule the first rule that refuses it
 * @param reason one sentence with the rule, the package, the version and what decided
 * @param published when the version was published; empty where the document does not say
 * @param until when the version becomes allowed if nothing else changes; empty where time alone does not allow it
 */
public record VersionRefusal(
        String version, VersionRule rule, String reason, Optional<Instant> published, Optional<Instant> until) {}

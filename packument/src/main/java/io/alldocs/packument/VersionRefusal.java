package io.alldocs.packument;

import java.time.Instant;
import java.util.Optional;

/**
 * Why a {@link VersionPolicy} refuses a version. Immutable.
 *
 * @param version version as the packument spells it
 * @param rule first rule that refuses it
 * @param reason one sentence with the rule, the package, the version and the deciding fact
 * @param published when the version was published; empty if the document does not contain it
 * @param until when the version becomes allowed if nothing else changes; empty if it does not become allowed by its age
 *     alone
 */
public record VersionRefusal(
        String version, VersionRule rule, String reason, Optional<Instant> published, Optional<Instant> until) {}

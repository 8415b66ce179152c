package io.alldocs.packument;

import java.time.Instant;
import java.util.Optional;

/**
 * The facts about one version that a policy needs. Immutable.
 *
 * @param version version as the packument spells it
 * @param published when it was published; empty if the document does not contain it, as in the abbreviated form
 * @param deprecated whether its author marked it as deprecated
 * @param installScript whether installing the version runs a script of the package. This is the case if it has a script
 *     {@code preinstall}, {@code install} or {@code postinstall}, a true {@code gypfile}, or the abbreviated form's
 *     mark
 * @param provenance whether {@code dist.attestations} contains a provenance
 * @param tarball {@code dist.tarball}
 */
public record VersionFacts(
        String version,
        Optional<Instant> published,
        boolean deprecated,
        boolean installScript,
        boolean provenance,
        Optional<String> tarball) {}

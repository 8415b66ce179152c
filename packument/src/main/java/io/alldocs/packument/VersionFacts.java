package io.alldocs.packument;

import java.time.Instant;
import java.util.Optional;

/**
 * What a policy needs to know of one version. Immutable.
 *
 * @param version as the packument spells it
 * @param published when it was published; empty where the document does not say, as the abbreviated form never does
 * @param deprecated whether its author marked it as deprecated
 * @param installScript whether installing it runs a script of its own: it has one of the scripts {@code preinstall}, {@code install} and {@code
 *     postinstall}, a true {@code gypfile}, or the mark for install scripts that the abbreviated form has
 * @param provenance whether {@code dist.attestations} names a provenance
 * @param tarball {@code dist.tarball}
 */
public record VersionFacts(
        String version,
        Optional<Instant> published,
        boolean deprecated,
        boolean installScript,
        boolean provenance,
        Optional<String> tarball) {}

package io.alldocs.packument;

import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Determines the tags that remain when versions are refused; see {@link VersionDecisions#distTags()}. */
final class AllowedTags {
    private static final String LATEST = "latest";

    private AllowedTags() {}

    private record Candidate(String version, NpmVersion parsed, boolean deprecated) {}

    static Map<String, String> of(PackumentFacts facts, Set<String> refused) {
        Map<String, String> tags = new LinkedHashMap<>();
        facts.distTags().forEach((tag, version) -> {
            if (!refused.contains(version)) {
                tags.put(tag, version);
            } else if (tag.equals(LATEST)) {
                fallback(facts, refused, version).ifPresent(lower -> tags.put(tag, lower));
            }
        });
        return tags;
    }

    private static Optional<String> fallback(PackumentFacts facts, Set<String> refused, String latest) {
        Optional<NpmVersion> old = NpmVersion.parse(latest);
        if (old.isEmpty()) {
            return Optional.empty();
        }
        List<Candidate> candidates = facts.versions().stream()
                .filter(version -> !refused.contains(version.version()))
                .flatMap(version -> candidate(version).stream())
                .filter(candidate -> candidate.parsed().compareTo(old.get()) <= 0)
                .toList();
        return best(candidates.stream()
                        .filter(candidate -> !candidate.parsed().isPrerelease())
                        .toList())
                .or(() -> best(candidates.stream()
                        .filter(candidate ->
                                old.get().isPrerelease() && candidate.parsed().hasSameTuple(old.get()))
                        .toList()));
    }

    private static Optional<Candidate> candidate(VersionFacts version) {
        return NpmVersion.parse(version.version())
                .map(parsed -> new Candidate(version.version(), parsed, version.deprecated()));
    }

    private static Optional<String> best(List<Candidate> candidates) {
        return candidates.stream()
                .max(Comparator.comparing((Candidate candidate) -> !candidate.deprecated())
                        .thenComparing(Candidate::parsed))
                .map(Candidate::version);
    }
}

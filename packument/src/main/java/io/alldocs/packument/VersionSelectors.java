package io.alldocs.packument;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.Stream;

/**
 * Packages and versions as a policy names them: {@code NAME}, {@code NAME@VERSIONS}, with {@code *} in NAME for any characters. Immutable.
 *
 * @param text as it was written
 * @param byName those without {@code *}, which are looked up
 * @param globs the others, which are tried one by one
 */
record VersionSelectors(List<String> text, Map<String, List<Selector>> byName, List<Selector> globs) {

    /**
     * One of them.
     *
     * @param names whether a name is meant
     * @param versions whether a version as the packument spells it is meant
     */
    record Selector(String text, NameFilter names, Predicate<String> versions) {}

    /** Reads the part after the {@code @}. */
    private interface Versions {
        Predicate<String> read(String text);
    }

    /**
     * Reads selectors whose versions are ranges.
     *
     * @param inclusive whether a range takes prereleases as any other version, and versions that npm cannot read too
     * @throws IllegalArgumentException for a name or range that cannot be read
     */
    static VersionSelectors ofRanges(List<String> texts, boolean inclusive) {
        return of(texts, text -> {
            NpmRange range = NpmRange.parse(text, inclusive);
            return version -> NpmVersion.parse(version).map(range::accepts).orElse(inclusive);
        });
    }

    /**
     * Reads selectors whose versions are exact: {@code 1.2.3}, or several with {@code ||} between them.
     *
     * @throws IllegalArgumentException for a name or version that cannot be read
     */
    static VersionSelectors ofVersions(List<String> texts) {
        return of(texts, text -> {
            List<NpmVersion> versions = Stream.of(text.split("\\|\\|", -1))
                    .map(version -> NpmVersion.parse(version.strip())
                            .orElseThrow(() -> new IllegalArgumentException(
                                    PackageName.quote(version.strip()) + " is not an exact version such as 1.2.3.")))
                    .toList();
            return version -> NpmVersion.parse(version)
                    .filter(parsed -> versions.stream().anyMatch(parsed::equals))
                    .isPresent();
        });
    }

    private static VersionSelectors of(List<String> texts, Versions versions) {
        Map<String, List<Selector>> byName = new HashMap<>();
        List<Selector> globs = new ArrayList<>();
        for (String text : texts) {
            int at = text.indexOf('@', 1);
            String name = (at < 0 ? text : text.substring(0, at)).strip();
            String range = at < 0 ? "" : text.substring(at + 1).strip();
            if (name.isEmpty() || (at >= 0 && range.isEmpty())) {
                throw new IllegalArgumentException(
                        PackageName.quote(text) + " must be NAME or NAME@VERSION, with * in NAME for any characters.");
            }
            Selector selector = new Selector(
                    text, NameFilter.of(List.of(name), List.of()), at < 0 ? version -> true : versions.read(range));
            if (name.indexOf('*') < 0) {
                byName.computeIfAbsent(PackageName.normalize(name), key -> new ArrayList<>())
                        .add(selector);
            } else {
                globs.add(selector);
            }
        }
        return new VersionSelectors(List.copyOf(texts), Map.copyOf(byName), List.copyOf(globs));
    }

    boolean isEmpty() {
        return text.isEmpty();
    }

    /** Those that mean {@code name}. */
    List<Selector> of(String name) {
        List<Selector> selectors = new ArrayList<>(Objects.requireNonNullElse(byName.get(name), List.of()));
        globs.stream().filter(glob -> glob.names().allows(name)).forEach(selectors::add);
        return selectors;
    }

    /** The first of {@code selectors} that means {@code version}. */
    static Optional<Selector> find(List<Selector> selectors, String version) {
        return selectors.stream()
                .filter(selector -> selector.versions().test(version))
                .findFirst();
    }
}
